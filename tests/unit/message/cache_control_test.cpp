// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cache_control.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cache_control_test {

using namespace std::chrono_literals;
using okhttp::CacheControl;
using okhttp::CacheDirectives;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Request;
using okhttp::Result;

namespace {

/// What is understood of a value, written anew.
std::string understood(std::string_view value) { return CacheDirectives::parse(value).to_string(); }

}  // namespace

TEST_SUITE("message/cache_control") {
  TEST_CASE("without a directive nothing is set") {
    const CacheControl control;
    CHECK_FALSE(control.no_cache());
    CHECK_FALSE(control.no_store());
    CHECK_FALSE(control.max_age().has_value());
    CHECK_FALSE(control.s_maxage().has_value());
    CHECK_FALSE(control.is_private());
    CHECK_FALSE(control.is_public());
    CHECK_FALSE(control.must_revalidate());
    CHECK_FALSE(control.proxy_revalidate());
    CHECK_FALSE(control.must_understand());
    CHECK_FALSE(control.max_stale().has_value());
    CHECK_FALSE(control.min_fresh().has_value());
    CHECK_FALSE(control.only_if_cached());
    CHECK_FALSE(control.no_transform());
    CHECK_FALSE(control.immutable());
    CHECK_FALSE(control.stale_while_revalidate().has_value());
    CHECK_FALSE(control.stale_if_error().has_value());
    CHECK(control.empty());
    CHECK(control.to_string().empty());
  }

  TEST_CASE("every directive is read") {
    constexpr std::string_view text =
        "no-cache, no-store, max-age=1, s-maxage=2, private, public, must-revalidate, max-stale=3, min-fresh=4, "
        "only-if-cached, no-transform, immutable, proxy-revalidate, must-understand, stale-while-revalidate=5, stale-if-error=6";
    const CacheControl control = CacheControl::parse(text);
    CHECK(control.no_cache());
    CHECK(control.no_store());
    CHECK(control.max_age() == 1s);
    CHECK(control.s_maxage() == 2s);
    CHECK(control.is_private());
    CHECK(control.is_public());
    CHECK(control.must_revalidate());
    CHECK(control.proxy_revalidate());
    CHECK(control.must_understand());
    CHECK(control.max_stale() == 3s);
    CHECK(control.min_fresh() == 4s);
    CHECK(control.only_if_cached());
    CHECK(control.no_transform());
    CHECK(control.immutable());
    CHECK(control.stale_while_revalidate() == 5s);
    CHECK(control.stale_if_error() == 6s);
    CHECK_FALSE(control.empty());
    CHECK(control.to_string() == text);
    CHECK(understood(text) == text);
  }

  TEST_CASE("each directive is told from the others") {
    const std::vector<std::string> names{"no-cache",       "no-store",     "private",       "public",    "must-revalidate",
                                         "only-if-cached", "no-transform", "immutable",     "proxy-revalidate",
                                         "must-understand", "max-age=7",   "s-maxage=7",    "max-stale=7", "min-fresh=7",
                                         "stale-while-revalidate=7", "stale-if-error=7"};
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(understood(name) == name);
      for (const std::string& other : names)
        CHECK((CacheDirectives::parse(name) == CacheDirectives::parse(other)) == (name == other));
    }
  }

  TEST_CASE("case, blanks, quotes and separators do not matter") {
    CHECK(understood("MAX-AGE=5, No-Store") == "no-store, max-age=5");
    CHECK(understood(" ,, no-store ;; public;max-age = \"5\" ,") == "no-store, max-age=5, public");
    CHECK(understood("max-age=\t5\t;s-maxage=\"6\" x, public") == "max-age=5, s-maxage=6, public");
    CHECK(understood("private=\"Set-Cookie, max-age=9\", no-cache=\"Set-Cookie2\"") == "no-cache, private");
    CHECK(understood("community=\"UCI, no-store\", public") == "public");
    CHECK(understood("no-cache=Set-Cookie") == "no-cache");
    CHECK(understood("no-cacheable, xno-store, public2") == "");
    CHECK(understood("x=\"no-store, public") == "public");
  }

  TEST_CASE("numbers are cut to what is allowed, and what is no number is ignored") {
    CHECK(CacheDirectives::parse("max-age=2147483647").max_age() == CacheDirectives::max_seconds);
    CHECK(CacheDirectives::parse("max-age=2147483648").max_age() == CacheDirectives::max_seconds);
    CHECK(CacheDirectives::parse("max-age=99999999999999999999999999").max_age() == CacheDirectives::max_seconds);
    CHECK(CacheDirectives::parse("max-age=-1").max_age() == 0s);
    CHECK(CacheDirectives::parse("max-age=0").max_age() == 0s);
    CHECK(CacheDirectives::parse("max-age=007").max_age() == 7s);
    for (const std::string_view bad : {"max-age", "max-age=", "max-age=x", "max-age=1.5", "max-age=1 2", "max-age=--1",
                                       "max-age=-", "max-age=\"\"", "max-age=\"1", "max-stale=x", "max-stale="}) {
      CAPTURE(bad);
      CHECK(CacheDirectives::parse(bad).empty());
    }
    CHECK(CacheDirectives::parse("max-stale").max_stale() == CacheDirectives::max_seconds);
  }

  TEST_CASE("the first of two numbers counts") {
    CHECK(CacheDirectives::parse("max-age=1, max-age=2").max_age() == 1s);
    CHECK(CacheDirectives::parse("max-age=0, max-age=2").max_age() == 0s);
    CHECK(CacheDirectives::parse("max-age=x, max-age=2").max_age() == 2s);
  }

  TEST_CASE("several headers, and Pragma, are one") {
    const CacheControl one = CacheControl::parse(Headers::of({{"cache-control", "private, community=\"UCI\""}}));
    CHECK(one.is_private());
    CHECK(one.to_string() == "private, community=\"UCI\"");
    const CacheControl two = CacheControl::parse(Headers::of({{"Cache-Control", "max-age=12"}, {"Cache-Control", "must-revalidate"}}));
    CHECK(two.to_string() == "max-age=12, must-revalidate");
    const CacheControl pragma = CacheControl::parse(Headers::of({{"Cache-Control", "max-age=12"}, {"Pragma", "must-revalidate, x"}}));
    CHECK(pragma.to_string() == "max-age=12, must-revalidate");
    CHECK(CacheControl::parse(Headers::of({{"Pragma", "no-cache"}})).no_cache());
    CHECK(CacheControl::parse(Headers::of({{"Pragma", "no-cache"}})).to_string() == "no-cache");
    CHECK(CacheControl::parse(Headers::of({{"Pragma", "x"}})).to_string() == "");
    CHECK(CacheControl::parse(Headers()).empty());
    CHECK(CacheControl::parse(Headers::of({{"X", "no-cache"}})).empty());
    CHECK(one == CacheControl::parse("private"));
  }

  TEST_CASE("a builder makes what a request says") {
    const CacheControl control = CacheControl::Builder()
                                     .no_cache()
                                     .no_store()
                                     .max_age(60s)
                                     .max_stale(2min)
                                     .min_fresh(3h)
                                     .only_if_cached()
                                     .no_transform()
                                     .immutable()
                                     .build();
    CHECK(control.to_string() ==
          "no-cache, no-store, max-age=60, max-stale=120, min-fresh=10800, only-if-cached, no-transform, immutable");
    CHECK(CacheControl::parse(control.to_string()) == control);
    CHECK(CacheControl::Builder().max_stale().build().to_string() == "max-stale=2147483647");
    CHECK(CacheControl::Builder().max_age(std::chrono::seconds::max()).build().max_age() == CacheDirectives::max_seconds);
    CHECK(CacheControl::Builder().max_age(1s).max_age(2s).build().max_age() == 2s);
    CHECK(CacheControl::Builder().build().empty());
    CacheControl::Builder kept;
    kept.no_cache();
    CHECK(kept.build().to_string() == "no-cache");
    kept.max_age(0s);
    CHECK(kept.build().to_string() == "no-cache, max-age=0");
  }

  TEST_CASE("a negative time is a fault") {
    CacheControl::Builder builder;
    builder.max_age(-1s).max_stale(5s);
    const Result<CacheControl> built = builder.try_build();
    REQUIRE_FALSE(built.has_value());
    CHECK(built.error() == Errc::invalid_argument);
    CHECK_THROWS_AS((void)builder.build(), okhttp::Exception);
  }

  TEST_CASE("the two that are needed most") {
    CHECK(CacheControl::force_network().no_cache());
    CHECK(CacheControl::force_network().to_string() == "no-cache");
    CHECK(CacheControl::force_cache().only_if_cached());
    CHECK(CacheControl::force_cache().max_stale() == CacheDirectives::max_seconds);
    CHECK(CacheControl::force_cache().to_string() == "max-stale=2147483647, only-if-cached");
  }

  TEST_CASE("a request is told with it") {
    const Request request = Request::Builder()
                                .url("http://a/")
                                .header("Cache-Control", "no-store")
                                .cache_control(CacheControl::Builder().max_age(60s).build())
                                .build();
    CHECK(request.headers("cache-control") == std::vector<std::string_view>{"max-age=60"});
    CHECK(request.cache_control().max_age() == 60s);
    CHECK_FALSE(request.cache_control().no_store());
    const Request without = request.new_builder().cache_control(CacheControl()).build();
    CHECK_FALSE(without.header("Cache-Control").has_value());
    CHECK(without.cache_control().empty());
    // What is not known here is sent on.
    const Request copied = request.new_builder().cache_control(CacheControl::parse("x-y=\"z\"")).build();
    CHECK(copied.header("Cache-Control") == "x-y=\"z\"");
  }

  TEST_CASE("a response says it") {
    const auto builder = [](int code) {
      return okhttp::Response::Builder()
          .request(Request::Builder().url("http://a/").build())
          .protocol(okhttp::Protocol::http_1_1)
          .code(code)
          .header("Cache-Control", "public, max-age=5")
          .header("WWW-Authenticate", "Basic realm=\"w\"")
          .header("Proxy-Authenticate", "Digest realm=\"p\"")
          .build();
    };
    CHECK(builder(200).cache_control().max_age() == 5s);
    CHECK(builder(200).challenges().empty());
    REQUIRE(builder(401).challenges().size() == 1);
    CHECK(builder(401).challenges()[0].is("basic"));
    REQUIRE(builder(407).challenges().size() == 1);
    CHECK(builder(407).challenges()[0].is("digest"));
  }
}

}  // namespace cache_control_test
