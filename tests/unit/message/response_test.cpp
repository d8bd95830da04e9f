// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/response.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../support/fake_body_source.hpp"

namespace response_test {

using namespace std::chrono_literals;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Protocol;
using okhttp::Request;
using okhttp::Response;
using okhttp::ResponseBody;
using okhttp::Result;

namespace {

Request request_to(std::string_view url) { return Request::Builder().url(url).build(); }

Response::Builder answer(int code = 200) {
  Response::Builder builder;
  builder.request(request_to("http://example.com/")).protocol(Protocol::http_1_1).code(code);
  return builder;
}

}  // namespace

TEST_SUITE("message/response") {
  TEST_CASE("holds what it was built from") {
    const Response response = answer(404)
                                  .message("Not Found")
                                  .header("A", "1")
                                  .add_header("a", "2")
                                  .body(ResponseBody::of("text", "text/plain"))
                                  .build();
    CHECK(response.request().url().host() == "example.com");
    CHECK(response.protocol() == Protocol::http_1_1);
    CHECK(response.code() == 404);
    CHECK(response.message() == "Not Found");
    CHECK(response.header("a") == "2");
    CHECK(response.header("a", "x") == "2");
    CHECK(response.header("b", "x") == "x");
    CHECK_FALSE(response.header("b"));
    CHECK(response.headers("A") == std::vector<std::string_view>{"1", "2"});
    CHECK(response.headers() == Headers::of({{"A", "1"}, {"a", "2"}}));
    CHECK(response.body().string() == "text");
    CHECK(response.network_response() == nullptr);
    CHECK(response.cache_response() == nullptr);
    CHECK(response.prior_response() == nullptr);
    CHECK(answer().build().message().empty());
    CHECK(answer().build().body().string().empty());
  }

  TEST_CASE("needs a request, a protocol and a code") {
    const auto fault = [](const Response::Builder& builder) {
      const Result<Response> result = builder.try_build();
      return result ? std::string() : result.error().message();
    };
    const Request request = request_to("http://a/");
    CHECK(fault(Response::Builder()) == "a response needs a request");
    CHECK(fault(Response::Builder().protocol(Protocol::h2).code(200)) ==
          "a response needs a request");
    CHECK(fault(Response::Builder().request(request).code(200)) == "a response needs a protocol");
    CHECK(fault(Response::Builder().request(request).protocol(Protocol::h2)) ==
          "a response needs a code");
    CHECK_THROWS_AS((void)Response::Builder().build(), okhttp::Exception);
  }

  TEST_CASE("keeps the first fault") {
    for (const int code : {-1, 0, 99, 1000})
      CHECK(answer().code(code).try_build().error() == Errc::invalid_argument);
    CHECK(answer(100).build().code() == 100);
    CHECK(answer(999).build().code() == 999);
    const Result<Response> result =
        answer().header("bad name", "x").code(5).header("A", "1").try_build();
    REQUIRE_FALSE(result);
    CHECK(result.error().message().find("header name") != std::string::npos);
  }

  TEST_CASE("tells success and redirects by the code") {
    for (int code = 100; code < 600; ++code) {
      const Response response = answer(code).build();
      CHECK(response.is_successful() == (code / 100 == 2));
      const bool is_redirect = (code >= 300 && code <= 303) || code == 307 || code == 308;
      CHECK(response.is_redirect() == is_redirect);
    }
  }

  TEST_CASE("copies share one record, a temporary gives values") {
    const Response response = answer().header("A", "1").body(ResponseBody::of("x")).build();
    const Response copy = response;  // NOLINT: the copy is the point
    CHECK(&copy.headers() == &response.headers());
    static_assert(sizeof(Response) == 2 * sizeof(void*));
    static_assert(std::is_same_v<decltype(Response(copy).header("A")), std::optional<std::string>>);
    static_assert(std::is_same_v<decltype(Response(copy).header("A", "b")), std::string>);
    static_assert(std::is_same_v<decltype(Response(copy).headers()), Headers>);
    static_assert(std::is_same_v<decltype(Response(copy).message()), std::string>);
    static_assert(std::is_same_v<decltype(Response(copy).body()), ResponseBody>);
    static_assert(std::is_same_v<decltype(Response(copy).request()), Request>);
    static_assert(
        std::is_same_v<decltype(Response(copy).prior_response()), std::optional<Response>>);
    std::string names;
    for (auto [name, value] : Response(copy).headers()) names += name;
    CHECK(names == "A");
    CHECK(Response(copy).header("A") == "1");
    CHECK(Response(copy).header("B", "2") == "2");
    CHECK(Response(copy).headers("A") == std::vector<std::string>{"1"});
    CHECK(Response(copy).body().string() == "x");
    CHECK(copy.body().try_string().error() == Errc::misuse);
  }

  TEST_CASE("a new builder leaves the response as it is and shares its body") {
    const Response first = answer().header("A", "1").body(ResponseBody::of("x")).build();
    const Response second = first.new_builder().code(201).header("A", "2").build();
    CHECK(first.code() == 200);
    CHECK(first.header("A") == "1");
    CHECK(second.code() == 201);
    CHECK(second.header("A") == "2");
    CHECK(second.body().string() == "x");
    CHECK(first.body().try_string().error() == Errc::misuse);
  }

  TEST_CASE("a builder from the only copy changes it in place") {
    Response response = answer().header("A", "1").build();
    const Headers* const headers = &response.headers();
    response = std::move(response).new_builder().request(request_to("http://b/")).build();
    CHECK(&response.headers() == headers);
    const Response copy = response;
    const Response changed = std::move(response).new_builder().code(500).build();
    CHECK(&changed.headers() != headers);
    CHECK(copy.code() == 200);
  }

  TEST_CASE("the network response keeps what the network gave, and costs nothing before") {
    const Request sent = request_to("http://example.com/sent");
    Response response = answer(203)
                            .request(sent)
                            .message("Fine")
                            .header("Content-Type", "text/plain")
                            .header("Content-Length", "4")
                            .sent_request_at(Response::Clock::time_point(1s))
                            .body(ResponseBody::of("text"))
                            .from_network()
                            .build();
    const Headers* const headers = &response.headers();
    response = std::move(response).new_builder().request(request_to("http://example.com/")).build();
    CHECK(&response.headers() == headers);

    const Response* const network = response.network_response();
    REQUIRE(network != nullptr);
    CHECK(network == response.network_response());
    CHECK(network->request().url() == sent.url());
    CHECK(response.request().url() != sent.url());
    CHECK(network->code() == 203);
    CHECK(network->message() == "Fine");
    CHECK(network->headers() == response.headers());
    CHECK(network->sent_request_at() == response.sent_request_at());
    CHECK(network->body().content_length() == 4);
    CHECK(network->body().content_type_text() == "text/plain");
    CHECK(network->body().try_string().error() == Errc::misuse);
    CHECK(network->network_response() == nullptr);
    CHECK(response.body().string() == "text");

    const Response changed =
        response.new_builder().code(500).remove_header("Content-Length").build();
    CHECK(changed.network_response()->code() == 203);
    CHECK(changed.network_response()->header("Content-Length") == "4");
    CHECK(changed.network_response()->request().url() == sent.url());
    const Response again = changed.new_builder().from_network().build();
    CHECK(again.network_response()->code() == 500);
    CHECK(Response(again).network_response()->code() == 500);
    CHECK_FALSE(again.new_builder().network_response(std::nullopt).build().network_response());
  }

  TEST_CASE("several threads that ask first get one network response") {
    for (int round = 0; round < 50; ++round) {
      const Response response = answer().from_network().build();
      const Response* seen[4] = {};
      std::vector<std::thread> threads;
      for (const Response*& mine : seen)
        threads.emplace_back([&] { mine = response.network_response(); });
      for (std::thread& thread : threads) thread.join();
      for (const Response* mine : seen) CHECK(mine == response.network_response());
    }
  }

  TEST_CASE("prior, cache and network responses lose their bodies") {
    auto source = std::make_unique<FakeBodySource>("text");
    const auto record = source->record();
    Response::Builder builder = answer(302).header("Content-Length", "4");
    Response prior = builder.body(ResponseBody(std::move(source))).build();
    builder = {};
    const Response cached = answer(304).build();
    const Response response = answer()
                                  .prior_response(std::move(prior))
                                  .cache_response(cached)
                                  .network_response(cached)
                                  .build();
    CHECK(record->is_destroyed);
    REQUIRE(response.prior_response() != nullptr);
    CHECK(response.prior_response()->code() == 302);
    CHECK(response.prior_response()->body().content_length() == 4);
    CHECK(response.prior_response()->body().try_string().error() == Errc::misuse);
    CHECK(response.cache_response()->code() == 304);
    CHECK(response.network_response()->code() == 304);
    CHECK(Response(response).prior_response()->code() == 302);
    CHECK(Response(response).cache_response()->code() == 304);
    CHECK(cached.body().string().empty());
    CHECK_FALSE(response.new_builder().prior_response(std::nullopt).build().prior_response());
  }

  TEST_CASE("measures from the request to the response") {
    const Response::Clock::time_point start(100s);
    const Response response =
        answer().sent_request_at(start).received_response_at(start + 20ms).build();
    CHECK(response.sent_request_at() == start);
    CHECK(response.received_response_at() - start == 20ms);
    CHECK(response.duration() == 20ms);
    // The clock was set back in between.
    CHECK(answer().sent_request_at(start).build().duration() == 0s);
  }

  TEST_CASE("peeks, closes and shows trailers through its body") {
    auto source = std::make_unique<FakeBodySource>("h\xE9llo", 1);
    source->with_trailers(Headers::of({{"A", "1"}}));
    const Response response =
        answer().body(ResponseBody(std::move(source), "text/plain; charset=latin1")).build();
    CHECK(response.peek_body(2).string() == "h\xC3\xA9");
    CHECK(response.peek_body(SIZE_MAX).content_length() == 5);
    okhttp::Task<ResponseBody> task = response.async_peek_body(1);
    task.start();
    CHECK(task.take_result()->string() == "h");
    CHECK(response.try_trailers().error() == Errc::misuse);
    CHECK(response.body().string() == "h\xC3\xA9llo");
    CHECK(response.trailers().get("A") == "1");
    response.close();
    CHECK(response.try_peek_body(1).error() == Errc::misuse);
  }

  TEST_CASE("to_string shows no secret") {
    const Response response = Response::Builder()
                                  .request(request_to("https://user:secret@a/b?token=secret"))
                                  .protocol(Protocol::h2)
                                  .code(200)
                                  .header("Set-Cookie", "secret")
                                  .build();
    CHECK(response.to_string().find("secret") == std::string::npos);
    CHECK(response.to_string().starts_with("h2 200 https://a/b?"));
    CHECK(answer(404).message("Not Found").build().to_string() ==
          "http/1.1 404 Not Found http://example.com/\n");
  }
}

}  // namespace response_test
