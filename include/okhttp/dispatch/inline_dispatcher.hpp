// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_INLINE_DISPATCHER_HPP
#define OKHTTP_DISPATCH_INLINE_DISPATCHER_HPP

#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>

OKHTTP_NAMESPACE_BEGIN

/// Runs every call on the thread that asks for it and starts no thread. Calls given to `enqueue`
/// run one after the other when the program calls `poll()` or `run_until_idle()`.
struct InlineDispatcher {
  using Runtime = BlockingRuntime;
  std::unique_ptr<DispatchBackend> make_backend() const;
};

OKHTTP_NAMESPACE_END

#include <okhttp/dispatch/inline_dispatcher.ipp>

#endif  // OKHTTP_DISPATCH_INLINE_DISPATCHER_HPP
