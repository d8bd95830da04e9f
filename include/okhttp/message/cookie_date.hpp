// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_DATE_HPP
#define OKHTTP_MESSAGE_COOKIE_DATE_HPP

#include <okhttp/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// The seconds since 1970 of a date as cookies have it: a time, a day, a month's name and a year, in any order and
/// with anything between them; the zone is GMT whatever it is called. Nothing when it is none. Years from 1601; of
/// two digits, those below 70 are after 2000.
/// Spec: RFC 6265bis, 5.1.1.
std::optional<std::int64_t> parse_cookie_date(std::string_view text) noexcept;

OKHTTP_NAMESPACE_END

#include <okhttp/message/cookie_date.ipp>

#endif  // OKHTTP_MESSAGE_COOKIE_DATE_HPP
