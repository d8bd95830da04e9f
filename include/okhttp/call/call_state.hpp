// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_STATE_HPP
#define OKHTTP_CALL_CALL_STATE_HPP

#include <okhttp/base/always_null.hpp>
#include <okhttp/call/call_events.hpp>
#include <okhttp/call/client_config.hpp>
#include <okhttp/call/recovery.hpp>
#include <okhttp/connection/route.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>

#include <atomic>
#include <memory>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A value that belongs to a call, under the address that stands for its type. They form a list that only
/// grows, at its head. Virtual, so that a program without call tags does not contain their end.
struct CallTag {
  CallTag(const void* type, std::shared_ptr<const void> tagged) : key(type), value(std::move(tagged)) {}
  CallTag(const CallTag&) = delete;
  CallTag& operator=(const CallTag&) = delete;
  virtual ~CallTag() { delete next; }

  const void* const key;
  const std::shared_ptr<const void> value;
  const CallTag* next = nullptr;
};

/// One call: what its handles, its tasks and its response body share. Or a part of it that runs under other
/// settings: the stages further in than an interceptor that has overridden some.
class CallState final : public Cancellation, public DispatchedCall {
 public:
  CallState(std::shared_ptr<const ClientConfig> client_config, std::shared_ptr<ClientCore> client_core,
            Request original)
      : Cancellation(client_core->runtime()),
        config(std::move(client_config)),
        core(std::move(client_core)),
        request(std::move(original)) {
    limits.runtime = &core->runtime();
    limits.cancellation = this;
    limits.timeouts = config->timeouts;
    limits.http1 = config->http1;
    if (config->lock_pool != nullptr) own_pool = config->lock_pool(config->pool);
  }
  /// A part of `outer`, which it keeps alive and is canceled with. Settings and limits are its own, and last
  /// until the response body is closed.
  CallState(std::shared_ptr<CallState> outer, std::shared_ptr<const ClientConfig> settings)
      : Cancellation(outer.get()),
        config(std::move(settings)),
        core(outer->core),
        request(outer->request),
        own_pool(outer->own_pool),
        limits(outer->limits),
#if OKHTTP_EVENTS
        events(outer->events),
#endif
        whole_(outer->whole_ != nullptr ? outer->whole_ : outer) {
    limits.just_begun = TimePoint();
  }
  ~CallState() {
    if (const CallTag* const first = tags.load(std::memory_order_acquire)) delete first;
  }

  void cancel() {
    if (!raise()) return;
    if (events != nullptr) events->canceled();
    wake();
  }
  void cancel_dispatched() override { cancel(); }
#if OKHTTP_EVENTS
  void dispatch_delayed() noexcept override {
    if (events != nullptr) events->queue_start();
  }
#endif
  std::shared_ptr<DispatchedCall> hold_dispatched() override { return handle(); }
  std::string_view dispatch_host() const noexcept override { return request.url().host(); }

  std::shared_ptr<CallState> handle() {
    return std::static_pointer_cast<CallState>(shared_from_this());
  }
  /// Where its connections come from.
  ConnectionPool& pool() const noexcept { return own_pool != nullptr ? *own_pool : core->pool; }
  /// Whether this is a part of a call.
  bool is_part() const noexcept { return whole_ != nullptr; }
  /// The call that users know.
  std::shared_ptr<CallState> whole() { return is_part() ? whole_ : handle(); }

  const std::shared_ptr<const ClientConfig> config;
  const std::shared_ptr<ClientCore> core;
  const Request request;
  /// Null: the client's own. Set before anybody else knows the call.
  std::shared_ptr<ConnectionPool> own_pool;
  CallLimits limits;
  std::atomic<bool> executed{false};
#if OKHTTP_EVENTS
  /// Null without an event listener. Set before anybody else knows the call; its parts share it.
  std::shared_ptr<CallEvents> events;
#else
  static constexpr AlwaysNull<CallEvents> events{};
#endif

  // What the stages tell each other about the last trip to the network.

  /// How that challenge came here, for an authenticator.
  std::shared_ptr<const Route> route;
  /// The way to the proxy that the request's Proxy-Authorization was made for, by an authenticator.
  std::shared_ptr<const Route> answered_proxy;
  /// The addresses that a new connection may lead to.
  std::size_t route_count = 1;
  /// How often a retry policy was asked.
  std::size_t attempts = 0;
  unsigned refusals = 0;
  Processing processing = Processing::not_sent;
  /// The connection had carried an earlier request.
  bool reused_connection = false;
  bool has_http_proxy = false;
  /// The next trip takes no connection of the pool.
  bool wants_new_connection = false;
#if OKHTTP_TLS
  /// What a new connection to the server is to take along in its handshake; null: nothing.
  EarlyData* early = nullptr;
  /// A request of this call has been sent that way; no other one is.
  bool early_data_sent = false;
  /// And the last one was accepted.
  bool went_early = false;
#endif

  // What users add to the whole call.

  /// What a setter of the call was given wrong, if anything.
  std::unique_ptr<const Error> fault;
  std::atomic<const CallTag*> tags{nullptr};  // of a whole call

 private:
  const std::shared_ptr<CallState> whole_;  // null unless this is a part
};

using CallHandle = std::shared_ptr<CallState>;

/// A call that nobody has executed yet, with its listener if its client has listeners.
inline CallHandle make_call(const std::shared_ptr<const ClientConfig>& config, const std::shared_ptr<ClientCore>& core,
                            Request request) {
  CallHandle made = make_recycled<CallState>(config, core, std::move(request));
#if OKHTTP_EVENTS
  if (config->attach_listener != nullptr) config->attach_listener(*made);
#endif
  return made;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_CALL_STATE_HPP
