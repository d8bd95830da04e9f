// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CIPHER_SUITE_HPP
#define OKHTTP_TRANSPORT_CIPHER_SUITE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/tls_version.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct CipherSuiteRow;
}

/// A TLS cipher suite: a small value, equal to another one of the same name.
///
/// Known are the suites of the IANA registry that OpenSSL 3 implements, encrypt, and prove the server
/// by a certificate. So there is none without encryption, without authentication, with a shared key
/// or with RC4. Whether this build's OpenSSL offers a known one is for `TlsSupport` to say.
class CipherSuite {
 public:
  /// The suite of an IANA name such as "TLS_AES_128_GCM_SHA256". "SSL_" may stand in place of "TLS_",
  /// as Java writes the oldest ones. Case matters.
  /// Errors: Errc::invalid_argument for a name that is not known, OpenSSL's names among them.
  static Result<CipherSuite> try_of(std::string_view iana_name);
#if OKHTTP_EXCEPTIONS
  /// As try_of, but throws.
  static CipherSuite of(std::string_view iana_name) { return try_of(iana_name).value(); }
#endif
  /// The suite of a number in the registry; empty if it is not known.
  static std::optional<CipherSuite> of_id(std::uint16_t id) noexcept;
  /// Every known suite, in no order that matters.
  static std::span<const CipherSuite> all() noexcept;

  /// The IANA name; lives as long as the program.
  std::string_view name() const noexcept;
  /// OpenSSL's name: for TLS 1.3 the IANA name, else one like "ECDHE-RSA-AES128-GCM-SHA256".
  std::string_view openssl_name() const noexcept;
  /// The number in the IANA registry.
  constexpr std::uint16_t id() const noexcept { return id_; }

  /// Whether it is a suite of TLS 1.3. Those and the others never serve the same version
  /// (RFC 8446, B.4).
  constexpr bool is_tls_1_3() const noexcept { return id_ >> 8 == 0x13; }
  /// Whether a connection of this version can use it. Authenticated encryption and SHA-2 suites need
  /// TLS 1.2 (RFC 5246, 1.2; RFC 5288, 4).
  bool works_with(TlsVersion version) const noexcept;

  friend constexpr bool operator==(CipherSuite, CipherSuite) noexcept = default;

  // Those of the ready ConnectionSpecs.
  static const CipherSuite tls_aes_128_gcm_sha256;
  static const CipherSuite tls_aes_256_gcm_sha384;
  static const CipherSuite tls_chacha20_poly1305_sha256;
  static const CipherSuite tls_ecdhe_ecdsa_with_aes_128_gcm_sha256;
  static const CipherSuite tls_ecdhe_rsa_with_aes_128_gcm_sha256;
  static const CipherSuite tls_ecdhe_ecdsa_with_aes_256_gcm_sha384;
  static const CipherSuite tls_ecdhe_rsa_with_aes_256_gcm_sha384;
  static const CipherSuite tls_ecdhe_ecdsa_with_chacha20_poly1305_sha256;
  static const CipherSuite tls_ecdhe_rsa_with_chacha20_poly1305_sha256;
  static const CipherSuite tls_ecdhe_rsa_with_aes_128_cbc_sha;
  static const CipherSuite tls_ecdhe_rsa_with_aes_256_cbc_sha;
  static const CipherSuite tls_rsa_with_aes_128_gcm_sha256;
  static const CipherSuite tls_rsa_with_aes_256_gcm_sha384;
  static const CipherSuite tls_rsa_with_aes_128_cbc_sha;
  static const CipherSuite tls_rsa_with_aes_256_cbc_sha;
  static const CipherSuite tls_rsa_with_3des_ede_cbc_sha;

 private:
  friend struct detail::CipherSuiteRow;
  constexpr explicit CipherSuite(std::uint16_t id) noexcept : id_(id) {}
  std::uint16_t id_;
};

inline constexpr CipherSuite CipherSuite::tls_aes_128_gcm_sha256{0x1301};
inline constexpr CipherSuite CipherSuite::tls_aes_256_gcm_sha384{0x1302};
inline constexpr CipherSuite CipherSuite::tls_chacha20_poly1305_sha256{0x1303};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_ecdsa_with_aes_128_gcm_sha256{0xC02B};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_rsa_with_aes_128_gcm_sha256{0xC02F};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_ecdsa_with_aes_256_gcm_sha384{0xC02C};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_rsa_with_aes_256_gcm_sha384{0xC030};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_ecdsa_with_chacha20_poly1305_sha256{0xCCA9};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_rsa_with_chacha20_poly1305_sha256{0xCCA8};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_rsa_with_aes_128_cbc_sha{0xC013};
inline constexpr CipherSuite CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha{0xC014};
inline constexpr CipherSuite CipherSuite::tls_rsa_with_aes_128_gcm_sha256{0x009C};
inline constexpr CipherSuite CipherSuite::tls_rsa_with_aes_256_gcm_sha384{0x009D};
inline constexpr CipherSuite CipherSuite::tls_rsa_with_aes_128_cbc_sha{0x002F};
inline constexpr CipherSuite CipherSuite::tls_rsa_with_aes_256_cbc_sha{0x0035};
inline constexpr CipherSuite CipherSuite::tls_rsa_with_3des_ede_cbc_sha{0x000A};

/// The IANA name.
inline std::string_view to_string(CipherSuite suite) noexcept { return suite.name(); }

OKHTTP_NAMESPACE_END

#include <okhttp/transport/cipher_suite.ipp>

#endif  // OKHTTP_TRANSPORT_CIPHER_SUITE_HPP
