// SPDX-License-Identifier: Apache-2.0
#include <okhttp/testing/socket_effect.hpp>

#include <okhttp/testing/mock_web_server.hpp>

#include "../../support/raw_client.hpp"

#include <doctest/doctest.h>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <variant>

namespace socket_effect_test {

using namespace okhttp_tests;
using namespace std::chrono_literals;
using okhttp::CloseSocket;
using okhttp::CloseStream;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::ShutdownConnection;
using okhttp::SocketEffect;
using okhttp::Stall;

TEST_SUITE("testing/socket_effect") {
  TEST_CASE("closes at each point of an exchange") {
    for (const SocketEffect& effect : std::initializer_list<SocketEffect>{
             CloseSocket{}, ShutdownConnection{}, CloseStream{8}, CloseSocket::reset()}) {
      const CloseSocket* const close = std::get_if<CloseSocket>(&effect);
      const bool resets = close != nullptr && close->how == CloseSocket::How::reset;
      const RawEnd expected = resets ? RawEnd::reset : RawEnd::eof;
      MockWebServer server;
      const auto end_after = [&](MockResponse response, std::string_view sent) {
        server.enqueue(std::move(response));
        RawClient client(server.port());
        client.send(sent);
        RawEnd end = RawEnd::data;
        std::string got = client.read_to_end(&end);
        // With a reset what was on its way may be lost.
        CHECK(end == expected);
        return got;
      };
      const std::string wire = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
      const auto check_sent = [&](const std::string& got, std::string_view all) {
        if (resets)
          CHECK(all.starts_with(got));
        else
          CHECK(got == all);
      };
      CHECK(end_after(MockResponse().body("0123456789").on_request_start(effect),
                      post_request("body")) == "");
      RecordedRequest recorded = server.take_request();
      REQUIRE(recorded.failure() != nullptr);
      CHECK(recorded.method() == "");

      CHECK(end_after(MockResponse().body("0123456789").on_request_body(effect),
                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234") == "");
      recorded = server.take_request();
      REQUIRE(recorded.failure() != nullptr);
      CHECK(recorded.method() == "POST");
      CHECK(recorded.body() == "01234");

      CHECK(end_after(MockResponse().body("0123456789").on_response_start(effect),
                      post_request("body")) == "");
      recorded = server.take_request();
      CHECK(recorded.failure() == nullptr);
      CHECK(recorded.body() == "body");

      check_sent(end_after(MockResponse().body("0123456789").on_response_body(effect),
                           post_request("body")),
                 std::string_view(wire).substr(0, wire.size() - 5));
      check_sent(end_after(MockResponse().body("0123456789").on_response_end(effect),
                           post_request("body")),
                 wire);
      CHECK(server.request_count() == 5);
    }
  }

  TEST_CASE(
      "an effect in a request without body comes after the head, in a chunked one with its first "
      "bytes") {
    MockWebServer server;
    server.enqueue(MockResponse().on_request_body(CloseSocket{}));
    CHECK(reply_to(server.port(), get_request) == "");
    CHECK(server.take_request().method() == "GET");
    server.enqueue(MockResponse().on_request_body(CloseSocket{}));
    CHECK(reply_to(server.port(),
                   "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na") == "");
    CHECK(server.take_request().body() == "a");
  }

  TEST_CASE("half of a response body counts its framing; without a body it is the head") {
    MockWebServer server;
    // 5 + 8 bytes and 5 more of the end: 18.
    server.enqueue(MockResponse().chunked_body("0123456", 10).on_response_body(CloseSocket{}));
    server.enqueue(MockResponse().on_response_body(CloseSocket{}).body("x"));
    server.enqueue(MockResponse().on_response_body(CloseSocket{}));
    server.enqueue(
        MockResponse().on_response_body(CloseSocket{}).body_from([](std::span<std::byte> into) {
          return into[0] = std::byte{'a'}, std::size_t{1};
        }));
    CHECK(reply_to(server.port(), get_request) ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n01234");
    CHECK(reply_to(server.port(), get_request) == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    CHECK(reply_to(server.port(), get_request) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(reply_to(server.port(), get_request) ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1");
  }

  TEST_CASE("stalls at each point of an exchange, and closes although it does") {
    std::optional<MockWebServer> server(std::in_place);
    server->enqueue(MockResponse().body("0123456789").on_request_start(Stall{}));
    RawClient one(server->port());
    one.send(post_request("body"));
    CHECK(one.is_silent());
    server->enqueue(MockResponse().body("0123456789").on_request_body(Stall{}));
    RawClient two(server->port());
    two.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
    CHECK(two.is_silent());
    server->enqueue(MockResponse().body("0123456789").on_response_start(Stall{}));
    RawClient three(server->port());
    three.send(post_request("body"));
    CHECK(three.is_silent());
    server->enqueue(MockResponse().body("0123456789").on_response_body(Stall{}));
    RawClient four(server->port());
    four.send(post_request("body"));
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234";
    CHECK(four.read_exactly(half.size()) == half);
    CHECK(four.is_silent());
    server->enqueue(MockResponse().body("0123456789").on_response_end(Stall{}));
    RawClient five(server->port());
    five.send(post_request("body"));
    CHECK(five.read_response().body == "0123456789");
    five.send(get_request);
    CHECK(five.is_silent());
    CHECK(server->request_count() == 5);
    CHECK(server->open_connections() == 5);
    server.reset();
    for (RawClient* client : {&one, &two, &three, &four, &five}) {
      RawEnd end = RawEnd::data;
      client->read_to_end(&end);
      CHECK(end != RawEnd::timeout);
    }
  }

  TEST_CASE("a server that stalls in a request does not read what follows") {
    MockWebServer server;
    server.enqueue(MockResponse().on_request_body(Stall{}));
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
    client.set_timeout(100ms);
    const std::string much(1 << 20, 'x');
    bool sent = true;
    int sends = 0;
    for (; sent && sends < 1000; ++sends) sent = client.send(much);
    // 500 MB are half of it: the server stops reading there.
    CHECK_FALSE(sent);
    CHECK(sends < 600);
  }

  TEST_CASE("ends its own direction at each point, and reads on until the client ends") {
    MockWebServer server;
    const std::string wire = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    const auto check = [&](MockResponse response, std::string_view expected) {
      server.enqueue(std::move(response));
      RawClient client(server.port());
      client.send(post_request("body"));
      RawEnd end = RawEnd::data;
      CHECK(client.read_to_end(&end) == expected);
      CHECK(end == RawEnd::eof);
      // It still takes what comes, without a reset.
      CHECK(client.send(std::string(1 << 20, 'x')));
      CHECK(client.receive() == RawEnd::eof);
    };
    const MockResponse base = MockResponse().body("0123456789");
    check(MockResponse(base).on_request_start(CloseSocket::output()), "");
    check(MockResponse(base).on_request_body(CloseSocket::output()), "");
    check(MockResponse(base).on_response_start(CloseSocket::output()), "");
    check(MockResponse(base).on_response_body(CloseSocket::output()),
          std::string_view(wire).substr(0, wire.size() - 5));
    check(MockResponse(base).on_response_end(CloseSocket::output()), wire);
    CHECK(eventually([&] { return server.open_connections() == 0; }));
  }

  TEST_CASE("stops reading at each point, and still answers what it has read") {
    MockWebServer server;
    const std::string wire = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    const auto reply = [&](MockResponse response, std::string_view request) {
      server.enqueue(std::move(response));
      RawClient client(server.port());
      client.send(request);
      return client.read_to_end();
    };
    const MockResponse base = MockResponse().body("0123456789");
    CHECK(reply(MockResponse(base).on_request_start(CloseSocket::input()), post_request("body")) ==
          wire);
    // Arrived in one piece with the head, so it was read.
    CHECK(reply(MockResponse(base).on_request_body(CloseSocket::input()), post_request("body")) ==
          wire);
    CHECK(reply(MockResponse(base).on_response_start(CloseSocket::input()), post_request("body")) ==
          wire);
    CHECK(reply(MockResponse(base).on_response_body(CloseSocket::input()), post_request("body")) ==
          wire);
    CHECK(reply(MockResponse(base).on_response_end(CloseSocket::input()), post_request("body")) ==
          wire);
    CHECK(server.request_count() == 5);
    CHECK(reply(MockResponse(base).on_request_body(CloseSocket::input()),
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234") == "");
  }
}

}  // namespace socket_effect_test

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS
