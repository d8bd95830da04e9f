// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/event_listener.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <okhttp/base/when_all.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"
#include "support/recording_listener.hpp"

namespace event_listener_test {

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Chain;
using okhttp::Errc;
using okhttp::Error;
using okhttp::EventListener;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::ResponseBody;
using okhttp::Result;
using okhttp::Task;

namespace {

using Names = std::vector<std::string>;

/// A server, and a client whose calls are all recorded.
template <class D>
struct Listened {
  MockWebServer server;
  std::shared_ptr<RecordingListener> events = std::make_shared<RecordingListener>();
  typename D::Client client = builder().build();

  typename D::Client::Builder builder() {
    typename D::Client::Builder made = D::builder();
    made.event_listener(events);
    return made;
  }
  std::string url(std::string_view path = "/") { return server.url(path).to_string(); }
  Call call(std::string_view path = "/") { return client.new_call(get_request(url(path))); }
};

/// What every call to `path` tells up to its response, on a connection that it has already.
Names exchange(const std::string& path, int code) {
  return {"request_headers_start", "request_headers_end GET " + path, "response_headers_start",
          "response_headers_end " + std::to_string(code)};
}

Names operator+(Names first, const Names& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const Names begin{"call_start", "connection_acquired"};
const Names end{"connection_released", "call_end"};

Names body(std::size_t bytes) { return {"response_body_start", "response_body_end " + std::to_string(bytes)}; }

}  // namespace

TEST_SUITE("integration/event_listener") {

TEST_CASE_TEMPLATE("a call with a body, on a new connection and on one from the pool", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  test.server.enqueue(MockResponse().body("hello"));
  test.server.enqueue(MockResponse().chunked_body("hello again", 4));
  test.server.enqueue(MockResponse().gzip_body(std::string(1000, 'a')));
  for (const std::size_t bytes : {std::size_t{5}, std::size_t{11}}) {
    const Response response = test.call().execute();
    CHECK(test.events->names() == begin + exchange("/", 200) + Names{"follow_up_decision none"});
    CHECK(response.body().string().size() == bytes);
    CHECK(test.events->take() == begin + exchange("/", 200) + Names{"follow_up_decision none"} + body(bytes) + end);
    CHECK(test.client.connection_pool().idle_connection_count() == 1);
  }
  // What is counted is what was sent.
  CHECK(test.call().execute().body().string().size() == 1000);
  const Names names = test.events->take();
  REQUIRE(names.size() == 11);
  CHECK(std::stoul(names[8].substr(names[8].find(' '))) < 100);
  CHECK(test.server.connection_count() == 1);
}

TEST_CASE_TEMPLATE("an empty body is over before it is known whether another request follows", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  const Names expected = begin + exchange("/", 200) + body(0) + Names{"follow_up_decision none"} + end;
  test.server.enqueue(MockResponse());
  const Response response = test.call().execute();
  CHECK(test.events->take() == expected);
  CHECK(response.body().string().empty());
  CHECK(test.events->take().empty());
  test.server.enqueue(MockResponse());
  test.call().execute();
  CHECK(test.events->take() == expected);
}

TEST_CASE_TEMPLATE("a body that is read in parts, closed, or dropped", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  const Names head = begin + exchange("/", 200) + Names{"follow_up_decision none"};
  {
    test.server.enqueue(MockResponse().body("0123456789"));
    const Response response = test.call().execute();
    std::string four(4, ' ');
    CHECK(response.body().read(four) == 4);
    CHECK(test.events->names() == head + Names{"response_body_start"});
    response.body().close();
    CHECK(test.events->take() == head + body(4) + end);
    response.body().close();
  }
  CHECK(test.events->take().empty());
  {
    test.server.enqueue(MockResponse().body("0123456789"));
    const Response response = test.call().execute();
    CHECK(test.events->names() == head);
  }
  CHECK(test.events->take() == head + body(0) + end);
  {
    // The last byte of a known number of bytes is the end.
    test.server.enqueue(MockResponse().body("0123"));
    const Response response = test.call().execute();
    std::string four(4, ' ');
    CHECK(response.body().read(four) == 4);
    CHECK(test.events->take() == head + body(4) + end);
  }
  CHECK(test.events->take().empty());
  {
    // More than is worth reading: the connection goes.
    test.server.enqueue(MockResponse().body_repeated("0123456789", 50'000'000));
    test.call().execute();
  }
  CHECK(test.events->take() == head + body(0) + end);
  CHECK(test.client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE("a body that is dropped on another thread than the loop's") {
  Listened<OnLoop> test;
  test.server.enqueue(MockResponse().body("0123456789"));
  std::optional<Response> response(test.call().execute());
  Background([&] { response.reset(); }).join();
  CHECK(test.events->take() == begin + exchange("/", 200) + Names{"follow_up_decision none"} + body(0) + end);
}

TEST_CASE_TEMPLATE("a redirect on the same connection keeps it, one to another host lets it go", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  MockWebServer other;
  test.server.enqueue(MockResponse().code(302).header("Location", "/b").body("gone"));
  test.server.enqueue(MockResponse().code(302).header("Location", "/c"));
  test.server.enqueue(MockResponse().code(307).header("Location", other.url("/d").to_string()).body("far"));
  other.enqueue(MockResponse().body("here"));
  CHECK(test.call("/a").execute().body().string() == "here");
  CHECK(test.events->take() == begin + exchange("/a", 302) + body(0) + Names{"follow_up_decision /b"} +
                                   exchange("/b", 302) + body(0) + Names{"follow_up_decision /c"} +
                                   exchange("/c", 307) + body(0) + Names{"follow_up_decision /d"} +
                                   Names{"connection_released", "connection_acquired"} + exchange("/d", 200) +
                                   Names{"follow_up_decision none"} + body(4) + end);
  CHECK(test.server.connection_count() == 1);
  // A connection that the server does not keep is not kept.
  test.server.enqueue(
      MockResponse().code(302).header("Location", "/b").header("Connection", "close").on_response_end(okhttp::CloseSocket{}));
  test.server.enqueue(MockResponse());
  test.call("/a").execute();
  CHECK(test.events->take() == begin + exchange("/a", 302) + body(0) + Names{"follow_up_decision /b"} +
                                   Names{"connection_released", "connection_acquired"} + exchange("/b", 200) + body(0) +
                                   Names{"follow_up_decision none"} + end);
}

TEST_CASE_TEMPLATE("too many redirects", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  auto client = test.builder().max_follow_ups(1).build();
  for (int i = 0; i < 2; ++i) test.server.enqueue(MockResponse().code(302).header("Location", "/"));
  CHECK_FALSE(client.new_call(get_request(test.url())).try_execute());
  CHECK(test.events->take() == begin + exchange("/", 302) + body(0) + Names{"follow_up_decision /"} +
                                   exchange("/", 302) + body(0) +
                                   Names{"follow_up_decision none", "connection_released", "call_failed"});
}

TEST_CASE_TEMPLATE("request bodies: small, large, chunked, of no length", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  const auto post = [&](RequestBody content, std::size_t bytes) {
    CAPTURE(bytes);
    test.server.enqueue(MockResponse());
    test.client.new_call(Request::Builder().url(test.url()).post(std::move(content)).build()).execute();
    CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end POST /",
                                               "request_body_start", "request_body_end " + std::to_string(bytes),
                                               "response_headers_start", "response_headers_end 200"} +
                                     body(0) + Names{"follow_up_decision none"} + end);
  };
  post(RequestBody::create("small"), 5);
  post(RequestBody::create(""), 0);
  post(RequestBody::create(std::string(300'000, 'x')), 300'000);
  post(RequestBody::from_reader([left = 3](std::span<std::byte> into) mutable -> Result<std::size_t> {
         if (left-- == 0) return std::size_t{0};
         into[0] = std::byte{'x'};
         return std::size_t{1};
       }), 3);
}

TEST_CASE_TEMPLATE("Expect: 100-continue has the response's head begin first", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  const auto post = [&] {
    return test.client.new_call(Request::Builder().url(test.url()).header("Expect", "100-continue")
                                    .post(RequestBody::create("hello")).build());
  };
  test.server.enqueue(MockResponse());
  post().execute();
  CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end POST /",
                                             "response_headers_start", "request_body_start", "request_body_end 5",
                                             "response_headers_end 200"} +
                                   body(0) + Names{"follow_up_decision none"} + end);
  // Refused: no body is sent.
  test.server.enqueue(MockResponse().code(417).do_not_read_request_body());
  CHECK(post().execute().code() == 417);
  CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end POST /",
                                             "response_headers_start", "response_headers_end 417"} +
                                   body(0) + Names{"follow_up_decision none"} + end);
}

TEST_CASE_TEMPLATE("an informational response begins the response's head, once", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  test.server.enqueue(MockResponse().informational(103).informational(102));
  test.call().execute();
  CHECK(test.events->take() == begin + exchange("/", 200) + body(0) + Names{"follow_up_decision none"} + end);
}

TEST_CASE_TEMPLATE("an answer before the end of the request's body", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  test.server.enqueue(MockResponse().code(413).do_not_read_request_body());
  const Request request =
      Request::Builder().url(test.url()).post(RequestBody::create(std::string(50'000'000, 'x'))).build();
  CHECK(test.client.new_call(request).execute().code() == 413);
  const Names names = test.events->take();
  // The server's answer and its closing race for what is seen first.
  CHECK(std::count(names.begin(), names.end(), "request_failed") == 1);
  Names others = names;
  others.erase(std::remove(others.begin(), others.end(), "request_failed"), others.end());
  CHECK(others == begin + Names{"request_headers_start", "request_headers_end POST /", "request_body_start",
                                "response_headers_start", "response_headers_end 413"} +
                      body(0) + Names{"follow_up_decision none"} + end);
}

TEST_CASE_TEMPLATE("failures before the response", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  const Names sent{"request_headers_start", "request_headers_end GET /"};
  const Names failed{"response_failed", "retry_decision no", "connection_released", "call_failed"};
  test.server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  CHECK_FALSE(test.call().try_execute());
  CHECK(test.events->errors().size() == 2);
  CHECK(test.events->errors().back().code() == Errc::unexpected_end);
  CHECK(test.events->take() == begin + sent + failed);
  // A pooled connection that turns out to be closed is replaced.
  test.server.enqueue(MockResponse());
  test.call().execute();
  test.events->take();
  test.server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  test.server.enqueue(MockResponse());
  test.call().execute();
  CHECK(test.events->take() == begin + sent + Names{"response_failed", "retry_decision yes", "connection_released",
                                                    "connection_acquired"} +
                                   exchange("/", 200) + body(0) + Names{"follow_up_decision none"} + end);
  // A body that cannot be read.
  const Request request =
      Request::Builder().url(test.url()).post(RequestBody::from_reader([](std::span<std::byte>) -> Result<std::size_t> {
        return Error(Errc::file, "no such file");
      })).build();
  test.server.enqueue(MockResponse());
  CHECK_FALSE(test.client.new_call(request).try_execute());
  CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end POST /", "request_body_start",
                                             "request_failed", "retry_decision no", "connection_released",
                                             "call_failed"});
}

TEST_CASE_TEMPLATE("finding a connection is told before it is acquired", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  auto client = test.builder()
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  test.server.enqueue(MockResponse().code(302).header("Location", "/b"));
  test.server.enqueue(MockResponse());
  client.new_call(get_request("http://some.example:" + std::to_string(test.server.port()) + "/a")).execute();
  CHECK(test.events->all_names() ==
        Names{"call_start", "proxy_select_start", "proxy_select_end", "dns_start", "dns_end", "connect_start", "connect_end",
              "connection_acquired"} +
            exchange("/a", 302) + body(0) + Names{"follow_up_decision /b"} + exchange("/b", 200) + body(0) +
            Names{"follow_up_decision none"} + end);
}

TEST_CASE_TEMPLATE("a connection that cannot be made", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  std::uint16_t port = 0;
  {
    MockWebServer closed;
    port = closed.port();
  }
  CHECK_FALSE(test.client.new_call(get_request(local_url(port))).try_execute());
  CHECK(test.events->all_names() == Names{"call_start", "proxy_select_start", "proxy_select_end", "connect_start",
                                          "connect_failed", "retry_decision no", "call_failed"});
}

TEST_CASE_TEMPLATE("a body that breaks off fails the call after its response", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  test.server.enqueue(MockResponse().body_repeated("0123456789", 100'000).on_response_body(okhttp::CloseSocket{}));
  const Response response = test.call().execute();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(test.events->errors().back().code() == text.error().code());
  CHECK(test.events->take() == begin + exchange("/", 200) +
                                   Names{"follow_up_decision none", "response_body_start", "response_failed",
                                         "connection_released", "call_failed"});
}

TEST_CASE_TEMPLATE("cancel: before, during, and after a call", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  {
    const Call call = test.call();
    call.cancel();
    call.cancel();
    CHECK_FALSE(call.try_execute());
    CHECK(test.events->take() == Names{"canceled", "call_start", "call_failed"});
  }
  {
    test.server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
    const Call call = test.call();
    Background canceler([&] {
      CHECK(test.events->wait_for("request_headers_end GET /"));
      call.cancel();
    });
    Result<Response> response = call.try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error().code() == Errc::canceled);
    canceler.join();
    CHECK(test.events->errors().back().code() == Errc::canceled);
    CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end GET /", "canceled",
                                               "response_failed", "retry_decision no", "connection_released",
                                               "call_failed"});
  }
  {
    test.server.enqueue(MockResponse().body_repeated("0123456789", 50'000'000));
    const Call call = test.call();
    const Response response = call.execute();
    call.cancel();
    CHECK_FALSE(response.body().try_string());
    const Names names = test.events->take();
    REQUIRE(names.size() >= 4);
    CHECK(names[7] == "canceled");
    CHECK(Names(names.end() - 3, names.end()) == Names{"response_failed", "connection_released", "call_failed"});
  }
  {
    test.server.enqueue(MockResponse());
    const Call call = test.call();
    call.execute();
    test.events->take();
    call.cancel();
    CHECK(test.events->take() == Names{"canceled"});
  }
}

TEST_CASE_TEMPLATE("a listener may cancel, which its event loop or thread then sees", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  test.events->at("request_headers_start", [](const Call& call) { call.cancel(); });
  test.server.enqueue(MockResponse().body("hello"));
  Result<Response> response = test.call().try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error().code() == Errc::canceled);
  const Names names = test.events->take();
  CHECK(names.front() == "call_start");
  CHECK(names[3] == "canceled");
  CHECK(names.back() == "call_failed");
}

TEST_CASE_TEMPLATE("interceptors that answer by themselves, read the body, or ask twice", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  enum class Does { answers, reads, asks_twice, fails } does = Does::answers;
  auto client = test.builder()
                    .add_interceptor([&does](Chain& chain) -> Task<Response> {
                      if (does == Does::answers) {
                        co_return Response::Builder()
                            .request(chain.request())
                            .protocol(okhttp::Protocol::http_1_1)
                            .code(200)
                            .message("made up")
                            .body(ResponseBody::of("made up"))
                            .build();
                      }
                      Response response = co_await chain.proceed(chain.request());
                      if (does == Does::fails) co_await okhttp::fail(Errc::io, "no more");
                      if (does == Does::asks_twice) {
                        co_await response.async_close();
                        co_return co_await chain.proceed(chain.request());
                      }
                      std::string text = co_await response.body().async_string();
                      co_return response.new_builder().body(ResponseBody::of(text + "!")).build();
                    })
                    .build();
  const auto call = [&] { return client.new_call(get_request(test.url())).try_execute(); };
  CHECK(call());
  CHECK(test.events->take() == Names{"call_start", "call_end"});
  does = Does::reads;
  test.server.enqueue(MockResponse().body("read"));
  CHECK(call()->body().string() == "read!");
  CHECK(test.events->take() == begin + exchange("/", 200) + Names{"follow_up_decision none"} + body(4) + end);
  does = Does::asks_twice;
  test.server.enqueue(MockResponse().body("one"));
  test.server.enqueue(MockResponse().body("two"));
  CHECK(call()->body().string() == "two");
  CHECK(test.events->take() == begin + exchange("/", 200) + Names{"follow_up_decision none"} + body(0) +
                                   exchange("/", 200) + Names{"follow_up_decision none"} + body(3) + end);
  does = Does::fails;
  test.server.enqueue(MockResponse().body("dropped"));
  CHECK_FALSE(call());
  CHECK(test.events->take() == begin + exchange("/", 200) + Names{"follow_up_decision none"} + body(0) +
                                   Names{"connection_released", "call_failed"});
}

TEST_CASE_TEMPLATE("enqueued calls tell of their wait for a turn", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  Listened<D> test;
  auto client = D::builder()
                    .dispatcher({.max_requests = 1, .max_requests_per_host = 1})
                    .event_listener_factory([&](const Call& call) -> std::shared_ptr<EventListener> {
                      return call.request().url().encoded_path() == "/quiet" ? nullptr : test.events;
                    })
                    .build();
  Event go_on;
  test.server.enqueue(MockResponse());
  test.server.enqueue(MockResponse().body("hello"));
  std::string text;
  client.new_call(get_request(test.url("/quiet"))).enqueue([&](Result<Response>) { CHECK((go_on.is_set() || go_on.wait())); });
  client.new_call(get_request(test.url())).enqueue([&](Result<Response> response) { text = response->body().try_string().value_or(""); });
  CHECK(test.events->names() == Names{"call_start", "dispatcher_queue_start"});
  go_on.set();
  finish_enqueued(client);
  if constexpr (D::blocks) CHECK(text == "hello");
  CHECK(test.events->wait_for("call_end"));
  CHECK(test.events->take() == Names{"call_start", "dispatcher_queue_start", "dispatcher_queue_end",
                                     "connection_acquired"} +
                                   exchange("/", 200) + Names{"follow_up_decision none"} + body(D::blocks ? 5 : 0) + end);
  // Executed twice: the second time is none.
  test.server.enqueue(MockResponse());
  const Call call = client.new_call(get_request(test.url()));
  call.execute();
  test.events->take();
  call.enqueue([](Result<Response> response) { CHECK(response.error().code() == Errc::misuse); });
  finish_enqueued(client);
  CHECK_FALSE(call.try_execute());
  CHECK(test.events->take().empty());
}

TEST_CASE_TEMPLATE("a client that goes takes its calls with it", D, okhttp_tests::OnInline, okhttp_tests::OnThreads,
                   okhttp_tests::OnLoop) {
  auto events = std::make_shared<RecordingListener>();
  std::optional<Call> call;
  {
    auto client = D::builder().event_listener(events).build();
    call = client.new_call(get_request("http://127.0.0.1:1/"));
  }
  bool told = false;
  call->enqueue([&told](Result<Response> response) { told = response.error().code() == Errc::rejected; });
  CHECK(told);
  CHECK(events->take() == Names{"call_start", "call_failed"});
}

TEST_CASE("a call whose task is dropped has failed") {
  Listened<OnLoop> test;
  test.server.enqueue(MockResponse().on_response_start(okhttp::Stall{}));
  test.client.run([](Listened<OnLoop>& t) -> Task<void> {
    std::vector<Task<Response>> tasks;
    tasks.push_back(t.call().async_execute());
    tasks.push_back([](Listened<OnLoop>& inner) -> Task<Response> {
      while (inner.events->names().size() < 4) co_await okhttp::Runtime::current()->next_turn();
      co_await okhttp::fail(Errc::io, "that is enough");
      std::abort();
    }(t));
    const auto first = co_await okhttp::when_any(std::move(tasks));
    CHECK(first.first == 1);
  }(test));
  CHECK(test.events->errors().back().code() == Errc::canceled);
  CHECK(test.events->take() == begin + Names{"request_headers_start", "request_headers_end GET /", "response_failed",
                                             "connection_released", "call_failed"});
}

TEST_CASE("an interceptor may send two requests at once, the later of which may end first") {
  constexpr std::size_t large = 16 * 1024 * 1024;  // more than sockets hold, so that sending it takes its time
  Listener server;
  auto events = std::make_shared<RecordingListener>();
  Background serving([&] {
    RawPeer first(server.accept());
    RawPeer second(server.accept());
    CHECK(second.read_head().find("GET /small ") == 0);
    second.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    CHECK(events->wait_for("response_headers_end 201"));
    CHECK(first.read(large).find("GET /large ") == 0);
    first.read_head();
    first.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    CHECK(first.read_to_end());
  });
  auto client = OnLoop::builder()
                    .event_listener(events)
                    .add_interceptor([&](Chain& chain) -> Task<Response> {
                      std::vector<Task<Response>> both;
                      both.push_back(chain.proceed(Request::Builder()
                                                       .url(server.url("/large"))
                                                       .header("Large", std::string(large, 'x'))
                                                       .build()));
                      both.push_back(chain.proceed(get_request(server.url("/small"))));
                      std::vector<Result<Response>> responses = co_await when_all(std::move(both));
                      CHECK(responses[1].value().code() == 201);
                      co_return *std::move(responses[0]);
                    })
                    .build();
  const Result<Response> response = client.new_call(get_request(server.url())).try_execute();
  REQUIRE(response);
  CHECK(response->code() == 202);
  CHECK(events->wait_for("response_headers_end 202"));
  const Names all = events->names();
  CHECK(std::count_if(all.begin(), all.end(), [](const std::string& name) {
          return name.starts_with("request_headers_end GET /");
        }) == 2);
  client.connection_pool().evict_all();
  (void)client.poll();
}

TEST_CASE("a factory is asked once per call, clones too, and sees the request") {
  MockWebServer server;
  std::vector<std::string> asked;
  auto events = std::make_shared<RecordingListener>();
  auto client = OnInline::builder()
                    .event_listener_factory([&](const Call& call) {
                      asked.push_back(std::string(call.request().url().encoded_path()));
                      return events;
                    })
                    .build();
  const Call call = client.new_call(get_request(server.url("/a").to_string()));
  CHECK(asked == Names{"/a"});
  const Call clone = call.clone();
  CHECK(asked == Names{"/a", "/a"});
  // Clients made from this one have it too, unless they have their own.
  (void)client.new_builder().build().new_call(get_request(server.url("/b").to_string()));
  (void)client.new_builder().event_listener(nullptr).build().new_call(get_request(server.url("/c").to_string()));
  CHECK(asked == Names{"/a", "/a", "/b"});
}

}

}  // namespace event_listener_test
