// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/call_limits.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace timeout_test {

// Every stage of a call that stalls ends in the timeout that is meant for it, with a text that names
// the peer and the step. How long that took is not asserted: machines differ.

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

constexpr auto soon = 100ms;  // where nothing has to happen before

/// A body larger than what the kernel takes while nobody reads.
RequestBody large_body() { return RequestBody::create(std::string(32 << 20, 'x')); }

void check_failed(const Result<Response>& result, Errc code, std::string_view peer, std::string_view step) {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message());
  CHECK(result.error() == code);
  CHECK(contains(result.error().message(), peer));
  CHECK(contains(result.error().message(), step));
}

}  // namespace

TEST_SUITE("integration/timeout") {

TEST_CASE_TEMPLATE("connecting to a host that does not answer times out", D, OKHTTP_EVERY_DISPATCHER) {
  FullBacklog server;
  auto client = D::builder().connect_timeout(soon).build();
  check_failed(client.new_call(get_request(server.url())).try_execute(), Errc::connect_timeout,
               "connect to " + server.peer(), "timed out after 100 ms");
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("each address gets the whole connect timeout, and the error says how many there were",
                   D, OKHTTP_EVERY_DISPATCHER) {
  FullBacklog server;
  auto client = D::builder()
                    .connect_timeout(soon)
                    .fast_fallback(false)
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>(2, okhttp::IpAddress::parse("127.0.0.1"));
                    })
                    .build();
  check_failed(client.new_call(get_request("http://twice.example:" + std::to_string(server.port()))).try_execute(),
               Errc::connect_timeout, "connect to " + server.peer(), "(2 addresses tried)");
}

TEST_CASE_TEMPLATE("a silent address is passed over for one that answers", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("found"));
  const FullBacklog silent("127.0.0.2", server.port());
  auto client = D::builder()
                    .connect_timeout(200ms)
                    .fast_fallback(false)
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.2"),
                                                            okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  Response response =
      client.new_call(get_request("http://two.example:" + std::to_string(server.port()))).execute();
  CHECK(response.body().string() == "found");
}

TEST_CASE_TEMPLATE("a stalled TLS handshake times out", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().connect_timeout(soon).build();
  check_failed(client.new_call(get_request("https://" + server.peer() + "/")).try_execute(),
               Errc::connect_timeout, "TLS handshake with 127.0.0.1 (" + server.peer() + ")",
               "timed out after 100 ms");
}

TEST_CASE_TEMPLATE("a request body that is not taken times out", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().write_timeout(soon).build();
  const Request request = Request::Builder().url(std::string_view(server.url())).post(large_body()).build();
  check_failed(client.new_call(request).try_execute(), Errc::write_timeout, server.peer(),
               "took no byte for 100 ms while being sent the request body");
}

TEST_CASE_TEMPLATE("a streamed request body that is not taken times out", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().write_timeout(soon).build();
  const Request request = Request::Builder()
                              .url(std::string_view(server.url()))
                              .post(RequestBody::from_reader([](std::span<std::byte> into) {
                                std::fill(into.begin(), into.end(), std::byte{'x'});
                                return into.size();
                              }))
                              .build();
  check_failed(client.new_call(request).try_execute(), Errc::write_timeout, server.peer(),
               "while being sent the request body");
}

TEST_CASE_TEMPLATE("an answer that does not come times out", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().read_timeout(soon).build();
  check_failed(client.new_call(get_request(server.url())).try_execute(), Errc::read_timeout, server.peer(),
               "sent no byte for 100 ms while reading the response head from it");
}

TEST_CASE_TEMPLATE("a head that stops half-way times out", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-");
    CHECK(peer.read_to_end());
  });
  auto client = D::builder().read_timeout(soon).build();
  check_failed(client.new_call(get_request(server.url())).try_execute(), Errc::read_timeout, server.peer(),
               "while reading the response head");
}

TEST_CASE_TEMPLATE("a response body that stops half-way times out", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(100'000, 'x')).on_response_body(okhttp::Stall{}));
  auto client = D::builder().read_timeout(200ms).build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CAPTURE(text.error().message());
  CHECK(text.error() == Errc::read_timeout);
  CHECK(contains(text.error().message(), std::to_string(server.port())));
  CHECK(contains(text.error().message(), "sent no byte for 200 ms while reading the response body"));
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("a slow answer is no silent one", D, OKHTTP_EVERY_DISPATCHER) {
  // Each byte starts the read timeout anew, so the whole may take longer than it.
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(10, 'x')).throttle_body(1, 100ms));
  auto client = D::builder().read_timeout(800ms).build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.body().string() == std::string(10, 'x'));
}

TEST_CASE_TEMPLATE("zero is no timeout", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().headers_delay(50ms).body("late"));
  auto client =
      D::builder().connect_timeout(0s).read_timeout(0s).write_timeout(0s).call_timeout(0s).build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "late");
}

TEST_CASE_TEMPLATE("a connection whose call timed out is not used again", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
  server.enqueue(MockResponse().body("fresh"));
  auto client = D::builder().read_timeout(soon).build();
  CHECK_FALSE(client.new_call(get_request(server.url("/").to_string())).try_execute());
  CHECK(client.connection_pool().idle_connection_count() == 0);
  auto patient = client.new_builder().read_timeout(patience).build();
  CHECK(patient.new_call(get_request(server.url("/").to_string())).execute().body().string() == "fresh");
}

// ---- The timeout of the whole call ----

TEST_CASE_TEMPLATE("the call timeout ends connecting", D, OKHTTP_EVERY_DISPATCHER) {
  FullBacklog server;
  auto client = D::builder().call_timeout(soon).build();
  check_failed(client.new_call(get_request(server.url())).try_execute(), Errc::call_timeout,
               "connect to " + server.peer(), "the call timed out after 100 ms");
}

TEST_CASE_TEMPLATE("the call timeout ends a TLS handshake", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().call_timeout(soon).build();
  check_failed(client.new_call(get_request("https://" + server.peer() + "/")).try_execute(),
               Errc::call_timeout, server.peer(), "TLS handshake");
}

TEST_CASE_TEMPLATE("the call timeout ends sending", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().call_timeout(soon).build();
  const Request request = Request::Builder().url(std::string_view(server.url())).post(large_body()).build();
  check_failed(client.new_call(request).try_execute(), Errc::call_timeout, server.peer(),
               "timed out after 100 ms while being sent the request body");
}

TEST_CASE_TEMPLATE("the call timeout ends waiting for the answer", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().call_timeout(soon).build();
  check_failed(client.new_call(get_request(server.url())).try_execute(), Errc::call_timeout, server.peer(),
               "timed out after 100 ms while reading the response head");
}

TEST_CASE_TEMPLATE("the call timeout ends waiting for 100 Continue", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().call_timeout(soon).expect_continue_timeout(patience).build();
  const Request request = Request::Builder()
                              .url(std::string_view(server.url()))
                              .header("Expect", "100-continue")
                              .post(RequestBody::create("small"))
                              .build();
  check_failed(client.new_call(request).try_execute(), Errc::call_timeout, server.peer(), "100 ms");
}

TEST_CASE_TEMPLATE("the call timeout ends reading the body, though bytes keep coming", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body_repeated("x", 1'000'000).throttle_body(1, 10ms));
  auto client = D::builder().call_timeout(200ms).build();
  Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE(response);
  Result<std::string> text = response->body().try_string();
  REQUIRE_FALSE(text);
  CAPTURE(text.error().message());
  CHECK(text.error() == Errc::call_timeout);
  CHECK(contains(text.error().message(), "timed out after 200 ms while reading the response body"));
}

TEST_CASE_TEMPLATE("the call timeout spans redirects", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) {
    return MockResponse().code(302).header("Location", "/again").headers_delay(30ms);
  });
  auto client = D::builder().call_timeout(200ms).max_follow_ups(1000).build();
  Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::call_timeout);
}

TEST_CASE_TEMPLATE("the call timeout ends a name lookup by dns() where tasks can be interrupted", D,
                   OKHTTP_LOOP_DISPATCHERS) {
  auto client = D::builder()
                    .call_timeout(soon)
                    .dns([](std::string_view) -> okhttp::Task<std::vector<okhttp::IpAddress>> {
                      const okhttp::Signal never;
                      okhttp::WaitItem item(never);
                      co_await okhttp::Runtime::current()->wait_any(std::span(&item, 1),
                                                                    okhttp::Deadline::never());
                      co_return std::vector<okhttp::IpAddress>();
                    })
                    .build();
  check_failed(client.new_call(get_request("http://hanging.example/")).try_execute(), Errc::call_timeout,
               "hanging.example", "the call timed out after 100 ms");
}

TEST_CASE_TEMPLATE("the connect timeout ends a name lookup by dns() where tasks can be interrupted", D,
                   OKHTTP_LOOP_DISPATCHERS) {
  auto client = D::builder()
                    .connect_timeout(soon)
                    .dns([](std::string_view) -> okhttp::Task<std::vector<okhttp::IpAddress>> {
                      co_await okhttp::Runtime::current()->sleep_until(okhttp::Deadline::never());
                      co_return std::vector<okhttp::IpAddress>();
                    })
                    .build();
  check_failed(client.new_call(get_request("http://hanging.example/")).try_execute(),
               Errc::connect_timeout, "resolving hanging.example", "timed out after 100 ms");
}

TEST_CASE_TEMPLATE("a lookup by dns() that took longer than the call may is noticed afterwards", D,
                   OKHTTP_BLOCKING_DISPATCHERS) {
  MockWebServer server;
  auto client = D::builder()
                    .call_timeout(50ms)
                    .dns([](std::string_view) -> okhttp::Task<std::vector<okhttp::IpAddress>> {
                      okhttp::Runtime& runtime = *okhttp::Runtime::current();
                      co_await runtime.sleep_until(okhttp::Deadline::after(runtime.now(), 80ms));
                      co_return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  Result<Response> response =
      client.new_call(get_request("http://slow.example:" + std::to_string(server.port()))).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK(response.error() == Errc::call_timeout);
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("enqueued calls time out as well, and the time in the queue does not count", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().headers_delay(300ms).body("first"));
  server.enqueue(MockResponse().body("second"));
  SilentServer silent;
  auto client = D::builder().dispatcher({.max_requests = 1}).build();
  auto hasty = client.new_builder().call_timeout(200ms).build();
  std::vector<std::string> outcomes;
  const auto note = [&outcomes](Result<Response> result) {
    outcomes.push_back(result ? std::to_string(result->code()) : result.error().message());
  };
  client.new_call(get_request(server.url("/").to_string())).enqueue(note);
  hasty.new_call(get_request(server.url("/").to_string())).enqueue(note);
  hasty.new_call(get_request(silent.url())).enqueue(note);
  finish_enqueued(client);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0] == "200");
  CHECK(outcomes[1] == "200");
  CHECK(contains(outcomes[2], "timed out after 200 ms"));
}

}  // TEST_SUITE

}  // namespace timeout_test
