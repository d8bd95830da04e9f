// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie_file.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cookie_file_test {

using okhttp::Cookie;
using okhttp::detail::CookieFile;
using okhttp::detail::parse_cookie_file;
using okhttp::detail::parse_cookie_line;
using okhttp::detail::write_cookie_file;

namespace {

/// As a Set-Cookie header with the domain in front, or "-".
std::string shown(std::string_view line) {
  const std::optional<Cookie> cookie = parse_cookie_line(line);
  return cookie ? std::string(cookie->domain()) + ": " + cookie->to_string() : "-";
}

}  // namespace

TEST_SUITE("message/cookie_file") {

TEST_CASE("a line as curl writes it is a cookie") {
  CHECK(shown(".example.com\tTRUE\t/a\tTRUE\t784111777\tid\t42") ==
        "example.com: id=42; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Domain=example.com; Path=/a; Secure");
  CHECK(shown("#HttpOnly_www.example.com\tFALSE\t/\tFALSE\t0\tid\t4 2") == "www.example.com: id=4 2; Path=/; HttpOnly");
  CHECK(shown("127.0.0.1\tFALSE\t/\tFALSE\t0\ta\t") == "127.0.0.1: a=; Path=/");
  CHECK(shown("::1\tFALSE\t/\tFALSE\t0\ta\tb") == "::1: a=b; Path=/");
}

TEST_CASE("lines of other programs are understood") {
  CHECK(shown("example.com\ttrue\t/\tfalse\t0\ta\tb") == "example.com: a=b; Domain=example.com; Path=/");
  CHECK(shown(".example.com\tFALSE\t/\tFALSE\t0\ta\tb") == "example.com: a=b; Path=/");
  CHECK(shown("Example.COM\tFALSE\t/\tFALSE\t\ta\tb") == "example.com: a=b; Path=/");
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t-1\ta\tb") == "example.com: a=b; Path=/");
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t784111777.25\ta\tb") ==
        "example.com: a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/");
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t9223372036854775807\ta\tb") ==
        "example.com: a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Path=/");
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t0\ta") == "example.com: a=; Path=/");
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t0\ta\tb\tc") == "example.com: a=b\tc; Path=/");
}

TEST_CASE("other lines are not") {
  for (const char* const line :
       {"", "example.com", "example.com\tFALSE\t/\tFALSE\t0", "example.com FALSE / FALSE 0 a b",
        "example.com\tFALSE\t/\tFALSE\t0\t\tb", "example.com\tMAYBE\t/\tFALSE\t0\ta\tb", "example.com\tFALSE\t/\t1\t0\ta\tb",
        "example.com\tFALSE\ta\tFALSE\t0\ta\tb", "example.com\tFALSE\t/\tFALSE\tsoon\ta\tb",
        "example.com\tFALSE\t/\tFALSE\t1.2.3\ta\tb", "example.com\tFALSE\t/\tFALSE\t.5\ta\tb", "example.com\tFALSE\t/\tFALSE\t-\ta\tb",
        "exam ple.com\tFALSE\t/\tFALSE\t0\ta\tb", "..example.com\tTRUE\t/\tFALSE\t0\ta\tb", "\tFALSE\t/\tFALSE\t0\ta\tb", "example.com\tFALSE\t/\tFALSE\t0\ta=\tb",
        "example.com\tFALSE\t/\tFALSE\t0\ta\tb;c", "example.com\tFALSE\t/\tFALSE\t0\ta\t\x01",
        "example.com\tFALSE\t/\tFALSE\t0\t__Secure-a\tb", ".example.com\tTRUE\t/\tTRUE\t0\t__Host-a\tb"}) {
    CAPTURE(line);
    CHECK(shown(line) == "-");
  }
  CHECK(shown("example.com\tFALSE\t/\tFALSE\t0\ta\t" + std::string(5000, 'b')) == "-");
}

TEST_CASE("a file is its cookies and the lines that cannot be read; comments are passed over") {
  const CookieFile file = parse_cookie_file(
      "# Netscape HTTP Cookie File\r\n\r\n# comment\n  \t\nexample.com\tFALSE\t/\tFALSE\t0\ta\tb\r\nnonsense\r\r\n"
      "#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\tc\td");
  CHECK(file.has_title);
  REQUIRE(file.cookies.size() == 2);
  CHECK(file.cookies[0].value() == "b");
  CHECK(file.cookies[1].http_only());
  CHECK(file.unreadable == std::vector<std::string>{"nonsense"});
  CHECK_FALSE(parse_cookie_file("").has_title);
  CHECK_FALSE(parse_cookie_file("example.com\tFALSE\t/\tFALSE\t0\ta\tb").has_title);
  CHECK(parse_cookie_file("# HTTP Cookie File").has_title);
}

TEST_CASE("what is written is read back") {
  const auto builder = [](std::string_view name) { return Cookie::Builder().name(name).value("v w").domain("example.com"); };
  const std::vector<Cookie> cookies = {
      builder("a").build(),
      builder("b").host_only_domain("www.example.com").path("/x;y").build(),
      builder("c").secure().http_only().expires_at(std::chrono::sys_seconds(std::chrono::seconds(784'111'777))).build(),
      builder("d").value("").build(),
      builder("e").value("tab\ttab").build(),
      builder("f").host_only_domain("::1").build(),
      builder("#g").value("\xC3\xBC").build(),
  };
  const std::string text = write_cookie_file(cookies, {"nonsense"});
  CHECK(text.starts_with("# Netscape HTTP Cookie File\n"));
  CHECK(text.find("\n.example.com\tTRUE\t/\tFALSE\t0\ta\tv w\n") != std::string::npos);
  CHECK(text.find("\nwww.example.com\tFALSE\t/x;y\tFALSE\t0\tb\tv w\n") != std::string::npos);
  CHECK(text.find("\n#HttpOnly_.example.com\tTRUE\t/\tTRUE\t784111777\tc\tv w\n") != std::string::npos);
  CHECK(text.ends_with("\nnonsense\n"));
  const CookieFile file = parse_cookie_file(text);
  CHECK(file.cookies == cookies);
  CHECK(file.unreadable == std::vector<std::string>{"nonsense"});
  CHECK(write_cookie_file(file.cookies, file.unreadable) == text);
}

TEST_CASE("what the format cannot say is left out") {
  const std::vector<Cookie> cookies = {
      Cookie::Builder().name("a\tb").domain("example.com").build(),
      Cookie::Builder().name("a").domain("example.com").path("/\t/").build(),
      Cookie::Builder().name("a").domain("example.com").expires_at(std::chrono::sys_seconds()).build(),
  };
  CHECK(parse_cookie_file(write_cookie_file(cookies, {})).cookies.empty());
  const okhttp::HttpUrl dotted = okhttp::HttpUrl::parse("https://.example/");
  CHECK(parse_cookie_file(write_cookie_file({*Cookie::parse(dotted, "a=b")}, {})).cookies.empty());
  const std::vector<Cookie> lax = {
      Cookie::Builder().name("a").domain("example.com").same_site(okhttp::SameSite::lax).build()};
  const CookieFile file = parse_cookie_file(write_cookie_file(lax, {}));
  REQUIRE(file.cookies.size() == 1);
  CHECK(file.cookies[0].same_site() == okhttp::SameSite::unspecified);
}

}  // TEST_SUITE

}  // namespace cookie_file_test
