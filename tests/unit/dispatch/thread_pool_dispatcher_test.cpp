// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/thread_pool_dispatcher.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/event_loop.hpp>

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "support/runtime_support.hpp"

namespace thread_pool_dispatcher_test {

using namespace okhttp;
using support::Milestones;

namespace {

Task<void> call(UniqueFunction<void()> function) {
  function();
  co_return;
}

}  // namespace

TEST_SUITE("dispatch/thread_pool_dispatcher") {
  TEST_CASE("every job has a thread of its own") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    CHECK(backend->runtime().blocks());
    Milestones here;
    constexpr int jobs = 10;
    // None ends before all have begun.
    for (int i = 0; i < jobs; ++i)
      backend->execute(call([&] {
        here.reach();
        here.wait_for(jobs);
      }));
    CHECK(backend->poll());
    CHECK(backend->run_until_idle());
    CHECK(here.count() == jobs);
    backend->shut_down();
  }

  TEST_CASE("threads without work are used again") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    std::set<std::thread::id> threads;
    for (int i = 0; i < 200; ++i) {
      backend->execute(call([&] { threads.insert(std::this_thread::get_id()); }));
      CHECK(backend->run_until_idle());
    }
    // A thread may not yet have gone back to sleep when the next job comes.
    CHECK(threads.size() < 100);
    backend->shut_down();
  }

  TEST_CASE("jobs run tasks of the pool's runtime") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    TaskRunner* seen = nullptr;
    backend->execute(call([&] { seen = TaskRunner::current(); }));
    CHECK(backend->run_until_idle());
    CHECK(seen == &backend->runtime());
    backend->shut_down();
  }

  TEST_CASE("run_until_idle waits for jobs that jobs bring, and is misuse inside one") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    std::atomic<int> ran{0};
    Errc code{};
    backend->execute(call([&] {
      const Result<void> idle = backend->run_until_idle();
      code = idle.error().code();
      backend->execute(call([&] {
        backend->execute(call([&] { ++ran; }));
        ++ran;
      }));
      ++ran;
    }));
    CHECK(backend->run_until_idle());
    CHECK(ran == 3);
    CHECK(code == Errc::misuse);
    backend->shut_down();
  }

  TEST_CASE("shutting down waits for all jobs and takes none from then on") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    std::atomic<int> ran{0};
    for (int i = 0; i < 50; ++i) backend->execute(call([&] { ++ran; }));
    backend->shut_down();
    CHECK(ran == 50);
    // Whoever is late runs it himself: there is no thread left.
    std::thread::id where;
    backend->execute(call([&] { where = std::this_thread::get_id(); }));
    CHECK(where == std::this_thread::get_id());
    EventLoop loop;
    where = {};
    auto on_loop = [](DispatchBackend& b, std::thread::id& w) -> Task<void> {
      b.execute(call([&w] { w = std::this_thread::get_id(); }));
      co_return;
    };
    CHECK(loop.run(on_loop(*backend, where), ""));
    CHECK(where == std::this_thread::get_id());
  }

  TEST_CASE("a job may shut the pool down and destroy it") {
    struct Shared {
      Milestones ended;
      Milestones held;
    };
    // Threads that nobody joins own what they use, for they may be the last that do.
    auto shared = std::make_shared<Shared>();
    const std::weak_ptr<Shared> watched = shared;
    auto backend = std::shared_ptr<DispatchBackend>(ThreadPoolDispatcher().make_backend());
    DispatchBackend& pool = *backend;
    for (int i = 0; i < 3; ++i)
      pool.execute(call([shared] {
        shared->ended.reach();
        shared->held.wait_for(1);
      }));
    shared->ended.wait_for(3);
    // One behind it still runs.
    pool.execute(call([shared, own = std::move(backend)]() mutable {
      own->execute(call([shared] { shared->ended.reach(); }));
      own->shut_down();
      own.reset();
      shared->held.reach();
      shared->ended.reach();
    }));
    shared->ended.wait_for(5);
    shared.reset();
    while (!watched.expired()) std::this_thread::yield();
  }

  TEST_CASE("many threads give jobs while others end") {
    const auto backend = ThreadPoolDispatcher().make_backend();
    std::atomic<int> ran{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 250; ++i) backend->execute(call([&] { ++ran; }));
      });
    for (std::thread& thread : threads) thread.join();
    backend->shut_down();
    CHECK(ran == 1000);
  }
}

}  // namespace thread_pool_dispatcher_test
