// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_BROTLI_ENCODER_HPP
#define OKHTTP_MESSAGE_BROTLI_ENCODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_encoder.hpp>

#include <cstddef>
#include <memory>
#include <span>

#if OKHTTP_BROTLI

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct BrotliEncoderDeleter {
  void operator()(void* state) const noexcept;
};
}  // namespace detail

/// Applies the coding br through libbrotlienc, with a window of 4 MiB; holds about three times that.
class BrotliEncoder final : public ContentEncoder {
 public:
  /// What servers use for content that is made as it is sent. From 0, fast, to 11, small and very slow.
  static constexpr int default_quality = 5;

  OKHTTP_DECL explicit BrotliEncoder(int quality = default_quality);

  OKHTTP_DECL Result<Progress> encode(std::span<const std::byte> in, std::span<std::byte> out,
                                      Flush flush) override;

 private:
  std::unique_ptr<void, detail::BrotliEncoderDeleter> encoder_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BROTLI

#include <okhttp/message/brotli_encoder.ipp>

#endif  // OKHTTP_MESSAGE_BROTLI_ENCODER_HPP
