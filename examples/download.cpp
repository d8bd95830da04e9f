// SPDX-License-Identifier: Apache-2.0
// download [URL [FILE]]: the body goes to a file as it comes, whatever its size. The file appears
// under its name when it is complete; a download that fails leaves nothing behind.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.enqueue(okhttp::MockResponse().body_repeated("0123456789abcde\n", 10'000'000));
  const std::string url = argc > 1 ? argv[1] : server.url("/numbers").to_string();
  const std::string file = argc > 2 ? argv[2] : "downloaded.txt";

  okhttp::Client client;
  okhttp::Response response =
      client.new_call(okhttp::Request::Builder().url(url).build()).execute();
  if (!response.is_successful()) {
    std::cerr << "the server says " << response.code() << '\n';
    return 1;
  }
  std::cout << response.body().save_to(file) << " bytes in " << file << '\n';
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
