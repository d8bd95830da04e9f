// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_WEB_SERVER_HPP
#define OKHTTP_TESTING_MOCK_WEB_SERVER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/recorded_request.hpp>
#include <okhttp/testing/socket_effect.hpp>
#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/url/http_url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// A scriptable HTTP/1.1 server for tests, on the loopback address of this machine.
///
/// It listens from its construction to its destruction. Answers come from a queue, first in, first
/// out, or from a handler; a request without an answer waits for one. Every request is recorded
/// before it is answered, also one whose reading failed; `GET /favicon.ico` is answered with 404
/// without using up the queue.
///
/// One thread of its own serves all connections. Handlers and body readers run on helper threads,
/// 256 at most, so that one that blocks holds up its own connection only. A client that ends a
/// connection before an answer was chosen leaves the answer to others. Thread safety: all functions
/// may be called from any thread, but for move and destruction.
class MockWebServer {
 public:
  /// Makes the answer to a request. May block; may run on several threads at once. What it throws
  /// becomes a 500.
  using Handler = UniqueFunction<MockResponse(const RecordedRequest&)>;
  /// Says how the next request is to be read: what counts of the response are on_request_start,
  /// on_request_body, send_continue, do_not_read_request_body and answer_after.
  using Peek = UniqueFunction<MockResponse()>;

  /// Listens on 127.0.0.1; port 0 takes a free one.
  /// Errors: Errc::connect_failed when the port is taken or the system has no descriptor or thread
  /// left.
  explicit MockWebServer(std::uint16_t port = 0) : MockWebServer(try_start(port).value()) {}
  /// The same, but gives the error back.
  static Result<MockWebServer> try_start(std::uint16_t port = 0);
  MockWebServer(MockWebServer&&) noexcept;
  MockWebServer& operator=(MockWebServer&&) noexcept;
  /// Closes.
  ~MockWebServer();

  /// Stops listening, cuts every connection, and waits for handlers that are running, so it must
  /// not be called by one. Idempotent. Recorded requests can still be taken.
  void close();
  void shutdown() { close(); }

  std::uint16_t port() const noexcept;
  /// "127.0.0.1".
  std::string host_name() const { return "127.0.0.1"; }
  /// The URL of a path on this server; https once use_https was called.
  /// Errors: Errc::bad_url.
  HttpUrl url(std::string_view path = "/") const { return try_url(path).value(); }
  Result<HttpUrl> try_url(std::string_view path = "/") const;

  /// Appends an answer to the queue. Errors: the response's fault.
  void enqueue(MockResponse response) { try_enqueue(std::move(response)).value(); }
  Result<void> try_enqueue(MockResponse response);
  /// Drops the answers nobody has got yet.
  void clear_queue();
  /// Whether a request that finds the queue empty gets a 404 at once. Default: it waits.
  void fail_fast(bool on);
  /// Answers by a handler from now on; an empty one means the queue again.
  void dispatcher(Handler handler, Peek peek = nullptr);

  /// The oldest request that was not taken yet; waits for one.
  /// Errors: Errc::misuse when the server has closed and there is none left.
  RecordedRequest take_request() { return try_take_request().value(); }
  Result<RecordedRequest> try_take_request();
  /// The same, but gives none after `timeout`.
  std::optional<RecordedRequest> take_request(std::chrono::nanoseconds timeout);
  /// How many requests were recorded so far, taken or not.
  std::size_t request_count() const;
  /// How many connections were accepted so far.
  std::size_t connection_count() const;
  /// How many connections are open now.
  std::size_t open_connections() const;
  /// How much of a request's body is kept; what is longer is counted only. Default: all.
  void body_limit(std::size_t bytes);
  /// Whether requests are kept for take_request; they are counted anyway. Default: yes.
  void record_requests(bool on);

#if OKHTTP_TLS
  /// Speaks TLS on connections accepted from now on. `options.alpn` is not looked at: see
  /// protocols().
  /// Errors: Errc::invalid_argument or Errc::tls for options that cannot be used.
  void use_https(HeldCertificate certificate, TlsServerOptions options = {}) {
    try_use_https(std::move(certificate), std::move(options)).value();
  }
  Result<void> try_use_https(HeldCertificate certificate, TlsServerOptions options = {});
  /// What a client must trust to talk to this server; nothing before use_https.
  HandshakeCertificates client_trust() const;
#endif
  /// What is offered in TLS handshakes, most wanted first; none: ALPN is not answered. Default:
  /// HTTP/1.1. Protocols that this server does not speak are left out.
  void protocols(std::vector<Protocol> protocols);

 private:
  struct State;
  explicit MockWebServer(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS

#include <okhttp/testing/mock_web_server.ipp>

#endif  // OKHTTP_TESTING_MOCK_WEB_SERVER_HPP
