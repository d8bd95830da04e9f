// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TCP_HPP
#define OKHTTP_TRANSPORT_TCP_HPP

#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/stream.hpp>

#include <cstdint>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A connected TCP socket.
///
/// On a blocking runtime the socket is in blocking mode for life and read_now is one recv under
/// SO_RCVTIMEO, which is set again only when the timeout in force is too short or overshoots by more
/// than max(10 ms, 1/32). Writing never blocks. On the event loop the socket is non-blocking.
class TcpStream final : public Stream {
 public:
  /// Takes over a connected descriptor. `connected` must be called before use.
  TcpStream(Runtime& runtime, int descriptor) noexcept : runtime_(runtime) { io_.fd = descriptor; }
  OKHTTP_DECL ~TcpStream() override;

  OKHTTP_DECL IoResult try_read(std::span<std::byte> into) override;
  OKHTTP_DECL IoResult try_write(std::span<const ConstBytes> pieces) override;
  OKHTTP_DECL Task<Interest> wait(Interest interest, Deadline deadline) override;
  OKHTTP_DECL void shutdown() noexcept override;
  OKHTTP_DECL IoResult read_now(std::span<std::byte> into, Deadline deadline, TimePoint now) override;
  // The loop's registration sees an idle connection being closed.
  bool is_suspect() const noexcept override { return io_.owner != nullptr && !io_.drained; }
  OKHTTP_DECL bool is_quiet() override;
  void watch_idle(const Signal* signal) noexcept override { io_.idle_watch = signal; }
  void mark_request() noexcept override { written_ = 0; }
  OKHTTP_DECL bool is_unacknowledged() const noexcept override;

  int descriptor() const noexcept { return io_.fd; }
  IoHandle& io() noexcept { return io_; }
  /// Puts the socket into the mode its runtime wants. `is_tcp` is false for a Unix-domain socket.
  Result<void> connected(bool is_tcp = true);

 private:
  IoResult receive(std::span<std::byte> into, int flags);
  bool set_kernel_timeout(Clock::duration wanted);

  Runtime& runtime_;
  IoHandle io_;
  bool is_tcp_ = true;
  std::uint64_t written_ = 0;         // since mark_request
  Clock::duration kernel_timeout_{};  // SO_RCVTIMEO in force; zero: none
};

/// A socket on its way to an address.
struct TcpConnecting {
  std::unique_ptr<TcpStream> stream;
  bool is_connected = false;  // at once, as loopback may be
};

/// Begins to connect to one address, without waiting: until it is connected the stream is good for
/// waiting for `Interest::write` alone, then for finish_connect().
/// Errors: Errc::connect_refused, connect_timeout, connect_failed; the text names the address.
Result<TcpConnecting> begin_connect(Runtime& runtime, const Endpoint& endpoint);
/// Makes a stream usable once it is connected, or says why it is not. Errors: as begin_connect.
Result<void> finish_connect(TcpStream& stream, const Endpoint& endpoint);

/// Connects to one address. Errors: Errc::connect_refused, connect_timeout, connect_failed, canceled;
/// the text names the address.
Task<std::unique_ptr<Stream>> connect_tcp(Runtime& runtime, const Endpoint& endpoint, Deadline deadline);

/// What the system says about an errno value.
std::string system_error_text(int error);

}  // namespace detail

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/transport/tcp.ipp>

#endif  // OKHTTP_TRANSPORT_TCP_HPP
