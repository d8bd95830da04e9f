// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_STREAM_HPP
#define OKHTTP_TRANSPORT_STREAM_HPP

#include <okhttp/runtime/cancellation.hpp>
#include <okhttp/runtime/runtime.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

struct Handshake;

using ConstBytes = std::span<const std::byte>;

/// How one try at moving bytes went.
enum class IoStatus : unsigned char {
  ok,           ///< `bytes` were moved, at least one
  would_block,  ///< nothing could be moved now; wait, then try again
  end,          ///< reading: the peer will send no more
  timed_out,    ///< the deadline passed while waiting
  failed,       ///< the connection is broken; `error` says how
};

/// The result of one try at moving bytes.
class IoResult {
 public:
  IoResult(IoStatus status) noexcept : status_(status) {}                          // NOLINT
  IoResult(Error error) noexcept : status_(IoStatus::failed), error_(std::move(error)) {}  // NOLINT
  static IoResult moved(std::size_t bytes) noexcept {
    IoResult result(IoStatus::ok);
    result.bytes_ = bytes;
    return result;
  }
  IoStatus status() const noexcept { return status_; }
  bool ok() const noexcept { return status_ == IoStatus::ok; }
  bool would_block() const noexcept { return status_ == IoStatus::would_block; }
  std::size_t bytes() const noexcept { return bytes_; }
  const Error& error() const noexcept { return error_; }

 private:
  IoStatus status_;
  std::size_t bytes_ = 0;
  Error error_;
};

/// A connection's bytes in both directions, whatever carries them: TCP, TLS over another stream, a
/// modem, memory. Waiting is separate from moving, so every runtime can drive it.
///
/// Thread safety: one thread at a time, but for shutdown().
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Closes.
  virtual ~Stream() = default;

  /// Moves what is there without waiting. `into` is not empty.
  virtual IoResult try_read(std::span<std::byte> into) = 0;
  /// Moves what fits without waiting; a part of the pieces is progress. A stream that keeps bytes of
  /// its own (write_pending) says ok with 0 bytes when only those got on.
  virtual IoResult try_write(std::span<const ConstBytes> pieces) = 0;
  /// Until it is worth trying again: gives what it is ready for, nothing once the deadline passed.
  virtual Task<Interest> wait(Interest interest, Deadline deadline) = 0;
  /// Makes every wait and every later try end. Any thread; the stream stays open.
  virtual void shutdown() noexcept = 0;

  /// Reads, waiting for at most until `deadline` if this stream has a cheaper way to wait than
  /// wait(): one blocking recv. Others do as try_read. `now` is the time for callers who have just
  /// looked at the clock; TimePoint() makes the stream look itself.
  virtual IoResult read_now(std::span<std::byte> into, Deadline, TimePoint) { return try_read(into); }
  /// True while bytes that try_write took are still on their way into the kernel; try_write with no
  /// pieces moves them on.
  virtual bool write_pending() const noexcept { return false; }
  /// True when something has happened on an idle connection that is_quiet() should look at; costs no
  /// system call.
  virtual bool is_suspect() const noexcept { return false; }
  /// False when the peer has closed an idle connection or sent bytes nobody asked for; such a byte
  /// may be lost, as the connection is of no use any more.
  virtual bool is_quiet() {
    std::byte byte;
    return try_read(std::span(&byte, 1)).would_block();
  }
  /// The connection is idle: on an event loop, set this signal when something happens on it. Null: no more.
  /// The signal outlives that; on the loop's thread.
  virtual void watch_idle(const Signal* signal) noexcept { (void)signal; }
  /// A request begins: is_unacknowledged() counts from here.
  virtual void mark_request() noexcept {}
  /// True when it is certain that the peer has acknowledged no byte written since mark_request().
  virtual bool is_unacknowledged() const noexcept { return false; }
  /// The connection will be idle: buffers that hold nothing may go.
  virtual void release_buffers() noexcept {}
  /// What the TLS handshake agreed on; null without TLS.
  virtual const Handshake* handshake() const noexcept { return nullptr; }
  /// The same for those who may outlive the stream.
  virtual std::shared_ptr<const Handshake> shared_handshake() const noexcept { return nullptr; }
};

/// Reads once the stream is ready. For a stream whose read_now said would_block.
Task<IoResult> read_when_ready(Stream& stream, std::span<std::byte> into, Deadline deadline);
/// Writes all pieces and flushes them. Each piece of progress starts the timeout anew; `limit` bounds
/// it all. Gives ok, timed_out or failed; `pieces` is used up as it goes.
Task<IoResult> write_all(Stream& stream, std::span<ConstBytes> pieces, Runtime& runtime,
                         Clock::duration timeout, Deadline limit);

/// While it lives, a cancel shuts the stream down.
class CancelStream final : Cancellation::Hook {
 public:
  CancelStream(Cancellation* cancellation, Stream& stream) : Hook(cancellation), stream_(stream) {
    enlist();
  }
  ~CancelStream() { delist(); }

 private:
  void on_cancel() noexcept override { stream_.shutdown(); }
  Stream& stream_;
};

// clang-format off
/// What a transport of your own gives for a connection. The first three as Stream has them;
/// `shutdown` makes waits end and may be called from another thread than the one that waits, `close`
/// gives everything back. Movable. Needs no base class.
template <class S>
concept UserStream = std::move_constructible<S> &&
    requires(S& stream, std::span<std::byte> into, std::span<const ConstBytes> pieces,
             Interest interest, Deadline deadline) {
      { stream.try_read(into) } -> std::same_as<IoResult>;
      { stream.try_write(pieces) } -> std::same_as<IoResult>;
      { stream.wait(interest, deadline) } -> std::same_as<Task<Interest>>;
      stream.shutdown();
      stream.close();
    };
// clang-format on

namespace detail {

/// Drops `bytes` from the front of the pieces.
inline std::span<ConstBytes> advance_pieces(std::span<ConstBytes> pieces, std::size_t bytes) noexcept {
  while (!pieces.empty() && bytes >= pieces.front().size()) {
    bytes -= pieces.front().size();
    pieces = pieces.subspan(1);
  }
  if (bytes > 0) pieces.front() = pieces.front().subspan(bytes);
  return pieces;
}

/// A UserStream behind the virtual interface.
template <UserStream S>
class StreamAdapter final : public Stream {
 public:
  explicit StreamAdapter(S stream) : stream_(std::move(stream)) {}
  ~StreamAdapter() override { stream_.close(); }
  IoResult try_read(std::span<std::byte> into) override { return stream_.try_read(into); }
  IoResult try_write(std::span<const ConstBytes> pieces) override {
    return stream_.try_write(pieces);
  }
  Task<Interest> wait(Interest interest, Deadline deadline) override {
    return stream_.wait(interest, deadline);
  }
  void shutdown() noexcept override { stream_.shutdown(); }

 private:
  S stream_;
};

template <UserStream S>
std::unique_ptr<Stream> erase_stream(S stream) {
  return std::make_unique<StreamAdapter<S>>(std::move(stream));
}
inline std::unique_ptr<Stream> erase_stream(std::unique_ptr<Stream> stream) { return stream; }

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/transport/stream.ipp>

#endif  // OKHTTP_TRANSPORT_STREAM_HPP
