// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_HPP
#define OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/ip_address.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// The hosts that a certificate is for: its subject alternative names (RFC 5280, 4.2.1.6).
struct AlternativeNames {
  /// dNSName entries as the certificate spells them: any bytes, wildcards included.
  std::vector<std::string> dns_names;
  /// iPAddress entries; those that are no address have been dropped.
  std::vector<IpAddress> ip_addresses;

  friend bool operator==(const AlternativeNames&, const AlternativeNames&) = default;

#if OKHTTP_TLS
  /// Those of the first certificate in a PEM text; empty if it has none.
  /// Errors: Errc::invalid_argument.
  static Result<AlternativeNames> try_from_pem(std::string_view pem);
#endif
};

/// Whether a certificate with this dNSName is for this host name.
///
/// ASCII letters match in either case, and a final dot makes no difference. A wildcard counts only as
/// the whole left-most label of a name that goes on; it stands for exactly one label. The host must be
/// ASCII and is no IP address. Whether "*.com" is too broad is for the issuer to know.
/// Spec: RFC 6125, 6.4; RFC 9525, 6.3.
bool matches_dns_name(std::string_view host, std::string_view dns_name) noexcept;

/// Whether a certificate with these names is for this host.
///
/// An IP literal (brackets and a zone allowed, as in URLs) must be one of the addresses, an IPv4
/// address inside IPv6 being the IPv4 address. Anything else must match one of the DNS names. The
/// common name of a certificate is never looked at.
/// Spec: RFC 2818, 3.1; RFC 6125, 6.4.4; RFC 9525, 6.5.
bool matches_host(std::string_view host, const AlternativeNames& names);

/// Decides whether a certificate is for a host: by `matches_host`, or by a function of the program.
///
/// A value; copies share the function, and equal are those that share it.
/// Thread safety: `verify` may run on several threads at once, and so may the given function.
class HostNameVerifier {
 public:
  using Function = UniqueFunction<bool(std::string_view host, const AlternativeNames& names)>;

  /// Verifies by `matches_host`.
  HostNameVerifier() = default;
  /// Verifies by `function`. One that is always true lets anybody with any certificate answer for any
  /// host. Connections are not shared between hosts under it.
  explicit HostNameVerifier(Function function) {
    if (function) function_ = std::make_shared<const Function>(std::move(function));
  }

  /// Whether it is not replaced.
  bool is_standard() const noexcept { return function_ == nullptr; }
  bool verify(std::string_view host, const AlternativeNames& names) const {
    return function_ ? (*function_)(host, names) : matches_host(host, names);
  }
  /// The same with a sentence. Errors: Errc::host_name, listing what the certificate is for.
  Result<void> check(std::string_view host, const AlternativeNames& names) const;

  friend bool operator==(const HostNameVerifier&, const HostNameVerifier&) = default;

 private:
  std::shared_ptr<const Function> function_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/transport/host_name_verifier.ipp>

#endif  // OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_HPP
