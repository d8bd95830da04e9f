// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client_policies.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/memory_transport.hpp"

namespace policy_test {

// Clients over other policies than the defaults; first of all a transport without sockets.

using namespace okhttp_tests;
using okhttp::Endpoint;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

static_assert(okhttp::TransportPolicy<MemoryTransport>);
static_assert(okhttp::UserStream<MemoryTransport::Stream>);

// All spellings of one choice are one type, in any order.
static_assert(std::is_same_v<okhttp::BasicClient<>, okhttp::Client>);
static_assert(std::is_same_v<okhttp::BasicClient<okhttp::ThreadPoolDispatcher, okhttp::SecureTransport>,
                             okhttp::Client>);
static_assert(std::is_same_v<okhttp::BasicClient<okhttp::NoCompression, okhttp::InlineDispatcher,
                                                 okhttp::NoCache, okhttp::Http1Only, okhttp::PlainTransport>,
                             okhttp::TinyClient>);
static_assert(std::is_same_v<okhttp::BasicClient<okhttp::EventLoopDispatcher>, okhttp::EventLoopClient>);
static_assert(!std::default_initializable<MemoryTransport>);

template <class D>
using MemoryClient = okhttp::BasicClient<MemoryTransport, typename D::Dispatcher>;

template <class D>
MemoryClient<D> client_over(MemoryTransport::Accept accept, std::size_t capacity = 64 * 1024) {
  return typename MemoryClient<D>::Builder()
      .transport(MemoryTransport(std::move(accept), capacity))
      .read_timeout(patience)
      .build();
}

std::string answer_with(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace

TEST_SUITE("integration/policy") {

TEST_CASE_TEMPLATE("a transport in memory carries calls", D, OKHTTP_EVERY_DISPATCHER) {
  std::vector<std::string> heads;
  std::vector<std::string> endpoints;
  auto client = client_over<D>([&](const Endpoint& endpoint, std::shared_ptr<MemoryLink> link) {
    endpoints.push_back(endpoint.to_string() + (endpoint.secure ? " secure" : ""));
    link->on_bytes = [&heads](MemoryLink& self) {
      for (std::string head; !(head = self.take_until("\r\n\r\n")).empty();) {
        heads.push_back(head.substr(0, head.find("\r\n")));
        self.send(answer_with("hello"));
      }
    };
  });
  // No name is resolved: this transport did not ask for addresses.
  CHECK(client.new_call(get_request("http://no-such-host.invalid/one")).execute().body().string() == "hello");
  CHECK(client.new_call(get_request("http://no-such-host.invalid/two")).execute().body().string() == "hello");
  CHECK(client.new_call(get_request("https://no-such-host.invalid/three")).execute().body().string() == "hello");
  CHECK(heads == std::vector<std::string>{"GET /one HTTP/1.1", "GET /two HTTP/1.1", "GET /three HTTP/1.1"});
  CHECK(endpoints == std::vector<std::string>{"no-such-host.invalid:80", "no-such-host.invalid:443 secure"});
  CHECK(client.connection_pool().idle_connection_count() == 2);
}

TEST_CASE_TEMPLATE("a link in memory is closed with its connection", D, OKHTTP_EVERY_DISPATCHER) {
  std::vector<std::shared_ptr<MemoryLink>> links;
  auto client = client_over<D>([&links](const Endpoint&, std::shared_ptr<MemoryLink> link) {
    link->on_bytes = [](MemoryLink& self) {
      if (!self.take_until("\r\n\r\n").empty()) self.send(answer_with("x"));
    };
    links.push_back(link);
  });
  client.new_call(get_request("http://memory.invalid/")).execute().body().string();
  REQUIRE(links.size() == 1);
  CHECK_FALSE(links[0]->is_closed());
  client.connection_pool().evict_all();
  (void)client.try_poll();  // a loop closes when it is driven
  CHECK(links[0]->is_closed());
}

TEST_CASE_TEMPLATE("a body larger than the link is sent as there is room", D, OKHTTP_EVERY_DISPATCHER) {
  const std::string text(500'000, 'b');
  std::string received;
  std::shared_ptr<MemoryLink> link;
  Event connected;
  // The server takes what is there on a thread of its own, so the client has to wait for room.
  Background server([&] {
    CHECK(connected.wait());
    while (received.size() < text.size()) {
      received += link->take_all();
      std::this_thread::yield();
    }
    while (!contains(received, std::string(100, 'b')) || received.size() < received.find("\r\n\r\n") + 4 + text.size()) {
      received += link->take_all();
      std::this_thread::yield();
    }
    link->send(answer_with("thanks"));
  });
  auto client = client_over<D>(
      [&](const Endpoint&, std::shared_ptr<MemoryLink> made) {
        link = made;
        connected.set();
      },
      1000);
  Response response = client.new_call(post_request("http://memory.invalid/", text)).execute();
  CHECK(response.body().string() == "thanks");
  server.join();
  CHECK(received.substr(received.find("\r\n\r\n") + 4) == text);
}

TEST_CASE_TEMPLATE("an answer may come from another thread, in pieces", D, OKHTTP_EVERY_DISPATCHER) {
  std::shared_ptr<MemoryLink> link;
  Event requested;
  auto client = client_over<D>([&](const Endpoint&, std::shared_ptr<MemoryLink> made) {
    link = made;
    made->on_bytes = [&requested](MemoryLink& self) {
      if (!self.take_until("\r\n\r\n").empty()) requested.set();
    };
  });
  Background server([&] {
    CHECK(requested.wait());
    for (const std::string piece : {"HTTP/1.1 200 ", "OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nwi", "ki\r\n",
                                    "0\r\n", "Sum: 1\r\n\r\n"}) {
      link->send(piece);
      std::this_thread::yield();
    }
  });
  Response response = client.new_call(get_request("http://memory.invalid/")).execute();
  CHECK(response.body().string() == "wiki");
  CHECK(response.trailers().get("Sum") == "1");
}

TEST_CASE_TEMPLATE("timeouts and cancel hold over a transport of one's own", D, OKHTTP_EVERY_DISPATCHER) {
  Event requested;
  auto client = client_over<D>([&](const Endpoint&, std::shared_ptr<MemoryLink> link) {
    link->on_bytes = [&requested](MemoryLink&) { requested.set(); };
  });
  auto hasty = client.new_builder().read_timeout(100ms).build();
  Result<Response> late = hasty.new_call(get_request("http://memory.invalid/")).try_execute();
  REQUIRE_FALSE(late);
  CHECK(late.error() == Errc::read_timeout);
  CHECK(contains(late.error().message(), "memory.invalid:80 sent no byte for 100 ms"));

  const okhttp::Call call = client.new_call(get_request("http://memory.invalid/"));
  Background canceler([&] {
    CHECK(requested.wait());
    call.cancel();
  });
  Result<Response> canceled = call.try_execute();
  REQUIRE_FALSE(canceled);
  CHECK(canceled.error() == Errc::canceled);
}

TEST_CASE_TEMPLATE("a link that ends mid-answer, or refuses, is an error", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = client_over<D>([](const Endpoint&, std::shared_ptr<MemoryLink> link) {
    link->on_bytes = [](MemoryLink& self) {
      self.send("HTTP/1.1 200 OK\r\nContent-Le");
      self.end();
    };
  });
  Result<Response> cut = client.new_call(get_request("http://memory.invalid/")).try_execute();
  REQUIRE_FALSE(cut);
  CHECK(cut.error() == Errc::unexpected_end);
  CHECK(contains(cut.error().message(), "memory.invalid:80"));

  struct Refusing {
    using Stream = MemoryTransport::Stream;
    Task<Stream> connect(const Endpoint& endpoint, okhttp::Deadline) {
      co_await okhttp::fail(Errc::connect_refused, "no carrier for " + endpoint.host);
      co_return Stream(nullptr);
    }
  };
  okhttp::BasicClient<typename D::Dispatcher, Refusing> refused;
  Result<Response> none = refused.new_call(get_request("http://memory.invalid/")).try_execute();
  REQUIRE_FALSE(none);
  CHECK(none.error() == Errc::connect_refused);
  CHECK(none.error().message() == "no carrier for memory.invalid");
}

TEST_CASE_TEMPLATE("a stale link is noticed as with sockets", D, OKHTTP_EVERY_DISPATCHER) {
  int links = 0;
  auto client = client_over<D>([&links](const Endpoint&, std::shared_ptr<MemoryLink> link) {
    const bool first = links++ == 0;
    link->on_bytes = [first, answered = false](MemoryLink& self) mutable {
      if (self.take_until("\r\n\r\n").empty()) return;
      if (first && std::exchange(answered, true))
        self.end();
      else
        self.send(answer_with(first ? "first" : "second"));
    };
  });
  CHECK(client.new_call(get_request("http://memory.invalid/")).execute().body().string() == "first");
  CHECK(client.new_call(get_request("http://memory.invalid/")).execute().body().string() == "second");
  CHECK(links == 2);
}

TEST_CASE_TEMPLATE("many calls over links in memory", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = client_over<D>(answering([](std::string_view head) {
    return answer_with(head.substr(4, head.find(' ', 4) - 4));
  }));
  Counter good;
  for (int i = 0; i < 100; ++i) {
    const std::string path = "/" + std::to_string(i);
    client.new_call(get_request("http://memory.invalid" + path))
        .enqueue([&good, path](Result<Response> result) -> Task<void> {
          if (!result) co_return;
          std::string text = co_await result->body().async_string();
          if (text == path) good.add();
        });
  }
  finish_enqueued(client);
  CHECK(good.count() == 100);
}

TEST_CASE_TEMPLATE("a transport that cannot be made from nothing has to be given", D, OKHTTP_EVERY_DISPATCHER) {
  Result<MemoryClient<D>> client = typename MemoryClient<D>::Builder().try_build();
  REQUIRE_FALSE(client);
  CHECK(client.error() == Errc::invalid_argument);
  CHECK(contains(client.error().message(), "transport(...)"));
}

TEST_CASE("the tiny client fetches") {
  MockWebServer server;
  server.enqueue(MockResponse().body("small"));
  server.enqueue(MockResponse().gzip_body("left as it is"));
  okhttp::TinyClient client;
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "small");
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.header("Content-Encoding") == "gzip");
}

TEST_CASE_TEMPLATE("plain transport on every dispatcher", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("plain"));
  okhttp::BasicClient<typename D::Dispatcher, okhttp::PlainTransport> client;
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "plain");
}

}  // TEST_SUITE

}  // namespace policy_test
