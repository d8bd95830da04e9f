// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DEFLATE_ENCODER_HPP
#define OKHTTP_MESSAGE_DEFLATE_ENCODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_encoder.hpp>

#include <cstddef>
#include <memory>
#include <span>

#if OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct DeflateStream;
struct DeflateStreamDeleter {
  void operator()(DeflateStream* stream) const noexcept;
};
}  // namespace detail

/// Applies the codings gzip and deflate through zlib. Holds 256 KiB.
class DeflateEncoder final : public ContentEncoder {
 public:
  /// What the coding gzip is (RFC 1952), or the coding deflate (RFC 1950).
  enum class Format : unsigned char { gzip, zlib };
  /// zlib's own, a compromise of speed and size. From 1, fast, to 9, small; 0 only wraps.
  static constexpr int default_level = 6;

  OKHTTP_DECL explicit DeflateEncoder(Format format, int level = default_level);

  OKHTTP_DECL Result<Progress> encode(std::span<const std::byte> in, std::span<std::byte> out,
                                      Flush flush) override;

 private:
  std::unique_ptr<detail::DeflateStream, detail::DeflateStreamDeleter> stream_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZLIB

#include <okhttp/message/deflate_encoder.ipp>

#endif  // OKHTTP_MESSAGE_DEFLATE_ENCODER_HPP
