// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/form_body.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/request.hpp>

#include <string>
#include <string_view>

namespace form_body_test {

using okhttp::Charset;
using okhttp::Errc;
using okhttp::FormBody;
using okhttp::RequestBody;

namespace {

std::string encoded(std::string_view text) { return FormBody::Builder().add("", text).build().to_string().substr(1); }

std::string every_byte() {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  return all;
}

}  // namespace

TEST_SUITE("message/form_body") {
  TEST_CASE("joins fields in their order") {
    const FormBody form = FormBody::Builder()
                              .add("a+=& b", "c+=& d")
                              .add("space, the", "final frontier")
                              .add("%25", "%25")
                              .add("a", "")
                              .add("", "")
                              .add("a", "again")
                              .build();
    CHECK(form.to_string() ==
          "a%2B%3D%26+b=c%2B%3D%26+d&space%2C+the=final+frontier&%2525=%2525&a=&=&a=again");
    CHECK(form.content_length() == static_cast<std::int64_t>(form.to_string().size()));
    REQUIRE(form.size() == 6);
    CHECK(form.encoded_name(0) == "a%2B%3D%26+b");
    CHECK(form.encoded_value(0) == "c%2B%3D%26+d");
    CHECK(form.name(0) == "a+=& b");
    CHECK(form.value(1) == "final frontier");
    CHECK(form.name(2) == "%25");
    CHECK(form.name(4) == "");
    CHECK(form.encoded_value(4) == "");
    CHECK(form.get("a") == "");
    CHECK(form.value(5) == "again");
    CHECK_FALSE(form.get("b"));
  }

  TEST_CASE("encodes what the standard says and leaves the rest") {
    const std::string plain = "abcxyzABCXYZ0189*-._";
    CHECK(encoded(plain) == plain);
    for (int c = 0; c < 256; ++c) {
      CAPTURE(c);
      const std::string text(1, static_cast<char>(c));
      std::string expected = text;
      if (c == ' ') {
        expected = "+";
      } else if (c >= 0x80 || (!okhttp::ascii::is_alpha(text[0]) && !okhttp::ascii::is_digit(text[0]) &&
                               std::string_view("*-._").find(text) == std::string_view::npos)) {
        constexpr char digits[] = "0123456789ABCDEF";
        expected = {'%', digits[c >> 4], digits[c & 15]};
      }
      CHECK(encoded(text) == expected);
    }
    CHECK(encoded("  a  ") == "++a++");
    CHECK(encoded("\r\n") == "%0D%0A");
    CHECK(encoded("\xE2\x98\x83") == "%E2%98%83");
  }

  TEST_CASE("keeps what is encoded already") {
    const FormBody form = FormBody::Builder()
                              .add_encoded("a+=& b", "c+=& d")
                              .add_encoded("e+%3D%26+f", "%e2%98%83+")
                              .add_encoded("100%", "%zz%4%41%")
                              .build();
    CHECK(form.to_string() == "a+%3D%26+b=c+%3D%26+d&e+%3D%26+f=%e2%98%83+&100%25=%25zz%254%41%25");
    CHECK(form.value(1) == "\xE2\x98\x83 ");
    CHECK(form.name(2) == "100%");
    CHECK(form.value(2) == "%zz%4A%");
  }

  TEST_CASE("may be empty") {
    const FormBody form = FormBody::Builder().build();
    CHECK(form.empty());
    CHECK(form.content_length() == 0);
    CHECK(RequestBody(form).content_length() == 0);
  }

  TEST_CASE("is a body wherever one is wanted") {
    const okhttp::Request request = okhttp::Request::Builder()
                                        .url("http://host/")
                                        .post(FormBody::Builder().add("q", "c++ & more").build())
                                        .build();
    const RequestBody& body = *request.body();
    CHECK(body.content_type() == "application/x-www-form-urlencoded");
    CHECK(body.content_length() == 18);
    CHECK_FALSE(body.is_one_shot());
    REQUIRE(body.in_memory());
    const auto memory = *body.in_memory();
    CHECK(std::string_view(reinterpret_cast<const char*>(memory.data()), memory.size()) == "q=c%2B%2B+%26+more");
    for (int pass = 0; pass < 2; ++pass) {
      const auto reader = body.open().value();
      std::string text;
      std::byte piece[7];
      while (const std::size_t size = reader->read(piece).value())
        text.append(reinterpret_cast<const char*>(piece), size);
      CHECK(text == "q=c%2B%2B+%26+more");
    }
  }

  TEST_CASE("a builder goes on after it has built") {
    FormBody::Builder builder;
    builder.add("a", "1");
    const FormBody first = builder.build();
    builder.add("b", "2");
    CHECK(first.to_string() == "a=1");
    CHECK(builder.build().to_string() == "a=1&b=2");
  }

  TEST_CASE("encodes in another charset") {
    const std::string text = "caf\xC3\xA9 \xE2\x82\xAC \xE2\x98\x83 \xF0\x9F\x98\x80";
    for (const char* label : {"iso-8859-1", "Latin1", "windows-1252", "us-ascii"}) {
      CAPTURE(label);
      const FormBody form = FormBody::Builder(label).add("\xC3\xA9", text).build();
      CHECK(form.to_string() == "%E9=caf%E9+%80+%26%239731%3B+%26%23128512%3B");
      CHECK(form.name(0) == "\xC3\xA9");
      CHECK(form.value(0) == "caf\xC3\xA9 \xE2\x82\xAC &#9731; &#128512;");
      CHECK(form.charset() == Charset::windows_1252);
      CHECK(RequestBody(form).content_type() == "application/x-www-form-urlencoded");
    }
    CHECK(FormBody::Builder(Charset::windows_1252).add("a", "\xFF").build().value(0) == "&#65533;");
    CHECK(FormBody::Builder("utf-8").add("a", "\xC3\xA9").build().to_string() == "a=%C3%A9");
    CHECK(FormBody::Builder("klingon").add("a", "b").try_build().error() == Errc::invalid_argument);
    CHECK(FormBody::Builder("utf-16").try_build().error() == Errc::invalid_argument);
    CHECK(FormBody::Builder(Charset::utf_32be).try_build().error() == Errc::invalid_argument);
  }

  TEST_CASE("windows-1252 has a byte for each of its characters") {
    std::string all;
    for (int c = 0x80; c < 0x100; ++c) all += static_cast<char>(c);
    const std::string text = okhttp::to_utf8(all, Charset::windows_1252);
    std::string expected = "=";
    for (int c = 0x80; c < 0x100; ++c) {
      constexpr char digits[] = "0123456789ABCDEF";
      expected += {'%', digits[c >> 4], digits[c & 15]};
    }
    const FormBody form = FormBody::Builder("latin1").add("", text).build();
    CHECK(form.to_string() == expected);
    CHECK(form.value(0) == text);
  }

  TEST_CASE("parses what it prints, any byte included") {
    const std::string all = every_byte();
    const FormBody form = FormBody::Builder().add(all, all).add("", all).add("x", "").build();
    const FormBody again = FormBody::parse(form.to_string());
    CHECK(again.to_string() == form.to_string());
    REQUIRE(again.size() == 3);
    CHECK((again.name(0) == all));
    CHECK((again.value(1) == all));
    CHECK(again.value(2) == "");
  }

  TEST_CASE("parses as the standard says") {
    const auto fields = [](std::string_view text) {
      const FormBody form = FormBody::parse(text);
      std::string out;
      for (std::size_t i = 0; i < form.size(); ++i) out += "(" + form.name(i) + "|" + form.value(i) + ")";
      return out;
    };
    CHECK(fields("") == "");
    CHECK(fields("&&") == "");
    CHECK(fields("a=b&c=d") == "(a|b)(c|d)");
    CHECK(fields("a&=b&=&c=d=e&") == "(a|)(|b)(|)(c|d=e)");
    CHECK(fields("a+b=%2B%20c%") == "(a b|+ c%)");
    CHECK(fields("%61+%4d%4D=%zz") == "(a MM|%zz)");
    CHECK(FormBody::parse("%E9=1", Charset::windows_1252).name(0) == "\xC3\xA9");
    CHECK(FormBody::parse("a=b").get("a") == "b");
  }
}

}  // namespace form_body_test
