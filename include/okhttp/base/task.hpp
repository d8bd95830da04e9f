// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_TASK_HPP
#define OKHTTP_BASE_TASK_HPP

#include <okhttp/base/frame_pool.hpp>
#include <okhttp/base/result.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

// The theory of a task.
//
//   running --co_return--> value      running --co_await fail(), or a failed child--> failed
//
// A task is lazy: nothing runs before it is awaited (or run by a runtime). Awaiting starts the
// child at once, inside await_ready. If it finished with a value nothing suspends. If it failed, the
// awaiting coroutine stays suspended where it stands, its own promise takes the error, and so on up
// to the first frame that asked for `.outcome()`, which destroys the abandoned frames, innermost
// first, before it goes on. When a parked leaf is resumed later, a finished frame leaves its
// continuation in the driver's slot; the driver resumes it after that frame's code has returned, so
// neither finishing nor failing ever nests.
//
// One thread at a time starts, resumes and destroys a tree of tasks, hence no atomics here.

OKHTTP_NAMESPACE_BEGIN

template <class T>
class Task;

/// Base of what a task may await besides another task: the leaves of a runtime (sockets, timers,
/// signals). A leaf is an intrusive node that leaves every queue in its destructor, so that a
/// suspended tree may be destroyed at any time.
class RuntimeAwaitable {};

namespace detail {

// What the coroutine that is just ending leaves for the driver to resume next.
#if OKHTTP_THREADS
inline constinit thread_local std::coroutine_handle<> resume_slot{};
#else
inline constinit std::coroutine_handle<> resume_slot{};
#endif

/// Resumes `handle` and whatever its end makes ready. Every resumption goes through here.
inline void drive(std::coroutine_handle<> handle) {
  while (handle) {
    handle.resume();
    handle = std::exchange(resume_slot, {});
  }
}

// Awaits a leaf where it stands. GCC 12 copies or moves an awaitable that await_transform returns
// by reference when the coroutine is a template; leaves are neither copyable nor movable.
template <class Leaf>
struct LeafReference {
  Leaf* leaf;
  bool await_ready() const { return leaf->await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> handle) const {
    return leaf->await_suspend(handle);
  }
  decltype(auto) await_resume() const { return leaf->await_resume(); }
};

/// What fail() gives, to be awaited where it stands: a trivial object, so that the many places that may fail
/// carry nothing to be destroyed, and that nothing goes on after.
class [[nodiscard]] Failure {
 public:
  explicit Failure(Error error) noexcept : details_(std::exchange(error.details_, nullptr)) {}
  template <ErrorTextPart... Parts>
  [[gnu::always_inline]] explicit Failure(Errc code, const Parts&... parts)
      : details_(Error::compose(code, Error::kinds_of<Parts...>, Error::argument(parts)...)) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
    handle.promise().abandon(*this);
  }
  [[noreturn]] void await_resume() const noexcept { __builtin_unreachable(); }
  Error take() const noexcept { return Error(details_); }

 private:
  const Error::Shared* details_;
};

/// What every promise of a task has, whatever its value type.
class TaskPromiseBase {
 public:
  TaskPromiseBase() = default;
  TaskPromiseBase(const TaskPromiseBase&) = delete;
  TaskPromiseBase& operator=(const TaskPromiseBase&) = delete;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
      settle(handle.promise());
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept {
    error_ = Error::from_exception(std::current_exception());
    state_ = State::failed;
  }

  // A task awaits tasks and the leaves of a runtime; a foreign awaitable goes through a Signal.
  template <class U>
  auto await_transform(Task<U>&& task) const noexcept {
    return typename Task<U>::Awaiter(std::move(task));
  }
  template <class Leaf>
    requires std::derived_from<std::remove_cvref_t<Leaf>, RuntimeAwaitable>
  auto await_transform(Leaf&& leaf) const noexcept {
    return LeafReference<std::remove_reference_t<Leaf>>{&leaf};
  }

  Failure await_transform(Failure failure) const noexcept { return failure; }

  bool finished() const noexcept { return state_ != State::running; }
  bool failed() const noexcept { return state_ == State::failed; }
  Error take_error() noexcept { return std::move(error_); }

  /// Ends this task with an error from where it stands suspended.
  [[gnu::noinline]] void abandon(Failure failure) noexcept {
    error_ = failure.take();
    state_ = State::failed;
    settle(*this);
  }

  /// `child`, which has not ended with a value, ends this task as well if it has failed; else this one waits.
  [[gnu::noinline]] void wait_for(TaskPromiseBase& child, std::coroutine_handle<> self) noexcept {
    if (child.failed())
      abandon(Failure(child.take_error()));
    else
      child.continue_with(self, this);
  }

  /// `waiting` goes on when this task has ended; with `parent`, a failure goes straight to it.
  void continue_with(std::coroutine_handle<> waiting, TaskPromiseBase* parent) noexcept {
    continuation_ = waiting;
    parent_ = parent;
  }

 protected:
  void succeed() noexcept { state_ = State::value; }

 private:
  enum class State : unsigned char { running, value, failed };

  // Walks a failure up the frames that do not look at it, then leaves the first one that goes on in
  // the driver's slot. Resumes and destroys nothing.
  static void settle(TaskPromiseBase& ended) noexcept {
    TaskPromiseBase* current = &ended;
    while (current->continuation_) {
      TaskPromiseBase* const parent = current->parent_;
      if (!current->failed() || parent == nullptr) {
        resume_slot = current->continuation_;
        return;
      }
      parent->error_ = std::move(current->error_);
      parent->state_ = State::failed;
      current = parent;
    }
  }

  std::coroutine_handle<> continuation_;
  TaskPromiseBase* parent_ = nullptr;
  Error error_;
  State state_ = State::running;
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  void return_value(T value) {
    value_.emplace(std::move(value));
    succeed();
  }
  T take_value() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept { succeed(); }
  void take_value() const noexcept {}
};

}  // namespace detail

/// A coroutine that ends with a T or with an Error.
///
/// `co_await task` gives the value; a failure ends the awaiting task with the same error, without
/// resuming it: a `try` around `co_await` does not see it. `co_await std::move(task).outcome()`
/// looks at it as a Result, `co_await std::move(task).or_throw()` turns it into an exception there.
///
/// Lazy, move-only, awaited once: awaiting consumes a task, also one with a name. Dropping a task
/// that has not ended destroys its frames, innermost first.
/// Thread safety: one thread at a time; a runtime's tasks belong to the thread that drives it.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { reset(); }

  // Owns the child, as Outcome does: a task that outlived the coroutine awaiting it would go on
  // into a destroyed frame, and one awaited twice would be resumed at its end.
  class Awaiter {
   public:
    explicit Awaiter(Task task) noexcept : task_(std::move(task)) {}
    bool await_ready() const {
      task_.resume();
      return task_.finished() && !promise().failed();
    }
    template <std::derived_from<detail::TaskPromiseBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) const noexcept {
      waiting.promise().wait_for(promise(), waiting);
    }
    T await_resume() const { return promise().take_value(); }

   private:
    promise_type& promise() const noexcept { return task_.handle_.promise(); }

    Task task_;
  };

  /// Also for coroutines of other libraries: it needs nothing of the promise that awaits it.
  class Outcome : public RuntimeAwaitable {
   public:
    explicit Outcome(Task task) noexcept : task_(std::move(task)) {}
    bool await_ready() const {
      task_.resume();
      return task_.finished();
    }
    void await_suspend(std::coroutine_handle<> waiting) const noexcept {
      task_.handle_.promise().continue_with(waiting, nullptr);
    }
    Result<T> await_resume() { return task_.take_result(); }

   private:
    Task task_;
  };

#if OKHTTP_EXCEPTIONS
  class OrThrow : public Outcome {
   public:
    using Outcome::Outcome;
    T await_resume() { return Outcome::await_resume().value(); }
  };
  /// Awaited, gives the value or throws the error in the awaiting coroutine.
  OrThrow or_throw() && { return OrThrow(std::move(*this)); }
#endif

  /// Awaited, gives a Result. The task's frames are gone before the awaiting coroutine goes on.
  Outcome outcome() && { return Outcome(std::move(*this)); }

  Awaiter operator co_await() && noexcept { return Awaiter(std::move(*this)); }

  // For runtimes: a root task is started once and asked for its result when finished.
  void start() const {
    OKHTTP_ASSERT(handle_ && !finished());
    detail::drive(handle_);
  }
  bool finished() const noexcept { return handle_.promise().finished(); }
  /// The result of a finished task. Its frame is gone when the caller goes on.
  Result<T> take_result() {
    const Task ended(std::move(*this));
    promise_type& promise = ended.handle_.promise();
    if (promise.failed()) return promise.take_error();
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return promise.take_value();
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  void resume() const {
    OKHTTP_ASSERT(handle_ && !finished());  // else it was awaited or moved from before
    handle_.resume();
  }
  void reset() noexcept {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace detail

/// `co_await fail(...)` ends the task with this error.
inline detail::Failure fail(Error error) { return detail::Failure(std::move(error)); }
inline detail::Failure fail(Errc code, std::string message) {
  return detail::Failure(Error(code, std::move(message)));
}
/// The same with a sentence put together from its parts: `co_await fail(Errc::dns, "no such host: ", host)`.
template <ErrorTextPart... Parts>
  requires(sizeof...(Parts) > 0)
[[gnu::always_inline]] inline detail::Failure fail(Errc code, const Parts&... parts) {
  return detail::Failure(code, parts...);
}

namespace detail {

template <class T>
Task<void> move_outcome(Task<T> task, std::optional<Result<T>>& into) {
  Result<T> result = co_await std::move(task).outcome();
  into.emplace(std::move(result));
}

/// Runs a task and leaves its outcome in `into`, once its frames are gone. Never fails: what moving
/// the value throws is the outcome then.
template <class T>
Task<void> collect(Task<T> task, std::optional<Result<T>>& into) {
  if constexpr (std::is_nothrow_move_constructible_v<Result<T>>) {
    Result<T> result = co_await std::move(task).outcome();
    into.emplace(std::move(result));
  } else {
    Result<void> moved = co_await move_outcome(std::move(task), into).outcome();
    if (!moved) into.emplace(std::move(moved).error());
  }
}

}  // namespace detail

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_TASK_HPP
