// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PERCENT_ENCODING_IPP
#define OKHTTP_URL_PERCENT_ENCODING_IPP

#include <okhttp/url/percent_encoding.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace url {

OKHTTP_DECL void append_encoded(std::string& out, std::string_view text, const EncodeSet& set) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!set.contains(text[i])) continue;
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
    out.append(text.substr(copied, i - copied)).append(escape, sizeof escape);
    copied = i + 1;
  }
  out.append(text.substr(copied));
}

OKHTTP_DECL std::string encode(std::string_view text, const EncodeSet& set) {
  std::string out;
  out.reserve(text.size());
  append_encoded(out, text, set);
  return out;
}

OKHTTP_DECL std::string decode_bytes(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%' && text.size() - i > 2) {
      const int high = ascii::hex_value(text[i + 1]);
      const int low = ascii::hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    out += c;
  }
  return out;
}

OKHTTP_DECL std::string decode(std::string_view text, Plus plus) {
  return to_valid_utf8(decode_bytes(text, plus));
}

OKHTTP_DECL std::string to_valid_utf8(std::string text) {
  bool is_ascii = true;
  for (char c : text) is_ascii = is_ascii && static_cast<std::uint8_t>(c) < 0x80;
  if (is_ascii) return text;

  std::string out;
  out.reserve(text.size());
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = byte_at(i);
    if (lead < 0x80) {
      out += text[i++];
      continue;
    }
    std::size_t needed = 0;
    if (lead >= 0xC2 && lead <= 0xDF) needed = 1;
    if (lead >= 0xE0 && lead <= 0xEF) needed = 2;
    if (lead >= 0xF0 && lead <= 0xF4) needed = 3;
    // The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
    std::uint8_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    std::uint8_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    std::size_t end = i + 1;
    while (end < text.size() && end - i <= needed && byte_at(end) >= lowest &&
           byte_at(end) <= highest) {
      lowest = 0x80;
      highest = 0xBF;
      ++end;
    }
    if (needed != 0 && end - i == needed + 1)
      out.append(text, i, end - i);
    else
      out += "\xEF\xBF\xBD";
    i = end;
  }
  return out;
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_PERCENT_ENCODING_IPP
