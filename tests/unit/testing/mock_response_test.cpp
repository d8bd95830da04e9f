// SPDX-License-Identifier: Apache-2.0
#include <okhttp/testing/mock_response.hpp>

#include <doctest/doctest.h>

#include <cstring>

namespace mock_response_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::MockResponse;

TEST_SUITE("testing/mock_response") {
  TEST_CASE("starts as 200 OK without a body") {
    const MockResponse response;
    CHECK(response.code() == 200);
    CHECK(response.status() == "HTTP/1.1 200 OK");
    CHECK(response.headers().empty());
    CHECK_FALSE(response.plan().has_body());
    CHECK(response.fault() == nullptr);
  }

  TEST_CASE("the reason phrase follows the class of the code until it is set") {
    CHECK(MockResponse().code(103).status() == "HTTP/1.1 103 Informational");
    CHECK(MockResponse().code(204).status() == "HTTP/1.1 204 OK");
    CHECK(MockResponse().code(301).status() == "HTTP/1.1 301 Redirection");
    CHECK(MockResponse().code(404).status() == "HTTP/1.1 404 Client Error");
    CHECK(MockResponse().code(500).status() == "HTTP/1.1 500 Server Error");
    CHECK(MockResponse().code(700).status() == "HTTP/1.1 700 Mock Response");
    CHECK(MockResponse().message("Nope").code(404).status() == "HTTP/1.1 404 Nope");
    CHECK(MockResponse().message("").status() == "HTTP/1.1 200 ");
  }

  TEST_CASE("a status line is sent as it is and gives the code") {
    const MockResponse response = MockResponse().status("HTTP/1.0 404 Not Here");
    CHECK(response.status() == "HTTP/1.0 404 Not Here");
    CHECK(response.code() == 404);
    CHECK(MockResponse().status("garbage").code() == 200);
  }

  TEST_CASE("headers are set, added, removed and replaced") {
    MockResponse response;
    response.header("A", "1").add_header("a", "2").add_header("B", "3");
    CHECK(response.headers() == Headers::of({{"A", "1"}, {"a", "2"}, {"B", "3"}}));
    response.header("A", "4");
    CHECK(response.headers() == Headers::of({{"B", "3"}, {"A", "4"}}));
    response.remove_header("b");
    CHECK(response.headers() == Headers::of({{"A", "4"}}));
    response.headers(Headers::of({{"C", "5"}}));
    CHECK(response.headers() == Headers::of({{"C", "5"}}));
  }

  TEST_CASE("a copy is independent of its original") {
    const MockResponse base = MockResponse().header("A", "1").body("text");
    const MockResponse other = MockResponse(base).header("A", "2").body("other");
    CHECK(base.headers().get("A") == "1");
    CHECK(*base.plan().text == "text");
    CHECK(*other.plan().text == "other");
  }

  TEST_CASE("keeps the first thing that cannot be sent as its fault") {
    CHECK(MockResponse().header("bad name", "x").fault()->code() == Errc::invalid_argument);
    CHECK(MockResponse().header("A", "x\r\nB: y").fault() != nullptr);
    CHECK(MockResponse().header("A", "x\r\nB: y").headers().empty());
    CHECK(MockResponse().code(99).fault() != nullptr);
    CHECK(MockResponse().code(1000).fault() != nullptr);
    CHECK(MockResponse().message("a\nb").fault() != nullptr);
    CHECK(MockResponse().status("HTTP/1.1 200 OK\r\nA: b").fault() != nullptr);
    CHECK(MockResponse().status("").fault() != nullptr);
    CHECK(MockResponse().chunked_body("text", 0).fault() != nullptr);
    CHECK(MockResponse().throttle_body(0, std::chrono::seconds(1)).fault() != nullptr);
    CHECK(MockResponse().body_repeated("", 1).fault() != nullptr);
    CHECK(MockResponse().body_from(nullptr).fault() != nullptr);
    CHECK(MockResponse().informational(200).fault() != nullptr);
    CHECK(MockResponse().trailers(Headers::of({{"Content-Length", "1"}})).fault() != nullptr);
    const MockResponse twice = MockResponse().code(5).header("bad name", "x");
    CHECK(twice.fault()->message() == "mock response: the code has not three digits: 5");
  }

  TEST_CASE("a header may have bytes above ASCII") {
    CHECK(MockResponse().header("A", "caf\xC3\xA9").fault() == nullptr);
  }

  TEST_CASE("a repeated pattern takes the memory of a block, not of the body") {
    const MockResponse response =
        MockResponse().body_repeated("0123456789", std::uint64_t{1} << 40);
    CHECK(response.plan().size == std::uint64_t{1} << 40);
    CHECK(response.plan().text->size() < 128 * 1024);
    CHECK(response.plan().text->size() % 10 == 0);
    CHECK(MockResponse().body_repeated("ab", 0).plan().has_body() == false);
  }

  TEST_CASE("a body of bytes and a body of text are the same") {
    std::byte bytes[3];
    std::memcpy(bytes, "a\0b", 3);
    CHECK(*MockResponse().body(bytes).plan().text == std::string("a\0b", 3));
  }
}

}  // namespace mock_response_test
