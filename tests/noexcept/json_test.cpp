// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/nlohmann_json.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/request_body.hpp>
#include <okhttp/message/response_body.hpp>

TEST_SUITE("noexcept/json") {
  TEST_CASE("JSON is written and read without exceptions") {
    const okhttp::RequestBody body = okhttp::RequestBody::json(nlohmann::json{{"a", 1}});
    CHECK(body.content_length() == 7);
    const okhttp::Result<nlohmann::json> value = okhttp::ResponseBody::of(R"({"a":1})").try_json<nlohmann::json>();
    REQUIRE(value);
    CHECK(value->at("a") == 1);
    const okhttp::Result<nlohmann::json> wrong = okhttp::ResponseBody::of(R"({"a":)").try_json<nlohmann::json>();
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error() == okhttp::Errc::malformed_body);
    CHECK(wrong.error().message().find("at byte 6 of 5") != std::string::npos);
  }
}
