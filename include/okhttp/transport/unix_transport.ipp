// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_UNIX_TRANSPORT_IPP
#define OKHTTP_TRANSPORT_UNIX_TRANSPORT_IPP

#include <okhttp/transport/tcp.hpp>
#include <okhttp/transport/unix_transport.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The socket address of a path or of an abstract name. The path has been checked.
class UnixAddress {
 public:
  explicit UnixAddress(std::string_view path) noexcept {
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    const bool is_abstract = path.front() == '@' || path.front() == '\0';
    if (is_abstract) address_.sun_path[0] = '\0';
    // An abstract name ends where the address does; a path is followed by a NUL.
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const noexcept { return size_; }

  static constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1;

 private:
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

/// "unix:/path", "unix:@name", for error texts.
OKHTTP_DECL std::string unix_peer(std::string_view path) {
  std::string peer = "unix:" + std::string(path);
  if (path.front() == '\0') peer[5] = '@';
  return peer;
}

OKHTTP_DECL Error unix_connect_error(std::string_view path, int error) {
  return Error(error == ECONNREFUSED ? Errc::connect_refused : Errc::connect_failed,
               "connect to " + unix_peer(path) + " failed: " + system_error_text(error));
}

OKHTTP_DECL Result<std::unique_ptr<TcpStream>> open_unix_socket(Runtime& runtime, std::string_view path) {
#if defined(SOCK_NONBLOCK)
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor >= 0) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  }
#endif
  if (descriptor < 0) return unix_connect_error(path, errno);
  return std::make_unique<TcpStream>(runtime, descriptor);
}

}  // namespace detail

OKHTTP_DECL Result<void> UnixSocketTransport::check(std::string_view path) {
  if (path.empty()) return {Errc::invalid_argument, "the path of the Unix-domain socket is empty"};
  if (path.size() > detail::UnixAddress::most)
    return {Errc::invalid_argument, "the path of the Unix-domain socket has " + std::to_string(path.size()) +
                                        " bytes, more than the system's " + std::to_string(detail::UnixAddress::most)};
  const bool is_abstract = path.front() == '@' || path.front() == '\0';
#if !defined(__linux__)
  if (is_abstract)
    return {Errc::invalid_argument, "names of Unix-domain sockets that begin with @ or NUL exist on Linux only"};
#endif
  if (!is_abstract && path.find('\0') != std::string_view::npos)
    return {Errc::invalid_argument, "the path of the Unix-domain socket contains a NUL character"};
  return {};
}

OKHTTP_DECL Task<UnixSocketTransport::Stream> UnixSocketTransport::connect(const Endpoint& endpoint,
                                                                           Deadline deadline) {
  const std::string peer = path_.empty() ? std::string() : detail::unix_peer(path_);
  if (Result<void> fit = check(path_); !fit) co_await fail(fit.error());
  if (endpoint.secure)
    co_await fail(Errc::tls, "no TLS over a Unix-domain socket: use http://" + endpoint.host + "/ for " + peer);
  Runtime& runtime = *Runtime::current();
  const detail::UnixAddress address(path_);
  const Signal canceled;
  const CancelSignal hook(endpoint.cancellation, canceled);
  Clock::duration pause = std::chrono::milliseconds(1);
  for (;;) {
    Result<std::unique_ptr<detail::TcpStream>> opened = detail::open_unix_socket(runtime, path_);
    if (!opened) co_await fail(std::move(opened).error());
    detail::TcpStream& stream = **opened;
    if (::connect(stream.descriptor(), address.get(), address.size()) == 0) {
      Result<void> usable = stream.connected(false);
      if (!usable) co_await fail(std::move(usable).error());
      co_return *std::move(opened);
    }
    // The server's queue is full, of which nothing can be heard: it is tried again, less and less often.
    if (errno != EAGAIN && errno != EINTR) co_await fail(detail::unix_connect_error(path_, errno));
    WaitItem item(canceled);
    const Deadline next = earlier(Deadline::after(runtime.now(), pause), deadline);
    co_await runtime.wait_any(std::span(&item, 1), next);
    if (canceled.is_set()) co_await fail(Errc::canceled, "canceled while connecting to " + peer);
    if (deadline.passed(runtime.now()))
      co_await fail(Errc::connect_timeout, "connect to " + peer + " timed out: the server does not accept connections");
    pause = std::min<Clock::duration>(2 * pause, std::chrono::milliseconds(50));
  }
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_UNIX_TRANSPORT_IPP
