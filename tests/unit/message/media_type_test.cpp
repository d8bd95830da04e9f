// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/media_type.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace media_type_test {

using okhttp::Charset;
using okhttp::Errc;
using okhttp::MediaType;
using okhttp::MediaTypeView;
using okhttp::Result;

TEST_SUITE("message/media_type") {
  TEST_CASE("type, subtype and parameters are found") {
    const MediaType type = MediaType::parse("Text/HTML; Charset=UTF-8; q=\"a;b\"");
    CHECK(type.type() == "text");
    CHECK(type.subtype() == "html");
    CHECK(type.charset() == "UTF-8");
    CHECK(type.parameter("CHARSET") == "UTF-8");
    CHECK(type.parameter("q") == "a;b");
    CHECK_FALSE(type.parameter("boundary").has_value());
    CHECK_FALSE(type.parameter("").has_value());
  }

  TEST_CASE("type and subtype are in lower case however long they are") {
    CHECK(MediaType::parse("Application/JSON").essence() == "application/json");
    const std::string subtype = "VND.openxmlformats-officedocument.wordprocessingml.Document";
    const MediaType long_one = MediaType::parse("Application/" + subtype + "; a=b");
    CHECK(long_one.type() == "application");
    CHECK(long_one.subtype() == okhttp::ascii::lowered(subtype));
    CHECK(long_one.parameter("a") == "b");
    const MediaType copy = long_one;
    CHECK(copy.subtype() == okhttp::ascii::lowered(subtype));
    CHECK(MediaType::parse("Text/HTML;a=b").essence() == "text/html");
    MediaType moved = MediaType::parse("Text/HTML;a=b");
    const MediaType target = std::move(moved);
    CHECK(target.type() == "text");
    CHECK(target.subtype() == "html");
  }

  TEST_CASE("all parameters, in order") {
    const auto found = MediaType::parse("a/b; X=1 ;; y=\"a\\\"b\"; x='3'").parameters();
    REQUIRE(found.size() == 3);
    CHECK((found[0].first == "X" && found[0].second == "1"));
    CHECK((found[1].first == "y" && found[1].second == "a\"b"));
    CHECK((found[2].first == "x" && found[2].second == "3"));
    CHECK(MediaType::parse("a/b").parameters().empty());
  }

  TEST_CASE("the charset that a name stands for") {
    CHECK(MediaType::parse("a/b;charset=\"latin\\1\"").charset(Charset::utf_8) == Charset::windows_1252);
    CHECK(MediaType::parse("a/b;charset='UTF-16BE'").charset(Charset::utf_8) == Charset::utf_16be);
    CHECK(MediaType::parse("a/b;charset=klingon").charset(Charset::utf_8) == Charset::utf_8);
    CHECK(MediaType::parse("a/b").charset(Charset::utf_16le) == Charset::utf_16le);
    CHECK_FALSE(MediaTypeView::parse("a/b;charset=klingon")->charset().has_value());
    CHECK_FALSE(MediaTypeView::parse("a/b;charset=\"\\" + std::string(100, 'x') + "\"")->charset().has_value());
  }

  TEST_CASE("a view gives the same as it is written") {
    const std::optional<MediaTypeView> view = MediaTypeView::parse("Text/HTML; Charset=UTF-8");
    REQUIRE(view.has_value());
    CHECK(view->type() == "Text");
    CHECK(view->subtype() == "HTML");
    CHECK(view->essence() == "Text/HTML");
    CHECK(view->is("text/html"));
    CHECK_FALSE(view->is("text/htm"));
    CHECK(view->text() == "Text/HTML; Charset=UTF-8");
    CHECK(view->parameter("charset")->equals("UTF-8"));
    CHECK_FALSE(view->parameter("boundary").has_value());
    CHECK_FALSE(MediaTypeView::parse("text").has_value());
    CHECK_FALSE(MediaTypeView::parse("a/b;c").has_value());
  }

  TEST_CASE("the text stays as it was") {
    CHECK(MediaType::parse("Text/HTML ;CHARSET='x'; ").to_string() == "Text/HTML ;CHARSET='x'; ");
    CHECK(MediaType::parse("a/b") == MediaType::parse("a/b"));
    CHECK_FALSE(MediaType::parse("a/b") == MediaType::parse("A/b"));
  }

  TEST_CASE("accessors of a temporary give values") {
    const auto subtype = MediaType::parse("application/json").subtype();
    const auto type = MediaType::parse("application/json").type();
    CHECK(subtype + type == "jsonapplication");
  }

  TEST_CASE("single quotes around a value are dropped") {
    CHECK(MediaType::parse("text/plain;charset='utf-8'").charset() == "utf-8");
    CHECK(MediaType::parse("text/plain;charset=\"utf-8\"").charset() == "utf-8");
    CHECK(MediaType::parse("text/plain;charset='utf-8").charset() == "'utf-8");
    CHECK(MediaType::parse("text/plain;charset=utf-8'").charset() == "utf-8'");
    CHECK(MediaType::parse("text/plain;charset='").charset() == "'");
    CHECK(MediaType::parse("text/plain;charset=''").charset() == "''");
    CHECK(MediaType::parse("text/plain;charset=\"'utf-8'\"").charset() == "'utf-8'");
  }

  TEST_CASE("a quoted value may hold anything but controls, and escapes") {
    CHECK(MediaType::parse("a/b;c=\"\"").parameter("c") == "");
    CHECK(MediaType::parse(R"(a/b;c="x\"y\\z")").parameter("c") == R"(x"y\z)");
    CHECK(MediaType::parse("a/b;c=\"\xe9\t \"").parameter("c") == "\xe9\t ");
    CHECK(MediaType::parse(R"(a/b; x="; c=no"; c=yes)").parameter("c") == "yes");
  }

  TEST_CASE("the first of two parameters of a name counts") {
    CHECK(MediaType::parse("a/b; c=1; C=2").parameter("c") == "1");
  }

  TEST_CASE("a semicolon may stand alone") {
    CHECK(MediaType::parse("a/b;").subtype() == "b");
    CHECK(MediaType::parse("a/b ; ;; c=d ;").parameter("c") == "d");
  }

  TEST_CASE("what is no media type is refused") {
    for (const std::string_view bad : {"",
                                       "/",
                                       "a",
                                       "a/",
                                       "/b",
                                       "a b/c",
                                       "a/b c",
                                       " a/b",
                                       "a/ b",
                                       "a/b, c/d",
                                       "a/b;c",
                                       "a/b;c=",
                                       "a/b;=c",
                                       "a/b;c =d",
                                       "a/b;c= d",
                                       "a/b;c=\"d",
                                       "a/b;c=\"d\\",
                                       "a/b;c=\"d\\\"",
                                       "a/b;c=d e",
                                       "a/b;c=\"d\"e",
                                       "a/b;c=d=e",
                                       "a/b;c=\"\n\"",
                                       "a/b;c=\"\\\n\"",
                                       "te<t/x",
                                       "\xc3\xa9/b",
                                       "a/b\r\n",
                                       "a/b;c=\x7f"}) {
      CAPTURE(bad);
      const Result<MediaType> parsed = MediaType::try_parse(bad);
      REQUIRE_FALSE(parsed.has_value());
      CHECK(parsed.error() == Errc::invalid_argument);
    }
    CHECK_FALSE(MediaType::try_parse(std::string_view("a/b\0", 4)).has_value());
    CHECK_THROWS_AS((void)MediaType::parse("text"), okhttp::Exception);
  }

  TEST_CASE("an error shows a bounded part of the text") {
    const Result<MediaType> parsed = MediaType::try_parse(std::string(100000, '\n'));
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message().size() < 200);
    CHECK(parsed.error().message().find('\n') == std::string::npos);
  }

  TEST_CASE("a long text takes linear time") {
    std::string text = "a/b";
    for (int i = 0; i < 20000; ++i) text += ";c=\"d\"";
    CHECK_FALSE(MediaType::parse(text).parameter("z").has_value());
  }
}

}  // namespace media_type_test
