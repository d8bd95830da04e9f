// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_HPP
#define OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_HPP

#include <okhttp/call/chain.hpp>
#include <okhttp/extras/log_output.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// How much a LoggingInterceptor writes.
enum class LogLevel : std::uint8_t {
  none,
  /// A line for the request and one for the response:
  /// `--> POST https://example.com/greeting http/1.1 (3-byte body)`
  /// `<-- 200 OK https://example.com/greeting (22ms, 6-byte body)`
  basic,
  /// Both with their headers, ended by `--> END POST` and `<-- END HTTP`.
  headers,
  /// The same with the bodies, as far as they are text.
  body,
};

struct LoggingOptions {
  LogLevel level = LogLevel::basic;
  /// Where the lines go; none: to stderr.
  LogFunction log = nullptr;
  LogRedaction redaction = {};
  /// At most so many bytes of a body are logged, and kept in memory for it. Default 64 KiB; OkHttp has
  /// no bound.
  std::size_t max_body_bytes = 64 * 1024;
};

/// Writes down requests and responses: `builder.add_interceptor(LoggingInterceptor({.level =
/// LogLevel::headers}))`. As a network interceptor it sees what is sent: each trip, the headers that the
/// client added, compressed bodies, and the protocol.
///
/// The body of a response is still there for the reader; at LogLevel::body the response comes when the
/// bytes to be logged have arrived. Not logged are bodies in an unknown coding, of binary content (a
/// control character among the first 16 characters), server-sent events, and request bodies that can be
/// read once only.
/// Copies share the level and the options. Thread safety: any number of calls and of set_level at once.
/// Rule: OkHttp's HttpLoggingInterceptor, but secrets are hidden unless they are asked for, see
/// LogRedaction, and control characters are written out.
class LoggingInterceptor {
 public:
  explicit LoggingInterceptor(LoggingOptions options = {});

  LogLevel level() const noexcept;
  /// Holds for requests from now on.
  void set_level(LogLevel level) const noexcept;

  Task<Response> operator()(Chain& chain) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/logging_interceptor.ipp>

#endif  // OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_HPP
