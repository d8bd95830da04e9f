// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_HPP
#define OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// How a tunnel through an HTTP proxy is asked for:
// 1. send the head of `connect_request`, read a response head (ResponseHeadReader);
// 2. `connect_answer` says what it means;
// 3. after `authenticate`, drop the response's body (`response_framing` of "CONNECT" says where it
//    ends) and begin again on this connection, with credentials; after `reconnect`, on a new one.
// Bytes that come behind the head of a tunnel's answer belong to the server at its other end. A TLS
// server sends none before it is spoken to: then they are a fault of the proxy.

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// How often CONNECT may be sent for one tunnel, first attempt included. Browsers stop at 20 or 21
/// answers of 407 too; OkHttp has this number.
inline constexpr int max_connect_attempts = 21;

/// What CONNECT asks for: "host:port", always with the port, an IPv6 address in brackets.
/// `host` is a name or an address without brackets. Spec: RFC 9112, 3.2.3.
std::string connect_target(std::string_view host, std::uint16_t port);

/// The headers of a CONNECT request: Host (the target), Proxy-Connection: Keep-Alive, User-Agent,
/// and Proxy-Authorization; the latter two not when they are empty. Nothing of the user's request.
///
/// Errors: Errc::invalid_argument for a value that no header may have, Errc::bad_url for a host;
/// the text shows no value. Rule: OkHttp's RealRoutePlanner.
Result<Headers> connect_headers(std::string_view host,
                                std::uint16_t port,
                                std::string_view user_agent,
                                std::string_view proxy_authorization = {});

/// Request line, headers and blank line of a CONNECT request. Errors: as connect_headers.
Result<std::string> connect_request(std::string_view host,
                                    std::uint16_t port,
                                    std::string_view user_agent,
                                    std::string_view proxy_authorization = {});
/// The same with any headers: those that a proxy authenticator made.
/// Errors: Errc::bad_url for a host that is none.
Result<std::string> connect_request(std::string_view host,
                                    std::uint16_t port,
                                    const Headers& headers);

/// What a response to CONNECT means.
enum class ConnectAnswer : std::uint8_t {
  /// 1xx: the answer is still to come.
  interim,
  /// 2xx: what follows is between us and the server. OkHttp takes 200 alone; RFC 9110, 9.3.6 all.
  tunnel,
  /// 407: once more with credentials, on this connection.
  authenticate,
  /// 407: once more with credentials, on a new connection, since the proxy closes this one.
  reconnect,
};

/// What a response to CONNECT means. `proxy` and `target` name both ends in error texts.
/// Errors: `connect_refused` of any other code; Errc::protocol_error for 101 and for a 407 whose
/// framing is damaged.
Result<ConnectAnswer> connect_answer(const ResponseHead& head,
                                     std::string_view proxy,
                                     std::string_view target);

/// Why there is no tunnel: Errc::connect_failed with the proxy, the target, the code and what the
/// proxy wrote beside it; Errc::proxy_authentication for a 407 to which there are no (or no other) credentials.
Error connect_refused(const ResponseHead& head, std::string_view proxy, std::string_view target);

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/connect_request.ipp>

#endif  // OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_HPP
