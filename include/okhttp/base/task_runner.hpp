// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_TASK_RUNNER_HPP
#define OKHTTP_BASE_TASK_RUNNER_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/base/unique_function.hpp>

#include <optional>
#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// Runs tasks to their end: the part of a runtime that knows neither clock nor socket, so that
/// message types can offer blocking functions over tasks. Every Runtime is one.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  /// True when waiting blocks the calling thread, so that a task has ended once it was started.
  bool blocks() const noexcept { return blocks_; }

  /// Runs a task to its end and gives its result; the calling thread waits for it.
  /// Errors: those of the task; Errc::misuse on an event loop's own thread, with a text that names
  /// `async_twin`, the function to await there instead.
  template <class T>
  Result<T> run(Task<T> task, const char* async_twin) {
    if (blocks_ && !(current_ != nullptr && !current_->blocks_)) {
      const Scope scope(*this);
      task.start();
      if (!task.finished()) return unfinished(async_twin);
      return task.take_result();
    }
    std::optional<Result<T>> result;
    if (Result<void> ran = run_root(detail::collect(std::move(task), result), async_twin); !ran)
      return std::move(ran).error();
    OKHTTP_ASSERT(result);
    return std::move(*result);
  }

  /// Runs `job`, which may block on what is no socket (files). A blocking runtime runs it here and
  /// now; the event loop runs it on a helper thread while the awaiting task is suspended.
  virtual Task<void> offload(UniqueFunction<void()> job) = 0;

  /// The runner whose task the calling thread is running, or null.
  static TaskRunner* current() noexcept { return current_; }

  /// Marks the calling thread as running this runner's tasks.
  class Scope {
   public:
    explicit Scope(TaskRunner& runner) noexcept : outer_(std::exchange(current_, &runner)) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { current_ = outer_; }

   private:
    TaskRunner* outer_;
  };

 protected:
  explicit TaskRunner(bool blocks) noexcept : blocks_(blocks) {}

  /// Runs a root task that cannot fail to its end, driving the loop if nobody else does.
  virtual Result<void> run_root(Task<void> root, const char* async_twin) = 0;

 private:
  static Error unfinished(const char* async_twin) {
    return Error(Errc::misuse, async_twin,
                 " waits for something that only another client's runtime can "
                 "wake; a blocking client cannot await it");
  }

#if OKHTTP_THREADS
  static inline constinit thread_local TaskRunner* current_ = nullptr;
#else
  static inline constinit TaskRunner* current_ = nullptr;
#endif
  const bool blocks_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_TASK_RUNNER_HPP
