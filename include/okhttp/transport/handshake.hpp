// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HANDSHAKE_HPP
#define OKHTTP_TRANSPORT_HANDSHAKE_HPP

#include <okhttp/base/lazily_made.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/cipher_suite.hpp>
#include <okhttp/transport/tls_version.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// One certificate that a peer showed, or that leads from there to a trusted one.
struct PeerCertificate {
  /// "-----BEGIN CERTIFICATE-----" and so on.
  std::string pem;
  /// Whose it is, as RFC 2253 writes names: "CN=example.com,O=Example". Printable, bounded; not for
  /// decisions.
  std::string subject;

  friend bool operator==(const PeerCertificate&, const PeerCertificate&) = default;
};

/// The certificates of a peer, its own first. Writing them out costs more than the rest of a resumed
/// handshake, so it may be put off until somebody looks.
///
/// A value; copies share one list. Thread safety: any number of threads may look.
class PeerCertificates {
 public:
  using List = std::vector<PeerCertificate>;

  /// None.
  PeerCertificates() = default;
  PeerCertificates(List list) {  // NOLINT: implicit, a list is given as it is
    if (!list.empty())
      state_ = std::make_shared<State>([list = std::move(list)] { return list; });
  }
  /// What `make` gives, called by the first look. Two threads that look at the same time may both call
  /// it; one result is kept.
  static PeerCertificates made_by(UniqueFunction<List()> make) {
    PeerCertificates certificates;
    certificates.state_ = std::make_shared<State>(std::move(make));
    return certificates;
  }

  /// The view lives as long as any copy of this object.
  const List& list() const& {
    static const List none;
    return state_ ? state_->list.get(state_->make) : none;
  }
  List list() && { return std::as_const(*this).list(); }

  friend bool operator==(const PeerCertificates& a, const PeerCertificates& b) {
    return a.state_ == b.state_ || a.list() == b.list();
  }

 private:
  struct State {
    explicit State(UniqueFunction<List()> given) : make(std::move(given)) {}
    UniqueFunction<List()> make;
    detail::LazilyMade<List> list;
  };
  std::shared_ptr<const State> state_;
};

/// What a TLS handshake agreed on. Plain data; any transport may fill one in.
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
  /// The peer's certificates, those that were trusted: its own first, the trusted root last. After a
  /// resumed handshake those of the first one. None if the transport does not tell.
  PeerCertificates peer_certificates = {};

  /// `tls_version` as a value; empty for anything that TlsVersion does not know.
  std::optional<TlsVersion> version() const {
    const Result<TlsVersion> known = try_parse_tls_version(tls_version);
    return known ? std::optional<TlsVersion>(*known) : std::nullopt;
  }
  /// `cipher_suite` as a value; empty for anything that CipherSuite does not know.
  std::optional<CipherSuite> suite() const {
    const Result<CipherSuite> known = CipherSuite::try_of(cipher_suite);
    return known ? std::optional<CipherSuite>(*known) : std::nullopt;
  }
  /// Whose the peer's own certificate is; empty if it is not known.
  std::string peer_subject() const {
    const PeerCertificates::List& list = peer_certificates.list();
    return list.empty() ? std::string() : list.front().subject;
  }

  friend bool operator==(const Handshake&, const Handshake&) = default;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_HANDSHAKE_HPP
