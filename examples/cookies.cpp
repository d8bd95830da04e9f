// SPDX-License-Identifier: Apache-2.0
// A client that keeps its cookies in a file: started again it is still known. curl -b cookies.txt sends them, too.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <memory>
#include <string>

int main(int argc, char** argv) {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    if (request.header("Cookie")) return okhttp::MockResponse().body("welcome back\n");
    return okhttp::MockResponse().header("Set-Cookie", "visitor=7; Max-Age=86400; Path=/").body("hello, stranger\n");
  });
  const std::string url = argc > 1 ? argv[1] : server.url().to_string();

  for (int start = 0; start < 2; ++start) {
    auto jar = std::make_shared<okhttp::FileCookieJar>("cookies.txt");
    const okhttp::Client client = okhttp::Client::Builder().cookie_jar(jar).build();
    const okhttp::Response response = client.new_call(okhttp::Request::Builder().url(url).build()).execute();
    std::cout << response.body().string();
    for (const okhttp::Cookie& cookie : jar->all()) std::cout << cookie.name() << " for " << cookie.domain() << '\n';
  }
}
