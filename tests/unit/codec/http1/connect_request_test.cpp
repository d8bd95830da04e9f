// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/connect_request.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace connect_request_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Headers;
using okhttp::Protocol;
using okhttp::Result;
using okhttp::http1::connect_answer;
using okhttp::http1::connect_headers;
using okhttp::http1::connect_refused;
using okhttp::http1::connect_request;
using okhttp::http1::connect_target;
using okhttp::http1::ConnectAnswer;
using okhttp::http1::RequestHead;
using okhttp::http1::RequestHeadReader;
using okhttp::http1::ResponseHead;

namespace {

constexpr std::string_view proxy = "http://proxy:3128";
constexpr std::string_view target = "example.com:443";

ResponseHead head(int code,
                  std::initializer_list<std::pair<std::string_view, std::string_view>> headers = {},
                  Protocol protocol = Protocol::http_1_1) {
  return {protocol, code, "", Headers::of(headers)};
}

ConnectAnswer answer(const ResponseHead& response) {
  return connect_answer(response, proxy, target).value();
}

}  // namespace

TEST_SUITE("codec/http1/connect_request") {
  TEST_CASE("the target always has a port") {
    CHECK(connect_target("example.com", 443) == "example.com:443");
    CHECK(connect_target("example.com", 80) == "example.com:80");
    CHECK(connect_target("127.0.0.1", 8443) == "127.0.0.1:8443");
    CHECK(connect_target("::1", 443) == "[::1]:443");
  }

  TEST_CASE("the request is what OkHttp sends") {
    CHECK(connect_request("example.com", 443, "okhttp-cpp/1").value() ==
          "CONNECT example.com:443 HTTP/1.1\r\n"
          "Host: example.com:443\r\n"
          "Proxy-Connection: Keep-Alive\r\n"
          "User-Agent: okhttp-cpp/1\r\n"
          "\r\n");
    CHECK(connect_request("2001:db8::1", 8443, "okhttp-cpp/1", "Basic QWxhZGRpbg==").value() ==
          "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"
          "Host: [2001:db8::1]:8443\r\n"
          "Proxy-Connection: Keep-Alive\r\n"
          "User-Agent: okhttp-cpp/1\r\n"
          "Proxy-Authorization: Basic QWxhZGRpbg==\r\n"
          "\r\n");
    CHECK(connect_request("[::1]", 1, "").value() ==
          "CONNECT [::1]:1 HTTP/1.1\r\n"
          "Host: [::1]:1\r\n"
          "Proxy-Connection: Keep-Alive\r\n"
          "\r\n");
  }

  TEST_CASE("a server reads the request") {
    RequestHeadReader reader;
    const std::string wire = connect_request("example.com", 443, "a", "Bearer b").value();
    CHECK(reader.feed(wire).value() == wire.size());
    REQUIRE(reader.done());
    const RequestHead request = reader.take();
    CHECK(request.method == "CONNECT");
    CHECK(request.target == "example.com:443");
    CHECK(request.headers == connect_headers("example.com", 443, "a", "Bearer b").value());
  }

  TEST_CASE("headers of an authenticator are sent as they are") {
    CHECK(connect_request("example.com", 443, Headers::of({{"Host", "h"}, {"X", "y"}})).value() ==
          "CONNECT example.com:443 HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n");
  }

  TEST_CASE("what cannot be sent is refused, and secrets are not shown") {
    for (const std::string_view host :
         {"", "a b", "a\r\nX: y", "a/b", "a:80", "[::1", "user@host", "%0d%0aX"}) {
      CAPTURE(host);
      CHECK(connect_headers(host, 443, "a").error() == Errc::bad_url);
      CHECK(connect_request(host, 443, "a").error() == Errc::bad_url);
      CHECK(connect_request(host, 443, Headers()).error() == Errc::bad_url);
    }
    for (const std::string_view value : {"Basic xyzzy\r\nX: y", "xyzzy\n", "Basic \x01xyzzy"}) {
      const Result<std::string> result = connect_request("example.com", 443, "a", value);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::invalid_argument);
      CHECK(result.error().message().find("Proxy-Authorization") != std::string::npos);
      CHECK(result.error().message().find("xyzzy") == std::string::npos);
    }
    CHECK(connect_request("example.com", 443, "a\nb").error() == Errc::invalid_argument);
  }

  TEST_CASE("2xx is a tunnel, whatever its headers say") {
    for (const int code : {200, 201, 204, 205, 299}) {
      CAPTURE(code);
      CHECK(answer(head(code)) == ConnectAnswer::tunnel);
      CHECK(answer(head(code, {{"Content-Length", "5"}, {"Connection", "close"}})) ==
            ConnectAnswer::tunnel);
      CHECK(answer(head(code, {}, Protocol::http_1_0)) == ConnectAnswer::tunnel);
    }
  }

  TEST_CASE("1xx comes before the answer") {
    for (const int code : {100, 102, 103, 199}) CHECK(answer(head(code)) == ConnectAnswer::interim);
  }

  TEST_CASE("407 asks for credentials, here or on a new connection") {
    CHECK(answer(head(407, {{"Content-Length", "0"}})) == ConnectAnswer::authenticate);
    CHECK(answer(head(407, {{"Content-Length", "120"}})) == ConnectAnswer::authenticate);
    CHECK(answer(head(407, {{"Transfer-Encoding", "chunked"}})) == ConnectAnswer::authenticate);
    CHECK(answer(head(407, {{"Content-Length", "0"}, {"Proxy-Connection", "keep-alive"}})) ==
          ConnectAnswer::authenticate);
    CHECK(answer(head(407, {{"Content-Length", "0"}, {"Connection", "keep-alive"}},
                      Protocol::http_1_0)) == ConnectAnswer::authenticate);

    CHECK(answer(head(407, {{"Content-Length", "0"}, {"Connection", "close"}})) ==
          ConnectAnswer::reconnect);
    CHECK(answer(head(407, {{"Content-Length", "0"}, {"Connection", "x, Close"}})) ==
          ConnectAnswer::reconnect);
    CHECK(answer(head(407, {{"Content-Length", "0"}, {"Proxy-Connection", "Close"}})) ==
          ConnectAnswer::reconnect);
    CHECK(answer(head(407, {{"Content-Length", "0"}}, Protocol::http_1_0)) ==
          ConnectAnswer::reconnect);
    // A body that only the end of the connection ends.
    CHECK(answer(head(407)) == ConnectAnswer::reconnect);
    CHECK(answer(head(407, {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}})) ==
          ConnectAnswer::reconnect);
  }

  TEST_CASE("a 407 with damaged framing is a protocol error") {
    CHECK(connect_answer(head(407, {{"Content-Length", "x"}}), proxy, target).error() ==
          Errc::protocol_error);
  }

  TEST_CASE("101 is a protocol error") {
    const Result<ConnectAnswer> result = connect_answer(head(101), proxy, target);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == Errc::protocol_error);
    CHECK(result.error().message() ==
          "the proxy http://proxy:3128 answered CONNECT example.com:443 with 101");
  }

  TEST_CASE("any other code is a failure that names proxy and code") {
    for (const int code : {300, 302, 400, 401, 403, 404, 405, 408, 429, 500, 502, 503, 504, 999}) {
      CAPTURE(code);
      const Result<ConnectAnswer> result = connect_answer(head(code), proxy, target);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::connect_failed);
      CHECK(result.error().message() ==
            "the proxy http://proxy:3128 answered CONNECT example.com:443 with " +
                std::to_string(code));
    }
    ResponseHead response = head(503);
    response.reason = "Service\x1B Unavailable";
    CHECK(connect_answer(response, proxy, target).error().message() ==
          "the proxy http://proxy:3128 answered CONNECT example.com:443 with 503 "
          "'Service\\x1B Unavailable'");
  }

  TEST_CASE("a 407 that nobody can answer says so") {
    ResponseHead response = head(407);
    response.reason = "Proxy Authentication Required";
    const Error error = connect_refused(response, proxy, target);
    CHECK(error == Errc::proxy_authentication);
    CHECK(error.message() ==
          "failed to authenticate with the proxy http://proxy:3128: it answered CONNECT "
          "example.com:443 with 407 'Proxy Authentication Required'");
  }

  TEST_CASE("the number of attempts is OkHttp's") {
    CHECK(okhttp::http1::max_connect_attempts == 21);
  }
}

}  // namespace connect_request_test
