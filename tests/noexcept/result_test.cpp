// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/result.hpp>

#include <doctest/doctest.h>

TEST_SUITE("noexcept/result") {
  TEST_CASE("a result carries its error without exceptions") {
    const okhttp::Result<int> result(okhttp::Errc::connect_timeout, "connect timed out");
    REQUIRE_FALSE(result);
    CHECK(result.error() == okhttp::Errc::connect_timeout);
    CHECK(result.error().message() == "connect timed out");
  }
  TEST_CASE("a result carries its value without exceptions") {
    const okhttp::Result<int> result = 7;
    REQUIRE(result);
    CHECK(result.value() == 7);
  }
}
