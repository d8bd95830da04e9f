// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/memory_cookie_jar.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace memory_cookie_jar_test {

using okhttp::Cookie;
using okhttp::CookieLimits;
using okhttp::HttpUrl;
using okhttp::MemoryCookieJar;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

std::string shown(const std::vector<Cookie>& cookies) {
  std::string text;
  for (const Cookie& cookie : cookies)
    text.append(text.empty() ? "" : " ").append(cookie.name()).append("=").append(cookie.value());
  return text;
}

/// Counts its changes, and looks at itself at each: no lock is held.
class CountingJar final : public MemoryCookieJar {
 public:
  using MemoryCookieJar::MemoryCookieJar;
  int changes = 0;
  std::string seen;

 private:
  void changed() override {
    ++changes;
    seen = shown(all());
  }
};

}  // namespace

TEST_SUITE("extras/memory_cookie_jar") {

TEST_CASE("it gives back what was saved, until the time comes") {
  sys_seconds now{seconds(784'111'777)};
  MemoryCookieJar jar({}, [&now] { return std::chrono::system_clock::time_point(now); });
  const HttpUrl url = HttpUrl::parse("https://www.example.com/a/b");
  const auto cookie = [&](std::string_view text) { return Cookie::parse(url, text, now).value(); };
  jar.save_from_response(url, {cookie("a=1; Max-Age=10"), cookie("b=2"), cookie("a=3; Max-Age=10"), cookie("c=4; Max-Age=0")});
  CHECK(shown(jar.load_for_request(url)) == "a=3 b=2");
  CHECK(shown(jar.load_for_request(HttpUrl::parse("https://www.example.com/"))) == "");
  now += seconds(10);
  CHECK(shown(jar.load_for_request(url)) == "b=2");
  CHECK(shown(jar.all()) == "b=2");
}

TEST_CASE("what an http response says about a secure cookie is passed over") {
  MemoryCookieJar jar;
  const HttpUrl https = HttpUrl::parse("https://example.com/");
  const HttpUrl http = HttpUrl::parse("http://example.com/");
  jar.save_from_response(https, {*Cookie::parse(https, "a=1; Secure")});
  jar.save_from_response(http, {*Cookie::parse(http, "a=2")});
  CHECK(shown(jar.all()) == "a=1");
  jar.add(*Cookie::parse(http, "a=2"));
  CHECK(shown(jar.all()) == "a=2");
}

TEST_CASE("cookies are added and removed by hand, and those who derive are told of changes") {
  CountingJar jar;
  const auto cookie = [](std::string_view name) { return Cookie::Builder().name(name).domain("example.com").build(); };
  jar.add(cookie("a"));
  jar.add(cookie("b"));
  jar.add(cookie("c"));
  CHECK(jar.changes == 3);
  CHECK(jar.seen == "a= b= c=");
  jar.add(cookie("a"));
  CHECK(jar.changes == 3);
  CHECK(jar.remove(cookie("b").new_builder().value("x").build()));
  CHECK_FALSE(jar.remove(cookie("b")));
  CHECK_FALSE(jar.remove(cookie("a").new_builder().path("/x").build()));
  CHECK(jar.changes == 4);
  CHECK(jar.seen == "a= c=");
  CHECK(jar.remove_if([](const Cookie&) { return false; }) == 0);
  CHECK(jar.changes == 4);
  CHECK(jar.remove_if([](const Cookie& kept) { return kept.name() == "a"; }) == 1);
  CHECK(jar.changes == 5);
  jar.clear();
  CHECK(jar.changes == 6);
  CHECK(jar.seen == "");
  jar.clear();
  CHECK(jar.changes == 6);
  CHECK(jar.all().empty());
}

TEST_CASE("its limits are those given") {
  MemoryCookieJar jar(CookieLimits{.per_domain = 2, .total = 3});
  for (const char* const host : {"a.com", "a.com", "a.com", "b.com", "b.com"}) {
    static int number = 0;
    jar.add(Cookie::Builder().name("n" + std::to_string(number++)).domain(host).build());
  }
  CHECK(shown(jar.all()) == "n2= n3= n4=");
}

}  // TEST_SUITE

}  // namespace memory_cookie_jar_test
