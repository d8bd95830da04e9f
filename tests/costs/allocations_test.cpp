// SPDX-License-Identifier: Apache-2.0

#include <okhttp/client.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>
#include <okhttp/transport/tcp.hpp>

#include <support/count_allocations.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace allocations_test {

using namespace okhttp;
using okhttp_tests::allocations_of;

TEST_SUITE("costs/allocations") {
  TEST_CASE("the socket layer allocates nothing when it reads and writes") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    BlockingRuntime runtime;
    detail::TcpStream stream(runtime, ends[0]);
    std::byte buffer[4096];
    const ConstBytes text = std::as_bytes(std::span("GET / HTTP/1.1\r\n\r\n"));
    const ConstBytes pieces[2] = {text, text};
    std::size_t moved = 0;
    const std::size_t count = allocations_of([&] {
      for (int i = 0; i < 1000; ++i) {
        const IoResult written = stream.try_write(pieces);
        moved += written.bytes();
        (void)!::write(ends[1], "answer", 6);
        const IoResult read = stream.read_now(buffer, Deadline::after(Clock::now(), std::chrono::seconds(10)), {});
        moved += read.bytes();
        (void)!::read(ends[1], buffer, sizeof buffer);
      }
    });
    CHECK(moved == 1000 * (2 * text.size() + 6));
    CHECK(count == 0);
    ::close(ends[1]);
  }

  TEST_CASE("a keep-alive GET allocates nothing once it has been done") {
    // A peer that answers every request alike, on a thread that is not counted.
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::thread peer([listener] {
      const int connection = ::accept(listener, nullptr, nullptr);
      constexpr std::string_view answer =
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";
      char buffer[4096];
      while (::read(connection, buffer, sizeof buffer) > 0)
        (void)!::write(connection, answer.data(), answer.size());
      ::close(connection);
    });

    {
      const BasicClient<PlainTransport, InlineDispatcher> client;
      const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
      const Request request = Request::Builder().url(url).build();
      auto exchange = [&] {
        CHECK(client.new_call(request).execute().body().string() == "Hello, world!");
      };
      for (int i = 0; i < 100; ++i) exchange();
      const std::size_t hundred = allocations_of([&] {
        for (int i = 0; i < 100; ++i)
          if (client.new_call(request).execute().body().string().size() != 13) std::abort();
      });
      const std::size_t next_hundred = allocations_of([&] {
        for (int i = 0; i < 100; ++i)
          if (client.new_call(request).execute().body().string().size() != 13) std::abort();
      });
      CHECK(hundred == next_hundred);
#if OKHTTP_RECYCLE_FRAMES
      // What lives as long as the call is recycled, the response's headers too, and a request that is sent
      // again is made once.
      CHECK(hundred == 0);
#endif
      MESSAGE("allocations per request: ", static_cast<double>(hundred) / 100);
    }
    peer.join();
    ::close(listener);
  }
}

}  // namespace allocations_test
