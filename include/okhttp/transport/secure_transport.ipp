// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP
#define OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP

#include <okhttp/transport/secure_transport.hpp>
#include <okhttp/transport/tls_requirements.hpp>

#if OKHTTP_BODIES && OKHTTP_TLS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN

/// Does the TLS handshake if the endpoint wants one.
OKHTTP_DECL Task<SecureTransport::Stream> SecureTransport::secure(Stream lower, const Endpoint& endpoint,
                                                                  Deadline deadline) const {
  if (!endpoint.secure) co_return lower;
  if (endpoint.tls != nullptr)
    if (Result<void> allowed = require_tls(endpoint.tls->specs, endpoint.host); !allowed)
      co_await fail(std::move(allowed).error());
  if (endpoint.observer != nullptr) endpoint.observer->secure_begun(endpoint);
  const std::vector<std::string_view> offered(protocols_.begin(), protocols_.end());
  Result<TlsEngine> engine =
      TlsEngine::client(context_, endpoint.host, endpoint.port, offered, endpoint.tls, endpoint.spec_attempt);
  if (!engine) co_await fail(std::move(engine).error());
  std::string peer = endpoint.host + " (" + endpoint.to_string() + ")";
  auto stream = std::make_unique<detail::TlsStream>(std::move(lower), *std::move(engine));
  EarlyData* const early = endpoint.early;
  const bool sends_early = early != nullptr && !early->sent && endpoint.spec_attempt == 0;
  if (sends_early) early->sent = stream->send_early(early->bytes);
  const CancelStream cancel(endpoint.cancellation, *stream);
  Result<void> shaken = co_await stream->shake_hands(std::move(peer), deadline).outcome();
  if (!shaken) {
    if (endpoint.cancellation != nullptr && endpoint.cancellation->canceled())
      co_await fail(Errc::canceled, "canceled during the TLS handshake with " + endpoint.host);
    co_await fail(std::move(shaken).error());
  }
  if (sends_early) early->accepted = early->sent && stream->early_data_accepted();
  if (endpoint.observer != nullptr) endpoint.observer->secured(endpoint, *stream->handshake());
  co_return stream;
}

OKHTTP_DECL Task<SecureTransport::Stream> SecureTransport::connect(const Endpoint& endpoint,
                                                                   Deadline deadline) {
  Stream lower = co_await detail::connect_tcp(*Runtime::current(), endpoint, deadline);
  co_return co_await secure(std::move(lower), endpoint, deadline);
}

#if OKHTTP_THREADS
OKHTTP_DECL Task<Raced<SecureTransport::Stream>> SecureTransport::connect_any(std::span<const Endpoint> endpoints,
                                                                              Deadline deadline) {
  Runtime& runtime = *Runtime::current();
  std::vector<Endpoint> left(endpoints.begin(), endpoints.end());
  std::vector<std::size_t> indexes(left.size());
  for (std::size_t i = 0; i < indexes.size(); ++i) indexes[i] = i;
  Error error;
  while (!left.empty()) {
    Result<Raced<Stream>> lower = co_await detail::race_tcp(runtime, left, deadline).outcome();
    if (lower) {
      const std::size_t winner = lower->index;
      Result<Stream> stream = co_await secure(std::move(lower->stream), left[winner], deadline).outcome();
      if (stream) co_return Raced<Stream>{*std::move(stream), indexes[winner]};
      error = std::move(stream).error();
      if (left[winner].observer != nullptr) left[winner].observer->attempt_failed(left[winner], error);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(winner));
      indexes.erase(indexes.begin() + static_cast<std::ptrdiff_t>(winner));
    } else {
      // A handshake that failed before says more than that nobody else could be reached.
      if (error.code() == Errc{} || lower.error().code() == Errc::canceled) error = lower.error();
      left.clear();
    }
    if (error.code() == Errc::canceled || deadline.passed(runtime.now())) break;
  }
  co_await fail(std::move(error));
  co_return Raced<Stream>();
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_TLS && OKHTTP_SOCKETS
#endif  // OKHTTP_TRANSPORT_SECURE_TRANSPORT_IPP
