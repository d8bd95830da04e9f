// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/connection_pool.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace connection_pool_test {

using namespace okhttp_tests;
using okhttp::ConnectionPoolMetrics;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::OpenBody;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;

namespace {

template <class Client>
std::string fetch(const Client& client, const std::string& url) {
  return client.new_call(get_request(url)).execute().body().string();
}

constexpr std::size_t long_body = 200'000;  // is not here all at once

void answer_all(MockWebServer& server, std::size_t bytes = 6) {
  server.dispatcher([bytes](const RecordedRequest&) { return MockResponse().body(std::string(bytes, 'x')); });
}

}  // namespace

TEST_SUITE("integration/connection_pool") {

TEST_CASE_TEMPLATE("the pool's counts tell what calls did", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server, long_body);
  auto client = D::builder().build();
  const std::string url = server.url("/").to_string();
  fetch(client, url);
  fetch(client, url);
  Response open = client.new_call(get_request(url)).execute();
  Response other = client.new_call(get_request(url)).execute();
  ConnectionPoolMetrics metrics = client.connection_pool().metrics();
  CHECK(metrics.active == 2);
  CHECK(metrics.idle == 0);
  CHECK(metrics.created == 2);
  CHECK(metrics.hits == 2);
  CHECK(metrics.evicted == 0);
  CHECK(metrics.waiting == 0);
  CHECK(open.body().string().size() == long_body);
  CHECK(other.body().string().size() == long_body);
  client.connection_pool().evict_all();
  metrics = client.connection_pool().metrics();
  CHECK(metrics.active == 0);
  CHECK(metrics.idle == 0);
  CHECK(metrics.evicted == 2);
  // A call that fails leaves nothing behind.
  std::uint16_t closed = 0;
  { closed = okhttp_tests::Listener().port(); }
  CHECK_FALSE(client.new_call(get_request(local_url(closed))).try_execute());
  CHECK(client.connection_pool().metrics().active == 0);
}

TEST_CASE_TEMPLATE("calls past a hard cap take turns and are all answered", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server);
  for (const bool per_host : {false, true}) {
    CAPTURE(per_host);
    auto client = D::builder()
                      .dispatcher({.max_requests = 20, .max_requests_per_host = 20})
                      .connection_pool({.max_connections = per_host ? 0U : 2U, .max_connections_per_host = per_host ? 2U : 0U})
                      .build();
    constexpr std::size_t count = 40;
    Counter good;
    for (std::size_t i = 0; i < count; ++i)
      client.new_call(get_request(server.url("/").to_string()))
          .enqueue([&good](Result<Response> response) { if (response && response->code() == 200) good.add(); });
    finish_enqueued(client);
    CHECK(good.wait_for(count));
    const ConnectionPoolMetrics metrics = client.connection_pool().metrics();
    CHECK(metrics.created <= 2);
    CHECK(metrics.hits + metrics.created == count);
    CHECK(metrics.waiting == 0);
    CHECK(metrics.active == 0);
  }
}

TEST_CASE_TEMPLATE("a full pool fails a call at once inline, else in the connect timeout", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server, long_body);
  for (const bool per_host : {false, true}) {
    CAPTURE(per_host);
    auto client = D::builder()
                      .connect_timeout(std::is_same_v<D, OnInline> ? 0ms : 30ms)
                      .connection_pool({.max_connections = per_host ? 0U : 1U, .max_connections_per_host = per_host ? 1U : 0U})
                      .build();
    const std::string url = server.url("/?token=secret").to_string();
    Response open = client.new_call(get_request(url)).execute();
    const Result<Response> refused = client.new_call(get_request(url)).try_execute();
    REQUIRE_FALSE(refused);
    const std::string text = refused.error().message();
    CAPTURE(text);
    CHECK(contains(text, per_host ? "max_connections_per_host (1)" : "max_connections (1)"));
    CHECK(contains(text, "1 of them by responses that are still open"));
    CHECK_FALSE(contains(text, "secret"));
    if (std::is_same_v<D, OnInline>) {
      CHECK(refused.error().code() == Errc::misuse);
    } else {
      CHECK(refused.error().code() == Errc::connect_timeout);
      CHECK(contains(text, "was free within 30 ms"));
    }
    CHECK(client.connection_pool().metrics().waiting == 0);
    CHECK(open.body().string().size() == long_body);
    CHECK(fetch(client, url).size() == long_body);
  }
}

TEST_CASE_TEMPLATE("waiting for a connection ends by the call timeout, and by a cancel", D, OnThreads, OnLoop) {
  MockWebServer server;
  answer_all(server, long_body);
  auto client = D::builder().connection_pool({.max_connections = 1}).connect_timeout(0s).build();
  const std::string url = server.url("/").to_string();
  Response open = client.new_call(get_request(url)).execute();
  const Result<Response> late = client.new_builder().call_timeout(30ms).build().new_call(get_request(url)).try_execute();
  REQUIRE_FALSE(late);
  CHECK(late.error().code() == Errc::call_timeout);
  CHECK(contains(late.error().message(), "the call timed out after 30 ms: no connection to 127.0.0.1 was free"));
  const okhttp::Call call = client.new_call(get_request(url));
  const Background canceler([&] {
    CHECK(eventually([&] { return client.connection_pool().metrics().waiting == 1; }));
    call.cancel();
  });
  const Result<Response> canceled = call.try_execute();
  REQUIRE_FALSE(canceled);
  CHECK(canceled.error().code() == Errc::canceled);
  CHECK(client.connection_pool().metrics().waiting == 0);
}

TEST_CASE("an inline call waits for what another thread holds") {
  MockWebServer server;
  answer_all(server, long_body);
  auto client = OnInline::builder().connection_pool({.max_connections = 1}).connect_timeout(patience).build();
  const std::string url = server.url("/").to_string();
  Event opened;
  const Background other([&] {
    Response open = client.new_call(get_request(url)).execute();
    opened.set();
    CHECK(eventually([&] { return client.connection_pool().metrics().waiting == 1; }));
    CHECK(open.body().string().size() == long_body);
  });
  CHECK(opened.wait());
  CHECK(fetch(client, url).size() == long_body);
  CHECK(client.connection_pool().metrics().created == 1);
}

TEST_CASE_TEMPLATE("idle connections to other hosts make room", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  MockWebServer other;
  answer_all(server);
  answer_all(other);
  auto client = D::builder().connection_pool({.max_connections = 1}).build();
  for (int turn = 0; turn < 3; ++turn) {
    fetch(client, server.url("/").to_string());
    fetch(client, other.url("/").to_string());
  }
  const ConnectionPoolMetrics metrics = client.connection_pool().metrics();
  CHECK(metrics.created == 6);
  CHECK(metrics.evicted == 5);
  CHECK(metrics.idle == 1);
  // A call for which another one's port is in the way of its host's cap, likewise.
  auto per_host = D::builder().connection_pool({.max_connections_per_host = 1}).build();
  fetch(per_host, server.url("/").to_string());
  fetch(per_host, other.url("/").to_string());
  CHECK(per_host.connection_pool().metrics().evicted == 1);
}

TEST_CASE("those that wait are served in the order they came, and others pass who wait for another host") {
  MockWebServer server;
  MockWebServer other;
  answer_all(server, long_body);
  answer_all(other);
  auto client = OnLoop::builder()
                    .connection_pool({.max_connections_per_host = 1})
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  Response open = client.new_call(get_request("http://a.test:" + std::to_string(server.port()) + "/")).execute();
  std::string order;
  for (const char name : {'1', '2', '3'})
    client.new_call(get_request("http://a.test:" + std::to_string(server.port()) + "/"))
        .enqueue([&order, name](Result<Response> response) -> okhttp::Task<void> {
          order += response ? name : '!';
          if (response) (void)co_await response->async_close().outcome();
        });
  CHECK(eventually([&] { client.poll(); return client.connection_pool().metrics().waiting == 3; }));
  CHECK(fetch(client, "http://b.test:" + std::to_string(other.port()) + "/") == "xxxxxx");
  CHECK(order.empty());
  open.body().string();
  finish_enqueued(client);
  CHECK(order == "123");
}

TEST_CASE_TEMPLATE("a connection that its server closes while idle is dropped without being used", D,
                   OKHTTP_EVERY_DISPATCHER) {
  Event close;
  const ScriptedServer server([&](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    close.wait();
  });
  auto client = D::builder().connection_pool({.idle_check = 1ms}).build();
  CHECK(fetch(client, server.url()) == "ok");
  CHECK(client.connection_pool().metrics().idle == 1);
  close.set();
  CHECK(eventually([&] { client.poll(); return client.connection_pool().metrics().idle == 0; }));
  CHECK(client.connection_pool().metrics().evicted == 1);
}

TEST_CASE_TEMPLATE("connections past their time are closed without another call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server);
  auto client = D::builder().connection_pool({.keep_alive = 2ms, .idle_check = 0s}).build();
  fetch(client, server.url("/").to_string());
  CHECK(eventually([&] { client.poll(); return client.connection_pool().metrics().idle == 0; }));
  CHECK(client.connection_pool().metrics().created == 1);
}

TEST_CASE_TEMPLATE("responses that are open are listed, and reported when the client goes", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server, long_body);
  std::vector<OpenBody> leaks;
  std::optional<Response> open;
  {
    auto client = D::builder().leak_callback([&](const OpenBody& body) { leaks.push_back(body); }).build();
    const std::string url = server.url("/path?token=secret").to_string();
    open.emplace(client.new_call(get_request(url)).execute());
    fetch(client, url);
    const Response closed = client.new_call(get_request(url)).execute();
    closed.close();
    const std::vector<OpenBody> bodies = client.connection_pool().open_bodies();
    REQUIRE(bodies.size() == 1);
    CHECK(bodies[0].origin == "http://127.0.0.1:" + std::to_string(server.port()));
    CHECK(bodies[0].age >= 0s);
    const auto derived = client.new_builder().build();
    CHECK(leaks.empty());
  }
  REQUIRE(leaks.size() == 1);
  CHECK(leaks[0].origin == "http://127.0.0.1:" + std::to_string(server.port()));
  CHECK(open->body().string().size() == long_body);  // it stays readable
}

TEST_CASE_TEMPLATE("a client that goes closes its idle connections at once, open responses or not", D,
                   OKHTTP_EVERY_DISPATCHER) {
  Event ended;
  const ScriptedServer idle([&](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (peer.read_head().empty()) ended.set();
  });
  MockWebServer server;
  answer_all(server, long_body);
  std::optional<Response> open;
  {
    auto client = D::builder().build();
    open.emplace(client.new_call(get_request(server.url("/").to_string())).execute());
    fetch(client, idle.url());
    CHECK(client.connection_pool().metrics().idle == 1);
  }
  CHECK(ended.wait());
  CHECK(open->body().string().size() == long_body);
}

}  // TEST_SUITE

}  // namespace connection_pool_test
