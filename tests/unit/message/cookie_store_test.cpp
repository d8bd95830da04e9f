// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie_store.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cookie_store_test {

using okhttp::Cookie;
using okhttp::CookieLimits;
using okhttp::HttpUrl;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

/// A store and the time.
class Store {
 public:
  explicit Store(CookieLimits limits = {}) : store_(limits) {}

  /// Keeps what a response from there sets; false if nothing has changed.
  bool save(std::string_view from, std::string_view set_cookie) {
    const HttpUrl url = HttpUrl::parse(from);
    const std::optional<Cookie> cookie = Cookie::parse(url, set_cookie, now);
    REQUIRE(cookie);
    return store_.save(*cookie, url.is_https(), now);
  }
  /// "name=value" of each, with a blank between them.
  std::string load(std::string_view url) { return shown(store_.load(HttpUrl::parse(url), now)); }
  std::string all() const { return shown(store_.all(now)); }
  std::size_t size() const { return store_.size(); }
  okhttp::detail::CookieStore& operator*() { return store_; }

  sys_seconds now{seconds(784'111'777)};

 private:
  static std::string shown(const std::vector<Cookie>& cookies) {
    std::string text;
    for (const Cookie& cookie : cookies)
      text.append(text.empty() ? "" : " ").append(cookie.name()).append("=").append(cookie.value());
    return text;
  }
  okhttp::detail::CookieStore store_;
};

}  // namespace

TEST_SUITE("message/cookie_store") {

TEST_CASE("the longest path comes first, then the oldest cookie") {
  Store store;
  store.save("https://example.com/", "a=1; Path=/");
  store.save("https://example.com/", "b=2; Path=/x/y");
  store.save("https://example.com/", "c=3; Path=/x");
  store.save("https://example.com/", "d=4; Path=/x/");
  store.save("https://example.com/", "e=5; Path=/");
  store.save("https://example.com/", "f=6; Path=/z");
  CHECK(store.load("https://example.com/x/y") == "b=2 d=4 c=3 a=1 e=5");
  CHECK(store.load("https://example.com/") == "a=1 e=5");
  CHECK(store.load("https://other.com/") == "");
  CHECK(store.all() == "a=1 b=2 c=3 d=4 e=5 f=6");
}

TEST_CASE("name, domain, path and host-only tell cookies apart; what replaces one keeps its age") {
  Store store;
  CHECK(store.save("https://www.example.org/", "a=1; Path=/"));
  CHECK(store.save("https://www.example.org/", "b=2; Path=/"));
  CHECK(store.save("https://www.example.org/", "a=3; Path=/"));
  CHECK_FALSE(store.save("https://www.example.org/", "a=3; Path=/"));
  CHECK(store.save("https://www.example.org/", "a=3; Path=/; HttpOnly"));
  CHECK(store.load("https://www.example.org/") == "a=3 b=2");
  CHECK(store.save("https://www.example.org/", "a=4; Path=/; Domain=www.example.org"));
  CHECK(store.save("https://www.example.org/", "A=5; Path=/"));
  CHECK(store.save("https://www.example.org/", "a=6; Path=/p"));
  CHECK(store.load("https://www.example.org/p") == "a=6 a=3 b=2 a=4 A=5");
#if OKHTTP_PSL
  CHECK(store.save("https://www.example.org/", "a=7; Path=/; Domain=example.org"));
  CHECK(store.load("https://example.org/") == "a=7");
  CHECK(store.load("https://a.www.example.org/") == "a=4 a=7");
#endif
}

TEST_CASE("a cookie that has expired takes its predecessor away and is not kept") {
  Store store;
  store.save("https://example.com/", "a=1; Path=/");
  CHECK_FALSE(store.save("https://example.com/", "b=1; Max-Age=0"));
  CHECK_FALSE(store.save("https://example.com/", "a=1; Path=/x; Max-Age=0"));
  CHECK(store.all() == "a=1");
  CHECK(store.save("https://example.com/", "a=; Path=/; Max-Age=0"));
  CHECK(store.all() == "");
  CHECK(store.size() == 0);
}

TEST_CASE("a cookie is kept until its second comes") {
  Store store;
  store.save("https://example.com/", "a=1; Max-Age=10");
  store.save("https://example.com/", "b=2");
  store.now += seconds(9);
  CHECK(store.load("https://example.com/") == "a=1 b=2");
  CHECK(store.all() == "a=1 b=2");
  store.now += seconds(1);
  CHECK(store.load("https://example.com/") == "b=2");
  CHECK(store.all() == "b=2");
}

#if OKHTTP_PSL
TEST_CASE("http leaves secure cookies alone") {
  Store store;
  store.save("https://www.example.com/", "a=1; Secure; Path=/x; Domain=example.com");
  // The same one, below its path, for its domain and for one below that.
  CHECK_FALSE(store.save("http://www.example.com/", "a=2; Path=/x; Domain=example.com"));
  CHECK_FALSE(store.save("http://www.example.com/", "a=2; Path=/x/y"));
  CHECK_FALSE(store.save("http://example.com/", "a=2; Path=/x"));
  CHECK_FALSE(store.save("http://example.com/", "a=2; Path=/x; Domain=example.com; Max-Age=0"));
  CHECK(store.all() == "a=1");
  CHECK(store.save("http://www.example.com/", "a=2; Path=/"));
  CHECK(store.save("http://www.example.com/", "b=2; Path=/x"));
  CHECK(store.save("http://www.example.org/", "a=2; Path=/x"));
  CHECK(store.save("https://www.example.com/", "a=3; Path=/x; Domain=example.com"));
  CHECK(store.load("https://www.example.com/x") == "a=3 b=2 a=2");
}

TEST_CASE("each registrable domain has its limit: the expired go first, then the insecure, then those not sent for long") {
  Store store(CookieLimits{.per_domain = 3, .total = 100});
  store.save("https://a.example.com/", "a=1");
  store.save("https://b.example.com/", "b=2");
  store.save("https://c.example.com/", "c=3");
  store.save("https://example.org/", "x=1");
  store.load("https://a.example.com/");
  store.save("https://d.example.com/", "d=4");  // b was not sent
  CHECK(store.all() == "a=1 c=3 x=1 d=4");
  store.save("https://c.example.com/", "c=5");  // being set counts
  store.save("https://e.example.com/", "e=5");
  CHECK(store.all() == "c=5 x=1 d=4 e=5");
  store.save("https://e.example.com/", "e=6; Max-Age=5");
  store.now += seconds(5);
  store.save("https://f.example.com/", "f=6");
  CHECK(store.all() == "c=5 x=1 d=4 f=6");
  store.save("https://a.example.com/", "s=1; Secure");
  store.save("https://a.example.com/", "t=1; Secure");
  store.save("https://a.example.com/", "u=1; Secure");
  CHECK(store.all() == "x=1 s=1 t=1 u=1");
  store.save("http://a.example.com/", "v=1");  // cannot drive them out
  CHECK(store.all() == "x=1 s=1 t=1 u=1");
  store.load("https://a.example.com/");
  store.save("https://a.example.com/", "w=1; Secure");
  CHECK(store.all() == "x=1 t=1 u=1 w=1");
  CHECK(store.size() == 4);
}
#endif

TEST_CASE("all together have a limit: the expired go first, then those not sent for long, whose ever they are") {
  Store store(CookieLimits{.per_domain = 50, .total = 4});
  for (const char* const host : {"a", "b", "c", "d"}) {
    const std::string name(host);
    store.save("https://" + name + ".com/", name + "=1; Secure");
  }
  store.load("https://a.com/");
  store.save("https://e.com/", "e=1");
  CHECK(store.all() == "a=1 c=1 d=1 e=1");
  CHECK(store.load("https://b.com/") == "");
  store.save("https://d.com/", "d=2; Secure; Max-Age=5");
  store.now += seconds(5);
  store.save("https://f.com/", "f=1");
  CHECK(store.all() == "a=1 c=1 e=1 f=1");
  store.save("https://g.com/", "g=1");
  CHECK(store.all() == "a=1 e=1 f=1 g=1");
  CHECK(store.size() == 4);
}

TEST_CASE("the usual limits are 50 and 3000") {
  Store store;
  for (int host = 0; host < 70; ++host)
    for (int i = 0; i < 60; ++i)
      store.save("https://h" + std::to_string(host) + ".com/", "n" + std::to_string(i) + "=v");
  CHECK(store.size() == 3000);
  CHECK(store.load("https://h0.com/") == "");
  CHECK(store.load("https://h9.com/") == "");
  for (int host = 10; host < 70; ++host)
    CHECK((*store).load(HttpUrl::parse("https://h" + std::to_string(host) + ".com/"), store.now).size() == 50);
}

TEST_CASE("a limit of none keeps none") {
  Store nobody(CookieLimits{.per_domain = 0, .total = 10});
  CHECK_FALSE(nobody.save("https://example.com/", "a=1"));
  Store nothing(CookieLimits{.per_domain = 10, .total = 0});
  CHECK_FALSE(nothing.save("https://example.com/", "a=1"));
  CHECK(nothing.size() == 0);
}

TEST_CASE("cookies are found for addresses and for hosts of any shape") {
  Store store;
  for (const char* const url : {"https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://example.com./",
                                "https://example.com/", "https://a..b/", "https://co.uk/"}) {
    CAPTURE(url);
    store.save(url, "a=1");
    CHECK(store.load(url) == "a=1");
  }
  CHECK(store.size() == 7);
}

TEST_CASE("cookies made by hand are found below their domain") {
  Store store;
  (*store).save(Cookie::Builder().name("a").value("1").domain("example.com").build(), true, store.now);
  CHECK(store.load("https://example.com/") == "a=1");
  CHECK(store.load("https://www.example.com/") == "a=1");
  CHECK(store.load("https://notexample.com/") == "");
  CHECK((*store).remove_if([](const Cookie& cookie) { return cookie.name() == "b"; }) == 0);
  CHECK((*store).remove_if([](const Cookie& cookie) { return cookie.name() == "a"; }) == 1);
  CHECK(store.size() == 0);
  CHECK(store.load("https://example.com/") == "");
  store.save("https://example.com/", "a=1");
  (*store).clear();
  CHECK(store.all() == "");
}

}  // TEST_SUITE

}  // namespace cookie_store_test
