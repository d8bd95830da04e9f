// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/inline_dispatcher.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/event_loop.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace inline_dispatcher_test {

using namespace okhttp;

namespace {

Task<void> note(std::string& into, char mark) {
  into += mark;
  co_return;
}
Task<void> note_and_enqueue(std::string& into, char mark, DispatchBackend& backend, char next) {
  into += mark;
  backend.execute(note(into, next));
  co_return;
}
Task<void> throw_something() {
  throw std::runtime_error("from a callback");
  co_return;
}

}  // namespace

TEST_SUITE("dispatch/inline_dispatcher") {
  TEST_CASE("poll runs what is there, in order; run_until_idle also what that brings") {
    const auto backend = InlineDispatcher().make_backend();
    CHECK(backend->runtime().blocks());
    std::string ran;
    backend->execute(note_and_enqueue(ran, 'a', *backend, 'c'));
    backend->execute(note(ran, 'b'));
    CHECK(ran.empty());
    CHECK(backend->poll());
    CHECK(ran == "ab");
    CHECK(backend->poll());
    CHECK(ran == "abc");
    backend->execute(note_and_enqueue(ran, 'd', *backend, 'e'));
    CHECK(backend->run_until_idle());
    CHECK(ran == "abcde");
    CHECK(backend->run_until_idle());
  }

  TEST_CASE("an exception leaves poll, and the jobs behind it stay") {
    const auto backend = InlineDispatcher().make_backend();
    std::string ran;
    backend->execute(note(ran, 'a'));
    backend->execute(throw_something());
    backend->execute(note(ran, 'b'));
    CHECK_THROWS_WITH_AS(static_cast<void>(backend->poll()), "from a callback", std::runtime_error);
    CHECK(ran == "a");
    CHECK(backend->run_until_idle());
    CHECK(ran == "ab");
  }

  TEST_CASE("poll on an event loop's thread is misuse and loses no job") {
    const auto backend = InlineDispatcher().make_backend();
    std::string ran;
    backend->execute(note(ran, 'a'));
    EventLoop loop;
    auto try_it = [](DispatchBackend& b) -> Task<Errc> {
      Result<void> polled = b.poll();
      co_return polled.error().code();
    };
    CHECK(*loop.run(try_it(*backend), "") == Errc::misuse);
    CHECK(ran.empty());
    CHECK(backend->poll());
    CHECK(ran == "a");
  }

  TEST_CASE("shutting down runs every job, whatever they throw and whatever thread this is") {
    for (const bool on_loop : {false, true}) {
      CAPTURE(on_loop);
      const auto backend = InlineDispatcher().make_backend();
      std::string ran;
      backend->execute(note(ran, 'a'));
      backend->execute(throw_something());
      backend->execute(note_and_enqueue(ran, 'b', *backend, 'c'));
      if (!on_loop) {
        backend->shut_down();
      } else {
        EventLoop loop;
        auto end = [](DispatchBackend& b) -> Task<void> {
          b.shut_down();
          co_return;
        };
        CHECK(loop.run(end(*backend), ""));
      }
      CHECK(ran == "abc");
    }
  }
}

}  // namespace inline_dispatcher_test
