// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/zstd_decoder.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/codings.hpp"

namespace zstd_decoder_test {

#if OKHTTP_ZSTD

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::ZstdDecoder;

namespace {

Decoded decode(std::string_view coded, std::size_t in = SIZE_MAX, std::size_t out = 4096) {
  ZstdDecoder decoder;
  return decode_with(decoder, coded, in, out);
}

}  // namespace

// What all decoders have in common is in content_decoder_test.cpp.
TEST_SUITE("message/zstd_decoder") {
  TEST_CASE("frames follow one another, skippable ones between them") {
    const std::string text = some_prose(1000);
    const std::string coded = skippable_frame("") + zstd_coded("one ") + skippable_frame(some_noise(5000)) +
                              zstd_coded("") + zstd_coded("two ", 3, 0, false) + zstd_coded(text, 9) + skippable_frame("end");
    for (const std::size_t in : {std::size_t{1}, std::size_t{7}, SIZE_MAX})
      for (const std::size_t out : {std::size_t{1}, std::size_t{100'000}}) {
        const Decoded decoded = decode(coded, in, out);
        CHECK(decoded.error == Errc{});
        CHECK((decoded.text == "one two " + text));
      }
    CHECK(decode(skippable_frame("nothing else")).error == Errc{});
    CHECK(decode(skippable_frame("cut").substr(0, 9)).error == Errc::unexpected_end);
    CHECK(decode(skippable_frame("cut").substr(0, 6)).error == Errc::unexpected_end);
  }

  TEST_CASE("what begins like another frame has to be one") {
    const std::string good = zstd_coded("text");
    for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
      CHECK(decode(good + "\x28\xB5\x2F", in).error == Errc{});
      CHECK(decode(good + "\x28\xB5\x2F~", in).error == Errc{});
      CHECK(decode(good + "\x28\xB5\x2F~", in).end);
      CHECK(decode(good + "\x28\xB5\x2F\xFD", in).error == Errc::unexpected_end);
      CHECK(decode(good + "\x28\xB5\x2F\xFD\xFF\xFF\xFF\xFF", in).error == Errc::content_coding);
      CHECK(decode(good + good.substr(0, good.size() - 1), in).error == Errc::unexpected_end);
    }
  }

  TEST_CASE("a window of 8 MiB is the largest, however the frame arrives") {
    const std::string text = some_prose(100);
    for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
      CHECK((decode(zstd_coded(text, 3, 23, false), in, 1 << 20).text == text));
      CHECK(decode(zstd_coded(text, 3, 24, false), in, 1 << 20).error == Errc::content_coding);
      // A window of 8 MiB and an eighth.
      std::string more = zstd_coded(text, 3, 23, false);
      CHECK(more[5] == 13 << 3);
      more[5] |= 1;
      CHECK(decode(more, in, 1 << 20).error == Errc::content_coding);
      // A small content whose size is told, but with a large window.
      const std::string small("\x28\xB5\x2F\xFD\x40\xA0\x01\x00\x09\x00\x00x", 12);
      CHECK(decode(small, in, 1 << 20).error == Errc::content_coding);
      // One segment: its window is its content.
      std::string single("\x28\xB5\x2F\xFD\xA0\x01\x00\x80\x00", 9);
      CHECK(decode(single, in).error == Errc::content_coding);
      single[5] = 0;
      CHECK(decode(single, in).error == Errc::unexpected_end);
    }
  }

  TEST_CASE("refuses dictionaries, unused bits, old formats and wrong checksums") {
    CHECK(decode(std::string("\x28\xB5\x2F\xFD\x21\x07\x01\x09\x00\x00x", 11)).error == Errc::content_coding);
    CHECK(decode(std::string("\x28\xB5\x2F\xFD\x28\x01\x09\x00\x00x", 10)).error == Errc::content_coding);
    for (const char old : {'\x22', '\x23', '\x24', '\x25', '\x26', '\x27'})
      CHECK(decode(std::string(1, old) + "\xB5\x2F\xFD....").error == Errc::content_coding);
    std::string coded = zstd_coded("some text, some text");
    coded.back() = static_cast<char>(coded.back() ^ 1);
    CHECK(decode(coded).error == Errc::content_coding);
    CHECK(decode(coded, 1).error == Errc::content_coding);
    // The parts of a header: a dictionary that is 0 is none.
    CHECK(decode(std::string("\x28\xB5\x2F\xFD\x23\x00\x00\x00\x00\x01\x09\x00\x00x", 14)).text == "x");
    CHECK(decode(std::string("\x28\xB5\x2F\xFD\xE0\x01\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00x", 17), 1).text == "x");
  }
}

#endif  // OKHTTP_ZSTD

}  // namespace zstd_decoder_test
