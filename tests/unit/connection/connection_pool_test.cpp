// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/connection_pool.hpp>

#include <doctest/doctest.h>

#include <okhttp/connection/pool_housekeeping.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>
#include <okhttp/runtime/event_loop.hpp>
#include <okhttp/transport/tcp.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/fork.hpp"
#include "support/runtime_support.hpp"
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

Task<void> nap(Runtime& runtime, Deadline until) { co_await runtime.sleep_until(until); }

/// For what has no event to wait for; false when it takes a minute.
template <class Condition>
bool eventually(Condition condition) {
  const TimePoint end = Clock::now() + 60s;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

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
  TEST_CASE("being looked after closes what is past its time or was closed by its server") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{.keep_alive = 10s, .idle_check = 3s});
    std::vector<std::unique_ptr<Connection>> closing;
    CHECK_FALSE(pool.look_after(start, closing));
    pool.release(maker.make(url_a, Script().silence()), start);
    pool.release(maker.make(url_a, Script().silence()), start + 1s);
    std::unique_ptr<Connection> hinted = maker.make(url_b, Script().silence());
    hinted->server_keep_alive = 4s;
    pool.release(std::move(hinted), start + 2s);
    pool.release(maker.make(url_b, Script().end()), start + 3s);
    CHECK(pool.look_after(start + 4s, closing) == start + 6s);  // the hint comes first
    CHECK(closing.size() == 1);
    CHECK(closing.back()->peer() == "3");
    CHECK(pool.look_after(start + 6s, closing) == start + 9s);
    CHECK(closing.size() == 2);
    CHECK(closing.back()->peer() == "2");
    CHECK(pool.look_after(start + 9s, closing) == start + 10s);
    CHECK(pool.look_after(start + 10s, closing) == start + 11s);
    CHECK(pool.idle_connection_count() == 1);
    CHECK_FALSE(pool.look_after(start + 11s, closing));
    closing.clear();
    CHECK(maker.open() == 0);
    CHECK(pool.metrics().evicted == 4);
  }

  TEST_CASE("without idle_check only time closes idle connections") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{.keep_alive = 10s, .idle_check = 0s});
    std::vector<std::unique_ptr<Connection>> closing;
    pool.release(maker.make(url_a, Script().end()), start);
    CHECK(pool.look_after(start + 1s, closing) == start + 10s);
    CHECK(maker.logs.back()->reads == 0);
    CHECK_FALSE(pool.look_after(start + 10s, closing));
    CHECK(closing.size() == 1);
  }

  TEST_CASE("housekeeping is told when it is due, and only of connections that are kept") {
    struct Plans final : detail::PoolHousekeeping {
      explicit Plans(std::vector<TimePoint>& to) : list(to) {}
      void plan(TimePoint when) override { list.push_back(when); }
      std::vector<TimePoint>& list;
    };
    Maker maker;
    std::vector<TimePoint> plans;
    ConnectionPool pool(ConnectionPoolOptions{.keep_alive = 10s, .idle_check = 3s});
    pool.set_housekeeping(std::make_unique<Plans>(plans));
    pool.release(maker.make(url_a), start);
    std::unique_ptr<Connection> hinted = maker.make(url_b);
    hinted->server_keep_alive = 2s;
    pool.release(std::move(hinted), start + 1s);
    CHECK(plans == std::vector<TimePoint>{start + 3s, start + 3s});
    pool.evict_all();
    ConnectionPool none(ConnectionPoolOptions{.max_idle_connections = 0});
    none.set_housekeeping(std::make_unique<Plans>(plans));
    none.release(maker.make(url_a), start);
    CHECK(plans.size() == 2);
  }

  TEST_CASE("what the pool counts adds up") {
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{.max_idle_connections = 1});
    const auto open = [&](const char* url, Script script = {}) {
      std::unique_ptr<Connection> connection = maker.make(url, std::move(script));
      pool.opened(*connection, start);
      return connection;
    };
    const auto counts = [&](std::size_t idle, std::size_t active, std::uint64_t hits, std::uint64_t created,
                            std::uint64_t evicted) {
      const ConnectionPoolMetrics metrics = pool.metrics();
      CHECK(metrics.idle == idle);
      CHECK(metrics.active == active);
      CHECK(metrics.waiting == 0);
      CHECK(metrics.hits == hits);
      CHECK(metrics.created == created);
      CHECK(metrics.evicted == evicted);
    };
    std::unique_ptr<Connection> a = open(url_a);
    std::unique_ptr<Connection> b = open(url_b, Script().end());
    counts(0, 2, 0, 2, 0);
    pool.release(std::move(a), start);
    counts(1, 1, 0, 2, 0);
    a = pool.acquire(address_of(url_a), start, false);
    counts(0, 2, 1, 2, 0);
    a.reset();  // failed
    counts(0, 1, 1, 2, 0);
    pool.release(std::move(b), start);
    CHECK(pool.acquire(address_of(url_b), start, true) == nullptr);  // the server has closed it
    counts(0, 0, 1, 2, 1);
    pool.release(open(url_a), start);
    pool.release(open(url_b), start);  // one too many
    counts(1, 0, 1, 4, 2);
    pool.evict_all();
    counts(0, 0, 1, 4, 3);
  }

  TEST_CASE("connections in use while all are evicted are not used again") {
    Maker maker;
    ConnectionPool pool;
    std::unique_ptr<Connection> before = maker.make(url_a);
    pool.opened(*before, start);
    pool.evict_all();
    std::unique_ptr<Connection> after = maker.make(url_a);
    pool.opened(*after, start);
    pool.release(std::move(before), start);
    CHECK(maker.closed(0));
    CHECK(pool.idle_connection_count() == 0);
    pool.release(std::move(after), start);
    CHECK(pool.idle_connection_count() == 1);
    pool.close();
    CHECK(maker.open() == 0);
    pool.release(maker.make(url_a), start);
    CHECK(maker.open() == 0);
  }

  TEST_CASE("a pool may go before a connection that somebody has kept") {
    Maker maker;
    std::unique_ptr<Connection> kept = maker.make(url_a);
    {
      ConnectionPool pool;
      pool.opened(*kept, start);
    }
    kept.reset();
    CHECK(maker.open() == 0);
  }

  TEST_CASE("open bodies are listed with their server and age, the oldest first") {
    Maker maker;
    ConnectionPool pool({}, &maker.runtime);
    std::vector<std::unique_ptr<Connection>> kept;
    for (const char* url : {"https://user:secret@a.example/path?token=1", "http://[::1]:8080/", "http://busy.example/"}) {
      kept.push_back(maker.make(url));
      pool.opened(*kept.back(), maker.runtime.now());
      kept.back()->body_open = kept.size() < 3;
      maker.runtime.advance(5s);
    }
    const std::vector<OpenBody> open = pool.open_bodies();
    REQUIRE(open.size() == 2);
    CHECK(open[0].origin == "https://a.example:443");
    CHECK(open[0].age == 15s);
    CHECK(open[1].origin == "http://[::1]:8080");
    CHECK(open[1].age == 10s);
    pool.release(std::move(kept[0]), start);
    CHECK(pool.open_bodies().size() == 1);
  }

  TEST_CASE("a loop closes idle connections by its clock and is not kept running by them") {
    FOR_EACH_POLLER();
    support::VirtualTime time;
    EventLoop loop(support::loop_options(use_poll, &time));
    Maker maker;
    ConnectionPool pool(ConnectionPoolOptions{.keep_alive = 10s}, &loop);
    pool.set_housekeeping(detail::housekeeping_on_loop(pool));
    const auto sleep = [&](Clock::duration duration) { (void)loop.run(nap(loop, time.in(duration)), ""); };
    loop.post([&] { pool.release(maker.make(url_a, Script().silence()), loop.now()); });
    sleep(4s);
    loop.post([&] { pool.release(maker.make(url_b, Script().silence()), loop.now()); });
    sleep(5s);
    CHECK(maker.open() == 2);
    sleep(1s);
    CHECK(maker.closed(0));
    CHECK(pool.idle_connection_count() == 1);
    sleep(4s);
    CHECK(maker.open() == 0);
    // It begins anew, and ends with the pool.
    loop.post([&] { pool.release(maker.make(url_a, Script().silence()), loop.now()); });
    CHECK(loop.run_until_idle());
    CHECK(maker.open() == 1);
    CHECK(time.elapsed() == 14s);
    pool.tear_down();
    CHECK(loop.poll());
    CHECK(maker.open() == 0);
  }

  TEST_CASE("a loop drops an idle connection as soon as its server closes it") {
    FOR_EACH_POLLER();
    support::VirtualTime time;
    EventLoop loop(support::loop_options(use_poll, &time));
    ConnectionPool pool({}, &loop);
    pool.set_housekeeping(detail::housekeeping_on_loop(pool));
    support::SocketPair quiet;
    support::SocketPair closed;
    for (support::SocketPair* pair : {&quiet, &closed}) {
      loop.post([&loop, &pool, pair] {
        auto stream = std::make_unique<detail::TcpStream>(loop, ::dup(pair->near()));
        REQUIRE(stream->connected(false));
        pool.release(std::make_unique<Connection>(address_of(url_a), std::move(stream), "peer"), loop.now());
      });
    }
    const auto turn = [&] {
      for (int i = 0; i < 5; ++i) (void)loop.run(nap(loop, time.in(1ms)), "");
    };
    turn();
    CHECK(pool.idle_connection_count() == 2);
    closed.close_near();
    closed.close_far();
    CHECK(eventually([&] { turn(); return pool.idle_connection_count() == 1; }));
    // One that is in use is its call's matter.
    std::unique_ptr<Connection> taken;
    loop.post([&] { taken = pool.acquire(address_of(url_a), loop.now(), false); });
    turn();
    REQUIRE(taken != nullptr);
    quiet.close_far();
    turn();
    CHECK(pool.metrics().active == 1);
    taken.reset();
    CHECK(pool.metrics().active == 0);
  }

  TEST_CASE("a thread closes idle connections, and is there only while there are some") {
    Maker maker;
    BlockingRuntime runtime;
    ConnectionPool pool(ConnectionPoolOptions{.keep_alive = 1h, .idle_check = 1ms}, &runtime);
    pool.set_housekeeping(detail::housekeeping_thread(pool));
    pool.release(maker.make(url_a, Script().silence()), runtime.now());
    pool.release(maker.make(url_a, Script().end()), runtime.now());
    CHECK(eventually([&] { return pool.idle_connection_count() == 1; }));
    pool.release(maker.make(url_b, Script().end()), runtime.now());
    CHECK(eventually([&] { return pool.idle_connection_count() == 1; }));
    CHECK_FALSE(maker.closed(0));
    pool.close();  // joins
    CHECK(maker.open() == 0);
  }

#if OKHTTP_TEST_FORKS
  TEST_CASE("a child process, in which that thread is not, ends all the same") {
    Maker maker;
    BlockingRuntime runtime;
    ConnectionPool pool(ConnectionPoolOptions{.idle_check = 0s}, &runtime);
    pool.set_housekeeping(detail::housekeeping_thread(pool));
    pool.release(maker.make(url_a), runtime.now());
    REQUIRE(okhttp_tests::others_sleep());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::alarm(30);
      pool.close();
      ::_exit(pool.idle_connection_count() == 0 ? 0 : 1);
    }
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(pool.idle_connection_count() == 1);
  }
#endif
}

}  // namespace connection_pool_test
