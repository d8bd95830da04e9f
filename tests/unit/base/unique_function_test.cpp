// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/unique_function.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace unique_function_test {

using okhttp::UniqueFunction;

namespace {

int doubled(int number) { return 2 * number; }

// Counts the copies of itself that are alive, and those ever made by copying.
struct Counted {
  explicit Counted(int& alive_count, int& copy_count) : alive(&alive_count), copies(&copy_count) {
    ++*alive;
  }
  Counted(const Counted& other) : alive(other.alive), copies(other.copies) {
    ++*alive;
    ++*copies;
  }
  Counted(Counted&& other) noexcept : alive(other.alive), copies(other.copies) { ++*alive; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive; }
  int operator()() const { return *alive; }
  int* alive;
  int* copies;
};

}  // namespace

TEST_SUITE("base/unique_function") {
  TEST_CASE("an empty function says so") {
    UniqueFunction<void()> never;
    CHECK_FALSE(never);
    UniqueFunction<void()> null = nullptr;
    CHECK_FALSE(null);
    int (*no_function)(int) = nullptr;
    UniqueFunction<int(int)> pointer = no_function;
    CHECK_FALSE(pointer);
    pointer = doubled;
    CHECK(pointer);
    pointer = nullptr;
    CHECK_FALSE(pointer);
  }

  TEST_CASE("functions, pointers to them and lambdas are callables") {
    const UniqueFunction<int(int)> function = doubled;
    const UniqueFunction<int(int)> pointer = &doubled;
    const UniqueFunction<int(int)> lambda = [](int number) { return number + 1; };
    const UniqueFunction<int(int)> standard = std::function<int(int)>(doubled);
    CHECK(function(4) == 8);
    CHECK(pointer(4) == 8);
    CHECK(lambda(4) == 5);
    CHECK(standard(4) == 8);
  }

  TEST_CASE("the callable may be move-only, and so is the function") {
    auto number = std::make_unique<int>(5);
    UniqueFunction<int()> function = [number = std::move(number)] { return *number; };
    CHECK(function() == 5);
    UniqueFunction<int()> moved = std::move(function);
    CHECK(moved() == 5);
    CHECK_FALSE(function);  // NOLINT: a moved-from function is empty
    static_assert(!std::is_copy_constructible_v<UniqueFunction<int()>>);
    static_assert(std::is_nothrow_move_constructible_v<UniqueFunction<int()>>);
    static_assert(std::is_nothrow_move_assignable_v<UniqueFunction<int()>>);
  }

  TEST_CASE("arguments and results may be move-only") {
    const UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> increment =
        [](std::unique_ptr<int> number) {
          ++*number;
          return number;
        };
    CHECK(*increment(std::make_unique<int>(1)) == 2);
  }

  TEST_CASE("references stay references") {
    std::string text = "a";
    const UniqueFunction<std::string&(std::string&)> append = [](std::string& to) -> std::string& {
      to += "b";
      return to;
    };
    CHECK(&append(text) == &text);
    CHECK(text == "ab");
  }

  TEST_CASE("the callable keeps its state between calls") {
    const UniqueFunction<int()> count = [n = 0]() mutable { return ++n; };
    CHECK(count() == 1);
    CHECK(count() == 2);
  }

  TEST_CASE("a result nobody asked for is dropped, and a result is converted") {
    const UniqueFunction<void(int)> drop = doubled;
    drop(1);
    const UniqueFunction<long(int)> wider = doubled;
    CHECK(wider(3) == 6L);
    const UniqueFunction<std::string()> text = [] { return "text"; };
    CHECK(text() == "text");
  }

  TEST_CASE("a temporary callable is moved in, a named one is copied once, and both die once") {
    int alive = 0;
    int copies = 0;
    {
      const UniqueFunction<int()> from_temporary = Counted(alive, copies);
      CHECK(alive == 1);
      CHECK(copies == 0);
      const Counted named(alive, copies);
      UniqueFunction<int()> from_name = named;
      CHECK(alive == 3);
      CHECK(copies == 1);
      from_name = nullptr;
      CHECK(alive == 2);
      from_name = Counted(alive, copies);
      UniqueFunction<int()>& alias = from_name;
      from_name = std::move(alias);
      CHECK(from_name() == 3);
      from_name = UniqueFunction<int()>();
      CHECK(alive == 2);
    }
    CHECK(alive == 0);
    CHECK(copies == 1);
  }

  TEST_CASE("only what can be called with the signature is accepted") {
    struct Member {
      int number;
    };
    static_assert(!std::is_constructible_v<UniqueFunction<void()>, int>);
    static_assert(!std::is_constructible_v<UniqueFunction<void()>, void (*)(int)>);
    static_assert(!std::is_constructible_v<UniqueFunction<std::string()>, int (*)()>);
    static_assert(!std::is_constructible_v<UniqueFunction<int(Member)>, int Member::*>);
    static_assert(std::is_constructible_v<UniqueFunction<void()>, int (*)()>);
  }
}

}  // namespace unique_function_test
