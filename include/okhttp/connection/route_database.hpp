// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ROUTE_DATABASE_HPP
#define OKHTTP_CONNECTION_ROUTE_DATABASE_HPP

#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/sync.hpp>
#include <okhttp/url/ip_address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The addresses that could not be connected to of late. Calls try them after all others.
///
/// A failure counts until a connection to the address succeeds, for five minutes at most. Of more than
/// 256 the oldest is forgotten.
/// Rule: OkHttp's RouteDatabase, but failures expire, and failed TCP connects and TLS handshakes count.
/// Thread safety: any thread.
class RouteDatabase {
 public:
  static constexpr std::chrono::minutes lifetime{5};
  static constexpr std::size_t max_failures = 256;

  /// `settings` is that of the Address: another transport may fare better.
  struct Route {
    const void* settings = nullptr;
    IpAddress address;
    std::uint16_t port = 0;
    friend bool operator==(const Route&, const Route&) = default;
  };

  void failed(const Route& route, TimePoint now);
  void connected(const Route& route);
  /// Moves the addresses that have failed behind the others; both keep their order. Gives the number of the
  /// others.
  std::size_t postpone_failed(std::vector<IpAddress>& addresses, const void* settings, std::uint16_t port, TimePoint now);
  std::size_t failure_count() const;

 private:
  struct Failure {
    Route route;
    TimePoint at;
  };
  mutable SyncMutex mutex_;
  std::vector<Failure> failures_;  // the oldest first
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/route_database.ipp>

#endif  // OKHTTP_CONNECTION_ROUTE_DATABASE_HPP
