// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/http_date.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace http_date_test {

using okhttp::format_http_date;
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

  TEST_CASE("the formats seen in the wild") {
    for (const char* text :
         {"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-1994 08-49-37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
          "Sun 06-Nov-1994 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT", "Sun 06-Nov-1994 08-49-37 GMT",
          "Sun 06-Nov-94 08:49:37 GMT", "Sun 06 Nov 94 08:49:37 GMT", "Sun,06-Nov-94 08:49:37 GMT",
          "Sun,06-Nov-1994 08:49:37 GMT", "Sun, 06-11-1994 08:49:37 GMT", "Sun Nov 6 1994 08:49:37 GMT",
          "Sun, 6 Nov 1994 8:49:37 GMT", "sun, 06 NOV 1994 08:49:37 gmt", "06 November 1994, 08:49:37", "6 nov 1994 08:49:37 UTC",
          "Mon, 06 Nov 1994 08:49:37 GMT", "  Sun, 06 Nov 1994 08:49:37 GMT  ", "Sun, 06  Nov 1994\t08:49:37  Z",
          "Sun Nov  6 08:49:37 GMT 1994", "Sun, 06 Nov 1994 08:49:37 GMT JUNK", "Sun, 06 Nov 1994 08:49:37 XYZ",
          "Sun, 06 Nov 1994 08:49:37.123 GMT", "Sun, 06 Nov 1994 08:49:37 10:11:12", "Sun, 06 Nov 1994 08:49:37 - 1",
          "Sun, 06 Nov 1994 08:49:37\xff"}) {
      CAPTURE(text);
      CHECK(parse_http_date(text) == 784111777);
    }
  }

  TEST_CASE("a time zone counts") {
    for (const char* text :
         {"Sun, 06 Nov 1994 09:49:37 +0100", "Sun, 06 Nov 1994 07:49:37 -0100", "Sun, 06 Nov 1994 07:49:37 GMT-01:00",
          "Sun, 06 Nov 1994 14:19:37 +05:30", "Sun, 06 Nov 1994 10:49:37 UTC+2", "Sun, 06 Nov 1994 00:49:37 PST",
          "Sun, 06 Nov 1994 01:49:37 pdt", "Sun, 06 Nov 1994 01:49:37 MST", "Sun, 06 Nov 1994 02:49:37 MDT",
          "Sun, 06 Nov 1994 02:49:37 CST", "Sun, 06 Nov 1994 03:49:37 CDT", "Sun, 06 Nov 1994 03:49:37 EST",
          "Sun, 06 Nov 1994 04:49:37 EDT", "Sun Nov  6 03:49:37 EST 1994", "Sat, 05 Nov 1994 23:49:37 -0900"}) {
      CAPTURE(text);
      CHECK(parse_http_date(text) == 784111777);
    }
    for (const char* text : {"Sun, 06 Nov 1994 08:49:37 +2400", "Sun, 06 Nov 1994 08:49:37 +0060",
                             "Sun, 06 Nov 1994 08:49:37 +100", "Sun, 06 Nov 1994 08:49:37 +00000",
                             "Mon, 01 Jan 1601 00:00:00 +0001", "Fri, 31 Dec 9999 23:59:59 -0001", "Fri, 31 Dec 9999 23:59:60 GMT"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_http_date(text));
    }
    CHECK(parse_http_date("Mon, 01 Jan 1601 00:00:00 GMT") == okhttp::min_http_date);
    CHECK(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT") == okhttp::max_http_date);
  }

  TEST_CASE("what is no date") {
    for (const char* text :
         {"", "0", "120", "soon", "Sun, 06 Nov 1994", "08:49:37", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
          "Sun, 31 Nov 1994 08:49:37 GMT", "Tue, 29 Feb 2100 12:00:00 GMT", "Sun, 06 Nov 1600 08:49:37 GMT",
          "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 06 Nov Dec 1994 08:49:37 GMT", "Sun, 06 07 Nov 1994 08:49:37 GMT",
          "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06-13-1994 08:49:37 GMT", "Sun, 06-00-1994 08:49:37 GMT",
          "1994-11-06 08:49:37", "Sun, 06-11-1994-12 08:49:37", "Sun, 06 Nov 08:49:37 08:49:37 1994", "Sun, 06 Nov 1994 08::37 GMT",
          "Sun, 06 Nov 1994 08:49:", "Sun, 06-Nov-1994 08-49"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_http_date(text));
    }
  }

  TEST_CASE("dates are written as HTTP wants them") {
    CHECK(format_http_date(784111777).view() == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(format_http_date(0).view() == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(format_http_date(-1).view() == "Wed, 31 Dec 1969 23:59:59 GMT");
    CHECK(format_http_date(951825600).view() == "Tue, 29 Feb 2000 12:00:00 GMT");
    CHECK(format_http_date(1402057830).view() == "Fri, 06 Jun 2014 12:30:30 GMT");
    CHECK(format_http_date(okhttp::min_http_date).view() == "Mon, 01 Jan 1601 00:00:00 GMT");
    CHECK(format_http_date(INT64_MIN).view() == "Mon, 01 Jan 1601 00:00:00 GMT");
    CHECK(format_http_date(okhttp::max_http_date).view() == "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK(format_http_date(INT64_MAX).view() == "Fri, 31 Dec 9999 23:59:59 GMT");
    const std::string copied(format_http_date(0));
    CHECK(copied.size() == okhttp::HttpDateText::size);
  }

  TEST_CASE("what is written is read back, on every day from 1601 to 2400") {
    constexpr const char* weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    std::int64_t time = okhttp::min_http_date;
    std::size_t wrong = 0;
    for (std::int64_t day = 0; day < 800 * 366; ++day, time += 86'400) {
      const std::int64_t at = time + (day * 7919) % 86'400;
      const okhttp::HttpDateText text = format_http_date(at);
      wrong += parse_http_date(text) != at;
      wrong += text.view().substr(0, 3) != weekdays[day % 7];
    }
    CHECK(wrong == 0);
  }
}

}  // namespace http_date_test
