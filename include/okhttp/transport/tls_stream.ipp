// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_STREAM_IPP
#define OKHTTP_TRANSPORT_TLS_STREAM_IPP

#include <okhttp/transport/tls_stream.hpp>

#if OKHTTP_BODIES && OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL TlsStream::~TlsStream() {
  engine_.close_notify();
  (void)flush();
}

OKHTTP_DECL IoResult TlsStream::flush() {
  if (send_error_.code() != Errc{}) return IoResult(send_error_);
  while (engine_.unsent() > 0) {
    const ConstBytes output = engine_.output();
    IoResult sent = lower_->try_write(std::span(&output, 1));
    if (sent.status() == IoStatus::failed) send_error_ = sent.error();
    if (!sent.ok()) return sent;
    engine_.output_sent(sent.bytes());
  }
  return IoResult::moved(0);
}

template <class Receive>
IoResult TlsStream::read_with(std::span<std::byte> into, Receive receive) {
  for (;;) {
    Result<TlsEngine::ReadResult> read = engine_.read(into);
    // Key updates want answers and failures want alerts; both go as far as the kernel takes them. A
    // connection that takes nothing any more may still hold an answer, and reading shows its end.
    if (engine_.unsent() > 0) (void)flush();
    if (!read) return IoResult(std::move(read).error());
    if (read->kind == TlsEngine::ReadResult::Kind::data) return IoResult::moved(read->size);
    if (read->kind == TlsEngine::ReadResult::Kind::end) return IoResult(IoStatus::end);
    IoResult received = receive(engine_.input_space());
    if (received.status() == IoStatus::end)
      engine_.input_ended();
    else if (received.ok())
      engine_.input_filled(received.bytes());
    else
      return received;
  }
}

OKHTTP_DECL IoResult TlsStream::try_read(std::span<std::byte> into) {
  return read_with(into, [this](std::span<std::byte> space) { return lower_->try_read(space); });
}

OKHTTP_DECL IoResult TlsStream::read_now(std::span<std::byte> into, Deadline deadline, TimePoint now) {
  return read_with(into, [this, deadline, now](std::span<std::byte> space) mutable {
    return lower_->read_now(space, deadline, std::exchange(now, TimePoint()));
  });
}

OKHTTP_DECL IoResult TlsStream::try_write(std::span<const ConstBytes> pieces) {
  std::size_t taken = 0;
  if (!pieces.empty()) {
    Result<std::size_t> encrypted = engine_.write(pieces);
    if (!encrypted) return IoResult(std::move(encrypted).error());
    taken = *encrypted;
  }
  const std::size_t before = engine_.unsent();
  IoResult flushed = flush();
  // Whole records may have left before sending failed: who may not send twice has to know. The next try fails.
  if (flushed.status() == IoStatus::failed && (taken == 0 || engine_.unsent() == before)) return flushed;
  // Ciphertext that moves is progress, so that a slow connection with much of it does not time out.
  if (taken == 0 && flushed.would_block() && engine_.unsent() == before) return flushed;
  return IoResult::moved(taken);
}

OKHTTP_DECL Task<Interest> TlsStream::wait(Interest interest, Deadline deadline) {
  const bool for_read = any(interest & Interest::read);
  const bool for_write = any(interest & Interest::write);
  if (for_read && engine_.is_readable()) co_return Interest::read;
  for (;;) {
    Interest below = interest;
    // Not once sending has failed: being ready to fail again would end every wait for input.
    if (write_pending()) below = below | Interest::write;
    const Interest ready = co_await lower_->wait(below, deadline);
    if (!any(ready)) co_return Interest::none;
    Interest result = ready & interest;
    if (any(ready & Interest::write) && !for_write) {
      // Output of the engine's own. A broken connection shows in the try that follows.
      const IoResult flushed = flush();
      if (flushed.status() == IoStatus::failed) result = Interest::read;
    }
    if (any(result)) co_return result;
  }
}

OKHTTP_DECL bool TlsStream::is_quiet() {
  if (!engine_.is_readable() && lower_->is_quiet()) return true;
  // Late session tickets are no sign of trouble; the engine takes them out of the way.
  std::byte byte;
  return try_read(std::span(&byte, 1)).would_block();
}

OKHTTP_DECL Task<void> TlsStream::shake_hands(std::string peer, Deadline deadline) {
  for (;;) {
    Result<TlsEngine::Step> step = engine_.handshake();
    IoResult flushed = flush();
    if (!step) {
      const Error error = std::move(step).error();
      // What the program's own code has thrown reaches it unchanged.
      if (error.code() == Errc::user_exception) co_await fail(error);
      co_await fail(Error(error.code(), "TLS handshake with " + peer + " failed: " + error.message(), error));
    }
    while (flushed.would_block()) {
      const Interest ready = co_await lower_->wait(Interest::write, deadline);
      if (!any(ready))
        co_await fail(Errc::connect_timeout, "TLS handshake with " + peer + " timed out");
      flushed = flush();
    }
    if (flushed.status() == IoStatus::failed)
      co_await fail(Error(Errc::tls, "TLS handshake with " + peer + " failed: " + flushed.error().message(),
                          flushed.error()));
    if (*step == TlsEngine::Step::done) break;
    const std::span<std::byte> space = engine_.input_space();
    IoResult received = lower_->read_now(space, deadline, {});
    if (received.would_block()) received = co_await read_when_ready(*lower_, space, deadline);
    if (received.status() == IoStatus::timed_out)
      co_await fail(Errc::connect_timeout, "TLS handshake with " + peer + " timed out");
    if (received.status() == IoStatus::failed)
      co_await fail(Error(Errc::tls, "TLS handshake with " + peer + " failed: " + received.error().message(),
                          received.error()));
    if (received.ok())
      engine_.input_filled(received.bytes());
    else
      engine_.input_ended();
  }
  handshake_ = std::make_shared<const Handshake>(engine_.info());
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_TLS
#endif  // OKHTTP_TRANSPORT_TLS_STREAM_IPP
