// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_TUNNEL_HPP
#define OKHTTP_CALL_TUNNEL_HPP

// From a connection to a proxy to one to the server behind it.

#include <okhttp/call/call_state.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>
#include <optional>
#include <string>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The handshake with a SOCKS proxy, within the connect timeout. Gives the stream back, which then leads to the
/// server. `proxy_name` is for error texts. Errors: as socks::ClientHandshake; connect_timeout, canceled.
Task<std::unique_ptr<Stream>> open_socks(CallState& call, const Route& route, std::string proxy_name,
                                         std::unique_ptr<Stream> stream);

/// What is known of the way through a proxy from one attempt to the next.
struct Tunnel {
  /// The server at its other end.
  Endpoint origin;
  /// Of CONNECT; made by the first attempt.
  std::optional<Headers> headers;
  /// How often CONNECT was sent.
  int attempts = 0;
};

/// Asks an HTTP proxy for a tunnel: CONNECT, with the credentials of the proxy or of the proxy authenticator, each
/// step within the read and write timeouts. Gives the stream back, which then leads to the server; null when the
/// proxy wants another connection for the next attempt.
/// Errors: Errc::connect_failed when it refuses; Errc::proxy_authentication when it goes on wanting credentials;
/// Errc::protocol_error after 21 attempts; those of an exchange.
/// Rule: OkHttp's ConnectPlan. Spec: RFC 9110, 9.3.6.
Task<std::unique_ptr<Stream>> open_tunnel(CallState& call, const Route& route, std::string proxy_name,
                                          Tunnel& tunnel, std::unique_ptr<Stream> stream);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/tunnel.ipp>

#endif  // OKHTTP_CALL_TUNNEL_HPP
