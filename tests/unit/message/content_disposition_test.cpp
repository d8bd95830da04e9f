// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/content_disposition.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace content_disposition_test {

using okhttp::ContentDisposition;
using okhttp::Errc;
using okhttp::Headers;

namespace {

std::string filename(std::string_view text) { return ContentDisposition(text).filename().value_or("-"); }
/// The name to save under for a file of this name.
std::string safe(std::string_view name) {
  const std::string text = "attachment; filename*=UTF-8''" + std::string(name);
  return ContentDisposition(text).safe_filename().value_or("-");
}
std::string built(std::string_view name) { return ContentDisposition::Builder("attachment").filename(name).build(); }

}  // namespace

// What names are read from which headers is in tests/conformance/content_disposition.

TEST_SUITE("message/content_disposition") {
  TEST_CASE("the examples of RFC 6266, 5") {
    CHECK(filename("Attachment; filename=example.html") == "example.html");
    CHECK(filename("INLINE; FILENAME= \"an example.html\"") == "an example.html");
    CHECK(filename("attachment; filename*= UTF-8''%e2%82%ac%20rates") == "\xE2\x82\xAC rates");
    CHECK(filename("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates") == "\xE2\x82\xAC rates");
  }

  TEST_CASE("an attachment is everything but what is inline") {
    CHECK(ContentDisposition("attachment").is_attachment());
    CHECK(ContentDisposition("ATTACHMENT; filename=a").is_attachment());
    CHECK(ContentDisposition("foobar; x=y").is_attachment());
    CHECK(ContentDisposition("foobar; x=y").type() == "foobar");
    CHECK(!ContentDisposition("inline").is_attachment());
    CHECK(!ContentDisposition("InLine ; filename=a").is_attachment());
    CHECK(!ContentDisposition("").is_attachment());
    CHECK(!ContentDisposition("filename=a").is_attachment());
    CHECK(ContentDisposition("filename=a").type().empty());
  }

  TEST_CASE("any parameter can be asked for") {
    const ContentDisposition disposition("form-data; name=\"a \\\"b\\\"\"; Size = 5");
    CHECK(disposition.type() == "form-data");
    CHECK(disposition.parameter("NAME") == "a \"b\"");
    CHECK(disposition.parameter("size") == "5");
    CHECK(!disposition.parameter("filename"));
    CHECK(!disposition.filename());
    CHECK(!disposition.safe_filename());
  }

  TEST_CASE("that of a message is its header") {
    const Headers headers = Headers::of({{"content-disposition", "attachment; filename=a"}});
    CHECK(ContentDisposition::of(headers)->filename() == "a");
    const Headers none;
    CHECK(!ContentDisposition::of(none));
  }

  TEST_CASE("a safe name stays in its folder") {
    CHECK(safe("report.pdf") == "report.pdf");
    CHECK(safe("..%2F..%2Fetc%2Fpasswd") == "passwd");
    CHECK(safe("%2Fetc%2Fpasswd") == "passwd");
    CHECK(safe("C%3A%5CWindows%5Cnotepad.exe") == "notepad.exe");
    CHECK(safe("a%2F") == "-");
    CHECK(safe("..") == "-");
    CHECK(safe(".") == "-");
    CHECK(safe("") == "-");
    CHECK(safe("%20%09") == "-");
    CHECK(safe("..%5C..") == "-");
    CHECK(safe(".ssh") == "ssh");
    CHECK(safe("...hidden...") == "hidden");
    CHECK(safe("%20a.txt%20") == "a.txt");
  }

  TEST_CASE("a safe name has nothing that a shell, a file system or an eye trips over") {
    CHECK(safe("a%00b%0A%0Dc%1B%7F.txt") == "abc.txt");
    CHECK(safe("a%C2%85%C2%9Fb") == "ab");
    CHECK(safe("a%C2%A0b") == "a\xC2\xA0" "b");
    CHECK(safe("annex%E2%80%AEtxt.exe") == "annextxt.exe");
    CHECK(safe("%E2%80%8E%E2%81%A6%EF%BB%BF%D8%9Ca") == "a");
    CHECK(safe("%E2%80%A6") == "\xE2\x80\xA6");
    CHECK(safe("a%3Cb%3Ec%3Ad%22e%7Cf%3Fg%2A") == "a_b_c_d_e_f_g_");
    CHECK(safe("%00..%00") == "-");
    CHECK(safe("CON") == "_ON");
    CHECK(safe("con.txt") == "_on.txt");
    CHECK(safe("Lpt1.a.b") == "_pt1.a.b");
    CHECK(safe("com10") == "com10");
    CHECK(safe("LPT%C2%B3.txt") == "_PT\xC2\xB3.txt");  // of a small 3
    CHECK(safe("com%C2%B5") == "com\xC2\xB5");
    CHECK(safe("console") == "console");
    CHECK(safe("%C3%A4%E2%82%AC") == "\xC3\xA4\xE2\x82\xAC");
  }

  TEST_CASE("a safe name is no longer than file systems take") {
    const std::string letters(300, 'x');
    CHECK(safe(letters) == letters.substr(0, ContentDisposition::max_safe_filename));
    CHECK(safe(letters + ".tar.gz") == letters.substr(0, 252) + ".gz");
    CHECK(safe("a." + letters) == "a." + letters.substr(0, 253));
    std::string umlauts;
    for (int i = 0; i < 200; ++i) umlauts += "%C3%A4";
    const std::string cut = safe(umlauts + ".png");
    CHECK(cut.size() == 254);  // 125 of two bytes, and the extension
    CHECK(cut.ends_with("\xC3\xA4.png"));
  }

  TEST_CASE("what is built is read back, by those too who know no filename*") {
    CHECK(built("rates.txt") == "attachment; filename=\"rates.txt\"");
    CHECK(built("a b;c.txt") == "attachment; filename=\"a b;c.txt\"");
    CHECK(built("\xE2\x82\xAC rates.txt") ==
          "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt");
    CHECK(built("100%41.txt") == "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt");
    CHECK(built("a\"b\\c") == "attachment; filename=\"a_b_c\"; filename*=UTF-8''a%22b%5Cc");
    for (const char* const name : {"", "a", "a b", "\"", "\\", "%", "\xE2\x82\xAC", "a'b", "a;b=c", "*"}) {
      CAPTURE(name);
      CHECK(filename(built(name)) == name);
    }
    CHECK(filename(built("a\xFF")) == "a\xEF\xBF\xBD");
    CHECK(ContentDisposition::Builder("inline").parameter("size", "5").parameter("x", "a b").build() ==
          "inline; size=5; x=\"a b\"");
  }

  TEST_CASE("what cannot be sent is a fault") {
    CHECK(ContentDisposition::Builder("a b").try_build().error() == Errc::invalid_argument);
    CHECK(!ContentDisposition::Builder("").try_build());
    CHECK(!ContentDisposition::Builder("attachment").filename("a\r\nb").try_build());
    CHECK(!ContentDisposition::Builder("attachment").filename(std::string_view("a\0b", 3)).try_build());
    CHECK(!ContentDisposition::Builder("attachment").parameter("a b", "c").try_build());
    CHECK(!ContentDisposition::Builder("attachment").parameter("a", "\xC3\xA4").try_build());
    CHECK(!ContentDisposition::Builder("attachment").parameter("a", "b\nc").try_build());
  }
}

}  // namespace content_disposition_test
