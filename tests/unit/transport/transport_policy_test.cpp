// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/transport_policy.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include <memory>
#include <string>
#include <utility>

namespace transport_policy_test {

using namespace okhttp;

namespace {

struct ArchetypeStream {
  explicit ArchetypeStream(int* close_count) : closes(close_count) {}
  IoResult try_read(std::span<std::byte>) { return IoStatus::end; }
  IoResult try_write(std::span<const ConstBytes>) { return IoResult::moved(1); }
  Task<Interest> wait(Interest interest, Deadline) { co_return interest; }
  void shutdown() {}
  void close() { ++*closes; }
  int* closes;
};

/// What a transport of the user's must offer: this, and no more.
struct Archetype {
  using Stream = ArchetypeStream;
  Archetype() = default;
  Archetype(Archetype&&) = default;
  Archetype(const Archetype&) = delete;
  Archetype& operator=(const Archetype&) = delete;

  Task<ArchetypeStream> connect(const Endpoint& endpoint, Deadline) {
    if (endpoint.port == 0) co_await fail(Errc::connect_refused, "nobody at " + endpoint.to_string());
    co_return ArchetypeStream(closes);
  }
  int* closes = nullptr;
};
static_assert(AimsAtTransport<Archetype>);
static_assert(TransportPolicy<Archetype>);

struct NoStream {
  Task<ArchetypeStream> connect(const Endpoint& endpoint, Deadline deadline);
};
static_assert(!AimsAtTransport<NoStream>);
static_assert(!TransportPolicy<NoStream>);

struct NoConnect {
  using Stream = ArchetypeStream;
};
static_assert(AimsAtTransport<NoConnect>);  // so that it is told what it lacks
static_assert(!TransportPolicy<NoConnect>);

struct BadStream {
  using Stream = int;
  Task<int> connect(const Endpoint& endpoint, Deadline deadline);
};
static_assert(!TransportPolicy<BadStream>);

struct NoTask {
  using Stream = ArchetypeStream;
  ArchetypeStream connect(const Endpoint& endpoint, Deadline deadline);
};
static_assert(!TransportPolicy<NoTask>);

struct TaskOfAnotherStream {
  using Stream = ArchetypeStream;
  Task<int> connect(const Endpoint& endpoint, Deadline deadline);
};
static_assert(!TransportPolicy<TaskOfAnotherStream>);

struct NoDeadline {
  using Stream = ArchetypeStream;
  Task<ArchetypeStream> connect(const Endpoint& endpoint);
};
static_assert(!TransportPolicy<NoDeadline>);

struct Erased {
  using Stream = std::unique_ptr<okhttp::Stream>;
  static constexpr bool needs_addresses = true;
  Task<Stream> connect(const Endpoint&, Deadline) { co_return nullptr; }
};
static_assert(TransportPolicy<Erased>);

}  // namespace

TEST_SUITE("transport/transport_policy") {
  TEST_CASE("a transport is used through one interface, which closes its streams") {
    int closes = 0;
    Archetype archetype;
    archetype.closes = &closes;
    const auto connector = std::make_unique<detail::ConnectorFor<Archetype>>(std::move(archetype));
    CHECK_FALSE(connector->needs_addresses());
    BlockingRuntime runtime;
    Endpoint endpoint;
    endpoint.host = "modem";
    endpoint.port = 7;
    Result<std::unique_ptr<Stream>> stream = runtime.run(connector->connect(endpoint, Deadline::never()), "");
    REQUIRE(stream);
    CHECK(closes == 0);
    stream->reset();
    CHECK(closes == 1);
    endpoint.port = 0;
    stream = runtime.run(connector->connect(endpoint, Deadline::never()), "");
    REQUIRE_FALSE(stream);
    CHECK(stream.error().message() == "nobody at modem:0");
  }

  TEST_CASE("a transport may ask for addresses") {
    const detail::ConnectorFor<Erased> connector{Erased()};
    CHECK(connector.needs_addresses());
  }

  TEST_CASE("an endpoint is written as an authority") {
    Endpoint endpoint;
    endpoint.host = "example.com";
    endpoint.port = 8443;
    CHECK(endpoint.to_string() == "example.com:8443");
    endpoint.address = *IpAddress::try_parse("::1");
    CHECK(endpoint.to_string() == "[::1]:8443");
    endpoint.address = *IpAddress::try_parse("10.0.0.1");
    CHECK(endpoint.to_string() == "10.0.0.1:8443");
    endpoint.address.reset();
    endpoint.host = "fe80::1";
    CHECK(endpoint.to_string() == "[fe80::1]:8443");
  }
}

}  // namespace transport_policy_test
