// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/cancellation.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace cancel_test {

// cancel() before, between and after the stages of a call, from another thread and from its own. That it ends
// each stage at once is in call_control_test.cpp.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Chain;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

void check_canceled(const Result<Response>& result, std::string_view step = "canceled") {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message());
  CHECK(result.error() == Errc::canceled);
  CHECK(contains(result.error().message(), step));
}

}  // namespace

TEST_SUITE("integration/cancel") {

TEST_CASE_TEMPLATE("a call that was canceled before it is executed does not begin", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  CHECK_FALSE(call.is_canceled());
  call.cancel();
  call.cancel();
  CHECK(call.is_canceled());
  check_canceled(call.try_execute(), "canceled before it was executed");
  CHECK_FALSE(call.clone().is_canceled());
  CHECK(server.request_count() == 0);

  const Call enqueued = client.new_call(get_request(server.url("/").to_string()));
  enqueued.cancel();
  std::vector<Errc> told;
  enqueued.enqueue([&told](Result<Response> result) { told.push_back(result ? Errc{} : result.error().code()); });
  finish_enqueued(client);
  CHECK(told == std::vector<Errc>{Errc::canceled});
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("canceled during a lookup by dns()", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  std::optional<Call> call;
  auto client = D::builder()
                    .dns([&call](std::string_view) {
                      call->cancel();
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  call = client.new_call(get_request("http://some.example:" + std::to_string(server.port())));
  check_canceled(call->try_execute());
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("canceled on a pooled connection: it is not sent again", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("first"));
  server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
  auto client = D::builder().read_timeout(patience).build();
  client.new_call(get_request(server.url("/").to_string())).execute().body().string();
  server.take_request();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  Background canceler([&] {
    CHECK(server.take_request(patience));
    call.cancel();
  });
  check_canceled(call.try_execute());
  CHECK(server.request_count() == 2);
}

TEST_CASE_TEMPLATE("canceled while the response body is being read", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(100'000, 'x')).on_response_body(okhttp::Stall{}));
  auto client = D::builder().read_timeout(patience).build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  Response response = call.execute();
  Event began;
  Background canceler([&] {
    CHECK(began.wait());
    call.cancel();
  });
  std::vector<char> piece(1000);
  Result<std::size_t> read = response.body().try_read(piece);
  CHECK(read);
  began.set();
  while (read && *read > 0) read = response.body().try_read(piece);
  REQUIRE_FALSE(read);
  CHECK(read.error() == Errc::canceled);
  Result<std::string> again = response.body().try_string();
  REQUIRE_FALSE(again);
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("canceled between the answer and reading its body", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(1'000'000, 'x')));
  auto client = D::builder().build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  Response response = call.execute();
  call.cancel();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::canceled);
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("canceling a call that has ended does nothing", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("one"));
  server.enqueue(MockResponse().body("two"));
  auto client = D::builder().build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  CHECK(call.execute().body().string() == "one");
  call.cancel();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "two");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("canceled by an interceptor on its way out and on its way back", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) { return MockResponse().body("answer"); });
  auto out = D::builder()
                 .add_interceptor([](Chain& chain) -> Task<Response> {
                   chain.call().cancel();
                   co_return co_await chain.proceed(chain.request());
                 })
                 .build();
  check_canceled(out.new_call(get_request(server.url("/").to_string())).try_execute());
  CHECK(server.request_count() == 0);

  auto back = D::builder()
                  .add_network_interceptor([](Chain& chain) -> Task<Response> {
                    Response response = co_await chain.proceed(chain.request());
                    chain.call().cancel();
                    co_return response;
                  })
                  .build();
  check_canceled(back.new_call(get_request(server.url("/").to_string())).try_execute());
  CHECK(server.request_count() == 1);
}

TEST_CASE_TEMPLATE("canceled between two redirects", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/next"));
  auto client = D::builder()
                    .add_network_interceptor([](Chain& chain) -> Task<Response> {
                      Response response = co_await chain.proceed(chain.request());
                      chain.call().cancel();
                      co_return response;
                    })
                    .build();
  check_canceled(client.new_call(get_request(server.url("/").to_string())).try_execute());
  CHECK(server.request_count() == 1);
}

TEST_CASE_TEMPLATE("canceled in its own callback: the body fails", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(1'000'000, 'x')));
  auto client = D::builder().build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  std::optional<Errc> outcome;
  call.enqueue([&](Result<Response> result) -> Task<void> {
    call.cancel();
    Result<std::string> text = co_await result.value().body().async_string().outcome();
    outcome = text ? Errc{} : text.error().code();
  });
  finish_enqueued(client);
  CHECK(outcome == Errc::canceled);
}

TEST_CASE_TEMPLATE("an enqueued call is canceled while it runs", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().read_timeout(patience).build();
  const Call call = client.new_call(get_request(server.url()));
  std::vector<Errc> told;
  call.enqueue([&told](Result<Response> result) { told.push_back(result ? Errc{} : result.error().code()); });
  Background canceler([&] {
    CHECK(server.wait_for_bytes());
    call.cancel();
  });
  finish_enqueued(client);
  CHECK(told == std::vector<Errc>{Errc::canceled});
}

TEST_CASE_TEMPLATE("an enqueued call is canceled while it waits for its turn", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("first"));
  auto client = D::builder().dispatcher({.max_requests = 1}).build();
  Event queued;
  std::vector<std::string> told;
  const Call second = client.new_call(get_request(server.url("/").to_string()));
  client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response> result) {
    // Runs where blocking is allowed, or after all was enqueued: inline and on the loop.
    if (D::blocks) queued.wait();
    told.push_back(result ? "first" : "failed");
    second.cancel();
  });
  second.enqueue([&](Result<Response> result) {
    told.push_back(!result && result.error() == Errc::canceled ? "canceled" : "second");
  });
  CHECK(client.dispatcher().queued_calls_count() == 1);
  queued.set();
  finish_enqueued(client);
  CHECK(told == std::vector<std::string>{"first", "canceled"});
  CHECK(server.request_count() == 1);
}

TEST_CASE_TEMPLATE("cancel and completion may race", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) { return MockResponse().body(std::string(50'000, 'x')); });
  auto client = D::builder().build();
  for (int round = 0; round < 30; ++round) {
    const Call call = client.new_call(get_request(server.url("/").to_string()));
    Background canceler([&] {
      for (int i = 0; i < round * 40; ++i) std::this_thread::yield();
      call.cancel();
    });
    Result<Response> response = call.try_execute();
    if (!response) {
      CHECK(response.error() == Errc::canceled);
      continue;
    }
    Result<std::string> text = response->body().try_string();
    if (!text) CHECK(text.error() == Errc::canceled);
  }
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("canceling one call leaves the others alone", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer silent;
  MockWebServer server;
  server.enqueue(MockResponse().body("untouched"));
  auto client = D::builder().read_timeout(patience).build();
  const Call stuck = client.new_call(get_request(silent.url()));
  std::optional<Result<Response>> ended;
  Background runner([&] { ended = stuck.try_execute(); });
  CHECK(silent.wait_for_bytes());
  Result<Response> other = client.new_call(get_request(server.url("/").to_string())).try_execute();
  stuck.cancel();
  runner.join();
  CHECK(other.value().body().string() == "untouched");
  check_canceled(*ended);
}

}  // TEST_SUITE

}  // namespace cancel_test
