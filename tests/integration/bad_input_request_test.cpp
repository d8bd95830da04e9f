// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/bad_input.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace bad_input_request_test {

using namespace okhttp_tests;
using namespace std::string_view_literals;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Result;

namespace {

/// What would begin a header line, or a request, of an attacker's own if it were sent as it is.
constexpr std::string_view attacks[] = {
    "a\r\nX-Evil: 1",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\0X-Evil: 1"sv,
    "a\r\n\r\nGET /evil HTTP/1.1",
    "\r\nX-Evil: 1",
    "a\r\n",
    "\n",
    "\r",
    "\0"sv,
    "a\r\n X-Evil: 1",
};

template <class T>
void check_invalid(const Result<T>& built) {
  REQUIRE_FALSE(built.has_value());
  const std::string message = built.error().message();
  CAPTURE(message);
  CHECK(built.error().code() == Errc::invalid_argument);
  CHECK_FALSE(message.empty());
  // The text goes into logs: it must not carry the attack on.
  CHECK(message.find_first_of("\r\n\0"sv) == std::string::npos);
}

Request::Builder builder() {
  Request::Builder request;
  request.url("http://server.test/");
  return request;
}

}  // namespace

TEST_SUITE("integration/bad_input/request") {
  TEST_CASE("line ends and NUL do not get into headers, methods and media types") {
    for (const std::string_view attack : attacks) {
      CAPTURE(attack);
      check_invalid(builder().header("X-Value", attack).try_build());
      check_invalid(builder().add_header("X-Value", attack).try_build());
      check_invalid(builder().header(attack, "value").try_build());
      check_invalid(builder().add_header(attack, "value").try_build());
      check_invalid(builder().header("Host", attack).try_build());
      check_invalid(builder().header("Authorization", attack).try_build());
      check_invalid(builder().method(attack).try_build());
      check_invalid(builder().method(attack, RequestBody::create("x")).try_build());
      check_invalid(Headers::try_of({{"X-Value", attack}}));
      check_invalid(Headers::try_of({{attack, "value"}}));
      check_invalid(okhttp::Client::Builder().user_agent(attack).try_build());

      // What a media type is allowed to have around it is blank, so it may be dropped; nothing
      // else.
      const std::string type = "text/plain" + std::string(attack);
      const Result<Request> typed = builder().post(RequestBody::create("x", type)).try_build();
      if (typed) {
        const std::string_view sent = typed->body()->content_type().value_or("");
        CHECK(sent.find_first_of("\r\n\0"sv) == std::string_view::npos);
      } else {
        check_invalid(typed);
      }
    }
  }

  TEST_CASE("header names are tokens, and secrets stay out of error texts") {
    for (const std::string_view name :
         {"", " ", "a b", "a:", ":a", "a\t", "\x7f", "\xc3\xa4", "a(b)", "a,b"}) {
      CAPTURE(name);
      check_invalid(builder().header(name, "value").try_build());
    }
    const Result<Request> secret =
        builder().header("Authorization", "Bearer very-secret\r\n").try_build();
    check_invalid(secret);
    CHECK_FALSE(contains(secret.error().message(), "very-secret"));
    const Result<Request> cookie = builder().header("Cookie", "id=very-secret\n").try_build();
    check_invalid(cookie);
    CHECK_FALSE(contains(cookie.error().message(), "very-secret"));
  }

  TEST_CASE_TEMPLATE("line ends in a URL never reach the wire", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    std::vector<std::string> heads;
    const auto script = [&heads](RawPeer& peer) {
      heads.push_back(peer.read_head());
      peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      peer.read_to_end();
    };
    const std::string_view paths[] = {
        "/a\r\nX-Evil: 1",
        "/a b\r\n\r\nGET /evil HTTP/1.1",
        "/a?q=\r\nX-Evil: 1#\r\nX-Evil: 1",
        "/a%0d%0aX-Evil:%201?q=%0D%0AX-Evil:%201",
        "/a HTTP/1.1\nX-Evil: 1",
        "/a\0b"sv,
        "/a\tb\x7f\xff",
    };
    std::size_t sent = 0;
    {
      ScriptedServer server(std::vector<ScriptedServer::Script>(std::size(paths), script));
      auto client = D::builder().build();
      for (const std::string_view path : paths) {
        const Result<Request> request =
            Request::Builder().url("http://" + server.peer() + std::string(path)).try_build();
        if (!request) {
          CHECK(request.error().code() == Errc::bad_url);
          continue;
        }
        ++sent;
        CHECK(fetch(client, *request));
      }
    }
    CHECK(heads.size() == sent);
    for (const std::string& head : heads) {
      CAPTURE(head);
      CHECK_FALSE(contains(head, "\nX-Evil"));
      CHECK_FALSE(contains(head, "evil HTTP/1.1\r\n\r\n"));
      // One request line: method, target, version.
      const std::string line = head.substr(0, head.find("\r\n"));
      CHECK(line.starts_with("GET /a"));
      CHECK(line.ends_with(" HTTP/1.1"));
      CHECK(std::count(line.begin(), line.end(), ' ') == 2);
    }
  }

  TEST_CASE_TEMPLATE("a server's Location cannot inject anything either", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    std::vector<std::string> heads;
    {
      ScriptedServer server({
          [](RawPeer& peer) {
            peer.read_head();
            peer.write(
                "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\n"
                "Location: /b c%0d%0aX-Evil:%201?q=\tx\r\n\r\n");
            peer.read_to_end();
          },
          [&heads](RawPeer& peer) {
            heads.push_back(peer.read_head());
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.read_to_end();
          },
      });
      auto client = D::builder().build();
      CHECK(fetch(client, server.url()).value() == "ok");
    }
    REQUIRE(heads.size() == 1);
    CHECK(heads.front().starts_with("GET /b%20c%0d%0aX-Evil:%201?q=x HTTP/1.1\r\n"));
  }

  TEST_CASE("hosts that would be two things at once are no URL") {
    for (const std::string_view url :
         {"http://a b/"sv, "http://a%0d%0ab/"sv, "http://a%00b/"sv, "http://a\0b/"sv, "http:///"sv,
          "http://"sv, "http://a:99999/"sv, "http://a:-1/"sv, "http://[::1/"sv, "http://a%2fb/"sv,
          "http://1.2.3.256/"sv, "ftp://a/"sv, "file:///etc/passwd"sv, "javascript:alert(1)"sv,
          ""sv, "a"sv, "//a/b"sv, "http://a^b/"sv}) {
      CAPTURE(url);
      const Result<Request> request = Request::Builder().url(url).try_build();
      REQUIRE_FALSE(request);
      CHECK(request.error().code() == Errc::bad_url);
    }
  }

}  // TEST_SUITE

}  // namespace bad_input_request_test
