// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FORM_BODY_HPP
#define OKHTTP_MESSAGE_FORM_BODY_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/request_body.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// The fields of a form as browsers send them: `q=c%2B%2B+%26+more`. Wherever a RequestBody is wanted it is
/// one, of media type application/x-www-form-urlencoded. Cheap to copy: copies share the text.
///
/// Lifetime: views are valid as long as any copy; called on a temporary the accessors give values.
/// Thread safety: immutable; may be read from any thread.
/// Spec: WHATWG URL, 5. Everything but letters, digits and `*-._` is percent-encoded, a space becomes `+`.
class FormBody {
 public:
  class Builder;

  /// The fields of such a text. Never fails: what is malformed stands for itself, as in browsers. Decoded text
  /// is in `charset`.
  /// Spec: WHATWG URL, 5.1; but bytes that are no UTF-8 are kept.
  static FormBody parse(std::string_view text, Charset charset = Charset::utf_8);

  /// The number of fields.
  std::size_t size() const noexcept { return content_->fields.size(); }
  bool empty() const noexcept { return content_->fields.empty(); }
  /// The name of the field at `index`, which must be less than size(), as UTF-8.
  std::string name(std::size_t index) const { return decoded(std::as_const(*this).encoded_name(index)); }
  std::string value(std::size_t index) const { return decoded(std::as_const(*this).encoded_value(index)); }
  /// The value of the first field of this name.
  std::optional<std::string> get(std::string_view name) const;
  /// The same as it is sent.
  std::string_view encoded_name(std::size_t index) const& noexcept {
    const Field& field = field_at(index);
    return std::string_view(content_->text).substr(field.begin, field.equals - field.begin);
  }
  std::string encoded_name(std::size_t index) && { return std::string(std::as_const(*this).encoded_name(index)); }
  std::string_view encoded_value(std::size_t index) const& noexcept {
    const Field& field = field_at(index);
    return std::string_view(content_->text).substr(field.equals + 1, field.end - field.equals - 1);
  }
  std::string encoded_value(std::size_t index) && { return std::string(std::as_const(*this).encoded_value(index)); }

  /// What is sent.
  const std::string& to_string() const& noexcept { return content_->text; }
  std::string to_string() && { return content_->text; }
  std::int64_t content_length() const noexcept { return static_cast<std::int64_t>(content_->text.size()); }
  /// How names and values are encoded before they are percent-encoded.
  Charset charset() const noexcept { return content_->charset; }

  /// The form as any other body; shares the text.
  RequestBody to_request_body() const { return RequestBody(content_); }
  operator RequestBody() const { return to_request_body(); }  // NOLINT: a form is passed where a body is wanted

 private:
  struct Field {
    std::size_t begin;
    std::size_t equals;
    std::size_t end;
  };
  class Content final : public RequestBody::Content {
   public:
    Content() : RequestBody::Content("application/x-www-form-urlencoded") {}
    std::int64_t content_length() const override { return static_cast<std::int64_t>(text.size()); }
    std::optional<std::span<const std::byte>> in_memory() const noexcept override {
      return std::as_bytes(std::span(text.data(), text.size()));
    }
    OKHTTP_DECL Result<std::unique_ptr<RequestBodyReader>> open() const override;

    std::string text;
    std::vector<Field> fields;
    Charset charset = Charset::utf_8;
  };

  explicit FormBody(std::shared_ptr<const Content> content) noexcept : content_(std::move(content)) {}
  const Field& field_at(std::size_t index) const noexcept {
    OKHTTP_ASSERT(index < size());
    return content_->fields[index];
  }
  std::string decoded(std::string_view encoded) const;

  std::shared_ptr<const Content> content_;
};

/// Makes forms, which keep the order of their fields. Keeps the first fault: `build` throws it, `try_build`
/// returns it.
class FormBody::Builder {
 public:
  Builder() = default;
  /// With another charset than UTF-8: windows_1252 (ISO-8859-1 for the web), in which a character that it does
  /// not have is sent as a reference such as `&#9731;`, as browsers do. UTF-16 and UTF-32 are faults.
  explicit Builder(Charset charset);
  /// The same by name, see charset_for_label; a name that is not known is a fault.
  explicit Builder(std::string_view charset);

  /// Adds a field of plain text in UTF-8, where every character stands for itself.
  Builder& add(std::string_view name, std::string_view value) &;
  Builder&& add(std::string_view name, std::string_view value) && { return std::move(add(name, value)); }
  /// Adds a field that is percent-encoded already: %XX stays as it is and `+` is a space; what should have been
  /// encoded and is not is encoded now.
  Builder& add_encoded(std::string_view name, std::string_view value) &;
  Builder&& add_encoded(std::string_view name, std::string_view value) && {
    return std::move(add_encoded(name, value));
  }

  /// The form, which may have no fields. Errors: Errc::invalid_argument, the first fault.
  Result<FormBody> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  FormBody build() const { return try_build().value(); }
#endif

 private:
  void append(std::string_view name, std::string_view value, bool encoded);

  std::string text_;
  std::vector<Field> fields_;
  Charset charset_ = Charset::utf_8;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/form_body.ipp>

#endif  // OKHTTP_MESSAGE_FORM_BODY_HPP
