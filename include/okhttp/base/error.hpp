// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ERROR_HPP
#define OKHTTP_BASE_ERROR_HPP

#include <okhttp/config.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// What went wrong, one enumerator per thing a caller can act on. A std::error_code category.
enum class Errc {
  /// A URL that no browser would load, or a scheme other than http and https. Fix the text.
  bad_url = 1,
  /// A header, method, media type, setting or other argument that cannot be sent as it is.
  invalid_argument,
  /// The API was used against its rules (a call executed twice, a body read twice, a blocking call
  /// on the loop's own thread). A bug in the calling program; the text says what to call instead.
  misuse,
  /// The host name could not be resolved.
  dns,
  /// Every address refused the connection: nothing listens on that port.
  connect_refused,
  /// The connection could not be made for another reason (no route, network down, no descriptors).
  connect_failed,
  /// No connection within the connect timeout.
  connect_timeout,
  /// No byte arrived within the read timeout.
  read_timeout,
  /// No byte could be sent within the write timeout.
  write_timeout,
  /// The whole call took longer than the call timeout.
  call_timeout,
  /// `Call::cancel`, or the client was dropped while the call was running.
  canceled,
  /// The proxy wants credentials for a tunnel, and there are none, or it does not take them.
  proxy_authentication,
  /// The TLS handshake failed for a reason that is not the certificate (also: no TLS on that port).
  tls,
  /// The peer's certificate is not trusted: expired, self-signed, unknown issuer.
  certificate,
  /// The peer's certificate is valid but for another host.
  host_name,
  /// No certificate of the peer matches the configured pins.
  pin,
  /// The peer broke HTTP, or a limit that guards against it was passed. Never retried.
  protocol_error,
  /// The peer closed the connection before its answer was complete.
  unexpected_end,
  /// The connection broke (reset, broken pipe) while in use.
  io,
  /// More redirects and other follow-ups than allowed.
  too_many_follow_ups,
  /// The peer reset this stream (HTTP/2).
  stream_reset,
  /// A request body gave more or fewer bytes than its declared length.
  body_length,
  /// The body's content coding is damaged, or it expands past the allowed ratio.
  content_coding,
  /// A file could not be read or written.
  file,
  /// The cache could not be used as asked.
  cache,
  /// The dispatcher no longer accepts calls.
  rejected,
  /// User code (interceptor, body, callback) threw; `Error::exception` holds what it threw.
  user_exception,
};

/// The category of Errc, named "okhttp".
const std::error_category& error_category() noexcept;
/// Finds the category when an Errc becomes a std::error_code.
std::error_code make_error_code(Errc code) noexcept;

/// Why something failed: a code to act on and a sentence for people. Cheap to copy and to move.
///
/// Messages name the peer and the step, and never contain credentials, cookies or query strings.
/// Thread safety: immutable; may be read from any thread.
class [[nodiscard]] Error {
 public:
  /// No error. Only good for being assigned to.
  Error() = default;
  /// An error with its sentence.
  Error(Errc code, std::string message);  // NOLINT: Error is built where it is returned
  /// An error that another one caused.
  Error(Errc code, std::string message, Error cause);
  /// What user code threw.
  static Error from_exception(std::exception_ptr exception);

  /// What to act on.
  Errc code() const noexcept { return code_; }
  /// What to show. Empty only for a default-constructed error.
  const std::string& message() const& noexcept;
  std::string message() && { return std::as_const(*this).message(); }
  /// The error behind this one, or null.
  const Error* cause() const noexcept;
  /// What user code threw; null for any other error.
  std::exception_ptr exception() const noexcept;
  /// The same error with another sentence; code and cause stay.
  Error with_message(std::string message) const;

  friend bool operator==(const Error& error, Errc code) noexcept { return error.code_ == code; }

 private:
  struct Details;
  Errc code_{};
  std::shared_ptr<const Details> details_;
};

#if OKHTTP_EXCEPTIONS
/// What the throwing functions throw; `what()` is the error's message.
class Exception : public std::system_error {
 public:
  explicit Exception(Error error)
      : std::system_error(make_error_code(error.code())), error_(std::move(error)) {}
  /// The sentence of the error alone, without the category's text.
  const char* what() const noexcept override { return error_.message().c_str(); }
  /// The error as the try_ twin would have returned it.
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};
#endif

namespace detail {
/// Throws the error: what user code threw unchanged, else an Exception. Without exceptions it
/// prints the message and ends the program, as an uncaught exception would.
[[noreturn]] void throw_error(const Error& error);
}  // namespace detail

OKHTTP_NAMESPACE_END

template <>
struct std::is_error_code_enum<okhttp::Errc> : std::true_type {};

#include <okhttp/base/error.ipp>

#endif  // OKHTTP_BASE_ERROR_HPP
