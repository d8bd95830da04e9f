// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ROUTE_HPP
#define OKHTTP_CONNECTION_ROUTE_HPP

#include <okhttp/connection/address.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/url/ip_address.hpp>

#include <optional>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// The way that a connection takes to its server: through which proxy, and to which IP address.
/// Immutable, and cheap to copy but for the address. Rule: OkHttp's Route.
class Route {
 public:
  /// `ip` is where the socket leads to: the proxy if there is one, else the server. None for a transport that
  /// finds hosts by itself.
  Route(Address address, Proxy proxy, std::optional<IpAddress> ip)
      : address_(std::move(address)), proxy_(std::move(proxy)), ip_(ip) {}

  const Address& address() const& noexcept { return address_; }
  Address address() && { return std::move(address_); }
  const Proxy& proxy() const& noexcept { return proxy_; }
  Proxy proxy() && { return std::move(proxy_); }
  const std::optional<IpAddress>& ip_address() const& noexcept { return ip_; }
  std::optional<IpAddress> ip_address() && noexcept { return ip_; }
  /// The port of that socket.
  std::uint16_t port() const noexcept { return proxy_.is_none() ? address_.port() : proxy_.port(); }
  /// Whether an HTTP proxy is asked to CONNECT, so that it sees nothing of what passes.
  bool requires_tunnel() const noexcept { return proxy_.is_http() && address_.is_secure(); }

 private:
  Address address_;
  Proxy proxy_;
  std::optional<IpAddress> ip_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CONNECTION_ROUTE_HPP
