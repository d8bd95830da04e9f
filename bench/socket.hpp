// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BENCH_SOCKET_HPP
#define OKHTTP_BENCH_SOCKET_HPP

// What the two bare clients share.

#include "client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace bench {

/// A connected blocking socket.
inline int connect_to(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(parse_count("port", options.port)));
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1)
    die("the bare clients want a numeric IPv4 host");
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    die("connect failed");
  return fd;
}

inline void send_all(int fd, std::string_view bytes) {
  if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    die("send failed");
}

/// The size of a whole answer, from its head and Content-Length; 0 while the head is incomplete.
inline std::size_t answer_size(std::string_view bytes) {
  constexpr std::string_view length = "\r\nContent-Length: ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 200 ")) die("unexpected status");
  const std::size_t field = bytes.find(length);
  if (field >= end) die("no Content-Length");
  const std::string_view value = bytes.substr(field + length.size());
  return end + 4 + parse_count("Content-Length", value.substr(0, value.find("\r\n")));
}

}  // namespace bench

#endif  // OKHTTP_BENCH_SOCKET_HPP
