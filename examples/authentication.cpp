// SPDX-License-Identifier: Apache-2.0
// A server that asks who calls (401), and one that is busy (503). The client answers the one and waits for the other.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <chrono>
#include <iostream>
#include <optional>
#include <string>

using namespace std::chrono_literals;

std::optional<okhttp::Request> sign_in(const okhttp::Route*, const okhttp::Response& response) {
  if (response.request().header("Authorization")) return std::nullopt;  // tried already
  const std::string credentials = okhttp::Credentials::basic("user", "password");
  return response.request().new_builder().header("Authorization", credentials).build();
}

okhttp::RetryDecision twice(const okhttp::RetryAttempt& attempt) {
  if (attempt.error() == nullptr || attempt.count() == 2) return okhttp::RetryDecision::stop();
  return okhttp::RetryDecision::after(1s);
}

int main(int argc, char** argv) {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    if (request.exchange_index() == 0) return okhttp::MockResponse().code(503);
    if (request.header("Authorization")) return okhttp::MockResponse().body("hello, user");
    return okhttp::MockResponse().code(401).header("WWW-Authenticate", "Basic realm=\"house\"");
  });
  const std::string url = argc > 1 ? argv[1] : server.url().to_string();
  okhttp::DigestAuthenticator digest("user", "password");

  const okhttp::Client clients[] = {
      okhttp::Client::Builder().authenticator(sign_in).retry_policy(okhttp::ExponentialBackoff()).build(),
      okhttp::Client::Builder().authenticator(digest).add_network_interceptor(digest).build(),
      okhttp::Client::Builder().retry_policy(twice).build(),
  };
  for (const okhttp::Client& client : clients) {
    const okhttp::Result<okhttp::Response> response = client.new_call(okhttp::Request::Builder().url(url).build()).try_execute();
    std::cout << (response ? std::to_string(response->code()) : response.error().message()) << '\n';
  }
}
