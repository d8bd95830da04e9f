// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_DISPATCHER_HPP
#define OKHTTP_DISPATCH_DISPATCHER_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/runtime/sync.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// How many of the calls given to `enqueue` and `submit` run at once. Calls that their caller waits
/// for (`execute`, `async_execute`) are not limited.
struct DispatcherOptions {
  /// Of all hosts together; at least 1. Default 64.
  std::size_t max_requests = 64;
  /// Of one host, as the URL names it; at least 1. Default 5.
  std::size_t max_requests_per_host = 5;
};

namespace detail {

/// A call as the dispatcher sees it.
class DispatchedCall {
 public:
  DispatchedCall() = default;
  DispatchedCall(const DispatchedCall&) = delete;
  DispatchedCall& operator=(const DispatchedCall&) = delete;
  virtual ~DispatchedCall() = default;
  /// Called without any lock held.
  virtual void cancel_dispatched() = 0;
  /// Keeps the call alive meanwhile.
  virtual std::shared_ptr<DispatchedCall> hold_dispatched() = 0;
  virtual std::string_view dispatch_host() const noexcept = 0;
  /// An enqueued call has to wait for its turn. Called without any lock held; the call may have begun
  /// meanwhile.
  virtual void dispatch_delayed() noexcept {}

  // The list of calls that somebody waits for; guarded by the dispatcher's lock.
  DispatchedCall* next_running = nullptr;
  DispatchedCall** running_link = nullptr;
  // Its place among the enqueued calls that run; likewise.
  std::size_t running_index = 0;
};

}  // namespace detail

/// Starts the calls of a client and of all clients derived from it, within their limits: first come,
/// first served, except that a call whose host is at its limit lets others pass.
///
/// Thread safety: any thread. Rule: OkHttp's Dispatcher.
class Dispatcher {
 public:
  Dispatcher(DispatcherOptions options, DispatchBackend& backend) : backend_(backend), options_(options) {}
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Calls that are running: enqueued ones that were started, and those somebody waits for.
  std::size_t running_calls_count() const;
  /// Enqueued calls that wait for their turn.
  std::size_t queued_calls_count() const;
  /// Cancels all calls, running and queued; each fails with Errc::canceled in its own time.
  void cancel_all();
  /// Called each time the last running call has ended and none is queued. Runs on the thread that
  /// ended it. Must not throw.
  void set_idle_callback(UniqueFunction<void()> callback);
  /// Changes the limits; more calls may start at once. Errors: Errc::invalid_argument for 0.
  Result<void> set_limits(DispatcherOptions options);
  DispatcherOptions limits() const;

  // ---- For calls ----

  /// Takes a call in; `job` runs it when its turn has come. False once the client is gone.
  bool enqueue(std::shared_ptr<detail::DispatchedCall> call, Task<void> job);
  /// Runs a job that is no call, outside the limits. False, with the job untouched, once the client
  /// is gone.
  bool execute(Task<void>& job);
  /// An enqueued call has ended, its callback too.
  void finished(const detail::DispatchedCall& call);
  /// A call that its caller waits for begins, and ends.
  void begin_waited(detail::DispatchedCall& call);
  void end_waited(detail::DispatchedCall& call) noexcept;
  /// No more calls: cancels all, and starts the queued ones regardless of the limits, so that each
  /// callback hears of it.
  void close();
  /// Lets go of calls whose jobs a backend could not run to their end. After everything else.
  void forget_calls();

 private:
  struct Entry {
    std::shared_ptr<detail::DispatchedCall> call;
    Task<void> job;
    std::uint64_t number;  // in the order in which they came
  };
  /// The calls of one host; gone when there are none.
  struct Host {
    std::size_t running = 0;
    std::deque<Entry> queued;
    std::uint64_t waiting_as = 0;  // its key in waiting_; 0: it is not there
  };
  using Jobs = std::vector<Task<void>>;
  Jobs promote();
  void start(Jobs jobs);
  void list(Host& host);
  void notify_if_idle(detail::SyncLock& lock);

  DispatchBackend& backend_;
  mutable detail::SyncMutex mutex_;  // guards everything below; never held in a call out
  DispatcherOptions options_;
  std::map<std::string, Host, std::less<>> hosts_;
  // Hosts that may start a call, by the number of their first one: however many calls wait, finding the
  // next one costs the same.
  std::map<std::uint64_t, Host*> waiting_;
  std::uint64_t last_number_ = 0;
  std::size_t queued_count_ = 0;
  std::vector<std::shared_ptr<detail::DispatchedCall>> running_;
  detail::DispatchedCall* waited_ = nullptr;
  std::size_t waited_count_ = 0;
  std::shared_ptr<UniqueFunction<void()>> idle_callback_;
  bool closed_ = false;
};

OKHTTP_NAMESPACE_END

#include <okhttp/dispatch/dispatcher.ipp>

#endif  // OKHTTP_DISPATCH_DISPATCHER_HPP
