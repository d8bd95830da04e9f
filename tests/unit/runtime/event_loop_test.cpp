// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/event_loop.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/when_all.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>

#include "support/runtime_support.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace event_loop_test {

using okhttp::BlockingRuntime;
using okhttp::Clock;
using okhttp::Deadline;
using okhttp::Errc;
using okhttp::EventLoop;
using okhttp::Interest;
using okhttp::Result;
using okhttp::Runtime;
using okhttp::Signal;
using okhttp::Task;
using okhttp::TimePoint;
using okhttp::WaitItem;
using okhttp::detail::IoHandle;
using support::loop_options;
using support::Milestones;
using support::SocketPair;
using support::VirtualTime;
using namespace std::chrono_literals;

namespace {

Task<int> answer(int number) { co_return number; }

Task<bool> wait_until_set(Runtime& runtime, Signal signal, Deadline deadline = Deadline::never()) {
  WaitItem item(signal);
  const bool ready = co_await runtime.wait_any(std::span(&item, 1), deadline);
  co_return ready;
}

Task<void> throwing(const char* what) {
  throw std::runtime_error(what);
  co_return;
}

Task<Interest> wait_ready(Runtime& runtime,
                          IoHandle& handle,
                          Interest interest,
                          Deadline deadline = Deadline::never()) {
  WaitItem item(handle, interest);
  co_await runtime.wait_any(std::span(&item, 1), deadline);
  co_return item.ready;
}

/// Reads as a transport does: a short read means that the kernel has no more.
long read_some(IoHandle& handle, std::size_t limit) {
  const long count = SocketPair::take(handle.fd, limit);
  if (count != 0) handle.drained = count < static_cast<long>(limit);
  return count;
}

}  // namespace

TEST_SUITE("runtime/event_loop") {
  // ---- running tasks

  TEST_CASE("run gives a task's value, its failure or what it threw") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    CHECK_FALSE(loop.blocks());
    CHECK(*loop.run(answer(7), "x") == 7);
    const auto failing = []() -> Task<int> {
      co_await okhttp::fail(Errc::dns, "no such host");
      co_return 1;
    };
    CHECK(loop.run(failing(), "x").error().message() == "no such host");
    CHECK_THROWS_AS(loop.run(throwing("user"), "x").value(), std::runtime_error);
    CHECK(loop.idle());
  }

  TEST_CASE("a task knows its loop, and the thread is free of it afterwards") {
    VirtualTime time;
    EventLoop loop(loop_options(false, &time));
    const auto who = [&]() -> Task<Runtime*> {
      co_await loop.sleep_until(time.in(1s));
      co_return Runtime::current();
    };
    CHECK(*loop.run(who(), "x") == &loop);
    CHECK(Runtime::current() == nullptr);
  }

  TEST_CASE("spawned tasks progress while somebody drives, and run_until_idle ends with the last") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    CHECK(loop.idle());
    int done = 0;
    Signal signal;
    const auto waiting = [&]() -> Task<void> {
      co_await wait_until_set(loop, signal);
      ++done;
    };
    const auto spawning = [&]() -> Task<void> {
      loop.spawn(waiting());
      ++done;
      co_return;
    };
    loop.spawn(waiting());
    loop.spawn(spawning());
    CHECK_FALSE(loop.idle());
    CHECK(done == 0);
    CHECK(*loop.run(answer(1), "x") == 1);
    CHECK(done == 1);
    CHECK_FALSE(loop.idle());
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(done == 3);
    CHECK(loop.idle());
    CHECK(loop.run_until_idle());
  }

  TEST_CASE("a task that gives up its turn lets the others and posted functions go on") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    std::string order;
    const auto busy = [&]() -> Task<void> {
      loop.post([&] { order += 'p'; });
      for (int i = 0; i < 3; ++i) {
        order += 'b';
        co_await loop.next_turn();
      }
    };
    const auto other = [&]() -> Task<void> {
      order += 'o';
      co_await loop.next_turn();
      order += 'o';
    };
    loop.spawn(busy());
    loop.spawn(other());
    CHECK(loop.run_until_idle());
    CHECK(order == "bobopb");
    // Dropped while it waits for its turn.
    const auto endless = [&]() -> Task<void> {
      for (;;) co_await loop.next_turn();
    };
    loop.spawn(endless());
    CHECK(loop.poll());
    loop.abandon_tasks();
    CHECK(loop.idle());
  }

  TEST_CASE("the failure of a spawned task is dropped and its frames are gone") {
    EventLoop loop;
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = owned;
    const auto failing = [](std::shared_ptr<int> kept) -> Task<void> {
      static_cast<void>(kept);
      co_await okhttp::fail(Errc::io, "broken");
    };
    loop.spawn(failing(std::move(owned)));
    CHECK(loop.run_until_idle());
    CHECK(watched.expired());
  }

  TEST_CASE("poll does what can be done now, through several steps, and waits for nothing") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    Signal never;
    int steps = 0;
    const auto chain = [&]() -> Task<void> {
      for (int i = 0; i < 20; ++i) {
        Signal signal;
        loop.post([signal] { signal.set(); });
        co_await wait_until_set(loop, signal);
        ++steps;
      }
      co_await wait_until_set(loop, never);
      ++steps;
    };
    loop.spawn(chain());
    CHECK(loop.poll());
    CHECK(steps == 20);
    CHECK(loop.poll());
    CHECK(steps == 20);
    never.set();
    CHECK(loop.poll());
    CHECK(steps == 21);
    CHECK(loop.idle());
  }

  TEST_CASE("poll returns though two tasks wake each other for ever") {
    EventLoop loop;
    std::array<Signal, 2> signals;
    int turns = 0;
    const auto player = [&](std::size_t me) -> Task<void> {
      for (;;) {
        co_await wait_until_set(loop, signals[me]);
        signals[me].reset();
        ++turns;
        signals[1 - me].set();
      }
    };
    loop.spawn(player(0));
    loop.spawn(player(1));
    signals[0].set();
    CHECK(loop.poll());
    CHECK(turns > 2);
    loop.abandon_tasks();
  }

  TEST_CASE("10,000 tasks that end at once do not nest") {
    EventLoop loop;
    Signal signal;
    std::vector<std::uintptr_t> stack;
    const auto task = [&]() -> Task<void> {
      co_await wait_until_set(loop, signal);
      const char here = 0;
      const auto note = [&stack](const char* place) {
        stack.push_back(reinterpret_cast<std::uintptr_t>(place));
      };
      static_cast<void>(here);
      const auto measure = [&note] {
        const char local = 0;
        note(&local);
      };
      measure();
    };
    for (int i = 0; i < 10'000; ++i) loop.spawn(task());
    CHECK(loop.poll());
    signal.set();
    CHECK(loop.run_until_idle());
    REQUIRE(stack.size() == 10'000);
    const auto [low, high] = std::minmax_element(stack.begin(), stack.end());
    CHECK(*high - *low < 4096);
  }

  // ---- misuse

  TEST_CASE("a blocking call on the loop's own thread is misuse that names the twin to await") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    const auto inside = [&]() -> Task<std::vector<std::string>> {
      std::vector<std::string> texts;
      const auto note = [&texts](const okhttp::Error& error) {
        CHECK(error == Errc::misuse);
        texts.push_back(error.message());
      };
      note(loop.run(answer(1), "async_answer").error());
      note(loop.poll().error());
      note(loop.run_until_idle().error());
      co_return texts;
    };
    const auto texts = loop.run(inside(), "x");
    REQUIRE(texts);
    REQUIRE(texts->size() == 3);
    for (const std::string& text : *texts) CHECK(text.find("async_") != std::string::npos);
    CHECK((*texts)[0].find("co_await async_answer") != std::string::npos);
    CHECK(*loop.run(answer(3), "x") == 3);
  }

  TEST_CASE("a blocking call in a posted function, and in a destructor of a task, is misuse too") {
    EventLoop loop;
    std::vector<Errc> seen;
    loop.post([&] { seen.push_back(loop.run(answer(1), "x").error().code()); });
    struct Caller {
      explicit Caller(EventLoop& l, std::vector<Errc>& s) : loop(l), seen(s) {}
      Caller(const Caller&) = delete;
      Caller& operator=(const Caller&) = delete;
      ~Caller() { seen.push_back(loop.run(answer(1), "x").error().code()); }
      EventLoop& loop;
      std::vector<Errc>& seen;
    };
    Signal never;
    const auto calls_at_its_end = [&]() -> Task<void> {
      const Caller caller(loop, seen);
      co_await wait_until_set(loop, never);
    };
    loop.spawn(calls_at_its_end());
    CHECK(loop.poll());
    loop.abandon_tasks();
    CHECK(seen == std::vector<Errc>{Errc::misuse, Errc::misuse});
  }

  TEST_CASE("a loop driven inside a task of another loop cannot drive that one") {
    EventLoop outer;
    EventLoop inner;
    const auto innermost = [&]() -> Task<Errc> {
      co_return outer.run(answer(1), "async_answer").error().code();
    };
    const auto inside = [&]() -> Task<Errc> { co_return inner.run(innermost(), "x").value(); };
    CHECK(*outer.run(inside(), "x") == Errc::misuse);
    CHECK(*outer.run(answer(2), "x") == 2);
  }

  // ---- time

  TEST_CASE("timers fire in the order of their times and exactly then") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    std::vector<int> order;
    const auto sleeper = [&](int seconds) -> Task<void> {
      const Deadline deadline = time.in(std::chrono::seconds(seconds));
      const bool ready = co_await loop.sleep_until(deadline);
      CHECK_FALSE(ready);
      CHECK(loop.now() == deadline.time());
      order.push_back(seconds);
    };
    for (const int seconds : {5, 1, 9, 3, 7, 2, 8, 4, 6}) loop.spawn(sleeper(seconds));
    CHECK(loop.run_until_idle());
    CHECK(order == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(time.elapsed() == 9s);
    CHECK(time.skips == 9);
  }

  TEST_CASE("timers of one instant fire together") {
    VirtualTime time;
    EventLoop loop(loop_options(false, &time));
    int done = 0;
    const auto sleeper = [&]() -> Task<void> {
      co_await loop.sleep_until(Deadline::at(time.start + 1s));
      ++done;
    };
    for (int i = 0; i < 100; ++i) loop.spawn(sleeper());
    CHECK(loop.run_until_idle());
    CHECK(done == 100);
    CHECK(time.skips == 1);
  }

  TEST_CASE("10,000 timers, many of them dropped at random, leave the right ones in order") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    std::mt19937 random(20240607);
    constexpr std::size_t count = 10'000;
    std::vector<std::optional<Task<void>>> tasks(count);
    std::vector<long> at(count);
    std::vector<long> fired;
    std::vector<bool> has_fired(count);
    const auto sleeper = [&](std::size_t index) -> Task<void> {
      co_await loop.sleep_until(Deadline::at(time.start + std::chrono::milliseconds(at[index])));
      fired.push_back(at[index]);
      has_fired[index] = true;
    };
    const auto start = [&](std::size_t index, long from) {
      at[index] = from + 1 + static_cast<long>(random() % 100'000);
      tasks[index].emplace(sleeper(index));
      tasks[index]->start();
    };
    std::size_t expected = 0;
    const auto scenario = [&]() -> Task<void> {
      for (std::size_t i = 0; i < count; ++i) start(i, 0);
      for (int i = 0; i < 20'000; ++i) {
        const std::size_t index = random() % count;
        if (tasks[index])
          tasks[index].reset();
        else
          start(index, 0);
      }
      // Half of the time goes by, then more is dropped and added.
      co_await loop.sleep_until(Deadline::at(time.start + 50s));
      for (std::size_t i = 0; i < count; ++i)
        if (tasks[i]) CHECK_MESSAGE(has_fired[i] == (at[i] <= 50'000), at[i]);
      for (int i = 0; i < 5'000; ++i) {
        const std::size_t index = random() % count;
        if (has_fired[index]) continue;
        if (tasks[index])
          tasks[index].reset();
        else
          start(index, 50'000);
      }
      expected = fired.size();
      for (std::size_t i = 0; i < count; ++i)
        if (tasks[i] && !has_fired[i]) ++expected;
      co_await loop.sleep_until(Deadline::at(time.start + 200s));
    };
    CHECK(loop.run(scenario(), "x"));
    CHECK(fired.size() == expected);
    CHECK(expected > 3'000);
    CHECK(std::is_sorted(fired.begin(), fired.end()));
    CHECK(loop.idle());
  }

  TEST_CASE("a deadline that has passed never parks and touches no socket") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    const okhttp::TaskRunner::Scope scope(loop);
    const auto expired = [&](Deadline deadline) -> Task<bool> {
      Signal signal;
      IoHandle handle;  // not a socket at all: nothing may look at it
      handle.drained = true;
      WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
      const bool ready = co_await loop.wait_any(items, deadline);
      co_return ready || any(items[0].ready) || any(items[1].ready);
    };
    for (const Deadline deadline : {Deadline::at(time.now()), Deadline::at(time.now() - 1h)}) {
      Task<bool> task = expired(deadline);
      task.start();
      REQUIRE(task.finished());
      CHECK_FALSE(*task.take_result());
      Task<bool> slept = [](EventLoop& l, Deadline d) -> Task<bool> {
        const bool ready = co_await l.sleep_until(d);
        co_return ready;
      }(loop, deadline);
      slept.start();
      REQUIRE(slept.finished());
      CHECK_FALSE(*slept.take_result());
    }
    CHECK(time.skips == 0);
  }

  TEST_CASE("what is ready wins over a deadline that has passed") {
    VirtualTime time;
    EventLoop loop(loop_options(false, &time));
    Signal signal;
    signal.set();
    CHECK(*loop.run(wait_until_set(loop, signal, Deadline::at(time.now() - 1s)), "x"));
  }

  TEST_CASE("time does not pass by a socket that is ready, nor by a signal that was set") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    handle.drained = true;
    CHECK(loop.poll());
    handle.drained = true;
    std::vector<std::string> events;
    const auto reader = [&]() -> Task<void> {
      const Interest ready = co_await wait_ready(loop, handle, Interest::read, time.in(10s));
      events.push_back(any(ready) ? "read" : "read timed out");
    };
    Signal signal;
    const auto waiter = [&]() -> Task<void> {
      const bool ready = co_await wait_until_set(loop, signal, time.in(10s));
      events.push_back(ready ? "signal" : "signal timed out");
    };
    const auto writer = [&]() -> Task<void> {
      sockets.send_far("x");
      co_return;
    };
    const auto setter = [&]() -> Task<void> {
      signal.set();
      co_return;
    };
    loop.spawn(reader());
    loop.spawn(writer());
    CHECK(loop.run_until_idle());
    loop.spawn(waiter());
    loop.spawn(setter());
    CHECK(loop.run_until_idle());
    CHECK(events == std::vector<std::string>{"read", "signal"});
    CHECK(time.elapsed() == 0s);
  }

  TEST_CASE("a wait that times out gives nothing and leaves its socket and signal") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    handle.drained = true;
    Signal signal;
    const auto task = [&]() -> Task<void> {
      for (int i = 1; i <= 3; ++i) {
        WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
        CHECK_FALSE(co_await loop.wait_any(items, time.in(1s)));
        CHECK(items[0].ready == Interest::none);
        CHECK(items[1].ready == Interest::none);
        CHECK(handle.waiters == nullptr);
        CHECK(time.elapsed() == std::chrono::seconds(i));
      }
    };
    CHECK(loop.run(task(), "x"));
  }

  TEST_CASE("without a time source the loop sleeps until the timer by its own clock") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    const auto sleeper = [&]() -> Task<bool> {
      const Deadline soon = Deadline::at(loop.now() + 2ms);
      co_await loop.sleep_until(soon);
      co_return soon.passed(Clock::now());
    };
    CHECK(*loop.run(sleeper(), "x"));
  }

  TEST_CASE("a time source that does not skip makes the loop wait for it as usual") {
    struct Stubborn : okhttp::TimeSource {
      TimePoint now() override { return present; }
      bool skip_to(TimePoint next) override {
        if (++asked == 3) present = next;  // by itself, while the loop waits
        return false;
      }
      TimePoint present = TimePoint(1h);
      int asked = 0;
    } time;
    EventLoop loop(loop_options(false, &time));
    const auto sleeper = [&]() -> Task<void> {
      co_await loop.sleep_until(Deadline::at(TimePoint(1h) + 1ms));
    };
    CHECK(loop.run(sleeper(), "x"));
    CHECK(time.asked == 3);
  }

  // ---- sockets

  TEST_CASE("one wait for several sockets and a signal ends with the first, told which") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    constexpr std::size_t count = 4;
    std::array<SocketPair, count> sockets;
    std::array<IoHandle, count> handles;
    for (std::size_t i = 0; i < count; ++i) {
      REQUIRE(handles[i].attach(loop, sockets[i].near()));
      handles[i].drained = true;
    }
    Signal signal;
    const auto waiter = [&]() -> Task<int> {
      WaitItem items[] = {{handles[0], Interest::read},
                          {handles[1], Interest::read},
                          WaitItem(signal),
                          {handles[2], Interest::read},
                          {handles[3], Interest::read}};
      const bool ready = co_await loop.wait_any(items, time.in(1h));
      if (!ready) co_return -1;
      int found = -2;
      for (int i = 0; i < 5; ++i)
        if (any(items[i].ready)) {
          CHECK(found == -2);
          found = i;
        }
      for (const IoHandle& handle : handles) CHECK(handle.waiters == nullptr);
      co_return found;
    };
    const auto poke = [&](std::size_t which) -> Task<void> {
      sockets[which].send_far("x");
      co_return;
    };
    // The first look of epoll tells of everything; from here on only news count.
    CHECK(loop.poll());
    for (IoHandle& handle : handles) handle.drained = true;
    for (const std::size_t which : {2u, 0u, 3u, 1u}) {
      CAPTURE(which);
      loop.spawn(poke(which));
      const Result<int> found = loop.run(waiter(), "x");
      CHECK(*found == static_cast<int>(which < 2 ? which : which + 1));
      CHECK(read_some(handles[which], 10) == 1);
    }
    const auto setter = [&]() -> Task<void> {
      signal.set();
      co_return;
    };
    loop.spawn(setter());
    CHECK(*loop.run(waiter(), "x") == 2);
    signal.reset();
    CHECK(*loop.run(waiter(), "x") == -1);
    CHECK(time.elapsed() == 1h);
  }

  TEST_CASE("several waits on one socket are each told of their direction only") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    CHECK(loop.poll());
    SocketPair::fill(sockets.near());
    handle.drained = handle.full = true;
    std::vector<std::string> order;
    const auto waiter = [&](Interest interest, const char* name) -> Task<void> {
      const Interest ready = co_await wait_ready(loop, handle, interest);
      order.push_back(name);
      CHECK(any(ready & interest));
      if (any(ready & Interest::read)) handle.drained = true;
    };
    for (int i = 0; i < 3; ++i) loop.spawn(waiter(Interest::read, "read"));
    loop.spawn(waiter(Interest::write, "write"));
    CHECK(loop.poll());
    CHECK(order.empty());
    sockets.send_far("x");
    CHECK(loop.poll());
    CHECK(order == std::vector<std::string>{"read", "read", "read"});
    SocketPair::empty(sockets.far());
    CHECK(loop.run_until_idle());
    CHECK(order.back() == "write");
  }

  TEST_CASE("data that comes between two waits is not lost, with or without a look in between") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    const auto reader = [&]() -> Task<int> {
      int total = 0;
      for (int round = 0; round < 6; ++round) {
        const Interest ready = co_await wait_ready(loop, handle, Interest::read);
        if (!any(ready)) break;
        long count;
        do {
          count = read_some(handle, 3);
          if (count > 0) total += static_cast<int>(count);
        } while (!handle.drained);
        // Drained; now more comes before the next wait.
        if (round % 3 != 2) sockets.send_far("abcde");
        if (round % 3 == 1) co_await loop.sleep_until(time.in(1s));
        if (round % 3 == 2) loop.post([&sockets] { sockets.send_far("abcde"); });
      }
      co_return total;
    };
    sockets.send_far("abcde");
    CHECK(*loop.run(reader(), "x") == 30);
  }

  TEST_CASE("a short read leaves the rest to the next wait, which needs no news") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    sockets.send_far("abcdef");
    const auto reader = [&]() -> Task<std::vector<long>> {
      std::vector<long> counts;
      for (int i = 0; i < 3; ++i) {
        const Interest ready = co_await wait_ready(loop, handle, Interest::read);
        CHECK(ready == Interest::read);
        counts.push_back(read_some(handle, 2));  // exactly what was asked for: there may be more
      }
      co_return counts;
    };
    CHECK(*loop.run(reader(), "x") == std::vector<long>{2, 2, 2});
    CHECK_FALSE(handle.drained);
  }

  TEST_CASE("the end of a stream that came along with its last bytes is not waited for in vain") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    for (const bool closed : {false, true}) {
      CAPTURE(closed);
      SocketPair sockets;
      IoHandle handle;
      REQUIRE(handle.attach(loop, sockets.near()));
      CHECK(loop.poll());
      handle.drained = true;
      const auto reader = [&]() -> Task<std::vector<long>> {
        std::vector<long> counts;
        for (;;) {
          const Interest ready = co_await wait_ready(loop, handle, Interest::read, time.in(1h));
          if (!any(ready)) break;
          counts.push_back(read_some(handle, 100));
          if (counts.back() <= 0) break;
          // A transport looks at the flag before it asks the kernel.
          CHECK(handle.drained);
        }
        co_return counts;
      };
      sockets.send_far("last");
      if (closed)
        sockets.close_far();
      else
        sockets.end_far();
      CHECK(*loop.run(reader(), "x") == std::vector<long>{4, 0});
      CHECK(time.elapsed() == 0s);
    }
  }

  TEST_CASE("a peer that has ended its side does not make a full socket look writable") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    CHECK(loop.poll());
    SocketPair::fill(sockets.near());
    handle.full = true;
    handle.drained = true;
    sockets.end_far();
    CHECK(loop.poll());
    CHECK(*loop.run(wait_ready(loop, handle, Interest::write, time.in(1s)), "x") == Interest::none);
    CHECK(time.elapsed() == 1s);
    const auto empty_later = [&]() -> Task<void> {
      co_await loop.sleep_until(time.in(1s));
      SocketPair::empty(sockets.far());
    };
    loop.spawn(empty_later());
    CHECK(*loop.run(wait_ready(loop, handle, Interest::write, time.in(1h)), "x") ==
          Interest::write);
    CHECK(time.elapsed() == 2s);
  }

  TEST_CASE("a socket shut down under its waiter wakes it") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    CHECK(loop.poll());
    handle.drained = true;
    const auto breaker = [&]() -> Task<void> {
      ::shutdown(sockets.near(), SHUT_RDWR);
      co_return;
    };
    loop.spawn(breaker());
    CHECK(*loop.run(wait_ready(loop, handle, Interest::read), "x") == Interest::read);
    CHECK(SocketPair::take(sockets.near()) == 0);
  }

  TEST_CASE("of two sockets ready at once the first one's task may destroy the second") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    struct Peer {
      SocketPair sockets;
      IoHandle handle;
    };
    for (const bool with_its_task : {false, true}) {
      CAPTURE(with_its_task);
      std::array<std::unique_ptr<Peer>, 2> peers;
      std::array<std::optional<Task<void>>, 2> tasks;
      int ran = 0;
      const auto reader = [&](std::size_t me) -> Task<void> {
        static_cast<void>(co_await wait_ready(loop, peers[me]->handle, Interest::read));
        ++ran;
        const std::size_t other = 1 - me;
        if (with_its_task) tasks[other].reset();
        peers[other].reset();
      };
      const auto scenario = [&]() -> Task<void> {
        for (std::size_t i = 0; i < 2; ++i) {
          peers[i] = std::make_unique<Peer>();
          CHECK(peers[i]->handle.attach(loop, peers[i]->sockets.near()));
          peers[i]->handle.drained = true;
          tasks[i].emplace(reader(i));
          tasks[i]->start();
        }
        for (auto& peer : peers) peer->sockets.send_far("x");
        co_await loop.sleep_until(time.in(1s));
      };
      CHECK(loop.run(scenario(), "x"));
      // Both had been told; without its task the second runs on, and finds its socket gone.
      CHECK(ran == (with_its_task ? 1 : 2));
    }
  }

  TEST_CASE(
      "a handle destroyed in the batch that names it, and another at its place, mix up nothing") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    std::vector<std::unique_ptr<SocketPair>> sockets;
    for (int i = 0; i < 8; ++i) sockets.push_back(std::make_unique<SocketPair>());
    std::array<std::optional<IoHandle>, 8> handles;
    for (std::size_t i = 0; i < 8; ++i) {
      REQUIRE(handles[i].emplace().attach(loop, sockets[i]->near()));
      sockets[i]->send_far("x");
    }
    CHECK(loop.poll());
    for (std::size_t i = 0; i < 8; i += 2) {
      handles[i].reset();
      sockets[i] = std::make_unique<SocketPair>();
      REQUIRE(handles[i].emplace().attach(loop, sockets[i]->near()));
      handles[i]->drained = true;
    }
    for (std::size_t i = 0; i < 8; ++i) {
      CAPTURE(i);
      const Deadline soon = time.in(1s);
      const Interest ready = *loop.run(wait_ready(loop, *handles[i], Interest::read, soon), "x");
      CHECK(any(ready) == (i % 2 == 1));
    }
  }

  TEST_CASE("the loop's thread serves hundreds of sockets") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    constexpr std::size_t count = 300;  // twice that many descriptors
    std::vector<std::unique_ptr<SocketPair>> sockets;
    std::vector<std::unique_ptr<IoHandle>> handles;
    long total = 0;
    const auto reader = [&](std::size_t i) -> Task<void> {
      for (int round = 0; round < 3; ++round) {
        const Interest ready = co_await wait_ready(loop, *handles[i], Interest::read);
        CHECK(ready == Interest::read);
        const long got = read_some(*handles[i], 10);
        if (got > 0) total += got;
        if (round < 2) sockets[i]->send_far("x");
      }
    };
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<SocketPair>());
      handles.push_back(std::make_unique<IoHandle>());
      REQUIRE(handles[i]->attach(loop, sockets[i]->near()));
      handles[i]->drained = true;
      loop.spawn(reader(i));
    }
    CHECK(loop.poll());
    for (const auto& handle : handles) CHECK(handle->waiters != nullptr);
    for (const auto& pair : sockets) pair->send_far("x");
    CHECK(loop.run_until_idle());
    CHECK(total == 3 * static_cast<long>(count));
  }

  // ---- dropping what waits

  TEST_CASE("a wait dropped while parked leaves no timer, no registration and no waiter") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    CHECK(loop.poll());
    handle.drained = true;
    Signal signal;
    int destroyed = 0;
    struct Counted {
      explicit Counted(int& n) : count(n) {}
      Counted(const Counted&) = delete;
      Counted& operator=(const Counted&) = delete;
      ~Counted() { ++count; }
      int& count;
    };
    const auto leaf = [&]() -> Task<void> {
      const Counted counted(destroyed);
      WaitItem items[] = {{handle, Interest::read}, WaitItem(signal)};
      co_await loop.wait_any(items, time.in(10s));
      FAIL("it was dropped");
    };
    const auto tree = [&]() -> Task<void> {
      const Counted counted(destroyed);
      Task<void> inner = leaf();
      co_await std::move(inner);
    };
    const auto scenario = [&]() -> Task<void> {
      std::optional<Task<void>> dropped(tree());
      dropped->start();
      CHECK(handle.waiters != nullptr);
      dropped.reset();
      CHECK(destroyed == 2);
      CHECK(handle.waiters == nullptr);
      co_return;
    };
    CHECK(loop.run(scenario(), "x"));
    signal.set();
    sockets.send_far("x");
    CHECK(loop.poll());
    CHECK(loop.run_until_idle());
    // Nobody asked for the dropped timer.
    const auto sleeper = [&]() -> Task<void> { co_await loop.sleep_until(time.in(1h)); };
    CHECK(loop.run(sleeper(), "x"));
    CHECK(time.skips == 1);
  }

  TEST_CASE("a wait dropped when it is over but has not run yet never runs") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    std::array<std::optional<Task<void>>, 2> tasks;
    int ran = 0;
    const auto sleeper = [&](std::size_t me) -> Task<void> {
      co_await loop.sleep_until(Deadline::at(time.start + 1s));
      ++ran;
      tasks[1 - me].reset();
    };
    const auto scenario = [&]() -> Task<void> {
      for (std::size_t i = 0; i < 2; ++i) {
        tasks[i].emplace(sleeper(i));
        tasks[i]->start();
      }
      co_await loop.sleep_until(Deadline::at(time.start + 2s));
    };
    CHECK(loop.run(scenario(), "x"));
    CHECK(ran == 1);
  }

  TEST_CASE("when_any drops the losers, whatever they wait for") {
    VirtualTime time;
    EventLoop loop(loop_options(false, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    handle.drained = true;
    Signal signal;
    const auto sleeps = [&](Clock::duration duration) -> Task<int> {
      co_await loop.sleep_until(time.in(duration));
      co_return 1;
    };
    const auto reads = [&]() -> Task<int> {
      static_cast<void>(co_await wait_ready(loop, handle, Interest::read));
      co_return 2;
    };
    const auto waits = [&]() -> Task<int> {
      co_await wait_until_set(loop, signal);
      co_return 3;
    };
    CHECK(loop.poll());
    handle.drained = true;
    std::vector<Task<int>> tasks;
    tasks.push_back(sleeps(9s));
    tasks.push_back(reads());
    tasks.push_back(sleeps(3s));
    tasks.push_back(waits());
    const auto first = loop.run(okhttp::when_any(std::move(tasks)), "x");
    REQUIRE(first);
    CHECK(first->first == 2);
    CHECK(time.elapsed() == 3s);
    CHECK(handle.waiters == nullptr);
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(time.elapsed() == 3s);
  }

  TEST_CASE("abandoned tasks are destroyed wherever they are parked, and the loop can be used on") {
    FOR_EACH_POLLER();
    VirtualTime time;
    EventLoop loop(loop_options(use_poll, &time));
    SocketPair sockets;
    IoHandle handle;
    REQUIRE(handle.attach(loop, sockets.near()));
    CHECK(loop.poll());
    handle.drained = true;
    Signal signal;
    auto owned = std::make_shared<int>(1);
    const auto sleeps = [&](std::shared_ptr<int> kept) -> Task<void> {
      co_await loop.sleep_until(time.in(9s));
      ++*kept;
    };
    const auto reads = [&](std::shared_ptr<int> kept) -> Task<void> {
      static_cast<void>(co_await wait_ready(loop, handle, Interest::read));
      ++*kept;
    };
    const auto waits = [&](std::shared_ptr<int> kept) -> Task<void> {
      co_await wait_until_set(loop, signal);
      ++*kept;
    };
    // What a destroyed task leaves behind is destroyed as well.
    struct Spawns {
      explicit Spawns(EventLoop& l, std::shared_ptr<int> k) : loop(l), kept(std::move(k)) {}
      Spawns(const Spawns&) = delete;
      Spawns& operator=(const Spawns&) = delete;
      ~Spawns() {
        loop.post([kept = kept] { ++*kept; });
        loop.spawn([](std::shared_ptr<int> k) -> Task<void> {
          ++*k;
          co_return;
        }(kept));
      }
      EventLoop& loop;
      std::shared_ptr<int> kept;
    };
    const auto leaves = [&](std::shared_ptr<int> kept) -> Task<void> {
      const Spawns spawns(loop, kept);
      co_await wait_until_set(loop, signal);
    };
    loop.spawn(sleeps(owned));
    loop.spawn(reads(owned));
    loop.spawn(waits(owned));
    loop.spawn(leaves(owned));
    CHECK(loop.poll());
    loop.spawn(waits(owned));  // not even started
    loop.post([owned] { ++*owned; });
    CHECK(owned.use_count() > 1);
    loop.abandon_tasks();
    CHECK(owned.use_count() == 1);
    CHECK(*owned == 1);
    CHECK(loop.idle());
    CHECK(handle.waiters == nullptr);
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(time.skips == 0);
    CHECK(*loop.run(answer(5), "x") == 5);
    loop.abandon_tasks();
  }

  TEST_CASE("a loop that abandons what is left begins what was posted and destroys what waits") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    Signal never;
    auto owned = std::make_shared<int>(0);
    const auto waits = [&](std::shared_ptr<int> kept) -> Task<void> {
      ++*kept;
      co_await wait_until_set(loop, never);
      *kept = -1;
    };
    loop.spawn(waits(owned));
    CHECK(loop.poll());
    CHECK(*owned == 1);
    loop.spawn(waits(owned));
    loop.post([&loop, &waits, owned] { loop.spawn(waits(owned)); });
    loop.abandon_when_left();
    CHECK(*owned == 3);
    CHECK(owned.use_count() == 1);
    CHECK(loop.idle());
    // Later ones end with whoever drives.
    loop.spawn(waits(owned));
    CHECK(*loop.run(answer(4), "x") == 4);
    CHECK(*owned == 4);
    CHECK(owned.use_count() == 1);
    CHECK(loop.idle());
    loop.abandon_when_left();
    CHECK(loop.run_until_idle());
  }

  TEST_CASE("a loop abandons nothing while somebody drives it or waits for the role") {
    EventLoop loop;
    Signal never;
    for (int round = 0; round < 50; ++round) {
      const auto owned = std::make_shared<int>(0);
      const auto waits = [&](std::shared_ptr<int> kept) -> Task<void> {
        co_await wait_until_set(loop, never);
        *kept = -1;
      };
      Milestones started;
      std::array<Signal, 2> signals;
      const auto foreground = [&](std::size_t me) -> Task<bool> {
        if (me == 0) loop.spawn(waits(owned));
        started.reach();
        co_await wait_until_set(loop, signals[me]);
        co_return owned.use_count() > 1;
      };
      std::array<bool, 2> seen{};
      std::array<std::thread, 2> threads;
      for (std::size_t i = 0; i < 2; ++i) {
        threads[i] = std::thread([&, i] { seen[i] = *loop.run(foreground(i), "x"); });
        started.wait_for(static_cast<int>(i) + 1);
      }
      loop.abandon_when_left();
      signals[0].set();
      threads[0].join();
      signals[1].set();
      threads[1].join();
      CHECK(seen[0]);
      CHECK(owned.use_count() == 1);
    }
  }

  TEST_CASE("a thread knows whether it drives the loop, also from inside another one") {
    EventLoop outer;
    EventLoop inner;
    const auto innermost = [&]() -> Task<bool> {
      bool elsewhere = true;
      std::thread([&] { elsewhere = outer.is_driven_here(); }).join();
      co_return outer.is_driven_here() && inner.is_driven_here() && !elsewhere;
    };
    const auto inside = [&]() -> Task<bool> {
      const bool before = inner.is_driven_here();
      const bool both = inner.run(innermost(), "x").value();
      co_return !before && both;
    };
    CHECK(*outer.run(inside(), "x"));
    CHECK_FALSE(outer.is_driven_here());
    CHECK_FALSE(inner.is_driven_here());
  }

  // ---- posting and threads

  TEST_CASE("posted functions run in order on the thread that drives") {
    EventLoop loop;
    std::vector<int> order;
    std::thread::id ran_on;
    std::thread([&] {
      for (int i = 0; i < 100; ++i)
        loop.post([&, i] {
          order.push_back(i);
          ran_on = std::this_thread::get_id();
          if (Runtime::current() != &loop) order.push_back(-1);
        });
    }).join();
    CHECK(order.empty());
    CHECK_FALSE(loop.idle());
    CHECK(loop.run_until_idle());
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(ran_on == std::this_thread::get_id());
  }

  TEST_CASE("functions posted and tasks spawned from many threads all run") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    constexpr int threads_count = 4;
    constexpr int each = 2000;
    int posted = 0;
    int spawned = 0;
    Signal all;
    std::vector<std::thread> threads;
    const auto count = [](int& n) -> Task<void> {
      ++n;
      co_return;
    };
    for (int t = 0; t < threads_count; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < each; ++i) {
          loop.post([&] {
            if (++posted == threads_count * each) all.set();
          });
          loop.spawn(count(spawned));
        }
      });
    CHECK(*loop.run(wait_until_set(loop, all), "x"));
    for (std::thread& thread : threads) thread.join();
    CHECK(loop.run_until_idle());
    CHECK(posted == threads_count * each);
    CHECK(spawned == threads_count * each);
  }

  TEST_CASE("a post from another thread ends the loop's sleep, time after time") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    constexpr int rounds = 2000;
    Milestones seen;
    Signal done;
    std::thread poster([&] {
      for (int i = 0; i < rounds; ++i) {
        loop.post([&seen] { seen.reach(); });
        seen.wait_for(i + 1);  // the loop has nothing else to do and goes back to sleep
      }
      done.set();
    });
    CHECK(*loop.run(wait_until_set(loop, done), "x"));
    poster.join();
    CHECK(seen.count() == rounds);
  }

  TEST_CASE("a loop may be destroyed as soon as what was posted has run") {
    for (int round = 0; round < 300; ++round) {
      auto loop = std::make_unique<EventLoop>();
      Signal done;
      std::thread poster([&loop_ref = *loop, done] { loop_ref.post([done] { done.set(); }); });
      CHECK(*loop->run(wait_until_set(*loop, done), "x"));
      loop.reset();
      poster.join();
    }
  }

  TEST_CASE("several threads run tasks on one loop at once, each gets its own result") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    std::array<int, 4> sums{};
    const auto add = [&](int a, int b) -> Task<int> {
      Signal signal;
      loop.post([signal] { signal.set(); });
      co_await wait_until_set(loop, signal);
      CHECK(Runtime::current() == &loop);
      co_return a + b;
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < sums.size(); ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 300; ++i) sums[t] = loop.run(add(sums[t], 1), "x").value();
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(sums == std::array<int, 4>{300, 300, 300, 300});
    CHECK(loop.idle());
  }

  TEST_CASE("the driver's role is handed on when the driver leaves while others still wait") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    const auto counted = [&](Milestones& started, Signal signal) -> Task<std::thread::id> {
      started.reach();
      co_await wait_until_set(loop, signal);
      co_return std::this_thread::get_id();
    };
    for (int round = 0; round < 100; ++round) {
      Milestones started;
      std::array<Signal, 4> signals;
      std::array<std::thread, 4> threads;
      std::array<Milestones, 4> ended;
      for (std::size_t i = 0; i < 4; ++i) {
        threads[i] = std::thread([&, i] {
          const auto by = loop.run(counted(started, signals[i]), "x");
          if (!by) std::abort();
          ended[i].reach();
        });
        started.wait_for(static_cast<int>(i) + 1);
      }
      // The first drives; each that ends leaves the role to one of the rest.
      for (std::size_t i = 0; i < 4; ++i) {
        signals[i].set();
        ended[i].wait_for(1);
      }
      for (std::thread& thread : threads) thread.join();
    }
  }

  TEST_CASE("the role is handed on past a waiter that has ended together with the driver") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    const auto task = [&](Milestones& started, Signal signal) -> Task<void> {
      started.reach();
      co_await wait_until_set(loop, signal);
    };
    for (int round = 0; round < 300; ++round) {
      Milestones started;
      Signal together;
      Signal later;
      std::vector<std::thread> threads;
      const auto run = [&](const Signal& signal) {
        threads.emplace_back([&, signal] {
          if (!loop.run(task(started, signal), "x")) std::abort();
        });
        started.wait_for(static_cast<int>(threads.size()));
      };
      run(together);  // the driver
      run(later);     // the one that needs the role in the end
      run(together);
      run(together);
      together.set();
      // `later` is set only when the others have left, so nobody else can drive for it.
      threads[0].join();
      threads[2].join();
      threads[3].join();
      later.set();
      threads[1].join();
    }
  }

  TEST_CASE(
      "run_until_idle on another thread waits for the driver's tasks and takes over from it") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    for (int round = 0; round < 100; ++round) {
      Signal first;
      Signal second;
      Milestones started;
      bool finished = false;
      const auto background = [&]() -> Task<void> {
        co_await wait_until_set(loop, second);
        finished = true;
      };
      const auto foreground = [&]() -> Task<void> {
        loop.spawn(background());
        started.reach();
        co_await wait_until_set(loop, first);
      };
      std::thread driver([&] {
        if (!loop.run(foreground(), "x")) std::abort();
      });
      started.wait_for(1);
      bool idle_again = false;
      std::thread idler([&] {
        if (!loop.run_until_idle()) std::abort();
        idle_again = finished && loop.idle();
      });
      first.set();
      driver.join();
      second.set();
      idler.join();
      CHECK(idle_again);
    }
  }

  TEST_CASE("poll is done at once while another thread drives") {
    EventLoop loop;
    Signal signal;
    Milestones started;
    const auto task = [&]() -> Task<void> {
      started.reach();
      co_await wait_until_set(loop, signal);
    };
    std::thread driver([&] {
      if (!loop.run(task(), "x")) std::abort();
    });
    started.wait_for(1);
    CHECK(loop.poll());
    signal.set();
    driver.join();
  }

  TEST_CASE("drive_on_until keeps the driver until the condition holds") {
    EventLoop loop;
    Signal signal;
    std::atomic<bool> done{false};
    const auto last = [&]() -> Task<void> {
      co_await wait_until_set(loop, signal);
      done = true;
    };
    const auto first = [&]() -> Task<void> {
      loop.spawn(last());
      loop.post([signal] { signal.set(); });
      loop.drive_on_until([&done] { return done.load(); });
      co_return;
    };
    CHECK(loop.run(first(), "x"));
    CHECK(done);
  }

  // ---- exceptions

  TEST_CASE("what a spawned task throws leaves run_until_idle, and the loop goes on after it") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    int done = 0;
    Signal signal;
    const auto counts = [&]() -> Task<void> {
      co_await wait_until_set(loop, signal);
      ++done;
    };
    loop.spawn(counts());
    loop.spawn(throwing("first"));
    loop.spawn(counts());
    CHECK_THROWS_WITH_AS(static_cast<void>(loop.run_until_idle()), "first", std::runtime_error);
    CHECK(done == 0);  // at once: what is left may have to wait for ever
    signal.set();
    CHECK(loop.run_until_idle());
    CHECK(done == 2);
    CHECK(loop.idle());
  }

  TEST_CASE("what a spawned task throws leaves poll, and run after its own task has ended") {
    EventLoop loop;
    loop.spawn(throwing("in poll"));
    CHECK_THROWS_WITH_AS(static_cast<void>(loop.poll()), "in poll", std::runtime_error);
    CHECK(loop.poll());
    loop.spawn(throwing("in run"));
    bool ended = false;
    const auto task = [&]() -> Task<void> {
      Signal signal;
      loop.post([signal] { signal.set(); });
      co_await wait_until_set(loop, signal);
      ended = true;
    };
    CHECK_THROWS_WITH_AS(static_cast<void>(loop.run(task(), "x")), "in run", std::runtime_error);
    CHECK(ended);
    CHECK(*loop.run(answer(1), "x") == 1);
  }

  TEST_CASE("of several exceptions none is lost; they leave one at a time") {
    EventLoop loop;
    loop.spawn(throwing("one"));
    loop.spawn(throwing("two"));
    loop.spawn(throwing("three"));
    std::vector<std::string> texts;
    for (int i = 0; i < 5; ++i) {
      try {
        if (loop.run_until_idle()) texts.emplace_back("idle");
      } catch (const std::runtime_error& error) {
        texts.emplace_back(error.what());
      }
    }
    CHECK(texts == std::vector<std::string>{"one", "two", "three", "idle", "idle"});
  }

  TEST_CASE("what a posted function throws leaves the loop too, and the others still run") {
    EventLoop loop;
    std::vector<int> order;
    loop.post([&] { order.push_back(1); });
    loop.post([] { throw std::runtime_error("posted"); });
    loop.post([&] { order.push_back(2); });
    CHECK_THROWS_WITH_AS(static_cast<void>(loop.run_until_idle()), "posted", std::runtime_error);
    CHECK(order == std::vector<int>{1, 2});
    CHECK(loop.run_until_idle());
    CHECK(order == std::vector<int>{1, 2});
    std::thread other([&] {
      if (loop.run(answer(1), "x").value() != 1) std::abort();
    });
    other.join();
  }

  TEST_CASE("an exception goes to the thread that drives, not to one that only waits") {
    for (int round = 0; round < 100; ++round) {
      EventLoop loop;
      Signal waiter_signal;
      Signal driver_signal;
      Milestones started;
      const auto waits = [&](Signal signal) -> Task<void> {
        started.reach();
        co_await wait_until_set(loop, signal);
      };
      bool driver_threw = false;
      std::thread driver([&] {
        try {
          static_cast<void>(loop.run(waits(driver_signal), "x"));
        } catch (const std::runtime_error&) {
          driver_threw = true;
        }
      });
      started.wait_for(1);
      bool waiter_ended = false;
      std::thread waiter([&] { waiter_ended = loop.run(waits(waiter_signal), "x").has_value(); });
      started.wait_for(2);
      loop.spawn(throwing("background"));
      waiter_signal.set();
      waiter.join();
      driver_signal.set();
      driver.join();
      CHECK(waiter_ended);
      CHECK(driver_threw);
    }
  }

  // ---- offload

  TEST_CASE("an offloaded job runs on another thread while the loop serves its other tasks") {
    FOR_EACH_POLLER();
    EventLoop loop(loop_options(use_poll));
    Milestones go;
    std::thread::id job_thread;
    bool ready_first = false;
    const auto offloads = [&]() -> Task<std::thread::id> {
      Task<void> job = loop.offload([&] {
        go.wait_for(1);
        job_thread = std::this_thread::get_id();
      });
      co_await std::move(job);
      co_return std::this_thread::get_id();
    };
    // The job waits for this task: it would hang if the job stopped the loop.
    const auto other = [&]() -> Task<void> {
      ready_first = job_thread == std::thread::id();
      go.reach();
      co_return;
    };
    const auto scenario = [&]() -> Task<std::thread::id> {
      loop.post([&] { loop.spawn(other()); });
      const std::thread::id here = co_await offloads();
      co_return here;
    };
    CHECK(*loop.run(scenario(), "x") == std::this_thread::get_id());
    CHECK(ready_first);
    CHECK(job_thread != std::thread::id());
    CHECK(job_thread != std::this_thread::get_id());
  }

  TEST_CASE("what an offloaded job throws is its task's exception") {
    EventLoop loop;
    const Result<void> result = loop.run(loop.offload([] { throw std::out_of_range("job"); }), "x");
    REQUIRE_FALSE(result);
    CHECK(result.error() == Errc::user_exception);
    CHECK_THROWS_AS(result.value(), std::out_of_range);
    const auto catches = [&]() -> Task<std::string> {
      std::string text;
      try {
        co_await loop.offload([] { throw std::out_of_range("seen"); }).or_throw();
      } catch (const std::out_of_range& error) {
        text = error.what();
      }
      co_return text;
    };
    CHECK(*loop.run(catches(), "x") == "seen");
  }

  TEST_CASE("more jobs than helpers are all done") {
    EventLoop loop;
    std::atomic<int> done{0};
    std::vector<Task<void>> jobs;
    for (int i = 0; i < 100; ++i) jobs.push_back(loop.offload([&done] { done.fetch_add(1); }));
    CHECK(loop.run(okhttp::when_all(std::move(jobs)), "x"));
    CHECK(done == 100);
  }

  TEST_CASE("a task dropped while its job runs leaves the job to end by itself") {
    for (int round = 0; round < 50; ++round) {
      EventLoop loop;
      const auto started = std::make_shared<Milestones>();
      const auto go = std::make_shared<Milestones>();
      const auto ended = std::make_shared<std::atomic<bool>>(false);
      const auto scenario = [&]() -> Task<void> {
        std::optional<Task<void>> job(loop.offload([started, go, ended] {
          started->reach();
          go->wait_for(1);
          *ended = true;
        }));
        job->start();
        started->wait_for(1);
        job.reset();
        go->reach();
        co_return;
      };
      CHECK(loop.run(scenario(), "x"));
      CHECK(loop.run_until_idle());
    }
  }

  TEST_CASE("a loop destroyed while a job runs waits for the job") {
    Milestones started;
    Milestones go;
    std::atomic<bool> ended{false};
    std::thread releaser;
    {
      EventLoop loop;
      loop.spawn(loop.offload([&] {
        started.reach();
        go.wait_for(1);
        ended = true;
      }));
      CHECK(loop.poll());
      started.wait_for(1);
      releaser = std::thread([&] { go.reach(); });
    }
    CHECK(ended);
    releaser.join();
  }

  TEST_CASE("a job's result is written by the helper and read by the task without a race") {
    EventLoop loop;
    const auto compute = [&]() -> Task<int> {
      auto value = std::make_shared<int>(0);
      for (int i = 0; i < 100; ++i) {
        Task<void> job = loop.offload([value] { ++*value; });
        co_await std::move(job);
        ++*value;
      }
      co_return *value;
    };
    CHECK(*loop.run(compute(), "x") == 200);
  }

  TEST_CASE("a loop gives its descriptors back") {
    FOR_EACH_POLLER();
    const int before = support::open_descriptors();
    {
      EventLoop loop(loop_options(use_poll));
      CHECK(loop.run(answer(1), "x"));
      CHECK(support::open_descriptors() == before + 2);
    }
    CHECK(support::open_descriptors() == before);
  }
}

}  // namespace event_loop_test
