// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_SECURE_TRANSPORT_HPP
#define OKHTTP_TRANSPORT_SECURE_TRANSPORT_HPP

#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/tcp_race.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/transport/tls_stream.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if OKHTTP_TLS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// TCP, and TLS through OpenSSL for https URLs. Copies share one context: the parsed trust store and
/// the sessions that make the next handshake cheap.
class SecureTransport {
 public:
  using Stream = std::unique_ptr<okhttp::Stream>;
  static constexpr bool needs_addresses = true;

  SecureTransport() = default;
  /// Trusts what `certificates` says.
  explicit SecureTransport(HandshakeCertificates certificates, TlsOptions options = {})
      : options_(options), context_(std::move(certificates), options) {}

  /// Replaces what is trusted. Before the client is built.
  void trusted_certificates(HandshakeCertificates certificates) {
    context_ = TlsContext(std::move(certificates), options_);
  }
  /// The application protocols to offer (ALPN), most wanted first. Before the client is built.
  void application_protocols(std::vector<std::string> protocols) {
    protocols_ = std::move(protocols);
  }

  /// Thread safety: may run on several threads at once.
  Task<Stream> connect(const Endpoint& endpoint, Deadline deadline);
#if OKHTTP_THREADS
  /// Races TCP connections, then does the handshake on the first one there is. Should that fail, the
  /// race goes on among the other addresses.
  Task<Raced<Stream>> connect_any(std::span<const Endpoint> endpoints, Deadline deadline);
#endif
  /// The TLS handshake over a stream that leads to the endpoint, as its `tls` and `spec_attempt` say, with what
  /// `early` holds if the server's session allows it; the stream itself if the endpoint is not secure.
  /// Errors: Errc::invalid_argument if all specs are cleartext; those of TlsEngine, Errc::connect_timeout and
  /// Errc::canceled, all naming the peer. `may_fall_back` says which are worth another spec.
  Task<Stream> secure(Stream lower, const Endpoint& endpoint, Deadline deadline) const;

 private:
  TlsOptions options_;
  TlsContext context_;
  std::vector<std::string> protocols_{"http/1.1"};
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_SOCKETS

#include <okhttp/transport/secure_transport.ipp>

#endif  // OKHTTP_TRANSPORT_SECURE_TRANSPORT_HPP
