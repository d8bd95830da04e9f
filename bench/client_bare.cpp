// SPDX-License-Identifier: Apache-2.0

// The baseline: send, recv, and nothing a library would add. The first answer of a connection tells
// the size of the others. Several requests at once wait in one epoll set.

#include "client.hpp"
#include "socket.hpp"

#include <sys/epoll.h>

#include <vector>

namespace {

/// One connection and how much of its answer is here.
struct Exchange {
  int fd = -1;
  std::size_t size = 0;  // of a whole answer; 0 before the first one
  std::size_t have = 0;
  char bytes[2048];

  /// Notes `got` more bytes; true once the answer is whole, which starts the next one.
  bool add(long got) {
    if (got <= 0) bench::die("recv failed");
    have += static_cast<std::size_t>(got);
    if (size == 0) size = bench::answer_size({bytes, have});
    if (size == 0 || have < size) return false;
    bench::require_body({bytes + size - bench::expected_body.size(), bench::expected_body.size()});
    have = 0;
    return true;
  }
  char* free_space() { return bytes + have; }
  std::size_t free_size() const { return sizeof bytes - have; }
};

void one_after_another(const bench::Options& options) {
  const std::string request = options.request_head();
  Exchange exchange;
  bench::measure(options, [&](std::size_t count) {
    for (; count != 0; --count) {
      if (exchange.fd < 0) exchange.fd = bench::connect_to(options);
      bench::send_all(exchange.fd, request);
      while (!exchange.add(recv(exchange.fd, exchange.free_space(), exchange.free_size(), 0))) {
      }
      if (options.fresh) close(std::exchange(exchange.fd, -1));
    }
  });
}

void many_at_once(const bench::Options& options) {
  const std::string request = options.request_head();
  const int epoll = epoll_create1(0);
  std::vector<Exchange> exchanges(options.concurrency);
  bench::measure(options, [&](std::size_t count) {
    std::size_t to_send = count;
    for (Exchange& exchange : exchanges) {
      if (to_send == 0) break;
      if (exchange.fd < 0) {
        exchange.fd = bench::connect_to(options);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &exchange;
        epoll_ctl(epoll, EPOLL_CTL_ADD, exchange.fd, &event);
      }
      bench::send_all(exchange.fd, request);
      --to_send;
    }
    epoll_event events[256];
    while (count != 0) {
      const int ready = epoll_wait(epoll, events, 256, -1);
      for (int i = 0; i < ready; ++i) {
        Exchange& exchange = *static_cast<Exchange*>(events[i].data.ptr);
        if (!exchange.add(recv(exchange.fd, exchange.free_space(), exchange.free_size(), 0)))
          continue;
        --count;
        if (to_send == 0) continue;
        bench::send_all(exchange.fd, request);
        --to_send;
      }
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  if (options.tls) bench::die("client_bare speaks http; https is client_bare_tls");
  if (options.concurrency == 1)
    one_after_another(options);
  else
    many_at_once(options);
}
