// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/event_loop_dispatcher.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "support/runtime_support.hpp"

namespace event_loop_dispatcher_test {

using namespace okhttp;
using support::Milestones;

namespace {

Task<void> note(std::string& into, char mark, Signal after) {
  WaitItem item(after);
  co_await Runtime::current()->wait_any(std::span(&item, 1), Deadline::never());
  into += mark;
}
Signal set_signal() {
  Signal signal;
  signal.set();
  return signal;
}
Task<void> throw_something() {
  throw std::runtime_error("from a callback");
  co_return;
}
Task<void> wait_for_ever(std::shared_ptr<int> canary) {
  (void)canary;
  const Signal never;
  WaitItem item(never);
  co_await Runtime::current()->wait_any(std::span(&item, 1), Deadline::never());
}

EventLoop& loop_of(DispatchBackend& backend) { return static_cast<EventLoop&>(backend.runtime()); }

}  // namespace

TEST_SUITE("dispatch/event_loop_dispatcher") {
  TEST_CASE("jobs run while the loop is driven") {
    FOR_EACH_POLLER();
    const auto backend = EventLoopDispatcher(support::loop_options(use_poll)).make_backend();
    CHECK_FALSE(backend->runtime().blocks());
    std::string ran;
    const Signal later;
    backend->execute(note(ran, 'a', later));
    backend->execute(note(ran, 'b', set_signal()));
    CHECK(ran.empty());
    CHECK(backend->poll());
    CHECK(ran == "b");
    later.set();
    CHECK(backend->run_until_idle());
    CHECK(ran == "ba");
    backend->shut_down();
  }

  TEST_CASE("an exception leaves run_until_idle; other jobs go on") {
    const auto backend = EventLoopDispatcher().make_backend();
    std::string ran;
    backend->execute(throw_something());
    backend->execute(note(ran, 'a', set_signal()));
    CHECK_THROWS_AS(static_cast<void>(backend->run_until_idle()), std::runtime_error);
    CHECK(backend->run_until_idle());
    CHECK(ran == "a");
    backend->shut_down();
  }

  TEST_CASE("shutting down runs the jobs, whatever they throw, and gives the user's tasks up") {
    FOR_EACH_POLLER();
    const auto backend = EventLoopDispatcher(support::loop_options(use_poll)).make_backend();
    auto canary = std::make_shared<int>();
    const std::weak_ptr<int> watched = canary;
    loop_of(*backend).spawn(wait_for_ever(canary));
    CHECK(backend->poll());                          // one that waits
    loop_of(*backend).spawn(wait_for_ever(std::move(canary)));  // one that has not begun
    std::string ran;
    const Signal later;
    backend->execute(note(ran, 'a', later));
    backend->execute(throw_something());
    backend->execute(note(ran, 'b', set_signal()));
    std::thread other([&] { later.set(); });
    backend->shut_down();
    other.join();
    CHECK(ran.size() == 2);
    CHECK(watched.expired());
    CHECK(loop_of(*backend).idle());
  }

  TEST_CASE("shutting down on the loop's own thread ends when the driver leaves") {
    for (const bool nested : {false, true}) {
      CAPTURE(nested);  // with another runtime on top of the stack
      const auto backend = EventLoopDispatcher().make_backend();
      EventLoop& loop = loop_of(*backend);
      auto canary = std::make_shared<int>();
      const std::weak_ptr<int> watched = canary;
      loop.spawn(wait_for_ever(std::move(canary)));
      std::string ran;
      const Signal later;
      backend->execute(note(ran, 'a', later));
      auto end = [](DispatchBackend& b, bool on_top) -> Task<void> {
        if (on_top) {
          EventLoop inner;
          auto from_inner = [](DispatchBackend& outer) -> Task<void> {
            outer.shut_down();
            co_return;
          };
          CHECK(inner.run(from_inner(b), ""));
        } else {
          b.shut_down();
        }
        co_return;
      };
      std::thread other([&] { later.set(); });
      CHECK(loop.run(end(*backend, nested), ""));
      other.join();
      CHECK(ran == "a");
      CHECK(watched.expired());
    }
  }

  TEST_CASE("shutting down while another thread drives leaves the rest to that thread") {
    const auto backend = EventLoopDispatcher().make_backend();
    EventLoop& loop = loop_of(*backend);
    Milestones drives;
    const Signal go;
    std::string ran;
    auto stay = [](Milestones& m, Signal until) -> Task<int> {
      m.reach();
      WaitItem item(until);
      co_await Runtime::current()->wait_any(std::span(&item, 1), Deadline::never());
      co_return 7;
    };
    int result = 0;
    std::thread driver([&] { result = *loop.run(stay(drives, go), ""); });
    drives.wait_for(1);
    auto canary = std::make_shared<int>();
    const std::weak_ptr<int> watched = canary;
    loop.spawn(wait_for_ever(std::move(canary)));
    backend->execute(note(ran, 'a', set_signal()));
    backend->shut_down();
    CHECK(ran == "a");
    go.set();
    driver.join();
    CHECK(result == 7);  // somebody waits for it, so it was not given up
    CHECK(watched.expired());
  }

  TEST_CASE("jobs given while shutting down are run as well") {
    const auto backend = EventLoopDispatcher().make_backend();
    std::string ran;
    auto more = [](DispatchBackend& b, std::string& into) -> Task<void> {
      b.execute(note(into, 'b', set_signal()));
      into += 'a';
      co_return;
    };
    backend->execute(more(*backend, ran));
    backend->shut_down();
    CHECK(ran == "ab");
  }

  TEST_CASE("after the end the loop still serves those who wait for their own task") {
    const auto backend = EventLoopDispatcher().make_backend();
    backend->shut_down();
    auto seven = []() -> Task<int> {
      co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
      co_return 7;
    };
    CHECK(*loop_of(*backend).run(seven(), "") == 7);
    auto canary = std::make_shared<int>();
    const std::weak_ptr<int> watched = canary;
    loop_of(*backend).spawn(wait_for_ever(std::move(canary)));
    CHECK(backend->poll());
    CHECK(watched.expired());
  }
}

}  // namespace event_loop_dispatcher_test
