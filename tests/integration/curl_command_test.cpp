// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/curl_command.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace curl_command_test {

using namespace okhttp_tests;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;

namespace {

/// Every header that is neither the connection's nor put there by curl or by the client on its own.
std::string own_headers(const RecordedRequest& request) {
  std::string all;
  for (const okhttp::Header& header : request.headers()) {
    const bool is_automatic =
        header.name == "Host" || header.name == "Connection" ||
        (header.name == "User-Agent" &&
         (header.value.starts_with("curl/") || header.value.starts_with("okhttp"))) ||
        (header.name == "Accept" && header.value == "*/*") ||
        (header.name == "Accept-Encoding" && header.value.find("gzip") != std::string_view::npos);
    if (!is_automatic)
      all.append(okhttp::ascii::lowered(header.name)).append(": ").append(header.value).append("\n");
  }
  return all;
}

// What was asked, with the headers in an order that does not depend on who sent them.
std::string asked(const RecordedRequest& request) {
  std::vector<std::string> lines;
  std::string headers = own_headers(request);
  for (std::size_t end; (end = headers.find('\n')) != std::string::npos; headers.erase(0, end + 1))
    lines.push_back(headers.substr(0, end));
  std::sort(lines.begin(), lines.end());
  std::string all = request.method() + ' ' + request.target() + '\n';
  for (const std::string& line : lines) all.append(line).append("\n");
  return all + request.body();
}

struct Asked {
  MockWebServer server;
  TemporaryFolder folder;
  okhttp::Client client;

  std::string by_client(const Request& request) {
    server.enqueue(MockResponse());
    const okhttp::Result<okhttp::Response> response = client.new_call(request).try_execute();
    REQUIRE_MESSAGE(response, response.error().message());
    return asked(server.take_request());
  }
  std::string by_curl(const char* shell, const std::string& command) {
    server.enqueue(MockResponse());
    // From a file, as a command may be longer than an argument of a program.
    folder.write("command", command);
    folder.write("log", "");
    Process process({shell, folder / "command"}, folder / "log");
    REQUIRE(process.wait_for_end(20000));
    const auto request = server.take_request(std::chrono::seconds(5));
    REQUIRE_MESSAGE(request, folder.read("log"));
    return asked(*request);
  }
};

}  // namespace

TEST_SUITE("integration/curl_command") {
  TEST_CASE("the command of a request makes curl ask what the client asks, in dash and in bash") {
    Asked both;
    const okhttp::HttpUrl url = both.server.url("/a?b={c}&d='e'&f=[1]");
    std::string every_byte;
    for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
    every_byte += every_byte + "%s%%\\0123";
    const auto at = [&] { return Request::Builder().url(url); };
    const Request requests[] = {
        at().build(),
        at().head().build(),
        at().method("DELETE").build(),
        at().delete_().build(),
        at().method("PRO'PFIND")
            .header("X", "it's $HOME `id` \"q\" \\ !! \t ^")
            .add_header("X", "2")
            .add_header("E", "")
            .build(),
        at().header("User-Agent", "me").header("Authorization", "Basic dTpw").header("Cookie", "a=b; c=d").build(),
        at().post(RequestBody::create("")).build(),
        at().post(RequestBody::create("@/etc/hostname")).build(),
        at().put(RequestBody::create("{\"it's\": \"$HOME\\n\",\n \"caf\xC3\xA9\": 1}\n", "application/json"))
            .build(),
        at().post(RequestBody::create(every_byte, "application/octet-stream; charset=x")).build(),
        at().post(RequestBody::create("-n %d", "text/plain")).build(),
        at().post(RequestBody::create(std::string(200000, 'x'))).build(),
    };
    for (const Request& request : requests) {
      const std::string command = okhttp::to_curl(request);
      CAPTURE(command.substr(0, 2000));
      const std::string wanted = both.by_client(request);
      for (const char* shell : {"/bin/sh", "/bin/bash"}) {
        CAPTURE(shell);
        CHECK_EQ(both.by_curl(shell, command), wanted);
      }
    }
  }

  TEST_CASE("a one-shot body comes from the command's standard input") {
    Asked both;
    const Request request =
        Request::Builder()
            .url(both.server.url("/"))
            .post(RequestBody::from_reader([](std::span<std::byte>) -> std::size_t { return 0; }, "a/b"))
            .build();
    CHECK_EQ(both.by_curl("/bin/sh", "echo from outside | " + okhttp::to_curl(request)),
             "POST /\ncontent-length: 13\ncontent-type: a/b\nfrom outside\n");
  }

  TEST_CASE("a form has the parts that curl gives it") {
    Asked both;
    const std::string at = both.server.url("/p").to_string();
    both.folder.write("a file.txt", "of a file\n");
    const std::string command =
        "curl -F a=b -F 'c=\"d;\\\"\";type=text/x;charset=utf-8' --form-string 'e=@f;type=g' -F "
        "'h=;filename=i.j' " +
        std::string("-F 'k=@") + (both.folder / "a file.txt") + ";type=text/x' " + at;
    const okhttp::Result<Request> request =
        okhttp::try_parse_curl(command, okhttp::CurlOptions().allow_files(true));
    REQUIRE_MESSAGE(request, request.error().message());
    // The boundary is another one each time, and so is the length.
    const auto normal = [](std::string text) {
      const std::size_t length = text.find("content-length: ");
      text.erase(length, text.find('\n', length) - length);
      const std::size_t begin = text.find("boundary=") + 9;
      const std::string boundary = text.substr(begin, text.find('\n', begin) - begin);
      for (std::size_t found; (found = text.find(boundary)) != std::string::npos;)
        text.replace(found, boundary.size(), "B");
      return text;
    };
    const std::string wanted = normal(both.by_curl("/bin/bash", command));
    CHECK_NE(wanted.find("of a file"), std::string::npos);
    CHECK_EQ(normal(both.by_client(*request)), wanted);
  }

  TEST_CASE("the request of a command asks what curl asks") {
    Asked both;
    const std::string at = both.server.url("/p").to_string();
    const std::string host = at.substr(7);
    for (const std::string& arguments : {
             at,
             host + " -sSLkvi --http1.1",
             "-X DELETE " + at,
             "-I " + at,
             "-d a=b -d 'c d' --data-binary 'e\nf' --data-raw @g " + at,
             "--data-urlencode 'a b+c' --data-urlencode '=d=e' --data-urlencode 'f=g&~h' " + at,
             "-G '" + at + "?x' -d a=b --data-urlencode 'c=d e'",
             "-G " + at + " -d a -I",
             "--json '{\"a\":' --json '1}' " + at,
             "--json '{}' -H 'Accept: a/b' -H 'content-type: c/d' " + at,
             "-d a -H Content-Type: " + at,
             "-d a -H 'Content-Type: b/c; d=e' -H 'E;' -H 'F:' " + at,
             "-u 'user:p:w' " + at,
             "http://user:p%3Aw@" + host,
             "-u a:b -H 'Authorization: Bearer t' " + at,
             "-A 'agent 1' -e 'http://r/;auto' -b 'a=b; c=d' " + at,
             "-A a -e b -b c=d -H 'User-Agent: e' -H 'Referer:' -H 'Cookie: f=g' " + at,
             "-sSXPUT -da -H'A:b' " + at,
             R"($'http://)" + host + R"(?it\x41=\101' -H $'X: it\'s')",
             "'" + at + R"(?\[1\]\{2\}')",
             "-g '" + at + "?[1]{2}'",
             "-X POST -H Content-Length:0 " + at,
             "-s -- " + at,
             "\"" + at + "?a\\$b\" -H \"X: a\\\\b\\c\"",
         }) {
      const std::string command = "curl " + arguments;
      CAPTURE(command);
      const okhttp::Result<Request> request = okhttp::try_parse_curl(command);
      REQUIRE_MESSAGE(request, request.error().message());
      CHECK_EQ(both.by_client(*request), both.by_curl("/bin/bash", command));
    }
  }
}

}  // namespace curl_command_test
