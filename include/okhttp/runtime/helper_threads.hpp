// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_HELPER_THREADS_HPP
#define OKHTTP_RUNTIME_HELPER_THREADS_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/runtime/sync.hpp>

#include <deque>
#include <memory>

#if OKHTTP_THREADS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A few threads for work that blocks. Every job starts one while there are fewer than allowed;
/// each ends when there is no job left. Jobs own all they touch and do not throw.
class HelperThreads {
 public:
  explicit HelperThreads(std::size_t max_threads) : state_(std::make_shared<State>(max_threads)) {}
  HelperThreads(const HelperThreads&) = delete;
  HelperThreads& operator=(const HelperThreads&) = delete;

  /// Runs the job on a helper, now or when one is free. False when no thread could be started.
  bool submit(UniqueFunction<void()> job);
  /// Waits until every job is done and every thread has left its loop. Not in a child process, which a fork has left
  /// without them.
  void join();
  /// The helpers now alive.
  std::size_t running() const;

 private:
  struct State {
    explicit State(std::size_t max) : max_threads(max) {}
    const std::size_t max_threads;
    std::mutex mutex;  // guards everything below
    std::condition_variable finished;
    std::deque<UniqueFunction<void()>> jobs;
    std::size_t threads = 0;
    long process = 0;  // whose threads these are
  };
  static void work(const std::shared_ptr<State>& state);
  static long this_process() noexcept;
  std::shared_ptr<State> state_;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS

#include <okhttp/runtime/helper_threads.ipp>

#endif  // OKHTTP_RUNTIME_HELPER_THREADS_HPP
