// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/structured_field_builder.hpp>

#include <okhttp/message/priority.hpp>
#include <okhttp/message/structured_field.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace structured_field_builder_test {

using namespace okhttp::structured;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Priority;

namespace {

std::string fault(const Builder& builder) {
  const okhttp::Result<std::string> built = builder.try_build();
  if (built) return "built: " + *built;
  CHECK(built.error() == Errc::invalid_argument);
  return built.error().message();
}

}  // namespace

TEST_SUITE("message/structured_field_builder") {
  TEST_CASE("writes items, lists and dictionaries") {
    CHECK(Builder().build().empty());
    CHECK(Builder().add(token("gzip")).parameter("q", 0.5).add("x").build() == R"(gzip;q=0.5, "x")");
    CHECK(Builder().add("u", 1).add("i", true).parameter("a").parameter("b", false).build() == "u=1, i;a;b=?0");
    CHECK(Builder().open().add("a").parameter("x", 1).add(2).close().parameter("y").open().close().build() ==
          R"(("a";x=1 2);y, ())");
    CHECK(Builder().open("a").add(date(7)).close().add("b", bytes("hello")).build() == "a=(@7), b=:aGVsbG8=:");
    CHECK(Builder().add(display_string("50% \"\xC3\xBC\"\n")).build() == "%\"50%25 %22%c3%bc%22%0a\"");
    CHECK(Builder().add(R"(a "b" \)").build() == R"("a \"b\" \\")");
    CHECK(Builder().add(std::string("s")).add(std::string_view("v")).add(-7).add(8U).build() == R"("s", "v", -7, 8)");
    CHECK(Builder().add(false).add(true).build() == "?0, ?1");
  }

  TEST_CASE("writes again what was read") {
    Builder builder;
    for (const auto& [key, item] : Dictionary::parse("a;x=1, b=(1  2;y), c=%\"%41\";z, d=?0;q"))
      builder.add(key, item);
    CHECK(builder.add("e", Item::parse("?1;r")).build() == "a;x=1, b=(1 2;y), c=%\"A\";z, d=?0;q, e;r");
    CHECK(Builder().add(*List::parse("(a b);c").begin()).parameter("d", 2).build() == "(a b);c;d=2");
    // Without parameters when the value alone is given.
    CHECK(Builder().add(static_cast<const Value&>(Item::parse("1;a"))).build() == "1");
  }

  TEST_CASE("keeps the first fault") {
    CHECK(fault(Builder().add("A", 1)) ==
          "a key of a structured field has to be of a-z, 0-9, _ - . * and begin with a letter or *");
    CHECK(fault(Builder().add("a", 1).add(2)) == "some members of a structured field have keys and others not");
    CHECK(fault(Builder().add(2).add("a", 1)) == "some members of a structured field have keys and others not");
    CHECK(fault(Builder().open()) == "an inner list of a structured field is left open");
    CHECK(fault(Builder().open().open()) == "an inner list has no inner lists");
    CHECK(fault(Builder().open().add(*List::parse("(a)").begin())) == "an inner list has no inner lists");
    CHECK(fault(Builder().close()) == "no inner list is open");
    CHECK(fault(Builder().open().add("a", 1)) == "items of an inner list have no keys");
    CHECK(fault(Builder().parameter("a")) == "a parameter of a structured field stands behind nothing");
    CHECK(fault(Builder().open().parameter("a")) == "a parameter of a structured field stands behind nothing");
    CHECK(fault(Builder().add(token("a b")).add(Value(1e15))) ==
          "a token of a structured field has a character that none can have");
    CHECK(fault(Builder().add("a\nb")) == "a string of a structured field has to be visible ASCII");
    CHECK(fault(Builder().add("a\x7F")) == "a string of a structured field has to be visible ASCII");
    CHECK(fault(Builder().add(display_string("\xFF"))) == "a display string of a structured field has to be UTF-8");
    CHECK(fault(Builder().add(1'000'000'000'000'000)) == "a number of a structured field has 15 digits at most");
    CHECK(fault(Builder().add(1e12)) ==
          "a decimal of a structured field has 12 digits in front of its point at most");
    CHECK(fault(Builder().add(token(""))) == "a token of a structured field has a character that none can have");
    CHECK(fault(Builder().add("", 1)).starts_with("a key"));
    CHECK(fault(Builder().add(1).parameter("a=1;b", 2)).starts_with("a key"));
  }
}

TEST_SUITE("message/priority") {
  TEST_CASE("reads what RFC 9218 says, and defaults for the rest") {
    const auto of = [](std::string_view text) {
      Headers headers;
      headers.append_unchecked("priority", text);
      return Priority::of(headers);
    };
    CHECK(Priority::of(Headers()) == Priority{3, false});
    CHECK(of("u=5, i") == Priority{5, true});
    CHECK(of("u=0") == Priority{0, false});
    CHECK(of("i=?0, u=7;x") == Priority{7, false});
    CHECK(of("u=8") == Priority{3, false});
    CHECK(of("u=-1, i=1") == Priority{3, false});
    CHECK(of("u=1, U=2") == Priority{3, false});  // malformed: all of it is ignored
    CHECK(of("u=1, new=(a b)") == Priority{1, false});
  }

  TEST_CASE("writes what is not the default") {
    CHECK(Priority{}.to_string().empty());
    CHECK(Priority{1, true}.to_string() == "u=1, i");
    CHECK(Priority{3, true}.to_string() == "i");
    CHECK(Priority{9, false}.to_string() == "u=7");
    CHECK(Priority{-9, false}.to_string() == "u=0");
  }
}

}  // namespace structured_field_builder_test
