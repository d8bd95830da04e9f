// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <filesystem>
#include <string>

namespace real_servers_busybox_test {

using namespace okhttp_tests;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;

namespace {

/// busybox httpd over a folder of files and a CGI script. It closes after every answer.
class Busybox {
 public:
  Busybox()
      : prepared_(prepare()),
        process_("busybox httpd", folder_ / "log", [this](std::uint16_t port) {
          return std::vector<std::string>{
              find_program({"busybox"}, "busybox"), "httpd", "-f",           "-p",
              "127.0.0.1:" + std::to_string(port),  "-h",    folder_ / "www"};
        }) {}

  std::string url(std::string_view path) const { return process_.url(path); }
  const std::string text = numbered_lines(20'000);

 private:
  bool prepare() {
    namespace fs = std::filesystem;
    fs::create_directories(folder_ / "www/cgi-bin");
    fs::create_directories(folder_ / "www/folder");
    folder_.write("www/hello.txt", "hello from busybox");
    folder_.write("www/large.txt", text);
    folder_.write("www/folder/index.html", "<p>index</p>");
    fs::copy_file(server_file("echo.cgi"), folder_ / "www/cgi-bin/echo");
    fs::permissions(folder_ / "www/cgi-bin/echo", fs::perms::owner_all | fs::perms::others_read);
    return true;
  }
  const TemporaryFolder folder_;
  const bool prepared_;
  const ServerProcess process_;
};

/// One for all tests: none of them changes what another one sees.
const Busybox& busybox() {
  static const Busybox server;
  return server;
}

}  // namespace

TEST_SUITE("integration/real_servers/busybox") {
  TEST_CASE_TEMPLATE("GET, HEAD and an unknown path", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, busybox().url("/hello.txt"));
    CHECK(response.code() == 200);
    CHECK(response.body().content_length() == 18);
    CHECK(response.body().string() == "hello from busybox");
    CHECK(body_of(client, busybox().url("/large.txt")) == busybox().text);
    check_head(client, busybox().url("/hello.txt"), 18);
    CHECK(execute(client, busybox().url("/nowhere")).code() == 404);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("parts of a file, and a redirect to a folder's name with its slash", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Request part =
        Request::Builder().url(busybox().url("/hello.txt")).header("Range", "bytes=6-9").build();
    const Response partial = client.new_call(part).execute();
    CHECK(partial.code() == 206);
    CHECK(partial.body().string() == "from");
    const Response folder = execute(client, busybox().url("/folder"));
    CHECK(folder.body().string() == "<p>index</p>");
    CHECK(folder.request().url().to_string() == busybox().url("/folder/"));
  }

  TEST_CASE_TEMPLATE("POST to a script whose answer ends with its connection", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const std::string url = busybox().url("/cgi-bin/echo");
    const Response response = client.new_call(post_request(url, "to a script")).execute();
    CHECK(response.code() == 200);
    CHECK(response.header("X-Method") == "POST");
    CHECK(response.header("Content-Type") == "text/plain; charset=utf-8");
    CHECK(response.body().content_length() == -1);
    CHECK(response.body().string() == "to a script");
    CHECK(client.new_call(post_request(url, "")).execute().body().string().empty());
    CHECK(execute(client, url).header("X-Method") == "GET");
    CHECK(client.new_call(post_request(url, busybox().text)).execute().body().string() ==
          busybox().text);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("concurrent calls", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    check_concurrent(client, busybox().url("/hello.txt"), "hello from busybox");
  }

}  // TEST_SUITE

}  // namespace real_servers_busybox_test
