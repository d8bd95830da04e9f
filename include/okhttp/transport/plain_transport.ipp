// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_PLAIN_TRANSPORT_IPP
#define OKHTTP_TRANSPORT_PLAIN_TRANSPORT_IPP

#include <okhttp/transport/plain_transport.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL Error no_tls(const std::string& host) {
  return Error(Errc::tls, "this client has no TLS (its transport is PlainTransport), so it cannot connect to https://" +
                              host);
}

}  // namespace detail

OKHTTP_DECL Task<PlainTransport::Stream> PlainTransport::connect(const Endpoint& endpoint,
                                                                 Deadline deadline) {
  if (endpoint.secure) co_await fail(detail::no_tls(endpoint.host));
  co_return co_await detail::connect_tcp(*Runtime::current(), endpoint, deadline);
}

#if OKHTTP_THREADS
OKHTTP_DECL Task<Raced<PlainTransport::Stream>> PlainTransport::connect_any(std::span<const Endpoint> endpoints,
                                                                            Deadline deadline) {
  if (endpoints.front().secure) co_await fail(detail::no_tls(endpoints.front().host));
  co_return co_await detail::race_tcp(*Runtime::current(), endpoints, deadline);
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_PLAIN_TRANSPORT_IPP
