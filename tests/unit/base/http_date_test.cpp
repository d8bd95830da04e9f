// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/http_date.hpp>

#include <doctest/doctest.h>

#include <string>

namespace http_date_test {

using okhttp::parse_http_date;

TEST_SUITE("base/http_date") {
  TEST_CASE("the three formats of HTTP") {
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
    CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
    CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == 784111777);
  }

  TEST_CASE("the calendar") {
    CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    CHECK(parse_http_date("Wed, 31 Dec 1969 23:59:59 GMT") == -1);
    CHECK(parse_http_date("Tue, 29 Feb 2000 12:00:00 GMT") == 951825600);
    CHECK(parse_http_date("Wed, 01 Mar 2000 00:00:00 GMT") == 951868800);
    CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT") == 1709164800);
    CHECK(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT") == 253402300799);
    CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800);
    CHECK(parse_http_date("Mon, 01-Jan-69 00:00:00 GMT") == 3124224000);
    CHECK(parse_http_date("Thu, 01-Jan-70 00:00:00 GMT") == 0);
    // A day after the other, over a leap year's ends.
    std::int64_t last = *parse_http_date("Fri, 31 Dec 2027 00:00:00 GMT");
    constexpr int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (int month = 0; month < 12; ++month)
      for (int day = 1; day <= days[month] + 1; ++day) {
        const std::string text = std::to_string(day) + " " + months[month] + " 2028 00:00:00";
        CAPTURE(text);
        if (day > days[month]) {
          CHECK_FALSE(parse_http_date(text));
          continue;
        }
        CHECK(parse_http_date(text) == last + 86400);
        last += 86400;
      }
  }

  TEST_CASE("what is no date") {
    for (const char* text :
         {"", "0", "120", "soon", "Sun, 06 Nov 1994", "08:49:37", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
          "Sun, 31 Nov 1994 08:49:37 GMT", "Tue, 29 Feb 2100 12:00:00 GMT", "Sun, 06 Nov 1600 08:49:37 GMT",
          "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +0100", "Sun, 06 Nov Dec 1994 08:49:37 GMT",
          "Sun, 06 07 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 10:11:12"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_http_date(text));
    }
  }
}

}  // namespace http_date_test
