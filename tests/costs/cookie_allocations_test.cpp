// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie.hpp>
#include <okhttp/message/cookie_store.hpp>

#include <doctest/doctest.h>

#include "support/count_allocations.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cookie_allocations_test {

using namespace okhttp;
using okhttp_tests::allocations_of;

TEST_SUITE("costs/cookie_allocations") {

TEST_CASE("a cookie is one allocation, a copy none, a refusal none") {
  const HttpUrl url = HttpUrl::parse("https://www.example.com/account/settings?tab=1");
  const std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
  constexpr std::string_view text =
      "session=0123456789abcdef0123456789abcdef0123456789abcdef; Expires=Wed, 21 Oct 2037 07:28:00 GMT; "
      "Domain=Example.com; Path=/; Secure; HttpOnly; SameSite=Lax";
  std::optional<Cookie> cookie;
  CHECK(allocations_of([&] { cookie = Cookie::parse(url, text, now); }) == 1);
  REQUIRE(cookie);
  CHECK(allocations_of([&] { CHECK(Cookie(*cookie).matches(url)); }) == 0);
  CHECK(allocations_of([&] { CHECK_FALSE(Cookie::parse(url, "a=b; Domain=example.org", now)); }) == 0);
  CHECK(allocations_of([&] { CHECK_FALSE(Cookie::parse(url, "a=b; Domain=com", now)); }) == 0);
  CHECK(allocations_of([&] { cookie = Cookie::parse(url, "a=b", now); }) == 1);
}

TEST_CASE("the cookies for a request are one allocation, and none when there are none") {
  detail::CookieStore store(CookieLimits{});
  const std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
  for (int host = 0; host < 30; ++host)
    for (int i = 0; i < 20; ++i)
      store.save(*Cookie::parse(HttpUrl::parse("https://h" + std::to_string(host) + ".com/"),
                                "n" + std::to_string(i) + "=v; Path=/", now),
                 true, now);
  const HttpUrl url = HttpUrl::parse("https://h7.com/a/b");
  const HttpUrl other = HttpUrl::parse("https://other.com/");
  CHECK(allocations_of([&] { CHECK(store.load(url, now).size() == 20); }) == 1);
  CHECK(allocations_of([&] { CHECK(store.load(other, now).empty()); }) == 0);
}

}  // TEST_SUITE

}  // namespace cookie_allocations_test
