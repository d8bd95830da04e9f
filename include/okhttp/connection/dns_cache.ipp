// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_DNS_CACHE_IPP
#define OKHTTP_CONNECTION_DNS_CACHE_IPP

#include <okhttp/connection/dns_cache.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/idna.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <iterator>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL DnsCache::Entries::iterator DnsCache::find_entry(std::string_view host) {
  const auto found = index_.find(host);
  return found == index_.end() ? entries_.end() : found->second;
}

OKHTTP_DECL void DnsCache::erase(Entries::iterator entry) {
  index_.erase(entry->host);
  entries_.erase(entry);
}

OKHTTP_DECL std::optional<DnsCache::Outcome> DnsCache::find(std::string_view host, TimePoint now) {
  const std::string key = ascii::lowered(host);
  const detail::SyncLock lock(mutex_);
  const auto entry = find_entry(key);
  if (entry == entries_.end()) return std::nullopt;
  if (now >= entry->expires) {
    erase(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->outcome;
}

OKHTTP_DECL std::uint64_t DnsCache::generation() const {
  const detail::SyncLock lock(mutex_);
  return generation_;
}

OKHTTP_DECL void DnsCache::store(std::string_view host,
                                 const Outcome& outcome,
                                 TimePoint now,
                                 std::optional<std::chrono::seconds> ttl,
                                 std::uint64_t generation) {
  constexpr std::size_t longest_host = 254;  // 253 and a dot at the end
  if (host.size() > longest_host) return;
  if (!outcome && outcome.error().code() != Errc::dns) return;
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);  // no time overflows
  std::chrono::milliseconds lifetime =
      std::min(outcome ? settings_.positive_lifetime : settings_.negative_lifetime, longest);
  // Compared in seconds: a TTL may be too large for the finer unit.
  if (ttl && *ttl <= std::chrono::duration_cast<std::chrono::seconds>(lifetime)) lifetime = *ttl;
  const bool is_kept = lifetime > lifetime.zero() && settings_.max_hosts > 0;
  // Built before the lock is taken and destroyed after it is left.
  Entries added;
  Entries dropped;
  if (is_kept)
    added.push_back({ascii::lowered(host), outcome, Deadline::after(now, lifetime).time()});
  const std::string key = ascii::lowered(host);

  const detail::SyncLock lock(mutex_);
  if (generation != generation_) return;
  const auto drop = [&](Entries::iterator entry) {
    index_.erase(entry->host);
    dropped.splice(dropped.end(), entries_, entry);
  };
  if (const auto old = find_entry(key); old != entries_.end()) drop(old);
  if (!is_kept) return;
  while (entries_.size() >= settings_.max_hosts) drop(std::prev(entries_.end()));
  index_.emplace(added.front().host, added.begin());
  entries_.splice(entries_.begin(), added);
}

OKHTTP_DECL void DnsCache::clear() {
  Entries dropped;
  const detail::SyncLock lock(mutex_);
  ++generation_;
  index_.clear();
  dropped.swap(entries_);
}

OKHTTP_DECL void DnsCache::remove(std::string_view host) {
  const std::string key = url::canonical_name(host);
  const detail::SyncLock lock(mutex_);
  if (const auto entry = find_entry(key); entry != entries_.end()) erase(entry);
}

OKHTTP_DECL std::size_t DnsCache::size() const {
  const detail::SyncLock lock(mutex_);
  return entries_.size();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_DNS_CACHE_IPP
