// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SOCKET_IPP
#define OKHTTP_TESTING_MOCK_SOCKET_IPP

#include <okhttp/testing/mock_socket.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS

#include <sys/socket.h>
#include <chrono>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a client may still send to a connection that ends, so that it gets to read the answer.
inline constexpr std::chrono::seconds mock_linger_time{5};
/// An emptied input buffer above this size is given back.
inline constexpr std::size_t mock_idle_input = 4 * 1024;

#if OKHTTP_TLS
OKHTTP_DECL Task<void> MockSocket::start_tls(TlsServerContext context) {
  Result<TlsEngine> engine = TlsEngine::server(context);
  if (!engine) co_await fail(std::move(engine).error());
  auto tls = std::make_unique<TlsStream>(std::move(stream_), std::move(*engine));
  TlsStream& secured = *tls;
  stream_ = std::move(tls);
  Task<void> handshake = secured.shake_hands("the client", Deadline::never());
  co_await std::move(handshake);
  handshake_ = std::make_shared<const Handshake>(*secured.handshake());
}
#endif

OKHTTP_DECL void MockSocket::consume(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ < input_.size()) return;
  input_.clear();
  begin_ = 0;
}

OKHTTP_DECL IoStatus MockSocket::receive_now() {
  if (input_closed_) return IoStatus::end;
  const IoResult result = stream_->try_read(server_.received);
  if (!result.ok()) return result.status();
  if (begin_ > 0) {
    input_.erase(0, begin_);
    begin_ = 0;
  }
  input_.append(reinterpret_cast<const char*>(server_.received.data()), result.bytes());
  return IoStatus::ok;
}

OKHTTP_DECL Task<IoStatus> MockSocket::receive(Deadline deadline) {
  for (;;) {
    const IoStatus status = receive_now();
    if (status != IoStatus::would_block) co_return status;
    if (input_.empty() && input_.capacity() > mock_idle_input) std::string().swap(input_);
    const Interest ready = co_await stream_->wait(Interest::read, deadline);
    if (!any(ready)) co_return IoStatus::timed_out;
  }
}

OKHTTP_DECL Task<void> MockSocket::send(ConstBytes first, ConstBytes second) {
  ConstBytes pieces[2] = {first, second};
  const IoResult sent = co_await write_all(*stream_, pieces, server_.loop, Clock::duration::zero(),
                                           Deadline::never());
  if (!sent.ok()) co_await fail(Errc::io, "the client has gone");
}

OKHTTP_DECL Task<void> MockSocket::send_text(std::string text) { co_await send(mock_bytes(text)); }

OKHTTP_DECL Task<void> MockSocket::pause(Clock::duration time) {
  // after() takes zero as no limit.
  if (time <= Clock::duration::zero()) co_return;
  co_await server_.loop.sleep_until(Deadline::after(server_.loop.now(), time));
}

OKHTTP_DECL Task<MockAfter> MockSocket::apply(SocketEffect effect) {
  if (effect.index() == 0) co_return MockAfter::go_on;
  if (std::holds_alternative<Stall>(effect)) {
    co_await server_.loop.sleep_until(Deadline::never());
    co_return MockAfter::close;
  }
  const CloseSocket* const close = std::get_if<CloseSocket>(&effect);
  if (close == nullptr) co_return MockAfter::close;
  switch (close->how) {
    case CloseSocket::How::both:
      break;
    case CloseSocket::How::input:
      ::shutdown(tcp_->descriptor(), SHUT_RD);
      input_closed_ = true;
      co_return MockAfter::go_on;
    case CloseSocket::How::output: {
      ::shutdown(tcp_->descriptor(), SHUT_WR);
      IoStatus status = IoStatus::ok;
      while (status == IoStatus::ok) {
        consume(unread().size());
        status = co_await receive();
      }
      break;
    }
    case CloseSocket::How::reset: {
      const ::linger at_once{1, 0};
      ::setsockopt(tcp_->descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      break;
    }
  }
  co_return MockAfter::close;
}

OKHTTP_DECL Task<void> MockSocket::linger() {
  ::shutdown(tcp_->descriptor(), SHUT_WR);
  const Deadline deadline = Deadline::after(server_.loop.now(), mock_linger_time);
  IoStatus status = IoStatus::ok;
  while (status == IoStatus::ok && !deadline.passed(server_.loop.now())) {
    consume(unread().size());
    status = co_await receive(deadline);
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS
#endif  // OKHTTP_TESTING_MOCK_SOCKET_IPP
