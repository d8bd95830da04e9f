// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SOCKET_HPP
#define OKHTTP_TESTING_MOCK_SOCKET_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/config.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/runtime.hpp>
#include <okhttp/testing/mock_server_context.hpp>
#include <okhttp/testing/socket_effect.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/stream.hpp>
#include <okhttp/transport/tcp.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/transport/tls_stream.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// How a connection goes on after a step.
enum class MockAfter : unsigned char {
  go_on,
  close,   // at once
  linger,  // let the client read our last bytes: what it still sends is discarded for a while
};

/// Something to read, or a signal. A class because GCC 12 crashes on an array of such items in a
/// coroutine ("internal compiler error: Segmentation fault", pass ccp).
class SignalOrInput {
 public:
  SignalOrInput(const Signal& signal, IoHandle& io)
      : items_{WaitItem(signal), WaitItem(io, Interest::read)} {}
  std::span<WaitItem> both() noexcept { return items_; }
  std::span<WaitItem> signal_only() noexcept { return std::span<WaitItem>(items_).first(1); }

 private:
  WaitItem items_[2];
};

/// Text as the streams take it.
inline ConstBytes mock_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

/// Whether nothing more happens on the connection after this effect.
inline bool ends_exchange(const SocketEffect& effect) noexcept {
  const CloseSocket* const close = std::get_if<CloseSocket>(&effect);
  return effect.index() != 0 && (close == nullptr || close->how != CloseSocket::How::input);
}

/// The server's end of one connection: bytes that were received and not used yet, sending, and the
/// effects on it.
class MockSocket {
 public:
  MockSocket(MockServerContext& server, std::unique_ptr<TcpStream> stream) noexcept
      : server_(server), tcp_(stream.get()) {
    stream_ = std::move(stream);
  }

#if OKHTTP_TLS
  /// Shakes hands. Before anything is received or sent.
  Task<void> start_tls(TlsServerContext context);
#endif
  /// What TLS agreed on; null without TLS.
  const std::shared_ptr<const Handshake>& handshake() const noexcept { return handshake_; }

  /// What was received and not consumed. Until the next call of another function.
  std::string_view unread() const noexcept { return std::string_view(input_).substr(begin_); }
  void consume(std::size_t count) noexcept;
  /// Adds what is there to the unread bytes.
  IoStatus receive_now();
  /// The same, but waits for something.
  Task<IoStatus> receive(Deadline deadline = Deadline::never());
  /// For waits: wakes when receive_now() has more to say.
  IoHandle& io() noexcept { return tcp_->io(); }
  /// True once CloseSocket::input() was applied: nothing more is received.
  bool input_closed() const noexcept { return input_closed_; }

  /// Sends everything. Errors: Errc::io when the connection broke.
  Task<void> send(ConstBytes first, ConstBytes second = {});
  Task<void> send_text(std::string text);
  Task<void> pause(Clock::duration time);

  /// Does what the effect says. A stall lasts until the server stops.
  Task<MockAfter> apply(SocketEffect effect);
  /// Ends our side, and discards what still comes.
  Task<void> linger();

 private:
  MockServerContext& server_;
  std::unique_ptr<Stream> stream_;
  TcpStream* tcp_;     // below stream_, or the same
  std::string input_;  // what was received; used up to begin_
  std::size_t begin_ = 0;
  bool input_closed_ = false;
  std::shared_ptr<const Handshake> handshake_;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS

#include <okhttp/testing/mock_socket.ipp>

#endif  // OKHTTP_TESTING_MOCK_SOCKET_HPP
