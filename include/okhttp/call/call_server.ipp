// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_SERVER_IPP
#define OKHTTP_CALL_CALL_SERVER_IPP

#include <okhttp/call/call_server.hpp>
#include <okhttp/call/open_connection.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Gives a connection back after its exchange, or closes it. A listener's call may go on with it.
OKHTTP_DECL void finish_exchange(CallState* call, ConnectionPool& pool, TimePoint now,
                                 std::unique_ptr<Connection> connection) {
  if (call != nullptr && call->events != nullptr)
    return call->events->connection_done(std::move(connection), call->own_pool);
  if (connection->end()) pool.release(std::move(connection), now);
}

/// A response body that is still on its connection. Keeps the call, and so pool and runtime, alive.
class ConnectionBodySource final : public BodySource {
 public:
  ConnectionBodySource(CallHandle call, std::unique_ptr<Connection> connection)
      : call_(std::move(call)), connection_(std::move(connection)) {
    connection_->body_open.store(true, std::memory_order_relaxed);
  }
  ~ConnectionBodySource() override {
    if (connection_ == nullptr) return;
    ClientCore& core = *call_->core;
    ConnectionPool& pool = call_->pool();
    const bool wanted = !call_->canceled();
    connection_->forget_call();
    if (core.runtime().blocks() || Runtime::current() == &core.runtime()) {
      if (wanted || call_->events != nullptr) give_up(call_.get(), core, pool, std::move(connection_));
      return;
    }
    if (call_->events != nullptr) call_->events->connection_released(*connection_);
    // The loop's connections are touched on its thread only. Whoever drives it next does this; the
    // core owns the loop, so the function must not own the core. A pool goes on that thread, too, and then does not
    // own the connection any more.
    core.runtime().post(
        [&core, &pool, wanted, connection = std::move(connection_)]() mutable {
          if (wanted && connection->owner != nullptr) give_up(nullptr, core, pool, std::move(connection));
          connection.reset();
        });
  }

  Task<std::size_t> read(std::span<std::byte> into) override {
    if (connection_ == nullptr) {
      if (error_.code() != Errc{}) co_await fail(error_);
      co_return 0;
    }
    Result<std::size_t> count = co_await connection_->read_body(call_->limits, into).outcome();
    if (!count) {
      error_ = std::move(count).error();
      if (call_->events != nullptr) call_->events->connection_done(std::move(connection_), call_->own_pool);
      connection_.reset();
      co_await fail(error_);
    }
    if (connection_->body_done()) finish();
    co_return *count;
  }

  Task<void> close() override {
    if (connection_ == nullptr) co_return;
    if (connection_->may_be_reused() && !connection_->discard_body(discard_at_most)) {
      // A little time may save a handshake.
      CallLimits limits = call_->limits;
      limits.call_deadline = earlier(
          limits.call_deadline, Deadline::after(limits.runtime->now(), std::chrono::milliseconds(100)));
      const auto dropped = std::make_unique<std::array<std::byte, 16 * 1024>>();
      std::size_t budget = 16 * discard_at_most;
      while (!connection_->body_done() && budget > 0) {
        Result<std::size_t> count = co_await connection_->read_body(limits, *dropped).outcome();
        if (!count) break;
        budget -= std::min(budget, *count);
      }
    }
    finish();
  }

  TaskRunner* runner() const noexcept override { return &call_->core->runtime(); }
  Headers trailers() const override { return connection_ != nullptr ? connection_->trailers() : trailers_; }

 private:
  /// What a dropped body may still have to read, without waiting, to save its connection.
  static constexpr std::size_t discard_at_most = 64 * 1024;

  void finish() {
    if (connection_->body_done() && !connection_->trailers().empty()) trailers_ = connection_->trailers();
    finish_exchange(call_.get(), call_->pool(), call_->core->runtime().now(), std::move(connection_));
  }
  static void give_up(CallState* call, ClientCore& core, ConnectionPool& pool,
                      std::unique_ptr<Connection> connection) {
    (void)connection->discard_body(discard_at_most);
    finish_exchange(call, pool, core.runtime().now(), std::move(connection));
  }

  const CallHandle call_;
  std::unique_ptr<Connection> connection_;
  Headers trailers_;
  Error error_;
};

OKHTTP_DECL Task<Response> call_server(CallState& call, Exchange& exchange, Request request) {
  Connection& connection = *exchange.connection;
  const TimePoint begun = exchange.begun != TimePoint() ? exchange.begun : call.limits.runtime->now();
  std::string_view target = request.url().request_target();
  const Headers* headers = &request.headers();
  std::unique_ptr<const ProxiedRequest> proxied;
  if (const Proxy& proxy = connection.route().proxy(); proxy.is_http() && !connection.route().requires_tunnel()) {
    proxied = call.config->proxied_request(proxy, request);
    target = proxied->target;
    headers = &proxied->headers;
  }
  Task<void> sent = connection.exchange(call.limits, begun, request.method(), target, *headers, request.body());
  if (call.events != nullptr) sent = call.events->watch_exchange(std::move(sent), request);
  co_await std::move(sent);
  const TimePoint now = call.limits.runtime->now();
  const Response::Clock::time_point received_at = Response::Clock::now();
  const Response::Clock::time_point sent_at =
      received_at - std::chrono::duration_cast<Response::Clock::duration>(now - begun);

  http1::ResponseHead head = connection.take_head();
  if (call.config->note_route != nullptr && (head.code == 401 || head.code == 407)) call.config->note_route(call, connection);
  std::string type(head.headers.get("Content-Type").value_or(""));
  std::shared_ptr<const Handshake> handshake = connection.shared_handshake();
  ResponseBody body;
  std::optional<std::string> small;
  if (call.events == nullptr) small = connection.take_buffered_body();  // a listener hears when it is read
  if (small || connection.body_done()) {
    // All of it came with the head: the connection is free at once.
    finish_exchange(&call, call.pool(), now, std::move(exchange.connection));
    body = ResponseBody::of(small ? *std::move(small) : std::string(), std::move(type));
  } else {
    const std::int64_t length = connection.body_length();
    std::unique_ptr<BodySource> source =
        std::make_unique<ConnectionBodySource>(call.handle(), std::move(exchange.connection));
    if (call.events != nullptr) source = call.events->watch_body(std::move(source), length);
    body = ResponseBody(std::move(source), std::move(type), length);
  }
  Response response = Response::received(std::move(request), head.protocol, head.code, std::move(head.reason),
                                         std::move(head.headers), std::move(body), sent_at, received_at,
                                         std::move(handshake));
  if (call.events != nullptr) call.events->response_headers_end(response);
  co_return response;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CALL_SERVER_IPP
