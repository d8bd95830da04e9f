// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_HELD_CERTIFICATE_HPP
#define OKHTTP_TESTING_HELD_CERTIFICATE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#if OKHTTP_TLS

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What an issuer says of a certificate.
enum class RevocationStatus { good, revoked, unknown };

/// A certificate together with its private key, made on the spot: what a test server shows, or a
/// client that must show who it is. Not for production: nothing here revokes, renews or protects.
///
/// A value: copies share one key. It remembers who signed it, so that a server can present the
/// intermediates.
/// Thread safety: immutable; may be used from any thread.
class HeldCertificate {
 public:
  class Builder;

  /// A new self-signed certificate for localhost, 127.0.0.1 and ::1, good for 24 hours.
  static HeldCertificate localhost() { return try_localhost().value(); }
  static Result<HeldCertificate> try_localhost();

  /// Reads a text that holds a certificate and its private key (PKCS#8, PKCS#1 or SEC 1, not
  /// encrypted) in either order. More certificates may follow the first: its intermediates.
  /// Errors: see try_decode.
  static HeldCertificate decode(std::string_view pem) { return try_decode(pem).value(); }
  /// Errors: Errc::invalid_argument if one of the two is missing, damaged or does not fit the
  /// other.
  static Result<HeldCertificate> try_decode(std::string_view pem);

  /// The certificate alone. This is what a client must trust if it is self-signed.
  std::string certificate_pem() const;
  /// The certificate, then those that signed it, up to but without the self-signed root.
  std::string certificate_chain_pem() const;
  /// The private key as PKCS#8.
  std::string private_key_pkcs8_pem() const;

  /// The statement of its issuer (of itself if it is self-signed) on whether it has been revoked, as servers
  /// staple it to their handshakes: an OCSP response in DER (RFC 6960). By default it holds from an hour ago
  /// to 24 hours from now. Empty if the issuer is not known, as after decode().
  std::string ocsp_response(RevocationStatus status) const;
  std::string ocsp_response(RevocationStatus status,
                            std::chrono::system_clock::time_point from,
                            std::chrono::system_clock::time_point to) const;

 private:
  struct Data;
  explicit HeldCertificate(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

/// Settings of a new certificate; each has a default.
class HeldCertificate::Builder {
 public:
  /// A P-256 elliptic curve key: the default, and a hundred times faster to make than RSA.
  Builder& ecdsa_256();
  /// A 2048 bit RSA key.
  Builder& rsa_2048();
  /// A 1024 bit RSA key, which clients should refuse.
  Builder& rsa_1024();
  /// Lets the issuer sign with SHA-1, which clients should refuse.
  Builder& signed_with_sha1();
  /// The common name. Default: a random one. Clients do not look for hosts here.
  Builder& common_name(std::string name);
  Builder& organizational_unit(std::string name);
  /// A host that the certificate is for: a DNS name, a wildcard, or an IP address.
  Builder& add_subject_alternative_name(std::string name);
  /// Default: 1.
  Builder& serial_number(std::uint64_t number);
  /// Default: from an hour ago, for clocks that disagree, to 24 hours from now. Whole seconds.
  Builder& valid_between(std::chrono::system_clock::time_point from,
                         std::chrono::system_clock::time_point to);
  /// Default: signed by its own key.
  Builder& signed_by(HeldCertificate issuer);
  /// Allows it to sign others, with up to `max_intermediates` further ones in between.
  Builder& certificate_authority(int max_intermediates = 0);
  /// Lets it sign only for this DNS name and all below it, or this network ("10.0.0.0/255.0.0.0"), and
  /// others that are added (RFC 5280, 4.2.1.10).
  Builder& add_permitted_name(std::string name);
  /// The opposite.
  Builder& add_excluded_name(std::string name);

  /// Errors: see try_build.
  HeldCertificate build() const { return try_build().value(); }
  /// Errors: Errc::invalid_argument for an empty or non-ASCII alternative name, a name that does
  /// not fit a certificate (64 bytes), a time that a certificate cannot hold, a negative depth.
  Result<HeldCertificate> try_build() const;

 private:
  int rsa_bits_ = 0;  // 0: elliptic curve.
  bool sha1_ = false;
  bool has_validity_ = false;
  int max_intermediates_ = -1;
  bool authority_ = false;
  std::uint64_t serial_number_ = 1;
  std::chrono::system_clock::time_point from_;
  std::chrono::system_clock::time_point to_;
  std::string common_name_;
  std::string organizational_unit_;
  std::vector<std::string> alternative_names_;
  std::string name_constraints_;  // As OpenSSL's configuration has them.
  std::shared_ptr<const Data> issuer_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/testing/held_certificate.ipp>

#endif  // OKHTTP_TESTING_HELD_CERTIFICATE_HPP
