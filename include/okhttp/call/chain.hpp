// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CHAIN_HPP
#define OKHTTP_CALL_CHAIN_HPP

#include <okhttp/call/pipeline.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
class Call;

/// A call as an interceptor sees it. Lives as long as the interceptor's task.
///
/// An application interceptor may change settings for what is further in, the remaining interceptors and the
/// network, redirects and the response body included: each `with_...` gives another chain and leaves this one as
/// it is. Neither the client nor other calls are concerned. A new chain needs not outlive its `proceed`, so that
/// `return chain.with_read_timeout(1s).proceed(chain.request());` is right in a plain function, too.
/// Connections are shared between calls whose settings are equal: those made under an override serve calls with an
/// equal one, and no others. Objects (functions, certificates) are equal when they are the same: to share
/// connections, make them once and not in the interceptor.
/// Errors: `proceed` of a changed chain fails with what was wrong with the change: Errc::misuse in a network
/// interceptor, whose connection is there already; Errc::invalid_argument for a negative timeout.
/// Thread safety: none, one thread at a time.
class Chain {
 public:
  /// A moved-from one may only be assigned to or destroyed.
  Chain(Chain&&) noexcept = default;
  Chain& operator=(Chain&&) noexcept = default;

  /// The request so far. `chain.proceed(chain.request())` passes it on.
  const Request& request() const noexcept { return request_; }
  /// Goes on with this request and gives the response. An application interceptor may proceed never,
  /// once or several times (closing earlier responses first); a network interceptor exactly once, and
  /// to the same scheme, host and port: anything else fails with Errc::misuse.
  Task<Response> proceed(Request request);
  /// The call this request belongs to.
  Call call() const;
  /// The connection the request will be sent on; null for application interceptors.
  const Connection* connection() const noexcept {
    return exchange_ != nullptr ? exchange_->connection.get() : nullptr;
  }

  // ---- The settings in force from here on. References last as long as the chain. ----

  Clock::duration connect_timeout() const noexcept { return call_->limits.timeouts.connect; }
  Clock::duration read_timeout() const noexcept { return call_->limits.timeouts.read; }
  Clock::duration write_timeout() const noexcept { return call_->limits.timeouts.write; }
  bool follow_redirects() const noexcept { return call_->config->follow_redirects; }
  bool follow_ssl_redirects() const noexcept { return call_->config->follow_ssl_redirects; }
  bool retry_on_connection_failure() const noexcept { return call_->config->retry_on_connection_failure; }
  /// Null: the system's resolver.
  const std::shared_ptr<Dns>& dns() const noexcept { return call_->config->dns; }
  /// Empty: the proxy selector is asked.
  const std::optional<Proxy>& proxy() const noexcept { return call_->config->proxy; }
  const ProxySelector& proxy_selector() const noexcept { return call_->config->proxy_selector; }
  /// Null: none.
  const std::shared_ptr<Authenticator>& authenticator() const noexcept { return call_->config->authenticator; }
  const std::shared_ptr<Authenticator>& proxy_authenticator() const noexcept {
    return call_->config->proxy_authenticator;
  }
  /// Null: none, cookies are not kept.
  const std::shared_ptr<CookieJar>& cookie_jar() const noexcept { return call_->config->cookie_jar; }
  /// The client's own, or what was given to take its place.
  ConnectionPool& connection_pool() const noexcept { return call_->pool(); }
#if OKHTTP_TLS
  CertificatePinner certificate_pinner() const;
  HostNameVerifier host_name_verifier() const;
#endif

  // ---- The same with one setting changed; the client's builder says what each means. ----

  Chain with_connect_timeout(Clock::duration timeout) const;
  Chain with_read_timeout(Clock::duration timeout) const;
  Chain with_write_timeout(Clock::duration timeout) const;
  Chain with_retry_on_connection_failure(bool retry) const;
  /// `function(std::string_view host)` gives a std::vector<IpAddress>, a Result or a Task of it; it may take
  /// a DnsLookup instead.
  template <class F>
    requires(std::is_invocable_v<std::decay_t<F>&, std::string_view> ||
             std::is_invocable_v<std::decay_t<F>&, const DnsLookup&>)
  Chain with_dns(F&& function) const {
    std::decay_t<F> resolver(std::forward<F>(function));
    if constexpr (requires { resolver.leave_client_to(nullptr); }) resolver.leave_client_to(call_->core.get());
    return with_dns(std::make_shared<Dns>(detail::make_dns<std::decay_t<F>>(std::move(resolver))));
  }
  /// The same for one that is shared; null: the system's.
  Chain with_dns(std::shared_ptr<Dns> dns) const;
  /// This proxy, or with Proxy::none() none, whatever the selector says.
  Chain with_proxy(Proxy proxy) const;
  /// This selector, and no fixed proxy.
  Chain with_proxy_selector(ProxySelector selector) const;
  /// `function(const Route*, const Response&)` gives a std::optional<Request>, a Result or a Task of it.
  template <detail::AuthenticatorFunction F>
  Chain with_authenticator(F function) const {
    return with_authenticator(std::make_shared<Authenticator>(detail::make_authenticator<F>(std::move(function))));
  }
  /// The same for one that is shared; null: none.
  Chain with_authenticator(std::shared_ptr<Authenticator> authenticator) const;
  template <detail::AuthenticatorFunction F>
  Chain with_proxy_authenticator(F function) const {
    return with_proxy_authenticator(
        std::make_shared<Authenticator>(detail::make_authenticator<F>(std::move(function))));
  }
  /// The same for one that is shared; null: none.
  Chain with_proxy_authenticator(std::shared_ptr<Authenticator> authenticator) const;
  /// Null: none.
  Chain with_cookie_jar(std::shared_ptr<CookieJar> jar) const;
  /// A pool that `new_connection_pool` of this client, or of one that it shares its own pool with, has made; null:
  /// the client's own. Connections come from there, wait there at its hard caps, and go back there. Until the
  /// response body is closed the call keeps it.
  /// Errors: Errc::misuse for any other pool.
  Chain with_connection_pool(std::shared_ptr<ConnectionPool> pool) const;
#if OKHTTP_TLS
  Chain with_certificate_pinner(CertificatePinner pinner) const;
  Chain with_host_name_verifier(HostNameVerifier verifier) const;
  /// Whose certificates are trusted, and the client's own one, instead of the transport's. Each has its own trust
  /// store and TLS sessions, of which a client keeps the last 16.
  /// Errors: Errc::misuse if the transport has no such setting.
  Chain with_trusted_certificates(const HandshakeCertificates& certificates) const;
#endif

 private:
  friend Task<Response> detail::start_chain(detail::CallHandle);
  friend Task<Response> detail::start_network_chain(detail::CallState&, detail::Exchange&, Request);
  using Interceptors = std::vector<std::shared_ptr<Interceptor>>;

  Chain(detail::CallHandle call, const Interceptors& interceptors, std::size_t index, Request request,
        detail::Exchange* exchange)
      : call_(std::move(call)),
        interceptors_(&interceptors),
        index_(index),
        request_(std::move(request)),
        exchange_(exchange) {}
  static Task<Response> next(Chain link);
  /// This chain for a part of the call with these settings; refused in a network interceptor.
  Chain changed(std::shared_ptr<const detail::ClientConfig> config, const char* setting) const;
  Chain with_timeout(Clock::duration Timeouts::*which, Clock::duration timeout, const char* setting) const;

  detail::CallHandle call_;
  const Interceptors* interceptors_;
  std::size_t index_;  // of the interceptor that sees this link
  Request request_;
  detail::Exchange* exchange_;  // null in the application's half
  bool proceeded_ = false;
  std::optional<Error> fault_;  // of a change
};

OKHTTP_NAMESPACE_END

#include <okhttp/call/chain.ipp>

#endif  // OKHTTP_CALL_CHAIN_HPP
