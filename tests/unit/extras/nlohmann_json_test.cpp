// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/nlohmann_json.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/request_body.hpp>
#include <okhttp/message/response_body.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nlohmann_json_test {

using okhttp::Errc;
using okhttp::RequestBody;
using okhttp::ResponseBody;
using okhttp::Result;

namespace {

struct Member {
  std::string name;
  int age = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Member, name, age)
};

struct Unknown {};

struct Picky {
  friend void from_json(const nlohmann::json&, Picky&) { throw std::runtime_error("not today"); }
};

std::string written(const RequestBody& body) {
  CHECK_EQ(body.content_type(), "application/json");
  const auto bytes = body.in_memory().value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
Result<T> read(std::string text) {
  return ResponseBody::of(std::move(text), "application/json").try_json<T>();
}

}  // namespace

TEST_SUITE("extras/nlohmann_json") {
  TEST_CASE("documents and what converts to them are written") {
    CHECK_EQ(written(RequestBody::json(nlohmann::json{{"b", {1, nullptr, true}}, {"a", "x\ny"}})),
             R"({"a":"x\ny","b":[1,null,true]})");
    CHECK_EQ(written(RequestBody::json(nlohmann::ordered_json{{"b", 1}, {"a", 2}})), R"({"b":1,"a":2})");
    CHECK_EQ(written(RequestBody::json(Member{"Ann", 42})), R"({"age":42,"name":"Ann"})");
    CHECK_EQ(written(RequestBody::json(std::vector<Member>{{"A", 1}, {"B", 2}})),
             R"([{"age":1,"name":"A"},{"age":2,"name":"B"}])");
    CHECK_EQ(written(RequestBody::json(std::map<std::string, int>{{"k", 1}})), R"({"k":1})");
    CHECK_EQ(written(RequestBody::json(std::string("caf\xC3\xA9 \xFF"))), "\"caf\xC3\xA9 \xEF\xBF\xBD\"");
    CHECK_EQ(written(RequestBody::json(1.5)), "1.5");
    CHECK_EQ(written(RequestBody::json("text")), "\"text\"");
    static_assert(!okhttp::detail::HasJsonAdapter<Unknown> && !okhttp::detail::HasJsonAdapter<Unknown*>);
  }

  TEST_CASE("documents and what they convert to are read") {
    CHECK_EQ(read<nlohmann::json>(R"( {"a":[1,2]} )").value()["a"][1], 2);
    CHECK_EQ(read<nlohmann::ordered_json>(R"({"b":1,"a":2})").value().dump(), R"({"b":1,"a":2})");
    const Result<Member> member = read<Member>(R"({"name":"Ann","age":42,"more":[]})");
    REQUIRE(member);
    CHECK_EQ(member->name, "Ann");
    CHECK_EQ(member->age, 42);
    CHECK_EQ(read<std::vector<int>>("[1,2,3]").value().size(), 3);
    CHECK_EQ(ResponseBody::of("\"x\"").json<std::string>(), "x");
    // Another charset is converted first.
    CHECK_EQ(ResponseBody::of("\"\xE9\"", "application/json; charset=iso-8859-1").json<std::string>(), "\xC3\xA9");
  }

  TEST_CASE("what is no JSON is an error with its position and no content") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "at byte 1 of 0"},
        {"{\"secret\": tru", "at byte 15 of 14"},
        {"[1,2,secret]", "at byte 6 of 12"},
        {"{} secret", "at byte 4 of 9"},
        {"\"secret\xFF\"", "at byte 8 of 9"},
        {"1e999", " of 5"},
        {"[\"secret\"", " of 9"},
    };
    for (const auto& item : cases) {
      CAPTURE(item.first);
      const Result<nlohmann::json> result = read<nlohmann::json>(std::string(item.first));
      REQUIRE_FALSE(result);
      CHECK_EQ(result.error(), Errc::malformed_body);
      CAPTURE(result.error().message());
      CHECK_NE(result.error().message().find(item.second), std::string::npos);
      CHECK_EQ(result.error().message().find("secret"), std::string::npos);
      CHECK_EQ(read<Member>(std::string(item.first)).error().message(), result.error().message());
    }
  }

  TEST_CASE("JSON of another shape is an error, what a conversion throws is the program's") {
    for (const char* text : {"[]", "{}", R"({"name":"Ann"})", R"({"name":1,"age":"secret"})", "null"}) {
      CAPTURE(text);
      const Result<Member> result = read<Member>(text);
      REQUIRE_FALSE(result);
      CHECK_EQ(result.error(), Errc::malformed_body);
      CHECK_EQ(result.error().message().find("secret"), std::string::npos);
    }
    CHECK_EQ(read<Picky>("1").error(), Errc::user_exception);
    CHECK_THROWS_AS((void)ResponseBody::of("1").json<Picky>(), std::runtime_error);
    okhttp::Task<Member> task = ResponseBody::of("{}").async_json<Member>();
    task.start();
    REQUIRE(task.finished());
    CHECK_EQ(task.take_result().error(), Errc::malformed_body);
  }

  TEST_CASE("deep nesting does no harm") {
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    CHECK(read<nlohmann::json>(deep));
    CHECK_EQ(read<nlohmann::json>(std::string(100000, '[')).error(), Errc::malformed_body);
  }
}

}  // namespace nlohmann_json_test
