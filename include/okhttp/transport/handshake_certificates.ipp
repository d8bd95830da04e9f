// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_IPP
#define OKHTTP_TRANSPORT_HANDSHAKE_CERTIFICATES_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <system_error>

OKHTTP_NAMESPACE_BEGIN

struct HandshakeCertificates::Data {
  std::vector<openssl::CertificatePtr> trusted;
  std::vector<openssl::CertificatePtr> held;  // The certificate, then its intermediates.
  openssl::KeyPtr key;
  std::vector<std::string> insecure_hosts;  // Lower case.
  bool platform = false;
  bool insecure = false;
};

namespace openssl {

/// A whole PEM file. Errors: Errc::file, naming the path.
OKHTTP_DECL Result<std::string> read_pem_file(const std::string& path) {
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

OKHTTP_DECL HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_insecure_host(
    std::string_view host) {
  insecure_hosts_.push_back(ascii::lowered(host));
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
      Result<std::string> text = openssl::read_pem_file(source.first);
      if (!text) return std::move(text).error();
      first = *std::move(text);
      if (source.kind == Source::Kind::held) {
        text = openssl::read_pem_file(source.second);
        if (!text) return std::move(text).error();
        second = *std::move(text);
      }
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
