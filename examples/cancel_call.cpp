// SPDX-License-Identifier: Apache-2.0
// cancel() may be called from any thread, at any time: whatever the call is waiting for, it ends at
// once with Errc::canceled. Here the main thread executes the call and another one loses patience.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  okhttp::MockWebServer server;  // answers when no URL is given, after a minute
  server.enqueue(okhttp::MockResponse().headers_delay(1min).body("too late"));
  const std::string url = argc > 1 ? argv[1] : server.url("/slow").to_string();

  okhttp::Client client;
  okhttp::Call call = client.new_call(okhttp::Request::Builder().url(url).build());
  std::thread impatient([call] {
    std::this_thread::sleep_for(100ms);
    call.cancel();
  });
  const okhttp::Result<okhttp::Response> result = call.try_execute();
  impatient.join();

  if (result) {
    std::cout << "it was faster: " << result->code() << '\n';
  } else if (result.error() == okhttp::Errc::canceled) {
    std::cout << "gave up: " << result.error().message() << '\n';
  } else {
    std::cerr << result.error().message() << '\n';
    return 1;
  }
}
