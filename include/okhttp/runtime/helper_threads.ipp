// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_HELPER_THREADS_IPP
#define OKHTTP_RUNTIME_HELPER_THREADS_IPP

#include <okhttp/runtime/helper_threads.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS

#include <system_error>
#include <thread>
#include <utility>
#if OKHTTP_SOCKETS
#include <unistd.h>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL bool start_detached_thread(UniqueFunction<void()> body) {
#if OKHTTP_EXCEPTIONS
  try {
    std::thread(std::move(body)).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
#else
  std::thread(std::move(body)).detach();
  return true;
#endif
}

OKHTTP_DECL long HelperThreads::this_process() noexcept {
#if OKHTTP_SOCKETS
  return static_cast<long>(::getpid());
#else
  return 0;
#endif
}

OKHTTP_DECL bool HelperThreads::submit(UniqueFunction<void()> job) {
  std::deque<UniqueFunction<void()>> left_behind;  // destroyed outside the lock
  // A new helper waits for this lock before it looks for a job.
  const std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->threads > 0 && state_->process != this_process()) {
    // A fork has left the helpers in the parent, which does their jobs.
    left_behind.swap(state_->jobs);
    state_->threads = 0;
  }
  if (state_->threads < state_->max_threads) {
    if (start_detached_thread([state = state_] { work(state); })) {
      ++state_->threads;
      state_->process = this_process();
    }
    // Else another helper takes the job.
    if (state_->threads == 0) return false;
  }
  state_->jobs.push_back(std::move(job));
  return true;
}

OKHTTP_DECL void HelperThreads::work(const std::shared_ptr<State>& state) {
  std::unique_lock<std::mutex> lock(state->mutex);
  while (!state->jobs.empty()) {
    UniqueFunction<void()> job = std::move(state->jobs.front());
    state->jobs.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it owns goes before anybody is told that it is done
    lock.lock();
  }
  --state->threads;
  state->finished.notify_all();
}

OKHTTP_DECL void HelperThreads::join() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->process != this_process()) return;
  while (state_->threads > 0) state_->finished.wait(lock);
}

OKHTTP_DECL std::size_t HelperThreads::running() const {
  const std::unique_lock<std::mutex> lock(state_->mutex);
  return state_->threads;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS
#endif  // OKHTTP_RUNTIME_HELPER_THREADS_IPP
