// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP
#define OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP

// Redirects, answers to challenges, and repeating what the server asks to be repeated.

#include <okhttp/call/pipeline.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The seconds that Retry-After asks to wait, counted from the response's Date, or from when it came; 0 for a
/// date that is not in the future. `missing` without the header, the largest number for one that says neither.
/// Spec: RFC 9110, 10.2.3.
/// `parse_date`: parse_http_date, or null where dates are not understood.
std::uint64_t retry_after(const Response& response, std::uint64_t missing,
                          std::optional<std::int64_t> (*parse_date)(std::string_view) noexcept);

/// What the response asks the client to do next, if anything but to authenticate. `prior_code` is the status
/// that `request` is a follow-up of, or 0; `reused_connection`: the response came on a connection that had
/// carried an earlier request.
std::optional<Request> follow_up_request(const ClientConfig& config, const Request& request,
                                         const Response& response, int prior_code, bool reused_connection);

/// retry_and_follow_up for clients with authenticators, a retry policy or early data.
Task<Response> follow_up_with_all(CallState& call, Request request);
/// Asks the authenticator that a 401 or 407 is for.
Task<std::optional<Request>> authenticate(CallState& call, const Response& response);
/// Keeps the way that a challenge came, for the authenticator.
void note_route(CallState& call, const Connection& connection);
/// The request without the credentials for a proxy that this connection does not lead to.
Request withhold(const CallState& call, const Connection& connection, Request request);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/retry_and_follow_up.ipp>

#endif  // OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP
