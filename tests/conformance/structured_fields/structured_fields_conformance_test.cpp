// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/structured_field.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace structured_fields_conformance_test {

// The examples of RFC 9651 and, for each of its rules, what keeps it and what breaks it. A case has the section it
// is about, what the field is defined as, its lines, and either the canonical form or that it has to fail.

namespace {

using namespace okhttp::structured;

/// The canonical form, or nothing for what is malformed.
std::optional<std::string> canonical(const std::string& kind, const okhttp::Headers& headers) {
  const auto text_of = [](const auto& parsed) -> std::optional<std::string> {
    if (!parsed) return std::nullopt;
    return parsed->to_string();
  };
  if (kind == "item") return text_of(Item::try_parse(headers, "Example"));
  if (kind == "list") return text_of(List::try_parse(headers, "Example"));
  return text_of(Dictionary::try_parse(headers, "Example"));
}

std::string_view name_of(Type type) {
  switch (type) {
    case Type::integer: return "integer";
    case Type::decimal: return "decimal";
    case Type::string: return "string";
    case Type::token: return "token";
    case Type::byte_sequence: return "byte_sequence";
    case Type::boolean: return "boolean";
    case Type::date: return "date";
    case Type::display_string: return "display_string";
    case Type::inner_list: return "inner_list";
  }
  return "?";
}

}  // namespace

TEST_SUITE("conformance/structured_fields") {
  TEST_CASE("every rule of RFC 9651 is kept") {
    const json::Value cases = json::read_file(OKHTTP_TEST_DATA_DIR "/conformance/structured_fields/cases.json");
    std::size_t failing = 0;
    for (const json::Value& item : cases.array()) {
      CAPTURE(item["section"].string());
      CAPTURE(item["name"].string());
      okhttp::Headers headers;
      for (const json::Value& line : item["raw"].array()) headers.append_unchecked("Example", line.string());
      const std::optional<std::string> text = canonical(item["kind"].string(), headers);
      if (item.find("fails") != nullptr) {
        ++failing;
        CHECK(text == std::nullopt);
        continue;
      }
      CHECK(text == item["canonical"].string());
      if (const json::Value* const type = item.find("type"))
        CHECK(name_of(Item::try_parse(headers, "example").value().type()) == type->string());
    }
    CHECK(cases.array().size() > 200);
    CHECK(failing > 100);
  }
}

}  // namespace structured_fields_conformance_test
