// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_EVENT_LOOP_HPP
#define OKHTTP_RUNTIME_EVENT_LOOP_HPP

#include <okhttp/runtime/helper_threads.hpp>
#include <okhttp/runtime/poller.hpp>
#include <okhttp/runtime/runtime.hpp>

#include <exception>
#include <list>
#include <vector>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// Where a loop takes its time from. Tests bring one they control.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  virtual TimePoint now() = 0;
  /// Asked when the loop has nothing to do before `next`: true means "it is `next` now", so that
  /// the loop does not wait; false means wait as usual.
  virtual bool skip_to(TimePoint next) = 0;
};

struct EventLoopOptions {
  /// poll() in place of epoll: the portable backend, selectable on Linux too.
  bool use_poll = false;
  /// Not owned; null: the monotonic clock.
  TimeSource* time = nullptr;
};

/// The reactor: one thread at a time drives it and runs all of its tasks.
///
/// There is no thread of its own. Whoever calls run, poll or run_until_idle drives the loop; a
/// second caller posts its task and waits, and takes the role over when the first one leaves.
/// Thread safety: run, spawn, post and run_until_idle may be called from any thread.
//
// Virtual functions say OKHTTP_DECL here too: a class with one that is not inline where it is
// declared has its table, and so all of its code, in every program that includes it.
class EventLoop final : public Runtime {
 public:
  explicit EventLoop(EventLoopOptions options = {});
  OKHTTP_DECL ~EventLoop() override;

  /// Starts a task in the background; it progresses while somebody drives the loop. Any thread.
  /// A failure of it is dropped; an exception of user code leaves the run(), poll() or
  /// run_until_idle() that drives the loop: run() once its own task has ended, whose result is
  /// lost; run_until_idle() at once, to be called again. One leaves at a time, further ones later
  /// calls.
  void spawn(Task<void> task);
  /// Does what can be done now without waiting; nothing when another thread drives the loop.
  /// Errors: Errc::misuse on the loop's own thread.
  Result<void> poll();
  /// Drives the loop, or waits while another thread does, until no task is left. Errors: as poll().
  Result<void> run_until_idle();
  /// True when no task is left to run.
  bool idle() const;
  /// Before the present driver, or the next one, leaves it goes on until `done` says so; its calls
  /// run on the driver's thread. For a client that is dropped on the loop's own thread.
  void drive_on_until(UniqueFunction<bool()> done);
  /// Destroys every task that has not ended. Only when nobody drives the loop.
  void abandon_tasks();
  /// From now on background tasks end with whoever drives the loop: each time the last one leaves
  /// it, and now if nobody is there, those that have not ended are destroyed. For a client that is
  /// gone: its tasks may own what owns the loop. Any thread.
  void abandon_when_left();
  /// True when the calling thread drives the loop, maybe further down its stack.
  bool is_driven_here() const;

  TimePoint now() const override { return time_ != nullptr ? time_->now() : Clock::now(); }
  OKHTTP_DECL Task<void> offload(UniqueFunction<void()> job) override;
  OKHTTP_DECL void post(UniqueFunction<void()> function) override;

  OKHTTP_DECL bool begin_wait(WaitAny& wait) override;
  OKHTTP_DECL void cancel_wait(WaitAny& wait) noexcept override;
  OKHTTP_DECL void complete_wait(WaitAny& wait) noexcept override;
  void resume(detail::ReadyNode& node) noexcept override { ready_.push(node); }
  OKHTTP_DECL Result<void> attach(detail::IoHandle& handle) override;
  OKHTTP_DECL void detach(detail::IoHandle& handle) noexcept override;

 protected:
  OKHTTP_DECL Result<void> run_root(Task<void> root, const char* async_twin) override;

 private:
  struct Root;
  struct Caller;
  struct Offloaded;
  enum class Until { one_turn, idle, root_ended };

  Task<void> root_body(Root& root);
  void start_root(Root& root);
  void start_posted_root(Task<void> task, Caller* caller);
  Result<void> may_block(const char* async_twin) const;
  void drive_until(Until until, Caller& caller);
  bool reached(Until until, const Caller& caller) const;
  bool may_leave();
  void abandon_background(detail::SyncLock& lock);
  void advance();
  template <class Step>
  void keep_exceptions(Step&& step);
  void keep_exception(std::exception_ptr thrown);
  void reap();
  void enqueue(UniqueFunction<void()> function, std::size_t new_roots);
  void wait_for_events(bool may_wait);
  void deliver(std::span<detail::PollEvent> events);
  int timeout_until_next();
  void leave_queues(WaitAny& wait) noexcept;
  void expire_timers();
  void add_timer(WaitAny& wait);
  void remove_timer(WaitAny& wait) noexcept;
  void place(std::size_t index, WaitAny* wait) noexcept;
  void sift_up(std::size_t index) noexcept;
  void sift_down(std::size_t index) noexcept;

  TimeSource* const time_;
  std::unique_ptr<detail::Poller> poller_;

  // Of the driver alone.
  detail::ReadyQueue ready_;
  std::vector<WaitAny*> timers_;  // a binary heap by time
  std::list<Root> roots_;
  std::vector<Root*> ended_;
  std::vector<UniqueFunction<void()>> running_posted_;
  UniqueFunction<bool()> drive_on_until_;

  mutable detail::SyncMutex mutex_;  // guards everything below
  std::vector<UniqueFunction<void()>> posted_;
#if OKHTTP_THREADS
  Caller* callers_ = nullptr;  // threads that wait for their task, or for the driver's role
#endif
  const void* driver_ = nullptr;  // the thread that drives, as detail::this_thread
  bool abandons_ = false;
  std::size_t open_roots_ = 0;  // tasks that have not ended
  std::vector<std::exception_ptr> thrown_;  // by user code in background tasks, not yet passed on
  std::atomic<bool> has_posted_{false};
  std::atomic<bool> waiting_{false};  // the driver is in, or on its way into, the poller
#if OKHTTP_THREADS
  detail::HelperThreads helpers_{4};
#endif
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/runtime/event_loop.ipp>

#endif  // OKHTTP_RUNTIME_EVENT_LOOP_HPP
