// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_UTF8_CHECK_HPP
#define OKHTTP_MESSAGE_UTF8_CHECK_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Decides byte by byte whether text is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// Spec: RFC 3629, 4.
class Utf8Check {
 public:
  /// False when this byte cannot follow the ones before.
  constexpr bool add(std::uint8_t byte) noexcept {
    if (missing_ != 0) {
      if (byte < lowest_ || byte > highest_) return false;
      lowest_ = 0x80;
      highest_ = 0xBF;
      --missing_;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    lowest_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    highest_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
  }
  /// True when no character is left unfinished.
  constexpr bool is_complete() const noexcept { return missing_ == 0; }

 private:
  unsigned missing_ = 0;
  std::uint8_t lowest_ = 0x80;
  std::uint8_t highest_ = 0xBF;
};

constexpr bool is_utf8(std::string_view text) noexcept {
  Utf8Check check;
  for (const char c : text)
    if (!check.add(static_cast<std::uint8_t>(c))) return false;
  return check.is_complete();
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_UTF8_CHECK_HPP
