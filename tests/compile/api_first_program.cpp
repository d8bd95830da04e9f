// SPDX-License-Identifier: Apache-2.0
#include "okhttp.hpp"
#include <iostream>

int main() {
  std::cout << okhttp::get("https://example.com/").body().string();          // one line, shared default client

  okhttp::Client client;                                                      // thread-safe, shareable, cheap to copy
  okhttp::Request request = okhttp::Request::Builder()
      .url("https://example.com/search")
      .header("Accept", "text/html")
      .build();
  okhttp::Response response = client.new_call(request).execute();             // throws okhttp::Exception
  std::cout << response.code() << ' ' << response.message() << ' ' << to_string(response.protocol()) << '\n';
  std::cout << response.header("Content-Type").value_or("?") << '\n';         // std::optional<std::string_view>
  for (auto [name, value] : response.headers()) std::cout << name << ": " << value << '\n';
  if (response.is_successful()) std::cout << response.body().string();
}
