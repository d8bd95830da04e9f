// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DEFLATE_ENCODER_IPP
#define OKHTTP_MESSAGE_DEFLATE_ENCODER_IPP

#include <okhttp/message/deflate_encoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZLIB

#include <algorithm>

#include <zlib.h>

OKHTTP_NAMESPACE_BEGIN

namespace detail {

struct DeflateStream {
  z_stream z{};
};

OKHTTP_DECL void DeflateStreamDeleter::operator()(DeflateStream* stream) const noexcept {
  ::deflateEnd(&stream->z);
  delete stream;
}

}  // namespace detail

OKHTTP_DECL DeflateEncoder::DeflateEncoder(Format format, int level) {
  constexpr int gzip_only = 16;     // added to zlib's window bits
  constexpr int memory_level = 8;   // zlib's default
  auto stream = std::make_unique<detail::DeflateStream>();
  const int window_bits = format == Format::gzip ? MAX_WBITS + gzip_only : MAX_WBITS;
  if (::deflateInit2(&stream->z, std::clamp(level, 0, 9), Z_DEFLATED, window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) == Z_OK)
    stream_.reset(stream.release());
}

OKHTTP_DECL Result<ContentEncoder::Progress> DeflateEncoder::encode(std::span<const std::byte> in,
                                                                    std::span<std::byte> out, Flush flush) {
  if (!stream_) return Error(Errc::content_coding, "no memory to compress a request body");
  // zlib counts in 32 bits.
  constexpr std::size_t max_slice = std::size_t{1} << 30;
  if (in.size() > max_slice) {
    in = in.first(max_slice);
    if (flush == Flush::end) flush = Flush::none;
  }
  out = out.first(std::min(out.size(), max_slice));
  z_stream& z = stream_->z;
  unsigned char nothing = 0;
  // zlib only reads from next_in; its type has no const unless the program asks for it.
  z.next_in = in.empty() ? &nothing
                         : reinterpret_cast<unsigned char*>(const_cast<std::byte*>(in.data()));
  z.avail_in = static_cast<unsigned>(in.size());
  z.next_out = reinterpret_cast<unsigned char*>(out.data());
  z.avail_out = static_cast<unsigned>(out.size());
  constexpr int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
  const int status = ::deflate(&z, flushes[static_cast<int>(flush)]);
  // Room that was filled exactly does not tell, and zlib flushes as often as it is told to.
  unsigned inside = 0;
  if (flush == Flush::now) ::deflatePending(&z, &inside, nullptr);
  const Progress progress{in.size() - z.avail_in, out.size() - z.avail_out,
                          flush == Flush::now && z.avail_in == 0 && inside == 0, status == Z_STREAM_END};
  z.next_in = nullptr;
  z.next_out = nullptr;
  // Z_BUF_ERROR: no progress was possible.
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
    return Error(Errc::content_coding, "zlib cannot compress a request body");
  return progress;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZLIB
#endif  // OKHTTP_MESSAGE_DEFLATE_ENCODER_IPP
