// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/dns_over_https.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/base64.hpp>
#include <okhttp/codec/dns/dns_message.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/memory_transport.hpp"
#include "support/runtime_support.hpp"

namespace dns_over_https_test {

// What depends on time; the rest is in tests/integration/dns_over_https_test.cpp.

using namespace okhttp;
using namespace std::chrono_literals;
using okhttp_tests::MemoryLink;
using okhttp_tests::MemoryTransport;

namespace {

using LoopClient = BasicClient<MemoryTransport, EventLoopDispatcher>;

/// A DNS server in memory, and a client that has all the time there is to ask it.
struct Server {
  bool silent_a = false;
  bool silent_aaaa = false;
  std::uint32_t ttl = 60;
  int asked = 0;
  std::vector<std::shared_ptr<MemoryLink>> links;
  support::VirtualTime time;

  LoopClient::Builder builder() {
    LoopClient::Builder made;
    made.transport(MemoryTransport([this](const Endpoint&, std::shared_ptr<MemoryLink> link) {
          links.push_back(link);
          link->on_bytes = [this](MemoryLink& self) { respond(self); };
        }))
        .dispatcher_policy(EventLoopDispatcher(support::loop_options(false, &time)))
        .read_timeout(0s);
    return made;
  }
  DnsOverHttps::Builder resolver(const LoopClient& client) const {
    DnsOverHttps::Builder made;
    made.client(client).url("http://192.0.2.53/dns-query");
    return made;
  }
  int open_links() const {
    int open = 0;
    for (const auto& link : links) open += link->is_closed() ? 0 : 1;
    return open;
  }

 private:
  void respond(MemoryLink& link) {
    const std::string head = link.take_until("\r\n\r\n");
    if (head.empty()) return;
    ++asked;
    const std::size_t begin = head.find("?dns=") + 5;
    const Result<dns::Query> query =
        dns::read_query(*base64::decode(std::string_view(head).substr(begin, head.find(' ', begin) - begin)));
    REQUIRE(query);
    const bool v6 = query->type == dns::RecordType::aaaa;
    if (v6 ? silent_aaaa : silent_a) return;
    const dns::Record records[] = {
        dns::Record::of_address(query->host, *IpAddress::try_parse(v6 ? "2001:db8::1" : "192.0.2.1"), ttl)};
    const std::string message = *dns::write_response(*query, dns::ResponseCode::no_error, records);
    link.send("HTTP/1.1 200 OK\r\nContent-Type: Application/DNS-message;x=y\r\nContent-Length: " +
              std::to_string(message.size()) + "\r\n\r\n" + message);
  }
};

}  // namespace

TEST_SUITE("extras/dns_over_https") {
  TEST_CASE("the other answer is waited for as long as the resolution delay") {
    for (const bool v6_is_silent : {false, true}) {
      CAPTURE(v6_is_silent);
      Server server;
      (v6_is_silent ? server.silent_aaaa : server.silent_a) = true;
      const LoopClient client = server.builder().build();
      const Result<std::vector<IpAddress>> found = server.resolver(client).build().try_lookup("some.test");
      REQUIRE(found);
      CHECK(found->size() == 1);
      CHECK(found->front().to_string() == (v6_is_silent ? "192.0.2.1" : "2001:db8::1"));
      CHECK(server.time.elapsed() == 2s);
      CHECK(server.asked == 2);
      // The question that was given up has closed its connection: that of the answer, if that was first.
      CHECK(server.links.size() == (v6_is_silent ? 1 : 2));
      CHECK(server.open_links() == (v6_is_silent ? 0 : 1));
      CHECK(client.dispatcher().running_calls_count() == 0);
    }
  }

  TEST_CASE("both answers at once need no time") {
    Server server;
    const LoopClient client = server.builder().build();
    const Result<std::vector<IpAddress>> found = server.resolver(client).build().try_lookup("some.test");
    REQUIRE(found);
    CHECK(found->size() == 2);
    CHECK(server.time.elapsed() == 0s);
  }

  TEST_CASE("without a resolution delay both answers are waited for, until the call has no time left") {
    Server server;
    server.silent_aaaa = true;
    const LoopClient client = server.builder().build();
    const LoopClient asking =
        client.new_builder().connect_timeout(7s).dns(server.resolver(client).resolution_delay(0s).build()).build();
    const Result<Response> response =
        asking.new_call(Request::Builder().url("http://some.test/").build()).try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::connect_timeout);
    CHECK(response.error().message().find("resolving some.test timed out after 7 s") != std::string::npos);
    CHECK(server.time.elapsed() == 7s);
    CHECK(client.dispatcher().running_calls_count() == 0);
  }

  TEST_CASE("answers are kept for their time to live, five minutes at most") {
    Server server;
    const LoopClient client = server.builder().build();
    const DnsOverHttps resolver = server.resolver(client).include_ipv6(false).build();
    const auto ask = [&](const char* host) {
      CHECK(resolver.try_lookup(host));
      return server.asked;
    };
    CHECK(ask("a.test") == 1);
    server.time.advance(59s);
    CHECK(ask("a.test") == 1);
    server.time.advance(1s);
    CHECK(ask("a.test") == 2);
    server.ttl = 86'400;
    CHECK(ask("b.test") == 3);
    server.time.advance(299s);
    CHECK(ask("b.test") == 3);
    server.time.advance(1s);
    CHECK(ask("b.test") == 4);
  }
}

}  // namespace dns_over_https_test
