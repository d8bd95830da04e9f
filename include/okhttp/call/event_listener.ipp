// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_EVENT_LISTENER_IPP
#define OKHTTP_CALL_EVENT_LISTENER_IPP

#include <okhttp/call/event_listener.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Passes what the stages of one call tell on to its listener.
class ListenedCall final : public CallEvents {
 public:
  ListenedCall(CallState& call, std::shared_ptr<EventListener> listener)
      : call_(call), listener_(std::move(listener)) {}

  void proxy_select_start(const HttpUrl& url) noexcept override { listener_->proxy_select_start(handle(), url); }
  void proxy_select_end(const HttpUrl& url, std::span<const Proxy> proxies) noexcept override {
    listener_->proxy_select_end(handle(), url, proxies);
  }
  void dns_start(std::string_view host) noexcept override { listener_->dns_start(handle(), host); }
  void dns_end(std::string_view host, std::span<const IpAddress> addresses) noexcept override {
    listener_->dns_end(handle(), host, addresses);
  }
  void connect_start(const Route& route) noexcept override { listener_->connect_start(handle(), route); }
  void secure_connect_start() noexcept override { listener_->secure_connect_start(handle()); }
  void secure_connect_end(const Handshake* handshake) noexcept override {
    listener_->secure_connect_end(handle(), handshake);
  }
  void connect_end(const Route& route, std::optional<Protocol> protocol) noexcept override {
    listener_->connect_end(handle(), route, protocol);
  }
  void connect_failed(const Route& route, std::optional<Protocol> protocol, const Error& error) noexcept override {
    listener_->connect_failed(handle(), route, protocol, error);
  }

 private:
  Call handle() const { return Call(call_.handle()); }

  CallState& call_;
  const std::shared_ptr<EventListener> listener_;
};

OKHTTP_DECL void attach_listener(CallState& call) {
  std::shared_ptr<EventListener> listener = (*call.config->event_listener_factory)(Call(call.handle()));
  if (listener != nullptr) call.events = std::make_unique<ListenedCall>(call, std::move(listener));
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_EVENT_LISTENER_IPP
