// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_HTTP_DATE_IPP
#define OKHTTP_BASE_HTTP_DATE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
  constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
  enum : unsigned { day, year, hour, minute, second, count };
  constexpr unsigned unknown = 10'000;  // more than four digits can say
  unsigned part[count] = {unknown, unknown, unknown, unknown, unknown};
  unsigned month = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    if (ascii::is_digit(text[i])) {
      unsigned value = 0;
      for (; i < text.size() && ascii::is_digit(text[i]); ++i) {
        if (i - begin == 4) return std::nullopt;
        value = value * 10 + static_cast<unsigned>(text[i] - '0');
      }
      const bool is_short = i - begin <= 2;
      const bool before_colon = i < text.size() && text[i] == ':';
      const bool after_colon = begin > 0 && text[begin - 1] == ':';
      unsigned* target = &part[year];
      if (before_colon || after_colon)
        target = &part[!after_colon ? hour : before_colon ? minute : second];
      else if (is_short && part[day] == unknown)
        target = &part[day];
      else if (is_short)
        value += value < 70 ? 2000 : 1900;
      if (*target != unknown) return std::nullopt;
      *target = value;
    } else if (ascii::is_alpha(text[i])) {
      while (i < text.size() && ascii::is_alpha(text[i])) ++i;
      if (i - begin < 3) continue;
      for (unsigned m = 0; m < 12; ++m)
        if (ascii::iequals(text.substr(begin, 3), months.substr(m * 3, 3))) {
          if (month != 0) return std::nullopt;
          month = m + 1;
        }
    } else {
      ++i;
    }
  }
  if (month == 0 || part[year] < 1601 || part[year] == unknown || part[hour] > 23 || part[minute] > 59 || part[second] > 60)
    return std::nullopt;
  const bool is_leap = part[year] % 4 == 0 && (part[year] % 100 != 0 || part[year] % 400 == 0);
  const unsigned days = month == 2 ? (is_leap ? 29 : 28) : 30 + ((month + (month > 7 ? 1 : 0)) & 1);
  if (part[day] == 0 || part[day] > days) return std::nullopt;
  // Years begin in March here, so that a leap day is the last of its year.
  const std::int64_t years = part[year] - (month <= 2 ? 1U : 0U);
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? 0U : 12U) - 3) + 2) / 5 + part[day] - 1;
  const std::int64_t since_1970 = years * 365 + years / 4 - years / 100 + years / 400 + day_of_year - 719'468;
  return ((since_1970 * 24 + part[hour]) * 60 + part[minute]) * 60 + part[second];
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_BASE_HTTP_DATE_IPP
