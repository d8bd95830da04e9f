// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_BODY_DECODER_HPP
#define OKHTTP_CODEC_HTTP1_BODY_DECODER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/chunk_decoder.hpp>
#include <okhttp/codec/http1/limits.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// Finds the payload in the bytes that follow a head, whatever the framing.
///
/// 1. `decode` bytes that are already in a buffer. When the buffer is empty and direct_bytes() is
///    not 0, the caller may instead read at most that many bytes from the connection straight into
///    the reader's buffer and report them with `consume_direct`.
/// 2. `end_of_input` when the peer closes its side.
/// 3. Once `done()`, bytes that were not consumed belong to the next message. A body is done with
///    its last byte: a fixed one with its last payload byte, a chunked one with the end of its
///    trailers.
/// Errors: as ChunkDecoder. A body without framing cannot fail.
/// Spec: RFC 9112, 6.3 and 8.
class BodyDecoder {
 public:
  /// The decoder of a message without body: done.
  BodyDecoder() noexcept : BodyDecoder(BodyFraming{}) {}
  explicit BodyDecoder(const BodyFraming& framing, const Limits& limits = {}) noexcept
      : chunks_(limits, framing.of_response),
        remaining_(framing.length),
        length_(framing.length),
        kind_(framing.kind),
        done_(framing.kind == BodyFraming::Kind::none ||
              (framing.kind == BodyFraming::Kind::fixed && framing.length == 0)) {}

  /// Consumes a prefix of `in`, writes payload to the front of `out`; the two must not overlap.
  Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out);
  bool done() const noexcept { return done_; }

  /// How many of the next raw bytes are payload and nothing else: 0 when framing must be parsed or
  /// the body is done, UINT64_MAX when the body lasts until the connection closes.
  std::uint64_t direct_bytes() const noexcept;
  /// `count` raw bytes, at most direct_bytes(), went to the reader without this decoder.
  void consume_direct(std::uint64_t count) noexcept;

  /// The peer will send no more. Ends a body that lasts until then.
  /// Errors: Errc::unexpected_end when the body is not complete.
  Result<void> end_of_input();

  /// The trailers; empty before done() and for bodies that are not chunked.
  const Headers& trailers() const noexcept { return trailers_; }
  Headers take_trailers() noexcept { return std::exchange(trailers_, Headers()); }

 private:
  ChunkDecoder chunks_;
  Headers trailers_;
  std::uint64_t remaining_;
  std::uint64_t length_;
  BodyFraming::Kind kind_;
  bool done_;
};

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/body_decoder.ipp>

#endif  // OKHTTP_CODEC_HTTP1_BODY_DECODER_HPP
