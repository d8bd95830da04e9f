// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_STREAM_HPP
#define OKHTTP_TRANSPORT_TLS_STREAM_HPP

#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/stream.hpp>
#include <okhttp/transport/tls_engine.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// TLS over any stream: the engine turns plaintext into ciphertext, the lower stream carries it.
class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> lower, TlsEngine engine)
      : lower_(std::move(lower)), engine_(std::move(engine)) {}
  /// Says goodbye with a close_notify if that needs no waiting.
  OKHTTP_DECL ~TlsStream() override;

  /// Before the handshake: takes a whole HTTP/1.1 request along if the session allows it; otherwise nothing.
  bool send_early(std::string_view request) {
    return engine_.write_early(std::as_bytes(std::span<const char>(request)), "http/1.1");
  }
  bool early_data_accepted() const noexcept { return engine_.early_data_accepted(); }

  /// Does the handshake. `peer` is for error texts.
  Task<void> shake_hands(std::string peer, Deadline deadline);

  OKHTTP_DECL IoResult try_read(std::span<std::byte> into) override;
  OKHTTP_DECL IoResult read_now(std::span<std::byte> into, Deadline deadline, TimePoint now) override;
  OKHTTP_DECL IoResult try_write(std::span<const ConstBytes> pieces) override;
  OKHTTP_DECL Task<Interest> wait(Interest interest, Deadline deadline) override;
  void shutdown() noexcept override { lower_->shutdown(); }
  bool write_pending() const noexcept override {
    return engine_.unsent() > 0 && send_error_.code() == Errc{};
  }
  bool is_suspect() const noexcept override {
    return engine_.is_readable() || lower_->is_suspect();
  }
  OKHTTP_DECL bool is_quiet() override;
  void watch_idle(const Signal* signal) noexcept override { lower_->watch_idle(signal); }
  void mark_request() noexcept override { lower_->mark_request(); }
  bool is_unacknowledged() const noexcept override { return lower_->is_unacknowledged(); }
  void release_buffers() noexcept override { engine_.release_idle_buffers(); }
  const Handshake* handshake() const noexcept override { return handshake_.get(); }
  std::shared_ptr<const Handshake> shared_handshake() const noexcept override { return handshake_; }

 private:
  template <class Receive>
  IoResult read_with(std::span<std::byte> into, Receive receive);
  IoResult flush();

  std::unique_ptr<Stream> lower_;
  TlsEngine engine_;
  std::shared_ptr<const Handshake> handshake_;  // null before it is done
  Error send_error_;  // set once the lower stream takes nothing any more
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/tls_stream.ipp>

#endif  // OKHTTP_TRANSPORT_TLS_STREAM_HPP
