// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tcp.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/blocking_runtime.hpp>
#include <okhttp/transport/plain_transport.hpp>

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <pthread.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/runtime_support.hpp"
#include "support/scripted_stream.hpp"

namespace tcp_test {

using namespace okhttp;
using namespace std::chrono_literals;
using detail::TcpStream;

namespace {

/// A blocking runtime whose clock goes on by a step each time it is looked at.
class TickingRuntime final : public Runtime {
 public:
  explicit TickingRuntime(Clock::duration step) : Runtime(true), step_(step) {}
  TimePoint now() const override { return now_ += step_; }
  TimePoint peek() const { return now_; }
  Task<void> offload(UniqueFunction<void()> job) override {
    job();
    co_return;
  }
  void post(UniqueFunction<void()> function) override { function(); }
  bool begin_wait(WaitAny&) override { std::abort(); }
  void cancel_wait(WaitAny&) noexcept override {}
  void resume(detail::ReadyNode&) noexcept override {}
  void complete_wait(WaitAny&) noexcept override {}
  Result<void> attach(detail::IoHandle&) override { return {}; }
  void detach(detail::IoHandle&) noexcept override {}

 protected:
  Result<void> run_root(Task<void>, const char*) override { std::abort(); }

 private:
  mutable TimePoint now_ = TimePoint(1h);
  Clock::duration step_;
};

/// A listening socket on a free loopback port, and what it has accepted.
class Listener {
 public:
  explicit Listener(bool v6 = false, int backlog = 16) {
    descriptor_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(descriptor_ >= 0);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (v6) {
      auto& address = reinterpret_cast<sockaddr_in6&>(storage);
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      size = sizeof address;
    } else {
      auto& address = reinterpret_cast<sockaddr_in&>(storage);
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof address;
    }
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&storage), size) == 0);
    REQUIRE(::listen(descriptor_, backlog) == 0);
    REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
    endpoint.host = "server.test";
    endpoint.port = ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                             : reinterpret_cast<sockaddr_in&>(storage).sin_port);
    endpoint.address = *IpAddress::try_parse(v6 ? "::1" : "127.0.0.1");
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    close_accepted();
    stop();
  }
  int accept() {
    const int accepted = ::accept(descriptor_, nullptr, nullptr);
    REQUIRE(accepted >= 0);
    accepted_.push_back(accepted);
    return accepted;
  }
  void close_accepted() {
    for (const int descriptor : accepted_) ::close(descriptor);
    accepted_.clear();
  }
  void stop() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  Endpoint endpoint;

 private:
  int descriptor_ = -1;
  std::vector<int> accepted_;
};

/// A port that answers no further connection: its queue is full, so the kernel drops what comes.
class SilentPort {
 public:
  SilentPort() : listener_(false, 0) {
    for (int i = 0; i < 3; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(listener_.endpoint.port);
      (void)::connect(fillers_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  ~SilentPort() {
    for (const int filler : fillers_) ::close(filler);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  Endpoint& endpoint() { return listener_.endpoint; }

 private:
  Listener listener_;
  std::vector<int> fillers_;
};

void send_text(int to, std::string_view text) {
  REQUIRE(::send(to, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

std::string receive_text(int from, std::size_t size) {
  std::string text(size, '\0');
  const ssize_t got = ::recv(from, text.data(), size, MSG_WAITALL);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

Clock::duration kernel_timeout(const TcpStream& stream) {
  timeval value{};
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(stream.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &value, &size) == 0);
  return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
}
void set_kernel_timeout(const TcpStream& stream, std::chrono::seconds seconds) {
  timeval value{};
  value.tv_sec = seconds.count();
  REQUIRE(::setsockopt(stream.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) == 0);
}

template <class R>
struct Linked {
  template <class... Args>
  explicit Linked(Args&&... args) : runtime(std::forward<Args>(args)...) {
    // Made elsewhere: some of the runtimes here do not wait for sockets.
    BlockingRuntime blocking;
    Result<std::unique_ptr<Stream>> made =
        blocking.run(detail::connect_tcp(blocking, listener.endpoint, Deadline::never()), "");
    REQUIRE(made);
    const int descriptor = ::dup(static_cast<TcpStream&>(**made).descriptor());
    if (!runtime.blocks()) REQUIRE(::fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0);
    auto own = std::make_unique<TcpStream>(runtime, descriptor);
    REQUIRE(own->connected());
    stream = std::move(own);
    peer = listener.accept();
  }
  TcpStream& tcp() { return static_cast<TcpStream&>(*stream); }
  R runtime;
  Listener listener;
  std::unique_ptr<Stream> stream;
  int peer = -1;
};

}  // namespace

TEST_SUITE("transport/tcp") {
  TEST_CASE_TEMPLATE("connects to v4 and v6 addresses and carries bytes both ways", R, BlockingRuntime, EventLoop) {
    for (const bool v6 : {false, true}) {
      CAPTURE(v6);
      R runtime;
      Listener listener(v6);
      Result<std::unique_ptr<Stream>> stream =
          runtime.run(detail::connect_tcp(runtime, listener.endpoint, Deadline::never()), "");
      REQUIRE(stream);
      const int peer = listener.accept();
      std::vector<ConstBytes> pieces;
      std::string expected;
      for (int i = 0; i < 40; ++i) {  // more than one system call takes
        pieces.push_back(bytes_of("piece"));
        pieces.push_back(bytes_of(""));
        expected += "piece";
      }
      Result<IoResult> written = runtime.run(write_all(**stream, pieces, runtime, 10s, Deadline::never()), "");
      CHECK(written->ok());
      CHECK(receive_text(peer, expected.size()) == expected);
      send_text(peer, "answer");
      std::array<std::byte, 100> into{};
      Result<IoResult> read = runtime.run(read_when_ready(**stream, into, Deadline::never()), "");
      CHECK(read->bytes() == 6);
      CHECK((*stream)->try_read(into).would_block());
      CHECK((*stream)->is_quiet());
    }
  }

  TEST_CASE_TEMPLATE("a refused connection says so and names the address", R, BlockingRuntime, EventLoop) {
    for (const bool v6 : {false, true}) {
      R runtime;
      Listener listener(v6);
      listener.stop();
      Result<std::unique_ptr<Stream>> stream =
          runtime.run(detail::connect_tcp(runtime, listener.endpoint, Deadline::never()), "");
      REQUIRE_FALSE(stream);
      CHECK(stream.error().code() == Errc::connect_refused);
      const std::string name = (v6 ? "[::1]:" : "127.0.0.1:") + std::to_string(listener.endpoint.port);
      CHECK(stream.error().message().find(name) != std::string::npos);
    }
  }

  TEST_CASE_TEMPLATE("a cancel before or while connecting ends it", R, BlockingRuntime, EventLoop) {
    for (const bool before : {true, false}) {
      CAPTURE(before);
      R runtime;
      SilentPort port;
      const auto call = std::make_shared<Cancellation>(runtime);
      port.endpoint().cancellation = call.get();
      if (before) call->cancel();
      std::thread other([&] { call->cancel(); });
      Result<std::unique_ptr<Stream>> stream =
          runtime.run(detail::connect_tcp(runtime, port.endpoint(), Deadline::never()), "");
      other.join();
      REQUIRE_FALSE(stream);
      CHECK(stream.error().code() == Errc::canceled);
      CHECK(stream.error().message().find("127.0.0.1:") != std::string::npos);
    }
  }

  TEST_CASE("a connection that nobody answers ends at the deadline") {
    FOR_EACH_POLLER();
    support::VirtualTime time;
    EventLoop loop(support::loop_options(use_poll, &time));
    SilentPort port;
    Result<std::unique_ptr<Stream>> stream = loop.run(detail::connect_tcp(loop, port.endpoint(), time.in(10s)), "");
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code() == Errc::connect_timeout);
    CHECK(stream.error().message().find(port.endpoint().to_string()) != std::string::npos);
    CHECK(time.elapsed() == 10s);
  }

  TEST_CASE_TEMPLATE("the end and a reset of the peer show", R, BlockingRuntime, EventLoop) {
    std::array<std::byte, 100> into{};
    {
      Linked<R> link;
      send_text(link.peer, "last");
      link.listener.close_accepted();
      CHECK_FALSE(link.stream->is_quiet());
      CHECK(link.runtime.run(read_when_ready(*link.stream, into, Deadline::never()), "")->bytes() == 4);
      CHECK(link.runtime.run(read_when_ready(*link.stream, into, Deadline::never()), "")->status() == IoStatus::end);
      CHECK_FALSE(link.stream->is_quiet());
    }
    Linked<R> link;
    const linger at_once{1, 0};
    REQUIRE(::setsockopt(link.peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    link.listener.close_accepted();
    Result<IoResult> read = link.runtime.run(read_when_ready(*link.stream, into, Deadline::never()), "");
    CHECK(read->status() == IoStatus::failed);
    CHECK(read->error().code() == Errc::io);
    const ConstBytes piece = bytes_of("x");
    CHECK(link.stream->try_write(std::span(&piece, 1)).status() == IoStatus::failed);  // and no signal
  }

  TEST_CASE("on a loop bytes and the end that arrive together are both seen") {
    FOR_EACH_POLLER();
    Linked<EventLoop> link(support::loop_options(use_poll));
    std::array<std::byte, 100> into{};
    auto read_to_end = [](Stream& stream, std::span<std::byte> space) -> Task<int> {
      int reads = 0;
      for (;;) {
        IoResult result = stream.try_read(space);
        if (result.would_block()) result = co_await read_when_ready(stream, space, Deadline::never());
        if (!result.ok()) co_return result.status() == IoStatus::end ? reads : -1;
        ++reads;
      }
    };
    send_text(link.peer, "bytes");
    link.listener.close_accepted();
    CHECK(*link.runtime.run(read_to_end(*link.stream, into), "") == 1);
  }

  TEST_CASE("on a loop an idle connection that the peer closes is suspect") {
    Linked<EventLoop> link;
    std::array<std::byte, 100> into{};
    CHECK(link.stream->try_read(into).would_block());
    CHECK_FALSE(link.stream->is_suspect());
    CHECK(link.runtime.poll());
    CHECK_FALSE(link.stream->is_suspect());
    link.listener.close_accepted();
    CHECK(link.runtime.poll());
    CHECK(link.stream->is_suspect());
    CHECK_FALSE(link.stream->is_quiet());
  }

  TEST_CASE_TEMPLATE("shutting down ends every wait and every try", R, BlockingRuntime, EventLoop) {
    std::array<std::byte, 100> into{};
    Linked<R> link;
    support::Milestones waits;
    std::thread other([&] {
      waits.wait_for(1);
      link.stream->shutdown();
    });
    auto wait = [](Stream& stream, support::Milestones& begun, std::span<std::byte> space) -> Task<IoResult> {
      begun.reach();
      IoResult result = stream.read_now(space, Deadline::never(), {});
      if (result.would_block()) result = co_await read_when_ready(stream, space, Deadline::never());
      co_return result;
    };
    CHECK(link.runtime.run(wait(*link.stream, waits, into), "")->status() == IoStatus::end);
    other.join();
    const ConstBytes piece = bytes_of("x");
    CHECK(link.stream->try_write(std::span(&piece, 1)).status() == IoStatus::failed);
    CHECK(link.stream->try_read(into).status() == IoStatus::end);
  }

  TEST_CASE_TEMPLATE("a write that finds no room waits for it", R, BlockingRuntime, EventLoop) {
    Linked<R> link;
    const std::string large(20 * 1024 * 1024, 'x');
    std::string got;
    std::thread reader([&] { got = receive_text(link.peer, large.size()); });
    std::array<ConstBytes, 1> pieces{bytes_of(large)};
    CHECK(link.runtime.run(write_all(*link.stream, pieces, link.runtime, 60s, Deadline::never()), "")->ok());
    reader.join();
    CHECK(got == large);
  }

  TEST_CASE("the kernel's timeout is set anew only when it is too short or much too long") {
    Linked<support::JumpingRuntime> link;
    std::array<std::byte, 1> into{};
    const auto after_read = [&](Clock::duration left) {
      send_text(link.peer, "x");
      CHECK(link.stream->read_now(into, Deadline::at(link.runtime.now() + left), {}).bytes() == 1);
      return kernel_timeout(link.tcp());
    };
    // The value set behind the stream's back tells whether it was set again. The kernel rounds to its tick.
    CHECK(after_read(10s) == 10s);
    set_kernel_timeout(link.tcp(), 77s);
    CHECK(after_read(10s) == 77s);
    CHECK(after_read(10s - 100us) == 77s);
    CHECK(after_read(9700ms) == 77s);  // 300 of 303 ms too long
    CHECK(after_read(9690ms) - 9690ms <= 10ms);
    set_kernel_timeout(link.tcp(), 77s);
    CHECK(after_read(9691ms) - 9691ms <= 10ms);  // too short by 1 ms
    set_kernel_timeout(link.tcp(), 77s);
    CHECK(after_read(9690ms + 1us) == 77s);
    CHECK(after_read(100ms) - 100ms <= 10ms);
    set_kernel_timeout(link.tcp(), 77s);
    CHECK(after_read(90ms) == 77s);  // 10 ms too long
    CHECK(after_read(89ms) < 77s);
    // Rounded up and never to 0, which is for ever.
    CHECK(after_read(1ns) > 0s);
    CHECK(after_read(1ns) < 20ms);
    CHECK(after_read(10s) == 10s);
    send_text(link.peer, "x");
    CHECK(link.stream->read_now(into, Deadline::never(), {}).ok());
    CHECK(kernel_timeout(link.tcp()) == 0s);
  }

  TEST_CASE("equal read timeouts are set once though the clock goes on between") {
    Linked<TickingRuntime> link(7us);
    std::array<std::byte, 1> into{};
    for (int i = 0; i < 200; ++i) {
      send_text(link.peer, "x");
      const Deadline deadline = Deadline::at(link.runtime.peek() + 10s - std::chrono::microseconds(i * 37 % 100));
      CHECK(link.stream->read_now(into, deadline, {}).bytes() == 1);
      if (i == 0) {
        CHECK(kernel_timeout(link.tcp()) == 10s);
        set_kernel_timeout(link.tcp(), 77s);
      }
    }
    CHECK(kernel_timeout(link.tcp()) == 77s);
  }

  TEST_CASE("a blocking read ends with what the clock says, not with the kernel") {
    Linked<TickingRuntime> link(4ms);
    std::array<std::byte, 4> into{};
    const TimePoint begun = link.runtime.peek();
    CHECK(link.stream->read_now(into, Deadline::at(begun + 30ms), {}).status() == IoStatus::timed_out);
    CHECK(link.runtime.peek() >= begun + 30ms);
    // Past its deadline it still takes what is there, without waiting.
    send_text(link.peer, "late");
    CHECK(link.stream->read_now(into, Deadline::at(begun), {}).bytes() == 4);
    CHECK(link.stream->read_now(into, Deadline::at(begun), {}).status() == IoStatus::timed_out);
  }

  TEST_CASE("a signal does not end a blocking read") {
    struct sigaction old_action {};
    struct sigaction action {};
    action.sa_handler = [](int) {};
    REQUIRE(::sigaction(SIGUSR1, &action, &old_action) == 0);
    Linked<BlockingRuntime> link;
    std::array<std::byte, 4> into{};
    const pthread_t reader = ::pthread_self();
    std::thread other([&] {
      for (int i = 0; i < 50; ++i) {
        ::pthread_kill(reader, SIGUSR1);
        std::this_thread::yield();
      }
      send_text(link.peer, "x");
    });
    const IoResult read = link.stream->read_now(into, Deadline::at(Clock::now() + 60s), {});
    other.join();
    CHECK(read.bytes() == 1);
    REQUIRE(::sigaction(SIGUSR1, &old_action, nullptr) == 0);
  }

#if defined(__linux__)
  TEST_CASE("a request that ran into a closed connection is known not to have arrived") {
    const ConstBytes request = bytes_of("POST / HTTP/1.1\r\n\r\n");
    std::array<std::byte, 100> into{};
    Linked<BlockingRuntime> link;
    // One that was answered: acknowledged.
    link.stream->mark_request();
    CHECK_FALSE(link.stream->is_unacknowledged());
    REQUIRE(link.stream->try_write(std::span(&request, 1)).ok());
    CHECK(receive_text(link.peer, request.size()).size() == request.size());
    send_text(link.peer, "answer");
    CHECK(link.stream->read_now(into, Deadline::never(), {}).ok());
    CHECK_FALSE(link.stream->is_unacknowledged());
    // One that was not: the server had closed.
    link.stream->mark_request();
    link.listener.close_accepted();
    REQUIRE(link.stream->try_write(std::span(&request, 1)).ok());
    const IoResult read = link.stream->read_now(into, Deadline::never(), {});
    CHECK(read.status() != IoStatus::ok);
    CHECK(link.stream->is_unacknowledged());
  }
#endif

  TEST_CASE("a plain transport does not speak to https") {
    BlockingRuntime runtime;
    PlainTransport transport;
    Endpoint endpoint;
    endpoint.host = "example.com";
    endpoint.secure = true;
    const Result<std::unique_ptr<Stream>> stream = runtime.run(transport.connect(endpoint, Deadline::never()), "");
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code() == Errc::tls);
    CHECK(stream.error().message().find("example.com") != std::string::npos);
  }

  TEST_CASE_TEMPLATE("no descriptor is left behind", R, BlockingRuntime, EventLoop) {
    R runtime;
    const int before = support::open_descriptors();
    {
      Listener listener;
      for (int i = 0; i < 5; ++i)
        CHECK(runtime.run(detail::connect_tcp(runtime, listener.endpoint, Deadline::never()), ""));
      listener.stop();
      CHECK_FALSE(runtime.run(detail::connect_tcp(runtime, listener.endpoint, Deadline::never()), ""));
    }
    CHECK(support::open_descriptors() == before);
  }
}

}  // namespace tcp_test
