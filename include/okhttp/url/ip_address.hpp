// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_IP_ADDRESS_HPP
#define OKHTTP_URL_IP_ADDRESS_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// An IPv4 or IPv6 address: a small value, trivially copyable. No port and no IPv6 zone.
class IpAddress {
 public:
  /// 0.0.0.0
  constexpr IpAddress() noexcept = default;
  /// From bytes in network order: `IpAddress::v4({127, 0, 0, 1})`.
  static constexpr IpAddress v4(const std::array<std::uint8_t, 4>& bytes) noexcept {
    IpAddress address;
    for (std::size_t i = 0; i < bytes.size(); ++i) address.bytes_[i] = bytes[i];
    return address;
  }
  /// From bytes in network order.
  static constexpr IpAddress v6(const std::array<std::uint8_t, 16>& bytes) noexcept {
    IpAddress address;
    address.bytes_ = bytes;
    address.is_v6_ = true;
    return address;
  }
  /// Reads "192.0.2.1" or "2001:db8::1", without brackets, blanks, zone or port.
  ///
  /// IPv4 is four decimal numbers without leading zeros; the many other forms that URLs allow are
  /// read by HttpUrl alone. Errors: Errc::invalid_argument. Spec: RFC 4291, 2.2.
  static Result<IpAddress> try_parse(std::string_view text);
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws.
  static IpAddress parse(std::string_view text) { return try_parse(text).value(); }
#endif

  constexpr bool is_v4() const noexcept { return !is_v6_; }
  constexpr bool is_v6() const noexcept { return is_v6_; }
  /// Its 4 or 16 bytes in network order, a view into this object.
  constexpr std::span<const std::uint8_t> bytes() const& noexcept {
    return {bytes_.data(), is_v6_ ? std::size_t{16} : std::size_t{4}};
  }
  std::span<const std::uint8_t> bytes() const&& = delete;

  /// 127.0.0.0/8, ::1, and the former inside IPv6 (::ffff:127.0.0.0/104).
  bool is_loopback() const noexcept;
  /// "192.0.2.1" or "2001:db8::1"; an IPv4 address inside IPv6 as "::ffff:192.0.2.1".
  /// Spec: RFC 5952.
  std::string to_string() const;

  friend constexpr bool operator==(const IpAddress&, const IpAddress&) noexcept = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 uses the first four, the others stay 0
  bool is_v6_ = false;
};

namespace url {
/// Characters of "1111:2222:3333:4444:5555:6666:7777:8888".
inline constexpr std::size_t longest_ipv6 = 39;
inline constexpr std::size_t longest_ipv4 = 15;

/// Writes an IPv6 address as URLs have it, without brackets and always in hex, to `out`, which has
/// room for `longest_ipv6` characters. Returns the end of what it wrote.
/// Spec: WHATWG URL, 3.5 ("IPv6 serializer").
char* write_ipv6(char* out, const std::uint8_t* bytes) noexcept;
/// Writes a dotted quad. As above.
char* write_ipv4(char* out, const std::uint8_t* bytes) noexcept;
/// Reads a dotted quad without leading zeros, which is all of the text.
bool read_ipv4(std::string_view text, std::uint8_t* out) noexcept;
/// Reads an IPv6 address without brackets, which is all of the text.
bool read_ipv6(std::string_view text, std::array<std::uint8_t, 16>& out) noexcept;
}  // namespace url

OKHTTP_NAMESPACE_END

#include <okhttp/url/ip_address.ipp>

#endif  // OKHTTP_URL_IP_ADDRESS_HPP
