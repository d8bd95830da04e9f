// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DEFLATE_DECODER_HPP
#define OKHTTP_MESSAGE_DEFLATE_DECODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/inflate_stream.hpp>

#include <cstddef>
#include <span>

#if OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN

/// Decodes the deflate content coding through zlib: the zlib format (RFC 1950), whose checksum is
/// looked at, and also bare deflate data (RFC 1951), which some servers send instead. The first two
/// bytes tell them apart, as in browsers. Memory and what follows the content: as GzipDecoder.
///
/// Errors: Errc::content_coding for damaged input, Errc::unexpected_end for a missing rest.
/// Spec: RFC 9110, 8.4.1.2.
class DeflateDecoder final : public ContentDecoder {
 public:
  DeflateDecoder() = default;

  OKHTTP_DECL Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) override;
  OKHTTP_DECL Result<void> finish() override;

 private:
  // first, second: before that byte.
  enum class State : unsigned char { first, second, inside, ended, failed };

  Error damaged(const char* what);
  const char* begin(std::byte second, std::span<std::byte> out);

  detail::Inflater inflater_;
  std::byte first_byte_{};
  State state_ = State::first;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZLIB

#include <okhttp/message/deflate_decoder.ipp>

#endif  // OKHTTP_MESSAGE_DEFLATE_DECODER_HPP
