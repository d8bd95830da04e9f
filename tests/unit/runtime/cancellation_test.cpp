// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/cancellation.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include "support/runtime_support.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace cancellation_test {

using okhttp::BlockingRuntime;
using okhttp::Cancellation;
using okhttp::CancelSignal;
using okhttp::Deadline;
using okhttp::EventLoop;
using okhttp::Signal;
using okhttp::Task;
using okhttp::WaitItem;
using support::Milestones;

namespace {

class CountingHook final : Cancellation::Hook {
 public:
  explicit CountingHook(Cancellation* cancellation) : Hook(cancellation) { enlist(); }
  ~CountingHook() { delist(); }
  std::atomic<int> runs{0};
  std::thread::id thread;

 private:
  void on_cancel() noexcept override {
    thread = std::this_thread::get_id();
    runs.fetch_add(1);
  }
};

Task<bool> waits_until_canceled(okhttp::Runtime& runtime,
                                std::shared_ptr<Cancellation> cancellation,
                                Milestones* started = nullptr) {
  Signal woken;
  const CancelSignal hook(cancellation.get(), woken);
  WaitItem item(woken);
  if (started != nullptr) started->reach();
  const bool ready = co_await runtime.wait_any(std::span(&item, 1), Deadline::never());
  co_return ready && cancellation->canceled();
}

}  // namespace

TEST_SUITE("runtime/cancellation") {
  TEST_CASE("blocking: a hook runs on the canceling thread, once, however often it is canceled") {
    BlockingRuntime runtime;
    const auto cancellation = std::make_shared<Cancellation>(runtime);
    CountingHook first(cancellation.get());
    CountingHook second(cancellation.get());
    CHECK_FALSE(cancellation->canceled());
    CHECK(first.runs == 0);
    std::thread::id canceler;
    std::thread thread([&] {
      canceler = std::this_thread::get_id();
      cancellation->cancel();
    });
    thread.join();
    cancellation->cancel();
    CHECK(cancellation->canceled());
    CHECK(first.runs == 1);
    CHECK(second.runs == 1);
    CHECK(first.thread == canceler);
  }

  TEST_CASE("blocking: a hook that comes after the cancel runs at once") {
    BlockingRuntime runtime;
    const auto cancellation = std::make_shared<Cancellation>(runtime);
    cancellation->cancel();
    const CountingHook hook(cancellation.get());
    CHECK(hook.runs == 1);
    cancellation->cancel();
    CHECK(hook.runs == 1);
  }

  TEST_CASE("a hook without a cancellation never runs, and one that has left neither") {
    BlockingRuntime runtime;
    const CountingHook none(nullptr);
    const auto cancellation = std::make_shared<Cancellation>(runtime);
    auto first = std::make_unique<CountingHook>(cancellation.get());
    auto middle = std::make_unique<CountingHook>(cancellation.get());
    auto last = std::make_unique<CountingHook>(cancellation.get());
    middle.reset();
    last.reset();
    cancellation->cancel();
    CHECK(none.runs == 0);
    CHECK(first->runs == 1);
    first.reset();
  }

  TEST_CASE("blocking: registering and canceling at the same time runs the hook exactly once") {
    BlockingRuntime runtime;
    for (int round = 0; round < 500; ++round) {
      const auto cancellation = std::make_shared<Cancellation>(runtime);
      Milestones ready;
      std::thread canceler([&] {
        ready.reach();
        ready.wait_for(2);
        cancellation->cancel();
      });
      ready.reach();
      ready.wait_for(2);
      const CountingHook hook(cancellation.get());
      canceler.join();
      REQUIRE(hook.runs == 1);
    }
  }

  TEST_CASE("blocking: leaving waits for a hook that runs, so its target outlives it") {
    BlockingRuntime runtime;
    for (int round = 0; round < 500; ++round) {
      const auto cancellation = std::make_shared<Cancellation>(runtime);
      auto hook = std::make_unique<CountingHook>(cancellation.get());
      std::thread canceler([&] { cancellation->cancel(); });
      hook.reset();
      canceler.join();
    }
  }

  TEST_CASE("blocking: a cancel from another thread ends a wait") {
    BlockingRuntime runtime;
    const auto cancellation = std::make_shared<Cancellation>(runtime);
    Milestones started;
    std::thread canceler([&] {
      started.wait_for(1);
      cancellation->cancel();
    });
    CHECK(*runtime.run(waits_until_canceled(runtime, cancellation, &started), "x"));
    canceler.join();
  }

  TEST_CASE("on the loop hooks run on the loop's thread, not where cancel() is called") {
    FOR_EACH_POLLER();
    EventLoop loop(support::loop_options(use_poll));
    const auto cancellation = std::make_shared<Cancellation>(loop);
    CountingHook hook(cancellation.get());
    std::thread([&] {
      cancellation->cancel();
      cancellation->cancel();
    }).join();
    CHECK(cancellation->canceled());
    CHECK(hook.runs == 0);
    CHECK(loop.poll());
    CHECK(hook.runs == 1);
    CHECK(hook.thread == std::this_thread::get_id());
    CHECK(loop.poll());
    CHECK(hook.runs == 1);
  }

  TEST_CASE("on the loop a hook registered between the cancel and its turn runs once") {
    EventLoop loop;
    const auto cancellation = std::make_shared<Cancellation>(loop);
    cancellation->cancel();
    const CountingHook hook(cancellation.get());
    CHECK(hook.runs == 1);
    CHECK(loop.poll());
    CHECK(hook.runs == 1);
  }

  TEST_CASE("a cancel from another thread ends waits on the loop") {
    FOR_EACH_POLLER();
    EventLoop loop(support::loop_options(use_poll));
    for (int round = 0; round < 50; ++round) {
      const auto cancellation = std::make_shared<Cancellation>(loop);
      Milestones started;
      std::thread canceler([&] {
        started.wait_for(1);
        cancellation->cancel();
      });
      CHECK(*loop.run(waits_until_canceled(loop, cancellation, &started), "x"));
      canceler.join();
    }
  }

  TEST_CASE("a cancel in a task of the loop itself wakes the others after the task") {
    EventLoop loop;
    const auto cancellation = std::make_shared<Cancellation>(loop);
    bool canceled = false;
    const auto waiter = [&]() -> Task<void> {
      canceled = co_await waits_until_canceled(loop, cancellation);
    };
    const auto canceler = [&]() -> Task<void> {
      cancellation->cancel();
      CHECK_FALSE(canceled);
      co_return;
    };
    loop.spawn(waiter());
    loop.spawn(canceler());
    CHECK(loop.run_until_idle());
    CHECK(canceled);
  }

  TEST_CASE("a cancel that nobody drives any more keeps nothing alive") {
    struct Owner : Cancellation {
      explicit Owner(std::shared_ptr<EventLoop> l) : Cancellation(*l), loop(std::move(l)) {}
      std::shared_ptr<EventLoop> loop;
    };
    std::weak_ptr<EventLoop> watched;
    {
      const auto owner = std::make_shared<Owner>(std::make_shared<EventLoop>());
      watched = owner->loop;
      owner->cancel();
    }
    CHECK(watched.expired());
  }

  TEST_CASE("a cancellation may be gone before its turn comes") {
    EventLoop loop;
    auto cancellation = std::make_shared<Cancellation>(loop);
    cancellation->cancel();
    cancellation.reset();
    CHECK(loop.run_until_idle());
  }
}

}  // namespace cancellation_test
