// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FORM_BODY_IPP
#define OKHTTP_MESSAGE_FORM_BODY_IPP

#include <okhttp/message/form_body.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstring>

OKHTTP_NAMESPACE_BEGIN

namespace detail::form_body {

class Reader final : public RequestBodyReader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t size = std::min(into.size(), rest_.size());
    if (size > 0) std::memcpy(into.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

/// Spec: the application/x-www-form-urlencoded percent-encode set, and a space as '+'.
OKHTTP_DECL void append_plain(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t space = std::min(text.find(' '), text.size());
    url::append_encoded(out, text.substr(0, space), url::form_set);
    if (space == text.size()) return;
    out += '+';
    text.remove_prefix(space + 1);
  }
}

/// The same, but %XX and '+' stay.
OKHTTP_DECL void append_encoded(std::string& out, std::string_view text) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && text.size() - i > 2 && ascii::hex_value(text[i + 1]) >= 0 &&
                           ascii::hex_value(text[i + 2]) >= 0;
    if (!is_escape && text[i] != '+') continue;
    append_plain(out, text.substr(from, i - from));
    const std::size_t size = is_escape ? 3 : 1;
    out += text.substr(i, size);
    from = i + size;
    i = from - 1;
  }
  append_plain(out, text.substr(from));
}

/// One code point of valid UTF-8, removed from `text`.
OKHTTP_DECL std::uint32_t next_code_point(std::string_view& text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t c = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(size);
  return c;
}

/// The text in windows-1252; a character that it does not have becomes a reference of HTML.
/// Spec: WHATWG Encoding, the error mode "html".
OKHTTP_DECL std::string to_windows_1252(std::string_view utf_8) {
  std::string out;
  const std::string valid = url::to_valid_utf8(std::string(utf_8));
  for (std::string_view rest = valid; !rest.empty();) {
    const std::uint32_t c = next_code_point(rest);
    if (c < 0x80 || (c >= 0xA0 && c <= 0xFF)) {
      out += static_cast<char>(static_cast<unsigned char>(c));
      continue;
    }
    // What 0x80 to 0x9F stand for; the table is the decoder's.
    const auto* const end = std::end(charset::windows_1252_c1);
    const auto* const found = std::find(std::begin(charset::windows_1252_c1), end, c);
    if (found != end)
      out += static_cast<char>(static_cast<unsigned char>(0x80 + (found - std::begin(charset::windows_1252_c1))));
    else
      out.append("&#").append(std::to_string(c)).append(";");
  }
  return out;
}

}  // namespace detail::form_body

OKHTTP_DECL Result<std::unique_ptr<RequestBodyReader>> FormBody::Content::open() const {
  std::unique_ptr<RequestBodyReader> reader = std::make_unique<detail::form_body::Reader>(text);
  return reader;
}

OKHTTP_DECL std::string FormBody::decoded(std::string_view encoded) const {
  std::string bytes = url::decode_bytes(encoded, url::Plus::is_space);
  return content_->charset == Charset::utf_8 ? bytes : to_utf8(bytes, content_->charset);
}

OKHTTP_DECL std::optional<std::string> FormBody::get(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (this->name(i) == name) return value(i);
  return std::nullopt;
}

OKHTTP_DECL FormBody FormBody::parse(std::string_view text, Charset charset) {
  auto content = std::make_shared<Content>();
  content->charset = charset;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.empty()) continue;
    std::string& out = content->text;
    if (!out.empty()) out += '&';
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::size_t begin = out.size();
    detail::form_body::append_encoded(out, field.substr(0, equals));
    const std::size_t at = out.size();
    out += '=';
    detail::form_body::append_encoded(out, field.substr(std::min(equals + 1, field.size())));
    content->fields.push_back({begin, at, out.size()});
  }
  return FormBody(std::move(content));
}

OKHTTP_DECL FormBody::Builder::Builder(Charset charset) : charset_(charset) {
  if (charset != Charset::utf_8 && charset != Charset::windows_1252)
    fault_ = Error(Errc::invalid_argument, "a form cannot be in UTF-16 or UTF-32");
}

OKHTTP_DECL FormBody::Builder::Builder(std::string_view charset)
    : Builder(charset_for_label(charset).value_or(Charset::utf_8)) {
  if (!charset_for_label(charset)) fault_ = Error(Errc::invalid_argument, "the charset of a form is not known");
}

OKHTTP_DECL void FormBody::Builder::append(std::string_view name, std::string_view value, bool encoded) {
  const auto put = [&](std::string_view text) {
    std::string converted;
    if (charset_ == Charset::windows_1252) text = converted = detail::form_body::to_windows_1252(text);
    if (encoded)
      detail::form_body::append_encoded(text_, text);
    else
      detail::form_body::append_plain(text_, text);
  };
  if (!text_.empty()) text_ += '&';
  const std::size_t begin = text_.size();
  put(name);
  const std::size_t equals = text_.size();
  text_ += '=';
  put(value);
  fields_.push_back({begin, equals, text_.size()});
}

OKHTTP_DECL FormBody::Builder& FormBody::Builder::add(std::string_view name, std::string_view value) & {
  append(name, value, false);
  return *this;
}

OKHTTP_DECL FormBody::Builder& FormBody::Builder::add_encoded(std::string_view name, std::string_view value) & {
  append(name, value, true);
  return *this;
}

OKHTTP_DECL Result<FormBody> FormBody::Builder::try_build() const {
  if (fault_) return *fault_;
  auto content = std::make_shared<Content>();
  content->text = text_;
  content->fields = fields_;
  content->charset = charset_;
  return FormBody(std::move(content));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_FORM_BODY_IPP
