// SPDX-License-Identifier: Apache-2.0
// The program of docs/curl_commands.md.
#include "okhttp.hpp"

#include <cstdio>
#include <string>

int main() {
  okhttp::Request request = okhttp::Request::Builder()
                                .url("https://host/")
                                .header("Authorization", "Bearer t0ken")
                                .put(okhttp::RequestBody::create("it's", "text/plain"))
                                .build();
  std::string command = okhttp::to_curl(request);  // curl 'https://host/' -X PUT -H 'Content-Type: text/plain' --data-raw 'it'\''s'
  std::string shown = okhttp::to_curl(request, okhttp::CurlOptions().redact(true));  // for others to see
  okhttp::Request again = okhttp::parse_curl("curl 'https://host/api' -H 'Accept: application/json' --data-raw '{\"a\":1}'");

  const bool holds = command.find("'it'\\''s'") != std::string::npos && command.find("t0ken") != std::string::npos &&
                     shown.find("t0ken") == std::string::npos && again.method() == "POST" &&
                     again.header("Accept") == "application/json" && okhttp::try_parse_curl(command).has_value();
  std::puts(holds ? "ok" : "does not hold");
  return holds ? 0 : 1;
}
