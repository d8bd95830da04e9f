// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_HPP
#define OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_HPP

#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>

#if OKHTTP_THREADS

OKHTTP_NAMESPACE_BEGIN

/// Runs each call given to `enqueue` or `submit` on a thread of its own, taken from a pool that grows
/// as needed and whose threads leave after 60 s without work. Everything else runs on the caller's
/// thread. OkHttp's own model.
struct ThreadPoolDispatcher {
  using Runtime = BlockingRuntime;
  static constexpr Housekeeping housekeeping = Housekeeping::by_thread;
  std::unique_ptr<DispatchBackend> make_backend() const;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS

#include <okhttp/dispatch/thread_pool_dispatcher.ipp>

#endif  // OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_HPP
