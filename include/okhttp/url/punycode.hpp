// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PUNYCODE_HPP
#define OKHTTP_URL_PUNYCODE_HPP

#include <okhttp/config.hpp>
#include <okhttp/url/text_writer.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// Punycode, the form in which DNS holds labels beyond ASCII; the "xn--" before it is none of it.
// Spec: RFC 3492. Case annotation (its appendix A) is ignored when reading and not written.

/// The longest text, in code points and in characters, that is written or read. Both ways take
/// quadratic time by the nature of the code, so there has to be an end. A label of DNS has at most
/// 63 characters; UTS #46 leaves that limit to whoever asks DNS.
inline constexpr std::size_t max_punycode = 2048;

/// Appends the Punycode of `text`. False, with `out` as it was, when `text` has a surrogate or
/// something above U+10FFFF, or is longer than max_punycode code points.
bool append_punycode(std::string& out, std::u32string_view text);
bool append_punycode(TextWriter& out, std::u32string_view text);

/// Writes the code points behind `text`, which has to be ASCII, to the begin of `out`; one for each
/// character of `text` is always enough. Returns how many they are; nothing when `text` is no
/// Punycode, is longer than max_punycode or `out` is too short. Digits may be of either case.
std::optional<std::size_t> decode_punycode(std::u32string_view text,
                                           std::span<char32_t> out) noexcept;

/// The same, with memory of its own.
std::optional<std::u32string> decode_punycode(std::string_view text);

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/punycode.ipp>

#endif  // OKHTTP_URL_PUNYCODE_HPP
