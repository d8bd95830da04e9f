// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CONNECT_IPP
#define OKHTTP_CALL_CONNECT_IPP

#include <okhttp/call/connect.hpp>
#include <okhttp/call/open_connection.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What the server may have done with a request, as far as its connection tells.
OKHTTP_DECL Processing processing_of(const Connection& connection, const FailedExchange& failed) {
  if (connection.response_started()) return Processing::answered;
  if (!connection.sent_anything()) return Processing::not_sent;
  // An end without a word, on a connection that was idle before. A reset says nothing.
  if (failed.reused_connection && failed.error == Errc::unexpected_end && connection.is_unacknowledged())
    return Processing::unseen;
  return Processing::possible;
}

/// Remembers that a new connection was good for nothing, so that the next one takes another route. True when
/// there is one that this call has not tried.
OKHTTP_DECL bool note_failed_route(CallState& call, const Connection& connection, std::size_t failed) {
#if OKHTTP_THREADS
  const Route& route = connection.route();
  if (!route.ip_address()) return false;
  call.core->routes.failed({call.config->connector.get(), *route.ip_address(), route.port()}, call.limits.runtime->now());
  return failed < call.route_count;
#else
  (void)call, (void)connection, (void)failed;
  return false;
#endif
}

#if OKHTTP_THREADS
/// What has failed before, to be told as the last cause of what fails in the end.
class PastFailures {
 public:
  static constexpr bool are_kept = true;
  Error before(Error error) const { return add(std::move(error), past_); }
  void remember(Error error) { past_ = before(std::move(error)); }

 private:
  static Error add(Error error, const Error& past) {
    if (past.code() == Errc{} || error.exception() != nullptr) return error;
    return Error(error.code(), error.message(), error.cause() != nullptr ? add(*error.cause(), past) : past);
  }
  Error past_;
};
#else
/// Firmware has other uses for the room.
struct PastFailures {
  static constexpr bool are_kept = false;
  static Error before(Error error) { return error; }
  static void remember(const Error&) noexcept {}
};
#endif

/// A new connection for this request.
inline Task<std::unique_ptr<Connection>> begin_opening(CallState& call, const Address& address,
                                                       const Request& request) {
#if OKHTTP_TLS
  if (const auto open = call.config->open_with_early_data; open != nullptr) return open(call, address, request);
#endif
  return open_by_settings(call, address, request.url());
}

/// One trip over one connection, through the network interceptors; further ones where recovery_of allows it.
OKHTTP_DECL Task<Response> connect(CallState& call, Request request) {
  const ClientConfig& config = *call.config;
  ConnectionPool& pool = call.pool();
  FailedExchange failed;
  failed.replayable = request.body() == nullptr || !request.body()->is_one_shot();
  failed.idempotent = request.is_idempotent();
  const bool repeatable = failed.idempotent && failed.replayable;
  const Address address(request.url(), &config);
  PastFailures past;
  std::size_t failed_routes = 0;
  for (;;) {
    if (call.canceled()) co_await fail(Errc::canceled, "canceled before it was sent");
    call.processing = Processing::not_sent;
    Exchange exchange;
    exchange.begun = call.limits.now();
    // Interceptors and earlier trips may have taken all the time without a wait that would have noticed.
    if (call.limits.call_over(exchange.begun))
      co_await fail(Errc::call_timeout, "the call timed out after ", duration_text(call.limits.timeouts.call),
                    " before a request was sent to ", address.host());
    const bool wants_new = std::exchange(call.wants_new_connection, false);
#if OKHTTP_EVENTS
    exchange.events = call.events.get();
    exchange.own_pool = &call.own_pool;
    if (call.events != nullptr)
      exchange.connection = call.events->take_connection(wants_new ? nullptr : &address, call.own_pool.get());
#endif
    if (!wants_new && exchange.connection == nullptr)
      exchange.connection = pool.acquire(address, exchange.begun, !repeatable);
    bool reused = exchange.connection != nullptr;
    if (!reused) {
      PoolPermit permit;
      if (pool.gate() != nullptr) {
        Task<std::unique_ptr<Connection>> entering = pool.gate()->enter(call.limits, address, !repeatable, wants_new, permit);
        Result<std::unique_ptr<Connection>> entered = co_await std::move(entering).outcome();
        if (!entered) co_await fail(past.before(std::move(entered).error()));
        exchange.connection = *std::move(entered);
        reused = exchange.connection != nullptr;
      }
      if (!reused) {
        Task<std::unique_ptr<Connection>> opening = begin_opening(call, address, request);
        if constexpr (PastFailures::are_kept) {
          Result<std::unique_ptr<Connection>> opened = co_await std::move(opening).outcome();
          if (!opened) co_await fail(past.before(std::move(opened).error()));
          exchange.connection = *std::move(opened);
        } else {
          exchange.connection = co_await std::move(opening);
        }
      }
      exchange.begun = call.limits.runtime->now();
      if (!reused) pool.opened(*exchange.connection, exchange.begun);
    }
    call.reused_connection = failed.reused_connection = reused;
    Connection* const connection = exchange.connection.get();
    // What comes through a tunnel is the server's word, which must not get a proxy's credentials.
    call.has_http_proxy = connection->route().proxy().is_http() && !connection->route().requires_tunnel();
    if (call.events != nullptr) call.events->connection_acquired(*connection);
    connection->begin(call.limits);
    call.processing = Processing::possible;
    Request outgoing = request;
    // A selector may have led to another proxy since, or to none.
    if (config.withhold != nullptr) outgoing = config.withhold(call, *connection, std::move(outgoing));
    Result<Response> response = Error();
    if (config.start_network_chain == nullptr) {
      exchange.proceeded = true;
      response = co_await call_server(call, exchange, std::move(outgoing)).outcome();
    } else {
      response = co_await config.start_network_chain(call, exchange, std::move(outgoing)).outcome();
    }
    if (response) {
      if (!exchange.proceeded)
        co_await fail(Errc::misuse, "a network interceptor must proceed exactly once");
      co_return *std::move(response);
    }

    failed.error = response.error().code();
    failed.processing = exchange.connection != nullptr ? processing_of(*connection, failed) : Processing::answered;
    call.processing = failed.processing;
    if (failed.processing == Processing::refused) failed.refusals = ++call.refusals;
    if (!failed.reused_connection && failed.processing != Processing::answered &&
        (failed.error == Errc::io || failed.error == Errc::unexpected_end))
      failed.other_routes = note_failed_route(call, *connection, ++failed_routes);
    const Recovery recovery = recovery_of(failed);
    if (recovery == Recovery::give_up || !config.retry_on_connection_failure || call.canceled())
      co_await fail(past.before(std::move(response).error()));
    call.wants_new_connection = recovery == Recovery::repeat_on_new_connection;
    if (call.events != nullptr) call.events->retry_decision(response.error(), true);
    past.remember(std::move(response).error());
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CONNECT_IPP
