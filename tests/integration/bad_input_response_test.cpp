// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/bad_input.hpp"
#include "support/gzip.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bad_input_response_test {

using namespace okhttp_tests;
using namespace std::string_view_literals;
using okhttp::Errc;
using okhttp::Response;
using okhttp::Result;

namespace {

/// What a server sends, and what becomes of it.
struct Case {
  std::string_view wire;
  /// Part of what the error says.
  std::string_view reason;
};

enum class Then { waits, ends };

/// Each case is a response on a connection of its own. `then`: what the server does after it; one
/// that waits shows that the client needs nothing more to know.
template <class D, std::size_t count>
void check_refused(const Case (&cases)[count], std::string_view head, Then then, Errc code) {
  const NothingLeft nothing_left;
  std::atomic<std::size_t> closed = 0;
  std::vector<ScriptedServer::Script> scripts;
  for (const Case& one : cases) {
    scripts.push_back([&closed, wire = std::string(head) += one.wire, then](RawPeer& peer) {
      peer.read_head();
      peer.write(wire);
      if (then == Then::ends) peer.end_output();
      if (peer.read_to_end()) ++closed;
    });
  }
  {
    ScriptedServer server(std::move(scripts));
    auto client = D::builder().build();
    for (const Case& one : cases) {
      const std::string wire(one.wire);
      CAPTURE(wire);
      check_failed(fetch(client, server.url()), code, {server.peer(), one.reason});
    }
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }
  CHECK(closed == count);
}

/// What a peer that sends, or unpacks to, a gigabyte may cost. Sanitizers multiply what it does
/// cost.
constexpr std::uint64_t little_memory = std::uint64_t{200} << 20;

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_SUITE("integration/bad_input/response") {
  TEST_CASE_TEMPLATE("what does not begin with a status line is refused at once", D,
                     OKHTTP_EVERY_DISPATCHER) {
    constexpr std::string_view reason = "response head does not begin with an HTTP status line";
    constexpr Case cases[] = {
        {"garbage\r\n\r\n", reason},
        {"g", reason},
        {"SSH-2.0-OpenSSH_9.2\r\n", reason},
        {"220 mail.example ESMTP\r\n", reason},
        {"<html>HTTP/0.9</html>", reason},
        {"\r\nHTTP/1.1 200 OK\r\n\r\n", reason},
        {" HTTP/1.1 200 OK\r\n\r\n", reason},
        {"HTTP/2.0 200 OK\r\n\r\n", reason},
        {"HTTP/1.10 200 OK\r\n\r\n", reason},
        {"http/1.1 200 OK\r\n\r\n", reason},
        {"HTTP/1.1 200OK\r\n\r\n", reason},
        {"HTTP/1.1  200 OK\r\n\r\n", reason},
        {"HTTP/1.1 20 OK\r\n\r\n", reason},
        {"HTTP/1.1 2x0 OK\r\n\r\n", reason},
        {"HTTP/1.1 2000 OK\r\n\r\n", reason},
        {"HTTP/1.1 000 OK\r\n\r\n", reason},
        {"HTTP/1.1 -12 OK\r\n\r\n", reason},
        {"HTTP/1.1\r\n\r\n", reason},
        {"HTTP/1.1 200 O\0K\r\n\r\n"sv, reason},
        {"\0\0\0\0"sv, reason},
        {"\x15\x03\x01\0\x02\x02\x16"sv, reason},              // a TLS alert
        {"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"sv, reason},  // HTTP/2 settings
        {"\xff\xfe\xfd", reason},
    };
    check_refused<D>(cases, "", Then::waits, Errc::protocol_error);
  }

  TEST_CASE_TEMPLATE("header lines that are none are refused", D, OKHTTP_EVERY_DISPATCHER) {
    constexpr Case cases[] = {
        {"no colon\r\n\r\n", "a blank between the header name"},
        {"nocolon\r\n\r\n", "a header line without a colon"},
        {"Name : value\r\n\r\n", "a blank between the header name"},
        {": value\r\n\r\n", "an empty name"},
        {" folded: first\r\n\r\n", "begins with a blank"},
        {"A: b\0c\r\n\r\n"sv, "a NUL"},
        {"A: b\rc\r\n\r\n", "a bare CR"},
        {"A: b\x7f\r\n\r\n", "value of"},
        {"A\x01: b\r\n\r\n", "header name"},
        {"\xc3\xa4: b\r\n\r\n", "header name"},
        {"A: b\r\n\rB: c\r\n\r\n", "bare CR"},
    };
    check_refused<D>(cases, "HTTP/1.1 200 OK\r\n", Then::waits, Errc::protocol_error);
  }

  TEST_CASE_TEMPLATE("heads that contradict themselves about the body are refused", D,
                     OKHTTP_EVERY_DISPATCHER) {
    constexpr Case cases[] = {
        {"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "given twice"},
        {"Content-Length: 5, 6\r\n\r\nhello!", "given twice"},
        {"Content-Length: -1\r\n\r\n", "not a number"},
        {"Content-Length: +5\r\n\r\nhello", "not a number"},
        {"Content-Length: 5x\r\n\r\nhello", "not a number"},
        {"Content-Length: 0x5\r\n\r\nhello", "not a number"},
        {"Content-Length: 5 5\r\n\r\nhello", "not a number"},
        {"Content-Length:\r\n\r\nhello", "not a number"},
        {"Content-Length: 5,\r\n\r\nhello", "not a number"},
        {"Content-Length: 9223372036854775808\r\n\r\nhello", "not a number"},
        {"Content-Length: 99999999999999999999999\r\n\r\nhello", "not a number"},
        {"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "unknown transfer coding"},
        {"Transfer-Encoding: identity\r\n\r\nhello", "unknown transfer coding"},
        {"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "unknown transfer coding"},
        {"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "applied twice"},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "applied twice"},
        {"Transfer-Encoding:\r\n\r\nhello", "no transfer coding"},
    };
    check_refused<D>(cases, "HTTP/1.1 200 OK\r\n", Then::waits, Errc::protocol_error);
    constexpr Case without_content[] = {{"Content-Length: 5\r\n\r\nhello", "cannot have a body"}};
    check_refused<D>(without_content, "HTTP/1.1 204 No Content\r\n", Then::waits,
                     Errc::protocol_error);
  }

  TEST_CASE_TEMPLATE("chunks that are none are refused", D, OKHTTP_EVERY_DISPATCHER) {
    constexpr Case cases[] = {
        {"zz\r\nhello", "chunk size"},
        {"-5\r\nhello\r\n0\r\n\r\n", "chunk size"},
        {"0x5\r\nhello\r\n0\r\n\r\n", "chunk size"},
        {" 5\r\nhello\r\n0\r\n\r\n", "chunk size"},
        {"\r\nhello\r\n0\r\n\r\n", "chunk size"},
        {"5\nhello\n0\n\n", "chunk size"},
        {"5\rhello\r\n0\r\n\r\n", "chunk size"},
        {"5;a=\0\r\nhello\r\n0\r\n\r\n"sv, "chunk extension"},
        {"8000000000000000\r\nhello", "chunk size"},
        {"FFFFFFFFFFFFFFFFFFFFFFFF\r\nhello", "chunk size"},
        {"5\r\nhello!\r\n0\r\n\r\n", "chunk is longer than its size"},
        {"5\r\nhello0\r\n\r\n", "chunk is longer than its size"},
        {"5\r\nhello\rX0\r\n\r\n", "chunk is not ended by CRLF"},
        {"5\r\nhello\r\n5\r\n", "chunk"},
        {"0\r\nbad trailer\r\n\r\n", "trailer section"},
        {"0\r\nA: b\rc\r\n\r\n", "trailer section"},
    };
    // The one before the last three is cut off: the others leave it no doubt.
    constexpr std::size_t cut_off = 13;
    Case refused[std::size(cases) - 1];
    for (std::size_t i = 0, k = 0; i < std::size(cases); ++i)
      if (i != cut_off) refused[k++] = cases[i];
    check_refused<D>(refused, chunked_head, Then::waits, Errc::protocol_error);
  }

  TEST_CASE_TEMPLATE("an answer that is cut off is not taken for a whole one", D,
                     OKHTTP_EVERY_DISPATCHER) {
    constexpr std::string_view in_head = "while reading the response head from it";
    constexpr Case heads[] = {
        {"", in_head},
        {"H", in_head},
        {"HTTP/1.1 200 OK", in_head},
        {"HTTP/1.1 200 OK\r\n", in_head},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5", in_head},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r", in_head},
        {"HTTP/1.1 100 Continue\r\n\r\n", in_head},
        {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 2", in_head},
    };
    check_refused<D>(heads, "", Then::ends, Errc::unexpected_end);
    constexpr Case fixed[] = {
        {"", "after 0 of 10 bytes of the body"},
        {"hello", "after 5 of 10 bytes of the body"},
        {"hello hel", "after 9 of 10 bytes of the body"},
    };
    check_refused<D>(fixed, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", Then::ends,
                     Errc::unexpected_end);
    constexpr std::string_view in_chunk = "inside a chunked body";
    constexpr Case chunked[] = {
        {"", in_chunk},
        {"5", in_chunk},
        {"5\r", in_chunk},
        {"5\r\n", in_chunk},
        {"5\r\nhel", in_chunk},
        {"5\r\nhello", in_chunk},
        {"5\r\nhello\r\n", in_chunk},
        {"5\r\nhello\r\n0", in_chunk},
        {"5\r\nhello\r\n0\r\n", in_chunk},
        {"5\r\nhello\r\n0\r\nA: b\r\n", in_chunk},
        {"7fffffffffffffff\r\nhello", in_chunk},
    };
    check_refused<D>(chunked, chunked_head, Then::ends, Errc::unexpected_end);
  }

  TEST_CASE_TEMPLATE("compressed bodies that are damaged are refused", D, OKHTTP_EVERY_DISPATCHER) {
    const std::string good = gzipped("the content of the body, the content of the body");
    std::string bad_sum = good;
    bad_sum[bad_sum.size() - 5] ^= 1;
    const auto with_length = [](const std::string& body) {
      return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    // Damage inside a sound framing does not cost the connection, so the server has to.
    constexpr std::string_view head =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n";
    const std::string not_gzip = with_length("this is not gzip");
    const std::string damaged = with_length(bad_sum);
    const Case content[] = {{not_gzip, "gzip"}, {damaged, "gzip"}};
    check_refused<D>(content, head, Then::waits, Errc::content_coding);
    // The framing is complete, what is inside is not.
    const std::string half = with_length(good.substr(0, good.size() / 2));
    const std::string no_trailer = with_length(good.substr(0, good.size() - 8));
    const Case short_ones[] = {{half, "gzip"}, {no_trailer, "gzip"}};
    check_refused<D>(short_ones, head, Then::waits, Errc::unexpected_end);
  }

  TEST_CASE_TEMPLATE("odd answers that harm nobody are taken", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    constexpr std::string_view good[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 0005\r\n\r\nhello",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 200\r\nContent-Length:5   \r\n\r\nhello",
        "HTTP/1.1 200 \xc3\xa4\r\nX: \xff\x80\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00005 "
        ";a=b;c=\"d\"\r\nhello\r\n000\r\n\r\n",
        "HTTP/1.1 999 Strange\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.9 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 ?\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
        "5\r\n\r\nhello",
        "ICY 200 OK\r\n\r\nhello",
    };
    std::vector<ScriptedServer::Script> scripts;
    for (const std::string_view wire : good) {
      scripts.push_back([wire](RawPeer& peer) {
        peer.read_head();
        peer.write(wire);
        peer.end_output();
        peer.read_to_end();
      });
    }
    ScriptedServer server(std::move(scripts));
    for (const std::string_view wire : good) {
      CAPTURE(wire);
      auto client = D::builder().build();
      const Result<std::string> body = fetch(client, server.url());
      CHECK_MESSAGE(body, (body ? std::string() : body.error().message()));
      CHECK((body && *body == "hello"));
    }
  }

  TEST_CASE_TEMPLATE("bytes that follow an answer are never part of the next one", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const auto script = [](std::string_view wire) {
      return [wire](RawPeer& peer) {
        peer.read_head();
        peer.write(wire);
        peer.read_to_end();
      };
    };
    ScriptedServer server({
        script("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: "
               "4\r\n\r\nevil"),
        script("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
        script("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"),
        script("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthree"),
    });
    auto client = D::builder().build();
    CHECK(fetch(client, server.url()).value() == "one");
    CHECK(fetch(client, server.url()).value().empty());
    CHECK(fetch(client, server.url()).value().empty());
    CHECK(fetch(client, server.url()).value() == "three");
  }

  TEST_CASE_TEMPLATE("endless heads, chunk lines and trailers end at a limit", D,
                     OKHTTP_EVERY_DISPATCHER) {
    struct Flood {
      std::string begin;
      std::string again;
      std::string_view limit;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string long_line = "X-Long: " + std::string(1000, 'a') + "\r\n";
    const Flood floods[] = {
        {ok, long_line, "larger than 262144 bytes (max_head_bytes)"},
        {ok + "X-Endless: ", "aaaaaaaa", "max_head_bytes"},
        {ok + "X-Folded: a\r\n", " and more\r\n", "max_head_bytes"},
        {"HTTP/1.1 200 ", "aaaaaaaa", "max_head_bytes"},
        {"", "HTTP/1.1 100 Continue\r\n\r\n", "max_head_bytes"},
        {"", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", "max_head_bytes"},
        {ok, "a:b\r\n", "more than 1000 header lines (max_header_count)"},
        {std::string(chunked_head) + "5;", "extension=value;", "max_line"},
        {std::string(chunked_head), "00000000", "chunk"},
        {std::string(chunked_head), "1;" + std::string(100, 'e') + "\r\nx\r\n",
         "max_extension_bytes"},
        {std::string(chunked_head) + "0\r\n", long_line, "max_trailer_bytes"},
        {std::string(chunked_head) + "0\r\n", "a:b\r\n", "max_header_count"},
    };
    constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
    const NothingLeft nothing_left;
    std::atomic<std::uint64_t> most_sent = 0;
    std::vector<ScriptedServer::Script> scripts;
    for (const Flood& one : floods) {
      scripts.push_back([&most_sent, &one](RawPeer& peer) {
        peer.read_head();
        peer.write(one.begin);
        most_sent = std::max(most_sent.load(), flood(peer, one.again, gibibyte));
      });
    }
    {
      ScriptedServer server(std::move(scripts));
      auto client = D::builder().build();
      const PeakMemory memory;
      for (const Flood& one : floods) {
        CAPTURE(one.limit);
        check_failed(fetch(client, server.url()), Errc::protocol_error, {server.peer(), one.limit});
      }
      CHECK(memory.grown() < little_memory);
    }
    // What the client did not read lies in the two sockets' buffers.
    CHECK(most_sent < std::uint64_t{32} << 20);
  }

  TEST_CASE_TEMPLATE("a gzip bomb ends at the ratio limit", D, OKHTTP_EVERY_DISPATCHER) {
    // A megabyte that unpacks to a gigabyte.
    static const std::string bomb = [] {
      const std::string member = gzipped(std::string(std::size_t{64} << 20, '\0'), 9);
      std::string all;
      for (int i = 0; i < 16; ++i) all += member;
      return all;
    }();
    const NothingLeft nothing_left;
    const auto script = [](RawPeer& peer) {
      peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                 std::to_string(bomb.size()) + "\r\n\r\n");
      peer.write(bomb);
      peer.read_to_end();
    };
    ScriptedServer server({script, script});
    auto client = D::builder().build();
    const PeakMemory memory;
    check_failed(fetch(client, server.url()), Errc::content_coding,
                 {server.peer(), "expands too far", "more than 200 times"});
    // In pieces the reader gets what came before the limit, and the error then and ever after.
    Result<Response> response = client.new_call(get_request(server.url())).try_execute();
    REQUIRE(response);
    std::string piece(64 * 1024, '\0');
    std::uint64_t total = 0;
    Result<std::size_t> read = std::size_t{0};
    while ((read = response->body().try_read(piece)) && *read > 0) total += *read;
    CHECK(total < std::uint64_t{16} << 20);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == Errc::content_coding);
    read = response->body().try_read(piece);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == Errc::content_coding);
    CHECK(memory.grown() < little_memory);
  }

}  // TEST_SUITE

}  // namespace bad_input_response_test
