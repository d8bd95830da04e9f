// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_URL_RECORD_IPP
#define OKHTTP_URL_URL_RECORD_IPP

#include <okhttp/url/url_record.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace url {

constexpr bool is_slash(char c) noexcept { return c == '/' || c == '\\'; }

// Where the first of these characters stands, or the text's size. find_first_of is a call per
// character, which is most of the time it takes to parse a URL.
template <char... Any>
constexpr std::size_t find_any(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && ((text[i] != Any) && ...)) ++i;
  return i;
}

constexpr std::string_view without_leading_slashes(std::string_view text) noexcept {
  while (!text.empty() && is_slash(text.front())) text.remove_prefix(1);
  return text;
}

// The length of the scheme before its ':', or npos when the text does not begin with one.
constexpr std::size_t scheme_length(std::string_view text) noexcept {
  if (text.empty() || !ascii::is_alpha(text.front())) return std::string_view::npos;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i;
    if (!ascii::is_alpha(c) && !ascii::is_digit(c) && c != '+' && c != '-' && c != '.') break;
  }
  return std::string_view::npos;
}

OKHTTP_DECL std::string without_line_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text)
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  return out;
}

OKHTTP_DECL bool is_dot(std::string_view segment) noexcept {
  return segment == "." || ascii::iequals(segment, "%2e");
}

OKHTTP_DECL bool is_dot_dot(std::string_view segment) noexcept {
  switch (segment.size()) {
    case 2:
      return segment == "..";
    case 4:
      return ascii::iequals(segment, ".%2e") || ascii::iequals(segment, "%2e.");
    case 6:
      return ascii::iequals(segment, "%2e%2e");
    default:
      return false;
  }
}

// Removes the last segment with its slash, if there is one.
OKHTTP_DECL void shorten_path(std::string& text, std::size_t path_begin) {
  if (text.size() > path_begin) text.resize(text.rfind('/'));
}

OKHTTP_DECL void append_path(std::string& text, std::size_t path_begin, std::string_view path) {
  for (bool last = false; !last;) {
    const std::size_t end = find_any<'/', '\\'>(path);
    const std::string_view segment = path.substr(0, end);
    last = end == path.size();
    if (is_dot_dot(segment)) {
      shorten_path(text, path_begin);
      if (last) text += '/';
    } else if (is_dot(segment)) {
      if (last) text += '/';
    } else {
      text += '/';
      append_encoded(text, segment, path_set);
    }
    if (!last) path.remove_prefix(end + 1);
  }
}

// `rest` is empty or begins with '?' or '#'.
OKHTTP_DECL void append_query_and_fragment(Record& out, std::string_view rest) {
  const std::size_t hash = rest.find('#');
  const std::string_view query = rest.substr(0, hash);
  out.query_begin = out.text.size();
  if (!query.empty()) {
    out.text += '?';
    append_encoded(out.text, query.substr(1), query_set);
  }
  out.fragment_begin = out.text.size();
  if (hash != std::string_view::npos) {
    out.text += '#';
    append_encoded(out.text, rest.substr(hash + 1), fragment_set);
  }
}

// `rest` is all that follows the authority.
OKHTTP_DECL void append_path_and_rest(Record& out, std::string_view rest) {
  const std::size_t end = find_any<'?', '#'>(rest);
  std::string_view path = rest.substr(0, end);
  if (!path.empty() && is_slash(path.front())) path.remove_prefix(1);
  append_path(out.text, out.path_begin, path);
  append_query_and_fragment(out, rest.substr(end));
}

// Port digits, perhaps none. The value beyond any port stands for "too big".
OKHTTP_DECL bool read_port(std::string_view digits, std::uint16_t& port) noexcept {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  std::uint64_t value = 0;
  if (!ascii::parse_decimal(digits, value) || value > UINT16_MAX) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}

// `rest` begins with the authority.
OKHTTP_DECL std::string parse_authority(Record& out, std::string_view rest, bool is_https) {
  const std::size_t end = find_any<'/', '\\', '?', '#'>(rest);
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  out.is_https = is_https;
  out.text += is_https ? "https://" : "http://";

  out.username_end = out.text.size();
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const std::size_t colon = user_info.find(':');
    append_encoded(out.text, user_info.substr(0, colon), user_info_set);
    out.username_end = out.text.size();
    if (colon != std::string_view::npos && colon + 1 != user_info.size()) {
      out.text += ':';
      append_encoded(out.text, user_info.substr(colon + 1), user_info_set);
    }
    if (out.text.size() != out.authority_begin()) out.text += '@';
  }

  std::size_t colon = 0;
  bool in_brackets = false;
  for (; colon < authority.size() && (in_brackets || authority[colon] != ':'); ++colon) {
    if (authority[colon] == '[') in_brackets = true;
    if (authority[colon] == ']') in_brackets = false;
  }
  const std::string_view host = authority.substr(0, colon);
  // A '/' in a password makes user information look like a host; nothing of it may be shown.
  const auto shown_host = [&] {
    const bool safe =
        rest.find('@') == std::string_view::npos && host.find('%') == std::string_view::npos;
    return safe ? describe_host(host) : std::string();
  };
  out.host_begin = out.text.size();
  if (host.empty()) return "it has no host";
  if (const char* reason = append_host(out.text, host)) return reason + shown_host();
  out.host_end = out.text.size();

  out.port = is_https ? https_port : http_port;
  const std::string_view digits = authority.substr(std::min(colon + 1, authority.size()));
  std::uint16_t port = out.port;
  if (!digits.empty() && !read_port(digits, port))
    return "its port is no number from 0 to 65535" + shown_host();
  if (port != out.port) {
    out.port = port;
    out.text += ':';
    out.text += std::to_string(static_cast<unsigned>(port));
  }
  out.path_begin = out.text.size();
  append_path_and_rest(out, rest);
  return {};
}

// `link` has no scheme, or the base's without "//".
OKHTTP_DECL std::string parse_relative(Record& out, std::string_view link, const Record& base) {
  if (link.size() > 1 && is_slash(link[0]) && is_slash(link[1]))
    return parse_authority(out, without_leading_slashes(link), base.is_https);

  const bool keeps_query = link.empty() || link.front() == '#';
  const bool keeps_path = keeps_query || link.front() == '?';
  std::size_t kept = base.query_begin;
  if (keeps_query)
    kept = base.fragment_begin;
  else if (!keeps_path && is_slash(link.front()))
    kept = base.path_begin;

  out.text.append(base.text, 0, kept);
  out.username_end = base.username_end;
  out.host_begin = base.host_begin;
  out.host_end = base.host_end;
  out.path_begin = base.path_begin;
  out.port = base.port;
  out.is_https = base.is_https;
  if (keeps_path) {
    append_query_and_fragment(out, link);
    if (keeps_query) out.query_begin = base.query_begin;
  } else {
    shorten_path(out.text, out.path_begin);
    append_path_and_rest(out, link);
  }
  return {};
}

OKHTTP_DECL std::string parse_record(Record& out, std::string_view input, const Record* base) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!input.empty() && is_blank(input.front())) input.remove_prefix(1);
  while (!input.empty() && is_blank(input.back())) input.remove_suffix(1);
  std::string cleaned;
  if (find_any<'\t', '\n', '\r'>(input) != input.size())
    input = cleaned = without_line_breaks(input);
  out.text.reserve(input.size() + (base != nullptr ? base->path_begin : 0) + 8);

  const std::size_t length = scheme_length(input);
  if (length == std::string_view::npos) {
    if (base == nullptr) return "it does not begin with http:// or https://";
    return parse_relative(out, input, *base);
  }
  const std::string_view scheme = input.substr(0, length);
  const std::string_view rest = input.substr(length + 1);
  const bool is_https = ascii::iequals(scheme, "https");
  if (!is_https && !ascii::iequals(scheme, "http")) {
    // In "user:password@host" the user looks like a scheme.
    constexpr std::size_t longest_shown = 20;
    std::string reason = "it does not begin with http:// or https://";
    if (length <= longest_shown && rest.find('@') == std::string_view::npos)
      reason.append(" (scheme '").append(scheme).append("')");
    return reason;
  }
  if (base != nullptr && base->is_https == is_https && !rest.starts_with("//"))
    return parse_relative(out, rest, *base);
  return parse_authority(out, without_leading_slashes(rest), is_https);
}

OKHTTP_DECL Error bad_url(std::string_view reason) {
  return Error(Errc::bad_url, std::string("bad URL: ").append(reason));
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_URL_RECORD_IPP
