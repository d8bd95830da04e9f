// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_CANCELLATION_HPP
#define OKHTTP_RUNTIME_CANCELLATION_HPP

#include <okhttp/runtime/runtime.hpp>

#include <atomic>
#include <memory>

OKHTTP_NAMESPACE_BEGIN

/// The cancel flag of one call, and what to wake when it is raised. Owned by a shared_ptr.
///
/// Whoever waits in a way that a cancel must end registers a Hook for as long. Hooks run on the
/// loop's thread, or on the canceling thread when the runtime blocks; always under this object's
/// lock, so that a hook's target exists while it runs, and at most once.
class Cancellation : public std::enable_shared_from_this<Cancellation> {
 public:
  explicit Cancellation(Runtime& runtime) noexcept : runtime_(runtime), root_(this) {}
  /// Is canceled with `other`, which outlives this, and cancels it; hooks are the other's.
  explicit Cancellation(Cancellation* other) noexcept : runtime_(other->runtime_), root_(other->root_) {}
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  bool canceled() const noexcept { return root_->canceled_.load(std::memory_order_acquire); }

  /// Raises the flag, then wakes. Any thread; idempotent. The runtime must still exist.
  void cancel() {
    if (raise()) wake();
  }
  /// The first half: false when the flag was up already.
  bool raise() noexcept { return !root_->canceled_.exchange(true, std::memory_order_acq_rel); }
  /// The second half, once the flag is up.
  void wake() {
    if (root_ != this) {
      root_->wake();
      return;
    }
    if (runtime_.blocks()) {
      run_hooks();
      return;
    }
    // Not an owning pointer: what is canceled may own the loop, which nobody may drive any more.
    // Once it is gone it has no hooks.
    OKHTTP_ASSERT(!weak_from_this().expired());
    runtime_.post([self = weak_from_this()] {
      if (const std::shared_ptr<Cancellation> alive = self.lock()) alive->run_hooks();
    });
  }

  class Hook {
   public:
    explicit Hook(Cancellation* cancellation)
        : cancellation_(cancellation != nullptr ? cancellation->root_ : nullptr) {}
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   protected:
    ~Hook() = default;
    /// Called by the most derived constructor and destructor: the hook must be whole while listed.
    void enlist() {
      if (cancellation_ == nullptr) return;
      const detail::SyncLock lock(cancellation_->mutex_);
      next_ = cancellation_->hooks_;
      link_ = &cancellation_->hooks_;
      if (next_ != nullptr) next_->link_ = &next_;
      cancellation_->hooks_ = this;
      // Canceled before it was listed: nobody else will run it.
      if (cancellation_->canceled() && !ran_) {
        ran_ = true;
        on_cancel();
      }
    }
    void delist() noexcept {
      if (cancellation_ == nullptr) return;
      const detail::SyncLock lock(cancellation_->mutex_);
      *link_ = next_;
      if (next_ != nullptr) next_->link_ = link_;
    }
    virtual void on_cancel() noexcept = 0;

   private:
    friend class Cancellation;
    Cancellation* cancellation_;
    Hook* next_ = nullptr;
    Hook** link_ = nullptr;
    bool ran_ = false;
  };

 private:
  void run_hooks() {
    const detail::SyncLock lock(mutex_);
    for (Hook* hook = hooks_; hook != nullptr; hook = hook->next_)
      if (!hook->ran_) {
        hook->ran_ = true;
        hook->on_cancel();
      }
  }

  Runtime& runtime_;
  Cancellation* const root_;  // whose flag and hooks are used; itself mostly
  std::atomic<bool> canceled_{false};
  detail::SyncMutex mutex_;  // guards the list and every on_cancel
  Hook* hooks_ = nullptr;
};

/// While it lives, a cancel sets the signal.
class CancelSignal final : Cancellation::Hook {
 public:
  CancelSignal(Cancellation* cancellation, Signal signal)
      : Hook(cancellation), signal_(std::move(signal)) {
    enlist();
  }
  ~CancelSignal() { delist(); }

 private:
  void on_cancel() noexcept override { signal_.set(); }
  Signal signal_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_RUNTIME_CANCELLATION_HPP
