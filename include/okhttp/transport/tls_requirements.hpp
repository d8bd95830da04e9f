// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP
#define OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP

#include <okhttp/config.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/connection_spec.hpp>
#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/host_name_verifier.hpp>
#include <okhttp/transport/tls_key_log.hpp>

#include <vector>

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN

/// Whether servers are asked to prove that their certificate has not been revoked, by a statement of its
/// issuer that they send along (OCSP stapling: RFC 6066, 8; RFC 6960). Nobody else is asked.
enum class OcspStapling {
  /// Not asked for.
  off,
  /// A server that sends a statement must not send one that says "revoked" or that its issuer has not
  /// signed. One that is outdated, or says that the issuer does not know, counts as none; none is fine.
  check,
  /// There must be a statement that says "good" and is not outdated.
  require,
};

/// What a client demands of its connections to servers, beyond whom it trusts. Plain data; a transport that
/// makes secure streams is given it with every `Endpoint`.
struct TlsRequirements {
  /// The most wanted first. Without a cleartext one http URLs are refused.
  std::vector<ConnectionSpec> specs{ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()};
  /// Which keys a server may have.
  CertificatePinner pinner;
  /// Whether a certificate is for a host.
  HostNameVerifier verifier;
  OcspStapling ocsp_stapling = OcspStapling::off;
  /// Where the secrets of connections go; normally nowhere.
  KeyLog key_log;
  /// Whether requests may be sent along with a handshake (`EarlyData`). Default: no.
  bool early_data = false;

  friend bool operator==(const TlsRequirements&, const TlsRequirements&) = default;

  /// What clients demand that were told nothing. Lives as long as the program.
  static const TlsRequirements& defaults();
};

/// Whether a handshake with an endpoint that failed so may be repeated with the next of its specs
/// (`spec_attempt + 1`), on a new connection to the same address. Whether the client wants retries at
/// all is for the caller to know.
/// Rule: OkHttp's ConnectPlan; see ConnectionSpecSelector::is_curable.
bool may_fall_back(const Endpoint& endpoint, const Error& failure);

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/tls_requirements.ipp>

#endif  // OKHTTP_TRANSPORT_TLS_REQUIREMENTS_HPP
