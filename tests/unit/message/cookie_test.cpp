// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cookie_test {

using okhttp::Cookie;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::HttpUrl;
using okhttp::SameSite;
using std::chrono::sys_seconds;

namespace {

/// Sun, 06 Nov 1994 08:49:37 GMT.
const sys_seconds now{std::chrono::seconds(784'111'777)};

HttpUrl url(std::string_view text) { return HttpUrl::parse(text); }

std::optional<Cookie> parse(std::string_view set_cookie, std::string_view from = "https://www.example.com/a/b?c=/d") {
  return Cookie::parse(url(from), set_cookie, now);
}

/// The name and value as they are sent, or "-" for what is refused.
std::string pair(std::string_view set_cookie) {
  const std::optional<Cookie> cookie = parse(set_cookie);
  return cookie ? std::string(cookie->name()) + "=" + std::string(cookie->value()) : "-";
}

/// Seconds from now, or 0 for a session cookie.
std::int64_t lifetime(std::string_view attributes) {
  const std::optional<Cookie> cookie = parse("a=b; " + std::string(attributes));
  REQUIRE(cookie);
  CHECK(cookie->persistent() == cookie->expires_at().has_value());
  return cookie->persistent() ? (*cookie->expires_at() - now).count() : 0;
}

/// "domain", or ".domain" for one with its subdomains; "-" for what is refused.
std::string domain(std::string_view host, std::string_view attribute) {
  const std::optional<Cookie> cookie = parse("a=b; Domain=" + std::string(attribute), "https://" + std::string(host));
  if (!cookie) return "-";
  return (cookie->host_only() ? "" : ".") + std::string(cookie->domain());
}

std::string path(std::string_view from, std::string_view attributes = "") {
  const std::optional<Cookie> cookie = parse("a=b" + std::string(attributes), "https://example.com" + std::string(from));
  return cookie ? std::string(cookie->path()) : "-";
}

bool matches(std::string_view attributes, std::string_view from, std::string_view to) {
  const std::optional<Cookie> cookie = parse("a=b" + std::string(attributes), from);
  REQUIRE(cookie);
  return cookie->matches(url(to));
}

}  // namespace

TEST_SUITE("message/cookie") {

TEST_CASE("a cookie with everything has everything, and is written as it came") {
  constexpr std::string_view text =
      "SID=31d4 d96; Expires=Mon, 07 Nov 1994 08:49:37 GMT; Domain=www.example.com; Path=/a; Secure; HttpOnly; "
      "SameSite=Lax";
  const std::optional<Cookie> cookie = parse(text);
  REQUIRE(cookie);
  CHECK(cookie->name() == "SID");
  CHECK(cookie->value() == "31d4 d96");
  CHECK(cookie->expires_at() == now + std::chrono::hours(24));
  CHECK(cookie->persistent());
  CHECK(cookie->domain() == "www.example.com");
  CHECK_FALSE(cookie->host_only());
  CHECK(cookie->path() == "/a");
  CHECK(cookie->secure());
  CHECK(cookie->http_only());
  CHECK(cookie->same_site() == SameSite::lax);
  CHECK(cookie->to_string() == text);
  CHECK(parse(cookie->to_string()) == cookie);
}

TEST_CASE("a cookie with nothing is for its host, its folder and its session") {
  const std::optional<Cookie> cookie = parse("a=");
  REQUIRE(cookie);
  CHECK(cookie->value() == "");
  CHECK_FALSE(cookie->persistent());
  CHECK_FALSE(cookie->expires_at());
  CHECK_FALSE(cookie->is_expired(std::chrono::system_clock::time_point::max()));
  CHECK(cookie->domain() == "www.example.com");
  CHECK(cookie->host_only());
  CHECK(cookie->path() == "/a");
  CHECK_FALSE(cookie->secure());
  CHECK_FALSE(cookie->http_only());
  CHECK(cookie->same_site() == SameSite::unspecified);
  CHECK(cookie->to_string() == "a=; Path=/a");
}

TEST_CASE("name and value end at the first semicolon, and lose the blanks around them") {
  CHECK(pair("a=b") == "a=b");
  CHECK(pair(" \ta\t = \t b \t; x") == "a=b");
  CHECK(pair("a=b=c") == "a=b=c");
  CHECK(pair("a==b") == "a==b");
  CHECK(pair("a=b;") == "a=b");
  CHECK(pair("a=b;;;") == "a=b");
  CHECK(pair("a b=c d") == "a b=c d");
  CHECK(pair("a=\"b;c\"") == "a=\"b");
  CHECK(pair("a=\"b\"") == "a=\"b\"");
  CHECK(pair("a=b,c") == "a=b,c");
  CHECK(pair("a,b=c") == "a,b=c");
  CHECK(pair("a=b\tc") == "a=b\tc");
  CHECK(pair("a=\xC3\xBC") == "a=\xC3\xBC");
  CHECK(pair("\xFF=\x80") == "\xFF=\x80");
  CHECK(pair("A=b") == "A=b");
}

TEST_CASE("no name, no equals sign, and control characters are refused") {
  CHECK(pair("") == "-");
  CHECK(pair(";") == "-");
  CHECK(pair("a") == "-");
  CHECK(pair("=b") == "-");
  CHECK(pair(" = b") == "-");
  CHECK(pair("a; b=c") == "-");
  for (int c = 0; c < 0x80; ++c) {
    CAPTURE(c);
    const char byte = static_cast<char>(c);
    const bool control = (c < 0x20 && c != '\t') || c == 0x7F;
    CHECK((pair("a=b" + std::string(1, byte) + "c") == "-") == control);
    CHECK((pair("a=b; Path=/x" + std::string(1, byte) + "y") == "-") == control);
    CHECK((pair("x" + std::string(1, byte) + "a=b") == "-") == (control || c == ';' ));
  }
}

TEST_CASE("4096 bytes of name and value are taken and 4097 are not; 1024 of an attribute and 1025 are not") {
  CHECK(parse("abcd=" + std::string(4092, 'x')));
  CHECK_FALSE(parse("abcd=" + std::string(4093, 'x')));
  CHECK(parse(std::string(4096, 'x') + "="));
  CHECK_FALSE(parse(std::string(4096, 'x') + "=y"));
  CHECK(parse("   abcd =  " + std::string(4092, 'x') + "   "));
  CHECK(path("/x/y", "; Path=/" + std::string(1023, 'p')) == "/" + std::string(1023, 'p'));
  CHECK(path("/x/y", "; Path=/" + std::string(1024, 'p')) == "/x");
  CHECK(path("/x/y", "; Path=/z; Path=/" + std::string(1024, 'p')) == "/z");
  CHECK(path("/" + std::string(4095, 'p') + "/") == "/" + std::string(4095, 'p'));
  CHECK(path("/" + std::string(4096, 'p') + "/") == "-");
}

TEST_CASE("Max-Age counts, in whole seconds, up to 400 days; zero and less is the past") {
  constexpr std::int64_t most = 400 * 24 * 60 * 60;
  CHECK(lifetime("Max-Age=1") == 1);
  CHECK(lifetime("max-AGE = 3600 ") == 3600);
  CHECK(lifetime("Max-Age=0010") == 10);
  CHECK(lifetime("Max-Age=34560000") == most);
  CHECK(lifetime("Max-Age=34560001") == most);
  CHECK(lifetime("Max-Age=9223372036854775808") == most);
  CHECK(lifetime("Max-Age=99999999999999999999999999") == most);
  for (const char* const past : {"0", "-1", "-0", "-99999999999999999999999", "00"}) {
    CAPTURE(past);
    const std::optional<Cookie> cookie = parse("a=b; Max-Age=" + std::string(past));
    REQUIRE(cookie);
    CHECK(cookie->expires_at() == sys_seconds());
    CHECK(cookie->is_expired(now));
  }
  for (const char* const ignored : {"", "-", "+1", "1.5", "1s", "a", "--1", "1 2", "0x10"}) {
    CAPTURE(ignored);
    CHECK(lifetime("Max-Age=" + std::string(ignored)) == 0);
  }
}

TEST_CASE("Expires is a date of any shape, cut down to 400 days; Max-Age is stronger") {
  constexpr std::int64_t most = 400 * 24 * 60 * 60;
  CHECK(lifetime("Expires=Sun, 06 Nov 1994 08:49:38 GMT") == 1);
  CHECK(lifetime("expires=6-Nov-94 8:50:37") == 60);
  CHECK(lifetime("Expires=08:49:39 1994 6 november") == 2);
  CHECK(lifetime("Expires=Thu, 31 Dec 2099 00:00:00 GMT") == most);
  CHECK(lifetime("Expires=Fri, 31 Dec 9999 23:59:59 GMT") == most);
  CHECK(lifetime("Expires=never") == 0);
  CHECK(lifetime("Expires=") == 0);
  CHECK(lifetime("Max-Age=5; Expires=Sun, 06 Nov 1994 08:49:38 GMT") == 5);
  CHECK(lifetime("Expires=Sun, 06 Nov 1994 08:49:38 GMT; Max-Age=5") == 5);
  CHECK(lifetime("Max-Age=x; Expires=Sun, 06 Nov 1994 08:49:38 GMT") == 1);
  CHECK(lifetime("Max-Age=5; Max-Age=6") == 6);
  CHECK(lifetime("Max-Age=5; Max-Age=x") == 5);
  CHECK(lifetime("Expires=Sun, 06 Nov 1994 08:49:38 GMT; Expires=Sun, 06 Nov 1994 08:49:39 GMT") == 2);

  const std::optional<Cookie> cookie = parse("a=b; Max-Age=5");
  REQUIRE(cookie);
  CHECK_FALSE(cookie->is_expired(now + std::chrono::milliseconds(4999)));
  CHECK(cookie->is_expired(now + std::chrono::seconds(5)));
  const std::optional<Cookie> ancient = parse("a=b; Expires=Mon, 01 Jan 1601 00:00:00 GMT");
  REQUIRE(ancient);
  CHECK(ancient->is_expired(now));
  CHECK(ancient->to_string() == "a=b; Expires=Mon, 01 Jan 1601 00:00:00 GMT; Path=/a");
  CHECK(parse(ancient->to_string()) == ancient);
}

TEST_CASE("a domain may be the host or lie above it, as long as somebody owns it") {
  CHECK(domain("www.example.com", "www.example.com") == ".www.example.com");
  CHECK(domain("www.example.com", "WWW.Example.COM") == ".www.example.com");
  CHECK(domain("www.example.com", ".www.example.com") == ".www.example.com");
  CHECK(domain("www.example.com", "") == "www.example.com");
  CHECK(domain("www.example.com", ".") == "www.example.com");
  CHECK(domain("www.example.com", "example.org") == "-");
  CHECK(domain("www.example.com", "ww.example.com") == "-");
  CHECK(domain("www.example.com", "ample.com") == "-");
  CHECK(domain("www.example.com", "a.www.example.com") == "-");
  CHECK(domain("www.example.com", "example.com.") == "-");
  CHECK(domain("www.example.com", "..example.com") == "-");
  CHECK(domain("www.example.com", "exam ple.com") == "-");
  CHECK(domain("www.example.com", "example.com/") == "-");
  CHECK(domain("www.example.com", "example.com:443") == "-");
  CHECK(domain("www.example.com.", "www.example.com") == "-");
  CHECK(domain("www.example.com.", "www.example.com.") == ".www.example.com.");
  // The last one counts.
  CHECK(domain("www.example.com", "example.org; Domain=www.example.com") == ".www.example.com");
  CHECK(domain("www.example.com", "www.example.com; Domain=example.org") == "-");
  CHECK(domain("www.example.com", "www.example.com; Domain") == "www.example.com");
#if OKHTTP_PSL
  CHECK(domain("www.example.com", "example.com") == ".example.com");
  CHECK(domain("www.example.com", ".Example.com") == ".example.com");
  CHECK(domain("www.example.com.", "example.com.") == ".example.com.");
  CHECK(domain("www.example.com", "com") == "-");
  CHECK(domain("www.example.com.", "com.") == "-");
  CHECK(domain("a.b.example.co.uk", "b.example.co.uk") == ".b.example.co.uk");
  CHECK(domain("a.b.example.co.uk", "example.co.uk") == ".example.co.uk");
  CHECK(domain("a.b.example.co.uk", "co.uk") == "-");
  CHECK(domain("a.b.example.co.uk", "uk") == "-");
  // A public suffix that is a host itself.
  CHECK(domain("github.io", "github.io") == "github.io");
  CHECK(domain("me.github.io", "github.io") == "-");
  CHECK(domain("me.github.io", "me.github.io") == ".me.github.io");
#else
  CHECK(domain("www.example.com", "example.com") == "www.example.com");
  CHECK(domain("www.example.com", "com") == "www.example.com");
#endif
}

TEST_CASE("single labels and addresses have cookies for themselves alone") {
  CHECK(domain("localhost", "localhost") == "localhost");
  CHECK(domain("localhost", "") == "localhost");
  CHECK(domain("a.localhost", "localhost") == (OKHTTP_PSL ? "-" : "a.localhost"));
  CHECK(domain("127.0.0.1", "127.0.0.1") == "127.0.0.1");
  CHECK(domain("127.0.0.1", ".127.0.0.1") == "127.0.0.1");
  CHECK(domain("127.0.0.1", "0.0.1") == "-");
  CHECK(domain("127.0.0.1", "1") == "-");
  CHECK(domain("127.0.0.1", "127.1") == "-");
  CHECK(domain("[::1]", "") == "::1");
  CHECK(domain("[::1]", "::1") == "::1");
  CHECK(domain("[::1]", "[::1]") == "::1");
  CHECK(domain("[::1]", ":1") == "-");
}

#if OKHTTP_IDNA && OKHTTP_PSL
TEST_CASE("a domain in letters of other languages is the one in its xn-- form") {
  CHECK(domain("www.xn--bcher-kva.example", "b\xC3\xBC" "cher.example") == ".xn--bcher-kva.example");
  CHECK(domain("www.xn--bcher-kva.example", "B\xC3\x9C" "CHER.example") == ".xn--bcher-kva.example");
  CHECK(domain("www.example.com", "b\xC3\xBC" "cher.example") == "-");
  CHECK(domain("www.example.com", "\xFF.com") == "-");
}
#endif

TEST_CASE("without a Path that begins with a slash the path is the URL's folder") {
  CHECK(path("") == "/");
  CHECK(path("/") == "/");
  CHECK(path("/a") == "/");
  CHECK(path("/a/") == "/a");
  CHECK(path("/a/b") == "/a");
  CHECK(path("/a/b/") == "/a/b");
  CHECK(path("/a/b?c=/d/e#/f/g") == "/a");
  CHECK(path("/a%2Fb/c") == "/a%2Fb");
  CHECK(path("/a/b", "; Path=/") == "/");
  CHECK(path("/a/b", "; path= /c ") == "/c");
  CHECK(path("/a/b", "; Path=/c/") == "/c/");
  CHECK(path("/a/b", "; Path=c") == "/a");
  CHECK(path("/a/b", "; Path=\"/c\"") == "/a");
  CHECK(path("/a/b", "; Path=") == "/a");
  CHECK(path("/a/b", "; Path") == "/a");
  CHECK(path("/a/b", "; Path=/c; Path=/d") == "/d");
  CHECK(path("/a/b", "; Path=/c; Path=d") == "/a");
  CHECK(path("/a/b", "; Path=/c=d") == "/c=d");
}

TEST_CASE("attributes that nobody knows are passed over, and flags may have values") {
  const std::optional<Cookie> cookie = parse("a=b; Priority=High; Partitioned; SECURE=no; httponly=; =x; Same Site=Lax");
  REQUIRE(cookie);
  CHECK(cookie->secure());
  CHECK(cookie->http_only());
  CHECK(cookie->same_site() == SameSite::unspecified);
}

TEST_CASE("SameSite is kept, the last one, whatever its case") {
  const auto same_site = [](std::string_view text) {
    const std::optional<Cookie> cookie = parse("a=b; " + std::string(text), "http://example.com/");
    REQUIRE(cookie);
    CHECK(parse(cookie->to_string(), "http://example.com/") == cookie);
    return cookie->same_site();
  };
  CHECK(same_site("SameSite=Strict") == SameSite::strict);
  CHECK(same_site("samesite=lAx") == SameSite::lax);
  CHECK(same_site("SameSite=None") == SameSite::none);
  CHECK(same_site("SameSite=none; SameSite=strict") == SameSite::strict);
  CHECK(same_site("SameSite=strict; SameSite=whatever") == SameSite::unspecified);
  CHECK(same_site("SameSite") == SameSite::unspecified);
}

TEST_CASE("what came over http cannot be for https alone") {
  CHECK(parse("a=b; Secure", "https://example.com/"));
  CHECK_FALSE(parse("a=b; Secure", "http://example.com/"));
  CHECK_FALSE(parse("a=b; Secure", "http://localhost/"));
}

TEST_CASE("the prefixes of names are promises, whatever their case") {
  for (const std::string name : {"__Secure-a", "__secure-a", "__SECURE-a", "__Secure-"}) {
    CAPTURE(name);
    CHECK(parse(name + "=b; Secure"));
    CHECK_FALSE(parse(name + "=b"));
    CHECK_FALSE(parse(name + "=b; Secure", "http://example.com/"));
  }
  for (const std::string name : {"__Host-a", "__host-a", "__HOST-a", "__Host-"}) {
    CAPTURE(name);
    CHECK(parse(name + "=b; Secure; Path=/"));
    CHECK_FALSE(parse(name + "=b; Path=/"));
    CHECK_FALSE(parse(name + "=b; Secure"));
    CHECK_FALSE(parse(name + "=b; Secure", "https://example.com/"));
    CHECK_FALSE(parse(name + "=b; Secure; Path=/a"));
    CHECK_FALSE(parse(name + "=b; Secure; Path=/; Domain=www.example.com"));
    CHECK_FALSE(parse(name + "=b; Secure; Path=/; Domain=example.com"));
    CHECK_FALSE(parse(name + "=b; Path=/", "http://example.com/"));
  }
  CHECK(parse("__Hosta=b"));
  CHECK(parse("_Host-a=b"));
  CHECK(parse("a__Host-=b"));
}

TEST_CASE("a cookie goes to its domain, its path, and over https if it says so") {
  const char* const home = "https://example.com/";
  CHECK(matches("", home, home));
  CHECK(matches("", home, "http://example.com/"));
  CHECK(matches("", home, "https://example.com:8443/a?b#c"));
  CHECK_FALSE(matches("", home, "https://www.example.com/"));
  CHECK(matches("; Domain=example.com", home, "https://www.example.com/"));
  CHECK(matches("; Domain=example.com", home, "https://a.b.example.com/"));
  CHECK_FALSE(matches("; Domain=example.com", home, "https://badexample.com/"));
  CHECK_FALSE(matches("; Domain=example.com", home, "https://com/"));
  CHECK(matches("; Secure", home, home));
  CHECK_FALSE(matches("; Secure", home, "http://example.com/"));
  CHECK(matches("; Path=/a", home, "https://example.com/a"));
  CHECK(matches("; Path=/a", home, "https://example.com/a/b"));
  CHECK(matches("; Path=/a", home, "https://example.com/a?b"));
  CHECK_FALSE(matches("; Path=/a", home, "https://example.com/ab"));
  CHECK_FALSE(matches("; Path=/a", home, "https://example.com/A"));
  CHECK_FALSE(matches("; Path=/a", home, "https://example.com/"));
  CHECK(matches("; Path=/a/", home, "https://example.com/a/"));
  CHECK(matches("; Path=/a/", home, "https://example.com/a/b"));
  CHECK_FALSE(matches("; Path=/a/", home, "https://example.com/a"));
  CHECK(matches("", "https://[::1]/", "https://[::1]:8080/"));
  CHECK(matches("", "https://127.0.0.1/", "https://127.0.0.1/"));
  CHECK_FALSE(matches("", "https://1.2.3.4/", "https://9.1.2.3/"));
}

TEST_CASE("all cookies of a response are found, and the bad ones passed over") {
  const Headers headers = Headers::of(
      {{"Set-Cookie", "a=1"}, {"Set-Cookie2", "x=1"}, {"set-cookie", "bad"}, {"SET-COOKIE", "b=2, c=3"}, {"Cookie", "d=4"}});
  const std::vector<Cookie> cookies = Cookie::parse_all(url("https://example.com/"), headers, now);
  REQUIRE(cookies.size() == 2);
  CHECK(cookies[0].name() == "a");
  CHECK(cookies[1].value() == "2, c=3");
  CHECK(Cookie::parse_all(url("https://example.com/"), Headers()).empty());
  CHECK(Cookie::parse(url("https://example.com/"), "a=b; Max-Age=60")->is_expired(std::chrono::system_clock::now()) == false);
}

TEST_CASE("on a temporary the texts are values") {
  CHECK(Cookie::parse(url("https://example.com/a/b"), "n=v").value().name() == std::string("n"));
  static_assert(std::is_same_v<decltype(std::declval<Cookie>().value()), std::string>);
  static_assert(std::is_same_v<decltype(std::declval<const Cookie&>().value()), std::string_view>);
  static_assert(std::is_same_v<decltype(std::declval<Cookie>().domain()), std::string>);
  static_assert(std::is_same_v<decltype(std::declval<Cookie>().path()), std::string>);
}

TEST_CASE("cookies are equal when all they say is") {
  const Cookie cookie = *parse("a=b; Domain=www.example.com; Path=/; Secure");
  CHECK(cookie == *parse("a=b; Path=/; Domain=.Www.Example.com; secure"));
  for (const char* const other :
       {"A=b; Domain=www.example.com; Path=/; Secure", "a=c; Domain=www.example.com; Path=/; Secure", "a=b; Path=/; Secure",
        "a=b; Domain=example.com; Path=/; Secure", "a=b; Domain=www.example.com; Path=/x; Secure",
        "a=b; Domain=www.example.com; Path=/", "a=b; Domain=www.example.com; Path=/; Secure; HttpOnly",
        "a=b; Domain=www.example.com; Path=/; Secure; SameSite=Lax", "a=b; Domain=www.example.com; Path=/; Secure; Max-Age=1"}) {
    CAPTURE(other);
    CHECK_FALSE(cookie == *parse(other));
  }
  // The same letters, cut differently.
  CHECK_FALSE(*parse("ab=c") == *parse("a=bc"));
}

TEST_CASE("a path with a semicolon has no place in an attribute") {
  const std::optional<Cookie> cookie = parse("a=b", "https://example.com/x;y/z");
  REQUIRE(cookie);
  CHECK(cookie->path() == "/x;y");
  CHECK(cookie->to_string() == "a=b");
  CHECK(parse(cookie->to_string(), "https://example.com/x;y/z") == cookie);
}

TEST_CASE("a builder makes what a server could have sent") {
  const Cookie cookie = Cookie::Builder()
                            .name("id")
                            .value("a=\"42\"")
                            .domain(".WWW.Example.com")
                            .path("/a")
                            .expires_at(now + std::chrono::milliseconds(86'400'900))
                            .secure()
                            .http_only()
                            .same_site(SameSite::strict)
                            .build();
  CHECK(cookie.to_string() ==
        "id=a=\"42\"; Expires=Mon, 07 Nov 1994 08:49:37 GMT; Domain=www.example.com; Path=/a; Secure; HttpOnly; "
        "SameSite=Strict");
  CHECK(*parse(cookie.to_string()) == cookie);
  CHECK(cookie.new_builder().build() == cookie);
  CHECK(cookie.new_builder().value("").build().value().empty());

  const Cookie plain = Cookie::Builder().name("a").host_only_domain("[::1]").build();
  CHECK(plain.to_string() == "a=; Path=/");
  CHECK(plain.domain() == "::1");
  CHECK(plain.host_only());
  CHECK(plain.matches(url("http://[::1]/")));
  CHECK(Cookie::Builder().name("a").domain("127.0.0.1").build().host_only());
  CHECK(Cookie::Builder().name("a").domain("localhost").build().host_only());
#if OKHTTP_PSL
  CHECK(Cookie::Builder().name("a").domain("co.uk").build().host_only());
#endif
#if OKHTTP_IDNA
  CHECK(Cookie::Builder().name("a").domain("b\xC3\xBC" "cher.example").build().domain() == "xn--bcher-kva.example");
#endif
}

TEST_CASE("a builder refuses what no server could send, without showing it") {
  const auto refused = [](const Cookie::Builder& builder) {
    const okhttp::Result<Cookie> cookie = builder.try_build();
    if (cookie) return std::string("(taken)");
    CHECK(cookie.error() == Errc::invalid_argument);
    CHECK(cookie.error().message().find("secret") == std::string::npos);
    return std::string(cookie.error().message());
  };
  const auto good = [] { return Cookie::Builder().name("a").value("secret").domain("example.com"); };
  CHECK(refused(good()) == "(taken)");
  CHECK(refused(Cookie::Builder().domain("example.com")) == "bad cookie: it has no name");
  CHECK(refused(Cookie::Builder().name("a")) == "bad cookie: it has no domain");
  for (const std::string name : {"", "a=b", "a;b", " a", "a ", "a\t", "a\nb", "a\x7F"}) {
    CAPTURE(name);
    CHECK(refused(good().name(name)) != "(taken)");
  }
  for (const std::string_view value : {std::string_view("secret;"), std::string_view(" secret"), std::string_view("secret\t"),
                                       std::string_view("secret\r\nX: y"), std::string_view("secret\0", 7)}) {
    CAPTURE(value);
    CHECK(refused(good().value(value)) == "bad cookie: its value has a character that cannot stand there");
  }
  for (const std::string where : {"", ".", "..example.com", "a b", "http://example.com/", "example.com/"}) {
    CAPTURE(where);
    CHECK(refused(good().domain(where)) == "bad cookie: its domain is no host");
  }
  for (const std::string where : {"", "a", "/a\n", "/a "}) CHECK(refused(good().path(where)) != "(taken)");
  CHECK(refused(good().path("/" + std::string(4096, 'a'))) == "bad cookie: its path is too long");
  CHECK(refused(good().value(std::string(4095, 'a'))) == "(taken)");
  CHECK(refused(good().value(std::string(4096, 'a'))) == "bad cookie: it is too long");
  CHECK(refused(good().name("__Secure-a")) != "(taken)");
  CHECK(refused(good().name("__Secure-a").secure()) == "(taken)");
  CHECK(refused(good().name("__Host-a").secure()) != "(taken)");
  CHECK(refused(good().name("__Host-a").secure().host_only_domain("example.com")) == "(taken)");
  CHECK(refused(good().name("__Host-a").secure().host_only_domain("example.com").path("/a")) != "(taken)");
  CHECK(refused(good().expires_at(sys_seconds(std::chrono::seconds(253'402'300'799)))) == "(taken)");
  CHECK(refused(good().expires_at(sys_seconds(std::chrono::seconds(253'402'300'800)))) != "(taken)");
  CHECK(refused(good().expires_at(sys_seconds(std::chrono::seconds(-11'644'473'601)))) != "(taken)");
  // The first fault stays.
  CHECK(refused(good().path("a").domain("a b").path("/")) == "bad cookie: its path does not begin with a slash");
}

}  // TEST_SUITE

}  // namespace cookie_test
