// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CONNECTION_SPEC_HPP
#define OKHTTP_TRANSPORT_CONNECTION_SPEC_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/cipher_suite.hpp>
#include <okhttp/transport/tls_version.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What a TLS library can do, and what of it is on unless somebody asks for more.
struct TlsSupport {
  /// What may be asked for.
  std::vector<TlsVersion> versions;
  std::vector<CipherSuite> cipher_suites;
  /// What a spec stands for that says "all enabled"; suites in the library's order of preference.
  std::vector<TlsVersion> enabled_versions;
  std::vector<CipherSuite> enabled_cipher_suites;

#if OKHTTP_TLS
  /// What the OpenSSL of this program offers. Enabled are TLS 1.2 and 1.3, whatever the system's
  /// openssl.cnf says, and OpenSSL's default suites. Asked once; lives as long as the program.
  static const TlsSupport& of_openssl();
#endif
};

/// A spec made to fit what is supported, as OpenSSL wants to be told.
struct TlsSettings {
  TlsVersion min_version = TlsVersion::tls_1_2;
  TlsVersion max_version = TlsVersion::tls_1_3;
  /// Versions between those two that are off.
  std::vector<TlsVersion> excluded_versions;
  /// The suites below in their order, as names by OpenSSL with ':' in between. Empty only when no
  /// version below TLS 1.3 is on.
  std::string cipher_list;
  /// The same for TLS 1.3; empty only when TLS 1.3 is off.
  std::string cipher_suites;
  /// Whether to tell the server that this is not the best we can do (TLS_FALLBACK_SCSV, RFC 7507), so
  /// that it can expose somebody who disturbed the first attempt.
  bool send_fallback_scsv = false;

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// How a connection may be secured: TLS versions and cipher suites in order of preference, or not at
/// all. A client has a list of them (`ConnectionSpecSelector`).
///
/// A value; equal to another one of the same versions and suites in the same order.
/// Thread safety: immutable; may be used from any thread.
class ConnectionSpec {
 public:
  class Builder;

  /// TLS 1.3 and 1.2 with forward secrecy and authenticated encryption only.
  static ConnectionSpec restricted_tls();
  /// TLS 1.3 and 1.2, and also the older suites that servers of the last decade needed. What a client
  /// uses unless told otherwise.
  static ConnectionSpec modern_tls();
  /// As modern_tls, but down to TLS 1.0. Only for servers that have nothing newer.
  static ConnectionSpec compatible_tls();
  /// No TLS: what http:// URLs need.
  static ConnectionSpec cleartext();

  bool is_tls() const noexcept { return is_tls_; }
  /// The versions; empty optional for all enabled ones. Without TLS an empty list.
  const std::optional<std::vector<TlsVersion>>& tls_versions() const& noexcept { return versions_; }
  std::optional<std::vector<TlsVersion>> tls_versions() && { return versions_; }
  /// The suites; empty optional for all enabled ones. Without TLS an empty list.
  const std::optional<std::vector<CipherSuite>>& cipher_suites() const& noexcept { return suites_; }
  std::optional<std::vector<CipherSuite>> cipher_suites() && { return suites_; }

  /// Whether a TLS connection can be made by it: at least one of its versions is supported and has a
  /// supported suite among its suites. Never for cleartext.
  bool is_compatible(const TlsSupport& support) const;
  /// What the spec comes down to: its suites in its order, without what is not supported. Versions for
  /// which no suite is left are off.
  /// Errors: Errc::tls if it is not compatible.
  Result<TlsSettings> settings(const TlsSupport& support) const;

  /// For logs: "ConnectionSpec(cipher_suites=[...], tls_versions=[TLSv1.3, TLSv1.2])".
  std::string to_string() const;

  friend bool operator==(const ConnectionSpec&, const ConnectionSpec&) = default;

 private:
  ConnectionSpec() = default;

  bool is_tls_ = false;
  std::optional<std::vector<TlsVersion>> versions_ = std::vector<TlsVersion>();
  std::optional<std::vector<CipherSuite>> suites_ = std::vector<CipherSuite>();
};

/// Changes a copy of a spec. Keeps the first fault that a setter met; build() throws it, try_build()
/// returns it.
class ConnectionSpec::Builder {
 public:
  /// Starts from a spec; a cleartext one cannot be given versions or suites.
  explicit Builder(ConnectionSpec spec) : spec_(std::move(spec)) {}

  /// Errors: Errc::invalid_argument for none, or for cleartext. Repetitions are dropped.
  Builder& tls_versions(std::vector<TlsVersion> versions);
  /// The most wanted first. TLS 1.3 has its own suites: without one of those it is off.
  /// Errors: as tls_versions.
  Builder& cipher_suites(std::vector<CipherSuite> suites);
  /// The same by IANA names. Errors: as tls_versions and CipherSuite::try_of.
  Builder& cipher_suite_names(const std::vector<std::string_view>& names);
  /// Whatever TlsSupport has enabled. Errors: Errc::invalid_argument for cleartext.
  Builder& all_enabled_tls_versions();
  Builder& all_enabled_cipher_suites();

  ConnectionSpec build() const { return try_build().value(); }
  Result<ConnectionSpec> try_build() const;

 private:
  bool refuses(bool is_empty, const char* what);

  ConnectionSpec spec_;
  std::optional<Error> fault_;
};

/// Walks a client's specs for one TLS connection: which to try first, and which after a failure.
///
/// 1. `next` gives the first attempt.
/// 2. Should its handshake fail, and `may_fall_back` allow it, a new connection to the same address is
///    made with what `next` gives then, until it gives none.
///
/// Every attempt but the first carries TLS_FALLBACK_SCSV. Cleartext is never fallen back to.
/// Not for use by several threads at once. Sans-I/O; small, and may be copied to remember a place.
class ConnectionSpecSelector {
 public:
  struct Attempt {
    /// Where in the list of specs it stands.
    std::size_t index = 0;
    bool is_fallback = false;
    TlsSettings settings;
  };

  /// Lifetime: both must outlive the selector.
  ConnectionSpecSelector(std::span<const ConnectionSpec> specs, const TlsSupport& support)
      : specs_(specs), support_(&support) {}
  ConnectionSpecSelector(std::span<const ConnectionSpec>, TlsSupport&&) = delete;

  /// The next spec that is compatible with what is supported.
  /// Errors: Errc::tls when there is none, with a text that lists the specs and the supported
  /// versions; also when there is none any more.
  Result<Attempt> next();
  /// Whether `next` would give one.
  bool has_next() const;

  /// Whether a failed handshake may be repeated with the next spec: `retry_on_connection_failure` is
  /// the client's setting of that name. Only failures that older or other settings may cure count. No
  /// certificate gets better by weaker encryption, and time-outs, cancels, broken connections and
  /// protocol errors are for the retry layer to judge.
  static bool is_curable(const Error& failure) noexcept;
  bool may_fall_back(const Error& failure, bool retry_on_connection_failure) const {
    return retry_on_connection_failure && is_curable(failure) && has_next();
  }

 private:
  std::optional<std::size_t> find(std::size_t from) const;

  std::span<const ConnectionSpec> specs_;
  const TlsSupport* support_;
  std::size_t position_ = 0;
  bool is_fallback_ = false;
};

/// Whether a list of specs lets http:// URLs be called. Errors: Errc::invalid_argument, naming the
/// host, if none of them is cleartext.
Result<void> require_cleartext(std::span<const ConnectionSpec> specs, std::string_view host);
/// Whether a list of specs lets https:// URLs be called. Errors: Errc::invalid_argument, naming the
/// host, if all of them are cleartext.
Result<void> require_tls(std::span<const ConnectionSpec> specs, std::string_view host);

OKHTTP_NAMESPACE_END

#include <okhttp/transport/connection_spec.ipp>

#endif  // OKHTTP_TRANSPORT_CONNECTION_SPEC_HPP
