// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/dns.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/held_resolver.hpp"
#include "support/runtime_support.hpp"

namespace dns_test {

using namespace okhttp;
using namespace std::chrono_literals;
using support::gate;

namespace {

Result<std::vector<IpAddress>> resolve(Runtime& runtime, std::string host, Deadline deadline = Deadline::never(),
                                       Cancellation* cancellation = nullptr) {
  return runtime.run(detail::resolve_with_system(runtime, std::move(host), deadline, cancellation), "");
}

Result<std::vector<IpAddress>> look_up(const Dns& dns, std::string host) {
  BlockingRuntime runtime;
  return runtime.run(dns(DnsLookup(std::move(host))), "");
}

}  // namespace

TEST_SUITE("transport/dns") {
  TEST_CASE_TEMPLATE("names are resolved by the system", R, BlockingRuntime, EventLoop) {
    R runtime;
    Result<std::vector<IpAddress>> found = resolve(runtime, "four.test");
    REQUIRE(found);
    CHECK(*found == std::vector{*IpAddress::try_parse("127.0.0.1")});
    found = resolve(runtime, "six.test");
    REQUIRE(found);
    CHECK(*found == std::vector{*IpAddress::try_parse("::1")});
  }

  TEST_CASE_TEMPLATE("a name without an address is an error that names it", R, BlockingRuntime, EventLoop) {
    R runtime;
    const Result<std::vector<IpAddress>> found = resolve(runtime, "missing.test");
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::dns);
    CHECK(found.error().message().find("missing.test") != std::string::npos);
  }

  TEST_CASE("that nobody could say where a host is differs from that it is nowhere") {
    BlockingRuntime runtime;
    const auto is_final = [&](std::string host) {
      bool final = false;
      Task<std::vector<IpAddress>> task =
          detail::resolve_with_system(runtime, std::move(host), Deadline::never(), nullptr, &final);
      (void)runtime.run(std::move(task), "");
      return final;
    };
    CHECK(is_final("missing.test"));
    CHECK(is_final("some.invalid"));
    CHECK_FALSE(is_final("unreachable.test"));
  }

  TEST_CASE_TEMPLATE("a lookup that hangs is given up when the call is canceled", R, BlockingRuntime, EventLoop) {
    R runtime;
    const auto call = std::make_shared<Cancellation>(runtime);
    gate().close();
    std::thread other([&] {
      gate().wait_until_waiting(1);
      call->cancel();
    });
    const Result<std::vector<IpAddress>> found = resolve(runtime, "a.held.test", Deadline::never(), call.get());
    other.join();
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::canceled);
    CHECK(found.error().message().find("a.held.test") != std::string::npos);
    gate().open();
    gate().wait_until_waiting(0);
  }

  TEST_CASE("a lookup that hangs is given up at its deadline") {
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    gate().close();
    Result<std::vector<IpAddress>> found = resolve(loop, "b.held.test", time.in(10s));
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::connect_timeout);
    CHECK(found.error().message().find("b.held.test") != std::string::npos);
    CHECK(time.elapsed() == 10s);

    BlockingRuntime blocking;
    found = resolve(blocking, "c.held.test", Deadline::at(Clock::now() + 1ms));
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::connect_timeout);
    gate().open();
    gate().wait_until_waiting(0);
  }

  TEST_CASE("lookups that nobody waits for any more are skipped") {
    gate().close();
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    constexpr int helpers = 8;
    const int before = gate().lookups();
    auto one = [](EventLoop& runtime, std::string host) -> Task<void> {
      co_await detail::resolve_with_system(runtime, std::move(host), Deadline::never(), nullptr);
    };
    EventLoop others;
    for (int i = 0; i < helpers; ++i) others.spawn(one(others, std::to_string(i) + ".held.test"));
    CHECK(others.poll());
    gate().wait_until_waiting(helpers);
    for (int i = 0; i < 20; ++i) CHECK_FALSE(resolve(loop, "late.held.test", time.in(1s)));
    gate().open();
    gate().wait_until_waiting(0);
    CHECK(resolve(loop, "four.test"));
    CHECK(gate().lookups() == before + helpers + 1);
  }

  TEST_CASE("lookups run side by side on a loop") {
    gate().close();
    EventLoop loop;
    int done = 0;
    auto one = [](EventLoop& runtime, std::string host, int& count) -> Task<void> {
      co_await detail::resolve_with_system(runtime, std::move(host), Deadline::never(), nullptr);
      ++count;
    };
    for (int i = 0; i < 5; ++i) loop.spawn(one(loop, std::to_string(i) + ".held.test", done));
    std::thread other([] {
      gate().wait_until_waiting(5);
      gate().open();
    });
    CHECK(loop.run_until_idle());
    other.join();
    CHECK(done == 5);
  }

  TEST_CASE("dropping a lookup that waits leaves nothing behind") {
    gate().close();
    auto canary = std::make_shared<int>();
    {
      EventLoop loop;
      auto one = [](EventLoop& runtime, std::shared_ptr<int> held) -> Task<void> {
        co_await detail::resolve_with_system(runtime, "z.held.test", Deadline::never(), nullptr);
        *held = 1;
      };
      loop.spawn(one(loop, canary));
      CHECK(loop.poll());
      gate().wait_until_waiting(1);
    }
    CHECK(canary.use_count() == 1);
    gate().open();
    gate().wait_until_waiting(0);
  }

  TEST_CASE("a resolver of the user's may give addresses, a Result or a Task") {
    const IpAddress address = *IpAddress::try_parse("192.0.2.7");
    const std::vector<IpAddress> one{address};
    std::string asked;
    const Dns plain = detail::make_dns([&](std::string_view host) {
      asked = host;
      return one;
    });
    CHECK(*look_up(plain, "example.com") == one);
    CHECK(asked == "example.com");

    const Dns with_result = detail::make_dns([&](std::string_view host) -> Result<std::vector<IpAddress>> {
      if (host == "bad") return Error(Errc::dns, "no such host");
      return one;
    });
    CHECK(*look_up(with_result, "good") == one);
    CHECK(look_up(with_result, "bad").error().message() == "no such host");

    // Move-only, and a coroutine that looks at the name after it has waited.
    auto later = [&asked, held = std::make_unique<int>(3), &one](std::string_view host) -> Task<std::vector<IpAddress>> {
      co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
      asked = std::string(host) + std::to_string(*held);
      co_return one;
    };
    const Dns with_task = detail::make_dns(std::move(later));
    EventLoop loop;
    CHECK(*loop.run(with_task(DnsLookup("a rather long host name that is not kept inside the string object")), "") == one);
    CHECK(asked == "a rather long host name that is not kept inside the string object3");
  }

  TEST_CASE("what a resolver of the user's throws is the outcome") {
    const Dns dns = detail::make_dns([](std::string_view) -> std::vector<IpAddress> { throw 42; });
    const Result<std::vector<IpAddress>> found = look_up(dns, "x");
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::user_exception);
  }
}

}  // namespace dns_test
