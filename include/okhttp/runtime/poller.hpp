// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_POLLER_HPP
#define OKHTTP_RUNTIME_POLLER_HPP

#include <okhttp/runtime/runtime.hpp>

#include <vector>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What happened to a socket.
struct PollEvent {
  IoHandle* handle = nullptr;  // null: the loop was woken
  Interest ready = Interest::none;
  bool hung_up = false;  // it will stay ready, and this is not said again
};

/// Waits for many sockets at once. Used by one thread at a time, but for wake().
class Poller {
 public:
  virtual ~Poller() = default;
  virtual Result<void> add(IoHandle& handle) = 0;
  virtual void remove(IoHandle& handle) noexcept = 0;
  /// Waits up to `timeout_ms` (-1: without limit) and gives what happened; a view until the next
  /// call.
  virtual std::span<PollEvent> wait(int timeout_ms) = 0;
  /// Ends a wait, the present one or the next. Any thread.
  virtual void wake() noexcept = 0;
};

/// epoll where there is one and `use_poll` is false, else poll(). Null when the kernel refuses.
std::unique_ptr<Poller> make_poller(bool use_poll);

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/runtime/poller.ipp>

#endif  // OKHTTP_RUNTIME_POLLER_HPP
