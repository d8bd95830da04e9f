// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_INFLATE_STREAM_IPP
#define OKHTTP_MESSAGE_INFLATE_STREAM_IPP

#include <okhttp/message/inflate_stream.hpp>

#if OKHTTP_BODIES && OKHTTP_ZLIB

#include <algorithm>
#include <utility>

#include <zlib.h>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

struct InflateStream {
  z_stream z{};
};

namespace inflate_stream {

/// zlib's window bits, which also say what to expect around the data.
constexpr int window_bits(InflateFormat format) {
  constexpr int gzip_only = 16;
  switch (format) {
    case InflateFormat::gzip: return MAX_WBITS + gzip_only;
    case InflateFormat::zlib: return MAX_WBITS;
    case InflateFormat::raw: break;
  }
  return -MAX_WBITS;
}

/// One idle stream of this thread. Not an object with a destructor, so that a decoder destroyed
/// after the thread's own objects still finds it in a defined state.
struct IdleStream {
  InflateStream* stream;
  bool is_watched;
  bool is_closed;
};
#if OKHTTP_THREADS
inline constinit thread_local IdleStream idle_stream{};
#else
inline constinit IdleStream idle_stream{};
#endif

OKHTTP_DECL void destroy(InflateStream* stream) noexcept {
  ::inflateEnd(&stream->z);
  delete stream;
}

struct IdleStreamCleaner {
  IdleStreamCleaner() = default;
  IdleStreamCleaner(const IdleStreamCleaner&) = delete;
  IdleStreamCleaner& operator=(const IdleStreamCleaner&) = delete;
  ~IdleStreamCleaner() {
    idle_stream.is_closed = true;
    if (InflateStream* const stream = std::exchange(idle_stream.stream, nullptr)) destroy(stream);
  }
};
OKHTTP_DECL void watch_idle_stream() {
#if OKHTTP_THREADS
  static thread_local IdleStreamCleaner cleaner;
#else
  static IdleStreamCleaner cleaner;
#endif
  (void)cleaner;
  idle_stream.is_watched = true;
}

/// A stream before its first byte; null when there is no memory for one.
OKHTTP_DECL InflateStream* take_stream(int window_bits) {
  if (InflateStream* const stream = std::exchange(idle_stream.stream, nullptr)) {
    ::inflateReset2(&stream->z, window_bits);
    return stream;
  }
  auto stream = std::make_unique<InflateStream>();
  if (::inflateInit2(&stream->z, window_bits) != Z_OK) return nullptr;
  return stream.release();
}

}  // namespace inflate_stream

OKHTTP_DECL void InflateStreamRecycler::operator()(InflateStream* stream) const noexcept {
  inflate_stream::IdleStream& idle = inflate_stream::idle_stream;
  if (idle.stream != nullptr || idle.is_closed) {
    inflate_stream::destroy(stream);
    return;
  }
  if (!idle.is_watched) inflate_stream::watch_idle_stream();
  idle.stream = stream;
}

OKHTTP_DECL const char* Inflater::begin(InflateFormat format) {
  const int window_bits = inflate_stream::window_bits(format);
  if (stream_)
    ::inflateReset2(&stream_->z, window_bits);
  else
    stream_.reset(inflate_stream::take_stream(window_bits));
  return stream_ ? nullptr : "no memory to decode it";
}

OKHTTP_DECL const char* Inflater::inflate(std::span<const std::byte> in, std::span<std::byte> out,
                                          ContentDecoder::Progress& progress) {
  // zlib counts in 32 bits.
  constexpr std::size_t max_slice = std::size_t{1} << 30;
  z_stream& z = stream_->z;
  ContentDecoder::Progress total;
  const char* fault = nullptr;
  for (bool goes_on = true; goes_on;) {
    const std::size_t in_size = std::min(in.size() - total.consumed, max_slice);
    const std::size_t out_size = std::min(out.size() - total.produced, max_slice);
    // zlib only reads from next_in; its type has no const unless the program asks for it. It
    // refuses null pointers, which empty spans may have.
    unsigned char nothing = 0;
    z.next_in = in_size == 0 ? &nothing
                             : reinterpret_cast<unsigned char*>(
                                   const_cast<std::byte*>(in.data() + total.consumed));
    z.avail_in = static_cast<unsigned>(in_size);
    z.next_out = out_size == 0 ? &nothing
                               : reinterpret_cast<unsigned char*>(out.data() + total.produced);
    z.avail_out = static_cast<unsigned>(out_size);
    const int status = ::inflate(&z, Z_NO_FLUSH);
    const std::size_t consumed = in_size - z.avail_in;
    const std::size_t produced = out_size - z.avail_out;
    total.consumed += consumed;
    total.produced += produced;
    z.next_in = nullptr;
    z.next_out = nullptr;
    // Goes round again only for slices of more than a GiB, and to learn that there is no more.
    goes_on = status == Z_OK && total.produced < out.size() && consumed + produced > 0 &&
              (total.consumed < in.size() || produced == out_size);
    switch (status) {
      case Z_STREAM_END: total.end = true; break;
      case Z_OK:
      case Z_BUF_ERROR: break;  // no progress was possible
      case Z_NEED_DICT: fault = "it needs a dictionary"; break;
      case Z_MEM_ERROR: fault = "no memory to decode it"; break;
      default: fault = z.msg != nullptr ? z.msg : "zlib cannot decode it"; break;
    }
  }
  progress.consumed += total.consumed;
  progress.produced += total.produced;
  progress.end = total.end;
  return fault;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZLIB
#endif  // OKHTTP_MESSAGE_INFLATE_STREAM_IPP
