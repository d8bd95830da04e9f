// SPDX-License-Identifier: Apache-2.0
// connect, read and write timeouts bound one wait each and start anew with every byte; the call
// timeout bounds everything from the first lookup to the last byte of the body. new_builder() makes
// a client with other settings that shares connections and threads with the first. A single call has
// timeouts of its own, or an interceptor's.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

okhttp::Task<okhttp::Response> patient_reports(okhttp::Chain& chain) {
  if (!chain.request().url().path().starts_with("/report")) return chain.proceed(chain.request());
  return chain.with_read_timeout(5min).with_retry_on_connection_failure(false).proceed(chain.request());
}

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given, after 200 ms
  server.dispatcher([](const okhttp::RecordedRequest&) {
    return okhttp::MockResponse().headers_delay(200ms).body("here it is\n");
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/slow").to_string();
  const okhttp::Request request = okhttp::Request::Builder().url(url).build();

  const auto hasty = okhttp::Client::Builder()
                         .connect_timeout(5s).read_timeout(50ms).add_interceptor(&patient_reports).build();
  const okhttp::Result<okhttp::Response> result = hasty.new_call(request).try_execute();
  if (!result && result.error() == okhttp::Errc::read_timeout)
    std::cout << "too slow: " << result.error().message() << '\n';

  const auto patient = hasty.new_builder().read_timeout(30s).call_timeout(2min).build();
  std::cout << patient.new_call(request).call_timeout(1min).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
