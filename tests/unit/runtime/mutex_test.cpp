// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/mutex.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/when_all.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>

#include "support/runtime_support.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace mutex_test {

using okhttp::BlockingRuntime;
using okhttp::Errc;
using okhttp::EventLoop;
using okhttp::Mutex;
using okhttp::Result;
using okhttp::Signal;
using okhttp::Task;
using okhttp::WaitItem;
using support::loop_options;

namespace {

Task<void> until_set(okhttp::Runtime& runtime, Signal signal) {
  WaitItem item(signal);
  co_await runtime.wait_any(std::span(&item, 1), okhttp::Deadline::never());
}

// Holds the lock until the signal is set, and then says who it was.
Task<void> hold(
    okhttp::Runtime& runtime, Mutex& mutex, Signal signal, std::vector<int>& order, int name) {
  Mutex::Guard guard = co_await mutex.lock();
  co_await until_set(runtime, std::move(signal));
  order.push_back(name);
}

Task<void> enter(Mutex& mutex, std::vector<int>& order, int name) {
  Mutex::Guard guard = co_await mutex.lock();
  order.push_back(name);
}

/// Runs a task when asked to and drops it when asked to.
struct Held {
  explicit Held(Task<void> t) : task(std::move(t)) { task->start(); }
  std::optional<Task<void>> task;
};

}  // namespace

TEST_SUITE("runtime/mutex") {
  TEST_CASE("a free mutex is taken without waiting on any runtime") {
    EventLoop loop;
    BlockingRuntime blocking;
    Mutex on_loop;
    Mutex when_blocking;
    std::vector<int> order;
    CHECK(loop.run(enter(on_loop, order, 1), "x"));
    CHECK(loop.run(enter(on_loop, order, 2), "x"));
    CHECK(blocking.run(enter(when_blocking, order, 3), "x"));
    CHECK(blocking.run(enter(when_blocking, order, 4), "x"));
    CHECK(order == std::vector<int>{1, 2, 3, 4});
  }

  TEST_CASE("waiters are served first come, first served, and nobody overtakes them") {
    EventLoop loop;
    Mutex mutex;
    Signal release;
    std::vector<int> order;
    loop.spawn(hold(loop, mutex, release, order, 0));
    for (int i = 1; i <= 5; ++i) loop.spawn(enter(mutex, order, i));
    CHECK(loop.poll());
    CHECK(order.empty());
    release.set();
    loop.spawn(enter(mutex, order, 6));
    CHECK(loop.run_until_idle());
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6});
  }

  TEST_CASE("10,000 waiters wake in order and without nesting") {
    EventLoop loop;
    Mutex mutex;
    Signal release;
    constexpr int count = 10'000;
    struct Seen {
      std::vector<int> order;
      std::vector<std::uintptr_t> stack;
      int inside = 0;
      int deepest = 0;
    } seen;
    // The guard goes before the depth does: waking a waiter inline would count two.
    const auto waiter = [](Mutex& m, Seen& s, int name) -> Task<void> {
      Mutex::Guard guard = co_await m.lock();
      struct Depth {
        explicit Depth(Seen& what) : seen(what) {
          if (++seen.inside > seen.deepest) seen.deepest = seen.inside;
        }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;
        ~Depth() { --seen.inside; }
        Seen& seen;
      } depth(s);
      Mutex::Guard goes_first = std::move(guard);
      const auto note = [&s] {
        const char here = 0;
        s.stack.push_back(reinterpret_cast<std::uintptr_t>(&here));
      };
      note();
      s.order.push_back(name);
    };
    std::vector<int> first;
    loop.spawn(hold(loop, mutex, release, first, 0));
    CHECK(loop.poll());
    for (int i = 0; i < count; ++i) loop.spawn(waiter(mutex, seen, i));
    CHECK(loop.poll());
    REQUIRE(seen.order.empty());
    release.set();
    CHECK(loop.run_until_idle());
    REQUIRE(seen.order.size() == count);
    bool in_order = true;
    for (int i = 0; i < count; ++i)
      in_order = in_order && seen.order[static_cast<std::size_t>(i)] == i;
    CHECK(in_order);
    CHECK(seen.deepest == 1);
    // All ran at the same depth of the stack (a page for what differs between first and others).
    const auto [low, high] = std::minmax_element(seen.stack.begin(), seen.stack.end());
    CHECK(*high - *low < 4096);
  }

  TEST_CASE("a failed child of when_all has released its mutex before its siblings run") {
    EventLoop loop;
    Mutex mutex;
    const auto failing = [](Mutex& m) -> Task<int> {
      Mutex::Guard guard = co_await m.lock();
      co_await okhttp::fail(Errc::io, "broken");
      co_return 1;
    };
    // Parks while it holds the lock, so that the others are waiting when it fails.
    const auto fails_later = [](EventLoop& l, Mutex& m, Signal signal) -> Task<int> {
      Mutex::Guard guard = co_await m.lock();
      co_await until_set(l, std::move(signal));
      co_await okhttp::fail(Errc::io, "broken later");
      co_return 2;
    };
    const auto sibling = [](Mutex& m) -> Task<int> {
      Mutex::Guard guard = co_await m.lock();
      co_return 3;
    };
    Signal signal;
    std::vector<Task<int>> tasks;
    tasks.push_back(failing(mutex));
    tasks.push_back(sibling(mutex));
    tasks.push_back(fails_later(loop, mutex, signal));
    tasks.push_back(sibling(mutex));
    tasks.push_back(failing(mutex));
    tasks.push_back(sibling(mutex));
    const auto set = [](Signal s) -> Task<void> {
      s.set();
      co_return;
    };
    loop.spawn(set(signal));
    const auto results = loop.run(okhttp::when_all(std::move(tasks)), "x");
    REQUIRE(results);
    REQUIRE(results->size() == 6);
    CHECK((*results)[0].error().message() == "broken");
    CHECK(*(*results)[1] == 3);
    CHECK((*results)[2].error().message() == "broken later");
    CHECK(*(*results)[3] == 3);
    CHECK((*results)[4].error().message() == "broken");
    CHECK(*(*results)[5] == 3);
  }

  TEST_CASE("a task destroyed while it waits leaves the queue") {
    EventLoop loop;
    Mutex mutex;
    Signal release;
    std::vector<int> order;
    loop.spawn(hold(loop, mutex, release, order, 0));
    CHECK(loop.poll());
    {
      const okhttp::TaskRunner::Scope scope(loop);
      Held first(enter(mutex, order, 1));
      Held second(enter(mutex, order, 2));
      loop.spawn(enter(mutex, order, 3));
      first.task.reset();
    }
    release.set();
    CHECK(loop.run_until_idle());
    CHECK(order == std::vector<int>{0, 3});
    CHECK(loop.run(enter(mutex, order, 4), "x"));
  }

  TEST_CASE("a task destroyed after it was granted the lock, before it ran, passes the lock on") {
    EventLoop loop;
    Mutex mutex;
    std::vector<int> order;
    std::optional<Held> first;
    std::optional<Held> second;
    const auto scenario = [&]() -> Task<void> {
      {
        Mutex::Guard guard = co_await mutex.lock();
        first.emplace(enter(mutex, order, 1));
        second.emplace(enter(mutex, order, 2));
        loop.spawn(enter(mutex, order, 3));
        WaitItem item{Signal()};
        co_await loop.wait_any(std::span(&item, 1), okhttp::Deadline::at(loop.now()));  // no wait
      }
      // The first has been granted the lock but has not run.
      CHECK(order.empty());
      first.reset();   // passes it to the second ...
      second.reset();  // ... which passes it on too
    };
    CHECK(loop.run(scenario(), "x"));
    CHECK(loop.run_until_idle());
    CHECK(order == std::vector<int>{3});
    CHECK(loop.run(enter(mutex, order, 4), "x"));
    CHECK(order == std::vector<int>{3, 4});
  }

  TEST_CASE("a loop destroyed with a holder and waiters leaves the mutex free") {
    Mutex mutex;
    std::vector<int> order;
    {
      EventLoop loop;
      Signal never;
      for (int i = 0; i < 5; ++i) loop.spawn(hold(loop, mutex, never, order, i));
      CHECK(loop.poll());
    }
    EventLoop next;
    CHECK(next.run(enter(mutex, order, 7), "x"));
    CHECK(order == std::vector<int>{7});
  }

  TEST_CASE("on a blocking runtime the lock is held across waits and other threads sleep") {
    BlockingRuntime runtime;
    Mutex mutex;
    int count = 0;  // guarded by the mutex
    bool inside = false;
    bool overlapped = false;
    const auto work = [](BlockingRuntime& r, Mutex& m, int& n, bool& in, bool& bad) -> Task<void> {
      for (int i = 0; i < 500; ++i) {
        Mutex::Guard guard = co_await m.lock();
        bad = bad || in;
        in = true;
        co_await r.sleep_until(okhttp::Deadline::at(r.now()));
        ++n;
        in = false;
      }
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        if (!runtime.run(work(runtime, mutex, count, inside, overlapped), "x")) std::abort();
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(count == 2000);
    CHECK_FALSE(overlapped);
  }

  TEST_CASE("a blocking waiter gets the lock when the holder fails") {
    BlockingRuntime runtime;
    Mutex mutex;
    support::Milestones held;
    Signal go;
    const auto holder = [](BlockingRuntime& r, Mutex& m, support::Milestones& h,
                           Signal s) -> Task<void> {
      Mutex::Guard guard = co_await m.lock();
      h.reach();
      co_await until_set(r, s);
      co_await okhttp::fail(Errc::io, "broken");
    };
    Result<void> failed;
    std::thread thread([&] { failed = runtime.run(holder(runtime, mutex, held, go), "x"); });
    held.wait_for(1);
    std::vector<int> order;
    std::thread waiter([&] {
      if (!runtime.run(enter(mutex, order, 1), "x")) std::abort();
    });
    go.set();
    thread.join();
    waiter.join();
    CHECK(failed.error() == Errc::io);
    CHECK(order == std::vector<int>{1});
  }
}

}  // namespace mutex_test
