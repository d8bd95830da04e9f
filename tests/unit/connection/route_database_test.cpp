// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/route_database.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace route_database_test {

using namespace okhttp;
using namespace std::chrono_literals;
using detail::RouteDatabase;

namespace {

const TimePoint start = TimePoint(1h);
int some_settings = 0;
int other_settings = 0;

IpAddress ip(const std::string& text) { return *IpAddress::try_parse(text); }
RouteDatabase::Route route(const std::string& text, std::uint16_t port = 80, const void* settings = &some_settings) {
  return {settings, ip(text), port};
}
std::string ordered(RouteDatabase& routes, TimePoint now = start, std::uint16_t port = 80,
                    const void* settings = &some_settings) {
  std::vector<IpAddress> addresses = {ip("2001:db8::1"), ip("192.0.2.1"), ip("192.0.2.2")};
  routes.postpone_failed(addresses, settings, port, now);
  std::string text;
  for (const IpAddress& address : addresses) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

}  // namespace

TEST_SUITE("connection/route_database") {
  TEST_CASE("what has failed comes last, in its own order, until it works again") {
    RouteDatabase routes;
    CHECK(ordered(routes) == "2001:db8::1 192.0.2.1 192.0.2.2");
    routes.failed(route("192.0.2.1"), start);
    CHECK(ordered(routes) == "2001:db8::1 192.0.2.2 192.0.2.1");
    routes.failed(route("2001:db8::1"), start);
    CHECK(ordered(routes) == "192.0.2.2 2001:db8::1 192.0.2.1");
    routes.failed(route("192.0.2.2"), start);
    CHECK(ordered(routes) == "2001:db8::1 192.0.2.1 192.0.2.2");
    routes.connected(route("192.0.2.1"));
    CHECK(ordered(routes) == "192.0.2.1 2001:db8::1 192.0.2.2");
    routes.connected(route("192.0.2.1"));
    CHECK(routes.failure_count() == 2);
  }

  TEST_CASE("a failure is one of a port and of a transport") {
    RouteDatabase routes;
    routes.failed(route("2001:db8::1"), start);
    CHECK(ordered(routes, start, 81) == "2001:db8::1 192.0.2.1 192.0.2.2");
    CHECK(ordered(routes, start, 80, &other_settings) == "2001:db8::1 192.0.2.1 192.0.2.2");
    CHECK(ordered(routes, start, 80) == "192.0.2.1 192.0.2.2 2001:db8::1");
  }

  TEST_CASE("a failure is forgotten after five minutes, counted from the last one") {
    RouteDatabase routes;
    routes.failed(route("2001:db8::1"), start);
    routes.failed(route("2001:db8::1"), start + 1min);
    CHECK(routes.failure_count() == 1);
    CHECK(ordered(routes, start + 6min - 1ns) == "192.0.2.1 192.0.2.2 2001:db8::1");
    CHECK(ordered(routes, start + 6min) == "2001:db8::1 192.0.2.1 192.0.2.2");
    routes.failed(route("192.0.2.1"), start + 6min);
    CHECK(routes.failure_count() == 1);
  }

  TEST_CASE("of too many failures the oldest goes") {
    RouteDatabase routes;
    routes.failed(route("192.0.2.1"), start);
    for (unsigned i = 0; i < RouteDatabase::max_failures; ++i)
      routes.failed(route("198.51.100." + std::to_string(i % 256), static_cast<std::uint16_t>(1000 + i)), start + 1s);
    CHECK(routes.failure_count() == RouteDatabase::max_failures);
    CHECK(ordered(routes, start + 2s) == "2001:db8::1 192.0.2.1 192.0.2.2");
  }
}

}  // namespace route_database_test
