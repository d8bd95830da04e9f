// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/structured_field.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace structured_field_test {

using namespace okhttp::structured;
using okhttp::Errc;
using okhttp::Headers;

TEST_SUITE("message/structured_field") {
  TEST_CASE("a value gives what it is, and nothing else") {
    const Item number = Item::parse("-42");
    CHECK(number.integer() == -42);
    CHECK(!number.decimal());
    CHECK(!number.string());
    CHECK(!number.boolean());
    CHECK(!number.text());
    const Item decimal = Item::parse("-2.5");
    CHECK(decimal.decimal() == -2.5);
    CHECK(decimal.decimal_in_thousandths() == -2500);
    CHECK(!decimal.integer());
    const Item text = Item::parse(R"("a \"b\" \\")");
    CHECK(text.string() == R"(a "b" \)");
    CHECK(text.text() == text.string());
    CHECK(!text.token());
    CHECK(Item::parse("a/b").token() == "a/b");
    CHECK(Item::parse("a/b").text() == "a/b");
    CHECK(!Item::parse("a/b").string());
    CHECK(Item::parse("?1").boolean() == true);
    CHECK(Item::parse("?0").boolean() == false);
    CHECK(Item::parse("@-5").date() == -5);
    CHECK(!Item::parse("@5").integer());
    CHECK(Item::parse(":AP8=:").bytes() == std::string("\0\xFF", 2));
    CHECK(Item::parse(":AP9=:").bytes() == std::string("\0\xFF", 2));  // bits that stand for nothing
    CHECK(Item::parse("::").bytes() == "");
    CHECK(Item::parse("%\"%c3%bc\"").display_string() == "\xC3\xBC");
    CHECK(Item::parse("%\"%c3%bc\"").text() == "\xC3\xBC");
  }

  TEST_CASE("values compare by what they mean") {
    CHECK(Item::parse(R"("a\\b")") == "a\\b");
    CHECK(Item::parse(R"("ab")") != "a");
    CHECK(Item::parse(R"("a")") != "ab");
    CHECK(Item::parse("a") == token("a"));
    CHECK(Item::parse("a") != "a");  // a token is no string
    CHECK(Item::parse(":aGVsbG8:") == bytes("hello"));
    CHECK(Item::parse(":aGVsbG8=:") == Item::parse(":aGVsbG8:"));
    CHECK(Item::parse("%\"%41\"") == display_string("A"));
    CHECK(Item::parse("1.50") == 1.5);
    CHECK(Item::parse("1.5") == thousandths(1500));
    CHECK(Item::parse("1.0") != 1);
    CHECK(Item::parse("@1") == date(1));
    CHECK(Item::parse("?1") == true);
    CHECK(Item::parse("1") != true);
  }

  TEST_CASE("lists, inner lists and parameters are walked over in order") {
    const List list = List::parse(R"(("foo"; a=1;b=2);lvl=5, tok;q=0.5;fresh, ())");
    CHECK(list.size() == 3);
    std::vector<std::string> seen;
    for (const Item& member : list) {
      std::string text = member.is_inner_list() ? "inner" : std::string(*member.token());
      for (const Item& inner : member.items()) {
        text += " " + *inner.string();
        for (const auto& [key, value] : inner.parameters())
          text += ";" + std::string(key) + ":" + std::to_string(*value.integer());
      }
      for (const auto& [key, value] : member.parameters()) text += "/" + std::string(key) + ":" + value.to_string();
      seen.push_back(text);
    }
    CHECK(seen == std::vector<std::string>{"inner foo;a:1;b:2/lvl:5", "tok/q:0.5/fresh:?1", "inner"});
    const Item first = *list.begin();
    CHECK(first.parameter("lvl") == 5);
    CHECK(!first.parameter("a"));
    CHECK(!first.integer());
    CHECK(first.parameters().get("lvl")->integer() == 5);
  }

  TEST_CASE("a dictionary gives each key once, with its last value") {
    const Dictionary dictionary = Dictionary::parse("a=1, b;x=y, a=(1 2);z, c=?0, b=3");
    CHECK(dictionary.get("a")->is_inner_list());
    CHECK(dictionary.get("b") == 3);
    CHECK(dictionary.get("c")->boolean() == false);
    CHECK(!dictionary.get("d"));
    CHECK(dictionary.contains("a"));
    CHECK(!dictionary.contains("x"));
    std::string keys;
    for (const auto& [key, item] : dictionary) keys += std::string(key) + "=" + item.to_string() + " ";
    CHECK(keys == "a=(1 2);z b=3 c=?0 ");
    CHECK(dictionary.to_string() == "a=(1 2);z, b=3, c=?0");
  }

  TEST_CASE("headers of one name are one field") {
    const Headers headers = Headers::of({{"Example", "a, b"}, {"Other", "x"}, {"example", "c;q"}});
    CHECK(List::parse(headers, "Example").to_string() == "a, b, c;q");
    CHECK(Dictionary::parse(headers, "example").to_string() == "a, b, c;q");
    CHECK(Item::parse(headers, "Other") == token("x"));
    CHECK(List::parse(headers, "None").empty());
    CHECK(Dictionary::parse(headers, "None").empty());
    const auto missing = Item::try_parse(headers, "None");
    CHECK(missing.error() == Errc::invalid_argument);
    CHECK(missing.error().message() == "there is no header None");
    CHECK(Item::try_parse(headers, "Example").error().message() == "there are several headers Example");
    CHECK(List().empty());
    CHECK(Dictionary().empty());
  }

  TEST_CASE("an error says where it is, and nothing of the value") {
    const auto message = [](std::string_view text) { return List::try_parse(text).error().message(); };
    CHECK(message("secret, \"sec\\ret\"") == "a structured list is malformed at byte 10");
    CHECK(message("a, , b") == "a structured list is malformed at byte 4");
    CHECK(Item::try_parse("1 2").error().message() == "a structured field is malformed at byte 3");
    CHECK(Dictionary::try_parse("a=1, B").error().message() == "a structured dictionary is malformed at byte 6");
    CHECK(Dictionary::try_parse("").has_value());
  }

  TEST_CASE("what has to be looked for among others is limited in number") {
    std::string parameters = "1";
    std::string dictionary;
    std::string list;
    for (std::size_t i = 0; i < Parameters::max_count; ++i) parameters += ";p" + std::to_string(i);
    for (std::size_t i = 0; i < Dictionary::max_count; ++i) dictionary += "k" + std::to_string(i) + ",";
    CHECK(Item::try_parse(parameters).has_value());
    CHECK(!Item::try_parse(parameters + ";one_more"));
    CHECK(!Dictionary::try_parse(dictionary));
    CHECK(!Dictionary::try_parse(dictionary + "one_more"));
    dictionary.pop_back();
    CHECK(Dictionary::try_parse(dictionary).has_value());
    std::string repeating;  // every key twice
    for (std::size_t i = 0; i < Dictionary::max_count; ++i) {
      repeating += "k" + std::to_string(i % 512) + "=" + std::to_string(i) + ",";
    }
    repeating.pop_back();
    const Dictionary last = Dictionary::parse(repeating);
    std::int64_t next = 512;
    for (const auto& [key, item] : last) CHECK(item.integer() == next++);
    CHECK(next == 1024);
    // In a large field each search costs much, so that there may be fewer of them.
    const std::string large = "z=\"" + std::string(Dictionary::max_bytes_searched / 65, 'z') + "\"";
    repeating = large;
    for (int i = 0; i < 64; ++i) repeating += ",z";
    CHECK(Dictionary::parse(repeating).to_string() == "z");
    CHECK(!Dictionary::try_parse(repeating + ",z"));
    for (int i = 0; i < 5000; ++i) list += "1,";
    CHECK(List::try_parse(list + "1").value().size() == 5001);
  }

  TEST_CASE("a value that cannot be sent has no text") {
    CHECK(Value(7).to_string() == "7");
    CHECK(Value(std::numeric_limits<std::uint64_t>::max()).to_string() == "");
    CHECK(Value(1'000'000'000'000'000).to_string() == "");
    CHECK(Value(1e12).to_string() == "");
    CHECK(Value(std::numeric_limits<double>::quiet_NaN()).to_string() == "");
    CHECK(Value(-std::numeric_limits<double>::infinity()).to_string() == "");
    CHECK(Value("\xC3\xBC").to_string() == "");
    CHECK(token("a b").to_string() == "");
    CHECK(display_string("\xC3").to_string() == "");
  }

  TEST_CASE("decimals are rounded to three digits, halves to the even one") {
    CHECK(Value(1.0).to_string() == "1.0");
    CHECK(Value(0.0).to_string() == "0.0");
    CHECK(Value(-0.0).to_string() == "0.0");
    CHECK(Value(0.0625).to_string() == "0.062");
    CHECK(Value(0.1875).to_string() == "0.188");
    CHECK(Value(-1.0005F).to_string() == "-1.0");
    CHECK(Value(999999999999.999).to_string() == "999999999999.999");
    CHECK(thousandths(-1).to_string() == "-0.001");
    CHECK(thousandths(1010).to_string() == "1.01");
  }
}

}  // namespace structured_field_test
