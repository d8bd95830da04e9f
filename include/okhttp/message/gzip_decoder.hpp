// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_GZIP_DECODER_HPP
#define OKHTTP_MESSAGE_GZIP_DECODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/inflate_stream.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

#if OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN

/// Decodes the gzip content coding through zlib, straight into the caller's memory. Checks every
/// member's checksum and length. Holds about 40 KiB, which each thread keeps one of for the next
/// body.
///
/// - Members follow one another (RFC 1952, 2.2) and are all decoded.
/// - Whatever else follows a member ends the content: as gzip(1) and browsers do, it is left alone.
/// - No input at all is an empty content: servers label empty bodies too.
///
/// Errors: Errc::content_coding for damaged input, Errc::unexpected_end for a missing rest.
class GzipDecoder final : public ContentDecoder {
 public:
  GzipDecoder() = default;

  OKHTTP_DECL Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) override;
  OKHTTP_DECL Result<void> finish() override;

 private:
  // between: before the first byte of a member (at the start, or behind another member).
  // second_byte: behind the first byte of what may be a member.
  enum class State : unsigned char { between, second_byte, inside, ended, failed };

  Error damaged(const char* what);

  detail::Inflater inflater_;
  std::uint64_t members_ = 0;  // complete ones
  State state_ = State::between;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZLIB

#include <okhttp/message/gzip_decoder.ipp>

#endif  // OKHTTP_MESSAGE_GZIP_DECODER_HPP
