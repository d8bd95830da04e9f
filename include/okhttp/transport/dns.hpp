// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_DNS_HPP
#define OKHTTP_TRANSPORT_DNS_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/runtime/cancellation.hpp>
#include <okhttp/runtime/runtime.hpp>
#include <okhttp/url/ip_address.hpp>

#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Resolves a host name to its addresses, in the order to try them. Runs as a task of the client's
/// runtime; several lookups may run at once.
using Dns = UniqueFunction<Task<std::vector<IpAddress>>(std::string host)>;

namespace detail {

/// Makes a Dns of a callable that gives the addresses, a Result or a Task of them.
template <class F>
Dns make_dns(F function);

#if OKHTTP_SOCKETS
/// The system's resolver. With threads the lookup runs on one of at most 8 helpers, so that deadline
/// and cancel hold; a lookup that hangs is abandoned there. Without threads it blocks, cannot be
/// canceled, and the deadline is looked at afterwards.
/// Errors: Errc::dns, connect_timeout, canceled.
Task<std::vector<IpAddress>> resolve_with_system(Runtime& runtime, std::string host,
                                                 Deadline deadline, Cancellation* cancellation);
#endif

template <class F>
Dns make_dns(F function) {
  using R = std::invoke_result_t<F&, std::string_view>;
  if constexpr (std::same_as<R, Task<std::vector<IpAddress>>>) {
    // The coroutine takes views of its argument, so the name lives as long as the task.
    return [f = std::move(function)](std::string host) mutable {
      return [](F& lookup, std::string name) -> Task<std::vector<IpAddress>> {
        std::vector<IpAddress> found = co_await lookup(std::string_view(name));
        co_return found;
      }(f, std::move(host));
    };
  } else {
    return [f = std::move(function)](std::string host) mutable {
      return [](F& lookup, std::string name) -> Task<std::vector<IpAddress>> {
        Result<std::vector<IpAddress>> found = lookup(std::string_view(name));
        if (!found) co_await fail(std::move(found).error());
        co_return *std::move(found);
      }(f, std::move(host));
    };
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/transport/dns.ipp>

#endif  // OKHTTP_TRANSPORT_DNS_HPP
