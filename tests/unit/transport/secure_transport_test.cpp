// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/secure_transport.hpp>
#include <okhttp/transport/transport_policy.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>

#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "support/runtime_support.hpp"

namespace secure_transport_test {

using namespace okhttp;
using namespace std::chrono_literals;

namespace {

static_assert(TransportPolicy<SecureTransport>);
static_assert(std::default_initializable<SecureTransport>);
static_assert(std::copy_constructible<SecureTransport>);

/// A port that accepts connections in the kernel and says nothing.
class MutePort {
 public:
  MutePort() {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(descriptor_, 8) == 0);
    REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    endpoint.host = "server.test";
    endpoint.port = ntohs(address.sin_port);
    endpoint.address = *IpAddress::try_parse("127.0.0.1");
  }
  MutePort(const MutePort&) = delete;
  MutePort& operator=(const MutePort&) = delete;
  ~MutePort() { ::close(descriptor_); }
  /// Waits for a connection and for the first bytes on it.
  void wait_for_bytes() {
    const int accepted = ::accept(descriptor_, nullptr, nullptr);
    char byte;
    (void)!::recv(accepted, &byte, 1, 0);
    held_.push_back(accepted);
  }
  void close_held() {
    for (const int descriptor : held_) ::close(descriptor);
    held_.clear();
  }
  Endpoint endpoint;

 private:
  int descriptor_ = -1;
  std::vector<int> held_;
};

}  // namespace

TEST_SUITE("transport/secure_transport") {
  TEST_CASE_TEMPLATE("http is carried without TLS", R, BlockingRuntime, EventLoop) {
    R runtime;
    MutePort port;
    SecureTransport transport;
    const Result<std::unique_ptr<Stream>> stream = runtime.run(transport.connect(port.endpoint, Deadline::never()), "");
    REQUIRE(stream);
    CHECK((*stream)->handshake() == nullptr);
  }

  TEST_CASE_TEMPLATE("a cancel during the handshake ends it", R, BlockingRuntime, EventLoop) {
    R runtime;
    MutePort port;
    SecureTransport transport;
    const auto call = std::make_shared<Cancellation>(runtime);
    port.endpoint.secure = true;
    port.endpoint.cancellation = call.get();
    std::thread other([&] {
      port.wait_for_bytes();
      call->cancel();
    });
    const Result<std::unique_ptr<Stream>> stream = runtime.run(transport.connect(port.endpoint, Deadline::never()), "");
    other.join();
    port.close_held();
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code() == Errc::canceled);
    CHECK(stream.error().message().find("server.test") != std::string::npos);
  }

  TEST_CASE("a handshake that gets no answer ends at the deadline") {
    support::VirtualTime time;
    EventLoop loop(support::loop_options(false, &time));
    MutePort port;
    SecureTransport transport;
    port.endpoint.secure = true;
    const Result<std::unique_ptr<Stream>> stream = loop.run(transport.connect(port.endpoint, time.in(10s)), "");
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code() == Errc::connect_timeout);
    CHECK(stream.error().message().find("server.test (" + port.endpoint.to_string() + ")") != std::string::npos);
    CHECK(time.elapsed() == 10s);
  }

  TEST_CASE_TEMPLATE("a server that hangs up during the handshake is a TLS error", R, BlockingRuntime, EventLoop) {
    R runtime;
    MutePort port;
    SecureTransport transport;
    port.endpoint.secure = true;
    std::thread other([&] {
      port.wait_for_bytes();
      port.close_held();
    });
    const Result<std::unique_ptr<Stream>> stream = runtime.run(transport.connect(port.endpoint, Deadline::never()), "");
    other.join();
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code() == Errc::tls);
    CHECK(stream.error().message().find("server.test (" + port.endpoint.to_string() + ")") != std::string::npos);
  }
}

}  // namespace secure_transport_test
