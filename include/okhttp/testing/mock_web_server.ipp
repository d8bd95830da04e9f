// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_WEB_SERVER_IPP
#define OKHTTP_TESTING_MOCK_WEB_SERVER_IPP

#include <okhttp/testing/mock_web_server.hpp>
#include <okhttp/testing/mock_connection.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

OKHTTP_NAMESPACE_BEGIN

struct MockWebServer::State {
  /// How long nothing is accepted after the system ran out of descriptors or memory.
  static constexpr std::chrono::milliseconds accept_pause{10};

  ~State() { close(); }
  Result<void> start(std::uint16_t port);
  void close();
  void run();
  Task<void> accept_connections();
  Task<void> serve(int descriptor);
#if OKHTTP_TLS
  Result<void> make_tls_context();
#endif

  detail::MockServerContext server;
  detail::IoHandle listener;
  Signal stop;
  std::mutex close_mutex;  // makes a second close() wait for the first
  std::thread thread;

#if OKHTTP_TLS
  mutable std::mutex tls_mutex;  // guards everything below
  std::optional<HeldCertificate> certificate;
  TlsServerOptions tls_options;
  std::optional<TlsServerContext> tls_context;
  std::vector<Protocol> protocols{Protocol::http_1_1};
#endif
};

namespace detail {

OKHTTP_DECL Error mock_start_error(std::uint16_t port, const char* step) {
  return Error(Errc::connect_failed, "mock server on 127.0.0.1:" + std::to_string(port) + ": " +
                                         step + ": " + system_error_text(errno));
}

OKHTTP_DECL int mock_accept(int listener) {
#if defined(SOCK_NONBLOCK)
  return ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  const int descriptor = ::accept(listener, nullptr, nullptr);
  if (descriptor >= 0) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  }
  return descriptor;
#endif
}

}  // namespace detail

OKHTTP_DECL Result<void> MockWebServer::State::start(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) return detail::mock_start_error(port, "socket");
  listener.fd = descriptor;
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return detail::mock_start_error(port, "bind");
  if (::listen(descriptor, SOMAXCONN) != 0) return detail::mock_start_error(port, "listen");
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return detail::mock_start_error(port, "getsockname");
  server.port = ntohs(address.sin_port);
  Result<void> attached = listener.attach(server.loop, descriptor);
  if (!attached) return attached;
#if OKHTTP_EXCEPTIONS
  try {
    thread = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return {Errc::connect_failed, std::string("mock server: no thread: ") + error.what()};
  }
#else
  thread = std::thread([this] { run(); });
#endif
  return {};
}

OKHTTP_DECL void MockWebServer::State::run() {
  Task<void> accepting = accept_connections();
  (void)server.loop.run(std::move(accepting), "");
  server.loop.abandon_tasks();
}

OKHTTP_DECL void MockWebServer::State::close() {
  const std::lock_guard<std::mutex> lock(close_mutex);
  server.stopping.store(true);
  stop.set();
  if (thread.joinable()) thread.join();
  listener.detach();
  if (listener.fd >= 0) ::close(std::exchange(listener.fd, -1));
  server.script.close();
  server.helpers.join();
}

OKHTTP_DECL Task<void> MockWebServer::State::accept_connections() {
  for (;;) {
    detail::SignalOrInput items(stop, listener);
    co_await server.loop.wait_any(items.both(), Deadline::never());
    if (stop.is_set()) break;
    const int descriptor = detail::mock_accept(listener.fd);
    if (descriptor >= 0) {
      server.loop.spawn(serve(descriptor));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      listener.drained = true;
      continue;
    }
    // Out of descriptors or memory: others have to give some back first.
    WaitItem stopped(stop);
    co_await server.loop.wait_any(std::span(&stopped, 1),
                                  Deadline::after(server.loop.now(), accept_pause));
    if (stop.is_set()) break;
  }
  // New clients are refused at once, not when the last handler is done.
  listener.detach();
  ::close(std::exchange(listener.fd, -1));
}

OKHTTP_DECL Task<void> MockWebServer::State::serve(int descriptor) {
  auto stream = std::make_unique<detail::TcpStream>(server.loop, descriptor);
  const Result<void> usable = stream->connected();
  if (!usable) co_return;
  const std::size_t index = server.accepted.fetch_add(1, std::memory_order_relaxed);
  detail::MockConnection connection(server, std::move(stream), index);
#if OKHTTP_TLS
  {
    const std::lock_guard<std::mutex> lock(tls_mutex);
    if (tls_context) connection.use_tls(*tls_context);
  }
#endif
  Task<void> served = connection.serve();
  const Result<void> ended = co_await std::move(served).outcome();
  (void)ended;
}

OKHTTP_DECL MockWebServer::MockWebServer(std::unique_ptr<State> state) noexcept
    : state_(std::move(state)) {}
OKHTTP_DECL MockWebServer::MockWebServer(MockWebServer&&) noexcept = default;
OKHTTP_DECL MockWebServer& MockWebServer::operator=(MockWebServer&&) noexcept = default;
OKHTTP_DECL MockWebServer::~MockWebServer() = default;

OKHTTP_DECL Result<MockWebServer> MockWebServer::try_start(std::uint16_t port) {
  auto state = std::make_unique<State>();
  Result<void> started = state->start(port);
  if (!started) return std::move(started).error();
  return MockWebServer(std::move(state));
}

OKHTTP_DECL void MockWebServer::close() { state_->close(); }
OKHTTP_DECL std::uint16_t MockWebServer::port() const noexcept { return state_->server.port; }

OKHTTP_DECL Result<HttpUrl> MockWebServer::try_url(std::string_view path) const {
  bool is_https = false;
#if OKHTTP_TLS
  {
    const std::lock_guard<std::mutex> lock(state_->tls_mutex);
    is_https = state_->tls_context.has_value();
  }
#endif
  const Result<HttpUrl> base = HttpUrl::try_parse(
      (is_https ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + "/");
  if (!base) return base;
  return base->try_resolve(path);
}

OKHTTP_DECL Result<void> MockWebServer::try_enqueue(MockResponse response) {
  if (const Error* const fault = response.fault()) return *fault;
  state_->server.script.enqueue(std::move(response));
  return {};
}
OKHTTP_DECL void MockWebServer::clear_queue() { state_->server.script.clear_queue(); }
OKHTTP_DECL void MockWebServer::fail_fast(bool on) { state_->server.script.set_fail_fast(on); }
OKHTTP_DECL void MockWebServer::dispatcher(Handler handler, Peek peek) {
  state_->server.script.set_handler(std::move(handler), std::move(peek));
}

OKHTTP_DECL Result<RecordedRequest> MockWebServer::try_take_request() {
  std::optional<RecordedRequest> taken = state_->server.script.take(Deadline::never());
  if (!taken) return {Errc::misuse, "the mock server has closed and there is no request to take"};
  return std::move(*taken);
}
OKHTTP_DECL std::optional<RecordedRequest> MockWebServer::take_request(
    std::chrono::nanoseconds timeout) {
  // after() takes zero as no limit; here it means not to wait.
  const TimePoint now = Clock::now();
  const auto wait = std::max(timeout, std::chrono::nanoseconds(1));
  return state_->server.script.take(Deadline::after(now, wait));
}
OKHTTP_DECL std::size_t MockWebServer::request_count() const {
  return state_->server.script.request_count();
}
OKHTTP_DECL std::size_t MockWebServer::connection_count() const { return state_->server.accepted; }
OKHTTP_DECL std::size_t MockWebServer::open_connections() const { return state_->server.open; }
OKHTTP_DECL void MockWebServer::body_limit(std::size_t bytes) { state_->server.body_limit = bytes; }
OKHTTP_DECL void MockWebServer::record_requests(bool on) {
  state_->server.script.set_recording(on);
}

#if OKHTTP_TLS
OKHTTP_DECL Result<void> MockWebServer::State::make_tls_context() {
  TlsServerOptions options = tls_options;
  options.alpn.clear();
  for (const Protocol protocol : protocols)
    if (protocol == Protocol::http_1_1 || protocol == Protocol::http_1_0)
      options.alpn.emplace_back(to_string(protocol));
  Result<TlsServerContext> made =
      TlsServerContext::create(certificate->certificate_chain_pem(),
                               certificate->private_key_pkcs8_pem(), std::move(options));
  if (!made) return std::move(made).error();
  tls_context = std::move(*made);
  return {};
}

OKHTTP_DECL Result<void> MockWebServer::try_use_https(HeldCertificate certificate,
                                                      TlsServerOptions options) {
  const std::lock_guard<std::mutex> lock(state_->tls_mutex);
  state_->certificate = std::move(certificate);
  state_->tls_options = std::move(options);
  return state_->make_tls_context();
}

OKHTTP_DECL HandshakeCertificates MockWebServer::client_trust() const {
  HandshakeCertificates::Builder trust;
  const std::lock_guard<std::mutex> lock(state_->tls_mutex);
  // The root that signed the chain is not part of it, but its last certificate is an anchor, too.
  if (state_->certificate) trust.add_trusted_pem(state_->certificate->certificate_chain_pem());
  return trust.try_build().value();
}
#endif

OKHTTP_DECL void MockWebServer::protocols(std::vector<Protocol> protocols) {
#if OKHTTP_TLS
  const std::lock_guard<std::mutex> lock(state_->tls_mutex);
  state_->protocols = std::move(protocols);
  if (state_->certificate) state_->make_tls_context().value();
#else
  (void)protocols;
#endif
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS
#endif  // OKHTTP_TESTING_MOCK_WEB_SERVER_IPP
