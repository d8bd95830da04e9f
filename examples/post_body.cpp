// SPDX-License-Identifier: Apache-2.0
// Sends text with its media type. The body lies in memory, so its length is sent with it, and the
// request can be sent again where that is safe. from_file(path, type) does the same for a file.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    return okhttp::MockResponse()
        .code(201)
        .header("Location", "/notes/1")
        .body("noted: " + request.body());
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/notes").to_string();

  okhttp::Client client;
  okhttp::Request request =
      okhttp::Request::Builder()
          .url(url)
          .post(okhttp::RequestBody::create(R"({"text":"buy milk"})", "application/json"))
          .build();
  okhttp::Response response = client.new_call(request).execute();
  std::cout << response.code() << ' ' << response.header("Location").value_or("-") << '\n'
            << response.body().string() << '\n';
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
