// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MEDIA_TYPE_IPP
#define OKHTTP_MESSAGE_MEDIA_TYPE_IPP

#include <okhttp/message/media_type.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#  include <utility>

OKHTTP_NAMESPACE_BEGIN

namespace detail::media_type {

OKHTTP_DECL std::string_view take_token(std::string_view& rest) noexcept {
  std::size_t size = 0;
  while (size < rest.size() && ascii::is_token_char(rest[size])) ++size;
  const std::string_view token = rest.substr(0, size);
  rest.remove_prefix(size);
  return token;
}

OKHTTP_DECL void skip_blanks(std::string_view& rest) noexcept {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

/// Takes a quoted string and gives what stands between its quotes, escapes included.
OKHTTP_DECL bool take_quoted(std::string_view& rest, std::string_view& inside) noexcept {
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    if (byte == '"') {
      inside = rest.substr(1, i - 1);
      rest.remove_prefix(i + 1);
      return true;
    }
    if (byte == 0x7F || (byte < 0x20 && byte != '\t')) return false;
    if (byte == '\\') {
      if (++i == rest.size()) return false;
      const auto escaped = static_cast<unsigned char>(rest[i]);
      if (escaped == 0x7F || (escaped < 0x20 && escaped != '\t')) return false;
    }
  }
  return false;
}

struct Parameter {
  std::string_view name;  // empty: nothing stood between two semicolons
  std::string_view value;
  bool is_quoted = false;
};

/// Takes one `; name=value` off the front of `rest`, which is not empty. False: it is malformed.
OKHTTP_DECL bool take_parameter(std::string_view& rest, Parameter& parameter) noexcept {
  parameter = {};
  skip_blanks(rest);
  if (rest.empty()) return true;
  if (rest.front() != ';') return false;
  rest.remove_prefix(1);
  skip_blanks(rest);
  if (rest.empty() || rest.front() == ';') return true;
  parameter.name = take_token(rest);
  if (parameter.name.empty() || rest.empty() || rest.front() != '=') return false;
  rest.remove_prefix(1);
  if (rest.empty()) return false;
  if (rest.front() == '"') {
    parameter.is_quoted = true;
    return take_quoted(rest, parameter.value);
  }
  parameter.value = take_token(rest);
  if (parameter.value.empty()) return false;
  const std::string_view value = parameter.value;
  if (value.size() > 2 && value.front() == '\'' && value.back() == '\'')
    parameter.value = value.substr(1, value.size() - 2);
  return true;
}

}  // namespace detail::media_type

OKHTTP_DECL Result<MediaType> MediaType::try_parse(std::string_view text) {
  std::string_view rest = text;
  const std::string_view type = detail::media_type::take_token(rest);
  const bool has_slash = !rest.empty() && rest.front() == '/';
  if (has_slash) rest.remove_prefix(1);
  const std::string_view subtype = detail::media_type::take_token(rest);
  bool good = !type.empty() && has_slash && !subtype.empty();
  const char* const what =
      good ? "a parameter of a media type is malformed: '" : "no media type: '";
  while (good && !rest.empty()) {
    detail::media_type::Parameter parameter;
    good = detail::media_type::take_parameter(rest, parameter);
  }
  if (!good) {
    constexpr std::size_t max_shown = 60;
    std::string message = what;
    for (const char c : text.substr(0, max_shown)) message += c >= 0x20 && c < 0x7F ? c : '?';
    message += text.size() > max_shown ? "...'" : "'";
    return {Errc::invalid_argument, std::move(message)};
  }
  MediaType parsed;
  parsed.text_ = text;
  parsed.lowered_ = ascii::lowered(text.substr(0, type.size() + 1 + subtype.size()));
  parsed.slash_ = type.size();
  return parsed;
}

OKHTTP_DECL std::optional<std::string> MediaType::parameter(std::string_view name) const {
  std::string_view rest = std::string_view(text_).substr(lowered_.size());
  detail::media_type::Parameter found;
  while (!rest.empty() && detail::media_type::take_parameter(rest, found)) {
    if (found.name.empty() || !ascii::iequals(found.name, name)) continue;
    if (!found.is_quoted) return std::string(found.value);
    std::string value;
    for (std::size_t i = 0; i < found.value.size(); ++i) {
      if (found.value[i] == '\\') ++i;
      value += found.value[i];
    }
    return value;
  }
  return std::nullopt;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_MEDIA_TYPE_IPP
