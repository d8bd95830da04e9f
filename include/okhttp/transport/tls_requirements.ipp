// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_REQUIREMENTS_IPP
#define OKHTTP_TRANSPORT_TLS_REQUIREMENTS_IPP

#include <okhttp/transport/tls_requirements.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL const TlsRequirements& TlsRequirements::defaults() {
  // Kept to the end of the process, which connections may outlive everything else in.
  static const TlsRequirements* const requirements = new TlsRequirements();
  return *requirements;
}

OKHTTP_DECL bool may_fall_back(const Endpoint& endpoint, const Error& failure) {
  if (!endpoint.secure || !ConnectionSpecSelector::is_curable(failure)) return false;
  const TlsRequirements& tls = endpoint.tls != nullptr ? *endpoint.tls : TlsRequirements::defaults();
  ConnectionSpecSelector selector(tls.specs, TlsSupport::of_openssl());
  for (std::size_t i = 0; i <= endpoint.spec_attempt; ++i)
    if (!selector.next()) return false;
  return selector.has_next();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TLS_REQUIREMENTS_IPP
