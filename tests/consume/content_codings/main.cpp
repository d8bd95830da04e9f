// SPDX-License-Identifier: Apache-2.0
// A client that takes brotli and zstd, in a project that asked CMake for them.
#include "okhttp.hpp"

#include <array>
#include <iostream>
#include <string>
#include <string_view>

using Codings = okhttp::Compression<okhttp::Gzip, okhttp::Brotli, okhttp::Zstd>;
static_assert(Codings::encodings == "gzip, br, zstd");

namespace {

bool is_hello(std::string_view name, std::string_view coded) {
  std::array<std::byte, 100> room{};
  const auto decoder = Codings::make_decoder(name);
  const auto decoded = decoder->decode(std::as_bytes(std::span(coded)), room);
  if (!decoded || !decoder->finish()) return false;
  const std::string_view text(reinterpret_cast<const char*>(room.data()), decoded->produced);
  std::cout << name << ": " << text << '\n';
  return text == "hello";
}

}  // namespace

int main() {
  const okhttp::BasicClient<Codings> client;
  const bool has_brotli = is_hello("br", std::string_view("\x0B\x02\x80hello\x03", 9));
  const bool has_zstd = is_hello("zstd", std::string_view("\x28\xB5\x2F\xFD\x20\x05\x29\0\0hello", 14));
  return has_brotli && has_zstd ? 0 : 1;
}
