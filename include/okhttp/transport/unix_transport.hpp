// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_UNIX_TRANSPORT_HPP
#define OKHTTP_TRANSPORT_UNIX_TRANSPORT_HPP

#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/stream.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// HTTP over a Unix-domain socket, whatever host the URL names: `UnixSocketTransport("/var/run/docker.sock")`. The host
/// is what the Host header says, and is not looked up. Builder::unix_socket uses it; as a policy of its own it leaves
/// TLS out of a program. An https URL fails with Errc::tls.
///
/// `path` is a path, or on Linux a name in the abstract namespace: behind an `@` or a NUL character.
/// Errors of connect: Errc::connect_refused (nobody listens there), connect_failed (no such file, no permission),
/// connect_timeout, canceled; the texts name the path. Errc::invalid_argument for what check() says.
class UnixSocketTransport {
 public:
  using Stream = std::unique_ptr<okhttp::Stream>;
  explicit UnixSocketTransport(std::string path) : path_(std::move(path)) {}

  /// Whether this can be the name of a socket. Errors: Errc::invalid_argument.
  static Result<void> check(std::string_view path);
  const std::string& path() const noexcept { return path_; }
  /// Thread safety: may run on several threads at once.
  Task<Stream> connect(const Endpoint& endpoint, Deadline deadline);

 private:
  std::string path_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/transport/unix_transport.ipp>

#endif  // OKHTTP_TRANSPORT_UNIX_TRANSPORT_HPP
