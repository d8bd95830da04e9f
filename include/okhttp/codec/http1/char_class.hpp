// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CHAR_CLASS_HPP
#define OKHTTP_CODEC_HTTP1_CHAR_CLASS_HPP

#include <okhttp/base/char_class.hpp>
#include <okhttp/config.hpp>

#include <string>
#include <string_view>

// How a faulty text of a peer is shown.

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

using ascii::has_class;
using ascii::skip_token_chars;
using ascii::skip_value_chars;
using ascii::target_char;
using ascii::token_char;
using ascii::value_char;

/// A peer's text for an error message: in quotes, at most 60 characters of it, the bytes that are
/// not printable ASCII as \xNN.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t max_shown = 60;
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "'";
  for (std::size_t i = 0; i < text.size() && i < max_shown; ++i) {
    const char c = text[i];
    if (has_class(c, target_char) || c == ' ') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  out += text.size() > max_shown ? "...'" : "'";
  return out;
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CODEC_HTTP1_CHAR_CLASS_HPP
