// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/http1/chunk_decoder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chunk_decoder_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::Result;
using namespace okhttp::http1;

namespace {

struct Outcome {
  std::string payload;
  std::size_t consumed = 0;
  bool done = false;
  std::string error;
  Headers trailers;
};

/// Decodes `wire` given in slices of `in_size` (0: the two parts before and behind `cut`) into
/// output of `out_size` bytes.
Outcome decode(std::string_view wire,
               std::size_t in_size,
               std::size_t out_size,
               std::size_t cut = 0,
               const Limits& limits = {},
               bool response = true) {
  Outcome outcome;
  ChunkDecoder decoder(limits, response);
  std::vector<std::byte> out(out_size);
  std::size_t begin = 0;
  while (begin < wire.size() && !decoder.done()) {
    std::size_t size = in_size != 0 ? in_size : begin < cut ? cut - begin : wire.size() - begin;
    size = std::min(size, wire.size() - begin);
    // Memory of exactly that size: a sanitizer sees any byte read beside it.
    const auto copy = std::make_unique<std::byte[]>(size);
    std::transform(wire.begin() + static_cast<std::ptrdiff_t>(begin),
                   wire.begin() + static_cast<std::ptrdiff_t>(begin + size), copy.get(),
                   [](char c) { return static_cast<std::byte>(c); });
    const Result<Progress> progress = decoder.decode({copy.get(), size}, out);
    if (!progress) {
      CHECK(progress.error() == Errc::protocol_error);
      outcome.error = progress.error().message();
      CHECK(decoder.direct_bytes() == 0);
      CHECK_FALSE(decoder.decode({copy.get(), size}, out).has_value());
      return outcome;
    }
    for (std::size_t i = 0; i < progress->produced; ++i)
      outcome.payload += static_cast<char>(out[i]);
    outcome.consumed += progress->consumed;
    begin += progress->consumed;
    if (progress->consumed < size && !decoder.done() && progress->produced < out_size) {
      // Less than all, room left, not done: only in front of a fault.
      CHECK_FALSE(
          decoder.decode({copy.get() + progress->consumed, size - progress->consumed}, out));
    }
  }
  outcome.done = decoder.done();
  if (outcome.done) outcome.trailers = decoder.take_trailers();
  return outcome;
}

std::string error_of(std::string_view wire, const Limits& limits = {}) {
  const Outcome whole = decode(wire, wire.size(), 4096, 0, limits);
  const Outcome bytewise = decode(wire, 1, 3, 0, limits);
  CHECK(whole.error == bytewise.error);
  CHECK(whole.payload == bytewise.payload);
  return whole.error;
}

}  // namespace

TEST_SUITE("codec/http1/chunk_decoder") {
  TEST_CASE("gives the same body however the wire bytes are split and the output is sized") {
    const std::string_view wire =
        "5\r\nhello\r\n"
        "1;ext\r\n,\r\n"
        "00A ; name=\"va;l\\\"ue\"; x\r\n wonderful\r\n"
        "6\t \r\n world\r\n"
        "0;last\r\n"
        "Trailer-A: 1\r\n"
        "Trailer-B: 2\r\n"
        "\r\n"
        "HTTP/1.1";
    const Headers trailers = Headers::of({{"Trailer-A", "1"}, {"Trailer-B", "2"}});
    for (const std::size_t out_size : {1u, 2u, 7u, 100u}) {
      for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        CAPTURE(out_size);
        CAPTURE(cut);
        const Outcome outcome = decode(wire, 0, out_size, cut);
        REQUIRE(outcome.error == "");
        REQUIRE(outcome.done);
        REQUIRE(outcome.payload == "hello, wonderful world");
        REQUIRE(outcome.consumed == wire.size() - 8);
        REQUIRE(outcome.trailers == trailers);
      }
      CHECK(decode(wire, 1, out_size).payload == "hello, wonderful world");
    }
  }

  TEST_CASE("a body is done with the byte that ends it") {
    for (const std::string_view wire :
         {"0\r\n\r\n", "000\r\n\r\n", "0\r\nA: b\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"}) {
      CAPTURE(wire);
      CHECK(decode(wire, wire.size(), 8).done);
      CHECK_FALSE(decode(wire.substr(0, wire.size() - 1), wire.size(), 8).done);
    }
  }

  TEST_CASE("framing is consumed while the output is full or empty") {
    const std::string_view wire = "3\r\nabc\r\n0\r\n\r\n";
    ChunkDecoder decoder({}, true);
    const auto bytes = std::as_bytes(std::span(wire));
    Result<Progress> progress = decoder.decode(bytes, {});
    REQUIRE(progress.has_value());
    CHECK(progress->consumed == 3);
    CHECK(decoder.direct_bytes() == 3);
    std::byte out[3];
    progress = decoder.decode(bytes.subspan(3), out);
    REQUIRE(progress.has_value());
    CHECK(progress->consumed == wire.size() - 3);
    CHECK(progress->produced == 3);
    CHECK(decoder.done());
    progress = decoder.decode(bytes, out);
    REQUIRE(progress.has_value());
    CHECK(progress->consumed == 0);
  }

  TEST_CASE("payload may go past the decoder") {
    ChunkDecoder decoder({}, true);
    CHECK(decoder.direct_bytes() == 0);
    std::byte out[8];
    const std::string_view first = "A\r\nab";
    REQUIRE(decoder.decode(std::as_bytes(std::span(first)), out).has_value());
    CHECK(decoder.direct_bytes() == 8);
    decoder.consume_direct(0);
    decoder.consume_direct(5);
    CHECK(decoder.direct_bytes() == 3);
    decoder.consume_direct(3);
    CHECK(decoder.direct_bytes() == 0);
    const std::string_view rest = "\r\n0\r\n\r\n";
    REQUIRE(decoder.decode(std::as_bytes(std::span(rest)), out).has_value());
    CHECK(decoder.done());
  }

  TEST_CASE("sizes are hex of either case that fits 63 bits") {
    const auto size_of = [](std::string_view digits) {
      ChunkDecoder decoder({}, true);
      const std::string line = std::string(digits) + "\r\n";
      REQUIRE(decoder.decode(std::as_bytes(std::span(line)), {}).has_value());
      return decoder.direct_bytes();
    };
    CHECK(size_of("1") == 1);
    CHECK(size_of("aBcDeF") == 0xABCDEF);
    CHECK(size_of("7fffffffffffffff") == INT64_MAX);
    CHECK(size_of("00000000000000007fffffffffffffff") == INT64_MAX);
    for (const std::string_view bad :
         {"8000000000000000", "ffffffffffffffff", "10000000000000000", "7ffffffffffffffff"})
      CHECK(error_of(std::string(bad) + "\r\n") == "a chunk size does not fit 63 bits");
  }

  TEST_CASE("faulty size lines are refused") {
    for (const std::string_view bad :
         {"\r\n",  "\n",     ";x\r\n",     " 5\r\n",     "-5\r\n", "+5\r\n",   "0x5\r\n",
          "g\r\n", "5x\r\n", "5 5\r\n",    "5 x\r\n",    "5\n",    "5\r\r\n",  "5\rx",
          "5;x\n", "5;x\rx", "5;\x01\r\n", "5;\x7f\r\n", "5,\r\n", "5\x0b\r\n"}) {
      CAPTURE(bad);
      CHECK_FALSE(error_of(std::string(bad) + "hello\r\n0\r\n\r\n").empty());
      CHECK_FALSE(error_of("1\r\nx\r\n" + std::string(bad) + "hello\r\n0\r\n\r\n").empty());
    }
    CHECK_FALSE(error_of(std::string_view("5;\0\r\nhello", 10)).empty());
  }

  TEST_CASE("a chunk must be followed by CRLF") {
    for (const std::string_view bad :
         {"0\r\n\r\n", "\n0\r\n\r\n", "\r0\r\n\r\n", "x\r\n", "\r\r\n"}) {
      CAPTURE(bad);
      const Outcome outcome = decode("5\r\nhello" + std::string(bad), 100, 100);
      CHECK(outcome.payload == "hello");
      CHECK_FALSE(outcome.error.empty());
      CHECK_FALSE(error_of("5\r\nhello" + std::string(bad)).empty());
    }
  }

  TEST_CASE("a size line has a bounded length") {
    Limits limits;
    limits.max_line = 10;
    CHECK(error_of("000000001\r\nx\r\n0\r\n\r\n", limits).empty());
    CHECK(error_of("0000000001\r\nx\r\n0\r\n\r\n", limits) ==
          "a chunk size line is longer than 10 bytes (max_line)");
    CHECK_FALSE(error_of("1;3456789x\r\n", limits).empty());
  }

  TEST_CASE("a body may not consist of extensions") {
    Limits limits;
    limits.max_extension_bytes = 100;
    std::string wire;
    for (int i = 0; i < 1000; ++i) wire += "1;2345678\r\nx\r\n";
    CHECK(error_of(wire, limits).find("max_extension_bytes") != std::string::npos);
    wire.clear();
    for (int i = 0; i < 1000; ++i) wire += std::string(30, '0') + "1\r\nx\r\n";
    CHECK(error_of(wire, limits).find("max_extension_bytes") != std::string::npos);
    wire.clear();
    for (int i = 0; i < 1000; ++i) wire += "A;234\r\n0123456789\r\n";
    CHECK(error_of(wire, limits).empty());
  }

  TEST_CASE("trailers keep the rules of header lines and have limits of their own") {
    CHECK(error_of("0\r\nA b: c\r\n\r\n").find("the trailer section has a blank") == 0);
    CHECK_FALSE(error_of("0\r\nA: b\rc\r\n\r\n").empty());
    CHECK_FALSE(error_of("0\r\n A: b\r\n\r\n").empty());
    CHECK_FALSE(error_of("0\r\n\rx\n\r\n").empty());
    Limits limits;
    limits.max_trailer_bytes = 10;
    CHECK(error_of("0\r\nA: 3456\r\n\r\n", limits) ==
          "the trailer section is larger than 10 bytes (max_trailer_bytes)");
    CHECK(error_of("0\r\nA: 345\r\n\r\n", limits).empty());
    limits = {};
    limits.max_header_count = 1;
    CHECK_FALSE(error_of("0\r\nA: b\r\nA: b\r\n\r\n", limits).empty());
  }

  TEST_CASE("a folded trailer is joined in a response and refused in a request") {
    const std::string_view wire = "0\r\nA: b\r\n c\r\n\r\n";
    CHECK(decode(wire, 100, 1).trailers == Headers::of({{"A", "b c"}}));
    CHECK_FALSE(decode(wire, 100, 1, 0, {}, false).error.empty());
  }
}

}  // namespace chunk_decoder_test
