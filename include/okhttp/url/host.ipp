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
OKHTTP_DECL bool read_lenient_ipv4(std::string_view host, std::uint8_t* out) noexcept {
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
  for (int shift = 24; shift >= 0; shift -= 8)
    *out++ = static_cast<std::uint8_t>(address >> shift & 0xFF);
  return true;
}

/// A name in lower case and in the form that DNS knows; what it may consist of is not looked at.
OKHTTP_DECL const char* append_name(TextWriter& out, std::string_view text) {
#if OKHTTP_IDNA
  if (is_international(text)) return domain_to_ascii(out, text);
#endif
  char* const lower = out.make_room(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
#if !OKHTTP_IDNA
    if (static_cast<std::uint8_t>(text[i]) >= 0x80)
      return "its host is not ASCII, and this build has no international host names (OKHTTP_IDNA is "
             "0; write the name in its xn-- form)";
#endif
    lower[i] = ascii::to_lower(text[i]);
  }
  out.commit(text.size());
  return nullptr;
}

OKHTTP_DECL const char* append_host(TextWriter& out, std::string_view text) {
  if (text.starts_with('[')) {
    if (text.back() != ']') return "the '[' of its host has no ']'";
    std::array<std::uint8_t, 16> address;
    if (!read_ipv6(text.substr(1, text.size() - 2), address))
      return "its host has brackets but is no IPv6 address";
    out += '[';
    char* const begin = out.make_room(longest_ipv6);
    out.commit(static_cast<std::size_t>(write_ipv6(begin, address.data()) - begin));
    out += ']';
    return nullptr;
  }
  std::string decoded;
  if (text.find('%') != std::string_view::npos) text = decoded = decode_bytes(text);
  if (text.empty()) return "it has no host";
  const std::size_t begin = out.size();
  if (const char* const reason = append_name(out, text)) return reason;
  const std::string_view name = out.view().substr(begin);
  const char* reason = nullptr;
  for (char c : name)
    if (forbidden_in_host.contains(c)) reason = "its host has a character that no host may have";
  if (reason == nullptr) {
    if (!ends_in_number(name)) return nullptr;
    std::uint8_t address[4];
    if (read_lenient_ipv4(name, address)) {
      out.truncate(begin);
      char* const quad = out.make_room(longest_ipv4);
      out.commit(static_cast<std::size_t>(write_ipv4(quad, address) - quad));
      return nullptr;
    }
    reason = "its host ends in a number but is no IPv4 address";
  }
  out.truncate(begin);
  return reason;
}

OKHTTP_DECL const char* append_host(std::string& out, std::string_view text) {
  TextWriter canonical;
  const char* const reason = append_host(canonical, text);
  if (reason == nullptr) out += canonical.view();
  return reason;
}

OKHTTP_DECL std::string describe_host(std::string_view text) {
  constexpr std::size_t longest_shown = 64;
  TextWriter out;
  out += std::string_view(" (host '");
  out.append_encoded(text.substr(0, longest_shown), EncodeSet());
  out += std::string_view(text.size() > longest_shown ? "...')" : "')");
  return std::string(out.view());
}

OKHTTP_DECL Result<std::string> parse_host(std::string_view text) {
  TextWriter out;
  const char* reason = nullptr;
  if (text.find(':') != std::string_view::npos && !text.starts_with('[')) {
    std::string bracketed(1, '[');
    bracketed.append(text) += ']';
    if (append_host(out, bracketed) != nullptr)
      reason = "its host has a ':' but is no IPv6 address";
  } else {
    reason = append_host(out, text);
  }
  if (reason == nullptr) return std::string(out.view());
  return bad_url(reason, text);
}

OKHTTP_DECL Error bad_url(const char* reason, std::string_view host) {
  const bool is_shown = !host.empty() && host.find_first_of("@%") == std::string_view::npos;
  return Error(Errc::bad_url, "bad URL: ", reason, is_shown ? describe_host(host) : std::string());
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_HOST_IPP
