// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP
#define OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP

#include <okhttp/transport/secure_transport.hpp>

#if OKHTTP_BODIES && OKHTTP_TLS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Task<SecureTransport::Stream> SecureTransport::connect(const Endpoint& endpoint,
                                                                   Deadline deadline) {
  Stream lower = co_await detail::connect_tcp(*Runtime::current(), endpoint, deadline);
  if (!endpoint.secure) co_return lower;

  const std::vector<std::string_view> offered(protocols_.begin(), protocols_.end());
  Result<TlsEngine> engine = TlsEngine::client(context_, endpoint.host, endpoint.port, offered);
  if (!engine) co_await fail(std::move(engine).error());
  std::string peer = endpoint.host + " (" + endpoint.to_string() + ")";
  auto stream = std::make_unique<detail::TlsStream>(std::move(lower), *std::move(engine));
  const CancelStream cancel(endpoint.cancellation, *stream);
  Result<void> shaken = co_await stream->shake_hands(std::move(peer), deadline).outcome();
  if (!shaken) {
    if (endpoint.cancellation != nullptr && endpoint.cancellation->canceled())
      co_await fail(Errc::canceled, "canceled during the TLS handshake with " + endpoint.host);
    co_await fail(std::move(shaken).error());
  }
  co_return stream;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_TLS && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP
