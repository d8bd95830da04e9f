// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tcp_race.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include <poll.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/raw_server.hpp"
#include "support/runtime_support.hpp"

namespace tcp_race_test {

using namespace okhttp;
using namespace std::chrono_literals;
using detail::race_tcp;
using okhttp_tests::FullBacklog;
using okhttp_tests::Listener;
using support::VirtualTime;

namespace {

using Winner = Raced<std::unique_ptr<Stream>>;

/// A blocking runtime whose time jumps to the end of every wait in which nothing happens.
class JumpingSockets final : public Runtime {
 public:
  JumpingSockets() : Runtime(true) {}
  TimePoint now() const override { return now_; }
  bool begin_wait(WaitAny& wait) override {
    std::vector<pollfd> entries;
    for (const WaitItem& item : wait.items()) entries.push_back({item.io->fd, POLLOUT, 0});
    // What a connect on loopback comes to is known at once; a moment is for the kernel to say so.
    if (::poll(entries.data(), entries.size(), 20) <= 0) {
      now_ = std::max(now_, wait.deadline().time());
      return true;
    }
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].revents != 0) wait.items()[i].ready = Interest::write;
    wait.set_ready();
    return true;
  }
  Task<void> offload(UniqueFunction<void()> job) override {
    job();
    co_return;
  }
  void post(UniqueFunction<void()> function) override { function(); }
  void cancel_wait(WaitAny&) noexcept override {}
  void resume(detail::ReadyNode&) noexcept override {}
  void complete_wait(WaitAny&) noexcept override {}
  Result<void> attach(detail::IoHandle&) override { return {}; }
  void detach(detail::IoHandle&) noexcept override {}
  const TimePoint start = TimePoint(1h);

 protected:
  Result<void> run_root(Task<void>, const char*) override { std::abort(); }

 private:
  TimePoint now_ = start;
};

// The ways in which a race is run, all with a clock of their own.
struct Blocking {
  JumpingSockets runtime;
  TimePoint now() const { return runtime.now(); }
  TimePoint start() const { return runtime.start; }
};
template <bool use_poll>
struct Looping {
  VirtualTime time;
  EventLoop runtime{support::loop_options(use_poll, &time)};
  TimePoint now() { return time.now(); }
  TimePoint start() const { return time.start; }
};
#define EVERY_WAY Blocking, Looping<false>, Looping<true>

Endpoint endpoint(const Listener& listener, const char* host = "127.0.0.1") {
  Endpoint to;
  to.host = "server.test";
  to.port = listener.port();
  to.address = *IpAddress::try_parse(host);
  return to;
}
/// A port nobody listens on.
Endpoint refusing() {
  const Listener gone;
  return endpoint(gone);
}

/// A race and what was seen of it: "0" for an attempt that began, "0!" for one that failed, each with
/// the milliseconds since the beginning.
template <class Way>
struct Race final : ConnectObserver {
  Result<Winner> run(std::vector<Endpoint> endpoints, Clock::duration timeout = 10s) {
    for (Endpoint& to : endpoints) to.observer = this;
    first = endpoints.data();
    const Deadline deadline = timeout == 0s ? Deadline::never() : Deadline::at(way.now() + timeout);
    Result<Winner> winner = way.runtime.run(race_tcp(way.runtime, endpoints, deadline), "");
    if (winner) note(std::to_string(winner->index) + "+");
    return winner;
  }
  void attempt_begun(const Endpoint& to) override { note(std::to_string(&to - first)); }
  void attempt_failed(const Endpoint& to, const Error&) override { note(std::to_string(&to - first) + "!"); }
  void note(const std::string& what) {
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(way.now() - way.start());
    log += (log.empty() ? "" : " ") + what + "@" + std::to_string(elapsed.count());
  }
  Way way;
  const Endpoint* first = nullptr;
  std::string log;
};

}  // namespace

TEST_SUITE("transport/tcp_race") {
  TEST_CASE("families take turns, IPv6 first, each in its own order") {
    const auto parsed = [](std::vector<const char*> texts) {
      std::vector<IpAddress> addresses;
      for (const char* text : texts) addresses.push_back(*IpAddress::try_parse(text));
      return addresses;
    };
    const auto ordered = [&](std::vector<const char*> texts) {
      std::string names;
      for (const IpAddress& address : interleave_families(parsed(std::move(texts))))
        names += (names.empty() ? "" : " ") + address.to_string();
      return names;
    };
    CHECK(ordered({}).empty());
    CHECK(ordered({"192.0.2.1"}) == "192.0.2.1");
    CHECK(ordered({"192.0.2.1", "192.0.2.2"}) == "192.0.2.1 192.0.2.2");
    CHECK(ordered({"192.0.2.1", "2001:db8::1"}) == "2001:db8::1 192.0.2.1");
    CHECK(ordered({"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"}) ==
          "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3");
    CHECK(ordered({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"}) ==
          "2001:db8::1 192.0.2.1 2001:db8::2 2001:db8::3");
  }

  TEST_CASE_TEMPLATE("the first address that answers at once is the only one tried", Way, EVERY_WAY) {
    const Listener good;
    const Listener other;
    Race<Way> race;
    const Result<Winner> winner = race.run({endpoint(good), endpoint(other)});
    REQUIRE(winner);
    CHECK(race.log == "0@0 0+@0");
    const okhttp_tests::Descriptor accepted(good.accept());
    CHECK(accepted.get() >= 0);
    const ConstBytes text = std::as_bytes(std::span("hello"));
    CHECK(winner->stream->try_write(std::span(&text, 1)).ok());
  }

  TEST_CASE_TEMPLATE("the next attempt begins after 250 ms, and whoever is connected first wins", Way, EVERY_WAY) {
    const FullBacklog silent;
    const FullBacklog silent_too;
    const Listener good;
    const Listener never_tried;
    Race<Way> race;
    const Result<Winner> winner =
        race.run({endpoint(silent), endpoint(silent_too), endpoint(good), endpoint(never_tried)});
    REQUIRE(winner);
    CHECK(winner->index == 2);
    CHECK(race.log == "0@0 1@250 2@500 0!@500 1!@500 2+@500");
  }

  TEST_CASE_TEMPLATE("an attempt that fails alone makes room for the next at once", Way, EVERY_WAY) {
    const Listener good;
    Race<Way> race;
    REQUIRE(race.run({refusing(), refusing(), endpoint(good)}));
    CHECK(race.log == "0@0 0!@0 1@0 1!@0 2@0 2+@0");
  }

  TEST_CASE_TEMPLATE("an attempt that fails while another is under way changes nothing", Way, EVERY_WAY) {
    const FullBacklog silent;
    const Listener good;
    Race<Way> race;
    REQUIRE(race.run({endpoint(silent), refusing(), endpoint(good)}));
    CHECK(race.log == "0@0 1@250 1!@250 2@500 0!@500 2+@500");
  }

  TEST_CASE_TEMPLATE("when all have failed the last failure is the error", Way, EVERY_WAY) {
    const Endpoint last = refusing();
    Race<Way> race;
    const Result<Winner> winner = race.run({refusing(), refusing(), last});
    REQUIRE_FALSE(winner);
    CHECK(winner.error() == Errc::connect_refused);
    CHECK(winner.error().message().find(last.to_string()) != std::string::npos);
    CHECK(race.log == "0@0 0!@0 1@0 1!@0 2@0 2!@0");
  }

  TEST_CASE_TEMPLATE("the deadline is that of the whole race, and nothing is left connecting", Way, EVERY_WAY) {
    const FullBacklog silent;
    const FullBacklog silent_too;
    const FullBacklog silent_three;
    Race<Way> race;
    const int before = support::open_descriptors();
    const Result<Winner> winner =
        race.run({endpoint(silent), endpoint(silent_too), endpoint(silent_three)}, 400ms);
    REQUIRE_FALSE(winner);
    CHECK(winner.error() == Errc::connect_timeout);
    CHECK(winner.error().message().find(endpoint(silent_too).to_string()) != std::string::npos);
    CHECK(race.log == "0@0 1@250 0!@400 1!@400");
    CHECK(race.way.now() - race.way.start() == 400ms);
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE_TEMPLATE("losers are closed", Way, EVERY_WAY) {
    const FullBacklog silent;
    const Listener good;
    Race<Way> race;
    const int before = support::open_descriptors();
    {
      const Result<Winner> winner = race.run({endpoint(silent), endpoint(good)});
      REQUIRE(winner);
      CHECK(support::open_descriptors() == before + 1);
    }
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE("a race that is dropped leaves nothing connecting") {
    FOR_EACH_POLLER();
    const FullBacklog silent;
    const FullBacklog silent_too;
    const std::vector<Endpoint> endpoints = {endpoint(silent), endpoint(silent_too)};
    VirtualTime time;
    EventLoop loop(support::loop_options(use_poll, &time));
    const int before = support::open_descriptors();
    const auto waits = [](EventLoop& own, const std::vector<Endpoint>& to) -> Task<void> {
      (void)co_await race_tcp(own, to, Deadline::never()).outcome();
    };
    loop.spawn(waits(loop, endpoints));
    CHECK(loop.poll());
    CHECK(support::open_descriptors() > before);
    loop.abandon_tasks();
    CHECK(support::open_descriptors() == before);
  }

  TEST_CASE_TEMPLATE("a cancel from another thread ends a race", R, BlockingRuntime, EventLoop) {
    const FullBacklog silent;
    const FullBacklog silent_too;
    R runtime;
    const auto call = std::make_shared<Cancellation>(runtime);
    std::vector<Endpoint> endpoints = {endpoint(silent), endpoint(silent_too)};
    for (Endpoint& to : endpoints) to.cancellation = call.get();
    const int before = support::open_descriptors();
    std::thread canceler([&] {
      silent.wait_for_connecting();
      call->cancel();
    });
    const Result<Winner> winner =
        runtime.run(race_tcp(runtime, endpoints, Deadline::after(runtime.now(), 60s)), "");
    canceler.join();
    REQUIRE_FALSE(winner);
    CHECK(winner.error() == Errc::canceled);
    CHECK(support::open_descriptors() <= before + 2);  // a loop may keep its own
  }

  TEST_CASE("a race that was canceled before makes no attempt") {
    const Listener good;
    BlockingRuntime runtime;
    const auto call = std::make_shared<Cancellation>(runtime);
    call->cancel();
    Endpoint to = endpoint(good);
    to.cancellation = call.get();
    const std::vector<Endpoint> endpoints = {to};
    const Result<Winner> winner = runtime.run(race_tcp(runtime, endpoints, Deadline::never()), "");
    REQUIRE_FALSE(winner);
    CHECK(winner.error() == Errc::canceled);
  }

  TEST_CASE("many addresses are raced side by side") {
    std::vector<std::unique_ptr<FullBacklog>> silent;
    std::vector<Endpoint> endpoints;
    for (int i = 0; i < 12; ++i) {
      silent.push_back(std::make_unique<FullBacklog>());
      endpoints.push_back(endpoint(*silent.back()));
    }
    const Listener good;
    endpoints.push_back(endpoint(good));
    Race<Blocking> race;
    const Result<Winner> winner = race.run(endpoints);
    REQUIRE(winner);
    CHECK(winner->index == 12);
    CHECK(race.way.now() - race.way.start() == 12 * 250ms);
  }
}

#undef EVERY_WAY

}  // namespace tcp_race_test
