// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_INFLATE_STREAM_HPP
#define OKHTTP_MESSAGE_INFLATE_STREAM_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_decoder.hpp>

#include <cstddef>
#include <memory>
#include <span>

#if OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN
namespace detail {

struct InflateStream;
struct InflateStreamRecycler {
  void operator()(InflateStream* stream) const noexcept;
};

/// What stands around deflated data: RFC 1952, RFC 1950, or nothing (RFC 1951).
enum class InflateFormat : unsigned char { gzip, zlib, raw };

/// Undoes deflate through zlib, straight into the caller's memory. Holds about 40 KiB between begin()
/// and release(), which each thread keeps one of for the next body.
class Inflater {
 public:
  /// Before the first byte of a stream. Says what is wrong, or null.
  const char* begin(InflateFormat format);
  /// Goes on until the input is used up, the output is full, or the stream is complete
  /// (`progress.end`). Adds to `progress`. Says what is wrong, or null.
  const char* inflate(std::span<const std::byte> in, std::span<std::byte> out,
                      ContentDecoder::Progress& progress);
  /// It has served; the next body can have it.
  void release() noexcept { stream_.reset(); }

 private:
  std::unique_ptr<InflateStream, InflateStreamRecycler> stream_;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZLIB

#include <okhttp/message/inflate_stream.ipp>

#endif  // OKHTTP_MESSAGE_INFLATE_STREAM_HPP
