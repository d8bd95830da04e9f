// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_HPP
#define OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#if OKHTTP_TLS

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Whom a client trusts, and the certificate it shows when a server asks for one.
///
/// A value: copies share what was parsed, and equal are those that share it. Default-constructed it
/// trusts what the operating system trusts and shows nothing, which is what a client does that was
/// told nothing.
/// Thread safety: immutable; may be used from any thread.
class HandshakeCertificates {
 public:
  class Builder;

  HandshakeCertificates();

  /// Whether the trust store of the operating system is part of it.
  bool trusts_platform() const noexcept;
  /// Whether nothing is checked at all.
  bool is_insecure() const noexcept;
  /// Whether a server need not be trusted if it is asked for by this name.
  bool is_insecure_host(std::string_view host) const noexcept;
  /// Whether there is a certificate to show to servers that ask.
  bool has_held_certificate() const noexcept;

  friend bool operator==(const HandshakeCertificates&, const HandshakeCertificates&) = default;

 private:
  friend class CertificateChainCleaner;
  friend class TlsContext;
  struct Data;
  explicit HandshakeCertificates(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

/// Collects trust anchors and a client certificate. Nothing is trusted that was not added.
///
/// Files are read and PEM texts parsed by `build`; the first fault in the order of the calls is the
/// one reported.
class HandshakeCertificates::Builder {
 public:
  /// Trusts what the operating system trusts: OpenSSL's default paths, or the environment variables
  /// SSL_CERT_FILE and SSL_CERT_DIR.
  Builder& add_platform_trusted();
  /// Trusts every certificate in a PEM text. One that is no root is an anchor too: what it signed
  /// is trusted, and so is the server that shows this very certificate.
  Builder& add_trusted_pem(std::string pem);
  /// The same for a file.
  Builder& add_trusted_pem_file(std::string path);
  /// Shows this certificate to servers that ask for one. `certificates` is the certificate itself
  /// followed by the intermediates it needs; the key is PKCS#8, PKCS#1 or SEC 1, not encrypted.
  Builder& held_certificate_pem(std::string certificates, std::string private_key);
  /// The same for two files, which may be one file that holds both.
  Builder& held_certificate_pem_files(std::string certificate_path, std::string private_key_path);
  /// The same for the bytes of a PKCS#12 bundle (a .p12 or .pfx file), which holds the key, its
  /// certificate, and perhaps intermediates, in any order; whatever else it holds is left out. The
  /// password is kept in this builder only.
  Builder& held_certificate_pkcs12(std::string bundle, std::string password);
  /// The same for a file.
  Builder& held_certificate_pkcs12_file(std::string path, std::string password);
  /// Trusts every certificate of a PKCS#12 bundle, as add_trusted_pem does. A key in it is not used.
  Builder& add_trusted_pkcs12(std::string bundle, std::string password);
  /// The same for a file.
  Builder& add_trusted_pkcs12_file(std::string path, std::string password);
  /// Accepts any certificate from the server of exactly this name, as long as it is issued for the
  /// name. Open to attackers in the middle; for development servers only.
  Builder& add_insecure_host(std::string_view host);
  /// Accepts any certificate from any server: neither trust nor host name is checked. Open to
  /// attackers in the middle.
  Builder& insecure();

  /// Errors: see try_build.
  HandshakeCertificates build() const { return try_build().value(); }
  /// Errors: Errc::file for a file that cannot be read; Errc::invalid_argument for a text that is
  /// no PEM of the expected kind, a private key that does not belong to its certificate, or a
  /// PKCS#12 bundle that is damaged, has another password, or is locked by a cipher that OpenSSL
  /// has given up.
  Result<HandshakeCertificates> try_build() const;

 private:
  struct Source {
    enum class Kind { trusted, held, trusted_pkcs12, held_pkcs12 } kind;
    bool is_file;
    std::string first;
    std::string second;  // The private key, or the password.
  };
  std::vector<Source> sources_;
  std::vector<std::string> insecure_hosts_;
  bool platform_ = false;
  bool insecure_ = false;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/handshake_certificates.ipp>

#endif  // OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_HPP
