// SPDX-License-Identifier: Apache-2.0
// The client for small devices: no exceptions, no RTTI, no thread, no TLS, no zlib, no iostreams.
//   g++ -std=c++20 -Os -s -fno-exceptions -fno-rtti -DOKHTTP_THREADS=0 -DOKHTTP_TLS=0
//       -DOKHTTP_ZLIB=0 -DOKHTTP_FILES=0 -Wl,--as-needed tiny.cpp
// Without exceptions only the try_ functions exist; each returns a Result.
#include "okhttp.hpp"

#include <cstddef>
#include <cstdio>

namespace {

// Prints the page and returns what went wrong, if anything did.
okhttp::Result<void> print_page(const char* url) {
  okhttp::Result<okhttp::Request> request = okhttp::Request::Builder().url(url).try_build();
  if (!request) return request.error();
  const okhttp::TinyClient client;
  okhttp::Result<okhttp::Response> response = client.new_call(*request).try_execute();
  if (!response) return response.error();

  char buffer[4096];
  while (true) {
    okhttp::Result<std::size_t> count = response->body().try_read(buffer);
    if (!count) return count.error();
    if (*count == 0) return {};
    std::fwrite(buffer, 1, *count, stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tiny URL\n");
    return 2;
  }
  const okhttp::Result<void> printed = print_page(argv[1]);
  if (printed) return 0;
  std::fprintf(stderr, "tiny: %s\n", printed.error().message().c_str());
  return 1;
}
