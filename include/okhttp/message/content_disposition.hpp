// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CONTENT_DISPOSITION_HPP
#define OKHTTP_MESSAGE_CONTENT_DISPOSITION_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// The header `Content-Disposition`: `attachment; filename="rates.txt"; filename*=UTF-8''%e2%82%ac%20rates.txt`.
///
/// Reads as browsers do, since what is sent often breaks the grammar: nothing is an error; file names without quotes
/// may have blanks and commas; quotes may lack their end; of two equal names the first counts.
/// Lifetime: a view of the text or the Headers. Allocates only what it gives.
/// Spec: RFC 6266; RFC 8187.
class ContentDisposition {
 public:
  class Builder;
  /// The most bytes that safe_filename gives: what file systems take.
  static constexpr std::size_t max_safe_filename = 255;

  explicit ContentDisposition(std::string_view text) noexcept;
  /// That of a message, if it has one.
  static std::optional<ContentDisposition> of(const Headers& headers) noexcept;
  static std::optional<ContentDisposition> of(Headers&& headers) = delete;

  /// As sent: "attachment", "inline", "form-data" ...; empty when the value begins with a parameter.
  std::string_view type() const noexcept { return type_; }
  /// True for every type but "inline" and none at all: an unknown one means to save (RFC 6266, 4.2).
  bool is_attachment() const noexcept;

  /// What the sender calls the file, as UTF-8: `filename*` if it can be decoded, else `filename` (UTF-8, or what is
  /// none as windows-1252), else what can be made of a damaged `filename*`. May be a path or worse: see
  /// safe_filename.
  std::optional<std::string> filename() const;
  /// `filename()` as a name to save under in a folder: the part behind the last slash or backslash, without control
  /// characters (those that change the direction of text too), dots and blanks at its ends; `<>:"|?*` become `_`, as
  /// does the first letter of a name that is a device on Windows; at most max_safe_filename bytes, the extension kept.
  /// Nothing when no character is left. The file may exist already.
  std::optional<std::string> safe_filename() const;

  /// The first parameter of this name, whatever the name's case; backslashes resolved, no other decoding.
  std::optional<std::string> parameter(std::string_view name) const;

 private:
  std::string_view type_;
  std::string_view parameters_;  // begins with a semicolon, or with the first of them if there is no type
};

/// Makes the value of a header.
class ContentDisposition::Builder {
 public:
  /// A type, which has to be a token: "attachment", "inline" ...
  explicit Builder(std::string_view type);

  /// What to call the file (UTF-8): as `filename` where plain ASCII says it all, else with `_` for what is not there
  /// and followed by `filename*`. Control characters are a fault.
  Builder& filename(std::string_view name) &;
  Builder&& filename(std::string_view name) && { return std::move(filename(name)); }
  /// Any other parameter: a token, and a value of visible ASCII and blanks.
  Builder& parameter(std::string_view name, std::string_view value) &;
  Builder&& parameter(std::string_view name, std::string_view value) && {
    return std::move(parameter(name, value));
  }

  /// The value. Errors: Errc::invalid_argument, the first fault.
  Result<std::string> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  std::string build() const { return try_build().value(); }
#endif

 private:
  std::string text_;
  const char* fault_ = nullptr;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/content_disposition.ipp>

#endif  // OKHTTP_MESSAGE_CONTENT_DISPOSITION_HPP
