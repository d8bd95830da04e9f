// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/call.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <future>

#include "support/client_fixture.hpp"

namespace call_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

TEST_SUITE("integration/call") {

TEST_CASE_TEMPLATE("a GET gives status, headers and body", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(200).header("ETag", "v1").body("hello"));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/path?q=1#part").to_string())).execute();
  CHECK(response.code() == 200);
  CHECK(response.message() == "OK");
  CHECK(response.is_successful());
  CHECK(response.protocol() == okhttp::Protocol::http_1_1);
  CHECK(response.header("etag") == "v1");
  CHECK(response.body().content_length() == 5);
  CHECK(response.body().string() == "hello");
  CHECK(response.duration() >= Response::Clock::duration::zero());
  CHECK(response.received_response_at() >= response.sent_request_at());

  const RecordedRequest recorded = server.take_request();
  CHECK(recorded.method() == "GET");
  CHECK(recorded.target() == "/path?q=1");
  CHECK(recorded.body().empty());
}

TEST_CASE_TEMPLATE("what HTTP needs is added to a request, and only on the wire", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  const okhttp::HttpUrl url = server.url("/");
  Response response = client.new_call(get_request(url.to_string())).execute();
  const RecordedRequest recorded = server.take_request();
  CHECK(recorded.header("Host") == url.host_header());
  CHECK(recorded.header("Connection") == "Keep-Alive");
  CHECK(recorded.header("Accept-Encoding") == "gzip");
  CHECK(recorded.header("User-Agent") == "okhttp-cpp/" OKHTTP_VERSION);
  CHECK_FALSE(recorded.header("Content-Length"));
  CHECK_FALSE(recorded.header("Transfer-Encoding"));

  CHECK(response.request().headers().size() == 0);
  REQUIRE(response.network_response() != nullptr);
  CHECK(response.network_response()->request().header("Connection") == "Keep-Alive");
  CHECK(response.prior_response() == nullptr);
  CHECK(response.cache_response() == nullptr);
}

TEST_CASE_TEMPLATE("headers of the user win over those the client adds", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().user_agent("of the client").build();
  const Request request = Request::Builder()
                              .url(server.url("/"))
                              .header("Host", "elsewhere.example")
                              .header("User-Agent", "mine")
                              .header("Accept-Encoding", "identity")
                              .add_header("X-Twice", "1")
                              .add_header("X-Twice", "2")
                              .build();
  client.new_call(request).execute();
  const RecordedRequest recorded = server.take_request();
  CHECK(recorded.headers().values("Host") == std::vector<std::string_view>{"elsewhere.example"});
  CHECK(recorded.header("User-Agent") == "mine");
  CHECK(recorded.headers().values("Accept-Encoding") == std::vector<std::string_view>{"identity"});
  CHECK(recorded.headers().values("X-Twice") == std::vector<std::string_view>{"1", "2"});
}

TEST_CASE_TEMPLATE("the builder's user agent is sent", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().user_agent("of the client").build();
  client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(server.take_request().header("User-Agent") == "of the client");
}

TEST_CASE_TEMPLATE("a request that is sent again is sent alike, by each client in its own way", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(std::string(request.header("User-Agent").value_or("")) + " " +
                               std::string(request.header("X").value_or("")));
  });
  auto one = D::builder().user_agent("one").build();
  auto two = D::builder().user_agent("two").build();
  const Request request = Request::Builder().url(server.url("/")).header("X", "1").build();
  for (int i = 0; i < 4; ++i) {
    Response response = one.new_call(request).execute();
    CHECK(response.network_response()->request().header("User-Agent") == "one");
    CHECK_FALSE(response.request().header("User-Agent"));
    CHECK(response.body().string() == "one 1");
    CHECK(two.new_call(request).execute().body().string() == "two 1");
    const Request other = request.new_builder().header("X", "2").build();
    CHECK(one.new_call(other).execute().body().string() == "one 2");
  }
}

TEST_CASE_TEMPLATE("a HEAD has a length and no body, and its connection goes on", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("five!"));
  server.enqueue(MockResponse().body("next"));
  auto client = D::builder().build();
  const Request head = Request::Builder().url(server.url("/")).head().build();
  Response response = client.new_call(head).execute();
  CHECK(response.header("Content-Length") == "5");
  CHECK(response.body().string().empty());
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "next");
  CHECK(server.take_request().method() == "HEAD");
  const RecordedRequest second = server.take_request();
  CHECK(second.connection_index() == 0);
  CHECK(second.exchange_index() == 1);
}

TEST_CASE_TEMPLATE("a POST sends its body with type and length", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(201).body("made"));
  auto client = D::builder().build();
  Response response = client.new_call(post_request(server.url("/things").to_string(), "{\"a\":1}")).execute();
  CHECK(response.code() == 201);
  CHECK(response.message() == "OK");
  CHECK(response.body().string() == "made");
  const RecordedRequest recorded = server.take_request();
  CHECK(recorded.request_line() == "POST /things HTTP/1.1");
  CHECK(recorded.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(recorded.header("Content-Length") == "7");
  CHECK(recorded.body() == "{\"a\":1}");
}

TEST_CASE_TEMPLATE("every method is sent as it is", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const RequestBody body = RequestBody::create("content");
  const std::vector<Request> requests = {
      Request::Builder().url(server.url("/")).put(body).build(),
      Request::Builder().url(server.url("/")).patch(body).build(),
      Request::Builder().url(server.url("/")).delete_().build(),
      Request::Builder().url(server.url("/")).method("DELETE").build(),
      Request::Builder().url(server.url("/")).method("OPTIONS").build(),
      Request::Builder().url(server.url("/")).method("PROPFIND", body).build(),
      Request::Builder().url(server.url("/")).method("brew", body).build(),
  };
  for (const Request& request : requests) {
    CAPTURE(request.method());
    server.enqueue(MockResponse().body("done"));
    CHECK(client.new_call(request).execute().body().string() == "done");
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.method() == request.method());
    if (request.body() == nullptr) {
      CHECK_FALSE(recorded.header("Content-Length"));
      CHECK(recorded.body_size() == 0);
    } else {
      CHECK(recorded.header("Content-Length") == std::to_string(request.body()->content_length()));
      CHECK(recorded.body_size() == static_cast<std::uint64_t>(request.body()->content_length()));
    }
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a status of the server is a response, not an error", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const int code : {201, 299, 304, 305, 400, 404, 410, 500, 599, 999}) {
    CAPTURE(code);
    server.enqueue(MockResponse().code(code).message("Some Reason"));
    Result<Response> response = client.new_call(get_request(server.url("/").to_string())).try_execute();
    REQUIRE(response);
    CHECK(response->code() == code);
    CHECK(response->message() == "Some Reason");
    CHECK(response->is_successful() == (code < 300));
  }
}

TEST_CASE_TEMPLATE("a call is executed once; a clone may be executed again", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("one"));
  server.enqueue(MockResponse().body("two"));
  auto client = D::builder().build();
  const okhttp::Call call = client.new_call(get_request(server.url("/").to_string()));
  CHECK_FALSE(call.is_executed());
  CHECK(call.execute().body().string() == "one");
  CHECK(call.is_executed());

  Result<Response> again = call.try_execute();
  REQUIRE_FALSE(again);
  CHECK(again.error() == Errc::misuse);
  CHECK(contains(again.error().message(), "clone()"));
  CHECK_THROWS_AS(call.execute(), okhttp::Exception);

  std::optional<Errc> told;
  call.enqueue([&told](Result<Response> result) { told = result ? Errc{} : result.error().code(); });
  finish_enqueued(client);
  CHECK(told == Errc::misuse);

  const okhttp::Call clone = call.clone();
  CHECK_FALSE(clone.is_executed());
  CHECK(clone.execute().body().string() == "two");
  CHECK(server.request_count() == 2);
}

TEST_CASE_TEMPLATE("copies of a call are one call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  const okhttp::Call call = client.new_call(get_request(server.url("/").to_string()));
  const okhttp::Call copy = call;
  call.execute();
  CHECK(copy.is_executed());
  Result<Response> again = copy.try_execute();
  REQUIRE_FALSE(again);
  CHECK(again.error() == Errc::misuse);
}

TEST_CASE_TEMPLATE("execute throws what try_execute returns", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  auto client = D::builder().build();
  const std::string url = server.url("/").to_string();
  try {
    client.new_call(get_request(url)).execute();
    FAIL("execute gave a response");
  } catch (const okhttp::Exception& failure) {
    CHECK(failure.error() == Errc::unexpected_end);
    CHECK(failure.code() == okhttp::make_error_code(Errc::unexpected_end));
    CHECK(contains(failure.what(), "unexpected end of stream"));
    CHECK(contains(failure.what(), std::to_string(server.port())));
  }
}

TEST_CASE_TEMPLATE("enqueue tells the callback once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("later"));
  auto client = D::builder().build();
  std::vector<std::string> bodies;
  // Move-only, as any callback may be.
  client.new_call(get_request(server.url("/").to_string()))
      .enqueue([&bodies, only = std::make_unique<int>(7)](Result<Response> response) {
        // The whole body came with the head, so nothing has to wait on the loop's thread.
        if (response && *only == 7) bodies.emplace_back(response->header("Content-Length").value_or("?"));
      });
  finish_enqueued(client);
  CHECK(bodies.size() == 1);
}

TEST_CASE_TEMPLATE("submit gives the response as a future", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("future"));
  server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  auto client = D::builder().build();
  std::future<Response> good = client.new_call(get_request(server.url("/").to_string())).submit();
  finish_enqueued(client);
  CHECK(good.get().body().string() == "future");
  client.connection_pool().evict_all();
  std::future<Response> bad = client.new_call(get_request(server.url("/").to_string())).submit();
  finish_enqueued(client);
  try {
    bad.get();
    FAIL("the future gave a response");
  } catch (const okhttp::Exception& failure) {
    CHECK(failure.error() == Errc::unexpected_end);
  }
}

TEST_CASE_TEMPLATE("try_submit gives the result as a future", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("future"));
  server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  auto client = D::builder().build();
  std::future<Result<Response>> good =
      client.new_call(get_request(server.url("/").to_string())).try_submit();
  finish_enqueued(client);
  CHECK(good.get().value().body().string() == "future");
  client.connection_pool().evict_all();
  std::future<Result<Response>> bad =
      client.new_call(get_request(server.url("/").to_string())).try_submit();
  finish_enqueued(client);
  const Result<Response> result = bad.get();
  REQUIRE_FALSE(result);
  CHECK(result.error() == Errc::unexpected_end);
}

TEST_CASE_TEMPLATE("many threads may execute calls of one client at once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body("answer to " + request.target());
  });
  auto client = D::builder().build();
  constexpr int threads = 6;
  constexpr int calls = 12;
  std::atomic<int> good{0};
  {
    std::vector<std::unique_ptr<Background>> running;
    for (int thread = 0; thread < threads; ++thread)
      running.push_back(std::make_unique<Background>([&, thread] {
        for (int i = 0; i < calls; ++i) {
          const std::string path = "/" + std::to_string(thread) + "/" + std::to_string(i);
          Result<Response> response = client.new_call(get_request(server.url(path).to_string())).try_execute();
          if (!response) continue;
          Result<std::string> text = response->body().try_string();
          if (text && *text == "answer to " + path) ++good;
        }
      }));
  }
  CHECK(good == threads * calls);
  CHECK(client.dispatcher().running_calls_count() == 0);
  CHECK(client.connection_pool().idle_connection_count() <= 5);
}

TEST_CASE_TEMPLATE("the addresses of a host are tried in order", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("found"));
  std::vector<std::string> asked;
  auto client = D::builder()
                    .dns([&asked](std::string_view host) {
                      asked.emplace_back(host);
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.9"),
                                                            okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  const std::string port = std::to_string(server.port());
  Response response = client.new_call(get_request("http://two.example:" + port + "/")).execute();
  CHECK(response.body().string() == "found");
  CHECK(asked == std::vector<std::string>{"two.example"});
  CHECK(server.take_request().header("Host") == "two.example:" + port);
}

TEST_CASE_TEMPLATE("when no address works the error names the last one and their number", D,
                   OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.9"),
                                                            okhttp::IpAddress::parse("127.0.0.8")};
                    })
                    .build();
  // Port 1 (tcpmux) is not in use where tests run.
  Result<Response> response = client.new_call(get_request("http://two.example:1/")).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::connect_refused);
  CHECK(contains(response.error().message(), "connect to 127.0.0.8:1 failed"));
  CHECK(contains(response.error().message(), "(2 addresses tried)"));
}

TEST_CASE_TEMPLATE("names are resolved by the system", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("here"));
  auto client = D::builder().build();
  const std::string url = "http://localhost:" + std::to_string(server.port()) + "/";
  CHECK(client.new_call(get_request(url)).execute().body().string() == "here");
}

TEST_CASE_TEMPLATE("a failing dns() fails the call with its error", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .dns([](std::string_view host) -> Result<std::vector<okhttp::IpAddress>> {
                      return okhttp::Error(Errc::dns, "no such host: " + std::string(host));
                    })
                    .build();
  Result<Response> response = client.new_call(get_request("http://nowhere.example/")).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::dns);
  CHECK(response.error().message() == "no such host: nowhere.example");

  auto empty = D::builder().dns([](std::string_view) { return std::vector<okhttp::IpAddress>(); }).build();
  Result<Response> none = empty.new_call(get_request("http://nowhere.example/")).try_execute();
  REQUIRE_FALSE(none);
  CHECK(none.error() == Errc::dns);
  CHECK(contains(none.error().message(), "nowhere.example"));
}

TEST_CASE_TEMPLATE("interim responses are passed over", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse()
                     .informational(103, okhttp::Headers::of({{"Link", "</style.css>; rel=preload"}}))
                     .informational(102)
                     .informational(100)
                     .body("final"));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.code() == 200);
  CHECK_FALSE(response.header("Link"));
  CHECK(response.body().string() == "final");
}

TEST_CASE_TEMPLATE("a faulty request never reaches the network", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder().build();
  CHECK_FALSE(Request::Builder().url("not a url").try_build());
  CHECK_FALSE(Request::Builder().url("http://localhost/").header("Bad Name", "x").try_build());
  CHECK_FALSE(D::builder().connect_timeout(-1s).try_build());
  CHECK_FALSE(D::builder().dispatcher({.max_requests = 0}).try_build());
  CHECK_FALSE(D::builder().connection_pool({.keep_alive = 0s}).try_build());
  CHECK_FALSE(D::builder().user_agent("two\r\nlines").try_build());
  CHECK_THROWS_AS(D::builder().read_timeout(-1s).build(), okhttp::Exception);
}

TEST_CASE("the one-line helpers share one client") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(request.method() + " " + request.body());
  });
  const okhttp::HttpUrl parsed = server.url("/");
  const std::string url = parsed.to_string();
  CHECK(okhttp::get(url).body().string() == "GET ");
  CHECK(okhttp::head(url).code() == 200);
  CHECK(okhttp::post(url, RequestBody::create("body")).body().string() == "POST body");
  Result<Response> bad = okhttp::try_get("gopher://localhost/");
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == Errc::bad_url);
  CHECK(okhttp::get(parsed).body().string() == "GET ");
  CHECK(okhttp::head(parsed).code() == 200);
  CHECK(okhttp::post(parsed, RequestBody::create("body")).body().string() == "POST body");
  for (int i = 0; i < 6; ++i) CHECK(server.take_request().connection_index() == 0);
  okhttp::default_client().connection_pool().evict_all();
}

}  // TEST_SUITE

}  // namespace call_test
