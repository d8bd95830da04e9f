// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CHARSET_HPP
#define OKHTTP_MESSAGE_CHARSET_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// An encoding of text that this library can turn into UTF-8.
enum class Charset {
  utf_8,
  utf_16le,
  utf_16be,
  utf_32le,
  utf_32be,
  /// Also what the web means by ISO-8859-1 and US-ASCII.
  windows_1252,
};

/// The charset that a label such as "latin1" stands for, whatever its case; empty for one that is
/// not known here.
///
/// Spec: the labels of the WHATWG Encoding standard, 4.2, so ISO-8859-1 and US-ASCII are
/// windows-1252 and "utf-16" is little-endian; it has no UTF-32, where a plain "utf-32" is
/// big-endian (Unicode standard, 3.10, D101).
std::optional<Charset> charset_for_label(std::string_view label) noexcept;

/// A byte order mark and the bytes it takes.
struct ByteOrderMark {
  Charset charset;
  std::size_t size;
};
/// The mark that `bytes` begin with. FF FE 00 00 is UTF-32, as no text begins with U+0000.
std::optional<ByteOrderMark> byte_order_mark(std::string_view bytes) noexcept;

/// `bytes` of that charset as UTF-8. What the charset does not allow becomes U+FFFD; UTF-8 itself
/// is handed through unchecked. A byte order mark is text like any other here.
std::string to_utf8(std::string_view bytes, Charset charset);

OKHTTP_NAMESPACE_END

#include <okhttp/message/charset.ipp>

#endif  // OKHTTP_MESSAGE_CHARSET_HPP
