// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CACHED_DNS_IPP
#define OKHTTP_CONNECTION_CACHED_DNS_IPP

#include <okhttp/connection/cached_dns.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The time of a runtime that may not be known.
OKHTTP_DECL TimePoint time_of(Runtime* runtime) { return runtime != nullptr ? runtime->now() : Clock::now(); }

}  // namespace detail

OKHTTP_DECL Task<std::vector<IpAddress>> CachedDns::operator()(DnsLookup lookup) const {
  return ask(state_, std::move(lookup));
}

OKHTTP_DECL Task<std::vector<IpAddress>> CachedDns::ask(std::shared_ptr<State> state, DnsLookup lookup) {
  Runtime* const runtime = lookup.runtime != nullptr ? lookup.runtime : Runtime::current();
  std::optional<DnsCache::Outcome> known = state->cache.find(lookup.host, detail::time_of(runtime));
  if (!known) {
    const std::uint64_t generation = state->cache.generation();
    known = co_await state->resolver(lookup).outcome();
    state->cache.store(lookup.host, *known, detail::time_of(runtime), std::nullopt, generation);
  }
  if (!*known) co_await fail(std::move(*known).error());
  co_return **std::move(known);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CACHED_DNS_IPP
