// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/connection_pool.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace connection_reuse_test {

using namespace okhttp_tests;
using okhttp::CloseSocket;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

/// Executes a GET and reads its body.
template <class Client>
std::string fetch(const Client& client, const std::string& url) {
  return client.new_call(get_request(url)).execute().body().string();
}

}  // namespace

TEST_SUITE("integration/connection_reuse") {

TEST_CASE_TEMPLATE("calls in a row use one connection", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().build();
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(fetch(client, server.url("/" + std::to_string(i)).to_string()) == "/" + std::to_string(i));
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.connection_index() == 0);
    CHECK(recorded.exchange_index() == i);
  }
  CHECK(server.connection_count() == 1);
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a connection is busy until its body was read", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(200'000, 'x')));
  server.enqueue(MockResponse().body("second"));
  server.enqueue(MockResponse().body("third"));
  auto client = D::builder().build();
  Response open = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(client.connection_pool().idle_connection_count() == 0);
  CHECK(fetch(client, server.url("/").to_string()) == "second");
  open.body().string();
  CHECK(client.connection_pool().idle_connection_count() == 2);
  CHECK(fetch(client, server.url("/").to_string()) == "third");
  CHECK(server.connection_count() == 2);
}

TEST_CASE_TEMPLATE("hosts, ports and schemes do not share connections", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  MockWebServer other;
  for (MockWebServer* each : {&server, &other})
    each->dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto client = D::builder()
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  const std::string port = std::to_string(server.port());
  fetch(client, "http://one.example:" + port + "/");
  fetch(client, "http://two.example:" + port + "/");
  fetch(client, other.url("/").to_string());
  CHECK(server.connection_count() == 2);
  CHECK(other.connection_count() == 1);
  CHECK(client.connection_pool().idle_connection_count() == 3);
  fetch(client, "http://ONE.example:" + port + "/again");
  CHECK(server.connection_count() == 2);
}

TEST_CASE_TEMPLATE("Connection: close of either side ends the connection", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().header("Connection", "close").body("one"));
  CHECK(fetch(client, server.url("/").to_string()) == "one");
  CHECK(client.connection_pool().idle_connection_count() == 0);
  server.enqueue(MockResponse().body("two"));
  const Request closing =
      Request::Builder().url(server.url("/")).header("Connection", "close").build();
  CHECK(client.new_call(closing).execute().body().string() == "two");
  CHECK(client.connection_pool().idle_connection_count() == 0);
  server.enqueue(MockResponse().body("three"));
  CHECK(fetch(client, server.url("/").to_string()) == "three");
  CHECK(server.connection_count() == 3);
}

TEST_CASE_TEMPLATE("five idle connections are kept, the oldest goes first", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body(std::string(100'000, 'x')); });
  auto client = D::builder().build();
  std::vector<Response> open;
  for (int i = 0; i < 7; ++i)
    open.push_back(client.new_call(get_request(server.url("/").to_string())).execute());
  for (Response& response : open) response.body().string();
  CHECK(server.connection_count() == 7);
  CHECK(client.connection_pool().idle_connection_count() == 5);
  while (server.take_request(0s)) {
  }
  // The one used last is taken first.
  fetch(client, server.url("/").to_string());
  CHECK(server.take_request().connection_index() == 6);
}

TEST_CASE_TEMPLATE("the pool keeps as many as it is told, none if told so", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto none = D::builder().connection_pool({.max_idle_connections = 0}).build();
  fetch(none, server.url("/").to_string());
  fetch(none, server.url("/").to_string());
  CHECK(none.connection_pool().idle_connection_count() == 0);
  CHECK(server.connection_count() == 2);
}

TEST_CASE_TEMPLATE("idle connections past their time are closed by the next use of the pool", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto client = D::builder().connection_pool({.keep_alive = 1ms}).build();
  fetch(client, server.url("/").to_string());
  const auto used = okhttp::Clock::now();
  while (okhttp::Clock::now() < used + 2ms) std::this_thread::yield();
  fetch(client, server.url("/").to_string());
  CHECK(server.connection_count() == 2);
}

TEST_CASE_TEMPLATE("evict_all closes the idle connections, and those in use when they are done", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(200'000, 'x')));
  server.enqueue(MockResponse().body("idle"));
  server.enqueue(MockResponse().body("fresh"));
  auto client = D::builder().build();
  Response open = client.new_call(get_request(server.url("/").to_string())).execute();
  fetch(client, server.url("/").to_string());
  CHECK(client.connection_pool().idle_connection_count() == 1);
  client.connection_pool().evict_all();
  CHECK(client.connection_pool().idle_connection_count() == 0);
  CHECK(open.body().string().size() == 200'000);
  CHECK(fetch(client, server.url("/").to_string()) == "fresh");
  CHECK(server.connection_count() == 3);
}

TEST_CASE_TEMPLATE("a server's Keep-Alive: timeout is honoured with a second's margin", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const std::string value : {"timeout=1", "timeout=0", "max=10, timeout=1"}) {
    CAPTURE(value);
    server.enqueue(MockResponse().header("Keep-Alive", value).body("short"));
    fetch(client, server.url("/").to_string());
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }
  server.enqueue(MockResponse().header("Keep-Alive", "timeout=60").body("long"));
  fetch(client, server.url("/").to_string());
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE("idle time is counted from the last exchange to the next") {
  // A clock that the test moves: what takes minutes takes no time.
  struct Watch final : okhttp::TimeSource {
    okhttp::TimePoint time = okhttp::Clock::now();
    okhttp::TimePoint now() override { return time; }
    bool skip_to(okhttp::TimePoint) override { return false; }
  };
  Watch watch;
  MockWebServer server;
  okhttp::EventLoopOptions options;
  options.time = &watch;
  auto client = OnLoop::Client::Builder().dispatcher_policy(okhttp::EventLoopDispatcher(options)).build();
  const std::string url = server.url("/").to_string();
  const auto fetch_after = [&](okhttp::Clock::duration idle, std::string_view keep_alive) {
    watch.time += idle;
    server.enqueue(keep_alive.empty() ? MockResponse().body("x")
                                      : MockResponse().body("x").header("Keep-Alive", keep_alive));
    CHECK(fetch(client, url) == "x");
    return server.take_request().connection_index();
  };
  CHECK(fetch_after(0s, "") == 0);
  CHECK(fetch_after(4min + 59s, "") == 0);
  CHECK(fetch_after(5min, "timeout=60") == 1);
  CHECK(fetch_after(58s, "timeout=60") == 1);
  CHECK(fetch_after(59s, "") == 2);  // a second's margin
  CHECK(fetch_after(4min, "") == 2);
}

TEST_CASE_TEMPLATE("a GET on a connection that the server just closed is sent again", D,
                   OKHTTP_EVERY_DISPATCHER) {
  // The server closes when the second request arrives, as one whose idle timer fires that very moment.
  MockWebServer server;
  auto client = D::builder().build();
  for (const bool resets : {false, true}) {
    CAPTURE(resets);
    server.enqueue(MockResponse().body("first"));
    server.enqueue(MockResponse().on_request_start(resets ? CloseSocket::reset() : CloseSocket{}));
    server.enqueue(MockResponse().body("repeated"));
    CHECK(fetch(client, server.url("/").to_string()) == "first");
    CHECK(fetch(client, server.url("/").to_string()) == "repeated");
    client.connection_pool().evict_all();
  }
  CHECK(server.connection_count() == 4);
}

TEST_CASE_TEMPLATE("a POST on a connection that the server just closed is not sent again", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().body("first"));
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  CHECK(fetch(client, server.url("/").to_string()) == "first");
  Result<Response> response =
      client.new_call(post_request(server.url("/").to_string(), "pay 100")).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::unexpected_end);
  CHECK(server.request_count() == 2);

  // The same POST may be repeated if the user says so.
  server.enqueue(MockResponse().body("first"));
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  server.enqueue(MockResponse().body("repeated"));
  CHECK(fetch(client, server.url("/").to_string()) == "first");
  const Request harmless =
      post_request(server.url("/").to_string(), "pay 100").new_builder().idempotent(true).build();
  CHECK(client.new_call(harmless).execute().body().string() == "repeated");
}

TEST_CASE_TEMPLATE("a connection that was closed while it was idle is not used for a POST", D,
                   OKHTTP_EVERY_DISPATCHER) {
  Event closed;
  Listener server;
  auto client = D::builder().build();
  Background scripts([&] {
    {
      RawPeer peer(server.accept());
      peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
    closed.set();
    RawPeer peer(server.accept());
    CHECK(contains(peer.read_head(), "POST"));
    CHECK(peer.read(7) == "pay 100");
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npaid");
  });
  CHECK(fetch(client, server.url()) == "ok");
  CHECK(closed.wait());
  CHECK(client.new_call(post_request(server.url(), "pay 100")).execute().body().string() == "paid");
}

TEST_CASE_TEMPLATE("bytes on an idle connection retire it before a POST", D, OKHTTP_EVERY_DISPATCHER) {
  Event sent;
  Listener server;
  auto client = D::builder().build();
  Background scripts([&] {
    RawPeer first(server.accept());
    first.read_head();
    first.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    first.read(0);
    // What a server may send when an idle connection times out.
    first.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    sent.set();
    RawPeer second(server.accept());
    second.read_head();
    second.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npaid");
  });
  CHECK(fetch(client, server.url()) == "ok");
  CHECK(sent.wait());
  CHECK(client.new_call(post_request(server.url(), "pay")).execute().body().string() == "paid");
}

TEST_CASE_TEMPLATE("nothing is repeated on a fresh connection, or when repeating is off", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  Result<Response> fresh = client.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(fresh);
  CHECK(fresh.error() == Errc::unexpected_end);
  CHECK(server.request_count() == 1);

  auto strict = client.new_builder().retry_on_connection_failure(false).build();
  server.enqueue(MockResponse().body("first"));
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  CHECK(fetch(strict, server.url("/").to_string()) == "first");
  Result<Response> pooled = strict.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(pooled);
  CHECK(pooled.error() == Errc::unexpected_end);
  CHECK(server.request_count() == 3);
}

TEST_CASE_TEMPLATE("once an answer has begun nothing is repeated", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_head();
    peer.write("HTTP/1.1 200 O");
  });
  auto client = D::builder().build();
  CHECK(fetch(client, server.url()) == "ok");
  Result<Response> response = client.new_call(get_request(server.url())).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::unexpected_end);
}

TEST_CASE_TEMPLATE("a response with more bytes than announced poisons no later one", D,
                   OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server({[](RawPeer& peer) {
                           peer.read_head();
                           peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"
                                      "Content-Length: 6\r\n\r\npoison");
                           peer.read_to_end();
                         },
                         [](RawPeer& peer) {
                           peer.read_head();
                           peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
                           peer.read_to_end();
                         }});
  auto client = D::builder().build();
  CHECK(fetch(client, server.url()) == "ok");
  CHECK(client.connection_pool().idle_connection_count() == 0);
  CHECK(fetch(client, server.url()) == "good");
  client.connection_pool().evict_all();
}

TEST_CASE_TEMPLATE("a client that trusts others has connections of its own", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(okhttp::HeldCertificate::localhost());
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto client = D::builder().trusted_certificates(server.client_trust()).build();
  CHECK(fetch(client, server.url("/").to_string()) == "answer");
  auto wary = client.new_builder()
                  .trusted_certificates(okhttp::HandshakeCertificates::Builder().build())
                  .build();
  CHECK(&wary.connection_pool() == &client.connection_pool());
  Result<Response> response = wary.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::certificate);
  CHECK(fetch(client, server.url("/").to_string()) == "answer");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 0);
}

}  // TEST_SUITE

}  // namespace connection_reuse_test
