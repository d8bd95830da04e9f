// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_DNS_CACHE_HPP
#define OKHTTP_CONNECTION_DNS_CACHE_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/sync.hpp>
#include <okhttp/url/ip_address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Remembers for a short time what host names resolved to, and which did not resolve.
///
/// 1. `find`: something is known, use it. 2. Else take `generation()` and resolve. 3. `store` what came
/// out, with that generation.
/// A full cache forgets the host that was not looked at for longest. It has no clock: the caller
/// says what time it is.
/// Thread safety: every function may be called from any thread.
class DnsCache {
 public:
  struct Settings {
    /// Hosts held at once; 0 keeps nothing. About 200 bytes each, plus 17 for an address.
    std::size_t max_hosts = 256;
    /// How long addresses are kept, at most; a known TTL that is shorter wins. Zero: not at all.
    std::chrono::milliseconds positive_lifetime{60'000};
    /// How long a failure is kept, at most; a known TTL that is shorter wins. Zero: not at all.
    std::chrono::milliseconds negative_lifetime{5'000};
  };

  /// Addresses, or Errc::dns.
  using Outcome = Result<std::vector<IpAddress>>;

  DnsCache() : DnsCache(Settings()) {}
  explicit DnsCache(const Settings& settings) : settings_(settings) {}
  DnsCache(const DnsCache&) = delete;
  DnsCache& operator=(const DnsCache&) = delete;

  /// What is known about `host` (whatever its case) at `now`, or nothing.
  std::optional<Outcome> find(std::string_view host, TimePoint now);

  /// Counts the calls of `clear`: a lookup that began before one must not fill the cache after it.
  std::uint64_t generation() const;

  /// Keeps what a lookup at `now` gave for `host`, in place of what was known. `ttl` is what DNS said,
  /// if it is known; zero means that it must not be kept.
  ///
  /// Does nothing when the cache was cleared since `generation` was taken, for a host longer than
  /// any name in DNS, and for a failure other than Errc::dns: a timeout or a cancelled call says
  /// nothing about the host. An empty list of addresses is kept as the list it is.
  void store(std::string_view host,
             const Outcome& outcome,
             TimePoint now,
             std::optional<std::chrono::seconds> ttl,
             std::uint64_t generation);

  /// Forgets everything, and whatever running lookups will bring. For when the network changed.
  void clear();
  /// Forgets one host, say because none of its addresses could be reached.
  void remove(std::string_view host);
  /// Hosts held, those whose time has passed included.
  std::size_t size() const;

 private:
  struct Entry {
    std::string host;  // in lower case
    Outcome outcome;
    TimePoint expires;
  };
  using Entries = std::list<Entry>;

  // Both with mutex_ held.
  void erase(Entries::iterator entry);
  Entries::iterator find_entry(std::string_view host);

  const Settings settings_;
  mutable detail::SyncMutex mutex_;  // guards what follows; no other lock is taken under it
  Entries entries_;                  // the one looked at last in front
  std::unordered_map<std::string_view, Entries::iterator> index_;  // its keys view the entries
  std::uint64_t generation_ = 0;
};

OKHTTP_NAMESPACE_END

#include <okhttp/connection/dns_cache.ipp>

#endif  // OKHTTP_CONNECTION_DNS_CACHE_HPP
