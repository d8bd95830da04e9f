// SPDX-License-Identifier: Apache-2.0
#include "okhttp.hpp"
#include <iostream>

int main() {
  okhttp::Client client;
  okhttp::Request request = okhttp::Request::Builder().url("https://example.com/").header("Accept", "text/html").build();
  okhttp::Response response = client.new_call(request).execute();
  std::cout << response.code() << ' ' << response.message() << '\n';
  for (auto [name, value] : response.headers()) std::cout << name << ": " << value << '\n';
  std::cout << response.body().string();
}
