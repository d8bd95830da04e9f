// SPDX-License-Identifier: Apache-2.0
#include <okhttp/dispatch/event_loop_dispatcher.hpp>

#include <doctest/doctest.h>

#include <okhttp/client.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/own_process.hpp"
#include "support/raw_server.hpp"

namespace many_calls_test {

// A thousand calls at once on one thread, against a server in a process of its own that answers none
// before all have arrived. The server is this program again, started with the name of a test that is
// skipped otherwise.

using namespace okhttp_tests;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

constexpr std::size_t how_many = 1000;

void allow_many_descriptors() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

/// The server as the test sees it. Ends with this object.
class BarrierServer {
 public:
  BarrierServer() : process_("the process of the barrier server") {
    REQUIRE(wait_until_ready(process_.descriptor(), POLLIN));
    REQUIRE(::read(process_.descriptor(), &port_, sizeof port_) == sizeof port_);
  }
  ~BarrierServer() { CHECK(process_.wait() == 0); }
  std::uint16_t port() const { return port_; }

 private:
  OwnProcess process_;
  std::uint16_t port_ = 0;
};

Task<int> code_of(okhttp::Call call) {
  Response response = co_await call.async_execute();
  std::string text = co_await response.body().async_string();
  co_return text == "all here" ? response.code() : 0;
}

}  // namespace

TEST_SUITE("integration/many_calls") {

TEST_CASE("the process of the barrier server" * doctest::skip()) {
  allow_many_descriptors();
  Listener listener(4096);
  const std::uint16_t port = listener.port();
  REQUIRE(::write(OwnProcess::link, &port, sizeof port) == sizeof port);
  ::fcntl(listener.descriptor(), F_SETFL, O_NONBLOCK);
  struct Client {
    Descriptor fd;
    std::string input;
  };
  std::vector<Client> clients;
  std::vector<std::size_t> complete;
  std::vector<pollfd> watched;
  for (;;) {
    watched.assign(2, pollfd{OwnProcess::link, POLLIN, 0});
    watched[1].fd = listener.descriptor();
    for (const Client& client : clients) watched.push_back(pollfd{client.fd.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) break;  // the test has ended
    for (std::size_t i = clients.size(); i-- > 0;) {
      if (watched[i + 2].revents == 0) continue;
      char block[4096];
      const ssize_t count = ::recv(clients[i].fd.get(), block, sizeof block, MSG_DONTWAIT);
      if (count <= 0) {
        clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      clients[i].input.append(block, static_cast<std::size_t>(count));
    }
    for (int fd; (fd = ::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
      clients.push_back(Client{Descriptor(fd), {}});
    const auto arrived = [](const Client& client) { return client.input.ends_with("\r\n\r\n"); };
    if (static_cast<std::size_t>(std::count_if(clients.begin(), clients.end(), arrived)) < how_many) continue;
    for (Client& client : clients) {
      if (!arrived(client)) continue;
      client.input.clear();
      const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall here";
      (void)!::send(client.fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
}

TEST_CASE_TEMPLATE("a thousand calls wait at once on one thread", D, OKHTTP_LOOP_DISPATCHERS) {
  allow_many_descriptors();
  const BarrierServer server;
  const std::thread::id here = std::this_thread::get_id();
  std::size_t elsewhere = 0;
  auto client = D::builder()
                    .connect_timeout(patience)
                    .read_timeout(patience)
                    .connection_pool({.max_idle_connections = how_many})
                    .add_network_interceptor([&](okhttp::Chain& chain) {
                      elsewhere += std::this_thread::get_id() == here ? 0U : 1U;
                      return chain.proceed(chain.request());
                    })
                    .build();
  // The second round finds a thousand idle connections.
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    std::vector<Task<int>> tasks;
    for (std::size_t i = 0; i < how_many; ++i)
      tasks.push_back(code_of(client.new_call(get_request(local_url(server.port())))));
    std::size_t good = 0;
    for (const Result<int>& code : client.run(okhttp::when_all(std::move(tasks)))) {
      if (code && *code == 200)
        ++good;
      else
        MESSAGE((code ? std::string("wrong answer") : code.error().message()));
    }
    CHECK(good == how_many);
    CHECK(client.connection_pool().idle_connection_count() == how_many);
  }
  CHECK(elsewhere == 0);
}

TEST_CASE_TEMPLATE("a thousand enqueued calls run at once if the limits allow it", D, OKHTTP_LOOP_DISPATCHERS) {
  allow_many_descriptors();
  const BarrierServer server;
  auto client = D::builder()
                    .connect_timeout(patience)
                    .read_timeout(patience)
                    .dispatcher({.max_requests = how_many, .max_requests_per_host = how_many})
                    .build();
  std::size_t good = 0;
  for (std::size_t i = 0; i < how_many; ++i)
    client.new_call(get_request(local_url(server.port()))).enqueue([&good](Result<Response> result) {
      good += result && result->code() == 200 ? 1U : 0U;
    });
  finish_enqueued(client);
  CHECK(good == how_many);
}

}  // TEST_SUITE

}  // namespace many_calls_test
