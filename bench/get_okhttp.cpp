// SPDX-License-Identifier: Apache-2.0

// The smallest GET with this library; bench/compile_time measures how long it takes to build.

#include "okhttp.hpp"

#include <cstdio>

int main(int, char** argv) {
  const std::string body = okhttp::get(argv[1]).body().string();
  std::fwrite(body.data(), 1, body.size(), stdout);
}
