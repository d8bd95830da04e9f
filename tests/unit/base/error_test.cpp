// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/error.hpp>

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace error_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::Exception;

namespace {

constexpr int last_code = static_cast<int>(Errc::user_exception);

std::exception_ptr thrown(auto value) { return std::make_exception_ptr(std::move(value)); }

}  // namespace

TEST_SUITE("base/error") {
  TEST_CASE("every code has its own text in the category named okhttp") {
    CHECK(std::string(okhttp::error_category().name()) == "okhttp");
    std::set<std::string> texts;
    for (int code = 1; code <= last_code; ++code) {
      CAPTURE(code);
      const std::string text = okhttp::error_category().message(code);
      CHECK(text != "unknown error");
      CHECK(texts.insert(text).second);
    }
    CHECK(okhttp::error_category().message(0) == "unknown error");
    CHECK(okhttp::error_category().message(last_code + 1) == "unknown error");
    CHECK(okhttp::error_category().message(-1) == "unknown error");
  }

  TEST_CASE("a code is a std::error_code") {
    static_assert(std::is_error_code_enum_v<Errc>);
    const std::error_code code = Errc::connect_timeout;
    CHECK(code == Errc::connect_timeout);
    CHECK(code != Errc::read_timeout);
    CHECK(code.category() == okhttp::error_category());
    CHECK(code.message() == "connect timeout");
    CHECK(code);
  }

  TEST_CASE("an error has a code and a sentence") {
    const Error error(Errc::dns, "no address for example.test");
    CHECK(error.code() == Errc::dns);
    CHECK(error == Errc::dns);
    CHECK(error != Errc::io);
    CHECK(error.message() == "no address for example.test");
    CHECK(error.cause() == nullptr);
    CHECK(error.exception() == nullptr);
    CHECK(Error(Errc::io, "gone").message() == "gone");
  }

  TEST_CASE("a default error is empty and harmless") {
    const Error error;
    CHECK(error.message().empty());
    CHECK(error.cause() == nullptr);
    CHECK(error.exception() == nullptr);
    CHECK(error.with_message("now it speaks").message() == "now it speaks");
  }

  TEST_CASE("causes form a chain") {
    const Error inner(Errc::io, "connection reset");
    const Error middle(Errc::tls, "handshake failed", inner);
    const Error outer(Errc::connect_failed, "no connection", middle);
    REQUIRE(outer.cause() != nullptr);
    CHECK(outer.cause()->message() == "handshake failed");
    REQUIRE(outer.cause()->cause() != nullptr);
    CHECK(*outer.cause()->cause() == Errc::io);
    CHECK(outer.cause()->cause()->cause() == nullptr);
  }

  TEST_CASE("another sentence leaves code, cause and exception alone") {
    const Error error(Errc::tls, "before", Error(Errc::io, "cause"));
    const Error renamed = error.with_message("after");
    CHECK(error.message() == "before");
    CHECK(renamed.message() == "after");
    CHECK(renamed == Errc::tls);
    REQUIRE(renamed.cause() != nullptr);
    CHECK(renamed.cause()->message() == "cause");

    const std::exception_ptr exception = thrown(7);
    CHECK(Error::from_exception(exception).with_message("x").exception() == exception);
  }

  TEST_CASE("copies and moves are cheap, do not throw, and leave an error that may be read") {
    static_assert(std::is_nothrow_copy_constructible_v<Error>);
    static_assert(std::is_nothrow_move_constructible_v<Error>);
    static_assert(std::is_nothrow_move_assignable_v<Error>);
    Error error(Errc::cache, "damaged", Error(Errc::file, "short read"));
    const Error copy = error;
    CHECK(&copy.message() == &error.message());
    const Error moved = std::move(error);
    CHECK(moved.message() == "damaged");
    CHECK(error.message().empty());  // NOLINT: reading a moved-from error is allowed
    CHECK(error.cause() == nullptr);
    error = copy;
    Error& alias = error;
    error = std::move(alias);
    CHECK(error.message() == "damaged");
  }

#if OKHTTP_EXCEPTIONS
  TEST_CASE("what user code threw is kept with the text it had") {
    const std::exception_ptr exception = thrown(std::runtime_error("disk on fire"));
    const Error error = Error::from_exception(exception);
    CHECK(error == Errc::user_exception);
    CHECK(error.exception() == exception);
    CHECK(error.message().find("disk on fire") != std::string::npos);
  }

  TEST_CASE("anything may be thrown") {
    const Error error = Error::from_exception(thrown(42));
    CHECK(error == Errc::user_exception);
    CHECK_FALSE(error.message().empty());
    int value = 0;
    try {
      okhttp::detail::throw_error(error);
    } catch (int caught) {
      value = caught;
    }
    CHECK(value == 42);
  }

  TEST_CASE("no exception at all is still an error") {
    const Error error = Error::from_exception(nullptr);
    CHECK(error == Errc::user_exception);
    CHECK_FALSE(error.message().empty());
    CHECK(error.exception() == nullptr);
  }

  TEST_CASE("an okhttp::Exception that passes through user code keeps code, text and cause") {
    const Error first(Errc::pin, "pin mismatch", Error(Errc::certificate, "leaf"));
    const std::exception_ptr exception = thrown(Exception(first));
    const Error error = Error::from_exception(exception);
    CHECK(error == Errc::pin);
    CHECK(error.message() == "pin mismatch");
    CHECK(error.exception() == exception);
    REQUIRE(error.cause() != nullptr);
    CHECK(*error.cause() == Errc::certificate);
  }

  TEST_CASE("throwing an error of ours throws an Exception that says it all") {
    const Error error(Errc::read_timeout, "no byte for 10 s");
    CHECK_THROWS_WITH_AS(okhttp::detail::throw_error(error), "no byte for 10 s", Exception);
    try {
      okhttp::detail::throw_error(error);
    } catch (const std::system_error& e) {
      CHECK(e.code() == Errc::read_timeout);
      CHECK(std::string(e.what()) == "no byte for 10 s");
    }
    try {
      okhttp::detail::throw_error(error);
    } catch (const Exception& e) {
      CHECK(e.error() == Errc::read_timeout);
      CHECK(&e.error().message() == &error.message());
    }
  }

  TEST_CASE("rethrowing gives the same exception object") {
    const void* first = nullptr;
    std::exception_ptr exception;
    try {
      throw std::logic_error("same");
    } catch (const std::logic_error& e) {
      first = &e;
      exception = std::current_exception();
    }
    const Error error = Error::from_exception(std::move(exception));
    for (int round = 0; round < 2; ++round) try {
        okhttp::detail::throw_error(error);
      } catch (const std::logic_error& e) {
        CHECK(&e == first);
      }
  }

  TEST_CASE("exceptions are copied without throwing, as the language wants") {
    static_assert(std::is_nothrow_copy_constructible_v<Exception>);
    static_assert(std::is_base_of_v<std::system_error, Exception>);
  }
#endif
}

}  // namespace error_test
