// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_HPP
#define OKHTTP_CALL_OPEN_CONNECTION_HPP

// A new connection: which proxies and addresses are tried, and in which order.

#include <okhttp/call/call_state.hpp>
#include <okhttp/call/tunnel.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>
#include <string>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Makes a new connection to the server of this URL, which is at this address.
Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url);

/// The same by way of the proxies that the settings name for the URL.
Task<std::unique_ptr<Connection>> open_through_proxies(CallState& call, const Address& address, const HttpUrl& url);

/// One of the two, as the settings say.
inline Task<std::unique_ptr<Connection>> open_by_settings(CallState& call, const Address& address,
                                                          const HttpUrl& url) {
  return call.config->has_proxies() ? call.config->open_through_proxies(call, address, url)
                                    : open_connection(call, address, url);
}

/// From a connection to the proxy of `route`, which is at `hop`, to one to the server: the stream that leads there,
/// or null when the proxy wants another connection. `tunnel` is made by the first attempt.
Task<std::unique_ptr<Stream>> pass_proxy(CallState& call, Route route, const Endpoint& hop,
                                         std::unique_ptr<Tunnel>& tunnel, std::unique_ptr<Stream> stream);

/// How a request in the clear is put to an HTTP proxy: the whole URL in the request line, and the proxy's
/// credentials unless the request has some. Spec: RFC 9112, 3.2.2; RFC 9110, 11.7.2.
struct ProxiedRequest {
  std::string target;
  Headers headers;
};
std::unique_ptr<const ProxiedRequest> proxied_request(const Proxy& proxy, const Request& request);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/open_connection.ipp>

#endif  // OKHTTP_CALL_OPEN_CONNECTION_HPP
