// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/proxy_selector.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace proxy_selector_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::HttpUrl;
using okhttp::Proxy;
using okhttp::ProxySelector;
using okhttp::Result;

namespace {

const HttpUrl http_url = HttpUrl::parse("http://example.com/");
const HttpUrl https_url = HttpUrl::parse("https://example.com/");

using Variables = std::map<std::string, std::string, std::less<>>;

ProxySelector with(const Variables& variables) {
  return ProxySelector::from_environment([&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

/// What the selector gives, one word for each proxy, or the error's message.
std::string selected(const ProxySelector& selector, const HttpUrl& url) {
  const Result<std::vector<Proxy>> proxies = selector.select(url);
  if (!proxies) return proxies.error().message();
  std::string out;
  for (const Proxy& proxy : *proxies) out.append(out.empty() ? "" : " ").append(proxy.to_string());
  return out;
}

bool is_exempt(std::string_view no_proxy, std::string_view url) {
  const ProxySelector selector = with({{"all_proxy", "p:1"}, {"no_proxy", std::string(no_proxy)}});
  const std::string found = selected(selector, HttpUrl::parse(url));
  REQUIRE((found == "none" || found == "http://p:1"));
  return found == "none";
}

}  // namespace

TEST_SUITE("connection/proxy_selector") {
  TEST_CASE("a list is selected as it is") {
    const ProxySelector selector =
        ProxySelector::of({Proxy::http("a", 1), Proxy::socks5("b", 2), Proxy::none()});
    CHECK(selected(selector, http_url) == "http://a:1 socks5://b:2 none");
    CHECK(selected(selector, https_url) == "http://a:1 socks5://b:2 none");
    CHECK(selected(ProxySelector::of({Proxy::http("a", 1)}), http_url) == "http://a:1");
  }

  TEST_CASE("nothing selected means no proxy") {
    CHECK(selected(ProxySelector(), http_url) == "none");
    CHECK(selected(ProxySelector::of({}), http_url) == "none");
    CHECK(selected([](const HttpUrl&) { return std::vector<Proxy>(); }, http_url) == "none");
  }

  TEST_CASE("a callable is asked for every URL") {
    std::vector<std::string> asked;
    const ProxySelector selector = [&](const HttpUrl& url) {
      asked.push_back(url.to_string());
      return std::vector<Proxy>{Proxy::http(url.host(), 3128)};
    };
    CHECK(selected(selector, http_url) == "http://example.com:3128");
    const ProxySelector copy = selector;  // NOLINT: shares
    CHECK(selected(copy, https_url) == "http://example.com:3128");
    CHECK(asked == std::vector<std::string>{"http://example.com/", "https://example.com/"});
    CHECK(copy == selector);
    CHECK_FALSE(copy == ProxySelector());
    CHECK(ProxySelector() == ProxySelector());
  }

  TEST_CASE("a callable may give a Result, and be move-only") {
    auto owned = std::make_unique<int>(7);
    const ProxySelector selector =
        [owned = std::move(owned)](const HttpUrl& url) -> Result<std::vector<Proxy>> {
      if (url.is_https()) return Error(Errc::misuse, "no https here");
      return std::vector<Proxy>{Proxy::http("a", *owned)};
    };
    CHECK(selected(selector, http_url) == "http://a:7");
    const Result<std::vector<Proxy>> failed = selector.select(https_url);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error() == Errc::misuse);
  }

  TEST_CASE("what a callable throws passes through") {
    const ProxySelector selector = [](const HttpUrl&) -> std::vector<Proxy> {
      throw std::runtime_error("thrown");
    };
    CHECK_THROWS_AS((void)selector.select(http_url), std::runtime_error);
  }

  TEST_CASE("an empty environment means no proxy") {
    CHECK(selected(with({}), http_url) == "none");
    CHECK(selected(with({{"no_proxy", "*"}}), http_url) == "none");
    CHECK(selected(with({{"http_proxy", ""}, {"all_proxy", "  "}}), http_url) == "none");
  }

  TEST_CASE("variables are chosen by scheme, lower case first") {
    struct Row {
      Variables variables;
      std::string_view http;
      std::string_view https;
    };
    const Row rows[] = {
        {{{"http_proxy", "a:1"}}, "http://a:1", "none"},
        {{{"https_proxy", "a:1"}}, "none", "http://a:1"},
        {{{"all_proxy", "a:1"}}, "http://a:1", "http://a:1"},
        {{{"HTTPS_PROXY", "a:1"}}, "none", "http://a:1"},
        {{{"ALL_PROXY", "socks5h://a:1"}}, "socks5://a:1", "socks5://a:1"},
        {{{"http_proxy", "a:1"}, {"all_proxy", "b:2"}}, "http://a:1", "http://b:2"},
        {{{"https_proxy", "a:1"}, {"all_proxy", "b:2"}}, "http://b:2", "http://a:1"},
        {{{"https_proxy", "a:1"}, {"HTTPS_PROXY", "b:2"}}, "none", "http://a:1"},
        {{{"all_proxy", "a:1"}, {"ALL_PROXY", "b:2"}}, "http://a:1", "http://a:1"},
        {{{"HTTPS_PROXY", "a:1"}, {"all_proxy", "b:2"}}, "http://b:2", "http://a:1"},
        // Empty is as good as none.
        {{{"https_proxy", ""}, {"HTTPS_PROXY", "b:2"}}, "none", "http://b:2"},
        {{{"http_proxy", " "}, {"all_proxy", "b:2"}}, "http://b:2", "http://b:2"},
        // A CGI program gets HTTP_PROXY from whoever calls it.
        {{{"HTTP_PROXY", "evil:1"}}, "none", "none"},
        {{{"HTTP_PROXY", "evil:1"}, {"all_proxy", "b:2"}}, "http://b:2", "http://b:2"},
        {{{"Http_Proxy", "evil:1"}, {"Https_proxy", "evil:1"}}, "none", "none"},
        {{{"https_proxy", "https://a"}}, "none", "https://a:443"},
        {{{"http_proxy", "http://u:p@a:1"}}, "http://a:1", "none"},
    };
    int number = 0;
    for (const Row& row : rows) {
      CAPTURE(number++);
      const ProxySelector selector = with(row.variables);
      CHECK(selected(selector, http_url) == row.http);
      CHECK(selected(selector, https_url) == row.https);
    }
  }

  TEST_CASE("user and password come out of the environment") {
    const auto proxies = with({{"http_proxy", "http://me:p%40ss@a:1"}}).select(http_url);
    REQUIRE(proxies.has_value());
    REQUIRE(proxies->size() == 1);
    CHECK(proxies->front().user() == "me");
    CHECK(proxies->front().password() == "p@ss");
  }

  TEST_CASE("a faulty variable is an error for the URLs it is for") {
    const ProxySelector selector =
        with({{"HTTPS_PROXY", "http://me:xyzzy@host:port"}, {"http_proxy", "ok:1"}});
    CHECK(selected(selector, http_url) == "http://ok:1");
    const Result<std::vector<Proxy>> failed = selector.select(https_url);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error() == Errc::invalid_argument);
    CHECK(failed.error().message() ==
          "the environment variable HTTPS_PROXY is not a proxy: its port is no number from 1 to "
          "65535");
    CHECK(selected(with({{"all_proxy", "xyzzy://xyzzy"}}), http_url).find("all_proxy") !=
          std::string::npos);
    CHECK(selected(with({{"all_proxy", "xyzzy://xyzzy"}}), http_url).find("xyzzy") ==
          std::string::npos);
    // Where no proxy is to be used it does not matter.
    CHECK(selected(with({{"http_proxy", "x y"}, {"no_proxy", "example.com"}}), http_url) == "none");
    // The fallback is not for faults.
    CHECK(selected(with({{"http_proxy", "x y"}, {"all_proxy", "a:1"}}), http_url)
              .find("http_proxy") != std::string::npos);
  }

  TEST_CASE("no_proxy is read in lower case first") {
    CHECK(selected(with({{"all_proxy", "a:1"}, {"NO_PROXY", "example.com"}}), http_url) == "none");
    CHECK(selected(with({{"all_proxy", "a:1"}, {"NO_PROXY", "*"}, {"no_proxy", "other"}}),
                   http_url) == "http://a:1");
    CHECK(selected(with({{"all_proxy", "a:1"}, {"NO_PROXY", "*"}, {"no_proxy", ""}}), http_url) ==
          "none");
  }

  TEST_CASE("the environment is read once") {
    int calls = 0;
    const ProxySelector selector =
        ProxySelector::from_environment([&](std::string_view name) -> std::optional<std::string> {
          ++calls;
          if (name == "http_proxy") return "a:1";
          return std::nullopt;
        });
    const int before = calls;
    CHECK(selected(selector, http_url) == "http://a:1");
    CHECK(calls == before);
  }

  TEST_CASE("the environment of the process is read") {
    const char* const old = std::getenv("https_proxy");
    const std::string kept = old == nullptr ? "" : old;
    const char* const old_exempt = std::getenv("no_proxy");
    const std::string kept_exempt = old_exempt == nullptr ? "" : old_exempt;
    ::setenv("https_proxy", "socks5://from-environment:9", 1);
    ::setenv("no_proxy", "nowhere.invalid", 1);
    CHECK(selected(ProxySelector::from_environment(), https_url) == "socks5://from-environment:9");
    old == nullptr ? ::unsetenv("https_proxy") : ::setenv("https_proxy", kept.c_str(), 1);
    old_exempt == nullptr ? ::unsetenv("no_proxy") : ::setenv("no_proxy", kept_exempt.c_str(), 1);
  }

  TEST_CASE("no_proxy matches as curl does, and ports") {
    struct Row {
      std::string_view no_proxy;
      std::string_view url;
      bool is_exempt;
    };
    constexpr Row rows[] = {
        // The star.
        {"*", "http://anything.example/", true},
        {"*", "https://[::1]/", true},
        {" * ", "http://anything.example/", true},
        {"*,example.org", "http://example.com/", false},
        {"localhost *", "http://example.com/", false},
#if OKHTTP_IDNA
        // International names, in either form.
        {"B\xC3\x9C"
         "cher.example",
         "http://www.b%C3%BCcher.example/", true},
        {"XN--Bcher-kva.example", "http://b%C3%BCcher.example/", true},
        {"bucher.example", "http://b%C3%BCcher.example/", false},
#endif
        {"*.example.com", "http://www.example.com/", false},
        {"*.com", "http://example.com/", false},
        {"**", "http://example.com/", false},
        // Names, whole labels at the end.
        {"example.com", "http://example.com/", true},
        {"example.com", "http://www.example.com/", true},
        {"example.com", "http://a.b.example.com/", true},
        {"example.com", "http://nonexample.com/", false},
        {"example.com", "http://example.com.org/", false},
        {"example.com", "http://example.org/", false},
        {"www.example.com", "http://example.com/", false},
        {"ample.com", "http://example.com/", false},
        {"com", "http://example.com/", true},
        {"com", "http://com/", true},
        {"om", "http://example.com/", false},
        {"example", "http://example.com/", false},
        // Dots at both ends.
        {".example.com", "http://example.com/", true},
        {".example.com", "http://www.example.com/", true},
        {".example.com", "http://nonexample.com/", false},
        {"..example.com", "http://www.example.com/", true},
        {"example.com.", "http://www.example.com/", true},
        {".example.com.", "http://example.com/", true},
        {"example.com", "http://example.com./", true},
        {"example.com", "http://www.example.com./", true},
        {"example.com.", "http://example.com./", true},
        {".", "http://example.com/", false},
        {"...", "http://example.com/", false},
        // Case.
        {"EXAMPLE.Com", "http://www.example.com/", true},
        {"example.com", "http://WWW.EXAMPLE.COM/", true},
        // Separators.
        {"localhost,example.com", "http://example.com/", true},
        {"localhost, example.com", "http://example.com/", true},
        {"localhost example.com", "http://example.com/", true},
        {"localhost\texample.com", "http://example.com/", true},
        {"localhost\r\nexample.com\r\n", "http://example.com/", true},
        {",,localhost,,  ,,example.com,,", "http://example.com/", true},
        {"example.com localhost", "http://example.com/", true},
        {"localhost;example.com", "http://example.com/", false},
        {",", "http://example.com/", false},
        {"foo,bar,baz", "http://bar/", true},
        {"foo,bar,baz", "http://qux/", false},
        // localhost is a name like any other.
        {"example.com", "http://localhost/", false},
        {"localhost", "http://localhost/", true},
        {"localhost", "http://127.0.0.1/", false},
        {"localhost", "http://[::1]/", false},
        {"127.0.0.1", "http://localhost/", false},
        {"localhost", "http://app.localhost/", true},
        // IPv4.
        {"127.0.0.1", "http://127.0.0.1/", true},
        {"127.0.0.1", "http://0x7f.1/", true},
        {"127.0.0.1,localhost", "http://127.0.0.1:8080/", true},
        {"127.0.0.1", "http://127.0.0.10/", false},
        {"0.0.1", "http://127.0.0.1/", false},
        {".0.0.1", "http://127.0.0.1/", false},
        {"1", "http://127.0.0.1/", false},
        {"127.0.0.1", "http://x.127.0.0.1.example/", false},
        {"[127.0.0.1]", "http://127.0.0.1/", false},
        {"0x7f.1", "http://127.0.0.1/", false},
        // IPv4 blocks.
        {"192.168.0.0/16", "http://192.168.0.1/", true},
        {"192.168.0.0/16", "http://192.169.0.1/", false},
        {"192.168.0.0/24", "http://192.168.0.255/", true},
        {"192.168.0.0/24", "http://192.168.1.0/", false},
        {"192.168.0.1/16", "http://192.168.77.77/", true},
        {"192.168.0.0/31", "http://192.168.0.1/", true},
        {"192.168.0.0/31", "http://192.168.0.2/", false},
        {"192.168.0.0/32", "http://192.168.0.1/", false},
        {"192.168.0.1/32", "http://192.168.0.1/", true},
        {"192.168.0.1/33", "http://192.168.0.1/", false},
        {"172.16.0.0/12", "http://172.31.255.255/", true},
        {"172.16.0.0/12", "http://172.32.0.0/", false},
        {"128.0.0.0/1", "http://255.0.0.1/", true},
        {"128.0.0.0/1", "http://127.0.0.1/", false},
        {"0.0.0.0/0", "http://8.8.8.8/", true},
        {"0.0.0.0/0", "http://[::1]/", false},
        {"0.0.0.0/0", "http://example.com/", false},
        {"192.168.0.0/", "http://192.168.0.0/", false},
        {"192.168.0.0/x", "http://192.168.0.0/", false},
        {"192.168.0.0/-1", "http://192.168.0.0/", false},
        {"192.168.0.0/16/16", "http://192.168.0.0/", false},
        {"192.168/16", "http://192.168.0.1/", false},
        {"foo, bar, 192.168.0.0/16", "http://192.168.1.1/", true},
        {"example.com/24", "http://example.com/", false},
        // IPv6 and its blocks.
        {"::1", "http://[::1]/", true},
        {"[::1]", "http://[::1]/", true},
        {"0:0:0:0:0:0:0:1", "http://[::1]/", true},
        {"::1", "http://[::2]/", false},
        {"::1", "http://[::1]:8443/", true},
        {"2001:DB8::/32", "http://[2001:db8:ffff::1]/", true},
        {"2001:db8::/32", "http://[2001:db9::1]/", false},
        {"[2001:db8::]/32", "http://[2001:db8::1]/", true},
        {"[2001:db8::/32]", "http://[2001:db8::1]/", true},
        {"[2001:db8::/32]/32", "http://[2001:db8::1]/", false},
        {"2001:db8::/33", "http://[2001:db8:8000::1]/", false},
        {"2001:db8::/33", "http://[2001:db8:7fff::1]/", true},
        {"2001:db8::1/128", "http://[2001:db8::1]/", true},
        {"2001:db8::1/128", "http://[2001:db8::2]/", false},
        {"2001:db8::1/129", "http://[2001:db8::1]/", false},
        {"::/0", "http://[2001:db8::1]/", true},
        {"::/0", "http://127.0.0.1/", false},
        {"::ffff:127.0.0.1", "http://127.0.0.1/", false},
        {"[::1", "http://[::1]/", false},
        {"::1]", "http://[::1]/", false},
        {"[example.com]", "http://example.com/", false},
        {"[::1]x", "http://[::1]/", false},
        // Ports.
        {"example.com:80", "http://example.com/", true},
        {"example.com:443", "https://www.example.com/", true},
        {"example.com:443", "http://example.com/", false},
        {"example.com:8080", "http://example.com:8080/", true},
        {"example.com:8080", "http://example.com/", false},
        {".example.com:8080", "http://a.example.com:8080/", true},
        {"127.0.0.1:8080", "http://127.0.0.1:8080/", true},
        {"127.0.0.1:8080", "http://127.0.0.1:8081/", false},
        {"10.0.0.0/8:8080", "http://10.1.2.3:8080/", true},
        {"10.0.0.0/8:8080", "http://10.1.2.3/", false},
        {"[::1]:8080", "http://[::1]:8080/", true},
        {"[::1]:8080", "http://[::1]/", false},
        {"[2001:db8::]/32:443", "https://[2001:db8::1]/", true},
        {"[2001:db8::]/32:443", "http://[2001:db8::1]/", false},
        {"example.com:", "http://example.com/", false},
        {"example.com:http", "http://example.com/", false},
        {"example.com:65616", "http://example.com/", false},
        {":80", "http://example.com/", false},
    };
    static_assert(sizeof rows / sizeof rows[0] >= 60);
    for (const Row& row : rows) {
      CAPTURE(row.no_proxy);
      CAPTURE(row.url);
      CHECK(is_exempt(row.no_proxy, row.url) == row.is_exempt);
    }
  }
}

}  // namespace proxy_selector_test
