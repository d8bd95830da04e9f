// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/public_suffix.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "support/count_allocations.hpp"

TEST_SUITE("costs/public_suffix") {
  TEST_CASE("looking a host up allocates nothing") {
    const std::string long_host =
        "a.b.c.d.e.f.g.h.i.j.k." + std::string(200, 'x') + ".s3.dualstack.eu-west-1.amazonaws.com";
    std::size_t found = 0;
    const std::size_t allocations = okhttp_tests::allocations_of([&] {
      for (const std::string_view host :
           {std::string_view(long_host), std::string_view("www.example.co.uk"), std::string_view("a.any.ck"),
            std::string_view("com"), std::string_view("::1")}) {
        found += okhttp::url::registrable_domain(host).has_value() ? 1U : 0U;
        found += okhttp::url::is_public_suffix(host) ? 1U : 0U;
        found += okhttp::url::site(host).size();
      }
    });
    CHECK(found > 0);
    CHECK_EQ(allocations, 0);
  }
}
