// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/when_all.hpp>

#include <doctest/doctest.h>

#include "support/parked_leaf.hpp"

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace when_all_test {

using okhttp::Errc;
using okhttp::Result;
using okhttp::Task;
using okhttp::when_all;
using okhttp::when_any;
using support::ParkingLot;

namespace {

using Log = std::vector<std::string>;

// A lock that is handed on in the order of asking. Whoever gets it goes on from the ready queue,
// not from inside `unlock`.
class FifoMutex {
 public:
  class Guard {
   public:
    explicit Guard(FifoMutex& mutex) : mutex_(&mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (mutex_ != nullptr) mutex_->unlock();
    }

   private:
    FifoMutex* mutex_;
  };

  class Lock : public okhttp::RuntimeAwaitable {
   public:
    explicit Lock(FifoMutex& mutex) : mutex_(mutex) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
      std::erase(mutex_.waiting_, this);
      if (std::erase(mutex_.ready_, this) > 0) mutex_.unlock();  // was given it, never had it
    }
    bool await_ready() const { return !std::exchange(mutex_.locked_, true); }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      mutex_.waiting_.push_back(this);
    }
    Guard await_resume() const { return Guard(mutex_); }

   private:
    friend class FifoMutex;
    FifoMutex& mutex_;
    std::coroutine_handle<> handle_;
  };

  Lock lock() { return Lock(*this); }
  bool locked() const { return locked_; }
  std::size_t waiting() const { return waiting_.size() + ready_.size(); }
  void run_ready() {
    while (!ready_.empty()) {
      const std::coroutine_handle<> handle = ready_.front()->handle_;
      ready_.pop_front();
      okhttp::detail::drive(handle);
    }
  }

 private:
  void unlock() {
    if (waiting_.empty()) {
      locked_ = false;
      return;
    }
    ready_.push_back(waiting_.front());
    waiting_.pop_front();
  }

  bool locked_ = false;
  std::deque<Lock*> waiting_;
  std::deque<Lock*> ready_;
};

[[gnu::noinline]] std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

struct Mark {
  Mark(Log& to, std::string text) : log(to), name(std::move(text)) {}
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
  ~Mark() { log.push_back("~" + name); }
  Log& log;
  std::string name;
};

Task<int> child(ParkingLot& lot, Log& log, int id, bool ready, bool good = true) {
  const std::string name = std::to_string(id);
  const Mark mark(log, name);
  log.push_back(name + " starts");
  co_await lot.park(ready);
  if (!good) co_await okhttp::fail(Errc::io, "child " + name);
  log.push_back(name + " ends");
  co_return 10 * id;
}

Task<int> locking(FifoMutex& mutex, ParkingLot& lot, Log& log, int id, bool good) {
  const std::string name = std::to_string(id);
  const FifoMutex::Guard guard = co_await mutex.lock();
  log.push_back(name + " locked");
  const Mark mark(log, name);
  co_await lot.park();
  if (!good) co_await okhttp::fail(Errc::io, "child " + name);
  co_return id;
}

void start_and_wake(const auto& task, ParkingLot& lot) {
  task.start();
  lot.wake_all();
  REQUIRE(task.finished());
}

}  // namespace

TEST_SUITE("base/when_all") {
  TEST_CASE("ready children run one after the other, and a failure leaves the others alone") {
    ParkingLot lot;
    Log log;
    std::vector<Task<int>> tasks;
    tasks.push_back(child(lot, log, 1, true));
    tasks.push_back(child(lot, log, 2, true, false));
    tasks.push_back(child(lot, log, 3, true));
    Task<std::vector<Result<int>>> all = when_all(std::move(tasks));
    CHECK(log.empty());
    all.start();
    REQUIRE(all.finished());
    const std::vector<Result<int>> results = all.take_result().value();
    REQUIRE(results.size() == 3);
    CHECK(*results[0] == 10);
    CHECK(results[1].error() == Errc::io);
    CHECK(results[1].error().message() == "child 2");
    CHECK(*results[2] == 30);
    CHECK(log == Log{"1 starts", "1 ends", "~1", "2 starts", "~2", "3 starts", "3 ends", "~3"});
  }

  TEST_CASE("parked children wait at the same time, and their results keep the order of the list") {
    ParkingLot lot;
    Log log;
    std::vector<Task<int>> tasks;
    for (int id = 1; id <= 4; ++id) tasks.push_back(child(lot, log, id, id == 2, id != 3));
    Task<std::vector<Result<int>>> all = when_all(std::move(tasks));
    all.start();
    CHECK(lot.parked() == 3);
    while (lot.wake_last()) CHECK(all.finished() == (lot.parked() == 0));
    const std::vector<Result<int>> results = all.take_result().value();
    REQUIRE(results.size() == 4);
    CHECK(*results[0] == 10);
    CHECK(*results[1] == 20);
    CHECK(results[2].error() == Errc::io);
    CHECK(*results[3] == 40);
    CHECK(lot.alive() == 0);
  }

  TEST_CASE("no children are done at once") {
    Task<std::vector<Result<int>>> all = when_all(std::vector<Task<int>>());
    all.start();
    REQUIRE(all.finished());
    CHECK(all.take_result().value().empty());
  }

  TEST_CASE("children may give nothing, or what only moves") {
    ParkingLot lot;
    const auto nothing = [&](bool good) -> Task<void> {
      co_await lot.park(good);
      if (!good) co_await okhttp::fail(Errc::dns, "x");
    };
    std::vector<Task<void>> tasks;
    tasks.push_back(nothing(true));
    tasks.push_back(nothing(false));
    Task<std::vector<Result<void>>> all = when_all(std::move(tasks));
    start_and_wake(all, lot);
    const std::vector<Result<void>> results = all.take_result().value();
    CHECK(results[0]);
    CHECK(results[1].error() == Errc::dns);

    const auto pointer = [&](int number) -> Task<std::unique_ptr<int>> {
      co_await lot.park();
      co_return std::make_unique<int>(number);
    };
    std::vector<Task<std::unique_ptr<int>>> pointers;
    pointers.push_back(pointer(1));
    pointers.push_back(pointer(2));
    Task<std::vector<Result<std::unique_ptr<int>>>> both = when_all(std::move(pointers));
    start_and_wake(both, lot);
    CHECK(**both.take_result().value()[1] == 2);
  }

  TEST_CASE("what a child throws is its result") {
    const auto throwing = []() -> Task<int> {
      throw std::runtime_error("user");
      co_return 0;
    };
    std::vector<Task<int>> tasks;
    tasks.push_back(throwing());
    Task<std::vector<Result<int>>> all = when_all(std::move(tasks));
    all.start();
    std::vector<Result<int>> results = all.take_result().value();
    CHECK(results[0].error() == Errc::user_exception);
    CHECK_THROWS_AS(static_cast<void>(results[0].value()), std::runtime_error);
  }

  TEST_CASE("a value that throws when moved does not keep the group waiting") {
    struct Stubborn {
      explicit Stubborn(int limit) : moves_left(limit) {}
      Stubborn(Stubborn&& other) : moves_left(other.moves_left - 1) {
        if (moves_left < 0) throw std::runtime_error("does not move");
      }
      int moves_left;
    };
    ParkingLot lot;
    const auto make = [&](int limit) -> Task<Stubborn> {
      co_await lot.park();
      co_return Stubborn(limit);
    };
    for (int limit = 0; limit < 20; ++limit) {
      CAPTURE(limit);
      std::vector<Task<Stubborn>> tasks;
      tasks.push_back(make(limit));
      tasks.push_back(make(100));
      const auto counting = [&]() -> Task<std::size_t> {
        Result<std::vector<Result<Stubborn>>> all = co_await when_all(std::move(tasks)).outcome();
        co_return all ? all->size() : std::size_t{0};
      };
      Task<std::size_t> task = counting();
      start_and_wake(task, lot);
      const Result<std::size_t> count = task.take_result();
      REQUIRE(count);
      CHECK((*count == 2 || *count == 0));
      if (limit == 0 || limit == 19) CHECK(*count == 2);
    }
  }

  TEST_CASE("a failed child has released its locks before its siblings run") {
    ParkingLot lot;
    FifoMutex mutex;
    Log log;
    std::vector<Task<int>> tasks;
    tasks.push_back(locking(mutex, lot, log, 1, false));
    tasks.push_back(locking(mutex, lot, log, 2, false));
    tasks.push_back(locking(mutex, lot, log, 3, true));
    Task<std::vector<Result<int>>> all = when_all(std::move(tasks));
    all.start();
    CHECK(lot.parked() == 1);
    CHECK(mutex.waiting() == 2);
    lot.wake_all();  // 1 fails, and the lock is handed on although the group still waits
    CHECK(log == Log{"1 locked", "~1"});
    mutex.run_ready();
    CHECK(log == Log{"1 locked", "~1", "2 locked"});
    lot.wake_all();
    mutex.run_ready();
    CHECK_FALSE(all.finished());
    lot.wake_all();
    REQUIRE(all.finished());
    CHECK(log == Log{"1 locked", "~1", "2 locked", "~2", "3 locked", "~3"});
    CHECK_FALSE(mutex.locked());
    const std::vector<Result<int>> results = all.take_result().value();
    CHECK_FALSE(results[0]);
    CHECK_FALSE(results[1]);
    CHECK(*results[2] == 3);
  }

  TEST_CASE("dropping a suspended group leaves no registration, no waiter and no lock behind") {
    ParkingLot lot;
    FifoMutex mutex;
    Log log;
    {
      std::vector<Task<int>> tasks;
      for (int id = 1; id <= 5; ++id) tasks.push_back(locking(mutex, lot, log, id, true));
      tasks.push_back(child(lot, log, 6, false));
      tasks.push_back(child(lot, log, 7, true));
      const Task<std::vector<Result<int>>> all = when_all(std::move(tasks));
      all.start();
      CHECK(lot.parked() == 2);
      CHECK(mutex.waiting() == 4);
      lot.wake_first();  // 1 ends, 2 is given the lock and is destroyed before it goes on
      CHECK(mutex.locked());
    }
    CHECK(lot.alive() == 0);
    CHECK(mutex.waiting() == 0);
    CHECK_FALSE(mutex.locked());
    {
      std::vector<Task<int>> tasks;
      tasks.push_back(child(lot, log, 8, false));
      log.clear();
      const Task<std::vector<Result<int>>> never_started = when_all(std::move(tasks));
    }
    CHECK(log.empty());
  }

  TEST_CASE("ten thousand children end without nesting") {
    constexpr std::size_t count = 10'000;
    ParkingLot lot;
    FifoMutex mutex;
    std::vector<std::uintptr_t> positions;
    const auto waiter = [&]() -> Task<void> {
      const FifoMutex::Guard guard = co_await mutex.lock();
      positions.push_back(stack_position());
    };
    std::optional<FifoMutex::Guard> outside;
    const auto holder = [&]() -> Task<void> {
      FifoMutex::Guard guard = co_await mutex.lock();
      outside.emplace(std::move(guard));
    };
    const Task<void> holding = holder();
    holding.start();
    std::vector<Task<void>> tasks;
    for (std::size_t i = 0; i < count; ++i) tasks.push_back(waiter());
    Task<std::vector<Result<void>>> all = when_all(std::move(tasks));
    all.start();
    CHECK(mutex.waiting() == count);
    outside.reset();
    mutex.run_ready();
    REQUIRE(all.finished());
    REQUIRE(positions.size() == count);
    CHECK(*std::min_element(positions.begin(), positions.end()) ==
          *std::max_element(positions.begin(), positions.end()));
  }

  TEST_CASE("when_any takes the first of ready tasks, and the others never start") {
    ParkingLot lot;
    Log log;
    std::vector<Task<int>> tasks;
    for (int id = 1; id <= 3; ++id) tasks.push_back(child(lot, log, id, true));
    Task<std::pair<std::size_t, Result<int>>> any = when_any(std::move(tasks));
    any.start();
    REQUIRE(any.finished());
    const auto [index, result] = any.take_result().value();
    CHECK(index == 0);
    CHECK(*result == 10);
    CHECK(log == Log{"1 starts", "1 ends", "~1"});
  }

  TEST_CASE("when_any destroys the losers before its waiter goes on") {
    ParkingLot lot;
    Log log;
    std::vector<Task<int>> tasks;
    for (int id = 1; id <= 3; ++id) tasks.push_back(child(lot, log, id, false));
    const auto waiting = [&]() -> Task<std::size_t> {
      std::pair<std::size_t, Result<int>> first = co_await when_any(std::move(tasks));
      log.push_back("winner " + std::to_string(first.first) + " gives " +
                    std::to_string(first.second.value()));
      co_return lot.alive();
    };
    Task<std::size_t> task = waiting();
    task.start();
    CHECK(lot.parked() == 3);
    log.clear();
    lot.wake_last();
    REQUIRE(task.finished());
    CHECK(*task.take_result() == 0);
    REQUIRE(log.size() == 5);
    CHECK(log.front() == "3 ends");
    CHECK(log[1] == "~3");
    CHECK(log.back() == "winner 2 gives 30");
    CHECK(lot.parked() == 0);
  }

  TEST_CASE("when_any stops starting tasks once one has ended, and destroys those it started") {
    ParkingLot lot;
    Log log;
    std::vector<Task<int>> tasks;
    tasks.push_back(child(lot, log, 1, false));
    tasks.push_back(child(lot, log, 2, true, false));
    tasks.push_back(child(lot, log, 3, true));
    Task<std::pair<std::size_t, Result<int>>> any = when_any(std::move(tasks));
    any.start();
    REQUIRE(any.finished());
    const auto [index, result] = any.take_result().value();
    CHECK(index == 1);
    CHECK(result.error() == Errc::io);  // a failure ends a race, too
    CHECK(log == Log{"1 starts", "2 starts", "~2", "~1"});
    CHECK(lot.alive() == 0);
  }

  TEST_CASE("when_any of nothing is misuse") {
    Task<std::pair<std::size_t, Result<void>>> any = when_any(std::vector<Task<void>>());
    any.start();
    REQUIRE(any.finished());
    CHECK(any.take_result().error() == Errc::misuse);
  }

  TEST_CASE("dropping a suspended when_any destroys every child") {
    ParkingLot lot;
    Log log;
    {
      std::vector<Task<int>> tasks;
      for (int id = 1; id <= 3; ++id) tasks.push_back(child(lot, log, id, false));
      const Task<std::pair<std::size_t, Result<int>>> any = when_any(std::move(tasks));
      any.start();
      CHECK(lot.parked() == 3);
    }
    CHECK(lot.alive() == 0);
  }

  TEST_CASE("groups nest") {
    ParkingLot lot;
    Log log;
    const auto race = [&](int id) -> Task<int> {
      std::vector<Task<int>> tasks;
      tasks.push_back(child(lot, log, id, false));
      tasks.push_back(child(lot, log, id + 1, false));
      std::pair<std::size_t, Result<int>> first = co_await when_any(std::move(tasks));
      co_return *first.second;
    };
    std::vector<Task<int>> races;
    for (int id = 1; id < 7; id += 2) races.push_back(race(id));
    Task<std::vector<Result<int>>> all = when_all(std::move(races));
    all.start();
    CHECK(lot.parked() == 6);
    lot.wake_last();
    CHECK(lot.parked() == 4);
    lot.wake_first();
    CHECK(lot.parked() == 2);
    lot.wake_first();
    CHECK(lot.parked() == 0);
    REQUIRE(all.finished());
    const std::vector<Result<int>> results = all.take_result().value();
    CHECK(*results[0] == 10);
    CHECK(*results[1] == 30);
    CHECK(*results[2] == 60);
  }
}

}  // namespace when_all_test
