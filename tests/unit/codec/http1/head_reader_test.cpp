// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/head_reader.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace head_reader_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Header;
using okhttp::Headers;
using okhttp::Protocol;
using okhttp::Result;
using okhttp::http1::Limits;
using okhttp::http1::RequestHead;
using okhttp::http1::RequestHeadReader;
using okhttp::http1::ResponseHead;
using okhttp::http1::ResponseHeadReader;

namespace {

/// Feeds one slice out of memory of exactly its size, so that a sanitizer sees any byte read beside
/// it.
template <class Reader>
Result<std::size_t> feed_exact(Reader& reader, std::string_view slice) {
  const auto copy = std::make_unique<char[]>(slice.size());
  slice.copy(copy.get(), slice.size());
  return reader.feed({copy.get(), slice.size()});
}

/// Feeds `wire` in slices that end at the given cuts; returns what was consumed, or the error.
template <class Reader>
Result<std::size_t> feed_cut(Reader& reader, std::string_view wire, std::vector<std::size_t> cuts) {
  std::size_t consumed = 0;
  std::size_t begin = 0;
  cuts.push_back(wire.size());
  for (const std::size_t cut : cuts) {
    Result<std::size_t> fed = feed_exact(reader, wire.substr(begin, cut - begin));
    if (!fed) return fed;
    consumed += *fed;
    if (!reader.done()) CHECK(*fed == cut - begin);
    if (*fed != cut - begin) break;
    begin = cut;
  }
  return consumed;
}

template <class Reader>
std::string error_of(std::string_view wire, const Limits& limits = {}) {
  Reader reader(limits);
  const Result<std::size_t> fed = feed_exact(reader, wire);
  std::string bytewise_message;
  Reader bytewise(limits);
  for (std::size_t i = 0; i < wire.size() && bytewise_message.empty(); ++i) {
    const Result<std::size_t> one = feed_exact(bytewise, wire.substr(i, 1));
    if (!one) bytewise_message = one.error().message();
  }
  CHECK(fed.has_value() == bytewise_message.empty());
  if (fed) return {};
  CHECK(fed.error() == Errc::protocol_error);
  CHECK_FALSE(reader.done());
  const Result<std::size_t> again = reader.feed("\r\n");
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().message() == fed.error().message());
  return fed.error().message();
}

std::string response_error(std::string_view wire, const Limits& limits = {}) {
  return error_of<ResponseHeadReader>(wire, limits);
}
std::string request_error(std::string_view wire, const Limits& limits = {}) {
  return error_of<RequestHeadReader>(wire, limits);
}

ResponseHead response(std::string_view wire) {
  ResponseHeadReader reader;
  const Result<std::size_t> fed = reader.feed(wire);
  REQUIRE_MESSAGE(fed.has_value(), (fed ? "" : fed.error().message()));
  REQUIRE(reader.done());
  CHECK(*fed == wire.size());
  ResponseHead head = reader.take();

  ResponseHeadReader bytewise;
  for (std::size_t i = 0; i < wire.size(); ++i) {
    CHECK_FALSE(bytewise.done());
    REQUIRE(feed_exact(bytewise, wire.substr(i, 1)).has_value());
  }
  REQUIRE(bytewise.done());
  const ResponseHead same = bytewise.take();
  CHECK(same.code == head.code);
  CHECK(same.reason == head.reason);
  CHECK(same.protocol == head.protocol);
  CHECK(same.headers == head.headers);
  return head;
}

RequestHead request(std::string_view wire) {
  RequestHeadReader reader;
  const Result<std::size_t> fed = reader.feed(wire);
  REQUIRE_MESSAGE(fed.has_value(), (fed ? "" : fed.error().message()));
  REQUIRE(reader.done());
  CHECK(*fed == wire.size());
  return reader.take();
}

}  // namespace

TEST_SUITE("codec/http1/head_reader") {
  TEST_CASE("a whole response head gives its parts and leaves the body alone") {
    ResponseHeadReader reader;
    CHECK_FALSE(reader.started());
    const std::string_view wire =
        "HTTP/1.1 404 Not Found\r\n"
        "Content-Type: text/plain\r\n"
        "content-length:5\r\n"
        "X-Empty:\r\n"
        "X-Blank: \t \r\n"
        "X-Padded: \t a b\t \r\n"
        "\r\n";
    const Result<std::size_t> fed = reader.feed(std::string(wire) + "hello");
    REQUIRE(fed.has_value());
    CHECK(*fed == wire.size());
    CHECK(reader.done());
    CHECK(*reader.feed("more") == 0);
    const ResponseHead head = reader.take();
    CHECK(head.protocol == Protocol::http_1_1);
    CHECK(head.code == 404);
    CHECK(head.reason == "Not Found");
    CHECK(head.headers == Headers::of({{"Content-Type", "text/plain"},
                                       {"content-length", "5"},
                                       {"X-Empty", ""},
                                       {"X-Blank", ""},
                                       {"X-Padded", "a b"}}));
    CHECK_FALSE(reader.done());
    CHECK_FALSE(reader.started());
  }

  TEST_CASE("every pair of split points gives the same response head") {
    const std::string_view wire =
        "HTTP/1.0 200 OK\n"
        "A: 1\r\n"
        "Set-Cookie: a=b; c\n"
        "Folded: x \r\n"
        " \t y\r\n"
        "\tz\n"
        "Empty:\r\n"
        "  \r\n"
        " v\r\n"
        "Last:  \xe9 \r\n"
        "\r\nrest";
    const Headers expected = [] {
      Headers headers;
      headers.append_unchecked("A", "1");
      headers.append_unchecked("Set-Cookie", "a=b; c");
      headers.append_unchecked("Folded", "x y z");
      headers.append_unchecked("Empty", "v");
      headers.append_unchecked("Last", "\xe9");
      return headers;
    }();
    for (std::size_t first = 0; first <= wire.size(); ++first) {
      for (std::size_t second = first; second <= wire.size(); ++second) {
        ResponseHeadReader reader;
        const Result<std::size_t> fed = feed_cut(reader, wire, {first, second});
        if (!fed.has_value() || *fed != wire.size() - 4 || !reader.done()) {
          FAIL("split at " << first << " and " << second);
        }
        const ResponseHead head = reader.take();
        if (head.headers != expected || head.code != 200 || head.reason != "OK" ||
            head.protocol != Protocol::http_1_0) {
          FAIL("split at " << first << " and " << second << ": " << head.headers.to_string());
        }
      }
    }
  }

  TEST_CASE("every pair of split points gives the same request head") {
    const std::string_view wire =
        "\r\n\n\r\n"
        "POST /a?b=c HTTP/1.1\r\n"
        "Host: example.com\r\n"
        "Content-Length: 4\n"
        "\nrest";
    for (std::size_t first = 0; first <= wire.size(); ++first) {
      for (std::size_t second = first; second <= wire.size(); ++second) {
        RequestHeadReader reader;
        const Result<std::size_t> fed = feed_cut(reader, wire, {first, second});
        if (!fed.has_value() || *fed != wire.size() - 4 || !reader.done()) {
          FAIL("split at " << first << " and " << second);
        }
        const RequestHead head = reader.take();
        if (head.method != "POST" || head.target != "/a?b=c" ||
            head.protocol != Protocol::http_1_1 ||
            head.headers != Headers::of({{"Host", "example.com"}, {"Content-Length", "4"}})) {
          FAIL("split at " << first << " and " << second);
        }
      }
    }
  }

  TEST_CASE("a reader goes on to the next head") {
    ResponseHeadReader reader;
    const std::string wire =
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    const Result<std::size_t> first = reader.feed(wire);
    REQUIRE(first.has_value());
    const ResponseHead hints = reader.take();
    CHECK(hints.code == 103);
    CHECK(hints.headers.get("Link") == "</a>");
    REQUIRE(reader.feed(std::string_view(wire).substr(*first)).has_value());
    REQUIRE(reader.done());
    CHECK(reader.take().headers.get("A") == "b");
  }

  TEST_CASE("started tells a clean end from one inside a head") {
    RequestHeadReader reader;
    CHECK(*reader.feed("") == 0);
    CHECK_FALSE(reader.started());
    CHECK(*reader.feed("\r\n\r\n") == 4);
    CHECK_FALSE(reader.started());
    CHECK(*reader.feed("\r") == 1);
    CHECK(*reader.feed("\n") == 1);
    CHECK_FALSE(reader.started());
    CHECK(*reader.feed("G") == 1);
    CHECK(reader.started());
    reader.reset();
    CHECK_FALSE(reader.started());
    REQUIRE(reader.feed("GET / HTTP/1.1\r\n\r\n").has_value());
    CHECK(reader.take().method == "GET");
  }

  TEST_CASE("the accepted status lines") {
    struct Row {
      std::string_view line;
      Protocol protocol;
      int code;
      std::string_view reason;
    };
    for (const Row& row : {
             Row{"HTTP/1.1 200 OK", Protocol::http_1_1, 200, "OK"},
             Row{"HTTP/1.0 200 OK", Protocol::http_1_0, 200, "OK"},
             Row{"HTTP/1.1 200", Protocol::http_1_1, 200, ""},
             Row{"HTTP/1.1 200 ", Protocol::http_1_1, 200, ""},
             Row{"HTTP/1.1 200  two ", Protocol::http_1_1, 200, " two "},
             Row{"HTTP/1.1 100 Continue", Protocol::http_1_1, 100, "Continue"},
             Row{"HTTP/1.1 999 x", Protocol::http_1_1, 999, "x"},
             Row{"HTTP/1.1 200 caf\xe9\t!", Protocol::http_1_1, 200, "caf\xe9\t!"},
             Row{"HTTP/1.2 200 OK", Protocol::http_1_1, 200, "OK"},
             Row{"HTTP/1.9 200 OK", Protocol::http_1_1, 200, "OK"},
             Row{"ICY 200 OK", Protocol::http_1_0, 200, "OK"},
             Row{"ICY 401", Protocol::http_1_0, 401, ""},
             Row{"SOURCETABLE 200 OK", Protocol::http_1_1, 200, "OK"},
         }) {
      CAPTURE(row.line);
      const ResponseHead head = response(std::string(row.line) + "\r\n\r\n");
      CHECK(head.protocol == row.protocol);
      CHECK(head.code == row.code);
      CHECK(head.reason == row.reason);
      CHECK(head.headers.empty());
      CHECK(response(std::string(row.line) + "\n\n").reason == row.reason);
    }
  }

  TEST_CASE("what is no status line is refused and quoted") {
    for (const std::string_view line : {"",
                                        " HTTP/1.1 200 OK",
                                        "HTTP/2.0 200 OK",
                                        "HTTP/0.9 200 OK",
                                        "HTTP/1.1 20 OK",
                                        "HTTP/1.1 2000 OK",
                                        "HTTP/1.1 200OK",
                                        "HTTP/1.1  200 OK",
                                        "HTTP/1.1\t200 OK",
                                        "HTTP/1.1 -20 OK",
                                        "HTTP/1.1 0200 OK",
                                        "HTTP/1.1 099 OK",
                                        "HTTP/1.1 2x0 OK",
                                        "HTTP/1.1",
                                        "HTTP/1.1 ",
                                        "http/1.1 200 OK",
                                        "HTTP/1.10 200 OK",
                                        "HTTP/1. 200 OK",
                                        "HTTP/11 200 OK",
                                        "ICY",
                                        "ICY 20",
                                        "ICYX 200",
                                        "GET / HTTP/1.1",
                                        "SSH-2.0-OpenSSH_9",
                                        "HTTP/1.1 200\tOK",
                                        "HTTP/1.1 200 a\x01",
                                        "HTTP/1.1 200 a\rb",
                                        "\x15\x03\x03"}) {
      CAPTURE(line);
      CHECK(response_error(std::string(line) + "\r\n\r\n").find("status line but with '") !=
            std::string::npos);
    }
    CHECK(response_error("garbage\x01\xff!\r\n") ==
          "the response head does not begin with an HTTP status line but with "
          "'garbage\\x01\\xFF!'");
    CHECK(response_error(std::string(1000, 'x') + "\n").size() < 200);
    CHECK_FALSE(response_error(std::string_view("HTTP/1.1 200 a\0b\r\n\r\n", 20)).empty());
  }

  TEST_CASE("what cannot become a start line is refused before its line ends") {
    ResponseHeadReader response_reader;
    CHECK_FALSE(response_reader.feed("SSH-2.0").has_value());
    ResponseHeadReader tls;
    CHECK_FALSE(tls.feed("\x15\x03").has_value());
    ResponseHeadReader prefix;
    for (const char c : std::string_view("HTTP/1.1 2")) REQUIRE(prefix.feed({&c, 1}).has_value());
    RequestHeadReader hello;
    CHECK_FALSE(hello.feed("\x16\x03\x01").has_value());
    RequestHeadReader get;
    CHECK(get.feed("GET /x y z").has_value());
  }

  TEST_CASE("the accepted request lines") {
    const RequestHead get = request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(get.method == "GET");
    CHECK(get.target == "/");
    CHECK(get.protocol == Protocol::http_1_1);
    CHECK(request("get /x HTTP/1.0\n\n").protocol == Protocol::http_1_0);
    CHECK(request("M-SEARCH * HTTP/1.1\r\n\r\n").target == "*");
    CHECK(request("CONNECT a:1 HTTP/1.1\r\n\r\n").target == "a:1");
    CHECK(request("GET http://a/?\"{}|^` HTTP/1.1\r\n\r\n").target == "http://a/?\"{}|^`");
  }

  TEST_CASE("what is no request line is refused and its target not shown") {
    for (const std::string_view line :
         {" GET /secret HTTP/1.1", "GET  /secret HTTP/1.1", "GET /secret  HTTP/1.1",
          "GET\t/secret HTTP/1.1", "GET /secret\tHTTP/1.1", "GET /secret HTTP/1.1 ",
          "GET /secret HTTP/2.0", "GET /secret", "GET /secret ", "GET  HTTP/1.1", "GET",
          "G@T /secret HTTP/1.1", "GET /secret\x7f HTTP/1.1", "GET /secret\xc3\xa9 HTTP/1.1",
          "GET /secret HTTP/1.1\r", "GET /sec\rret HTTP/1.1", "GET /secret x HTTP/1.1",
          "GET /secret http/1.1", ": /secret HTTP/1.1"}) {
      CAPTURE(line);
      const std::string error = request_error(std::string(line) + "\r\nHost: a\r\n\r\n");
      CHECK_FALSE(error.empty());
      CHECK(error.find("secret") == std::string::npos);
    }
    CHECK_FALSE(request_error(std::string_view("GET /\0 HTTP/1.1\r\n\r\n", 19)).empty());
  }

  TEST_CASE("faulty header lines are refused in responses and requests") {
    for (const std::string_view line :
         {"no colon", "nocolon", ": empty", "Blank : x", "Tab\t: x", "A\rB: x", "A: x\ry", "A: \r",
          "A: x\r\ry", "A:\x01", "A: x\x7f", "A(: x", "A\xe9: x",
          "\x0b"
          "A: x",
          "A\x0b: x", "Transfer-Encoding : chunked", "Transfer-Encoding\r: chunked", "\rA: x"}) {
      CAPTURE(line);
      const std::string head = std::string("A: b\r\n") + std::string(line) + "\r\nC: d\r\n\r\n";
      CHECK_FALSE(response_error("HTTP/1.1 200 OK\r\n" + head).empty());
      CHECK_FALSE(request_error("GET / HTTP/1.1\r\n" + head).empty());
    }
    const std::string_view nul("A: b\0c\r\n\r\n", 10);
    CHECK(response_error("HTTP/1.1 200 OK\r\n" + std::string(nul)) ==
          "the response head has a NUL in its value of 'A'");
    const std::string_view nul_name("A\0: b\r\n\r\n", 9);
    CHECK_FALSE(request_error("GET / HTTP/1.1\r\n" + std::string(nul_name)).empty());
  }

  TEST_CASE("errors of header lines name the header and hide the value") {
    CHECK(response_error("HTTP/1.1 200 OK\r\nSet-Cookie: secret\rx\r\n\r\n") ==
          "the response head has a bare CR in its value of 'Set-Cookie'");
    CHECK(response_error("HTTP/1.1 200 OK\r\nFoo : x\r\n\r\n") ==
          "the response head has a blank between the header name 'Foo' and its colon");
    CHECK(response_error("HTTP/1.1 200 OK\r\nFoo\r\n\r\n") ==
          "the response head has a header line without a colon: 'Foo'");
    CHECK(response_error("HTTP/1.1 200 OK\r\nFoo\n\n") ==
          "the response head has a header line without a colon: 'Foo'");
    CHECK(response_error("HTTP/1.1 200 OK\r\n:x\n\n") ==
          "the response head has a header line with an empty name");
    CHECK(request_error("GET / HTTP/1.1\r\nFo@: x\r\n\r\n") ==
          "the request head has the byte '@' in its header name that begins with 'Fo'");
  }

  TEST_CASE("a folded line is joined in a response and refused in a request") {
    CHECK(response("HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nD: e\r\n\r\n").headers ==
          Headers::of({{"A", "b c"}, {"D", "e"}}));
    CHECK(response("HTTP/1.1 200 OK\r\nA:\r\n b\r\n\r\n").headers.get("A") == "b");
    CHECK(response("HTTP/1.1 200 OK\r\nA: b\r\n \r\n\r\n").headers.get("A") == "b");
    CHECK(response("HTTP/1.1 200 OK\nA: b\n\tc: d\n\n").headers == Headers::of({{"A", "b c: d"}}));
    CHECK(request_error("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n") ==
          "the request head has a folded header line");
    CHECK(response_error("HTTP/1.1 200 OK\r\n A: b\r\n\r\n") ==
          "the response head begins with a blank where a header name should be");
    CHECK_FALSE(request_error("GET / HTTP/1.1\r\n A: b\r\n\r\n").empty());
    CHECK_FALSE(response_error("HTTP/1.1 200 OK\r\nA: b\r\n c\rd\r\n\r\n").empty());
    CHECK_FALSE(response_error("HTTP/1.1 200 OK\r\nA: b\r\n c\x01\r\n\r\n").empty());
  }

  TEST_CASE("the byte limit counts everything up to the blank line, exactly") {
    const std::string wire = "HTTP/1.1 200 OK\r\nA: " + std::string(100, 'x') + "\r\n\r\n";
    Limits limits;
    limits.max_head_bytes = wire.size();
    CHECK(response_error(wire, limits).empty());
    CHECK(response_error(wire + "body", limits).empty());
    limits.max_head_bytes = wire.size() - 1;
    CHECK(response_error(wire, limits) == "the response head is larger than " +
                                              std::to_string(wire.size() - 1) +
                                              " bytes (max_head_bytes)");
  }

  TEST_CASE("a head without end is refused at the limit, however it arrives") {
    for (const std::string_view endless : {"x", "A: b\r\n", " folded\r\n"}) {
      CAPTURE(endless);
      for (const std::size_t slice : {1u, 7u, 1000u, 100000u}) {
        Limits limits;
        limits.max_head_bytes = 20000;
        limits.max_header_count = 100000;
        ResponseHeadReader reader(limits);
        REQUIRE(reader.feed("HTTP/1.1 200 OK\r\nA: b\r\n").has_value());
        std::string more;
        while (more.size() < slice) more += endless;
        std::size_t fed = 0;
        while (!reader.done() && reader.feed(more).has_value()) {
          fed += more.size();
          REQUIRE(fed <= 20000);
        }
        CHECK_FALSE(reader.done());
      }
    }
    Limits limits;
    limits.max_head_bytes = 1000;
    CHECK_FALSE(request_error(std::string(1001, '\n'), limits).empty());
    CHECK_FALSE(request_error("GET /" + std::string(1000, 'a'), limits).empty());
  }

  TEST_CASE("interim heads share one budget until reset") {
    Limits limits;
    limits.max_head_bytes = 60;
    ResponseHeadReader reader(limits);
    const std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";  // 25 bytes
    for (int i = 0; i < 2; ++i) {
      REQUIRE(reader.feed(interim).has_value());
      CHECK(reader.take().code == 100);
    }
    CHECK_FALSE(reader.feed(interim).has_value());
    reader.reset();
    CHECK(reader.feed(interim).has_value());
  }

  TEST_CASE("the number of header lines is limited") {
    Limits limits;
    limits.max_header_count = 3;
    const std::string start = "HTTP/1.1 200 OK\r\n";
    CHECK(response_error(start + "A: 1\r\nA: 2\r\nA: 3\r\n\r\n", limits).empty());
    CHECK(response_error(start + "A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n\r\n", limits) ==
          "the response head has more than 3 header lines (max_header_count)");
  }

  TEST_CASE("long values are checked to their last byte") {
    for (std::size_t size = 0; size < 40; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string value(size, 'v');
        value[at] = '\x7f';
        CAPTURE(value);
        CHECK_FALSE(response_error("HTTP/1.1 200 OK\r\nA: " + value + "\r\n\r\n").empty());
        value[at] = '\t';
        CHECK(response_error("HTTP/1.1 200 OK\r\nA: " + value + "\r\n\r\n").empty());
        value[at] = '\x80';
        CHECK(response_error("HTTP/1.1 200 OK\r\nA: " + value + "\r\n\r\n").empty());
        value[at] = '\xff';
        CHECK(response_error("HTTP/1.1 200 OK\r\nA: " + value + "\r\n\r\n").empty());
      }
    }
  }
}

}  // namespace head_reader_test
