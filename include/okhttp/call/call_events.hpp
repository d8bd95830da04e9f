// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_EVENTS_HPP
#define OKHTTP_CALL_CALL_EVENTS_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/connection/address.hpp>
#include <okhttp/connection/connection.hpp>
#include <okhttp/connection/exchange_observer.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/connection/route.hpp>
#include <okhttp/message/body_source.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/ip_address.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

class ConnectionPool;

namespace detail {

/// What the stages of a call tell its EventListener. Only a call with a listener has one, so each
/// place that tells something begins with a look at a null pointer; and all are virtual, so that a
/// program without listeners contains none of them.
///
/// It knows what was told before, so that the listener hears of things in OkHttp's order: a connection
/// is held back after its exchange until it is known whether the call goes on with it, and the call's
/// end waits for the end of its response's body.
///
/// Nothing throws: an exception of the listener's ends the program.
class CallEvents : public ExchangeObserver {
 public:
  CallEvents() = default;
  CallEvents(const CallEvents&) = delete;
  CallEvents& operator=(const CallEvents&) = delete;
  virtual ~CallEvents() = default;

  // ---- The call ----

  virtual void call_start() noexcept = 0;
  /// The dispatcher lets the call wait. Any thread, also after queue_end; then nothing is told.
  virtual void queue_start() noexcept = 0;
  virtual void queue_end() noexcept = 0;
  /// Any thread.
  virtual void canceled() noexcept = 0;
  /// No further exchange will come, with null for a response: the end of the call, unless a body is
  /// still open. The first time counts.
  virtual void stages_end(const Error* error) noexcept = 0;
  /// The same for a call whose task was dropped, unless it had come to its end.
  virtual void stages_dropped() noexcept = 0;

  // ---- Finding a connection ----

  virtual void proxy_select_start(const HttpUrl& url) noexcept = 0;
  virtual void proxy_select_end(const HttpUrl& url, std::span<const Proxy> proxies) noexcept = 0;
  virtual void dns_start(std::string_view host) noexcept = 0;
  virtual void dns_end(std::string_view host, std::span<const IpAddress> addresses) noexcept = 0;
  virtual void connect_start(const Route& route) noexcept = 0;
  virtual void secure_connect_start() noexcept = 0;
  virtual void secure_connect_end(const Handshake* handshake) noexcept = 0;
  virtual void connect_end(const Route& route, std::optional<Protocol> protocol) noexcept = 0;
  virtual void connect_failed(const Route& route, std::optional<Protocol> protocol, const Error& error) noexcept = 0;
  /// The connection of the call's previous exchange, if it may carry one to this address (null: it may
  /// not); otherwise the call lets go of it. Before any other connection is looked for. `own_pool` is where the
  /// next one comes from, as CallState has it.
  virtual std::unique_ptr<Connection> take_connection(const Address* address,
                                                      const ConnectionPool* own_pool) noexcept = 0;
  /// Told unless it is the one that take_connection gave.
  virtual void connection_acquired(const Connection& connection) noexcept = 0;
  /// An exchange is over, well or not. On the thread of the connection, which goes back to that pool (null: the
  /// client's own).
  virtual void connection_done(std::unique_ptr<Connection> connection,
                               std::shared_ptr<ConnectionPool> own_pool) noexcept = 0;
  /// The connection is on its way to its own thread, which will end it.
  virtual void connection_released(const Connection& connection) noexcept = 0;

  // ---- One exchange ----

  /// An exchange on the wire with its begin, and its end if that is a failure.
  virtual Task<void> watch_exchange(Task<void> exchange, const Request& request) = 0;
  /// The body of the response that comes next, if it is not here already.
  virtual std::unique_ptr<BodySource> watch_body(std::unique_ptr<BodySource> body, std::int64_t length) = 0;
  virtual void response_headers_end(const Response& response) noexcept = 0;

  // ---- Decisions ----

  /// An attempt to get a response; tells that there will be no other if it fails.
  virtual Task<Response> watch_attempt(Task<Response> attempt) = 0;
  virtual void retry_decision(const Error& error, bool retry) noexcept = 0;
  virtual void follow_up_decision(const Response& response, const Request* next) noexcept = 0;

  // ---- The cache ----

  virtual void satisfaction_failure(const Response& response) noexcept = 0;
  virtual void cache_hit(const Response& response) noexcept = 0;
  virtual void cache_miss() noexcept = 0;
  virtual void cache_conditional_hit(const Response& cached) noexcept = 0;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_CALL_EVENTS_HPP
