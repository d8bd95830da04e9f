// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/dispatcher.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dispatcher_test {

using namespace okhttp;

namespace {

/// Holds jobs until the test runs them.
class FakeBackend final : public DispatchBackend {
 public:
  Runtime& runtime() noexcept override { return runtime_; }
  void execute(Task<void> job) override { jobs.push_back(std::move(job)); }
  Result<void> poll() override { return {}; }
  Result<void> run_until_idle() override { return {}; }
  void shut_down() override {}

  /// Runs the job that has waited for the longest time.
  void run_next() {
    REQUIRE_FALSE(jobs.empty());
    Task<void> job = std::move(jobs.front());
    jobs.pop_front();
    CHECK(runtime_.run(std::move(job), ""));
  }
  void run_all() {
    while (!jobs.empty()) run_next();
  }
  std::deque<Task<void>> jobs;

 private:
  BlockingRuntime runtime_;
};

class FakeCall final : public detail::DispatchedCall, public std::enable_shared_from_this<FakeCall> {
 public:
  FakeCall(std::string host_name, std::string call_name) : host(std::move(host_name)), name(std::move(call_name)) {}
  void cancel_dispatched() override {
    ++cancels;
    if (on_cancel) on_cancel();
  }
  std::shared_ptr<DispatchedCall> hold_dispatched() override { return shared_from_this(); }
  std::string_view dispatch_host() const noexcept override { return host; }

  const std::string host;
  const std::string name;
  int cancels = 0;
  std::function<void()> on_cancel;
};

struct Fixture {
  explicit Fixture(DispatcherOptions options = {}) : dispatcher(options, backend) {}

  Task<void> job(std::shared_ptr<FakeCall> call) {
    ran += (ran.empty() ? "" : " ") + call->name;
    dispatcher.finished(*call);
    co_return;
  }
  std::shared_ptr<FakeCall> enqueue(std::string host, std::string name) {
    auto call = std::make_shared<FakeCall>(std::move(host), std::move(name));
    CHECK(dispatcher.enqueue(call, job(call)));
    return call;
  }

  FakeBackend backend;
  Dispatcher dispatcher;
  std::string ran;
};

}  // namespace

TEST_SUITE("dispatch/dispatcher") {
  TEST_CASE("calls start at once while there is room") {
    Fixture f;
    f.enqueue("a", "1");
    CHECK(f.backend.jobs.size() == 1);
    CHECK(f.dispatcher.running_calls_count() == 1);
    CHECK(f.dispatcher.queued_calls_count() == 0);
    f.backend.run_all();
    CHECK(f.dispatcher.running_calls_count() == 0);
    CHECK(f.ran == "1");
  }

  TEST_CASE("no more calls run than allowed, in the order they came") {
    Fixture f({2, 2});
    for (const char* name : {"1", "2", "3", "4", "5"}) f.enqueue(name, name);
    CHECK(f.backend.jobs.size() == 2);
    CHECK(f.dispatcher.running_calls_count() == 2);
    CHECK(f.dispatcher.queued_calls_count() == 3);
    f.backend.run_next();
    CHECK(f.dispatcher.running_calls_count() == 2);
    CHECK(f.dispatcher.queued_calls_count() == 2);
    f.backend.run_all();
    CHECK(f.ran == "1 2 3 4 5");
  }

  TEST_CASE("a host at its limit lets calls to others pass") {
    Fixture f({3, 1});
    for (const char* name : {"a1", "a2", "b1", "a3", "b2", "c1"}) f.enqueue(std::string(1, name[0]), name);
    CHECK(f.backend.jobs.size() == 3);  // a1, b1, c1
    f.backend.run_next();
    CHECK(f.ran == "a1");
    CHECK(f.backend.jobs.size() == 3);
    f.backend.run_all();
    CHECK(f.ran == "a1 b1 c1 a2 b2 a3");
  }

  TEST_CASE("calls that waited for their host keep their turn among others") {
    Fixture f({1, 1});
    for (const char* name : {"a1", "a2", "b1", "a3"}) f.enqueue(std::string(1, name[0]), name);
    f.backend.run_all();
    CHECK(f.ran == "a1 a2 b1 a3");
  }

  TEST_CASE("higher limits start what waits, lower ones let what runs end") {
    Fixture f({1, 1});
    for (const char* name : {"a1", "a2", "a3", "b1"}) f.enqueue(std::string(1, name[0]), name);
    CHECK(f.backend.jobs.size() == 1);
    REQUIRE(f.dispatcher.set_limits({10, 1}));
    CHECK(f.backend.jobs.size() == 2);
    REQUIRE(f.dispatcher.set_limits({10, 2}));
    CHECK(f.backend.jobs.size() == 3);
    REQUIRE(f.dispatcher.set_limits({1, 1}));
    CHECK(f.dispatcher.limits().max_requests == 1);
    f.backend.run_next();
    f.backend.run_next();
    CHECK(f.dispatcher.running_calls_count() == 1);
    CHECK(f.dispatcher.queued_calls_count() == 1);
    f.backend.run_all();
    CHECK(f.ran == "a1 b1 a2 a3");
    CHECK(f.dispatcher.set_limits({0, 1}).error().code() == Errc::invalid_argument);
    CHECK(f.dispatcher.set_limits({1, 0}).error().code() == Errc::invalid_argument);
  }

  TEST_CASE("calls somebody waits for count as running but not towards the limits") {
    Fixture f({1, 1});
    auto first = std::make_shared<FakeCall>("a", "w1");
    auto second = std::make_shared<FakeCall>("a", "w2");
    f.dispatcher.begin_waited(*first);
    f.dispatcher.begin_waited(*second);
    f.enqueue("a", "1");
    CHECK(f.backend.jobs.size() == 1);
    CHECK(f.dispatcher.running_calls_count() == 3);
    f.dispatcher.end_waited(*first);
    CHECK(f.dispatcher.running_calls_count() == 2);
    f.backend.run_all();
    f.dispatcher.end_waited(*second);
    CHECK(f.dispatcher.running_calls_count() == 0);
  }

  TEST_CASE("the idle callback runs when nothing runs and nothing waits") {
    Fixture f({1, 1});
    int idle = 0;
    f.dispatcher.set_idle_callback([&] {
      ++idle;
      CHECK(f.dispatcher.running_calls_count() == 0);  // not called under the lock
    });
    f.enqueue("a", "1");
    f.enqueue("a", "2");
    f.backend.run_next();
    CHECK(idle == 0);  // the second was promoted
    auto waited = std::make_shared<FakeCall>("a", "w");
    f.dispatcher.begin_waited(*waited);
    f.backend.run_next();
    CHECK(idle == 0);
    f.dispatcher.end_waited(*waited);
    CHECK(idle == 1);
    f.dispatcher.set_idle_callback(nullptr);
    f.enqueue("a", "3");
    f.backend.run_all();
    CHECK(idle == 1);
  }

  TEST_CASE("the idle callback may enqueue the next call and replace itself") {
    Fixture f;
    int idle = 0;
    f.dispatcher.set_idle_callback([&] {
      ++idle;
      f.dispatcher.set_idle_callback([&] { idle += 10; });
      f.enqueue("a", "2");
    });
    f.enqueue("a", "1");
    f.backend.run_all();
    CHECK(idle == 11);
    CHECK(f.ran == "1 2");
  }

  TEST_CASE("cancel_all reaches queued, running and waited calls") {
    Fixture f({1, 1});
    const auto running = f.enqueue("a", "1");
    const auto queued = f.enqueue("a", "2");
    const auto other = f.enqueue("b", "3");
    auto waited = std::make_shared<FakeCall>("a", "w");
    f.dispatcher.begin_waited(*waited);
    // A cancel may come back: nothing is locked.
    running->on_cancel = [&] { CHECK(f.dispatcher.running_calls_count() == 2); };
    waited->on_cancel = [&] { f.dispatcher.end_waited(*waited); };
    f.dispatcher.cancel_all();
    for (const auto& call : {running, queued, other, waited}) CHECK(call->cancels == 1);
    CHECK(f.dispatcher.queued_calls_count() == 2);  // each ends in its own time
    f.backend.run_all();
    CHECK(f.ran == "1 2 3");
  }

  TEST_CASE("closing cancels everything, starts what waits, and takes nothing more") {
    Fixture f({1, 1});
    std::vector<std::shared_ptr<FakeCall>> calls;
    for (const char* name : {"a1", "a2", "b1", "a3"}) calls.push_back(f.enqueue(std::string(1, name[0]), name));
    auto late = std::make_shared<FakeCall>("c", "late");
    calls[0]->on_cancel = [&] { CHECK_FALSE(f.dispatcher.enqueue(late, f.job(late))); };
    f.dispatcher.close();
    for (const auto& call : calls) CHECK(call->cancels == 1);
    CHECK(f.backend.jobs.size() == 4);
    CHECK(f.dispatcher.queued_calls_count() == 0);
    Task<void> job = f.job(late);
    CHECK_FALSE(f.dispatcher.execute(job));
    f.backend.run_all();
    CHECK(f.ran == "a1 a2 b1 a3");
    CHECK(f.dispatcher.running_calls_count() == 0);
  }

  TEST_CASE("jobs that are no calls run outside the limits") {
    Fixture f({1, 1});
    f.enqueue("a", "1");
    auto other = std::make_shared<FakeCall>("a", "other");
    bool ran = false;
    auto make = [](bool& flag) -> Task<void> {
      flag = true;
      co_return;
    };
    Task<void> job = make(ran);
    CHECK(f.dispatcher.execute(job));
    CHECK(f.backend.jobs.size() == 2);
    f.backend.run_all();
    CHECK(ran);
  }

  TEST_CASE("forgotten calls may still end") {
    Fixture f;
    std::weak_ptr<FakeCall> call = f.enqueue("a", "1");
    f.dispatcher.close();
    f.dispatcher.forget_calls();
    CHECK(f.dispatcher.running_calls_count() == 0);
    f.backend.run_all();
    CHECK(f.ran == "1");
    CHECK(call.expired());
  }

  TEST_CASE("many waiting calls cost no more each than few") {
    // Quadratic work would take minutes here.
    Fixture f({1, 1});
    for (int i = 0; i < 100000; ++i) f.enqueue(i % 2 == 0 ? "a" : "b", "");
    f.backend.run_all();
    CHECK(f.dispatcher.running_calls_count() == 0);
    CHECK(f.dispatcher.queued_calls_count() == 0);
  }
}

}  // namespace dispatcher_test
