// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_DNS_IPP
#define OKHTTP_TRANSPORT_DNS_IPP

#include <okhttp/runtime/helper_threads.hpp>
#include <okhttp/transport/dns.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a lookup shares with its helper thread; whoever leaves last destroys it.
struct Lookup {
  explicit Lookup(std::string name) : host(std::move(name)) {}
  const std::string host;
  std::vector<IpAddress> addresses;
  std::string failure;
#if OKHTTP_THREADS
  Signal done;
#endif
  void run();
};

OKHTTP_DECL void Lookup::run() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) {
    failure = ::gai_strerror(code);
    return;
  }
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    IpAddress address;
    if (entry->ai_family == AF_INET) {
      sockaddr_in v4;
      std::memcpy(&v4, entry->ai_addr, sizeof v4);
      std::array<std::uint8_t, 4> bytes;
      std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
      address = IpAddress::v4(bytes);
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 v6;
      std::memcpy(&v6, entry->ai_addr, sizeof v6);
      std::array<std::uint8_t, 16> bytes;
      std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
      address = IpAddress::v6(bytes);
    } else {
      continue;
    }
    bool known = false;
    for (const IpAddress& other : addresses) known = known || other == address;
    if (!known) addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  if (addresses.empty()) failure = "no addresses";
}

#if OKHTTP_THREADS
/// Never destroyed: a helper inside getaddrinfo may outlive every client.
OKHTTP_DECL HelperThreads& resolver_threads() {
  static HelperThreads* const threads = new HelperThreads(8);
  return *threads;
}
#endif

/// Whether the name can have no address (RFC 6761, 6.4): asking for it would tell others about it, and
/// take long where the resolver is not reachable.
OKHTTP_DECL bool never_exists(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host == "invalid" || host.ends_with(".invalid");
}

OKHTTP_DECL Task<std::vector<IpAddress>> resolve_with_system(Runtime& runtime, std::string host,
                                                             Deadline deadline,
                                                             Cancellation* cancellation) {
  if (never_exists(host))
    co_await fail(Errc::dns, "could not resolve " + host + ": names under .invalid never exist");
  auto lookup = std::make_shared<Lookup>(host);
#if OKHTTP_THREADS
  const bool started = resolver_threads().submit([lookup] {
    // Behind lookups that hang there may be many that nobody waits for any more.
    if (lookup.use_count() == 1) return;
    lookup->run();
    lookup->done.set();
  });
  if (!started) co_await fail(Errc::dns, "no thread could be started to resolve " + host);
  Signal canceled;
  const CancelSignal hook(cancellation, canceled);
  WaitItem items[2] = {WaitItem(lookup->done), WaitItem(canceled)};
  co_await runtime.wait_any(items, deadline);
  if (cancellation != nullptr && cancellation->canceled())
    co_await fail(Errc::canceled, "canceled while resolving " + host);
  if (!lookup->done.is_set())
    co_await fail(Errc::connect_timeout, "resolving " + host + " timed out");
#else
  lookup->run();
  if (cancellation != nullptr && cancellation->canceled())
    co_await fail(Errc::canceled, "canceled while resolving " + host);
  if (!deadline.is_never() && deadline.passed(runtime.now()))
    co_await fail(Errc::connect_timeout, "resolving " + host + " timed out");
#endif
  if (!lookup->failure.empty())
    co_await fail(Errc::dns, "could not resolve " + host + ": " + lookup->failure);
  co_return std::move(lookup->addresses);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_DNS_IPP
