// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RESOLVE_IPP
#define OKHTTP_CALL_RESOLVE_IPP

#include <okhttp/base/when_all.hpp>
#include <okhttp/call/resolve.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Ends when a lookup has to be given up.
OKHTTP_DECL Task<std::vector<IpAddress>> end_of_patience(Runtime& runtime, Signal canceled, Deadline deadline) {
  WaitItem item(canceled);
  co_await runtime.wait_any(std::span(&item, 1), deadline);
  co_return std::vector<IpAddress>();
}

OKHTTP_DECL Task<std::vector<IpAddress>> look_up(CallState& call, std::string host, Deadline deadline) {
  Runtime& runtime = *call.limits.runtime;
  const Signal canceled;
  const CancelSignal hook(&call, canceled);
  std::vector<Task<std::vector<IpAddress>>> tasks;
  tasks.push_back((*call.config->dns)(DnsLookup(host, &runtime, deadline, &call)));
  tasks.push_back(end_of_patience(runtime, canceled, deadline));
  std::pair<std::size_t, Result<std::vector<IpAddress>>> first = co_await when_any(std::move(tasks));
  if (call.canceled()) co_await fail(Errc::canceled, "canceled while resolving ", host);
  if (!first.second && first.second.error().code() == Errc::user_exception)
    co_await fail(std::move(first.second).error());
  // Whatever a resolver says that was stopped by the deadline: it was too late.
  if (first.first == 1 || (!deadline.is_never() && deadline.passed(runtime.now())))
    co_await fail(Errc::connect_timeout, "resolving ", host, " timed out");
  if (!first.second) co_await fail(std::move(first.second).error());
  if (first.second->empty()) co_await fail(Errc::dns, "could not resolve ", host, ": no addresses");
  co_return *std::move(first.second);
}

#if OKHTTP_SOCKETS
OKHTTP_DECL Task<std::vector<IpAddress>> look_up_cached(CallState& call, std::string host, Deadline deadline) {
  Runtime& runtime = *call.limits.runtime;
  DnsCache& cache = *call.config->dns_cache;
  std::optional<DnsCache::Outcome> known = cache.find(host, runtime.now());
  if (!known) {
    const std::uint64_t generation = cache.generation();
    bool is_final = false;
    known = co_await resolve_with_system(runtime, host, deadline, &call, &is_final).outcome();
    // That nobody could say where a host is may change at any moment.
    if (*known || is_final) cache.store(host, *known, runtime.now(), std::nullopt, generation);
  }
  if (!*known) co_await fail(std::move(*known).error());
  co_return **std::move(known);
}
#endif

OKHTTP_DECL Error name_timeout(const CallLimits& limits, Deadline deadline, Error error) {
  if (error.code() != Errc::connect_timeout) return error;
  if (!limits.call_over()) {
    // Not where the kernel gave up by itself.
    if (!deadline.passed(limits.runtime->now())) return error;
    return error.with_suffix(" after ", duration_text(limits.timeouts.connect));
  }
  return Error(Errc::call_timeout, "the call timed out after ", duration_text(limits.timeouts.call), ": ",
               error.message())
      .with_cause(error);
}

/// How the name of a host is looked up.
OKHTTP_DECL Task<std::vector<IpAddress>> begin_lookup(CallState& call, const std::string& host) {
  const ClientConfig& config = *call.config;
  const Deadline deadline = call.limits.until(call.limits.timeouts.connect);
#if OKHTTP_SOCKETS
  if (config.dns == nullptr && config.look_up_cached == nullptr)
    return resolve_with_system(*call.limits.runtime, host, deadline, &call);
  if (config.dns == nullptr) return config.look_up_cached(call, host, deadline);
#endif
  return config.look_up(call, host, deadline);
}

OKHTTP_DECL Task<std::vector<IpAddress>> find_addresses(CallState& call, const std::string& host) {
  const ClientConfig& config = *call.config;
  std::vector<IpAddress> addresses;
  if (Result<IpAddress> literal = IpAddress::try_parse(host)) {
    addresses.push_back(*literal);
    co_return addresses;
  }
  if (config.dns == nullptr && !config.connector->needs_addresses()) co_return addresses;
#if !OKHTTP_SOCKETS
  if (config.dns == nullptr)
    co_await fail(Errc::dns, "this build has no resolver (OKHTTP_SOCKETS=0), and the client no dns() setting");
#endif
  if (call.events != nullptr) call.events->dns_start(host);
  Task<std::vector<IpAddress>> lookup = begin_lookup(call, host);
  Result<std::vector<IpAddress>> found = co_await std::move(lookup).outcome();
  if (!found) co_await fail(name_timeout(call.limits, Deadline::at(TimePoint()), std::move(found).error()));
  if (call.events != nullptr) call.events->dns_end(host, *found);
  co_return *std::move(found);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_RESOLVE_IPP
