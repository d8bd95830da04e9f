// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_ZSTD_ENCODER_HPP
#define OKHTTP_MESSAGE_ZSTD_ENCODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_encoder.hpp>

#include <cstddef>
#include <memory>
#include <span>

#if OKHTTP_ZSTD

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct ZstdEncoderDeleter {
  void operator()(void* context) const noexcept;
};
}  // namespace detail

/// Applies the coding zstd through libzstd: one frame with a checksum, its window 8 MiB at most
/// (RFC 9659). Holds about 4 MiB at the default level.
class ZstdEncoder final : public ContentEncoder {
 public:
  /// libzstd's own. From 1, fast, to 19, small and slow; negative ones are faster still.
  static constexpr int default_level = 3;

  OKHTTP_DECL explicit ZstdEncoder(int level = default_level);

  OKHTTP_DECL Result<Progress> encode(std::span<const std::byte> in, std::span<std::byte> out,
                                      Flush flush) override;

 private:
  std::unique_ptr<void, detail::ZstdEncoderDeleter> context_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZSTD

#include <okhttp/message/zstd_encoder.ipp>

#endif  // OKHTTP_MESSAGE_ZSTD_ENCODER_HPP
