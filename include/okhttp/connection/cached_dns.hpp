// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CACHED_DNS_HPP
#define OKHTTP_CONNECTION_CACHED_DNS_HPP

#include <okhttp/connection/dns_cache.hpp>
#include <okhttp/transport/dns.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What cached_dns gives: something for a client builder's dns(). Copies share resolver and cache.
class CachedDns {
 public:
  CachedDns(Dns resolver, const DnsCache::Settings& settings)
      : state_(std::make_shared<State>(std::move(resolver), settings)) {}
  Task<std::vector<IpAddress>> operator()(DnsLookup lookup) const;
  /// What is remembered. Lives as long as a copy of this.
  DnsCache& cache() const noexcept { return state_->cache; }

 private:
  struct State {
    State(Dns own, const DnsCache::Settings& settings) : resolver(std::move(own)), cache(settings) {}
    const Dns resolver;
    DnsCache cache;
  };
  static Task<std::vector<IpAddress>> ask(std::shared_ptr<State> state, DnsLookup lookup);
  std::shared_ptr<State> state_;
};

/// Gives a resolver, whatever a client's dns() takes, a memory of its own: it is asked again when what it
/// said has become old. Errors other than Errc::dns are not remembered. Clients that were given copies of
/// the result share what it knows, others see nothing of it.
/// Thread safety: several threads may ask at once, also for the same host.
template <class F>
CachedDns cached_dns(F resolver, const DnsCache::Settings& settings = {}) {
  static_assert(!requires { resolver.leave_client_to(nullptr); }, "okhttp: this resolver has a cache already");
  return CachedDns(detail::make_dns<std::decay_t<F>>(std::move(resolver)), settings);
}

OKHTTP_NAMESPACE_END

#include <okhttp/connection/cached_dns.ipp>

#endif  // OKHTTP_CONNECTION_CACHED_DNS_HPP
