// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/deflate_decoder.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/codings.hpp"

namespace deflate_decoder_test {

using namespace okhttp_tests;
using okhttp::DeflateDecoder;
using okhttp::Errc;

namespace {

Decoded decode(std::string_view coded, std::size_t in = SIZE_MAX) {
  DeflateDecoder decoder;
  return decode_with(decoder, coded, in);
}

}  // namespace

// What all decoders have in common is in content_decoder_test.cpp.
TEST_SUITE("message/deflate_decoder") {
  TEST_CASE("the first two bytes tell zlib's format from bare data") {
    const std::string text = some_prose(100);
    for (const std::size_t in : {std::size_t{1}, SIZE_MAX})
      for (int window_bits = 9; window_bits <= 15; ++window_bits)
        for (const int level : {0, 1, 6, 9}) {
          CAPTURE(window_bits);
          CAPTURE(level);
          CHECK((decode(deflated(text, window_bits, level), in).text == text));
          CHECK((decode(deflated(text, -window_bits, level), in).text == text));
          CHECK(decode(deflated("", window_bits, level), in).error == Errc{});
          CHECK(decode(deflated("", -window_bits, level), in).error == Errc{});
        }
  }

  TEST_CASE("the checksum of zlib's format is looked at") {
    std::string coded = zlib_wrapped("some text");
    coded.back() = static_cast<char>(coded.back() ^ 1);
    CHECK(decode(coded).error == Errc::content_coding);
    CHECK(decode(coded, 1).error == Errc::content_coding);
  }

  TEST_CASE("a header that is nearly zlib's is neither") {
    std::string coded = zlib_wrapped("some text");
    coded[1] = static_cast<char>(coded[1] ^ 1);  // no multiple of 31
    CHECK(decode(coded).error == Errc::content_coding);
    coded = zlib_wrapped("some text");
    coded[0] = '\x88';  // a window of 64 KiB
    CHECK(decode(coded).error == Errc::content_coding);
    CHECK(decode(std::string("\x78\xBB\0\0\0\0", 6)).error == Errc::content_coding);  // needs a dictionary
    CHECK(decode(gzipped("text")).error == Errc::content_coding);
    CHECK(decode("x").error == Errc::unexpected_end);
    CHECK(decode("plain text").error == Errc::content_coding);
  }
}

}  // namespace deflate_decoder_test
