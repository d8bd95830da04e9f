// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_POOL_LIMITER_HPP
#define OKHTTP_CONNECTION_POOL_LIMITER_HPP

#include <okhttp/connection/connection_pool.hpp>

#include <memory>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Gives the pool a gate if its options name hard caps. `calls_have_threads` is false when a call runs on the thread
/// that asks for it and nowhere else: then waiting for what that thread itself holds would never end.
void limit_pool(ConnectionPool& pool, const ConnectionPoolOptions& options, bool calls_have_threads);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/pool_limiter.ipp>

#endif  // OKHTTP_CONNECTION_POOL_LIMITER_HPP
