// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_IPP
#define OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/url/idna.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES


#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <system_error>

OKHTTP_NAMESPACE_BEGIN

struct HandshakeCertificates::Data {
  std::vector<openssl::CertificatePtr> trusted;
  std::vector<openssl::CertificatePtr> held;  // The certificate, then its intermediates.
  openssl::KeyPtr key;
  std::vector<std::string> insecure_hosts;  // Lower case, xn--.
  bool platform = false;
  bool insecure = false;
};

namespace openssl {

/// What was in a PKCS#12 bundle.
struct Bundle {
  KeyPtr key;
  CertificatePtr certificate;  // The one of the key.
  std::vector<CertificatePtr> others;
};

/// Errors: Errc::invalid_argument. The text never quotes the password.
OKHTTP_DECL Result<Bundle> parse_pkcs12(std::string_view bytes, const std::string& password) {
  CleanErrors clean;
  const BioPtr bio = reader(bytes);
  const std::unique_ptr<PKCS12, Deleter<PKCS12_free>> bundle(
      bio ? d2i_PKCS12_bio(bio.get(), nullptr) : nullptr);
  if (!bundle) return Error(Errc::invalid_argument, "not a PKCS#12 bundle");
  clear_errors();
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool parsed =
      PKCS12_parse(bundle.get(), password.c_str(), &key, &certificate, &others) == 1;
  Bundle out;
  out.key.reset(key);
  out.certificate.reset(certificate);
  while (others != nullptr && sk_X509_num(others) > 0) out.others.emplace_back(sk_X509_shift(others));
  sk_X509_free(others);
  if (parsed) return out;
  if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PKCS12 &&
      ERR_GET_REASON(ERR_peek_last_error()) == PKCS12_R_MAC_VERIFY_FAILURE)
    return Error(Errc::invalid_argument, "the password of the PKCS#12 bundle is not the right one");
  if (ERR_GET_REASON(ERR_peek_error()) == ERR_R_UNSUPPORTED)
    return Error(Errc::invalid_argument,
                 "the PKCS#12 bundle is locked by an old cipher that OpenSSL no longer offers; export "
                 "it again with a newer one");
  return Error(Errc::invalid_argument, "damaged PKCS#12 bundle: " + reason_text());
}

/// `certificate`, then from `others` who signed it, who signed that, and so on, going by the names.
OKHTTP_DECL std::vector<CertificatePtr> in_signing_order(CertificatePtr certificate,
                                                         std::vector<CertificatePtr> others) {
  std::vector<CertificatePtr> chain;
  chain.push_back(std::move(certificate));
  for (;;) {
    X509* const last = chain.back().get();
    const auto signer =
        std::find_if(others.begin(), others.end(), [last](const CertificatePtr& one) {
          return X509_cmp(one.get(), last) != 0 &&
                 X509_check_issued(one.get(), last) == X509_V_OK;
        });
    if (X509_check_issued(last, last) == X509_V_OK || signer == others.end()) return chain;
    chain.push_back(std::move(*signer));
    others.erase(signer);
  }
}

/// A whole file of certificates. Errors: Errc::file, naming the path.
OKHTTP_DECL Result<std::string> read_certificate_file(const std::string& path) {
  // A bundle of all public roots has 0.25 MiB.
  constexpr std::size_t max_size = std::size_t{16} << 20;
  const auto cannot = [&](const std::string& why) {
    return Error(Errc::file, "cannot read the certificate file " + path + ": " + why);
  };
  const auto system_text = [] { return std::generic_category().message(errno); };
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  errno = 0;
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return cannot(system_text());
  std::string text;
  char block[4096];
  while (const std::size_t n = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, n);
    if (text.size() > max_size) return cannot("larger than 16 MiB");
  }
  if (std::ferror(file.get()) != 0) return cannot(system_text());
  return text;
}

}  // namespace openssl

OKHTTP_DECL HandshakeCertificates::HandshakeCertificates() {
  auto data = std::make_shared<Data>();
  data->platform = true;
  data_ = std::move(data);
}

OKHTTP_DECL bool HandshakeCertificates::trusts_platform() const noexcept { return data_->platform; }
OKHTTP_DECL bool HandshakeCertificates::is_insecure() const noexcept { return data_->insecure; }
OKHTTP_DECL bool HandshakeCertificates::has_held_certificate() const noexcept {
  return !data_->held.empty();
}

OKHTTP_DECL bool HandshakeCertificates::is_insecure_host(std::string_view host) const noexcept {
  if (data_->insecure) return true;
  for (const std::string& one : data_->insecure_hosts)
    if (ascii::iequals(one, host)) return true;
  return false;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_platform_trusted() {
  platform_ = true;
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_trusted_pem(
    std::string pem) {
  sources_.push_back({Source::Kind::trusted, false, std::move(pem), {}});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_trusted_pem_file(
    std::string path) {
  sources_.push_back({Source::Kind::trusted, true, std::move(path), {}});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::held_certificate_pem(
    std::string certificates, std::string private_key) {
  sources_.push_back({Source::Kind::held, false, std::move(certificates), std::move(private_key)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder&
HandshakeCertificates::Builder::held_certificate_pem_files(std::string certificate_path,
                                                           std::string private_key_path) {
  sources_.push_back(
      {Source::Kind::held, true, std::move(certificate_path), std::move(private_key_path)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::held_certificate_pkcs12(
    std::string bundle, std::string password) {
  sources_.push_back({Source::Kind::held_pkcs12, false, std::move(bundle), std::move(password)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder&
HandshakeCertificates::Builder::held_certificate_pkcs12_file(std::string path,
                                                             std::string password) {
  sources_.push_back({Source::Kind::held_pkcs12, true, std::move(path), std::move(password)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_trusted_pkcs12(
    std::string bundle, std::string password) {
  sources_.push_back({Source::Kind::trusted_pkcs12, false, std::move(bundle), std::move(password)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_trusted_pkcs12_file(
    std::string path, std::string password) {
  sources_.push_back({Source::Kind::trusted_pkcs12, true, std::move(path), std::move(password)});
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_insecure_host(
    std::string_view host) {
  insecure_hosts_.push_back(url::canonical_name(host));
  return *this;
}

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::insecure() {
  insecure_ = true;
  return *this;
}

OKHTTP_DECL Result<HandshakeCertificates> HandshakeCertificates::Builder::try_build() const {
  openssl::CleanErrors clean;
  auto data = std::make_shared<Data>();
  data->platform = platform_;
  data->insecure = insecure_;
  data->insecure_hosts = insecure_hosts_;
  for (const Source& source : sources_) {
    // In a message a file is named; a text has no name.
    const auto located = [&](const Error& error, const std::string& path) {
      return source.is_file ? error.with_message(path + ": " + error.message()) : error;
    };
    std::string first = source.first;
    std::string second = source.second;
    if (source.is_file) {
      Result<std::string> text = openssl::read_certificate_file(source.first);
      if (!text) return std::move(text).error();
      first = *std::move(text);
      if (source.kind == Source::Kind::held) {
        text = openssl::read_certificate_file(source.second);
        if (!text) return std::move(text).error();
        second = *std::move(text);
      }
    }
    if (source.kind == Source::Kind::held_pkcs12 || source.kind == Source::Kind::trusted_pkcs12) {
      Result<openssl::Bundle> bundle = openssl::parse_pkcs12(first, source.second);
      if (!bundle) return located(bundle.error(), source.first);
      if (source.kind == Source::Kind::trusted_pkcs12) {
        if (bundle->certificate) bundle->others.push_back(std::move(bundle->certificate));
        if (bundle->others.empty())
          return located(Error(Errc::invalid_argument, "no certificate in the PKCS#12 bundle"),
                         source.first);
        for (openssl::CertificatePtr& one : bundle->others) data->trusted.push_back(std::move(one));
        continue;
      }
      if (!bundle->key || !bundle->certificate)
        return located(Error(Errc::invalid_argument,
                             "no private key with its certificate in the PKCS#12 bundle"),
                       source.first);
      data->held = openssl::in_signing_order(std::move(bundle->certificate),
                                             std::move(bundle->others));
      data->key = std::move(bundle->key);
      continue;
    }
    Result<std::vector<openssl::CertificatePtr>> certificates = openssl::parse_certificates(first);
    if (!certificates) return located(certificates.error(), source.first);
    if (source.kind == Source::Kind::trusted) {
      for (openssl::CertificatePtr& one : *certificates) data->trusted.push_back(std::move(one));
      continue;
    }
    Result<openssl::KeyPtr> key = openssl::parse_private_key(second);
    if (!key) return located(key.error(), source.second);
    if (X509_check_private_key(certificates->front().get(), key->get()) != 1)
      return located(
          Error(Errc::invalid_argument, "the private key does not belong to the certificate"),
          source.second);
    data->held = *std::move(certificates);
    data->key = *std::move(key);
  }
  return HandshakeCertificates(std::move(data));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_IPP
