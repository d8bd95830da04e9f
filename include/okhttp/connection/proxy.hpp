// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_PROXY_HPP
#define OKHTTP_CONNECTION_PROXY_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// A server that connections are made through, or none. Immutable and cheap to copy.
///
/// All kinds but `none` have a host and a port. The names of the servers behind a SOCKS proxy are
/// resolved by the proxy (SOCKS4a; SOCKS5 with a name in its request).
/// Lifetime: accessors give views that are valid as long as any copy; on a temporary they give
/// values. A moved-from one is `none()`.
/// Thread safety: may be read, and copied, from any thread.
class Proxy {
 public:
  enum class Kind : std::uint8_t {
    /// Connect to the server itself.
    none,
    /// HTTP: the whole URL in the request line for http, a CONNECT tunnel for https.
    http,
    /// The same, inside TLS to the proxy.
    https,
    /// SOCKS4 with its extension for names.
    socks4a,
    /// SOCKS5 (RFC 1928), without authentication or with user and password (RFC 1929).
    socks5,
  };

  /// No proxy.
  Proxy() = default;
  /// No proxy.
  static Proxy none() noexcept { return {}; }

  /// A proxy at `host` (a name or an address, IPv6 with or without brackets) and `port` (1 to
  /// 65535).
  ///
  /// User and password may both be empty: none are sent. Those of HTTP proxies are meant for Basic
  /// authentication before the proxy asks for it, so the user has no colon and neither has control
  /// characters. Those of SOCKS proxies have at most 255 bytes each; SOCKS4 has no password and no
  /// NUL in its user, SOCKS5 has no password without a user.
  /// Errors: Errc::invalid_argument. The text shows neither user nor password.
  static Result<Proxy> try_http(std::string_view host,
                                int port,
                                std::string_view user = {},
                                std::string_view password = {});
  static Result<Proxy> try_https(std::string_view host,
                                 int port,
                                 std::string_view user = {},
                                 std::string_view password = {});
  static Result<Proxy> try_socks4(std::string_view host, int port, std::string_view user = {});
  static Result<Proxy> try_socks5(std::string_view host,
                                  int port,
                                  std::string_view user = {},
                                  std::string_view password = {});
  /// Reads "scheme://user:password@host:port", as settings and environment variables have it.
  ///
  /// Schemes, in any case: http, https, socks4 and socks4a (both with names resolved by the proxy),
  /// socks5, socks5h and socks (the same three times). Without "scheme://" it is http. Ports that
  /// are left out: 80, 443, and 1080 for SOCKS. Blanks around the text and one slash at its end are
  /// dropped; a path, a query or a fragment is an error, because it mostly is a password with a
  /// character that should have been written as %XX. User and password are percent-decoded.
  /// Errors: Errc::invalid_argument. The message says which part is wrong and shows nothing of the
  /// text: with a typing error in it, any part may be the password.
  static Result<Proxy> try_parse(std::string_view text);

#if OKHTTP_EXCEPTIONS
  /// As the try_ twins, but throw.
  static Proxy http(std::string_view host,
                    int port,
                    std::string_view user = {},
                    std::string_view password = {}) {
    return try_http(host, port, user, password).value();
  }
  static Proxy https(std::string_view host,
                     int port,
                     std::string_view user = {},
                     std::string_view password = {}) {
    return try_https(host, port, user, password).value();
  }
  static Proxy socks4(std::string_view host, int port, std::string_view user = {}) {
    return try_socks4(host, port, user).value();
  }
  static Proxy socks5(std::string_view host,
                      int port,
                      std::string_view user = {},
                      std::string_view password = {}) {
    return try_socks5(host, port, user, password).value();
  }
  static Proxy parse(std::string_view text) { return try_parse(text).value(); }
#endif

  Kind kind() const noexcept { return state_ ? state_->kind : Kind::none; }
  bool is_none() const noexcept { return state_ == nullptr; }
  /// Speaks HTTP, with or without TLS.
  bool is_http() const noexcept { return kind() == Kind::http || kind() == Kind::https; }
  bool is_socks() const noexcept { return kind() == Kind::socks4a || kind() == Kind::socks5; }

  /// A lower-case name, a dotted quad, or an IPv6 address without brackets. Empty for none.
  std::string_view host() const& noexcept { return state_ ? state_->host : std::string_view(); }
  std::string host() const&& { return std::string(host()); }
  /// 1 to 65535; 0 for none.
  std::uint16_t port() const noexcept { return state_ ? state_->port : std::uint16_t{0}; }
  /// "host:port", with an IPv6 address in brackets. Empty for none.
  std::string host_and_port() const;

  /// Whether there is a user or a password.
  bool has_credentials() const noexcept { return !user().empty() || !password().empty(); }
  std::string_view user() const& noexcept { return state_ ? state_->user : std::string_view(); }
  std::string user() const&& { return std::string(user()); }
  std::string_view password() const& noexcept {
    return state_ ? state_->password : std::string_view();
  }
  std::string password() const&& { return std::string(password()); }
  /// The value of Proxy-Authorization for the Basic scheme: for HTTP proxies with credentials.
  /// Spec: RFC 7617.
  std::optional<std::string> basic_authorization() const;

  /// "none", or "http://host:port" with the scheme "http", "https", "socks4a" or "socks5". Never
  /// user or password.
  std::string to_string() const;
  /// Equal proxies have equal hashes.
  std::size_t hash() const noexcept;

  /// Equal kind, host, port, user and password.
  friend bool operator==(const Proxy& a, const Proxy& b) noexcept { return a.equals(b); }
  /// Writes to_string() to whatever takes text: a std::ostream, without including one here.
  template <class Stream>
  requires requires(Stream& stream, std::string_view text) { stream << text; }
  friend Stream& operator<<(Stream& stream, const Proxy& proxy) {
    stream << std::string_view(proxy.to_string());
    return stream;
  }

 private:
  struct State {
    Kind kind = Kind::none;
    std::uint16_t port = 0;
    std::string host;
    std::string user;
    std::string password;
  };

  static Result<Proxy> make(
      Kind kind, std::string_view host, int port, std::string_view user, std::string_view password);
  bool equals(const Proxy& other) const noexcept;

  std::shared_ptr<const State> state_;  // null for none
};

/// The scheme of a kind as Proxy::to_string writes it; "none" for none.
constexpr std::string_view to_string(Proxy::Kind kind) noexcept {
  switch (kind) {
    case Proxy::Kind::none:
      return "none";
    case Proxy::Kind::http:
      return "http";
    case Proxy::Kind::https:
      return "https";
    case Proxy::Kind::socks4a:
      return "socks4a";
    case Proxy::Kind::socks5:
      return "socks5";
  }
  return "";
}

OKHTTP_NAMESPACE_END

/// Equal proxies have equal hashes.
template <>
struct std::hash<okhttp::Proxy> {
  std::size_t operator()(const okhttp::Proxy& proxy) const noexcept { return proxy.hash(); }
};

#include <okhttp/connection/proxy.ipp>

#endif  // OKHTTP_CONNECTION_PROXY_HPP
