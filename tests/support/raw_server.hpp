// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_RAW_SERVER_HPP
#define OKHTTP_TESTS_SUPPORT_RAW_SERVER_HPP

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// Servers below HTTP: what a test needs when a peer does nothing, or exactly what it is told.

namespace okhttp_tests {

/// A descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// True when the descriptor becomes ready within a minute.
inline bool wait_until_ready(int fd, short events) {
  pollfd entry{fd, events, 0};
  for (;;) {
    const int count = ::poll(&entry, 1, 60'000);
    if (count < 0 && errno == EINTR) continue;
    return count > 0;
  }
}

/// The server's end of a connection. What it waits for must come within a minute.
class RawPeer {
 public:
  explicit RawPeer(int fd) : fd_(fd) {}

  /// Reads up to and including the empty line behind a request's head. What follows is kept.
  std::string read_head() {
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return {};
    return take(end + 4);
  }
  /// Reads this many bytes, fewer only at the end of the stream.
  std::string read(std::size_t count) {
    while (buffer_.size() < count)
      if (!receive()) break;
    return take(std::min(count, buffer_.size()));
  }
  /// Reads and drops; true when the client closed, false when a minute passed without a byte.
  bool read_to_end() {
    buffer_.clear();
    while (receive()) buffer_.clear();
    return ended_;
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Sends a FIN; reading goes on.
  void end_output() { ::shutdown(fd_.get(), SHUT_WR); }
  /// Closes with a RST.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_ = Descriptor();
  }
  void close() { fd_ = Descriptor(); }
  int descriptor() const { return fd_.get(); }

 private:
  bool receive() {
    if (ended_ || !wait_until_ready(fd_.get(), POLLIN)) return false;
    std::array<char, 16 * 1024> block;
    const ssize_t count = ::recv(fd_.get(), block.data(), block.size(), 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    buffer_.append(block.data(), static_cast<std::size_t>(count));
    return true;
  }
  std::string take(std::size_t count) {
    std::string taken = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return taken;
  }
  Descriptor fd_;
  std::string buffer_;
  bool ended_ = false;
};

/// Listens on a free port of 127.0.0.1, or where it is told, and accepts by hand.
class Listener {
 public:
  explicit Listener(int backlog = 128, const char* host = "127.0.0.1", std::uint16_t wanted_port = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), host_(host) {
    sockaddr_in address = to_address(wanted_port);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd_.get(), backlog) == 0);
    REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }
  std::string peer() const { return std::string(host_) + ":" + std::to_string(port_); }
  std::string url(std::string_view path = "/") const {
    return "http://" + peer() + std::string(path);
  }
  int descriptor() const { return fd_.get(); }
  /// The next connection. Invalid when none came within a minute.
  int accept() const {
    if (!wait_until_ready(fd_.get(), POLLIN)) return -1;
    return ::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC);
  }
  sockaddr_in address() const { return to_address(port_); }

 private:
  sockaddr_in to_address(std::uint16_t port) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::inet_addr(host_);
    address.sin_port = htons(port);
    return address;
  }
  Descriptor fd_;
  const char* host_;
  std::uint16_t port_ = 0;
};

/// Takes connections, and never reads or writes.
class SilentServer : public Listener {
 public:
  /// Accepts a connection and waits until it has sent something.
  bool wait_for_bytes() {
    accepted_.emplace_back(accept());
    return wait_until_ready(accepted_.back().get(), POLLIN);
  }

 private:
  std::vector<Descriptor> accepted_;
};

/// A port where connecting neither succeeds nor fails: its backlog is full (Linux drops the SYN).
class FullBacklog : public Listener {
 public:
  explicit FullBacklog(const char* host = "127.0.0.1", std::uint16_t wanted_port = 0)
      : Listener(0, host, wanted_port) {
    const sockaddr_in to = address();
    for (int i = 0; i < 3; ++i) {
      Descriptor& client =
          fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    fillers_connecting_ = connecting();
  }
  /// Waits until somebody else tries to connect.
  void wait_for_connecting() const {
    for (int turn = 0; turn < 100'000 && connecting() <= fillers_connecting_; ++turn)
      std::this_thread::yield();
  }
  /// Whether somebody else tries to connect.
  bool is_connecting() const { return connecting() > fillers_connecting_; }

 private:
  /// Sockets in SYN_SENT towards this port.
  std::size_t connecting() const {
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, ":%04X 02 ", static_cast<unsigned>(port()));
    std::ifstream table("/proc/net/tcp");
    std::size_t count = 0;
    for (std::string line; std::getline(table, line);) count += line.find(wanted) != std::string::npos;
    return count;
  }
  std::vector<Descriptor> fillers_;
  std::size_t fillers_connecting_ = 0;
};

/// Plays one script per connection, in the order they come; ends when all were played.
class ScriptedServer : public Listener {
 public:
  using Script = std::function<void(RawPeer&)>;
  explicit ScriptedServer(std::vector<Script> scripts, const char* host = "127.0.0.1",
                          std::uint16_t wanted_port = 0)
      : Listener(128, host, wanted_port), thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) {
            const int fd = accept_or_stop();
            if (fd < 0) return;
            RawPeer peer(fd);
            script(peer);
          }
        }) {}
  explicit ScriptedServer(Script script) : ScriptedServer(std::vector<Script>{std::move(script)}) {}
  ~ScriptedServer() {
    stop_ = true;
    ::shutdown(descriptor(), SHUT_RDWR);
    thread_.join();
  }

 private:
  int accept_or_stop() {
    for (;;) {
      pollfd entry{descriptor(), POLLIN, 0};
      ::poll(&entry, 1, 60'000);
      if (stop_) return -1;
      const int fd = ::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) return fd;
    }
  }
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_RAW_SERVER_HPP
