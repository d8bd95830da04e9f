// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_POOL_HOUSEKEEPING_HPP
#define OKHTTP_CONNECTION_POOL_HOUSEKEEPING_HPP

#include <okhttp/connection/connection_pool.hpp>

#include <memory>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

#if OKHTTP_THREADS
/// Looks after a pool of blocking connections on a thread, which is there only while a connection is idle (and a
/// little longer, lest a busy client start one again and again). The pool outlives it.
std::unique_ptr<PoolHousekeeping> housekeeping_thread(ConnectionPool& pool);
#endif

/// Looks after a pool whose runtime is an event loop: by a timer, and whenever something happens on an idle
/// connection. It is no task of the loop, so it keeps nobody driving it. The pool outlives it.
std::unique_ptr<PoolHousekeeping> housekeeping_on_loop(ConnectionPool& pool);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/pool_housekeeping.ipp>

#endif  // OKHTTP_CONNECTION_POOL_HOUSEKEEPING_HPP
