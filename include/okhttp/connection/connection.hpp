// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_HPP
#define OKHTTP_CONNECTION_CONNECTION_HPP

#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/connection/call_limits.hpp>
#include <okhttp/connection/io_buffer.hpp>
#include <okhttp/connection/route.hpp>
#include <okhttp/message/request_body.hpp>
#include <okhttp/transport/stream.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

class Connection;

namespace detail {

/// Counts connections: the pool of a client.
class ConnectionOwner {
 public:
  /// It is closed, and its memory is about to go.
  virtual void connection_gone(Connection& connection) noexcept = 0;

 protected:
  ~ConnectionOwner() = default;
};

}  // namespace detail

/// An HTTP/1.1 connection: one exchange at a time. Owned by the exchange that uses it, else by the
/// pool.
///
/// 1. begin(limits): from here on a cancel shuts the stream down.
/// 2. exchange(...): sends the request and reads heads until the final one.
/// 3. take_head(), then read_body(...) until body_done(), or give the connection up.
/// 4. end(): whether another exchange may follow.
class Connection {
 public:
  /// `settings` are equal to those that the route's address points to, and take their place; `stream` leads to the server
  /// or to an HTTP proxy that wants to be told of it.
  Connection(Route route, std::shared_ptr<const detail::ConnectionSettings> settings, std::unique_ptr<Stream> stream,
             std::string peer)
      : settings_(std::move(settings)),
        route_(route.address().with_settings(settings_.get()), route.proxy(), route.ip_address()),
        stream_(std::move(stream)),
        peer_(std::move(peer)) {}
  /// The same without a proxy, for an address without settings.
  Connection(Address address, std::unique_ptr<Stream> stream, std::string peer)
      : Connection(Route(std::move(address), Proxy(), std::nullopt), nullptr, std::move(stream), std::move(peer)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (owner == nullptr) return;
    cancel_.reset();
    stream_.reset();  // closed before another one may take its place
    owner->connection_gone(*this);
  }

  const Route& route() const noexcept { return route_; }
  /// The same for those who may outlive the connection, which may be another client's, and that client.
  std::shared_ptr<const Route> shared_route() const {
    using Kept = std::pair<std::shared_ptr<const detail::ConnectionSettings>, Route>;
    const auto kept = std::make_shared<const Kept>(settings_, route_);
    return {kept, &kept->second};
  }
  const Address& address() const noexcept { return route_.address(); }
  /// "host:port (address:port)" or just the address, for error texts.
  const std::string& peer() const noexcept { return peer_; }
  /// The protocol spoken.
  Protocol protocol() const noexcept { return Protocol::http_1_1; }
  /// What the TLS handshake agreed on; null without TLS.
  const Handshake* handshake() const noexcept { return stream_->handshake(); }
  /// The same for those who may outlive the connection.
  std::shared_ptr<const Handshake> shared_handshake() const noexcept { return stream_->shared_handshake(); }
  /// The exchanges so far, the present one included.
  std::uint64_t exchange_count() const noexcept { return exchanges_; }

  // ---- For the pipeline ----

  void begin(const detail::CallLimits& limits);
  /// Errors: as Errc names them; the texts name the peer and the step. After a failure the
  /// connection is only good for being destroyed.
  /// The arguments outlive the task; `body` may be null; `now` is the present time.
  Task<void> exchange(const detail::CallLimits& limits, TimePoint now, std::string_view method,
                      std::string_view target, const Headers& headers, const RequestBody* body);
  /// The head of the next request, which has no body, has gone out with the TLS handshake (early data).
  void head_was_sent() noexcept { head_sent_ = true; }
  /// The final head. Once, after exchange().
  http1::ResponseHead take_head() { return *std::exchange(head_, std::nullopt); }
  /// The length of the body, or -1 when it is not known before its end.
  std::int64_t body_length() const noexcept { return body_length_; }
  /// Reads at least one byte of the body into `into`, which is not empty; 0 at its end.
  Task<std::size_t> read_body(const detail::CallLimits& limits, std::span<std::byte> into);
  bool body_done() const noexcept { return body_.done(); }
  /// The body, when all of it is here already and it is small; the body is then done.
  std::optional<std::string> take_buffered_body();
  /// Reads and drops what is already here, `budget` bytes at most. True when the body is done.
  bool discard_body(std::size_t budget);
  const Headers& trailers() const noexcept { return body_.trailers(); }
  /// From here on a cancel does not reach the stream, and nothing of the call is referred to.
  void forget_call() noexcept { cancel_.reset(); }
  /// False when the connection will be closed whatever becomes of the body.
  bool may_be_reused() const noexcept { return reusable_; }
  /// Ends the exchange. True when the connection may carry another one.
  bool end();
  /// The stream, for another protocol to be spoken on it; null if the peer has begun to already. Afterwards
  /// the connection is only good for being destroyed.
  std::unique_ptr<Stream> take_stream() noexcept {
    cancel_.reset();
    return input_.empty() ? std::move(stream_) : nullptr;
  }

  /// What a failed exchange had done, which decides whether it may be repeated.
  bool sent_anything() const noexcept { return sent_anything_; }
  bool response_started() const noexcept { return response_started_; }
  /// The peer has acknowledged no byte of the request, for certain.
  bool is_unacknowledged() const noexcept { return stream_->is_unacknowledged(); }

  // ---- For the pool ----

  /// Ends it in both directions. Any thread.
  void shut_down() noexcept { stream_->shutdown(); }

  /// Something has happened while it was idle.
  bool is_suspect() const noexcept { return stream_->is_suspect(); }
  /// The peer is still there and has sent nothing.
  bool is_quiet() { return input_.empty() && stream_->is_quiet(); }
  /// From here on, until it is told null, the signal is set when something happens on it. Event loop only.
  void watch_idle(const Signal* signal) noexcept { stream_->watch_idle(signal); }
  /// The pool that counts it; null when none does. What follows is guarded by the pool's lock.
  detail::ConnectionOwner* owner = nullptr;
  TimePoint idle_since{};
  /// Since when a call has had it, and the thread that took it.
  TimePoint taken_at{};
  const void* taken_by = nullptr;
  /// It is of no more use when the pool has since been emptied.
  std::uint64_t generation = 0;
  /// A response whose body is open holds it. Set by the call.
  std::atomic<bool> body_open{false};
  /// After how much idle time the server means to close, less a second; zero: it did not say.
  Clock::duration server_keep_alive{};
  Connection* newer = nullptr;  // the pool's lists: idle or in use, by age, and by address
  Connection* older = nullptr;
  Connection* next_in_bucket = nullptr;

 private:
  struct Upload;

  Task<void> send_body(const detail::CallLimits& limits, const RequestBody& body,
                       std::optional<std::uint64_t> declared);
  Task<bool> await_continue(const detail::CallLimits& limits);
  bool feed_head(const detail::CallLimits& limits);
  IoResult receive();
  bool count_moved(std::size_t bytes) noexcept;
  Error failure(const detail::CallLimits& limits, const char* step, const IoResult& result) const;
  Error timeout(const detail::CallLimits& limits, const char* step, bool writing) const;

  const std::shared_ptr<const detail::ConnectionSettings> settings_;
  const Route route_;
  std::unique_ptr<Stream> stream_;
  std::string peer_;
  std::optional<CancelStream> cancel_;
  detail::IoBuffer input_;
  std::string output_;  // the head being sent; its memory is used again by the next exchange
  http1::ResponseHeadReader reader_;
  std::optional<http1::ResponseHead> head_;  // the final one, once it is here
  std::optional<Error> head_error_;
  Error send_error_;
  http1::BodyDecoder body_;
  std::uint64_t exchanges_ = 0;
  std::size_t moved_ = 0;  // body bytes since the event loop last had its turn
  std::int64_t body_length_ = -1;
  bool reusable_ = false;
  bool upload_stopped_ = false;
  bool continue_seen_ = false;
  bool sent_anything_ = false;
  bool head_sent_ = false;
  bool response_started_ = false;
};

OKHTTP_NAMESPACE_END

#include <okhttp/connection/connection.ipp>

#endif  // OKHTTP_CONNECTION_CONNECTION_HPP
