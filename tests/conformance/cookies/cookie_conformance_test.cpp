// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie_date.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/http_date.hpp>

#include "../../support/json.hpp"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace cookie_conformance_test {

// The tables of dates of the working group's tests of RFC 6265. There are no known differences.

namespace {

/// The JSON of a file, which comment lines may precede.
json::Value table(const std::string& name) {
  std::ifstream file(std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/cookies/" + name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  while (text.starts_with("//")) text.erase(0, text.find('\n') + 1);
  return json::parse(text);
}

}  // namespace

TEST_SUITE("conformance/cookies") {

TEST_CASE("every date of the tables is the one expected") {
  std::size_t count = 0;
  for (const char* const name : {"bsd-examples.json", "examples.json"}) {
    for (const json::Value& row : table(name).array()) {
      const std::string& text = row["test"].string();
      CAPTURE(text);
      const std::optional<std::int64_t> seconds = okhttp::parse_cookie_date(text);
      ++count;
      CHECK(seconds.has_value() == !row["expected"].is_null());
      if (!seconds || row["expected"].is_null()) continue;
      const std::string shown(okhttp::format_http_date(*seconds));
      CHECK(shown == row["expected"].string());
      CHECK(okhttp::parse_cookie_date(shown) == seconds);
    }
  }
  CHECK(count == 70);
}

}  // TEST_SUITE

}  // namespace cookie_conformance_test
