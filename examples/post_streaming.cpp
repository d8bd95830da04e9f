// SPDX-License-Identifier: Apache-2.0
// A body that is made while it is sent: the reader fills the span it is given and says how much; 0
// ends the body. Nobody knows the length before, so it goes out chunked, and it can be sent once
// only.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iostream>
#include <span>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    return okhttp::MockResponse().body(std::to_string(request.body().size()) + " bytes arrived\n");
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/upload").to_string();

  int number = 0;
  std::string line;
  okhttp::RequestBody numbers = okhttp::RequestBody::from_reader(
      [&](std::span<std::byte> into) -> std::size_t {
        if (line.empty() && number < 100000) line = std::to_string(++number) + '\n';
        const std::size_t size = std::min(line.size(), into.size());
        std::memcpy(into.data(), line.data(), size);
        line.erase(0, size);
        return size;
      },
      "text/plain");

  okhttp::Client client;
  okhttp::Request request = okhttp::Request::Builder().url(url).post(numbers).build();
  std::cout << client.new_call(request).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
