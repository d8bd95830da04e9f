// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CHARSET_IPP
#define OKHTTP_MESSAGE_CHARSET_IPP

#include <okhttp/message/charset.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::charset {

struct Label {
  std::string_view name;
  Charset charset;
};
inline constexpr Label labels[] = {
    {"utf-8", Charset::utf_8},
    {"utf8", Charset::utf_8},
    {"unicode-1-1-utf-8", Charset::utf_8},
    {"unicode11utf8", Charset::utf_8},
    {"unicode20utf8", Charset::utf_8},
    {"x-unicode20utf8", Charset::utf_8},
    {"iso-8859-1", Charset::windows_1252},
    {"windows-1252", Charset::windows_1252},
    {"us-ascii", Charset::windows_1252},
    {"latin1", Charset::windows_1252},
    {"ascii", Charset::windows_1252},
    {"ansi_x3.4-1968", Charset::windows_1252},
    {"cp1252", Charset::windows_1252},
    {"cp819", Charset::windows_1252},
    {"csisolatin1", Charset::windows_1252},
    {"ibm819", Charset::windows_1252},
    {"iso-ir-100", Charset::windows_1252},
    {"iso8859-1", Charset::windows_1252},
    {"iso88591", Charset::windows_1252},
    {"iso_8859-1", Charset::windows_1252},
    {"iso_8859-1:1987", Charset::windows_1252},
    {"l1", Charset::windows_1252},
    {"x-cp1252", Charset::windows_1252},
    {"utf-16", Charset::utf_16le},
    {"utf-16le", Charset::utf_16le},
    {"csunicode", Charset::utf_16le},
    {"iso-10646-ucs-2", Charset::utf_16le},
    {"ucs-2", Charset::utf_16le},
    {"unicode", Charset::utf_16le},
    {"unicodefeff", Charset::utf_16le},
    {"utf-16be", Charset::utf_16be},
    {"unicodefffe", Charset::utf_16be},
    {"utf-32", Charset::utf_32be},
    {"utf-32be", Charset::utf_32be},
    {"utf-32le", Charset::utf_32le},
};

// What the bytes 0x80 to 0x9F stand for; the others stand for their own number.
inline constexpr char16_t windows_1252_c1[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

inline constexpr char32_t replacement = 0xFFFD;

OKHTTP_DECL void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (c >= 0xD800 && (c < 0xE000 || c > 0x10FFFF)) c = replacement;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

/// The code unit of `width` bytes at `at`.
OKHTTP_DECL char32_t unit_at(std::string_view bytes,
                             std::size_t at,
                             std::size_t width,
                             bool little_endian) noexcept {
  char32_t unit = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[at + (little_endian ? width - 1 - i : i)]);
    unit = unit << 8 | byte;
  }
  return unit;
}

OKHTTP_DECL void append_utf_16(std::string& out, std::string_view bytes, bool little_endian) {
  std::size_t at = 0;
  while (bytes.size() - at >= 2) {
    char32_t c = unit_at(bytes, at, 2, little_endian);
    at += 2;
    if (c >= 0xD800 && c < 0xDC00 && bytes.size() - at >= 2) {
      const char32_t low = unit_at(bytes, at, 2, little_endian);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    append(out, c);  // a surrogate without its other half becomes the replacement
  }
  if (at < bytes.size()) append(out, replacement);
}

OKHTTP_DECL void append_utf_32(std::string& out, std::string_view bytes, bool little_endian) {
  std::size_t at = 0;
  for (; bytes.size() - at >= 4; at += 4) append(out, unit_at(bytes, at, 4, little_endian));
  if (at < bytes.size()) append(out, replacement);
}

OKHTTP_DECL void append_windows_1252(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      out += c;
    else
      append(out, byte < 0xA0 ? windows_1252_c1[byte - 0x80] : char32_t{byte});
  }
}

}  // namespace detail::charset

OKHTTP_DECL std::optional<Charset> charset_for_label(std::string_view label) noexcept {
  for (const detail::charset::Label& known : detail::charset::labels)
    if (ascii::iequals(known.name, label)) return known.charset;
  return std::nullopt;
}

OKHTTP_DECL std::optional<ByteOrderMark> byte_order_mark(std::string_view bytes) noexcept {
  using namespace std::string_view_literals;
  if (bytes.empty()) return std::nullopt;
  switch (static_cast<unsigned char>(bytes.front())) {
    case 0xEF:
      if (bytes.starts_with("\xEF\xBB\xBF"sv)) return ByteOrderMark{Charset::utf_8, 3};
      break;
    case 0xFF:
      if (bytes.starts_with("\xFF\xFE\0\0"sv)) return ByteOrderMark{Charset::utf_32le, 4};
      if (bytes.starts_with("\xFF\xFE"sv)) return ByteOrderMark{Charset::utf_16le, 2};
      break;
    case 0xFE:
      if (bytes.starts_with("\xFE\xFF"sv)) return ByteOrderMark{Charset::utf_16be, 2};
      break;
    case 0x00:
      if (bytes.starts_with("\0\0\xFE\xFF"sv)) return ByteOrderMark{Charset::utf_32be, 4};
      break;
    default: break;
  }
  return std::nullopt;
}

OKHTTP_DECL std::string to_utf8(std::string_view bytes, Charset charset) {
  std::string out;
  out.reserve(bytes.size());
  switch (charset) {
    case Charset::utf_8: out = bytes; break;
    case Charset::utf_16le: detail::charset::append_utf_16(out, bytes, true); break;
    case Charset::utf_16be: detail::charset::append_utf_16(out, bytes, false); break;
    case Charset::utf_32le: detail::charset::append_utf_32(out, bytes, true); break;
    case Charset::utf_32be: detail::charset::append_utf_32(out, bytes, false); break;
    case Charset::windows_1252: detail::charset::append_windows_1252(out, bytes); break;
  }
  return out;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CHARSET_IPP
