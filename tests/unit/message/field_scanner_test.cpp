// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/field_scanner.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace field_scanner_test {

using okhttp::FieldParameter;
using okhttp::FieldScanner;
using okhttp::FieldText;
using Found = FieldScanner::Found;
using Rules = FieldScanner::Rules;

namespace {

/// The parameters as `name=<value>` or `name`, and what was left: `!` before it if that was malformed.
std::string parameters(std::string_view text, Rules rules) {
  FieldScanner scanner(text);
  FieldParameter parameter;
  std::string out;
  for (;;) {
    const Found found = scanner.take_parameter(parameter, rules);
    if (found == Found::malformed) return out + "!" + std::string(scanner.rest());
    if (found == Found::end) return out + std::string(scanner.rest());
    out += parameter.name;
    if (parameter.has_value) out += "=<" + parameter.value.to_string() + ">";
    out += ' ';
  }
}

/// The members of a list, with `|` behind each.
std::string members(std::string_view text) {
  FieldScanner scanner(text);
  std::string out;
  while (const std::optional<std::string_view> member = scanner.take_list_member()) out += std::string(*member) + "|";
  return out;
}

}  // namespace

TEST_SUITE("message/field_scanner") {
  TEST_CASE("tokens, characters and blanks are taken off the front") {
    FieldScanner scanner("max-age =\t1, b");
    CHECK(scanner.take_token() == "max-age");
    CHECK(scanner.take_token().empty());
    CHECK_FALSE(scanner.take('='));
    scanner.skip_blanks();
    CHECK(scanner.take('='));
    scanner.skip_blanks();
    CHECK(scanner.take_token() == "1");
    CHECK(scanner.is_at(','));
    CHECK(scanner.skip_commas());
    CHECK_FALSE(scanner.skip_commas());
    CHECK(scanner.rest() == "b");
    CHECK(scanner.take('b'));
    CHECK(scanner.at_end());
    CHECK_FALSE(scanner.is_at('\0'));
    CHECK_FALSE(scanner.take_value().has_value());
  }

  TEST_CASE("a quoted string is resolved when somebody asks") {
    FieldScanner scanner(R"("a\"b\\c" rest)");
    const std::optional<FieldText> text = scanner.take_quoted();
    REQUIRE(text.has_value());
    CHECK(text->raw() == R"(a\"b\\c)");
    CHECK(text->is_quoted());
    CHECK_FALSE(text->is_plain());
    CHECK(text->to_string() == R"(a"b\c)");
    CHECK(text->equals(R"(a"b\c)"));
    CHECK_FALSE(text->equals(R"(a"b\)"));
    CHECK_FALSE(text->equals(R"(a"b\cd)"));
    CHECK_FALSE(text->equals(R"(A"b\c)"));
    CHECK(text->iequals(R"(A"B\C)"));
    CHECK_FALSE(text->iequals(R"(A"B\)"));
    char room[5];
    CHECK(text->resolved(room) == R"(a"b\c)");
    CHECK_FALSE(text->resolved(std::span(room, 4)).has_value());
    std::string out = ">";
    text->append_to(out);
    CHECK(out == R"(>a"b\c)");
    CHECK(scanner.rest() == " rest");
    // Without quotes a backslash is a character like others.
    CHECK(FieldText("a\\b", false).to_string() == "a\\b");
    CHECK(FieldText("a\\b", false).equals("a\\b"));
    CHECK(FieldText("", true).equals(""));
    CHECK(FieldText("long enough", true).resolved({}) == "long enough");
  }

  TEST_CASE("what is no quoted string is left alone") {
    for (const std::string_view bad : {"", "a", "\"", "\"a", "\"a\\", "\"a\\\"", "\"a\n\"", "\"a\\\n\"", "\"\x7f\"", " \"a\""}) {
      CAPTURE(bad);
      FieldScanner scanner(bad);
      CHECK_FALSE(scanner.take_quoted().has_value());
      CHECK(scanner.rest() == bad);
    }
    FieldScanner good("\"\t \xe9\"");
    CHECK(good.take_quoted()->to_string() == "\t \xe9");
  }

  TEST_CASE("parameters as RFC 9110 has them") {
    CHECK(parameters(R"(;a=b;C="d;e" ; f="\"")", Rules::strict) == R"(a=<b> C=<d;e> f=<"> )");
    CHECK(parameters(" ;; ; a=b ;", Rules::strict) == "a=<b> ");
    CHECK(parameters(";a=b, x", Rules::strict) == "a=<b> , x");
    CHECK(parameters(";a=b x", Rules::strict) == "a=<b> x");
    CHECK(parameters("a=b", Rules::strict) == "a=b");
    CHECK(parameters(";a=b;c", Rules::strict) == "a=<b> !c");
    CHECK(parameters(";a =b", Rules::strict) == "!a =b");
    CHECK(parameters(";a= b", Rules::strict) == "!a= b");
    CHECK(parameters(";a=", Rules::strict) == "!a=");
    CHECK(parameters(";=b", Rules::strict) == "!=b");
    CHECK(parameters(";a=\"b", Rules::strict) == "!a=\"b");
    CHECK(parameters(";a=b/c", Rules::strict) == "a=<b> /c");
  }

  TEST_CASE("parameters as they are sent") {
    CHECK(parameters("; a = b;c ;d\t=\t\"e\"", Rules::lenient) == "a=<b> c d=<e> ");
    CHECK(parameters(";a=b/c@d;e=;f=", Rules::lenient) == "a=<b/c@d> e=<> f=<> ");
    CHECK(parameters(";a=b=c", Rules::lenient) == "a=<b=c> ");
    CHECK(parameters(";a=\"b", Rules::lenient) == "!a=\"b");
    CHECK(parameters(";a b", Rules::lenient) == "a b");
  }

  TEST_CASE("members of a list, with commas in quotes") {
    CHECK(members("") == "");
    CHECK(members(" , ,\t,") == "");
    CHECK(members("a") == "a|");
    CHECK(members(", a b , c,,d ") == "a b|c|d|");
    CHECK(members(R"(a="b,c", "d\",e" f)") == R"(a="b,c"|"d\",e" f|)");
    CHECK(members(R"(a="b, c)") == R"(a="b|c|)");
    CHECK(members("a\"\n, \"b,c\"") == "a\"\n|\"b,c\"|");
  }

  TEST_CASE("quotes without an end take linear time") {
    std::string text = "\"";
    for (int i = 0; i < 200'000; ++i) text += "\\\",";
    CHECK(members(text).size() == text.size());
    text += '\n';
    CHECK(members(text).size() == text.size() + 1);
  }

  TEST_CASE("values are written so that they are read back") {
    for (const std::string_view value : {"", "a", "a b", "a\"b\\", "\t", "\xc3\xa9", "a,b;c"}) {
      CAPTURE(value);
      std::string out;
      okhttp::append_token_or_quoted(out, value);
      FieldScanner scanner(out);
      const std::optional<FieldText> read = scanner.take_value();
      REQUIRE(read.has_value());
      CHECK(read->to_string() == value);
      CHECK(read->is_quoted() == (value != "a"));
      CHECK(scanner.at_end());
    }
  }
}

}  // namespace field_scanner_test
