// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CONNECT_IPP
#define OKHTTP_CALL_CONNECT_IPP

#include <okhttp/base/when_all.hpp>
#include <okhttp/call/connect.hpp>
#include <okhttp/transport/tcp_race.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Ends when a lookup has to be given up.
OKHTTP_DECL Task<std::vector<IpAddress>> end_of_patience(Runtime& runtime, Signal canceled, Deadline deadline) {
  WaitItem item(canceled);
  co_await runtime.wait_any(std::span(&item, 1), deadline);
  co_return std::vector<IpAddress>();
}

OKHTTP_DECL Task<std::vector<IpAddress>> look_up(CallState& call, std::string host, Deadline deadline) {
  Runtime& runtime = *call.limits.runtime;
  const Signal canceled;
  const CancelSignal hook(&call, canceled);
  std::vector<Task<std::vector<IpAddress>>> tasks;
  tasks.push_back((*call.config->dns)(host));
  tasks.push_back(end_of_patience(runtime, canceled, deadline));
  std::pair<std::size_t, Result<std::vector<IpAddress>>> first = co_await when_any(std::move(tasks));
  if (call.canceled()) co_await fail(Errc::canceled, "canceled while resolving " + host);
  if (!first.second) co_await fail(std::move(first.second).error());
  if (first.first == 1 || (!deadline.is_never() && deadline.passed(runtime.now())))
    co_await fail(Errc::connect_timeout, "resolving " + host + " timed out");
  if (first.second->empty()) co_await fail(Errc::dns, "could not resolve " + host + ": no addresses");
  co_return *std::move(first.second);
}

/// The addresses to try, in order; none for a transport that resolves by itself.
OKHTTP_DECL Task<std::vector<IpAddress>> find_addresses(CallState& call, const std::string& host) {
  const ClientConfig& config = *call.config;
  std::vector<IpAddress> addresses;
  if (Result<IpAddress> literal = IpAddress::try_parse(host)) {
    addresses.push_back(*literal);
  } else if (config.dns != nullptr) {
    const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
    addresses = co_await config.look_up(call, host, deadline);
  } else if (config.connector->needs_addresses()) {
#if OKHTTP_SOCKETS
    const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
    addresses = co_await resolve_with_system(*call.limits.runtime, host, deadline, &call);
#else
    co_await fail(Errc::dns, "this build has no resolver (OKHTTP_SOCKETS=0), and the client no dns() setting");
#endif
  }
  co_return addresses;
}

/// Says which timeout it was: the call's own deadline may have passed while a step with another timeout
/// was waiting.
OKHTTP_DECL Error name_timeout(const CallLimits& limits, Deadline deadline, Error error) {
  if (error.code() != Errc::connect_timeout) return error;
  if (!limits.call_over()) {
    // Not where the kernel gave up by itself.
    if (!deadline.passed(limits.runtime->now())) return error;
    return error.with_message(error.message() + " after " + duration_text(limits.timeouts.connect));
  }
  return Error(Errc::call_timeout, "the call timed out after " + duration_text(limits.timeouts.call) + ": " +
                                       error.message(),
               error);
}

/// "host:port (address:port)", or just the address.
OKHTTP_DECL std::string peer_name(const Endpoint& endpoint) {
  if (!endpoint.address || endpoint.address->to_string() == endpoint.host) return endpoint.to_string();
  return endpoint.host + ":" + std::to_string(endpoint.port) + " (" + endpoint.to_string() + ")";
}

OKHTTP_DECL Error count_addresses(Error error, std::size_t tried) {
  if (tried < 2) return error;
  return error.with_message(error.message() + " (" + std::to_string(tried) + " addresses tried)");
}

#if OKHTTP_THREADS
/// Counts the attempts to connect for a call, and remembers for the next calls which have failed.
class Attempts final : public ConnectObserver {
 public:
  Attempts(CallState& call, const void* settings) noexcept : call_(call), settings_(settings) {}
  void attempt_begun(const Endpoint&) override { ++begun_; }
  void attempt_failed(const Endpoint& endpoint, const Error& error) override {
    if (!endpoint.address || error.code() == Errc::canceled || call_.canceled()) return;
    call_.core->routes.failed(route_to(endpoint), call_.limits.runtime->now());
  }
  void connected(const Endpoint& endpoint) {
    if (endpoint.address) call_.core->routes.connected(route_to(endpoint));
  }
  /// What has failed of late comes last.
  void put_in_order(std::vector<IpAddress>& addresses, std::uint16_t port) const {
    call_.core->routes.postpone_failed(addresses, settings_, port, call_.limits.runtime->now());
  }
  std::size_t begun() const noexcept { return begun_; }

 private:
  RouteDatabase::Route route_to(const Endpoint& endpoint) const {
    return {settings_, *endpoint.address, endpoint.port};
  }
  CallState& call_;
  const void* settings_;
  std::size_t begun_ = 0;
};

/// Makes a new connection to the first address that answers. `endpoint` is for all of them.
OKHTTP_DECL Task<std::unique_ptr<Connection>> race_connection(CallState& call, const Address& address,
                                                              Endpoint endpoint, std::vector<IpAddress> addresses) {
  const CallLimits& limits = call.limits;
  Attempts attempts(call, call.config->connector.get());
  endpoint.observer = &attempts;
  addresses = interleave_families(addresses);
  attempts.put_in_order(addresses, endpoint.port);
  std::vector<Endpoint> endpoints;
  for (const IpAddress& each : addresses) endpoints.emplace_back(endpoint).address = each;
  const Deadline deadline = limits.until(limits.timeouts.connect);
  Result<Raced<std::unique_ptr<Stream>>> raced =
      co_await call.config->connector->connect_any(endpoints, deadline).outcome();
  if (!raced)
    co_await fail(count_addresses(name_timeout(limits, deadline, std::move(raced).error()),
                                  std::min(attempts.begun(), endpoints.size())));
  attempts.connected(endpoints[raced->index]);
  co_return std::make_unique<Connection>(address, std::move(raced->stream), peer_name(endpoints[raced->index]));
}
#else
/// Firmware mostly knows one address.
struct Attempts {
  Attempts(CallState&, const void*) noexcept {}
  void attempt_failed(const Endpoint&, const Error&) const noexcept {}
  void connected(const Endpoint&) const noexcept {}
  void put_in_order(std::vector<IpAddress>&, std::uint16_t) const noexcept {}
};
#endif

/// Makes a new connection.
OKHTTP_DECL Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url) {
  const CallLimits& limits = call.limits;
  Endpoint endpoint;
  endpoint.host = std::string(url.host());
  endpoint.port = url.port();
  endpoint.secure = url.is_https();
  endpoint.cancellation = &call;
  Result<std::vector<IpAddress>> addresses = co_await find_addresses(call, endpoint.host).outcome();
  if (!addresses) co_await fail(name_timeout(limits, Deadline::at(TimePoint()), std::move(addresses).error()));
#if OKHTTP_THREADS
  if (addresses->size() > 1 && call.config->fast_fallback && call.config->connector->races())
    co_return co_await race_connection(call, address, std::move(endpoint), *std::move(addresses));
#endif
  Attempts attempts(call, call.config->connector.get());
  attempts.put_in_order(*addresses, endpoint.port);
  Error last;
  std::size_t tried = 0;
  do {
    if (!addresses->empty()) endpoint.address = (*addresses)[tried];
    ++tried;
    const Deadline deadline = limits.until(limits.timeouts.connect);
    Result<std::unique_ptr<Stream>> stream = co_await call.config->connector->connect(endpoint, deadline).outcome();
    if (stream) {
      attempts.connected(endpoint);
      co_return std::make_unique<Connection>(address, *std::move(stream), peer_name(endpoint));
    }
    attempts.attempt_failed(endpoint, stream.error());
    last = name_timeout(limits, deadline, std::move(stream).error());
    if (call.canceled() || last.code() == Errc::canceled || last.code() == Errc::call_timeout ||
        last.code() == Errc::user_exception)
      break;
  } while (tried < addresses->size());
  co_await fail(count_addresses(std::move(last), tried));
  co_return nullptr;
}

/// One trip over one connection, through the network interceptors.
OKHTTP_DECL Task<Response> connect(CallState& call, Request request) {
  const ClientConfig& config = *call.config;
  ConnectionPool& pool = call.core->pool;
  const bool replayable = request.body() == nullptr || !request.body()->is_one_shot();
  const bool repeatable = request.is_idempotent() && replayable;
  const Address address(request.url(), config.connector.get());
  for (;;) {
    if (call.canceled()) co_await fail(Errc::canceled, "canceled before it was sent");
    Exchange exchange;
    exchange.begun = call.limits.now();
    exchange.connection = pool.acquire(address, exchange.begun, !repeatable);
    const bool pooled = exchange.connection != nullptr;
    if (!pooled) {
      exchange.connection = co_await open_connection(call, address, request.url());
      exchange.begun = call.limits.runtime->now();
    }
    Connection* const connection = exchange.connection.get();
    connection->begin(call.limits);
    Result<Response> response = Error();
    if (config.start_network_chain == nullptr) {
      exchange.proceeded = true;
      response = co_await call_server(call, exchange, request).outcome();
    } else {
      response = co_await config.start_network_chain(call, exchange, request).outcome();
    }
    if (response) {
      if (!exchange.proceeded)
        co_await fail(Errc::misuse, "a network interceptor must proceed exactly once");
      co_return *std::move(response);
    }
    // Only a connection that had been idle may have been closed before it saw the request; a fresh
    // one that fails has failed. What the server may have worked on is repeated only if that is safe.
    const bool stale = pooled && exchange.connection != nullptr && !connection->response_started() &&
                       (response.error().code() == Errc::io || response.error().code() == Errc::unexpected_end);
    // Or if it did not reach the server: it had closed the idle connection. A reset says nothing, as it
    // can follow a read.
    const bool unseen = stale && (!connection->sent_anything() ||
                                  (response.error().code() == Errc::unexpected_end && replayable &&
                                   connection->is_unacknowledged()));
    const bool may_repeat = stale && (repeatable || unseen);
    if (!may_repeat || !config.retry_on_connection_failure || call.canceled())
      co_await fail(std::move(response).error());
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CONNECT_IPP
