// SPDX-License-Identifier: Apache-2.0

// A URL is one block of memory, however it comes about.

#include <okhttp/url/http_url.hpp>

#include <doctest/doctest.h>

#include <support/count_allocations.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace url_allocations_test {

using namespace okhttp;
using okhttp_tests::allocations_of;

TEST_SUITE("costs/url_allocations") {
  TEST_CASE("parsing a URL of any kind allocates once") {
    for (std::string_view text : {
             "https://www.example.com/a/long/enough/path/to/be/on/the/heap.html?name=value&other=1#part",
             "http://h",
             "HTTPS://User:Pa ss@WWW.Example.COM:0443/a b/../c%20d?e f='g'#h`i",
             "http://0x7f.1/",
             "http://[2001:DB8:1111:2222:3333:4444:5555:6666]:8080/",
             "https://b\xC3\xBC"
             "cher.example/\xE2\x82\xAC?\xE2\x82\xAC#\xE2\x82\xAC",
             "https://xn--bcher-kva.example/",
         }) {
      CAPTURE(text);
      std::optional<HttpUrl> url;
      CHECK_EQ(allocations_of([&] { url = *HttpUrl::try_parse(text); }), 1);
      CHECK_FALSE(url->host().empty());
    }
    const std::string longer = "https://example.com/" + std::string(3000, 'a');
    CHECK_EQ(allocations_of([&] { (void)HttpUrl::try_parse(longer); }), 1);
  }

  TEST_CASE("resolving a link allocates once, copying and reading a URL not at all") {
    const HttpUrl base = HttpUrl::parse("https://user@www.example.com:8443/a/b/c/d/e/f?some=query#part");
    for (std::string_view link : {"", "#x", "?y", "z", "/rest/of/everything", "../../up",
                                  "//other.example/p", "https://www.example.org/elsewhere", "https:g"}) {
      CAPTURE(link);
      CHECK_EQ(allocations_of([&] { (void)base.try_resolve(link); }), 1);
    }
    std::size_t read = 0;
    const std::size_t count = allocations_of([&] {
      HttpUrl copy = base;
      const HttpUrl moved = std::move(copy);
      copy = moved;
      read = copy.host().size() + copy.to_string().size() + copy.request_target().size() +
             copy.encoded_query()->size() + copy.path_size() + (copy == base ? 1U : 0U);
    });
    CHECK_EQ(count, 0);
    CHECK_GT(read, 0);
  }

  TEST_CASE("what a builder holds becomes a URL in one allocation") {
    const HttpUrl::Builder builder =
        HttpUrl::parse("https://www.example.com/a/long/path?and=a&long=query").new_builder();
    CHECK_EQ(allocations_of([&] { (void)builder.try_build(); }), 1);
  }
}

}  // namespace url_allocations_test
