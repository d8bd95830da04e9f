// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/connect.hpp>

#include <doctest/doctest.h>

#include <okhttp/client.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/memory_transport.hpp"
#include "support/runtime_support.hpp"

namespace connect_test {

using namespace okhttp;
using namespace std::chrono_literals;
using okhttp_tests::MemoryLink;
using okhttp_tests::MemoryTransport;

namespace {

using InlineClient = BasicClient<MemoryTransport, InlineDispatcher>;
using LoopClient = BasicClient<MemoryTransport, EventLoopDispatcher>;

constexpr const char* hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A server in memory: `answer(connection, request on it)` plays each request; empty: the connection
/// ends without an answer.
struct Server {
  std::function<std::string(int, int)> answer = [](int, int) { return hello; };
  std::vector<std::string> requests;
  int connections = 0;

  MemoryTransport transport() {
    return MemoryTransport([this](const Endpoint&, std::shared_ptr<MemoryLink> link) {
      const int connection = ++connections;
      link->on_bytes = [this, connection, count = 0](MemoryLink& self) mutable {
        std::string bytes = self.take_all();
        if (!bytes.starts_with("GET") && !bytes.starts_with("POST")) return;  // the rest of a body
        requests.push_back(std::to_string(connection) + ":" + bytes.substr(0, bytes.find(' ')));
        const std::string said = answer(connection, ++count);
        if (said.empty())
          self.end();
        else
          self.send(said);
      };
    });
  }
};

Request get(const char* url = "http://example.com/") { return Request::Builder().url(url).build(); }
Request post(RequestBody body = RequestBody::create("body")) {
  return Request::Builder().url("http://example.com/").post(std::move(body)).build();
}

/// Tries some addresses in vain.
struct Picky {
  using Stream = MemoryTransport::Stream;
  static constexpr bool needs_addresses = true;
  std::vector<std::string>* tried;
  std::string good;
  Task<Stream> connect(const Endpoint& endpoint, Deadline) {
    tried->push_back(endpoint.to_string());
    if (endpoint.address->to_string() != good)
      co_await fail(Errc::connect_refused, "connect to " + endpoint.to_string() + " failed: refused");
    auto link = std::make_shared<MemoryLink>(1000);
    link->on_bytes = [](MemoryLink& self) { self.send(hello); };
    co_return Stream(std::move(link));
  }
};

/// The second write of all fails though the connection looks well.
struct BreaksLater {
  class Stream : public MemoryTransport::Stream {
   public:
    Stream(std::shared_ptr<MemoryLink> link, int* count) : MemoryTransport::Stream(std::move(link)), writes_(count) {}
    IoResult try_write(std::span<const ConstBytes> pieces) {
      if (++*writes_ == 2) return Error(Errc::io, "sending failed");
      return MemoryTransport::Stream::try_write(pieces);
    }

   private:
    int* writes_;
  };
  int* writes;
  int* connections;
  Task<Stream> connect(const Endpoint&, Deadline) {
    ++*connections;
    auto link = std::make_shared<MemoryLink>(1000);
    link->on_bytes = [](MemoryLink& self) { self.send(hello); };
    co_return Stream(std::move(link), writes);
  }
};

std::string drained(const Result<Response>& response) {
  REQUIRE_MESSAGE(response, (response ? "" : response.error().message()));
  return response->body().string();
}

}  // namespace

TEST_SUITE("call/connect") {
  TEST_CASE("connections are kept and used again for their origin only") {
    Server server;
    auto client = InlineClient::Builder().transport(server.transport()).build();
    for (int i = 0; i < 3; ++i) CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    CHECK(server.connections == 1);
    CHECK(client.connection_pool().idle_connection_count() == 1);
    CHECK(drained(client.new_call(get("http://example.com:81/")).try_execute()) == "hello");
    CHECK(drained(client.new_call(get("http://example.org/")).try_execute()) == "hello");
    CHECK(server.connections == 3);
  }

  TEST_CASE("a request that may be repeated is, when a pooled connection ends without an answer") {
    Server server;
    server.answer = [](int connection, int request) { return connection == 1 && request == 2 ? "" : hello; };
    auto client = InlineClient::Builder().transport(server.transport()).build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    CHECK(server.requests == std::vector<std::string>{"1:GET", "1:GET", "2:GET"});

    // Unless told not to.
    Server other;
    other.answer = server.answer;
    auto without = InlineClient::Builder().transport(other.transport()).retry_on_connection_failure(false).build();
    CHECK(drained(without.new_call(get()).try_execute()) == "hello");
    const Result<Response> failed = without.new_call(get()).try_execute();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code() == Errc::unexpected_end);
    CHECK(failed.error().message().find("example.com:80") != std::string::npos);
  }

  TEST_CASE("a request that may have been worked on is not repeated unless it is idempotent") {
    for (const bool idempotent : {false, true}) {
      CAPTURE(idempotent);
      Server server;
      server.answer = [](int connection, int request) { return connection == 1 && request == 2 ? "" : hello; };
      auto client = InlineClient::Builder().transport(server.transport()).build();
      CHECK(drained(client.new_call(get()).try_execute()) == "hello");
      const Request request = post().new_builder().idempotent(idempotent).build();
      const Result<Response> response = client.new_call(request).try_execute();
      CHECK(response.has_value() == idempotent);
      if (!response) CHECK(response.error().code() == Errc::unexpected_end);
      CHECK(server.requests.size() == (idempotent ? 3 : 2));
    }
  }

  TEST_CASE("a body that can be sent once only is not sent again") {
    Server server;
    server.answer = [](int connection, int request) { return connection == 1 && request == 2 ? "" : hello; };
    auto client = InlineClient::Builder().transport(server.transport()).build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    const RequestBody once = RequestBody::from_reader(
        [left = 3](std::span<std::byte> into) mutable { return left-- > 0 ? (into[0] = std::byte{'x'}, 1U) : 0U; });
    const Request request = post(once).new_builder().idempotent(true).build();
    CHECK_FALSE(client.new_call(request).try_execute());
    CHECK(server.connections == 1);
  }

  TEST_CASE("what no byte of was sent is repeated, whatever it is") {
    int writes = 0;
    int connections = 0;
    auto client = BasicClient<BreaksLater, InlineDispatcher>::Builder().transport(BreaksLater{&writes, &connections}).build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    CHECK(drained(client.new_call(post()).try_execute()) == "hello");
    CHECK(writes == 3);
    CHECK(connections == 2);
  }

  TEST_CASE("a connection that was closed while it was idle is not used for a POST") {
    Server server;
    std::vector<std::shared_ptr<MemoryLink>> links;
    auto client = InlineClient::Builder()
                      .transport(MemoryTransport([&](const Endpoint&, std::shared_ptr<MemoryLink> link) {
                        link->on_bytes = [](MemoryLink& self) {
                          if (!self.take_all().empty()) self.send(hello);
                        };
                        links.push_back(std::move(link));
                      }))
                      .build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    links[0]->end();
    CHECK(drained(client.new_call(post()).try_execute()) == "hello");
    CHECK(links.size() == 2);
    CHECK(links[0]->is_closed());
    links[1]->send("HTTP/1.1 408 Request Timeout\r\n\r\n");  // nobody asked
    CHECK(drained(client.new_call(post()).try_execute()) == "hello");
    CHECK(links.size() == 3);
    CHECK(links[1]->is_closed());
  }

  TEST_CASE("a fresh connection that ends has failed") {
    Server server;
    server.answer = [](int, int) { return ""; };
    auto client = InlineClient::Builder().transport(server.transport()).build();
    const Result<Response> response = client.new_call(get()).try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error().code() == Errc::unexpected_end);
    CHECK(server.connections == 1);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE("an answer that has begun is not asked for again") {
    Server server;
    server.answer = [](int, int request) { return request == 1 ? hello : "HTTP/1.1 2"; };
    auto client = InlineClient::Builder().transport(server.transport()).read_timeout(1ms).build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    const Result<Response> response = client.new_call(get()).try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error().code() == Errc::read_timeout);
    CHECK(server.requests.size() == 2);
  }

  TEST_CASE("addresses are tried in order, and the last failure says how many") {
    using PickyClient = BasicClient<Picky, InlineDispatcher>;
    std::vector<std::string> tried;
    const auto addresses = [](std::string_view) {
      return std::vector{*IpAddress::try_parse("192.0.2.1"), *IpAddress::try_parse("2001:db8::1"),
                         *IpAddress::try_parse("192.0.2.3")};
    };
    auto client = PickyClient::Builder().transport(Picky{&tried, "192.0.2.3"}).dns(addresses).build();
    CHECK(drained(client.new_call(get()).try_execute()) == "hello");
    CHECK(tried == std::vector<std::string>{"192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.3:80"});

    auto hopeless = PickyClient::Builder().transport(Picky{&tried, ""}).dns(addresses).build();
    const Result<Response> failed = hopeless.new_call(get()).try_execute();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code() == Errc::connect_refused);
    CHECK(failed.error().message() == "connect to 192.0.2.3:80 failed: refused (3 addresses tried)");

    tried.clear();
    auto literal = PickyClient::Builder().transport(Picky{&tried, "::1"}).dns(addresses).build();
    CHECK(drained(literal.new_call(get("http://[::1]:8080/")).try_execute()) == "hello");
    CHECK(tried == std::vector<std::string>{"[::1]:8080"});

    auto lost = PickyClient::Builder()
                    .transport(Picky{&tried, ""})
                    .dns([](std::string_view) { return std::vector<IpAddress>(); })
                    .build();
    CHECK(lost.new_call(get()).try_execute().error().code() == Errc::dns);
  }

  TEST_CASE("a transport that resolves by itself is given the name") {
    std::string host;
    auto client = InlineClient::Builder()
                      .transport(MemoryTransport([&](const Endpoint& endpoint, std::shared_ptr<MemoryLink> link) {
                        host = endpoint.to_string() + (endpoint.secure ? " secure" : "");
                        link->on_bytes = [](MemoryLink& self) { self.send(hello); };
                      }))
                      .build();
    CHECK(drained(client.new_call(get("https://a.example/")).try_execute()) == "hello");
    CHECK(host == "a.example:443 secure");
  }

  TEST_CASE("time runs out in the step that takes it, and the text says which limit it was") {
    enum Step { dns, connect, head, body };
    struct Slow {
      using Stream = MemoryTransport::Stream;
      Step step;
      support::VirtualTime* time;
      Task<Stream> connect(const Endpoint& endpoint, Deadline deadline) {
        if (step == Step::connect) {
          co_await Runtime::current()->sleep_until(deadline);
          co_await fail(Errc::connect_timeout, "connect to " + endpoint.to_string() + " timed out");
        }
        auto link = std::make_shared<MemoryLink>(1000);
        link->on_bytes = [at = step](MemoryLink& self) {
          if (at == Step::body) self.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
        };
        co_return Stream(std::move(link));
      }
    };
    using SlowClient = BasicClient<Slow, EventLoopDispatcher>;
    for (const Step step : {dns, connect, head, body})
      for (const bool by_call : {false, true}) {
        CAPTURE(static_cast<int>(step));
        CAPTURE(by_call);
        support::VirtualTime time;
        SlowClient::Builder builder;
        builder.transport(Slow{step, &time}).dispatcher_policy(EventLoopDispatcher(support::loop_options(false, &time)));
        builder.connect_timeout(2s).read_timeout(2s).call_timeout(by_call ? 1500ms : 3s);
        if (step == dns)
          builder.dns([](std::string_view) -> Task<std::vector<IpAddress>> {
            const Signal never;
            WaitItem item(never);
            co_await Runtime::current()->wait_any(std::span(&item, 1), Deadline::never());
            co_return std::vector<IpAddress>();
          });
        auto client = builder.build();
        auto fetch = [](SlowClient& c) -> Task<std::string> {
          Response response = co_await c.new_call(get()).async_execute();
          co_return co_await response.body().async_string();
        };
        const Result<std::string> text = client.try_run(fetch(client));
        REQUIRE_FALSE(text);
        const Errc own = step == dns || step == connect ? Errc::connect_timeout : Errc::read_timeout;
        CHECK(text.error().code() == (by_call ? Errc::call_timeout : own));
        CHECK(text.error().message().find(by_call ? "1500 ms" : "2 s") != std::string::npos);
        CHECK(text.error().message().find("example.com") != std::string::npos);
        CHECK(time.elapsed() == (by_call ? 1500ms : 2000ms));
      }
  }

  TEST_CASE("a cancel ends a call in every step") {
    // The call is canceled after so many turns of the loop; at each of them it must end alike.
    for (int turns = 0; turns < 12; ++turns) {
      CAPTURE(turns);
      support::VirtualTime time;
      std::shared_ptr<MemoryLink> open;
      auto client = LoopClient::Builder()
                        .transport(MemoryTransport([&](const Endpoint&, std::shared_ptr<MemoryLink> link) {
                          open = link;
                          link->on_bytes = [](MemoryLink& self) { self.send("HTTP/1.1 200 OK\r\n"); };
                        }))
                        .dns([](std::string_view) -> Task<std::vector<IpAddress>> {
                          for (int i = 0; i < 3; ++i)
                            co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
                          co_return std::vector{*IpAddress::try_parse("192.0.2.1")};
                        })
                        .dispatcher_policy(EventLoopDispatcher(support::loop_options(false, &time)))
                        .build();
      const Call call = client.new_call(get());
      auto cancel = [](Call c, int after) -> Task<void> {
        for (int i = 0; i < after; ++i)
          co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
        c.cancel();
      };
      client.spawn(cancel(call, turns));
      const Result<Response> response = client.try_run(call.async_execute());
      REQUIRE_FALSE(response);
      CHECK(response.error().code() == Errc::canceled);
      CHECK(client.dispatcher().running_calls_count() == 0);
      CHECK(client.connection_pool().idle_connection_count() == 0);
      if (open != nullptr) CHECK(open->is_closed());
    }
  }
}

}  // namespace connect_test
