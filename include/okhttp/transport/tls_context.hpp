// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_CONTEXT_HPP
#define OKHTTP_TRANSPORT_TLS_CONTEXT_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/tls_version.hpp>

#if OKHTTP_TLS

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What a client remembers of its handshakes.
struct TlsOptions {
  /// Servers (host and port) whose sessions are remembered; beyond it the one unused for the
  /// longest time is forgotten.
  std::size_t max_session_hosts = 256;
  /// Sessions kept per server. A TLS 1.3 session is used once, so this is how many connections can
  /// be opened at a time without a full handshake. 0: sessions are never resumed.
  std::size_t sessions_per_host = 4;
};

/// What all TLS connections of one client share: trust store, client certificate, settings, and the
/// sessions that make the next handshake with a server cheap.
///
/// Making one costs nothing. OpenSSL's context is built, and the trust store loaded, by the first
/// engine that needs it, once; a client therefore keeps one for its whole life. Sessions are
/// resumed only under the context that made them, hence never past a check that it would have made; what
/// the connections of one context may demand differently (TlsRequirements) was checked then or is checked
/// again.
/// Lifetime: a handle, copies share one state, and engines keep what they need of it alive.
/// Thread safety: any number of threads may make engines from it.
class TlsContext {
 public:
  /// Trusts the platform.
  TlsContext() : TlsContext(HandshakeCertificates()) {}
  explicit TlsContext(HandshakeCertificates certificates, TlsOptions options = {});

  /// Builds the context now instead of on first use.
  /// Errors: Errc::tls if OpenSSL refuses; the same one every time.
  Result<void> load() const;

  /// Sessions now remembered, over all servers.
  std::size_t session_count() const;
  /// Forgets all sessions: the next handshake with each server is a full one.
  void forget_sessions() const;

 private:
  friend class TlsEngine;
  struct State;
  std::shared_ptr<State> state_;
};

/// Whether a server asks its clients for a certificate.
enum class ClientAuth { none, request, require };

/// What a server offers in its handshakes.
struct TlsServerOptions {
  /// Application protocols, most wanted first. Empty: ALPN is not answered. A client that offers
  /// only others is refused (RFC 7301, 3.2).
  std::vector<std::string> alpn;
  TlsVersion min_version = TlsVersion::tls_1_2;
  TlsVersion max_version = TlsVersion::tls_1_3;
  /// Whether clients get session tickets.
  bool session_tickets = true;
  /// Bytes that a client may send along with the handshake of a session that goes on (early data); 0: none.
  /// `read` gives them first. The server then remembers its sessions, each of which goes on once, so that
  /// nothing can be sent to it twice. Needs `session_tickets`.
  std::uint32_t max_early_data = 0;
  ClientAuth client_auth = ClientAuth::none;
  /// PEM of what signs client certificates; used unless `client_auth` is none.
  std::string client_trust_pem;
  /// An OCSP response in DER for clients that ask for one; empty: they get none.
  std::string ocsp_response;
  /// Whether also to offer what OpenSSL holds for too weak: keys, hashes, and versions before TLS 1.2. For
  /// tests of clients.
  bool allow_weak = false;
};

/// What all TLS connections of one server share. A handle; copies share one state.
/// Thread safety: any number of threads may make engines from it.
class TlsServerContext {
 public:
  /// `certificates_pem` is the server's certificate followed by its intermediates; the key is
  /// PKCS#8, PKCS#1 or SEC 1, not encrypted.
  /// Errors: Errc::invalid_argument for PEM that cannot be used; Errc::tls if OpenSSL refuses.
  static Result<TlsServerContext> create(std::string_view certificates_pem,
                                         std::string_view private_key_pem,
                                         TlsServerOptions options = {});

 private:
  friend class TlsEngine;
  struct State;
  explicit TlsServerContext(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/tls_context.ipp>

#endif  // OKHTTP_TRANSPORT_TLS_CONTEXT_HPP
