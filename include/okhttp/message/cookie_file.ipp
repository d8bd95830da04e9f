// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_FILE_IPP
#define OKHTTP_MESSAGE_COOKIE_FILE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>
#include <okhttp/message/cookie_file.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

namespace cookie_file {

inline constexpr std::string_view http_only = "#HttpOnly_";

OKHTTP_DECL std::optional<bool> read_flag(std::string_view text) noexcept {
  if (ascii::iequals(text, "TRUE")) return true;
  if (ascii::iequals(text, "FALSE")) return false;
  return std::nullopt;
}

/// 0 for the end of the session, also when it is empty or negative, as some programs have it.
OKHTTP_DECL std::optional<std::int64_t> read_end(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return negative ? std::nullopt : std::optional<std::int64_t>(0);
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != point && !ascii::is_digit(text[i])) return std::nullopt;
  if (point == 0) return std::nullopt;
  std::uint64_t seconds = 0;
  if (!ascii::parse_decimal(text.substr(0, point), seconds)) seconds = UINT64_MAX;  // more than fits
  return negative ? 0 : static_cast<std::int64_t>(std::min(seconds, static_cast<std::uint64_t>(max_http_date)));
}

}  // namespace cookie_file

OKHTTP_DECL std::optional<Cookie> parse_cookie_line(std::string_view line) {
  Cookie::Builder builder;
  if (line.starts_with(cookie_file::http_only)) {
    line.remove_prefix(cookie_file::http_only.size());
    builder.http_only();
  }
  constexpr std::size_t count = 6;  // and the value, which may have tabs
  std::string_view fields[count];
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos && i + 1 < count) return std::nullopt;
    fields[i] = line.substr(0, tab);
    line = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
  }
  const std::optional<bool> has_subdomains = cookie_file::read_flag(fields[1]);
  const std::optional<bool> secure = cookie_file::read_flag(fields[3]);
  const std::optional<std::int64_t> end = cookie_file::read_end(fields[4]);
  if (!has_subdomains || !secure || !end) return std::nullopt;
  builder.name(fields[5]).value(line).path(fields[2]).secure(*secure);
  if (*has_subdomains)
    builder.domain(fields[0]);
  else
    builder.host_only_domain(fields[0]);
  if (*end != 0) builder.expires_at(std::chrono::sys_seconds(std::chrono::seconds(*end)));
  Result<Cookie> cookie = builder.try_build();
  if (!cookie) return std::nullopt;
  return *std::move(cookie);
}

OKHTTP_DECL CookieFile parse_cookie_file(std::string_view text) {
  CookieFile file;
  const std::string_view title = text.substr(0, text.find_first_of("\r\n"));
  file.has_title = title.starts_with('#') && title.find("HTTP Cookie File") != std::string_view::npos;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (ascii::trim(line).empty() || (line.starts_with('#') && !line.starts_with(cookie_file::http_only))) continue;
    if (std::optional<Cookie> cookie = parse_cookie_line(line))
      file.cookies.push_back(*std::move(cookie));
    else
      file.unreadable.emplace_back(line);
  }
  return file;
}

OKHTTP_DECL std::string write_cookie_file(const std::vector<Cookie>& cookies,
                                          const std::vector<std::string>& unreadable) {
  std::string out =
      "# Netscape HTTP Cookie File\n"
      "# https://curl.se/docs/http-cookies.html\n"
      "# Written by okhttp. A program that has it open writes it anew: comments are lost.\n\n";
  const auto flag = [](bool is_true) { return is_true ? "\tTRUE\t" : "\tFALSE\t"; };
  for (const Cookie& cookie : cookies) {
    const std::int64_t end = cookie.persistent() ? cookie.expires_at()->time_since_epoch().count() : 0;
    if (cookie.persistent() && end <= 0) continue;
    if (cookie.name().find('\t') != std::string_view::npos || cookie.path().find('\t') != std::string_view::npos) continue;
    if (cookie.domain().front() == '.') continue;  // of a host that begins with a dot
    if (cookie.http_only()) out += cookie_file::http_only;
    if (!cookie.host_only()) out += '.';
    out.append(cookie.domain()).append(flag(!cookie.host_only())).append(cookie.path()).append(flag(cookie.secure()));
    out.append(std::to_string(end)).append("\t").append(cookie.name()).append("\t").append(cookie.value()).append("\n");
  }
  for (const std::string& line : unreadable) out.append(line).append("\n");
  return out;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_COOKIE_FILE_IPP
