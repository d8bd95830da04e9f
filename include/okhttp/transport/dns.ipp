// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_DNS_IPP
#define OKHTTP_TRANSPORT_DNS_IPP

#include <okhttp/runtime/helper_threads.hpp>
#include <okhttp/transport/dns.hpp>

#if OKHTTP_BODIES

#if OKHTTP_SOCKETS
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

#if OKHTTP_SOCKETS
/// What the system's resolver says.
struct SystemAnswer {
  std::vector<IpAddress> addresses;
  std::string failure;
  bool is_final = true;  // the host has no address, and not: nobody could say
};

OKHTTP_DECL SystemAnswer ask_system(const std::string& host) {
  SystemAnswer answer;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) {
    answer.failure = ::gai_strerror(code);
    answer.is_final = code == EAI_NONAME;
#ifdef EAI_NODATA
    answer.is_final = answer.is_final || code == EAI_NODATA;
#endif
    return answer;
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
    for (const IpAddress& other : answer.addresses) known = known || other == address;
    if (!known) answer.addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  if (answer.addresses.empty()) answer.failure = "no addresses";
  return answer;
}
#endif

#if OKHTTP_SOCKETS && OKHTTP_THREADS
/// What a lookup shares with its helper thread; whoever leaves last destroys it.
struct Lookup {
  Lookup(std::string name, std::shared_ptr<const BlockingLookup> own)
      : host(std::move(name)), function(std::move(own)) {}
  void run();

  const std::string host;
  const std::shared_ptr<const BlockingLookup> function;  // null: the system's
  SystemAnswer answer;
  Error error;  // of the function
  Signal done;
};

OKHTTP_DECL void Lookup::run() {
  if (function == nullptr) {
    answer = ask_system(host);
    return;
  }
#if OKHTTP_EXCEPTIONS
  try {
#endif
    Result<std::vector<IpAddress>> found = (*function)(host);
    if (found)
      answer.addresses = *std::move(found);
    else
      error = std::move(found).error();
#if OKHTTP_EXCEPTIONS
  } catch (...) {
    error = Error::from_exception(std::current_exception());
  }
#endif
}

/// Never destroyed: a helper inside getaddrinfo may outlive every client.
OKHTTP_DECL HelperThreads& resolver_threads() {
  static HelperThreads* const threads = new HelperThreads(8);
  return *threads;
}

/// Until a helper has done the lookup. Errors: Errc::dns when there is no helper, connect_timeout, canceled.
OKHTTP_DECL Task<void> run_on_helper(std::shared_ptr<Lookup> lookup, Runtime& runtime, Deadline deadline,
                                     Cancellation* cancellation) {
  const bool started = resolver_threads().submit([lookup] {
    // Behind lookups that hang there may be many that nobody waits for any more.
    if (lookup.use_count() == 1) return;
    lookup->run();
    lookup->done.set();
  });
  if (!started) co_await fail(Errc::dns, "no thread could be started to resolve ", lookup->host);
  Signal canceled;
  const CancelSignal hook(cancellation, canceled);
  WaitItem items[2] = {WaitItem(lookup->done), WaitItem(canceled)};
  co_await runtime.wait_any(items, deadline);
  if (cancellation != nullptr && cancellation->canceled())
    co_await fail(Errc::canceled, "canceled while resolving ", lookup->host);
  if (!lookup->done.is_set()) co_await fail(Errc::connect_timeout, "resolving ", lookup->host, " timed out");
}
#endif

#if OKHTTP_SOCKETS
/// Whether the name can have no address (RFC 6761, 6.4): asking for it would tell others about it, and
/// take long where the resolver is not reachable.
OKHTTP_DECL bool never_exists(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host == "invalid" || host.ends_with(".invalid");
}

OKHTTP_DECL Task<std::vector<IpAddress>> resolve_with_system(Runtime& runtime, std::string host,
                                                             Deadline deadline,
                                                             Cancellation* cancellation,
                                                             bool* is_final) {
  if (never_exists(host)) {
    if (is_final != nullptr) *is_final = true;
    co_await fail(Errc::dns, "could not resolve ", host, ": names under .invalid never exist");
  }
#if OKHTTP_THREADS
  const auto lookup = std::make_shared<Lookup>(host, nullptr);
  co_await run_on_helper(lookup, runtime, deadline, cancellation);
  SystemAnswer& answer = lookup->answer;
#else
  SystemAnswer answer = ask_system(host);
  if (cancellation != nullptr && cancellation->canceled())
    co_await fail(Errc::canceled, "canceled while resolving ", host);
  if (!deadline.is_never() && deadline.passed(runtime.now()))
    co_await fail(Errc::connect_timeout, "resolving ", host, " timed out");
#endif
  if (is_final != nullptr) *is_final = answer.is_final;
  if (!answer.failure.empty()) co_await fail(Errc::dns, "could not resolve ", host, ": ", answer.failure);
  co_return std::move(answer.addresses);
}
#endif

/// Not a member: its caller's object may go while it waits.
OKHTTP_DECL Task<std::vector<IpAddress>> run_blocking_lookup(std::shared_ptr<const BlockingLookup> function,
                                                             DnsLookup asked) {
#if OKHTTP_SOCKETS && OKHTTP_THREADS
  Runtime* const runtime = asked.runtime != nullptr ? asked.runtime : Runtime::current();
  if (runtime == nullptr) co_await fail(Errc::misuse, "blocking_dns() is asked by a client or in a task of one");
  const auto lookup = std::make_shared<Lookup>(asked.host, std::move(function));
  co_await run_on_helper(lookup, *runtime, asked.deadline, asked.cancellation);
  if (lookup->error.code() != Errc{}) co_await fail(std::move(lookup->error));
  co_return std::move(lookup->answer.addresses);
#else
  Result<std::vector<IpAddress>> found = (*function)(asked.host);
  if (!found) co_await fail(std::move(found).error());
  co_return *std::move(found);
#endif
}

}  // namespace detail

OKHTTP_DECL Task<std::vector<IpAddress>> BlockingDns::operator()(DnsLookup lookup) const {
  return detail::run_blocking_lookup(function_, std::move(lookup));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_DNS_IPP
