// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ascii_test {

namespace ascii = okhttp::ascii;

namespace {

std::vector<std::string> members(std::string_view list) {
  std::vector<std::string> found;
  ascii::for_each_list_member(list, [&](std::string_view member) { found.emplace_back(member); });
  return found;
}

}  // namespace

TEST_SUITE("base/ascii") {
  TEST_CASE("every byte is classed by ASCII alone") {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
    for (int byte = 0; byte < 256; ++byte) {
      CAPTURE(byte);
      const char c = static_cast<char>(byte);
      const auto in = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
      CHECK(ascii::is_digit(c) == in(digits));
      CHECK(ascii::is_lower(c) == in(lower));
      CHECK(ascii::is_upper(c) == in(upper));
      CHECK(ascii::is_alpha(c) == (in(lower) || in(upper)));
      CHECK(ascii::is_token_char(c) == (in(digits) || in(lower) || in(upper) || in(token_marks)));
      CHECK(ascii::to_lower(c) == (in(upper) ? lower[upper.find(c)] : c));
      const std::size_t low = std::string_view("0123456789abcdef").find(c);
      const std::size_t high = std::string_view("0123456789ABCDEF").find(c);
      const std::size_t value = low < high ? low : high;
      CHECK(ascii::hex_value(c) ==
            (value == std::string_view::npos ? -1 : static_cast<int>(value)));
    }
  }

  TEST_CASE("a token is one or more token characters") {
    CHECK(ascii::is_token("Content-Type"));
    CHECK(ascii::is_token("!"));
    CHECK_FALSE(ascii::is_token(""));
    CHECK_FALSE(ascii::is_token("a b"));
    CHECK_FALSE(ascii::is_token("a:"));
    CHECK_FALSE(ascii::is_token(std::string_view("a\0b", 3)));
    CHECK_FALSE(ascii::is_token("caf\xc3\xa9"));
  }

  TEST_CASE("comparing ignores the case of ASCII letters and of nothing else") {
    CHECK(ascii::iequals("", ""));
    CHECK(ascii::iequals("GZip", "gzIP"));
    CHECK_FALSE(ascii::iequals("gzip", "gzi"));
    CHECK_FALSE(ascii::iequals("[", "{"));
    CHECK_FALSE(ascii::iequals("@", "`"));
    CHECK_FALSE(ascii::iequals("\xc4", "\xe4"));
    CHECK(ascii::lowered("AbC-\xc4@Z") == "abc-\xc4@z");
  }

  TEST_CASE("trimming takes spaces and tabs off both ends") {
    CHECK(ascii::trim(" \t a b\t ") == "a b");
    CHECK(ascii::trim("") == "");
    CHECK(ascii::trim(" \t") == "");
    CHECK(ascii::trim("\r\n") == "\r\n");
    CHECK(ascii::trim("\va") == "\va");
  }

  TEST_CASE("decimal numbers are read up to the last that fits") {
    struct Row {
      std::string_view text;
      std::uint64_t value;
    };
    for (const Row& row : {Row{"0", 0}, Row{"007", 7}, Row{"18446744073709551615", UINT64_MAX},
                           Row{"00000000000000000000000000000001", 1}}) {
      CAPTURE(row.text);
      std::uint64_t value = 99;
      CHECK(ascii::parse_decimal(row.text, value));
      CHECK(value == row.value);
    }
    for (std::string_view text : {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "18446744073709551616",
                                  "18446744073709551620", "99999999999999999999", "1.0", "\xb2"}) {
      CAPTURE(text);
      std::uint64_t value = 99;
      CHECK_FALSE(ascii::parse_decimal(text, value));
      CHECK(value == 99);
    }
  }

  TEST_CASE("list members come trimmed, and empty ones do not count") {
    CHECK(members("").empty());
    CHECK(members(" , ,\t,").empty());
    CHECK(members("a") == std::vector<std::string>{"a"});
    CHECK(members(", a ,,\tb c,") == std::vector<std::string>{"a", "b c"});
  }

  TEST_CASE("a list contains a token whatever its case, but not a part of one") {
    CHECK(ascii::list_contains("keep-alive, Upgrade", "upgrade"));
    CHECK(ascii::list_contains(" CLOSE", "close"));
    CHECK_FALSE(ascii::list_contains("not-close", "close"));
    CHECK_FALSE(ascii::list_contains("close;q=1", "close"));
    CHECK_FALSE(ascii::list_contains("", "close"));
  }

  TEST_CASE("the rules hold while compiling") {
    static_assert(ascii::is_token("x-y"));
    static_assert(ascii::iequals("A", "a"));
    static_assert(ascii::trim(" a ") == "a");
    static_assert(ascii::hex_value('F') == 15);
    static_assert(ascii::list_contains("a, B", "b"));
    constexpr std::uint64_t parsed = [] {
      std::uint64_t value = 0;
      return ascii::parse_decimal("42", value) ? value : 0;
    }();
    static_assert(parsed == 42);
  }
}

}  // namespace ascii_test
