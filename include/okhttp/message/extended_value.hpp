// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_EXTENDED_VALUE_HPP
#define OKHTTP_MESSAGE_EXTENDED_VALUE_HPP

#include <okhttp/config.hpp>

#include <optional>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// The value of a parameter whose name ends with an asterisk: `UTF-8'en'%e2%82%ac%20rates`. Views the text.
/// Spec: RFC 8187, 3.2 (RFC 5987 before it).
struct ExtendedValue {
  /// As it was sent; its case does not matter.
  std::string_view charset;
  /// A language tag (RFC 5646), or empty.
  std::string_view language;
  /// With its %XX.
  std::string_view encoded;

  /// Finds the three parts; nothing when there are no two apostrophes, no charset, or other characters than RFC 8187
  /// allows. Allocates nothing.
  static std::optional<ExtendedValue> try_parse(std::string_view text) noexcept;

  /// The text as UTF-8; nothing for a charset other than UTF-8 and ISO-8859-1 (read as windows-1252, as on the web),
  /// and for bytes that are none of UTF-8.
  std::optional<std::string> decoded() const;
};

/// The text of such a value as UTF-8, or nothing.
std::optional<std::string> decode_extended_value(std::string_view text);

/// Text (UTF-8; bad sequences become U+FFFD) as such a value. `language` is a language tag or empty.
std::string encode_extended_value(std::string_view text, std::string_view language = {});

OKHTTP_NAMESPACE_END

#include <okhttp/message/extended_value.ipp>

#endif  // OKHTTP_MESSAGE_EXTENDED_VALUE_HPP
