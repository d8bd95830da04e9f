// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_DATE_IPP
#define OKHTTP_MESSAGE_COOKIE_DATE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/cookie_date.hpp>

#if OKHTTP_BODIES

#include <chrono>
#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

inline constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

// The grammar's non-delimiters: digits, ':', letters, controls other than tab, and what is above ASCII.
constexpr bool is_cookie_date_delimiter(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2F) || (byte >= 0x3B && byte <= 0x40) ||
         (byte >= 0x5B && byte <= 0x60) || (byte >= 0x7B && byte <= 0x7E);
}

/// Reads the digits that `token` begins with: `least` to `most` of them and no more. Takes them away.
constexpr bool take_number(std::string_view& token, std::size_t least, std::size_t most, unsigned& out) noexcept {
  std::size_t count = 0;
  unsigned value = 0;
  while (count < token.size() && ascii::is_digit(token[count])) {
    if (count == most) return false;
    value = value * 10 + static_cast<unsigned>(token[count++] - '0');
  }
  if (count < least) return false;
  token.remove_prefix(count);
  out = value;
  return true;
}

constexpr bool take_colon(std::string_view& token) noexcept {
  if (token.empty() || token.front() != ':') return false;
  token.remove_prefix(1);
  return true;
}

}  // namespace detail

OKHTTP_DECL std::optional<std::int64_t> parse_cookie_date(std::string_view text) noexcept {
  using namespace detail;
  bool found_time = false, found_day = false, found_month = false, found_year = false;
  unsigned hour = 0, minute = 0, second = 0, day = 0, month = 0, year = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (is_cookie_date_delimiter(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_cookie_date_delimiter(text[end])) ++end;
    const std::string_view token = text.substr(i, end - i);
    i = end;
    std::string_view rest = token;
    if (unsigned h = 0, m = 0, s = 0; !found_time && take_number(rest, 1, 2, h) && take_colon(rest) &&
                                      take_number(rest, 1, 2, m) && take_colon(rest) && take_number(rest, 1, 2, s)) {
      found_time = true;
      hour = h;
      minute = m;
      second = s;
      continue;
    }
    rest = token;
    if (!found_day && take_number(rest, 1, 2, day)) {
      found_day = true;
      continue;
    }
    if (!found_month && token.size() >= 3) {
      for (unsigned m = 0; m < 12 && !found_month; ++m)
        if (ascii::iequals(token.substr(0, 3), month_names.substr(m * 3, 3))) {
          found_month = true;
          month = m + 1;
        }
      if (found_month) continue;
    }
    rest = token;
    if (!found_year && take_number(rest, 2, 4, year)) found_year = true;
  }
  if (!found_time || !found_day || !found_month || !found_year) return std::nullopt;
  if (year <= 69)
    year += 2000;
  else if (year <= 99)
    year += 1900;
  if (year < 1601 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_COOKIE_DATE_IPP
