// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ERROR_HPP
#define OKHTTP_BASE_ERROR_HPP

#include <okhttp/config.hpp>

#if OKHTTP_THREADS
#include <atomic>
#endif
#include <concepts>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
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
  /// The body arrived but is not what it was to be read as, such as JSON. Look at what the server sent.
  malformed_body,
  /// User code (interceptor, body, callback) threw; `Error::exception` holds what it threw.
  user_exception,
};

/// The category of Errc, named "okhttp".
const std::error_category& error_category() noexcept;
/// Finds the category when an Errc becomes a std::error_code.
std::error_code make_error_code(Errc code) noexcept;

namespace detail {
class Failure;
}  // namespace detail
template <class T>
class Result;

/// A part of an error's text: text, or a number that is not negative.
template <class T>
concept ErrorTextPart = std::convertible_to<const T&, std::string_view> || std::unsigned_integral<T>;

/// Why something failed: a code to act on and a sentence for people. Cheap to copy and to move.
///
/// Messages name the peer and the step, and never contain credentials, cookies or query strings.
/// Thread safety: immutable; may be read from any thread.
class [[nodiscard]] Error {
 public:
  /// No error. Only good for being assigned to.
  Error() noexcept : details_(nullptr) {}
  /// An error with its sentence.
  Error(Errc code, std::string message);  // NOLINT: Error is built where it is returned
  /// An error that another one caused.
  Error(Errc code, std::string message, Error cause);
  /// An error whose sentence is put together from its parts: `Error(Errc::dns, "no such host: ", host)`. Costs the
  /// place where it stands no code but a call.
  template <ErrorTextPart... Parts>
    requires(sizeof...(Parts) > 0)
  [[gnu::always_inline]] Error(Errc code, const Parts&... parts)  // NOLINT: as above
      : details_(compose(code, kinds_of<Parts...>, argument(parts)...)) {}
  Error(const Error& other) noexcept : details_(share(other.details_)) {}
  Error(Error&& other) noexcept : details_(std::exchange(other.details_, nullptr)) {}
  Error& operator=(const Error& other) noexcept { return *this = Error(other); }
  Error& operator=(Error&& other) noexcept {
    std::swap(details_, other.details_);
    return *this;
  }
  ~Error() {
    if (details_ != nullptr) release(details_);
  }
  /// What user code threw.
  static Error from_exception(std::exception_ptr exception);

  /// What to act on.
  Errc code() const noexcept { return details_ != nullptr ? details_->code : Errc{}; }
  /// What to show. Empty only for a default-constructed error.
  const std::string& message() const& noexcept;
  std::string message() && { return std::as_const(*this).message(); }
  /// The error behind this one, or null.
  const Error* cause() const noexcept;
  /// What user code threw; null for any other error.
  std::exception_ptr exception() const noexcept;
  /// The same error with another sentence; code and cause stay.
  Error with_message(std::string message) const;
  /// The same error with more at the end of its sentence; code and cause stay.
  template <ErrorTextPart... Parts>
  [[gnu::always_inline]] Error with_suffix(const Parts&... parts) const {
    return Error(extend(details_, kinds_of<Parts...>, argument(parts)...));
  }
  /// The same error, caused by another one.
  Error with_cause(Error cause) const;

  friend bool operator==(const Error& error, Errc code) noexcept { return error.code() == code; }

 private:
  friend class detail::Failure;
  template <class T>
  friend class Result;
  // One pointer, and nothing of what is behind it inline: errors are in the way of every call.
  struct Shared {
    Errc code;
#if OKHTTP_THREADS
    std::atomic<unsigned> owners;
#else
    unsigned owners;
#endif
  };
  struct Details;
  // The parts of a text are passed as C's variable arguments, which need no array and no temporary object:
  // two bits tell what each of them is.
  enum class Kind : unsigned { c_string, string, view, number };

  explicit Error(const Shared* details) noexcept : details_(details) {}
  static const Shared* compose(Errc code, unsigned kinds, ...);
  // For a Result: GCC 12, if it sees all of its construction, warns that the value which it does not have is
  // uninitialized.
  struct Opaque {};
  template <class... Parts>
  [[gnu::always_inline]] Error(Opaque, Errc code, const Parts&... parts) {
    assign(code, kinds_of<Parts...>, argument(parts)...);
  }
  void assign(Errc code, unsigned kinds, ...);
  static const Shared* extend(const Shared* original, unsigned kinds, ...);
  static const Shared* share(const Shared* details) noexcept;
  static void release(const Shared* details) noexcept;

  template <class Part>
  static constexpr Kind kind_of() {
    if constexpr (std::unsigned_integral<Part>)
      return Kind::number;
    else if constexpr (std::same_as<Part, std::string>)
      return Kind::string;
    else if constexpr (std::same_as<Part, std::string_view>)
      return Kind::view;
    else
      return Kind::c_string;
  }
  // The first part is in the lowest bits, and one above the last part ends the list.
  template <class... Parts>
  static constexpr unsigned pack_kinds() {
    static_assert(sizeof...(Parts) < 16);
    unsigned packed = 0;
    unsigned shift = 0;
    ((packed |= static_cast<unsigned>(kind_of<Parts>()) << shift, shift += 2), ...);
    return packed | 1U << shift;
  }
  template <class... Parts>
  static constexpr unsigned kinds_of = pack_kinds<Parts...>();

  template <std::unsigned_integral Number>
  static unsigned long long argument(Number number) noexcept {
    return number;
  }
  static const void* argument(const char* text) noexcept { return text; }
  static const void* argument(const std::string& text) noexcept { return &text; }
  static const void* argument(const std::string_view& text) noexcept { return &text; }

  const Shared* details_;
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
