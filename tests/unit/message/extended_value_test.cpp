// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/extended_value.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace extended_value_test {

using okhttp::decode_extended_value;
using okhttp::encode_extended_value;
using okhttp::ExtendedValue;

TEST_SUITE("message/extended_value") {
  TEST_CASE("the examples of RFC 5987 and RFC 8187") {
    const std::optional<ExtendedValue> pounds = ExtendedValue::try_parse("iso-8859-1'en'%A3%20rates");
    REQUIRE(pounds.has_value());
    CHECK(pounds->charset == "iso-8859-1");
    CHECK(pounds->language == "en");
    CHECK(pounds->encoded == "%A3%20rates");
    CHECK(pounds->decoded() == "\xC2\xA3 rates");
    CHECK(decode_extended_value("UTF-8''%c2%a3%20and%20%e2%82%ac%20rates") == "\xC2\xA3 and \xE2\x82\xAC rates");
    CHECK(decode_extended_value("UTF-8'en'%C2%A3%20rates") == "\xC2\xA3 rates");
    CHECK(encode_extended_value("\xC2\xA3 rates", "en") == "UTF-8'en'%C2%A3%20rates");
  }

  TEST_CASE("charsets are known whatever their case") {
    CHECK(decode_extended_value("utf-8''a") == "a");
    CHECK(decode_extended_value("Utf-8''%E2%82%AC") == "\xE2\x82\xAC");
    CHECK(decode_extended_value("ISO-8859-1''%e4") == "\xC3\xA4");
    CHECK(decode_extended_value("windows-1252''%80") == "\xE2\x82\xAC");
    CHECK(!decode_extended_value("utf-16''ab"));
    CHECK(!decode_extended_value("koi8-r''ab"));
    CHECK(!decode_extended_value("''ab"));
  }

  TEST_CASE("what breaks the grammar is nothing") {
    for (const char* const bad : {"", "abc", "UTF-8'abc", "UTF-8''%", "UTF-8''%4", "UTF-8''%zz", "UTF-8''a b", "UTF-8''\"a\"",
                                  "UTF-8''a'b", "UTF-8''a*b", "UTF-8''a/b", "UTF-8''a;b", "UTF-8'e n'a", "UTF-8'\xC3\xA4'a",
                                  "UTF-8''\xC3\xA4", "UT F''a", "U*''a"}) {
      CAPTURE(bad);
      CHECK(!ExtendedValue::try_parse(bad));
    }
    CHECK(ExtendedValue::try_parse("UTF-8''")->encoded.empty());
    CHECK(decode_extended_value("UTF-8''") == "");
    CHECK(decode_extended_value("UTF-8''!#$&+-.^_`|~09azAZ") == "!#$&+-.^_`|~09azAZ");
  }

  TEST_CASE("bytes that are no UTF-8 are nothing") {
    for (const char* const bad : {"UTF-8''%E4", "UTF-8''%c3", "UTF-8''%c0%80", "UTF-8''%ed%a0%80", "UTF-8''%f4%90%80%80",
                                  "UTF-8''%c3%28", "UTF-8''%80"}) {
      CAPTURE(bad);
      CHECK(ExtendedValue::try_parse(bad).has_value());
      CHECK(!decode_extended_value(bad));
    }
    CHECK(decode_extended_value("UTF-8''%f4%8f%bf%bf") == "\xF4\x8F\xBF\xBF");
    CHECK(decode_extended_value("UTF-8''%ee%80%80%ef%bf%bd") == "\xEE\x80\x80\xEF\xBF\xBD");
  }

  TEST_CASE("every byte of text comes back") {
    std::string text;
    for (char c = 1; c < 0x7F; ++c) text += c;
    text += "\x7F\xC2\x80\xF0\x9F\x98\x80";
    CHECK(decode_extended_value(encode_extended_value(text)) == text);
    CHECK(encode_extended_value("a\xFF") == "UTF-8''a%EF%BF%BD");
    CHECK(encode_extended_value("*'%\"") == "UTF-8''%2A%27%25%22");
  }
}

}  // namespace extended_value_test
