// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_MUTEX_HPP
#define OKHTTP_RUNTIME_MUTEX_HPP

#include <okhttp/runtime/runtime.hpp>

#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// A lock that tasks may hold across a wait. On the event loop waiters suspend and are served first
/// come, first served, through the loop's ready queue; on a blocking runtime the thread sleeps.
/// A mutex belongs to the tasks of one runtime.
class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  /// Unlocks in its destructor.
  class [[nodiscard]] Guard {
   public:
    explicit Guard(Mutex* mutex) noexcept : mutex_(mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (mutex_ != nullptr) mutex_->unlock();
    }

   private:
    Mutex* mutex_;
  };

  class Lock : public RuntimeAwaitable {
   public:
    explicit Lock(Mutex& mutex) noexcept : mutex_(mutex) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
      // Woken as the next owner, but destroyed before it could take the guard.
      if (granted_) mutex_.unlock();
    }
    bool await_ready() {
      Runtime* const runtime = Runtime::current();
      if (runtime == nullptr || runtime->blocks()) {
        mutex_.lock_blocking();
        return granted_ = true;
      }
      runtime_ = runtime;
      if (mutex_.locked_) return false;
      return granted_ = mutex_.locked_ = true;
    }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      node_.waiting = waiting;
      mutex_.waiters_.push(node_);
      node_.lock = this;
    }
    Guard await_resume() noexcept {
      granted_ = false;
      return Guard(&mutex_);
    }

   private:
    friend class Mutex;
    struct Node : detail::ReadyNode {
      Lock* lock = nullptr;
    };
    Mutex& mutex_;
    Runtime* runtime_ = nullptr;
    bool granted_ = false;
    Node node_;
  };

  /// `Mutex::Guard guard = co_await mutex.lock();`
  Lock lock() noexcept { return Lock(*this); }

 private:
  void lock_blocking() {
    detail::SyncLock lock(mutex_);
#if OKHTTP_THREADS
    while (locked_) unlocked_.wait(lock);
#endif
    OKHTTP_ASSERT(!locked_);
    locked_ = true;
    blocking_ = true;
  }
  void unlock() noexcept {
    if (blocking_) {
      const detail::SyncLock lock(mutex_);
      locked_ = false;
#if OKHTTP_THREADS
      unlocked_.notify_one();
#endif
      return;
    }
    if (detail::ReadyNode* const node = waiters_.pop()) {
      Lock& next = *static_cast<Lock::Node*>(node)->lock;
      next.granted_ = true;
      next.runtime_->resume(*node);
    } else {
      locked_ = false;
    }
  }

  detail::SyncMutex mutex_;  // blocking: guards locked_
  bool locked_ = false;
  bool blocking_ = false;  // which model uses it; set once, by the first lock
  detail::ReadyQueue waiters_;
#if OKHTTP_THREADS
  std::condition_variable unlocked_;
#endif
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_RUNTIME_MUTEX_HPP
