// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/task.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <stdexcept>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace coroutine_test {

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Chain;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

template <class Client>
Task<std::size_t> total(Client client, std::vector<Request> requests) {
  std::size_t bytes = 0;
  for (const Request& request : requests) {
    Response response = co_await client.new_call(request).async_execute();
    std::string text = co_await response.body().async_string();
    bytes += text.size();
  }
  co_return bytes;
}

Task<std::string> text_of(Call call) {
  Response response = co_await call.async_execute();
  co_return co_await response.body().async_string();
}

void check_misuse(const Result<Response>& result, std::string_view twin) {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message());
  CHECK(result.error() == Errc::misuse);
  CHECK(contains(result.error().message(), twin));
}

}  // namespace

TEST_SUITE("integration/coroutine") {

TEST_CASE_TEMPLATE("a coroutine makes calls with every client", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().build();
  std::vector<Request> requests;
  for (const std::string path : {"/", "/22", "/333"})
    requests.push_back(get_request(server.url(path).to_string()));
  CHECK(client.run(total(client, requests)) == 1 + 3 + 4);
  Result<std::size_t> again = client.try_run(total(client, requests));
  CHECK(again.value() == 8);
}

TEST_CASE_TEMPLATE("a failure ends a coroutine unless it looks", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().on_response_start(okhttp::CloseSocket{}); });
  auto client = D::builder().build();
  bool went_on = false;
  struct Coroutines {
    static Task<void> ignores(Call call, bool& reached) {
      Response response = co_await call.async_execute();
      reached = true;
    }
    static Task<Errc> looks(Call call) {
      Result<Response> response = co_await call.async_execute().outcome();
      co_return response ? Errc{} : response.error().code();
    }
    static Task<std::string> catches(Call call) {
      std::string caught;
      try {
        Response response = co_await call.async_execute().or_throw();
      } catch (const okhttp::Exception& failure) {
        caught = failure.what();
      }
      co_return caught;
    }
  };
  const Request request = get_request(server.url("/").to_string());
  Result<void> ignored = client.try_run(Coroutines::ignores(client.new_call(request), went_on));
  REQUIRE_FALSE(ignored);
  CHECK(ignored.error() == Errc::unexpected_end);
  CHECK_FALSE(went_on);
  CHECK(client.run(Coroutines::looks(client.new_call(request))) == Errc::unexpected_end);
  CHECK(contains(client.run(Coroutines::catches(client.new_call(request))), "unexpected end of stream"));
}

TEST_CASE_TEMPLATE("a task keeps its call alive, and is executed once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("kept"));
  auto client = D::builder().build();
  Task<std::string> task = text_of(client.new_call(get_request(server.url("/").to_string())));
  CHECK(server.request_count() == 0);
  CHECK(client.run(std::move(task)) == "kept");

  const Call call = client.new_call(get_request(server.url("/").to_string()));
  server.enqueue(MockResponse().body("once"));
  CHECK(client.run(text_of(call)) == "once");
  Result<std::string> twice = client.try_run(text_of(call));
  REQUIRE_FALSE(twice);
  CHECK(twice.error() == Errc::misuse);
}

TEST_CASE_TEMPLATE("a task that is dropped before it runs does nothing", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Call call = client.new_call(get_request(server.url("/").to_string()));
  { Task<Response> dropped = call.async_execute(); }
  CHECK_FALSE(call.is_executed());
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("when_all gives every result", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    if (request.target() == "/2") return MockResponse().on_response_start(okhttp::CloseSocket{});
    return MockResponse().body(request.target());
  });
  auto client = D::builder().build();
  std::vector<Task<std::string>> tasks;
  for (int i = 0; i < 5; ++i)
    tasks.push_back(text_of(client.new_call(get_request(server.url("/" + std::to_string(i)).to_string()))));
  std::vector<Result<std::string>> all = client.run(okhttp::when_all(std::move(tasks)));
  REQUIRE(all.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    if (i == 2) {
      REQUIRE_FALSE(all[i]);
      CHECK(all[i].error() == Errc::unexpected_end);
    } else {
      CHECK(all[i].value() == "/" + std::to_string(i));
    }
  }
}

TEST_CASE_TEMPLATE("on a loop when_all runs at once", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  Counter arrived;
  server.dispatcher([&arrived](const RecordedRequest&) {
    arrived.add();
    arrived.wait_for(10);
    return MockResponse().body("together");
  });
  auto client = D::builder().build();
  std::vector<Task<std::string>> tasks;
  for (int i = 0; i < 10; ++i)
    tasks.push_back(text_of(client.new_call(get_request(server.url("/").to_string()))));
  for (Result<std::string>& text : client.run(okhttp::when_all(std::move(tasks)))) CHECK(text.value() == "together");
}

TEST_CASE_TEMPLATE("when_any drops the calls that lose", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  SilentServer silent;
  server.enqueue(MockResponse().body("won"));
  auto client = D::builder().build();
  std::vector<Task<std::string>> tasks;
  tasks.push_back(text_of(client.new_call(get_request(silent.url()))));
  tasks.push_back(text_of(client.new_call(get_request(server.url("/").to_string()))));
  auto first = client.run(okhttp::when_any(std::move(tasks)));
  CHECK(first.first == 1);
  CHECK(first.second.value() == "won");
  CHECK(client.dispatcher().running_calls_count() == 0);
  CHECK(client.connection_pool().idle_connection_count() <= 1);
}

TEST_CASE_TEMPLATE("background tasks run while somebody drives the loop", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().build();
  std::vector<std::string> texts;
  struct Coroutines {
    static Task<void> note(Call call, std::vector<std::string>& into) {
      into.push_back(co_await text_of(call));
    }
  };
  for (const std::string path : {"/1", "/2"})
    client.spawn(Coroutines::note(client.new_call(get_request(server.url(path).to_string())), texts));
  CHECK(texts.empty());
  client.run_until_idle();
  std::sort(texts.begin(), texts.end());
  CHECK(texts == std::vector<std::string>{"/1", "/2"});
}

TEST_CASE_TEMPLATE("callbacks may be coroutines", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  auto client = D::builder().build();
  std::string text;
  const Request follow = get_request(server.url("/second").to_string());
  client.new_call(get_request(server.url("/first").to_string()))
      .enqueue([&text, client, follow](Result<Response> result) -> Task<void> {
        Response response = std::move(result).value();
        text = co_await response.body().async_string();
        Response second = co_await client.new_call(follow).async_execute();
        text += co_await second.body().async_string();
      });
  finish_enqueued(client);
  CHECK(text == "/first/second");
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("dropping a read that waits loses no byte", D, OKHTTP_LOOP_DISPATCHERS) {
  Event dropped;
  ScriptedServer server([&dropped](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    CHECK(dropped.wait());
    peer.write("0123456789");
  });
  auto client = D::builder().build();
  struct Coroutines {
    static Task<std::size_t> reads(okhttp::ResponseBody body, std::vector<char>& into) {
      co_return co_await body.async_read(into);
    }
    static Task<std::size_t> waits() {
      okhttp::Runtime& runtime = *okhttp::Runtime::current();
      co_await runtime.sleep_until(okhttp::Deadline::after(runtime.now(), 20ms));
      co_return 0;
    }
    static Task<std::string> all(Call call, Event& event) {
      Response response = co_await call.async_execute();
      std::vector<char> piece(100);
      std::vector<Task<std::size_t>> tasks;
      tasks.push_back(reads(response.body(), piece));
      tasks.push_back(waits());
      std::pair<std::size_t, Result<std::size_t>> first = co_await okhttp::when_any(std::move(tasks));
      CHECK(first.first == 1);
      event.set();
      co_return co_await response.body().async_string();
    }
  };
  CHECK(client.run(Coroutines::all(client.new_call(get_request(server.url())), dropped)) == "0123456789");
}

// ---- Blocking where that would stop the loop ----

TEST_CASE_TEMPLATE("a blocking call on the loop's own thread is misuse and names the twin", D,
                   OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body(std::string(100'000, 'x')); });
  const std::string url = server.url("/").to_string();

  SUBCASE("in a task") {
    auto client = D::builder().build();
    struct Coroutines {
      static Task<void> blocks(typename D::Client client, std::string url) {
        Result<Response> executed = client.new_call(get_request(url)).try_execute();
        check_misuse(executed, "co_await async_execute instead");
        Response response = co_await client.new_call(get_request(url)).async_execute();
        Result<std::string> text = response.body().try_string();
        REQUIRE_FALSE(text);
        CHECK(text.error() == Errc::misuse);
        CHECK(contains(text.error().message(), "async_string"));
        std::vector<char> piece(100);
        Result<std::size_t> read = response.body().try_read(piece);
        REQUIRE_FALSE(read);
        CHECK(contains(read.error().message(), "async_read"));
        CHECK_FALSE(client.try_run_until_idle());
        CHECK_FALSE(client.try_poll());
        // The body took no harm.
        std::string whole = co_await response.body().async_string();
        CHECK(whole.size() == 100'000);
      }
    };
    client.run(Coroutines::blocks(client, url));
  }
  SUBCASE("in a callback") {
    auto client = D::builder().build();
    std::optional<Result<Response>> inner;
    client.new_call(get_request(url)).enqueue([&](Result<Response>) {
      inner = client.new_call(get_request(url)).try_execute();
    });
    client.run_until_idle();
    check_misuse(inner.value(), "co_await async_execute instead");
  }
  SUBCASE("in an interceptor") {
    auto client = D::builder().build();
    auto derived = client.new_builder()
                       .add_interceptor([client, url](Chain& chain) -> Task<Response> {
                         check_misuse(client.new_call(get_request(url)).try_execute(),
                                      "co_await async_execute instead");
                         co_return co_await chain.proceed(chain.request());
                       })
                       .build();
    CHECK(derived.new_call(get_request(url)).execute().code() == 200);
  }
}

TEST_CASE_TEMPLATE("a blocking client's call on a loop's thread is misuse", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  auto loop = D::builder().build();
  okhttp::Client blocking;
  const Request request = get_request(server.url("/").to_string());
  struct Coroutines {
    static Task<void> mixes(Call call, Call other) {
      check_misuse(call.try_execute(), "async_execute");
      Result<Response> awaited = co_await other.async_execute().outcome();
      check_misuse(awaited, "would stop the event loop");
    }
  };
  loop.run(Coroutines::mixes(blocking.new_call(request), blocking.new_call(request)));
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("awaiting another loop's call is misuse, not a hang", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  auto loop = D::builder().build();
  auto other = D::builder().build();
  const Call call = other.new_call(get_request(server.url("/").to_string()));
  struct Coroutines {
    static Task<void> awaits(Call call) {
      Result<Response> result = co_await call.async_execute().outcome();
      check_misuse(result, "runs on that loop only");
    }
  };
  loop.run(Coroutines::awaits(call));
  okhttp::Client blocking;
  blocking.run(Coroutines::awaits(other.new_call(get_request(server.url("/").to_string()))));
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("blocking calls from other threads take turns at driving the loop", D,
                   OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  Counter arrived;
  server.dispatcher([&arrived](const RecordedRequest&) {
    arrived.add();
    arrived.wait_for(4);  // only all four together get on
    return MockResponse().body("answer");
  });
  auto client = D::builder().build();
  Counter good;
  {
    std::vector<std::unique_ptr<Background>> threads;
    for (int i = 0; i < 4; ++i)
      threads.push_back(std::make_unique<Background>([&] {
        for (int round = 0; round < 5; ++round) {
          Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
          if (response && response->body().try_string().value_or("") == "answer") good.add();
        }
      }));
  }
  CHECK(good.count() == 20);
}

// ---- Exceptions ----

TEST_CASE_TEMPLATE("an exception in a task leaves run unchanged", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  struct Coroutines {
    static Task<void> throws(Call call) {
      Response response = co_await call.async_execute();
      throw std::runtime_error("out of a task");
    }
  };
  CHECK_THROWS_WITH_AS(client.run(Coroutines::throws(client.new_call(get_request(server.url("/").to_string())))),
                       "out of a task", std::runtime_error);
}

TEST_CASE_TEMPLATE("an exception out of a callback leaves poll or run_until_idle", D, OnInline, OnLoop,
                   OnPollLoop) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  auto client = D::builder().build();
  const Request request = get_request(server.url("/").to_string());
  int told = 0;
  client.new_call(request).enqueue([&](Result<Response>) {
    ++told;
    throw std::runtime_error("out of a callback");
  });
  client.new_call(request).enqueue([&](Result<Response>) { ++told; });
  CHECK_THROWS_WITH_AS(client.run_until_idle(), "out of a callback", std::runtime_error);
  client.run_until_idle();
  CHECK(told == 2);
  CHECK(client.dispatcher().running_calls_count() == 0);

  client.new_call(request).enqueue([&](Result<Response>) -> Task<void> {
    ++told;
    throw std::runtime_error("out of a coroutine");
    co_return;
  });
  const auto poll_until_told = [&] {
    while (told < 3) client.poll();
    client.poll();
  };
  CHECK_THROWS_WITH_AS(poll_until_told(), "out of a coroutine", std::runtime_error);
  CHECK(client.new_call(request).execute().body().string() == "answer");
}

}  // TEST_SUITE

}  // namespace coroutine_test
