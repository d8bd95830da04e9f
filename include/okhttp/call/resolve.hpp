// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RESOLVE_HPP
#define OKHTTP_CALL_RESOLVE_HPP

// Where a host is.

#include <okhttp/call/call_state.hpp>

#include <string>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Says which timeout it was: the call's own deadline may have passed while a step with another timeout was
/// waiting.
Error name_timeout(const CallLimits& limits, Deadline deadline, Error error);

/// Asks the user's resolver. Where tasks suspend, a cancel or the deadline ends its wait; on a blocking
/// runtime they are looked at when it is done.
Task<std::vector<IpAddress>> look_up(CallState& call, std::string host, Deadline deadline);

#if OKHTTP_SOCKETS
/// What the client's cache knows, else what the system's resolver says.
Task<std::vector<IpAddress>> look_up_cached(CallState& call, std::string host, Deadline deadline);
#endif

/// The addresses to try of a host, in order; none for a transport that resolves by itself. Errors: Errc::dns,
/// connect_timeout, call_timeout, canceled, what a dns() function gives.
Task<std::vector<IpAddress>> find_addresses(CallState& call, const std::string& host);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/resolve.ipp>

#endif  // OKHTTP_CALL_RESOLVE_HPP
