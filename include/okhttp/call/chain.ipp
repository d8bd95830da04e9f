// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CHAIN_IPP
#define OKHTTP_CALL_CHAIN_IPP

#include <okhttp/call/chain.hpp>
#include <okhttp/call/open_connection.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/call/retry_and_follow_up.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Task<Response> detail::start_chain(CallHandle call) {
  const auto& interceptors = call->config->interceptors;
  Chain chain(call, interceptors, 0, call->request, nullptr);
  co_return co_await (*interceptors[0])(chain);
}

OKHTTP_DECL Task<Response> detail::start_network_chain(CallState& call, Exchange& exchange, Request request) {
  const auto& interceptors = call.config->network_interceptors;
  Chain chain(call.handle(), interceptors, 0, std::move(request), &exchange);
  co_return co_await (*interceptors[0])(chain);
}

namespace detail {
/// A task that fails.
OKHTTP_DECL Task<Response> refused(Error error) {
  co_await fail(std::move(error));
  OKHTTP_ASSERT(false);
}

/// The rest of a part of a call, which nobody else needs to hold.
OKHTTP_DECL Task<Response> rest_of_part(CallHandle part, Request request) {
  co_return co_await retry_and_follow_up(*part, std::move(request));
}
}  // namespace detail

OKHTTP_DECL Task<Response> Chain::proceed(Request request) {
  if (fault_) return detail::refused(*fault_);
  const bool last = index_ + 1 == interceptors_->size();
  if (exchange_ == nullptr) {
    if (!last) return next(Chain(call_, *interceptors_, index_ + 1, std::move(request), nullptr));
    // Whoever runs the task holds the call, but not a part that was made for this chain alone.
    return call_->is_part() ? detail::rest_of_part(call_, std::move(request))
                            : detail::retry_and_follow_up(*call_, std::move(request));
  }
  const bool again = std::exchange(proceeded_, true);
  const HttpUrl& to = request.url();
  const HttpUrl& from = request_.url();
  const bool moved = to.host() != from.host() || to.port() != from.port() || to.is_https() != from.is_https();
  if (again || moved)
    return detail::refused(Error(Errc::misuse, again ? "a network interceptor must proceed exactly once"
                                                     : "a network interceptor must keep the request's scheme, "
                                                       "host and port"));
  if (!last) return next(Chain(call_, *interceptors_, index_ + 1, std::move(request), exchange_));
  exchange_->proceeded = true;
  exchange_->begun = TimePoint();  // the interceptor may take its time before it awaits this
  return detail::call_server(*call_, *exchange_, std::move(request));
}

OKHTTP_DECL Task<Response> Chain::next(Chain link) {
  co_return co_await (*(*link.interceptors_)[link.index_])(link);
}

OKHTTP_DECL Chain Chain::changed(std::shared_ptr<const detail::ClientConfig> config, const char* setting) const {
  Chain made(call_, *interceptors_, index_, request_, exchange_);
  made.fault_ = fault_;
  if (exchange_ == nullptr) {
    made.call_ = detail::make_recycled<detail::CallState>(call_, std::move(config));
  } else if (!fault_) {
    made.fault_.emplace(Errc::misuse, std::string("a network interceptor cannot change the ") + setting +
                                          ", as the connection is there already; an application interceptor can");
  }
  return made;
}

OKHTTP_DECL Chain Chain::with_timeout(Clock::duration Timeouts::*which, Clock::duration timeout,
                                      const char* setting) const {
  Chain made = changed(call_->config, setting);
  if (timeout < Clock::duration::zero()) {
    if (!made.fault_) made.fault_.emplace(Errc::invalid_argument, std::string("the ") + setting + " is negative");
  } else if (!made.fault_) {
    made.call_->limits.timeouts.*which = timeout;
  }
  return made;
}

OKHTTP_DECL Chain Chain::with_connect_timeout(Clock::duration timeout) const {
  return with_timeout(&Timeouts::connect, timeout, "connect timeout");
}
OKHTTP_DECL Chain Chain::with_read_timeout(Clock::duration timeout) const {
  return with_timeout(&Timeouts::read, timeout, "read timeout");
}
OKHTTP_DECL Chain Chain::with_write_timeout(Clock::duration timeout) const {
  return with_timeout(&Timeouts::write, timeout, "write timeout");
}

OKHTTP_DECL Chain Chain::with_retry_on_connection_failure(bool retry) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->retry_on_connection_failure = retry;
  return changed(config, "retry setting");
}

OKHTTP_DECL Chain Chain::with_dns(std::shared_ptr<Dns> dns) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->set_dns(std::move(dns));
  return changed(config, "resolver");
}

OKHTTP_DECL Chain Chain::with_proxy(Proxy proxy) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->proxy = std::move(proxy);
  config->use_proxies();
  return changed(config, "proxy");
}

OKHTTP_DECL Chain Chain::with_proxy_selector(ProxySelector selector) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->proxy.reset();
  config->proxy_selector = std::move(selector);
  config->use_proxies();
  return changed(config, "proxy selector");
}

OKHTTP_DECL Chain Chain::with_authenticator(std::shared_ptr<Authenticator> authenticator) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->authenticator = std::move(authenticator);
  config->use_authenticators();
  return changed(config, "authenticator");
}

OKHTTP_DECL Chain Chain::with_proxy_authenticator(std::shared_ptr<Authenticator> authenticator) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->proxy_authenticator = std::move(authenticator);
  config->use_authenticators();
  return changed(config, "proxy authenticator");
}

OKHTTP_DECL Chain Chain::with_cookie_jar(std::shared_ptr<CookieJar> jar) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->set_cookie_jar(std::move(jar));
  return changed(config, "cookie jar");
}

OKHTTP_DECL Chain Chain::with_connection_pool(std::shared_ptr<ConnectionPool> pool) const {
  Chain made = changed(call_->config, "connection pool");
  if (made.fault_) return made;
  if (pool != nullptr && !pool->is_of(call_->core))
    made.fault_.emplace(detail::foreign_pool());
  else
    made.call_->own_pool = std::move(pool);
  return made;
}

#if OKHTTP_TLS
OKHTTP_DECL CertificatePinner Chain::certificate_pinner() const {
  const auto& tls = call_->config->tls;
  return tls != nullptr ? tls->pinner : CertificatePinner();
}
OKHTTP_DECL HostNameVerifier Chain::host_name_verifier() const {
  const auto& tls = call_->config->tls;
  return tls != nullptr ? tls->verifier : HostNameVerifier();
}

OKHTTP_DECL Chain Chain::with_certificate_pinner(CertificatePinner pinner) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  TlsRequirements tls = config->tls != nullptr ? *config->tls : TlsRequirements();
  tls.pinner = std::move(pinner);
  config->tls = std::make_shared<const TlsRequirements>(std::move(tls));
  return changed(config, "certificate pinner");
}

OKHTTP_DECL Chain Chain::with_host_name_verifier(HostNameVerifier verifier) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  TlsRequirements tls = config->tls != nullptr ? *config->tls : TlsRequirements();
  tls.verifier = std::move(verifier);
  config->tls = std::make_shared<const TlsRequirements>(std::move(tls));
  return changed(config, "host name verifier");
}

OKHTTP_DECL Chain Chain::with_trusted_certificates(const HandshakeCertificates& certificates) const {
  const auto config = std::make_shared<detail::ClientConfig>(*call_->config);
  config->connector = config->connector->trusting(certificates);
  const bool possible = config->connector != nullptr;
  Chain made = changed(config, "trusted certificates");
  if (!possible && !made.fault_)
    made.fault_.emplace(Errc::misuse, "this client's transport has no setting for trusted certificates");
  return made;
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CHAIN_IPP
