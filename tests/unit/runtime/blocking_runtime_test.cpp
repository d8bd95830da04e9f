// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/blocking_runtime.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/when_all.hpp>

#include "support/runtime_support.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace blocking_runtime_test {

using okhttp::BlockingRuntime;
using okhttp::Deadline;
using okhttp::Errc;
using okhttp::EventLoop;
using okhttp::Interest;
using okhttp::Result;
using okhttp::Runtime;
using okhttp::Signal;
using okhttp::Task;
using okhttp::WaitItem;
using okhttp::detail::IoHandle;
using support::Milestones;
using support::SocketPair;
using namespace std::chrono_literals;

namespace {

Deadline passed(const Runtime& runtime) { return Deadline::at(runtime.now() - 1s); }

Task<bool> wait_for(Runtime& runtime, std::span<WaitItem> items, Deadline deadline) {
  const bool ready = co_await runtime.wait_any(items, deadline);
  co_return ready;
}

bool wait(BlockingRuntime& runtime,
          std::span<WaitItem> items,
          Deadline deadline = Deadline::never()) {
  return runtime.run(wait_for(runtime, items, deadline), "x").value();
}

/// Interrupts system calls and does nothing else.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action {};
    action.sa_handler = [](int) { count.fetch_add(1); };
    ::sigaction(SIGUSR1, &action, &old_);
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  ~Interruptions() { ::sigaction(SIGUSR1, &old_, nullptr); }
  static inline std::atomic<int> count{0};

 private:
  struct sigaction old_ {};
};

/// No further descriptor can be opened while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    const int next = ::dup(0);  // the lowest free number
    REQUIRE(next >= 0);
    ::close(next);
    ::getrlimit(RLIMIT_NOFILE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = static_cast<rlim_t>(next);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &old_); }

 private:
  rlimit old_{};
};

}  // namespace

TEST_SUITE("runtime/blocking_runtime") {
  TEST_CASE("tasks run where they are started and find their runtime") {
    BlockingRuntime runtime;
    const auto who = []() -> Task<Runtime*> { co_return Runtime::current(); };
    CHECK(runtime.blocks());
    CHECK(Runtime::current() == nullptr);
    CHECK(*runtime.run(who(), "x") == &runtime);
    CHECK(Runtime::current() == nullptr);
  }

  TEST_CASE("a posted function runs here and now, an offloaded one too") {
    BlockingRuntime runtime;
    const std::thread::id here = std::this_thread::get_id();
    std::thread::id posted;
    std::thread::id offloaded;
    runtime.post([&] { posted = std::this_thread::get_id(); });
    CHECK(posted == here);
    CHECK(runtime.run(runtime.offload([&] { offloaded = std::this_thread::get_id(); }), "x"));
    CHECK(offloaded == here);
  }

  TEST_CASE("what an offloaded job throws comes out of run unchanged") {
    BlockingRuntime runtime;
    Result<void> result = runtime.run(runtime.offload([] { throw std::out_of_range("job"); }), "x");
    REQUIRE_FALSE(result);
    CHECK(result.error() == Errc::user_exception);
    CHECK_THROWS_AS(result.value(), std::out_of_range);
  }

  TEST_CASE("attaching a socket is nothing to do") {
    BlockingRuntime runtime;
    SocketPair sockets;
    IoHandle handle;
    CHECK(handle.attach(runtime, sockets.near()));
    handle.detach();
  }

  TEST_CASE("a wait gives what each socket is ready for") {
    BlockingRuntime runtime;
    SocketPair readable;
    SocketPair quiet;
    SocketPair writable;
    readable.send_far("x");
    IoHandle a;
    IoHandle b;
    IoHandle c;
    a.fd = readable.near();
    b.fd = quiet.near();
    c.fd = writable.near();
    WaitItem items[] = {{a, Interest::read}, {b, Interest::read}, {c, Interest::both}};
    CHECK(wait(runtime, items));
    CHECK(items[0].ready == Interest::read);
    CHECK(items[1].ready == Interest::none);
    CHECK(items[2].ready == Interest::write);
  }

  TEST_CASE("a closed peer counts as ready for whatever is wanted") {
    BlockingRuntime runtime;
    SocketPair sockets;
    sockets.close_far();
    IoHandle handle;
    handle.fd = sockets.near();
    WaitItem reading(handle, Interest::read);
    CHECK(wait(runtime, std::span(&reading, 1)));
    CHECK(reading.ready == Interest::read);
    WaitItem both(handle, Interest::both);
    CHECK(wait(runtime, std::span(&both, 1)));
    CHECK(both.ready == Interest::both);
  }

  TEST_CASE("a deadline that has passed ends the wait without looking at sockets") {
    BlockingRuntime runtime;
    SocketPair sockets;
    IoHandle handle;
    handle.fd = sockets.near();
    WaitItem item(handle, Interest::read);
    CHECK_FALSE(wait(runtime, std::span(&item, 1), passed(runtime)));
    CHECK(item.ready == Interest::none);
    // No descriptor is made for the signal either: no system call at all.
    Signal signal;
    WaitItem never(signal);
    const int before = support::open_descriptors();
    CHECK_FALSE(wait(runtime, {}, passed(runtime)));
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE("an item that is used again forgets what it was ready for") {
    BlockingRuntime runtime;
    SocketPair first;
    SocketPair second;
    IoHandle a;
    IoHandle b;
    a.fd = first.near();
    b.fd = second.near();
    WaitItem items[] = {{a, Interest::read}, {b, Interest::read}};
    first.send_far("x");
    CHECK(wait(runtime, items));
    CHECK(items[0].ready == Interest::read);
    CHECK(SocketPair::take(first.near()) == 1);
    second.send_far("x");
    CHECK(wait(runtime, items));
    CHECK(items[0].ready == Interest::none);
    CHECK(items[1].ready == Interest::read);
    CHECK(SocketPair::take(second.near()) == 1);
    CHECK_FALSE(wait(runtime, items, passed(runtime)));
    CHECK(items[1].ready == Interest::none);
    // The awaitable itself too.
    const auto twice = [&]() -> Task<bool> {
      second.send_far("x");
      okhttp::WaitAny both = runtime.wait_any(items, Deadline::at(runtime.now() + 1h));
      const bool found = co_await both;
      SocketPair::take(second.near());
      okhttp::WaitAny none = runtime.wait_any(items, passed(runtime));
      const bool late = co_await none;
      const bool again = co_await none;
      co_return found && !late && !again;
    };
    CHECK(*runtime.run(twice(), "x"));
  }

  TEST_CASE("a signal set before the wait needs neither descriptor nor time") {
    BlockingRuntime runtime;
    Signal signal;
    signal.set();
    SocketPair sockets;
    IoHandle handle;
    handle.fd = sockets.near();
    WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
    const int before = support::open_descriptors();
    CHECK(wait(runtime, items, passed(runtime)));
    CHECK(items[0].ready == Interest::none);
    CHECK(items[1].ready == Interest::read);
    CHECK(wait(runtime, items));
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE("a signal set on another thread ends the waits of all threads") {
    BlockingRuntime runtime;
    for (int round = 0; round < 100; ++round) {
      Signal signal;
      Milestones started;
      std::array<bool, 3> woken{};
      std::vector<std::thread> waiters;
      for (std::size_t i = 0; i < woken.size(); ++i)
        waiters.emplace_back([&, i] {
          SocketPair quiet;
          IoHandle handle;
          handle.fd = quiet.near();
          WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
          started.reach();
          woken[i] = wait(runtime, items) && items[1].ready == Interest::read &&
                     items[0].ready == Interest::none;
        });
      started.wait_for(static_cast<int>(woken.size()));
      signal.set();
      for (std::thread& waiter : waiters) waiter.join();
      REQUIRE(woken == std::array<bool, 3>{true, true, true});
    }
  }

  TEST_CASE("a signal can be taken back and set again") {
    BlockingRuntime runtime;
    Signal signal;
    SocketPair sockets;
    sockets.send_far("x");
    IoHandle handle;
    handle.fd = sockets.near();
    WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
    CHECK(wait(runtime, items));  // makes the descriptor
    CHECK(items[1].ready == Interest::none);
    for (int round = 0; round < 3; ++round) {
      signal.set();
      signal.set();
      CHECK(signal.is_set());
      CHECK(wait(runtime, items));
      CHECK(items[1].ready == Interest::read);
      signal.reset();
      signal.reset();
      CHECK_FALSE(signal.is_set());
      CHECK(wait(runtime, items));
      CHECK(items[0].ready == Interest::read);
      CHECK(items[1].ready == Interest::none);
    }
  }

  TEST_CASE("a signal gives its descriptor back") {
    BlockingRuntime runtime;
    const int before = support::open_descriptors();
    {
      Signal signal;
      SocketPair sockets;
      sockets.send_far("x");
      IoHandle handle;
      handle.fd = sockets.near();
      WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
      CHECK(wait(runtime, items));
      CHECK(support::open_descriptors() == before + 3);
    }
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE("a signal ends a wait even when no descriptor can be had for it") {
    BlockingRuntime runtime;
    Signal signal;
    Milestones started;
    std::thread setter([&] {
      started.reach();
      started.wait_for(2);
      signal.set();
      started.wait_for(3);
    });
    // Once in advance: UBSan opens descriptors when it sees a type for the first time. The setter
    // begins and ends while there are some for the same reason.
    Signal other;
    other.set();
    WaitItem set_before(other);
    CHECK(wait(runtime, std::span(&set_before, 1)));
    started.wait_for(1);
    bool woken = false;
    Interest ready = Interest::none;
    {
      const NoDescriptors full;
      WaitItem item(signal);
      started.reach();
      woken = wait(runtime, std::span(&item, 1));
      ready = item.ready;
    }
    started.reach();
    setter.join();
    CHECK(woken);
    CHECK(ready == Interest::read);
  }

  TEST_CASE("any number of things can be waited for at once") {
    BlockingRuntime runtime;
    for (const std::size_t count : {1u, 7u, 8u, 9u, 40u}) {
      CAPTURE(count);
      std::vector<std::unique_ptr<SocketPair>> sockets;
      std::vector<std::unique_ptr<IoHandle>> handles;
      for (std::size_t i = 0; i < count; ++i) {
        sockets.push_back(std::make_unique<SocketPair>());
        handles.push_back(std::make_unique<IoHandle>());
        handles.back()->fd = sockets.back()->near();
      }
      // WaitItems neither copy nor move, so they are built where they stay.
      std::allocator<WaitItem> memory;
      WaitItem* const items = memory.allocate(count);
      for (std::size_t i = 0; i < count; ++i)
        std::construct_at(items + i, *handles[i], Interest::read);
      for (const std::size_t chosen : {std::size_t{0}, count / 2, count - 1}) {
        sockets[chosen]->send_far("x");
        CHECK(wait(runtime, std::span(items, count)));
        for (std::size_t i = 0; i < count; ++i)
          CHECK(items[i].ready == (i == chosen ? Interest::read : Interest::none));
        CHECK(SocketPair::take(sockets[chosen]->near()) == 1);
      }
      std::destroy_n(items, count);
      memory.deallocate(items, count);
    }
  }

  TEST_CASE("a system signal in between ends no wait") {
    BlockingRuntime runtime;
    const Interruptions interruptions;
    for (int round = 0; round < 20; ++round) {
      SocketPair sockets;
      Milestones started;
      bool woken = false;
      long taken = 0;
      std::thread waiter([&] {
        IoHandle handle;
        handle.fd = sockets.near();
        WaitItem item(handle, Interest::read);
        started.reach();
        woken = wait(runtime, std::span(&item, 1));
        taken = SocketPair::take(sockets.near());
      });
      started.wait_for(1);
      // Each is handled before the next is sent, all before the byte that ends the wait; but where
      // ThreadSanitizer puts a signal off until the thread's next call, nobody can wait for it.
      for (int i = 0; i < 50; ++i) {
        const int before = Interruptions::count;
        ::pthread_kill(waiter.native_handle(), SIGUSR1);
        for (int look = 0; look < 10'000 && Interruptions::count == before; ++look)
          std::this_thread::yield();
      }
      sockets.send_far("x");
      waiter.join();
      CHECK(woken);
      CHECK(taken == 1);
    }
  }

  TEST_CASE("a sleep ends at its deadline and not before") {
    BlockingRuntime runtime;
    const auto sleep = [&](Deadline deadline) -> Task<bool> {
      const bool ready = co_await runtime.sleep_until(deadline);
      co_return ready;
    };
    const Deadline soon = Deadline::at(runtime.now() + 3ms);
    CHECK_FALSE(*runtime.run(sleep(soon), "x"));
    CHECK(soon.passed(runtime.now()));
  }

  TEST_CASE("children of when_all run one after the other and none waits for another") {
    BlockingRuntime runtime;
    std::vector<int> order;
    const auto child = [&](int name) -> Task<int> {
      order.push_back(name);
      co_await runtime.sleep_until(Deadline::at(runtime.now()));
      order.push_back(name);
      co_return name;
    };
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(child(i));
    const auto results = runtime.run(okhttp::when_all(std::move(tasks)), "x");
    REQUIRE(results);
    CHECK(order == std::vector<int>{0, 0, 1, 1, 2, 2});
  }

  TEST_CASE("any number of threads run tasks on one runtime") {
    BlockingRuntime runtime;
    std::vector<std::thread> threads;
    std::array<int, 4> sums{};
    for (std::size_t t = 0; t < sums.size(); ++t)
      threads.emplace_back([&, t] {
        const auto add = [](int a, int b) -> Task<int> { co_return a + b; };
        for (int i = 0; i < 1000; ++i) sums[t] = runtime.run(add(sums[t], 1), "x").value();
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(sums == std::array<int, 4>{1000, 1000, 1000, 1000});
  }

  TEST_CASE("used inside a task of an event loop it is misuse that names the twin to await") {
    BlockingRuntime blocking;
    EventLoop loop;
    const auto answer = []() -> Task<int> { co_return 42; };
    const auto inside = [&]() -> Task<Result<int>> {
      co_return blocking.run(answer(), "async_answer");
    };
    const Result<Result<int>> result = loop.run(inside(), "x");
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    CHECK(result->error() == Errc::misuse);
    CHECK(result->error().message().find("async_answer") != std::string::npos);
    CHECK(*blocking.run(answer(), "x") == 42);
  }

  TEST_CASE("a task that waits for what only a loop can wake is misuse, not a hang") {
    BlockingRuntime blocking;
    EventLoop loop;
    Signal signal;
    const auto foreign = [&]() -> Task<void> {
      WaitItem item(signal);
      co_await loop.wait_any(std::span(&item, 1), Deadline::never());
    };
    const Result<void> result = blocking.run(foreign(), "async_foreign");
    REQUIRE_FALSE(result);
    CHECK(result.error() == Errc::misuse);
    signal.set();
    CHECK(loop.run_until_idle());
  }
}

}  // namespace blocking_runtime_test
