// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_BODY_FRAMING_HPP
#define OKHTTP_CODEC_HTTP1_BODY_FRAMING_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/protocol.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// Where a message body ends.
struct BodyFraming {
  enum class Kind : std::uint8_t {
    /// There is no body.
    none,
    /// `length` bytes.
    fixed,
    /// The chunked transfer coding.
    chunked,
    /// Everything until the peer closes the connection. Responses only.
    until_close,
  };
  Kind kind = Kind::none;
  /// Bytes of a `fixed` body; 0 for the others.
  std::uint64_t length = 0;
  /// The connection must not carry another message after this one, whatever `keep_alive` says.
  bool close_after = false;
  /// The body of a response: a folded trailer line is joined, in a request it is an error.
  bool of_response = true;
};

/// Where the body of a response to `request_method` ends.
///
/// No body: HEAD, 1xx, 204, 304, and 2xx to CONNECT. Else Transfer-Encoding, which wins over
/// Content-Length, else Content-Length, else the end of the connection.
/// `close_after`: a body until close; Transfer-Encoding beside Content-Length, in an HTTP/1.0
/// message, or in a 1xx or 204.
/// Errors: Errc::protocol_error for Content-Length that is not decimal, does not fit 63 bits or is
/// repeated with another value; transfer codings other than one `chunked`; a 204 or 205 that
/// announces bytes.
/// Spec: RFC 9112, 6.1 to 6.3. Stricter than the text: a faulty framing header is an error where it
/// would not matter too (beside the other one, in answers without body).
Result<BodyFraming> response_framing(std::string_view request_method, const ResponseHead& head);

/// Where the body of a request ends: as for responses, but without either header there is none.
///
/// `close_after`: Transfer-Encoding beside Content-Length.
/// Errors: as for responses, and Transfer-Encoding in an HTTP/1.0 request.
/// Spec: RFC 9112, 6.1 to 6.3.
Result<BodyFraming> request_framing(const RequestHead& head);

/// Checks that a request names its host as its version asks: exactly one Host in HTTP/1.1, at most
/// one in HTTP/1.0. Errors: Errc::protocol_error. Spec: RFC 9112, 3.2.
Result<void> check_host(const RequestHead& head);

/// Whether the sender of this message would keep the connection: HTTP/1.1 unless `Connection` lists
/// close, HTTP/1.0 only if it lists keep-alive and not close. True for HTTP/2, where it has no
/// meaning.
/// Spec: RFC 9112, 9.3.
bool keep_alive(Protocol protocol, const Headers& headers) noexcept;

/// The N of `Keep-Alive: timeout=N`: after how many idle seconds the peer means to close. Numbers
/// past 32 bits give the largest; nothing when it is absent or no number.
std::optional<std::uint32_t> keep_alive_timeout_seconds(const Headers& headers) noexcept;

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/body_framing.ipp>

#endif  // OKHTTP_CODEC_HTTP1_BODY_FRAMING_HPP
