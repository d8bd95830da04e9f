// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_TEST_PROXY_HPP
#define OKHTTP_TESTS_SUPPORT_TEST_PROXY_HPP

#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/codec/socks/socks_handshake.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/runtime/blocking_runtime.hpp>
#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/transport/tcp.hpp>
#include <okhttp/transport/tls_stream.hpp>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/raw_server.hpp"

namespace okhttp_tests {

/// A proxy of any kind on 127.0.0.1. Every name it is asked for is 127.0.0.1 to it.
class TestProxy : public Listener {
 public:
  struct Options {
    okhttp::Proxy::Kind kind = okhttp::Proxy::Kind::http;
    /// What an https proxy shows.
    std::optional<okhttp::HeldCertificate> certificate = {};
    okhttp::socks::ServerHandshake::Settings socks = {};
    /// Sees every head sent to an HTTP proxy; what it returns is the answer, and the proxy closes if that says
    /// so. Empty: CONNECT is granted. Called by one thread at a time.
    std::function<std::string(const okhttp::http1::RequestHead&)> answer = {};
    /// Sent right behind the grant of a tunnel, against the rules.
    std::string surplus = {};
  };

  explicit TestProxy(Options options)
      : options_(std::move(options)), acceptor_([this] { accept_all(); }) {}
  TestProxy() : TestProxy(Options()) {}
  ~TestProxy() {
    stop_ = true;
    ::shutdown(descriptor(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& worker : workers_) worker.join();
  }

  /// What it was asked for, in order: the first lines of HTTP requests, "host:port" of SOCKS ones.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// The values of Proxy-Authorization, "-" for none, or user and password given to SOCKS.
  std::vector<std::string> credentials() const {
    const std::lock_guard lock(mutex_);
    return credentials_;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return workers_.size();
  }

 private:
  using Stream = okhttp::Stream;

  /// A stream and the socket below it.
  struct Side {
    std::unique_ptr<Stream> stream;
    int fd = -1;

    /// Waits for bytes; empty at the end.
    std::string read() {
      std::array<std::byte, 16 * 1024> block;
      for (;;) {
        const okhttp::IoResult got = stream->try_read(block);
        if (got.ok()) return std::string(reinterpret_cast<const char*>(block.data()), got.bytes());
        if (!got.would_block() || !wait_until_ready(fd, POLLIN)) return {};
      }
    }
    bool write(std::string_view text) {
      while (!text.empty() || stream->write_pending()) {
        const okhttp::ConstBytes piece = std::as_bytes(std::span<const char>(text));
        const okhttp::IoResult sent = stream->try_write(std::span(&piece, text.empty() ? 0U : 1U));
        if (sent.ok())
          text.remove_prefix(sent.bytes());
        else if (!sent.would_block() || !wait_until_ready(fd, POLLOUT))
          return false;
      }
      return true;
    }
  };

  void accept_all() {
    for (;;) {
      const int fd = accept();
      if (stop_ || fd < 0) {
        if (fd >= 0) ::close(fd);
        if (stop_) return;
        continue;
      }
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      workers_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    okhttp::BlockingRuntime runtime;
    Side client{adopt(runtime, fd), fd};
    if (options_.kind == okhttp::Proxy::Kind::https && !secure(runtime, client)) {
      forget(fd);
      return;
    }
    if (options_.kind == okhttp::Proxy::Kind::socks4a || options_.kind == okhttp::Proxy::Kind::socks5)
      serve_socks(runtime, client);
    else
      serve_http(runtime, client);
    forget(fd);
  }
  void forget(int fd) {
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
  }
  static std::unique_ptr<Stream> adopt(okhttp::Runtime& runtime, int fd) {
    auto stream = std::make_unique<okhttp::detail::TcpStream>(runtime, fd);
    (void)stream->connected();
    return stream;
  }
  bool secure(okhttp::BlockingRuntime& runtime, Side& side) const {
    const okhttp::Result<okhttp::TlsServerContext> context = okhttp::TlsServerContext::create(
        options_.certificate->certificate_chain_pem(), options_.certificate->private_key_pkcs8_pem());
    okhttp::Result<okhttp::TlsEngine> engine = okhttp::TlsEngine::server(*context);
    auto tls = std::make_unique<okhttp::detail::TlsStream>(std::move(side.stream), *std::move(engine));
    okhttp::Task<void> shaking = tls->shake_hands("the client", okhttp::Deadline::never());
    const bool shaken = static_cast<bool>(runtime.run(std::move(shaking), "shake_hands"));
    side.stream = std::move(tls);
    return shaken;
  }

  void serve_http(okhttp::Runtime& runtime, Side& client) {
    std::string input;
    for (;;) {
      okhttp::http1::RequestHeadReader reader;
      while (!reader.done()) {
        if (input.empty()) input = client.read();
        if (input.empty()) return;
        const okhttp::Result<std::size_t> taken = reader.feed(input);
        if (!taken) return;
        input.erase(0, *taken);
      }
      const okhttp::http1::RequestHead head = reader.take();
      std::string answer;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(head.method + " " + head.target);
        credentials_.emplace_back(head.headers.get("Proxy-Authorization").value_or("-"));
        if (options_.answer) answer = options_.answer(head);
      }
      if (!answer.empty()) {
        if (!client.write(answer) || answer.find("Connection: close") != std::string::npos) return;
        continue;
      }
      const std::string target(head.target);
      Side server = connect(runtime, target.substr(target.rfind(':') + 1));
      if (server.fd < 0) {
        client.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        continue;
      }
      if (client.write("HTTP/1.1 200 Connection established\r\n\r\n" + options_.surplus)) relay(client, server);
      return;
    }
  }

  void serve_socks(okhttp::Runtime& runtime, Side& client) {
    okhttp::socks::ServerHandshake handshake(options_.socks);
    Side server;
    while (!handshake.done()) {
      if (!handshake.output().empty()) {
        const std::string out(handshake.output());
        if (!client.write(out)) return;
        handshake.sent(out.size());
        continue;
      }
      if (handshake.has_request()) {
        const okhttp::socks::Request& request = handshake.request();
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request.target.to_string());
          credentials_.push_back(request.login ? request.login->user + ":" + request.login->password : "-");
        }
        server = connect(runtime, std::to_string(request.target.port));
        handshake.reply(server.fd < 0 ? okhttp::socks::Reply::connection_refused : okhttp::socks::Reply::succeeded);
        continue;
      }
      const std::string input = client.read();
      if (input.empty()) return;
      if (!handshake.feed(input)) {
        client.write(std::string(handshake.output()));
        return;
      }
    }
    if (server.fd >= 0) relay(client, server);
  }

  static Side connect(okhttp::Runtime& runtime, const std::string& port) {
    Descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
    const int owned = ::dup(fd.get());
    return {adopt(runtime, owned), owned};
  }

  /// Carries bytes both ways until one side ends.
  static void relay(Side& a, Side& b) {
    std::array<std::byte, 16 * 1024> block;
    for (;;) {
      bool moved = false;
      for (Side* from : {&a, &b}) {
        Side& to = from == &a ? b : a;
        const okhttp::IoResult got = from->stream->try_read(block);
        if (got.ok()) {
          moved = true;
          if (!to.write({reinterpret_cast<const char*>(block.data()), got.bytes()})) return;
        } else if (!got.would_block()) {
          return;
        }
      }
      if (moved) continue;
      std::array<pollfd, 2> both{pollfd{a.fd, POLLIN, 0}, pollfd{b.fd, POLLIN, 0}};
      if (::poll(both.data(), both.size(), 60'000) <= 0) return;
    }
  }

  const Options options_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::vector<int> open_;
  std::vector<std::thread> workers_;
  std::vector<std::string> requests_;
  std::vector<std::string> credentials_;
  std::thread acceptor_;
};

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_TEST_PROXY_HPP
