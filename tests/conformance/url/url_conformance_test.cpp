// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/http_url.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace url_conformance_test {

// The URL table of the web-platform-tests. Cases whose result is no http or https URL must fail
// here, because those are the only schemes of this library.

namespace {

std::string data_file(const char* name) {
  return std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/url/" + name;
}

okhttp::Result<okhttp::HttpUrl> parse_case(const json::Value& item) {
  const std::string& input = item["input"].string();
  const json::Value* base = item.find("base");
  if (base == nullptr || base->is_null()) return okhttp::HttpUrl::try_parse(input);
  okhttp::Result<okhttp::HttpUrl> base_url = okhttp::HttpUrl::try_parse(base->string());
  // A base of another scheme matters to no input that becomes http or https.
  if (!base_url) return okhttp::HttpUrl::try_parse(input);
  return base_url->try_resolve(input);
}

}  // namespace

TEST_SUITE("conformance/url") {
  TEST_CASE("every http and https case of the URL table gives the URL that browsers give") {
    std::size_t parsed = 0;
    std::size_t rejected = 0;
    for (const json::Value& item : json::read_file(data_file("urltestdata-half.json")).array()) {
      if (!item.is_object()) continue;  // a remark
      const std::string& input = item["input"].string();
      CAPTURE(input);
      const okhttp::Result<okhttp::HttpUrl> outcome = parse_case(item);

      const json::Value* href = item.find("href");
      const bool wanted = href != nullptr && (href->string().starts_with("http://") ||
                                              href->string().starts_with("https://"));
      if (!wanted) {
        ++rejected;
        CHECK_FALSE(outcome.has_value());
        continue;
      }
      ++parsed;
      REQUIRE_MESSAGE(outcome.has_value(), outcome.error().message());
      const okhttp::HttpUrl& url = *outcome;
      CHECK_EQ(url.to_string(), href->string());
      CHECK_EQ(std::string(url.scheme()) + ":", item["protocol"].string());
      CHECK_EQ(url.encoded_username(), item["username"].string());
      CHECK_EQ(url.encoded_password(), item["password"].string());
      CHECK_EQ(url.host_header(), item["host"].string());
      std::string hostname = item["hostname"].string();
      if (hostname.starts_with('[')) hostname = hostname.substr(1, hostname.size() - 2);
      CHECK_EQ(url.host(), hostname);
      const std::string& port = item["port"].string();
      CHECK_EQ(url.port(), port.empty() ? url.default_port() : std::stoi(port));
      CHECK_EQ(url.encoded_path(), item["pathname"].string());
      const std::string query(url.encoded_query().value_or(""));
      CHECK_EQ(query.empty() ? query : "?" + query, item["search"].string());
      const std::string fragment(url.encoded_fragment().value_or(""));
      CHECK_EQ(fragment.empty() ? fragment : "#" + fragment, item["hash"].string());

      // The canonical text stands for itself, and the builder keeps every part.
      const okhttp::Result<okhttp::HttpUrl> again = okhttp::HttpUrl::try_parse(url.to_string());
      REQUIRE(again.has_value());
      CHECK_EQ(again->to_string(), url.to_string());
      CHECK_EQ(url.new_builder().try_build().value().to_string(), url.to_string());
    }
    // Guards against a table that was not read.
    CHECK_GT(parsed, 100);
    CHECK_GT(rejected, 300);
  }

  TEST_CASE("references resolve as RFC 3986 lists, but for the schemes that are not ours") {
    const json::Value table = json::read_file(data_file("rfc3986_references.json"));
    const okhttp::HttpUrl base = okhttp::HttpUrl::parse(table["base"].string());
    for (const json::Value& item : table["links"].array()) {
      const std::string& link = item.array()[0].string();
      CAPTURE(link);
      const std::optional<okhttp::HttpUrl> resolved = base.resolve(link);
      REQUIRE_EQ(resolved.has_value(), !item.array()[1].is_null());
      if (resolved) CHECK_EQ(resolved->to_string(), item.array()[1].string());
    }
    CHECK(table["links"].array().size() == 39);
  }
}

}  // namespace url_conformance_test
