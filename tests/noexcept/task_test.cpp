// SPDX-License-Identifier: Apache-2.0
// The rules of a task that matter most, in a program built with -fno-exceptions -fno-rtti.
#include <okhttp/base/task.hpp>
#include <okhttp/base/task_runner.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/base/when_all.hpp>

#include "support/parked_leaf.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

static_assert(OKHTTP_EXCEPTIONS == 0, "this test is about a build without exceptions");

using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;
using okhttp::Task;
using support::ParkingLot;

namespace {

int failures = 0;

void check(bool holds, const char* what, int line) {
  if (holds) return;
  ++failures;
  std::printf("noexcept/task_test.cpp:%d: does not hold: %s\n", line, what);
}
#define HOLDS(claim) check(static_cast<bool>(claim), #claim, __LINE__)

using Log = std::vector<std::string>;

struct Mark {
  Mark(Log& to, const char* text) : log(to), name(text) {}
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
  ~Mark() { log.push_back(std::string("~") + name); }
  Log& log;
  const char* name;
};

[[gnu::noinline]] std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

Task<int> leaf(ParkingLot& lot, bool ready, bool good, Log& log) {
  const Mark mark(log, "leaf");
  co_await lot.park(ready);
  if (!good) co_await okhttp::fail(Error(Errc::io, "broken", Error(Errc::tls, "behind it")));
  co_return 20;
}
Task<int> middle(ParkingLot& lot, bool ready, bool good, Log& log) {
  const Mark mark(log, "middle");
  const int value = co_await leaf(lot, ready, good, log);
  log.emplace_back("middle goes on");
  co_return value + 1;
}
Task<std::string> catching(ParkingLot& lot, bool ready, bool good, Log& log) {
  Result<int> result = co_await middle(lot, ready, good, log).outcome();
  log.emplace_back("catching goes on");
  co_return result ? std::to_string(*result) : result.error().message();
}
Task<int> chain(int depth, ParkingLot& lot, bool ready, bool good) {
  if (depth == 0) {
    co_await lot.park(ready);
    if (!good) co_await okhttp::fail(Errc::unexpected_end, "deep down");
    co_return 0;
  }
  const int below = co_await chain(depth - 1, lot, ready, good);
  co_return below + 1;
}

void failures_and_values() {
  ParkingLot lot;
  for (const bool ready : {true, false})
    for (const bool good : {true, false}) {
      Log log;
      Task<std::string> task = catching(lot, ready, good, log);
      HOLDS(!task.finished());
      HOLDS(log.empty());
      task.start();
      lot.wake_all();
      HOLDS(task.finished());
      const Result<std::string> result = task.take_result();
      HOLDS(result && *result == (good ? "21" : "broken"));
      if (good)
        HOLDS((log == Log{"~leaf", "middle goes on", "~middle", "catching goes on"}));
      else
        HOLDS((log == Log{"~leaf", "~middle", "catching goes on"}));
      HOLDS(lot.alive() == 0);
    }
  Log log;
  Task<int> root = middle(lot, true, false, log);
  root.start();
  const Result<int> result = root.take_result();
  HOLDS(!result && result.error() == Errc::io);
  HOLDS(result.error().cause() != nullptr && *result.error().cause() == Errc::tls);
  HOLDS(result.error().exception() == nullptr);
}

void deep_chains() {
  ParkingLot lot;
  for (const bool ready : {true, false})
    for (const bool good : {true, false}) {
      Task<int> task = chain(1000, lot, ready, good);
      task.start();
      HOLDS(task.finished() == ready);
      lot.wake_all();
      HOLDS(task.finished());
      const Result<int> result = task.take_result();
      HOLDS(result.has_value() == good);
      HOLDS(good ? *result == 1000 : result.error() == Errc::unexpected_end);
      HOLDS(lot.alive() == 0);
    }
  {
    const Task<int> suspended = chain(1000, lot, false, true);
    suspended.start();
    HOLDS(lot.parked() == 1);
  }
  HOLDS(lot.parked() == 0 && lot.alive() == 0);
}

Task<std::uintptr_t> where() { co_return stack_position(); }
Task<int> always_failing() {
  co_await okhttp::fail(Errc::io, "x");
  co_return 0;
}
Task<bool> many_awaits() {
  const std::uintptr_t first = co_await where();
  bool same = true;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uintptr_t position = co_await where();
    same = same && position == first;
  }
  for (int i = 0; i < 100'000; ++i) {
    Result<int> result = co_await always_failing().outcome();
    same = same && !result;
  }
  co_return same;
}

void stack_does_not_grow() {
  Task<bool> task = many_awaits();
  task.start();
  HOLDS(task.finished());
  HOLDS(*task.take_result());
}

Task<std::unique_ptr<int>> owned(ParkingLot& lot, int number, bool ready, bool good) {
  co_await lot.park(ready);
  if (!good) co_await okhttp::fail(Errc::dns, "no such host");
  co_return std::make_unique<int>(number);
}

void groups() {
  ParkingLot lot;
  {
    std::vector<Task<std::unique_ptr<int>>> tasks;
    tasks.push_back(owned(lot, 1, false, true));
    tasks.push_back(owned(lot, 2, true, false));
    tasks.push_back(owned(lot, 3, false, true));
    Task<std::vector<Result<std::unique_ptr<int>>>> all = okhttp::when_all(std::move(tasks));
    all.start();
    HOLDS(lot.parked() == 2);
    lot.wake_last();
    lot.wake_last();
    HOLDS(all.finished());
    Result<std::vector<Result<std::unique_ptr<int>>>> results = all.take_result();
    HOLDS(results && results->size() == 3);
    HOLDS(**(*results)[0] == 1);
    HOLDS((*results)[1].error() == Errc::dns);
    HOLDS(**(*results)[2] == 3);
  }
  {
    std::vector<Task<std::unique_ptr<int>>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(owned(lot, i, false, true));
    Task<std::pair<std::size_t, Result<std::unique_ptr<int>>>> any =
        okhttp::when_any(std::move(tasks));
    any.start();
    HOLDS(lot.parked() == 3);
    lot.wake_last();
    HOLDS(any.finished());
    HOLDS(lot.alive() == 0);
    Result<std::pair<std::size_t, Result<std::unique_ptr<int>>>> first = any.take_result();
    HOLDS(first && first->first == 2 && **first->second == 2);
  }
}

class Runner : public okhttp::TaskRunner {
 public:
  Runner() : TaskRunner(true) {}
  Task<void> offload(okhttp::UniqueFunction<void()> job) override {
    job();
    co_return;
  }

 protected:
  Result<void> run_root(Task<void>, const char* async_twin) override {
    return Error(Errc::misuse, async_twin);
  }
};

void runners() {
  Runner runner;
  ParkingLot lot;
  const Result<std::unique_ptr<int>> result = runner.run(owned(lot, 7, true, true), "async_owned");
  HOLDS(result && **result == 7);
  HOLDS(runner.run(owned(lot, 7, true, false), "async_owned").error() == Errc::dns);
  const Result<std::unique_ptr<int>> stuck = runner.run(owned(lot, 7, false, true), "async_owned");
  HOLDS(!stuck && stuck.error() == Errc::misuse);
  HOLDS(lot.alive() == 0);
  auto number = std::make_unique<int>(1);
  int seen = 0;
  HOLDS(runner.run(runner.offload([number = std::move(number), &seen] { seen = *number; }),
                   "async_offload"));
  HOLDS(seen == 1);
}

}  // namespace

TEST_SUITE("noexcept/task") {
  TEST_CASE("the rules of a task hold without exceptions and RTTI") {
    failures_and_values();
    deep_chains();
    stack_does_not_grow();
    groups();
    runners();
    CHECK(failures == 0);
  }
}
