// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_PROXY_IPP
#define OKHTTP_CONNECTION_PROXY_IPP

#include <okhttp/connection/proxy.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/credentials.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#  include <utility>

OKHTTP_NAMESPACE_BEGIN

namespace detail::proxy {

/// Both lengths are one byte in SOCKS5 (RFC 1929, 2). SOCKS4 has no limit for its user; servers do.
inline constexpr std::size_t max_socks_credential_bytes = 255;

OKHTTP_DECL Error fault(std::string_view what) { return Error(Errc::invalid_argument, "not a proxy: ", what); }

/// Appends a host in canonical form, without brackets. Returns null, or a sentence on what is
/// wrong.
OKHTTP_DECL const char* append_host(std::string& out, std::string_view text) {
  std::string bracketed;
  const bool is_bare_ipv6 = text.find(':') != std::string_view::npos && !text.starts_with('[');
  if (is_bare_ipv6) text = bracketed.append("[").append(text).append("]");
  const char* const reason = url::append_host(out, text);
  if (reason != nullptr) return is_bare_ipv6 ? "its host has a ':' but is no IPv6 address" : reason;
  if (out.starts_with('[')) out = out.substr(1, out.size() - 2);
  return nullptr;
}

/// Null, or a sentence on why a proxy of this kind cannot have these credentials.
OKHTTP_DECL const char* check_credentials(Proxy::Kind kind,
                                          std::string_view user,
                                          std::string_view password) {
  if (kind == Proxy::Kind::http || kind == Proxy::Kind::https) {
    if (user.find(':') != std::string_view::npos)
      return "the user of an HTTP proxy cannot have a colon";
    if (!Credentials::try_basic(user, password))
      return "user and password of an HTTP proxy cannot have control characters";
    return nullptr;
  }
  if (user.size() > max_socks_credential_bytes)
    return "the user of a SOCKS proxy has more than 255 bytes";
  if (password.size() > max_socks_credential_bytes)
    return "the password of a SOCKS proxy has more than 255 bytes";
  if (kind == Proxy::Kind::socks4a) {
    if (!password.empty()) return "SOCKS4 has a user but no password";
    if (user.find('\0') != std::string_view::npos)
      return "the user of a SOCKS4 proxy has a NUL byte";
  } else if (user.empty() && !password.empty()) {
    return "SOCKS5 has no password without a user";
  }
  return nullptr;
}

struct Scheme {
  std::string_view name;
  Proxy::Kind kind;
  int port;
};
inline constexpr Scheme schemes[] = {
    {"http", Proxy::Kind::http, 80},         {"https", Proxy::Kind::https, 443},
    {"socks", Proxy::Kind::socks5, 1080},    {"socks4", Proxy::Kind::socks4a, 1080},
    {"socks4a", Proxy::Kind::socks4a, 1080}, {"socks5", Proxy::Kind::socks5, 1080},
    {"socks5h", Proxy::Kind::socks5, 1080},
};

}  // namespace detail::proxy

OKHTTP_DECL Result<Proxy> Proxy::make(
    Kind kind, std::string_view host, int port, std::string_view user, std::string_view password) {
  State state;
  if (const char* const reason = detail::proxy::append_host(state.host, host)) {
    std::string message = reason;
    // What has an '@' may be user information that ended up in the wrong place.
    if (!host.empty() && host.find_first_of("@%") == std::string_view::npos)
      message += url::describe_host(host);
    return detail::proxy::fault(message);
  }
  if (port < 1 || port > 65535)
    return detail::proxy::fault("its port is not in 1 to 65535: " + std::to_string(port));
  if (const char* const reason = detail::proxy::check_credentials(kind, user, password))
    return detail::proxy::fault(reason);
  state.kind = kind;
  state.port = static_cast<std::uint16_t>(port);
  state.user = user;
  state.password = password;
  Proxy proxy;
  proxy.state_ = std::make_shared<const State>(std::move(state));
  return proxy;
}

OKHTTP_DECL Result<Proxy> Proxy::try_http(std::string_view host,
                                          int port,
                                          std::string_view user,
                                          std::string_view password) {
  return make(Kind::http, host, port, user, password);
}

OKHTTP_DECL Result<Proxy> Proxy::try_https(std::string_view host,
                                           int port,
                                           std::string_view user,
                                           std::string_view password) {
  return make(Kind::https, host, port, user, password);
}

OKHTTP_DECL Result<Proxy> Proxy::try_socks4(std::string_view host,
                                            int port,
                                            std::string_view user) {
  return make(Kind::socks4a, host, port, user, {});
}

OKHTTP_DECL Result<Proxy> Proxy::try_socks5(std::string_view host,
                                            int port,
                                            std::string_view user,
                                            std::string_view password) {
  return make(Kind::socks5, host, port, user, password);
}

OKHTTP_DECL Result<Proxy> Proxy::try_parse(std::string_view text) {
  using detail::proxy::fault;
  std::string_view rest = ascii::trim(text);
  const detail::proxy::Scheme* scheme = &detail::proxy::schemes[0];
  if (const std::size_t end = rest.find("://"); end != std::string_view::npos) {
    scheme = nullptr;
    for (const detail::proxy::Scheme& known : detail::proxy::schemes)
      if (ascii::iequals(known.name, rest.substr(0, end))) scheme = &known;
    if (scheme == nullptr)
      return fault("its scheme is none of http, https, socks4, socks4a, socks5, socks5h and socks");
    rest.remove_prefix(end + 3);
  }

  const std::size_t end = rest.find_first_of("/?#");
  if (end != std::string_view::npos && rest.substr(end) != "/")
    return fault(
        "after its host and port there is more than a slash (in a user or a password, "
        "'/', '?' and '#' are written as %2F, %3F and %23)");
  rest = rest.substr(0, end);

  std::string user;
  std::string password;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view info = rest.substr(0, at);
    const std::size_t colon = info.find(':');
    user = url::decode_bytes(info.substr(0, colon));
    if (colon != std::string_view::npos) password = url::decode_bytes(info.substr(colon + 1));
    rest.remove_prefix(at + 1);
  }

  std::string_view host = rest;
  std::string_view port_text;
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    port_text = rest.substr(colon + 1);
    if (port_text.find(':') != std::string_view::npos)
      return fault("it has too many colons (an IPv6 address has to stand in brackets)");
  }
  std::uint64_t port = static_cast<std::uint64_t>(scheme->port);
  if (!port_text.empty() && (!ascii::parse_decimal(port_text, port) || port < 1 || port > 65535))
    return fault("its port is no number from 1 to 65535");
  // Checked here already: make() would show the host.
  std::string canonical;
  if (const char* const reason = detail::proxy::append_host(canonical, host)) return fault(reason);
  return make(scheme->kind, canonical, static_cast<int>(port), user, password);
}

OKHTTP_DECL std::string Proxy::host_and_port() const {
  if (!state_) return {};
  const bool is_ipv6 = state_->host.find(':') != std::string::npos;
  std::string out = is_ipv6 ? "[" + state_->host + "]" : state_->host;
  out.append(1, ':').append(std::to_string(state_->port));
  return out;
}

OKHTTP_DECL std::optional<std::string> Proxy::basic_authorization() const {
  if (!is_http() || !has_credentials()) return std::nullopt;
  Result<std::string> value = Credentials::try_basic(user(), password());
  OKHTTP_ASSERT(value.has_value());  // make() has tried
  return *std::move(value);
}

OKHTTP_DECL std::string Proxy::to_string() const {
  std::string out(okhttp::to_string(kind()));
  if (state_) out.append("://").append(host_and_port());
  return out;
}

OKHTTP_DECL std::size_t Proxy::hash() const noexcept {
  if (!state_) return 0;
  const std::hash<std::string_view> text;
  const std::size_t number =
      std::size_t{state_->port} << 3 | static_cast<std::size_t>(state_->kind);
  std::size_t hash = text(state_->host) * 31 + number;
  hash = hash * 31 + text(state_->user);
  return hash * 31 + text(state_->password);
}

OKHTTP_DECL bool Proxy::equals(const Proxy& other) const noexcept {
  if (state_ == other.state_) return true;
  if (!state_ || !other.state_) return false;
  const State& a = *state_;
  const State& b = *other.state_;
  return a.kind == b.kind && a.port == b.port && a.host == b.host && a.user == b.user &&
         a.password == b.password;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_PROXY_IPP
