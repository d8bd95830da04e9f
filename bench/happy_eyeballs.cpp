// SPDX-License-Identifier: Apache-2.0
// How long a GET takes whose first address is a black hole: ::1, where a full backlog makes Linux drop
// every packet that asks for a connection. The server is at 127.0.0.1. Prints one line per dispatcher.
//
//   g++ -std=c++20 -O2 -I . bench/happy_eyeballs.cpp -o build/happy_eyeballs -lssl -lcrypto -lz -pthread
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// Listens on ::1 and lets nobody in. The descriptors live as long as the program.
bool make_black_hole(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  const int listener = ::socket(AF_INET6, SOCK_STREAM, 0);
  if (::bind(listener, to, sizeof address) != 0 || ::listen(listener, 0) != 0) return false;
  for (int i = 0; i < 3; ++i) (void)::connect(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), to, sizeof address);
  return true;
}

template <class Client>
void measure(const char* name, const std::string& url) {
  std::vector<double> milliseconds;
  for (int round = 0; round < 9; ++round) {
    // A new client each time: one that has seen the address fail would try it last.
    const Client client = typename Client::Builder()
                              .dns([](std::string_view) {
                                return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("::1"),
                                                                      okhttp::IpAddress::parse("127.0.0.1")};
                              })
                              .build();
    const auto begun = std::chrono::steady_clock::now();
    client.new_call(okhttp::Request::Builder().url(url).build()).execute().body().string();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    milliseconds.push_back(took.count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("%-12s %6.1f ms (slowest of %zu: %.1f ms)\n", name, milliseconds[milliseconds.size() / 2],
              milliseconds.size(), milliseconds.back());
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) { return okhttp::MockResponse().body("found"); });
  if (!make_black_hole(server.port())) {
    std::puts("there is no IPv6 on this machine");
    return 1;
  }
  const std::string url = "http://two.example:" + std::to_string(server.port()) + "/";
  measure<okhttp::BasicClient<okhttp::InlineDispatcher>>("inline", url);
  measure<okhttp::Client>("thread pool", url);
  measure<okhttp::EventLoopClient>("event loop", url);
}
