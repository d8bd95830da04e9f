// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_IPP
#define OKHTTP_CALL_OPEN_CONNECTION_IPP

#include <okhttp/call/await_within.hpp>
#include <okhttp/call/open_connection.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/call/tunnel.hpp>
#include <okhttp/connection/route_selector.hpp>
#include <okhttp/transport/tcp_race.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// "host:port (address:port)", or just the address.
OKHTTP_DECL std::string peer_name(const Endpoint& endpoint) {
  if (!endpoint.address || endpoint.address->to_string() == endpoint.host) return endpoint.to_string();
  return endpoint.host + ":" + std::to_string(endpoint.port) + " (" + endpoint.to_string() + ")";
}

OKHTTP_DECL Error count_addresses(Error error, std::size_t tried) {
  if (tried < 2) return error;
  return error.with_suffix(" (", tried, " addresses tried)");
}

/// Whether it makes sense to try another way after this failure.
OKHTTP_DECL bool is_worth_another_way(const CallState& call, const Error& error) {
  return !call.canceled() && error.code() != Errc::canceled && error.code() != Errc::call_timeout &&
         error.code() != Errc::user_exception && error.code() != Errc::misuse;
}

/// Follows the attempts to connect for a call by way of one proxy or none: tells the call's listener, and
/// remembers for the next calls which have failed.
class Attempts final : public ConnectObserver {
 public:
  Attempts(CallState& call, const Address& address, Proxy proxy)
      : call_(call), address_(address), proxy_(std::move(proxy)) {}

  void attempt_begun(const Endpoint& endpoint) override {
    ++begun_;
    if (call_.events != nullptr) call_.events->connect_start(route_to(endpoint));
  }
  void attempt_failed(const Endpoint& endpoint, const Error& error) override {
    if (call_.events != nullptr) call_.events->connect_failed(route_to(endpoint), std::nullopt, error);
#if OKHTTP_THREADS
    if (!endpoint.address || error.code() == Errc::canceled || call_.canceled()) return;
    call_.core->routes.failed(known_as(endpoint), call_.limits.runtime->now());
#endif
  }
  void secure_begun(const Endpoint&) override {
    if (call_.events != nullptr) call_.events->secure_connect_start();
  }
  void secured(const Endpoint&, const Handshake& handshake) override {
    if (call_.events != nullptr) call_.events->secure_connect_end(&handshake);
  }

  /// The endpoint, whose address is known now if it can be, is connected to.
  void connected([[maybe_unused]] const Endpoint& endpoint) {
#if OKHTTP_THREADS
    if (endpoint.address) call_.core->routes.connected(known_as(endpoint));
#endif
  }
  /// What has failed of late comes last.
  void put_in_order([[maybe_unused]] std::vector<IpAddress>& addresses, [[maybe_unused]] std::uint16_t port) const {
#if OKHTTP_THREADS
    call_.core->routes.postpone_failed(addresses, call_.config->connector.get(), port, call_.limits.runtime->now());
#endif
  }
  std::size_t begun() const noexcept { return begun_; }
  void begin_again() noexcept { begun_ = 0; }

  Route route_to(const Endpoint& endpoint) const { return Route(address_, proxy_, endpoint.address); }
  /// The connection that all was about.
  std::unique_ptr<Connection> finish(const Endpoint& endpoint, std::unique_ptr<Stream> stream) const {
    std::string peer = peer_name(endpoint);
    if (!proxy_.is_none())
      peer = address_.host() + ":" + std::to_string(address_.port()) + " by way of the proxy " + peer;
    auto connection =
        std::make_unique<Connection>(route_to(endpoint), kept_settings(*call_.config), std::move(stream), std::move(peer));
    if (call_.events != nullptr) call_.events->connect_end(connection->route(), connection->protocol());
    return connection;
  }

 private:
#if OKHTTP_THREADS
  /// Failures count together that are of one transport.
  RouteDatabase::Route known_as(const Endpoint& endpoint) const {
    return {call_.config->connector.get(), *endpoint.address, endpoint.port};
  }
#endif
  CallState& call_;
  const Address& address_;
  const Proxy proxy_;
  std::size_t begun_ = 0;
};

#if OKHTTP_THREADS
/// Connects to the first address that answers, and sets that of `endpoint`.
OKHTTP_DECL Task<std::unique_ptr<Stream>> race(CallState& call, Endpoint& endpoint,
                                               const std::vector<IpAddress>& addresses, Attempts& attempts) {
  attempts.begin_again();
  std::vector<Endpoint> endpoints;
  for (const IpAddress& each : addresses) endpoints.emplace_back(endpoint).address = each;
  const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
  Result<Raced<std::unique_ptr<Stream>>> raced =
      co_await call.config->connector->connect_any(endpoints, deadline).outcome();
  if (!raced)
    co_await fail(count_addresses(name_timeout(call.limits, deadline, std::move(raced).error()),
                                  std::min(attempts.begun(), endpoints.size())));
  endpoint.address = addresses[raced->index];
  co_return std::move(raced->stream);
}
#endif

/// The server, or what else is at `host` and `port`.
OKHTTP_DECL Endpoint endpoint_of(CallState& call, std::string_view host, std::uint16_t port, bool secure) {
  Endpoint endpoint;
  endpoint.host = host;
  endpoint.port = port;
  endpoint.secure = secure;
  endpoint.cancellation = &call;
#if OKHTTP_TLS
  endpoint.tls = call.config->tls.get();
#endif
  return endpoint;
}

/// Whether a handshake that failed is tried once more with the next of the client's specs.
OKHTTP_DECL bool takes_next_spec(const CallState& call, Endpoint& endpoint, const Error& error) {
#if OKHTTP_TLS
  // By default there is one spec, and nothing to fall back to.
  if (!endpoint.secure || !call.config->retry_on_connection_failure || !is_worth_another_way(call, error) ||
      call.config->may_fall_back == nullptr || !call.config->may_fall_back(endpoint, error))
    return false;
  ++endpoint.spec_attempt;
  return true;
#else
  (void)call, (void)endpoint, (void)error;
  return false;
#endif
}

/// Whether the client's specs allow this scheme.
OKHTTP_DECL Result<void> allow_scheme([[maybe_unused]] const CallState& call, [[maybe_unused]] const Address& address) {
#if OKHTTP_TLS
  if (call.config->tls != nullptr) {
    const std::vector<ConnectionSpec>& specs = call.config->tls->specs;
    return address.is_secure() ? require_tls(specs, address.host()) : require_cleartext(specs, address.host());
  }
#endif
  return {};
}

/// A connection by way of this proxy, or of none, to one of these addresses of it, or of the server; they are looked
/// for if they are not known, and empty for a transport that finds hosts by itself.
OKHTTP_DECL Task<std::unique_ptr<Connection>> open_route(CallState& call, const Address& address, Proxy proxy,
                                                         std::optional<std::vector<IpAddress>> known) {
  const CallLimits& limits = call.limits;
  const Result<void> allowed = allow_scheme(call, address);
  if (!allowed) co_await fail(allowed.error());
  const bool direct = proxy.is_none();
  Endpoint endpoint = direct ? endpoint_of(call, address.host(), address.port(), address.is_secure())
                             : endpoint_of(call, proxy.host(), proxy.port(), proxy.kind() == Proxy::Kind::https);
#if OKHTTP_TLS
  if (direct) endpoint.early = call.early;
#endif
  Attempts attempts(call, address, std::move(proxy));
  endpoint.observer = &attempts;
  if (!known) known = co_await find_addresses(call, endpoint.host);
  std::vector<IpAddress>& addresses = *known;
  call.route_count = addresses.size();
#if OKHTTP_THREADS
  const bool races = addresses.size() > 1 && call.config->fast_fallback && call.config->connector->races();
  if (races) addresses = interleave_families(addresses);
#endif
  attempts.put_in_order(addresses, endpoint.port);
  std::unique_ptr<Tunnel> tunnel;
  for (;;) {  // once more with another spec, or when the proxy wants another connection
    Result<std::unique_ptr<Stream>> stream = Error();
    std::size_t tried = 0;
#if OKHTTP_THREADS
    if (races) {
      stream = co_await race(call, endpoint, addresses, attempts).outcome();
      tried = addresses.size();
    }
#endif
    while (tried == 0 || (!stream && tried < addresses.size() && is_worth_another_way(call, stream.error()))) {
      if (!addresses.empty()) endpoint.address = addresses[tried];
      ++tried;
      attempts.attempt_begun(endpoint);
      const Deadline deadline = limits.until(limits.timeouts.connect);
      stream = co_await call.config->connector->connect(endpoint, deadline).outcome();
      if (stream) break;
      attempts.attempt_failed(endpoint, stream.error());
      stream = count_addresses(name_timeout(limits, deadline, std::move(stream).error()), tried);
    }
    if (stream) {
      attempts.connected(endpoint);
      if (!direct)
        stream = co_await call.config->pass_proxy(call, attempts.route_to(endpoint), endpoint, tunnel, *std::move(stream))
                     .outcome();
    }
    if (stream && *stream != nullptr) co_return attempts.finish(endpoint, *std::move(stream));
    if (!stream && !takes_next_spec(call, tunnel != nullptr ? tunnel->origin : endpoint, stream.error()))
      co_await fail(std::move(stream).error());
  }
}

OKHTTP_DECL Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url) {
  if (call.events != nullptr) {
    const Proxy none;
    call.events->proxy_select_start(url);
    call.events->proxy_select_end(url, std::span(&none, 1));
  }
  return open_route(call, address, Proxy(), std::nullopt);
}

OKHTTP_DECL Task<std::unique_ptr<Stream>> pass_proxy(CallState& call, Route route, const Endpoint& hop,
                                                     std::unique_ptr<Tunnel>& tunnel, std::unique_ptr<Stream> stream) {
  const Address& address = route.address();
  if (tunnel == nullptr) {
    tunnel = std::make_unique<Tunnel>();
    tunnel->origin = endpoint_of(call, address.host(), address.port(), address.is_secure());
    tunnel->origin.observer = hop.observer;
#if OKHTTP_TLS
    tunnel->origin.early = call.early;
#endif
  }
  const Endpoint& origin = tunnel->origin;
  if (origin.secure && !call.config->connector->secures())
    co_await fail(Errc::tls,
                  "this client's transport cannot do TLS through a proxy, so it cannot connect to https://",
                  origin.host);
  Result<std::unique_ptr<Stream>> through = Error();
  if (route.proxy().is_socks())
    through = co_await open_socks(call, route, peer_name(hop), std::move(stream)).outcome();
  else if (route.requires_tunnel())
    through = co_await open_tunnel(call, route, peer_name(hop), *tunnel, std::move(stream)).outcome();
  else
    through = std::move(stream);
  if (through && *through != nullptr && origin.secure) {
    const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
    through = co_await call.config->connector->secure(*std::move(through), origin, deadline).outcome();
    if (!through) through = name_timeout(call.limits, deadline, std::move(through).error());
  }
  if (through) co_return *std::move(through);
  if (call.events != nullptr) call.events->connect_failed(route, std::nullopt, through.error());
  co_await fail(std::move(through).error());
  co_return nullptr;
}

OKHTTP_DECL Task<std::unique_ptr<Connection>> open_through_proxies(CallState& call, const Address& address,
                                                                   const HttpUrl& url) {
  const ClientConfig& config = *call.config;
  if (call.events != nullptr) call.events->proxy_select_start(url);
  std::vector<Proxy> proxies;
  if (config.proxy) {
    proxies.push_back(*config.proxy);
  } else {
    Task<std::vector<Proxy>> selecting = config.proxy_selector.async_select(url);
    proxies = co_await await_within(call, std::move(selecting), "a proxy selector");
  }
  if (call.events != nullptr) call.events->proxy_select_end(url, proxies);
#if OKHTTP_THREADS
  RouteDatabase* const failed = &call.core->routes;
#else
  RouteDatabase* const failed = nullptr;
#endif
  RouteSelector selector(std::move(proxies));
  Error last;
  for (;;) {
    std::optional<RouteSelector::Selection> selection;
    if (std::optional<Proxy> proxy = selector.next_proxy()) {
      const std::string host(proxy->is_none() ? std::string_view(address.host()) : proxy->host());
      Result<std::vector<IpAddress>> addresses = co_await find_addresses(call, host).outcome();
      if (!addresses) {
        last = std::move(addresses).error();
        if (!is_worth_another_way(call, last)) break;
        continue;
      }
      if (config.fast_fallback) *addresses = interleave_families(*addresses);
      const std::uint16_t port = proxy->is_none() ? address.port() : proxy->port();
      selection = selector.offer(*std::move(addresses), failed, config.connector.get(), port,
                                 call.limits.runtime->now());
      if (!selection) continue;
    } else {
      selection = selector.next_postponed();
      if (!selection) break;
    }
    Result<std::unique_ptr<Connection>> opened =
        co_await open_route(call, address, std::move(selection->proxy), std::move(selection->addresses)).outcome();
    if (opened) {
      // Should it fail at once, the other proxies are other routes.
      call.route_count += selector.left();
      co_return *std::move(opened);
    }
    last = std::move(opened).error();
    if (!is_worth_another_way(call, last)) break;
  }
  co_await fail(std::move(last));
  co_return nullptr;
}

OKHTTP_DECL std::unique_ptr<const ProxiedRequest> proxied_request(const Proxy& proxy, const Request& request) {
  const HttpUrl& url = request.url();
  auto proxied = std::make_unique<ProxiedRequest>();
  proxied->target.append(url.scheme()).append("://").append(url.host_header()).append(url.request_target());
  proxied->headers = request.headers();
  if (!proxied->headers.contains("Proxy-Authorization"))
    if (const std::optional<std::string> credentials = proxy.basic_authorization())
      proxied->headers.append_unchecked("Proxy-Authorization", *credentials);
  return proxied;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_OPEN_CONNECTION_IPP
