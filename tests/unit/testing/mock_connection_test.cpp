// SPDX-License-Identifier: Apache-2.0
#include <okhttp/testing/mock_connection.hpp>

#include <okhttp/testing/mock_web_server.hpp>

#include "../../support/raw_client.hpp"

#include <doctest/doctest.h>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

#if OKHTTP_ZLIB
#include <okhttp/message/gzip_decoder.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace mock_connection_test {

using namespace okhttp_tests;
using namespace std::chrono_literals;
using okhttp::CloseSocket;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;

namespace {

std::chrono::milliseconds since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace

TEST_SUITE("testing/mock_connection") {
  // ---- Connections.

  TEST_CASE("keeps connections as HTTP/1.1 and 1.0 and both sides say") {
    MockWebServer server;
    server.dispatcher([](const RecordedRequest& request) {
      MockResponse response;
      response.body("x");
      if (request.target() == "/close") response.header("Connection", "close");
      if (request.target() == "/1.0") response.status("HTTP/1.0 200 OK");
      if (request.target() == "/1.0keep")
        response.status("HTTP/1.0 200 OK").header("Connection", "keep-alive");
      return response;
    });
    const auto stays_open = [&](std::string_view target, std::string_view version,
                                std::string_view header) {
      RawClient client(server.port());
      client.send("GET " + std::string(target) + " " + std::string(version) + "\r\nHost: a\r\n" +
                  std::string(header) + "\r\n");
      const RawResponse response = client.read_response();
      CHECK(response.body == "x");
      if (client.is_silent()) return true;
      RawEnd end = RawEnd::data;
      client.read_to_end(&end);
      CHECK(end == RawEnd::eof);
      return false;
    };
    CHECK(stays_open("/", "HTTP/1.1", ""));
    CHECK_FALSE(stays_open("/", "HTTP/1.1", "Connection: close\r\n"));
    CHECK_FALSE(stays_open("/", "HTTP/1.1", "Connection: x, Close\r\n"));
    CHECK_FALSE(stays_open("/close", "HTTP/1.1", ""));
    CHECK_FALSE(stays_open("/1.0", "HTTP/1.1", ""));
    CHECK(stays_open("/1.0keep", "HTTP/1.1", ""));
    CHECK_FALSE(stays_open("/", "HTTP/1.0", ""));
    CHECK(stays_open("/", "HTTP/1.0", "Connection: keep-alive\r\n"));
    CHECK_FALSE(stays_open("/close", "HTTP/1.0", "Connection: keep-alive\r\n"));
  }

  TEST_CASE("an HTTP/1.0 client learns that its connection stays") {
    MockWebServer server;
    server.enqueue(MockResponse().body("x"));
    RawClient client(server.port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.read_response().header("Connection") == "keep-alive");
  }

  TEST_CASE("pipelined requests are answered in order") {
    MockWebServer server;
    server.dispatcher(
        [](const RecordedRequest& request) { return MockResponse().body(request.target()); });
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 100; ++i)
      requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 100; ++i) CHECK(client.read_response().body == "/" + std::to_string(i));
    CHECK(server.connection_count() == 1);
  }

  TEST_CASE("pipelined requests that arrive while an answer is awaited are not lost") {
    MockWebServer server;
    RawClient client(server.port());
    client.send(get_request);
    server.take_request();
    client.send(post_request("second"));
    CHECK(client.is_silent(20ms));
    server.enqueue(MockResponse().body("1"));
    server.enqueue(MockResponse().body("2"));
    CHECK(client.read_response().body == "1");
    CHECK(client.read_response().body == "2");
    CHECK(server.take_request().body() == "second");
  }

  TEST_CASE("a client that ends its side with its request is answered, and its end is seen") {
    MockWebServer server;
    for (int i = 0; i < 50; ++i) {
      server.enqueue(MockResponse().body("x"));
      CHECK(reply_to(server.port(), get_request) ==
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
    CHECK(eventually([&] { return server.open_connections() == 0; }));
  }

  TEST_CASE("a connection that sends nothing is not a request") {
    MockWebServer server;
    CHECK(reply_to(server.port(), "") == "");
    CHECK(reply_to(server.port(), "\r\n\r\n") == "");
    CHECK(server.request_count() == 0);
  }

  // ---- Requests.

  TEST_CASE("records a chunked body with its chunks and trailers") {
    MockWebServer server;
    server.enqueue(MockResponse());
    server.enqueue(MockResponse());
    RawClient client(server.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1;ext=1\r\n \r\n00A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n");
    CHECK(client.read_response().complete);
    const RecordedRequest request = server.take_request();
    CHECK(request.body() == "hello 0123456789");
    CHECK(request.body_size() == 16);
    CHECK(request.chunk_sizes() == std::vector<std::uint64_t>{5, 1, 10});
    CHECK(request.trailers() == Headers::of({{"T", "1"}}));
    // The same byte by byte.
    for (const char c :
         std::string("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"))
      client.send(std::string_view(&c, 1));
    CHECK(client.read_response().complete);
    const RecordedRequest second = server.take_request();
    CHECK(second.body() == "helloabc");
    CHECK(second.chunk_sizes() == std::vector<std::uint64_t>{5, 3});
  }

  TEST_CASE("takes a large upload of either framing") {
    MockWebServer server;
    server.enqueue(MockResponse());
    server.enqueue(MockResponse());
    std::string body(5 << 20, '\0');
    std::uint32_t state = 1;
    for (char& c : body) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
    RawClient client(server.port());
    client.send(post_request(body));
    CHECK(client.read_response().complete);
    CHECK(server.take_request().body() == body);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 100'000) {
      const std::string part = body.substr(at, 100'000);
      char size[16];
      std::snprintf(size, sizeof size, "%zx\r\n", part.size());
      client.send(size);
      client.send(part);
      client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    CHECK(client.read_response().complete);
    const RecordedRequest request = server.take_request();
    CHECK(request.body() == body);
    CHECK(request.chunk_sizes().size() == 53);
    CHECK(request.chunk_sizes().front() == 100'000);
  }

  TEST_CASE("keeps no more of a body than the limit, and counts it all") {
    MockWebServer server;
    server.body_limit(4);
    server.enqueue(MockResponse());
    RawClient client(server.port());
    client.send(post_request("0123456789"));
    CHECK(client.read_response().complete);
    const RecordedRequest request = server.take_request();
    CHECK(request.body() == "0123");
    CHECK(request.body_size() == 10);
  }

  TEST_CASE("counts requests also when it does not keep them") {
    MockWebServer server;
    server.record_requests(false);
    server.enqueue(MockResponse());
    RawClient(server.port()).get("/");
    CHECK(server.request_count() == 1);
    CHECK_FALSE(server.take_request(0ms).has_value());
  }

  TEST_CASE("sends 100 Continue to who expects it") {
    MockWebServer server;
    server.enqueue(MockResponse().body("done"));
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_response().wire == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("data");
    CHECK(client.read_response().body == "done");
    CHECK(server.take_request().body() == "data");
  }

  TEST_CASE("sends no 100 Continue when told not to, to HTTP/1.0, or without a body") {
    MockWebServer server;
    server.enqueue(MockResponse().send_continue(false));
    server.enqueue(MockResponse());
    server.enqueue(MockResponse());
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.is_silent());
    client.send("data");
    CHECK(client.read_response().code() == 200);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_response().code() == 200);
    client.send("POST / HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\ndata");
    CHECK(client.read_response().code() == 200);
  }

  TEST_CASE("does not read the body when told not to, and lets the client see the answer") {
    MockWebServer server;
    server.enqueue(MockResponse().code(413).body("too large").do_not_read_request_body());
    RawClient client(server.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n"
        "Expect: 100-continue\r\n\r\n");
    const RawResponse response = client.read_response();
    CHECK(response.code() == 413);
    CHECK(response.body == "too large");
    // What still comes is discarded, so that no reset overtakes the answer.
    CHECK(client.send(std::string(1 << 20, 'x')));
    client.shutdown_write();
    RawEnd end = RawEnd::data;
    CHECK(client.read_to_end(&end) == "");
    CHECK(end == RawEnd::eof);
    CHECK(server.take_request().body_size() == 0);
  }

  TEST_CASE("keeps the connection when there was no body that was not read") {
    MockWebServer server;
    server.enqueue(MockResponse().do_not_read_request_body());
    server.enqueue(MockResponse());
    RawClient client(server.port());
    CHECK(client.get("/").complete);
    CHECK(client.get("/").complete);
    CHECK(server.connection_count() == 1);
  }

  TEST_CASE("answers in the middle of a body and reads the rest when told to") {
    MockWebServer server;
    server.enqueue(MockResponse().body("early").answer_after(3));
    server.enqueue(MockResponse().body("next"));
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n012");
    CHECK(client.read_response().body == "early");
    CHECK(server.request_count() == 0);
    client.send("3456789");
    CHECK(server.take_request().body() == "0123456789");
    CHECK(client.get("/").body == "next");
  }

  TEST_CASE("a handler that answers early keeps what it saw") {
    MockWebServer server;
    std::optional<RecordedRequest> seen;
    server.dispatcher(
        [&](const RecordedRequest& request) {
          seen.emplace(request);
          return MockResponse().body("early");
        },
        [] { return MockResponse().answer_after(3); });
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n012");
    CHECK(client.read_response().body == "early");
    client.send("3456789");
    CHECK(server.take_request().body() == "0123456789");
    CHECK(seen->body() == "012");
  }

  TEST_CASE("refuses malformed requests with 400 and records why") {
    MockWebServer server;
    for (const std::string_view request :
         {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nA: \x01\r\n\r\n"}) {
      CAPTURE(request);
      CHECK(reply_to(server.port(), request) ==
            "HTTP/1.1 400 Client Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      const RecordedRequest recorded = server.take_request();
      REQUIRE(recorded.failure() != nullptr);
      CHECK(recorded.failure()->code() == Errc::protocol_error);
    }
    RawClient endless(server.port());
    endless.send("GET / HTTP/1.1\r\nHost: a\r\nA: ");
    const std::string much(64 * 1024, 'x');
    for (int i = 0; i < 8; ++i) endless.send(much);
    CHECK(endless.read_response().code() == 400);
  }

  TEST_CASE("survives whatever bytes a client sends") {
    MockWebServer server;
    server.fail_fast(true);
    const std::string seed =
        "POST /x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: "
        "100-continue\r\n\r\n"
        "5\r\nhello\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    std::uint32_t state = 7;
    const auto random = [&](std::size_t below) {
      state = state * 1664525u + 1013904223u;
      return static_cast<std::size_t>(state >> 8) % below;
    };
    for (int i = 0; i < 500; ++i) {
      std::string bytes = seed;
      for (std::size_t changes = 1 + random(4); changes > 0; --changes)
        bytes[random(bytes.size())] = static_cast<char>(random(256));
      if (random(3) == 0) bytes.resize(random(bytes.size()));
      reply_to(server.port(), bytes);
    }
    CHECK(RawClient(server.port()).get("/").code() == 404);
    CHECK(eventually([&] { return server.open_connections() == 0; }));
  }

  TEST_CASE("records what had arrived of a request that broke off") {
    MockWebServer server;
    reply_to(server.port(), "GET /x HTTP/1.1\r\nHost: a\r\n");
    RecordedRequest recorded = server.take_request();
    REQUIRE(recorded.failure() != nullptr);
    CHECK(recorded.failure()->code() == Errc::unexpected_end);
    CHECK(recorded.method() == "");
    reply_to(server.port(), "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    recorded = server.take_request();
    REQUIRE(recorded.failure() != nullptr);
    CHECK(recorded.failure()->code() == Errc::unexpected_end);
    CHECK(recorded.target() == "/x");
    CHECK(recorded.body() == "abc");
    CHECK(server.request_count() == 2);
  }

  // ---- Responses.

  TEST_CASE("sends a body in chunks of the size asked for") {
    MockWebServer server;
    server.enqueue(MockResponse().chunked_body("hello world!", 5));
    server.enqueue(MockResponse().chunked_body("", 5));
    server.enqueue(MockResponse().body_repeated("ab", 5).chunked(3));
    RawClient client(server.port());
    CHECK(client.get("/").wire ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5\r\nhello\r\n5\r\n worl\r\n2\r\nd!\r\n0\r\n\r\n");
    CHECK(client.get("/").wire == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CHECK(client.get("/").wire ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\naba\r\n2\r\nba\r\n0\r\n\r\n");
  }

  TEST_CASE("sends trailers, which make the body chunked") {
    MockWebServer server;
    server.enqueue(MockResponse().body("abc").trailers(Headers::of({{"T", "1"}})));
    RawClient client(server.port());
    const RawResponse response = client.get("/");
    CHECK(response.body == "abc");
    CHECK(response.trailers == Headers::of({{"T", "1"}}));
    CHECK(response.header("Transfer-Encoding") == "chunked");
    CHECK(response.header("Content-Length") == "(none)");
  }

  TEST_CASE("gives an HTTP/1.0 client a chunked body until the connection ends") {
    MockWebServer server;
    server.enqueue(MockResponse().chunked_body("hello", 2));
    CHECK(reply_to(server.port(), "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\n\r\nhello");
  }

  TEST_CASE("a body without Content-Length ends with the connection") {
    MockWebServer server;
    server.enqueue(MockResponse().body("hello").remove_header("Content-Length"));
    RawClient client(server.port());
    const RawResponse response = client.get("/");
    CHECK(response.wire == "HTTP/1.1 200 OK\r\n\r\nhello");
    CHECK(response.complete);
    CHECK(response.end == RawEnd::eof);
  }

  TEST_CASE("framing headers are sent as they were set") {
    MockWebServer server;
    server.enqueue(
        MockResponse().body("hello").header("Content-Length", "9").on_response_end(CloseSocket{}));
    RawResponse response = RawClient(server.port()).get("/");
    CHECK(response.wire == "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    CHECK_FALSE(response.complete);
    server.enqueue(MockResponse().chunked_body("hello", 9).header("Content-Length", "5"));
    response = RawClient(server.port()).get("/");
    CHECK(response.wire ==
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5\r\nhello\r\n0\r\n\r\n");
  }

  TEST_CASE("HEAD gets the head alone, and a code without body gets no Content-Length") {
    MockWebServer server;
    server.enqueue(MockResponse().body("hello"));
    server.enqueue(MockResponse().chunked_body("hello", 2));
    server.enqueue(MockResponse().code(204));
    server.enqueue(MockResponse().code(304));
    server.enqueue(MockResponse().code(205));
    RawClient client(server.port());
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_response("HEAD").wire == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_response("HEAD").wire ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(client.get("/").wire == "HTTP/1.1 204 OK\r\n\r\n");
    CHECK(client.get("/").wire == "HTTP/1.1 304 Redirection\r\n\r\n");
    CHECK(client.get("/").wire == "HTTP/1.1 205 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(server.connection_count() == 1);
  }

  TEST_CASE("sends raw bytes and nothing else") {
    MockWebServer server;
    server.enqueue(MockResponse().raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    server.enqueue(MockResponse().raw("garbage").on_response_end(CloseSocket{}));
    RawClient client(server.port());
    CHECK(client.get("/").body == "hi");
    client.send(get_request);
    CHECK(client.read_to_end() == "garbage");
  }

  TEST_CASE("sends interim responses before the final one") {
    MockWebServer server;
    server.enqueue(MockResponse()
                       .informational(103, Headers::of({{"Link", "</a>"}}))
                       .informational(100)
                       .informational(199)
                       .headers_delay(30ms)
                       .body("x"));
    server.enqueue(MockResponse().informational(103).body("y"));
    server.enqueue(MockResponse().informational(103).body("z"));
    RawClient client(server.port());
    client.send(get_request);
    CHECK(client.read_response().wire == "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    CHECK(client.read_response().wire == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(client.read_response().wire == "HTTP/1.1 199 Informational\r\n\r\n");
    CHECK(client.read_response().body == "x");
    CHECK(client.get("/").code() == 103);
    CHECK(client.read_response().body == "y");
    // HTTP/1.0 knows none.
    client.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(client.read_response().body == "z");
  }

  TEST_CASE("delays the head, the body and the trailers") {
    MockWebServer server;
    server.enqueue(
        MockResponse().chunked_body("abc", 10).headers_delay(60ms).body_delay(60ms).trailers_delay(
            60ms));
    RawClient client(server.port());
    const auto start = std::chrono::steady_clock::now();
    client.send(get_request);
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(client.read_exactly(head.size()) == head);
    CHECK(since(start) >= 60ms);
    CHECK(client.read_exactly(8) == "3\r\nabc\r\n");
    CHECK(since(start) >= 120ms);
    CHECK(client.read_exactly(5) == "0\r\n\r\n");
    CHECK(since(start) >= 180ms);
  }

  TEST_CASE("throttles a body to so many bytes per period") {
    MockWebServer server;
    server.enqueue(MockResponse().body("0123456789").throttle_body(3, 40ms));
    server.enqueue(MockResponse().chunked_body("0123456789", 4).throttle_body(10, 40ms));
    RawClient client(server.port());
    auto start = std::chrono::steady_clock::now();
    CHECK(client.get("/").body == "0123456789");
    CHECK(since(start) >= 120ms);
    start = std::chrono::steady_clock::now();
    const RawResponse response = client.get("/");
    CHECK(response.body == "0123456789");
    CHECK(response.wire.substr(response.wire.find("\r\n\r\n") + 4) ==
          "4\r\n0123\r\n4\r\n4567\r\n2\r\n89\r\n0\r\n\r\n");
    CHECK(since(start) >= 80ms);
  }

  TEST_CASE("a delay or a period of nothing is no delay") {
    MockWebServer server;
    server.enqueue(MockResponse()
                       .chunked_body("0123456789", 3)
                       .throttle_body(1, 0ms)
                       .headers_delay(-1ms)
                       .body_delay(0ms)
                       .trailers_delay(0ms));
    CHECK(RawClient(server.port()).get("/").body == "0123456789");
  }

  TEST_CASE("sends a large body without holding it") {
    MockWebServer server;
    constexpr std::uint64_t size = std::uint64_t{48} << 20;
    server.enqueue(MockResponse().body_repeated("0123456789abcdef", size));
    server.enqueue(MockResponse().body_repeated("0123456789abcdef", size / 8).chunked(1000));
    RawClient client(server.port());
    RawResponse response = client.get("/");
    CHECK(response.complete);
    CHECK(response.body.size() == size);
    CHECK(response.body.substr(size - 20) == "cdef0123456789abcdef");
    CHECK(response.body.substr(65530, 16) == "abcdef0123456789");
    response = client.get("/");
    CHECK(response.complete);
    CHECK(response.body.size() == size / 8);
    CHECK(response.body.substr(65530, 16) == "abcdef0123456789");
  }

  TEST_CASE("a body comes from a reader, which may block") {
    MockWebServer server;
    int calls = 0;
    server.enqueue(MockResponse().body_from([calls](std::span<std::byte> into) mutable {
      if (++calls > 3) return std::size_t{0};
      std::this_thread::sleep_for(1ms);
      std::fill_n(into.data(), 5, std::byte{'a'});
      return std::size_t{5};
    }));
    server.enqueue(MockResponse().body_from(
        [](std::span<std::byte> into) {
          std::fill(into.begin(), into.end(), std::byte{'b'});
          return into.size();
        },
        200'000));
    RawClient client(server.port());
    RawResponse response = client.get("/");
    CHECK(response.wire.substr(response.wire.find("\r\n\r\n") + 4) ==
          "5\r\naaaaa\r\n5\r\naaaaa\r\n5\r\naaaaa\r\n0\r\n\r\n");
    response = client.get("/");
    CHECK(response.complete);
    CHECK(response.header("Content-Length") == "200000");
    CHECK(response.body == std::string(200'000, 'b'));
  }

  TEST_CASE("a reader that ends early or throws ends the connection") {
    MockWebServer server;
    server.enqueue(
        MockResponse().body_from([](std::span<std::byte>) { return std::size_t{0}; }, 10));
    server.enqueue(MockResponse().body_from(
        [](std::span<std::byte>) -> std::size_t { throw std::runtime_error("reader broke"); }));
    CHECK_FALSE(RawClient(server.port()).get("/").complete);
    CHECK_FALSE(RawClient(server.port()).get("/").complete);
  }

#if OKHTTP_ZLIB
  TEST_CASE("compresses a body") {
    MockWebServer server;
    const std::string text(10'000, 'x');
    server.enqueue(MockResponse().gzip_body(text));
    server.enqueue(MockResponse().gzip_body(""));
    RawClient client(server.port());
    for (const std::string& expected : {text, std::string()}) {
      const RawResponse response = client.get("/");
      CHECK(response.header("Content-Encoding") == "gzip");
      CHECK(response.body.size() < 200);
      okhttp::GzipDecoder decoder;
      std::vector<std::byte> out(20'000);
      const auto progress =
          decoder.decode(std::as_bytes(std::span(response.body.data(), response.body.size())), out);
      REQUIRE(progress);
      CHECK(std::string(reinterpret_cast<const char*>(out.data()), progress->produced) == expected);
      CHECK(decoder.finish());
    }
  }
#endif
}

}  // namespace mock_connection_test

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS
