// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/connection_pool.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/event_loop.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/scripted_stream.hpp"

namespace connection_pool_test {

using namespace okhttp;
using namespace std::chrono_literals;
using support::Script;
using support::ScriptedStream;
using support::ScriptLog;

namespace {

const TimePoint start = TimePoint(std::chrono::hours(1));

Address address_of(const char* url, const detail::ConnectionSettings* settings = nullptr) {
  return Address(*HttpUrl::try_parse(url), settings);
}

/// Makes connections and watches what becomes of them.
struct Maker {
  support::JumpingRuntime runtime;
  std::vector<std::shared_ptr<ScriptLog>> logs;

  std::unique_ptr<Connection> make(const char* url, Script script = {}) {
    logs.push_back(std::make_shared<ScriptLog>());
    return std::make_unique<Connection>(address_of(url),
                                        std::make_unique<ScriptedStream>(runtime, logs.back(), std::move(script)),
                                        std::to_string(logs.size() - 1));
  }
  bool closed(std::size_t index) const { return logs.at(index)->destroyed; }
  std::size_t open() const {
    std::size_t count = 0;
    for (const auto& log : logs) count += log->destroyed ? 0U : 1U;
    return count;
  }
};

constexpr const char* url_a = "http://a.example/";
constexpr const char* url_b = "http://b.example/";

}  // namespace

TEST_SUITE("connection/connection_pool") {
  TEST_CASE("gives back what it was given, the one used last first") {
    Maker maker;
    ConnectionPool pool;
    CHECK(pool.acquire(address_of(url_a), start, false) == nullptr);
    for (int i = 0; i < 3; ++i) pool.release(maker.make(url_a), start + i * 1ms);
    pool.release(maker.make(url_b), start + 3ms);
    CHECK(pool.idle_connection_count() == 4);
    for (const char* expected : {"2", "1", "0"}) {
      const std::unique_ptr<Connection> got = pool.acquire(address_of(url_a), start + 4ms, false);
      REQUIRE(got != nullptr);
      CHECK(got->peer() == expected);
    }
    CHECK(pool.acquire(address_of(url_a), start + 4ms, false) == nullptr);
    CHECK(pool.idle_connection_count() == 1);
    CHECK(pool.acquire(address_of(url_b), start + 4ms, false)->peer() == "3");
    CHECK(pool.idle_connection_count() == 0);
  }

  TEST_CASE("a connection serves only its own scheme, host, port and settings") {
    Maker maker;
    ConnectionPool pool;
    pool.release(maker.make(url_a), start);
    const detail::ConnectionSettings other;
    CHECK(pool.acquire(address_of("https://a.example/"), start, false) == nullptr);
    CHECK(pool.acquire(address_of("https://a.example:80/"), start, false) == nullptr);
    CHECK(pool.acquire(address_of("http://a.example:81/"), start, false) == nullptr);
    CHECK(pool.acquire(address_of("http://a.example/", &other), start, false) == nullptr);
    CHECK(pool.acquire(address_of("http://A.example:80/path?query"), start, false) != nullptr);
  }

  TEST_CASE("past its size the one idle for the longest time is closed") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{2, 5min});
    for (int i = 0; i < 4; ++i) pool.release(maker.make(i % 2 == 0 ? url_a : url_b), start + i * 1ms);
    CHECK(pool.idle_connection_count() == 2);
    CHECK(maker.closed(0));
    CHECK(maker.closed(1));
    CHECK(pool.acquire(address_of(url_a), start + 5ms, false)->peer() == "2");
    CHECK(pool.acquire(address_of(url_b), start + 5ms, false)->peer() == "3");
  }

  TEST_CASE("a pool of size 0 keeps nothing") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{0, 5min});
    pool.release(maker.make(url_a), start);
    CHECK(maker.closed(0));
    CHECK(pool.idle_connection_count() == 0);
  }

  TEST_CASE("connections past their time are closed by the next use") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{5, 10s});
    pool.release(maker.make(url_a), start);
    pool.release(maker.make(url_a), start + 1s);
    pool.release(maker.make(url_b), start + 8s);
    CHECK(pool.acquire(address_of(url_a), start + 11s, false) == nullptr);
    CHECK(maker.closed(0));
    CHECK(maker.closed(1));
    CHECK_FALSE(maker.closed(2));
    pool.release(maker.make(url_a), start + 18s);
    CHECK(maker.closed(2));
    CHECK(pool.idle_connection_count() == 1);
    CHECK(pool.acquire(address_of(url_a), start + 28s - 1ns, false) != nullptr);
  }

  TEST_CASE("what the server said about its idle time is kept to") {
    Maker maker;
    ConnectionPool pool;
    for (const auto idle : {3999ms, 4000ms}) {
      std::unique_ptr<Connection> connection = maker.make(url_a);
      connection->server_keep_alive = 4s;
      pool.release(std::move(connection), start);
      CHECK((pool.acquire(address_of(url_a), start + idle, false) != nullptr) == (idle < 4s));
    }
    CHECK(maker.open() == 0);
  }

  TEST_CASE("a connection is looked at after a second, or before what cannot be repeated") {
    Maker maker;
    ConnectionPool pool;
    const auto usable = [&](Script script, Clock::duration idle, bool check_first) {
      pool.release(maker.make(url_a, std::move(script)), start);
      return pool.acquire(address_of(url_a), start + idle, check_first) != nullptr;
    };
    CHECK(usable(Script().silence(), 10s, true));
    CHECK(usable(Script().end(), 999ms, false));  // not looked at: no system call per request
    CHECK(maker.logs.back()->reads == 0);
    CHECK_FALSE(usable(Script().end(), 999ms, true));
    CHECK_FALSE(usable(Script().end(), 1s, false));
    CHECK_FALSE(usable(Script().reset(), 1s, false));
    CHECK_FALSE(usable(Script().data("HTTP/1.1 408 Request Timeout\r\n\r\n"), 1s, false));
    CHECK(maker.open() == 0);
    CHECK(pool.idle_connection_count() == 0);
  }

  TEST_CASE("one that was closed meanwhile gives way to the next") {
    Maker maker;
    ConnectionPool pool;
    pool.release(maker.make(url_a, Script().silence()), start);
    pool.release(maker.make(url_a, Script().end()), start + 1ms);
    pool.release(maker.make(url_a, Script().end()), start + 2ms);
    const std::unique_ptr<Connection> got = pool.acquire(address_of(url_a), start + 5s, false);
    REQUIRE(got != nullptr);
    CHECK(got->peer() == "0");
    CHECK(maker.open() == 1);
  }

  TEST_CASE("all idle connections can be closed at once") {
    Maker maker;
    ConnectionPool pool;
    for (int i = 0; i < 5; ++i) pool.release(maker.make(i % 2 == 0 ? url_a : url_b), start);
    pool.evict_all();
    CHECK(maker.open() == 0);
    CHECK(pool.idle_connection_count() == 0);
    pool.release(maker.make(url_a), start);
    CHECK(pool.acquire(address_of(url_a), start, false) != nullptr);
    {
      ConnectionPool short_lived;
      short_lived.release(maker.make(url_a), start);
    }
    CHECK(maker.open() == 0);
  }

  TEST_CASE("connections of a loop are given back on the loop's thread") {
    EventLoop loop;
    auto log = std::make_shared<ScriptLog>();
    ConnectionPool pool({}, &loop);
    pool.release(
        std::make_unique<Connection>(address_of(url_a), std::make_unique<ScriptedStream>(loop, log, Script()), "a"),
        loop.now());
    pool.evict_all();
    CHECK(pool.idle_connection_count() == 0);
    CHECK(log->shut_down);
    CHECK_FALSE(log->destroyed);
    CHECK(loop.poll());
    CHECK(log->destroyed);
  }

  TEST_CASE("many threads share a pool") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{3, 5min});
    for (int i = 0; i < 6; ++i) pool.release(maker.make(i % 2 == 0 ? url_a : url_b), start);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&pool, t] {
        const Address address = address_of(t % 2 == 0 ? url_a : url_b);
        for (int i = 0; i < 2000; ++i) {
          std::unique_ptr<Connection> connection = pool.acquire(address, start, false);
          if (connection != nullptr) pool.release(std::move(connection), start);
          (void)pool.idle_connection_count();
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(pool.idle_connection_count() <= 3);
    pool.evict_all();
    CHECK(maker.open() == 0);
  }

  TEST_CASE("hundreds of addresses keep their own connections") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{1000, 5min});
    for (int i = 0; i < 300; ++i)
      pool.release(maker.make(("http://host" + std::to_string(i) + ".example/").c_str()), start);
    for (int i = 0; i < 300; ++i) {
      const auto got =
          pool.acquire(address_of(("http://host" + std::to_string(i) + ".example/").c_str()), start, false);
      REQUIRE(got != nullptr);
      CHECK(got->peer() == std::to_string(i));
    }
    CHECK(pool.idle_connection_count() == 0);
  }
}

}  // namespace connection_pool_test
