// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/sync.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <type_traits>
#include <vector>

namespace sync_test {

TEST_SUITE("runtime/sync") {
  TEST_CASE("locks are those of the standard library when there are threads") {
    static_assert(std::is_same_v<okhttp::detail::SyncMutex, std::mutex>);
    static_assert(std::is_same_v<okhttp::detail::SyncLock, std::unique_lock<std::mutex>>);
    okhttp::detail::SyncMutex mutex;
    int count = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          const okhttp::detail::SyncLock lock(mutex);
          ++count;
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(count == 4000);
  }

  TEST_CASE("living threads have marks of their own, and each always gives the same") {
    const void* const mine = okhttp::detail::this_thread();
    CHECK(mine != nullptr);
    CHECK(okhttp::detail::this_thread() == mine);
    const void* other = nullptr;
    std::thread([&other] { other = okhttp::detail::this_thread(); }).join();
    CHECK(other != nullptr);
    CHECK(other != mine);
  }
}

}  // namespace sync_test
