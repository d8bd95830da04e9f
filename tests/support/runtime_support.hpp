// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_RUNTIME_SUPPORT_HPP
#define OKHTTP_TESTS_SUPPORT_RUNTIME_SUPPORT_HPP

#include <okhttp/runtime/event_loop.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of the runtimes share: time that is moved by hand, sockets, and meeting points.
namespace support {

/// Time that stands still until a loop has nothing else to do; then it jumps to the next timer.
class VirtualTime final : public okhttp::TimeSource {
 public:
  okhttp::TimePoint now() override { return now_; }
  bool skip_to(okhttp::TimePoint next) override {
    ++skips;
    if (next > now_) now_ = next;
    return true;
  }
  okhttp::Deadline in(std::chrono::nanoseconds time) const {
    return okhttp::Deadline::at(now_ + time);
  }
  okhttp::Clock::duration elapsed() const { return now_ - start; }
  void advance(std::chrono::nanoseconds time) { now_ += time; }

  const okhttp::TimePoint start = okhttp::TimePoint(std::chrono::hours(1));
  int skips = 0;

 private:
  okhttp::TimePoint now_ = start;
};

/// Two connected sockets, neither of which blocks.
class SocketPair {
 public:
  SocketPair() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) == 0);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  ~SocketPair() {
    close_near();
    close_far();
  }
  int near() const { return ends_[0]; }
  int far() const { return ends_[1]; }
  void close_near() { close(ends_[0]); }
  void close_far() { close(ends_[1]); }
  void end_far() { CHECK(::shutdown(ends_[1], SHUT_WR) == 0); }

  void send_far(std::string_view text) const { send(ends_[1], text); }
  void send_near(std::string_view text) const { send(ends_[0], text); }
  /// Takes up to `limit` bytes: how many there were, 0 at the end, -1 when there is nothing.
  static long take(int end, std::size_t limit = 4096) {
    std::vector<char> bytes(limit);
    return static_cast<long>(::recv(end, bytes.data(), bytes.size(), MSG_DONTWAIT));
  }
  /// Sends until the kernel takes no more; gives the number of bytes.
  static std::size_t fill(int end) {
    const std::vector<char> bytes(4096);
    std::size_t total = 0;
    for (;;) {
      const ssize_t sent = ::send(end, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) return total;
      total += static_cast<std::size_t>(sent);
    }
  }
  static void empty(int end) {
    while (take(end) > 0) {
    }
  }

 private:
  static void send(int end, std::string_view text) {
    REQUIRE(::send(end, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  int ends_[2] = {-1, -1};
};

/// Counts arrivals; threads wait for a count.
class Milestones {
 public:
  void reach() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  void wait_for(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (count_ < count) changed_.wait(lock);
  }
  int count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

inline okhttp::EventLoopOptions loop_options(bool use_poll, okhttp::TimeSource* time = nullptr) {
  okhttp::EventLoopOptions options;
  options.use_poll = use_poll;
  options.time = time;
  return options;
}

/// The number of descriptors this process has open.
inline int open_descriptors() {
  int count = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) != -1) ++count;
  return count;
}

}  // namespace support

/// Runs the rest of a test once per poller, with a VirtualTime `time` and `use_poll`.
#define FOR_EACH_POLLER()              \
  bool use_poll = false;               \
  SUBCASE("epoll") {}                  \
  SUBCASE("poll") { use_poll = true; } \
  CAPTURE(use_poll)

#endif  // OKHTTP_TESTS_SUPPORT_RUNTIME_SUPPORT_HPP
