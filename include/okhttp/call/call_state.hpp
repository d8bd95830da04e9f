// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_STATE_HPP
#define OKHTTP_CALL_CALL_STATE_HPP

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

/// One call: what its handles, its tasks and its response body share.
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
  }

  void cancel_dispatched() override { cancel(); }
  std::shared_ptr<DispatchedCall> hold_dispatched() override { return handle(); }
  std::string_view dispatch_host() const noexcept override { return request.url().host(); }

  std::shared_ptr<CallState> handle() {
    return std::static_pointer_cast<CallState>(shared_from_this());
  }

  const std::shared_ptr<const ClientConfig> config;
  const std::shared_ptr<ClientCore> core;
  const Request request;
  CallLimits limits;
  std::atomic<bool> executed{false};
  /// Null without an event listener. Set before anybody else knows the call.
  std::unique_ptr<CallEvents> events;

  // What the stages tell each other about the last trip to the network.

  /// How that challenge came here, for an authenticator.
  std::shared_ptr<const Route> route;
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
};

using CallHandle = std::shared_ptr<CallState>;

/// A call that nobody has executed yet, with its listener if its client has listeners.
inline CallHandle make_call(const std::shared_ptr<const ClientConfig>& config, const std::shared_ptr<ClientCore>& core,
                            Request request) {
  CallHandle call = make_recycled<CallState>(config, core, std::move(request));
  if (config->attach_listener != nullptr) config->attach_listener(*call);
  return call;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_CALL_STATE_HPP
