// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/helper_threads.hpp>

#include <doctest/doctest.h>

#include "support/fork.hpp"
#include "support/runtime_support.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace helper_threads_test {

using okhttp::detail::HelperThreads;
using support::Milestones;

TEST_SUITE("runtime/helper_threads") {
  TEST_CASE("a job runs on another thread, which ends when there is no more work") {
    HelperThreads helpers(2);
    CHECK(helpers.running() == 0);
    std::thread::id helper;
    CHECK(helpers.submit([&helper] { helper = std::this_thread::get_id(); }));
    helpers.join();
    CHECK(helpers.running() == 0);
    CHECK(helper != std::thread::id());
    CHECK(helper != std::this_thread::get_id());
  }

  TEST_CASE("joining idle helpers returns at once") {
    HelperThreads helpers(2);
    helpers.join();
    helpers.join();
    CHECK(helpers.running() == 0);
  }

  TEST_CASE("there are never more helpers than allowed, and waiting jobs run when one is free") {
    HelperThreads helpers(3);
    Milestones started;
    Milestones release;
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    for (int i = 0; i < 10; ++i)
      CHECK(helpers.submit([&] {
        const int now = inside.fetch_add(1) + 1;
        int seen = most.load();
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        started.reach();
        release.wait_for(1);
        inside.fetch_sub(1);
      }));
    started.wait_for(3);
    CHECK(helpers.running() == 3);
    CHECK(started.count() == 3);
    release.reach();
    helpers.join();
    CHECK(started.count() == 10);
    CHECK(most == 3);
    CHECK(helpers.running() == 0);
  }

  TEST_CASE("one helper does its jobs in the order they came") {
    HelperThreads helpers(1);
    Milestones go;
    std::vector<int> order;
    CHECK(helpers.submit([&] { go.wait_for(1); }));
    for (int i = 0; i < 100; ++i) CHECK(helpers.submit([&order, i] { order.push_back(i); }));
    go.reach();
    helpers.join();
    REQUIRE(order.size() == 100);
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == static_cast<int>(i));
  }

  TEST_CASE("helpers start again after they have ended") {
    HelperThreads helpers(2);
    int count = 0;
    for (int round = 0; round < 50; ++round) {
      CHECK(helpers.submit([&count] { ++count; }));
      helpers.join();
    }
    CHECK(count == 50);
  }

  TEST_CASE("many threads submit at once and no job is lost") {
    HelperThreads helpers(4);
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 250; ++i)
          if (!helpers.submit([&done] { done.fetch_add(1); })) std::abort();
      });
    for (std::thread& thread : threads) thread.join();
    helpers.join();
    CHECK(done == 1000);
  }

  TEST_CASE("what a job owns is gone when it counts as done") {
    HelperThreads helpers(1);
    auto owned = std::make_shared<int>(7);
    const std::weak_ptr<int> watched = owned;
    CHECK(helpers.submit([owned = std::move(owned)] { static_cast<void>(*owned); }));
    helpers.join();
    CHECK(watched.expired());
  }

  TEST_CASE("a helper may outlive the object that started it") {
    Milestones go;
    Milestones ended;
    {
      HelperThreads helpers(1);
      CHECK(helpers.submit([&] {
        go.wait_for(1);
        ended.reach();
      }));
    }
    go.reach();
    ended.wait_for(1);
  }

#if OKHTTP_TEST_FORKS
  TEST_CASE("a child process has helpers of its own") {
    HelperThreads helpers(1);
    Milestones begun;
    Milestones release;
    std::atomic<int> ran{0};
    CHECK(helpers.submit([&] {
      begun.reach();
      release.wait_for(1);
    }));
    CHECK(helpers.submit([&] { ++ran; }));  // behind it
    begun.wait_for(1);
    REQUIRE(okhttp_tests::others_sleep());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::alarm(20);
      const bool submitted = helpers.submit([&] { ran += 10; });
      helpers.join();
      ::_exit(submitted && ran == 10 && helpers.running() == 0 ? 0 : 1);
    }
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    release.reach();
    helpers.join();
    CHECK(ran == 1);
  }
#endif
}

}  // namespace helper_threads_test
