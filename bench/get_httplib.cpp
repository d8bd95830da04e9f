// SPDX-License-Identifier: Apache-2.0

// The smallest GET with cpp-httplib; bench/compile_time measures how long it takes to build.

#include <httplib.h>

#include <cstdio>

int main(int, char** argv) {
  httplib::Client client(argv[1]);  // the origin
  const httplib::Result result = client.Get("/");
  if (!result) return 1;
  std::fwrite(result->body.data(), 1, result->body.size(), stdout);
}
