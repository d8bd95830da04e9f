// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_BAD_INPUT_HPP
#define OKHTTP_TESTS_SUPPORT_BAD_INPUT_HPP

#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"
#include "support/tls_link.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

// What the tests of misbehaving peers share.

namespace okhttp_tests {

/// Sees to it that a test leaves no thread and no descriptor behind. Declare it first.
class NothingLeft {
 public:
  NothingLeft() : threads_(count_threads()), descriptors_(count(files)) {}
  NothingLeft(const NothingLeft&) = delete;
  NothingLeft& operator=(const NothingLeft&) = delete;
  ~NothingLeft() {
    // A resolver helper that has given its result may still be on its way out.
    CHECK_MESSAGE(comes_down_to(tasks, threads_), "threads are left behind");
    CHECK_MESSAGE(comes_down_to(files, descriptors_), "descriptors are left behind");
  }

 private:
  static constexpr const char* tasks = "/proc/self/task";
  static constexpr const char* files = "/proc/self/fd";

  static std::ptrdiff_t count(const char* folder) {
    std::error_code missing;
    const std::filesystem::directory_iterator entries(folder, missing);
    return std::distance(begin(entries), end(entries));
  }
  static std::ptrdiff_t count_threads() {
    std::thread([] {}).join();  // ThreadSanitizer starts one of its own with the first
    return count(tasks);
  }
  static bool comes_down_to(const char* folder, std::ptrdiff_t most) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (count(folder) > most) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      ::poll(nullptr, 0, 1);
    }
    return true;
  }

  const std::ptrdiff_t threads_;
  const std::ptrdiff_t descriptors_;
};

/// The most memory that the process had at one time since this object was made, in bytes, beyond
/// what it had then. 0 where the system does not tell.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak is now
    before_ = peak();
  }
  std::uint64_t grown() const {
    const std::uint64_t now = peak();
    return now > before_ ? now - before_ : 0;  // the kernel's count is a little behind at any time
  }

 private:
  static std::uint64_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      std::uint64_t kibibytes = 0;
      if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
    }
    return 0;
  }
  std::uint64_t before_ = 0;
};

/// A whole call, its body read to the end.
template <class Client>
okhttp::Result<std::string> fetch(const Client& client, okhttp::Request request) {
  okhttp::Result<okhttp::Response> response = client.new_call(std::move(request)).try_execute();
  if (!response) return std::move(response).error();
  return response->body().try_string();
}
template <class Client>
okhttp::Result<std::string> fetch(const Client& client, const std::string& url) {
  return fetch(client, get_request(url));
}

/// The call failed for this reason, and says all these things: who, at which step, what.
inline void check_failed(const okhttp::Result<std::string>& outcome,
                         okhttp::Errc code,
                         std::initializer_list<std::string_view> parts) {
  REQUIRE_FALSE(outcome.has_value());
  const std::string message = outcome.error().message();
  CAPTURE(message);
  CHECK(okhttp::make_error_code(outcome.error().code()).message() ==
        okhttp::make_error_code(code).message());
  for (const std::string_view part : parts) {
    CAPTURE(part);
    CHECK(contains(message, part));
  }
}

/// Whether a connection was made that nobody has accepted yet.
inline bool has_another_connection(const Listener& listener) {
  pollfd entry{listener.descriptor(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

/// Sends the same bytes again and again, until the client closes. Returns how many bytes it sent;
/// stops at `most`.
inline std::uint64_t flood(const RawPeer& peer, std::string_view bytes, std::uint64_t most) {
  std::string block;
  while (block.size() < 16 * 1024) block += bytes;
  std::uint64_t total = 0;
  for (std::string_view rest = block; total < most;) {
    const ssize_t sent = ::send(peer.descriptor(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) break;
    total += static_cast<std::uint64_t>(sent);
    rest.remove_prefix(static_cast<std::size_t>(sent));
    if (rest.empty()) rest = block;
  }
  return total;
}

/// Sends the bytes one at a time, with a pause after each, again and again until the client closes.
/// Returns how many it sent.
inline std::uint64_t drip(const RawPeer& peer, std::string_view bytes, int pause_ms) {
  for (std::uint64_t sent = 0;; ++sent) {
    if (::send(peer.descriptor(), &bytes[sent % bytes.size()], 1, MSG_NOSIGNAL) < 0) return sent;
    pollfd entry{peer.descriptor(), POLLIN, 0};
    if (::poll(&entry, 1, pause_ms) > 0)
      return sent + 1;  // it has nothing to say, so it is its end
  }
}

#if OKHTTP_TLS

/// The server's end of TLS on a connection.
class TlsPeer {
 public:
  TlsPeer(RawPeer& raw, const okhttp::TlsServerContext& context)
      : raw_(raw), engine_(okhttp::TlsEngine::server(context).value()) {
    // What was written is under way when the connection is reset.
    const int on = 1;
    ::setsockopt(raw.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  /// False when the client gives up.
  bool shake_hands() {
    for (;;) {
      const okhttp::Result<okhttp::TlsEngine::Step> step = engine_.handshake();
      raw_.write(drain(engine_));
      if (!step) return false;
      if (*step == okhttp::TlsEngine::Step::done) return true;
      receive();
    }
  }
  /// Reads up to the empty line behind a request's head; empty when the client gives up.
  std::string read_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      std::byte block[4096];
      const okhttp::Result<okhttp::TlsEngine::ReadResult> read = engine_.read(block);
      raw_.write(drain(engine_));
      if (!read || read->kind == okhttp::TlsEngine::ReadResult::Kind::end) return {};
      head.append(reinterpret_cast<const char*>(block), read->size);
      if (read->size == 0) receive();
    }
    return head;
  }
  void write(std::string_view text) {
    for (std::span<const std::byte> rest = bytes_of(text); !rest.empty();) {
      rest = rest.subspan(engine_.write(rest).value());
      raw_.write(drain(engine_));
    }
  }
  /// Says that no more will come, as TLS demands it.
  void close_notify() {
    engine_.close_notify();
    raw_.write(drain(engine_));
  }

 private:
  void receive() {
    const std::span<std::byte> space = engine_.input_space();
    ssize_t count = -1;
    if (wait_until_ready(raw_.descriptor(), POLLIN))
      count = ::recv(raw_.descriptor(), space.data(), space.size(), 0);
    if (count > 0)
      engine_.input_filled(static_cast<std::size_t>(count));
    else
      engine_.input_ended();
  }
  RawPeer& raw_;
  okhttp::TlsEngine engine_;
};

#endif  // OKHTTP_TLS

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_BAD_INPUT_HPP
