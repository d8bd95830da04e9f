// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/host.hpp>
#include <okhttp/url/public_suffix.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace public_suffix_conformance_test {

// The check vectors of the Public Suffix List: checkPublicSuffix('host', 'registrable domain' or null);

#if OKHTTP_PSL

namespace {

// What stands between single quotes in the line, an absent one for each null.
std::vector<std::optional<std::string>> arguments(std::string_view line) {
  std::vector<std::optional<std::string>> found;
  for (std::size_t i = line.find('(') + 1; i < line.size(); ++i) {
    if (line.substr(i).starts_with("null")) found.emplace_back();
    if (line[i] != '\'') continue;
    const std::size_t end = line.find('\'', i + 1);
    found.emplace_back(line.substr(i + 1, end - i - 1));
    i = end;
  }
  return found;
}

bool is_ascii(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

}  // namespace

TEST_SUITE("conformance/url") {
  TEST_CASE("every check vector of the public suffix list") {
    std::ifstream file(std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/url/test_psl.txt");
    REQUIRE(file.is_open());
    const bool has_idna = okhttp::url::parse_host("b\xC3\xBC" "cher.example").has_value();
    std::size_t checked = 0;
    std::size_t international = 0;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("checkPublicSuffix(")) continue;
      CAPTURE(line);
      const std::vector<std::optional<std::string>> row = arguments(line);
      REQUIRE_EQ(row.size(), 2);
      if (!row[0]) {  // the null host: here, the empty one
        CHECK_FALSE(okhttp::url::registrable_domain(""));
        ++checked;
        continue;
      }
      // Upper case and Unicode become canonical first; the file has each Unicode row once more as xn--.
      const okhttp::Result<std::string> host = okhttp::url::parse_host(*row[0]);
      if (!has_idna && !is_ascii(*row[0])) {
        CHECK_FALSE(host);
        continue;
      }
      REQUIRE(host);
      const std::optional<std::string_view> found = okhttp::url::registrable_domain(*host);
      international += is_ascii(*row[0]) ? 0 : 1;
      ++checked;
      CHECK_EQ(found.has_value(), row[1].has_value());
      if (found && row[1]) CHECK_EQ(*found, okhttp::url::parse_host(*row[1]).value());
    }
    CHECK_EQ(international, has_idna ? 9 : 0);
    CHECK_EQ(checked, has_idna ? 78 : 69);
  }
}

#endif  // OKHTTP_PSL

}  // namespace public_suffix_conformance_test
