// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/retry_and_follow_up.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"

namespace redirect_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

Request with_method(const MockWebServer& server, const std::string& method) {
  Request::Builder builder;
  builder.url(server.url("/from"));
  if (method == "GET" || method == "HEAD" || method == "DELETE")
    builder.method(method);
  else
    builder.method(method, RequestBody::create("content", "text/plain"));
  return builder.build();
}

}  // namespace

TEST_SUITE("integration/redirect") {

TEST_CASE_TEMPLATE("each redirect keeps or changes each method as browsers and RFC 9110 want it", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const int code : {300, 301, 302, 303, 307, 308}) {
    for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY"}) {
      CAPTURE(code);
      CAPTURE(method);
      server.enqueue(MockResponse().code(code).header("Location", "/to").body("moved"));
      server.enqueue(MockResponse().body("there"));
      Response response = client.new_call(with_method(server, method)).execute();
      CHECK(response.code() == 200);
      CHECK(response.body().string() == (method == "HEAD" ? "" : "there"));
      const RecordedRequest first = server.take_request();
      CHECK(first.method() == method);
      CHECK(first.target() == "/from");
      const RecordedRequest second = server.take_request();
      CHECK(second.target() == "/to");

      const bool plain = method == "GET" || method == "HEAD";
      const bool kept = plain || code >= 307 || method == "PROPFIND" || (method == "QUERY" && code != 303);
      CHECK(second.method() == (kept ? method : "GET"));
      CHECK(second.body() == (kept ? first.body() : ""));
      CHECK(second.header("Content-Type").has_value() == (kept && first.header("Content-Type").has_value()));
      CHECK(second.header("Content-Length").has_value() == (kept && first.header("Content-Length").has_value()));
      CHECK_FALSE(second.header("Transfer-Encoding"));

      CHECK(response.request().url() == server.url("/to"));
      REQUIRE(response.prior_response() != nullptr);
      CHECK(response.prior_response()->code() == code);
      CHECK(response.prior_response()->request().url() == server.url("/from"));
      CHECK_FALSE(response.prior_response()->body().try_string());
    }
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("304, 305 and 306 are no redirects", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const int code : {304, 305, 306}) {
    server.enqueue(MockResponse().code(code).header("Location", "/to"));
    CHECK(client.new_call(get_request(server.url("/").to_string())).execute().code() == code);
  }
  CHECK(server.request_count() == 3);
}

TEST_CASE_TEMPLATE("a chain of redirects is remembered", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(301).header("Location", "b"));
  server.enqueue(MockResponse().code(302).header("Location", "../c?q=1"));
  server.enqueue(MockResponse().code(307).header("Location", "//127.0.0.1:" + std::to_string(server.port()) + "/d"));
  server.enqueue(MockResponse().body("end"));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/x/a").to_string())).execute();
  CHECK(response.body().string() == "end");
  CHECK(server.take_request().target() == "/x/a");
  CHECK(server.take_request().target() == "/x/b");
  CHECK(server.take_request().target() == "/c?q=1");
  const RecordedRequest last = server.take_request();
  CHECK(last.target() == "/d");
  CHECK(last.connection_index() == 0);
  std::vector<int> codes;
  for (const Response* prior = response.prior_response(); prior != nullptr; prior = prior->prior_response())
    codes.push_back(prior->code());
  CHECK(codes == std::vector<int>{307, 302, 301});
}

TEST_CASE_TEMPLATE("a fragment survives a redirect that has none", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().code(302).header("Location", "/to"));
  server.enqueue(MockResponse());
  Response kept = client.new_call(get_request(server.url("/from#part").to_string())).execute();
  CHECK(kept.request().url().fragment() == "part");
  server.enqueue(MockResponse().code(302).header("Location", "/to#other"));
  server.enqueue(MockResponse());
  Response replaced = client.new_call(get_request(server.url("/from#part").to_string())).execute();
  CHECK(replaced.request().url().fragment() == "other");
}

TEST_CASE_TEMPLATE("headers of the user go along, those of the client are made anew", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/to"));
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  const Request request = with_method(server, "POST")
                              .new_builder()
                              .header("Authorization", "secret")
                              .header("Cookie", "a=b")
                              .header("Proxy-Authorization", "other secret")
                              .header("X-Mine", "1")
                              .tag<int>(7)
                              .build();
  Response response = client.new_call(request).execute();
  server.take_request();
  const RecordedRequest second = server.take_request();
  // The same origin may see everything.
  CHECK(second.header("Authorization") == "secret");
  CHECK(second.header("Cookie") == "a=b");
  CHECK(second.header("Proxy-Authorization") == "other secret");
  CHECK(second.header("X-Mine") == "1");
  CHECK(second.headers().values("Host").size() == 1);
  CHECK(second.headers().values("User-Agent").size() == 1);
  CHECK(*response.request().template tag<int>() == 7);
}

TEST_CASE_TEMPLATE("credentials do not leave their origin", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  MockWebServer other;
  auto client = D::builder()
                    .dns([](std::string_view) {
                      return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                    })
                    .build();
  const std::vector<std::string> targets = {
      other.url("/to").to_string(),                                             // another port
      "http://elsewhere.example:" + std::to_string(server.port()) + "/to",      // another host
  };
  for (const std::string& target : targets) {
    CAPTURE(target);
    server.clear_queue();
    server.enqueue(MockResponse().code(307).header("Location", target));
    MockWebServer& second = contains(target, "elsewhere") ? server : other;
    second.enqueue(MockResponse());
    const Request request = Request::Builder()
                                .url(server.url("/from"))
                                .header("authorization", "secret")
                                .header("Cookie", "a=b")
                                .header("Proxy-Authorization", "other secret")
                                .header("X-Mine", "1")
                                .build();
    Response response = client.new_call(request).execute();
    CHECK(response.code() == 200);
    CHECK(server.take_request().header("Authorization") == "secret");
    const RecordedRequest redirected = second.take_request();
    CHECK_FALSE(redirected.header("Authorization"));
    CHECK_FALSE(redirected.header("Cookie"));
    CHECK_FALSE(redirected.header("Proxy-Authorization"));
    CHECK(redirected.header("X-Mine") == "1");
    CHECK_FALSE(response.request().header("Authorization"));
  }
}

TEST_CASE_TEMPLATE("credentials that were left behind do not come back", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  MockWebServer other;
  server.enqueue(MockResponse().code(302).header("Location", other.url("/").to_string()));
  other.enqueue(MockResponse().code(302).header("Location", server.url("/back").to_string()));
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  client.new_call(Request::Builder().url(server.url("/")).header("Authorization", "secret").build()).execute();
  CHECK(server.take_request().header("Authorization") == "secret");
  CHECK_FALSE(server.take_request().header("Authorization"));
}

TEST_CASE_TEMPLATE("20 follow-ups are followed, 21 are too many", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const int redirects : {20, 21}) {
    CAPTURE(redirects);
    server.clear_queue();
    for (int i = 0; i < redirects; ++i)
      server.enqueue(MockResponse().code(302).header("Location", "/" + std::to_string(i)));
    server.enqueue(MockResponse().body("reached"));
    Result<Response> response = client.new_call(get_request(server.url("/start?secret=1").to_string())).try_execute();
    if (redirects == 20) {
      REQUIRE(response);
      CHECK(response->body().string() == "reached");
      CHECK(server.request_count() == 21);
    } else {
      REQUIRE_FALSE(response);
      CHECK(response.error() == Errc::too_many_follow_ups);
      CHECK(contains(response.error().message(), "more than 20 follow-ups"));
      CHECK(contains(response.error().message(), local_peer(server.port())));
      CHECK(server.request_count() == 42);
    }
  }
}

TEST_CASE_TEMPLATE("the number of follow-ups can be set", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().code(302).header("Location", "/on"); });
  auto none = D::builder().max_follow_ups(0).build();
  Result<Response> response = none.new_call(get_request(server.url("/").to_string())).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::too_many_follow_ups);
  CHECK(server.request_count() == 1);
}

TEST_CASE_TEMPLATE("redirects are responses when they are not to be followed", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/to").body("moved"));
  auto client = D::builder().follow_redirects(false).build();
  CHECK_FALSE(client.follow_redirects());
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.code() == 302);
  CHECK(response.is_redirect());
  CHECK(response.body().string() == "moved");
}

TEST_CASE_TEMPLATE("a redirect that leads nowhere is the response", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const std::string location : {"ftp://127.0.0.1/file", "http://", "http://bad host/", "mailto:me@here"}) {
    CAPTURE(location);
    server.enqueue(MockResponse().code(302).header("Location", location).body("moved"));
    Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    CHECK(response.code() == 302);
    CHECK(response.body().string() == "moved");
  }
  server.enqueue(MockResponse().code(302).body("no location"));
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "no location");
}

TEST_CASE_TEMPLATE("a body that can be sent once is not redirected", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const auto once = [] {
    return RequestBody::from_reader([sent = false](std::span<std::byte> into) mutable -> std::size_t {
      if (std::exchange(sent, true)) return 0;
      into[0] = std::byte{'x'};
      return 1;
    });
  };
  server.enqueue(MockResponse().code(307).header("Location", "/to").body("moved"));
  Response kept = client.new_call(Request::Builder().url(server.url("/")).post(once()).build()).execute();
  CHECK(kept.code() == 307);
  CHECK(kept.body().string() == "moved");
  // A redirect that drops the body may be followed.
  server.enqueue(MockResponse().code(303).header("Location", "/to"));
  server.enqueue(MockResponse().body("there"));
  Response dropped = client.new_call(Request::Builder().url(server.url("/")).post(once()).build()).execute();
  CHECK(dropped.body().string() == "there");
}

TEST_CASE_TEMPLATE("redirects lead from http to https and back unless that is forbidden", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer plain;
  MockWebServer secure;
  secure.use_https(okhttp::HeldCertificate::localhost());
  auto client = D::builder().trusted_certificates(secure.client_trust()).build();
  plain.enqueue(MockResponse().code(302).header("Location", secure.url("/there").to_string()));
  secure.enqueue(MockResponse().code(302).header("Location", plain.url("/back").to_string()));
  plain.enqueue(MockResponse().body("done"));
  const Request request =
      Request::Builder().url(plain.url("/")).header("Authorization", "secret").build();
  Response response = client.new_call(request).execute();
  CHECK(response.body().string() == "done");
  CHECK(response.request().url().scheme() == "http");
  CHECK_FALSE(secure.take_request().header("Authorization"));

  auto strict = client.new_builder().follow_ssl_redirects(false).build();
  plain.enqueue(MockResponse().code(302).header("Location", secure.url("/there").to_string()));
  CHECK(strict.new_call(get_request(plain.url("/").to_string())).execute().code() == 302);
  secure.enqueue(MockResponse().code(302).header("Location", plain.url("/back").to_string()));
  CHECK(strict.new_call(get_request(secure.url("/").to_string())).execute().code() == 302);
}

TEST_CASE_TEMPLATE("408 is repeated once, if that may be done", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  auto without = client.new_builder().retry_on_connection_failure(false).build();
  const Request get = get_request(server.url("/").to_string());
  const auto count_of = [&server](auto& using_client, const Request& request) {
    const std::size_t before = server.request_count();
    const int code = using_client.new_call(request).execute().code();
    server.clear_queue();
    return std::pair(code, server.request_count() - before);
  };
  using Outcome = std::pair<int, std::size_t>;

  server.enqueue(MockResponse().code(408));
  server.enqueue(MockResponse());
  CHECK(count_of(client, get) == Outcome(200, 2));
  server.enqueue(MockResponse().code(408));
  server.enqueue(MockResponse().code(408));
  server.enqueue(MockResponse());
  CHECK(count_of(client, get) == Outcome(408, 2));
  server.enqueue(MockResponse().code(408).header("Retry-After", "0"));
  server.enqueue(MockResponse());
  CHECK(count_of(client, get) == Outcome(200, 2));
  server.enqueue(MockResponse().code(408).header("Retry-After", "1"));
  CHECK(count_of(client, get) == Outcome(408, 1));
  server.enqueue(MockResponse().code(408).header("Retry-After", "Wed, 21 Oct 2105 07:28:00 GMT"));
  CHECK(count_of(client, get) == Outcome(408, 1));
  server.enqueue(MockResponse().code(408));
  CHECK(count_of(without, get) == Outcome(408, 1));
  server.enqueue(MockResponse().code(408));
  server.enqueue(MockResponse());
  CHECK(count_of(client, with_method(server, "POST")) == Outcome(200, 2));
  server.enqueue(MockResponse().code(408));
  const Request once = Request::Builder()
                           .url(server.url("/"))
                           .post(RequestBody::from_reader([](std::span<std::byte>) { return std::size_t{0}; }))
                           .build();
  CHECK(count_of(client, once) == Outcome(408, 1));
}

TEST_CASE_TEMPLATE("503 is repeated once, if the server says at once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Request get = get_request(server.url("/").to_string());
  server.enqueue(MockResponse().code(503));
  CHECK(client.new_call(get).execute().code() == 503);
  server.enqueue(MockResponse().code(503).header("Retry-After", "1"));
  CHECK(client.new_call(get).execute().code() == 503);
  server.enqueue(MockResponse().code(503).header("Retry-After", "0"));
  server.enqueue(MockResponse().body("up again"));
  CHECK(client.new_call(get).execute().body().string() == "up again");
  server.enqueue(MockResponse().code(503).header("Retry-After", "0"));
  server.enqueue(MockResponse().code(503).header("Retry-After", "0"));
  server.enqueue(MockResponse());
  Response twice = client.new_call(get).execute();
  CHECK(twice.code() == 503);
  REQUIRE(twice.prior_response() != nullptr);
  CHECK(twice.prior_response()->code() == 503);
}

}  // TEST_SUITE

}  // namespace redirect_test
