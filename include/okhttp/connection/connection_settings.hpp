// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_SETTINGS_HPP
#define OKHTTP_CONNECTION_CONNECTION_SETTINGS_HPP

#include <okhttp/connection/authenticator.hpp>
#include <okhttp/connection/proxy_selector.hpp>
#include <okhttp/transport/dns.hpp>
#include <okhttp/transport/tls_requirements.hpp>
#include <okhttp/transport/transport_policy.hpp>

#include <memory>
#include <optional>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The settings that tell connections to one server apart: calls share a connection only if all are equal.
/// Objects are equal if they are the same, values if they say the same.
/// Rule: OkHttp's Address.
struct ConnectionSettings {
  std::shared_ptr<Connector> connector;
  /// Null: the system's resolver.
  std::shared_ptr<Dns> dns;
  /// Asked when there is no fixed proxy.
  ProxySelector proxy_selector;
  /// The proxy for every server; it may be Proxy::none().
  std::optional<Proxy> proxy;
  /// Null: there are no credentials but those of the proxy itself.
  std::shared_ptr<Authenticator> proxy_authenticator;
#if OKHTTP_TLS
  /// Null: the defaults.
  std::shared_ptr<const TlsRequirements> tls;
#endif

  bool has_proxies() const noexcept { return proxy ? !proxy->is_none() : proxy_selector != ProxySelector(); }
  friend bool operator==(const ConnectionSettings& a, const ConnectionSettings& b) noexcept {
#if OKHTTP_TLS
    if (a.tls != b.tls && (a.tls == nullptr || b.tls == nullptr || *a.tls != *b.tls)) return false;
#endif
    return a.connector == b.connector && a.dns == b.dns && a.proxy_selector == b.proxy_selector &&
           a.proxy == b.proxy && a.proxy_authenticator == b.proxy_authenticator;
  }
};

/// The settings as a connection keeps them, good for being compared: without the functions and objects themselves,
/// which may own a client, whose pool owns the connection.
std::shared_ptr<const ConnectionSettings> kept_settings(const ConnectionSettings& settings);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/connection_settings.ipp>

#endif  // OKHTTP_CONNECTION_CONNECTION_SETTINGS_HPP
