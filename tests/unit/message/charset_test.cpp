// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/charset.hpp>

#include <doctest/doctest.h>

#include <string>

namespace charset_test {

using namespace std::string_literals;
using okhttp::byte_order_mark;
using okhttp::Charset;
using okhttp::charset_for_label;
using okhttp::to_utf8;

TEST_SUITE("message/charset") {
  TEST_CASE("knows the labels of the Encoding standard in any case") {
    CHECK(charset_for_label("UTF-8") == Charset::utf_8);
    CHECK(charset_for_label("utf8") == Charset::utf_8);
    CHECK(charset_for_label("ISO-8859-1") == Charset::windows_1252);
    CHECK(charset_for_label("us-ascii") == Charset::windows_1252);
    CHECK(charset_for_label("Windows-1252") == Charset::windows_1252);
    CHECK(charset_for_label("utf-16") == Charset::utf_16le);
    CHECK(charset_for_label("UTF-16BE") == Charset::utf_16be);
    CHECK(charset_for_label("utf-32") == Charset::utf_32be);
    CHECK(charset_for_label("utf-32le") == Charset::utf_32le);
    for (const char* label : {"", "utf-7", "koi8-r", "utf-88", " utf-8"})
      CHECK_FALSE(charset_for_label(label));
  }

  TEST_CASE("sees every byte order mark, and the longer one first") {
    const struct {
      std::string bytes;
      Charset charset;
      std::size_t size;
    } rows[] = {{"\xEF\xBB\xBFx", Charset::utf_8, 3},
                {"\xFE\xFF\0x"s, Charset::utf_16be, 2},
                {"\xFF\xFEx\0"s, Charset::utf_16le, 2},
                {"\xFF\xFE", Charset::utf_16le, 2},
                {"\xFF\xFE\0"s, Charset::utf_16le, 2},
                {"\xFF\xFE\0\0"s, Charset::utf_32le, 4},
                {"\0\0\xFE\xFF"s, Charset::utf_32be, 4}};
    for (const auto& row : rows) {
      const auto mark = byte_order_mark(row.bytes);
      REQUIRE(mark);
      CHECK(mark->charset == row.charset);
      CHECK(mark->size == row.size);
    }
    for (const std::string& bytes : {""s, "\xEF\xBB"s, "\xFF"s, "\xFE"s, "\0\0\xFE"s, "abc"s})
      CHECK_FALSE(byte_order_mark(bytes));
  }

  TEST_CASE("decodes windows-1252 as browsers do, also under the name ISO-8859-1") {
    CHECK(to_utf8("a\x80\x9F\xA0\xE9\xFF", Charset::windows_1252) ==
          "a\xE2\x82\xAC\xC5\xB8\xC2\xA0\xC3\xA9\xC3\xBF");
    CHECK(to_utf8("\x81\x8D", Charset::windows_1252) == "\xC2\x81\xC2\x8D");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK(to_utf8(all, Charset::windows_1252).size() > 256);
  }

  TEST_CASE("decodes UTF-16 in both orders, pairs included") {
    CHECK(to_utf8("a\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE"s, Charset::utf_16le) ==
          "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(to_utf8("\0a\0\xE9\x20\xAC\xD8\x3D\xDE\x00"s, Charset::utf_16be) ==
          "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(to_utf8("\xFF\xDB\xFF\xDF"s, Charset::utf_16le) == "\xF4\x8F\xBF\xBF");
  }

  TEST_CASE("replaces what UTF-16 does not allow") {
    const std::string bad = "\xEF\xBF\xBD";
    CHECK(to_utf8("\xD8\x3D"s, Charset::utf_16be) == bad);                  // high half at the end
    CHECK(to_utf8("\xD8\x3D\0a"s, Charset::utf_16be) == bad + "a");         // high half alone
    CHECK(to_utf8("\xDE\0\0a"s, Charset::utf_16be) == bad + "a");           // low half alone
    CHECK(to_utf8("\xD8\x3D\xD8\x3D\xDE\0"s, Charset::utf_16be) == bad + "\xF0\x9F\x98\x80");
    CHECK(to_utf8("\0a\0"s, Charset::utf_16be) == "a" + bad);               // half a unit
    CHECK(to_utf8("\xD8\x3D\xDE"s, Charset::utf_16be) == bad + bad);
    CHECK(to_utf8("", Charset::utf_16be).empty());
  }

  TEST_CASE("decodes UTF-32 and replaces what is no scalar value") {
    const std::string bad = "\xEF\xBF\xBD";
    CHECK(to_utf8("a\0\0\0\0\xF6\x01\0"s, Charset::utf_32le) == "a\xF0\x9F\x98\x80");
    CHECK(to_utf8("\0\0\0a\0\x01\xF6\0"s, Charset::utf_32be) == "a\xF0\x9F\x98\x80");
    CHECK(to_utf8("\0\0\xD8\0\0\x11\0\0\xFF\xFF\xFF\xFF"s, Charset::utf_32be) == bad + bad + bad);
    CHECK(to_utf8("\0\0\0a\0\0"s, Charset::utf_32be) == "a" + bad);
  }

  TEST_CASE("hands UTF-8 through as it is") {
    CHECK(to_utf8("\xC3\xA9\xFF\0z"s, Charset::utf_8) == "\xC3\xA9\xFF\0z"s);
  }
}

}  // namespace charset_test
