// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RETRY_AND_FOLLOW_UP_IPP
#define OKHTTP_CALL_RETRY_AND_FOLLOW_UP_IPP

#include <okhttp/base/http_date.hpp>
#include <okhttp/call/await_within.hpp>
#include <okhttp/call/retry_and_follow_up.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL std::uint64_t retry_after(const Response& response, std::uint64_t missing,
                                      std::optional<std::int64_t> (*parse_date)(std::string_view) noexcept) {
  const std::optional<std::string_view> value = response.header("Retry-After");
  if (!value) return missing;
  std::uint64_t seconds = 0;
  if (ascii::parse_decimal(*value, seconds)) return seconds;
  if (parse_date == nullptr) return UINT64_MAX;
  const std::optional<std::int64_t> then = parse_date(*value);
  if (!then) return UINT64_MAX;
  // By the server's clock, which may differ from ours.
  std::optional<std::int64_t> now = parse_date(response.header("Date").value_or(""));
  if (!now)
    now = std::chrono::duration_cast<std::chrono::seconds>(response.received_response_at().time_since_epoch()).count();
  return *then > *now ? static_cast<std::uint64_t>(*then - *now) : 0;
}

/// The request that a redirect asks for, if it is to be followed.
/// Spec: RFC 9110, 15.4. Rule: OkHttp's, but Cookie, Proxy-Authorization and Host are kept from
/// another origin as well.
OKHTTP_DECL std::optional<Request> redirect_request(const ClientConfig& config, const Request& request,
                                                    const Response& response) {
  if (!config.follow_redirects) return std::nullopt;
  const std::optional<std::string_view> location = response.header("Location");
  if (!location) return std::nullopt;
  const HttpUrl& from = request.url();
  std::optional<HttpUrl> to = from.resolve(*location);
  if (!to) return std::nullopt;
  if (to->is_https() != from.is_https() && !config.follow_ssl_redirects) return std::nullopt;

  Request::Builder next = request.new_builder();
  const std::string_view method = request.method();
  if (method != "GET" && method != "HEAD") {
    const bool keeps_method = response.code() == 307 || response.code() == 308 || method == "PROPFIND" ||
                              (method == "QUERY" && response.code() != 303);
    if (!keeps_method) {
      next.get();
      // What speaks of the body that is gone.
      next.remove_header("Transfer-Encoding").remove_header("Content-Length").remove_header("Content-Type");
      next.remove_header("Content-Encoding").remove_header("Expect");
    }
  }
  if (to->host() != from.host() || to->port() != from.port() || to->is_https() != from.is_https())
    // A Host of the user's names the other origin (RFC 9110, 15.4).
    next.remove_header("Authorization").remove_header("Cookie").remove_header("Proxy-Authorization").remove_header("Host");
  // A redirect without a fragment of its own keeps the present one (RFC 9110, 10.2.2).
  if (const std::optional<std::string_view> fragment = from.encoded_fragment(); fragment && !to->encoded_fragment())
    if (std::optional<HttpUrl> whole = to->resolve("#" + std::string(*fragment))) to = std::move(whole);
  next.url(*std::move(to));
  Result<Request> built = next.try_build();
  return built ? std::optional<Request>(*std::move(built)) : std::nullopt;
}

OKHTTP_DECL std::optional<Request> follow_up_request(const ClientConfig& config, const Request& request,
                                                     const Response& response, int prior_code, bool reused_connection) {
  const bool one_shot = request.body() != nullptr && request.body()->is_one_shot();
#if OKHTTP_THREADS
  constexpr auto parse_date = &parse_http_date;
#else
  constexpr std::nullptr_t parse_date = nullptr;  // firmware has other uses for the room
#endif
  switch (response.code()) {
    case 300: case 301: case 302: case 303: case 307: case 308: {
      std::optional<Request> next = redirect_request(config, request, response);
      if (next && next->body() != nullptr && next->body()->is_one_shot()) return std::nullopt;
      return next;
    }
    case 408:
      if (!config.retry_on_connection_failure || one_shot || prior_code == 408 || retry_after(response, 0, parse_date) > 0)
        return std::nullopt;
      return request;
    case 503:
      if (one_shot || prior_code == 503 || retry_after(response, UINT64_MAX, parse_date) != 0) return std::nullopt;
      return request;
    case 421:
      // Another connection may lead to the server that is meant (RFC 9110, 15.5.20). If this one was made for
      // the request alone, the next would be no other.
      if (one_shot || prior_code == 421 || !reused_connection) return std::nullopt;
      return request;
    default: return std::nullopt;
  }
}

OKHTTP_DECL void note_route(CallState& call, const Connection& connection) {
  call.route = connection.shared_route();
}

OKHTTP_DECL Request withhold(const CallState& call, const Connection& connection, Request request) {
  if (call.answered_proxy == nullptr || !request.header("Proxy-Authorization")) return request;
  const Route& route = connection.route();
  if (route.proxy() == call.answered_proxy->proxy() && !route.requires_tunnel()) return request;
  Result<Request> without = request.new_builder().remove_header("Proxy-Authorization").try_build();
  return without ? *std::move(without) : request;
}

OKHTTP_DECL Task<std::optional<Request>> authenticate(CallState& call, const Response& response) {
  const ClientConfig& config = *call.config;
  const std::shared_ptr<Authenticator> asked = response.code() == 407 ? config.proxy_authenticator : config.authenticator;
  const std::shared_ptr<const Route> route = std::exchange(call.route, nullptr);
  std::optional<Request> next;
  if (asked != nullptr) {
    Task<std::optional<Request>> answer = (*asked)(route.get(), response);
    next = co_await await_within(call, std::move(answer), "an authenticator");
  }
  if (next && next->body() != nullptr && next->body()->is_one_shot()) next.reset();
  if (next && response.code() == 407) call.answered_proxy = route;
  co_return next;
}

/// A redirected request without what was made for the URI before (RFC 7616, 3.4).
OKHTTP_DECL Request without_digests(Request request) {
  for (const char* const name : {"Authorization", "Proxy-Authorization"})
    if (ascii::iequals(request.header(name).value_or("").substr(0, 7), "Digest "))
      if (Result<Request> without = request.new_builder().remove_header(name).try_build()) request = *std::move(without);
  return request;
}

/// Twice, so that clients without authenticators, retry policies and early data do not contain what these need.
template <bool with_all>
Task<Response> follow_up(CallState& call, Request request) {
  const ClientConfig& config = *call.config;
  std::optional<Response> prior;
  for (std::size_t follow_ups = 0;; ++follow_ups) {
    Task<Response> trip = with_all && config.repeat != nullptr ? config.repeat(call, request) : bridge(call, request);
    if (call.events != nullptr) trip = call.events->watch_attempt(std::move(trip));
    Response response = co_await std::move(trip);
    const int code = response.code();
    const int prior_code = prior ? prior->code() : 0;
    response.answer(request, std::exchange(prior, std::nullopt));

    // Who is no proxy must not get a proxy's credentials.
    if (code == 407 && !call.has_http_proxy)
      co_await fail(Errc::protocol_error, "received 407 (Proxy Authentication Required) without an HTTP proxy");
    std::optional<Request> next = follow_up_request(config, request, response, prior_code, call.reused_connection);
    if constexpr (with_all) {
      if (config.authenticate != nullptr && (code == 401 || code == 407))
        next = co_await config.authenticate(call, response);
      else if (next && response.is_redirect())
        next = without_digests(*std::move(next));
#if OKHTTP_TLS
      // The server wants it after a handshake, as it could be an old one played back (RFC 8470, 5.2).
      if (std::exchange(call.went_early, false) && code == 425) next = request;
#endif
    }
    if (!next) {
      if (call.events != nullptr) call.events->follow_up_decision(response, nullptr);
      co_return response;
    }
    co_await response.async_close();
    const bool enough = follow_ups == config.max_follow_ups;
    if (call.events != nullptr) call.events->follow_up_decision(response, enough ? nullptr : &*next);
    if (enough)
      co_await fail(Errc::too_many_follow_ups, "more than ", config.max_follow_ups, " follow-ups, the last to ",
                    request.url().host_header());
    if (call.canceled()) co_await fail(Errc::canceled, "canceled between two redirects");
    call.wants_new_connection = code == 421;
    prior = std::move(response);
    request = *std::move(next);
  }
}

OKHTTP_DECL Task<Response> follow_up_with_all(CallState& call, Request request) {
  return follow_up<true>(call, std::move(request));
}

OKHTTP_DECL Task<Response> retry_and_follow_up(CallState& call, Request request) {
  if (call.config->follow_up != nullptr) return call.config->follow_up(call, std::move(request));
  return follow_up<false>(call, std::move(request));
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_RETRY_AND_FOLLOW_UP_IPP
