// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_HPP
#define OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/handshake_certificates.hpp>

#if OKHTTP_TLS

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Finds, in what a server shows, the chain that leads from its own certificate to one that is trusted.
///
/// Servers show their certificates in any order, leave the root out, and add some that have nothing to
/// do with them. Pins may only be compared with the ones that count, in their order.
///
/// At every step a trusted signer is preferred to a shown one, and a self-signed trusted one ends the
/// chain. A signer has the name that is given as the issuer, is allowed to sign certificates, as many
/// levels above as its path length allows, and its key fits the signature. What else makes a certificate
/// good (dates, name constraints, purpose, revocation, host) is checked by the handshake.
/// A certificate that is trusted itself ends the chain too if nothing shown or trusted signed it, as
/// HandshakeCertificates promises.
///
/// Lifetime: a handle, copies share one trust store.
/// Thread safety: any number of threads may use it.
/// Spec: RFC 5280, 6.1 (issuer names, signatures, path lengths); OkHttp's CertificateChainCleaner.
class CertificateChainCleaner {
 public:
  /// The most certificates above the server's own.
  static constexpr std::size_t max_signers = 9;
  /// The most that are looked at of what a server shows.
  static constexpr std::size_t max_presented = 100;

  /// Trust is taken from `certificates`. The platform's store is opened here, if that is part of it.
  explicit CertificateChainCleaner(const HandshakeCertificates& certificates);

  /// The chain in order: the server's certificate, which is the first of those given, up to the trusted
  /// one. Each text is one certificate in PEM.
  /// Errors: Errc::certificate if nothing trusted is found within `max_signers`, or more than
  /// `max_presented` are shown; Errc::invalid_argument for none, or a text that is no certificate.
  Result<std::vector<PeerCertificate>> clean(std::span<const std::string> presented_pem) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/certificate_chain_cleaner.ipp>

#endif  // OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_HPP
