// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_OPEN_CONNECTION_HPP
#define OKHTTP_CALL_OPEN_CONNECTION_HPP

// A new connection: routes, races, tunnels.

#include <okhttp/call/call_state.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Makes a new connection to the server of this URL.
Task<std::unique_ptr<Connection>> open_connection(CallState& call, const Address& address, const HttpUrl& url);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/open_connection.ipp>

#endif  // OKHTTP_CALL_OPEN_CONNECTION_HPP
