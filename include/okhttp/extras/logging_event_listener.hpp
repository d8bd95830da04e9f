// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_HPP
#define OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_HPP

#include <okhttp/call/event_listener.hpp>
#include <okhttp/extras/log_output.hpp>
#include <okhttp/runtime/deadline.hpp>

#include <memory>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

struct LoggingEventOptions {
  /// Where the lines go; none: to stderr.
  LogFunction log = nullptr;
  LogRedaction redaction = {};
};

/// Writes a line per event, `[12 ms] dns_start: example.com`: the time since the call began, the
/// event's name as EventListener has it, and what it says. One object per call:
/// `builder.event_listener_factory(okhttp::LoggingEventListener::Factory())`.
///
/// Rule: OkHttp's LoggingEventListener, but for the names' spelling and the redaction.
class LoggingEventListener final : public EventListener {
 public:
  /// Makes a listener for each call. Copies share the options.
  class Factory {
   public:
    explicit Factory(LoggingEventOptions options = {});
    std::shared_ptr<EventListener> operator()(const Call&) const;

   private:
    struct Shared;
    friend class LoggingEventListener;
    std::shared_ptr<const Shared> shared_;
  };

  explicit LoggingEventListener(const Factory& factory) : shared_(factory.shared_) {}

  // All of them inline where the bodies are: the first virtual function that is not decides which program has the
  // virtual table, and with it the whole class, used or not.
  OKHTTP_DECL void call_start(const Call& call) override;
  OKHTTP_DECL void dispatcher_queue_start(const Call& call, const Dispatcher& dispatcher) override;
  OKHTTP_DECL void dispatcher_queue_end(const Call& call, const Dispatcher& dispatcher) override;
  OKHTTP_DECL void call_end(const Call& call) override;
  OKHTTP_DECL void call_failed(const Call& call, const Error& error) override;
  OKHTTP_DECL void canceled(const Call& call) override;
  OKHTTP_DECL void proxy_select_start(const Call& call, const HttpUrl& url) override;
  OKHTTP_DECL void proxy_select_end(const Call& call, const HttpUrl& url, std::span<const Proxy> proxies) override;
  OKHTTP_DECL void dns_start(const Call& call, std::string_view host) override;
  OKHTTP_DECL void dns_end(const Call& call, std::string_view host, std::span<const IpAddress> addresses) override;
  OKHTTP_DECL void connect_start(const Call& call, const Route& route) override;
  OKHTTP_DECL void secure_connect_start(const Call& call) override;
  OKHTTP_DECL void secure_connect_end(const Call& call, const Handshake* handshake) override;
  OKHTTP_DECL void connect_end(const Call& call, const Route& route, std::optional<Protocol> protocol) override;
  OKHTTP_DECL void connect_failed(const Call& call, const Route& route, std::optional<Protocol> protocol,
                                  const Error& error) override;
  OKHTTP_DECL void connection_acquired(const Call& call, const Connection& connection) override;
  OKHTTP_DECL void connection_released(const Call& call, const Connection& connection) override;
  OKHTTP_DECL void request_headers_start(const Call& call) override;
  OKHTTP_DECL void request_headers_end(const Call& call, const Request& request) override;
  OKHTTP_DECL void request_body_start(const Call& call) override;
  OKHTTP_DECL void request_body_end(const Call& call, std::uint64_t bytes) override;
  OKHTTP_DECL void request_failed(const Call& call, const Error& error) override;
  OKHTTP_DECL void response_headers_start(const Call& call) override;
  OKHTTP_DECL void response_headers_end(const Call& call, const Response& response) override;
  OKHTTP_DECL void response_body_start(const Call& call) override;
  OKHTTP_DECL void response_body_end(const Call& call, std::uint64_t bytes) override;
  OKHTTP_DECL void response_failed(const Call& call, const Error& error) override;
  OKHTTP_DECL void satisfaction_failure(const Call& call, const Response& response) override;
  OKHTTP_DECL void cache_hit(const Call& call, const Response& response) override;
  OKHTTP_DECL void cache_miss(const Call& call) override;
  OKHTTP_DECL void cache_conditional_hit(const Call& call, const Response& cached) override;
  OKHTTP_DECL void retry_decision(const Call& call, const Error& error, bool retry) override;
  OKHTTP_DECL void follow_up_decision(const Call& call, const Response& response, const Request* next) override;

 private:
  void write(std::string_view event, std::string_view text = {}) const;
  std::string text_of(const Request& request) const;
  std::string text_of(const Response& response) const;

  const std::shared_ptr<const Factory::Shared> shared_;
  const TimePoint begun_ = Clock::now();
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/logging_event_listener.ipp>

#endif  // OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_HPP
