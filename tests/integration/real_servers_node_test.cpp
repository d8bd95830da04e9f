// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace real_servers_node_test {

using namespace okhttp_tests;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;

namespace {

/// node's http module. One for all tests: none of them changes what another one sees.
const ServerProcess& node() {
  static const TemporaryFolder folder;
  static const ServerProcess server("node", folder / "log", [](std::uint16_t port) {
    return std::vector<std::string>{find_program({"node", "nodejs"}, "nodejs"),
                                    server_file("node_server.js"), std::to_string(port)};
  });
  return server;
}

Request echo_request(RequestBody body, bool expects_continue = false) {
  Request::Builder request;
  request.url(node().url("/echo")).post(std::move(body));
  if (expects_continue) request.header("Expect", "100-continue");
  return request.build();
}

/// A body of unknown length, `piece` bytes at a time.
RequestBody in_pieces(std::string content, std::size_t piece) {
  return RequestBody::from_reader(
      [rest = std::move(content), piece](std::span<std::byte> into) mutable -> std::size_t {
        const std::size_t count = std::min({piece, rest.size(), into.size()});
        std::memcpy(into.data(), rest.data(), count);
        rest.erase(0, count);
        return count;
      },
      "text/plain");
}

}  // namespace

TEST_SUITE("integration/real_servers/node") {
  TEST_CASE_TEMPLATE("GET, HEAD and an unknown path", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, node().url("/hello"));
    CHECK(response.code() == 200);
    CHECK(response.body().content_length() == 15);
    CHECK(response.body().string() == "hello from node");
    check_head(client, node().url("/hello"), 15);
    const Response missing = execute(client, node().url("/nowhere?a=b"));
    CHECK(missing.code() == 404);
    CHECK(missing.body().string() == "no such route");
    CHECK(execute(client, node().url("/no-content")).code() == 204);
    const Response same = execute(client, node().url("/not-modified"));
    CHECK(same.code() == 304);
    CHECK(same.header("ETag") == "\"v1\"");
  }

  TEST_CASE_TEMPLATE("one connection serves one call after the other", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response first = execute(client, node().url("/connection"));
    CHECK(first.header("Keep-Alive") == "timeout=5");
    std::string connection = first.body().string();
    REQUIRE(connection.ends_with("/1"));
    connection.pop_back();
    CHECK(body_of(client, node().url("/chunked")) == "one,two,three");
    CHECK(execute(client, node().url("/no-content")).code() == 204);
    CHECK(body_of(client, node().url("/connection")) == connection + "2");
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("chunked bodies, trailers, and bodies that end with their connection", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response chunked = execute(client, node().url("/chunked"));
    CHECK(chunked.header("Transfer-Encoding") == "chunked");
    CHECK(chunked.body().content_length() == -1);
    CHECK(chunked.body().string() == "one,two,three");

    const Response with_trailers = execute(client, node().url("/trailers"));
    CHECK(with_trailers.body().string() == "body");
    CHECK(with_trailers.trailers().get("x-checksum") == "abc");
    CHECK(with_trailers.trailers().get("x-count") == "1");

    CHECK(body_of(client, node().url("/large")) == std::string(std::size_t{8} << 20, 'x'));
    CHECK(client.connection_pool().idle_connection_count() == 1);

    const Response until_close = execute(client, node().url("/until-close"));
    CHECK_FALSE(until_close.header("Transfer-Encoding"));
    CHECK_FALSE(until_close.header("Content-Length"));
    CHECK(until_close.body().string() == "until close");
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("interim responses are passed over", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, node().url("/early-hints"));
    CHECK(response.code() == 200);
    CHECK(response.body().string() == "after the hints");
    CHECK_FALSE(response.header("Link"));
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("POST, PUT, PATCH and DELETE send their body", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "REPORT"}) {
      CAPTURE(method);
      const Request request = Request::Builder()
                                  .url(node().url("/echo"))
                                  .method(method, RequestBody::create("content", "text/plain"))
                                  .build();
      const Response response = client.new_call(request).execute();
      CHECK(response.header("X-Method") == method);
      CHECK(response.header("X-Length") == "7");
      CHECK(response.header("Content-Type") == "text/plain; charset=utf-8");
      CHECK(response.body().string() == "content");
    }
    const Response empty = client.new_call(echo_request(RequestBody::create(""))).execute();
    CHECK(empty.header("X-Length") == "0");
    CHECK(empty.body().string().empty());
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("large bodies go up and come back at the same time", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    // node sends back what it has read: both sides have to go on reading while they write, or the
    // body has to fit what lies in between.
    const std::string content = numbered_lines(10'000);
    const Response known = client.new_call(echo_request(RequestBody::create(content))).execute();
    CHECK(known.header("X-Coding") == "none");
    CHECK(known.body().string() == content);
    const Response unknown = client.new_call(echo_request(in_pieces(content, 1000))).execute();
    CHECK(unknown.header("X-Coding") == "chunked");
    CHECK(unknown.header("X-Length") == "none");
    CHECK(unknown.body().string() == content);
  }

  TEST_CASE_TEMPLATE("Expect: 100-continue waits for the server's word", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().expect_continue_timeout(patience).build();
    const Response wanted =
        client.new_call(echo_request(RequestBody::create("when asked", "text/plain"), true))
            .execute();
    CHECK(wanted.header("X-Continued") == "yes");
    CHECK(wanted.body().string() == "when asked");
    const Response in_chunks = client.new_call(echo_request(in_pieces("a b c", 2), true)).execute();
    CHECK(in_chunks.header("X-Continued") == "yes");
    CHECK(in_chunks.header("X-Coding") == "chunked");
    CHECK(in_chunks.body().string() == "a b c");

    const Request refused =
        Request::Builder()
            .url(node().url("/refuse"))
            .header("Expect", "100-continue")
            .post(RequestBody::from_reader([](std::span<std::byte>) -> std::size_t {
              FAIL_CHECK("the body is not wanted");
              return 0;
            }))
            .build();
    const Response answer = client.new_call(refused).execute();
    CHECK(answer.code() == 417);
    CHECK(answer.body().string() == "no");
  }

  TEST_CASE_TEMPLATE("an answer that comes before the body was sent is the answer", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Request request = Request::Builder()
                                .url(node().url("/too-large"))
                                .post(RequestBody::create(std::string(std::size_t{16} << 20, 'x')))
                                .build();
    const Response response = client.new_call(request).execute();
    CHECK(response.code() == 413);
    CHECK(response.body().string() == "too large");
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("concurrent calls share a few connections", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    check_concurrent(client, node().url("/chunked"), "one,two,three");
    CHECK(client.connection_pool().idle_connection_count() <= 5);
  }

}  // TEST_SUITE

}  // namespace real_servers_node_test
