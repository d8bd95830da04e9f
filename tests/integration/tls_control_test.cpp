// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_requirements.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <fstream>
#include <mutex>
#include <stdexcept>

#include "support/client_fixture.hpp"
#include "support/temporary_folder.hpp"

namespace tls_control_test {

using namespace okhttp_tests;
using okhttp::CertificatePinner;
using okhttp::ClientAuth;
using okhttp::ConnectionSpec;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;

namespace {

constexpr std::string_view pin_of_nobody = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

CertificatePinner pinner(std::string_view pattern, std::string_view pin) {
  return CertificatePinner::Builder().add(pattern, pin).build();
}

ConnectionSpec only_version(TlsVersion version) {
  return ConnectionSpec::Builder(ConnectionSpec::modern_tls()).tls_versions({version}).build();
}

TlsServerOptions serving_only(TlsVersion version) {
  TlsServerOptions options;
  options.min_version = version;
  options.max_version = version;
  return options;
}

HandshakeCertificates trust_in(const HeldCertificate& root) {
  return HandshakeCertificates::Builder().add_trusted_pem(root.certificate_pem()).build();
}

/// A server with HTTPS that answers everything.
struct SecureServer {
  explicit SecureServer(const HeldCertificate& held, const TlsServerOptions& options = {}) {
    server.use_https(held, options);
    server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  }
  std::string url() const { return server.url("/").to_string(); }
  MockWebServer server;
};

/// Every call makes a connection of its own.
template <class D>
typename D::Client::Builder fresh_builder() {
  auto builder = D::builder();
  builder.connection_pool({.max_idle_connections = 0, .keep_alive = 5min});
  return builder;
}

template <class Client>
Response get(const Client& client, const std::string& url) {
  Response response = client.new_call(get_request(url)).execute();
  CHECK(response.body().string() == "answer");
  return response;
}

template <class Client>
Error failure(const Client& client, const std::string& url) {
  Result<Response> response = client.new_call(get_request(url)).try_execute();
  REQUIRE_FALSE(response);
  return response.error();
}

}  // namespace

TEST_SUITE("integration/tls_control") {

TEST_CASE_TEMPLATE("a response tells what the handshake agreed on", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate root = HeldCertificate::Builder().common_name("the root").certificate_authority(0).build();
  const HeldCertificate leaf = HeldCertificate::Builder()
                                   .common_name("the server")
                                   .add_subject_alternative_name("127.0.0.1")
                                   .signed_by(root)
                                   .build();
  SecureServer server(leaf);
  auto client = fresh_builder<D>().trusted_certificates(trust_in(root)).build();
  std::shared_ptr<const okhttp::Handshake> first;
  for (int turn = 0; turn < 2; ++turn) {
    const Response response = get(client, server.url());
    const std::shared_ptr<const okhttp::Handshake> handshake = response.handshake();
    REQUIRE(handshake != nullptr);
    CHECK(handshake->version() == TlsVersion::tls_1_3);
    CHECK(handshake->suite() == okhttp::CipherSuite::tls_aes_128_gcm_sha256);
    CHECK(handshake->alpn == "http/1.1");
    CHECK(handshake->resumed == (turn == 1));
    CHECK(handshake->peer_subject() == "CN=the server");
    const okhttp::PeerCertificates::List& chain = handshake->peer_certificates.list();
    REQUIRE(chain.size() == 2);
    CHECK(chain[0].pem == leaf.certificate_pem());
    CHECK(chain[1].pem == root.certificate_pem());
    REQUIRE(response.network_response() != nullptr);
    CHECK(response.network_response()->handshake() == handshake);
    CHECK(response.new_builder().code(201).build().handshake() == handshake);
    if (first) CHECK(first->peer_certificates == handshake->peer_certificates);
    first = handshake;
  }
  MockWebServer plain;
  plain.enqueue(MockResponse().body("answer"));
  CHECK(get(client, plain.url("/").to_string()).handshake() == nullptr);
}

TEST_CASE_TEMPLATE("pins are asked of every connection, resumed ones too", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate held = HeldCertificate::localhost();
  SecureServer server(held);
  const std::string pin = CertificatePinner::pin(held.certificate_pem());
  auto client = fresh_builder<D>()
                    .trusted_certificates(server.server.client_trust())
                    .certificate_pinner(pinner("127.0.0.1", pin))
                    .build();
  get(client, server.url());
  CHECK(get(client, server.url()).handshake()->resumed);
  const std::size_t before = server.server.request_count();
  auto other = client.new_builder().certificate_pinner(pinner("127.0.0.1", pin_of_nobody)).build();
  for (int turn = 0; turn < 2; ++turn) {
    const Error error = failure(other, server.url());
    CHECK(error == Errc::pin);
    CHECK(contains(error.message(), local_peer(server.server.port())));
    CHECK(contains(error.message(), "certificate pinning failure for 127.0.0.1\n  peer certificate chain:\n    " + pin +
                                        ": CN=localhost\n  pinned certificates for 127.0.0.1:\n    " +
                                        std::string(pin_of_nobody)));
  }
  CHECK(server.server.request_count() == before);
  // Pins of other hosts are of no concern, nor is the client changed that the other came from.
  auto third = client.new_builder().certificate_pinner(pinner("**.example.com", pin_of_nobody)).build();
  get(third, server.url());
  get(client, server.url());
}

TEST_CASE_TEMPLATE("a pooled connection is not shared with a client of other pins", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer server(HeldCertificate::localhost());
  auto client = D::builder().trusted_certificates(server.server.client_trust()).build();
  get(client, server.url());
  REQUIRE(client.connection_pool().idle_connection_count() == 1);
  auto strict = client.new_builder().certificate_pinner(pinner("127.0.0.1", pin_of_nobody)).build();
  CHECK(failure(strict, server.url()) == Errc::pin);
  get(client, server.url());
  server.server.take_request();
  CHECK(server.server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("the host name verifier can be replaced", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer server(HeldCertificate::Builder().add_subject_alternative_name("other.example").build());
  auto standard = fresh_builder<D>().trusted_certificates(server.server.client_trust()).build();
  const Error refused = failure(standard, server.url());
  CHECK(refused == Errc::host_name);
  CHECK(contains(refused.message(), "the certificate is not for 127.0.0.1 but for other.example"));
  std::mutex mutex;
  std::vector<std::string> asked;
  auto lenient = standard.new_builder()
                     .host_name_verifier([&](std::string_view host, const okhttp::AlternativeNames& names) {
                       const std::lock_guard<std::mutex> lock(mutex);
                       asked.emplace_back(host);
                       return names.dns_names == std::vector<std::string>{"other.example"};
                     })
                     .build();
  get(lenient, server.url());
  get(lenient, server.url());
  CHECK(asked == std::vector<std::string>{"127.0.0.1", "127.0.0.1"});
  // Its sessions are no way around.
  CHECK(failure(standard, server.url()) == Errc::host_name);
  auto thrower = standard.new_builder()
                     .host_name_verifier([](std::string_view, const okhttp::AlternativeNames&) -> bool {
                       throw std::runtime_error("mine");
                     })
                     .build();
  CHECK_THROWS_WITH_AS(thrower.new_call(get_request(server.url())).execute(), "mine", std::runtime_error);
}

TEST_CASE_TEMPLATE("specs decide which TLS is spoken", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate held = HeldCertificate::localhost();
  SecureServer both(held);
  SecureServer new_only(held, serving_only(TlsVersion::tls_1_3));
  auto client = D::builder()
                    .trusted_certificates(both.server.client_trust())
                    .connection_specs({only_version(TlsVersion::tls_1_2), ConnectionSpec::cleartext()})
                    .build();
  CHECK(get(client, both.url()).handshake()->tls_version == "TLSv1.2");
  const Error refused = failure(client, new_only.url());
  CHECK(refused == Errc::tls);
  CHECK(contains(refused.message(), "protocol version"));
  auto newest = client.new_builder().connection_specs({ConnectionSpec::restricted_tls()}).build();
  CHECK(get(newest, new_only.url()).handshake()->tls_version == "TLSv1.3");
  auto suites =
      client.new_builder()
          .connection_specs({ConnectionSpec::Builder(ConnectionSpec::modern_tls())
                                 .cipher_suites({okhttp::CipherSuite::tls_chacha20_poly1305_sha256})
                                 .build()})
          .build();
  CHECK(get(suites, both.url()).handshake()->cipher_suite == "TLS_CHACHA20_POLY1305_SHA256");
  auto never = client.new_builder().connection_specs({ConnectionSpec::cleartext()}).build();
  const Error forbidden = failure(never, both.url());
  CHECK(forbidden == Errc::invalid_argument);
  CHECK(contains(forbidden.message(), "TLS is not enabled for this client: it cannot call https://127.0.0.1"));
  CHECK(typename D::Client::Builder().connection_specs({}).try_build().error() == Errc::invalid_argument);
}

TEST_CASE_TEMPLATE("a handshake that fails is repeated with the next spec, if retries are wanted", D,
                   OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate held = HeldCertificate::localhost();
  SecureServer old(held, serving_only(TlsVersion::tls_1_2));
  const auto builder = [&] {
    auto made = fresh_builder<D>();
    made.trusted_certificates(old.server.client_trust())
        .connection_specs({only_version(TlsVersion::tls_1_3), ConnectionSpec::cleartext(),
                           only_version(TlsVersion::tls_1_2)});
    return made;
  };
  auto client = builder().build();
  CHECK(get(client, old.url()).handshake()->tls_version == "TLSv1.2");
  CHECK(get(client, old.url()).handshake()->resumed);
  CHECK(failure(builder().retry_on_connection_failure(false).build(), old.url()) == Errc::tls);
  // A certificate does not get better by older TLS.
  SecureServer stranger(HeldCertificate::localhost(), serving_only(TlsVersion::tls_1_3));
  CHECK(failure(client, stranger.url()) == Errc::certificate);
  // http needs a spec that says so.
  MockWebServer plain;
  plain.enqueue(MockResponse().body("answer"));
  auto secret = client.new_builder().connection_specs({ConnectionSpec::modern_tls()}).build();
  const Error refused = failure(secret, plain.url("/").to_string());
  CHECK(refused == Errc::invalid_argument);
  CHECK(contains(refused.message(), "cleartext is not enabled for this client: it cannot call http://127.0.0.1"));
  CHECK(plain.request_count() == 0);
  get(client, plain.url("/").to_string());
}

TEST_CASE("a transport takes the spec that the attempt says, and tells how the handshake went") {
  struct Log final : okhttp::ConnectObserver {
    void attempt_begun(const okhttp::Endpoint&) override { events += "begun "; }
    void attempt_failed(const okhttp::Endpoint&, const Error&) override { events += "failed "; }
    void secure_begun(const okhttp::Endpoint&) override { events += "secure_begun "; }
    void secured(const okhttp::Endpoint&, const okhttp::Handshake& handshake) override {
      events += "secured:" + handshake.tls_version + " ";
    }
    std::string events;
  };
  SecureServer server(HeldCertificate::localhost(), serving_only(TlsVersion::tls_1_2));
  okhttp::TlsRequirements tls;
  tls.specs = {only_version(TlsVersion::tls_1_3), ConnectionSpec::cleartext(), only_version(TlsVersion::tls_1_2)};
  okhttp::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = server.server.port();
  endpoint.address = okhttp::IpAddress::parse("127.0.0.1");
  endpoint.secure = true;
  endpoint.tls = &tls;
  Log log;
  endpoint.observer = &log;
  okhttp::BlockingRuntime runtime;
  okhttp::SecureTransport transport(server.server.client_trust());
  const auto connect = [&] { return runtime.run(transport.connect(endpoint, okhttp::Deadline::never()), "connecting"); };

  const Result<std::unique_ptr<okhttp::Stream>> first = connect();
  REQUIRE_FALSE(first);
  CHECK(first.error() == Errc::tls);
  CHECK(log.events == "secure_begun ");
  log.events.clear();
  REQUIRE(okhttp::may_fall_back(endpoint, first.error()));
  endpoint.spec_attempt = 1;
  const Result<std::unique_ptr<okhttp::Stream>> second = connect();
  REQUIRE(second);
  REQUIRE((*second)->handshake() != nullptr);
  CHECK((*second)->handshake()->tls_version == "TLSv1.2");
  CHECK((*second)->shared_handshake().get() == (*second)->handshake());
  CHECK(log.events == "secure_begun secured:TLSv1.2 ");
  CHECK_FALSE(okhttp::may_fall_back(endpoint, Error(Errc::tls, "again")));
}

TEST_CASE_TEMPLATE("a server may want a certificate from its clients", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate client_root = HeldCertificate::Builder().common_name("clients").certificate_authority(0).build();
  const HeldCertificate me = HeldCertificate::Builder().common_name("me").signed_by(client_root).build();
  const HeldCertificate stranger = HeldCertificate::Builder().common_name("stranger").build();
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    CAPTURE(to_string(version));
    const HeldCertificate held = HeldCertificate::localhost();
    TlsServerOptions options = serving_only(version);
    options.client_auth = ClientAuth::require;
    options.client_trust_pem = client_root.certificate_pem();
    SecureServer server(held, options);
    const auto client_with = [&](const HeldCertificate* own) {
      HandshakeCertificates::Builder certificates;
      certificates.add_trusted_pem(held.certificate_pem());
      if (own != nullptr) certificates.held_certificate_pem(own->certificate_chain_pem(), own->private_key_pkcs8_pem());
      return fresh_builder<D>().trusted_certificates(certificates.build()).build();
    };
    auto right = client_with(&me);
    for (int turn = 0; turn < 2; ++turn) {
      CHECK(get(right, server.url()).handshake()->resumed == (turn == 1));
      const RecordedRequest recorded = server.server.take_request();
      REQUIRE(recorded.handshake() != nullptr);
      CHECK(recorded.handshake()->peer_subject() == "CN=me");
    }
    for (const HeldCertificate* own : {static_cast<const HeldCertificate*>(nullptr), &stranger}) {
      const Error refused = failure(client_with(own), server.url());
      CAPTURE(refused.message());
      // A TLS 1.3 server closes after the client is done: what the client sees depends on who is faster.
      CHECK((refused == Errc::tls || (version == TlsVersion::tls_1_3 && refused == Errc::io)));
    }
    CHECK(server.server.request_count() == 2);
  }
}

TEST_CASE_TEMPLATE("a certificate that has been revoked is refused where that is asked for", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate root = HeldCertificate::Builder().certificate_authority(0).build();
  const HeldCertificate leaf =
      HeldCertificate::Builder().add_subject_alternative_name("127.0.0.1").signed_by(root).build();
  TlsServerOptions options;
  options.ocsp_response = leaf.ocsp_response(okhttp::RevocationStatus::revoked);
  SecureServer revoked(leaf, options);
  options.ocsp_response = leaf.ocsp_response(okhttp::RevocationStatus::good);
  SecureServer good(leaf, options);
  SecureServer silent(leaf);
  auto usual = fresh_builder<D>().trusted_certificates(trust_in(root)).build();
  auto checking = usual.new_builder().ocsp_stapling(okhttp::OcspStapling::check).build();
  auto strict = usual.new_builder().ocsp_stapling(okhttp::OcspStapling::require).build();
  get(usual, revoked.url());
  const Error refused = failure(checking, revoked.url());
  CHECK(refused == Errc::certificate);
  CHECK(contains(refused.message(), "has been revoked"));
  CHECK(failure(strict, revoked.url()) == Errc::certificate);
  get(checking, silent.url());
  CHECK(failure(strict, silent.url()) == Errc::certificate);
  get(strict, good.url());
  CHECK(get(strict, good.url()).handshake()->resumed);
}

TEST_CASE("a client logs its secrets only if told to") {
  const TemporaryFolder folder;
  const std::string path = folder / "keys.txt";
  SecureServer server(HeldCertificate::localhost());
  auto client = fresh_builder<OnThreads>().trusted_certificates(server.server.client_trust()).build();
  std::mutex mutex;
  std::size_t lines = 0;
  auto logging = client.new_builder()
                     .key_log(okhttp::KeyLog([&](std::string_view) {
                       const std::lock_guard<std::mutex> lock(mutex);
                       ++lines;
                     }))
                     .build();
  get(client, server.url());
  CHECK(lines == 0);
  get(logging, server.url());
  CHECK(lines >= 4);
  get(client.new_builder().key_log_file(path).build(), server.url());
  CHECK(std::ifstream(path).peek() != std::ifstream::traits_type::eof());
  const auto broken = client.new_builder().key_log_file(folder / "missing/keys.txt").try_build();
  REQUIRE_FALSE(broken);
  CHECK(broken.error() == Errc::file);
}

}  // TEST_SUITE

}  // namespace tls_control_test
