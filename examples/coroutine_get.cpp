// SPDX-License-Identifier: Apache-2.0
// A `try` around `co_await` does not see a failure: a coroutine that awaits a failed task ends
// there with the same error, and its destructors run, but no catch block does. Look at the failure
// with `co_await std::move(task).outcome()`, or ask for an exception with `.or_throw()`. On an
// event loop the three calls below wait at the same time, on one thread.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

okhttp::Task<std::string> fetch(const okhttp::EventLoopClient& client, okhttp::Request request) {
  okhttp::Response response = co_await client.new_call(request).async_execute();
  std::string text = co_await response.body().async_string();
  co_return text;
}

okhttp::Task<void> fetch_all(const okhttp::EventLoopClient& client,
                             std::vector<okhttp::Request> requests) {
  std::vector<okhttp::Task<std::string>> tasks;
  for (okhttp::Request& request : requests) tasks.push_back(fetch(client, std::move(request)));
  std::vector<okhttp::Result<std::string>> pages = co_await okhttp::when_all(std::move(tasks));
  for (const okhttp::Result<std::string>& page : pages)
    std::cout << (page ? *page : "failed: " + page.error().message()) << '\n';
}

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    return okhttp::MockResponse()
        .headers_delay(std::chrono::milliseconds(50))
        .body("this is " + request.target());
  });
  std::vector<okhttp::Request> requests;
  for (const char* path : {"/one", "/two", "/three"})
    requests.push_back(
        okhttp::Request::Builder().url(argc > 1 ? argv[1] : server.url(path).to_string()).build());
  requests.push_back(okhttp::Request::Builder().url("http://does-not-exist.invalid/").build());

  okhttp::EventLoopClient client;
  client.run(fetch_all(client, std::move(requests)));
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
