// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_PLAIN_TRANSPORT_HPP
#define OKHTTP_TRANSPORT_PLAIN_TRANSPORT_HPP

#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/stream.hpp>
#include <okhttp/transport/tcp_race.hpp>

#include <memory>
#include <span>

#if OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// TCP without TLS. An https URL fails with Errc::tls. Races the addresses of a host, but for builds
/// without threads: firmware mostly knows one address.
class PlainTransport {
 public:
  using Stream = std::unique_ptr<okhttp::Stream>;
  static constexpr bool needs_addresses = true;
  /// Thread safety: may run on several threads at once.
  Task<Stream> connect(const Endpoint& endpoint, Deadline deadline);
#if OKHTTP_THREADS
  Task<Raced<Stream>> connect_any(std::span<const Endpoint> endpoints, Deadline deadline);
#endif
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_SOCKETS

#include <okhttp/transport/plain_transport.ipp>

#endif  // OKHTTP_TRANSPORT_PLAIN_TRANSPORT_HPP
