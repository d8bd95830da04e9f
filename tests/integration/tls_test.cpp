// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/secure_transport.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace tls_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

std::vector<okhttp::IpAddress> everything_is_local(std::string_view) {
  return {okhttp::IpAddress::parse("127.0.0.1")};
}

HandshakeCertificates trusting(const HeldCertificate& root) {
  return HandshakeCertificates::Builder().add_trusted_pem(root.certificate_pem()).build();
}

template <class Client>
void check_fails(const Client& client, const std::string& url, Errc code, std::string_view peer) {
  Result<Response> response = client.new_call(get_request(url)).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK(response.error() == code);
  CHECK(contains(response.error().message(), peer));
  CHECK(contains(response.error().message(), "TLS handshake with"));
}

}  // namespace

TEST_SUITE("integration/tls") {

TEST_CASE_TEMPLATE("https works with a server that is trusted", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.body() + "!"); });
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  const okhttp::HttpUrl url = server.url("/secret");
  CHECK(url.is_https());
  CHECK(client.new_call(get_request(url.to_string())).execute().body().string() == "!");
  const std::string text(3'000'000, 'x');
  CHECK(client.new_call(post_request(url.to_string(), text)).execute().body().string() == text + "!");
  const RecordedRequest first = server.take_request();
  REQUIRE(first.handshake() != nullptr);
  CHECK(first.handshake()->tls_version == "TLSv1.3");
  CHECK(first.handshake()->alpn == "http/1.1");
  CHECK_FALSE(first.handshake()->resumed);
  CHECK(server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("a host name is sent in the handshake, an address is not", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate held = HeldCertificate::Builder()
                                   .add_subject_alternative_name("name.example")
                                   .add_subject_alternative_name("127.0.0.1")
                                   .build();
  MockWebServer server;
  server.use_https(held);
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = D::builder().dns(everything_is_local).trusted_certificates(server.client_trust()).build();
  const std::string port = std::to_string(server.port());
  client.new_call(get_request("https://name.example:" + port + "/")).execute();
  CHECK(server.take_request().handshake_server_names() == std::vector<std::string>{"name.example"});
  client.new_call(get_request("https://127.0.0.1:" + port + "/")).execute();
  CHECK(server.take_request().handshake_server_names().empty());
}

TEST_CASE_TEMPLATE("a server that nobody vouches for is refused", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  const std::string url = server.url("/").to_string();
  const auto platform = D::builder().build();
  check_fails(platform, url, Errc::certificate, local_peer(server.port()));
  auto other = D::builder().trusted_certificates(trusting(HeldCertificate::localhost())).build();
  check_fails(other, url, Errc::certificate, local_peer(server.port()));
  CHECK(server.request_count() == 0);
  CHECK(other.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("a certificate for another host is refused", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::Builder().add_subject_alternative_name("other.example").build());
  auto client = D::builder().dns(everything_is_local).trusted_certificates(server.client_trust()).build();
  const std::string port = std::to_string(server.port());
  check_fails(client, "https://wrong.example:" + port + "/", Errc::host_name, "wrong.example");
  check_fails(client, "https://127.0.0.1:" + port + "/", Errc::host_name, local_peer(server.port()));
  server.enqueue(MockResponse().body("right"));
  CHECK(client.new_call(get_request("https://other.example:" + port + "/")).execute().body().string() == "right");
}

TEST_CASE_TEMPLATE("an expired certificate is refused", D, OKHTTP_EVERY_DISPATCHER) {
  const auto now = std::chrono::system_clock::now();
  const HeldCertificate expired = HeldCertificate::Builder()
                                      .add_subject_alternative_name("127.0.0.1")
                                      .valid_between(now - 48h, now - 24h)
                                      .build();
  MockWebServer server;
  server.use_https(expired);
  auto client = D::builder().trusted_certificates(trusting(expired)).build();
  check_fails(client, server.url("/").to_string(), Errc::certificate, local_peer(server.port()));
}

TEST_CASE_TEMPLATE("a chain up to a trusted root is accepted", D, OKHTTP_EVERY_DISPATCHER) {
  const HeldCertificate root = HeldCertificate::Builder().certificate_authority(1).build();
  const HeldCertificate middle = HeldCertificate::Builder().certificate_authority().signed_by(root).build();
  const HeldCertificate leaf =
      HeldCertificate::Builder().add_subject_alternative_name("127.0.0.1").signed_by(middle).build();
  MockWebServer server;
  server.use_https(leaf);
  server.enqueue(MockResponse().body("chained"));
  auto client = D::builder().trusted_certificates(trusting(root)).build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "chained");
}

TEST_CASE_TEMPLATE("https against a port that speaks http fails as TLS", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    peer.end_output();
    peer.read_to_end();
  });
  auto client = D::builder().build();
  check_fails(client, "https://" + server.peer() + "/", Errc::tls, server.peer());
}

TEST_CASE_TEMPLATE("a server that closes during the handshake is an error of TLS", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.enqueue(MockResponse().fail_handshake());
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK((response.error() == Errc::tls || response.error() == Errc::unexpected_end));
  CHECK(contains(response.error().message(), local_peer(server.port())));
  server.enqueue(MockResponse().body("next time"));
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "next time");
}

TEST_CASE_TEMPLATE("the session of an earlier connection is continued", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    client.new_call(get_request(server.url("/").to_string())).execute().body().string();
    client.connection_pool().evict_all();
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.connection_index() == static_cast<std::size_t>(i));
    REQUIRE(recorded.handshake() != nullptr);
    CHECK(recorded.handshake()->resumed == (i > 0));
  }
}

TEST_CASE_TEMPLATE("a body that TLS cuts off without a goodbye is truncated", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.enqueue(MockResponse().body(std::string(100'000, 'x')).on_response_body(okhttp::CloseSocket{}));
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::unexpected_end);
}

TEST_CASE_TEMPLATE("timeouts and cancel work under TLS", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  auto client = D::builder().trusted_certificates(server.client_trust()).read_timeout(200ms).build();
  server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
  Result<Response> late = client.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(late);
  CHECK(late.error() == Errc::read_timeout);
  server.take_request();

  auto patient = client.new_builder().read_timeout(patience).build();
  server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
  const okhttp::Call call = patient.new_call(get_request(server.url("/").to_string()));
  Background canceler([&] {
    CHECK(server.take_request(patience));
    call.cancel();
  });
  Result<Response> canceled = call.try_execute();
  REQUIRE_FALSE(canceled);
  CHECK(canceled.error() == Errc::canceled);
}

TEST_CASE_TEMPLATE("a request body that is not taken under TLS times out and can be canceled", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  auto client = D::builder().trusted_certificates(server.client_trust()).write_timeout(200ms).build();
  const Request large = post_request(server.url("/").to_string(), std::string(32 << 20, 'x'));
  server.enqueue(MockResponse().on_request_start(okhttp::Stall{}));
  Result<Response> late = client.new_call(large).try_execute();
  REQUIRE_FALSE(late);
  CAPTURE(late.error().message());
  CHECK(late.error() == Errc::write_timeout);

  auto patient = client.new_builder().write_timeout(patience).build();
  server.enqueue(MockResponse().on_request_start(okhttp::Stall{}));
  const okhttp::Call call = patient.new_call(large);
  Background canceler([&] {
    // The dispatcher counts the call from its beginning; when exactly it is canceled may vary.
    while (server.open_connections() < 2 && client.dispatcher().running_calls_count() == 0) std::this_thread::yield();
    call.cancel();
  });
  Result<Response> canceled = call.try_execute();
  REQUIRE_FALSE(canceled);
  CHECK(canceled.error() == Errc::canceled);
}

TEST_CASE_TEMPLATE("413 in the middle of a large upload is found under TLS too", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.enqueue(MockResponse().code(413).body("too much").do_not_read_request_body());
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  Result<Response> response =
      client.new_call(post_request(server.url("/").to_string(), std::string(64 << 20, 'x'))).try_execute();
  REQUIRE(response);
  CHECK(response->code() == 413);
  CHECK(response->body().string() == "too much");
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("a client without TLS says so", D, OKHTTP_EVERY_DISPATCHER) {
  okhttp::BasicClient<okhttp::PlainTransport, typename D::Dispatcher> client;
  Result<Response> response = client.new_call(get_request("https://127.0.0.1/")).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::tls);
  CHECK(contains(response.error().message(), "PlainTransport"));
}

TEST_CASE_TEMPLATE("many TLS calls at once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  const std::string text(200'000, 'y');
  server.dispatcher([&text](const RecordedRequest&) { return MockResponse().body(text); });
  auto client = D::builder()
                    .trusted_certificates(server.client_trust())
                    .dispatcher({.max_requests_per_host = 20})
                    .build();
  Counter good;
  for (int i = 0; i < 20; ++i)
    client.new_call(get_request(server.url("/").to_string()))
        .enqueue([&](Result<Response> result) -> okhttp::Task<void> {
          if (!result) co_return;
          std::string body = co_await result->body().async_string();
          if (body == text) good.add();
        });
  finish_enqueued(client);
  CHECK(good.count() == 20);
}

}  // TEST_SUITE

}  // namespace tls_test
