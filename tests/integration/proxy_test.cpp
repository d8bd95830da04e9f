// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"
#include "support/test_proxy.hpp"

namespace proxy_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::HttpUrl;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Proxy;
using okhttp::ProxySelector;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;
using Kind = okhttp::Proxy::Kind;
using Texts = std::vector<std::string>;

template <class Client>
Result<std::string> fetch(const Client& client, const std::string& url) {
  Result<Response> response = client.new_call(get_request(url)).try_execute();
  if (!response) return std::move(response).error();
  return std::to_string(response->code()) + " " + response->body().string();
}

std::string on(const char* scheme, std::uint16_t port, const char* host = "server.example") {
  return std::string(scheme) + "://" + host + ":" + std::to_string(port) + "/path?query";
}

/// Answers 407 until the credentials are these.
auto wants(std::string credentials, std::string reply = "", bool closes = false) {
  return [credentials, reply, closes](const okhttp::http1::RequestHead& head) -> std::string {
    if (head.headers.get("Proxy-Authorization").value_or("") == credentials) return reply;
    return std::string("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"lab\"\r\n") +
           (closes ? "Connection: close\r\n" : "") + "Content-Length: 5\r\n\r\nno...";
  };
}

constexpr const char* ok_reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nby proxy.";
const std::string jesse = "Basic amVzc2U6c2VjcmV0";  // jesse:secret

std::optional<Request> with_credentials(const Response& challenge) {
  if (challenge.request().header("Proxy-Authorization") == jesse) return std::nullopt;
  return challenge.request().new_builder().header("Proxy-Authorization", jesse).build();
}

struct SecureServer : MockWebServer {
  const HeldCertificate held = HeldCertificate::Builder().add_subject_alternative_name("server.example").build();
  SecureServer() {
    use_https(held);
    dispatcher([](const okhttp::RecordedRequest& request) { return MockResponse().body(request.target()); });
  }
};

TEST_SUITE("integration/proxy") {

TEST_CASE_TEMPLATE("http goes to an HTTP proxy with the whole URL", D, OKHTTP_EVERY_DISPATCHER) {
  TestProxy proxy({.answer = [](const auto&) { return ok_reply; }});
  auto client = D::builder().proxy(Proxy::http("127.0.0.1", proxy.port())).build();
  CHECK(fetch(client, "http://user:password@server.example/path?query#fragment").value() == "200 by proxy.");
  CHECK(fetch(client, "http://server.example:81").value() == "200 by proxy.");
  CHECK(proxy.requests() == Texts{"GET http://server.example/path?query", "GET http://server.example:81/"});
  CHECK(proxy.credentials() == Texts{"-", "-"});
  CHECK(fetch(client, "http://server.example:81/again").value() == "200 by proxy.");
  CHECK(proxy.connections() == 2);  // one for each server
}

TEST_CASE_TEMPLATE("credentials of the proxy are sent to it without being asked for", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer server;
  TestProxy proxy({.answer = [](const okhttp::http1::RequestHead& head) -> std::string {
    return head.method == "CONNECT" ? "" : ok_reply;
  }});
  auto client = D::builder()
                    .trusted_certificates(server.client_trust())
                    .proxy(Proxy::http("127.0.0.1", proxy.port(), "jesse", "secret"))
                    .build();
  CHECK(fetch(client, "http://server.example/").value() == "200 by proxy.");
  CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
  CHECK(proxy.credentials() == Texts{jesse, jesse});
  CHECK_FALSE(server.take_request().headers().contains("Proxy-Authorization"));
}

TEST_CASE_TEMPLATE("https goes through a tunnel, which is used again", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer server;
  TestProxy proxy;
  auto client = D::builder()
                    .trusted_certificates(server.client_trust())
                    .proxy(Proxy::http("localhost", proxy.port()))
                    .build();
  CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
  CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
  CHECK(proxy.requests() == Texts{"CONNECT server.example:" + std::to_string(server.port())});
  const okhttp::RecordedRequest recorded = server.take_request();
  CHECK(recorded.headers().get("Host") == "server.example:" + std::to_string(server.port()));
  CHECK_FALSE(recorded.headers().contains("Proxy-Connection"));
  // Neither with another proxy nor without one.
  auto direct = client.new_builder().proxy(Proxy::none()).dns([](std::string_view) {
    return std::vector{okhttp::IpAddress::parse("127.0.0.1")};
  }).build();
  CHECK(fetch(direct, on("https", server.port())).value() == "200 /path?query");
  CHECK(proxy.requests().size() == 1);
  CHECK(client.connection_pool().idle_connection_count() == 2);
}

TEST_CASE_TEMPLATE("an HTTPS proxy is spoken to inside TLS", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer server;
  const HeldCertificate held = HeldCertificate::Builder().add_subject_alternative_name("localhost").build();
  TestProxy proxy({.kind = Kind::https,
                   .certificate = held,
                   .answer = [](const okhttp::http1::RequestHead& head) -> std::string {
                     return head.method == "CONNECT" ? "" : ok_reply;
                   }});
  const auto builder = [&] { return D::builder().proxy(Proxy::https("localhost", proxy.port())); };
  auto client = builder()
                    .trusted_certificates(HandshakeCertificates::Builder()
                                              .add_trusted_pem(held.certificate_pem())
                                              .add_trusted_pem(server.held.certificate_pem())
                                              .build())
                    .build();
  CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
  CHECK(fetch(client, "http://server.example/").value() == "200 by proxy.");
  auto careful = builder().trusted_certificates(server.client_trust()).build();
  const Result<std::string> refused = fetch(careful, on("https", server.port()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Errc::certificate);
  CHECK(proxy.requests().size() == 2);
}

TEST_CASE_TEMPLATE("a proxy that wants credentials is given them, on the same connection if it stays", D,
                   OKHTTP_EVERY_DISPATCHER) {
  for (const bool closes : {false, true}) {
    CAPTURE(closes);
    SecureServer server;
    TestProxy proxy({.answer = wants(jesse, "", closes)});
    std::atomic<int> asked{0};
    auto client = D::builder()
                      .trusted_certificates(server.client_trust())
                      .proxy(Proxy::http("127.0.0.1", proxy.port()))
                      .proxy_authenticator([&](const okhttp::Route* route, const Response& challenge) {
                        const bool preemptive = challenge.header("Proxy-Authenticate") == okhttp::preemptive_scheme;
                        ++asked;
                        if (preemptive) return std::optional<Request>();
                        CHECK(route->requires_tunnel());
                        CHECK(challenge.code() == 407);
                        CHECK(challenge.request().method() == "CONNECT");
                        return with_credentials(challenge);
                      })
                      .build();
    CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
    CHECK(asked == 2);
    CHECK(proxy.credentials() == Texts{"-", jesse});
    CHECK(proxy.connections() == (closes ? 2U : 1U));
    CHECK_FALSE(server.take_request().headers().contains("Proxy-Authorization"));
  }
}

TEST_CASE("credentials given before the proxy asks save a round trip") {
  SecureServer server;
  TestProxy proxy({.answer = wants(jesse)});
  auto client = OnInline::builder()
                    .trusted_certificates(server.client_trust())
                    .proxy(Proxy::http("127.0.0.1", proxy.port()))
                    .proxy_authenticator([&](const okhttp::Route*, const Response& challenge) {
                      CHECK(challenge.header("Proxy-Authenticate") == "OkHttp-Preemptive");
                      return with_credentials(challenge);
                    })
                    .build();
  CHECK(fetch(client, on("https", server.port())).value() == "200 /path?query");
  CHECK(proxy.credentials() == Texts{jesse});
}

TEST_CASE_TEMPLATE("a cancel and the call timeout end the wait for a proxy's authenticator", D, OKHTTP_LOOP_DISPATCHERS) {
  TestProxy proxy;
  std::optional<okhttp::Call> running;
  bool cancels = true;
  auto client = D::builder()
                    .proxy(Proxy::http("127.0.0.1", proxy.port()))
                    .proxy_authenticator([&](const okhttp::Route*, const Response&) -> okhttp::Task<std::optional<Request>> {
                      if (cancels) running->cancel();
                      co_await okhttp::Runtime::current()->sleep_until(
                          okhttp::Deadline::after(okhttp::Runtime::current()->now(), 3s));
                      co_return std::nullopt;
                    })
                    .call_timeout(300ms)
                    .build();
  running = client.new_call(get_request(on("https", 443)));
  CHECK(running->try_execute().error().message() == "canceled while waiting for a proxy authenticator");
  cancels = false;
  const auto begun = std::chrono::steady_clock::now();
  const Result<std::string> late = fetch(client, on("https", 443));
  REQUIRE_FALSE(late);
  CHECK(late.error() == Errc::call_timeout);
  CHECK(contains(late.error().message(), "a proxy authenticator"));
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("what a proxy wants credentials for does not reach another proxy, nor the server") {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    return MockResponse().body(std::string(request.header("Proxy-Authorization").value_or("none")));
  });
  TestProxy first({.answer = wants("what nobody has", "", true)});
  TestProxy second({.answer = [](const auto&) { return ok_reply; }});
  const auto fetch_by = [&](Proxy then) {
    bool begun = false;
    auto client = okhttp_tests::OnInline::builder()
                      .proxy_selector([&](const HttpUrl&) {
                        return std::vector{std::exchange(begun, true) ? then : Proxy::http("127.0.0.1", first.port())};
                      })
                      .proxy_authenticator(
                          [](const okhttp::Route*, const Response& challenge) { return with_credentials(challenge); })
                      .build();
    return fetch(client, local_url(server.port(), "/")).value();
  };
  CHECK(fetch_by(Proxy::none()) == "200 none");
  CHECK(fetch_by(Proxy::http("127.0.0.1", second.port())) == "200 by proxy.");
  CHECK(second.credentials() == Texts{"-"});
  CHECK(fetch_by(Proxy::http("127.0.0.1", second.port(), "its", "own")) == "200 by proxy.");
  CHECK(second.credentials() == Texts{"-", okhttp::Credentials::basic("its", "own")});
  // But it does reach the one that asked.
  CHECK(fetch_by(Proxy::http("127.0.0.1", first.port())) == "407 no...");
  CHECK(first.credentials() == Texts{"-", "-", "-", "-", jesse});
}

TEST_CASE("a proxy that closes after a 407 is not waited for") {
  // It says so, but neither sends all of its page nor closes.
  TestProxy proxy({.answer = [](const okhttp::http1::RequestHead& head) -> std::string {
    if (head.headers.get("Proxy-Authorization").value_or("") == jesse) return "HTTP/1.1 403 Forbidden\r\n\r\n";
    return "HTTP/1.1 407 Proxy Authentication Required\r\nconnection: close\r\nContent-Length: 5000\r\n\r\nno";
  }});
  auto client = okhttp_tests::OnInline::builder()
                    .proxy(Proxy::http("127.0.0.1", proxy.port()))
                    .proxy_authenticator([](const okhttp::Route*, const Response& challenge) -> std::optional<Request> {
                      if (challenge.message() == "Preemptive Authenticate") return std::nullopt;
                      return with_credentials(challenge);
                    })
                    .read_timeout(4s)
                    .build();
  const auto begun = std::chrono::steady_clock::now();
  CHECK(fetch(client, on("https", 443)).error() == Errc::connect_failed);
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  CHECK(proxy.credentials() == Texts{"-", jesse});
}

TEST_CASE("a proxy is not asked for a tunnel more than 21 times") {
  TestProxy proxy({.answer = wants("never")});
  auto client = OnInline::builder()
                    .proxy(Proxy::http("127.0.0.1", proxy.port()))
                    .proxy_authenticator([](const okhttp::Route*, const Response& challenge) {
                      return challenge.request().new_builder().header("Proxy-Authorization", "again").build();
                    })
                    .build();
  const Result<std::string> failed = fetch(client, on("https", 443));
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == Errc::protocol_error);
  CHECK(contains(failed.error().message(), "21 times"));
  CHECK(proxy.requests().size() == 21);
}

TEST_CASE("what a proxy may answer to CONNECT") {
  struct Row {
    const char* reply;
    Errc code;
    const char* text;
  };
  const Row rows[] = {
      {"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Errc::connect_failed, "with 403"},
      {"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", Errc::proxy_authentication, "failed to authenticate"},
      {"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Errc::connect_failed, "with 502"},
      {"garbage\r\nConnection: close\r\n\r\n", Errc::protocol_error, "status line"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reply);
    TestProxy proxy({.answer = [&row](const auto&) { return row.reply; }});
    auto client = OnInline::builder().proxy(Proxy::http("127.0.0.1", proxy.port(), "jesse", "secret")).build();
    const Result<std::string> failed = fetch(client, on("https", 443));
    REQUIRE_FALSE(failed);
    CAPTURE(failed.error().message());
    CHECK(failed.error() == row.code);
    CHECK(contains(failed.error().message(), row.text));
    CHECK_FALSE(contains(failed.error().message(), "secret"));
  }
  TestProxy chatty({.surplus = "\x16\x03"});
  auto client = OnInline::builder().proxy(Proxy::http("127.0.0.1", chatty.port())).build();
  MockWebServer server;
  const Result<std::string> failed = fetch(client, on("https", server.port()));
  REQUIRE_FALSE(failed);
  CAPTURE(failed.error().message());
  CHECK(failed.error() == Errc::protocol_error);
}

TEST_CASE_TEMPLATE("SOCKS proxies resolve the names", D, OKHTTP_EVERY_DISPATCHER) {
  SecureServer secure;
  MockWebServer plain;
  plain.enqueue(MockResponse().body("plain"));
  for (const Kind kind : {Kind::socks4a, Kind::socks5}) {
    plain.enqueue(MockResponse().body("plain"));
    TestProxy proxy({.kind = kind});
    auto client = D::builder()
                      .trusted_certificates(secure.client_trust())
                      .proxy(kind == Kind::socks5 ? Proxy::socks5("127.0.0.1", proxy.port())
                                                  : Proxy::socks4("127.0.0.1", proxy.port()))
                      .dns([](std::string_view host) -> Result<std::vector<okhttp::IpAddress>> {
                        return okhttp::Error(Errc::dns, "asked for " + std::string(host));
                      })
                      .build();
    CHECK(fetch(client, on("http", plain.port())).value() == "200 plain");
    CHECK(fetch(client, on("https", secure.port())).value() == "200 /path?query");
    CHECK(proxy.requests() == Texts{"server.example:" + std::to_string(plain.port()),
                                    "server.example:" + std::to_string(secure.port())});
    CHECK(plain.take_request().target() == "/path?query");
  }
}

TEST_CASE("a SOCKS5 proxy may want user and password") {
  MockWebServer server;
  server.enqueue(MockResponse().body("in"));
  okhttp::socks::ServerHandshake::Settings settings;
  settings.login = okhttp::socks::Login{"jesse", "secret"};
  TestProxy proxy({.kind = Kind::socks5, .socks = settings});
  auto good = OnInline::builder().proxy(Proxy::socks5("127.0.0.1", proxy.port(), "jesse", "secret")).build();
  CHECK(fetch(good, on("http", server.port())).value() == "200 in");
  for (const Proxy& bad : {Proxy::socks5("127.0.0.1", proxy.port()),
                           Proxy::socks5("127.0.0.1", proxy.port(), "jesse", "wrong-word")}) {
    auto client = OnInline::builder().proxy(bad).build();
    const Result<std::string> failed = fetch(client, on("http", server.port()));
    REQUIRE_FALSE(failed);
    CHECK(failed.error() == Errc::connect_failed);
    CHECK_FALSE(contains(failed.error().message(), "wrong-word"));
  }
}

TEST_CASE("a SOCKS proxy that fails says why") {
  TestProxy proxy({.kind = Kind::socks5});
  const Listener nobody;  // it refuses as soon as this is gone
  std::uint16_t port = 0;
  { port = Listener().port(); }
  auto client = OnInline::builder().proxy(Proxy::socks5("127.0.0.1", proxy.port())).build();
  const Result<std::string> refused = fetch(client, on("http", port));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Errc::connect_refused);

  ScriptedServer mute([](RawPeer& peer) { peer.read(3); });
  auto other = OnInline::builder().proxy(Proxy::socks5("127.0.0.1", mute.port())).build();
  const Result<std::string> ended = fetch(other, on("http", port));
  REQUIRE_FALSE(ended);
  CHECK(ended.error() == Errc::connect_failed);
  CHECK(contains(ended.error().message(), "closed the connection"));
}

TEST_CASE_TEMPLATE("a proxy that says nothing is given up in time", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer silent;
  for (const Proxy& proxy : {Proxy::http("127.0.0.1", silent.port()), Proxy::socks5("127.0.0.1", silent.port())}) {
    auto client = D::builder().proxy(proxy).connect_timeout(50ms).read_timeout(50ms).build();
    const Result<std::string> failed = fetch(client, on("https", 443));
    REQUIRE_FALSE(failed);
    CAPTURE(failed.error().message());
    CHECK(failed.error() == (proxy.is_http() ? Errc::read_timeout : Errc::connect_timeout));
    auto in_all = client.new_builder().connect_timeout(patience).read_timeout(patience).call_timeout(50ms).build();
    const Result<std::string> late = fetch(in_all, on("https", 443));
    REQUIRE_FALSE(late);
    CHECK(late.error() == Errc::call_timeout);
  }
}

TEST_CASE_TEMPLATE("a call can be canceled while its proxy is silent", D, OKHTTP_EVERY_DISPATCHER) {
  for (const bool socks : {false, true}) {
    SilentServer silent;
    auto client = D::builder()
                      .proxy(socks ? Proxy::socks5("127.0.0.1", silent.port()) : Proxy::http("127.0.0.1", silent.port()))
                      .build();
    const okhttp::Call call = client.new_call(get_request(on("https", 443)));
    Background canceler([&] {
      CHECK(silent.wait_for_bytes());
      call.cancel();
    });
    const Result<Response> response = call.try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::canceled);
  }
}

TEST_CASE_TEMPLATE("a selector may take its time, but not more than the call has", D, OKHTTP_EVERY_DISPATCHER) {
  TestProxy proxy({.answer = [](const auto&) { return ok_reply; }});
  const okhttp::Signal known;
  known.set();
  auto client = D::builder().proxy_selector([&](const HttpUrl&) -> okhttp::Task<std::vector<Proxy>> {
    okhttp::WaitItem item(known);
    co_await okhttp::Runtime::current()->wait_any(std::span(&item, 1), okhttp::Deadline::never());
    co_return std::vector{Proxy::http("127.0.0.1", proxy.port())};
  }).build();
  CHECK(fetch(client, "http://server.example/").value() == "200 by proxy.");
  if constexpr (!D::blocks) {
    known.reset();
    auto hasty = client.new_builder().call_timeout(50ms).build();
    const Result<std::string> late = fetch(hasty, "http://other.example/");
    REQUIRE_FALSE(late);
    CHECK(late.error() == Errc::call_timeout);
  }
}

TEST_CASE_TEMPLATE("a proxy that closes without an answer is no reason not to try the next", D, OKHTTP_EVERY_DISPATCHER) {
  TestProxy good({.answer = [](const auto&) { return ok_reply; }});
  ScriptedServer rude([](RawPeer& peer) { peer.read_head(); });
  auto client = D::builder().proxy_selector(ProxySelector::of({Proxy::http("127.0.0.1", rude.port()),
                                                               Proxy::http("127.0.0.1", good.port())})).build();
  CHECK(fetch(client, "http://server.example/").value() == "200 by proxy.");
}

TEST_CASE_TEMPLATE("a proxy authenticator has no more time than the call", D, OKHTTP_LOOP_DISPATCHERS) {
  TestProxy proxy({.answer = wants("never")});
  const okhttp::Signal never;
  auto client = D::builder()
                    .call_timeout(50ms)
                    .proxy(Proxy::http("127.0.0.1", proxy.port()))
                    .proxy_authenticator([&](const okhttp::Route*, const Response&) -> okhttp::Task<std::optional<Request>> {
                      okhttp::WaitItem item(never);
                      co_await okhttp::Runtime::current()->wait_any(std::span(&item, 1), okhttp::Deadline::never());
                      co_return std::nullopt;
                    })
                    .build();
  const Result<std::string> late = fetch(client, on("https", 443));
  REQUIRE_FALSE(late);
  CHECK(late.error() == Errc::call_timeout);
}

TEST_CASE_TEMPLATE("a selector's proxies are tried in order, those that failed of late at the end", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) { return MockResponse().body("direct"); });
  TestProxy proxy({.answer = [](const auto&) { return ok_reply; }});
  std::uint16_t closed = 0;
  { closed = Listener().port(); }
  std::vector<std::string> asked;
  auto client = D::builder()
                    .proxy_selector([&](const HttpUrl& url) {
                      asked.emplace_back(url.to_string());
                      return std::vector{Proxy::http("127.0.0.1", closed), Proxy::http("127.0.0.1", proxy.port()),
                                         Proxy::none()};
                    })
                    .build();
  CHECK(fetch(client, local_url(server.port(), "/a")).value() == "200 by proxy.");
  CHECK(asked == Texts{local_url(server.port(), "/a")});
  CHECK(client.connection_pool().idle_connection_count() == 1);
  client.connection_pool().evict_all();
  // The port that refused has moved behind the others; now somebody listens there.
  ScriptedServer late(std::vector<ScriptedServer::Script>{[](RawPeer& peer) { peer.read_head(); }}, "127.0.0.1", closed);
  CHECK(fetch(client, local_url(server.port(), "/b")).value() == "200 by proxy.");
  auto none = client.new_builder().proxy(Proxy::none()).build();
  CHECK(fetch(none, local_url(server.port())).value() == "200 direct");
  auto broken = client.new_builder().proxy_selector([](const HttpUrl&) -> Result<std::vector<Proxy>> {
    return okhttp::Error(Errc::invalid_argument, "no proxy today");
  }).build();
  const Result<std::string> failed = fetch(broken, local_url(server.port()));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message() == "no proxy today");
}

}  // TEST_SUITE

}  // namespace proxy_test
