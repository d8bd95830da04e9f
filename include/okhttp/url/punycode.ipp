// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PUNYCODE_IPP
#define OKHTTP_URL_PUNYCODE_IPP

#include <okhttp/url/punycode.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// The names and numbers of RFC 3492, 5.
inline constexpr std::uint32_t punycode_base = 36;
inline constexpr std::uint32_t punycode_t_min = 1;
inline constexpr std::uint32_t punycode_t_max = 26;
inline constexpr std::uint32_t punycode_initial_bias = 72;
inline constexpr std::uint32_t punycode_initial_n = 0x80;

/// RFC 3492, 6.1.
OKHTTP_DECL std::uint32_t adapt_punycode_bias(std::uint32_t delta,
                                              std::uint32_t points,
                                              bool first) noexcept {
  delta /= first ? 700 : 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > (punycode_base - punycode_t_min) * punycode_t_max / 2; k += punycode_base)
    delta /= punycode_base - punycode_t_min;
  return k + (punycode_base - punycode_t_min + 1) * delta / (delta + 38);
}

OKHTTP_DECL std::uint32_t punycode_threshold(std::uint32_t k, std::uint32_t bias) noexcept {
  if (k <= bias + punycode_t_min) return punycode_t_min;
  return std::min(k - bias, punycode_t_max);
}

// The deltas of RFC 3492, 3.2 are distances between states; this is the number of states there are
// while code points are still to come, so 32 bits hold every distance.
static_assert(std::uint64_t{0x110000} * (max_punycode + 1) <= UINT32_MAX);

OKHTTP_DECL bool append_punycode(TextWriter& out, std::u32string_view text) {
  if (text.size() > max_punycode) return false;
  for (char32_t point : text)
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  std::uint32_t done = 0;
  for (char32_t point : text) {
    if (point >= punycode_initial_n) continue;
    out += static_cast<char>(point);
    ++done;
  }
  const std::uint32_t basic = done;
  if (basic > 0) out += '-';
  std::uint32_t n = punycode_initial_n;
  std::uint32_t bias = punycode_initial_bias;
  for (std::uint32_t delta = 0; done < text.size(); ++delta, ++n) {
    std::uint32_t next = 0x10FFFF;
    for (char32_t point : text)
      if (point >= n && point < next) next = point;
    delta += (next - n) * (done + 1);
    n = next;
    for (char32_t point : text) {
      if (point < n) ++delta;
      if (point != n) continue;
      std::uint32_t rest = delta;
      for (std::uint32_t k = punycode_base;; k += punycode_base) {
        const std::uint32_t threshold = punycode_threshold(k, bias);
        const bool last = rest < threshold;
        const std::uint32_t range = punycode_base - threshold;
        const std::uint32_t digit = last ? rest : threshold + (rest - threshold) % range;
        out += static_cast<char>(digit < 26 ? 'a' + digit : '0' + (digit - 26));
        if (last) break;
        rest = (rest - threshold) / range;
      }
      bias = adapt_punycode_bias(delta, done + 1, done == basic);
      delta = 0;
      ++done;
    }
  }
  return true;
}

OKHTTP_DECL bool append_punycode(std::string& out, std::u32string_view text) {
  TextWriter encoded;
  if (!append_punycode(encoded, text)) return false;
  out += encoded.view();
  return true;
}

OKHTTP_DECL std::uint32_t punycode_digit(char32_t c) noexcept {
  if (c >= '0' && c <= '9') return c - '0' + 26;
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= 'A' && c <= 'Z') return c - 'A';
  return punycode_base;
}

OKHTTP_DECL std::optional<std::size_t> decode_punycode(std::u32string_view text,
                                                       std::span<char32_t> out) noexcept {
  if (text.size() > max_punycode) return std::nullopt;
  const std::size_t delimiter = text.rfind(U'-');
  std::uint32_t count = 0;
  std::size_t at = 0;
  // A delimiter at the begin is no delimiter: without basic code points none is written.
  if (delimiter != std::u32string_view::npos && delimiter > 0) {
    if (delimiter > out.size()) return std::nullopt;
    for (; count < delimiter; ++count) {
      if (text[count] >= punycode_initial_n) return std::nullopt;
      out[count] = text[count];
    }
    at = delimiter + 1;
  }
  std::uint32_t n = punycode_initial_n;
  std::uint32_t bias = punycode_initial_bias;
  std::uint32_t position = 0;
  bool first = true;
  while (at < text.size()) {
    const std::uint32_t before = position;
    std::uint32_t weight = 1;
    for (std::uint32_t k = punycode_base;; k += punycode_base) {
      if (at == text.size()) return std::nullopt;
      const std::uint32_t digit = punycode_digit(text[at++]);
      if (digit >= punycode_base || digit > (UINT32_MAX - position) / weight) return std::nullopt;
      position += digit * weight;
      const std::uint32_t threshold = punycode_threshold(k, bias);
      if (digit < threshold) break;
      if (weight > UINT32_MAX / (punycode_base - threshold)) return std::nullopt;
      weight *= punycode_base - threshold;
    }
    bias = adapt_punycode_bias(position - before, count + 1, first);
    first = false;
    const std::uint32_t steps = position / (count + 1);
    if (steps > 0x10FFFF - n || count == out.size()) return std::nullopt;
    n += steps;
    if (n >= 0xD800 && n <= 0xDFFF) return std::nullopt;
    position %= count + 1;
    std::copy_backward(out.begin() + position, out.begin() + count, out.begin() + count + 1);
    out[position++] = n;
    ++count;
  }
  return count;
}

OKHTTP_DECL std::optional<std::u32string> decode_punycode(std::string_view text) {
  if (text.size() > max_punycode) return std::nullopt;
  std::u32string wide;
  for (char c : text) wide += static_cast<unsigned char>(c);
  std::u32string out(wide.size(), U'\0');
  const std::optional<std::size_t> count = decode_punycode(wide, out);
  if (!count) return std::nullopt;
  out.resize(*count);
  return out;
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_PUNYCODE_IPP
