// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_INLINE_DISPATCHER_IPP
#define OKHTTP_DISPATCH_INLINE_DISPATCHER_IPP

#include <okhttp/dispatch/inline_dispatcher.hpp>

#if OKHTTP_BODIES

#include <list>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

class InlineBackend final : public DispatchBackend {
 public:
  Runtime& runtime() noexcept override { return runtime_; }
  void execute(Task<void> job) override {
    const SyncLock lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  Result<void> poll() override {
    // Before a job is taken that could not be put back.
    if (Result<void> may = runtime_.run(nothing(), "async_execute"); !may) return may;
    // Those that are there now: a callback may enqueue the next call.
    std::list<Task<void>> jobs;
    {
      const SyncLock lock(mutex_);
      jobs.swap(jobs_);
    }
    while (!jobs.empty()) {
      Task<void> job = std::move(jobs.front());
      jobs.pop_front();
      Result<void> ended = runtime_.run(std::move(job), "async_execute");
      if (ended) continue;
      {
        const SyncLock lock(mutex_);
        jobs_.splice(jobs_.begin(), jobs);
      }
      if (ended.error().exception() != nullptr) throw_error(ended.error());
      return ended;
    }
    return {};
  }
  Result<void> run_until_idle() override {
    while (!idle())
      if (Result<void> ran = poll(); !ran) return ran;
    return {};
  }
  void shut_down() override {
    // Every job was canceled and waits for nothing, so it may run here even if this is a loop's thread.
    const TaskRunner::Scope scope(runtime_);
    while (!idle()) poll_and_drop();
  }

 private:
  static Task<void> nothing() { co_return; }
  void poll_and_drop() {
#if OKHTTP_EXCEPTIONS
    try {
      (void)poll();
    } catch (...) {
      // What a callback throws has nowhere to go, and the others are still to be told.
    }
#else
    (void)poll();
#endif
  }
  bool idle() {
    const SyncLock lock(mutex_);
    return jobs_.empty();
  }
  BlockingRuntime runtime_;
  SyncMutex mutex_;  // guards jobs_
  std::list<Task<void>> jobs_;
};

}  // namespace detail

OKHTTP_DECL std::unique_ptr<DispatchBackend> InlineDispatcher::make_backend() const {
  return std::make_unique<detail::InlineBackend>();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_DISPATCH_INLINE_DISPATCHER_IPP
