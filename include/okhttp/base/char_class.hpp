// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_CHAR_CLASS_HPP
#define OKHTTP_BASE_CHAR_CLASS_HPP

#include <okhttp/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Which bytes may stand where in a message, as one table.

OKHTTP_NAMESPACE_BEGIN
namespace ascii {

enum CharClass : std::uint8_t {
  /// tchar of RFC 9110, 5.6.2.
  token_char = 1,
  /// What a field value or reason phrase may hold (RFC 9110, 5.5): blank, tab, VCHAR, obs-text.
  value_char = 2,
  /// What a request target may hold: VCHAR. RFC 3986 allows less, but more is harmless here.
  target_char = 4,
  /// What a value without quotes may hold where the peer is read leniently: visible characters and obs-text
  /// without `"`, `,` and `;`.
  bare_value_char = 8,
  /// The same where parameters stand between commas and values in front of `=`: without `"`, `,` and `=`.
  auth_value_char = 16,
  /// What a token68 may hold in front of its `=` (RFC 9110, 11.2), and what tokens may.
  token68_char = 32,
};

inline constexpr std::array<std::uint8_t, 256> char_classes = [] {
  constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto c = static_cast<char>(i);
    unsigned bits = 0;
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
        (c != '\0' && token_marks.find(c) != std::string_view::npos))
      bits |= token_char;
    if (i == '\t' || (i >= 0x20 && i != 0x7F)) bits |= value_char;
    if (i >= 0x21 && i <= 0x7E) bits |= target_char;
    if (i >= 0x21 && i != 0x7F && c != '"' && c != ',' && c != ';') bits |= bare_value_char;
    if (i >= 0x21 && i != 0x7F && c != '"' && c != ',' && c != '=') bits |= auth_value_char;
    if ((bits & token_char) != 0 || c == '/') bits |= token68_char;
    classes[i] = static_cast<std::uint8_t>(bits);
  }
  return classes;
}();

constexpr bool has_class(char c, CharClass wanted) noexcept {
  return (char_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// The first byte in [p, end) that is no token_char, else `end`.
inline const char* skip_token_chars(const char* p, const char* end) noexcept {
  const auto classes = [](char c) -> unsigned { return char_classes[static_cast<unsigned char>(c)]; };
  while (end - p >= 4) {
    if ((classes(p[0]) & classes(p[1]) & classes(p[2]) & classes(p[3]) & token_char) == 0) break;
    p += 4;
  }
  while (p != end && has_class(*p, token_char)) ++p;
  return p;
}

/// The first byte in [p, end) that is no value_char, else `end`.
inline const char* skip_value_chars(const char* p, const char* end) noexcept {
  // Eight bytes at a time: `below` marks bytes under 0x20 and `del` bytes equal to 0x7F. A mark may
  // be wrong only above a right one, so no mark at all means eight good bytes.
  constexpr std::uint64_t ones = 0x0101010101010101U;
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t flipped = word ^ (ones * 0x7F);
    const std::uint64_t below = (word - ones * 0x20) & ~word;
    const std::uint64_t del = (flipped - ones) & ~flipped;
    if (((below | del) & (ones * 0x80)) != 0) break;
    p += 8;
  }
  while (p != end && has_class(*p, value_char)) ++p;
  // A tab stops the fast loop; it is rare, so the rest may go byte by byte.
  return p;
}

}  // namespace ascii
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_CHAR_CLASS_HPP
