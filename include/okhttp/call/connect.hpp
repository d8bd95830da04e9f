// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CONNECT_HPP
#define OKHTTP_CALL_CONNECT_HPP

// A connection for the request, from the pool or a new one.

#include <okhttp/call/pipeline.hpp>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Asks the user's resolver. Where tasks suspend, a cancel or the deadline ends its wait; on a blocking
/// runtime they are looked at when it is done.
Task<std::vector<IpAddress>> look_up(CallState& call, std::string host, Deadline deadline);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/connect.ipp>

#endif  // OKHTTP_CALL_CONNECT_HPP
