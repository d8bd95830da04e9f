// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_RAW_CLIENT_HPP
#define OKHTTP_TESTS_RAW_CLIENT_HPP

#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/transport/tls_engine.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// A client that does what a test says, byte by byte, over a blocking socket with timeouts.

namespace okhttp_tests {

/// How the last read ended.
enum class RawEnd { data, eof, reset, timeout };

/// One response as the client read it.
struct RawResponse {
  okhttp::http1::ResponseHead head;
  std::string body;
  okhttp::Headers trailers;
  /// False when the connection ended, or a fault was found, before the response was whole.
  bool complete = false;
  /// Everything that was read, framing included.
  std::string wire;
  /// How the last read ended.
  RawEnd end = RawEnd::data;

  int code() const { return head.code; }
  std::string header(std::string_view name) const {
    return std::string(head.headers.get(name).value_or("(none)"));
  }
};

class RawClient {
 public:
  /// What waits longer than this has hung.
  static constexpr std::chrono::seconds patience{30};

  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::runtime_error("socket: " + std::string(std::strerror(errno)));
    set_timeout(patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const std::string text = std::strerror(errno);
      ::close(fd_);
      throw std::runtime_error("connect: " + text);
    }
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {
#if OKHTTP_TLS
    engine_ = std::move(other.engine_);
#endif
  }
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

#if OKHTTP_TLS
  /// Connects and shakes hands. Gives the error of the handshake if it failed.
  static okhttp::Result<RawClient> secure(std::uint16_t port,
                                          const okhttp::HandshakeCertificates& trust,
                                          std::string_view host = "localhost",
                                          std::vector<std::string_view> alpn = {},
                                          const okhttp::TlsRequirements* requirements = nullptr) {
    RawClient client(port);
    okhttp::Result<okhttp::TlsEngine> made =
        okhttp::TlsEngine::client(okhttp::TlsContext(trust), host, port, alpn, requirements);
    if (!made) return made.error();
    client.engine_.emplace(std::move(*made));
    for (;;) {
      const okhttp::Result<okhttp::TlsEngine::Step> step = client.engine_->handshake();
      client.flush();
      if (!step) return step.error();
      if (*step == okhttp::TlsEngine::Step::done) return client;
      const RawEnd end = client.receive_ciphertext();
      if (end == RawEnd::timeout)
        return okhttp::Error(okhttp::Errc::connect_timeout, "the handshake timed out");
      if (end != RawEnd::data) client.engine_->input_ended();
    }
  }
  const okhttp::TlsEngine& engine() const { return *engine_; }
#endif

  int descriptor() const { return fd_; }
  void set_timeout(std::chrono::milliseconds timeout) {
    timeval value{};
    value.tv_sec = static_cast<decltype(value.tv_sec)>(timeout.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(timeout.count() % 1000 * 1000);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
  }
  void shutdown_write() { ::shutdown(fd_, SHUT_WR); }
  void close() { ::close(std::exchange(fd_, -1)); }

  /// False when the connection broke, or nobody read for the timeout.
  bool send(std::string_view text) {
#if OKHTTP_TLS
    if (engine_) {
      while (!text.empty()) {
        const okhttp::Result<std::size_t> taken =
            engine_->write(std::as_bytes(std::span(text.data(), text.size())));
        if (!taken || !flush()) return false;
        text.remove_prefix(*taken);
      }
      return true;
    }
#endif
    return send_plain(text);
  }

  /// Reads what comes next and keeps it among the unread bytes.
  RawEnd receive() {
#if OKHTTP_TLS
    if (engine_) {
      for (;;) {
        std::byte block[16 * 1024];
        const okhttp::Result<okhttp::TlsEngine::ReadResult> read = engine_->read(block);
        flush();
        if (!read) return RawEnd::reset;
        if (read->kind == okhttp::TlsEngine::ReadResult::Kind::end) return RawEnd::eof;
        if (read->kind == okhttp::TlsEngine::ReadResult::Kind::data) {
          unread_.append(reinterpret_cast<const char*>(block), read->size);
          return RawEnd::data;
        }
        const RawEnd end = receive_ciphertext();
        if (end == RawEnd::eof) engine_->input_ended();
        if (end == RawEnd::reset || end == RawEnd::timeout) return end;
      }
    }
#endif
    char block[64 * 1024];
    for (;;) {
      const ssize_t count = ::recv(fd_, block, sizeof block, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return is_timeout() ? RawEnd::timeout : RawEnd::reset;
      unread_.append(block, static_cast<std::size_t>(count));
      return count == 0 ? RawEnd::eof : RawEnd::data;
    }
  }

  /// Everything up to the end of the connection; `end` says what kind of end.
  std::string read_to_end(RawEnd* end = nullptr) {
    RawEnd last = RawEnd::data;
    while (last == RawEnd::data) last = receive();
    if (end != nullptr) *end = last;
    return std::exchange(unread_, std::string());
  }
  /// Exactly so many bytes, fewer only at the end of the connection.
  std::string read_exactly(std::size_t size) {
    while (unread_.size() < size && receive() == RawEnd::data) {
    }
    std::string text = unread_.substr(0, size);
    unread_.erase(0, text.size());
    return text;
  }
  /// True when nothing comes, and the connection stays open, for a little while.
  bool is_silent(std::chrono::milliseconds time = std::chrono::milliseconds(60)) {
    set_timeout(time);
    const RawEnd end = unread_.empty() ? receive() : RawEnd::data;
    set_timeout(patience);
    return end == RawEnd::timeout;
  }

  /// One response; interim ones are responses too.
  RawResponse read_response(std::string_view method = "GET") {
    RawResponse response;
    okhttp::http1::ResponseHeadReader reader;
    while (!reader.done()) {
      if (unread_.empty() && (response.end = receive()) != RawEnd::data) return response;
      const okhttp::Result<std::size_t> fed = reader.feed(unread_);
      if (!fed) return response;
      take(*fed, response);
    }
    response.head = reader.take();
    const okhttp::Result<okhttp::http1::BodyFraming> framing =
        okhttp::http1::response_framing(method, response.head);
    if (!framing) return response;
    okhttp::http1::BodyDecoder body(*framing);
    std::byte block[16 * 1024];
    while (!body.done()) {
      if (unread_.empty()) {
        response.end = receive();
        if (response.end == RawEnd::eof && body.end_of_input()) break;
        if (response.end != RawEnd::data) return response;
      }
      const okhttp::Result<okhttp::http1::Progress> progress =
          body.decode(std::as_bytes(std::span(unread_.data(), unread_.size())), block);
      if (!progress) return response;
      response.body.append(reinterpret_cast<const char*>(block), progress->produced);
      take(progress->consumed, response);
    }
    response.trailers = body.take_trailers();
    response.complete = true;
    return response;
  }
  /// A GET and its response.
  RawResponse get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return read_response();
  }

 private:
  static bool is_timeout() { return errno == EAGAIN || errno == EWOULDBLOCK; }
  void take(std::size_t count, RawResponse& response) {
    response.wire.append(unread_, 0, count);
    unread_.erase(0, count);
  }
  bool send_plain(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
#if OKHTTP_TLS
  bool flush() {
    while (engine_->unsent() > 0) {
      const std::span<const std::byte> output = engine_->output();
      if (!send_plain({reinterpret_cast<const char*>(output.data()), output.size()})) return false;
      engine_->output_sent(output.size());
    }
    return true;
  }
  RawEnd receive_ciphertext() {
    const std::span<std::byte> space = engine_->input_space();
    for (;;) {
      const ssize_t count = ::recv(fd_, space.data(), space.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return is_timeout() ? RawEnd::timeout : RawEnd::reset;
      engine_->input_filled(static_cast<std::size_t>(count));
      return count == 0 ? RawEnd::eof : RawEnd::data;
    }
  }
  std::optional<okhttp::TlsEngine> engine_;
#endif
  int fd_;
  std::string unread_;
};

inline constexpr std::string_view get_request = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

inline std::string post_request(std::string_view body, std::string_view more_headers = "") {
  return "POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

/// What a server answers to these bytes and their end, up to the end of the connection.
inline std::string reply_to(std::uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  client.shutdown_write();
  return client.read_to_end();
}

/// Waits for something another thread does; false when it does not happen.
template <class Condition>
bool eventually(Condition condition) {
  for (const auto end = std::chrono::steady_clock::now() + RawClient::patience; !condition();) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_RAW_CLIENT_HPP
