// SPDX-License-Identifier: Apache-2.0
// Calls that nobody waits for: enqueue() returns at once, the callback runs on a thread of the
// dispatcher, exactly once, with the response or the error. Five calls to one host run at a time,
// 64 in all, unless the dispatcher is told otherwise; the others wait for their turn.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <mutex>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    return okhttp::MockResponse().body("this is " + request.target());
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/page").to_string();

  okhttp::Client client;
  std::mutex output;
  for (int page = 1; page <= 3; ++page) {
    okhttp::HttpUrl address = okhttp::HttpUrl::parse(url)
                                  .new_builder()
                                  .add_query_parameter("n", std::to_string(page))
                                  .build();
    okhttp::Request request = okhttp::Request::Builder().url(address).build();
    client.new_call(request).enqueue([&output, page](okhttp::Result<okhttp::Response> result) {
      okhttp::Result<std::string> text = result ? result->body().try_string() : result.error();
      const std::lock_guard lock(output);
      if (text)
        std::cout << "page " << page << ": " << *text << '\n';
      else
        std::cerr << "page " << page << ": " << text.error().message() << '\n';
    });
  }
  client.run_until_idle();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
