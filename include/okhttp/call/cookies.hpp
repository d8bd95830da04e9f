// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_COOKIES_HPP
#define OKHTTP_CALL_COOKIES_HPP

// A client's cookie jar: what of it goes into requests, and what of responses goes into it.

#include <okhttp/call/pipeline.hpp>
#include <okhttp/message/cookie_jar.hpp>

#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Connects with a request that has the jar's cookies beside its own, and has the jar save those of the response.
/// Rule: OkHttp's BridgeInterceptor, but a header Cookie of the request's own is kept. Trailers set no cookies.
Task<Response> connect_with_cookies(CallState& call, Request request);

/// The request with these cookies in its header Cookie, behind those that are there already and but for those with a
/// name of these. There is one header Cookie then (RFC 6265bis, 5.8.1).
Request add_cookies(Request request, const std::vector<Cookie>& cookies);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/cookies.ipp>

#endif  // OKHTTP_CALL_COOKIES_HPP
