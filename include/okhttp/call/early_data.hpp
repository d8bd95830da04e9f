// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_EARLY_DATA_HPP
#define OKHTTP_CALL_EARLY_DATA_HPP

// Requests that go along with the TLS handshake of a new connection.

#include <okhttp/call/call_state.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Makes a new connection to the server of this request, which is what the next exchange will send: its head goes
/// along if the call allows it and the server takes it; the connection then knows.
/// Spec: RFC 8470, 4.
Task<std::unique_ptr<Connection>> open_with_early_data(CallState& call, const Address& address,
                                                       const Request& request);

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/call/early_data.ipp>

#endif  // OKHTTP_CALL_EARLY_DATA_HPP
