// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_HTTP_DATE_IPP
#define OKHTTP_BASE_HTTP_DATE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::http_date {

inline constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
inline constexpr unsigned unknown = 10'000;  // more than four digits can say

struct Number {
  unsigned value = unknown;
  std::size_t digits = 0;  // 0: none
};

/// Takes a number of at most four digits off `text` at `i`; one with more has none.
OKHTTP_DECL Number take_number(std::string_view text, std::size_t& i) noexcept {
  const std::size_t begin = i;
  unsigned value = 0;
  for (; i < text.size() && ascii::is_digit(text[i]); ++i)
    if (i - begin < 4) value = value * 10 + static_cast<unsigned>(text[i] - '0');
  if (i == begin || i - begin > 4) return {};
  return {value, i - begin};
}

/// Takes `separator` and a number behind it. Nothing is taken if they are not there.
OKHTTP_DECL Number take_next_number(std::string_view text, std::size_t& i, char separator) noexcept {
  if (i + 1 >= text.size() || text[i] != separator || !ascii::is_digit(text[i + 1])) return {};
  ++i;
  return take_number(text, i);
}

class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  std::optional<std::int64_t> read() noexcept {
    while (!is_complete()) {
      if (at_ == text_.size()) return std::nullopt;
      if (ascii::is_digit(text_[at_])) {
        if (!take_numbers()) return std::nullopt;
      } else if (ascii::is_alpha(text_[at_])) {
        if (!take_word()) return std::nullopt;
      } else {
        ++at_;
      }
    }
    if (!take_zone()) return std::nullopt;
    return seconds();
  }

 private:
  bool has_date() const noexcept { return day_ != unknown && month_ != unknown && year_ != unknown; }
  bool is_complete() const noexcept { return has_date() && hour_ != unknown; }

  bool take_numbers() noexcept {
    const Number first = take_number(text_, at_);
    if (first.digits == 0) return false;
    const char separator = at_ < text_.size() ? text_[at_] : '\0';
    if (separator == ':' || separator == '-') {
      std::size_t behind = at_;
      const Number second = take_next_number(text_, behind, separator);
      const Number third = second.digits != 0 ? take_next_number(text_, behind, separator) : Number{};
      const bool is_time = separator == ':' || (has_date() && third.digits != 0);
      if (is_time) {
        if (third.digits == 0 || hour_ != unknown) return false;
        at_ = behind;
        hour_ = first.value;
        minute_ = second.value;
        second_ = third.value;
        return true;
      }
      if (third.digits != 0) {
        if (day_ != unknown || month_ != unknown || year_ != unknown) return false;
        at_ = behind;
        day_ = first.value;
        month_ = second.value;
        return set_year(third);
      }
    }
    if (first.digits > 2 || day_ != unknown) return set_year(first);
    day_ = first.value;
    return true;
  }

  bool set_year(Number number) noexcept {
    if (year_ != unknown) return false;
    year_ = number.value;
    if (number.digits <= 2) year_ += year_ < 70 ? 2000 : 1900;
    return true;
  }

  /// The name of a month, or a zone in front of the year, or a word that says nothing.
  bool take_word() noexcept {
    const std::string_view word = word_here();
    at_ += word.size();
    if (word.size() >= 3) {
      for (unsigned m = 0; m < 12; ++m)
        if (ascii::iequals(word.substr(0, 3), months.substr(m * 3, 3))) {
          if (month_ != unknown) return false;
          month_ = m + 1;
          return true;
        }
      zone_minutes_ = minutes_of_zone(word);
    }
    return true;
  }

  std::string_view word_here() const noexcept {
    std::size_t end = at_;
    while (end < text_.size() && ascii::is_alpha(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  /// Minutes east of Greenwich; 0 for names that are not known.
  static int minutes_of_zone(std::string_view name) noexcept {
    constexpr std::string_view zones = "PMCE";  // each an hour east of the one before it
    if (name.size() != 3 || !ascii::iequals(name.substr(2), "T")) return 0;
    const char kind = ascii::to_lower(name[1]);
    for (std::size_t i = 0; i < zones.size(); ++i)
      if (ascii::iequals(name.substr(0, 1), zones.substr(i, 1)) && (kind == 's' || kind == 'd'))
        return (static_cast<int>(i) - 8 + (kind == 'd' ? 1 : 0)) * 60;
    return 0;
  }

  bool take_zone() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    const std::string_view word = word_here();
    if (!word.empty()) zone_minutes_ = minutes_of_zone(word);
    at_ += word.size();
    if (at_ + 1 >= text_.size() || (text_[at_] != '+' && text_[at_] != '-') || !ascii::is_digit(text_[at_ + 1]))
      return true;
    const int sign = text_[at_++] == '-' ? -1 : 1;
    Number hours = take_number(text_, at_);
    unsigned minutes = 0;
    if (hours.digits == 4) {
      minutes = hours.value % 100;
      hours.value /= 100;
    } else if (hours.digits == 0 || hours.digits > 2) {
      return false;
    } else if (const Number behind = take_next_number(text_, at_, ':'); behind.digits != 0) {
      minutes = behind.value;
    }
    if (hours.value > 23 || minutes > 59) return false;
    zone_minutes_ = sign * static_cast<int>(hours.value * 60 + minutes);
    return true;
  }

  std::optional<std::int64_t> seconds() const noexcept {
    if (month_ == 0 || month_ > 12 || hour_ > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
    const bool is_leap = year_ % 4 == 0 && (year_ % 100 != 0 || year_ % 400 == 0);
    const unsigned days = month_ == 2 ? (is_leap ? 29 : 28) : 30 + ((month_ + (month_ > 7 ? 1 : 0)) & 1);
    if (day_ == 0 || day_ > days) return std::nullopt;
    // Years begin in March here, so that a leap day is the last of its year.
    const std::int64_t years = static_cast<std::int64_t>(year_) - (month_ <= 2 ? 1 : 0);
    const std::int64_t day_of_year = (153 * (month_ + (month_ > 2 ? 0U : 12U) - 3) + 2) / 5 + day_ - 1;
    const std::int64_t since_1970 = years * 365 + years / 4 - years / 100 + years / 400 + day_of_year - 719'468;
    const std::int64_t found =
        ((since_1970 * 24 + hour_) * 60 + static_cast<std::int64_t>(minute_) - zone_minutes_) * 60 + second_;
    if (year_ < 1601 || found < min_http_date || found > max_http_date) return std::nullopt;
    return found;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned day_ = unknown;
  unsigned month_ = unknown;
  unsigned year_ = unknown;
  unsigned hour_ = unknown;
  unsigned minute_ = 0;
  unsigned second_ = 0;
  int zone_minutes_ = 0;
};

OKHTTP_DECL void put_digits(char* end, std::int64_t value, int digits) noexcept {
  for (; digits > 0; --digits) {
    *--end = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace detail::http_date

OKHTTP_DECL std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
  return detail::http_date::Reader(text).read();
}

OKHTTP_DECL HttpDateText format_http_date(std::int64_t seconds) noexcept {
  using detail::http_date::months;
  using detail::http_date::put_digits;
  constexpr std::string_view weekdays = "WedThuFriSatSunMonTue";
  if (seconds < min_http_date) seconds = min_http_date;
  if (seconds > max_http_date) seconds = max_http_date;
  // Days since Wednesday, 1 March of the year 0, so that nothing is below 0 and years end with February.
  const std::int64_t day_number = (seconds + 719'468LL * 86'400) / 86'400;
  const std::int64_t second = (seconds + 719'468LL * 86'400) % 86'400;
  const std::int64_t era = day_number / 146'097;
  const std::int64_t day_of_era = day_number % 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = march_month < 10 ? march_month + 2 : march_month - 10;  // from 0, January
  HttpDateText out{{'W', 'd', 'y', ',', ' ', '0', '0', ' ', 'M', 'o', 'n', ' ', '0', '0', '0',
                    '0', ' ', '0', '0', ':', '0', '0', ':', '0', '0', ' ', 'G', 'M', 'T'}};
  for (std::size_t i = 0; i < 3; ++i) {
    out.text[i] = weekdays[static_cast<std::size_t>(day_number % 7) * 3 + i];
    out.text[8 + i] = months[static_cast<std::size_t>(month) * 3 + i];
  }
  put_digits(out.text + 7, day_of_year - (153 * march_month + 2) / 5 + 1, 2);
  put_digits(out.text + 16, year_of_era + era * 400 + (month < 2 ? 1 : 0), 4);
  put_digits(out.text + 19, second / 3600, 2);
  put_digits(out.text + 22, second / 60 % 60, 2);
  put_digits(out.text + 25, second % 60, 2);
  return out;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_BASE_HTTP_DATE_IPP
