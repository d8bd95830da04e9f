// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace result_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return {Errc::invalid_argument, "odd"};
  return number / 2;
}
Result<void> check(bool good) {
  if (!good) return Error(Errc::io, "bad");
  return {};
}
Result<std::unique_ptr<int>> make(int number) {
  auto made = std::make_unique<int>(number);
  return made;
}

// Neither default-constructible nor assignable.
struct Fixed {
  explicit Fixed(int n) : number(n) {}
  const int number;
};

}  // namespace

TEST_SUITE("base/result") {
  TEST_CASE("a result is a value or an error") {
    const Result<int> good = half(8);
    CHECK(good);
    CHECK(good.has_value());
    CHECK(*good == 4);
    CHECK(good.value() == 4);
    const Result<int> bad = half(7);
    CHECK_FALSE(bad);
    CHECK(bad.error() == Errc::invalid_argument);
    CHECK(bad.error().message() == "odd");
  }

  TEST_CASE("success may carry nothing") {
    CHECK(check(true));
    CHECK_FALSE(check(false));
    CHECK(check(false).error() == Errc::io);
    CHECK(Result<void>(Errc::dns, "x").error().message() == "x");
    check(true).value();
  }

  TEST_CASE("a move-only value goes in and out") {
    Result<std::unique_ptr<int>> made = make(5);
    REQUIRE(made);
    CHECK(**made == 5);
    const std::unique_ptr<int> taken = std::move(made).value();
    CHECK(*taken == 5);
    const std::unique_ptr<int> at_once = make(6).value();
    CHECK(*at_once == 6);
    CHECK(*make(7).value_or(nullptr) == 7);
    CHECK(Result<std::unique_ptr<int>>(Errc::io, "x").value_or(nullptr) == nullptr);
    static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
  }

  TEST_CASE("assignment goes from either kind to either kind") {
    const std::string text(100, 'x');
    for (const bool from_value : {false, true})
      for (const bool to_value : {false, true}) {
        const auto one = [&](bool value, const char* message) {
          return value ? Result<std::string>(text) : Result<std::string>(Errc::io, message);
        };
        Result<std::string> result = one(from_value, "before");
        const Result<std::string> other = one(to_value, "after");
        result = other;
        CHECK(result.has_value() == to_value);
        CHECK((to_value ? *result : result.error().message()) == (to_value ? text : "after"));
        Result<std::string> moved = one(from_value, "before");
        moved = std::move(result);
        CHECK(moved.has_value() == to_value);
        CHECK((to_value ? *moved : moved.error().message()) == (to_value ? text : "after"));
        Result<std::string>& same = moved;
        moved = std::move(same);
        CHECK(moved.has_value() == to_value);
      }
  }

#if OKHTTP_EXCEPTIONS
  TEST_CASE("a value whose move throws leaves an error behind, and nothing twice destroyed") {
    struct Throwing {
      explicit Throwing(bool armed) : throws(armed), held(std::make_shared<int>(1)) {}
      Throwing(Throwing&& other) : throws(other.throws), held(other.held) {
        if (throws) throw std::runtime_error("no move");
      }
      bool throws;
      std::shared_ptr<int> held;
    };
    Result<Throwing> source{Throwing(false)};
    source->throws = true;
    const std::weak_ptr<int> of_source = source->held;
    Result<Throwing> result{Throwing(false)};
    const std::weak_ptr<int> of_result = result->held;
    CHECK_THROWS_AS(result = std::move(source), std::runtime_error);
    CHECK_FALSE(result);
    CHECK(of_result.expired());
    CHECK(of_source.use_count() == 1);
  }
#endif

  TEST_CASE("a value needs no default constructor and no assignment") {
    const Result<Fixed> fixed = Fixed(3);
    CHECK(fixed->number == 3);
  }

  TEST_CASE("looking does not copy, and what is looked at may be changed") {
    Result<std::vector<int>> numbers = std::vector<int>{1, 2};
    numbers->push_back(3);
    (*numbers)[0] = 9;
    const int* first = numbers.value().data();
    const std::vector<int> taken = *std::move(numbers);
    CHECK(taken.data() == first);
    CHECK(taken == std::vector<int>{9, 2, 3});
  }

  TEST_CASE("value_or gives the other only when there is no value") {
    CHECK(half(4).value_or(1) == 2);
    CHECK(half(5).value_or(1) == 1);
    const Result<std::string> bad(Errc::file, "missing");
    CHECK(bad.value_or("fallback") == "fallback");
    const Result<std::string> good = std::string("here");
    CHECK(good.value_or("fallback") == "here");
  }

  TEST_CASE("results are copied, moved and assigned from any state to any other") {
    Result<std::string> a = std::string("long enough to live on the heap, surely");
    Result<std::string> b(Errc::io, "broken");
    const Result<std::string> copy = a;
    CHECK(*copy == *a);
    a = b;
    CHECK(a.error() == Errc::io);
    b = copy;
    CHECK(*b == *copy);
    Result<std::string>& alias = b;
    b = alias;
    CHECK(*b == *copy);
    b = std::move(alias);
    CHECK(b.has_value());
    a = Error(Errc::tls, "other");
    CHECK(std::move(a).error() == Errc::tls);
  }

  TEST_CASE("a result of a result keeps both levels apart") {
    const Result<Result<int>> inner_failed = Result<int>(Errc::io, "inner");
    REQUIRE(inner_failed);
    CHECK_FALSE(*inner_failed);
    const Result<Result<int>> outer_failed = Error(Errc::dns, "outer");
    CHECK_FALSE(outer_failed);
  }

#if OKHTTP_EXCEPTIONS
  TEST_CASE("value throws the error when there is no value") {
    CHECK_THROWS_AS(half(1).value(), okhttp::Exception);
    CHECK_THROWS_WITH(half(1).value(), "odd");
    const Result<int> constant = half(1);
    CHECK_THROWS_AS(constant.value(), okhttp::Exception);
    Result<int> named = half(1);
    CHECK_THROWS_AS(named.value(), okhttp::Exception);
    CHECK_THROWS_AS(check(false).value(), okhttp::Exception);
    CHECK_NOTHROW(half(2).value());
  }

  TEST_CASE("value rethrows what user code threw, the very same object") {
    const void* first = nullptr;
    std::exception_ptr exception;
    try {
      throw std::out_of_range("user");
    } catch (const std::out_of_range& e) {
      first = &e;
      exception = std::current_exception();
    }
    const Result<int> failed = Error::from_exception(exception);
    const Result<void> nothing = Error::from_exception(exception);
    const void* second = nullptr;
    try {
      failed.value();
    } catch (const std::out_of_range& e) {
      second = &e;
    }
    CHECK(first == second);
    CHECK_THROWS_AS(nothing.value(), std::out_of_range);
  }
#endif
}

}  // namespace result_test
