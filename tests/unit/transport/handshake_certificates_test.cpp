// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/handshake_certificates.hpp>

#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

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
          CHECK(link.server.peer_certificates_pem().at(0) == me.certificate_pem());
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

  TEST_CASE("an insecure host need not be trusted, but its certificate must be for it") {
    using namespace std::chrono_literals;
    const auto now = std::chrono::system_clock::now();
    const HandshakeCertificates certificates = HandshakeCertificates::Builder()
                                                   .add_platform_trusted()
                                                   .add_insecure_host("LocalHost")
                                                   .build();
    CHECK(certificates.is_insecure_host("localhost"));
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

#endif
