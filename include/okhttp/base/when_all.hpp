// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_WHEN_ALL_HPP
#define OKHTTP_BASE_WHEN_ALL_HPP

#include <okhttp/base/task.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Runs a group of tasks and continues its one waiter when `remaining` of them have ended.
template <class T>
class TaskGroup : public RuntimeAwaitable {
 public:
  TaskGroup(std::vector<Task<T>> tasks, std::size_t wanted)
      : tasks_(std::move(tasks)), results_(tasks_.size()), remaining_(wanted) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  bool await_ready() {
    watchers_.reserve(tasks_.size());
    for (std::size_t i = 0; i < tasks_.size() && remaining_ > 0; ++i) {
      watchers_.push_back(watch(*this, i));
      watchers_.back().start();
    }
    return remaining_ == 0;
  }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  void await_resume() const noexcept {}

  std::vector<std::optional<Result<T>>>& results() { return results_; }
  std::size_t first() const { return first_; }

 private:
  // The child's frames, and every moved-from result, are gone before anybody is woken.
  static Task<void> watch(TaskGroup& group, std::size_t index) {
    co_await collect(std::move(group.tasks_[index]), group.results_[index]);
    group.ended(index);
  }
  void ended(std::size_t index) noexcept {
    if (remaining_ == 0) return;
    if (first_ == no_index) first_ = index;
    if (--remaining_ == 0 && waiting_) resume_slot = std::exchange(waiting_, {});
  }

  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);
  std::vector<Task<T>> tasks_;
  std::vector<std::optional<Result<T>>> results_;
  std::vector<Task<void>> watchers_;
  std::coroutine_handle<> waiting_;
  std::size_t remaining_;
  std::size_t first_ = no_index;
};

}  // namespace detail

/// Runs all tasks and gives their results in the same order; a failure of one leaves the others
/// alone. On the event loop they run at once, on a blocking runtime one after the other.
/// Cancellation: dropping the returned task destroys the children that have not ended.
template <class T>
Task<std::vector<Result<T>>> when_all(std::vector<Task<T>> tasks) {
  const std::size_t count = tasks.size();
  detail::TaskGroup<T> group(std::move(tasks), count);
  co_await group;
  std::vector<Result<T>> results;
  results.reserve(group.results().size());
  for (std::optional<Result<T>>& result : group.results()) results.push_back(std::move(*result));
  co_return results;
}

/// Runs all tasks until the first has ended, gives its index and result, and destroys the others.
/// On a blocking runtime that is the first of the list; the others never start.
/// Errors: Errc::misuse for an empty list.
template <class T>
Task<std::pair<std::size_t, Result<T>>> when_any(std::vector<Task<T>> tasks) {
  if (tasks.empty()) co_await fail(Errc::misuse, "when_any was given no task");
  detail::TaskGroup<T> group(std::move(tasks), 1);
  co_await group;
  const std::size_t index = group.first();
  std::pair<std::size_t, Result<T>> first(index, std::move(*group.results()[index]));
  co_return first;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_WHEN_ALL_HPP
