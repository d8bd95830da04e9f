// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_POOL_HOUSEKEEPING_IPP
#define OKHTTP_CONNECTION_POOL_HOUSEKEEPING_IPP

#include <okhttp/connection/pool_housekeeping.hpp>
#include <okhttp/runtime/helper_threads.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

#if OKHTTP_THREADS
class HousekeepingThread final : public PoolHousekeeping {
 public:
  explicit HousekeepingThread(ConnectionPool& pool) : state_(std::make_shared<State>(pool)) {}
  ~HousekeepingThread() override { halt(); }
  OKHTTP_DECL void plan(TimePoint when) override;
  OKHTTP_DECL void stop() override { halt(); }

 private:
  /// Shared with the thread, on which the last client may go.
  struct State {
    explicit State(ConnectionPool& its_pool) : pool(its_pool) {}
    ConnectionPool& pool;
    std::mutex mutex;  // guards everything below; after the pool's
    std::condition_variable changed;
    std::atomic<TimePoint> next{TimePoint::max()};  // written under the lock
    bool running = false;
    bool stopped = false;
    const void* thread = nullptr;
  };
  void halt();
  static void work(State& state);

  const std::shared_ptr<State> state_;
  HelperThreads threads_{1};
};

OKHTTP_DECL void HousekeepingThread::plan(TimePoint when) {
  if (when >= state_->next.load(std::memory_order_relaxed)) return;
  const std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->stopped || when >= state_->next.load(std::memory_order_relaxed)) return;
  state_->next.store(when, std::memory_order_relaxed);
  if (state_->running) {
    state_->changed.notify_all();
    return;
  }
  // Without a thread the next use of the pool has to do.
  state_->running = threads_.submit([state = state_] { work(*state); });
  if (!state_->running) state_->next.store(TimePoint::max(), std::memory_order_relaxed);
}

OKHTTP_DECL void HousekeepingThread::work(State& state) {
  bool had_idle = true;
  std::unique_lock<std::mutex> lock(state.mutex);
  state.thread = this_thread();
  while (!state.stopped) {
    const TimePoint next = state.next.load(std::memory_order_relaxed);
    const TimePoint now = Clock::now();
    if (now < next) {
      state.changed.wait_until(lock, next);
      continue;
    }
    state.next.store(TimePoint::max(), std::memory_order_relaxed);
    lock.unlock();
    std::optional<TimePoint> again;
    {
      std::vector<std::unique_ptr<Connection>> closing;
      again = state.pool.look_after(now, closing);
      // What goes now may take the pool with it.
    }
    lock.lock();
    const TimePoint planned = state.next.load(std::memory_order_relaxed);
    const bool has_idle = again || planned != TimePoint::max();
    if (!has_idle && !had_idle) break;
    // When all connections are in use, one is likely to be idle soon.
    if (!has_idle) again = now + std::chrono::seconds(1);
    if (again) state.next.store(std::min(planned, *again), std::memory_order_relaxed);
    had_idle = has_idle;
  }
  state.running = false;
  state.next.store(TimePoint::max(), std::memory_order_relaxed);
  state.thread = nullptr;
}

OKHTTP_DECL void HousekeepingThread::halt() {
  {
    const std::unique_lock<std::mutex> lock(state_->mutex);
    state_->stopped = true;
    state_->changed.notify_all();
    if (state_->thread == this_thread()) return;
  }
  threads_.join();
}

OKHTTP_DECL std::unique_ptr<PoolHousekeeping> housekeeping_thread(ConnectionPool& pool) {
  return std::make_unique<HousekeepingThread>(pool);
}
#endif

class HousekeepingOnLoop final : public PoolHousekeeping {
 public:
  explicit HousekeepingOnLoop(ConnectionPool& pool) : state_(std::make_shared<State>(pool)) {}
  // Nobody drives the loop any more, or it is this thread that does.
  ~HousekeepingOnLoop() override { state_->task.reset(); }
  OKHTTP_DECL void plan(TimePoint when) override;
  OKHTTP_DECL const Signal* watch() const noexcept override { return &state_->woken; }

 private:
  /// Of the loop's thread alone.
  struct State {
    explicit State(ConnectionPool& its_pool) : pool(its_pool) {}
    ConnectionPool& pool;
    const Signal woken;
    TimePoint next = TimePoint::max();
    bool running = false;
    std::optional<Task<void>> task;
  };
  static Task<void> work(State& state);

  const std::shared_ptr<State> state_;
};

OKHTTP_DECL void HousekeepingOnLoop::plan(TimePoint when) {
  if (when >= state_->next) return;
  state_->next = when;
  if (state_->running) {
    state_->woken.set();
    return;
  }
  state_->running = true;
  // Not here: this may be the destructor of a response, anywhere.
  state_->pool.runtime()->post([weak = std::weak_ptr<State>(state_)] {
    const std::shared_ptr<State> state = weak.lock();
    if (state == nullptr) return;
    state->task.emplace(work(*state));
    state->task->start();
  });
}

OKHTTP_DECL Task<void> HousekeepingOnLoop::work(State& state) {
  Runtime& runtime = *state.pool.runtime();
  while (state.next != TimePoint::max()) {
    {
      WaitItem item(state.woken);
      co_await runtime.wait_any(std::span(&item, 1), Deadline::at(state.next));
    }
    state.woken.reset();
    std::vector<std::unique_ptr<Connection>> closing;
    state.next = TimePoint::max();
    const std::optional<TimePoint> again = state.pool.look_after(runtime.now(), closing);
    if (again) state.next = std::min(state.next, *again);
  }
  state.running = false;
}

OKHTTP_DECL std::unique_ptr<PoolHousekeeping> housekeeping_on_loop(ConnectionPool& pool) {
  return std::make_unique<HousekeepingOnLoop>(pool);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_POOL_HOUSEKEEPING_IPP
