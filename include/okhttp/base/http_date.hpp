// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_HTTP_DATE_HPP
#define OKHTTP_BASE_HTTP_DATE_HPP

#include <okhttp/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// The seconds since 1970 of a date as HTTP has it; nothing when it is none.
///
/// Understands the three formats of HTTP, and what is like them: a day, the name of a month, a year and
/// hh:mm:ss, with any separators. The name of the weekday is not compared with the date; the time zone is GMT
/// whatever it is called, and one written as a number makes it no date. A year of two digits below 70 is after
/// 2000.
/// Spec: RFC 9110, 5.6.7.
std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

OKHTTP_NAMESPACE_END

#include <okhttp/base/http_date.ipp>

#endif  // OKHTTP_BASE_HTTP_DATE_HPP
