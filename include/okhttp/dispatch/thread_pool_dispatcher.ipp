// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_IPP
#define OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_IPP

#include <okhttp/dispatch/thread_pool_dispatcher.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS

#include <chrono>
#include <deque>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

class ThreadPoolBackend final : public DispatchBackend {
 public:
  ThreadPoolBackend() : pool_(std::make_shared<Pool>()) {}
  Runtime& runtime() noexcept override { return pool_->runtime; }

  void execute(Task<void> job) override {
    std::unique_lock<std::mutex> lock(pool_->mutex);
    if (pool_->stopping) {  // nobody would join a new thread
      lock.unlock();
      run(*pool_, std::move(job));
      return;
    }
    pool_->jobs.push_back(std::move(job));
    if (pool_->idle >= pool_->jobs.size()) {
      pool_->work.notify_one();
      return;
    }
    pool_->join_retired(lock);
    Worker& worker = pool_->workers.emplace_back();
#if OKHTTP_EXCEPTIONS
    try {
      worker.thread = std::thread([pool = pool_, &worker] { work(pool, worker); });
    } catch (const std::system_error&) {
      // No thread to be had: those that run take the job, and with none the caller does.
      pool_->workers.pop_back();
      if (!pool_->workers.empty()) return;
      Task<void> own = std::move(pool_->jobs.back());
      pool_->jobs.pop_back();
      lock.unlock();
      run(*pool_, std::move(own));
    }
#else
    worker.thread = std::thread([pool = pool_, &worker] { work(pool, worker); });
#endif
  }

  Result<void> poll() override { return {}; }

  Result<void> run_until_idle() override {
    if (Pool::own_thread == pool_.get())
      return {Errc::misuse, "run_until_idle on one of the dispatcher's own threads would wait for itself"};
    std::unique_lock<std::mutex> lock(pool_->mutex);
    while (!pool_->jobs.empty() || pool_->busy > 0) pool_->idle_again.wait(lock);
    return {};
  }

  void shut_down() override {
    {
      const std::unique_lock<std::mutex> lock(pool_->mutex);
      pool_->stopping = true;
      pool_->work.notify_all();
      // A worker that drops the client in its callback joins the others when that has returned.
      if (Pool::own_thread == pool_.get()) {
        pool_->joiner = std::this_thread::get_id();
        return;
      }
    }
    pool_->join_all();
  }

 private:
  struct Worker {
    std::thread thread;
    bool retired = false;
  };
  struct Pool {
    BlockingRuntime runtime;
    std::mutex mutex;  // guards everything below
    std::condition_variable work;
    std::condition_variable idle_again;
    std::deque<Task<void>> jobs;
    std::list<Worker> workers;
    std::size_t idle = 0;
    std::size_t busy = 0;
    bool stopping = false;
    std::thread::id joiner;  // the worker that is to join the others

    static inline thread_local Pool* own_thread = nullptr;

    void join_retired(std::unique_lock<std::mutex>& lock) {
      std::list<Worker> retired;
      for (auto worker = workers.begin(); worker != workers.end();) {
        const auto next = std::next(worker);
        if (worker->retired) retired.splice(retired.end(), workers, worker);
        worker = next;
      }
      if (retired.empty()) return;
      lock.unlock();
      for (Worker& worker : retired) worker.thread.join();
      lock.lock();
    }
    void join_all() {
      std::list<Worker> all;
      {
        const std::unique_lock<std::mutex> lock(mutex);
        all.swap(workers);
      }
      for (Worker& worker : all) {
        if (worker.thread.get_id() == std::this_thread::get_id())
          worker.thread.detach();
        else
          worker.thread.join();
      }
    }
  };

  static void work(const std::shared_ptr<Pool>& pool, Worker& self) {
    Pool::own_thread = pool.get();
    std::unique_lock<std::mutex> lock(pool->mutex);
    for (;;) {
      if (pool->jobs.empty()) {
        if (pool->stopping) break;
        ++pool->idle;
        const bool woken =
            pool->work.wait_for(lock, std::chrono::seconds(60)) == std::cv_status::no_timeout;
        --pool->idle;
        if (woken || !pool->jobs.empty()) continue;
        self.retired = true;
        return;
      }
      Task<void> job = std::move(pool->jobs.front());
      pool->jobs.pop_front();
      ++pool->busy;
      lock.unlock();
      run(*pool, std::move(job));
      lock.lock();
      --pool->busy;
      if (pool->busy == 0 && pool->jobs.empty()) pool->idle_again.notify_all();
    }
    const bool joins = pool->joiner == std::this_thread::get_id();
    lock.unlock();
    if (joins) pool->join_all();
  }
  // An exception out of a callback ends the program, as with std::thread.
  static void run(Pool& pool, Task<void> job) noexcept {
    const TaskRunner::Scope scope(pool.runtime);
    Result<void> ended = pool.runtime.run(std::move(job), "async_execute");
    if (!ended && ended.error().exception() != nullptr) throw_error(ended.error());
  }

  std::shared_ptr<Pool> pool_;
};

}  // namespace detail

OKHTTP_DECL std::unique_ptr<DispatchBackend> ThreadPoolDispatcher::make_backend() const {
  return std::make_unique<detail::ThreadPoolBackend>();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS
#endif  // OKHTTP_DISPATCH_THREAD_POOL_DISPATCHER_IPP
