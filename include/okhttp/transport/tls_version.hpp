// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_VERSION_HPP
#define OKHTTP_TRANSPORT_TLS_VERSION_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <array>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// A version of TLS; a newer one compares greater. SSL 2 and 3 are not spoken at all (RFC 7568).
enum class TlsVersion {
  /// RFC 2246. Broken and withdrawn (RFC 8996); only for servers that have nothing else.
  tls_1_0,
  /// RFC 4346. As TLS 1.0.
  tls_1_1,
  /// RFC 5246.
  tls_1_2,
  /// RFC 8446.
  tls_1_3,
};

/// Every version, the newest first.
inline constexpr std::array<TlsVersion, 4> all_tls_versions = {
    TlsVersion::tls_1_3, TlsVersion::tls_1_2, TlsVersion::tls_1_1, TlsVersion::tls_1_0};

/// The name that OkHttp and OpenSSL use: "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1".
constexpr std::string_view to_string(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::tls_1_0:
      return "TLSv1";
    case TlsVersion::tls_1_1:
      return "TLSv1.1";
    case TlsVersion::tls_1_2:
      return "TLSv1.2";
    case TlsVersion::tls_1_3:
      return "TLSv1.3";
  }
  return "";
}

/// The version of a name as to_string writes it; "TLSv1.0" is understood too. Case matters.
/// Errors: Errc::invalid_argument.
inline Result<TlsVersion> try_parse_tls_version(std::string_view name) {
  for (const TlsVersion version : all_tls_versions)
    if (name == to_string(version)) return version;
  if (name == "TLSv1.0") return TlsVersion::tls_1_0;
  if (name == "SSLv3" || name == "SSLv2" || name == "SSLv2Hello")
    return Error(Errc::invalid_argument, std::string(name) + " is broken and not supported");
  std::string message = "not a TLS version: '";
  for (const char c : name.substr(0, 32)) message += c >= 0x20 && c < 0x7f ? c : '?';
  return Error(Errc::invalid_argument, message + "'");
}
#if OKHTTP_EXCEPTIONS
/// As try_parse_tls_version, but throws.
inline TlsVersion parse_tls_version(std::string_view name) {
  return try_parse_tls_version(name).value();
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_TLS_VERSION_HPP
