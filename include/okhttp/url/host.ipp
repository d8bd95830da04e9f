// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_HOST_IPP
#define OKHTTP_URL_HOST_IPP

#include <okhttp/url/host.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/idna.hpp>
#include <okhttp/url/ip_address.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#include <array>
#include <cstddef>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// The forbidden domain code points of the standard: beside these all controls, DEL and above.
inline constexpr EncodeSet forbidden_in_host = EncodeSet().with(" #%/:<>?@[\\]^|");

// The IPv4 number parser: decimal, 0x hex or 0 octal. Values stop growing above 32 bits, which no
// part may hold. False when it is no number.
OKHTTP_DECL bool read_ipv4_number(std::string_view text, std::uint64_t& out) noexcept {
  if (text.empty()) return false;
  unsigned radix = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    radix = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    radix = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (char c : text) {
    const int digit = ascii::hex_value(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= radix) return false;
    if (value <= UINT32_MAX) value = value * radix + static_cast<unsigned>(digit);
  }
  out = value;
  return true;
}

OKHTTP_DECL bool ends_in_number(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  // npos + 1 is 0: without a dot the whole host is its last label.
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (last.empty()) return false;
  bool digits = true;
  for (char c : last) digits = digits && ascii::is_digit(c);
  std::uint64_t ignored = 0;
  return digits || read_ipv4_number(last, ignored);
}

// The IPv4 parser: one to four numbers, the last one fills the bytes that are left.
OKHTTP_DECL bool append_lenient_ipv4(std::string& out, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::array<std::uint64_t, 4> parts{};
  std::size_t count = 0;
  for (bool more = true; more;) {
    const std::size_t dot = host.find('.');
    if (count == 4 || !read_ipv4_number(host.substr(0, dot), parts[count])) return false;
    ++count;
    more = dot != std::string_view::npos;
    if (more) host.remove_prefix(dot + 1);
  }
  std::uint64_t address = parts[count - 1];
  if (address >> (8 * (5 - count)) != 0) return false;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (parts[i] > 255) return false;
    address |= parts[i] << (8 * (3 - i));
  }
  out += IpAddress::v4({static_cast<std::uint8_t>(address >> 24 & 0xFF),
                        static_cast<std::uint8_t>(address >> 16 & 0xFF),
                        static_cast<std::uint8_t>(address >> 8 & 0xFF),
                        static_cast<std::uint8_t>(address & 0xFF)})
             .to_string();
  return true;
}

/// A name in lower case and in the form that DNS knows; what it may consist of is not looked at.
OKHTTP_DECL const char* append_name(std::string& out, std::string_view text) {
#if OKHTTP_IDNA
  return domain_to_ascii(out, text);
#else
  for (char c : text)
    if (static_cast<std::uint8_t>(c) >= 0x80)
      return "its host is not ASCII, and this build has no international host names (OKHTTP_IDNA is "
             "0; write the name in its xn-- form)";
  std::size_t i = out.size();
  for (out += text; i < out.size(); ++i) out[i] = ascii::to_lower(out[i]);
  return nullptr;
#endif
}

OKHTTP_DECL const char* read_ipv6_host(std::string_view text, IpAddress& out) {
  if (!text.ends_with(']')) return "the '[' of its host has no ']'";
  const Result<IpAddress> address = IpAddress::try_parse(text.substr(1, text.size() - 2));
  if (!address || !address->is_v6()) return "its host has brackets but is no IPv6 address";
  out = *address;
  return nullptr;
}

OKHTTP_DECL const char* append_host(std::string& out, std::string_view text) {
  if (text.starts_with('[')) {
    IpAddress address;
    if (const char* const reason = read_ipv6_host(text, address)) return reason;
    out += '[';
    append_ipv6(out, address);
    out += ']';
    return nullptr;
  }
  std::string decoded;
  if (text.find('%') != std::string_view::npos) text = decoded = decode_bytes(text);
  if (text.empty()) return "it has no host";
  const std::size_t begin = out.size();
  if (const char* const reason = append_name(out, text)) return reason;
  const std::string_view name = std::string_view(out).substr(begin);
  const char* reason = nullptr;
  for (char c : name)
    if (forbidden_in_host.contains(c)) reason = "its host has a character that no host may have";
  if (reason == nullptr) {
    if (!ends_in_number(name)) return nullptr;
    const std::string number(name);
    out.resize(begin);
    if (append_lenient_ipv4(out, number)) return nullptr;
    reason = "its host ends in a number but is no IPv4 address";
  }
  out.resize(begin);
  return reason;
}

OKHTTP_DECL std::string describe_host(std::string_view text) {
  constexpr std::size_t longest_shown = 64;
  std::string out = " (host '";
  append_encoded(out, text.substr(0, longest_shown), EncodeSet());
  out += text.size() > longest_shown ? "...')" : "')";
  return out;
}

OKHTTP_DECL Result<std::string> parse_host(std::string_view text) {
  std::string bracketed;
  std::string out;
  const char* reason = nullptr;
  if (text.find(':') != std::string_view::npos && !text.starts_with('[')) {
    bracketed.append("[").append(text).append("]");
    if (append_host(out, bracketed) != nullptr)
      reason = "its host has a ':' but is no IPv6 address";
  } else {
    reason = append_host(out, text);
  }
  if (reason == nullptr) return out;
  std::string message = std::string("bad URL: ") + reason;
  // What has an '@' may be user information that ended up in the wrong place.
  if (text.find_first_of("@%") == std::string_view::npos) message += describe_host(text);
  return Error(Errc::bad_url, std::move(message));
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_HOST_IPP
