// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <fstream>
#include <iterator>
#include <optional>

namespace real_servers_openssl_test {

using namespace okhttp_tests;
using okhttp::CertificatePinner;
using okhttp::ConnectionSpec;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::Response;
using okhttp::Result;
using okhttp::TlsVersion;

namespace {

/// What all the servers here show; made once, as RSA keys take their time.
struct Certificates {
  const HeldCertificate root = HeldCertificate::Builder().common_name("the root").certificate_authority(0).build();
  // RSA, for the oldest suites.
  const HeldCertificate usual = made_for("localhost").rsa_2048().signed_by(root).build();
  const HeldCertificate named = made_for("named.test").signed_by(root).build();

 private:
  static HeldCertificate::Builder made_for(const std::string& name) {
    return HeldCertificate::Builder().common_name(name).add_subject_alternative_name(name);
  }
};
const Certificates& certificates() {
  static const Certificates made;
  return made;
}

/// `openssl s_server`, which answers every request with a page about its connection. It serves one at a time.
class OpenSslServer {
 public:
  explicit OpenSslServer(std::vector<std::string> arguments) {
    write("server", certificates().usual);
    write("named", certificates().named);
    folder_.write("root.pem", certificates().root.certificate_pem());
    folder_.write("good.der", certificates().usual.ocsp_response(okhttp::RevocationStatus::good));
    folder_.write("revoked.der", certificates().usual.ocsp_response(okhttp::RevocationStatus::revoked));
    process_.emplace("openssl s_server", folder_ / "log", [&](std::uint16_t port) {
      std::vector<std::string> command{find_program({"openssl"}, "openssl"),
                                       "s_server",
                                       "-www",
                                       "-accept",
                                       "127.0.0.1:" + std::to_string(port),
                                       "-cert",
                                       folder_ / "server.pem",
                                       "-key",
                                       folder_ / "server.key",
                                       "-servername",
                                       "named.test",
                                       "-cert2",
                                       folder_ / "named.pem",
                                       "-key2",
                                       folder_ / "named.key"};
      for (const std::string& argument : arguments)
        command.push_back(argument.starts_with("@") ? folder_ / argument.substr(1) : argument);
      return command;
    });
  }

  std::string url(const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(process_->port()) + "/";
  }
  HandshakeCertificates::Builder trust() const {
    return HandshakeCertificates::Builder().add_trusted_pem(certificates().root.certificate_pem());
  }
  /// What it has said so far.
  std::string log() const {
    std::ifstream file(folder_ / "log");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  void write(const std::string& name, const HeldCertificate& held) {
    folder_.write(name + ".pem", held.certificate_chain_pem());
    folder_.write(name + ".key", held.private_key_pkcs8_pem());
  }

  const TemporaryFolder folder_;
  std::optional<ServerProcess> process_;
};

/// For all tests that want nothing special.
const OpenSslServer& usual_server() {
  static const OpenSslServer server({});
  return server;
}
const OpenSslServer& old_server() {
  static const OpenSslServer server({"-tls1_2"});
  return server;
}

std::vector<okhttp::IpAddress> everything_is_local(std::string_view) {
  return {okhttp::IpAddress::parse("127.0.0.1")};
}

template <class D>
typename D::Client::Builder builder_for(const OpenSslServer& server) {
  auto builder = D::builder();
  builder.dns(everything_is_local).trusted_certificates(server.trust().build());
  return builder;
}

template <class Client>
Error failure(const Client& client, const std::string& url) {
  const Result<Response> response = client.new_call(get_request(url)).try_execute();
  REQUIRE_FALSE(response);
  return response.error();
}

ConnectionSpec with_suites(std::vector<okhttp::CipherSuite> suites) {
  return ConnectionSpec::Builder(ConnectionSpec::modern_tls()).cipher_suites(std::move(suites)).build();
}

}  // namespace

TEST_SUITE("integration/real_servers/openssl") {
  TEST_CASE("each version of TLS is spoken under a spec that has it, and refused under others") {
    struct Version {
      const char* argument;
      TlsVersion version;
      bool is_old;
    };
    for (const Version& one : {Version{"-tls1_3", TlsVersion::tls_1_3, false}, Version{"-tls1_2", TlsVersion::tls_1_2, false},
                               Version{"-tls1_1", TlsVersion::tls_1_1, true}, Version{"-tls1", TlsVersion::tls_1_0, true}}) {
      CAPTURE(one.argument);
      const OpenSslServer server({one.argument, "-cipher", "DEFAULT:@SECLEVEL=0"});
      const auto modern = builder_for<OnInline>(server).build();
      const auto compatible =
          builder_for<OnInline>(server).connection_specs({ConnectionSpec::compatible_tls()}).build();
      const Response response = execute(compatible, server.url());
      CHECK(response.handshake()->version() == one.version);
      const std::string page = response.body().string();
      CHECK(contains(page, "New, "));
      CHECK(contains(page, "Protocol  : " + response.handshake()->tls_version + "\n"));
      if (one.is_old) {
        const Error refused = failure(modern, server.url());
        CHECK(refused == Errc::tls);
        CHECK(contains(refused.message(), "TLS handshake with localhost"));
        CHECK(contains(refused.message(), "protocol version"));
      } else {
        CHECK(execute(modern, server.url()).handshake()->version() == one.version);
      }
      const auto other = builder_for<OnInline>(server)
                             .connection_specs({ConnectionSpec::Builder(ConnectionSpec::compatible_tls())
                                                    .tls_versions({one.version == TlsVersion::tls_1_3 ? TlsVersion::tls_1_2
                                                                                                      : TlsVersion::tls_1_3})
                                                    .build()})
                             .build();
      CHECK(failure(other, server.url()) == Errc::tls);
    }
  }

  TEST_CASE("old suites are refused, and those of the last decade taken as a last resort") {
    for (const char* suite : {"AES128-SHA256", "DHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "CAMELLIA128-SHA",
                              "NULL-SHA256:eNULL", "ADH-AES128-SHA256:aNULL"}) {
      CAPTURE(suite);
      const OpenSslServer server({"-tls1_2", "-cipher", std::string(suite) + ":@SECLEVEL=0"});
      const Error refused = failure(builder_for<OnInline>(server).build(), server.url());
      CHECK(refused == Errc::tls);
      CHECK(contains(refused.message(), "handshake failure"));
    }
    const OpenSslServer server({"-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"});
    const auto modern = builder_for<OnInline>(server).build();
    const auto restricted = builder_for<OnInline>(server).connection_specs({ConnectionSpec::restricted_tls()}).build();
    CHECK(execute(modern, server.url()).handshake()->suite() == okhttp::CipherSuite::tls_rsa_with_aes_128_cbc_sha);
    CHECK(failure(restricted, server.url()) == Errc::tls);
  }

  TEST_CASE("the client's order of suites is what it offers") {
    using okhttp::CipherSuite;
    const OpenSslServer& server = usual_server();
    const auto chosen = [&](std::vector<CipherSuite> suites) {
      const auto client = builder_for<OnInline>(server).connection_specs({with_suites(std::move(suites))}).build();
      return execute(client, server.url()).handshake()->suite();
    };
    CHECK(chosen({CipherSuite::tls_chacha20_poly1305_sha256, CipherSuite::tls_aes_128_gcm_sha256}) ==
          CipherSuite::tls_chacha20_poly1305_sha256);
    CHECK(chosen({CipherSuite::tls_aes_128_gcm_sha256, CipherSuite::tls_chacha20_poly1305_sha256}) ==
          CipherSuite::tls_aes_128_gcm_sha256);
    CHECK(chosen({CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha}) == CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha);
  }

  TEST_CASE_TEMPLATE("the server sees its name, and who it is for is checked", D, OKHTTP_EVERY_DISPATCHER) {
    const OpenSslServer& server = usual_server();
    const auto client = builder_for<D>(server).build();
    CHECK(execute(client, server.url()).handshake()->peer_subject() == "CN=localhost");
    // It shows the second certificate to those who ask for that name.
    const std::shared_ptr<const okhttp::Handshake> named = execute(client, server.url("named.test")).handshake();
    CHECK(named->server_name == "named.test");
    CHECK(named->peer_subject() == "CN=named.test");
    const Error refused = failure(client, server.url("other.test"));
    CHECK(refused == Errc::host_name);
    CHECK(contains(refused.message(), "not for other.test but for localhost"));
    // s_server is told why.
    CHECK(eventually([&] { return contains(server.log(), "bad certificate"); }));
  }

  TEST_CASE_TEMPLATE("the server sees its sessions continued", D, OKHTTP_EVERY_DISPATCHER) {
    for (const OpenSslServer* server : {&usual_server(), &old_server()}) {
      const auto client = builder_for<D>(*server).build();
      for (int turn = 0; turn < 3; ++turn) {
        const Response response = execute(client, server->url());
        CHECK(response.handshake()->resumed == (turn > 0));
        CHECK(response.handshake()->peer_certificates.list().size() == 2);
        const std::string page = response.body().string();
        CHECK(contains(page, turn == 0 ? "New, TLSv1." : "Reused, TLSv1."));
      }
      // Pins are asked of a resumed connection, too.
      const auto pinned = client.new_builder()
                              .certificate_pinner(CertificatePinner::Builder()
                                                      .add("localhost", CertificatePinner::pin(certificates().root.certificate_pem()))
                                                      .build())
                              .build();
      CHECK(execute(pinned, server->url()).handshake()->resumed);
      const auto mistaken =
          client.new_builder()
              .certificate_pinner(CertificatePinner::Builder()
                                      .add("localhost", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
                                      .build())
              .build();
      CHECK(failure(mistaken, server->url()) == Errc::pin);
    }
  }

  TEST_CASE("a server that wants a certificate, and one that staples what its issuer says") {
    const OpenSslServer wants({"-Verify", "2", "-verify_return_error", "-CAfile", "@root.pem", "-tls1_2"});
    const HeldCertificate me = HeldCertificate::Builder().common_name("me").signed_by(certificates().root).build();
    const auto known =
        OnInline::builder()
            .trusted_certificates(
                wants.trust().held_certificate_pem(me.certificate_chain_pem(), me.private_key_pkcs8_pem()).build())
            .build();
    const std::string page = execute(known, wants.url()).body().string();
    CHECK(contains(page, "Subject: CN=me"));
    CHECK(failure(builder_for<OnInline>(wants).build(), wants.url()) == Errc::tls);

    using okhttp::OcspStapling;
    const OpenSslServer good({"-status_file", "@good.der"});
    const OpenSslServer revoked({"-status_file", "@revoked.der"});
    const auto strict = builder_for<OnInline>(good).ocsp_stapling(OcspStapling::require).build();
    CHECK(execute(strict, good.url()).code() == 200);
    const auto checking = builder_for<OnInline>(revoked).ocsp_stapling(OcspStapling::check).build();
    const Error refused = failure(checking, revoked.url());
    CHECK(refused == Errc::certificate);
    CHECK(contains(refused.message(), "has been revoked (CN=localhost)"));
    CHECK(execute(builder_for<OnInline>(revoked).build(), revoked.url()).code() == 200);
  }

}  // TEST_SUITE

}  // namespace real_servers_openssl_test
