// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_HPP
#define OKHTTP_CALL_OPEN_CONNECTION_HPP

// A new connection: which proxies and addresses are tried, and in which order.

#include <okhttp/call/call_state.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>
#include <string>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Makes a new connection to the server of this URL, which is at this address.
Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url);

/// The same by way of the proxies that the settings name for the URL.
Task<std::unique_ptr<Connection>> open_through_proxies(CallState& call, const Address& address, const HttpUrl& url);

/// How a request in the clear is put to an HTTP proxy: the whole URL in the request line, and the proxy's
/// credentials unless the request has some. Spec: RFC 9112, 3.2.2; RFC 9110, 11.7.2.
struct ProxiedRequest {
  std::string target;
  Headers headers;
};
ProxiedRequest proxied_request(const Proxy& proxy, const Request& request);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/open_connection.ipp>

#endif  // OKHTTP_CALL_OPEN_CONNECTION_HPP
