// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_HPP
#define OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_HPP

#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/runtime/event_loop.hpp>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// Runs thousands of calls on one thread: the one that drives the loop by `run`, `poll`,
/// `run_until_idle` or a blocking call. There is no hidden thread but helpers that resolve names and
/// read files.
struct EventLoopDispatcher {
  using Runtime = EventLoop;
  static constexpr Housekeeping housekeeping = Housekeeping::on_loop;
  EventLoopDispatcher() = default;
  explicit EventLoopDispatcher(EventLoopOptions loop_options) : options(loop_options) {}
  std::unique_ptr<DispatchBackend> make_backend() const;
  EventLoopOptions options;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/dispatch/event_loop_dispatcher.ipp>

#endif  // OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_HPP
