// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_EXTENDED_VALUE_IPP
#define OKHTTP_MESSAGE_EXTENDED_VALUE_IPP

#include <okhttp/message/extended_value.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/utf8_check.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::extended {

/// attr-char of RFC 8187: what stands for itself.
OKHTTP_DECL bool is_attribute_char(char c) noexcept {
  return ascii::is_token_char(c) && c != '*' && c != '\'' && c != '%';
}

OKHTTP_DECL bool is_charset_char(char c) noexcept { return ascii::is_token_char(c) && c != '*' && c != '.' && c != '|'; }

OKHTTP_DECL bool is_encoded(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_attribute_char(text[i])) continue;
    if (text[i] != '%' || text.size() - i < 3 || ascii::hex_value(text[i + 1]) < 0 || ascii::hex_value(text[i + 2]) < 0)
      return false;
    i += 2;
  }
  return true;
}

/// Text as it is if it is UTF-8, else as if it were windows-1252.
OKHTTP_DECL std::string as_utf8(std::string bytes) {
  return is_utf8(bytes) ? bytes : to_utf8(bytes, Charset::windows_1252);
}

/// The three parts, whatever their characters.
OKHTTP_DECL std::optional<ExtendedValue> split(std::string_view text) noexcept {
  const std::size_t first = text.find('\'');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('\'', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return ExtendedValue{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

}  // namespace detail::extended

OKHTTP_DECL std::optional<ExtendedValue> ExtendedValue::try_parse(std::string_view text) noexcept {
  const std::optional<ExtendedValue> parts = detail::extended::split(text);
  if (!parts || parts->charset.empty() || !detail::extended::is_encoded(parts->encoded)) return std::nullopt;
  for (const char c : parts->charset)
    if (!detail::extended::is_charset_char(c)) return std::nullopt;
  for (const char c : parts->language)
    if (!ascii::is_alpha(c) && !ascii::is_digit(c) && c != '-') return std::nullopt;
  return parts;
}

OKHTTP_DECL std::optional<std::string> ExtendedValue::decoded() const {
  const std::optional<Charset> known = charset_for_label(charset);
  if (known != Charset::utf_8 && known != Charset::windows_1252) return std::nullopt;
  std::string bytes = url::decode_bytes(encoded);
  if (known == Charset::windows_1252) return to_utf8(bytes, Charset::windows_1252);
  if (!detail::is_utf8(bytes)) return std::nullopt;
  return bytes;
}

OKHTTP_DECL std::optional<std::string> decode_extended_value(std::string_view text) {
  const std::optional<ExtendedValue> value = ExtendedValue::try_parse(text);
  if (!value) return std::nullopt;
  return value->decoded();
}

OKHTTP_DECL std::string encode_extended_value(std::string_view text, std::string_view language) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out = "UTF-8'";
  out.append(language).append(1, '\'');
  for (const char c : url::to_valid_utf8(std::string(text))) {
    if (detail::extended::is_attribute_char(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return out;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_EXTENDED_VALUE_IPP
