// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PERCENT_ENCODING_HPP
#define OKHTTP_URL_PERCENT_ENCODING_HPP

#include <okhttp/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// The bytes that have to be written as %XX in one place of a URL.
/// Spec: WHATWG URL, 1.3. Every set has the control characters, DEL and all bytes above ASCII.
class EncodeSet {
 public:
  /// The C0 control percent-encode set.
  constexpr EncodeSet() noexcept {
    for (unsigned byte = 0; byte < 256; ++byte)
      if (byte < 0x20 || byte > 0x7E) add(static_cast<std::uint8_t>(byte));
  }
  /// This set and these characters.
  constexpr EncodeSet with(std::string_view characters) const noexcept {
    EncodeSet more = *this;
    for (char c : characters) more.add(static_cast<std::uint8_t>(c));
    return more;
  }
  constexpr bool contains(char c) const noexcept {
    const auto byte = static_cast<std::uint8_t>(c);
    return ((bits_[byte / 32] >> (byte % 32)) & 1U) != 0;
  }

 private:
  constexpr void add(std::uint8_t byte) noexcept { bits_[byte / 32] |= 1U << (byte % 32); }
  std::array<std::uint32_t, 8> bits_{};
};

// The sets of the standard. They leave '%' alone: for text that is already encoded.
inline constexpr EncodeSet fragment_set = EncodeSet().with(" \"<>`");
inline constexpr EncodeSet query_set = EncodeSet().with(" \"#<>'");  // the "special" one of http(s)
inline constexpr EncodeSet path_set = EncodeSet().with(" \"#<>?^`{}");
inline constexpr EncodeSet user_info_set = path_set.with("/:;=@[\\]|");
/// One name or value of a query or a form, plain text; a form then writes "%20" as '+'.
inline constexpr EncodeSet form_set = user_info_set.with("$%&+,!'()~");

// The same places for plain text, where '%' is a character like any other.
inline constexpr EncodeSet plain_fragment_set = fragment_set.with("%");
inline constexpr EncodeSet plain_query_set = query_set.with("%+");
inline constexpr EncodeSet plain_user_info_set = user_info_set.with("%");
inline constexpr EncodeSet plain_path_segment_set = path_set.with("/\\|%");
/// One path segment that is already encoded.
inline constexpr EncodeSet path_segment_set = path_set.with("/\\");
/// One query name or value that is already encoded.
inline constexpr EncodeSet query_component_set = query_set.with("&=");

/// What '+' means to a decoder: itself, or a space as in queries and forms.
enum class Plus { is_plus, is_space };

/// Appends `text` with the bytes of `set` written as %XX (upper case).
void append_encoded(std::string& out, std::string_view text, const EncodeSet& set);
std::string encode(std::string_view text, const EncodeSet& set);

/// The bytes behind the %XX sequences; a '%' without two hex digits stays as it is.
std::string decode_bytes(std::string_view text, Plus plus = Plus::is_plus);

/// As decode_bytes, but always valid UTF-8: bad sequences become U+FFFD.
std::string decode(std::string_view text, Plus plus = Plus::is_plus);

/// The text with every maximal bad UTF-8 sequence replaced by U+FFFD, as browsers do.
/// Spec: WHATWG Encoding, 8.1.1.
std::string to_valid_utf8(std::string text);

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/percent_encoding.ipp>

#endif  // OKHTTP_URL_PERCENT_ENCODING_HPP
