// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_GZIP_DECODER_IPP
#define OKHTTP_MESSAGE_GZIP_DECODER_IPP

#include <okhttp/message/gzip_decoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZLIB

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include <zlib.h>

OKHTTP_NAMESPACE_BEGIN

namespace detail {

struct InflateStream {
  z_stream z{};
};

namespace gzip_decoder {

inline constexpr int gzip_only = 16;  // added to zlib's window bits: expect a gzip header
inline constexpr unsigned char magic[2] = {0x1F, 0x8B};

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

/// A stream before its first member; null when there is no memory for one.
OKHTTP_DECL InflateStream* take_stream() {
  if (InflateStream* const stream = std::exchange(idle_stream.stream, nullptr)) {
    ::inflateReset(&stream->z);
    return stream;
  }
  auto stream = std::make_unique<InflateStream>();
  if (::inflateInit2(&stream->z, MAX_WBITS + gzip_only) != Z_OK) return nullptr;
  return stream.release();
}

}  // namespace gzip_decoder

OKHTTP_DECL void InflateStreamRecycler::operator()(InflateStream* stream) const noexcept {
  gzip_decoder::IdleStream& idle = gzip_decoder::idle_stream;
  if (idle.stream != nullptr || idle.is_closed) {
    gzip_decoder::destroy(stream);
    return;
  }
  if (!idle.is_watched) gzip_decoder::watch_idle_stream();
  idle.stream = stream;
}

}  // namespace detail

OKHTTP_DECL Error GzipDecoder::damaged(const char* what) {
  state_ = State::failed;
  return Error(Errc::content_coding, std::string("the gzip body is damaged: ") + what);
}

OKHTTP_DECL Result<ContentDecoder::Progress> GzipDecoder::decode(std::span<const std::byte> in,
                                                                 std::span<std::byte> out) {
  const auto byte = [](std::byte b) { return std::to_integer<unsigned char>(b); };
  Progress total;
  for (;;) {
    const std::span<const std::byte> rest = in.subspan(total.consumed);
    switch (state_) {
      case State::between:
        if (rest.empty()) return total;
        if (byte(rest.front()) == detail::gzip_decoder::magic[0]) {
          ++total.consumed;
          state_ = State::second_byte;
        } else if (members_ > 0) {
          state_ = State::ended;
        } else {
          return damaged("it does not begin like gzip");
        }
        break;
      case State::second_byte:
        if (rest.empty()) return total;
        if (byte(rest.front()) == detail::gzip_decoder::magic[1]) {
          if (Result<Progress> begun = inflate_some(std::as_bytes(std::span(
                  detail::gzip_decoder::magic, 1)), out.first(0));
              !begun)
            return begun;
          state_ = State::inside;
        } else if (members_ > 0) {
          state_ = State::ended;
        } else {
          return damaged("it does not begin like gzip");
        }
        break;
      case State::inside: {
        const std::span<std::byte> room = out.subspan(total.produced);
        if (room.empty()) return total;
        const Result<Progress> step = inflate_some(rest, room);
        if (!step) return step;
        total.consumed += step->consumed;
        total.produced += step->produced;
        if (!step->end) return total;
        ++members_;
        state_ = State::between;
        ::inflateReset(&stream_->z);
        break;
      }
      case State::ended:
        // The stream has served; the next body can have it.
        stream_.reset();
        total.end = true;
        return total;
      case State::failed:
        return Error(Errc::content_coding, "the gzip body is damaged: decoding has already failed");
    }
  }
}

/// Feeds zlib until the input is used up, the output is full or the member is complete (`end`).
OKHTTP_DECL Result<ContentDecoder::Progress> GzipDecoder::inflate_some(
    std::span<const std::byte> in, std::span<std::byte> out) {
  if (!stream_) stream_.reset(detail::gzip_decoder::take_stream());
  if (!stream_) return damaged("no memory to decode it");
  // zlib counts in 32 bits.
  constexpr std::size_t max_slice = std::size_t{1} << 30;
  z_stream& z = stream_->z;
  Progress total;
  for (;;) {
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
    switch (status) {
      case Z_STREAM_END: total.end = true; return total;
      case Z_OK:
        // Goes round again only for slices of more than a GiB, and to learn that there is no more.
        if (total.produced == out.size() || (consumed == 0 && produced == 0)) return total;
        if (total.consumed == in.size() && produced < out_size) return total;
        break;
      case Z_BUF_ERROR: return total;  // no progress was possible
      case Z_NEED_DICT: return damaged("it needs a dictionary");
      case Z_MEM_ERROR: return damaged("no memory to decode it");
      default: return damaged(z.msg != nullptr ? z.msg : "zlib cannot decode it");
    }
  }
}

OKHTTP_DECL Result<void> GzipDecoder::finish() {
  switch (state_) {
    case State::ended: return {};
    case State::between: return {};  // nothing at all, or behind a member
    case State::second_byte:
      if (members_ > 0) return {};  // one byte that begins like gzip but is all there is
      break;
    case State::inside: break;
    case State::failed:
      return Error(Errc::content_coding, "the gzip body is damaged: decoding has already failed");
  }
  state_ = State::failed;
  return Error(Errc::unexpected_end, "the gzip body ends before it is complete");
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZLIB
#endif  // OKHTTP_MESSAGE_GZIP_DECODER_IPP
