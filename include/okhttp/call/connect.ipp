// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CONNECT_IPP
#define OKHTTP_CALL_CONNECT_IPP

#include <okhttp/call/connect.hpp>
#include <okhttp/call/open_connection.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// One trip over one connection, through the network interceptors.
OKHTTP_DECL Task<Response> connect(CallState& call, Request request) {
  const ClientConfig& config = *call.config;
  ConnectionPool& pool = call.core->pool;
  const bool replayable = request.body() == nullptr || !request.body()->is_one_shot();
  const bool repeatable = request.is_idempotent() && replayable;
  const Address address(request.url(), &config);
  for (;;) {
    if (call.canceled()) co_await fail(Errc::canceled, "canceled before it was sent");
    Exchange exchange;
    exchange.begun = call.limits.now();
    // Interceptors and earlier trips may have taken all the time without a wait that would have noticed.
    if (call.limits.call_over(exchange.begun))
      co_await fail(Errc::call_timeout, "the call timed out after " + duration_text(call.limits.timeouts.call) +
                                            " before a request was sent to " + address.host());
    exchange.connection = pool.acquire(address, exchange.begun, !repeatable);
    const bool pooled = exchange.connection != nullptr;
    if (!pooled) {
      exchange.connection = co_await open_connection(call, address, request.url());
      exchange.begun = call.limits.runtime->now();
    }
    Connection* const connection = exchange.connection.get();
    connection->begin(call.limits);
    Result<Response> response = Error();
    if (config.start_network_chain == nullptr) {
      exchange.proceeded = true;
      response = co_await call_server(call, exchange, request).outcome();
    } else {
      response = co_await config.start_network_chain(call, exchange, request).outcome();
    }
    if (response) {
      if (!exchange.proceeded)
        co_await fail(Errc::misuse, "a network interceptor must proceed exactly once");
      co_return *std::move(response);
    }
    // Only a connection that had been idle may have been closed before it saw the request; a fresh
    // one that fails has failed. What the server may have worked on is repeated only if that is safe.
    const bool stale = pooled && exchange.connection != nullptr && !connection->response_started() &&
                       (response.error().code() == Errc::io || response.error().code() == Errc::unexpected_end);
    // Or if it did not reach the server: it had closed the idle connection. A reset says nothing, as it
    // can follow a read.
    const bool unseen = stale && (!connection->sent_anything() ||
                                  (response.error().code() == Errc::unexpected_end && replayable &&
                                   connection->is_unacknowledged()));
    const bool may_repeat = stale && (repeatable || unseen);
    if (!may_repeat || !config.retry_on_connection_failure || call.canceled())
      co_await fail(std::move(response).error());
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CONNECT_IPP
