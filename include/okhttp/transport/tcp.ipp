// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TCP_IPP
#define OKHTTP_TRANSPORT_TCP_IPP

#include <okhttp/transport/tcp.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>
#if defined(__linux__)
#include <linux/sockios.h>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL std::string system_error_text(int error) { return std::generic_category().message(error); }

OKHTTP_DECL Error broken_connection(const char* step, int error) {
  return Error(Errc::io, step, " failed: ", system_error_text(error));
}

OKHTTP_DECL TcpStream::~TcpStream() {
  io_.detach();
  if (io_.fd >= 0) ::close(io_.fd);
}

OKHTTP_DECL Result<void> TcpStream::connected(bool is_tcp) {
  is_tcp_ = is_tcp;
  const int on = 1;
  if (is_tcp) ::setsockopt(io_.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!runtime_.blocks()) {
    if (io_.owner != nullptr) return {};
    return io_.attach(runtime_, io_.fd);
  }
  int off = 0;
  if (::ioctl(io_.fd, FIONBIO, &off) != 0)
    return broken_connection("making the socket blocking", errno);
  return {};
}

OKHTTP_DECL IoResult TcpStream::receive(std::span<std::byte> into, int flags) {
  for (;;) {
    const ssize_t count = ::recv(io_.fd, into.data(), into.size(), flags);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // Less than asked for means that the kernel has no more.
      io_.drained = bytes < into.size();
      return IoResult::moved(bytes);
    }
    if (count == 0) return IoResult(IoStatus::end);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      io_.drained = true;
      return IoResult(IoStatus::would_block);
    }
    if (errno == EINTR) {
      if ((flags & MSG_DONTWAIT) != 0 || !runtime_.blocks()) continue;
      return IoResult(IoStatus::would_block);
    }
    return IoResult(broken_connection("receiving", errno));
  }
}

OKHTTP_DECL IoResult TcpStream::try_read(std::span<std::byte> into) {
  if (io_.drained && io_.owner != nullptr) return IoResult(IoStatus::would_block);
  return receive(into, MSG_DONTWAIT);
}

OKHTTP_DECL bool TcpStream::set_kernel_timeout(Clock::duration wanted) {
  using std::chrono::milliseconds;
  const Clock::duration slack = std::max<Clock::duration>(milliseconds(10), wanted / 32);
  if (wanted == Clock::duration::zero() ? kernel_timeout_ == wanted
                                        : kernel_timeout_ >= wanted && kernel_timeout_ <= wanted + slack)
    return true;
  // Rounded up, and never to 0, which would mean for ever. To whole milliseconds, because of a read
  // timeout there is now a microsecond more and now one less left when the wait begins.
  const auto rounded = std::chrono::ceil<milliseconds>(wanted);
  const auto ms = rounded.count();
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(ms / 1000);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(ms % 1000 * 1000);
  if (::setsockopt(io_.fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) return false;
  kernel_timeout_ = rounded;
  return true;
}

OKHTTP_DECL IoResult TcpStream::read_now(std::span<std::byte> into, Deadline deadline, TimePoint now) {
  if (!runtime_.blocks()) return try_read(into);
  for (;;) {
    if (deadline.is_never()) {
      if (!set_kernel_timeout(Clock::duration::zero())) return IoResult(IoStatus::would_block);
    } else {
      if (now == TimePoint()) now = runtime_.now();
      if (deadline.passed(now)) {
        IoResult last = receive(into, MSG_DONTWAIT);
        return last.would_block() ? IoResult(IoStatus::timed_out) : last;
      }
      if (!set_kernel_timeout(deadline.left(now))) return IoResult(IoStatus::would_block);
    }
    IoResult result = receive(into, 0);
    if (!result.would_block()) return result;
    now = TimePoint();  // the clock decides
  }
}

OKHTTP_DECL IoResult TcpStream::try_write(std::span<const ConstBytes> pieces) {
  constexpr std::size_t max_pieces = 16;
  iovec vectors[max_pieces];
  std::size_t count = 0;
  for (const ConstBytes& piece : pieces) {
    if (count == max_pieces) break;
    if (piece.empty()) continue;
    vectors[count].iov_base = const_cast<std::byte*>(piece.data());
    vectors[count].iov_len = piece.size();
    ++count;
  }
  if (count == 0) return IoResult::moved(0);
  if (io_.full && io_.owner != nullptr) return IoResult(IoStatus::would_block);
  for (;;) {
    ssize_t written;
    if (count == 1) {
      written = ::send(io_.fd, vectors[0].iov_base, vectors[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = vectors;
      message.msg_iovlen = count;
      written = ::sendmsg(io_.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (written >= 0) {
      written_ += static_cast<std::uint64_t>(written);
      return IoResult::moved(static_cast<std::size_t>(written));
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      io_.full = true;
      return IoResult(IoStatus::would_block);
    }
    return IoResult(broken_connection("sending", errno));
  }
}

OKHTTP_DECL Task<Interest> TcpStream::wait(Interest interest, Deadline deadline) {
  WaitItem item(io_, interest);
  co_await runtime_.wait_any(std::span(&item, 1), deadline);
  co_return item.ready;
}

OKHTTP_DECL void TcpStream::shutdown() noexcept { ::shutdown(io_.fd, SHUT_RDWR); }

OKHTTP_DECL bool TcpStream::is_quiet() {
  std::byte byte;
  const ssize_t count = ::recv(io_.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) return false;
  if (errno != EINTR) io_.drained = true;
  return true;
}

OKHTTP_DECL bool TcpStream::is_unacknowledged() const noexcept {
#if defined(__linux__)
  // What the kernel still keeps for sending again; also after a reset. A Unix-domain socket counts otherwise.
  int kept = 0;
  return is_tcp_ && written_ > 0 && ::ioctl(io_.fd, SIOCOUTQ, &kept) == 0 && kept >= 0 &&
         static_cast<std::uint64_t>(kept) >= written_;
#else
  return false;
#endif
}

/// The socket address of an endpoint that has an IP address.
class SocketAddress {
 public:
  SocketAddress(const IpAddress& address, std::uint16_t port) noexcept {
    if (address.is_v4()) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
      std::memcpy(&storage_, &v4, sizeof v4);
      size_ = sizeof v4;
    } else {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
      std::memcpy(&storage_, &v6, sizeof v6);
      size_ = sizeof v6;
    }
  }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return storage_.ss_family; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

OKHTTP_DECL Error connect_error(const Endpoint& endpoint, int error) {
  const Errc code = error == ECONNREFUSED  ? Errc::connect_refused
                    : error == ETIMEDOUT ? Errc::connect_timeout
                                         : Errc::connect_failed;
  return Error(code, "connect to ", endpoint.to_string(), " failed: ", system_error_text(error));
}

OKHTTP_DECL Result<TcpConnecting> begin_connect(Runtime& runtime, const Endpoint& endpoint) {
  const SocketAddress address(*endpoint.address, endpoint.port);
#if defined(SOCK_NONBLOCK)
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  const int descriptor = ::socket(address.family(), SOCK_STREAM, 0);
  if (descriptor >= 0) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  }
#endif
  if (descriptor < 0) return connect_error(endpoint, errno);
  TcpConnecting connecting;
  connecting.stream = std::make_unique<TcpStream>(runtime, descriptor);
  if (::connect(descriptor, address.get(), address.size()) == 0) {
    connecting.is_connected = true;
    return connecting;
  }
  if (errno != EINPROGRESS && errno != EINTR) return connect_error(endpoint, errno);
  if (!runtime.blocks()) {
    Result<void> attached = connecting.stream->io().attach(runtime, descriptor);
    if (!attached) return std::move(attached).error();
    connecting.stream->io().full = true;  // until the kernel says that it is connected
  }
  return connecting;
}

OKHTTP_DECL Result<void> finish_connect(TcpStream& stream, const Endpoint& endpoint) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(stream.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return connect_error(endpoint, error);
  return stream.connected();
}

OKHTTP_DECL Task<std::unique_ptr<Stream>> connect_tcp(Runtime& runtime, const Endpoint& endpoint,
                                                      Deadline deadline) {
  Result<TcpConnecting> begun = begin_connect(runtime, endpoint);
  if (!begun) co_await fail(std::move(begun).error());
  std::unique_ptr<TcpStream> stream = std::move(begun->stream);
  if (!begun->is_connected) {
    // Published after connect was issued: a shutdown before it would be lost.
    const CancelStream cancel(endpoint.cancellation, *stream);
    const Interest ready = co_await stream->wait(Interest::write, deadline);
    if (endpoint.cancellation != nullptr && endpoint.cancellation->canceled())
      co_await fail(Errc::canceled, "canceled while connecting to ", endpoint.to_string());
    if (!any(ready)) co_await fail(Errc::connect_timeout, "connect to ", endpoint.to_string(), " timed out");
  }
  Result<void> usable = finish_connect(*stream, endpoint);
  if (!usable) co_await fail(std::move(usable).error());
  co_return stream;
}

}  // namespace detail

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_TCP_IPP
