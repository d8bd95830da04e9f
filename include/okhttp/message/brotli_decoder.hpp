// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_BROTLI_DECODER_HPP
#define OKHTTP_MESSAGE_BROTLI_DECODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_decoder.hpp>

#include <cstddef>
#include <memory>
#include <span>

#if OKHTTP_BROTLI

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct BrotliDecoderDeleter {
  void operator()(void* state) const noexcept;
};
}  // namespace detail

/// Decodes the br content coding through libbrotlidec. Holds what the stream's window takes, 16 MiB at
/// most; "large windows", which are no part of RFC 7932, are refused. The format has no checksum.
///
/// What follows the stream is left alone. No input at all is an empty content: servers label empty
/// bodies too.
///
/// Errors: Errc::content_coding for damaged input, Errc::unexpected_end for a missing rest.
class BrotliDecoder final : public ContentDecoder {
 public:
  BrotliDecoder() = default;

  OKHTTP_DECL Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) override;
  OKHTTP_DECL Result<void> finish() override;

 private:
  enum class State : unsigned char { begin, inside, ended, failed };

  Error damaged(const char* what);

  std::unique_ptr<void, detail::BrotliDecoderDeleter> decoder_;
  State state_ = State::begin;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BROTLI

#include <okhttp/message/brotli_decoder.ipp>

#endif  // OKHTTP_MESSAGE_BROTLI_DECODER_HPP
