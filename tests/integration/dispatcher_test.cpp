// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/dispatcher.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <set>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace dispatcher_test {

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

/// Resolves every name to 127.0.0.1, so that hosts can be told apart.
std::vector<okhttp::IpAddress> everything_is_local(std::string_view) {
  return {okhttp::IpAddress::parse("127.0.0.1")};
}

/// How many requests the server holds at once, at most.
class HighWater {
 public:
  void enter() {
    const std::lock_guard<std::mutex> lock(mutex_);
    most_ = std::max(most_, ++now_);
  }
  void leave() {
    const std::lock_guard<std::mutex> lock(mutex_);
    --now_;
  }
  int most() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return most_;
  }

 private:
  mutable std::mutex mutex_;
  int now_ = 0;
  int most_ = 0;
};

}  // namespace

TEST_SUITE("integration/dispatcher") {

TEST_CASE_TEMPLATE("enqueued calls keep to 64 at once, waited ones do not count", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder().dns(everything_is_local).build();
  CHECK(client.dispatcher().limits().max_requests == 64);
  CHECK(client.dispatcher().limits().max_requests_per_host == 5);
  SilentServer server;
  Counter ended;
  for (int i = 0; i < 70; ++i)
    client.new_call(get_request("http://host" + std::to_string(i) + ".example:" + std::to_string(server.port())))
        .enqueue([&ended](Result<Response>) { ended.add(); });
  CHECK(client.dispatcher().running_calls_count() == 64);
  CHECK(client.dispatcher().queued_calls_count() == 6);

  MockWebServer other;
  other.enqueue(MockResponse().body("at once"));
  CHECK(client.new_call(get_request(other.url("/").to_string())).execute().body().string() == "at once");
  CHECK(client.dispatcher().running_calls_count() == 64);

  client.dispatcher().cancel_all();
  finish_enqueued(client);
  CHECK(ended.count() == 70);
  CHECK(client.dispatcher().running_calls_count() == 0);
  CHECK(client.dispatcher().queued_calls_count() == 0);
}

TEST_CASE_TEMPLATE("a host gets 5 at once, and others pass it in the queue", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder().dns(everything_is_local).build();
  SilentServer server;
  Counter ended;
  const auto enqueue = [&](const std::string& host) {
    client.new_call(get_request("http://" + host + ":" + std::to_string(server.port())))
        .enqueue([&ended](Result<Response>) { ended.add(); });
  };
  for (int i = 0; i < 8; ++i) enqueue("busy.example");
  CHECK(client.dispatcher().running_calls_count() == 5);
  CHECK(client.dispatcher().queued_calls_count() == 3);
  enqueue("other.example");
  CHECK(client.dispatcher().running_calls_count() == 6);
  CHECK(client.dispatcher().queued_calls_count() == 3);
  client.dispatcher().cancel_all();
  finish_enqueued(client);
  CHECK(ended.count() == 9);
}

TEST_CASE_TEMPLATE("raising a limit starts queued calls", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder().dispatcher({.max_requests = 1, .max_requests_per_host = 1}).build();
  SilentServer server;
  Counter ended;
  for (int i = 0; i < 4; ++i)
    client.new_call(get_request(server.url())).enqueue([&ended](Result<Response>) { ended.add(); });
  CHECK(client.dispatcher().running_calls_count() == 1);
  CHECK(client.dispatcher().queued_calls_count() == 3);
  CHECK(client.dispatcher().set_limits({.max_requests = 2, .max_requests_per_host = 2}));
  CHECK(client.dispatcher().running_calls_count() == 2);
  CHECK(client.dispatcher().limits().max_requests == 2);
  Result<void> refused = client.dispatcher().set_limits({.max_requests = 0, .max_requests_per_host = 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Errc::invalid_argument);
  client.dispatcher().cancel_all();
  finish_enqueued(client);
  CHECK(ended.count() == 4);
}

TEST_CASE_TEMPLATE("calls are started first come, first served", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().dispatcher({.max_requests = 1}).build();
  std::vector<std::string> order;  // one call at a time touches it
  for (int i = 0; i < 10; ++i)
    client.new_call(get_request(server.url("/" + std::to_string(i)).to_string()))
        .enqueue([&order](Result<Response> result) -> Task<void> {
          Response response = std::move(result).value();
          order.push_back(co_await response.body().async_string());
        });
  finish_enqueued(client);
  CHECK(order == std::vector<std::string>{"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"});
}

TEST_CASE_TEMPLATE("enqueued calls run at once, inline in turn", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  HighWater held;
  Counter arrived;
  constexpr int calls = 5;
  server.dispatcher([&](const RecordedRequest&) {
    held.enter();
    arrived.add();
    // Off the inline dispatcher all arrive before the first is answered.
    if (!std::is_same_v<D, OnInline>) arrived.wait_for(calls);
    held.leave();
    return MockResponse().body("answer");
  });
  auto client = D::builder().build();
  Counter good;
  for (int i = 0; i < calls; ++i)
    client.new_call(get_request(server.url("/").to_string())).enqueue([&good](Result<Response> result) {
      if (result) good.add();
    });
  finish_enqueued(client);
  CHECK(good.count() == calls);
  CHECK(held.most() == (std::is_same_v<D, OnInline> ? 1 : calls));
}

TEST_CASE_TEMPLATE("no more than the limit reach the server at once", D, OnThreads, OnLoop, OnPollLoop) {
  MockWebServer server;
  HighWater held;
  Counter arrived;
  server.dispatcher([&](const RecordedRequest&) {
    held.enter();
    arrived.add();
    arrived.wait_for(2);
    held.leave();
    return MockResponse();
  });
  auto client = D::builder().dispatcher({.max_requests = 2}).build();
  Counter good;
  for (int i = 0; i < 12; ++i)
    client.new_call(get_request(server.url("/").to_string())).enqueue([&good](Result<Response> result) {
      if (result) good.add();
    });
  finish_enqueued(client);
  CHECK(good.count() == 12);
  CHECK(held.most() == 2);
}

TEST_CASE_TEMPLATE("the idle callback runs when the last call has ended", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = D::builder().dispatcher({.max_requests = 1}).build();
  Counter idle;
  Counter ended;
  client.dispatcher().set_idle_callback([&] {
    CHECK(client.dispatcher().running_calls_count() == 0);
    idle.add();
  });
  // With one at a time and a queue, being between two calls is not being idle.
  client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) {
    for (int i = 0; i < 2; ++i)
      client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) { ended.add(); });
    ended.add();
  });
  finish_enqueued(client);
  CHECK(ended.count() == 3);
  CHECK(idle.wait_for(1));
  CHECK(idle.count() == 1);

  client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(idle.count() == 2);
  client.dispatcher().set_idle_callback(nullptr);
  client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(idle.count() == 2);
}

TEST_CASE_TEMPLATE("cancel_all cancels what runs, waits and is waited for", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  auto client = D::builder().read_timeout(patience).dispatcher({.max_requests = 1}).build();
  Counter canceled;
  const auto note = [&canceled](Result<Response> result) {
    if (!result && result.error() == Errc::canceled) canceled.add();
  };
  std::optional<Result<Response>> waited;
  Background waiter([&] { waited = client.new_call(get_request(server.url())).try_execute(); });
  CHECK(server.wait_for_bytes());
  client.new_call(get_request(server.url())).enqueue(note);
  client.new_call(get_request(server.url())).enqueue(note);
  CHECK(client.dispatcher().running_calls_count() == 2);
  CHECK(client.dispatcher().queued_calls_count() == 1);
  client.dispatcher().cancel_all();
  waiter.join();
  finish_enqueued(client);
  CHECK(canceled.count() == 2);
  REQUIRE(waited);
  CHECK(waited->error() == Errc::canceled);

  MockWebServer mock;
  mock.enqueue(MockResponse().body("the client goes on"));
  CHECK(client.new_call(get_request(mock.url("/").to_string())).execute().body().string() == "the client goes on");
}

TEST_CASE_TEMPLATE("derived clients share limits, counts and pool", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(std::string(request.header("User-Agent").value_or("")));
  });
  auto client = D::builder().user_agent("first").build();
  auto derived = client.new_builder().user_agent("second").build();
  CHECK(&client.dispatcher() == &derived.dispatcher());
  CHECK(&client.connection_pool() == &derived.connection_pool());
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "first");
  CHECK(derived.new_call(get_request(server.url("/").to_string())).execute().body().string() == "second");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("a callback may enqueue, and run_until_idle waits for that as well", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = D::builder().build();
  Counter depth;
  std::function<void(int)> enqueue = [&](int left) {
    client.new_call(get_request(server.url("/").to_string())).enqueue([&, left](Result<Response>) {
      depth.add();
      if (left > 1) enqueue(left - 1);
    });
  };
  enqueue(20);
  finish_enqueued(client);
  CHECK(depth.count() == 20);
}

TEST_CASE_TEMPLATE("a callback may execute a call where blocking is allowed", D, OKHTTP_BLOCKING_DISPATCHERS) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().build();
  std::string text;
  client.new_call(get_request(server.url("/outer").to_string())).enqueue([&](Result<Response> result) {
    text = result.value().body().string();
    text += client.new_call(get_request(server.url("/inner").to_string())).execute().body().string();
  });
  finish_enqueued(client);
  CHECK(text == "/outer/inner");
}

TEST_CASE("an inline client runs nothing before it is told to") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = OnInline::builder().build();
  int ended = 0;
  std::thread::id ran_on;
  for (int i = 0; i < 3; ++i)
    client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) {
      ++ended;
      ran_on = std::this_thread::get_id();
    });
  CHECK(server.request_count() == 0);
  CHECK(ended == 0);
  client.poll();
  CHECK(ended == 3);
  CHECK(ran_on == std::this_thread::get_id());
  client.poll();
  CHECK(ended == 3);
}

TEST_CASE("an event loop makes progress only while it is driven") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = OnLoop::builder().build();
  int ended = 0;
  client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) { ++ended; });
  CHECK(ended == 0);
  while (ended == 0) client.poll();
  CHECK(ended == 1);
  client.run_until_idle();
}

TEST_CASE("the threads of a pool run callbacks side by side") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse(); });
  auto client = OnThreads::builder().build();
  Counter inside;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 4; ++i)
    client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) {
      {
        const std::lock_guard<std::mutex> lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      inside.add();
      CHECK(inside.wait_for(4));
    });
  client.run_until_idle();
  CHECK(threads.size() == 4);
  CHECK(threads.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("run_until_idle on a pool's own thread is misuse") {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = OnThreads::builder().build();
  std::optional<Errc> code;
  client.new_call(get_request(server.url("/").to_string())).enqueue([&](Result<Response>) {
    Result<void> ran = client.try_run_until_idle();
    code = ran ? Errc{} : ran.error().code();
  });
  client.run_until_idle();
  CHECK(code == Errc::misuse);
}

}  // TEST_SUITE

}  // namespace dispatcher_test
