// SPDX-License-Identifier: Apache-2.0

// What reading a field allocates: nothing but the texts that one asks for.

#include <okhttp/message/content_disposition.hpp>
#include <okhttp/message/link.hpp>
#include <okhttp/message/range.hpp>
#include <okhttp/message/structured_field.hpp>

#include <doctest/doctest.h>

#include <support/count_allocations.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace link_and_range_allocations_test {

using namespace okhttp;
using okhttp_tests::allocations_of;

TEST_SUITE("costs/link_and_range_allocations") {
  TEST_CASE("a structured field of any size is read without allocating") {
    std::string text;
    for (int i = 0; i < 1000; ++i)
      text += "k" + std::to_string(i) + R"(=("a \"long\" string that is nowhere kept" :cHJldGVuZA==: tok;q=0.5);x=%"%c3%bc", )";
    text += "k1=7";
    const Headers headers = Headers::of({{"Example", text}, {"Example", "last=@12"}});
    std::size_t members = 0;
    std::size_t items = 0;
    bool matches = false;
    const std::size_t count = allocations_of([&] {
      const Result<structured::Dictionary> parsed = structured::Dictionary::try_parse(headers, "example");
      if (!parsed) return;
      matches = parsed->get("k1") == 7 && parsed->get("last")->date() == 12;
      for (const auto& [key, item] : *parsed) {
        ++members;
        for (const structured::Item& inner : item.items()) {
          ++items;
          matches = matches && (inner != "a" || inner == structured::bytes("pretend"));
        }
        matches = matches && !item.parameter("y");
      }
      matches = matches && structured::List::try_parse(R"(a, "b";c, (d))")->size() == 3;
      matches = matches && structured::Item::try_parse("text/html;q=0.5")->parameter("q") == 0.5;
    });
    CHECK(matches);
    CHECK(members == 1001);
    CHECK(items == 2997);
    CHECK(count == 0);
  }

  TEST_CASE("links are found without allocating") {
    const Headers headers = Headers::of({
        {"Link", R"(<https://example.com/a/long/enough/url?page=1>; rel="prev first"; title="a title of some length")"},
        {"Link", R"(<https://example.com/a/long/enough/url?page=3>; rel="next", </last>; rel=last; anchor="#x")"},
    });
    std::size_t seen = 0;
    std::size_t bytes = 0;
    const std::size_t count = allocations_of([&] {
      for (const Link& link : Links(headers)) {
        ++seen;
        if (link.has_rel("first")) bytes += link.find("title")->raw().size();
      }
      bytes += Links(headers).find("NEXT")->target().size();
    });
    CHECK(seen == 3);
    CHECK(bytes == 22 + 44);
    CHECK(count == 0);
  }

  TEST_CASE("ranges and a disposition are read without allocating") {
    const Headers headers =
        Headers::of({{"Content-Disposition", R"(attachment; x=y; filename="example.txt")"}, {"ETag", "\"abc\""}});
    std::int64_t bytes = 0;
    bool is_good = false;
    std::string name;
    const std::size_t count = allocations_of([&] {
      const Result<Range> range = Range::try_parse("bytes=0-9, 100-, -5, 50-59");
      for (const ByteRange& wish : *range)
        if (const auto span = wish.of(200)) bytes += span->size();
      is_good = ContentRange::try_parse("bytes 0-99/1000")->size() == 1000 && if_range_validator(headers).has_value();
      const auto disposition = ContentDisposition::of(headers);
      is_good = is_good && disposition->is_attachment();
      name = *disposition->filename();  // short enough to lie in the string
    });
    CHECK(bytes == 10 + 100 + 5 + 10);
    CHECK(is_good);
    CHECK(name == "example.txt");
    CHECK(count == 0);
  }
}

}  // namespace link_and_range_allocations_test
