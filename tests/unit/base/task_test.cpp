// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/task.hpp>

#include <doctest/doctest.h>

#include "support/parked_leaf.hpp"

#include <pthread.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace task_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;
using okhttp::Task;
using support::ParkingLot;

namespace {

using Log = std::vector<std::string>;

// Writes its name into the log when it dies.
class Mark {
 public:
  Mark(Log& log, std::string name) : log_(&log), name_(std::move(name)) {}
  Mark(Mark&& other) noexcept
      : log_(std::exchange(other.log_, nullptr)), name_(std::move(other.name_)) {}
  Mark& operator=(Mark&&) = delete;
  ~Mark() {
    if (log_ != nullptr) log_->push_back("~" + name_);
  }

 private:
  Log* log_;
  std::string name_;
};

/// Runs a task that suspends on nothing but this lot.
template <class T>
Result<T> run(Task<T> task, ParkingLot& lot) {
  task.start();
  lot.wake_all();
  REQUIRE(task.finished());
  return task.take_result();
}
template <class T>
Result<T> run(Task<T> task) {
  task.start();
  REQUIRE(task.finished());
  return task.take_result();
}

// Where the stack stands, whatever a sanitizer does to locals.
[[gnu::noinline]] std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}
std::uintptr_t distance(std::uintptr_t a, std::uintptr_t b) { return a < b ? b - a : a - b; }

// Runs `work` on a stack too small for anything that grows with the number of awaits.
void on_small_stack(std::function<void()> work) {
  constexpr std::size_t stack_bytes = std::size_t{256} * 1024;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
  pthread_t thread;
  const auto entry = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, entry, &work) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

enum class End { value, failure, exception };

struct UserTrouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Task<int> leaf(ParkingLot& lot, bool ready, End end, Log& log) {
  const Mark mark(log, "leaf");
  co_await lot.park(ready);
  log.emplace_back("leaf goes on");
  if (end == End::failure) co_await okhttp::fail(Errc::io, "broken");
  if (end == End::exception) throw UserTrouble("user code");
  co_return 20;
}
Task<int> middle(ParkingLot& lot, bool ready, End end, Log& log) {
  const Mark mark(log, "middle");
  const int value = co_await leaf(lot, ready, end, log);
  log.emplace_back("middle goes on");
  co_return value + 1;
}
Task<int> catching(ParkingLot& lot, bool ready, End end, Log& log) {
  const Mark mark(log, "catching");
  Result<int> result = co_await middle(lot, ready, end, log).outcome();
  log.emplace_back("catching goes on");
  if (!result) co_return -static_cast<int>(result.error().code());
  co_return *result;
}

Task<int> answer() { co_return 42; }
Task<void> nothing() { co_return; }
Task<int> failing(std::string message = "failed") {
  co_await okhttp::fail(Errc::protocol_error, std::move(message));
  co_return 0;
}
template <class T>
Task<T> failing_like(T value) {
  co_await okhttp::fail(Errc::io, "failed");
  co_return value;
}

Task<int> chain(int depth, ParkingLot& lot, bool ready, End end, int& alive) {
  struct Count {
    explicit Count(int& n) : number(n) { ++number; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() { --number; }
    int& number;
  };
  const Count count(alive);
  if (depth == 0) {
    co_await lot.park(ready);
    if (end == End::failure) co_await okhttp::fail(Errc::unexpected_end, "deep down");
    if (end == End::exception) throw UserTrouble("deep down");
    co_return 0;
  }
  const int below = co_await chain(depth - 1, lot, ready, end, alive);
  co_return below + 1;
}

// A coroutine of somebody else's: eager, and it knows nothing of tasks.
struct Foreign {
  struct promise_type {
    Foreign get_return_object() { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() { throw; }
  };
};

template <class Awaited, class Promise>
concept AcceptedBy = requires(Promise& promise, Awaited awaited) {
  promise.await_transform(std::forward<Awaited>(awaited));
};
template <class Awaiter, class Promise>
concept SuspendableIn = requires(Awaiter& awaiter, std::coroutine_handle<Promise> handle) {
  awaiter.await_suspend(handle);
};

}  // namespace

TEST_SUITE("base/task") {
  TEST_CASE("a task is lazy, and dropping one that never ran drops its arguments") {
    Log log;
    bool ran = false;
    {
      const auto body = [&ran](Mark) -> Task<void> {
        ran = true;
        co_return;
      };
      const Task<void> task = body(Mark(log, "argument"));
      CHECK_FALSE(task.finished());
      CHECK(log.empty());
    }
    CHECK_FALSE(ran);
    CHECK(log == Log{"~argument"});
  }

  TEST_CASE("a task ends with its value") {
    CHECK(*run(answer()) == 42);
    CHECK(run(nothing()));
  }

  TEST_CASE("a value may be of any type that moves") {
    const auto move_only = []() -> Task<std::unique_ptr<int>> {
      auto number = std::make_unique<int>(6);
      co_return number;
    };
    const auto passing_on = [&]() -> Task<std::unique_ptr<int>> {
      std::unique_ptr<int> number = co_await move_only();
      ++*number;
      co_return number;
    };
    CHECK(**run(passing_on()) == 7);

    struct Constant {  // not assignable, not default-constructible
      explicit Constant(int n) : number(n) {}
      const int number;
    };
    const auto constant = []() -> Task<Constant> { co_return Constant(8); };
    CHECK(run(constant())->number == 8);

    using Big = std::array<std::uint64_t, 4096>;
    const auto big = [](ParkingLot& lot, std::uint64_t last) -> Task<Big> {
      Big numbers{};
      numbers.back() = last;
      co_await lot.park();
      co_return numbers;
    };
    const auto around_big = [&](ParkingLot& lot) -> Task<std::uint64_t> {
      const Big numbers = co_await big(lot, 9);
      co_return numbers.back();
    };
    ParkingLot lot;
    CHECK(*run(around_big(lot), lot) == 9);

    Big elsewhere{};
    const auto reference = [](Big& to) -> Task<std::reference_wrapper<Big>> { co_return to; };
    CHECK(&run(reference(elsewhere))->get() == &elsewhere);
  }

  TEST_CASE("destructors run innermost first, and before the catching frame goes on") {
    ParkingLot lot;
    for (const bool ready : {true, false})
      for (const End end : {End::failure, End::exception}) {
        CAPTURE(ready);
        Log log;
        const Result<int> result = run(catching(lot, ready, end, log), lot);
        CHECK(*result == -static_cast<int>(end == End::failure ? Errc::io : Errc::user_exception));
        CHECK(log == Log{"leaf goes on", "~leaf", "~middle", "catching goes on", "~catching"});
        CHECK(lot.alive() == 0);
      }
  }

  TEST_CASE("a value goes up the same way, ready or not") {
    ParkingLot lot;
    for (const bool ready : {true, false}) {
      CAPTURE(ready);
      Log log;
      CHECK(*run(catching(lot, ready, End::value, log), lot) == 21);
      CHECK(log == Log{"leaf goes on", "~leaf", "middle goes on", "~middle", "catching goes on",
                       "~catching"});
    }
  }

  TEST_CASE("a failed root keeps its frames until its result is taken") {
    ParkingLot lot;
    Log log;
    Task<int> task = middle(lot, false, End::failure, log);
    task.start();
    CHECK_FALSE(task.finished());
    lot.wake_all();
    REQUIRE(task.finished());
    CHECK(log == Log{"leaf goes on"});
    const Result<int> result = task.take_result();
    CHECK(log == Log{"leaf goes on", "~leaf", "~middle"});
    CHECK(result.error() == Errc::io);
    CHECK(result.error().message() == "broken");
  }

  TEST_CASE("an error travels unchanged, with its cause") {
    const auto deepest = []() -> Task<void> {
      co_await okhttp::fail(Error(Errc::connect_failed, "step", Error(Errc::io, "behind it")));
    };
    const auto around = [&]() -> Task<int> {
      co_await deepest();
      co_return 1;
    };
    const Result<int> result = run(around());
    REQUIRE_FALSE(result);
    CHECK(result.error().message() == "step");
    REQUIRE(result.error().cause() != nullptr);
    CHECK(result.error().cause()->message() == "behind it");
  }

  TEST_CASE("outcome leaves nothing of the task, not even its arguments, when it goes on") {
    ParkingLot lot;
    for (const bool ready : {true, false})
      for (const bool good : {true, false}) {
        Log log;
        const auto child = [](Mark, ParkingLot& where, bool at_once, bool succeeds) -> Task<void> {
          co_await where.park(at_once);
          if (!succeeds) co_await okhttp::fail(Errc::io, "x");
        };
        const auto parent = [&]() -> Task<void> {
          Task<void> task = child(Mark(log, "argument"), lot, ready, good);
          Result<void> result = co_await std::move(task).outcome();
          log.emplace_back(result ? "good" : "bad");
        };
        CHECK(run(parent(), lot));
        CHECK(log == Log{"~argument", good ? "good" : "bad"});
      }
  }

  TEST_CASE("awaiting consumes a task that has a name") {
    Log log;
    const auto child = [](Mark) -> Task<int> { co_return 1; };
    const auto parent = [&]() -> Task<void> {
      Task<int> task = child(Mark(log, "argument"));
      const int value = co_await std::move(task);
      log.push_back(std::to_string(value));
    };
    CHECK(run(parent()));
    CHECK(log == Log{"~argument", "1"});
  }

  TEST_CASE("a million ready awaits in a loop do not grow the stack") {
    constexpr long rounds = 1'000'000;
    long sum = 0;
    std::uintptr_t furthest = 0;
    on_small_stack([&] {
      const auto one = [](std::uintptr_t& position) -> Task<int> {
        position = stack_position();
        co_return 1;
      };
      const auto loop = [&]() -> Task<long> {
        long total = 0;
        std::uintptr_t first = 0;
        std::uintptr_t position = 0;
        for (long i = 0; i < rounds; ++i) {
          total += co_await one(position);
          if (i == 0) first = position;
          if (distance(first, position) > furthest) furthest = distance(first, position);
        }
        co_return total;
      };
      Task<long> task = loop();
      task.start();
      sum = *task.take_result();
    });
    CHECK(sum == rounds);
    CHECK(furthest == 0);
  }

  TEST_CASE("a million ready awaits of every other kind do not grow the stack either") {
    constexpr long rounds = 1'000'000;
    long sum = 0;
    on_small_stack([&] {
      ParkingLot lot;
      const auto loop = [&]() -> Task<long> {
        long total = 0;
        for (long i = 0; i < rounds; i += 4) {
          co_await nothing();
          co_await lot.park(true);
          Result<int> outcome = co_await answer().outcome();
          if (outcome) total += 2;
          const int value = co_await answer().or_throw();
          if (value == 42) total += 2;
        }
        co_return total;
      };
      Task<long> task = loop();
      task.start();
      sum = *task.take_result();
    });
    CHECK(sum == rounds);
  }

  TEST_CASE("failures and wake-ups in a loop do not grow the stack") {
    constexpr int rounds = 100'000;
    int failures = 0;
    std::uintptr_t furthest = 0;
    on_small_stack([&] {
      ParkingLot lot;
      const auto child = [&](bool ready) -> Task<int> {
        co_await lot.park(ready);
        const int value = co_await failing();
        co_return value;
      };
      const auto loop = [&]() -> Task<void> {
        std::uintptr_t first = 0;
        for (int i = 0; i < rounds; ++i) {
          Result<int> result = co_await child(i % 2 == 0).outcome();
          if (!result) ++failures;
          if (i == 1) first = stack_position();  // the first that went on from the driver
          if (i % 2 == 1 && distance(first, stack_position()) > furthest)
            furthest = distance(first, stack_position());
        }
      };
      Task<void> task = loop();
      task.start();
      lot.wake_all();
    });
    CHECK(failures == rounds);
    CHECK(furthest == 0);
  }

  TEST_CASE("a chain of 1,000 tasks succeeds and fails cleanly, ready and parked") {
    constexpr int depth = 1000;
    ParkingLot lot;
    int alive = 0;
    for (const bool ready : {true, false})
      for (const End end : {End::value, End::failure, End::exception}) {
        CAPTURE(ready);
        Task<int> task = chain(depth, lot, ready, end, alive);
        task.start();
        CHECK(task.finished() == ready);
        CHECK(lot.parked() == (ready ? 0 : 1));
        lot.wake_all();
        REQUIRE(task.finished());
        const Result<int> result = task.take_result();
        if (end == End::value) {
          CHECK(*result == depth);
        } else {
          REQUIRE_FALSE(result);
          CHECK(result.error().code() ==
                (end == End::failure ? Errc::unexpected_end : Errc::user_exception));
        }
        CHECK(alive == 0);
        CHECK(lot.alive() == 0);
      }
  }

  TEST_CASE("a parked leaf ends a deep chain without nesting") {
    ParkingLot lot;
    std::vector<std::uintptr_t> positions;
    struct Chain {
      static Task<void> down(int depth, ParkingLot& where, std::vector<std::uintptr_t>& seen) {
        if (depth == 0)
          co_await where.park();
        else
          co_await down(depth - 1, where, seen);
        seen.push_back(stack_position());
      }
    };
    CHECK(run(Chain::down(1000, lot, positions), lot));
    REQUIRE(positions.size() == 1001);
    std::uintptr_t furthest = 0;
    for (const std::uintptr_t position : positions)
      if (distance(positions[0], position) > furthest) furthest = distance(positions[0], position);
    CHECK(furthest == 0);
  }

  TEST_CASE("destroying a suspended tree leaves no registration behind") {
    ParkingLot lot;
    Log log;
    int alive = 0;
    {
      Task<int> task = catching(lot, false, End::value, log);
      task.start();
      CHECK(lot.parked() == 1);
      CHECK(lot.alive() == 1);
    }
    CHECK(lot.parked() == 0);
    CHECK(lot.alive() == 0);
    CHECK(log == Log{"~leaf", "~middle", "~catching"});
    {
      Task<int> task = chain(1000, lot, false, End::value, alive);
      task.start();
      CHECK(lot.parked() == 1);
      CHECK(alive == 1001);
      task = chain(3, lot, false, End::value, alive);
      CHECK(lot.parked() == 0);
      CHECK(alive == 0);
      task.start();
      CHECK(lot.parked() == 1);
      Task<int>& alias = task;
      task = std::move(alias);
      CHECK(lot.parked() == 1);
    }
    CHECK(lot.parked() == 0);
    CHECK(lot.alive() == 0);
    CHECK_FALSE(lot.wake_first());
  }

  TEST_CASE("a task that lives outside the coroutine awaiting it does not outlive it") {
    ParkingLot lot;
    Log log;
    Task<int> outside = leaf(lot, false, End::value, log);
    const auto awaiting = [&]() -> Task<int> {
      const int value = co_await std::move(outside);
      co_return value;
    };
    {
      const Task<int> task = awaiting();
      task.start();
      CHECK(lot.parked() == 1);
    }
    CHECK(lot.parked() == 0);
    CHECK(log == Log{"~leaf"});
  }

  TEST_CASE("a failed task is abandoned at the await: catch is skipped, destructors are not") {
    ParkingLot lot;
    for (const bool ready : {true, false})
      for (const End end : {End::failure, End::exception}) {
        CAPTURE(ready);
        Log log;
        const auto trying = [&]() -> Task<int> {
          int value = 1;
          try {
            const Mark mark(log, "try");
            value = co_await leaf(lot, ready, end, log);
          } catch (...) {
            log.emplace_back("caught");
          }
          co_return value;
        };
        const Result<int> result = run(trying(), lot);
        CHECK_FALSE(result);
        CHECK(log == Log{"leaf goes on", "~leaf", "~try"});
      }
  }

  TEST_CASE("fail ends a task inside its own try block") {
    bool caught = false;
    const auto trying = [&]() -> Task<void> {
      try {
        co_await okhttp::fail(Errc::rejected, "no");
      } catch (...) {
        caught = true;
      }
    };
    CHECK(run(trying()).error() == Errc::rejected);
    CHECK_FALSE(caught);
  }

  TEST_CASE("or_throw enters the catch, with the task's frames gone") {
    ParkingLot lot;
    for (const bool ready : {true, false}) {
      CAPTURE(ready);
      Log log;
      const auto trying = [&](End end) -> Task<int> {
        try {
          const int value = co_await leaf(lot, ready, end, log).or_throw();
          co_return value;
        } catch (const okhttp::Exception& e) {
          log.emplace_back(e.what());
          co_return -1;
        } catch (const UserTrouble& e) {
          log.emplace_back(e.what());
          co_return -2;
        }
      };
      CHECK(*run(trying(End::value), lot) == 20);
      log.clear();
      CHECK(*run(trying(End::failure), lot) == -1);
      CHECK(log == Log{"leaf goes on", "~leaf", "broken"});
      log.clear();
      CHECK(*run(trying(End::exception), lot) == -2);
      CHECK(log == Log{"leaf goes on", "~leaf", "user code"});
      const auto void_too = [&]() -> Task<void> { co_await nothing().or_throw(); };
      CHECK(run(void_too()));
    }
  }

  TEST_CASE("an exception of user code is carried, and rethrown as the same object") {
    ParkingLot lot;
    for (const bool ready : {true, false}) {
      const void* original = nullptr;
      std::exception_ptr pointer;
      const auto deepest = [&]() -> Task<int> {
        co_await lot.park(ready);
        try {
          throw UserTrouble("same object");
        } catch (const UserTrouble& e) {
          original = &e;
          pointer = std::current_exception();
          throw;
        }
      };
      const auto between = [&]() -> Task<int> {
        const int value = co_await deepest();
        co_return value;
      };
      const auto rethrowing = [&]() -> Task<int> {
        const int value = co_await between().or_throw();  // thrown anew, and carried anew
        co_return value;
      };
      const Result<int> result = run(rethrowing(), lot);
      REQUIRE_FALSE(result);
      CHECK(result.error() == Errc::user_exception);
      CHECK(result.error().exception() == pointer);
      CHECK(result.error().message().find("same object") != std::string::npos);
      const void* rethrown = nullptr;
      try {
        static_cast<void>(result.value());
      } catch (const UserTrouble& e) {
        rethrown = &e;
      }
      CHECK(rethrown == original);
    }
  }

  TEST_CASE("an okhttp::Exception that passes through user code keeps its code") {
    const auto inner = []() -> Task<int> {
      throw okhttp::Exception(Error(Errc::host_name, "wrong host", Error(Errc::io, "cause")));
      co_return 0;
    };
    const Result<int> thrown = run(inner());
    CHECK(thrown.error() == Errc::host_name);
    CHECK(thrown.error().message() == "wrong host");
    REQUIRE(thrown.error().cause() != nullptr);
    const auto user = [&]() -> Task<int> {
      const int value = co_await failing("first words").or_throw();
      co_return value;
    };
    const Result<int> passed = run(user());
    CHECK(passed.error() == Errc::protocol_error);
    CHECK(passed.error().message() == "first words");
    CHECK_THROWS_WITH_AS(static_cast<void>(passed.value()), "first words", okhttp::Exception);
  }

  TEST_CASE("an exception out of a leaf is thrown into the task that awaits it") {
    enum class Where { ready, suspend, resume };
    struct Thrower : okhttp::RuntimeAwaitable {
      explicit Thrower(Where w, Log& l) : where(w), mark(l, "thrower") {}
      bool await_ready() const {
        if (where == Where::ready) throw UserTrouble("ready");
        return where == Where::resume;
      }
      void await_suspend(std::coroutine_handle<>) const { throw UserTrouble("suspend"); }
      void await_resume() const { throw UserTrouble("resume"); }
      Where where;
      Mark mark;
    };
    for (const Where where : {Where::ready, Where::suspend, Where::resume}) {
      Log log;
      const auto catching_it = [&]() -> Task<void> {
        try {
          co_await Thrower(where, log);
        } catch (const UserTrouble& e) {
          log.emplace_back(e.what());
        }
      };
      const auto letting_it_go = [&]() -> Task<void> { co_await Thrower(where, log); };
      CHECK(run(catching_it()));
      REQUIRE(log.size() == 2);
      CHECK(log[0] == "~thrower");
      const Result<void> result = run(letting_it_go());
      REQUIRE_FALSE(result);
      CHECK_THROWS_WITH_AS(result.value(), log[1].c_str(), UserTrouble);
      CHECK(log.size() == 3);
    }
  }

  TEST_CASE("an exception of the value's own constructors ends the task that made it") {
    struct Stubborn {
      Stubborn() = default;
      Stubborn(Stubborn&& other) : moves_left(other.moves_left - 1) {
        if (moves_left < 0) throw UserTrouble("does not move");
      }
      int moves_left = 0;
    };
    const auto child = []() -> Task<Stubborn> { co_return Stubborn(); };
    const auto parent = [&]() -> Task<int> {
      Result<Stubborn> result = co_await child().outcome();
      co_return result ? 1 : 2;
    };
    CHECK(*run(parent()) == 2);
    const auto awaiting = [&](int moves) -> Task<int> {
      const auto movable = [](int limit) -> Task<Stubborn> {
        Stubborn value;
        value.moves_left = limit;
        co_return value;
      };
      Stubborn value = co_await movable(moves);
      co_return value.moves_left;
    };
    for (int moves = 0; moves < 8; ++moves) {
      const Result<int> result = run(awaiting(moves));
      if (result)
        CHECK(*result >= 0);
      else
        CHECK_THROWS_AS(static_cast<void>(result.value()), UserTrouble);
    }
    CHECK(run(awaiting(8)));
    CHECK_FALSE(run(awaiting(0)));
  }

  TEST_CASE("coroutines of other libraries may await an outcome") {
    ParkingLot lot;
    for (const bool ready : {true, false})
      for (const End end : {End::value, End::failure, End::exception}) {
        Log log;
        std::optional<Result<int>> seen;
        const auto foreign = [&]() -> Foreign {
          Result<int> result = co_await middle(lot, ready, end, log).outcome();
          log.emplace_back("foreign goes on");
          seen.emplace(std::move(result));
        };
        foreign();
        CHECK(seen.has_value() == ready);
        lot.wake_all();
        REQUIRE(seen.has_value());
        CHECK(seen->has_value() == (end == End::value));
        if (end != End::value)
          CHECK(log == Log{"leaf goes on", "~leaf", "~middle", "foreign goes on"});
      }
  }

  TEST_CASE("coroutines of other libraries may ask for a throw") {
    ParkingLot lot;
    Log log;
    int caught = 0;
    const auto foreign = [&]() -> Foreign {
      try {
        const int value = co_await leaf(lot, false, End::exception, log).or_throw();
        caught = value;
      } catch (const UserTrouble&) {
        caught = -1;
      }
    };
    foreign();
    lot.wake_all();
    CHECK(caught == -1);
  }

  TEST_CASE("what may be awaited where is settled while compiling") {
    using Promise = Task<int>::promise_type;
    static_assert(AcceptedBy<Task<int>, Promise>);
    static_assert(AcceptedBy<Task<int>::Outcome, Promise>);
    static_assert(AcceptedBy<Task<int>::OrThrow, Promise>);
    static_assert(AcceptedBy<ParkingLot::Leaf&, Promise>);
    static_assert(!AcceptedBy<Task<int>&, Promise>, "awaiting consumes: std::move or a temporary");
    static_assert(!AcceptedBy<const Task<int>&, Promise>);
    static_assert(!AcceptedBy<std::suspend_always, Promise>, "no foreign awaitables");
    using ForeignPromise = Foreign::promise_type;
    static_assert(SuspendableIn<Task<int>::Outcome, ForeignPromise>);
    static_assert(!SuspendableIn<Task<int>::Awaiter, ForeignPromise>, "only outcome() out there");
    static_assert(SuspendableIn<Task<int>::Awaiter, Promise>);
    static_assert(!std::is_copy_constructible_v<Task<int>>);
    static_assert(!std::is_default_constructible_v<Task<int>>);
    static_assert(std::is_nothrow_move_constructible_v<Task<int>>);
    static_assert(std::is_nothrow_move_assignable_v<Task<int>>);
    static_assert(std::is_same_v<Task<>, Task<void>>);
  }

  TEST_CASE("coroutine templates await leaves where they are") {
    // GCC 12 copies awaitables here when told of them by reference; a leaf that moved would unlink
    // another one's registration.
    ParkingLot lot;
    const auto generic = [&](auto value) -> Task<decltype(value)> {
      ParkingLot::Leaf named = lot.park();
      co_await named;
      co_await lot.park();
      CHECK(lot.alive() == 1);
      Task<decltype(value)> failed = failing_like(value);
      Result<decltype(value)> result = co_await std::move(failed).outcome();
      co_return result ? std::move(*result) : std::move(value);
    };
    CHECK(*run(generic(std::string("text that does not fit the small buffer")), lot) ==
          "text that does not fit the small buffer");
    CHECK(lot.alive() == 0);
  }

  TEST_CASE("the order in which leaves wake decides the order in which tasks go on") {
    ParkingLot lot;
    Log log;
    const auto named = [&](std::string name) -> Task<void> {
      co_await lot.park();
      log.push_back(name + " 1");
      co_await lot.park();
      log.push_back(name + " 2");
    };
    const Task<void> a = named("a");
    const Task<void> b = named("b");
    a.start();
    b.start();
    CHECK(lot.parked() == 2);
    lot.wake_last();
    lot.wake_first();
    CHECK(log == Log{"b 1", "a 1"});
    lot.wake_all();
    CHECK(log == Log{"b 1", "a 1", "b 2", "a 2"});
    CHECK(a.finished());
    CHECK(b.finished());
  }

  TEST_CASE("arguments and temporaries of an await die exactly once") {
    ParkingLot lot;
    for (const bool ready : {true, false})
      for (const bool good : {true, false}) {
        auto shared = std::make_shared<int>(1);
        const auto child = [&](std::shared_ptr<int> by_value, std::function<int()> callback,
                               const std::string&) -> Task<int> {
          co_await lot.park(ready);
          if (!good) co_await okhttp::fail(Errc::io, "x");
          co_return *by_value + callback();
        };
        const auto parent = [&]() -> Task<int> {
          std::function<int()> callback = [shared] { return *shared; };
          const int value =
              co_await child(shared, callback, std::string("a temporary for as long as it takes"));
          co_return value;
        };
        CHECK(run(parent(), lot).has_value() == good);
        CHECK(shared.use_count() == 1);
      }
  }
}

}  // namespace task_test
