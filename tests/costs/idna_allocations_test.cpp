// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/idna.hpp>

#include <doctest/doctest.h>

#include <support/count_allocations.hpp>

#include <string>
#include <string_view>

namespace idna_allocations_test {

#if OKHTTP_IDNA

TEST_SUITE("costs/idna") {
  TEST_CASE("an ordinary international name needs no memory but that for the result") {
    std::string out;
    out.reserve(1000);
    for (std::string_view name : {
             "www.example.com",
             "b\xC3\xBC"
             "cher.example",
             "BU\xCC\x88"
             "CHER.example",  // needs NFC
             "xn--bcher-kva.example",
             "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x80\x82jp",
             "\xD9\x86\xD8\xA7\xD9\x85\xD9\x87\xE2\x80\x8C\xD8\xA7\xDB\x8C.com",
         }) {
      CAPTURE(name);
      out.clear();
      CHECK_EQ(okhttp_tests::allocations_of([&] { (void)okhttp::url::domain_to_ascii(out, name); }), 0);
      CHECK_FALSE(out.empty());
      out.clear();
      CHECK_EQ(okhttp_tests::allocations_of([&] { (void)okhttp::url::domain_to_unicode(out, name); }), 0);
      CHECK_FALSE(out.empty());
    }
  }
}

#endif  // OKHTTP_IDNA

}  // namespace idna_allocations_test
