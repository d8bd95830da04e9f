// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DNS_OVER_HTTPS_HPP
#define OKHTTP_EXTRAS_DNS_OVER_HTTPS_HPP

#include <okhttp/client.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Resolves host names by asking a server over HTTPS, through a client of its own. Goes into a client
/// builder's dns(), as it is and not inside a function of yours:
///
///   Client bootstrap;
///   auto client = bootstrap.new_builder().dns(DnsOverHttps::Builder().client(bootstrap)
///       .url("https://dns.example/dns-query").build()).build();
///
/// Both addresses of a host, IPv4 (A) and IPv6 (AAAA), are asked for: at once on an event loop, one after
/// the other where calls block. One answer is enough. Answers are kept as long as they say, within the
/// bounds of `Builder::cache`; equal questions are equal GET requests, which an HTTP cache can answer.
///
/// Which client: where calls block, any client whose calls block. On an event loop, a client of that loop:
/// one that the calling client is derived from, by new_builder(), or shares an ancestor with; other clients
/// are refused with Errc::misuse.
/// Errors: Errc::dns, which names the host and the server, but no query; Errc::misuse;
/// Errc::user_exception of an interceptor. Timeouts and cancel are those of the call that asks, and those
/// of the own client besides.
/// Lifetime: keeps its client, but for one that the calling client is derived from.
/// Thread safety: any thread. Copies share everything.
/// Spec: RFC 8484. OkHttp's DnsOverHttps.
class DnsOverHttps {
 public:
  class Builder;
  /// Bytes of an answer; longer ones fail.
  static constexpr std::size_t max_response_bytes = 64 * 1024;

  /// For dns().
  Task<std::vector<IpAddress>> operator()(DnsLookup lookup) const;

  /// Asks outside of a call; an address is its own answer. On an event loop the task runs on the
  /// client's own.
  Task<std::vector<IpAddress>> async_lookup(std::string_view host) const {
    return (*this)(DnsLookup(std::string(host)));
  }
  Result<std::vector<IpAddress>> try_lookup(std::string_view host) const;
#if OKHTTP_EXCEPTIONS
  /// As try_lookup, but throws.
  std::vector<IpAddress> lookup(std::string_view host) const { return try_lookup(host).value(); }
#endif

  /// The server's, as set.
  const HttpUrl& url() const& noexcept;
  /// What is remembered. Lives as long as a copy of this.
  DnsCache& cache() const noexcept;

  /// Whether the public DNS is not to know this name: one without a dot, or below a domain of private use
  /// (RFC 6761, 6762, 7686, 8375: localhost, local, home.arpa, internal, onion, ...).
  static bool is_private_host(std::string_view host);

  // For client builders and chains: the client that this is for has this core, and keeps it alive by itself.
  void leave_client_to(const detail::ClientCore* core) noexcept {
    if (lease_ != nullptr && lease_->core.get() == core) lease_.reset();
  }

 private:
  struct State;
  class Exchange;

  DnsOverHttps(std::shared_ptr<const State> state, std::shared_ptr<detail::ClientLease> lease)
      : state_(std::move(state)), lease_(std::move(lease)) {}

  static Task<std::vector<IpAddress>> look_up(std::shared_ptr<const State> state, DnsLookup lookup);

  std::shared_ptr<const State> state_;
  // Not in the state: connections keep the settings of their calls, of which this is a part, and so
  // would keep the client that keeps them.
  std::shared_ptr<detail::ClientLease> lease_;
};

/// Collects settings. Keeps the first fault: `build` throws it, `try_build` returns it.
class DnsOverHttps::Builder {
 public:
  /// Who asks. Required. Interceptors, timeouts and cache of this client apply.
  template <class T, class P, class C, class D, class Z>
  Builder& client(const ClientWith<T, P, C, D, Z>& client) {
    client_ = detail::ClientParts(client);
    return *this;
  }
  /// Where to ask. Required. A text may be a template that ends in "{?dns}", as RFC 8484 writes them.
  /// http is taken too, and protects nothing.
  Builder& url(HttpUrl url) {
    url_ = std::move(url);
    return *this;
  }
  Builder& url(std::string_view text);
  /// Whether to ask by POST, which no HTTP cache answers, in place of GET. Default false.
  Builder& post(bool by_post) {
    post_ = by_post;
    return *this;
  }
  /// Whether to ask for IPv6 addresses too. Default true.
  Builder& include_ipv6(bool both) {
    include_ipv6_ = both;
    return *this;
  }
  /// Where the server itself is. Default: its name is resolved as the client resolves names.
  Builder& bootstrap_addresses(std::vector<IpAddress> addresses) {
    bootstrap_ = std::move(addresses);
    return *this;
  }
  /// Whether the server is asked for private hosts, see is_private_host, which tells it about them.
  /// Default false: they fail.
  Builder& resolve_private_addresses(bool resolve) {
    resolve_private_ = resolve;
    return *this;
  }
  /// Whether it is asked for hosts that are not private. Default true.
  Builder& resolve_public_addresses(bool resolve) {
    resolve_public_ = resolve;
    return *this;
  }
  /// How long the other answer is waited for when one is here with addresses. Default 2 s; zero: as long
  /// as the call may take.
  Builder& resolution_delay(Clock::duration delay) {
    delay_ = delay;
    return *this;
  }
  /// What answers are kept. Default: of 256 hosts, addresses for 5 minutes and that there are none for 10 s
  /// at most.
  Builder& cache(const DnsCache::Settings& settings) {
    cache_ = settings;
    return *this;
  }

  /// Errors: Errc::invalid_argument when client or URL is missing; Errc::bad_url.
  Result<DnsOverHttps> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  DnsOverHttps build() const { return try_build().value(); }
#endif

 private:
  friend class DnsOverHttps;
  detail::ClientParts client_;
  std::optional<HttpUrl> url_;
  bool post_ = false;
  bool include_ipv6_ = true;
  bool resolve_private_ = false;
  bool resolve_public_ = true;
  std::vector<IpAddress> bootstrap_;
  Clock::duration delay_ = std::chrono::seconds(2);
  DnsCache::Settings cache_{256, std::chrono::minutes(5), std::chrono::seconds(10)};
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/dns_over_https.ipp>

#endif  // OKHTTP_EXTRAS_DNS_OVER_HTTPS_HPP
