// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/gzip_decoder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../../support/gzip.hpp"

namespace gzip_decoder_test {

using okhttp::ContentDecoder;
using okhttp::Errc;
using okhttp::GzipDecoder;
using okhttp::Result;

namespace {

struct Decoded {
  std::string text;
  Errc error{};
  bool end = false;         // the decoder said so
  std::size_t unused = 0;   // bytes it left alone
};

Decoded decode(ContentDecoder& decoder, std::string_view coded, std::size_t in, std::size_t out) {
  Decoded decoded;
  std::vector<std::byte> room(out);
  std::size_t at = 0;
  for (;;) {
    const auto slice = std::as_bytes(std::span(coded).subspan(at, std::min(in, coded.size() - at)));
    const Result<ContentDecoder::Progress> progress = decoder.decode(slice, room);
    if (!progress) {
      decoded.error = progress.error().code();
      return decoded;
    }
    CHECK(progress->consumed <= slice.size());
    CHECK(progress->produced <= room.size());
    for (std::size_t i = 0; i < progress->produced; ++i)
      decoded.text += static_cast<char>(room[i]);
    at += progress->consumed;
    decoded.end = progress->end;
    if (decoded.end || (at == coded.size() && progress->produced < room.size())) break;
  }
  decoded.unused = coded.size() - at;
  if (const Result<void> finished = decoder.finish(); !finished)
    decoded.error = finished.error().code();
  return decoded;
}

Decoded decode(std::string_view coded, std::size_t in = SIZE_MAX, std::size_t out = 4096) {
  GzipDecoder decoder;
  return decode(decoder, coded, in, out);
}

std::string prose() {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "line " + std::to_string(i * 7919) + " of it\n";
  return text;
}

}  // namespace

TEST_SUITE("message/gzip_decoder") {
  TEST_CASE("gives the same text however input and room are cut") {
    const std::string text = prose();
    const std::string coded = gzipped(text);
    for (const std::size_t in : {std::size_t{1}, std::size_t{2}, std::size_t{1000}, SIZE_MAX})
      for (const std::size_t out : {std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
        const Decoded decoded = decode(coded, in, out);
        CHECK(decoded.error == Errc{});
        CHECK(decoded.text == text);
      }
    CHECK(decode(gzipped("")).text.empty());
    CHECK(decode(gzipped("")).error == Errc{});
    CHECK(decode(gzipped("abc", 0)).text == "abc");
  }

  TEST_CASE("decodes members one after the other") {
    const std::string coded = gzipped("one ") + gzipped("") + gzipped("two ") + gzipped(prose());
    for (const std::size_t in : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
      const Decoded decoded = decode(coded, in, 100);
      CHECK(decoded.error == Errc{});
      CHECK(decoded.text == "one two " + prose());
    }
  }

  TEST_CASE("leaves alone what follows the last member and is no gzip") {
    for (const std::string& garbage :
         {std::string(512, '\0'), std::string("x"), std::string("\x1F"), std::string("\x1F\x8C..")})
      for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
        const Decoded decoded = decode(gzipped("text") + garbage, in);
        CHECK(decoded.error == Errc{});
        CHECK(decoded.text == "text");
        CHECK(decoded.end == (garbage != "\x1F"));
      }
    CHECK(decode(gzipped("text") + "abc").unused == 3);
  }

  TEST_CASE("what begins like another member has to be one") {
    CHECK(decode(gzipped("text") + "\x1F\x8Bxxxxxxxx").error == Errc::content_coding);
    CHECK(decode(gzipped("text") + "\x1F\x8B").error == Errc::unexpected_end);
  }

  TEST_CASE("takes nothing at all for an empty content") {
    CHECK(decode("").error == Errc{});
    CHECK(decode("").text.empty());
  }

  TEST_CASE("an end at any place but between members is unexpected") {
    const std::string coded = gzipped("some text, some text");
    for (std::size_t size = 1; size < coded.size(); ++size)
      for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
        CAPTURE(size);
        CHECK(decode(std::string_view(coded).substr(0, size), in).error == Errc::unexpected_end);
      }
  }

  TEST_CASE("refuses damaged input, and stays failed") {
    std::string coded = gzipped("some text, some text");
    CHECK(decode("plain text").error == Errc::content_coding);
    CHECK(decode("\x1Fplain text").error == Errc::content_coding);
    CHECK(decode("\x1F\x8B\x07...").error == Errc::content_coding);  // no deflate
    coded[coded.size() - 5] ^= 1;                                    // checksum
    CHECK(decode(coded).error == Errc::content_coding);
    coded[coded.size() - 5] ^= 1;
    coded[coded.size() - 1] ^= 1;  // length
    CHECK(decode(coded, 1).error == Errc::content_coding);
    GzipDecoder decoder;
    CHECK(decode(decoder, "plain", SIZE_MAX, 10).error == Errc::content_coding);
    CHECK(decode(decoder, gzipped("x"), SIZE_MAX, 10).error == Errc::content_coding);
    CHECK(decoder.finish().error() == Errc::content_coding);
  }

  TEST_CASE("reads the optional parts of a header") {
    // Flags: extra field, name, comment, header checksum (RFC 1952, 2.3.1).
    std::string coded = gzipped("text");
    std::string header = coded.substr(0, 10);
    header[3] = 4 | 8 | 16;
    header += std::string("\x03\0abc", 5) + std::string("name\0", 5) + std::string("comment\0", 8);
    CHECK(decode(header + coded.substr(10), 1).text == "text");
    header[3] |= 2;
    unsigned long crc = ::crc32(0, reinterpret_cast<const unsigned char*>(header.data()),
                                static_cast<unsigned>(header.size()));
    header += static_cast<char>(crc & 0xFF);
    header += static_cast<char>(crc >> 8 & 0xFF);
    CHECK(decode(header + coded.substr(10), 1).text == "text");
    header.back() = static_cast<char>(header.back() ^ 1);
    CHECK(decode(header + coded.substr(10), 1).error == Errc::content_coding);
  }

  TEST_CASE("a decoder given up half-way leaves nothing behind for the next one") {
    const std::string coded = gzipped(prose());
    for (int i = 0; i < 3; ++i) {
      std::vector<std::byte> room(10);
      GzipDecoder first;
      GzipDecoder second;
      REQUIRE(first.decode(std::as_bytes(std::span(coded).first(coded.size() / 2)), room));
      REQUIRE(second.decode(std::as_bytes(std::span(coded).first(20)), room));
    }
    CHECK(decode(coded).text == prose());
  }

  TEST_CASE("may go from thread to thread") {
    const std::string coded = gzipped(prose());
    auto decoder = std::make_unique<GzipDecoder>();
    std::vector<std::byte> room(100);
    std::thread([&] {
      REQUIRE(decode(coded).text == prose());
      REQUIRE(decoder->decode(std::as_bytes(std::span(coded).first(50)), room));
    }).join();
    decoder.reset();
    CHECK(decode(coded).text == prose());
  }
}

}  // namespace gzip_decoder_test
