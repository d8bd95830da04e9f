// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/lazily_made.hpp>

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

namespace lazily_made_test {

using okhttp::detail::LazilyMade;

TEST_SUITE("base/lazily_made") {
  TEST_CASE("makes its value once, when it is first asked for") {
    int made = 0;
    const LazilyMade<std::string> value;
    const auto make = [&] { return "value " + std::to_string(++made); };
    CHECK(value.get(make) == "value 1");
    CHECK(value.get(make) == "value 1");
    CHECK(made == 1);
  }

  TEST_CASE("a copy, and one that was reset, make their own") {
    LazilyMade<int> value;
    CHECK(value.get([] { return 1; }) == 1);
    const LazilyMade<int> copy = value;
    CHECK(copy.get([] { return 2; }) == 2);
    value.reset();
    CHECK(value.get([] { return 3; }) == 3);
  }

  TEST_CASE("all threads get the same value") {
    for (int round = 0; round < 100; ++round) {
      const LazilyMade<std::string> value;
      std::vector<std::thread> threads;
      const std::string* seen[4] = {};
      for (int i = 0; i < 4; ++i)
        threads.emplace_back(
            [&value, &seen, i] { seen[i] = &value.get([i] { return std::to_string(i); }); });
      for (std::thread& thread : threads) thread.join();
      for (const std::string* mine : seen) CHECK(mine == seen[0]);
    }
  }
}

}  // namespace lazily_made_test
