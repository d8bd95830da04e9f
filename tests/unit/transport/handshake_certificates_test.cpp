// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/handshake_certificates.hpp>

#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <okhttp/base/base64.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace handshake_certificates_test {

using namespace okhttp_tests;
using okhttp::ClientAuth;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::TlsContext;
using okhttp::TlsEngine;
using okhttp::TlsServerContext;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;

namespace {

/// A file that is gone at the end of the scope.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& text) {
    const char* folder = std::getenv("TMPDIR");
    path = std::string(folder == nullptr ? "/tmp" : folder) + "/okhttp_pem_XXXXXX";
    const int descriptor = mkstemp(path.data());
    REQUIRE(descriptor >= 0);
    std::FILE* file = fdopen(descriptor, "wb");
    REQUIRE(std::fwrite(text.data(), 1, text.size(), file) == text.size());
    std::fclose(file);
  }
  ~TemporaryFile() { std::remove(path.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path;
};

bool shakes(const HandshakeCertificates& certificates,
            const TlsServerContext& server,
            std::string_view host) {
  return make_link(TlsContext(certificates), server, host).shake();
}

Error failure(const HandshakeCertificates& certificates,
              const TlsServerContext& server,
              std::string_view host) {
  TlsLink link = make_link(TlsContext(certificates), server, host);
  REQUIRE_FALSE(link.shake());
  REQUIRE(link.client_error);
  return *link.client_error;
}

Error build_error(const HandshakeCertificates::Builder& builder) {
  const okhttp::Result<HandshakeCertificates> result = builder.try_build();
  REQUIRE_FALSE(result);
  CHECK(ERR_peek_error() == 0);
  return result.error();
}

/// The same key, locked with a pass phrase.
std::string encrypted_key(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* out = BIO_new(BIO_s_mem());
  char pass_phrase[] = "secret";
  PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), pass_phrase, 6, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  EVP_PKEY_free(key);
  BIO_free(in);
  return text;
}

/// A PKCS#12 bundle of a key and certificates, the first of which is the key's own. An empty key makes
/// one of certificates alone.
std::string pkcs12(const std::string& key_pem,
                   const std::vector<std::string>& certificate_pems,
                   const char* password) {
  const auto parse = [](const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    REQUIRE(certificate != nullptr);
    return certificate;
  };
  EVP_PKEY* key = nullptr;
  X509* own = nullptr;
  STACK_OF(X509)* others = sk_X509_new_null();
  std::size_t first_other = 0;
  if (!key_pem.empty()) {
    BIO* bio = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
    key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    if (!certificate_pems.empty()) own = parse(certificate_pems[first_other++]);
  }
  for (std::size_t i = first_other; i < certificate_pems.size(); ++i)
    sk_X509_push(others, parse(certificate_pems[i]));
  PKCS12* bundle = PKCS12_create(password, "name", key, own, others, 0, 0, 100, 100, 0);
  REQUIRE(bundle != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS12(bundle, &der);
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  PKCS12_free(bundle);
  sk_X509_pop_free(others, X509_free);
  X509_free(own);
  EVP_PKEY_free(key);
  return bytes;
}

/// A bundle under the password "secret" that is locked by RC2 with 40 bits, as old tools do.
constexpr std::string_view rc2_pkcs12 =
    "MIIDbwIBAzCCAzYGCSqGSIb3DQEHAaCCAycEggMjMIIDHzCCAhYGCSqGSIb3DQEHBqCCAgcwggIDAgEAMIIB/AYJKoZIhvcN"
    "AQcBMBsGCiqGSIb3DQEMAQYwDQQIYdl6Hk3chiMCAQqAggHQa3tQs5heeCuNOnWpF9/5DVATblTk5wzl5oFISwqvTogqhTiL"
    "bsWOCYRYxITn8O0pnbrueZxCe7/1SzpG3IT3eGIZ1WrVYTAhUXnEUEeBGmb0PftHySSLDJMX12L4Gdd2c/inPcjXWrUIwfTw"
    "LW9w34BUVIePg335i9n9WfS1bUor3xvx+ZsFkajnwc7wKAw03gwF1y6DyHMqs7o8YqZsOVe4gy4+NGfm9Qz3WFbqrMiuxb3+"
    "0KXjt48bHFyTGNPxbiqcm/ceZ+91sRUcAzkomio9F8JxkUmY8oKu+rlNLuYqizB5BvGO9zwVmUQ3xkQsEt83S/Dww0lQ2T+9"
    "nPQ/WVEAJfbfX/m7JetEiquZmfvfqTvW1tRkS+vaOdaBsX1dFPwHvG7lN1MUe1WmvZOXWGVOxxrPWeI0m1xqVMqARxxY9X7g"
    "S5ry5dFrDrBtK41YF1gKxE7aQ46E/HivS2KyEKyOGrZxWFuhNX88Ppp85nu/IqA/pXMjvGI6r6e9dglnEXbV8MJ7q3cbCuOV"
    "LunX4KZVGKm7wzI7a3ylDXNGoqm41/ul1HbCjWPkbgF7dGAY8lQe6ij9KRM6nuMpqSn1/6ysndH47udU/HHiM0mdnvEwggEB"
    "BgkqhkiG9w0BBwGggfMEgfAwge0wgeoGCyqGSIb3DQEMCgECoIGzMIGwMBsGCiqGSIb3DQEMAQYwDQQIJn9RFafl0qcCAQoE"
    "gZAlCnRXZkxQSMNuYa9l7tfdg+dXUDBROe5bAenX3WvRfJtqqggi2Yn2t7PS+cs7/27XldUUc98JwCPTuv+EepdPIphj2GJK"
    "ntBm4zSCOYQ0CYxj9l99i7pD4CGX1gA+iRDsApjcLYpRiLnDDlISutZKCaBwFxmyYYOh9wSjN6pRolrQMnwcINQRdyU8ixm0"
    "CQMxJTAjBgkqhkiG9w0BCRUxFgQURINMma0vcC+1RicoE0HF8MwboYIwMDAhMAkGBSsOAwIaBQAEFGSAuxglQLZ2u4DOWc5a"
    "W+Upwm6bBAjixWGkUFp4dgIBCg==";

}  // namespace

TEST_SUITE("transport/handshake_certificates") {
  TEST_CASE("a default value trusts the platform, an empty builder nobody") {
    CHECK(HandshakeCertificates().trusts_platform());
    CHECK_FALSE(HandshakeCertificates().is_insecure());
    CHECK_FALSE(HandshakeCertificates().has_held_certificate());
    const HandshakeCertificates nobody = HandshakeCertificates::Builder().build();
    CHECK_FALSE(nobody.trusts_platform());
    CHECK(HandshakeCertificates::Builder().add_platform_trusted().build().trusts_platform());
    const HeldCertificate held = HeldCertificate::localhost();
    CHECK(failure(nobody, serving(held), "localhost").code() == Errc::certificate);
  }

  TEST_CASE("trusts what a text or a file holds, several at once") {
    const HeldCertificate a = HeldCertificate::localhost();
    const HeldCertificate b = HeldCertificate::localhost();
    const HeldCertificate c = HeldCertificate::localhost();
    const TemporaryFile file("# comment\n" + b.certificate_pem() + b.certificate_pem() +
                             c.certificate_pem());
    const HandshakeCertificates trust = HandshakeCertificates::Builder()
                                            .add_trusted_pem(a.certificate_pem())
                                            .add_trusted_pem_file(file.path)
                                            .build();
    for (const HeldCertificate& held : {a, b, c}) CHECK(shakes(trust, serving(held), "localhost"));
    CHECK_FALSE(shakes(trust, serving(HeldCertificate::localhost()), "localhost"));
  }

  TEST_CASE("the first fault is reported, a file by its name") {
    const HeldCertificate held = HeldCertificate::localhost();
    const std::string pem = held.certificate_pem();
    const std::string key = held.private_key_pkcs8_pem();
    using Builder = HandshakeCertificates::Builder;

    Error error =
        build_error(Builder().add_trusted_pem_file("/no/such/file.pem").add_trusted_pem("junk"));
    CHECK(error.code() == Errc::file);
    CHECK(error.message() ==
          "cannot read the certificate file /no/such/file.pem: No such file or directory");
    CHECK(build_error(Builder().add_trusted_pem_file("/")).code() == Errc::file);
    error =
        build_error(Builder().add_trusted_pem("junk").add_trusted_pem_file("/no/such/file.pem"));
    CHECK(error.code() == Errc::invalid_argument);
    CHECK(error.message() == "no certificate in the PEM text");
    CHECK(build_error(Builder().add_trusted_pem("")).code() == Errc::invalid_argument);

    const TemporaryFile junk("junk");
    CHECK(build_error(Builder().add_trusted_pem_file(junk.path)).message() ==
          junk.path + ": no certificate in the PEM text");

    std::string damaged = pem;
    damaged[60] = '!';
    CHECK(build_error(Builder().add_trusted_pem(pem + damaged)).code() == Errc::invalid_argument);
    CHECK(build_error(Builder().add_trusted_pem(pem.substr(0, pem.size() / 2))).code() ==
          Errc::invalid_argument);

    CHECK(build_error(Builder().held_certificate_pem(pem, pem)).message() ==
          "no usable private key in the PEM text");
    CHECK(build_error(Builder().held_certificate_pem(key, key)).message() ==
          "no certificate in the PEM text");
    CHECK(build_error(Builder().held_certificate_pem(
                          pem, HeldCertificate::localhost().private_key_pkcs8_pem()))
              .message() == "the private key does not belong to the certificate");
    // Never asks the terminal.
    CHECK(build_error(Builder().held_certificate_pem(pem, encrypted_key(key))).message() ==
          "the private key is encrypted");
#if OKHTTP_EXCEPTIONS
    CHECK_THROWS_AS((void)Builder().add_trusted_pem("junk").build(), okhttp::Exception);
#endif
  }

  TEST_CASE("shows a client certificate to a server that asks") {
    const HeldCertificate server_root = HeldCertificate::localhost();
    const HeldCertificate client_root = HeldCertificate::Builder().certificate_authority(1).build();
    const HeldCertificate middle =
        HeldCertificate::Builder().certificate_authority(0).signed_by(client_root).build();
    const HeldCertificate me =
        HeldCertificate::Builder().common_name("me").signed_by(middle).build();
    const TemporaryFile certificate_file(me.certificate_chain_pem());
    const TemporaryFile key_file(me.private_key_pkcs8_pem());
    const TemporaryFile both_file(me.private_key_pkcs8_pem() + me.certificate_chain_pem());
    const auto trust = [&] {
      return HandshakeCertificates::Builder().add_trusted_pem(server_root.certificate_pem());
    };

    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      TlsServerOptions options;
      options.max_version = version;
      options.client_auth = ClientAuth::require;
      options.client_trust_pem = client_root.certificate_pem();
      const TlsServerContext demanding = serving(server_root, options);
      options.client_auth = ClientAuth::request;
      const TlsServerContext asking = serving(server_root, options);

      for (const HandshakeCertificates& certificates :
           {trust()
                .held_certificate_pem(me.certificate_chain_pem(), me.private_key_pkcs8_pem())
                .build(),
            trust().held_certificate_pem_files(certificate_file.path, key_file.path).build(),
            trust().held_certificate_pem_files(both_file.path, both_file.path).build()}) {
        CHECK(certificates.has_held_certificate());
        const TlsContext context(certificates);
        for (const bool resumed : {false, true}) {
          TlsLink link = make_link(context, demanding, "localhost");
          REQUIRE(link.shake());
          CHECK(link.client.info().resumed == resumed);
          CHECK(link.server.info().peer_certificates.list().at(0).pem == me.certificate_pem());
          CHECK(read_all(link.client).empty());
        }
      }
      CHECK(shakes(trust().build(), asking, "localhost"));

      TlsLink without = make_link(TlsContext(trust().build()), demanding, "localhost");
      CHECK_FALSE(without.shake());
      CHECK(without.server_error.value().code() == Errc::tls);
      // TLS 1.3 tells the client only after its handshake.
      std::byte block[10];
      const Error error = without.client.is_established() ? without.client.read(block).error()
                                                          : without.client.handshake().error();
      CHECK(error.code() == Errc::tls);
      INFO(error.message());
      CHECK(error.message().find(version == TlsVersion::tls_1_3
                                     ? "certificate required"
                                     : "handshake failure") != std::string::npos);

      const HeldCertificate stranger = HeldCertificate::localhost();
      TlsLink unknown =
          make_link(TlsContext(trust()
                                   .held_certificate_pem(stranger.certificate_pem(),
                                                         stranger.private_key_pkcs8_pem())
                                   .build()),
                    demanding, "localhost");
      CHECK_FALSE(unknown.shake());
      CHECK(unknown.server_error.value().code() == Errc::certificate);
    }
  }

  TEST_CASE("a PKCS#12 bundle gives key, certificate and intermediates in any order") {
    const HeldCertificate server_root = HeldCertificate::localhost();
    const HeldCertificate client_root = HeldCertificate::Builder().certificate_authority(2).build();
    const HeldCertificate upper =
        HeldCertificate::Builder().certificate_authority(1).signed_by(client_root).build();
    const HeldCertificate lower =
        HeldCertificate::Builder().certificate_authority(0).signed_by(upper).build();
    const HeldCertificate me =
        HeldCertificate::Builder().common_name("me").signed_by(lower).build();
    const HeldCertificate stranger = HeldCertificate::localhost();
    TlsServerOptions options;
    options.client_auth = ClientAuth::require;
    options.client_trust_pem = client_root.certificate_pem();
    const TlsServerContext demanding = serving(server_root, options);
    const auto trust = [&] {
      return HandshakeCertificates::Builder().add_trusted_pem(server_root.certificate_pem());
    };
    const std::string own = me.certificate_pem();
    const std::string key = me.private_key_pkcs8_pem();
    for (const char* password : {"secret", ""}) {
      for (const std::vector<std::string>& order : {
               std::vector<std::string>{own, lower.certificate_pem(), upper.certificate_pem()},
               std::vector<std::string>{own, client_root.certificate_pem(), upper.certificate_pem(),
                                        stranger.certificate_pem(), lower.certificate_pem()},
           }) {
        const std::string bundle = pkcs12(key, order, password);
        const TemporaryFile file(bundle);
        for (const HandshakeCertificates& certificates :
             {trust().held_certificate_pkcs12(bundle, password).build(),
              trust().held_certificate_pkcs12_file(file.path, password).build()}) {
          CHECK(certificates.has_held_certificate());
          TlsLink link = make_link(TlsContext(certificates), demanding, "localhost");
          REQUIRE(link.shake());
          CHECK(link.server.info().peer_certificates.list().at(0).pem == own);
          CHECK(link.server.info().peer_certificates.list().size() == 4);
        }
      }
    }
  }

  TEST_CASE("a PKCS#12 bundle may hold what is trusted") {
    const HeldCertificate a = HeldCertificate::localhost();
    const HeldCertificate b = HeldCertificate::localhost();
    const std::string bundle = pkcs12("", {a.certificate_pem(), b.certificate_pem()}, "secret");
    const TemporaryFile file(pkcs12(a.private_key_pkcs8_pem(),
                                    {a.certificate_pem(), b.certificate_pem()}, "secret"));
    for (const HandshakeCertificates& certificates :
         {HandshakeCertificates::Builder().add_trusted_pkcs12(bundle, "secret").build(),
          HandshakeCertificates::Builder().add_trusted_pkcs12_file(file.path, "secret").build()}) {
      CHECK_FALSE(certificates.has_held_certificate());
      CHECK(shakes(certificates, serving(a), "localhost"));
      CHECK(shakes(certificates, serving(b), "localhost"));
      CHECK_FALSE(shakes(certificates, serving(HeldCertificate::localhost()), "localhost"));
    }
  }

  TEST_CASE("a PKCS#12 bundle that cannot be used says why, never the password") {
    using Builder = HandshakeCertificates::Builder;
    const HeldCertificate held = HeldCertificate::localhost();
    const std::string key = held.private_key_pkcs8_pem();
    const std::string good = pkcs12(key, {held.certificate_pem()}, "s3cret");
    const auto message = [](const std::string& bundle, const std::string& password) {
      const Error error = build_error(Builder().held_certificate_pkcs12(bundle, password));
      CHECK(error.code() == Errc::invalid_argument);
      CHECK((password.empty() || error.message().find(password) == std::string::npos));
      return error.message();
    };
    CHECK(message(good, "wr0ng") == "the password of the PKCS#12 bundle is not the right one");
    CHECK(message(good, "") == "the password of the PKCS#12 bundle is not the right one");
    CHECK(message("junk", "s3cret") == "not a PKCS#12 bundle");
    CHECK(message("", "s3cret") == "not a PKCS#12 bundle");
    CHECK(message(held.certificate_pem(), "s3cret") == "not a PKCS#12 bundle");
    CHECK(message(good.substr(0, good.size() / 2), "s3cret") == "not a PKCS#12 bundle");
    CHECK(message(pkcs12("", {held.certificate_pem()}, "s3cret"), "s3cret") ==
          "no private key with its certificate in the PKCS#12 bundle");
    CHECK(message(pkcs12(key, {}, "s3cret"), "s3cret") ==
          "no private key with its certificate in the PKCS#12 bundle");
    CHECK(build_error(Builder().add_trusted_pkcs12(pkcs12(key, {}, "s3cret"), "s3cret")).message() ==
          "no certificate in the PKCS#12 bundle");
    const std::string old = okhttp::base64::decode(rc2_pkcs12).value();
    CHECK(message(old, "wr0ng") == "the password of the PKCS#12 bundle is not the right one");
    // Unless the program has loaded OpenSSL's provider of old ciphers.
    CHECK(message(old, "secret").starts_with("the PKCS#12 bundle is locked by an old cipher"));
    // Damage anywhere is that error and nothing else; what no check covers (the parameters of the
    // check's own algorithm) may pass.
    int refused = 0;
    int tried = 0;
    for (std::size_t i = 0; i < good.size(); i += 3) {
      std::string damaged = good;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      const okhttp::Result<HandshakeCertificates> built =
          Builder().held_certificate_pkcs12(damaged, "s3cret").try_build();
      CHECK((built ? built->has_held_certificate()
                   : built.error().code() == Errc::invalid_argument));
      refused += built ? 0 : 1;
      ++tried;
    }
    CHECK(refused >= tried - 5);

    const TemporaryFile file(good);
    CHECK(build_error(Builder().held_certificate_pkcs12_file(file.path, "wr0ng")).message() ==
          file.path + ": the password of the PKCS#12 bundle is not the right one");
    CHECK(build_error(Builder().add_trusted_pkcs12_file("/no/such.p12", "x")).code() == Errc::file);
  }

  TEST_CASE("an insecure host need not be trusted, but its certificate must be for it") {
    using namespace std::chrono_literals;
    const auto now = std::chrono::system_clock::now();
    const HandshakeCertificates certificates = HandshakeCertificates::Builder()
                                                   .add_platform_trusted()
                                                   .add_insecure_host("LocalHost")
                                                   .add_insecure_host("b\xC3\xBC" "cher.example")
                                                   .build();
    CHECK(certificates.is_insecure_host("localhost"));
    CHECK(certificates.is_insecure_host("xn--bcher-kva.example"));
    CHECK_FALSE(certificates.is_insecure_host("127.0.0.1"));
    const TlsServerContext server = serving(HeldCertificate::localhost());
    CHECK(shakes(certificates, server, "localhost"));
    CHECK(shakes(certificates, server, "localhost."));
    CHECK(failure(certificates, server, "127.0.0.1").code() == Errc::certificate);
    const HeldCertificate stranger = HeldCertificate::Builder().certificate_authority(0).build();
    CHECK(shakes(certificates,
                 serving(HeldCertificate::Builder()
                             .add_subject_alternative_name("localhost")
                             .valid_between(now - 48h, now - 24h)
                             .signed_by(stranger)
                             .build()),
                 "localhost"));
    const TlsServerContext other =
        serving(HeldCertificate::Builder().add_subject_alternative_name("other.test").build());
    CHECK(failure(certificates, other, "localhost").code() == Errc::host_name);
  }

  TEST_CASE("insecure accepts anything from anyone") {
    const HandshakeCertificates certificates = HandshakeCertificates::Builder().insecure().build();
    CHECK(certificates.is_insecure());
    const TlsServerContext server = serving(HeldCertificate::localhost());
    for (const std::string_view host : {"localhost", "b.test", "10.0.0.1"})
      CHECK(shakes(certificates, server, host));
  }
}

}  // namespace handshake_certificates_test

#endif
