// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/runtime.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include "support/runtime_support.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace runtime_test {

using okhttp::any;
using okhttp::BlockingRuntime;
using okhttp::Deadline;
using okhttp::EventLoop;
using okhttp::Interest;
using okhttp::Runtime;
using okhttp::Signal;
using okhttp::Task;
using okhttp::WaitItem;
using okhttp::detail::IoHandle;
using okhttp::detail::ReadyNode;
using okhttp::detail::ReadyQueue;
using support::loop_options;
using support::Milestones;
using support::SocketPair;
using support::VirtualTime;
using namespace std::chrono_literals;

namespace {

Task<bool> wait_for(Runtime& runtime, Signal signal, Deadline deadline = Deadline::never()) {
  WaitItem item(signal);
  const bool ready = co_await runtime.wait_any(std::span(&item, 1), deadline);
  co_return ready&& item.ready == Interest::read;
}

Task<void> count_when_set(Runtime& runtime, Signal signal, int& count) {
  WaitItem item(signal);
  co_await runtime.wait_any(std::span(&item, 1), Deadline::never());
  ++count;
}

Task<void> set(Signal signal) {
  signal.set();
  co_return;
}

}  // namespace

TEST_SUITE("runtime/runtime") {
  TEST_CASE("interests are a set of two") {
    static_assert((Interest::read | Interest::write) == Interest::both);
    static_assert((Interest::both & Interest::read) == Interest::read);
    static_assert((Interest::read & Interest::write) == Interest::none);
    static_assert(any(Interest::write));
    static_assert(!any(Interest::none));
  }

  TEST_CASE("a ready queue gives its nodes in the order they came") {
    ReadyQueue queue;
    CHECK(queue.empty());
    CHECK(queue.pop() == nullptr);
    ReadyNode a;
    ReadyNode b;
    ReadyNode c;
    queue.push(a);
    queue.push(b);
    queue.push(c);
    CHECK(a.queued());
    CHECK(queue.pop() == &a);
    CHECK_FALSE(a.queued());
    queue.push(a);
    CHECK(queue.pop() == &b);
    CHECK(queue.pop() == &c);
    CHECK(queue.pop() == &a);
    CHECK(queue.empty());
  }

  TEST_CASE("a node leaves whatever queue it is in, also when it is destroyed") {
    ReadyQueue queue;
    ReadyNode a;
    auto b = std::make_unique<ReadyNode>();
    ReadyNode c;
    queue.push(a);
    queue.push(*b);
    queue.push(c);
    b.reset();
    a.leave();
    a.leave();
    CHECK_FALSE(a.queued());
    CHECK(queue.pop() == &c);
    CHECK(queue.empty());
  }

  TEST_CASE("a queue takes over another one's nodes behind its own") {
    ReadyQueue first;
    ReadyQueue second;
    std::array<ReadyNode, 4> nodes;
    first.push(nodes[0]);
    second.push(nodes[1]);
    second.push(nodes[2]);
    first.take(second);
    CHECK(second.empty());
    second.push(nodes[3]);
    for (std::size_t i = 0; i < 3; ++i) CHECK(first.pop() == &nodes[i]);
    CHECK(first.empty());
    CHECK(second.pop() == &nodes[3]);
  }

  TEST_CASE("nodes may outlive their queue") {
    ReadyNode a;
    ReadyNode b;
    {
      ReadyQueue queue;
      queue.push(a);
      queue.push(b);
    }
    a.leave();
    CHECK_FALSE(a.queued());
  }

  TEST_CASE("an item leaves its list from the front, the middle and the end") {
    IoHandle handle;
    {
      WaitItem a(handle, Interest::read);
      WaitItem b(handle, Interest::read);
      WaitItem c(handle, Interest::read);
      a.enlist(handle.waiters);
      b.enlist(handle.waiters);
      c.enlist(handle.waiters);
      CHECK(handle.waiters == &c);
      b.delist();
      CHECK(c.next == &a);
      c.delist();
      CHECK(handle.waiters == &a);
      c.delist();
      a.delist();
    }
    CHECK(handle.waiters == nullptr);
  }

  TEST_CASE("a signal is down at first, and copies share it") {
    const Signal signal;
    const Signal copy = signal;
    CHECK_FALSE(copy.is_set());
    signal.set();
    signal.set();
    CHECK(copy.is_set());
    copy.reset();
    CHECK_FALSE(signal.is_set());
  }

  TEST_CASE("a signal set before the wait costs no wait") {
    EventLoop loop;
    Signal signal;
    signal.set();
    auto task = wait_for(loop, signal);
    const okhttp::TaskRunner::Scope scope(loop);
    task.start();
    REQUIRE(task.finished());
    CHECK(*task.take_result());
  }

  TEST_CASE("a signal set in another task wakes every waiter, after that task") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    Signal signal;
    int woken = 0;
    for (int i = 0; i < 1000; ++i) loop.spawn(count_when_set(loop, signal, woken));
    CHECK(loop.poll());
    CHECK(woken == 0);
    const auto setter = [&]() -> Task<void> {
      signal.set();
      CHECK(woken == 0);
      co_return;
    };
    loop.spawn(setter());
    CHECK(loop.run_until_idle());
    CHECK(woken == 1000);
  }

  TEST_CASE("a signal set on another thread wakes a loop that sleeps") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    for (int round = 0; round < 300; ++round) {
      Signal signal;
      Milestones started;
      std::thread setter([&] {
        started.wait_for(1);
        signal.set();
      });
      const auto waiter = [&]() -> Task<bool> {
        started.reach();
        const bool ready = co_await wait_for(loop, signal);
        co_return ready;
      };
      CHECK(*loop.run(waiter(), "x"));
      setter.join();
    }
  }

  TEST_CASE("two threads that set a signal at once wake its waiter once") {
    EventLoop loop;
    for (int round = 0; round < 100; ++round) {
      Signal signal;
      int woken = 0;
      loop.spawn(count_when_set(loop, signal, woken));
      std::thread a([&] { signal.set(); });
      std::thread b([&] { signal.set(); });
      CHECK(loop.run_until_idle());
      a.join();
      b.join();
      CHECK(woken == 1);
    }
  }

  TEST_CASE("a signal taken back makes the next wait wait") {
    EventLoop loop;
    Signal signal;
    signal.set();
    signal.reset();
    int woken = 0;
    loop.spawn(count_when_set(loop, signal, woken));
    CHECK(loop.poll());
    CHECK(woken == 0);
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(woken == 1);
    signal.reset();
    loop.spawn(count_when_set(loop, signal, woken));
    CHECK(loop.poll());
    CHECK(woken == 1);
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(woken == 2);
  }

  TEST_CASE("a signal taken back before the loop looked wakes nobody, and still works after") {
    EventLoop loop;
    Signal signal;
    int woken = 0;
    loop.spawn(count_when_set(loop, signal, woken));
    CHECK(loop.poll());
    signal.set();
    signal.reset();
    CHECK(loop.poll());
    CHECK(woken == 0);
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(woken == 1);
  }

  TEST_CASE("one wait may name one signal twice, and several signals") {
    EventLoop loop;
    Signal a;
    Signal b;
    std::vector<Interest> ready;
    const auto waiter = [&]() -> Task<void> {
      WaitItem items[] = {WaitItem(a), WaitItem(b), WaitItem(a), WaitItem(b)};
      co_await loop.wait_any(items, Deadline::never());
      for (const WaitItem& item : items) ready.push_back(item.ready);
    };
    loop.spawn(waiter());
    loop.spawn(set(a));
    CHECK(loop.run_until_idle());
    CHECK(std::count(ready.begin(), ready.end(), Interest::read) >= 1);
    CHECK(ready[1] == Interest::none);
    CHECK(ready[3] == Interest::none);
    ready.clear();
    a.reset();
    loop.spawn(waiter());
    loop.spawn(set(b));
    loop.spawn(set(a));
    CHECK(loop.run_until_idle());
    CHECK(ready.size() == 4);
  }

  TEST_CASE("tasks of several loops and of threads wait for one signal") {
    for (int round = 0; round < 50; ++round) {
      Signal signal;
      Milestones parked;
      std::array<bool, 4> woken{};
      const auto loop_waiter = [&](EventLoop& loop) -> Task<bool> {
        parked.reach();
        const bool ready = co_await wait_for(loop, signal);
        co_return ready;
      };
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < 3; ++i)
        threads.emplace_back([&, i] {
          EventLoop loop(loop_options(i == 1));
          std::vector<int> more;
          int others = 0;
          loop.spawn(count_when_set(loop, signal, others));
          woken[i] = *loop.run(loop_waiter(loop), "x");
          if (!loop.run_until_idle() || others != 1) woken[i] = false;
        });
      threads.emplace_back([&] {
        BlockingRuntime runtime;
        parked.reach();
        woken[3] = *runtime.run(wait_for(runtime, signal), "x");
      });
      parked.wait_for(4);
      signal.set();
      for (std::thread& thread : threads) thread.join();
      REQUIRE(woken == std::array<bool, 4>{true, true, true, true});
    }
  }

  TEST_CASE("a waiter that is destroyed is not told of the signal") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    Signal signal;
    int woken = 0;
    {
      const okhttp::TaskRunner::Scope scope(loop);
      std::optional<Task<void>> task(count_when_set(loop, signal, woken));
      task->start();
      std::optional<Task<void>> second(count_when_set(loop, signal, woken));
      second->start();
      task.reset();  // while it waits
      signal.set();
      second.reset();  // when its wake-up has been posted
    }
    CHECK(loop.run_until_idle());
    CHECK(woken == 0);
  }

  TEST_CASE("setting a signal while its waiters come and go on the loop loses none") {
    EventLoop loop;
    std::atomic<bool> stop{false};
    std::vector<Signal> signals(8);
    std::thread setter([&] {
      std::size_t i = 0;
      while (!stop.load()) {
        signals[i++ % signals.size()].set();
        std::this_thread::yield();  // else it hardly lets go of the signals' locks
      }
    });
    const auto waiter = [&](std::size_t which) -> Task<void> {
      for (int i = 0; i < 100; ++i) {
        WaitItem item(signals[which]);
        co_await loop.wait_any(std::span(&item, 1), Deadline::never());
        signals[which].reset();
      }
    };
    for (std::size_t i = 0; i < signals.size(); ++i) loop.spawn(waiter(i));
    CHECK(loop.run_until_idle());
    stop = true;
    setter.join();
  }

  TEST_CASE("a handle is told what it was attached to and forgets earlier readiness") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    SocketPair sockets;
    IoHandle handle;
    handle.drained = handle.full = handle.hung_up = true;
    CHECK(handle.attach(loop, sockets.near()));
    CHECK(handle.owner == &loop);
    CHECK(handle.fd == sockets.near());
    CHECK_FALSE(handle.drained);
    CHECK_FALSE(handle.full);
    CHECK_FALSE(handle.hung_up);
    handle.detach();
    handle.detach();
    CHECK(handle.owner == nullptr);
    CHECK(handle.attach(loop, sockets.near()));  // again; its destructor detaches
  }

  TEST_CASE("a refused handle is attached to nothing") {
    EventLoop loop;
    IoHandle handle;
    CHECK_FALSE(handle.attach(loop, -1));
    CHECK(handle.owner == nullptr);
  }
}

}  // namespace runtime_test
