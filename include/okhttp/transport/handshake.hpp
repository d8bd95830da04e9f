// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HANDSHAKE_HPP
#define OKHTTP_TRANSPORT_HANDSHAKE_HPP

#include <okhttp/config.hpp>

#include <string>

OKHTTP_NAMESPACE_BEGIN

/// What a TLS handshake agreed on. Plain data; any transport may fill one in.
///
/// The peer's certificates are not part of it because writing them out costs more than the rest of
/// a resumed handshake: ask the engine for them (`TlsEngine::peer_certificates_pem`).
struct Handshake {
  /// "TLSv1.3" or "TLSv1.2".
  std::string tls_version;
  /// The registered name, for example "TLS_AES_128_GCM_SHA256".
  std::string cipher_suite;
  /// The application protocol agreed by ALPN ("h2", "http/1.1"); empty if there was none.
  std::string alpn;
  /// The host name that the client sent (SNI); empty for an IP address.
  std::string server_name;
  /// True when an earlier session was continued: no certificate was sent or checked this time.
  bool resumed = false;

  friend bool operator==(const Handshake&, const Handshake&) = default;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_HANDSHAKE_HPP
