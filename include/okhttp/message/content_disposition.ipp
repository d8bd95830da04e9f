// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CONTENT_DISPOSITION_IPP
#define OKHTTP_MESSAGE_CONTENT_DISPOSITION_IPP

#include <okhttp/message/content_disposition.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/extended_value.hpp>
#include <okhttp/message/field_scanner.hpp>
#include <okhttp/message/loose_parameter.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::content_disposition {

/// The first parameter of this name that has a value.
OKHTTP_DECL std::optional<FieldText> find(std::string_view parameters, std::string_view name) noexcept {
  FieldParameter parameter;
  bool is_there = !parameters.empty();
  if (is_there && parameters.front() != ';')
    take_loose_pair(parameters, parameter, ";");
  else
    is_there = take_loose_parameter(parameters, parameter, ";");
  for (; is_there; is_there = take_loose_parameter(parameters, parameter, ";"))
    if (parameter.has_value && ascii::iequals(parameter.name, name)) return parameter.value;
  return std::nullopt;
}

/// How many bytes at the front of `text`, which is UTF-8, are a character that no file name should have.
OKHTTP_DECL std::size_t unwanted_size(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return 2;                             // U+0080 to U+009F
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;                            // U+061C, a mark of direction
  if (byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF) return 3;         // U+FEFF
  if (byte(0) != 0xE2) return 0;
  if (byte(1) == 0x80 && ((byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE)))
    return 3;  // U+200B to U+200F, U+2028 to U+202E
  if (byte(1) == 0x81 && byte(2) >= 0xA0 && byte(2) <= 0xAF) return 3;         // U+2060 to U+206F
  return 0;
}

/// A name that Windows takes for a device, with whatever extension.
OKHTTP_DECL bool is_device(std::string_view name) noexcept {
  const std::string_view stem = ascii::trim(name.substr(0, name.find('.')));
  for (const std::string_view device : {"con", "prn", "aux", "nul", "conin$", "conout$"})
    if (ascii::iequals(stem, device)) return true;
  if (stem.size() < 4) return false;
  // One of 0 to 9, or of the small ones that are in ISO-8859-1.
  const std::string_view number = stem.substr(3);
  const bool is_small = number == "\xC2\xB9" || number == "\xC2\xB2" || number == "\xC2\xB3";
  if (!is_small && (number.size() != 1 || !ascii::is_digit(number.front()))) return false;
  return ascii::iequals(stem.substr(0, 3), "com") || ascii::iequals(stem.substr(0, 3), "lpt");
}

OKHTTP_DECL bool is_dot_or_blank(char c) noexcept { return c == '.' || c == ' ' || c == '\t'; }

/// Cut to `size` bytes at the end of a character.
OKHTTP_DECL std::string_view cut(std::string_view text, std::size_t size) noexcept {
  if (text.size() <= size) return text;
  while (size != 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace detail::content_disposition

OKHTTP_DECL ContentDisposition::ContentDisposition(std::string_view text) noexcept {
  text = ascii::trim(text);
  const std::string_view first = text.substr(0, text.find(';'));
  type_ = ascii::trim(first);
  parameters_ = text.substr(first.size());
  if (first.find('=') == std::string_view::npos) return;
  type_ = {};  // some senders leave it out
  parameters_ = text;
}

OKHTTP_DECL std::optional<ContentDisposition> ContentDisposition::of(const Headers& headers) noexcept {
  const std::optional<std::string_view> text = headers.get("Content-Disposition");
  if (!text) return std::nullopt;
  return ContentDisposition(*text);
}

OKHTTP_DECL bool ContentDisposition::is_attachment() const noexcept {
  return !type_.empty() && !ascii::iequals(type_, "inline");
}

OKHTTP_DECL std::optional<std::string> ContentDisposition::parameter(std::string_view name) const {
  const std::optional<FieldText> value = detail::content_disposition::find(parameters_, name);
  if (!value) return std::nullopt;
  return value->to_string();
}

OKHTTP_DECL std::optional<std::string> ContentDisposition::filename() const {
  const std::optional<std::string> extended = parameter("filename*");
  if (extended) {
    if (std::optional<std::string> decoded = decode_extended_value(*extended)) return decoded;
  }
  if (std::optional<std::string> plain = parameter("filename"))
    return detail::extended::as_utf8(*std::move(plain));
  if (!extended) return std::nullopt;
  const std::optional<ExtendedValue> parts = detail::extended::split(*extended);
  return detail::extended::as_utf8(url::decode_bytes(parts ? parts->encoded : *extended));
}

OKHTTP_DECL std::optional<std::string> ContentDisposition::safe_filename() const {
  using namespace detail::content_disposition;
  const std::optional<std::string> given = filename();
  if (!given) return std::nullopt;
  constexpr std::string_view replaced = "<>:\"|?*";
  std::string_view rest = *given;
  if (const std::size_t slash = rest.find_last_of("/\\"); slash != std::string_view::npos)
    rest.remove_prefix(slash + 1);
  std::string name;
  while (!rest.empty()) {
    const std::size_t unwanted = unwanted_size(rest);
    if (unwanted == 0) name += replaced.find(rest.front()) == std::string_view::npos ? rest.front() : '_';
    rest.remove_prefix(unwanted == 0 ? 1 : unwanted);
  }
  std::string_view kept = name;
  while (!kept.empty() && is_dot_or_blank(kept.front())) kept.remove_prefix(1);
  while (!kept.empty() && is_dot_or_blank(kept.back())) kept.remove_suffix(1);
  if (kept.empty()) return std::nullopt;
  std::string safe;
  if (kept.size() > max_safe_filename) {
    constexpr std::size_t max_extension = 32;
    const std::size_t dot = kept.rfind('.');
    std::string_view extension;
    if (dot != std::string_view::npos && kept.size() - dot <= max_extension) extension = kept.substr(dot);
    std::string_view stem = cut(kept.substr(0, kept.size() - extension.size()), max_safe_filename - extension.size());
    while (!stem.empty() && is_dot_or_blank(stem.back())) stem.remove_suffix(1);
    safe.append(stem).append(extension);
  } else {
    safe = kept;
  }
  if (is_device(safe)) safe.front() = '_';
  return safe;
}

OKHTTP_DECL ContentDisposition::Builder::Builder(std::string_view type) : text_(type) {
  if (!ascii::is_token(type)) fault_ = "the type of a Content-Disposition has to be a token";
}

OKHTTP_DECL ContentDisposition::Builder& ContentDisposition::Builder::filename(std::string_view name) & {
  const std::string clean = url::to_valid_utf8(std::string(name));
  std::string fallback;
  // Some take a % in `filename` for an escape, and some a backslash for itself: those are told apart by `filename*`.
  bool is_told = true;
  for (const char c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) fault_ = "a file name has a control character";
    const bool is_plain = byte < 0x7F && c != '"' && c != '\\' && c != '%';
    is_told = is_told && is_plain;
    if ((byte & 0xC0) != 0x80) fallback += is_plain ? c : '_';
  }
  text_ += "; filename=";
  append_quoted(text_, fallback);
  if (!is_told) text_.append("; filename*=").append(encode_extended_value(clean));
  return *this;
}

OKHTTP_DECL ContentDisposition::Builder& ContentDisposition::Builder::parameter(std::string_view name,
                                                                                std::string_view value) & {
  if (!ascii::is_token(name)) fault_ = "the name of a parameter has to be a token";
  for (const char c : value)
    if (c < 0x20 || c >= 0x7F) fault_ = "the value of a parameter has to be visible ASCII";
  text_.append("; ").append(name).append("=");
  append_token_or_quoted(text_, value);
  return *this;
}

OKHTTP_DECL Result<std::string> ContentDisposition::Builder::try_build() const {
  if (fault_ != nullptr) return {Errc::invalid_argument, fault_};
  return text_;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CONTENT_DISPOSITION_IPP
