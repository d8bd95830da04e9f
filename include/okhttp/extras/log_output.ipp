// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOG_OUTPUT_IPP
#define OKHTTP_EXTRAS_LOG_OUTPUT_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/extras/log_output.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL std::shared_ptr<const LogFunction> log_output(LogFunction function) {
  if (!function)
    function = [](std::string_view line) {
      std::string whole(line);
      whole += '\n';
      std::fputs(whole.c_str(), stderr);
    };
  return std::make_shared<const LogFunction>(std::move(function));
}

OKHTTP_DECL std::string printable(std::string_view text, bool allow_line_ends) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_line_end = c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    // U+0080 to U+009F, which terminals obey as well, are C2 80 to C2 9F.
    const bool is_c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '\t' || (allow_line_ends && is_line_end) || (c >= 0x20 && c != 0x7f && !is_c1)) {
      out += text[i];
      continue;
    }
    for (std::size_t n = is_c1 ? 2 : 1; n > 0; --n) {
      const auto byte = static_cast<unsigned char>(text[is_c1 && n == 1 ? ++i : i]);
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

OKHTTP_DECL bool is_listed(const std::vector<std::string>& list, std::string_view name) {
  for (const std::string& each : list)
    if (ascii::iequals(each, name)) return true;
  return false;
}

/// Everything behind the '?'.
OKHTTP_DECL std::string redacted_query(std::string_view query, const LogRedaction& redaction) {
  if (!redaction.show_queries) return std::string(redacted_mark);
  std::string out;
  while (true) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    out += name;
    if (equals != std::string_view::npos) {
      out += '=';
      out += is_listed(redaction.query_parameters, url::decode(name, url::Plus::is_space)) ? redacted_mark
                                                                                            : pair.substr(equals + 1);
    }
    if (end == std::string_view::npos) return out;
    out += '&';
    query.remove_prefix(end + 1);
  }
}

OKHTTP_DECL std::string redacted_url(const HttpUrl& url, const LogRedaction& redaction) {
  std::string out = url.is_https() ? "https://" : "http://";
  out += url.host_header();
  out += url.encoded_path();
  if (const std::optional<std::string_view> query = url.encoded_query()) out += "?" + redacted_query(*query, redaction);
  return out;
}

OKHTTP_DECL std::string redacted_header(const Header& header, const LogRedaction& redaction) {
  std::string line(header.name);
  line += ": ";
  const bool is_url = ascii::iequals(header.name, "Location") || ascii::iequals(header.name, "Content-Location") ||
                      ascii::iequals(header.name, "Referer");
  if ((is_sensitive_header(header.name) && !redaction.show_secrets) || is_listed(redaction.headers, header.name)) {
    line += redacted_mark;
  } else if (const Result<HttpUrl> url = is_url ? HttpUrl::try_parse(header.value) : Error(); url) {
    line += redacted_url(*url, redaction);
  } else if (is_url) {
    // No fragment either, as in a whole URL: a redirect may have a token there.
    const std::string_view relative = header.value.substr(0, header.value.find('#'));
    const std::size_t path = std::min(relative.find('?'), relative.size());
    line += printable(relative.substr(0, path));
    if (path < relative.size()) line += "?" + printable(redacted_query(relative.substr(path + 1), redaction));
  } else {
    line += printable(header.value);
  }
  return line;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_LOG_OUTPUT_IPP
