// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/cached_dns.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/event_loop.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "support/runtime_support.hpp"

namespace cached_dns_test {

using namespace okhttp;
using namespace std::chrono_literals;

TEST_SUITE("connection/cached_dns") {
  TEST_CASE("asks again when what was said has become old") {
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    int asked = 0;
    const CachedDns cached = cached_dns([&asked](std::string_view host) -> Result<std::vector<IpAddress>> {
      ++asked;
      if (host == "none.test") return Error(Errc::dns, "there is no such host");
      return std::vector{IpAddress::v4({192, 0, 2, 1})};
    });
    const auto ask = [&](const char* host) { return loop.run(cached(DnsLookup(host)), ""); };
    REQUIRE(ask("some.test"));
    CHECK(ask("some.test")->size() == 1);
    CHECK(ask("none.test").error() == Errc::dns);
    CHECK(ask("none.test").error().message() == "there is no such host");
    CHECK(asked == 2);
    time.advance(5s);
    CHECK(ask("some.test"));
    CHECK_FALSE(ask("none.test"));
    CHECK(asked == 3);
    time.advance(55s);
    CHECK(ask("some.test"));
    CHECK(asked == 4);
  }

  TEST_CASE("copies know the same, and what a lookup brings is not kept if all was to be forgotten") {
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    int asked = 0;
    std::optional<CachedDns> first;
    first = cached_dns([&](std::string_view) {
      if (++asked == 1) first->cache().clear();
      return std::vector{IpAddress::v4({192, 0, 2, 1})};
    });
    const CachedDns second = *first;
    CHECK(loop.run((*first)(DnsLookup("some.test")), ""));
    CHECK(second.cache().size() == 0);
    CHECK(loop.run((*first)(DnsLookup("some.test")), ""));
    CHECK(loop.run(second(DnsLookup("some.test")), ""));
    CHECK(asked == 2);
  }

  TEST_CASE("a resolver that waits is awaited, and told who asks") {
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    const CachedDns cached = cached_dns([](const DnsLookup& lookup) -> Task<std::vector<IpAddress>> {
      co_await lookup.runtime->sleep_until(lookup.deadline);
      co_return std::vector{IpAddress::v4({192, 0, 2, 1})};
    });
    CHECK(loop.run(cached(DnsLookup("some.test", &loop, time.in(3s))), ""));
    CHECK(time.elapsed() == 3s);
    CHECK(loop.run(cached(DnsLookup("some.test", &loop, time.in(3s))), ""));
    CHECK(time.elapsed() == 3s);
  }
}

}  // namespace cached_dns_test
