// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP
#define OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP

#include <okhttp/config.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/connection_spec.hpp>
#include <okhttp/transport/host_name_verifier.hpp>

#include <vector>

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN

/// What a client demands of its connections to servers, beyond whom it trusts. Plain data; a transport that
/// makes secure streams is given it with every `Endpoint`.
struct TlsRequirements {
  /// The most wanted first. Without a cleartext one http URLs are refused.
  std::vector<ConnectionSpec> specs{ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()};
  /// Which keys a server may have.
  CertificatePinner pinner;
  /// Whether a certificate is for a host.
  HostNameVerifier verifier;

  friend bool operator==(const TlsRequirements&, const TlsRequirements&) = default;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#endif  // OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP
