// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_HELD_CERTIFICATE_IPP
#define OKHTTP_TESTING_HELD_CERTIFICATE_IPP

#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <openssl/rand.h>

#include <cstddef>
#include <ctime>

OKHTTP_NAMESPACE_BEGIN

struct HeldCertificate::Data {
  openssl::CertificatePtr certificate;
  openssl::KeyPtr key;
  // Who signed it, and who signed that; no root.
  std::vector<openssl::CertificatePtr> intermediates;
  // Null if it is self-signed, and after decode().
  std::shared_ptr<const Data> issuer;
};

namespace openssl {

OKHTTP_DECL CertificatePtr share(X509* certificate) {
  X509_up_ref(certificate);
  return CertificatePtr(certificate);
}

OKHTTP_DECL bool is_self_signed(const X509* certificate) {
  return X509_self_signed(const_cast<X509*>(certificate), 0) == 1;
}

/// 32 random hex digits.
OKHTTP_DECL std::string random_name() {
  constexpr char hex[] = "0123456789abcdef";
  unsigned char bytes[16] = {};
  RAND_bytes(bytes, sizeof bytes);
  std::string name;
  for (const unsigned char b : bytes) {
    name += hex[b >> 4];
    name += hex[b & 15];
  }
  return name;
}

OKHTTP_DECL bool add_name_entry(X509_NAME* name, const char* field, const std::string& value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

/// The extension value for one host: iPAddress for addresses, dNSName for anything else.
OKHTTP_DECL GENERAL_NAME* general_name(const std::string& text) {
  struct Free {
    void operator()(GENERAL_NAME* name) const { GENERAL_NAME_free(name); }
  };
  std::unique_ptr<GENERAL_NAME, Free> name(GENERAL_NAME_new());
  if (!name) return nullptr;
  if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(text.c_str())) {
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
    return name.release();
  }
  clear_errors();
  ASN1_IA5STRING* dns = ASN1_IA5STRING_new();
  if (dns == nullptr) return nullptr;
  GENERAL_NAME_set0_value(name.get(), GEN_DNS, dns);
  if (ASN1_STRING_set(dns, text.data(), static_cast<int>(text.size())) != 1) return nullptr;
  return name.release();
}

OKHTTP_DECL bool add_alternative_names(X509* certificate, const std::vector<std::string>& texts) {
  struct Free {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  };
  const std::unique_ptr<GENERAL_NAMES, Free> names(sk_GENERAL_NAME_new_null());
  if (!names) return false;
  for (const std::string& text : texts) {
    GENERAL_NAME* name = general_name(text);
    if (name == nullptr) return false;
    if (sk_GENERAL_NAME_push(names.get(), name) == 0) {
      GENERAL_NAME_free(name);
      return false;
    }
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_APPEND) ==
         1;
}

/// One entry of the extension's text in OpenSSL's configuration syntax.
OKHTTP_DECL std::string name_constraint(const char* kind, const std::string& name) {
  const bool is_network = name.find('/') != std::string::npos;
  return std::string(",") + kind + (is_network ? ";IP:" : ";DNS:") + name;
}

OKHTTP_DECL bool add_extension(X509* certificate,
                               X509* issuer,
                               int kind,
                               const std::string& value) {
  struct Free {
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  };
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace openssl

OKHTTP_DECL Result<HeldCertificate> HeldCertificate::try_localhost() {
  return Builder()
      .common_name("localhost")
      .add_subject_alternative_name("localhost")
      .add_subject_alternative_name("127.0.0.1")
      .add_subject_alternative_name("::1")
      .try_build();
}

OKHTTP_DECL Result<HeldCertificate> HeldCertificate::try_decode(std::string_view pem) {
  Result<std::vector<openssl::CertificatePtr>> certificates = openssl::parse_certificates(pem);
  if (!certificates) return std::move(certificates).error();
  Result<openssl::KeyPtr> key = openssl::parse_private_key(pem);
  if (!key) return std::move(key).error();
  openssl::CleanErrors clean;
  auto data = std::make_shared<Data>();
  data->certificate = std::move(certificates->front());
  data->key = *std::move(key);
  if (X509_check_private_key(data->certificate.get(), data->key.get()) != 1)
    return Error(Errc::invalid_argument, "the private key does not belong to the certificate");
  for (std::size_t i = 1; i < certificates->size(); ++i)
    if (!openssl::is_self_signed((*certificates)[i].get()))
      data->intermediates.push_back(std::move((*certificates)[i]));
  return HeldCertificate(std::move(data));
}

OKHTTP_DECL std::string HeldCertificate::certificate_pem() const {
  return openssl::to_pem(data_->certificate.get());
}

OKHTTP_DECL std::string HeldCertificate::certificate_chain_pem() const {
  std::string chain = certificate_pem();
  for (const openssl::CertificatePtr& one : data_->intermediates)
    chain += openssl::to_pem(one.get());
  return chain;
}

OKHTTP_DECL std::string HeldCertificate::private_key_pkcs8_pem() const {
  openssl::CleanErrors clean;
  const openssl::BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), data_->key.get(), nullptr, nullptr, 0,
                                            nullptr, nullptr) != 1)
    return {};
  return openssl::contents(bio.get());
}

OKHTTP_DECL std::string HeldCertificate::ocsp_response(RevocationStatus status) const {
  const auto now = std::chrono::system_clock::now();
  return ocsp_response(status, now - std::chrono::hours(1), now + std::chrono::hours(24));
}

OKHTTP_DECL std::string HeldCertificate::ocsp_response(RevocationStatus status,
                                                       std::chrono::system_clock::time_point from,
                                                       std::chrono::system_clock::time_point to) const {
  using std::chrono::system_clock;
  openssl::CleanErrors clean;
  X509* const certificate = data_->certificate.get();
  const Data* const issuer = openssl::is_self_signed(certificate) ? data_.get() : data_->issuer.get();
  if (issuer == nullptr) return {};
  using Time = std::unique_ptr<ASN1_TIME, openssl::Deleter<ASN1_TIME_free>>;
  const Time begin(ASN1_GENERALIZEDTIME_set(nullptr, system_clock::to_time_t(from)));
  const Time end(ASN1_GENERALIZEDTIME_set(nullptr, system_clock::to_time_t(to)));
  const std::unique_ptr<OCSP_BASICRESP, openssl::Deleter<OCSP_BASICRESP_free>> basic(OCSP_BASICRESP_new());
  const std::unique_ptr<OCSP_CERTID, openssl::Deleter<OCSP_CERTID_free>> id(
      OCSP_cert_to_id(EVP_sha1(), certificate, issuer->certificate.get()));
  const int code = status == RevocationStatus::good      ? V_OCSP_CERTSTATUS_GOOD
                   : status == RevocationStatus::revoked ? V_OCSP_CERTSTATUS_REVOKED
                                                         : V_OCSP_CERTSTATUS_UNKNOWN;
  if (!basic || !id || !begin || !end ||
      OCSP_basic_add1_status(basic.get(), id.get(), code, OCSP_REVOKED_STATUS_KEYCOMPROMISE, begin.get(),
                             begin.get(), end.get()) == nullptr ||
      OCSP_basic_sign(basic.get(), issuer->certificate.get(), issuer->key.get(), EVP_sha256(), nullptr, 0) != 1)
    return {};
  const std::unique_ptr<OCSP_RESPONSE, openssl::Deleter<OCSP_RESPONSE_free>> response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  unsigned char* bytes = nullptr;
  const int size = response ? i2d_OCSP_RESPONSE(response.get(), &bytes) : 0;
  std::string der;
  if (size > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::ecdsa_256() {
  rsa_bits_ = 0;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::rsa_2048() {
  rsa_bits_ = 2048;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::rsa_1024() {
  rsa_bits_ = 1024;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::signed_with_sha1() {
  sha1_ = true;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::add_permitted_name(std::string name) {
  name_constraints_ += openssl::name_constraint("permitted", name);
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::add_excluded_name(std::string name) {
  name_constraints_ += openssl::name_constraint("excluded", name);
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::common_name(std::string name) {
  common_name_ = std::move(name);
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::organizational_unit(
    std::string name) {
  organizational_unit_ = std::move(name);
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::add_subject_alternative_name(
    std::string name) {
  alternative_names_.push_back(std::move(name));
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::serial_number(
    std::uint64_t number) {
  serial_number_ = number;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::valid_between(
    std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) {
  has_validity_ = true;
  from_ = from;
  to_ = to;
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::signed_by(HeldCertificate issuer) {
  issuer_ = std::move(issuer.data_);
  return *this;
}

OKHTTP_DECL HeldCertificate::Builder& HeldCertificate::Builder::certificate_authority(
    int max_intermediates) {
  authority_ = true;
  max_intermediates_ = max_intermediates;
  return *this;
}

OKHTTP_DECL Result<HeldCertificate> HeldCertificate::Builder::try_build() const {
  using std::chrono::system_clock;
  if (authority_ && max_intermediates_ < 0)
    return Error(Errc::invalid_argument, "a certificate authority has 0 or more intermediates");
  for (const std::string& name : alternative_names_) {
    bool good = !name.empty() && name.size() <= 255;
    for (const char c : name) good = good && c > 0x20 && c < 0x7f;
    if (!good)
      return Error(Errc::invalid_argument,
                   "a subject alternative name has 1 to 255 printable ASCII characters");
  }
  openssl::CleanErrors clean;
  const auto failed = [](const char* step) {
    return Error(Errc::invalid_argument,
                 std::string("cannot make a certificate: ") + step + ": " + openssl::reason_text());
  };

  auto data = std::make_shared<Data>();
  // EVP_RSA_gen wants an unsigned int, and the function behind it a size_t.
  data->key.reset(rsa_bits_ != 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits_))
                                 : EVP_EC_gen("P-256"));
  data->certificate.reset(X509_new());
  X509* certificate = data->certificate.get();
  if (!data->key || certificate == nullptr) return failed("key");

  constexpr long version_3 = 2;
  if (X509_set_version(certificate, version_3) != 1 ||
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial_number_) != 1 ||
      X509_set_pubkey(certificate, data->key.get()) != 1)
    return failed("serial number");

  X509_NAME* subject = X509_get_subject_name(certificate);
  if (!organizational_unit_.empty() &&
      !openssl::add_name_entry(subject, "OU", organizational_unit_))
    return failed("organizational unit");
  if (!openssl::add_name_entry(subject, "CN",
                               common_name_.empty() ? openssl::random_name() : common_name_))
    return failed("common name");

  const system_clock::time_point now = system_clock::now();
  const std::time_t from =
      system_clock::to_time_t(has_validity_ ? from_ : now - std::chrono::hours(1));
  const std::time_t to =
      system_clock::to_time_t(has_validity_ ? to_ : now + std::chrono::hours(24));
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), from) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), to) == nullptr)
    return failed("validity");

  X509* issuer = issuer_ ? issuer_->certificate.get() : certificate;
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1)
    return failed("issuer");
  if (authority_ &&
      !openssl::add_extension(certificate, issuer, NID_basic_constraints,
                              "critical,CA:TRUE,pathlen:" + std::to_string(max_intermediates_)))
    return failed("basic constraints");
  if (!name_constraints_.empty() &&
      !openssl::add_extension(certificate, issuer, NID_name_constraints, "critical" + name_constraints_))
    return failed("name constraints");
  if (!alternative_names_.empty() &&
      !openssl::add_alternative_names(certificate, alternative_names_))
    return failed("subject alternative name");
  // Key identifiers tell issuers of the same name apart.
  if (!openssl::add_extension(certificate, issuer, NID_subject_key_identifier, "hash") ||
      !openssl::add_extension(certificate, issuer, NID_authority_key_identifier, "keyid"))
    return failed("key identifier");
  EVP_PKEY* signer = issuer_ ? issuer_->key.get() : data->key.get();
  if (X509_sign(certificate, signer, sha1_ ? EVP_sha1() : EVP_sha256()) == 0) return failed("signature");

  data->issuer = issuer_;
  if (issuer_ && !openssl::is_self_signed(issuer)) {
    data->intermediates.push_back(openssl::share(issuer));
    for (const openssl::CertificatePtr& one : issuer_->intermediates)
      data->intermediates.push_back(openssl::share(one.get()));
  }
  return HeldCertificate(std::move(data));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TESTING_HELD_CERTIFICATE_IPP
