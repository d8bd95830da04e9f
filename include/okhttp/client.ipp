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
  return fault_of(pool);
}

OKHTTP_DECL std::optional<Error> detail::fault_of(const ConnectionPoolOptions& options) {
  if (options.keep_alive <= Clock::duration::zero())
    return Error(Errc::invalid_argument, "the connection pool's keep_alive must be positive");
  if (options.idle_check < Clock::duration::zero())
    return Error(Errc::invalid_argument, "the connection pool's idle_check is negative");
  return std::nullopt;
}

OKHTTP_DECL std::shared_ptr<detail::ClientLease> detail::keep_pool(std::shared_ptr<ClientLease> lease,
                                                                   std::shared_ptr<ConnectionPool> pool) {
  struct Both {
    std::shared_ptr<ClientLease> lease;  // goes last
    std::shared_ptr<ConnectionPool> pool;
  };
  auto both = std::make_shared<Both>();
  both->lease = std::move(lease);
  both->pool = std::move(pool);
  ClientLease* const same = both->lease.get();
  return std::shared_ptr<ClientLease>(std::move(both), same);
}

OKHTTP_DECL void detail::report_leaks(ClientCore& core) {
  for (const OpenBody& body : core.pool.open_bodies()) (*core.leak_callback)(body);
  FurtherPools* const further = core.further_pools.load(std::memory_order_acquire);
  if (further == nullptr) return;
  for (const OpenBody& body : further->open_bodies()) (*core.leak_callback)(body);
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
OKHTTP_DECL Result<Response> try_get(const HttpUrl& url) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url));
}
OKHTTP_DECL Result<Response> try_head(std::string_view url) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).head());
}
OKHTTP_DECL Result<Response> try_head(const HttpUrl& url) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).head());
}
OKHTTP_DECL Result<Response> try_post(std::string_view url, RequestBody body) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).post(std::move(body)));
}
OKHTTP_DECL Result<Response> try_post(const HttpUrl& url, RequestBody body) {
  Request::Builder builder;
  return detail::execute_default(builder.url(url).post(std::move(body)));
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CLIENT_IPP
