// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/chunk_encoder.hpp>

#include <doctest/doctest.h>

#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/codec/http1/head_writer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chunk_encoder_test {

using okhttp::Headers;
using okhttp::Protocol;
using okhttp::Result;
using namespace okhttp::http1;

namespace {

std::string header(std::uint64_t size) {
  char room[max_chunk_header];
  return std::string(room, chunk_header(room, size));
}

std::string chunked(std::string_view body, std::size_t chunk, const Headers& trailers) {
  std::string wire;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, chunk);
    wire.append(header(part.size())).append(part).append(chunk_end);
    body.remove_prefix(part.size());
  }
  write_last_chunk(wire, trailers);
  return wire;
}

/// A link that delivers in slices, and the reading half of either role at its end.
template <class HeadReader>
struct End {
  HeadReader reader;
  std::string unread;

  /// Reads one head and its body from the front of the link, `slice` bytes at a time.
  template <class FramingOf>
  auto read(std::string& link, std::size_t slice, FramingOf framing_of, std::string& body) {
    const auto receive = [&] {
      unread.append(link, 0, slice);
      link.erase(0, slice);
    };
    while (!reader.done()) {
      if (unread.empty()) receive();
      const Result<std::size_t> fed = reader.feed(unread);
      REQUIRE(fed.has_value());
      unread.erase(0, *fed);
    }
    auto head = reader.take();
    const Result<BodyFraming> framing = framing_of(head);
    REQUIRE(framing.has_value());
    BodyDecoder decoder(*framing);
    while (!decoder.done()) {
      if (unread.empty()) {
        if (link.empty()) {
          REQUIRE(decoder.end_of_input().has_value());
          break;
        }
        receive();
      }
      std::byte out[5];
      const Result<Progress> progress = decoder.decode(std::as_bytes(std::span(unread)), out);
      REQUIRE(progress.has_value());
      for (std::size_t i = 0; i < progress->produced; ++i) body += static_cast<char>(out[i]);
      unread.erase(0, progress->consumed);
    }
    trailers = decoder.take_trailers();
    return head;
  }
  Headers trailers;
};

}  // namespace

TEST_SUITE("codec/http1/chunk_encoder") {
  TEST_CASE("a chunk header is the size in hex and CRLF") {
    CHECK(header(1) == "1\r\n");
    CHECK(header(15) == "f\r\n");
    CHECK(header(16) == "10\r\n");
    CHECK(header(0xABCDEF) == "abcdef\r\n");
    CHECK(header(UINT64_MAX) == "ffffffffffffffff\r\n");
    CHECK(header(UINT64_C(1) << 60) == "1000000000000000\r\n");
    CHECK(header((UINT64_C(1) << 60) - 1) == "fffffffffffffff\r\n");
  }

  TEST_CASE("the last chunk carries the trailers") {
    std::string out = "x";
    write_last_chunk(out);
    CHECK(out == "x0\r\n\r\n");
    out.clear();
    write_last_chunk(out, Headers::of({{"A", "b"}, {"C", "d"}}));
    CHECK(out == "0\r\nA: b\r\nC: d\r\n\r\n");
  }

  TEST_CASE("headers that frame or route a message are no trailers") {
    CHECK(check_trailers(Headers::of({{"Server-Timing", "x"}, {"ETag", "y"}})).has_value());
    CHECK(check_trailers({}).has_value());
    for (const std::string_view name : {"content-length", "Transfer-Encoding", "HOST", "Trailer"})
      CHECK_FALSE(check_trailers(Headers::of({{"A", "b"}, {name, "1"}})).has_value());
  }

  TEST_CASE("client and server cores understand each other, whatever the slices") {
    const std::string upload = "name=value&more=" + std::string(50, 'u');
    const std::string answer = std::string(40, 'a') + "\r\n0\r\n\r\n" + std::string(40, 'b');
    const Headers trailers = Headers::of({{"Checksum", "42"}});
    for (std::size_t slice = 1; slice < 100; slice += slice < 20 ? 1 : 13) {
      CAPTURE(slice);
      std::string to_server;
      std::string to_client;
      End<RequestHeadReader> server;
      End<ResponseHeadReader> client;

      // Two requests on one connection, the first chunked, the second of known length.
      write_request_head(to_server, "POST", "/one",
                         Headers::of({{"Host", "a"}, {"Transfer-Encoding", "chunked"}}));
      to_server += chunked(upload, 7, trailers);
      write_request_head(to_server, "PUT", "/two",
                         Headers::of({{"Host", "a"}, {"Content-Length", "3"}}));
      to_server += "abc";

      std::string body;
      const RequestHead first = server.read(to_server, slice, request_framing, body);
      CHECK(first.method == "POST");
      CHECK(first.target == "/one");
      CHECK(check_host(first).has_value());
      CHECK(body == upload);
      CHECK(server.trailers == trailers);
      body.clear();
      const RequestHead second = server.read(to_server, slice, request_framing, body);
      CHECK(second.method == "PUT");
      CHECK(body == "abc");
      CHECK(to_server.empty());
      CHECK(server.unread.empty());
      CHECK_FALSE(server.reader.started());

      // An interim answer, a chunked one, one without body, one until close.
      write_response_head(to_client, Protocol::http_1_1, 100, "Continue", {});
      write_response_head(to_client, Protocol::http_1_1, 200, "OK",
                          Headers::of({{"Transfer-Encoding", "chunked"}}));
      to_client += chunked(answer, 9, trailers);
      write_response_head(to_client, Protocol::http_1_1, 304, "Not Modified",
                          Headers::of({{"Content-Length", "1000"}}));
      write_response_head(to_client, Protocol::http_1_0, 200, "OK", {});
      to_client += answer;

      const auto to_post = [](const ResponseHead& head) { return response_framing("POST", head); };
      body.clear();
      CHECK(client.read(to_client, slice, to_post, body).code == 100);
      CHECK(client.read(to_client, slice, to_post, body).code == 200);
      CHECK(body == answer);
      CHECK(client.trailers == trailers);
      body.clear();
      CHECK(client.read(to_client, slice, to_post, body).code == 304);
      CHECK(body.empty());
      const ResponseHead last = client.read(to_client, slice, to_post, body);
      CHECK(last.protocol == Protocol::http_1_0);
      CHECK(body == answer);
    }
  }
}

}  // namespace chunk_encoder_test
