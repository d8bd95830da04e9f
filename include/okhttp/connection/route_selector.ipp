// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ROUTE_SELECTOR_IPP
#define OKHTTP_CONNECTION_ROUTE_SELECTOR_IPP

#include <okhttp/connection/route_selector.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL std::optional<Proxy> RouteSelector::next_proxy() {
  if (next_proxy_ == proxies_.size()) return std::nullopt;
  return proxies_[next_proxy_++];
}

OKHTTP_DECL std::optional<RouteSelector::Selection> RouteSelector::offer(std::vector<IpAddress> addresses,
                                                                         RouteDatabase* routes, const void* settings,
                                                                         std::uint16_t port, TimePoint now) {
  const Proxy& proxy = proxies_[next_proxy_ - 1];
  if (addresses.empty() || routes == nullptr) return Selection{proxy, std::move(addresses)};
  const auto good = static_cast<std::ptrdiff_t>(routes->postpone_failed(addresses, settings, port, now));
  if (static_cast<std::size_t>(good) < addresses.size())
    postponed_.push_back({proxy, std::vector<IpAddress>(addresses.begin() + good, addresses.end())});
  if (good == 0) return std::nullopt;
  addresses.erase(addresses.begin() + good, addresses.end());
  return Selection{proxy, std::move(addresses)};
}

OKHTTP_DECL std::optional<RouteSelector::Selection> RouteSelector::next_postponed() {
  if (next_postponed_ == postponed_.size()) return std::nullopt;
  return std::move(postponed_[next_postponed_++]);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_ROUTE_SELECTOR_IPP
