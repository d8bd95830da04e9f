// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_EVENT_LOOP_IPP
#define OKHTTP_RUNTIME_EVENT_LOOP_IPP

#include <okhttp/runtime/event_loop.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <climits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// A task the loop owns: the frames live here, never with the caller.
struct EventLoop::Root {
  explicit Root(Task<void> t) : task(std::move(t)) {}
  Task<void> task;
  std::optional<Task<void>> body;
  Caller* caller = nullptr;
  std::list<Root>::iterator self;
};

/// A thread inside run, poll or run_until_idle.
struct EventLoop::Caller {
  bool done = false;
#if OKHTTP_THREADS
  Caller* next = nullptr;  // in callers_, while it sleeps
  std::condition_variable turn;
#endif
};

/// What a task shares with the helper that does its job; whoever leaves last destroys it.
struct EventLoop::Offloaded {
  UniqueFunction<void()> job;
  Signal done;
  std::exception_ptr thrown;
};

OKHTTP_DECL EventLoop::EventLoop(EventLoopOptions options)
    : Runtime(false), time_(options.time), poller_(detail::make_poller(options.use_poll)) {}

OKHTTP_DECL EventLoop::~EventLoop() {
  abandon_tasks();
#if OKHTTP_THREADS
  helpers_.join();
#endif
}

OKHTTP_DECL void EventLoop::abandon_tasks() {
  const Scope scope(*this);
  // Destroying a task may post or end others; whatever they leave is destroyed too.
  for (;;) {
    std::vector<UniqueFunction<void()>> posted;
    std::list<Root> roots;
    ended_.clear();
    roots.swap(roots_);
    const detail::SyncLock lock(mutex_);
    posted.swap(posted_);
    has_posted_ = false;
    if (posted.empty() && roots.empty()) {
      open_roots_ = 0;
      break;
    }
  }
}

OKHTTP_DECL Task<void> EventLoop::root_body(Root& root) {
  Result<void> result = co_await std::move(root.task).outcome();
  if (!result && result.error().exception() != nullptr) keep_exception(result.error().exception());
  ended_.push_back(&root);
}

OKHTTP_DECL void EventLoop::start_root(Root& root) {
  root.body.emplace(root_body(root));
  root.body->start();
}

OKHTTP_DECL void EventLoop::start_posted_root(Task<void> task, Caller* caller) {
  Root& root = roots_.emplace_back(std::move(task));
  root.self = std::prev(roots_.end());
  root.caller = caller;
  start_root(root);
}

OKHTTP_DECL void EventLoop::spawn(Task<void> task) {
  enqueue(
      [this, owned = std::move(task)]() mutable { start_posted_root(std::move(owned), nullptr); },
      1);
}

OKHTTP_DECL Result<void> EventLoop::run_root(Task<void> task, const char* async_twin) {
  if (Result<void> may = may_block(async_twin); !may) return may;
  Caller caller;
  enqueue(
      [this, owned = std::move(task), &caller]() mutable {
        start_posted_root(std::move(owned), &caller);
      },
      1);
  drive_until(Until::root_ended, caller);
  return {};
}

OKHTTP_DECL Result<void> EventLoop::poll() {
  if (Result<void> may = may_block("async_ function"); !may) return may;
  Caller caller;
  drive_until(Until::one_turn, caller);
  return {};
}

OKHTTP_DECL Result<void> EventLoop::run_until_idle() {
  if (Result<void> may = may_block("async_ function"); !may) return may;
  Caller caller;
  drive_until(Until::idle, caller);
  return {};
}

OKHTTP_DECL bool EventLoop::idle() const {
  const detail::SyncLock lock(mutex_);
  return open_roots_ == 0 && posted_.empty();
}

OKHTTP_DECL bool EventLoop::reached(Until until, const Caller& caller) const {
  if (until != Until::idle) return until == Until::one_turn || caller.done;
  const detail::SyncLock lock(mutex_);
  return !thrown_.empty() || (open_roots_ == 0 && posted_.empty());
}

OKHTTP_DECL void EventLoop::drive_on_until(UniqueFunction<bool()> done) {
  drive_on_until_ = std::move(done);
}

OKHTTP_DECL bool EventLoop::may_leave() {
  if (drive_on_until_ && drive_on_until_()) drive_on_until_ = nullptr;
  return !drive_on_until_;
}

OKHTTP_DECL bool EventLoop::is_driven_here() const {
  if (current() == this) return true;
  const detail::SyncLock lock(mutex_);
  return driver_ == detail::this_thread();
}

OKHTTP_DECL void EventLoop::abandon_when_left() {
  detail::SyncLock lock(mutex_);
  abandons_ = true;
  abandon_background(lock);
#if OKHTTP_THREADS
  if (driver_ == nullptr && callers_ != nullptr) callers_->turn.notify_one();
#endif
}

/// Under the lock, which it gives up meanwhile: as the driver, so that nobody else comes in.
OKHTTP_DECL void EventLoop::abandon_background(detail::SyncLock& lock) {
  if (!abandons_ || driver_ != nullptr) return;
#if OKHTTP_THREADS
  if (callers_ != nullptr) return;
#endif
  driver_ = detail::this_thread();
  lock.unlock();
  {
    const Scope scope(*this);
    std::list<Root> abandoned;
    do {
      abandoned.clear();
      advance();  // also begins what was only posted: it may be a callback that has to be told
      for (auto root = roots_.begin(); root != roots_.end();) {
        const auto next = std::next(root);
        if (root->caller == nullptr) abandoned.splice(abandoned.end(), roots_, root);
        root = next;
      }
      const detail::SyncLock counting(mutex_);
      open_roots_ -= abandoned.size();
    } while (!abandoned.empty() || has_posted_.load());
  }
  lock.lock();
  driver_ = nullptr;
}

/// Misuse where the calling thread already runs this loop.
OKHTTP_DECL Result<void> EventLoop::may_block(const char* async_twin) const {
  if (is_driven_here())
    return {Errc::misuse,
            std::string("a blocking call on the event loop's own thread (in a callback, an "
                        "interceptor or a task) would wait for itself: co_await ") +
                async_twin + " instead"};
  if (poller_ == nullptr)
    return {Errc::connect_failed, "the kernel refused the event loop its descriptors"};
  return {};
}

OKHTTP_DECL void EventLoop::drive_until(Until until, Caller& caller) {
  std::exception_ptr thrown;
  detail::SyncLock lock(mutex_);
  for (;;) {
    if (until == Until::root_ended && caller.done) break;
    if (until == Until::idle && open_roots_ == 0 && posted_.empty() && thrown_.empty()) break;
    if (driver_ == nullptr) {
      driver_ = detail::this_thread();
      lock.unlock();
      {
        const Scope scope(*this);
        advance();
        if (until == Until::one_turn) {
          wait_for_events(false);
          // What became ready makes other things ready, but tasks may take turns for ever.
          constexpr int most_turns = 1000;
          int turns = 0;
          do {
            advance();
          } while ((!ready_.empty() || has_posted_.load()) && ++turns < most_turns);
        }
        while (!reached(until, caller) || !may_leave()) {
          wait_for_events(true);
          advance();
        }
      }
      lock.lock();
      driver_ = nullptr;
      if (!thrown_.empty()) {
        thrown = std::move(thrown_.front());
        thrown_.erase(thrown_.begin());
      }
      break;
    }
    if (until == Until::one_turn) break;  // somebody drives it already
#if OKHTTP_THREADS
    caller.next = callers_;
    callers_ = &caller;
    caller.turn.wait(lock);
    for (Caller** link = &callers_; *link != nullptr; link = &(*link)->next)
      if (*link == &caller) {
        *link = caller.next;
        break;
      }
#endif
  }
  abandon_background(lock);
#if OKHTTP_THREADS
  // Somebody takes the role over. Whoever has no use for it wakes the next one when leaving.
  if (driver_ == nullptr && callers_ != nullptr) callers_->turn.notify_one();
#endif
  lock.unlock();
#if OKHTTP_EXCEPTIONS
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
#endif
}

OKHTTP_DECL void EventLoop::keep_exception(std::exception_ptr thrown) {
  const detail::SyncLock lock(mutex_);
  thrown_.push_back(std::move(thrown));
}

/// Runs a step that may throw; the loop goes on.
template <class Step>
void EventLoop::keep_exceptions(Step&& step) {
#if OKHTTP_EXCEPTIONS
  try {
    step();
  } catch (...) {
    keep_exception(std::current_exception());
  }
#else
  step();
#endif
}

/// Runs everything that is ready, without looking at sockets or the clock.
OKHTTP_DECL void EventLoop::advance() {
  if (has_posted_.load(std::memory_order_acquire)) {
    {
      const detail::SyncLock lock(mutex_);
      running_posted_.swap(posted_);
      has_posted_.store(false, std::memory_order_relaxed);
    }
    for (UniqueFunction<void()>& function : running_posted_) keep_exceptions(function);
    running_posted_.clear();
  }
  // Only what is ready now: a task that makes itself ready again must not starve the sockets.
  detail::ReadyQueue batch;
  batch.take(ready_);
  // A coroutine of another library may let an exception out.
  while (detail::ReadyNode* const node = batch.pop())
    keep_exceptions([node] { detail::drive(node->waiting); });
  reap();
}

OKHTTP_DECL void EventLoop::reap() {
  while (!ended_.empty()) {
    Root& root = *ended_.back();
    ended_.pop_back();
    Caller* const caller = root.caller;
    roots_.erase(root.self);
    const detail::SyncLock lock(mutex_);
    --open_roots_;
    if (caller != nullptr) {
      caller->done = true;
#if OKHTTP_THREADS
      caller->turn.notify_one();
#endif
    }
#if OKHTTP_THREADS
    if (open_roots_ == 0)
      for (Caller* waiting = callers_; waiting != nullptr; waiting = waiting->next)
        waiting->turn.notify_one();  // run_until_idle on another thread
#endif
  }
}

OKHTTP_DECL void EventLoop::post(UniqueFunction<void()> function) {
  enqueue(std::move(function), 0);
}

OKHTTP_DECL void EventLoop::enqueue(UniqueFunction<void()> function, std::size_t new_roots) {
  // All of it under the lock: once the function has run, the loop may be destroyed.
  const detail::SyncLock lock(mutex_);
  posted_.push_back(std::move(function));
  open_roots_ += new_roots;
  has_posted_.store(true);
  // The driver announces that it goes to wait before it looks at has_posted_, so one of the two
  // sees the other. One wake-up is enough for many functions.
  if (waiting_.exchange(false) && poller_ != nullptr) poller_->wake();
}

OKHTTP_DECL void EventLoop::wait_for_events(bool may_wait) {
  int timeout_ms = 0;
  if (may_wait && ready_.empty()) {
    // Time that can be skipped must not pass by a socket that is ready.
    if (time_ != nullptr && !timers_.empty()) deliver(poller_->wait(0));
    if (ready_.empty()) timeout_ms = timeout_until_next();
  }
  if (timeout_ms != 0) {
    waiting_.store(true);
    if (has_posted_.load()) timeout_ms = 0;
  }
  deliver(poller_->wait(timeout_ms));
  waiting_.store(false, std::memory_order_relaxed);
  expire_timers();
}

OKHTTP_DECL void EventLoop::deliver(std::span<detail::PollEvent> events) {
  for (detail::PollEvent& event : events) {
    if (event.handle == nullptr || !any(event.ready)) continue;
    detail::IoHandle& handle = *event.handle;
    handle.hung_up = handle.hung_up || event.hung_up;
    if (any(event.ready & Interest::read)) handle.drained = false;
    if (any(event.ready & Interest::write)) handle.full = false;
    if (handle.idle_watch != nullptr && any(event.ready & Interest::read)) handle.idle_watch->set();
    for (WaitItem* item = handle.waiters; item != nullptr;) {
      const Interest ready = item->interest & event.ready;
      if (!any(ready)) {
        item = item->next;
        continue;
      }
      item->ready = ready;
      complete_wait(*item->owner);
      item = handle.waiters;  // the wait took all of its items out of the list
    }
  }
}

OKHTTP_DECL int EventLoop::timeout_until_next() {
  if (timers_.empty()) return -1;
  const TimePoint next = timers_.front()->timer().at;
  if (time_ != nullptr && !has_posted_.load() && time_->skip_to(next)) return 0;
  const TimePoint time = now();
  if (next <= time) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - time).count();
  return left > INT_MAX ? INT_MAX : static_cast<int>(left);
}

OKHTTP_DECL void EventLoop::expire_timers() {
  if (timers_.empty()) return;
  const TimePoint time = now();
  while (!timers_.empty() && timers_.front()->timer().at <= time) {
    WaitAny& wait = *timers_.front();
    leave_queues(wait);
    ready_.push(wait.node());
  }
}

OKHTTP_DECL bool EventLoop::begin_wait(WaitAny& wait) {
  bool ready = false;
  for (WaitItem& item : wait.items()) {
    item.owner = &wait;
    if (item.signal) {
      if (!item.signal->enlist_unless_set(item)) item.ready = item.interest;
    } else {
      if (item.io->hung_up) item.io->drained = false;
      if (!item.io->drained) item.ready = item.interest & Interest::read;
      if (!item.io->full) item.ready = item.ready | (item.interest & Interest::write);
      if (!any(item.ready)) item.enlist(item.io->waiters);
    }
    ready = ready || any(item.ready);
  }
  if (ready || (!wait.deadline().is_never() && wait.deadline().passed(now()))) {
    leave_queues(wait);
    if (ready) wait.set_ready();
    return true;
  }
  if (!wait.deadline().is_never()) add_timer(wait);
  wait.set_parked(true);
  return false;
}

OKHTTP_DECL void EventLoop::leave_queues(WaitAny& wait) noexcept {
  for (WaitItem& item : wait.items()) {
    if (item.owner == nullptr) continue;
    if (item.signal)
      item.signal->delist(item);
    else
      item.delist();
    item.owner = nullptr;  // not before: whoever sets the signal looks at it
  }
  remove_timer(wait);
}

OKHTTP_DECL void EventLoop::cancel_wait(WaitAny& wait) noexcept {
  leave_queues(wait);
  wait.node().leave();
}

OKHTTP_DECL void EventLoop::complete_wait(WaitAny& wait) noexcept {
  if (wait.node().queued()) return;
  wait.set_ready();
  leave_queues(wait);
  ready_.push(wait.node());
}

OKHTTP_DECL Result<void> EventLoop::attach(detail::IoHandle& handle) {
  if (poller_ == nullptr)
    return {Errc::connect_failed, "the kernel refused the event loop its descriptors"};
  return poller_->add(handle);
}
OKHTTP_DECL void EventLoop::detach(detail::IoHandle& handle) noexcept { poller_->remove(handle); }

// Timers: a binary heap whose nodes know their place, so that leaving costs a few swaps.
OKHTTP_DECL void EventLoop::place(std::size_t index, WaitAny* wait) noexcept {
  timers_[index] = wait;
  wait->timer().index = index;
}
OKHTTP_DECL void EventLoop::sift_up(std::size_t index) noexcept {
  WaitAny* const wait = timers_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (timers_[parent]->timer().at <= wait->timer().at) break;
    place(index, timers_[parent]);
    index = parent;
  }
  place(index, wait);
}
OKHTTP_DECL void EventLoop::sift_down(std::size_t index) noexcept {
  WaitAny* const wait = timers_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->timer().at < timers_[child]->timer().at)
      ++child;
    if (wait->timer().at <= timers_[child]->timer().at) break;
    place(index, timers_[child]);
    index = child;
  }
  place(index, wait);
}
OKHTTP_DECL void EventLoop::add_timer(WaitAny& wait) {
  wait.timer().at = wait.deadline().time();
  timers_.push_back(&wait);
  sift_up(timers_.size() - 1);
}
OKHTTP_DECL void EventLoop::remove_timer(WaitAny& wait) noexcept {
  const std::size_t index = std::exchange(wait.timer().index, detail::TimerNode::none);
  if (index == detail::TimerNode::none) return;
  WaitAny* const last = timers_.back();
  timers_.pop_back();
  if (last == &wait) return;
  place(index, last);
  sift_up(index);
  sift_down(last->timer().index);
}

OKHTTP_DECL Task<void> EventLoop::offload(UniqueFunction<void()> job) {
#if OKHTTP_THREADS
  auto offloaded = std::make_shared<Offloaded>();
  offloaded->job = std::move(job);
  const bool submitted = helpers_.submit([offloaded] {
#if OKHTTP_EXCEPTIONS
    try {
      offloaded->job();
    } catch (...) {
      offloaded->thrown = std::current_exception();
    }
#else
    offloaded->job();
#endif
    offloaded->job = nullptr;
    offloaded->done.set();
  });
  if (!submitted) co_await fail(Errc::connect_failed, "no helper thread could be started");
  WaitItem item(offloaded->done);
  co_await wait_any(std::span(&item, 1), Deadline::never());
  if (offloaded->thrown != nullptr) co_await fail(Error::from_exception(offloaded->thrown));
#else
  job();
  co_return;
#endif
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_RUNTIME_EVENT_LOOP_IPP
