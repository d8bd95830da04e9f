// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_IP_ADDRESS_IPP
#define OKHTTP_URL_IP_ADDRESS_IPP

#include <okhttp/url/ip_address.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/text_writer.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// A dotted quad, all of the text.
OKHTTP_DECL bool read_ipv4(std::string_view text, std::uint8_t* out) noexcept {
  for (int part = 0; part < 4; ++part) {
    if (part != 0) {
      if (text.empty() || text.front() != '.') return false;
      text.remove_prefix(1);
    }
    std::size_t length = 0;
    unsigned value = 0;
    while (length < text.size() && length < 4 && ascii::is_digit(text[length]))
      value = value * 10 + static_cast<unsigned>(text[length++] - '0');
    if (length == 0 || value > 255 || (length > 1 && text.front() == '0')) return false;
    out[part] = static_cast<std::uint8_t>(value);
    text.remove_prefix(length);
  }
  return text.empty();
}

OKHTTP_DECL bool read_ipv6(std::string_view text, std::array<std::uint8_t, 16>& out) noexcept {
  constexpr std::size_t no_gap = 17;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t used = 0;      // bytes read so far
  std::size_t gap = no_gap;  // where "::" stood
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  } else if (text.empty()) {
    return false;
  }
  while (!text.empty()) {
    if (used == 16) return false;
    std::size_t length = 0;
    unsigned value = 0;
    while (length < text.size() && length < 4 && ascii::hex_value(text[length]) >= 0)
      value = value * 16 + static_cast<unsigned>(ascii::hex_value(text[length++]));
    if (length == 0) return false;
    if (length < text.size() && text[length] == '.') {
      if (used > 12 || !read_ipv4(text, bytes.data() + used)) return false;
      used += 4;
      break;
    }
    bytes[used++] = static_cast<std::uint8_t>(value >> 8);
    bytes[used++] = static_cast<std::uint8_t>(value & 0xFF);
    text.remove_prefix(length);
    if (text.empty()) break;
    if (text.front() != ':' || text.size() == 1) return false;
    text.remove_prefix(1);
    if (text.front() == ':') {
      if (gap != no_gap) return false;
      gap = used;
      text.remove_prefix(1);
    }
  }
  // "::" stands for one group of zeros at least.
  if (gap == no_gap ? used != 16 : used > 14) return false;
  if (gap == no_gap) gap = used;
  out = {};
  for (std::size_t i = 0; i < gap; ++i) out[i] = bytes[i];
  for (std::size_t i = gap; i < used; ++i) out[i + 16 - used] = bytes[i];
  return true;
}

OKHTTP_DECL char* write_ipv4(char* out, const std::uint8_t* bytes) noexcept {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) *out++ = '.';
    const unsigned value = bytes[i];
    if (value >= 100) *out++ = static_cast<char>('0' + value / 100);
    if (value >= 10) *out++ = static_cast<char>('0' + value / 10 % 10);
    *out++ = static_cast<char>('0' + value % 10);
  }
  return out;
}

OKHTTP_DECL char* write_ipv6(char* out, const std::uint8_t* bytes) noexcept {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  // The first of the longest runs of zeros, if longer than one, becomes "::".
  std::size_t gap = 8;
  std::size_t gap_length = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
    i = std::max(end, i + 1);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == gap) {
      *out++ = ':';
      *out++ = ':';
      i += gap_length - 1;
      continue;
    }
    if (i != 0 && i != gap + gap_length) *out++ = ':';
    bool leading = true;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = groups[i] >> shift & 15U;
      leading = leading && digit == 0 && shift != 0;
      if (!leading) *out++ = "0123456789abcdef"[digit];
    }
  }
  return out;
}

inline constexpr std::array<std::uint8_t, 12> ipv4_mapped_prefix = {0, 0, 0, 0, 0,    0,
                                                                    0, 0, 0, 0, 0xFF, 0xFF};

OKHTTP_DECL bool is_ipv4_mapped(std::span<const std::uint8_t> bytes) noexcept {
  return bytes.size() == 16 &&
         std::equal(ipv4_mapped_prefix.begin(), ipv4_mapped_prefix.end(), bytes.begin());
}

}  // namespace url

OKHTTP_DECL Result<IpAddress> IpAddress::try_parse(std::string_view text) {
  IpAddress address;
  address.is_v6_ = text.find(':') != std::string_view::npos;
  if (address.is_v6_ ? url::read_ipv6(text, address.bytes_)
                     : url::read_ipv4(text, address.bytes_.data()))
    return address;
  constexpr std::size_t longest_shown = 64;
  url::TextWriter shown;
  shown.append_encoded(text.substr(0, longest_shown), url::EncodeSet());
  return Error(Errc::invalid_argument, "not an IP address: '", shown.view(),
               text.size() > longest_shown ? "...'" : "'");
}

OKHTTP_DECL bool IpAddress::is_loopback() const noexcept {
  if (!is_v6_) return bytes_[0] == 127;
  if (url::is_ipv4_mapped(bytes_)) return bytes_[12] == 127;
  constexpr std::array<std::uint8_t, 16> one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == one;
}

OKHTTP_DECL std::string IpAddress::to_string() const {
  char text[url::longest_ipv6];
  char* end = text;
  if (!is_v6_) {
    end = url::write_ipv4(text, bytes_.data());
  } else if (url::is_ipv4_mapped(bytes_)) {
    for (char c : std::string_view("::ffff:")) *end++ = c;
    end = url::write_ipv4(end, bytes_.data() + url::ipv4_mapped_prefix.size());
  } else {
    end = url::write_ipv6(text, bytes_.data());
  }
  return std::string(text, static_cast<std::size_t>(end - text));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_IP_ADDRESS_IPP
