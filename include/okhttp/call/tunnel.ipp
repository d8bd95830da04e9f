// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_TUNNEL_IPP
#define OKHTTP_CALL_TUNNEL_IPP

#include <okhttp/call/await_within.hpp>
#include <okhttp/call/tunnel.hpp>
#include <okhttp/codec/http1/connect_request.hpp>
#include <okhttp/codec/socks/socks_handshake.hpp>

#if OKHTTP_BODIES

#include <array>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL Result<socks::ClientHandshake> begin_socks(const Route& route) {
  const Proxy& proxy = route.proxy();
  const socks::Target target{route.address().host(), route.address().port()};
  if (proxy.kind() == Proxy::Kind::socks4a)
    return socks::ClientHandshake::try_v4a(target, proxy.user(), proxy.host_and_port());
  std::optional<socks::Login> login;
  if (proxy.has_credentials()) login = {std::string(proxy.user()), std::string(proxy.password())};
  return socks::ClientHandshake::try_v5(target, login, proxy.host_and_port());
}

/// Why the connection to the proxy has failed in the middle of the handshake.
OKHTTP_DECL Error socks_failure(const CallState& call, const std::string& proxy_name, const IoResult& result) {
  const CallLimits& limits = call.limits;
  const std::string what = "the SOCKS handshake with the proxy " + proxy_name;
  if (call.canceled()) return Error(Errc::canceled, "canceled during " + what);
  if (limits.call_over())
    return Error(Errc::call_timeout,
                 "the call timed out after " + duration_text(limits.timeouts.call) + " during " + what);
  if (result.status() == IoStatus::timed_out)
    return Error(Errc::connect_timeout, what + " timed out after " + duration_text(limits.timeouts.connect));
  if (result.status() == IoStatus::end)
    return Error(Errc::connect_failed, what + " failed: the proxy closed the connection");
  return Error(Errc::connect_failed, what + " failed: " + result.error().message(), result.error());
}

OKHTTP_DECL Task<std::unique_ptr<Stream>> open_socks(CallState& call, const Route& route, std::string proxy_name,
                                                     std::unique_ptr<Stream> stream) {
  const CallLimits& limits = call.limits;
  const Deadline deadline = limits.until(limits.timeouts.connect);
  Result<socks::ClientHandshake> begun = begin_socks(route);
  if (!begun) co_await fail(std::move(begun).error());
  socks::ClientHandshake& handshake = *begun;
  const CancelStream cancel(&call, *stream);
  std::array<std::byte, 512> buffer;
  for (;;) {
    while (!handshake.output().empty()) {
      ConstBytes piece = std::as_bytes(std::span<const char>(handshake.output()));
      const std::size_t size = piece.size();
      const IoResult sent =
          co_await write_all(*stream, std::span(&piece, 1), *limits.runtime, limits.timeouts.connect, deadline);
      if (!sent.ok()) co_await fail(socks_failure(call, proxy_name, sent));
      handshake.sent(size);
    }
    if (handshake.done()) co_return stream;
    IoResult received = stream->read_now(buffer, deadline, {});
    if (received.would_block()) received = co_await read_when_ready(*stream, buffer, deadline);
    if (!received.ok()) co_await fail(socks_failure(call, proxy_name, received));
    const std::string_view text(reinterpret_cast<const char*>(buffer.data()), received.bytes());
    Result<std::size_t> taken = handshake.feed(text);
    if (!taken) co_await fail(std::move(taken).error());
    // Neither HTTP nor TLS lets the server speak first.
    if (*taken < text.size()) co_await fail(Errc::protocol_error, "the proxy " + proxy_name + " sent more than its SOCKS reply");
  }
}

/// The head of CONNECT as a request, which is what authenticators see.
OKHTTP_DECL Result<Request> connect_head(const Route& route, Headers headers) {
  const std::string target = http1::connect_target(route.address().host(), route.address().port());
  return Request::Builder().url("https://" + target + "/").method("CONNECT").headers(std::move(headers)).try_build();
}

/// Asks the proxy authenticator, if there is one, what to send after CONNECT with these headers was answered by
/// 407: its headers, or nothing.
OKHTTP_DECL Task<std::optional<Headers>> authenticate_tunnel(CallState& call, const Route& route, Headers sent,
                                                             std::string reason, Headers challenges) {
  if (call.config->proxy_authenticator == nullptr) co_return std::nullopt;
  Result<Request> request = connect_head(route, std::move(sent));
  if (!request) co_await fail(std::move(request).error());
  Result<Response> challenge = Response::Builder()
                                   .request(*std::move(request))
                                   .protocol(Protocol::http_1_1)
                                   .code(407)
                                   .message(std::move(reason))
                                   .headers(std::move(challenges))
                                   .try_build();
  if (!challenge) co_await fail(std::move(challenge).error());
  Task<std::optional<Request>> asked = (*call.config->proxy_authenticator)(&route, *challenge);
  std::optional<Request> next = co_await await_within(call, std::move(asked), "a proxy authenticator");
  if (!next) co_return std::nullopt;
  co_return next->headers();
}

/// The headers of the first CONNECT.
OKHTTP_DECL Task<Headers> first_tunnel_headers(CallState& call, const Route& route) {
  const std::optional<std::string> credentials = route.proxy().basic_authorization();
  Result<Headers> headers = http1::connect_headers(route.address().host(), route.address().port(),
                                                   call.config->user_agent, credentials.value_or(std::string()));
  if (!headers) co_await fail(std::move(headers).error());
  if (!credentials) {
    Headers challenges;
    challenges.append_unchecked("Proxy-Authenticate", preemptive_scheme);
    std::optional<Headers> answer =
        co_await authenticate_tunnel(call, route, *headers, "Preemptive Authenticate", std::move(challenges));
    if (answer) co_return *std::move(answer);
  }
  co_return *std::move(headers);
}

/// Drops the body of a refusal. True when the connection may carry another exchange.
OKHTTP_DECL Task<bool> drop_body(CallState& call, Connection& connection) {
  std::array<std::byte, 4096> dropped;
  for (std::size_t budget = 64 * 1024; !connection.body_done();) {
    const std::size_t count = co_await connection.read_body(call.limits, dropped);
    if (count > budget) co_return false;
    budget -= count;
  }
  co_return connection.end();
}

OKHTTP_DECL Task<std::unique_ptr<Stream>> open_tunnel(CallState& call, const Route& route, std::string proxy_name,
                                                      Tunnel& tunnel, std::unique_ptr<Stream> stream) {
  const Address& to = route.address();
  const std::string target = http1::connect_target(to.host(), to.port());
  if (!tunnel.headers) tunnel.headers = co_await first_tunnel_headers(call, route);
  Connection proxy(route, call.config, std::move(stream), "the proxy " + proxy_name);
  for (;;) {
    if (tunnel.attempts++ == http1::max_connect_attempts)
      co_await fail(Errc::protocol_error, "the proxy " + proxy_name + " wanted credentials for a tunnel to " + target +
                                              " " + std::to_string(http1::max_connect_attempts) + " times");
    proxy.begin(call.limits);
    co_await proxy.exchange(call.limits, call.limits.runtime->now(), "CONNECT", target, *tunnel.headers, nullptr);
    http1::ResponseHead head = proxy.take_head();
    const Result<http1::ConnectAnswer> answer = http1::connect_answer(head, proxy_name, target);
    if (!answer) co_await fail(answer.error());
    if (*answer == http1::ConnectAnswer::tunnel) {
      stream = proxy.take_stream();
      if (stream == nullptr)
        co_await fail(Errc::protocol_error,
                      "the proxy " + proxy_name + " sent data before the tunnel to " + target + " was used");
      co_return stream;
    }
    const Error refused = http1::connect_refused(head, proxy_name, target);
    tunnel.headers = co_await authenticate_tunnel(call, route, *tunnel.headers, std::move(head.reason),
                                                   std::move(head.headers));
    if (!tunnel.headers) co_await fail(refused);
    // A proxy that says it closes need not do so, nor send all of its page.
    if (*answer == http1::ConnectAnswer::reconnect) co_return nullptr;
    const Result<bool> reusable = co_await drop_body(call, proxy).outcome();
    if (!reusable && call.canceled()) co_await fail(reusable.error());
    if (!reusable || !*reusable) co_return nullptr;
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_TUNNEL_IPP
