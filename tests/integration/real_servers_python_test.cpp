// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <filesystem>
#include <string>

namespace real_servers_python_test {

using namespace okhttp_tests;
using okhttp::Protocol;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;

namespace {

/// Python's http.server over a folder of two files.
class Python {
 public:
  explicit Python(const std::string& protocol)
      : prepared_(prepare()), process_("python3", folder_ / "log", [&](std::uint16_t port) {
          return std::vector<std::string>{find_program({"python3"}, "python3"),
                                          server_file("python_server.py"), std::to_string(port),
                                          protocol, folder_ / "www"};
        }) {}

  std::string url(std::string_view path) const { return process_.url(path); }
  const std::string text = numbered_lines(20'000);

 private:
  bool prepare() {
    std::filesystem::create_directories(folder_ / "www");
    folder_.write("www/hello.txt", "hello from python");
    folder_.write("www/large.txt", text);
    return true;
  }
  const TemporaryFolder folder_;
  const bool prepared_;
  const ServerProcess process_;
};

// One each for all tests: none of them changes what another one sees.
const Python& python_1_0() {
  static const Python server("HTTP/1.0");
  return server;
}
const Python& python_1_1() {
  static const Python server("HTTP/1.1");
  return server;
}

}  // namespace

TEST_SUITE("integration/real_servers/python") {
  TEST_CASE_TEMPLATE("HTTP/1.0: every answer ends with its connection", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Python& server = python_1_0();
    const Response response = execute(client, server.url("/hello.txt"));
    CHECK(response.code() == 200);
    CHECK(response.protocol() == Protocol::http_1_0);
    CHECK(response.header("Server", "").starts_with("SimpleHTTP/"));
    CHECK(response.header("Content-Type", "").starts_with("text/plain"));
    CHECK(response.body().string() == "hello from python");
    CHECK(body_of(client, server.url("/large.txt")) == server.text);
    CHECK(client.connection_pool().idle_connection_count() == 0);
    CHECK(body_of(client, server.url("/connection")).ends_with("/1"));
    CHECK(body_of(client, server.url("/connection")).ends_with("/1"));

    const Response until_close = execute(client, server.url("/until-close"));
    CHECK(until_close.body().content_length() == -1);
    CHECK(until_close.body().string() == "until close");

    check_head(client, server.url("/hello.txt"), 17);
    CHECK(client.new_call(post_request(server.url("/post"), "sent")).execute().body().string() ==
          "sent");
    const Response missing = execute(client, server.url("/nowhere"));
    CHECK(missing.code() == 404);
    CHECK(contains(missing.body().string(), "Error code: 404"));
    CHECK(contains(body_of(client, server.url("/")), "Directory listing"));
    const Request unsupported =
        Request::Builder().url(server.url("/")).put(RequestBody::create("x")).build();
    CHECK(client.new_call(unsupported).execute().code() == 501);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("HTTP/1.1: one connection serves one call after the other", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().expect_continue_timeout(patience).build();
    const Python& server = python_1_1();
    std::string connection = body_of(client, server.url("/connection"));
    REQUIRE(connection.ends_with("/1"));
    connection.pop_back();
    CHECK(body_of(client, server.url("/large.txt")) == server.text);
    check_head(client, server.url("/hello.txt"), 17);
    const std::string content = numbered_lines(20'000);
    CHECK(client.new_call(post_request(server.url("/post"), content)).execute().body().string() ==
          content);
    const Request expecting = Request::Builder()
                                  .url(server.url("/post"))
                                  .header("Expect", "100-continue")
                                  .post(RequestBody::create("when asked"))
                                  .build();
    CHECK(client.new_call(expecting).execute().body().string() == "when asked");
    CHECK(body_of(client, server.url("/connection")) == connection + "5");
    CHECK(client.connection_pool().idle_connection_count() == 1);

    const Response until_close = execute(client, server.url("/until-close"));
    CHECK(until_close.protocol() == Protocol::http_1_1);
    CHECK(until_close.body().string() == "until close");
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("relative redirects are resolved", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    for (const Python* server : {&python_1_0(), &python_1_1()}) {
      const Response response = execute(client, server->url("/redirect"));
      CHECK(response.body().string() == "hello from python");
      CHECK(response.request().url().to_string() == server->url("/hello.txt?from=redirect#part"));
    }
  }

  TEST_CASE_TEMPLATE("concurrent calls", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    check_concurrent(client, python_1_0().url("/hello.txt"), "hello from python");
    CHECK(client.connection_pool().idle_connection_count() == 0);
    check_concurrent(client, python_1_1().url("/hello.txt"), "hello from python");
  }

}  // TEST_SUITE

}  // namespace real_servers_python_test
