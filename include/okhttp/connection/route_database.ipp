// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ROUTE_DATABASE_IPP
#define OKHTTP_CONNECTION_ROUTE_DATABASE_IPP

#include <okhttp/connection/route_database.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL void RouteDatabase::failed(const Route& route, TimePoint now) {
  const SyncLock lock(mutex_);
  std::erase_if(failures_, [&](const Failure& failure) {
    return failure.route == route || now - failure.at >= lifetime;
  });
  if (failures_.size() == max_failures) failures_.erase(failures_.begin());
  failures_.push_back({route, now});
}

OKHTTP_DECL void RouteDatabase::connected(const Route& route) {
  const SyncLock lock(mutex_);
  std::erase_if(failures_, [&](const Failure& failure) { return failure.route == route; });
}

OKHTTP_DECL std::size_t RouteDatabase::postpone_failed(std::vector<IpAddress>& addresses, const void* settings,
                                                       std::uint16_t port, TimePoint now) {
  const SyncLock lock(mutex_);
  if (failures_.empty()) return addresses.size();
  const auto failed = std::stable_partition(addresses.begin(), addresses.end(), [&](const IpAddress& address) {
    const Route route{settings, address, port};
    return std::none_of(failures_.begin(), failures_.end(), [&](const Failure& failure) {
      return failure.route == route && now - failure.at < lifetime;
    });
  });
  return static_cast<std::size_t>(failed - addresses.begin());
}

OKHTTP_DECL std::size_t RouteDatabase::failure_count() const {
  const SyncLock lock(mutex_);
  return failures_.size();
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_ROUTE_DATABASE_IPP
