// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/route_selector.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace route_selector_test {

using namespace okhttp;
using detail::RouteDatabase;
using detail::RouteSelector;

const TimePoint start = TimePoint(std::chrono::hours(1));

std::vector<IpAddress> ips(std::vector<const char*> texts) {
  std::vector<IpAddress> addresses;
  for (const char* text : texts) addresses.push_back(*IpAddress::try_parse(text));
  return addresses;
}

std::string shown(const std::optional<RouteSelector::Selection>& selection) {
  if (!selection) return "-";
  std::string text = selection->proxy.to_string();
  for (const IpAddress& address : selection->addresses) text += " " + address.to_string();
  return text;
}

TEST_SUITE("connection/route_selector") {
  const Proxy proxy = Proxy::http("proxy.example", 3128);
  const Proxy socks = Proxy::socks5("socks.example", 1080);

  TEST_CASE("proxies come in their order, each with all its addresses") {
    RouteDatabase routes;
    RouteSelector selector({proxy, socks, Proxy::none()});
    CHECK(selector.next_proxy() == proxy);
    CHECK(shown(selector.offer(ips({"192.0.2.1", "192.0.2.2"}), &routes, nullptr, 3128, start)) ==
          "http://proxy.example:3128 192.0.2.1 192.0.2.2");
    CHECK(selector.next_proxy() == socks);  // its name could not be resolved: nothing is offered
    CHECK(selector.next_proxy() == Proxy::none());
    CHECK(shown(selector.offer({}, &routes, nullptr, 80, start)) == "none");  // the transport resolves by itself
    CHECK_FALSE(selector.next_proxy());
    CHECK_FALSE(selector.next_postponed());
  }

  TEST_CASE("what has failed of late comes after everything else, whosever it is") {
    RouteDatabase routes;
    routes.failed({nullptr, ips({"192.0.2.1"})[0], 3128}, start);
    routes.failed({nullptr, ips({"192.0.2.7"})[0], 1080}, start);
    routes.failed({nullptr, ips({"192.0.2.8"})[0], 1080}, start);
    RouteSelector selector({proxy, socks});
    (void)selector.next_proxy();
    CHECK(shown(selector.offer(ips({"192.0.2.1", "192.0.2.2"}), &routes, nullptr, 3128, start)) ==
          "http://proxy.example:3128 192.0.2.2");
    (void)selector.next_proxy();
    CHECK(shown(selector.offer(ips({"192.0.2.7", "192.0.2.8"}), &routes, nullptr, 1080, start)) == "-");
    CHECK_FALSE(selector.next_proxy());
    CHECK(shown(selector.next_postponed()) == "http://proxy.example:3128 192.0.2.1");
    CHECK(shown(selector.next_postponed()) == "socks5://socks.example:1080 192.0.2.7 192.0.2.8");
    CHECK_FALSE(selector.next_postponed());
  }

  TEST_CASE("without a database nothing has failed") {
    RouteSelector selector({proxy});
    (void)selector.next_proxy();
    CHECK(shown(selector.offer(ips({"192.0.2.1"}), nullptr, nullptr, 3128, start)) ==
          "http://proxy.example:3128 192.0.2.1");
    CHECK_FALSE(selector.next_postponed());
  }
}

}  // namespace route_selector_test
