// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_EVENT_LISTENER_HPP
#define OKHTTP_CALL_EVENT_LISTENER_HPP

#include <okhttp/call/call.hpp>
#include <okhttp/call/call_events.hpp>
#include <okhttp/dispatch/dispatcher.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// Hears what a call does, step by step: for logs, traces and measurements. Derive from it and override
/// what is of interest; `Builder::event_listener` and `Builder::event_listener_factory` install it.
///
/// The order of one call, [...] for what may be missing:
/// call_start, [dispatcher_queue_start, dispatcher_queue_end], then per request
/// [proxy_select_start, proxy_select_end, dns_start, dns_end, connect_start, [secure_connect_start,
/// secure_connect_end], connect_end], [connection_acquired], request_headers_start,
/// request_headers_end, [request_body_start, request_body_end], response_headers_start,
/// response_headers_end, response_body_start, response_body_end, follow_up_decision,
/// [connection_released], and at last call_end or call_failed. The last response's body comes after
/// its follow_up_decision unless it is empty, because its reader takes it then. What a pooled
/// connection spares is not told; several connects may overlap when addresses are raced.
///
/// call_end comes when the body of the response was read to its end, closed or dropped; call_failed
/// when the call failed, or reading the body did. One of the two ends every call that was started.
///
/// Thread safety: a call's events come one after the other, each on the thread that does the work (the
/// caller's, a pool's, the event loop's, the reader's of the body); `canceled` comes on the canceling
/// thread, at any time, also while another event is being told. A listener of several calls is called
/// by many threads at once.
/// Rules: be quick and do not block, the call waits meanwhile and an event loop does so altogether; do
/// not throw, an exception that leaves a listener ends the program (std::terminate); execute no call of
/// the same client. Calling `Call::cancel` is fine. References are good during the callback only.
/// Rule: OkHttp's EventListener.
class EventListener {
 public:
  EventListener() = default;
  EventListener(const EventListener&) = delete;
  EventListener& operator=(const EventListener&) = delete;
  virtual ~EventListener() = default;

  /// A listener that tells two others of everything, the first one first. Null stands for none.
  static std::shared_ptr<EventListener> plus(std::shared_ptr<EventListener> first,
                                             std::shared_ptr<EventListener> second);

  // ---- The call ----

  /// `execute`, `async_execute`, `enqueue` or `submit` begins. Once per call.
  virtual void call_start(const Call&) {}
  /// An enqueued call has to wait for its turn, because the dispatcher's limits are reached.
  virtual void dispatcher_queue_start(const Call&, const Dispatcher&) {}
  /// Its turn has come.
  virtual void dispatcher_queue_end(const Call&, const Dispatcher&) {}
  /// The call is over, its response body too.
  virtual void call_end(const Call&) {}
  /// The call has failed, or reading its response body has.
  virtual void call_failed(const Call&, const Error&) {}
  /// `Call::cancel` was called, for the first time; also before the call begins and after it ended.
  virtual void canceled(const Call&) {}

  // ---- Finding a connection ----

  /// Which proxies lead to this URL is about to be found out.
  virtual void proxy_select_start(const Call&, const HttpUrl&) {}
  /// These, in order; Proxy::none() is one that says to connect directly.
  virtual void proxy_select_end(const Call&, const HttpUrl&, std::span<const Proxy>) {}
  /// A host name is about to be looked up. A host that is an address is not.
  virtual void dns_start(const Call&, std::string_view /*host*/) {}
  /// Its addresses, in the resolver's order; at least one. After a failure this does not come.
  virtual void dns_end(const Call&, std::string_view /*host*/, std::span<const IpAddress>) {}
  /// A socket is about to be connected.
  virtual void connect_start(const Call&, const Route&) {}
  /// The TLS handshake is about to begin.
  virtual void secure_connect_start(const Call&) {}
  /// The TLS handshake is done; null if the transport does not tell what it agreed on.
  virtual void secure_connect_end(const Call&, const Handshake*) {}
  /// The connection is ready for requests.
  virtual void connect_end(const Call&, const Route&, std::optional<Protocol>) {}
  /// The attempt has failed, or another one was faster. Others may follow. The protocol if it was
  /// agreed on already.
  virtual void connect_failed(const Call&, const Route&, std::optional<Protocol>, const Error&) {}
  /// The call has a connection to itself, new or from the pool.
  virtual void connection_acquired(const Call&, const Connection&) {}
  /// The call lets go of it; it goes to the pool or is closed.
  virtual void connection_released(const Call&, const Connection&) {}

  // ---- One exchange ----

  /// The request's head is about to be sent.
  virtual void request_headers_start(const Call&) {}
  /// It was handed to the system; this is what was sent.
  virtual void request_headers_end(const Call&, const Request&) {}
  /// The request's body is about to be sent.
  virtual void request_body_start(const Call&) {}
  /// It was sent: its bytes, without chunk headers and the like.
  virtual void request_body_end(const Call&, std::uint64_t /*bytes*/) {}
  /// Sending the request has failed. The server's answer may come all the same.
  virtual void request_failed(const Call&, const Error&) {}
  /// The first response head is here: the final one, or an informational one (1xx).
  virtual void response_headers_start(const Call&) {}
  /// The final response head is here. The response has its body, which the listener must leave alone.
  virtual void response_headers_end(const Call&, const Response&) {}
  /// The first bytes of the response's body were read.
  virtual void response_body_start(const Call&) {}
  /// It was read to its end, or closed: the bytes that were read, as they were sent (compressed, if they
  /// were), without chunk headers and the like.
  virtual void response_body_end(const Call&, std::uint64_t /*bytes*/) {}
  /// No response came, or its body broke off.
  virtual void response_failed(const Call&, const Error&) {}

  // ---- The cache ----

  /// A request that says only-if-cached was answered with 504.
  virtual void satisfaction_failure(const Call&, const Response&) {}
  /// The response comes from the cache.
  virtual void cache_hit(const Call&, const Response&) {}
  /// The response comes from the network although there is a cache.
  virtual void cache_miss(const Call&) {}
  /// The cache has a response which the server is asked about.
  virtual void cache_conditional_hit(const Call&, const Response& /*cached*/) {}

  // ---- Decisions ----

  /// An attempt has failed; true when the request is sent again.
  virtual void retry_decision(const Call&, const Error&, bool /*retry*/) {}
  /// A response from the network is here; the request that it asks for, or null when it is the last.
  virtual void follow_up_decision(const Call&, const Response&, const Request* /*next*/) {}
};

#if OKHTTP_EVENTS
namespace detail {
/// Asks the client's factory for this call's listener.
void attach_listener(CallState& call);
}  // namespace detail
#endif

OKHTTP_NAMESPACE_END

#include <okhttp/call/event_listener.ipp>

#endif  // OKHTTP_CALL_EVENT_LISTENER_HPP
