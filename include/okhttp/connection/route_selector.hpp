// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ROUTE_SELECTOR_HPP
#define OKHTTP_CONNECTION_ROUTE_SELECTOR_HPP

#include <okhttp/connection/proxy.hpp>
#include <okhttp/connection/route_database.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The order in which the routes to a server are tried: proxy by proxy, but of all proxies last those
/// addresses that have failed of late.
///
/// 1. While next_proxy() gives one, find its addresses (the server's own when it is Proxy::none()), and try
///    what offer() gives of them.
/// 2. Then try what next_postponed() gives, until it gives nothing.
///
/// Rule: OkHttp's RouteSelector. Not for use by several threads at once.
class RouteSelector {
 public:
  /// Addresses that are tried one after the other, or raced, through one proxy.
  struct Selection {
    Proxy proxy;
    /// Empty for a transport that resolves by itself.
    std::vector<IpAddress> addresses;
  };

  explicit RouteSelector(std::vector<Proxy> proxies) : proxies_(std::move(proxies)) {}

  std::optional<Proxy> next_proxy();
  /// What to try now of the addresses of the proxy that next_proxy() gave last; nothing when all have failed
  /// of late. `settings` and `port` as for RouteDatabase; without a database nothing has failed.
  std::optional<Selection> offer(std::vector<IpAddress> addresses, RouteDatabase* routes, const void* settings,
                                 std::uint16_t port, TimePoint now);
  std::optional<Selection> next_postponed();
  /// How many selections may still come, at least one for each proxy that was not asked for yet.
  std::size_t left() const noexcept {
    return (proxies_.size() - next_proxy_) + (postponed_.size() - next_postponed_);
  }

 private:
  const std::vector<Proxy> proxies_;
  std::size_t next_proxy_ = 0;
  std::vector<Selection> postponed_;
  std::size_t next_postponed_ = 0;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/route_selector.ipp>

#endif  // OKHTTP_CONNECTION_ROUTE_SELECTOR_HPP
