// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/content_disposition.hpp>
#include <okhttp/message/extended_value.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace content_disposition_conformance_test {

// The examples of RFC 5987, RFC 6266, RFC 8187 and RFC 8288, headers as servers send them, right and wrong, and values
// that keep or break each rule of the encoding. A null is what has no name or no text.

namespace {

/// The bytes of a header: each character of the file up to U+00FF is one.
std::string bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    bytes += lead < 0x80 ? text[i] : static_cast<char>(lead << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
  }
  return bytes;
}

std::optional<std::string> expected(const json::Value& value) {
  if (value.is_null()) return std::nullopt;
  return value.string();
}

}  // namespace

TEST_SUITE("conformance/content_disposition") {
  const std::string file = OKHTTP_TEST_DATA_DIR "/conformance/content_disposition/cases.json";

  TEST_CASE("file names are read as browsers read them") {
    const json::Value all = json::read_file(file);
    for (const json::Value& item : all["headers"].array()) {
      CAPTURE(item["about"].string());
      CAPTURE(item["header"].string());
      const std::string text = bytes_of(item["header"].string());
      CHECK(okhttp::ContentDisposition(text).filename() == expected(item["filename"]));
    }
    CHECK(all["headers"].array().size() >= 70);
  }

  TEST_CASE("extended values are read as RFC 8187 says") {
    const json::Value all = json::read_file(file);
    for (const json::Value& item : all["extended_values"].array()) {
      CAPTURE(item["about"].string());
      CAPTURE(item["value"].string());
      const std::optional<std::string> text = expected(item["text"]);
      CHECK(okhttp::decode_extended_value(bytes_of(item["value"].string())) == text);
      if (text) CHECK(okhttp::decode_extended_value(okhttp::encode_extended_value(*text)) == text);
    }
    CHECK(all["extended_values"].array().size() >= 35);
  }
}

}  // namespace content_disposition_conformance_test
