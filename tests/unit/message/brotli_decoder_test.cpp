// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/brotli_decoder.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/codings.hpp"

namespace brotli_decoder_test {

#if OKHTTP_BROTLI

using namespace okhttp_tests;
using okhttp::BrotliDecoder;
using okhttp::Errc;

namespace {

Decoded decode(std::string_view coded, std::size_t in = SIZE_MAX) {
  BrotliDecoder decoder;
  return decode_with(decoder, coded, in);
}

}  // namespace

// What all decoders have in common is in content_decoder_test.cpp.
TEST_SUITE("message/brotli_decoder") {
  TEST_CASE("every window and quality decodes") {
    const std::string text = some_prose(300) + std::string(100'000, 'x');
    for (int window_bits = BROTLI_MIN_WINDOW_BITS; window_bits <= BROTLI_MAX_WINDOW_BITS; ++window_bits)
      for (const int quality : {0, 1, 4, 9}) {
        CAPTURE(window_bits);
        CAPTURE(quality);
        const Decoded decoded = decode(brotli_coded(text, quality, window_bits), 1000);
        CHECK(decoded.error == Errc{});
        CHECK((decoded.text == text));
      }
  }

  TEST_CASE("reads metadata blocks and the shortest streams") {
    CHECK(decode("\x06").error == Errc{});
    CHECK(decode("\x06").text.empty());
    CHECK(decode("\x3B").error == Errc{});
    // RFC 7932, 9.2: a metadata block without anything, or with a byte, then the last block.
    CHECK(decode("\x0C\x03", 1).error == Errc{});
    CHECK(decode(std::string("\x2C\x00x\x03", 4), 1).error == Errc{});
    CHECK(decode("\x06more").unused == 4);
  }

  TEST_CASE("refuses large windows, which the content coding has not") {
    // RFC 7932, 9.1 has no window for the bits 0010001; the library takes them for a large one if asked to.
    CHECK(decode("\x11\x1E\x03\x06\x80").error == Errc::content_coding);
  }
}

#endif  // OKHTTP_BROTLI

}  // namespace brotli_decoder_test
