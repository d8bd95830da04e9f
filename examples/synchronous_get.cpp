// SPDX-License-Identifier: Apache-2.0
// A page, and what came with it. execute() waits for the head of the response, string() for the
// rest. A status such as 404 is a response; only when there is no response an exception is thrown.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.enqueue(
      okhttp::MockResponse().header("Content-Type", "text/plain").body("Hello, world!\n"));
  const std::string url = argc > 1 ? argv[1] : server.url("/hello").to_string();

  okhttp::Client client;
  okhttp::Request request = okhttp::Request::Builder().url(url).build();
  okhttp::Response response = client.new_call(request).execute();

  std::cout << response.code() << ' ' << response.message() << '\n';
  for (auto [name, value] : response.headers()) std::cout << name << ": " << value << '\n';
  std::cout << '\n' << response.body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
