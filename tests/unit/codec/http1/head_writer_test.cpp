// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/head_writer.hpp>

#include <doctest/doctest.h>

#include <okhttp/codec/http1/head_reader.hpp>

#include <string>
#include <string_view>

namespace head_writer_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::Protocol;
using namespace okhttp::http1;

TEST_SUITE("codec/http1/head_writer") {
  TEST_CASE("a request head is written as it goes over the wire") {
    std::string out = "before";
    write_request_head(out, "GET", "/a?b", Headers::of({{"Host", "x"}, {"Accept", "*/*"}}));
    CHECK(out ==
          "beforeGET /a?b HTTP/1.1\r\n"
          "Host: x\r\n"
          "Accept: */*\r\n"
          "\r\n");
  }

  TEST_CASE("a response head is written as it goes over the wire") {
    std::string out;
    write_response_head(out, Protocol::http_1_1, 200, "OK", Headers::of({{"A", "b"}}));
    write_response_head(out, Protocol::http_1_0, 599, "", {});
    CHECK(out ==
          "HTTP/1.1 200 OK\r\n"
          "A: b\r\n"
          "\r\n"
          "HTTP/1.0 599 \r\n"
          "\r\n");
  }

  TEST_CASE("what was written can be read, and written again") {
    const Headers headers = Headers::of({{"Host", "x"}, {"Empty", ""}, {"a", "b c"}, {"A", "d"}});
    std::string wire;
    write_request_head(wire, "PATCH", "/p", headers);
    RequestHeadReader request_reader;
    REQUIRE(request_reader.feed(wire).has_value());
    const RequestHead request = request_reader.take();
    CHECK(request.method == "PATCH");
    CHECK(request.target == "/p");
    CHECK(request.headers == headers);
    std::string again;
    write_request_head(again, request.method, request.target, request.headers);
    CHECK(again == wire);

    wire.clear();
    write_response_head(wire, Protocol::http_1_0, 404, "Not Found", headers);
    ResponseHeadReader response_reader;
    REQUIRE(response_reader.feed(wire).has_value());
    const ResponseHead response = response_reader.take();
    CHECK(response.protocol == Protocol::http_1_0);
    CHECK(response.code == 404);
    CHECK(response.reason == "Not Found");
    CHECK(response.headers == headers);
  }

  TEST_CASE("a method must be a token") {
    CHECK(check_method("GET").has_value());
    CHECK(check_method("M-SEARCH").has_value());
    for (const std::string_view bad : {"", "GET ", " GET", "G T", "GET\r\n", "GET\n", "G:T", "G/T"})
      CHECK(check_method(bad).error() == Errc::invalid_argument);
    CHECK_FALSE(check_method(std::string_view("GET\0", 4)).has_value());
    CHECK_FALSE(check_method("G\xc3\x89T").has_value());
  }

  TEST_CASE("no byte that could end or split a line passes in a target") {
    CHECK(check_target("/a?b={c}").has_value());
    CHECK(check_target("*").has_value());
    CHECK_FALSE(check_target("").has_value());
    for (int c = 0; c < 256; ++c) {
      CAPTURE(c);
      const std::string target = std::string("/secret") + static_cast<char>(c);
      const auto checked = check_target(target);
      CHECK(checked.has_value() == (c > 0x20 && c < 0x7F));
      if (!checked) CHECK(checked.error().message().find("secret") == std::string::npos);
    }
  }

  TEST_CASE("a reason phrase has no control bytes") {
    CHECK(check_reason("").has_value());
    CHECK(check_reason("Not\tFound \xe9").has_value());
    for (const std::string_view bad : {"a\r\nB: c", "a\n", "\r", "\x7f", "\x01"})
      CHECK_FALSE(check_reason(bad).has_value());
    CHECK_FALSE(check_reason(std::string_view("\0", 1)).has_value());
  }
}

}  // namespace head_writer_test
