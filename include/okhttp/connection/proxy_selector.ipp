// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_PROXY_SELECTOR_IPP
#define OKHTTP_CONNECTION_PROXY_SELECTOR_IPP

#include <okhttp/connection/proxy_selector.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/idna.hpp>
#include <okhttp/url/ip_address.hpp>

#if OKHTTP_BODIES

#  include <cstddef>
#  include <cstdint>
#  include <cstdlib>

OKHTTP_NAMESPACE_BEGIN

namespace detail::proxy {

/// One entry of no_proxy.
struct Exemption {
  std::string name;  // lower case; empty when it is an address
  std::optional<IpAddress> address;
  unsigned prefix_bits = 0;  // of the address, how many have to be equal
  std::optional<std::uint16_t> port;

  bool covers(std::string_view host,
              const std::optional<IpAddress>& host_address,
              std::uint16_t host_port) const noexcept;
};

OKHTTP_DECL bool is_in_block(const IpAddress& address,
                             const IpAddress& block,
                             unsigned bits) noexcept {
  if (address.is_v6() != block.is_v6()) return false;
  const std::span<const std::uint8_t> a = address.bytes();
  const std::span<const std::uint8_t> b = block.bytes();
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned here = bits < 8 ? bits : 8;
    if (((a[i] ^ b[i]) >> (8 - here)) != 0) return false;
    bits -= here;
  }
  return true;
}

OKHTTP_DECL bool Exemption::covers(std::string_view host,
                                   const std::optional<IpAddress>& host_address,
                                   std::uint16_t host_port) const noexcept {
  if (port && *port != host_port) return false;
  if (address) return host_address && is_in_block(*host_address, *address, prefix_bits);
  if (host_address || !host.ends_with(name)) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

/// What stands behind the first `separator`, which `text` then ends before; empty without one.
OKHTTP_DECL std::optional<std::string_view> cut_at(std::string_view& text,
                                                   char separator) noexcept {
  const std::size_t where = text.find(separator);
  if (where == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(where + 1);
  text = text.substr(0, where);
  return behind;
}

/// Reads one entry; empty when it is malformed and so covers nothing.
OKHTTP_DECL std::optional<Exemption> read_exemption(std::string_view host) {
  std::optional<std::string_view> bits;
  std::optional<std::string_view> port;
  const bool has_brackets = host.starts_with('[');
  if (has_brackets) {
    host.remove_prefix(1);
    std::optional<std::string_view> behind = cut_at(host, ']');
    if (!behind) return std::nullopt;
    port = cut_at(*behind, ':');
    bits = cut_at(*behind, '/');
    if (!behind->empty()) return std::nullopt;
  } else if (const std::size_t colon = host.find(':');
             colon != std::string_view::npos && colon == host.rfind(':')) {
    port = cut_at(host, ':');
  }
  if (!bits) bits = cut_at(host, '/');

  Exemption entry;
  if (port) {
    std::uint64_t number = 0;
    if (!ascii::parse_decimal(*port, number) || number > 65535) return std::nullopt;
    entry.port = static_cast<std::uint16_t>(number);
  }
  if (const Result<IpAddress> address = IpAddress::try_parse(host)) {
    if (has_brackets && !address->is_v6()) return std::nullopt;
    std::uint64_t number = address->bytes().size() * 8;
    if (bits && (!ascii::parse_decimal(*bits, number) || number > address->bytes().size() * 8))
      return std::nullopt;
    entry.address = *address;
    entry.prefix_bits = static_cast<unsigned>(number);
    return entry;
  }
  while (host.starts_with('.')) host.remove_prefix(1);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (has_brackets || bits || host.empty()) return std::nullopt;
  entry.name = url::canonical_name(host);
  return entry;
}

/// Hosts that are reached without a proxy.
class Exemptions {
 public:
  Exemptions() = default;
  /// Reads the value of no_proxy.
  explicit Exemptions(std::string_view list);
  bool cover(const HttpUrl& url) const;

 private:
  bool covers_all_ = false;
  std::vector<Exemption> entries_;
};

OKHTTP_DECL Exemptions::Exemptions(std::string_view list) {
  constexpr std::string_view separators = ", \t\r\n";
  covers_all_ = ascii::trim(list) == "*";
  while (!list.empty()) {
    const std::string_view text = list.substr(0, list.find_first_of(separators));
    list.remove_prefix(text.size() < list.size() ? text.size() + 1 : list.size());
    if (std::optional<Exemption> entry = read_exemption(text))
      entries_.push_back(*std::move(entry));
  }
}

OKHTTP_DECL bool Exemptions::cover(const HttpUrl& url) const {
  if (covers_all_) return true;
  if (entries_.empty()) return false;
  std::string_view host = url.host();
  std::optional<IpAddress> address;
  if (const Result<IpAddress> parsed = IpAddress::try_parse(host)) address = *parsed;
  if (host.ends_with('.')) host.remove_suffix(1);
  for (const Exemption& entry : entries_)
    if (entry.covers(host, address, url.port())) return true;
  return false;
}

/// The variables of the environment as they were read.
struct EnvironmentProxies {
  using Value = std::optional<Result<Proxy>>;
  Value http;
  Value https;
  Value all;
  Exemptions exemptions;
};

/// The first of two variables that is set and not blank, and its name.
OKHTTP_DECL std::optional<std::string> first_set(const ProxySelector::Environment& environment,
                                                 std::string_view& name,
                                                 std::string_view other_name) {
  std::optional<std::string> value = environment(name);
  if (value && !ascii::trim(*value).empty()) return value;
  if (other_name.empty()) return std::nullopt;
  name = other_name;
  value = environment(name);
  if (value && !ascii::trim(*value).empty()) return value;
  return std::nullopt;
}

OKHTTP_DECL EnvironmentProxies::Value read_proxy(const ProxySelector::Environment& environment,
                                                 std::string_view name,
                                                 std::string_view other_name) {
  const std::optional<std::string> value = first_set(environment, name, other_name);
  if (!value) return std::nullopt;
  Result<Proxy> proxy = Proxy::try_parse(*value);
  if (proxy) return proxy;
  const Error& fault = proxy.error();
  return Result<Proxy>(fault.with_message("the environment variable " + std::string(name) + " is " +
                                          fault.message()));
}

}  // namespace detail::proxy

OKHTTP_DECL ProxySelector ProxySelector::of(std::vector<Proxy> proxies) {
  return [proxies = std::move(proxies)](const HttpUrl&) { return proxies; };
}

OKHTTP_DECL ProxySelector ProxySelector::from_environment() {
  return from_environment([](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  });
}

OKHTTP_DECL ProxySelector ProxySelector::from_environment(const Environment& environment) {
  detail::proxy::EnvironmentProxies found;
  found.http = detail::proxy::read_proxy(environment, "http_proxy", {});
  found.https = detail::proxy::read_proxy(environment, "https_proxy", "HTTPS_PROXY");
  found.all = detail::proxy::read_proxy(environment, "all_proxy", "ALL_PROXY");
  if (!found.http && !found.https && !found.all) return {};
  std::string_view name = "no_proxy";
  if (const std::optional<std::string> list =
          detail::proxy::first_set(environment, name, "NO_PROXY"))
    found.exemptions = detail::proxy::Exemptions(*list);
  return [found = std::move(found)](const HttpUrl& url) -> Result<std::vector<Proxy>> {
    const detail::proxy::EnvironmentProxies::Value& own = url.is_https() ? found.https : found.http;
    const detail::proxy::EnvironmentProxies::Value& proxy = own ? own : found.all;
    if (!proxy || found.exemptions.cover(url)) return std::vector<Proxy>{Proxy::none()};
    if (!*proxy) return proxy->error();
    return std::vector<Proxy>{**proxy};
  };
}

OKHTTP_DECL Result<std::vector<Proxy>> ProxySelector::select(const HttpUrl& url) const {
  if (waiting_ != nullptr)
    return Error(Errc::misuse, "this proxy selector gives a Task; async_select() waits for it");
  if (function_ == nullptr || !*function_) return std::vector<Proxy>{Proxy::none()};
  Result<std::vector<Proxy>> proxies = (*function_)(url);
  if (proxies && proxies->empty()) proxies->push_back(Proxy::none());
  return proxies;
}

OKHTTP_DECL Task<std::vector<Proxy>> ProxySelector::async_select(const HttpUrl& url) const {
  const ProxySelector self = *this;
  if (self.waiting_ == nullptr) {
    Result<std::vector<Proxy>> selected = self.select(url);
    if (!selected) co_await fail(std::move(selected).error());
    co_return *std::move(selected);
  }
  Task<std::vector<Proxy>> waiting = (*self.waiting_)(url);
  std::vector<Proxy> proxies = co_await std::move(waiting);
  if (proxies.empty()) proxies.push_back(Proxy::none());
  co_return proxies;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_PROXY_SELECTOR_IPP
