// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_IPP
#define OKHTTP_CALL_OPEN_CONNECTION_IPP

#include <okhttp/call/open_connection.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/transport/tcp_race.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

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

OKHTTP_DECL std::unique_ptr<Connection> make_connection(CallState& call, const Address& address, const Endpoint& endpoint,
                                                        std::unique_ptr<Stream> stream) {
  return std::make_unique<Connection>(Route(address, Proxy(), endpoint.address), call.config, std::move(stream),
                                      peer_name(endpoint));
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
  co_return make_connection(call, address, endpoints[raced->index], std::move(raced->stream));
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
#if OKHTTP_TLS
  endpoint.tls = call.config->tls.get();
#endif
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
      co_return make_connection(call, address, endpoint, *std::move(stream));
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

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_OPEN_CONNECTION_IPP
