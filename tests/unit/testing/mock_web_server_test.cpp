// SPDX-License-Identifier: Apache-2.0
#include <okhttp/testing/mock_web_server.hpp>

#include "../../support/raw_client.hpp"

#include <doctest/doctest.h>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mock_web_server_test {

using namespace okhttp_tests;
using namespace std::chrono_literals;
using okhttp::CloseSocket;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Protocol;
using okhttp::RecordedRequest;
using okhttp::Stall;

namespace {

/// Opens when it is told to; handlers wait behind it.
class Gate {
 public:
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    while (!open_) changed_.wait(lock);
    --waiting_;
  }
  int waiting() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

/// Makes room for this many descriptors; false when the system's hard limit forbids it.
bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < count) return false;
  limit.rlim_cur = count;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

TEST_SUITE("testing/mock_web_server") {
  TEST_CASE("listens from its construction to its destruction") {
    std::uint16_t port = 0;
    {
      MockWebServer server;
      port = server.port();
      CHECK(port != 0);
      CHECK(server.host_name() == "127.0.0.1");
      CHECK(server.url("/a?b").to_string() == "http://127.0.0.1:" + std::to_string(port) + "/a?b");
      CHECK(server.url().encoded_path() == "/");
      CHECK_NOTHROW(RawClient{port});
    }
    CHECK_THROWS(RawClient{port});
    // The port is free at once, also for a server.
    MockWebServer again(port);
    CHECK(again.port() == port);
    CHECK(MockWebServer::try_start(port).error() == Errc::connect_failed);
  }

  TEST_CASE("two servers take two ports, and a moved server goes on") {
    MockWebServer one;
    MockWebServer two;
    CHECK(one.port() != two.port());
    one.enqueue(MockResponse().body("one"));
    MockWebServer moved = std::move(one);
    CHECK(RawClient(moved.port()).get("/").body == "one");
  }

  TEST_CASE("answers in the order of the queue and records what was asked") {
    MockWebServer server;
    server.enqueue(MockResponse().header("ETag", "v1").body("hello"));
    server.enqueue(MockResponse().code(404).message("Nope"));
    RawClient client(server.port());
    RawResponse response = client.get("/first?q=1");
    CHECK(response.wire == "HTTP/1.1 200 OK\r\nETag: v1\r\nContent-Length: 5\r\n\r\nhello");
    client.send(post_request("some text", "X-A: 1\r\nX-A: 2\r\n"));
    response = client.read_response();
    CHECK(response.wire == "HTTP/1.1 404 Nope\r\nContent-Length: 0\r\n\r\n");

    CHECK(server.request_count() == 2);
    const RecordedRequest first = server.take_request();
    CHECK(first.method() == "GET");
    CHECK(first.target() == "/first?q=1");
    CHECK(first.path() == "/first");
    CHECK(first.protocol() == Protocol::http_1_1);
    CHECK(first.request_line() == "GET /first?q=1 HTTP/1.1");
    CHECK(first.url().to_string() == "http://test/first?q=1");
    CHECK(first.header("host") == "test");
    CHECK(first.body() == "");
    CHECK(first.body_size() == 0);
    CHECK(first.connection_index() == 0);
    CHECK(first.exchange_index() == 0);
    CHECK(first.handshake() == nullptr);
    CHECK(first.handshake_server_names().empty());
    CHECK(first.failure() == nullptr);
    const RecordedRequest second = server.take_request();
    CHECK(second.method() == "POST");
    CHECK(second.body() == "some text");
    CHECK(second.body_size() == 9);
    CHECK(second.headers().values("X-A") == std::vector<std::string_view>{"1", "2"});
    CHECK(second.connection_index() == 0);
    CHECK(second.exchange_index() == 1);
    CHECK(server.request_count() == 2);
    CHECK(server.connection_count() == 1);
  }

  TEST_CASE("a recorded request gives values when it is a temporary") {
    MockWebServer server;
    server.enqueue(MockResponse());
    server.enqueue(MockResponse());
    RawClient client(server.port());
    client.get("/a");
    client.get("/b");
    const std::string target = server.take_request().target();
    const auto host = server.take_request().header("Host");
    CHECK(target == "/a");
    CHECK(host == "test");
  }

  TEST_CASE("the URL of a recorded request comes from its target and its Host") {
    MockWebServer server;
    server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
    RawClient client(server.port());
    const auto url_of = [&](std::string_view request) {
      client.send(request);
      client.read_response();
      return server.take_request().url().to_string();
    };
    CHECK(url_of("GET http://far.test/x?y HTTP/1.1\r\nHost: far.test\r\n\r\n") ==
          "http://far.test/x?y");
    CHECK(url_of("OPTIONS * HTTP/1.1\r\nHost: test:81\r\n\r\n") == "http://test:81/");
    CHECK(url_of("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") ==
          server.url("/x").to_string());
    CHECK(url_of("GET //a://b HTTP/1.1\r\nHost: test\r\n\r\n") == "http://test//a://b");
  }

  TEST_CASE("a request waits for an answer to be enqueued") {
    MockWebServer server;
    RawClient client(server.port());
    client.send(get_request);
    CHECK(server.take_request().target() == "/");
    server.enqueue(MockResponse().body("late"));
    CHECK(client.read_response().body == "late");
  }

  TEST_CASE("requests that wait are served first come, first served") {
    MockWebServer server;
    std::vector<RawClient> clients;
    for (int i = 0; i < 5; ++i) {
      clients.emplace_back(server.port());
      clients.back().send(get_request);
      server.take_request();
      // Recorded a moment before it waits.
      CHECK(clients.back().is_silent(20ms));
    }
    for (int i = 0; i < 5; ++i) server.enqueue(MockResponse().body(std::to_string(i)));
    for (int i = 0; i < 5; ++i)
      CHECK(clients[static_cast<std::size_t>(i)].read_response().body == std::to_string(i));
  }

  TEST_CASE("a client that goes away leaves its answer to the next one") {
    MockWebServer server;
    {
      RawClient gone(server.port());
      gone.send(get_request);
      server.take_request();
    }
    REQUIRE(eventually([&] { return server.open_connections() == 0; }));
    server.enqueue(MockResponse().body("for the second"));
    CHECK(RawClient(server.port()).get("/").body == "for the second");
  }

  TEST_CASE("a request that cannot be read does not use up an answer") {
    MockWebServer server;
    server.enqueue(MockResponse().body("kept"));
    CHECK(reply_to(server.port(), "GET / HTTP/1.1\r\nHo") == "");
    CHECK(reply_to(server.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab") ==
          "");
    CHECK(reply_to(server.port(), "nonsense\r\n\r\n").substr(0, 12) == "HTTP/1.1 400");
    CHECK(RawClient(server.port()).get("/").body == "kept");
  }

  TEST_CASE("with fail_fast an empty queue gives 404") {
    MockWebServer server;
    server.fail_fast(true);
    RawClient client(server.port());
    CHECK(client.get("/").code() == 404);
    server.enqueue(MockResponse());
    CHECK(client.get("/").code() == 200);
    server.enqueue(MockResponse());
    server.clear_queue();
    CHECK(client.get("/").code() == 404);
  }

  TEST_CASE("favicon.ico is answered with 404 without using up the queue") {
    MockWebServer server;
    server.enqueue(MockResponse().body("page"));
    RawClient client(server.port());
    CHECK(client.get("/favicon.ico").code() == 404);
    CHECK(client.get("/").body == "page");
    server.dispatcher([](const RecordedRequest&) { return MockResponse().body("icon"); });
    CHECK(client.get("/favicon.ico").body == "icon");
  }

  TEST_CASE("take_request with a timeout gives none when nothing comes") {
    MockWebServer server;
    CHECK_FALSE(server.take_request(0ms).has_value());
    CHECK_FALSE(server.take_request(5ms).has_value());
    server.enqueue(MockResponse());
    RawClient(server.port()).get("/x");
    const std::optional<RecordedRequest> taken = server.take_request(30s);
    REQUIRE(taken.has_value());
    CHECK(taken->target() == "/x");
  }

  TEST_CASE("a closed server refuses clients, keeps what it recorded, and says what is misuse") {
    MockWebServer server;
    server.enqueue(MockResponse());
    RawClient client(server.port());
    client.get("/x");
    server.close();
    server.shutdown();
    RawEnd end = RawEnd::data;
    client.read_to_end(&end);
    CHECK(end == RawEnd::eof);
    CHECK_THROWS(RawClient{server.port()});
    CHECK(server.take_request().target() == "/x");
    CHECK(server.try_take_request().error() == Errc::misuse);
    CHECK_THROWS_AS(server.take_request(), okhttp::Exception);
    CHECK_FALSE(server.take_request(1s).has_value());
    CHECK(server.open_connections() == 0);
  }

  TEST_CASE("close wakes a thread that waits for a request") {
    MockWebServer server;
    std::thread waiting([&] { CHECK_FALSE(server.try_take_request()); });
    server.close();
    waiting.join();
  }

  TEST_CASE("a response that cannot be sent is refused when it is enqueued") {
    MockWebServer server;
    CHECK_THROWS_AS(server.enqueue(MockResponse().header("bad name", "x")), okhttp::Exception);
    CHECK(server.try_enqueue(MockResponse().code(1)).error() == Errc::invalid_argument);
    server.fail_fast(true);
    CHECK(RawClient(server.port()).get("/").code() == 404);
  }

  // ---- Handlers.

  TEST_CASE("a handler answers by what was asked") {
    MockWebServer server;
    server.dispatcher(
        [](const RecordedRequest& request) { return MockResponse().body(request.target()); });
    RawClient client(server.port());
    CHECK(client.get("/one").body == "/one");
    CHECK(client.get("/two?x").body == "/two?x");
    client.send(post_request("data"));
    CHECK(client.read_response().body == "/post");
    server.dispatcher(nullptr);
    server.enqueue(MockResponse().body("queued"));
    CHECK(client.get("/").body == "queued");
    CHECK(server.request_count() == 4);
  }

  TEST_CASE("what a handler throws, and what it cannot have meant, becomes a 500") {
    MockWebServer server;
    server.dispatcher([](const RecordedRequest& request) -> MockResponse {
      if (request.target() == "/throws") throw std::runtime_error("handler broke");
      return MockResponse().header("bad name", "x");
    });
    RawResponse response = RawClient(server.port()).get("/throws");
    CHECK(response.code() == 500);
    CHECK(response.body.find("handler broke") != std::string::npos);
    response = RawClient(server.port()).get("/faulty");
    CHECK(response.code() == 500);
    CHECK(response.complete);
  }

  TEST_CASE("a handler that blocks holds up its own connection only") {
    MockWebServer server;
    Gate gate;
    server.dispatcher([&](const RecordedRequest& request) {
      if (request.target() == "/slow") gate.pass();
      return MockResponse().body(request.target());
    });
    RawClient slow(server.port());
    slow.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
    REQUIRE(eventually([&] { return gate.waiting() == 1; }));
    RawClient fast(server.port());
    for (int i = 0; i < 20; ++i) CHECK(fast.get("/fast").body == "/fast");
    CHECK(slow.is_silent(5ms));
    gate.open();
    CHECK(slow.read_response().body == "/slow");
  }

  TEST_CASE("200 handlers may block at once") {
    MockWebServer server;
    Gate gate;
    server.dispatcher([&](const RecordedRequest&) {
      gate.pass();
      return MockResponse().body("done");
    });
    std::vector<RawClient> clients;
    for (int i = 0; i < 200; ++i) {
      clients.emplace_back(server.port());
      clients.back().send(get_request);
    }
    CHECK(eventually([&] { return gate.waiting() == 200; }));
    gate.open();
    for (RawClient& client : clients) CHECK(client.read_response().body == "done");
  }

  TEST_CASE("a server that closes waits for the handler that runs") {
    Gate gate;
    std::atomic<bool> finished{false};
    std::optional<MockWebServer> server(std::in_place);
    server->dispatcher([&](const RecordedRequest&) {
      gate.pass();
      finished = true;
      return MockResponse();
    });
    RawClient client(server->port());
    client.send(get_request);
    REQUIRE(eventually([&] { return gate.waiting() == 1; }));
    std::thread opener([&] { gate.open(); });
    server.reset();
    CHECK(finished);
    opener.join();
  }

  TEST_CASE("peek says how the next request is to be read") {
    MockWebServer server;
    server.dispatcher(
        [](const RecordedRequest& request) {
          return MockResponse().code(413).body(std::to_string(request.body_size()));
        },
        [] { return MockResponse().do_not_read_request_body(); });
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n");
    const RawResponse response = client.read_response();
    CHECK(response.code() == 413);
    CHECK(response.body == "0");
  }

  TEST_CASE("an effect whose moment has passed when the handler answers happens at once") {
    MockWebServer server;
    server.dispatcher([](const RecordedRequest&) {
      return MockResponse().on_request_start(CloseSocket{}).body("never sent");
    });
    CHECK(reply_to(server.port(), get_request) == "");
    CHECK(server.take_request().failure() == nullptr);
    server.dispatcher([](const RecordedRequest&) {
      return MockResponse().on_request_body(CloseSocket{}).body("never sent");
    });
    CHECK(reply_to(server.port(), get_request) == "");
  }

#if OKHTTP_TLS
  // ---- HTTPS.

  TEST_CASE("serves HTTPS and records the handshake") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    CHECK(server.url("/x").to_string() ==
          "https://127.0.0.1:" + std::to_string(server.port()) + "/x");
    server.enqueue(MockResponse().body("secret"));
    server.enqueue(MockResponse().body_repeated("0123456789", 3'000'000));
    server.enqueue(MockResponse().body("done"));
    okhttp::Result<RawClient> client =
        RawClient::secure(server.port(), server.client_trust(), "localhost", {"h2", "http/1.1"});
    REQUIRE(client);
    CHECK(client->engine().info().alpn == "http/1.1");
    CHECK(client->get("/").body == "secret");
    CHECK(client->get("/").body.size() == 3'000'000);
    const std::string body(1'000'000, 'u');
    client->send(post_request(body));
    CHECK(client->read_response().body == "done");
    const RecordedRequest recorded = server.take_request();
    REQUIRE(recorded.handshake() != nullptr);
    CHECK(recorded.handshake()->tls_version == "TLSv1.3");
    CHECK(recorded.handshake()->alpn == "http/1.1");
    CHECK(recorded.handshake_server_names() == std::vector<std::string>{"localhost"});
    CHECK(recorded.url().to_string() == "https://test/");
    server.take_request();
    CHECK(server.take_request().body() == body);
  }

  TEST_CASE("serves HTTPS with TLS 1.2, by address, without ALPN") {
    MockWebServer server;
    server.protocols({});
    server.use_https(okhttp::HeldCertificate::localhost());
    server.enqueue(MockResponse().body("secret"));
    okhttp::TlsRequirements old;
    old.specs = {okhttp::ConnectionSpec::Builder(okhttp::ConnectionSpec::modern_tls())
                     .tls_versions({okhttp::TlsVersion::tls_1_2})
                     .build()};
    okhttp::Result<RawClient> client =
        RawClient::secure(server.port(), server.client_trust(), "127.0.0.1", {"http/1.1"}, &old);
    REQUIRE(client);
    CHECK(client->engine().info().alpn == "");
    CHECK(client->get("/").body == "secret");
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.handshake()->tls_version == "TLSv1.2");
    CHECK(recorded.handshake_server_names().empty());
  }

  TEST_CASE("does not negotiate a protocol that it does not speak") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    server.protocols({Protocol::h2, Protocol::http_1_1});
    okhttp::Result<RawClient> client =
        RawClient::secure(server.port(), server.client_trust(), "localhost", {"h2", "http/1.1"});
    REQUIRE(client);
    CHECK(client->engine().info().alpn == "http/1.1");
  }

  TEST_CASE("a client must trust the certificate, or what signed it") {
    const okhttp::HeldCertificate root =
        okhttp::HeldCertificate::Builder().certificate_authority(1).build();
    const okhttp::HeldCertificate intermediate =
        okhttp::HeldCertificate::Builder().certificate_authority(0).signed_by(root).build();
    const okhttp::HeldCertificate leaf = okhttp::HeldCertificate::Builder()
                                             .add_subject_alternative_name("localhost")
                                             .signed_by(intermediate)
                                             .build();
    MockWebServer server;
    server.use_https(leaf);
    CHECK(RawClient::secure(server.port(), server.client_trust()));
    CHECK(RawClient::secure(
        server.port(),
        okhttp::HandshakeCertificates::Builder().add_trusted_pem(root.certificate_pem()).build()));
    const okhttp::Result<RawClient> stranger =
        RawClient::secure(server.port(), okhttp::HandshakeCertificates::Builder().build());
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error() == Errc::certificate);
    MockWebServer plain;
    CHECK_FALSE(plain.client_trust().trusts_platform());
  }

  TEST_CASE("asks clients for a certificate when told to") {
    const okhttp::HeldCertificate held = okhttp::HeldCertificate::localhost();
    MockWebServer server;
    okhttp::TlsServerOptions options;
    options.client_auth = okhttp::ClientAuth::require;
    options.client_trust_pem = held.certificate_pem();
    server.use_https(held, options);
    server.enqueue(MockResponse().body("welcome"));
    const auto trust =
        okhttp::HandshakeCertificates::Builder()
            .add_trusted_pem(held.certificate_pem())
            .held_certificate_pem(held.certificate_pem(), held.private_key_pkcs8_pem())
            .build();
    okhttp::Result<RawClient> known = RawClient::secure(server.port(), trust);
    REQUIRE(known);
    CHECK(known->get("/").body == "welcome");
    // In TLS 1.3 the refusal arrives after the client is done.
    okhttp::Result<RawClient> unknown = RawClient::secure(server.port(), server.client_trust());
    if (unknown) CHECK_FALSE(unknown->get("/").complete);
    CHECK(server.request_count() == 1);
  }

  TEST_CASE("fails a handshake when told to, and serves the next connection") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    server.enqueue(MockResponse().fail_handshake());
    server.enqueue(MockResponse().body("ok"));
    CHECK_FALSE(RawClient::secure(server.port(), server.client_trust()));
    okhttp::Result<RawClient> client = RawClient::secure(server.port(), server.client_trust());
    REQUIRE(client);
    CHECK(client->get("/").body == "ok");
  }

  TEST_CASE("plain text on a TLS port and TLS on a plain port end the connection") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    RawClient plain(server.port());
    plain.send(get_request);
    RawEnd end = RawEnd::data;
    plain.read_to_end(&end);
    CHECK(end != RawEnd::timeout);
    MockWebServer other;
    CHECK_FALSE(RawClient::secure(other.port(), server.client_trust()));
  }

  TEST_CASE("effects work on HTTPS connections") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    const auto reply = [&](MockResponse response) {
      server.enqueue(std::move(response));
      okhttp::Result<RawClient> client = RawClient::secure(server.port(), server.client_trust());
      REQUIRE(client);
      client->send(post_request("body"));
      RawEnd end = RawEnd::data;
      std::string text = client->read_to_end(&end);
      CHECK(end != RawEnd::timeout);
      return text;
    };
    const MockResponse base = MockResponse().body("0123456789");
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    CHECK(reply(MockResponse(base).on_request_start(CloseSocket{})) == "");
    CHECK(reply(MockResponse(base).on_request_body(CloseSocket{})) == "");
    CHECK(reply(MockResponse(base).on_response_start(CloseSocket::reset())) == "");
    CHECK(reply(MockResponse(base).on_response_body(CloseSocket{})) == head + "01234");
    CHECK(reply(MockResponse(base).on_response_body(CloseSocket::output())) == head + "01234");
    CHECK(reply(MockResponse(base).on_response_end(CloseSocket{})) == head + "0123456789");
    CHECK(reply(MockResponse(base).header("Connection", "close")).ends_with("0123456789"));
    CHECK(reply(MockResponse(base).remove_header("Content-Length")).ends_with("0123456789"));
    server.enqueue(MockResponse().on_response_start(Stall{}));
    okhttp::Result<RawClient> client = RawClient::secure(server.port(), server.client_trust());
    client->send(get_request);
    CHECK(client->is_silent());
  }

  TEST_CASE("a client that leaves an HTTPS server waiting leaves its answer to the next one") {
    MockWebServer server;
    server.use_https(okhttp::HeldCertificate::localhost());
    {
      okhttp::Result<RawClient> gone = RawClient::secure(server.port(), server.client_trust());
      gone->send(get_request);
      server.take_request();
    }
    REQUIRE(eventually([&] { return server.open_connections() == 0; }));
    server.enqueue(MockResponse().body("second"));
    okhttp::Result<RawClient> client = RawClient::secure(server.port(), server.client_trust());
    CHECK(client->get("/").body == "second");
  }
#endif

  // ---- Many at once.

  TEST_CASE("holds 2000 idle connections and serves each of them") {
    constexpr std::size_t count = 2000;
    if (!allow_descriptors(2 * count + 100)) {
      MESSAGE("skipped: the hard limit of descriptors is too low (ulimit -Hn)");
      return;
    }
    MockWebServer server;
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < count; ++i) clients.emplace_back(server.port());
    CHECK(eventually([&] { return server.open_connections() == count; }));
    for (std::size_t i = 0; i < count; ++i) server.enqueue(MockResponse().body("x"));
    for (RawClient& client : clients) client.send(get_request);
    std::size_t answered = 0;
    for (RawClient& client : clients) answered += client.read_response().body == "x" ? 1 : 0;
    CHECK(answered == count);
    CHECK(server.request_count() == count);
  }

  TEST_CASE("works off a queue of 1000 answers on one connection") {
    MockWebServer server;
    for (int i = 0; i < 1000; ++i) server.enqueue(MockResponse().body(std::to_string(i)));
    RawClient client(server.port());
    int in_order = 0;
    for (int i = 0; i < 1000; ++i) in_order += client.get("/").body == std::to_string(i) ? 1 : 0;
    CHECK(in_order == 1000);
    for (std::size_t i = 0; i < 1000; ++i) {
      if (server.take_request().exchange_index() != i) FAIL_CHECK("out of order at " << i);
    }
  }

  TEST_CASE("serves clients on many threads, by a handler or from the queue") {
    constexpr int threads = 8;
    constexpr int requests = 60;
    for (const bool handled : {true, false}) {
      MockWebServer server;
      if (handled)
        server.dispatcher(
            [](const RecordedRequest& request) { return MockResponse().body(request.target()); });
      std::atomic<int> right{0};
      std::vector<std::thread> clients;
      for (int i = 0; i < threads; ++i)
        clients.emplace_back([&, i] {
          RawClient client(server.port());
          for (int n = 0; n < requests; ++n) {
            const std::string target = "/" + std::to_string(i) + "/" + std::to_string(n);
            if (!handled) server.enqueue(MockResponse().body("queued"));
            if (client.get(target).body == (handled ? target : "queued")) ++right;
          }
        });
      for (std::thread& client : clients) client.join();
      CHECK(right == threads * requests);
      CHECK(server.request_count() == threads * requests);
      CHECK(server.connection_count() == threads);
    }
  }

  TEST_CASE("closes while clients are asking") {
    for (int round = 0; round < 5; ++round) {
      std::vector<std::thread> clients;
      {
        MockWebServer server;
        server.dispatcher([](const RecordedRequest&) { return MockResponse().body("x"); });
        for (int i = 0; i < 4; ++i)
          clients.emplace_back([client = RawClient(server.port())]() mutable {
            while (client.get("/").complete) {
            }
          });
        CHECK(eventually([&] { return server.request_count() > 20; }));
      }
      for (std::thread& client : clients) client.join();
    }
  }

  TEST_CASE("closes promptly whatever its connections are doing") {
    for (int round = 0; round < 5; ++round) {
      MockWebServer server;
#if OKHTTP_TLS
      if (round % 2 == 1) server.use_https(okhttp::HeldCertificate::localhost());
#endif
      server.enqueue(MockResponse().on_request_start(Stall{}));
      server.enqueue(MockResponse().headers_delay(1h));
      server.enqueue(MockResponse().body("0123456789").throttle_body(1, 1h));
      server.enqueue(MockResponse().body_repeated("x", std::uint64_t{1} << 40));
      std::vector<RawClient> clients;
      for (int i = 0; i < 12; ++i) {
        clients.emplace_back(server.port());
        if (i < 8) clients.back().send(get_request);
        if (i == 8) clients.back().send("GET / HT");
      }
      if (round % 2 == 0) CHECK(eventually([&] { return server.request_count() >= 8; }));
    }
  }

  TEST_CASE("goes on accepting after it ran out of descriptors") {
    MockWebServer server;
    server.enqueue(MockResponse().body("x"));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = std::min<rlim_t>(before.rlim_cur, 512);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::vector<int> fillers;
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) fillers.push_back(fd);
    // The client's socket is there already; the server has no descriptor left for its end.
    ::close(socket);
    RawClient client(server.port());
    client.send(get_request);
    CHECK(client.is_silent());
    CHECK(server.connection_count() == 0);
    for (const int fd : fillers) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(client.read_response().body == "x");
  }
}

}  // namespace mock_web_server_test

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS
