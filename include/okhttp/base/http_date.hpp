// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_HTTP_DATE_HPP
#define OKHTTP_BASE_HTTP_DATE_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// The first and the last second that parse_http_date and format_http_date know: of the year 1601, and of 9999.
inline constexpr std::int64_t min_http_date = -11'644'473'600;
inline constexpr std::int64_t max_http_date = 253'402'300'799;

/// The seconds since 1970 of a date as HTTP has it; nothing when it is none.
///
/// Understands the three formats of HTTP, and what is like them: a day, the name of a month, a year and hh:mm:ss,
/// with any separators; also dd-mm-yyyy, and hh-mm-ss behind the date. The name of the weekday is not compared with
/// the date. The time zone may lack; it may be GMT, UTC, Z, one of RFC 822 (PST, EDT ...), or hours and minutes
/// (+0100, GMT-01:00), and counts as GMT when its name is another. What follows is ignored. A year of two digits
/// below 70 is after 2000. Allocates nothing and asks no locale.
/// Spec: RFC 9110, 5.6.7; the formats are all that OkHttp knows.
std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

/// A date as HTTP writes it.
struct HttpDateText {
  static constexpr std::size_t size = 29;
  char text[size];
  constexpr std::string_view view() const noexcept { return {text, size}; }
  constexpr operator std::string_view() const noexcept { return view(); }  // NOLINT: it is a text
};

/// `Sun, 06 Nov 1994 08:49:37 GMT`. Seconds since 1970 before min_http_date are written as that, those after
/// max_http_date as that. Allocates nothing.
/// Spec: RFC 9110, 5.6.7 (IMF-fixdate).
HttpDateText format_http_date(std::int64_t seconds) noexcept;

OKHTTP_NAMESPACE_END

#include <okhttp/base/http_date.ipp>

#endif  // OKHTTP_BASE_HTTP_DATE_HPP
