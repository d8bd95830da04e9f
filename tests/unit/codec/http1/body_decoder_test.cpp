// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/body_decoder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace body_decoder_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::Result;
using namespace okhttp::http1;
using Kind = BodyFraming::Kind;

namespace {

BodyFraming framing(Kind kind, std::uint64_t length = 0) {
  BodyFraming made;
  made.kind = kind;
  made.length = length;
  return made;
}

/// One step with `room` bytes of output; appends what came out.
Progress step(BodyDecoder& decoder, std::string_view in, std::size_t room, std::string& out) {
  std::string buffer(room, '\0');
  const Result<Progress> progress =
      decoder.decode(std::as_bytes(std::span(in)), std::as_writable_bytes(std::span(buffer)));
  REQUIRE(progress.has_value());
  out.append(buffer, 0, progress->produced);
  return *progress;
}

}  // namespace

TEST_SUITE("codec/http1/body_decoder") {
  TEST_CASE("without a body it is done and takes nothing") {
    for (BodyDecoder decoder :
         {BodyDecoder(), BodyDecoder(framing(Kind::none)), BodyDecoder(framing(Kind::fixed, 0))}) {
      CHECK(decoder.done());
      CHECK(decoder.direct_bytes() == 0);
      std::string out;
      CHECK(step(decoder, "next", 10, out).consumed == 0);
      CHECK(out.empty());
      CHECK(decoder.end_of_input().has_value());
    }
  }

  TEST_CASE("a fixed body ends with its last byte") {
    BodyDecoder decoder(framing(Kind::fixed, 5));
    CHECK(decoder.direct_bytes() == 5);
    std::string out;
    CHECK(step(decoder, "he", 10, out).consumed == 2);
    CHECK(decoder.direct_bytes() == 3);
    CHECK(step(decoder, "", 10, out).consumed == 0);
    CHECK(step(decoder, "llo", 1, out).consumed == 1);
    CHECK_FALSE(decoder.done());
    CHECK(step(decoder, "loHTTP/1.1", 10, out).consumed == 2);
    CHECK(out == "hello");
    CHECK(decoder.done());
    CHECK(decoder.direct_bytes() == 0);
    CHECK(decoder.trailers().empty());
  }

  TEST_CASE("a fixed body may go past the decoder") {
    BodyDecoder decoder(framing(Kind::fixed, UINT64_C(1) << 40));
    decoder.consume_direct((UINT64_C(1) << 40) - 1);
    CHECK_FALSE(decoder.done());
    CHECK(decoder.direct_bytes() == 1);
    decoder.consume_direct(1);
    CHECK(decoder.done());
  }

  TEST_CASE("a body until close ends with the input") {
    BodyDecoder decoder(framing(Kind::until_close));
    CHECK(decoder.direct_bytes() == UINT64_MAX);
    std::string out;
    CHECK(step(decoder, "hello", 3, out).consumed == 3);
    CHECK(step(decoder, "lo", 3, out).consumed == 2);
    decoder.consume_direct(1000);
    CHECK(decoder.direct_bytes() == UINT64_MAX);
    CHECK_FALSE(decoder.done());
    CHECK(decoder.end_of_input().has_value());
    CHECK(decoder.done());
    CHECK(decoder.direct_bytes() == 0);
    CHECK(out == "hello");
    CHECK(step(decoder, "more", 3, out).consumed == 0);
  }

  TEST_CASE("a chunked body ends with its trailers") {
    BodyDecoder decoder(framing(Kind::chunked));
    CHECK(decoder.direct_bytes() == 0);
    std::string out;
    step(decoder, "5\r\nhe", 10, out);
    CHECK(decoder.direct_bytes() == 3);
    decoder.consume_direct(3);
    CHECK(decoder.direct_bytes() == 0);
    step(decoder, "\r\n0\r\nA: b\r\n", 10, out);
    CHECK_FALSE(decoder.done());
    CHECK(decoder.trailers().empty());
    CHECK(step(decoder, "\r\nHTTP", 10, out).consumed == 2);
    CHECK(decoder.done());
    CHECK(decoder.trailers() == Headers::of({{"A", "b"}}));
    CHECK(decoder.take_trailers().size() == 1);
    CHECK(decoder.trailers().empty());
    CHECK(out == "he");
  }

  TEST_CASE("an input that ends early is an error of its own") {
    BodyDecoder fixed(framing(Kind::fixed, 5));
    std::string out;
    step(fixed, "he", 10, out);
    Result<void> ended = fixed.end_of_input();
    REQUIRE_FALSE(ended.has_value());
    CHECK(ended.error() == Errc::unexpected_end);
    CHECK(ended.error().message() == "the connection was closed after 2 of 5 bytes of the body");

    const std::string_view wire = "2\r\nhe\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size <= wire.size(); ++size) {
      CAPTURE(size);
      BodyDecoder chunked(framing(Kind::chunked));
      step(chunked, wire.substr(0, size), 10, out);
      ended = chunked.end_of_input();
      CHECK(ended.has_value() == (size == wire.size()));
      if (!ended) CHECK(ended.error() == Errc::unexpected_end);
    }
  }

  TEST_CASE("a fault stays") {
    BodyDecoder decoder(framing(Kind::chunked));
    std::string out;
    step(decoder, "2\r\nhe", 10, out);
    const std::string_view bad = "x";
    for (int i = 0; i < 3; ++i) {
      const Result<Progress> progress = decoder.decode(std::as_bytes(std::span(bad)), {});
      REQUIRE_FALSE(progress.has_value());
      CHECK(progress.error() == Errc::protocol_error);
    }
    CHECK_FALSE(decoder.done());
    CHECK(decoder.direct_bytes() == 0);
  }

  TEST_CASE("limits reach the chunks") {
    Limits limits;
    limits.max_line = 3;
    BodyDecoder decoder(framing(Kind::chunked), limits);
    const std::string_view bad = "0000\r\n";
    CHECK_FALSE(decoder.decode(std::as_bytes(std::span(bad)), {}).has_value());
  }
}

}  // namespace body_decoder_test
