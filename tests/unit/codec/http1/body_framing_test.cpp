// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/body_framing.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace body_framing_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::Protocol;
using okhttp::Result;
using namespace okhttp::http1;
using Kind = BodyFraming::Kind;

namespace {

Result<BodyFraming> of_response(std::string_view method, std::string_view wire) {
  ResponseHeadReader reader;
  REQUIRE(reader.feed(std::string(wire) + "\r\n").has_value());
  REQUIRE(reader.done());
  return response_framing(method, reader.take());
}

Result<BodyFraming> of_request(std::string_view wire) {
  RequestHeadReader reader;
  REQUIRE(reader.feed(std::string(wire) + "\r\n").has_value());
  REQUIRE(reader.done());
  return request_framing(reader.take());
}

/// Both with these header lines.
void both_fail(std::string_view lines) {
  CAPTURE(lines);
  const auto response = of_response("GET", "HTTP/1.1 200 OK\r\n" + std::string(lines));
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error() == Errc::protocol_error);
  const auto request = of_request("POST / HTTP/1.1\r\n" + std::string(lines));
  REQUIRE_FALSE(request.has_value());
  CHECK(request.error() == Errc::protocol_error);
}

std::string shape(const Result<BodyFraming>& framing) {
  if (!framing) return "error";
  std::string text;
  switch (framing->kind) {
    case Kind::none:
      text = "none";
      break;
    case Kind::fixed:
      text = "fixed " + std::to_string(framing->length);
      break;
    case Kind::chunked:
      text = "chunked";
      break;
    case Kind::until_close:
      text = "until_close";
      break;
  }
  return framing->close_after ? text + ", close" : text;
}

}  // namespace

TEST_SUITE("codec/http1/body_framing") {
  TEST_CASE("a response body ends where its headers say") {
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")) == "fixed 5");
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")) == "none");
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n")) ==
          "chunked");
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\ntransfer-encoding: , chunked\r\n")) ==
          "chunked");
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\n")) == "until_close, close");
    CHECK(shape(of_response("GET", "HTTP/1.0 200 OK\r\nContent-Length: 007\r\n")) == "fixed 7");
    CHECK(shape(of_response("GET", "HTTP/1.1 404 x\r\nContent-Length: 9223372036854775807\r\n")) ==
          "fixed 9223372036854775807");
    CHECK(of_response("GET", "HTTP/1.1 200 OK\r\n")->of_response);
  }

  TEST_CASE("a request body ends where its headers say, and is absent without them") {
    CHECK(shape(of_request("POST / HTTP/1.1\r\nContent-Length: 5\r\n")) == "fixed 5");
    CHECK(shape(of_request("POST / HTTP/1.1\r\nContent-Length: 0\r\n")) == "none");
    CHECK(shape(of_request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n")) == "chunked");
    CHECK(shape(of_request("POST / HTTP/1.1\r\n")) == "none");
    CHECK(shape(of_request("GET / HTTP/1.0\r\nContent-Length: 5\r\n")) == "fixed 5");
    CHECK_FALSE(of_request("POST / HTTP/1.1\r\n")->of_response);
  }

  TEST_CASE("HEAD, 1xx, 204 and 304 have no body whatever their headers say") {
    for (const std::string_view lines : {"", "Content-Length: 5\r\n"}) {
      CAPTURE(lines);
      const std::string text(lines);
      CHECK(shape(of_response("HEAD", "HTTP/1.1 200 OK\r\n" + text)) == "none");
      CHECK(shape(of_response("GET", "HTTP/1.1 304 x\r\n" + text)) == "none");
      CHECK(shape(of_response("GET", "HTTP/1.1 100 x\r\n" + text)) == "none");
      CHECK(shape(of_response("GET", "HTTP/1.1 101 x\r\n" + text)) == "none");
      CHECK(shape(of_response("HEAD", "HTTP/1.1 204 x\r\n" + text)) == "none");
    }
    CHECK(shape(of_response("GET", "HTTP/1.1 204 x\r\n")) == "none");
    CHECK(shape(of_response("GET", "HTTP/1.1 204 x\r\nContent-Length: 0\r\n")) == "none");
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    CHECK(shape(of_response("HEAD", "HTTP/1.1 200 x\r\n" + chunked)) == "none");
    CHECK(shape(of_response("GET", "HTTP/1.1 304 x\r\n" + chunked)) == "none");
    CHECK(shape(of_response("GET", "HTTP/1.1 204 x\r\n" + chunked)) == "none, close");
    CHECK(shape(of_response("GET", "HTTP/1.1 103 x\r\n" + chunked)) == "none, close");
    CHECK(shape(of_response("head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")) == "fixed 5");
  }

  TEST_CASE("204 and 205 that announce bytes are errors") {
    CHECK(shape(of_response("GET", "HTTP/1.1 204 x\r\nContent-Length: 1\r\n")) == "error");
    CHECK(shape(of_response("GET", "HTTP/1.1 205 x\r\nContent-Length: 1\r\n")) == "error");
    CHECK(shape(of_response("GET", "HTTP/1.1 205 x\r\nContent-Length: 0\r\n")) == "none");
    CHECK(shape(of_response("GET", "HTTP/1.1 205 x\r\nTransfer-Encoding: chunked\r\n")) ==
          "chunked");
    CHECK(of_response("GET", "HTTP/1.1 204 x\r\nContent-Length: 1\r\n").error() ==
          Errc::protocol_error);
  }

  TEST_CASE("a successful CONNECT is a tunnel, its framing headers are ignored") {
    CHECK(shape(of_response("CONNECT", "HTTP/1.1 200 x\r\nContent-Length: 5\r\n")) == "none");
    CHECK(shape(of_response("CONNECT", "HTTP/1.1 299 x\r\nTransfer-Encoding: what\r\n")) == "none");
    CHECK(shape(of_response("CONNECT", "HTTP/1.1 407 x\r\nContent-Length: 5\r\n")) == "fixed 5");
    CHECK(shape(of_response("CONNECT", "HTTP/1.1 300 x\r\n")) == "until_close, close");
  }

  TEST_CASE("repeated equal lengths are one length") {
    CHECK(shape(of_request("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n")) ==
          "fixed 5");
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5 ,5\r\n")) == "fixed 5");
  }

  TEST_CASE("conflicting lengths are errors") {
    both_fail("Content-Length: 5\r\nContent-Length: 6\r\n");
    both_fail("Content-Length: 5\r\ncontent-length: 0\r\n");
    both_fail("Content-Length: 5, 6\r\n");
    both_fail("Content-Length: 5, 5\r\nContent-Length: 5, 7\r\n");
  }

  TEST_CASE("lengths that are no plain numbers are errors") {
    for (const std::string_view bad :
         {"", "+5", "-5", "5 5", "0x5", "5;", "5.0", "1e3", "five", "5,", ",5", "5,,5", "\xb5",
          "9223372036854775808", "18446744073709551616", "99999999999999999999999"}) {
      both_fail("Content-Length: " + std::string(bad) + "\r\n");
    }
  }

  TEST_CASE("Transfer-Encoding beside Content-Length wins, and the connection closes after it") {
    const std::string lines = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\n" + lines)) == "chunked, close");
    CHECK(shape(of_request("POST / HTTP/1.1\r\n" + lines)) == "chunked, close");
    const std::string turned = "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n";
    CHECK(shape(of_response("GET", "HTTP/1.1 200 OK\r\n" + turned)) == "chunked, close");
    CHECK(shape(of_request("POST / HTTP/1.1\r\n" + turned)) == "chunked, close");
    both_fail("Transfer-Encoding: chunked\r\nContent-Length: x\r\n");
    both_fail("Transfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 2\r\n");
  }

  TEST_CASE("Transfer-Encoding in HTTP/1.0 is faulty") {
    CHECK(shape(of_response("GET", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n")) ==
          "chunked, close");
    CHECK(shape(of_request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n")) == "error");
  }

  TEST_CASE("any transfer coding but one chunked is an error") {
    for (const std::string_view bad :
         {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "xchunked",
          "chunked;q=1", "chunked chunked", "chunke", "", ",", "\"chunked\"", "chunked\xa0",
          "\x85"
          "chunked"}) {
      both_fail("Transfer-Encoding: " + std::string(bad) + "\r\n");
      both_fail("Content-Length: 5\r\nTransfer-Encoding: " + std::string(bad) + "\r\n");
    }
    both_fail("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
    both_fail("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n");
    both_fail("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n");
  }

  TEST_CASE("keep_alive follows version and Connection") {
    const auto asks = [](Protocol protocol, std::string_view value) {
      return keep_alive(protocol, Headers::of({{"connection", value}}));
    };
    CHECK(keep_alive(Protocol::http_1_1, {}));
    CHECK_FALSE(keep_alive(Protocol::http_1_0, {}));
    CHECK_FALSE(asks(Protocol::http_1_1, "close"));
    CHECK_FALSE(asks(Protocol::http_1_1, "Upgrade, CLOSE"));
    CHECK_FALSE(asks(Protocol::http_1_1, "keep-alive, close"));
    CHECK(asks(Protocol::http_1_1, "closed"));
    CHECK(asks(Protocol::http_1_1, "keep-alive"));
    CHECK(asks(Protocol::http_1_0, "Keep-Alive"));
    CHECK_FALSE(asks(Protocol::http_1_0, "Keep-Alive, close"));
    CHECK_FALSE(asks(Protocol::http_1_0, "upgrade"));
    CHECK_FALSE(keep_alive(Protocol::http_1_1,
                           Headers::of({{"Connection", "close"}, {"Connection", "x"}})));
    CHECK(asks(Protocol::h2, "close"));
  }

  TEST_CASE("the keep-alive timeout is read in seconds") {
    const auto seconds = [](std::string_view value) {
      return keep_alive_timeout_seconds(Headers::of({{"Keep-Alive", value}}));
    };
    CHECK(seconds("timeout=5, max=100") == 5);
    CHECK(seconds("max=100 , Timeout = 15") == 15);
    CHECK(seconds("timeout=0") == 0);
    CHECK(seconds("timeout=99999999999999999999999") == UINT32_MAX);
    CHECK(seconds("timeout=4294967296") == UINT32_MAX);
    for (const std::string_view none :
         {"", "timeout", "timeout=", "timeout=x", "timeout=-1", "max=5", "timeouts=5", "=5"})
      CHECK_FALSE(seconds(none).has_value());
    CHECK_FALSE(keep_alive_timeout_seconds({}).has_value());
  }

  TEST_CASE("a request names its host once") {
    const auto checked = [](std::string_view wire) {
      RequestHeadReader reader;
      REQUIRE(reader.feed(wire).has_value());
      return check_host(reader.take()).has_value();
    };
    CHECK(checked("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(checked("GET / HTTP/1.1\r\nhost:\r\n\r\n"));
    CHECK(checked("GET / HTTP/1.0\r\n\r\n"));
    CHECK_FALSE(checked("GET / HTTP/1.1\r\n\r\n"));
    CHECK_FALSE(checked("GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n"));
    CHECK_FALSE(checked("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"));
  }
}

}  // namespace body_framing_test
