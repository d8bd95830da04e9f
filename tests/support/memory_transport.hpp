// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_MEMORY_TRANSPORT_HPP
#define OKHTTP_TESTS_SUPPORT_MEMORY_TRANSPORT_HPP

#include <okhttp/transport/transport_policy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A transport without any socket: bytes go through memory, waiting through signals.

namespace okhttp_tests {

/// A connection in memory: the client's end is a MemoryTransport::Stream, the server's end is this.
/// Thread safety: any thread. `on_bytes` runs on the thread that wrote.
class MemoryLink {
 public:
  /// How many bytes of the client the link holds before a write would block.
  explicit MemoryLink(std::size_t room) : capacity(room) { writable.set(); }

  // ---- The server's end ----

  /// Called after each write of the client.
  std::function<void(MemoryLink&)> on_bytes;

  void send(std::string_view text) {
    const std::lock_guard<std::mutex> lock(mutex);
    to_client.append(text);
    readable.set();
  }
  /// No more bytes will be sent.
  void end() {
    const std::lock_guard<std::mutex> lock(mutex);
    ended = true;
    readable.set();
  }
  /// Takes up to and including `mark` out of what has arrived; empty when it is not there yet.
  std::string take_until(std::string_view mark) {
    const std::lock_guard<std::mutex> lock(mutex);
    const std::size_t at = to_server.find(mark);
    return at == std::string::npos ? std::string() : take(at + mark.size());
  }
  std::string take_all() {
    const std::lock_guard<std::mutex> lock(mutex);
    return take(to_server.size());
  }
  bool is_closed() const {
    const std::lock_guard<std::mutex> lock(mutex);
    return closed;
  }

  // ---- The client's end ----

  okhttp::IoResult read(std::span<std::byte> into) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (shut) return okhttp::IoResult(okhttp::IoStatus::end);
    if (to_client.empty())
      return okhttp::IoResult(ended ? okhttp::IoStatus::end : okhttp::IoStatus::would_block);
    const std::size_t count = std::min(into.size(), to_client.size());
    std::memcpy(into.data(), to_client.data(), count);
    to_client.erase(0, count);
    if (to_client.empty() && !ended) readable.reset();
    return okhttp::IoResult::moved(count);
  }
  okhttp::IoResult write(std::span<const okhttp::ConstBytes> pieces) {
    std::size_t moved = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (shut || ended) return okhttp::IoResult(okhttp::Error(okhttp::Errc::io, "the link is closed"));
      for (const okhttp::ConstBytes& piece : pieces) {
        const std::size_t count = std::min(piece.size(), capacity - std::min(capacity, to_server.size()));
        to_server.append(reinterpret_cast<const char*>(piece.data()), count);
        moved += count;
        if (count < piece.size()) break;
      }
      if (to_server.size() >= capacity) writable.reset();
    }
    if (moved == 0) return okhttp::IoResult(okhttp::IoStatus::would_block);
    if (on_bytes) on_bytes(*this);
    return okhttp::IoResult::moved(moved);
  }
  void shut_down() {
    const std::lock_guard<std::mutex> lock(mutex);
    shut = true;
    readable.set();
    writable.set();
  }
  void close() {
    const std::lock_guard<std::mutex> lock(mutex);
    closed = true;
  }

  const okhttp::Signal readable;
  const okhttp::Signal writable;

 private:
  std::string take(std::size_t count) {
    std::string taken = to_server.substr(0, count);
    to_server.erase(0, count);
    if (to_server.size() < capacity) writable.set();
    return taken;
  }

  const std::size_t capacity;
  mutable std::mutex mutex;  // guards everything below
  std::string to_client;
  std::string to_server;
  bool ended = false;
  bool shut = false;
  bool closed = false;
};

/// Models okhttp::TransportPolicy, and offers nothing more than that asks for.
class MemoryTransport {
 public:
  /// Models okhttp::UserStream.
  class Stream {
   public:
    explicit Stream(std::shared_ptr<MemoryLink> link) : link_(std::move(link)) {}

    okhttp::IoResult try_read(std::span<std::byte> into) { return link_->read(into); }
    okhttp::IoResult try_write(std::span<const okhttp::ConstBytes> pieces) {
      return link_->write(pieces);
    }
    okhttp::Task<okhttp::Interest> wait(okhttp::Interest interest, okhttp::Deadline deadline) {
      return wait_for(link_, interest, deadline);
    }
    void shutdown() { link_->shut_down(); }
    void close() { link_->close(); }

   private:
    static okhttp::Task<okhttp::Interest> wait_for(std::shared_ptr<MemoryLink> link,
                                                   okhttp::Interest interest,
                                                   okhttp::Deadline deadline) {
      using okhttp::Interest;
      okhttp::WaitItem items[2] = {okhttp::WaitItem(link->readable), okhttp::WaitItem(link->writable)};
      const bool for_read = okhttp::any(interest & Interest::read);
      const bool for_write = okhttp::any(interest & Interest::write);
      const std::span<okhttp::WaitItem> wanted =
          std::span(items).subspan(for_read ? 0 : 1, std::size_t{for_read} + std::size_t{for_write});
      co_await okhttp::Runtime::current()->wait_any(wanted, deadline);
      Interest ready = Interest::none;
      if (for_read && link->readable.is_set()) ready = ready | Interest::read;
      if (for_write && link->writable.is_set()) ready = ready | Interest::write;
      co_return ready;
    }

    std::shared_ptr<MemoryLink> link_;
  };

  /// Called for each new connection; throws nothing. May keep the link for another thread.
  using Accept = std::function<void(const okhttp::Endpoint&, std::shared_ptr<MemoryLink>)>;

  explicit MemoryTransport(Accept accept, std::size_t capacity = 64 * 1024)
      : accept_(std::move(accept)), capacity_(capacity) {}

  okhttp::Task<Stream> connect(const okhttp::Endpoint& endpoint, okhttp::Deadline) {
    auto link = std::make_shared<MemoryLink>(capacity_);
    accept_(endpoint, link);
    co_return Stream(std::move(link));
  }

 private:
  Accept accept_;
  std::size_t capacity_;
};

/// Answers each head on the thread that wrote it with what `answer(head)` gives.
inline MemoryTransport::Accept answering(std::function<std::string(std::string_view)> answer) {
  return [answer = std::move(answer)](const okhttp::Endpoint&, std::shared_ptr<MemoryLink> link) {
    link->on_bytes = [answer](MemoryLink& self) {
      for (std::string head; !(head = self.take_until("\r\n\r\n")).empty();) self.send(answer(head));
    };
  };
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_MEMORY_TRANSPORT_HPP
