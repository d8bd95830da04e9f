// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CHUNK_DECODER_HPP
#define OKHTTP_CODEC_HTTP1_CHUNK_DECODER_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/codec/http1/limits.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// What one step of decoding did.
struct Progress {
  /// Bytes of the input that are finished with.
  std::size_t consumed = 0;
  /// Bytes of payload written to the output.
  std::size_t produced = 0;
};

/// Decodes the chunked transfer coding from slices of any size.
///
/// States, by what comes next:
///   first_digit -> size -> [padding] -> [extension] -> size_lf -> data -> data_cr -> data_lf ->
///   first_digit ...; after a size of 0: size_lf -> trailers -> done. Any of them -> failed.
/// `decode` goes on until the input is used up, the output is full, or the body is done; framing is
/// consumed even when the output is full or empty. Holds nothing but the trailers.
/// Errors: Errc::protocol_error, sticky: a size that is not hex or does not fit 63 bits, a chunk
/// not followed by CRLF, a control byte in an extension, a limit passed, a bad trailer line.
/// Payload in front of a fault is delivered first; the fault is then what the next call returns.
/// Spec: RFC 9112, 7.1. Size lines and chunks end with CRLF only: taking a bare LF there is how
/// requests get smuggled. Extensions are skipped, not reported.
class ChunkDecoder {
 public:
  /// `of_response`: folded trailer lines are joined instead of refused.
  ChunkDecoder(const Limits& limits, bool of_response) noexcept;

  Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out);
  /// True once the zero chunk and the trailers are read.
  bool done() const noexcept { return state_ == State::done; }
  /// Bytes that are payload before framing comes again; 0 when framing comes next.
  std::uint64_t direct_bytes() const noexcept { return state_ == State::data ? remaining_ : 0; }
  /// `count` bytes of payload, at most direct_bytes(), went past this decoder.
  void consume_direct(std::uint64_t count) noexcept;
  /// The trailers. Once done().
  Headers take_trailers() noexcept { return trailers_.take_headers(); }

 private:
  enum class State : std::uint8_t {
    first_digit,
    size,
    padding,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailers,
    done,
    failed,
  };
  bool take_framing_byte(char c);
  bool count_padding();
  bool fail(Error error);
  template <ErrorTextPart... Parts>
  [[gnu::always_inline]] bool fail(const Parts&... parts) {
    return fail(Error(Errc::protocol_error, parts...));
  }

  HeadParser trailers_;
  Error error_;
  std::uint64_t remaining_ = 0;  // of this chunk; while its size is read, the size so far
  std::uint64_t payload_ = 0;
  std::uint64_t padding_bytes_ = 0;
  std::size_t line_bytes_ = 0;
  std::size_t max_line_;
  std::size_t max_extension_bytes_;
  State state_ = State::first_digit;
};

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/chunk_decoder.ipp>

#endif  // OKHTTP_CODEC_HTTP1_CHUNK_DECODER_HPP
