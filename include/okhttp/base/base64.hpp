// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_BASE64_HPP
#define OKHTTP_BASE_BASE64_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Base64 and base64url (RFC 4648, 4 and 5). The span forms below write into memory of the caller
// and work in constant expressions.

OKHTTP_NAMESPACE_BEGIN
namespace base64 {

/// The characters that `size` bytes take, padding included.
constexpr std::size_t encoded_size(std::size_t size) noexcept { return (size + 2) / 3 * 4; }
/// At least the bytes that `size` characters give.
constexpr std::size_t max_decoded_size(std::size_t size) noexcept {
  return size / 4 * 3 + size % 4 * 3 / 4;
}

inline constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes `bytes` with padding into `out`, which has room for encoded_size() characters; returns
/// how many it wrote.
constexpr std::size_t encode_into(std::string_view bytes,
                                  std::span<char> out,
                                  std::string_view digits = alphabet) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) : 0U;
  };
  std::size_t written = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    const std::size_t left = bytes.size() - i;
    out[written++] = digits[group >> 18];
    out[written++] = digits[group >> 12 & 63];
    out[written++] = left > 1 ? digits[group >> 6 & 63] : '=';
    out[written++] = left > 2 ? digits[group & 63] : '=';
  }
  return written;
}

/// The value of a digit of either alphabet, or -1.
constexpr int digit_value(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

/// Reads either alphabet into `out`, which has room for max_decoded_size() bytes; returns how many
/// it wrote. Padding may be missing but not be wrong. Empty for anything else that no encoder
/// writes: other characters (blanks too), one digit left over, bits left over that are not 0.
constexpr std::optional<std::size_t> decode_into(std::string_view text,
                                                 std::span<char> out) noexcept {
  if (text.size() % 4 == 0 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    if (text.back() == '=') text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::size_t written = 0;
  unsigned group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const int value = digit_value(c);
    if (value < 0) return std::nullopt;
    group = group << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[written++] = static_cast<char>(static_cast<unsigned char>(group >> bits & 0xFF));
      group &= (1U << bits) - 1;
    }
  }
  if (group != 0) return std::nullopt;
  return written;
}

/// `bytes` in base64 with padding.
inline std::string encode(std::string_view bytes) {
  std::string text(encoded_size(bytes.size()), '=');
  encode_into(bytes, text);
  return text;
}
inline std::string encode(std::span<const std::byte> bytes) {
  return encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// `bytes` in base64url without padding.
inline std::string encode_url(std::string_view bytes) {
  std::string text(encoded_size(bytes.size()), '=');
  encode_into(bytes, text, url_alphabet);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

/// The bytes that `text` stands for; empty when it is not base64 (see decode_into).
inline std::optional<std::string> decode(std::string_view text) {
  std::string bytes(max_decoded_size(text.size()), '\0');
  const std::optional<std::size_t> size = decode_into(text, bytes);
  if (!size) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

}  // namespace base64
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_BASE64_HPP
