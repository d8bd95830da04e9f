// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MEDIA_TYPE_HPP
#define OKHTTP_MESSAGE_MEDIA_TYPE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// What a Content-Type says: `text/html; charset=utf-8`.
///
/// Lenient: a semicolon without a parameter behind it is allowed, and an unquoted value in single
/// quotes loses them (`charset='utf-8'`, which many servers send).
/// Spec: RFC 9110, 8.3.1.
class MediaType {
 public:
  /// Parses in one pass over the text. Errors: Errc::invalid_argument.
  static Result<MediaType> try_parse(std::string_view text);
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws.
  static MediaType parse(std::string_view text) { return try_parse(text).value(); }
#endif

  /// In lower case: "text", "image", "application" ...
  std::string_view type() const& noexcept { return std::string_view(lowered_).substr(0, slash_); }
  std::string type() && { return lowered_.substr(0, slash_); }
  /// In lower case: "html", "png", "json" ...
  std::string_view subtype() const& noexcept {
    return std::string_view(lowered_).substr(slash_ + 1);
  }
  std::string subtype() && { return lowered_.substr(slash_ + 1); }

  /// The first parameter of this name, whatever the name's case; quotes and backslashes resolved.
  std::optional<std::string> parameter(std::string_view name) const;
  /// The charset parameter as it was written; what it names may be unknown.
  std::optional<std::string> charset() const { return parameter("charset"); }

  /// The text as it was parsed.
  const std::string& to_string() const& noexcept { return text_; }
  std::string to_string() && noexcept { return std::move(text_); }

  /// Equal texts.
  friend bool operator==(const MediaType& a, const MediaType& b) noexcept {
    return a.text_ == b.text_;
  }

 private:
  MediaType() = default;

  std::string text_;
  std::string lowered_;    // type/subtype
  std::size_t slash_ = 0;  // where in lowered_
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/media_type.ipp>

#endif  // OKHTTP_MESSAGE_MEDIA_TYPE_HPP
