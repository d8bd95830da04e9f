// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_RESPONSE_HPP
#define OKHTTP_TESTING_MOCK_RESPONSE_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/testing/socket_effect.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a MockResponse holds, as the server reads it.
struct MockPlan {
  using Reader = UniqueFunction<std::size_t(std::span<std::byte>)>;
  struct Interim {
    int code;
    Headers headers;
  };

  std::string status;  // the whole line; empty: made of code and reason
  int code = 200;
  std::optional<std::string> reason;
  Headers headers;
  bool adds_content_length = true;
  std::optional<Error> fault;

  // The body: `text` over and over up to `size` bytes, or what the reader gives.
  std::shared_ptr<const std::string> text;
  std::uint64_t size = 0;
  std::shared_ptr<Reader> reader;
  bool size_known = true;
  std::size_t max_chunk = 0;  // 0: not chunked
  Headers trailers;
  bool is_raw = false;  // no head: the body is all there is

  std::vector<Interim> interim;
  bool sends_continue = true;
  bool fails_handshake = false;
  std::uint64_t read_limit = UINT64_MAX;  // bytes of the request's body read before the answer ...
  bool reads_rest = false;                // ... and whether the rest is read after it

  Clock::duration headers_delay{};
  Clock::duration body_delay{};
  Clock::duration trailers_delay{};
  std::uint64_t throttle_bytes = 0;  // 0: no throttling
  Clock::duration throttle_period{};

  SocketEffect on_request_start;
  SocketEffect on_request_body;
  SocketEffect on_response_start;
  SocketEffect on_response_body;
  SocketEffect on_response_end;

  bool is_chunked() const noexcept { return !is_raw && (max_chunk > 0 || !trailers.empty()); }
  bool has_body() const noexcept { return reader != nullptr || size > 0; }
};

}  // namespace detail

/// An answer of the MockWebServer: what it sends, how fast, and what happens to the connection on
/// the way. Starts as `200 OK` without a body.
///
/// A value. Setters return the object, so they can be chained on a temporary. A setter that was
/// given something that cannot be sent keeps it as the fault, which `enqueue` reports; a handler's
/// faulty answer becomes a 500 that says so.
class MockResponse {
 public:
  using BodyReader = detail::MockPlan::Reader;

  MockResponse() = default;

  /// Three digits. The reason phrase follows the class (OK, Redirection, ...) unless message() sets
  /// it.
  MockResponse& code(int code);
  int code() const noexcept { return plan_.code; }
  /// The reason phrase.
  MockResponse& message(std::string_view reason);
  /// The whole status line, sent as it is: "HTTP/1.0 200 OK".
  MockResponse& status(std::string_view line);
  /// What is sent as the status line.
  std::string status() const;

  /// Replaces every header of this name. Content-Length and Transfer-Encoding are sent as set here
  /// even if they do not fit the body; otherwise the server adds the one that fits.
  MockResponse& header(std::string_view name, std::string_view value);
  MockResponse& add_header(std::string_view name, std::string_view value);
  /// Removes every header of this name. Without Content-Length the body ends with the connection.
  MockResponse& remove_header(std::string_view name);
  /// Replaces all headers.
  MockResponse& headers(Headers headers);
  const Headers& headers() const noexcept { return plan_.headers; }

  MockResponse& body(std::string_view text);
  MockResponse& body(std::span<const std::byte> bytes);
  /// A body in chunks of at most `max_chunk_size` bytes.
  MockResponse& chunked_body(std::string_view text, std::size_t max_chunk_size);
  /// `size` bytes, `pattern` over and over; costs memory for little more than one pattern.
  MockResponse& body_repeated(std::string_view pattern, std::uint64_t size);
  /// What `reader` writes into the spans it is given, until it returns 0. It runs on a helper
  /// thread and may block. Used up by the first answer; copies share it. With a size, a reader that
  /// ends early ends the connection; without one the body is chunked.
  MockResponse& body_from(BodyReader reader, std::optional<std::uint64_t> size = std::nullopt);
  /// Sends the body, wherever it comes from, in chunks of at most this size.
  MockResponse& chunked(std::size_t max_chunk_size);
  /// Sent behind a chunked body; makes the body chunked.
  MockResponse& trailers(Headers trailers);
#if OKHTTP_ZLIB
  /// The text compressed, with `Content-Encoding: gzip`.
  MockResponse& gzip_body(std::string_view text);
#endif
  /// Sends these bytes and nothing else: no status line, no headers, no framing. The connection
  /// stays open unless an effect closes it.
  MockResponse& raw(std::string_view bytes);

  /// Sends an interim response (100, 103, ...) before this one and before headers_delay. May be
  /// called several times.
  MockResponse& informational(int code, Headers headers = {});
  /// Whether a request with `Expect: 100-continue` gets its `100 Continue` by itself. Default: yes,
  /// unless do_not_read_request_body was asked for.
  MockResponse& send_continue(bool on);

  /// Waits before the head.
  MockResponse& headers_delay(Clock::duration delay);
  /// Waits between head and body.
  MockResponse& body_delay(Clock::duration delay);
  /// Waits between the last bytes of a chunked body and its end.
  MockResponse& trailers_delay(Clock::duration delay);
  /// Sends at most `bytes` of the body per period.
  MockResponse& throttle_body(std::uint64_t bytes, Clock::duration period);

  /// Answers when the head of the request has arrived; its body is not read. Afterwards the
  /// connection is closed, which discards what the client still sends for up to 5 s.
  MockResponse& do_not_read_request_body();
  /// Answers once `bytes` of the request's body have arrived, then reads the rest; the request is
  /// recorded after that.
  MockResponse& answer_after(std::uint64_t bytes);
  /// Closes a new TLS connection in the middle of the handshake. Takes this response from the
  /// queue.
  MockResponse& fail_handshake();

  // When they happen. An effect whose moment had passed when this response was chosen (a handler
  // sees whole requests only) happens at once.
  /// The first bytes of the request have arrived, and nothing was looked at.
  MockResponse& on_request_start(SocketEffect effect);
  /// Half of the request's body has arrived; when its length is not known, the first bytes of it;
  /// without a body, the head.
  MockResponse& on_request_body(SocketEffect effect);
  /// The request was read; nothing was sent, and no delay has begun.
  MockResponse& on_response_start(SocketEffect effect);
  /// Half of the body was sent, chunk framing counted; when its length is not known, the first
  /// bytes of it; without a body, the head.
  MockResponse& on_response_body(SocketEffect effect);
  /// The whole response was sent.
  MockResponse& on_response_end(SocketEffect effect);

  /// The first thing that cannot be sent as it was set, or null.
  const Error* fault() const noexcept { return plan_.fault ? &*plan_.fault : nullptr; }
  /// For the server.
  const detail::MockPlan& plan() const noexcept { return plan_; }

 private:
  MockResponse& fail(std::string text);
  void add_checked(Headers& headers, std::string_view name, std::string_view value);
  void set_text(std::string text);

  detail::MockPlan plan_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/testing/mock_response.ipp>

#endif  // OKHTTP_TESTING_MOCK_RESPONSE_HPP
