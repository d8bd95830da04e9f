// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/idna.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace idna_conformance_test {

#if OKHTTP_IDNA

TEST_SUITE("conformance/idna") {
  TEST_CASE("every case of the toASCII table of the web-platform-tests") {
    std::size_t good = 0;
    std::size_t refused = 0;
    const std::string file = std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/url/toascii.json";
    for (const json::Value& item : json::read_file(file).array()) {
      if (!item.is_object()) continue;  // a remark
      const std::string& input = item["input"].string();
      CAPTURE(input);
      const json::Value& output = item["output"];
      // The table is about hosts of URLs: characters that no host may have count, too.
      const okhttp::Result<okhttp::HttpUrl> url = okhttp::HttpUrl::try_parse("https://" + input + "/x");
      CHECK_EQ(url.has_value(), !output.is_null());
      if (!url) {
        ++refused;
        continue;
      }
      ++good;
      CHECK_EQ(url->host(), output.string());
      CHECK_EQ(url->to_string(), "https://" + output.string() + "/x");
      // As a host that is set, and as the form for people.
      CHECK_EQ(url->new_builder().host("x").host(input).try_build().value(), *url);
      std::string unicode;
      REQUIRE(okhttp::url::domain_to_unicode(unicode, url->host()) == nullptr);
      CHECK_EQ(okhttp::HttpUrl::try_parse("https://" + unicode + "/x").value(), *url);
    }
    // Guards against a table that was not read.
    CHECK_GT(good, 40);
    CHECK_GT(refused, 20);
  }

  TEST_CASE("the examples of UTS #46 (table 1, 4.5), non-transitional; null is refused") {
    const json::Value table =
        json::read_file(std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/url/uts46_examples.json");
    for (const json::Value& item : table.array()) {
      const std::string& name = item.array()[0].string();
      CAPTURE(name);
      std::string ascii;
      const char* const reason = okhttp::url::domain_to_ascii(ascii, name);
      CHECK_EQ(reason != nullptr, item.array()[1].is_null());
      if (reason == nullptr) CHECK_EQ(ascii, item.array()[1].string());
    }
    CHECK(table.array().size() == 17);
  }
}

#endif  // OKHTTP_IDNA

}  // namespace idna_conformance_test
