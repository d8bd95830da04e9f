// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/http_url.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace url_conformance_test {

// The URL table of the web-platform-tests. Cases whose result is no http or https URL must fail
// here, because those are the only schemes of this library.

namespace {

std::string data_file(const char* name) {
  return std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/url/" + name;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
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

// The cases where this build differs from the table, each with its reason. The test fails when one
// of them no longer differs, so that the list cannot outlive its reasons.
struct KnownDifference {
  std::string_view input;
  std::string_view reason;
};
constexpr std::string_view no_idna = "IDNA: a host above ASCII is an error of its own";
constexpr std::string_view no_punycode_check = "IDNA: what follows xn-- is not checked";
constexpr KnownDifference known_differences[] = {
    {"http://GOO\xE2\x80\x8B\xE2\x81\xA0\xEF\xBB\xBFgoo.com", no_idna},
    {"http://www.foo\xE3\x80\x82"
     "bar.com",
     no_idna},
    {"http://\xEF\xBC\xA7\xEF\xBD\x8F.com", no_idna},
    {"https://fa\xC3\x9F.ExAmPlE/", no_idna},
    {"https://a%C2%ADb/", no_idna},
    {"http://a.b.c.xn--pokxncvks", no_punycode_check},
    {"http://a.b.c.XN--pokxncvks", no_punycode_check},
    {"http://10.0.0.XN--pokxncvks", no_punycode_check},
};

const KnownDifference* known_difference(std::string_view input) {
  for (const KnownDifference& known : known_differences)
    if (known.input == input) return &known;
  return nullptr;
}

bool is_idna_fault(const okhttp::Result<okhttp::HttpUrl>& outcome) {
  return !outcome && outcome.error() == okhttp::Errc::bad_url &&
         outcome.error().message().find("internationalised") != std::string::npos;
}

}  // namespace

TEST_SUITE("conformance/url") {
  TEST_CASE("every http and https case of the URL table gives the URL that browsers give") {
    std::size_t parsed = 0;
    std::size_t rejected = 0;
    std::size_t differing = 0;
    for (const json::Value& item : json::read_file(data_file("urltestdata-half.json")).array()) {
      if (!item.is_object()) continue;  // a remark
      const std::string& input = item["input"].string();
      CAPTURE(input);
      const okhttp::Result<okhttp::HttpUrl> outcome = parse_case(item);

      const json::Value* href = item.find("href");
      const bool wanted = href != nullptr && (href->string().starts_with("http://") ||
                                              href->string().starts_with("https://"));
      if (const KnownDifference* known = known_difference(input)) {
        CAPTURE(known->reason);
        ++differing;
        CHECK_NE(outcome.has_value(), wanted);
        if (known->reason == no_idna) CHECK(is_idna_fault(outcome));
        continue;
      }
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
    CHECK_EQ(differing, std::size(known_differences));
  }

  TEST_CASE("ASCII names of the toASCII table come out as the table says") {
    std::size_t compared = 0;
    for (const json::Value& item : json::read_file(data_file("toascii.json")).array()) {
      if (!item.is_object()) continue;
      const std::string& input = item["input"].string();
      CAPTURE(input);
      const okhttp::Result<okhttp::HttpUrl> outcome =
          okhttp::HttpUrl::try_parse("https://" + input + "/x");
      const json::Value& output = item["output"];
      if (!is_ascii(okhttp::url::decode(input))) {
        CHECK(is_idna_fault(outcome));
        continue;
      }
      if (output.is_null() && outcome && outcome->host().find("xn--") != std::string_view::npos)
        continue;  // no_punycode_check
      ++compared;
      CHECK_EQ(outcome.has_value(), !output.is_null());
      if (outcome && !output.is_null()) CHECK_EQ(outcome->host(), output.string());
    }
    CHECK(compared > 10);
  }
}

}  // namespace url_conformance_test
