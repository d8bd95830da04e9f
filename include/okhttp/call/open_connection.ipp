// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_IPP
#define OKHTTP_CALL_OPEN_CONNECTION_IPP

#include <okhttp/call/open_connection.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/call/tunnel.hpp>
#include <okhttp/connection/route_selector.hpp>
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
  std::unique_ptr<Connection> finish(const Endpoint& endpoint, std::unique_ptr<Stream> stream, std::string peer) const {
    auto connection =
        std::make_unique<Connection>(route_to(endpoint), call_.config, std::move(stream), std::move(peer));
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

/// Connects to one of the addresses, and sets that of `endpoint`. Without any the transport finds the host.
OKHTTP_DECL Task<std::unique_ptr<Stream>> reach(CallState& call, Endpoint& endpoint, std::vector<IpAddress> addresses,
                                                Attempts& attempts) {
  const CallLimits& limits = call.limits;
  call.route_count = addresses.size();
  attempts.begin_again();
  endpoint.observer = &attempts;
#if OKHTTP_THREADS
  const bool races = addresses.size() > 1 && call.config->fast_fallback && call.config->connector->races();
  if (races) addresses = interleave_families(addresses);
#endif
  attempts.put_in_order(addresses, endpoint.port);
#if OKHTTP_THREADS
  if (races) {
    std::unique_ptr<Stream> stream = co_await race(call, endpoint, addresses, attempts);
    attempts.connected(endpoint);
    co_return stream;
  }
#endif
  Error last;
  std::size_t tried = 0;
  do {
    if (!addresses.empty()) endpoint.address = addresses[tried];
    ++tried;
    attempts.attempt_begun(endpoint);
    const Deadline deadline = limits.until(limits.timeouts.connect);
    Result<std::unique_ptr<Stream>> stream = co_await call.config->connector->connect(endpoint, deadline).outcome();
    if (stream) {
      attempts.connected(endpoint);
      co_return *std::move(stream);
    }
    attempts.attempt_failed(endpoint, stream.error());
    last = name_timeout(limits, deadline, std::move(stream).error());
  } while (is_worth_another_way(call, last) && tried < addresses.size());
  co_await fail(count_addresses(std::move(last), tried));
  co_return nullptr;
}

/// The addresses of a host; told to the listener, unless the host is one itself.
OKHTTP_DECL Task<std::vector<IpAddress>> addresses_of(CallState& call, const std::string& host) {
  const ClientConfig& config = *call.config;
  CallEvents* const events = call.events.get();
  const bool tells = events != nullptr && (config.dns != nullptr || config.connector->needs_addresses()) &&
                     !IpAddress::try_parse(host);
  if (tells) events->dns_start(host);
  Result<std::vector<IpAddress>> addresses = co_await find_addresses(call, host).outcome();
  if (!addresses) co_await fail(name_timeout(call.limits, Deadline::at(TimePoint()), std::move(addresses).error()));
  if (tells) events->dns_end(host, *addresses);
  co_return *std::move(addresses);
}

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
  if (!endpoint.secure || !call.config->retry_on_connection_failure || !is_worth_another_way(call, error) ||
      !may_fall_back(endpoint, error))
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

/// A connection to one of these addresses of the server, without a proxy.
OKHTTP_DECL Task<std::unique_ptr<Connection>> open_direct(CallState& call, const Address& address,
                                                          std::vector<IpAddress> addresses) {
  Attempts attempts(call, address, Proxy());
  Endpoint endpoint = endpoint_of(call, address.host(), address.port(), address.is_secure());
  Result<std::unique_ptr<Stream>> stream = Error();
  do {
    stream = co_await reach(call, endpoint, addresses, attempts).outcome();
  } while (!stream && takes_next_spec(call, endpoint, stream.error()));
  if (!stream) co_await fail(std::move(stream).error());
  co_return attempts.finish(endpoint, *std::move(stream), peer_name(endpoint));
}

OKHTTP_DECL Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url) {
  const Result<void> allowed = allow_scheme(call, address);
  if (!allowed) co_await fail(allowed.error());
  if (call.events != nullptr) {
    const Proxy none;
    call.events->proxy_select_start(url);
    call.events->proxy_select_end(url, std::span(&none, 1));
  }
  std::vector<IpAddress> addresses = co_await addresses_of(call, address.host());
  co_return co_await open_direct(call, address, std::move(addresses));
}

/// From the proxy to the server: the stream that leads there, or null when the proxy wants another connection.
OKHTTP_DECL Task<std::unique_ptr<Stream>> pass_proxy(CallState& call, Route route, std::string proxy_name,
                                                     const Endpoint& origin, TunnelRequest& request,
                                                     std::unique_ptr<Stream> stream) {
  if (route.proxy().is_socks())
    stream = co_await open_socks(call, route, std::move(proxy_name), std::move(stream));
  else if (route.requires_tunnel())
    stream = co_await open_tunnel(call, route, std::move(proxy_name), request, std::move(stream));
  if (stream == nullptr || !origin.secure) co_return stream;
  const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
  Result<std::unique_ptr<Stream>> secured =
      co_await call.config->connector->secure(std::move(stream), origin, deadline).outcome();
  if (!secured) co_await fail(name_timeout(call.limits, deadline, std::move(secured).error()));
  co_return *std::move(secured);
}

/// A connection by way of the proxy at one of these addresses.
OKHTTP_DECL Task<std::unique_ptr<Connection>> open_by_proxy(CallState& call, const Address& address, const Proxy& proxy,
                                                            std::vector<IpAddress> addresses) {
  Attempts attempts(call, address, proxy);
  Endpoint hop = endpoint_of(call, proxy.host(), proxy.port(), proxy.kind() == Proxy::Kind::https);
  Endpoint origin = endpoint_of(call, address.host(), address.port(), address.is_secure());
  origin.observer = &attempts;
  if (origin.secure && !call.config->connector->secures())
    co_await fail(Errc::tls, "this client's transport cannot do TLS through a proxy, so it cannot connect to https://" +
                                 origin.host);
  std::string peer = origin.host + ":" + std::to_string(origin.port) + " by way of the proxy ";
  TunnelRequest request;
  for (;;) {
    std::unique_ptr<Stream> stream = co_await reach(call, hop, addresses, attempts);
    Result<std::unique_ptr<Stream>> through =
        co_await pass_proxy(call, attempts.route_to(hop), peer_name(hop), origin, request, std::move(stream)).outcome();
    if (through && *through != nullptr) co_return attempts.finish(hop, *std::move(through), peer + peer_name(hop));
    if (through) continue;  // the proxy wants another connection
    if (call.events != nullptr) call.events->connect_failed(attempts.route_to(hop), std::nullopt, through.error());
    if (!takes_next_spec(call, origin, through.error())) co_await fail(std::move(through).error());
  }
}

OKHTTP_DECL Task<std::unique_ptr<Connection>> open_through_proxies(CallState& call, const Address& address,
                                                                   const HttpUrl& url) {
  const ClientConfig& config = *call.config;
  const Result<void> allowed = allow_scheme(call, address);
  if (!allowed) co_await fail(allowed.error());
  if (call.events != nullptr) call.events->proxy_select_start(url);
  std::vector<Proxy> proxies;
  if (config.proxy) {
    proxies.push_back(*config.proxy);
  } else {
    Result<std::vector<Proxy>> selected = config.proxy_selector.select(url);
    if (!selected) co_await fail(std::move(selected).error());
    proxies = *std::move(selected);
  }
  if (call.events != nullptr) call.events->proxy_select_end(url, proxies);
  RouteSelector selector(std::move(proxies));
  Error last;
  for (;;) {
    std::optional<RouteSelector::Selection> selection;
    if (std::optional<Proxy> proxy = selector.next_proxy()) {
      const std::string host(proxy->is_none() ? std::string_view(address.host()) : proxy->host());
      Result<std::vector<IpAddress>> addresses = co_await addresses_of(call, host).outcome();
      if (!addresses) {
        last = std::move(addresses).error();
        if (!is_worth_another_way(call, last)) break;
        continue;
      }
      if (config.fast_fallback) *addresses = interleave_families(*addresses);
      const std::uint16_t port = proxy->is_none() ? address.port() : proxy->port();
      selection = selector.offer(*std::move(addresses), call.core->routes, config.connector.get(), port,
                                 call.limits.runtime->now());
      if (!selection) continue;
    } else {
      selection = selector.next_postponed();
      if (!selection) break;
    }
    Task<std::unique_ptr<Connection>> opening =
        selection->proxy.is_none() ? open_direct(call, address, std::move(selection->addresses))
                                   : open_by_proxy(call, address, selection->proxy, std::move(selection->addresses));
    Result<std::unique_ptr<Connection>> opened = co_await std::move(opening).outcome();
    if (opened) co_return *std::move(opened);
    last = std::move(opened).error();
    if (!is_worth_another_way(call, last)) break;
  }
  co_await fail(std::move(last));
  co_return nullptr;
}

OKHTTP_DECL ProxiedRequest proxied_request(const Proxy& proxy, const Request& request) {
  const HttpUrl& url = request.url();
  ProxiedRequest proxied{std::string(url.scheme()) + "://" + std::string(url.host_header()) +
                             std::string(url.request_target()),
                         request.headers()};
  if (!proxied.headers.contains("Proxy-Authorization"))
    if (const std::optional<std::string> credentials = proxy.basic_authorization())
      proxied.headers.append_unchecked("Proxy-Authorization", *credentials);
  return proxied;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_OPEN_CONNECTION_IPP
