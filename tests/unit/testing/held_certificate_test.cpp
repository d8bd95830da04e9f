// SPDX-License-Identifier: Apache-2.0
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace held_certificate_test {

using okhttp::Errc;
using okhttp::HeldCertificate;
using Builder = okhttp::HeldCertificate::Builder;

namespace {

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

std::unique_ptr<BIO, Free> reader(const std::string& pem) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate parse(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
}

std::string subject(const HeldCertificate& held) {
  const Certificate certificate = parse(held.certificate_pem());
  char text[300];
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), text, sizeof text);
  return text;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_SUITE("testing/held_certificate") {
  TEST_CASE("localhost is for its name and both loopback addresses") {
    const HeldCertificate held = HeldCertificate::localhost();
    const Certificate certificate = parse(held.certificate_pem());
    REQUIRE(certificate);
    CHECK(X509_check_host(certificate.get(), "localhost", 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                          nullptr) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "::1", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "127.0.0.2", 0) == 0);
    CHECK(subject(held) == "/CN=localhost");
    CHECK(X509_self_signed(certificate.get(), 1) == 1);
    CHECK(ASN1_INTEGER_get(X509_get0_serialNumber(certificate.get())) == 1);
    CHECK(X509_cmp_current_time(X509_get0_notBefore(certificate.get())) == -1);
    CHECK(X509_cmp_current_time(X509_get0_notAfter(certificate.get())) == 1);
    CHECK(HeldCertificate::localhost().certificate_pem() != held.certificate_pem());
  }

  TEST_CASE("the builder's values are in the certificate") {
    using std::chrono::seconds;
    using std::chrono::system_clock;
    const HeldCertificate held =
        Builder()
            .common_name("J\xc3\xbcrgen")
            .organizational_unit("Tools, Inc")
            .serial_number(0xffffffffffffffffU)
            .valid_between(system_clock::time_point(seconds(1'000'000'000)),
                           system_clock::time_point(seconds(4'000'000'000)))
            .add_subject_alternative_name("a,b=c.test")
            .build();
    const Certificate certificate = parse(held.certificate_pem());
    CHECK(subject(held) == "/OU=Tools, Inc/CN=J\\xC3\\xBCrgen");
    std::uint64_t serial = 0;
    CHECK(ASN1_INTEGER_get_uint64(&serial, X509_get0_serialNumber(certificate.get())) == 1);
    CHECK(serial == 0xffffffffffffffffU);
    CHECK(ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate.get()), 1'000'000'000) == 0);
    CHECK(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate.get()), 4'000'000'000) == 0);
    CHECK(X509_check_host(certificate.get(), "a,b=c.test", 0, 0, nullptr) == 1);
    CHECK(X509_check_ca(certificate.get()) == 0);
    CHECK(X509_get_version(certificate.get()) == 2);
    CHECK(subject(Builder().build()) != subject(Builder().build()));
  }

  TEST_CASE("keys are P-256 unless RSA is asked for") {
    const auto key = [](const HeldCertificate& held) {
      const std::string pem = held.private_key_pkcs8_pem();
      CHECK(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
      return Key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr));
    };
    CHECK(EVP_PKEY_get_base_id(key(Builder().build()).get()) == EVP_PKEY_EC);
    CHECK(EVP_PKEY_get_bits(key(Builder().rsa_2048().ecdsa_256().build()).get()) == 256);
    const Key rsa = key(Builder().rsa_2048().build());
    CHECK(EVP_PKEY_get_base_id(rsa.get()) == EVP_PKEY_RSA);
    CHECK(EVP_PKEY_get_bits(rsa.get()) == 2048);
  }

  TEST_CASE("a leaf presents its intermediates and not the root") {
    const HeldCertificate root = Builder().common_name("root").certificate_authority(2).build();
    const HeldCertificate upper =
        Builder().common_name("upper").certificate_authority(1).signed_by(root).build();
    const HeldCertificate lower =
        Builder().common_name("lower").rsa_2048().certificate_authority(0).signed_by(upper).build();
    const HeldCertificate leaf = Builder().common_name("leaf").signed_by(lower).build();
    CHECK(leaf.certificate_chain_pem() ==
          leaf.certificate_pem() + lower.certificate_pem() + upper.certificate_pem());
    CHECK(upper.certificate_chain_pem() == upper.certificate_pem());
    CHECK(root.certificate_chain_pem() == root.certificate_pem());
    const Certificate upper_x509 = parse(upper.certificate_pem());
    CHECK(X509_check_ca(upper_x509.get()) == 1);
    CHECK(X509_get_pathlen(upper_x509.get()) == 1);
    const Certificate leaf_x509 = parse(leaf.certificate_pem());
    const Certificate lower_x509 = parse(lower.certificate_pem());
    CHECK(X509_verify(leaf_x509.get(), X509_get0_pubkey(lower_x509.get())) == 1);
    CHECK(X509_check_issued(lower_x509.get(), leaf_x509.get()) == X509_V_OK);
  }

  TEST_CASE("decode reads what was written, in either order") {
    const HeldCertificate root = Builder().certificate_authority(1).build();
    const HeldCertificate middle = Builder().certificate_authority(0).signed_by(root).build();
    for (const HeldCertificate& held : {HeldCertificate::localhost(), Builder().rsa_2048().build(),
                                        Builder().signed_by(middle).build()}) {
      const std::string chain = held.certificate_chain_pem();
      const std::string key = held.private_key_pkcs8_pem();
      for (const std::string& text :
           {chain + key, key + chain, "noise\n" + chain + "\nnoise\n" + key}) {
        const HeldCertificate decoded = HeldCertificate::decode(text);
        CHECK(decoded.certificate_chain_pem() == chain);
        CHECK(decoded.private_key_pkcs8_pem() == key);
      }
      // Decoded ones sign like new ones.
      const HeldCertificate child =
          Builder().signed_by(HeldCertificate::decode(chain + key)).build();
      const Certificate issuer = parse(held.certificate_pem());
      CHECK(X509_verify(parse(child.certificate_pem()).get(), X509_get0_pubkey(issuer.get())) == 1);
    }
  }

  TEST_CASE("decode refuses what is incomplete or does not fit") {
    const HeldCertificate held = HeldCertificate::localhost();
    const auto code = [](const std::string& text) {
      const okhttp::Result<HeldCertificate> result = HeldCertificate::try_decode(text);
      REQUIRE_FALSE(result);
      CHECK(ERR_peek_error() == 0);
      return result.error().code();
    };
    CHECK(code("") == Errc::invalid_argument);
    CHECK(code(held.certificate_pem()) == Errc::invalid_argument);
    CHECK(code(held.private_key_pkcs8_pem()) == Errc::invalid_argument);
    CHECK(code(held.certificate_pem() + HeldCertificate::localhost().private_key_pkcs8_pem()) ==
          Errc::invalid_argument);
    const std::string both = held.certificate_pem() + held.private_key_pkcs8_pem();
    for (std::size_t cut = 0; cut + 2 < both.size(); cut += 7)
      CHECK(code(both.substr(0, cut)) == Errc::invalid_argument);
#if OKHTTP_EXCEPTIONS
    CHECK_THROWS_AS((void)HeldCertificate::decode("junk"), okhttp::Exception);
#endif
  }

  TEST_CASE("values that no certificate can hold are refused") {
    const auto code = [](const Builder& builder) {
      const okhttp::Result<HeldCertificate> result = builder.try_build();
      REQUIRE_FALSE(result);
      CHECK(ERR_peek_error() == 0);
      return result.error().code();
    };
    CHECK(code(Builder().add_subject_alternative_name("")) == Errc::invalid_argument);
    CHECK(code(Builder().add_subject_alternative_name("b\xc3\xbc.test")) == Errc::invalid_argument);
    CHECK(code(Builder().add_subject_alternative_name("a b")) == Errc::invalid_argument);
    CHECK(code(Builder().common_name(std::string(65, 'a'))) == Errc::invalid_argument);
    CHECK(code(Builder().common_name("\xff")) == Errc::invalid_argument);
    CHECK(code(Builder().certificate_authority(-1)) == Errc::invalid_argument);
    CHECK(count(HeldCertificate::localhost().certificate_chain_pem(), "BEGIN") == 1);
  }
}

}  // namespace held_certificate_test

#endif
