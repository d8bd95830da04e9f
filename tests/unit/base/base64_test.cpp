// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/base64.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

namespace base64_test {

namespace base64 = okhttp::base64;

namespace {
constexpr bool round_trips_at_compile_time() {
  std::array<char, 8> text{};
  std::array<char, 6> bytes{};
  if (base64::encode_into("fooba", text) != 8) return false;
  if (std::string_view(text.data(), 8) != "Zm9vYmE=") return false;
  return base64::decode_into(std::string_view(text.data(), 8), bytes) == 5U && bytes[4] == 'a';
}
static_assert(round_trips_at_compile_time());
}  // namespace

TEST_SUITE("base/base64") {
  TEST_CASE("gives the vectors of RFC 4648 section 10 both ways") {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& vector : vectors) {
      CAPTURE(vector.first);
      CHECK(base64::encode(std::string_view(vector.first)) == vector.second);
      CHECK(base64::decode(vector.second) == std::string(vector.first));
    }
  }

  TEST_CASE("keeps every byte value at every position") {
    for (int value = 0; value < 256; ++value)
      for (std::size_t size = 1; size <= 4; ++size)
        for (std::size_t at = 0; at < size; ++at) {
          std::string bytes(size, 'x');
          bytes[at] = static_cast<char>(value);
          CHECK(base64::decode(base64::encode(std::string_view(bytes))) == bytes);
          CHECK(base64::decode(base64::encode_url(bytes)) == bytes);
        }
  }

  TEST_CASE("writes base64url without padding and reads both alphabets") {
    const std::string bytes = "\xFB\xFF\xFE\x01";
    CHECK(base64::encode(std::string_view(bytes)) == "+//+AQ==");
    CHECK(base64::encode_url(bytes) == "-__-AQ");
    CHECK(base64::decode("-__-AQ") == bytes);
    CHECK(base64::decode("+//+AQ") == bytes);
    const std::array<std::byte, 2> raw = {std::byte{0xFF}, std::byte{0}};
    CHECK(base64::encode(std::span<const std::byte>(raw)) == "/wA=");
  }

  TEST_CASE("refuses what no encoder writes") {
    for (const char* text : {"A", "A===", "=", "==", "====", "Zg=", "Zm9v=", "Zm9v====", "Zg==Zg==",
                             "Zm 9v", "Zm9v\n", "Zm9*", "Zh==", "Zm9=", "\xC3\xA4", "AAAAA"}) {
      CAPTURE(text);
      CHECK_FALSE(base64::decode(text));
    }
  }
}

}  // namespace base64_test
