// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/json_adapter.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/request.hpp>
#include <okhttp/message/response_body.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "support/own_json.hpp"

namespace json_adapter_test {

using okhttp_tests::OnlyWritten;
using okhttp_tests::Point;
using okhttp::Errc;
using okhttp::RequestBody;
using okhttp::ResponseBody;

namespace {

std::string content_of(const RequestBody& body) {
  const auto bytes = body.in_memory().value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_SUITE("message/json_adapter") {
  TEST_CASE("any JSON library serves through a specialisation") {
    static_assert(okhttp::detail::HasJsonAdapter<Point>);
    static_assert(!okhttp::detail::HasJsonAdapter<std::vector<Point*>>);
    const RequestBody body = RequestBody::json(Point{1, -2});
    CHECK_EQ(body.content_type(), "application/json");
    CHECK_EQ(content_of(body), "[1,-2]");
    CHECK_FALSE(body.is_one_shot());
    CHECK(okhttp::Request::Builder().url("http://x/").post(body).try_build());
    CHECK_EQ(content_of(RequestBody::json(OnlyWritten())), "null");

    CHECK_EQ(ResponseBody::of("[3,4]").try_json<Point>().value(), Point{3, 4});
    CHECK_EQ(ResponseBody::of("\xEF\xBB\xBF[3,4]").json<Point>(), Point{3, 4});
    okhttp::Task<Point> task = ResponseBody::of(" [5, 6]\n").async_json<Point>();
    task.start();
    REQUIRE(task.finished());
    CHECK_EQ(task.take_result().value(), Point{5, 6});
  }

  TEST_CASE("what the adapter refuses is the error") {
    CHECK_EQ(ResponseBody::of("[3").try_json<Point>().error(), Errc::malformed_body);
    CHECK_EQ(ResponseBody().try_json<Point>().error(), Errc::malformed_body);
    CHECK_THROWS_AS((void)ResponseBody::of("{}").json<Point>(), okhttp::Exception);
    okhttp::Task<Point> task = ResponseBody::of("x").async_json<Point>();
    task.start();
    REQUIRE(task.finished());
    CHECK_EQ(task.take_result().error(), Errc::malformed_body);
  }

  TEST_CASE("the body is taken, as string() takes it") {
    const ResponseBody body = ResponseBody::of("[1,2]");
    CHECK(body.try_json<Point>());
    CHECK_EQ(body.try_json<Point>().error(), Errc::misuse);
    CHECK_EQ(body.try_string().error(), Errc::misuse);
    CHECK_EQ(ResponseBody::unreadable("application/json", 3).try_json<Point>().error(), Errc::misuse);
  }
}

}  // namespace json_adapter_test
