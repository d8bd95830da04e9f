// SPDX-License-Identifier: Apache-2.0
// An interceptor is any callable Task<Response>(Chain&). An application interceptor sees each call
// once; a network interceptor sees each trip to a server, here the redirect, too. One that only
// changes the request needs no coroutine keyword.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    if (request.path() == "/old")
      return okhttp::MockResponse().code(301).header("Location", "/new");
    return okhttp::MockResponse().body(
        "for " + std::string(request.header("X-Client").value_or("?")) + '\n');
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/old").to_string();

  const auto client =
      okhttp::Client::Builder()
          .add_interceptor([](okhttp::Chain& chain) {
            return chain.proceed(
                chain.request().new_builder().header("X-Client", "interceptor.cpp").build());
          })
          .add_network_interceptor([](okhttp::Chain& chain) -> okhttp::Task<okhttp::Response> {
            okhttp::Response response = co_await chain.proceed(chain.request());
            std::cout << response.request().url() << " -> " << response.code() << '\n';
            co_return response;
          })
          .build();
  std::cout
      << client.new_call(okhttp::Request::Builder().url(url).build()).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
