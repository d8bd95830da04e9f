// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/headers.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace headers_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Header;
using okhttp::Headers;
using okhttp::Result;

namespace {

Headers some() { return Headers::of({{"A", "1"}, {"b", "2"}, {"a", "3"}, {"C-D", "x y"}}); }

/// As a parser leaves them: entries inside text that is more than the headers.
Headers adopted() {
  constexpr Headers::Entry entries[] = {{17, 1, 19, 1}, {22, 1, 26, 1}, {29, 1, 32, 1}};
  return Headers::adopt("HTTP/1.1 200 OK\r\nA:1 \nB:  2\r\na: 3\r\n\r\n", entries);
}

std::string fault_of(std::string_view name, std::string_view value) {
  Headers::Builder builder;
  builder.add(name, value);
  const Result<Headers> built = builder.try_build();
  if (built) return {};
  CHECK(built.error() == Errc::invalid_argument);
  return built.error().message();
}

}  // namespace

TEST_SUITE("message/headers") {
  TEST_CASE("the last value of a name wins, whatever the name's case") {
    const Headers headers = some();
    CHECK(headers.get("A") == "3");
    CHECK(headers.get("a") == "3");
    CHECK(headers.get("B") == "2");
    CHECK(headers.get("c-d") == "x y");
    CHECK_FALSE(headers.get("c-").has_value());
    CHECK_FALSE(headers.get("").has_value());
    CHECK(headers.contains("C-d"));
    CHECK_FALSE(headers.contains("D"));
  }

  TEST_CASE("letters differ from other characters 32 apart") {
    const Headers headers = Headers::of({{"a^b", "1"}});
    CHECK(headers.contains("A^B"));
    CHECK_FALSE(headers.contains("a~b"));
  }

  TEST_CASE("values and names keep their order") {
    const Headers headers = some();
    CHECK(headers.values("A") == std::vector<std::string_view>{"1", "3"});
    CHECK(headers.values("x").empty());
    CHECK(headers.names() == std::vector<std::string_view>{"A", "b", "C-D"});
  }

  TEST_CASE("accessors of a temporary give values") {
    static_assert(std::is_same_v<decltype(some().get("A")), std::optional<std::string>>);
    static_assert(std::is_same_v<decltype(some().values("A")), std::vector<std::string>>);
    static_assert(std::is_same_v<decltype(some().names()), std::vector<std::string>>);
    CHECK(some().get("A") == "3");
    CHECK_FALSE(some().get("Z").has_value());
    CHECK(some().values("A") == std::vector<std::string>{"1", "3"});
    CHECK(some().names() == std::vector<std::string>{"A", "b", "C-D"});
    const auto [name, value] = some()[3];
    CHECK(name == "C-D");
    CHECK(value == "x y");
  }

  TEST_CASE("a loop sees every header in order") {
    std::string seen;
    for (auto [name, value] : some()) seen.append(name).append("=").append(value).append(";");
    CHECK(seen == "A=1;b=2;a=3;C-D=x y;");
    const Headers headers = some();
    CHECK(headers.size() == 4);
    CHECK(headers[2] == Header{"a", "3"});
    CHECK(Headers().empty());
  }

  TEST_CASE("headers with any name and order are equal only if all of it is") {
    CHECK(some() == some());
    CHECK(Headers::of({{"A", "1"}}) != Headers::of({{"a", "1"}}));
    CHECK(Headers::of({{"A", "x"}}) != Headers::of({{"A", "X"}}));
    CHECK(Headers::of({{"A", "1"}, {"B", "2"}}) != Headers::of({{"B", "2"}, {"A", "1"}}));
    CHECK(Headers::of({{"A", "1"}}) != Headers::of({{"A", "1"}, {"A", "1"}}));
    CHECK(adopted() == Headers::of({{"A", "1"}, {"B", "2"}, {"a", "3"}}));
  }

  TEST_CASE("values are trimmed") {
    const Headers headers = Headers::of({{"A", " \t x y\t "}, {"B", "   "}});
    CHECK(headers.get("A") == "x y");
    CHECK(headers.get("B") == "");
  }

  TEST_CASE("a name must be a token") {
    CHECK(fault_of("", "x") == "a header name is empty");
    for (const std::string_view bad : {"a b", "a:", ":a", "a\r", "a\n", "a\tb", "a\x7f", "a\"",
                                       "a(b", "a/b", "\xc3\xa9", "a="}) {
      CAPTURE(bad);
      CHECK_FALSE(fault_of(bad, "x").empty());
    }
    CHECK_FALSE(fault_of(std::string_view("a\0b", 3), "x").empty());
    CHECK(fault_of("!#$%&'*+-.^_`|~09azAZ", "x").empty());
  }

  TEST_CASE("a value must be printable ASCII or tabs") {
    for (int c = 0; c < 256; ++c) {
      CAPTURE(c);
      const std::string value = std::string("x") + static_cast<char>(c) + "y";
      const bool good = c == '\t' || (c >= 0x20 && c < 0x7F);
      CHECK(fault_of("A", value).empty() == good);
      Headers::Builder builder;
      builder.add_unsafe_non_ascii("A", value);
      CHECK(builder.try_build().has_value() == (good || c >= 0x80));
    }
  }

  TEST_CASE("a fault names the header and never its value") {
    CHECK(fault_of("X-A", "se\ncret") ==
          "the value of header X-A has byte 0x0A at position 2, which no header value can have");
    CHECK(fault_of("X-A", "caf\xe9") ==
          "the value of header X-A has byte 0xE9 at position 3, which is not ASCII "
          "(add_unsafe_non_ascii allows it)");
    CHECK(fault_of("Authorization", "Basic cret\r\n").empty() == false);
    CHECK(fault_of("Authorization", "Basic cret\r\nx").find("cret") == std::string::npos);
    CHECK(fault_of("Authorization: Basic cret", "x").find("cret") == std::string::npos);
  }

  TEST_CASE("a builder keeps its first fault") {
    Headers::Builder builder;
    builder.add("A", "1").add("B b", "2").add("", "3").add("C", "4");
    REQUIRE(builder.fault() != nullptr);
    const Result<Headers> built = builder.try_build();
    REQUIRE_FALSE(built.has_value());
    CHECK(built.error().message().find("begins with 'B'") != std::string::npos);
    CHECK(builder.get("A") == "1");
    CHECK(builder.get("C") == "4");
    CHECK_THROWS_AS((void)builder.build(), okhttp::Exception);
    CHECK_FALSE(Headers::try_of({{"A", "1"}, {"B", "\n"}, {"C", "\xff"}}).has_value());
    CHECK_THROWS_AS((void)Headers::of({{"A", "a\nb"}}), okhttp::Exception);
  }

  TEST_CASE("set replaces every header of the name") {
    const Headers headers = some().new_builder().set("A", "9").build();
    CHECK(headers == Headers::of({{"b", "2"}, {"C-D", "x y"}, {"A", "9"}}));
    CHECK(adopted().new_builder().set("a", "9").build() == Headers::of({{"B", "2"}, {"a", "9"}}));
  }

  TEST_CASE("a faulty set leaves the old value") {
    Headers::Builder builder = some().new_builder();
    builder.set("A", "x\ny");
    CHECK(builder.get("A") == "3");
  }

  TEST_CASE("remove takes every header of the name and leaves the others whole") {
    Headers headers = some();
    CHECK(headers.remove_all("A") == 2);
    CHECK(headers == Headers::of({{"b", "2"}, {"C-D", "x y"}}));
    CHECK(headers.remove_all("A") == 0);
    CHECK(headers.byte_count() == std::string_view("b: 2\r\nC-D: x y\r\n").size());
    CHECK(some().new_builder().remove("c-d").remove("B").build() ==
          Headers::of({{"A", "1"}, {"a", "3"}}));
    CHECK(adopted().new_builder().remove("B").build() == Headers::of({{"A", "1"}, {"a", "3"}}));
  }

  TEST_CASE("add_all appends in order") {
    Headers::Builder builder;
    builder.add("Z", "0").add_all(some()).add_all(adopted());
    CHECK(builder.build().size() == 8);
    CHECK(builder.build().get("b") == "2");
    CHECK(builder.build()[0].first == "Z");
  }

  TEST_CASE("a builder leaves the headers it came from alone") {
    const Headers headers = some();
    CHECK(headers.new_builder().add("E", "5").build().size() == 5);
    CHECK(headers.size() == 4);
  }

  TEST_CASE("a chain on a temporary builder moves the result out") {
    const Headers headers = Headers::Builder()
                                .add("A", "1")
                                .add_unsafe_non_ascii("B", "caf\xe9")
                                .set("A", "2")
                                .remove("x")
                                .add_all(Headers::of({{"C", "3"}}))
                                .build();
    CHECK(headers.size() == 3);
    CHECK(headers.get("B") == "caf\xe9");
  }

  TEST_CASE("appended text may come from the headers themselves") {
    Headers headers = Headers::of({{"Name", "a value that is longer than any small string"}});
    for (int i = 0; i < 100; ++i) headers.append_unchecked(headers[0].name, headers[0].value);
    CHECK(headers.size() == 101);
    for (auto [name, value] : headers) {
      CHECK(name == "Name");
      CHECK(value == "a value that is longer than any small string");
    }
  }

  TEST_CASE("lines are written as HTTP/1 wants them, and counted") {
    std::string out = ">";
    some().append_lines_to(out);
    CHECK(out == ">A: 1\r\nb: 2\r\na: 3\r\nC-D: x y\r\n");
    CHECK(some().byte_count() == out.size() - 1);
    out.clear();
    adopted().append_lines_to(out);
    CHECK(out == "A: 1\r\nB: 2\r\na: 3\r\n");
    CHECK(adopted().byte_count() == out.size());
    Headers more = adopted();
    more.append_unchecked("D", "4");
    out.clear();
    more.append_lines_to(out);
    CHECK(out == "A: 1\r\nB: 2\r\na: 3\r\nD: 4\r\n");
    CHECK(Headers().byte_count() == 0);
  }

  TEST_CASE("copies and moved headers do not share text") {
    Headers first = some();
    Headers copy = first;
    first.append_unchecked("E", "5");
    CHECK(copy == some());
    const Headers moved = std::move(first);
    CHECK(moved.get("E") == "5");
    first = Headers::of({{"F", "6"}});
    CHECK(first.get("F") == "6");
  }

  TEST_CASE("headers grow beyond a block, and shrink") {
    Headers headers;
    for (int i = 0; i < 1000; ++i) headers.append_unchecked("Name-" + std::to_string(i), std::string(static_cast<std::size_t>(i % 50), 'x'));
    CHECK(headers.size() == 1000);
    CHECK(headers.get("name-999") == std::string(49, 'x'));
    CHECK(headers[500].name == "Name-500");
    const Headers copy = headers;
    CHECK(copy == headers);
    for (int i = 0; i < 1000; i += 2) CHECK(headers.remove_all("NAME-" + std::to_string(i)) == 1);
    CHECK(headers.size() == 500);
    CHECK(headers[499] == Header{"Name-999", copy[999].value});
    CHECK(copy.size() == 1000);
    Headers target = some();
    target = copy;
    CHECK(target == copy);
    target = some();
    CHECK(target == some());
    target = Headers();
    CHECK(target.empty());
    CHECK_FALSE(target.contains("A"));
    target.append_unchecked(headers);
    target.append_unchecked(some());
    CHECK(target.size() == 504);
    CHECK(target[503] == Header{"C-D", "x y"});
    std::string lines;
    target.append_lines_to(lines);
    CHECK(lines.size() == target.byte_count());
    CHECK(lines.ends_with("Name-999: " + std::string(49, 'x') + "\r\nA: 1\r\nb: 2\r\na: 3\r\nC-D: x y\r\n"));
  }

  TEST_CASE("assigning to itself and moving from leave headers whole") {
    Headers headers = some();
    const Headers& same = headers;
    headers = same;
    CHECK(headers == some());
    Headers moved = std::move(headers);
    headers = std::move(moved);
    CHECK(headers == some());
    moved = some();
    CHECK(moved == headers);
  }

  TEST_CASE("a header may be given as a line") {
    CHECK(Headers::Builder().add("A: 1").add("B:2:3 ").add("C:").build() == Headers::of({{"A", "1"}, {"B", "2:3"}, {"C", ""}}));
    CHECK_FALSE(Headers::Builder().add("Authorization secret").try_build().has_value());
    CHECK(Headers::Builder().add("Authorization secret").try_build().error().message().find("secret") == std::string::npos);
    CHECK_FALSE(Headers::Builder().add(": x").try_build().has_value());
    CHECK_FALSE(Headers::Builder().add("A : x").try_build().has_value());
  }

  TEST_CASE("dates are written and read") {
    const std::chrono::sys_seconds date{std::chrono::seconds(784111777)};
    const Headers headers = Headers::Builder().add_date("Date", date).add("Expires", "0").build();
    CHECK(headers.get("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(headers.get_date("date") == date);
    CHECK_FALSE(headers.get_date("Expires").has_value());
    CHECK_FALSE(headers.get_date("Last-Modified").has_value());
    const Headers set = headers.new_builder().set_date("date", date + std::chrono::hours(24)).build();
    CHECK(set.values("Date") == std::vector<std::string_view>{"Mon, 07 Nov 1994 08:49:37 GMT"});
    CHECK_FALSE(Headers::Builder().add_date("A b", date).try_build().has_value());
  }

  TEST_CASE("printed headers hide secrets") {
    const Headers headers = Headers::of({{"Accept", "x"},
                                         {"authorization", "s1"},
                                         {"Cookie", "s2"},
                                         {"Proxy-Authorization", "s3"},
                                         {"set-cookie", "s4"},
                                         {"Cookie2", "shown"}});
    const std::string mark(okhttp::redacted_mark);
    CHECK(headers.to_string() == "Accept: x\nauthorization: " + mark + "\nCookie: " + mark +
                                     "\nProxy-Authorization: " + mark + "\nset-cookie: " + mark +
                                     "\nCookie2: shown\n");
    CHECK(okhttp::is_sensitive_header("AUTHORIZATION"));
    CHECK_FALSE(okhttp::is_sensitive_header("Authorizatiom"));
    CHECK_FALSE(okhttp::is_sensitive_header(""));
  }
}

}  // namespace headers_test
