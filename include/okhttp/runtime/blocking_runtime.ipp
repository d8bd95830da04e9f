// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_BLOCKING_RUNTIME_IPP
#define OKHTTP_RUNTIME_BLOCKING_RUNTIME_IPP

#include <okhttp/runtime/blocking_runtime.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <climits>
#include <memory>

#if OKHTTP_SOCKETS
#include <poll.h>
#else
#include <time.h>
#endif

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Task<void> BlockingRuntime::offload(UniqueFunction<void()> job) {
  job();
  co_return;
}

OKHTTP_DECL Result<void> BlockingRuntime::run_root(Task<void>, const char* async_twin) {
  // TaskRunner::run comes here only from a task of an event loop.
  return {Errc::misuse,
          std::string("a blocking call on an event loop's own thread would stop every other call "
                      "of that loop: await ") +
              async_twin + " of a client that runs on this loop instead"};
}

#if OKHTTP_SOCKETS
OKHTTP_DECL bool BlockingRuntime::begin_wait(WaitAny& wait) {
  constexpr std::size_t few = 8;
  pollfd on_stack[few];
  std::unique_ptr<pollfd[]> on_heap;
  pollfd* fds = on_stack;
  if (wait.items().size() > few) {
    on_heap = std::make_unique<pollfd[]>(wait.items().size());
    fds = on_heap.get();
  }
  // A signal that is set needs no descriptor and no system call.
  for (WaitItem& item : wait.items())
    if (item.signal && item.signal->is_set()) {
      item.ready = item.interest;
      wait.set_ready();
    }
  if (wait.ready()) return true;
  std::size_t count = 0;
  bool only_looking = false;
  for (WaitItem& item : wait.items()) {
    pollfd& entry = fds[count++];
    entry.fd = item.signal ? item.signal->descriptor() : item.io->fd;
    only_looking = only_looking || (item.signal && entry.fd < 0);
    entry.events = 0;
    entry.revents = 0;
    if (any(item.interest & Interest::read)) entry.events |= POLLIN;
    if (any(item.interest & Interest::write)) entry.events |= POLLOUT;
  }
  for (;;) {
    int timeout_ms = -1;
    if (!wait.deadline().is_never()) {
      const TimePoint time = now();
      if (wait.deadline().passed(time)) return true;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(wait.deadline().left(time));
      timeout_ms = left.count() > INT_MAX ? INT_MAX : static_cast<int>(left.count());
    }
    // No descriptor was to be had for a signal (poll() skips a negative one): look every few ms.
    constexpr int look_every_ms = 5;
    if (only_looking)
      timeout_ms = timeout_ms < 0 ? look_every_ms : std::min(timeout_ms, look_every_ms);
    const int found = ::poll(fds, static_cast<nfds_t>(count), timeout_ms);
    if (only_looking) {
      for (WaitItem& item : wait.items())
        if (item.signal && item.signal->is_set()) {
          item.ready = item.interest;
          wait.set_ready();
        }
      if (wait.ready() && found <= 0) return true;
    }
    if (found <= 0) continue;  // also when a system signal came in between: the clock decides
    std::size_t i = 0;
    for (WaitItem& item : wait.items()) {
      const auto events = static_cast<unsigned>(fds[i++].revents);
      if (events == 0) continue;
      item.ready = item.interest;
      // An error or a hang-up shows in whatever is tried next, so it counts as ready for all.
      if ((events & (POLLERR | POLLHUP | POLLNVAL)) == 0)
        item.ready = ((events & POLLIN) != 0 ? Interest::read : Interest::none) |
                     ((events & POLLOUT) != 0 ? Interest::write : Interest::none);
      wait.set_ready();
    }
    return true;
  }
}
#else
// Without sockets there is nothing to sleep on but the clock, and only signals to look at.
OKHTTP_DECL bool BlockingRuntime::begin_wait(WaitAny& wait) {
  for (;;) {
    for (WaitItem& item : wait.items())
      if (item.signal && item.signal->is_set()) {
        item.ready = item.interest;
        wait.set_ready();
      }
    if (wait.ready() || wait.deadline().passed(now())) return true;
    const timespec pause{0, 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_RUNTIME_BLOCKING_RUNTIME_IPP
