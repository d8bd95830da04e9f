// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ASCII_HPP
#define OKHTTP_BASE_ASCII_HPP

#include <okhttp/base/char_class.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// ASCII rules that HTTP and URLs share. None depends on the locale.

OKHTTP_NAMESPACE_BEGIN
namespace ascii {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) noexcept { return is_upper(c) || is_lower(c); }
constexpr char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c + 32) : c; }

/// The value of a hex digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A character of a token (RFC 9110, 5.6.2): header names, methods, directive names.
constexpr bool is_token_char(char c) noexcept { return has_class(c, token_char); }
constexpr bool is_token(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (char c : text)
    if (!is_token_char(c)) return false;
  return true;
}

/// Equal but for the case of ASCII letters.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // mostly both are spelled alike
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Without the spaces and tabs at both ends (OWS, RFC 9110, 5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

inline std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

/// Reads decimal digits only. False, and `out` untouched, when empty, not all digits, or too big.
constexpr bool parse_decimal(std::string_view text, std::uint64_t& out) noexcept {
  if (text.empty()) return false;
  std::uint64_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  out = value;
  return true;
}

/// Calls `each(std::string_view)` for every trimmed, non-empty member of a comma-separated list
/// (RFC 9110, 5.6.1). Quoted strings are not looked into.
template <class F>
constexpr void for_each_list_member(std::string_view list, F&& each) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view member = trim(list.substr(0, comma));
    if (!member.empty()) each(member);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// True when a comma-separated list has this token, whatever its case.
constexpr bool list_contains(std::string_view list, std::string_view token) noexcept {
  bool found = false;
  for_each_list_member(
      list, [&](std::string_view member) { found = found || iequals(member, token); });
  return found;
}

}  // namespace ascii
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_ASCII_HPP
