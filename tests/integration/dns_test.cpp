// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/resolve.hpp>

#include <doctest/doctest.h>

#include <okhttp/connection/cached_dns.hpp>
#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/held_resolver.hpp"

namespace dns_test {

// How calls find out where a host is: the system's resolver, its memory, and resolvers of the user's.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::DnsCache;
using okhttp::DnsLookup;
using okhttp::Errc;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;
using support::gate;

namespace {

using Addresses = std::vector<IpAddress>;

constexpr auto soon = 100ms;  // where nothing has to happen before

Addresses here() { return {IpAddress::parse("127.0.0.1")}; }

/// A server that wants a new connection for each request.
MockWebServer forgetful_server() {
  MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) {
    return MockResponse().header("Connection", "close").body("hello");
  });
  return server;
}

template <class Client>
Errc fetch(const Client& client, const std::string& host, const MockWebServer& server) {
  const std::string url = "http://" + host + ":" + std::to_string(server.port()) + "/";
  Result<Response> response = client.new_call(get_request(url)).try_execute();
  if (!response) return response.error().code();
  const Result<std::string> text = response->body().try_string();
  REQUIRE(text);
  CHECK(*text == "hello");
  return Errc{};
}

void check_failed(const Result<Response>& result, Errc code, std::string_view step) {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message());
  CHECK(result.error() == code);
  CHECK(contains(result.error().message(), "a.held.test"));
  CHECK(contains(result.error().message(), step));
}

/// What ends the wait for a lookup that hangs: each limit at its time, and a cancel at once.
template <class D, class Prepare>
void check_limits(Prepare prepare) {
  const auto builder = [&prepare] {
    typename D::Client::Builder made = D::builder();
    prepare(made);
    return made;
  };
  const okhttp::Request request = get_request("http://a.held.test/");
  gate().close();
  {
    auto client = builder().connect_timeout(soon).build();
    check_failed(client.new_call(request).try_execute(), Errc::connect_timeout, "timed out after 100 ms");
    CHECK(client.dispatcher().running_calls_count() == 0);
  }
  {
    auto client = builder().call_timeout(soon).build();
    check_failed(client.new_call(request).try_execute(), Errc::call_timeout, "timed out after 100 ms");
  }
  {
    auto client = builder().connect_timeout(patience).build();
    const Call call = client.new_call(request);
    Background canceler([&call] {
      gate().wait_until_waiting(3);
      call.cancel();
    });
    check_failed(call.try_execute(), Errc::canceled, "canceled while resolving");
  }
  // All three are still where they hang, and their clients are gone.
  gate().wait_until_waiting(3);
  gate().open();
  gate().wait_until_waiting(0);
}

}  // namespace

TEST_SUITE("integration/dns") {

TEST_CASE_TEMPLATE("the system is asked once for a host that is asked for again", D, OKHTTP_EVERY_DISPATCHER) {
  const MockWebServer server = forgetful_server();
  auto client = D::builder().build();
  const int before = gate().lookups();
  for (int i = 0; i < 3; ++i) CHECK(fetch(client, "four.test", server) == Errc{});
  CHECK(fetch(client.new_builder().build(), "FOUR.test", server) == Errc{});
  CHECK(server.connection_count() == 4);
  CHECK(gate().lookups() == before + 1);
  REQUIRE(client.dns_cache() != nullptr);
  CHECK(client.dns_cache()->size() == 1);

  client.dns_cache()->clear();
  CHECK(fetch(client, "four.test", server) == Errc{});
  CHECK(gate().lookups() == before + 2);

  auto other = D::builder().build();
  CHECK(fetch(other, "four.test", server) == Errc{});
  CHECK(gate().lookups() == before + 3);
}

TEST_CASE_TEMPLATE("that a host has no address is remembered, that nobody could say is not", D,
                   OKHTTP_EVERY_DISPATCHER) {
  const MockWebServer server = forgetful_server();
  auto client = D::builder().build();
  const int before = gate().lookups();
  for (int i = 0; i < 3; ++i) CHECK(fetch(client, "missing.test", server) == Errc::dns);
  CHECK(gate().lookups() == before + 1);
  for (int i = 0; i < 3; ++i) CHECK(fetch(client, "unreachable.test", server) == Errc::dns);
  CHECK(gate().lookups() == before + 4);
}

TEST_CASE("what is remembered can be turned off, and made longer or shorter") {
  const MockWebServer server = forgetful_server();
  DnsCache::Settings settings;
  settings.max_hosts = 0;
  auto without = okhttp::Client::Builder().dns_cache(settings).build();
  CHECK(without.dns_cache() == nullptr);
  CHECK(without.new_builder().build().dns_cache() == nullptr);
  int before = gate().lookups();
  for (int i = 0; i < 2; ++i) CHECK(fetch(without, "four.test", server) == Errc{});
  CHECK(gate().lookups() == before + 2);

  settings.max_hosts = 1;
  settings.negative_lifetime = 0ms;
  auto small = without.new_builder().dns_cache(settings).build();
  before = gate().lookups();
  for (int i = 0; i < 2; ++i) CHECK(fetch(small, "four.test", server) == Errc{});
  CHECK(gate().lookups() == before + 1);
  for (int i = 0; i < 2; ++i) CHECK(fetch(small, "missing.test", server) == Errc::dns);
  CHECK(gate().lookups() == before + 3);
  CHECK(small.dns_cache()->size() == 1);
}

TEST_CASE_TEMPLATE("what dns() says is nobody else's, and is not kept unless that is asked for", D,
                   OKHTTP_EVERY_DISPATCHER) {
  const MockWebServer server = forgetful_server();
  int asked = 0;
  const auto resolver = [&asked](std::string_view host) -> Result<Addresses> {
    ++asked;
    if (host == "four.test") return here();
    return okhttp::Error(host == "broken.test" ? Errc::io : Errc::dns, "there is no such host");
  };
  auto client = D::builder().build();
  auto own = client.new_builder().dns(resolver).build();
  const int before = gate().lookups();
  for (int i = 0; i < 2; ++i) CHECK(fetch(own, "four.test", server) == Errc{});
  CHECK(asked == 2);
  CHECK(gate().lookups() == before);
  CHECK(client.dns_cache()->size() == 0);

  const okhttp::CachedDns cached = okhttp::cached_dns(resolver);
  auto keeping = client.new_builder().dns(cached).build();
  for (int i = 0; i < 2; ++i) CHECK(fetch(keeping, "four.test", server) == Errc{});
  for (int i = 0; i < 2; ++i) CHECK(fetch(keeping, "missing.test", server) == Errc::dns);
  CHECK(asked == 4);
  for (int i = 0; i < 2; ++i) CHECK(fetch(keeping, "broken.test", server) == Errc::io);
  CHECK(asked == 6);
  cached.cache().clear();
  CHECK(fetch(keeping, "four.test", server) == Errc{});
  CHECK(asked == 7);
  CHECK(gate().lookups() == before);
}

TEST_CASE_TEMPLATE("a lookup of the system's that hangs ends with its call", D, OKHTTP_EVERY_DISPATCHER) {
  check_limits<D>([](auto&) {});
}

TEST_CASE_TEMPLATE("a function that hangs inside blocking_dns() ends with its call", D, OKHTTP_EVERY_DISPATCHER) {
  check_limits<D>([](auto& builder) {
    builder.dns(okhttp::blocking_dns([](std::string_view) {
      gate().wait();
      return here();
    }));
  });
}

TEST_CASE_TEMPLATE("a loop goes on while blocking_dns() blocks", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  server.enqueue(MockResponse().body("quick"));
  server.enqueue(MockResponse().body("slow"));
  gate().close();
  auto client = D::builder()
                    .connect_timeout(patience)
                    .dns(okhttp::blocking_dns([](std::string_view host) {
                      if (host == "slow.test") gate().wait();
                      return here();
                    }))
                    .build();
  const std::string port = std::to_string(server.port());
  std::vector<std::string> done;
  auto get = [&](std::string host, bool opens) -> Task<void> {
    Response response = co_await client.new_call(get_request("http://" + host + ":" + port)).async_execute();
    done.push_back(co_await response.body().async_string());
    if (opens) gate().open();
  };
  std::vector<Task<void>> both;
  both.push_back(get("slow.test", false));
  both.push_back(get("quick.test", true));
  CHECK(client.try_run(okhttp::when_all(std::move(both))));
  CHECK(done == std::vector<std::string>{"quick", "slow"});
}

TEST_CASE_TEMPLATE("what a function inside blocking_dns() says, fails with or throws is the outcome", D,
                   OKHTTP_EVERY_DISPATCHER) {
  const MockWebServer server = forgetful_server();
  auto client = D::builder()
                    .dns(okhttp::blocking_dns([](std::string_view host) -> Result<Addresses> {
                      if (host == "thrown.test") throw 42;
                      if (host == "missing.test") return okhttp::Error(Errc::dns, "no such host");
                      if (host == "empty.test") return Addresses();
                      return here();
                    }))
                    .build();
  CHECK(fetch(client, "four.test", server) == Errc{});
  CHECK(fetch(client, "missing.test", server) == Errc::dns);
  CHECK(fetch(client, "empty.test", server) == Errc::dns);
  CHECK_THROWS_AS((void)client.new_call(get_request("http://thrown.test/")).execute(), int);
}

TEST_CASE_TEMPLATE("a resolver may be told which runtime asks, until when, and what cancels it", D,
                   OKHTTP_EVERY_DISPATCHER) {
  std::atomic<bool> asked{false};
  auto client = D::builder()
                    .connect_timeout(patience)
                    .dns([&asked](const DnsLookup& lookup) -> Task<Addresses> {
                      CHECK(lookup.host == "a.held.test");
                      REQUIRE(lookup.runtime == okhttp::Runtime::current());
                      CHECK(lookup.runtime->blocks() == D::blocks);
                      CHECK_FALSE(lookup.deadline.is_never());
                      CHECK(lookup.deadline.left(lookup.runtime->now()) <= patience);
                      const okhttp::Signal canceled;
                      const okhttp::CancelSignal hook(lookup.cancellation, canceled);
                      okhttp::WaitItem item(canceled);
                      asked = true;
                      co_await lookup.runtime->wait_any(std::span(&item, 1), lookup.deadline);
                      co_await okhttp::fail(Errc::io, "it has seen the cancel");
                      co_return Addresses();
                    })
                    .build();
  const Call call = client.new_call(get_request("http://a.held.test/"));
  Background canceler([&call, &asked] {
    CHECK(eventually([&asked] { return asked.load(); }));
    call.cancel();
  });
  check_failed(call.try_execute(), Errc::canceled, "canceled");
}

TEST_CASE_TEMPLATE("a resolver that its deadline stopped was too late, whatever it says", D,
                   OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .connect_timeout(soon)
                    .dns([](DnsLookup lookup) -> Task<Addresses> {
                      co_await lookup.runtime->sleep_until(lookup.deadline);
                      co_await okhttp::fail(Errc::dns, "I have no time left");
                      co_return Addresses();
                    })
                    .build();
  check_failed(client.new_call(get_request("http://a.held.test/")).try_execute(), Errc::connect_timeout,
               "timed out after 100 ms");
}

}  // TEST_SUITE

}  // namespace dns_test
