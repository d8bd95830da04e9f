// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_DNS_HPP
#define OKHTTP_TRANSPORT_DNS_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/runtime/cancellation.hpp>
#include <okhttp/runtime/runtime.hpp>
#include <okhttp/url/ip_address.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// One question to a resolver: the host, and for how long the answer is of use.
///
/// A resolver that waits for something bounds that by `deadline` and ends it on `cancellation`. On an
/// event loop it need not: there the one who asked drops its task.
struct DnsLookup {
  explicit DnsLookup(std::string name, Runtime* asking = nullptr, Deadline until = Deadline::never(),
                     Cancellation* cancels = nullptr)
      : host(std::move(name)), runtime(asking), deadline(until), cancellation(cancels) {}
  /// As it stands in the URL; never an address.
  std::string host;
  /// The runtime whose task asks; null: unknown.
  Runtime* runtime;
  /// The connect timeout's or the call timeout's, whichever is earlier.
  Deadline deadline;
  /// Of the call that asks, which outlives the resolver's task; null: nothing cancels.
  Cancellation* cancellation;
};

/// Resolves a host name to its addresses, in the order to try them. Runs as a task of the client's
/// runtime; several lookups may run at once.
using Dns = UniqueFunction<Task<std::vector<IpAddress>>(DnsLookup lookup)>;

/// A lookup that blocks: what getaddrinfo is, and resolvers of other libraries are.
using BlockingLookup = UniqueFunction<Result<std::vector<IpAddress>>(std::string_view host)>;

/// What blocking_dns gives: something for a client builder's dns(). Copies share the function.
class BlockingDns {
 public:
  explicit BlockingDns(BlockingLookup function)
      : function_(std::make_shared<BlockingLookup>(std::move(function))) {}
  Task<std::vector<IpAddress>> operator()(DnsLookup lookup) const;

 private:
  std::shared_ptr<const BlockingLookup> function_;
};

/// Makes a function that blocks one that may be given to a client's dns() on every dispatcher.
///
/// It runs on one of the at most 8 helper threads that also run the system's resolver, so it does not
/// stop an event loop, and cancel, connect timeout and call timeout end the call's wait at once, also
/// where calls block. One that hangs is left behind on its helper: it may outlive the call and the
/// client, hence it must own all it touches. Without threads it runs where it is asked, cannot be
/// canceled, and the timeouts are looked at when it returns.
/// `function(std::string_view host)` gives a std::vector<IpAddress> or a Result of it.
/// Thread safety: several helpers may call it at once.
template <class F>
BlockingDns blocking_dns(F function) {
  return BlockingDns(BlockingLookup(std::move(function)));
}

namespace detail {

/// Makes a Dns of a callable that gives the addresses, a Result or a Task of them; it is asked with the
/// name or, if it does not take that, with the DnsLookup.
template <class F>
Dns make_dns(F function);

#if OKHTTP_SOCKETS
/// The system's resolver. With threads the lookup runs on one of at most 8 helpers, so that deadline
/// and cancel hold; a lookup that hangs is abandoned there. Without threads it blocks, cannot be
/// canceled, and the deadline is looked at afterwards. `*is_final` is set when the resolver has said
/// that the host has no address, rather than that it could not find out.
/// Errors: Errc::dns, connect_timeout, canceled.
Task<std::vector<IpAddress>> resolve_with_system(Runtime& runtime, std::string host,
                                                 Deadline deadline, Cancellation* cancellation,
                                                 bool* is_final = nullptr);
#endif

template <class F>
auto ask_resolver(F& resolver, const DnsLookup& lookup) {
  if constexpr (std::invocable<F&, std::string_view>)
    return resolver(std::string_view(lookup.host));
  else
    return resolver(lookup);
}

template <class F>
Dns make_dns(F function) {
  static_assert(std::invocable<F&, std::string_view> || std::invocable<F&, const DnsLookup&>,
                "okhttp: dns() takes a callable of a std::string_view or an okhttp::DnsLookup");
  using R = decltype(ask_resolver(function, std::declval<const DnsLookup&>()));
  return [f = std::move(function)](DnsLookup lookup) mutable {
    // The resolver takes views of its argument, so that lives as long as the task.
    return [](F& resolver, DnsLookup asked) -> Task<std::vector<IpAddress>> {
      if constexpr (std::same_as<R, Task<std::vector<IpAddress>>>) {
        std::vector<IpAddress> found = co_await ask_resolver(resolver, asked);
        co_return found;
      } else {
        Result<std::vector<IpAddress>> found = ask_resolver(resolver, asked);
        if (!found) co_await fail(std::move(found).error());
        co_return *std::move(found);
      }
    }(f, std::move(lookup));
  };
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/transport/dns.ipp>

#endif  // OKHTTP_TRANSPORT_DNS_HPP
