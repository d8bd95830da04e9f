// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/call.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/memory_transport.hpp"
#include "support/raw_server.hpp"
#include "support/runtime_support.hpp"
#include "support/scripted_stream.hpp"

namespace call_control_test {

// What a program decides about one call: when to stop it, how long it may take, what it carries.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Chain;
using okhttp::Deadline;
using okhttp::Errc;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::Runtime;
using okhttp::Task;

namespace {

/// A call that is stopped at some stage, on one dispatcher.
template <class D>
class Stopped {
 public:
  explicit Stopped(bool enqueued) : enqueued_(enqueued) {}

  typename D::Client::Builder builder() const {
    auto made = D::builder();
    made.connect_timeout(patience).read_timeout(patience).write_timeout(patience);
    made.expect_continue_timeout(patience);
    return made;
  }
  /// What a server does that leaves the client waiting: it says `said` once a head is there, then nothing until
  /// the call was canceled. It sees the client hang up.
  ScriptedServer::Script stalling(std::string said = {}) {
    return [this, said = std::move(said)](RawPeer& peer) {
      peer.read_head();
      peer.write(said);
      reached.set();
      CHECK(canceled.wait());
      CHECK(peer.read_to_end());
    };
  }

  /// Makes the call, cancels it when the stage is reached, and sees that it ends at once and nothing is left.
  void run(const typename D::Client& client, const Request& request, std::string_view step) {
    run(client, request, step, [this] { CHECK(reached.wait()); });
  }
  template <class F>
  void run(const typename D::Client& client, const Request& request, std::string_view step, F wait_for_stage) {
    CAPTURE(step);
    CAPTURE(enqueued_);
    const int descriptors = support::open_descriptors();
    call = client.new_call(request);
    std::chrono::steady_clock::time_point told;
    Background canceler([&] {
      wait_for_stage();
      told = std::chrono::steady_clock::now();
      call->cancel();
      canceled.set();
    });
    std::optional<Result<std::string>> text;
    if (enqueued_) {
      call->enqueue([this, &text](Result<Response> response) -> Task<void> {
        if (!response) {
          text = std::move(response).error();
          co_return;
        }
        answered.set();
        Task<std::string> body = response->body().async_string();
        text = co_await std::move(body).outcome();
      });
      finish_enqueued(client);
    } else {
      Result<Response> response = call->try_execute();
      if (response) answered.set();
      text = response ? response->body().try_string() : Result<std::string>(std::move(response).error());
    }
    const auto ended = std::chrono::steady_clock::now();
    canceler.join();
    REQUIRE(text);
    REQUIRE_FALSE(*text);
    CAPTURE(text->error().message());
    CHECK(text->error() == Errc::canceled);
    CHECK(text->error().message().starts_with("canceled "));
    CHECK(contains(text->error().message(), step));
    CHECK(ended - told < 10s);  // the shortest timeout is a minute
    CHECK(client.dispatcher().running_calls_count() == 0);
    CHECK(client.connection_pool().idle_connection_count() == 0);
    CHECK(eventually([&] { return support::open_descriptors() <= descriptors; }));
  }

  Event reached;   // the call is at the stage
  Event answered;  // there is a response, whose body is being read
  Event canceled;  // the call has been told to stop
  std::optional<Call> call;

 private:
  const bool enqueued_;
};

Request post_to(const std::string& url, std::string body, bool expects_continue = false) {
  Request::Builder made;
  made.url(std::string_view(url)).post(RequestBody::create(std::move(body)));
  if (expects_continue) made.header("Expect", "100-continue");
  return made.build();
}

std::vector<IpAddress> two_addresses() { return {IpAddress::parse("127.0.0.1"), IpAddress::parse("127.0.0.2")}; }

/// A blocking dispatcher whose time only jumps.
struct JumpingDispatcher {
  using Runtime = support::JumpingRuntime;
  class Backend final : public okhttp::DispatchBackend {
   public:
    okhttp::Runtime& runtime() noexcept override { return runtime_; }
    void execute(Task<void>) override { std::abort(); }
    Result<void> poll() override { return {}; }
    Result<void> run_until_idle() override { return {}; }
    void shut_down() override {}

   private:
    support::JumpingRuntime runtime_;
  };
  std::unique_ptr<okhttp::DispatchBackend> make_backend() const { return std::make_unique<Backend>(); }
};

using JumpingClient = okhttp::BasicClient<MemoryTransport, JumpingDispatcher>;
using VirtualClient = okhttp::BasicClient<MemoryTransport, okhttp::EventLoopDispatcher>;

/// Waits on whatever runtime this is.
Task<void> pass(okhttp::Clock::duration time) {
  Runtime& runtime = *Runtime::current();
  co_await runtime.sleep_until(Deadline::after(runtime.now(), time));
}

/// Each trip to the server takes three seconds, of which the connection sees nothing, and leads to the next one.
template <class Client>
typename Client::Builder slow_builder(int& trips) {
  typename Client::Builder made;
  made.transport(MemoryTransport(answering([](std::string_view) {
    return "HTTP/1.1 302 Found\r\nLocation: http://next.example/\r\nContent-Length: 0\r\n\r\n";
  })));
  made.max_follow_ups(1000).add_network_interceptor([&trips](Chain& chain) -> Task<Response> {
    ++trips;
    co_await pass(3s);
    co_return co_await chain.proceed(chain.request());
  });
  return made;
}

struct Trace {
  std::string name;
  mutable std::atomic<int> visits{0};
  explicit Trace(std::string its_name) : name(std::move(its_name)) {}
  Trace(Trace&& other) noexcept : name(std::move(other.name)) {}
};

}  // namespace

TEST_SUITE("integration/call_control") {

TEST_CASE_TEMPLATE("a canceled call ends at once, at whatever stage it is", D, OKHTTP_EVERY_DISPATCHER) {
  for (const bool enqueued : {false, true}) {
    {
      Stopped<D> stop(enqueued);
      auto client = stop.builder()
                        .dns([&stop](std::string_view) -> Task<std::vector<IpAddress>> {
                          stop.reached.set();
                          // Where tasks cannot be interrupted, a lookup is waited for.
                          if constexpr (D::blocks)
                            CHECK(stop.canceled.wait());
                          else
                            co_await Runtime::current()->sleep_until(Deadline::never());
                          co_return two_addresses();
                        })
                        .build();
      stop.run(client, get_request("http://hanging.example/"), "while resolving hanging.example");
    }
    {
      Stopped<D> stop(enqueued);
      const FullBacklog server;
      stop.run(stop.builder().build(), get_request(server.url()), "while connecting to " + server.peer(),
               [&server] { server.wait_for_connecting(); });
    }
    if (!enqueued) {  // takes the quarter of a second until the second attempt
      Stopped<D> stop(enqueued);
      const FullBacklog server;
      const FullBacklog other("127.0.0.2", server.port());
      auto client = stop.builder().dns([](std::string_view) { return two_addresses(); }).build();
      stop.run(client, get_request("http://racing.example:" + std::to_string(server.port())),
               "while connecting to racing.example", [&] {
                 server.wait_for_connecting();
                 other.wait_for_connecting();
               });
    }
    {
      Stopped<D> stop(enqueued);
      ScriptedServer server([&stop](RawPeer& peer) {
        CHECK(peer.read(5).size() == 5);
        stop.reached.set();
        CHECK(peer.read_to_end());
      });
      stop.run(stop.builder().build(), get_request("https://" + server.peer()),
               "during the TLS handshake with 127.0.0.1");
    }
    for (const bool socks : {false, true}) {
      CAPTURE(socks);
      Stopped<D> stop(enqueued);
      ScriptedServer proxy([&stop](RawPeer& peer) {
        CHECK(peer.read(3).size() == 3);
        stop.reached.set();
        CHECK(peer.read_to_end());
      });
      auto client = stop.builder()
                        .proxy(socks ? okhttp::Proxy::socks5("127.0.0.1", proxy.port())
                                     : okhttp::Proxy::http("127.0.0.1", proxy.port()))
                        .build();
      stop.run(client, get_request("https://server.example/"), "proxy");
    }
    {
      Stopped<D> stop(enqueued);
      ScriptedServer server(stop.stalling());
      stop.run(stop.builder().build(), post_to(server.url(), std::string(32 << 20, 'x')), "the request body");
    }
    {
      Stopped<D> stop(enqueued);
      ScriptedServer server(stop.stalling());
      stop.run(stop.builder().build(), post_to(server.url(), "small", true), "100 Continue");
    }
    {
      Stopped<D> stop(enqueued);
      ScriptedServer server(stop.stalling("HTTP/1.1 200 OK\r\nContent-"));
      stop.run(stop.builder().build(), get_request(server.url()), "while reading the response head");
    }
    {
      Stopped<D> stop(enqueued);
      ScriptedServer server(stop.stalling("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
      stop.run(stop.builder().build(), get_request(server.url()), "while reading the response body",
               [&stop] { CHECK(stop.answered.wait()); });
    }
  }
}

TEST_CASE("the timeout of the whole call ends it between and within follow-ups") {
  const auto check = [](const Call& call, const auto& client, const auto& elapsed, const int& trips) {
    const Result<Response> response = client.try_run(call.async_execute());
    REQUIRE_FALSE(response);
    CAPTURE(response.error().message());
    CHECK(response.error() == Errc::call_timeout);
    CHECK(contains(response.error().message(), "timed out after 10 s"));
    CHECK(elapsed() == 12s);  // noticed before the next trip
    CHECK(trips == 4);
  };
  {
    int trips = 0;
    auto client = slow_builder<JumpingClient>(trips).build();
    // Made by the dispatcher; anything that runs on it knows it.
    support::JumpingRuntime* runtime = nullptr;
    auto look = [](support::JumpingRuntime** found) -> Task<void> {
      *found = static_cast<support::JumpingRuntime*>(Runtime::current());
      co_return;
    };
    REQUIRE(client.try_run(look(&runtime)));
    check(client.new_call(get_request("http://first.example/")).call_timeout(10s), client,
          [&] { return runtime->elapsed(); }, trips);
  }
  {
    int trips = 0;
    support::VirtualTime time;
    auto client = slow_builder<VirtualClient>(trips)
                      .dispatcher_policy(okhttp::EventLoopDispatcher(support::loop_options(false, &time)))
                      .build();
    check(client.new_call(get_request("http://first.example/")).call_timeout(10s), client,
          [&] { return time.elapsed(); }, trips);
  }
}

TEST_CASE_TEMPLATE("a call has timeouts of its own", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().connect_timeout(21s).build();
  const SilentServer silent;
  const Call call = client.new_call(get_request(silent.url())).read_timeout(100ms).write_timeout(22s);
  CHECK(call.timeouts().connect == 21s);
  CHECK(call.timeouts().read == 100ms);
  CHECK(call.timeouts().write == 22s);
  CHECK(call.clone().timeouts().read == 10s);
  const Result<Response> unread = call.try_execute();
  REQUIRE_FALSE(unread);
  CHECK(unread.error() == Errc::read_timeout);
  CHECK(contains(unread.error().message(), "100 ms"));
  call.read_timeout(1s);
  CHECK(call.timeouts().read == 100ms);  // too late

  std::optional<Errc> told;
  client.new_call(get_request(silent.url())).call_timeout(50ms).enqueue([&told](Result<Response> result) {
    told = result ? Errc{} : result.error().code();
  });
  finish_enqueued(client);
  CHECK(told == Errc::call_timeout);

  const Result<Response> negative =
      client.new_call(get_request(silent.url())).expect_continue_timeout(-1s).connect_timeout(1s).try_execute();
  REQUIRE_FALSE(negative);
  CHECK(negative.error() == Errc::invalid_argument);
  CHECK(negative.error().message() == "a timeout of the call is negative");

  // The client and its other calls are not concerned.
  server.enqueue(MockResponse().headers_delay(150ms).body("patient"));
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "patient");
}

TEST_CASE_TEMPLATE("a call carries what its interceptors share", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/next"));
  server.enqueue(MockResponse().body("answer"));
  const auto visit = [](Chain& chain) -> Task<Response> {
    const auto trace = chain.call().template tag_or_compute<Trace>([] { return Trace("computed"); });
    ++trace->visits;
    co_return co_await chain.with_read_timeout(9s).proceed(chain.request());
  };
  auto client = D::builder()
                    .add_interceptor(visit)
                    .add_interceptor(visit)
                    .add_network_interceptor([](Chain& chain) {
                      ++chain.call().template tag<Trace>()->visits;
                      return chain.proceed(chain.request());
                    })
                    .build();
  const Request request = Request::Builder().url(server.url("/")).tag(std::string("of the request")).build();
  const Call call = client.new_call(request);
  CHECK(call.template tag<Trace>() == nullptr);
  CHECK(call.execute().body().string() == "answer");
  REQUIRE(call.template tag<Trace>() != nullptr);
  CHECK(call.template tag<Trace>()->name == "computed");
  CHECK(call.template tag<Trace>()->visits == 4);
  // What the request has is not computed.
  CHECK(call.template tag_or_compute<std::string>([] { return "of the call"; }) == "of the request");
  CHECK(*call.template tag<std::string>() == "of the request");
  CHECK(call.template tag_or_compute<int>([] { return 7; }) == 7);
  CHECK(call.template tag_or_compute<int>([] { return 8; }) == 7);
  CHECK(request.template tag<int>() == nullptr);
  // A clone begins anew.
  CHECK(call.clone().template tag<Trace>() == nullptr);
  CHECK(call.clone().template tag<int>() == nullptr);
  CHECK(*call.clone().template tag<std::string>() == "of the request");
  // A value lasts longer than the call if it is asked of a handle that does not.
  std::shared_ptr<const int> kept = Call(client.new_call(request)).template tag_or_compute<int>([] { return 9; });
  CHECK(*kept == 9);
}

TEST_CASE("threads that compute a tag of a call all get the same value") {
  auto client = OnInline::builder().build();
  for (int round = 0; round < 50; ++round) {
    const Call call = client.new_call(get_request("http://nowhere.invalid/"));
    constexpr std::size_t threads = 4;
    std::atomic<std::size_t> ready{0};
    const int* seen[threads][3] = {};
    {
      std::vector<std::unique_ptr<Background>> all;
      for (std::size_t i = 0; i < threads; ++i)
        all.push_back(std::make_unique<Background>([&, i] {
          ++ready;
          while (ready < threads) std::this_thread::yield();
          const auto make = [i] { return std::vector<int>(1, static_cast<int>(i)); };
          struct One : std::vector<int> {
            explicit One(std::vector<int> v) : std::vector<int>(std::move(v)) {}
          };
          struct Two : One {
            using One::One;
          };
          seen[i][0] = call.tag_or_compute<One>([&] { return One(make()); }).data();
          seen[i][1] = call.tag_or_compute<Two>([&] { return Two(make()); }).data();
          seen[i][2] = call.tag<One>()->data();
        }));
    }
    for (std::size_t i = 0; i < threads; ++i) {
      CHECK(seen[i][0] == seen[0][0]);
      CHECK(seen[i][1] == seen[0][1]);
      CHECK(seen[i][2] == seen[0][0]);
    }
    CHECK(seen[0][0] != seen[0][1]);
  }
}

}  // TEST_SUITE

}  // namespace call_control_test
