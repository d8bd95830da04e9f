// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_body.hpp>
#include <okhttp/message/multipart_reader.hpp>

#include <doctest/doctest.h>

#include "../../support/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace multipart_conformance_test {

// The examples of RFC 2046, 2388, 7578 and 9110, and what breaks a rule of theirs: there the parts are null.

namespace {

std::string wire_of(const json::Value& lines) {
  std::string wire;
  for (const json::Value& line : lines.array()) wire.append(wire.empty() ? "" : "\r\n").append(line.string());
  return lines.array().front().string().empty() ? "\r\n" + wire : wire;
}

void check_parts(const std::string& wire, const std::string& type, const json::Value& parts) {
  okhttp::MultipartReader reader(okhttp::ResponseBody::of(wire, type));
  for (const json::Value& wanted : parts.array()) {
    const auto part = reader.try_next_part();
    REQUIRE(part.has_value());
    REQUIRE(part->has_value());
    std::size_t count = 0;
    for (const auto& [name, value] : (*part)->headers()) {
      const json::Value& header = wanted["headers"].array().at(count++);
      CHECK_EQ(name, header.array()[0].string());
      CHECK_EQ(value, header.array()[1].string());
    }
    CHECK_EQ(count, wanted["headers"].array().size());
    const std::string body = (*part)->body().string();
    CHECK_EQ(body, wanted["body"].string());
    if (const json::Value* inner = wanted.find("parts"))
      check_parts(body, std::string((*part)->header("Content-Type").value()), *inner);
  }
  const auto last = reader.try_next_part();
  REQUIRE(last.has_value());
  CHECK_FALSE(last->has_value());
}

}  // namespace

TEST_SUITE("conformance/multipart") {
  TEST_CASE("multipart bodies are read as their RFCs say") {
    const json::Value all = json::read_file(std::string(OKHTTP_TEST_DATA_DIR) + "/conformance/multipart/cases.json");
    for (const json::Value& item : all.array()) {
      CAPTURE(item["about"].string());
      const std::string wire = wire_of(item["body"]);
      const std::string& type = item["type"].string();
      if (!item["parts"].is_null()) {
        check_parts(wire, type, item["parts"]);
        continue;
      }
      okhttp::MultipartReader reader(okhttp::ResponseBody::of(wire, type));
      bool failed = false;
      while (!failed) {
        const auto part = reader.try_next_part();
        failed = !part || (part->has_value() && !(*part)->body().try_string());
        if (!failed && !part->has_value()) break;
      }
      CHECK(failed);
    }
    CHECK(all.array().size() == 10);
  }
}

}  // namespace multipart_conformance_test
