// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_MATCH_HPP
#define OKHTTP_MESSAGE_COOKIE_MATCH_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/config.hpp>

#include <string_view>

// Which requests a cookie is for. Hosts and domains are in their canonical form, IPv6 without brackets.

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Whether a canonical host is an address: a name's last label never is a number.
constexpr bool is_ip_host(std::string_view host) noexcept {
  if (host.find(':') != std::string_view::npos) return true;
  // npos + 1 is 0: without a dot the whole host is its last label.
  const std::string_view last = host.substr(host.rfind('.') + 1);
  for (const char c : last)
    if (!ascii::is_digit(c)) return false;
  return !last.empty();
}

/// Spec: RFC 6265bis, 5.1.3.
constexpr bool domain_matches(std::string_view host, std::string_view domain) noexcept {
  if (!host.ends_with(domain)) return false;
  if (host.size() == domain.size()) return true;
  return host[host.size() - domain.size() - 1] == '.' && !is_ip_host(host);
}

/// Spec: RFC 6265bis, 5.1.4.
constexpr bool path_matches(std::string_view request_path, std::string_view cookie_path) noexcept {
  if (!request_path.starts_with(cookie_path)) return false;
  return request_path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         request_path[cookie_path.size()] == '/';
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_COOKIE_MATCH_HPP
