// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CLIENT_IPP
#define OKHTTP_CLIENT_IPP

#include <okhttp/client.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void detail::ClientSettings::timeout(Clock::duration& setting, Clock::duration value, const char* name) {
  if (value < Clock::duration::zero()) {
    if (!fault) fault = Error(Errc::invalid_argument, "the ", name, " is negative");
    return;
  }
  setting = value;
}

OKHTTP_DECL std::optional<Error> detail::ClientSettings::check() const {
  if (fault) return fault;
  if (dispatcher.max_requests == 0 || dispatcher.max_requests_per_host == 0)
    return Error(Errc::invalid_argument, "the dispatcher's limits must be at least 1");
  if (pool.keep_alive <= Clock::duration::zero())
    return Error(Errc::invalid_argument, "the connection pool's keep_alive must be positive");
  if (pool.idle_check < Clock::duration::zero())
    return Error(Errc::invalid_argument, "the connection pool's idle_check is negative");
  return std::nullopt;
}

OKHTTP_DECL void detail::report_leaks(ClientCore& core) {
  for (const OpenBody& body : core.pool.open_bodies()) (*core.leak_callback)(body);
}

#if OKHTTP_SOCKETS
OKHTTP_DECL const Client& default_client() {
  static const Client* const client = new Client();
  return *client;
}

namespace detail {
OKHTTP_DECL Result<Response> execute_default(Request::Builder& builder) {
  Result<Request> request = builder.try_build();
  if (!request) return std::move(request).error();
  return default_client().new_call(*std::move(request)).try_execute();
}
}  // namespace detail

OKHTTP_DECL Result<Response> try_get(std::string_view url) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url));
}
OKHTTP_DECL Result<Response> try_head(std::string_view url) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).head());
}
OKHTTP_DECL Result<Response> try_post(std::string_view url, RequestBody body) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).post(std::move(body)));
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CLIENT_IPP
