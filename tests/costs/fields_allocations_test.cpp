// SPDX-License-Identifier: Apache-2.0

#include <okhttp/base/http_date.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/message/cache_control.hpp>
#include <okhttp/message/challenge.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/media_type.hpp>
#include <okhttp/message/request.hpp>

#include <support/count_allocations.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fields_allocations_test {

using namespace okhttp;
using okhttp_tests::allocations_of;

namespace {

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: nginx/1.22.1\r\n"
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 51234\r\nConnection: keep-alive\r\n"
    "Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT\r\nETag: \"5f3a-17c2b6e1a40\"\r\n"
    "Cache-Control: public, max-age=31536000, immutable\r\nVary: Accept-Encoding\r\nX-Frame-Options: SAMEORIGIN\r\n"
    "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\nAccept-Ranges: bytes\r\n\r\n";

/// Memory that was used before comes back without being allocated, so what is counted must not find any: it keeps all
/// that it makes until this many were made.
template <class F>
std::size_t allocations_of_each(F make) {
  using Made = decltype(make());
  constexpr std::size_t count = 100;
  std::vector<Made> kept;
  kept.reserve(count);
  return allocations_of([&] {
           for (std::size_t i = 0; i < count; ++i) kept.push_back(make());
         }) / count;
}

}  // namespace

TEST_SUITE("costs/fields_allocations") {
  TEST_CASE("Headers allocate once") {
    CHECK(allocations_of([] { const Headers none; }) == 0);
    CHECK(allocations_of_each([] {
            return Headers::of({{"Accept", "text/html,application/xhtml+xml;q=0.9"}, {"User-Agent", "okhttp"}, {"A", "1"}});
          }) <= 1);
    CHECK(allocations_of_each([] {
            Headers::Builder builder;
            for (const char* name : {"Accept", "Accept-Language", "User-Agent", "X-Request-Id", "Origin", "Referer", "DNT"})
              builder.add(name, "a value that is as long as most");
            return std::move(builder).build();
          }) <= 1);
    const Headers headers = Headers::of({{"Accept", "*/*"}, {"User-Agent", "okhttp"}, {"A", "1"}});
    CHECK(allocations_of_each([&] { return headers; }) <= 1);
    CHECK(allocations_of_each([&] { return headers.new_builder().set("A", "2").add("If-None-Match", "\"x\"").build(); }) <= 1);
    CHECK(allocations_of([&] {
            Headers first = headers;
            const Headers second = std::move(first);
            if (!second.contains("a") || second.get("User-Agent") != "okhttp" || second.byte_count() == 0) std::abort();
            for (const Header header : second)
              if (header.name.empty()) std::abort();
          }) <= 1);
  }

  TEST_CASE("a response head that came whole costs one allocation") {
    http1::ResponseHeadReader reader;
    CHECK(allocations_of_each([&] {
            if (reader.feed(head).value() != head.size()) std::abort();
            http1::ResponseHead read = reader.take();
            reader.reset();
            return std::move(read.headers);
          }) <= 1);
  }

  TEST_CASE("MediaType allocates once, a view of one never") {
    for (const char* text : {"text/html", "text/html; charset=utf-8", "Application/JSON; charset=\"UTF-8\"",
                             "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}) {
      CAPTURE(text);
      CHECK(allocations_of_each([&] { return MediaType::parse(text); }) <= 1);
    }
    CHECK(allocations_of([] {
            const std::optional<MediaTypeView> view = MediaTypeView::parse("Text/HTML; a=b; charset=\"ut\\f-8\"");
            if (!view->is("text/html") || view->charset() != Charset::utf_8 || !view->parameter("A")->equals("b")) std::abort();
          }) == 0);
  }

  TEST_CASE("dates allocate nothing") {
    CHECK(allocations_of([] {
            const std::string_view text = "Sun, 06 Nov 1994 08:49:37 GMT";
            if (format_http_date(*parse_http_date(text)).view() != text || parse_http_date("never")) std::abort();
          }) == 0);
  }

  TEST_CASE("the directives of Cache-Control allocate nothing, their text once") {
    const Headers headers = Headers::of({{"Cache-Control", "public, max-age=\"31536000\", private=\"Set-Cookie\""},
                                         {"cache-control", "stale-while-revalidate=60, x-unknown=\"a, b\""},
                                         {"Pragma", "no-cache"}});
    CHECK(allocations_of([&] {
            const CacheDirectives directives = CacheDirectives::parse(headers);
            if (directives.max_age()->count() != 31536000 || !directives.no_cache()) std::abort();
          }) == 0);
    CHECK(allocations_of_each([] { return CacheControl::parse("public, max-age=31536000, immutable"); }) <= 1);
  }

  TEST_CASE("challenges are taken apart without an allocation") {
    CHECK(allocations_of([] {
            ChallengeParser parser(R"(Digest realm="a \"quoted\" realm", qop="auth, auth-int", nonce=abc, Basic realm="x", Negotiate YII=)");
            std::size_t count = 0;
            while (const std::optional<ChallengeView> challenge = parser.next()) {
              count += 1;
              if (challenge->is("Basic") && !challenge->realm()->equals("x")) std::abort();
            }
            if (count != 3) std::abort();
          }) == 0);
  }
}

}  // namespace fields_allocations_test
