// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/connect.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace fast_fallback_test {

using namespace okhttp_tests;
using namespace std::chrono_literals;
using okhttp::Errc;
using okhttp::HeldCertificate;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;

namespace {

/// A resolver that always gives these.
auto resolver(std::vector<const char*> texts) {
  std::vector<IpAddress> addresses;
  for (const char* text : texts) addresses.push_back(IpAddress::parse(text));
  return [addresses](std::string_view) { return addresses; };
}

std::string url(const char* scheme, const char* host, std::uint16_t port) {
  return std::string(scheme) + "://" + host + ":" + std::to_string(port) + "/";
}

/// A port of ::1 that swallows what is sent to it: its backlog is full (Linux drops the SYN).
class BlackHole {
 public:
  explicit BlackHole(std::uint16_t port) : port_(port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port);
    const auto* const to = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener_.get(), to, sizeof address) != 0) return;
    REQUIRE(::listen(listener_.get(), 0) == 0);
    for (int i = 0; i < 3; ++i) {
      Descriptor& filler = fillers_.emplace_back(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(filler.get(), to, sizeof address);
    }
    fillers_connecting_ = connecting();
  }
  /// False on a machine without IPv6.
  bool exists() const { return !fillers_.empty(); }
  /// How many others try to connect.
  std::size_t victims() const { return connecting() - fillers_connecting_; }

 private:
  /// Sockets in SYN_SENT towards this port.
  std::size_t connecting() const {
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, ":%04X 02 ", static_cast<unsigned>(port_));
    std::ifstream table("/proc/net/tcp6");
    std::size_t count = 0;
    for (std::string line; std::getline(table, line);) count += line.find(wanted) != std::string::npos;
    return count;
  }
  const std::uint16_t port_;
  const Descriptor listener_{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::vector<Descriptor> fillers_;
  std::size_t fillers_connecting_ = 0;
};

}  // namespace

TEST_SUITE("integration/fast_fallback") {

TEST_CASE_TEMPLATE("an address that does not answer holds nothing up", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("found"));
  const FullBacklog silent("127.0.0.2", server.port());
  auto client = D::builder().connect_timeout(patience).dns(resolver({"127.0.0.2", "127.0.0.1"})).build();
  const auto begun = std::chrono::steady_clock::now();
  Response response = client.new_call(get_request(url("http", "two.example", server.port()))).execute();
  CHECK(response.body().string() == "found");
  CHECK(std::chrono::steady_clock::now() - begun >= 250ms);
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a handshake that fails leaves the other addresses in the race", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  server.enqueue(MockResponse().body("found"));
  ScriptedServer garbage(std::vector<ScriptedServer::Script>{[](RawPeer& peer) {
                           peer.read(1);
                           peer.write("this is no TLS\r\n\r\n");
                         }},
                         "127.0.0.2", server.port());
  auto client = D::builder()
                    .trusted_certificates(server.client_trust())
                    .dns(resolver({"127.0.0.2", "127.0.0.1"}))
                    .build();
  Response response = client.new_call(get_request(url("https", "localhost", server.port()))).execute();
  CHECK(response.body().string() == "found");
}

TEST_CASE_TEMPLATE("a certificate that is not trusted is the error, though other addresses refuse", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(HeldCertificate::localhost());
  auto client = D::builder().dns(resolver({"127.0.0.2", "127.0.0.1"})).build();
  Result<Response> response =
      client.new_call(get_request(url("https", "localhost", server.port()))).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK(response.error() == Errc::certificate);
}

TEST_CASE_TEMPLATE("an address that has failed is tried last by the next calls", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().header("Connection", "close").body("found"); });
  auto client = D::builder().dns(resolver({"127.0.0.2", "127.0.0.1"})).build();
  const auto get = [&](auto& with) {
    return with.new_call(get_request(url("http", "two.example", server.port()))).execute().body().string();
  };
  CHECK(get(client) == "found");  // nobody listens on 127.0.0.2
  ScriptedServer other(std::vector<ScriptedServer::Script>{[](RawPeer& peer) {
                         peer.read_head();
                         peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nother");
                       }},
                       "127.0.0.2", server.port());
  CHECK(get(client) == "found");
  auto derived = client.new_builder().build();
  CHECK(get(derived) == "found");
  auto in_turn = client.new_builder().fast_fallback(false).build();
  CHECK(get(in_turn) == "found");
  auto stranger = D::builder().dns(resolver({"127.0.0.2", "127.0.0.1"})).build();
  CHECK(get(stranger) == "other");
}

TEST_CASE_TEMPLATE("the connect timeout is that of the whole race", D, OKHTTP_EVERY_DISPATCHER) {
  const FullBacklog silent;
  const FullBacklog silent_too("127.0.0.2", silent.port());
  auto client = D::builder().connect_timeout(400ms).dns(resolver({"127.0.0.1", "127.0.0.2"})).build();
  const auto begun = std::chrono::steady_clock::now();
  Result<Response> response = client.new_call(get_request(url("http", "two.example", silent.port()))).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK(response.error() == Errc::connect_timeout);
  CHECK(contains(response.error().message(), "timed out after 400 ms (2 addresses tried)"));
  CHECK(std::chrono::steady_clock::now() - begun >= 400ms);
}

TEST_CASE_TEMPLATE("a race can be canceled", D, OKHTTP_EVERY_DISPATCHER) {
  const FullBacklog silent;
  const FullBacklog silent_too("127.0.0.2", silent.port());
  auto client = D::builder().connect_timeout(patience).dns(resolver({"127.0.0.1", "127.0.0.2"})).build();
  const okhttp::Call call = client.new_call(get_request(url("http", "two.example", silent.port())));
  Background canceler([&] {
    silent_too.wait_for_connecting();
    call.cancel();
  });
  Result<Response> response = call.try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::canceled);
}

TEST_CASE_TEMPLATE("a black hole behind IPv6 costs a head start, and nothing is left connecting to it", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("found"));
  const BlackHole hole(server.port());
  if (!hole.exists()) {
    MESSAGE("skipped: there is no IPv6 on this machine");
    return;
  }
  const std::string two = url("http", "two.example", server.port());
  {
    std::size_t victims = 0;
    auto client = D::builder()
                      .connect_timeout(patience)
                      .dns(resolver({"127.0.0.1", "::1"}))  // IPv6 goes first all the same
                      .add_network_interceptor([&](okhttp::Chain& chain) -> okhttp::Task<Response> {
                        victims = hole.victims();
                        co_return co_await chain.proceed(chain.request());
                      })
                      .build();
    const auto begun = std::chrono::steady_clock::now();
    Response response = client.new_call(get_request(two)).execute();
    const auto took = std::chrono::steady_clock::now() - begun;
    CHECK(response.body().string() == "found");
    CHECK(took >= 250ms);
    CHECK(took < patience);
    CHECK(victims == 0);  // the loser was closed before the winner was used
  }
  // Nobody listens behind IPv4 here: the race goes on until it is canceled.
  const FullBacklog silent("127.0.0.2", server.port());
  auto client = D::builder().connect_timeout(patience).dns(resolver({"::1", "127.0.0.2"})).build();
  const okhttp::Call call = client.new_call(get_request(two));
  std::size_t victims = 0;
  Background canceler([&] {
    silent.wait_for_connecting();
    victims = hole.victims();
    call.cancel();
  });
  CHECK(call.try_execute().error() == Errc::canceled);
  canceler.join();
  CHECK(victims == 1);
  CHECK(hole.victims() == 0);
  CHECK_FALSE(silent.is_connecting());
}

TEST_CASE_TEMPLATE("the call timeout ends a race", D, OKHTTP_EVERY_DISPATCHER) {
  const FullBacklog silent;
  const FullBacklog silent_too("127.0.0.2", silent.port());
  auto client = D::builder().call_timeout(100ms).dns(resolver({"127.0.0.1", "127.0.0.2"})).build();
  Result<Response> response = client.new_call(get_request(url("http", "two.example", silent.port()))).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::call_timeout);
}

}  // TEST_SUITE

}  // namespace fast_fallback_test
