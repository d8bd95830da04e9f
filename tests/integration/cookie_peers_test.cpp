// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/file_cookie_jar.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace cookie_peers_test {

// A cookies.txt goes from this library to curl and to Python, and back.

using okhttp::Cookie;
using okhttp::FileCookieJar;
using okhttp::HttpUrl;
using okhttp::MockResponse;
using okhttp::MockWebServer;

namespace {

/// Runs a program to its end and gives what it prints.
std::string output_of(const TemporaryFolder& folder, std::vector<std::string> command) {
  constexpr int patience_ms = 60'000;
  const std::string log = folder / "output";
  {
    okhttp_tests::Process process(std::move(command), log);
    CHECK(process.wait_for_end(patience_ms));
  }
  std::ifstream file(log, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string shown(const std::vector<Cookie>& cookies) {
  std::string text;
  for (const Cookie& cookie : cookies) text += std::string(cookie.domain()) + ": " + cookie.to_string() + "\n";
  return text;
}

Cookie persistent(std::string_view name, std::string_view value) {
  return Cookie::Builder()
      .name(name)
      .value(value)
      .host_only_domain("127.0.0.1")
      .expires_at(std::chrono::sys_seconds(std::chrono::seconds(4'102'444'800)))  // 2100
      .build();
}

}  // namespace

TEST_SUITE("integration/cookie_peers") {

TEST_CASE("curl sends the cookies of our file, and we have those it adds") {
  const std::string curl = okhttp_tests::find_program({"curl"}, "curl");
  const TemporaryFolder folder;
  const std::string path = folder / "cookies.txt";
  MockWebServer server;
  {
    FileCookieJar jar(path);
    const HttpUrl url = server.url();
    jar.add(persistent("kept", "a \"b\""));
    jar.save_from_response(url, {*Cookie::parse(url, "session=1; HttpOnly"), *Cookie::parse(url, "other=1; Path=/other"),
                                 *Cookie::parse(url, "empty=")});
    jar.add(Cookie::Builder().name("stranger").domain("example.com").build());
  }
  server.enqueue(MockResponse()
                     .add_header("Set-Cookie", "session=2; HttpOnly")
                     .add_header("Set-Cookie", "new=3; Path=/new; Expires=Fri, 01 Jan 2038 00:00:00 GMT"));
  output_of(folder, {curl, "-sS", "--noproxy", "*", "-b", path, "-c", path, server.url().to_string()});
  const std::string sent(server.take_request().header("Cookie").value_or("-"));
  CAPTURE(sent);
  for (const char* const pair : {"kept=a \"b\"", "session=1", "empty="}) CHECK(sent.find(pair) != std::string::npos);
  CHECK(sent.find("other") == std::string::npos);
  CHECK(sent.find("stranger") == std::string::npos);

  const FileCookieJar jar(path);
  CHECK(jar.unreadable_lines() == 0);
  const std::string kept = shown(jar.all());
  CAPTURE(kept);
  CHECK(jar.all().size() == 6);
  for (const char* const line :
       {"127.0.0.1: kept=a \"b\"; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/\n", "127.0.0.1: session=2; Path=/; HttpOnly\n",
        "127.0.0.1: other=1; Path=/other\n", "127.0.0.1: empty=; Path=/\n", "127.0.0.1: new=3; Expires=",
        "example.com: stranger=; Domain=example.com; Path=/\n"})
    CHECK(kept.find(line) != std::string::npos);
}

// Python takes the 0 of a session cookie for a date, and has to be told to keep what has expired.
TEST_CASE("Python's MozillaCookieJar reads our file, and we read the one it writes") {
  const std::string python = okhttp_tests::find_program({"python3"}, "python3");
  const TemporaryFolder folder;
  FileCookieJar jar(folder / "ours.txt");
  jar.add(persistent("kept", "1"));
  jar.add(Cookie::Builder().name("session").value("2").domain("example.com").secure().http_only().path("/x").build());
  const std::string output = output_of(
      folder, {python, "-c",
               "import http.cookiejar, sys\n"
               "jar = http.cookiejar.MozillaCookieJar(sys.argv[1])\n"
               "jar.load(ignore_discard=True, ignore_expires=True)\n"
               "for c in sorted(jar, key=lambda c: c.name):\n"
               "    print(c.name, c.value, c.domain, c.domain_specified, c.path, c.secure, c.expires)\n"
               "jar.save(sys.argv[2], ignore_discard=True, ignore_expires=True)\n",
               folder / "ours.txt", folder / "theirs.txt"});
  CHECK(output ==
        "kept 1 127.0.0.1 False / False 4102444800\n"
        "session 2 .example.com True /x True 0\n");
  const FileCookieJar theirs(folder / "theirs.txt");
  CHECK(theirs.unreadable_lines() == 0);
  CHECK(theirs.all().size() == 2);
  const std::string kept = shown(theirs.all());
  for (const Cookie& cookie : jar.all()) CHECK(kept.find(cookie.to_string()) != std::string::npos);
}

}  // TEST_SUITE

}  // namespace cookie_peers_test
