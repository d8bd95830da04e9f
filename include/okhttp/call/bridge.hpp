// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_BRIDGE_HPP
#define OKHTTP_CALL_BRIDGE_HPP

// From a user's request to a network request and back: headers, content coding.

#include <okhttp/call/pipeline.hpp>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The response with its body's coding undone, or as it came when that is none the client knows.
Result<Response> decode_response(const ClientConfig& config, Response response);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/bridge.ipp>

#endif  // OKHTTP_CALL_BRIDGE_HPP
