// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_ADDRESS_HPP
#define OKHTTP_CONNECTION_ADDRESS_HPP

#include <okhttp/connection/connection_settings.hpp>
#include <okhttp/url/http_url.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// Which server a connection leads to, and with which settings it was made. Connections are shared
/// by calls of an equal address. Rule: OkHttp's Address.
class Address {
 public:
  /// `settings` are compared by value and outlive this; null is equal to null alone.
  Address(const HttpUrl& url, const detail::ConnectionSettings* settings)
      : host_(url.host()), port_(url.port()), secure_(url.is_https()), settings_(settings) {
    std::size_t hash = 14695981039346656037U;
    for (const char c : host_) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    hash_ = hash ^ (std::size_t{port_} << 1) ^ std::size_t{secure_};
  }

  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }
  bool is_secure() const noexcept { return secure_; }
  std::size_t hash() const noexcept { return hash_; }
  /// True when a request for this URL may use a connection of this address.
  bool serves(const HttpUrl& url) const noexcept {
    return port_ == url.port() && secure_ == url.is_https() && host_ == url.host();
  }

  /// The same with other settings, which are equal to those it has.
  Address with_settings(const detail::ConnectionSettings* settings) const {
    Address copy = *this;
    copy.settings_ = settings;
    return copy;
  }

  friend bool operator==(const Address& a, const Address& b) noexcept {
    return a.hash_ == b.hash_ && a.port_ == b.port_ && a.secure_ == b.secure_ &&
           a.host_ == b.host_ && same_settings(a.settings_, b.settings_);
  }

 private:
  static bool same_settings(const detail::ConnectionSettings* a, const detail::ConnectionSettings* b) noexcept {
    return a == b || (a != nullptr && b != nullptr && *a == *b);
  }
  std::string host_;
  std::uint16_t port_;
  bool secure_;
  const detail::ConnectionSettings* settings_;
  std::size_t hash_ = 0;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CONNECTION_ADDRESS_HPP
