// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie_date.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/http_date.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cookie_date_test {

using okhttp::parse_cookie_date;

namespace {

/// The date in full, or "-".
std::string shown(std::string_view text) {
  const std::optional<std::int64_t> seconds = parse_cookie_date(text);
  return seconds ? std::string(okhttp::format_http_date(*seconds)) : "-";
}

}  // namespace

TEST_SUITE("message/cookie_date") {

TEST_CASE("the parts may stand in any order, with anything between them") {
  constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(parse_cookie_date(date) == 784'111'777);
  for (const char* const text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "1994 Nov 6 8:49:37", "8:49:37 6 94 nov", "06 Nov 1994 08:49:37", "nov/6/1994;08:49:37", "6NOV... novEMBER 94 8:49:37",
        "6th Nov 1994 8:49:37am", "6 Nov 1994 08:49:37 +0900", "6 Nov 1994x 08:49:37.123", "Monday 6 Nov 1994 08:49:37"}) {
    CAPTURE(text);
    CHECK(shown(text) == date);
  }
}

TEST_CASE("what lacks a part, or has one that no clock or calendar has, is no date") {
  for (const char* const text :
       {"", "Nov 1994 08:49:37", "06 1994 08:49:37", "06 Nov 08:49:37", "06 Nov 1994", "06 Nov 1994 08:49",
        "06 Nov 1994 08:49:", "06 Nov 1994 8:49:377", "06 Nov 1994 108:49:37", "00 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37", "32 Dec 1994 08:49:37", "29 Feb 1995 08:49:37", "29 Feb 1900 08:49:37",
        "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00", "06 Nov 1994 08:49:60", "06 Nov 1600 08:49:37",
        "06 Nov 994 08:49:37", "06 Nov 19945 08:49:37", "006 Nov 1994 08:49:37", "06 Nob 1994 08:49:37",
        "06 No 1994 08:49:37", "06 Nov 4 08:49:37"}) {
    CAPTURE(text);
    CHECK(shown(text) == "-");
  }
}

TEST_CASE("a year of two digits is between 1970 and 2069") {
  CHECK(shown("1 Jan 70 00:00:00") == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(shown("1 Jan 99 00:00:00") == "Fri, 01 Jan 1999 00:00:00 GMT");
  CHECK(shown("1 Jan 00 00:00:00") == "Sat, 01 Jan 2000 00:00:00 GMT");
  CHECK(shown("31 Dec 69 23:59:59") == "Tue, 31 Dec 2069 23:59:59 GMT");
}

TEST_CASE("every day from 1601 to 9999 is written and read back") {
  constexpr std::int64_t first = -11'644'473'600;
  constexpr std::int64_t last = 253'402'300'799;
  CHECK(shown("1 Jan 1601 00:00:00") == "Mon, 01 Jan 1601 00:00:00 GMT");
  CHECK(shown("31 Dec 9999 23:59:59") == "Fri, 31 Dec 9999 23:59:59 GMT");
  // Steps of a prime number of seconds, about ten days.
  for (std::int64_t seconds = first; seconds <= last; seconds += 863'977) {
    const std::string text(okhttp::format_http_date(seconds));
    const std::optional<std::int64_t> back = parse_cookie_date(text);
    if (back == seconds) continue;
    CAPTURE(text);
    CHECK(back == seconds);
  }
}

TEST_CASE("the first of several candidates for a part is taken") {
  CHECK(shown("1 2 Jan Feb 2003 2004 05:06:07 08:09:10") == "Wed, 01 Jan 2003 05:06:07 GMT");
  CHECK(shown("10 11 Jan 12:00:00") == "Mon, 10 Jan 2011 12:00:00 GMT");
}

}  // TEST_SUITE

}  // namespace cookie_date_test
