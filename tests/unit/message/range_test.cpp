// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/range.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace range_test {

using okhttp::ByteRange;
using okhttp::ByteSpan;
using okhttp::ContentRange;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Range;

namespace {

/// As it is written again, or "!".
std::string range(std::string_view text) {
  const okhttp::Result<Range> parsed = Range::try_parse(text);
  if (parsed) return parsed->to_string();
  CHECK(parsed.error() == Errc::invalid_argument);
  return "!";
}
std::string content_range(std::string_view text) {
  const okhttp::Result<ContentRange> parsed = ContentRange::try_parse(text);
  if (parsed) return parsed->to_string();
  CHECK(parsed.error() == Errc::invalid_argument);
  return "!";
}
std::optional<std::string_view> validator(const Headers& headers) { return okhttp::if_range_validator(headers); }

}  // namespace

TEST_SUITE("message/range") {
  TEST_CASE("a range is written as RFC 9110, 14.1.2 has it") {
    CHECK(Range::bytes(0, 499).to_string() == "bytes=0-499");
    CHECK(Range::bytes(7, 7).to_string() == "bytes=7-7");
    CHECK(Range::from(9500).to_string() == "bytes=9500-");
    CHECK(Range::suffix(500).to_string() == "bytes=-500");
    CHECK(Range::of({{0, 999}, ByteRange::from(4500), ByteRange::suffix(1000)}).to_string() ==
          "bytes=0-999, 4500-, -1000");
    CHECK(Range::from(-1).to_string() == "bytes=0-");
    CHECK(Range::suffix(-1).to_string() == "bytes=-0");
  }

  TEST_CASE("a range that means nothing is refused") {
    CHECK(Range::try_bytes(5, 4).error() == Errc::invalid_argument);
    CHECK(!Range::try_bytes(-1, 4));
    CHECK(!Range::try_bytes(INT64_MIN, 4));
    CHECK(!Range::try_of({}));
    CHECK(!Range::try_of({ByteRange::from(-1)}));
    CHECK(!Range::try_of({ByteRange::suffix(-1)}));
  }

  TEST_CASE("a range is read leniently in its list and strictly in its numbers") {
    CHECK(range("bytes=0-499") == "bytes=0-499");
    CHECK(range("Bytes=0-") == "bytes=0-");
    CHECK(range(" bytes= ,\t0-9 ,, -5, ") == "bytes=0-9, -5");
    CHECK(range("bytes=007-010") == "bytes=7-10");
    for (const char* const bad : {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=5", "bytes=5-4", "bytes=a-b",
                                  "bytes=0-1x", "bytes=0 - 1", "bytes=+0-1", "bytes=0--1", "bytes =0-1", "bytes:0-1",
                                  "items=0-1", "bytes=0-1, x", "bytes=0x1-2", "0-1"}) {
      CAPTURE(bad);
      CHECK(range(bad) == "!");
    }
  }

  TEST_CASE("a number that is too large is behind the end") {
    CHECK(Range::parse("bytes=5-99999999999999999999")[0].of(100) == ByteSpan{5, 99});
    CHECK(Range::parse("bytes=5-9223372036854775808")[0].of(100) == ByteSpan{5, 99});
    CHECK(Range::parse("bytes=-9223372036854775809")[0].of(100) == ByteSpan{0, 99});
    CHECK(Range::parse("bytes=99999999999999999999-")[0].of(INT64_MAX) == std::nullopt);
    CHECK(Range::parse("bytes=-99999999999999999999")[0].of(100) == ByteSpan{0, 99});
    CHECK(Range::parse("bytes=9223372036854775806-9223372036854775807")[0].of(INT64_MAX) ==
          ByteSpan{INT64_MAX - 1, INT64_MAX - 1});
  }

  TEST_CASE("more ranges than the limit are refused") {
    std::string text = "bytes=0-0";
    for (std::size_t i = 1; i < Range::max_ranges; ++i) text += ",0-0";
    CHECK(Range::parse(text).size() == Range::max_ranges);
    CHECK(range(text + ",0-0") == "!");
    CHECK(!Range::try_of({{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0},
                          {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}));
  }

  TEST_CASE("which bytes are meant depends on how many there are") {
    CHECK(ByteRange(0, 9).of(5) == ByteSpan{0, 4});
    CHECK(ByteRange(0, 9).of(10) == ByteSpan{0, 9});
    CHECK(ByteRange(5, 9).of(5) == std::nullopt);
    CHECK(ByteRange(0, 0).of(0) == std::nullopt);
    CHECK(ByteRange(0, 0).of(-1) == std::nullopt);
    CHECK(ByteRange::from(3).of(5) == ByteSpan{3, 4});
    CHECK(ByteRange::from(5).of(5) == std::nullopt);
    CHECK(ByteRange::suffix(2).of(5) == ByteSpan{3, 4});
    CHECK(ByteRange::suffix(9).of(5) == ByteSpan{0, 4});
    CHECK(ByteRange::suffix(0).of(5) == std::nullopt);
    CHECK(ByteRange::suffix(1).of(0) == std::nullopt);
    CHECK(ByteSpan{3, 4}.size() == 2);
    std::int64_t sum = 0;
    for (const ByteRange& wish : Range::parse("bytes=0-1,-1,90-")) sum += wish.of(10) ? wish.of(10)->size() : 0;
    CHECK(sum == 3);
  }

  TEST_CASE("equal ranges are the same wishes in the same order") {
    CHECK(Range::parse("bytes=0-1,2-") == Range::of({{0, 1}, ByteRange::from(2)}));
    CHECK(Range::bytes(0, 1) != Range::bytes(0, 2));
    CHECK(Range::bytes(0, 1) != Range::parse("bytes=0-1,0-1"));
  }

  TEST_CASE("a content range is read and written") {
    CHECK(content_range("bytes 0-99/1000") == "bytes 0-99/1000");
    CHECK(content_range("bytes 0-99/*") == "bytes 0-99/*");
    CHECK(content_range("bytes */1000") == "bytes */1000");
    CHECK(content_range(" BYTES 0-0/1 ") == "bytes 0-0/1");
    CHECK(content_range("bytes 9223372036854775805-9223372036854775806/9223372036854775807") ==
          "bytes 9223372036854775805-9223372036854775806/9223372036854775807");
    CHECK(content_range("bytes */0") == "bytes */0");
    const ContentRange part = ContentRange::parse("bytes 42-1233/1234");
    CHECK(part.span() == ByteSpan{42, 1233});
    CHECK(part.size() == 1234);
    CHECK(!ContentRange::parse("bytes 42-1233/*").size());
    const ContentRange none = ContentRange::parse("bytes */47022");
    CHECK(!none.span());
    CHECK(none.size() == 47022);
    CHECK(none == ContentRange::unsatisfied(47022));
    CHECK(ContentRange::of({0, 4}, 5).to_string() == "bytes 0-4/5");
    CHECK(ContentRange::of({0, 4}).to_string() == "bytes 0-4/*");
    CHECK(ContentRange::unsatisfied(-1).to_string() == "bytes */0");
  }

  TEST_CASE("a content range that contradicts itself is refused") {
    for (const char* const bad :
         {"", "bytes", "bytes ", "bytes 0-99", "bytes 0-99/", "bytes 99-0/100", "bytes 0-99/99", "bytes 0-99/0",
          "bytes */*", "bytes */", "bytes -99/100", "bytes 0-/100", "bytes 0-99/100 x", "bytes=0-99/100",
          "items 0-9/10", "bytes 0 - 9/10", "bytes 0-9/-10", "bytes 0-9/+10", "bytes  0-9/10",
          "bytes 0-9223372036854775808/*", "bytes 9223372036854775808-9223372036854775809/*",
          "bytes 0-9/9223372036854775808", "bytes */99999999999999999999", "bytes 0-9223372036854775807/*"}) {
      CAPTURE(bad);
      CHECK(content_range(bad) == "!");
    }
    CHECK(!ContentRange::try_of({5, 4}));
    CHECK(!ContentRange::try_of({-1, 4}));
    CHECK(!ContentRange::try_of({0, 4}, 4));
    CHECK(!ContentRange::try_of({0, INT64_MAX}));
  }

  TEST_CASE("only what tells every byte apart validates a part") {
    CHECK(validator(Headers::of({{"ETag", "\"abc\""}})) == "\"abc\"");
    CHECK(validator(Headers::of({{"ETag", "W/\"abc\""}})) == std::nullopt);
    CHECK(validator(Headers::of({{"ETag", "abc"}})) == std::nullopt);
    CHECK(validator(Headers::of({{"ETag", "\""}})) == std::nullopt);
    constexpr std::string_view modified = "Sun, 06 Nov 1994 08:49:37 GMT";
    CHECK(validator(Headers::of({{"Last-Modified", modified}, {"Date", "Sun, 06 Nov 1994 08:49:38 GMT"}})) == modified);
    CHECK(validator(Headers::of({{"Last-Modified", modified}, {"Date", modified}})) == std::nullopt);
    CHECK(validator(Headers::of({{"Last-Modified", modified}})) == std::nullopt);
    CHECK(validator(Headers::of({{"Last-Modified", "x"}, {"Date", modified}})) == std::nullopt);
    CHECK(validator(Headers()) == std::nullopt);
  }
}

}  // namespace range_test
