// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FIELD_SCANNER_IPP
#define OKHTTP_MESSAGE_FIELD_SCANNER_IPP

#include <okhttp/message/field_scanner.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::field {

/// The next byte of a value whose backslashes are resolved; `i` moves behind it.
OKHTTP_DECL char next_char(std::string_view raw, bool is_quoted, std::size_t& i) noexcept {
  if (is_quoted && raw[i] == '\\' && i + 1 < raw.size()) ++i;
  return raw[i++];
}

}  // namespace detail::field

OKHTTP_DECL void FieldText::append_to(std::string& out) const {
  if (is_plain()) {
    out += raw_;
    return;
  }
  for (std::size_t i = 0; i < raw_.size();) out += detail::field::next_char(raw_, is_quoted_, i);
}

OKHTTP_DECL std::string FieldText::to_string() const {
  if (is_plain()) return std::string(raw_);
  std::string out;
  out.reserve(raw_.size());
  append_to(out);
  return out;
}

OKHTTP_DECL std::optional<std::string_view> FieldText::resolved(std::span<char> room) const noexcept {
  if (is_plain()) return raw_;
  std::size_t size = 0;
  for (std::size_t i = 0; i < raw_.size(); ++size) {
    if (size == room.size()) return std::nullopt;
    room[size] = detail::field::next_char(raw_, is_quoted_, i);
  }
  return std::string_view(room.data(), size);
}

OKHTTP_DECL bool FieldText::equals(std::string_view text) const noexcept {
  std::size_t i = 0;
  for (const char c : text)
    if (i == raw_.size() || detail::field::next_char(raw_, is_quoted_, i) != c) return false;
  return i == raw_.size();
}

OKHTTP_DECL bool FieldText::iequals(std::string_view text) const noexcept {
  std::size_t i = 0;
  for (const char c : text)
    if (i == raw_.size() || ascii::to_lower(detail::field::next_char(raw_, is_quoted_, i)) != ascii::to_lower(c))
      return false;
  return i == raw_.size();
}

OKHTTP_DECL bool FieldScanner::skip_commas() noexcept {
  bool has_comma = false;
  for (;;) {
    skip_blanks();
    if (!take(',')) return has_comma;
    has_comma = true;
  }
}

OKHTTP_DECL std::string_view FieldScanner::take_chars(ascii::CharClass wanted) noexcept {
  std::size_t size = 0;
  while (size < rest_.size() && ascii::has_class(rest_[size], wanted)) ++size;
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

OKHTTP_DECL std::string_view FieldScanner::take_token() noexcept { return take_chars(ascii::token_char); }

OKHTTP_DECL std::optional<FieldText> FieldScanner::take_quoted() noexcept {
  if (!is_at('"') || rest_.size() > unended_) return std::nullopt;
  std::size_t i = 1;
  for (; i < rest_.size(); ++i) {
    if (rest_[i] == '"') {
      const FieldText text(rest_.substr(1, i - 1), true);
      rest_.remove_prefix(i + 1);
      return text;
    }
    if (rest_[i] == '\\' && ++i == rest_.size()) break;
    if (!ascii::has_class(rest_[i], ascii::value_char)) break;
  }
  unended_ = rest_.size() - i;
  return std::nullopt;
}

OKHTTP_DECL std::optional<FieldText> FieldScanner::take_value() noexcept {
  if (is_at('"')) return take_quoted();
  const std::string_view token = take_token();
  if (token.empty()) return std::nullopt;
  return FieldText(token, false);
}

OKHTTP_DECL FieldScanner::Found FieldScanner::take_parameter(FieldParameter& parameter, Rules rules) noexcept {
  const bool is_lenient = rules == Rules::lenient;
  bool has_semicolon = false;
  for (;;) {
    skip_blanks();
    if (!take(';')) break;
    has_semicolon = true;
  }
  if (at_end() || is_at(',') || !has_semicolon) return Found::end;
  FieldScanner ahead = *this;
  parameter = {};
  parameter.name = ahead.take_token();
  if (parameter.name.empty()) return Found::malformed;
  FieldScanner behind_name = ahead;
  if (is_lenient) ahead.skip_blanks();
  parameter.has_value = ahead.take('=');
  if (parameter.has_value) {
    if (is_lenient) ahead.skip_blanks();
    if (ahead.is_at('"') || !is_lenient) {
      const std::optional<FieldText> value = ahead.take_value();
      if (!value) return Found::malformed;
      parameter.value = *value;
    } else {
      parameter.value = FieldText(ahead.take_chars(ascii::bare_value_char), false);
    }
  } else if (is_lenient) {
    ahead = behind_name;
  } else {
    return Found::malformed;
  }
  *this = ahead;
  return Found::parameter;
}

OKHTTP_DECL std::optional<std::string_view> FieldScanner::take_list_member() noexcept {
  skip_commas();
  if (at_end()) return std::nullopt;
  const std::string_view from = rest_;
  while (!at_end() && !is_at(','))
    if (!take_quoted()) rest_.remove_prefix(1);
  return ascii::trim(from.substr(0, from.size() - rest_.size()));
}

OKHTTP_DECL void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

OKHTTP_DECL void append_token_or_quoted(std::string& out, std::string_view value) {
  if (ascii::is_token(value))
    out += value;
  else
    append_quoted(out, value);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_FIELD_SCANNER_IPP
