// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_FAKE_LOOP_RUNNER_HPP
#define OKHTTP_TESTS_SUPPORT_FAKE_LOOP_RUNNER_HPP

#include <okhttp/base/task_runner.hpp>

#include <deque>
#include <memory>
#include <string>
#include <utility>

/// A runner whose tasks suspend: offloaded jobs wait until run() or step() does them.
class FakeLoopRunner final : public okhttp::TaskRunner {
 public:
  FakeLoopRunner() : TaskRunner(false) {}

  int offloaded() const { return offloaded_; }

  /// Does the oldest job and resumes who waits for it; false when there is none.
  bool step() {
    if (jobs_.empty()) return false;
    const std::shared_ptr<Job> job = jobs_.front();
    jobs_.pop_front();
    job->function();
    const Scope scope(*this);
    okhttp::detail::drive(std::exchange(job->waiting, {}));
    return true;
  }

  okhttp::Task<void> offload(okhttp::UniqueFunction<void()> function) override {
    ++offloaded_;
    auto job = std::make_shared<Job>();
    job->function = std::move(function);
    jobs_.push_back(job);
    Leaf leaf(job);
    co_await leaf;
  }

 protected:
  okhttp::Result<void> run_root(okhttp::Task<void> root, const char* async_twin) override {
    if (current() == this)
      return okhttp::Error(okhttp::Errc::misuse, std::string("use ") + async_twin + " here");
    {
      const Scope scope(*this);
      root.start();
    }
    while (!root.finished())
      if (!step()) return okhttp::Error(okhttp::Errc::misuse, "nothing will wake this task");
    return root.take_result();
  }

 private:
  struct Job {
    okhttp::UniqueFunction<void()> function;
    std::coroutine_handle<> waiting;
  };
  class Leaf : public okhttp::RuntimeAwaitable {
   public:
    explicit Leaf(std::shared_ptr<Job> job) : job_(std::move(job)) {}
    Leaf(const Leaf&) = delete;
    Leaf& operator=(const Leaf&) = delete;
    ~Leaf() { job_->waiting = {}; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { job_->waiting = handle; }
    void await_resume() const noexcept {}

   private:
    std::shared_ptr<Job> job_;
  };

  std::deque<std::shared_ptr<Job>> jobs_;
  int offloaded_ = 0;
};

/// A runner that blocks, like an inline client's.
class FakeBlockingRunner final : public okhttp::TaskRunner {
 public:
  FakeBlockingRunner() : TaskRunner(true) {}
  okhttp::Task<void> offload(okhttp::UniqueFunction<void()> function) override {
    function();
    co_return;
  }

 protected:
  okhttp::Result<void> run_root(okhttp::Task<void> root, const char*) override {
    root.start();
    return root.take_result();
  }
};

#endif  // OKHTTP_TESTS_SUPPORT_FAKE_LOOP_RUNNER_HPP
