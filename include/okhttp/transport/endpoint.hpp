// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_ENDPOINT_HPP
#define OKHTTP_TRANSPORT_ENDPOINT_HPP

#include <okhttp/config.hpp>
#include <okhttp/url/ip_address.hpp>

#include <cstdint>
#include <optional>
#include <string>

OKHTTP_NAMESPACE_BEGIN

class Cancellation;

/// Whom a transport is to connect to.
struct Endpoint {
  /// The host as the URL names it: an ASCII name, or an IP address without brackets.
  std::string host;
  std::uint16_t port = 0;
  /// Where the host is. Always there for a transport that asks for addresses
  /// (`static constexpr bool needs_addresses = true`), else only when the host is an address.
  std::optional<IpAddress> address;
  /// The URL's scheme is https: what the stream carries must be encrypted and the peer verified.
  bool secure = false;
  /// Raised when the call is canceled; null when it cannot be. For hooks that end a wait early.
  Cancellation* cancellation = nullptr;

  /// "host:port", with an IPv6 address in brackets.
  std::string to_string() const {
    const std::string name = address ? address->to_string() : host;
    return (name.find(':') != std::string::npos ? "[" + name + "]" : name) + ":" +
           std::to_string(port);
  }
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_ENDPOINT_HPP
