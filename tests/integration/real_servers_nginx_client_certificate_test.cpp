// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <chrono>
#include <optional>

namespace real_servers_nginx_client_certificate_test {

using namespace okhttp_tests;
using okhttp::ConnectionSpec;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::Response;
using okhttp::TlsVersion;

namespace {

/// nginx that asks its clients who they are: on one port they must say so, on another they may.
class Nginx {
 public:
  Nginx() : required_port_(free_port()), optional_port_(free_port()) {
    folder_.write("server.pem", server_.certificate_chain_pem());
    folder_.write("server.key", server_.private_key_pkcs8_pem());
    folder_.write("clients.pem", clients_.certificate_pem());
    process_.emplace("nginx", folder_ / "log", [this](std::uint16_t port) {
      return nginx_command(folder_, filled_in("nginx_client_certificate.conf", {{"@FOLDER@", folder_.path()},
              {"@PORT@", std::to_string(port)},
              {"@REQUIRED_PORT@", std::to_string(required_port_)},
              {"@OPTIONAL_PORT@", std::to_string(optional_port_)}}));
    });
  }

  std::string required_url() const { return "https://" + local_peer(required_port_) + "/"; }
  std::string optional_url() const { return "https://" + local_peer(optional_port_) + "/"; }
  HandshakeCertificates::Builder trust() const {
    return HandshakeCertificates::Builder().add_trusted_pem(server_.certificate_pem());
  }
  /// Who signs for clients that it knows.
  const HeldCertificate& clients() const { return clients_; }

 private:
  const TemporaryFolder folder_;
  const HeldCertificate server_ = HeldCertificate::localhost();
  const HeldCertificate clients_ =
      HeldCertificate::Builder().common_name("clients").certificate_authority(1).build();
  const std::uint16_t required_port_;
  const std::uint16_t optional_port_;
  std::optional<ServerProcess> process_;
};

const Nginx& nginx() {
  static const Nginx server;
  return server;
}

/// Every call makes a connection of its own, and shows this certificate if there is one.
template <class D>
auto client_with(const HeldCertificate* own, TlsVersion version) {
  HandshakeCertificates::Builder certificates = nginx().trust();
  if (own != nullptr) certificates.held_certificate_pem(own->certificate_chain_pem(), own->private_key_pkcs8_pem());
  return D::builder()
      .trusted_certificates(certificates.build())
      .connection_specs({ConnectionSpec::Builder(ConnectionSpec::modern_tls()).tls_versions({version}).build()})
      .connection_pool({.max_idle_connections = 0, .keep_alive = 5min})
      .build();
}

HeldCertificate::Builder named(const std::string& name) { return HeldCertificate::Builder().common_name(name); }

}  // namespace

TEST_SUITE("integration/real_servers/nginx_client_certificate") {
  TEST_CASE_TEMPLATE("a client that shows a known certificate is served, also when its session goes on", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const HeldCertificate me = named("me").signed_by(nginx().clients()).build();
    const HeldCertificate department = named("department").certificate_authority(0).signed_by(nginx().clients()).build();
    const HeldCertificate far = named("far").signed_by(department).build();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      CAPTURE(to_string(version));
      const auto client = client_with<D>(&me, version);
      CHECK(body_of(client, nginx().required_url()) == "SUCCESS CN=me .");
      CHECK(body_of(client, nginx().required_url()) == "SUCCESS CN=me r");
      CHECK(body_of(client, nginx().optional_url()) == "SUCCESS CN=me .");
      // The intermediate is sent along.
      CHECK(body_of(client_with<D>(&far, version), nginx().required_url()) == "SUCCESS CN=far .");
    }
  }

  TEST_CASE_TEMPLATE("a client that shows nothing is told so by the server it needs one for", D,
                     OKHTTP_EVERY_DISPATCHER) {
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      const auto client = client_with<D>(nullptr, version);
      const Response refused = execute(client, nginx().required_url());
      CHECK(refused.code() == 400);
      CHECK(contains(refused.body().string(), "No required SSL certificate was sent"));
      CHECK(body_of(client, nginx().optional_url()) == "NONE  .");
    }
  }

  TEST_CASE("a wrong certificate is no better than none") {
    const auto now = std::chrono::system_clock::now();
    const HeldCertificate wrong[] = {
        named("stranger").build(),
        named("of another issuer").signed_by(named("clients").certificate_authority(0).build()).build(),
        named("expired").valid_between(now - 48h, now - 24h).signed_by(nginx().clients()).build(),
    };
    for (const HeldCertificate& own : wrong) {
      for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
        const auto client = client_with<OnThreads>(&own, version);
        for (const std::string& url : {nginx().required_url(), nginx().optional_url()}) {
          const Response refused = execute(client, url);
          CHECK(refused.code() == 400);
          CHECK(contains(refused.body().string(), "The SSL certificate error"));
        }
      }
    }
  }

}  // TEST_SUITE

}  // namespace real_servers_nginx_client_certificate_test
