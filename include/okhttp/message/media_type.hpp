// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MEDIA_TYPE_HPP
#define OKHTTP_MESSAGE_MEDIA_TYPE_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/field_scanner.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What a Content-Type says, looked at where it stands: as MediaType, but allocates nothing.
///
/// Lifetime: a view of the text that was parsed, and so is what it gives.
class MediaTypeView {
 public:
  /// Nothing when MediaType::try_parse would fail.
  static std::optional<MediaTypeView> parse(std::string_view text) noexcept;

  /// As they are written; compare with `is`.
  std::string_view type() const noexcept { return text_.substr(0, slash_); }
  std::string_view subtype() const noexcept { return text_.substr(slash_ + 1, essence_size_ - slash_ - 1); }
  /// Type and subtype: `text/html`.
  std::string_view essence() const noexcept { return text_.substr(0, essence_size_); }
  /// True for this type and subtype, whatever the case.
  bool is(std::string_view essence) const noexcept { return ascii::iequals(this->essence(), essence); }
  /// All of it.
  std::string_view text() const noexcept { return text_; }

  /// The first parameter of this name, whatever the name's case.
  std::optional<FieldText> parameter(std::string_view name) const noexcept;
  /// Calls `each(std::string_view name, FieldText value)` for every parameter, in order.
  template <class F>
  void for_each_parameter(F&& each) const {
    FieldScanner scanner(text_.substr(essence_size_));
    FieldParameter parameter;
    while (take_parameter(scanner, parameter)) each(parameter.name, parameter.value);
  }
  /// What the parameter charset names; nothing without one, and when it is not known.
  std::optional<Charset> charset() const noexcept;

 private:
  friend class MediaType;
  enum class Fault : std::uint8_t { none, essence, parameter };

  MediaTypeView() = default;
  Fault read(std::string_view text) noexcept;
  static bool take_parameter(FieldScanner& scanner, FieldParameter& parameter) noexcept;

  std::string_view text_;
  std::size_t slash_ = 0;
  std::size_t essence_size_ = 0;
};

/// What a Content-Type says: `text/html; charset=utf-8`. Allocates at most once, for its text.
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
  std::string_view type() const& noexcept { return essence().substr(0, slash_); }
  std::string type() && { return std::string(std::as_const(*this).type()); }
  /// In lower case: "html", "png", "json" ...
  std::string_view subtype() const& noexcept { return essence().substr(slash_ + 1); }
  std::string subtype() && { return std::string(std::as_const(*this).subtype()); }
  /// Both in lower case, without parameters: "text/html".
  std::string_view essence() const& noexcept {
    if (form_ == Form::as_written) return std::string_view(text_).substr(0, essence_size_);
    return form_ == Form::short_lowered ? std::string_view(short_lowered_.data(), essence_size_) : long_lowered_;
  }
  std::string essence() && { return std::string(std::as_const(*this).essence()); }

  /// The first parameter of this name, whatever the name's case; quotes and backslashes resolved.
  std::optional<std::string> parameter(std::string_view name) const;
  /// All parameters in order, names as they are written.
  std::vector<std::pair<std::string, std::string>> parameters() const;
  /// The charset parameter as it was written; what it names may be unknown.
  std::optional<std::string> charset() const { return parameter("charset"); }
  /// What the charset parameter names; `fallback` without one, and when it is not known.
  Charset charset(Charset fallback) const noexcept { return view().charset().value_or(fallback); }

  /// The text as it was parsed.
  const std::string& to_string() const& noexcept { return text_; }
  std::string to_string() && noexcept { return std::move(text_); }
  /// The same without allocating. Valid as long as this object is neither changed nor destroyed.
  MediaTypeView view() const& noexcept;
  MediaTypeView view() && = delete;  // it would outlive its text

  /// Equal texts.
  friend bool operator==(const MediaType& a, const MediaType& b) noexcept {
    return a.text_ == b.text_;
  }

 private:
  enum class Form : std::uint8_t { as_written, short_lowered, long_lowered };

  MediaType() = default;

  std::string text_;
  std::string long_lowered_;  // type/subtype where it is neither in lower case in text_ nor short
  std::array<char, 46> short_lowered_{};
  Form form_ = Form::as_written;
  std::size_t slash_ = 0;
  std::size_t essence_size_ = 0;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/media_type.ipp>

#endif  // OKHTTP_MESSAGE_MEDIA_TYPE_HPP
