// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/task_runner.hpp>

#include <doctest/doctest.h>

#include "support/parked_leaf.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#if OKHTTP_THREADS
#  include <thread>
#endif

namespace task_runner_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;
using okhttp::Task;
using okhttp::TaskRunner;
using okhttp::UniqueFunction;
using support::ParkingLot;

namespace {

// What every event loop answers on its own thread.
Error on_own_thread(const char* async_twin) {
  return Error(Errc::misuse, std::string("would wait for itself; co_await ") + async_twin);
}

class BlockingRunner : public TaskRunner {
 public:
  BlockingRunner() : TaskRunner(true) {}
  Task<void> offload(UniqueFunction<void()> job) override {
    job();
    co_return;
  }
  int roots = 0;

 protected:
  Result<void> run_root(Task<void> root, const char* async_twin) override {
    ++roots;  // only called on the thread of an event loop
    static_cast<void>(root);
    return on_own_thread(async_twin);
  }
};

class LoopRunner : public TaskRunner {
 public:
  LoopRunner() : TaskRunner(false) {}
  Task<void> offload(UniqueFunction<void()> job) override {
    co_await lot.park();
    job();
  }
  ParkingLot lot;

 protected:
  Result<void> run_root(Task<void> root, const char* async_twin) override {
    if (current() != nullptr) return on_own_thread(async_twin);
    const Scope scope(*this);
    root.start();
    lot.wake_all();
    CHECK(root.finished());
    return root.take_result();
  }
};

Task<int> answer() { co_return 42; }
Task<int> failing() {
  co_await okhttp::fail(Errc::dns, "no such host");
  co_return 0;
}
Task<std::unique_ptr<int>> owned(int number) { co_return std::make_unique<int>(number); }

}  // namespace

TEST_SUITE("base/task_runner") {
  TEST_CASE("a task runs to its end and gives its result") {
    BlockingRunner blocking;
    LoopRunner loop;
    CHECK(blocking.blocks());
    CHECK_FALSE(loop.blocks());
    for (TaskRunner* runner :
         {static_cast<TaskRunner*>(&blocking), static_cast<TaskRunner*>(&loop)}) {
      CAPTURE(runner->blocks());
      CHECK(*runner->run(answer(), "async_answer") == 42);
      CHECK(**runner->run(owned(5), "async_owned") == 5);
      const Result<int> failed = runner->run(failing(), "async_failing");
      CHECK(failed.error() == Errc::dns);
      CHECK(failed.error().message() == "no such host");
      const auto throwing = []() -> Task<void> {
        throw std::logic_error("user");
        co_return;
      };
      CHECK_THROWS_AS(runner->run(throwing(), "async_throwing").value(), std::logic_error);
      bool done = false;
      CHECK(runner->run(runner->offload([&done] { done = true; }), "async_offload"));
      CHECK(done);
    }
    CHECK(blocking.roots == 0);
  }

  TEST_CASE("a task knows the runner that runs it") {
    BlockingRunner blocking;
    LoopRunner loop;
    const auto who = []() -> Task<TaskRunner*> { co_return TaskRunner::current(); };
    CHECK(TaskRunner::current() == nullptr);
    CHECK(*blocking.run(who(), "async_who") == &blocking);
    CHECK(TaskRunner::current() == nullptr);
    CHECK(*loop.run(who(), "async_who") == &loop);
    CHECK(TaskRunner::current() == nullptr);
    static_cast<void>(blocking.run(failing(), "async_failing"));
    CHECK(TaskRunner::current() == nullptr);
  }

  TEST_CASE("blocking runs nest, and each gives the thread back to the one around it") {
    BlockingRunner outer;
    BlockingRunner inner;
    const auto nested = [&]() -> Task<bool> {
      const auto who = []() -> Task<TaskRunner*> { co_return TaskRunner::current(); };
      const Result<TaskRunner*> other = inner.run(who(), "async_who");
      const Result<TaskRunner*> same = outer.run(who(), "async_who");
      const Result<int> failed = inner.run(failing(), "async_failing");
      const bool right = other.value_or(nullptr) == &inner && same.value_or(nullptr) == &outer;
      co_return right && !failed && TaskRunner::current() == &outer;
    };
    CHECK(*outer.run(nested(), "async_nested"));
  }

  TEST_CASE("a blocking call on an event loop's thread is left to the runtime") {
    BlockingRunner blocking;
    LoopRunner loop;
    const auto user = [&]() -> Task<bool> {
      const Result<int> same = loop.run(answer(), "async_answer");
      const Result<int> other = blocking.run(answer(), "async_answer");
      co_return !same && same.error() == Errc::misuse && !other && other.error() == Errc::misuse &&
          other.error().message().find("async_answer") != std::string::npos;
    };
    CHECK(*loop.run(user(), "async_user"));
    CHECK(blocking.roots == 1);
  }

  TEST_CASE("a task that would wait forever on a blocking runner is misuse and leaves nothing") {
    BlockingRunner blocking;
    ParkingLot elsewhere;
    const auto stuck = [&]() -> Task<int> {
      co_await elsewhere.park();
      co_return 1;
    };
    const Result<int> result = blocking.run(stuck(), "async_stuck");
    REQUIRE_FALSE(result);
    CHECK(result.error() == Errc::misuse);
    CHECK(result.error().message().find("async_stuck") != std::string::npos);
    CHECK(elsewhere.alive() == 0);
    CHECK(TaskRunner::current() == nullptr);
  }

  TEST_CASE("an event loop's result survives a value that throws when moved") {
    struct Stubborn {
      explicit Stubborn(int limit) : moves_left(limit) {}
      Stubborn(Stubborn&& other) : moves_left(other.moves_left - 1) {
        if (moves_left < 0) throw std::runtime_error("does not move");
      }
      int moves_left;
    };
    LoopRunner loop;
    const auto make = [](int limit) -> Task<Stubborn> { co_return Stubborn(limit); };
    const Result<Stubborn> never = loop.run(make(0), "async_make");
    REQUIRE_FALSE(never);
    CHECK(never.error() == Errc::user_exception);
    const Result<Stubborn> not_far = loop.run(make(3), "async_make");  // out of the task only
    REQUIRE_FALSE(not_far);
    CHECK(not_far.error() == Errc::user_exception);
    CHECK(loop.run(make(100), "async_make"));
  }

#if OKHTTP_THREADS
  TEST_CASE("who runs is known per thread") {
    BlockingRunner blocking;
    const TaskRunner::Scope scope(blocking);
    TaskRunner* other = &blocking;
    std::thread([&other] { other = TaskRunner::current(); }).join();
    CHECK(other == nullptr);
    CHECK(TaskRunner::current() == &blocking);
  }
#endif
}

}  // namespace task_runner_test
