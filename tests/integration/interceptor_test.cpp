// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/chain.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>

#include "support/client_fixture.hpp"

namespace interceptor_test {

using namespace okhttp_tests;
using okhttp::Chain;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::Response;
using okhttp::ResponseBody;
using okhttp::Result;
using okhttp::Task;

namespace {

Response made_up(const Request& request, int code, std::string body) {
  return Response::Builder()
      .request(request)
      .protocol(okhttp::Protocol::http_1_1)
      .code(code)
      .message("made up")
      .body(ResponseBody::of(std::move(body)))
      .build();
}

struct CustomError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

TEST_SUITE("integration/interceptor") {

TEST_CASE_TEMPLATE("interceptors see a call in the order they were added, and back again", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  std::vector<std::string> order;
  const auto named = [&order](std::string name) {
    return [&order, name](Chain& chain) -> Task<Response> {
      order.push_back(name + " out");
      Response response = co_await chain.proceed(chain.request());
      order.push_back(name + " back");
      co_return response;
    };
  };
  auto client = D::builder()
                    .add_interceptor(named("a"))
                    .add_network_interceptor(named("n"))
                    .add_interceptor(named("b"))
                    .add_network_interceptor(named("m"))
                    .build();
  client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(order == std::vector<std::string>{"a out", "b out", "n out", "m out", "m back", "n back", "b back",
                                          "a back"});
}

TEST_CASE_TEMPLATE("an application interceptor sees a call once, a network interceptor each trip", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/to"));
  server.enqueue(MockResponse().gzip_body("content"));
  std::vector<std::string> seen;
  auto client =
      D::builder()
          .add_interceptor([&seen](Chain& chain) -> Task<Response> {
            CHECK(chain.connection() == nullptr);
            CHECK_FALSE(chain.request().header("Host"));
            Response response = co_await chain.proceed(chain.request());
            CHECK_FALSE(response.header("Content-Encoding"));
            seen.push_back("application " + std::to_string(response.code()));
            co_return response;
          })
          .add_network_interceptor([&seen](Chain& chain) -> Task<Response> {
            REQUIRE(chain.connection() != nullptr);
            CHECK(chain.connection()->protocol() == okhttp::Protocol::http_1_1);
            CHECK(chain.request().header("Host").has_value());
            CHECK(chain.request().header("Accept-Encoding") == "gzip");
            Response response = co_await chain.proceed(chain.request());
            seen.push_back("network " + std::to_string(response.code()) + " " +
                           std::string(response.header("Content-Encoding").value_or("plain")));
            co_return response;
          })
          .build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "content");
  CHECK(seen == std::vector<std::string>{"network 302 plain", "network 200 gzip", "application 200"});
}

TEST_CASE_TEMPLATE("an interceptor needs no coroutine", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder()
                    .add_interceptor([](Chain& chain) {
                      return chain.proceed(chain.request().new_builder().header("X-App", "1").build());
                    })
                    .add_network_interceptor([](Chain& chain) {
                      return chain.proceed(chain.request().new_builder().header("X-Net", "2").build());
                    })
                    .build();
  client.new_call(get_request(server.url("/").to_string())).execute();
  const RecordedRequest recorded = server.take_request();
  CHECK(recorded.header("X-App") == "1");
  CHECK(recorded.header("X-Net") == "2");
}

TEST_CASE_TEMPLATE("timeouts begin when an interceptor awaits the rest, not when it asks for it", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("in time"));
  // Longer than the read timeout, which is far longer than an answer takes.
  const auto dawdle = [](Chain& chain) -> Task<Response> {
    Task<Response> rest = chain.proceed(chain.request());
    std::this_thread::sleep_for(std::chrono::milliseconds(550));
    co_return co_await std::move(rest);
  };
  auto client = D::builder().add_network_interceptor(dawdle).read_timeout(std::chrono::milliseconds(500)).build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.body().string() == "in time");
  CHECK(response.duration() < std::chrono::milliseconds(550));
}

TEST_CASE_TEMPLATE("an application interceptor may answer by itself", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .add_interceptor([](Chain& chain) -> Task<Response> {
                      co_return made_up(chain.request(), 299, "from nowhere");
                    })
                    .build();
  Response response = client.new_call(get_request("http://unreachable.invalid/")).execute();
  CHECK(response.code() == 299);
  CHECK(response.network_response() == nullptr);
  CHECK(response.body().string() == "from nowhere");
}

TEST_CASE_TEMPLATE("an application interceptor may proceed several times, elsewhere too", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  MockWebServer other;
  server.enqueue(MockResponse().code(500).body("first"));
  server.enqueue(MockResponse().code(500).body("second"));
  other.enqueue(MockResponse().body("third"));
  const okhttp::HttpUrl fallback = other.url("/fallback");
  auto client = D::builder()
                    .add_interceptor([fallback](Chain& chain) -> Task<Response> {
                      for (int attempt = 0; attempt < 2; ++attempt) {
                        Response response = co_await chain.proceed(chain.request());
                        if (response.is_successful()) co_return response;
                        co_await response.async_close();
                      }
                      Request elsewhere = chain.request().new_builder().url(fallback).build();
                      co_return co_await chain.proceed(std::move(elsewhere));
                    })
                    .build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "third");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 0);
  CHECK(other.take_request().target() == "/fallback");
}

TEST_CASE_TEMPLATE("an application interceptor may look at a failure and try again", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  server.enqueue(MockResponse().body("second attempt"));
  int failures = 0;
  auto client = D::builder()
                    .add_interceptor([&failures](Chain& chain) -> Task<Response> {
                      Result<Response> first = co_await chain.proceed(chain.request()).outcome();
                      if (first) co_return *std::move(first);
                      ++failures;
                      co_return co_await chain.proceed(chain.request());
                    })
                    .build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "second attempt");
  CHECK(failures == 1);
}

TEST_CASE_TEMPLATE("a network interceptor proceeds exactly once, to the same scheme, host and port", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  const auto outcome = [&server](auto interceptor) {
    auto client = D::builder().add_network_interceptor(std::move(interceptor)).build();
    Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::misuse);
    return response.error().message();
  };
  CHECK(contains(outcome([](Chain& chain) -> Task<Response> { co_return made_up(chain.request(), 200, ""); }),
                 "must proceed exactly once"));
  CHECK(contains(outcome([](Chain& chain) -> Task<Response> {
                   Response first = co_await chain.proceed(chain.request());
                   co_await first.async_close();
                   co_return co_await chain.proceed(chain.request());
                 }),
                 "must proceed exactly once"));
  CHECK(contains(outcome([](Chain& chain) {
                   return chain.proceed(chain.request().new_builder().url("http://other.invalid/").build());
                 }),
                 "must keep the request's scheme, host and port"));
}

TEST_CASE_TEMPLATE("interceptors change responses, and the original stays visible", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().header("X-Original", "1").body("text"));
  auto client = D::builder()
                    .add_interceptor([](Chain& chain) -> Task<Response> {
                      Response response = co_await chain.proceed(chain.request());
                      std::string text = co_await response.body().async_string();
                      co_return response.new_builder()
                          .code(203)
                          .header("X-Added", "2")
                          .body(ResponseBody::of("[" + text + "]"))
                          .build();
                    })
                    .build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.code() == 203);
  CHECK(response.header("X-Added") == "2");
  CHECK(response.header("X-Original") == "1");
  CHECK(response.body().string() == "[text]");
  REQUIRE(response.network_response() != nullptr);
  CHECK(response.network_response()->code() == 200);
  CHECK_FALSE(response.network_response()->header("X-Added"));
}

TEST_CASE_TEMPLATE("the chain knows its call and its timeouts", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  bool checked = false;
  auto client = D::builder()
                    .connect_timeout(11s)
                    .read_timeout(12s)
                    .write_timeout(13s)
                    .add_interceptor([&checked](Chain& chain) {
                      checked = chain.call().request().header("X-Mine") == "1" && chain.connect_timeout() == 11s &&
                                chain.read_timeout() == 12s && chain.write_timeout() == 13s;
                      return chain.proceed(chain.request());
                    })
                    .build();
  client
      .new_call(Request::Builder().url(server.url("/")).header("X-Mine", "1").build())
      .execute();
  CHECK(checked);
}

TEST_CASE_TEMPLATE("what an interceptor throws leaves execute unchanged", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  const auto thrower = [](Chain& chain) -> Task<Response> {
    Response response = co_await chain.proceed(chain.request());
    if (response.code() > 0) throw CustomError("out of an interceptor");
    co_return response;
  };
  const std::string url = server.url("/").to_string();
  auto application = D::builder().add_interceptor(thrower).build();
  CHECK_THROWS_WITH_AS(application.new_call(get_request(url)).execute(), "out of an interceptor", CustomError);
  auto network = D::builder().add_network_interceptor(thrower).build();
  CHECK_THROWS_WITH_AS(network.new_call(get_request(url)).execute(), "out of an interceptor", CustomError);
  // One that is no coroutine throws before there is a task.
  auto plain = D::builder()
                   .add_interceptor([](Chain&) -> Task<Response> { throw CustomError("at once"); })
                   .build();
  CHECK_THROWS_WITH_AS(plain.new_call(get_request(url)).execute(), "at once", CustomError);

  Result<Response> result = application.new_call(get_request(url)).try_execute();
  REQUIRE_FALSE(result);
  CHECK(result.error() == Errc::user_exception);
  CHECK(result.error().exception() != nullptr);
  CHECK(contains(result.error().message(), "out of an interceptor"));
  CHECK(application.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("what an interceptor throws reaches futures and callbacks", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .add_interceptor([](Chain&) -> Task<Response> { throw CustomError("thrown"); })
                    .build();
  std::future<Response> future = client.new_call(get_request("http://nowhere.invalid/")).submit();
  std::optional<Errc> told;
  client.new_call(get_request("http://nowhere.invalid/")).enqueue([&told](Result<Response> result) {
    told = result ? Errc{} : result.error().code();
  });
  finish_enqueued(client);
  CHECK_THROWS_WITH_AS(future.get(), "thrown", CustomError);
  CHECK(told == Errc::user_exception);
}

TEST_CASE_TEMPLATE("an interceptor may keep the request waiting", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("after a while"));
  auto client = D::builder()
                    .add_interceptor([](Chain& chain) -> Task<Response> {
                      okhttp::Runtime& runtime = *okhttp::Runtime::current();
                      co_await runtime.sleep_until(okhttp::Deadline::after(runtime.now(), 20ms));
                      co_return co_await chain.proceed(chain.request());
                    })
                    .build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "after a while");
}

TEST_CASE_TEMPLATE("derived clients add interceptors of their own", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(std::string(request.header("X-A").value_or("-")) +
                               std::string(request.header("X-B").value_or("-")));
  });
  auto client = D::builder()
                    .add_interceptor([](Chain& chain) {
                      return chain.proceed(chain.request().new_builder().header("X-A", "a").build());
                    })
                    .build();
  auto derived = client.new_builder()
                     .add_interceptor([](Chain& chain) {
                       return chain.proceed(chain.request().new_builder().header("X-B", "b").build());
                     })
                     .build();
  const std::string url = server.url("/").to_string();
  CHECK(client.new_call(get_request(url)).execute().body().string() == "a-");
  CHECK(derived.new_call(get_request(url)).execute().body().string() == "ab");
}

TEST_CASE_TEMPLATE("calls of the same client may be made inside an interceptor", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(request.target() == "/token" ? "fresh"
                                                            : std::string(request.header("X-Token").value_or("none")));
  });
  auto plain = D::builder().build();
  const std::string token_url = server.url("/token").to_string();
  auto client = plain.new_builder()
                    .add_interceptor([plain, token_url](Chain& chain) -> Task<Response> {
                      Response answer = co_await plain.new_call(get_request(token_url)).async_execute();
                      std::string token = co_await answer.body().async_string();
                      Request request = chain.request().new_builder().header("X-Token", token).build();
                      co_return co_await chain.proceed(std::move(request));
                    })
                    .build();
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "fresh");
}

}  // TEST_SUITE

}  // namespace interceptor_test
