// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/proxy.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace proxy_test {

using okhttp::Errc;
using okhttp::Proxy;
using okhttp::Result;
using Kind = okhttp::Proxy::Kind;

TEST_SUITE("connection/proxy") {
  TEST_CASE("none has nothing") {
    const Proxy proxy;
    CHECK(proxy.kind() == Kind::none);
    CHECK(proxy.is_none());
    CHECK_FALSE(proxy.is_http());
    CHECK_FALSE(proxy.is_socks());
    CHECK(proxy.host().empty());
    CHECK(proxy.port() == 0);
    CHECK(proxy.host_and_port().empty());
    CHECK(proxy.user().empty());
    CHECK(proxy.password().empty());
    CHECK_FALSE(proxy.has_credentials());
    CHECK_FALSE(proxy.basic_authorization().has_value());
    CHECK(proxy.to_string() == "none");
    CHECK(proxy == Proxy::none());
    CHECK(proxy.hash() == Proxy::none().hash());
  }

  TEST_CASE("factories make each kind") {
    const Proxy http = Proxy::http("Proxy.Example.COM", 3128);
    CHECK(http.kind() == Kind::http);
    CHECK(http.is_http());
    CHECK_FALSE(http.is_none());
    CHECK(http.host() == "proxy.example.com");
    CHECK(http.port() == 3128);
    CHECK(http.to_string() == "http://proxy.example.com:3128");
    CHECK_FALSE(http.has_credentials());

    const Proxy https = Proxy::https("127.0.0.1", 443);
    CHECK(https.kind() == Kind::https);
    CHECK(https.is_http());
    CHECK(https.to_string() == "https://127.0.0.1:443");

    const Proxy socks4 = Proxy::socks4("s", 1, "me");
    CHECK(socks4.kind() == Kind::socks4a);
    CHECK(socks4.is_socks());
    CHECK_FALSE(socks4.is_http());
    CHECK(socks4.user() == "me");
    CHECK(socks4.to_string() == "socks4a://s:1");

    const Proxy socks5 = Proxy::socks5("s", 65535, "me", "secret");
    CHECK(socks5.kind() == Kind::socks5);
    CHECK(socks5.is_socks());
    CHECK(socks5.user() == "me");
    CHECK(socks5.password() == "secret");
    CHECK(socks5.has_credentials());
    CHECK_FALSE(socks5.basic_authorization().has_value());
    CHECK(socks5.to_string() == "socks5://s:65535");
  }

  TEST_CASE("an IPv6 host has brackets only in texts") {
    for (const std::string_view host : {"::1", "[::1]", "0:0::1", "[0:0:0:0:0:0:0:1]"}) {
      CAPTURE(host);
      const Proxy proxy = Proxy::socks5(host, 1080);
      CHECK(proxy.host() == "::1");
      CHECK(proxy.host_and_port() == "[::1]:1080");
      CHECK(proxy.to_string() == "socks5://[::1]:1080");
    }
  }

  TEST_CASE("hosts become canonical as in URLs") {
    CHECK(Proxy::http("0x7f.1", 1).host() == "127.0.0.1");
    CHECK(Proxy::http("a%2Db", 1).host() == "a-b");
  }

  TEST_CASE("accessors of a temporary give values") {
    const auto host = Proxy::http("abc", 1).host();
    const auto user = Proxy::http("abc", 1, "u", "p").user();
    const auto password = Proxy::http("abc", 1, "u", "p").password();
    static_assert(std::is_same_v<decltype(host), const std::string>);
    CHECK(host + user + password == "abcup");
  }

  TEST_CASE("a moved-from proxy is none") {
    Proxy proxy = Proxy::http("abc", 1);
    const Proxy other = std::move(proxy);
    CHECK(other.host() == "abc");
    CHECK(proxy.is_none());  // NOLINT: what is tested
  }

  TEST_CASE("hosts that are none are refused, and shown") {
    for (const std::string_view host :
         {"", " ", "a b", "a/b", "http://a", "a:80", "[::1", "[a]", "::g", "1.2.3.256", "a#b",
          "a\nb", "[1.2.3.4]", "fe80::1%eth0", "a@b", "\xE4"}) {
      CAPTURE(host);
      for (const Result<Proxy>& result :
           {Proxy::try_http(host, 80), Proxy::try_https(host, 80), Proxy::try_socks4(host, 80),
            Proxy::try_socks5(host, 80)}) {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error() == Errc::invalid_argument);
        CHECK(result.error().message().starts_with("not a proxy: "));
      }
    }
    CHECK(Proxy::try_http("a b", 80).error().message() ==
          "not a proxy: its host has a character that no host may have (host 'a b')");
    CHECK(Proxy::try_http("http://a", 80).error().message() ==
          "not a proxy: its host has a ':' but is no IPv6 address (host 'http://a')");
    CHECK(Proxy::try_http("", 80).error().message() == "not a proxy: it has no host");
    CHECK(Proxy::try_http("me:secret@a", 80).error().message().find("secret") == std::string::npos);
    CHECK_THROWS_AS(Proxy::http("", 80), okhttp::Exception);
  }

  TEST_CASE("ports are 1 to 65535") {
    for (const int port : {0, -1, 65536, 1 << 30}) {
      CAPTURE(port);
      const Result<Proxy> result = Proxy::try_socks5("a", port);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::invalid_argument);
      CHECK(result.error().message() ==
            "not a proxy: its port is not in 1 to 65535: " + std::to_string(port));
    }
    CHECK(Proxy::http("a", 1).port() == 1);
    CHECK(Proxy::http("a", 65535).port() == 65535);
  }

  TEST_CASE("credentials of HTTP proxies become Basic") {
    // The example of RFC 7617, 2.
    const Proxy proxy = Proxy::http("p", 1, "Aladdin", "open sesame");
    CHECK(proxy.basic_authorization() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(Proxy::https("p", 1, "u").basic_authorization() == "Basic dTo=");
    CHECK(Proxy::https("p", 1, "", "p").basic_authorization() == "Basic OnA=");
    CHECK_FALSE(Proxy::http("p", 1).basic_authorization().has_value());
  }

  TEST_CASE("credentials that cannot be sent are refused, and not shown") {
    const std::string longest(255, 'x');
    const std::string secret = "xyzzy";
    const auto refuse = [&](const Result<Proxy>& result, std::string_view part) {
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::invalid_argument);
      CAPTURE(result.error().message());
      CHECK(result.error().message().find(part) != std::string::npos);
      CHECK(result.error().message().find(secret) == std::string::npos);
      CHECK(result.error().message().find("xx") == std::string::npos);
    };
    refuse(Proxy::try_http("p", 1, "xyzzy:x", "p"), "colon");
    refuse(Proxy::try_https("p", 1, "xyzzy\n", "p"), "control characters");
    refuse(Proxy::try_https("p", 1, "u", "xyzzy\r"), "control characters");
    refuse(Proxy::try_socks4("p", 1, longest + "x"), "255");
    refuse(Proxy::try_socks4("p", 1, std::string_view("xyzzy\0", 6)), "NUL");
    refuse(Proxy::try_socks5("p", 1, longest + "x", "p"), "255");
    refuse(Proxy::try_socks5("p", 1, "u", longest + "x"), "255");
    refuse(Proxy::try_socks5("p", 1, "", "xyzzy"), "without a user");
    CHECK(Proxy::socks5("p", 1, longest, longest).user() == longest);
    CHECK(Proxy::socks5("p", 1, "a:b\n", "").user() == "a:b\n");
    CHECK(Proxy::socks4("p", 1, longest).user() == longest);
    CHECK(Proxy::http("p", 1, longest + "x", longest + "x").has_credentials());
  }

  TEST_CASE("equal means every part") {
    const Proxy proxy = Proxy::http("a", 1, "u", "p");
    CHECK(proxy == Proxy::http("A", 1, "u", "p"));
    CHECK(proxy.hash() == Proxy::http("A", 1, "u", "p").hash());
    const Proxy copy = proxy;  // NOLINT: shares
    CHECK(copy == proxy);
    const std::vector<Proxy> others = {Proxy::none(),
                                       Proxy::https("a", 1, "u", "p"),
                                       Proxy::socks5("a", 1, "u", "p"),
                                       Proxy::http("b", 1, "u", "p"),
                                       Proxy::http("a", 2, "u", "p"),
                                       Proxy::http("a", 1, "v", "p"),
                                       Proxy::http("a", 1, "u", "q"),
                                       Proxy::http("a", 1)};
    for (const Proxy& other : others) CHECK_FALSE(other == proxy);
    std::unordered_set<Proxy> set(others.begin(), others.end());
    set.insert(proxy);
    set.insert(copy);
    CHECK(set.size() == others.size() + 1);
  }

  TEST_CASE("texts never show user or password") {
    const Proxy proxy = Proxy::parse("https://me:secret@host:8443");
    CHECK(proxy.to_string() == "https://host:8443");
    std::ostringstream stream;
    stream << proxy;
    CHECK(stream.str() == "https://host:8443");
  }

  TEST_CASE("parse reads every scheme and knows its port") {
    struct Row {
      std::string_view text;
      std::string_view expected;
    };
    constexpr Row rows[] = {
        {"http://host", "http://host:80"},
        {"https://host", "https://host:443"},
        {"socks://host", "socks5://host:1080"},
        {"socks4://host", "socks4a://host:1080"},
        {"socks4a://host", "socks4a://host:1080"},
        {"socks5://host", "socks5://host:1080"},
        {"socks5h://host", "socks5://host:1080"},
        {"HTTP://Host:3128", "http://host:3128"},
        {"SOCKS5h://host:9050/", "socks5://host:9050"},
        {"host", "http://host:80"},
        {"host:3128", "http://host:3128"},
        {"host:3128/", "http://host:3128"},
        {"127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"[::1]:8080", "http://[::1]:8080"},
        {"http://[2001:DB8::1]", "http://[2001:db8::1]:80"},
        {"https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"},
        {"socks5://u:p@[::1]", "socks5://[::1]:1080"},
        {"  http://host:1\t", "http://host:1"},
        {"http://host:", "http://host:80"},
        {"http://host:00080", "http://host:80"},
        {"http://@host", "http://host:80"},
        {"http://:@host", "http://host:80"},
        {"http://host:65535", "http://host:65535"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const Result<Proxy> proxy = Proxy::try_parse(row.text);
      REQUIRE(proxy.has_value());
      CHECK(proxy->to_string() == row.expected);
    }
  }

  TEST_CASE("parse decodes user and password") {
    struct Row {
      std::string_view text;
      std::string_view user;
      std::string_view password;
    };
    constexpr Row rows[] = {
        {"http://user:pass@host", "user", "pass"},
        {"http://user@host", "user", ""},
        {"http://user:@host", "user", ""},
        {"http://:pass@host", "", "pass"},
        {"user:pass@host:3128", "user", "pass"},
        {"http://a%40b:p%3Aq%2Fr%3F%23%25@host", "a@b", "p:q/r?#%"},
        {"http://user:pa:ss@host", "user", "pa:ss"},
        {"http://us@er:p@ss@host", "us@er", "p@ss"},
        {"http://user:%zz%4@host", "user", "%zz%4"},
        {"http://user:a+b@host", "user", "a+b"},
        {"socks5://u%3Av:%00%FF@host", "u:v", std::string_view("\0\xFF", 2)},
        {"socks4://me@host", "me", ""},
        {"socks4a://me:@host", "me", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const Result<Proxy> proxy = Proxy::try_parse(row.text);
      REQUIRE(proxy.has_value());
      CHECK(proxy->user() == row.user);
      CHECK(proxy->password() == row.password);
      CHECK(proxy->host() == "host");
    }
  }

  TEST_CASE("parse refuses what is no proxy, and shows nothing of it") {
    struct Row {
      std::string_view text;
      std::string_view part;
    };
    constexpr Row rows[] = {
        {"", "no host"},
        {"   ", "no host"},
        {"http://", "no host"},
        {"http://xyzzy@", "no host"},
        {"http://:3128", "no host"},
        {"ftp://xyzzy:21", "scheme"},
        {"xyzzy:://host", "scheme"},
        {"://xyzzy", "scheme"},
        {"socks6://xyzzy", "scheme"},
        {"user:xyzzy://x@host", "scheme"},
        {"http://user:xyzzy", "port"},
        {"http://host:0", "port"},
        {"http://host:65536", "port"},
        {"http://host:99999999999999999999999", "port"},
        {"http://host:-1", "port"},
        {"http://host:+1", "port"},
        {"http://host:1x", "port"},
        {"http://host: 80", "port"},
        {"http:host", "port"},
        {"http://::1:3128", "brackets"},
        {"http://a:1:xyzzy", "brackets"},
        {"http://[::1", "brackets"},
        {"http://[::1", "colons"},
        {"http://[xyzzy]", "IPv6"},
        {"http://[::1]xyzzy:80", "no ']'"},
        {"http://xyz zy", "character"},
        {"http://xyz\nzy", "character"},
        {"http://1.2.3.400", "IPv4"},
        {"http://host/xyzzy", "slash"},
        {"http://host:80//", "slash"},
        {"http://host?xyzzy", "slash"},
        {"http://host#xyzzy", "slash"},
        {"http://user:xy/zzy@host", "slash"},
        {"http://user:xy#zzy@host", "slash"},
        {"http://user:xy?zzy@host", "slash"},
        {"http://xy%3Azzy:p@host", "colon"},
        {"http://u:xyzzy%0A@host", "control"},
        {"socks4://u:xyzzy@host", "no password"},
        {"socks4://xyzzy%00@host", "NUL"},
        {"socks5://:xyzzy@host", "without a user"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const Result<Proxy> proxy = Proxy::try_parse(row.text);
      REQUIRE_FALSE(proxy.has_value());
      CHECK(proxy.error() == Errc::invalid_argument);
      CAPTURE(proxy.error().message());
      CHECK(proxy.error().message().find(row.part) != std::string::npos);
      CHECK(proxy.error().message().find("xyz") == std::string::npos);
      CHECK(proxy.error().message().find("zzy") == std::string::npos);
    }
    CHECK_THROWS_AS(Proxy::parse("ftp://host"), okhttp::Exception);
  }

  TEST_CASE("a parsed text stands for itself") {
    for (const std::string_view text :
         {"http://a:1", "https://a:443", "socks4a://a:1080", "socks5://[::1]:9"})
      CHECK(Proxy::parse(Proxy::parse(text).to_string()) == Proxy::parse(text));
  }

  TEST_CASE("kinds have names") {
    CHECK(to_string(Kind::none) == "none");
    CHECK(to_string(Kind::http) == "http");
    CHECK(to_string(Kind::https) == "https");
    CHECK(to_string(Kind::socks4a) == "socks4a");
    CHECK(to_string(Kind::socks5) == "socks5");
  }
}

}  // namespace proxy_test
