// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_IPP
#define OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_IPP

#include <okhttp/extras/logging_event_listener.hpp>

#if OKHTTP_BODIES

#include <chrono>
#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

struct LoggingEventListener::Factory::Shared {
  std::shared_ptr<const LogFunction> log;
  LogRedaction redaction;
};

OKHTTP_DECL LoggingEventListener::Factory::Factory(LoggingEventOptions options)
    : shared_(std::make_shared<const Shared>(
          Shared{detail::log_output(std::move(options.log)), std::move(options.redaction)})) {}

OKHTTP_DECL std::shared_ptr<EventListener> LoggingEventListener::Factory::operator()(const Call&) const {
  return std::make_shared<LoggingEventListener>(*this);
}

OKHTTP_DECL void LoggingEventListener::write(std::string_view event, std::string_view text) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_).count();
  std::string line = "[" + std::to_string(ms) + " ms] " + std::string(event);
  if (!text.empty()) line += ": " + detail::printable(text);
  (*shared_->log)(line);
}
OKHTTP_DECL std::string LoggingEventListener::text_of(const Request& request) const {
  return std::string(request.method()) + " " + detail::redacted_url(request.url(), shared_->redaction);
}
OKHTTP_DECL std::string LoggingEventListener::text_of(const Response& response) const {
  std::string text = std::string(to_string(response.protocol())) + " " + std::to_string(response.code());
  if (!response.message().empty()) text += " " + std::string(response.message());
  return text + " " + detail::redacted_url(response.request().url(), shared_->redaction);
}

namespace detail {
OKHTTP_DECL std::string queue_text(const Dispatcher& dispatcher) {
  return "queued_calls_count=" + std::to_string(dispatcher.queued_calls_count());
}
/// "example.com:443 192.0.2.1:443", and the proxy if there is one.
OKHTTP_DECL std::string route_text(const Route& route) {
  std::string text = route.address().host() + ":" + std::to_string(route.address().port());
  if (const std::optional<IpAddress>& ip = route.ip_address()) {
    const bool v6 = ip->is_v6();
    text += std::string(v6 ? " [" : " ") + ip->to_string() + (v6 ? "]:" : ":") + std::to_string(route.port());
  }
  return route.proxy().is_none() ? text : text + " " + route.proxy().to_string();
}
OKHTTP_DECL std::string protocol_text(std::optional<Protocol> protocol) {
  return protocol ? std::string(to_string(*protocol)) : "none";
}
}  // namespace detail

OKHTTP_DECL void LoggingEventListener::call_start(const Call& call) { write("call_start", text_of(call.request())); }
OKHTTP_DECL void LoggingEventListener::dispatcher_queue_start(const Call&, const Dispatcher& dispatcher) {
  write("dispatcher_queue_start", detail::queue_text(dispatcher));
}
OKHTTP_DECL void LoggingEventListener::dispatcher_queue_end(const Call&, const Dispatcher& dispatcher) {
  write("dispatcher_queue_end", detail::queue_text(dispatcher));
}
OKHTTP_DECL void LoggingEventListener::call_end(const Call&) { write("call_end"); }
OKHTTP_DECL void LoggingEventListener::call_failed(const Call&, const Error& error) {
  write("call_failed", error.message());
}
OKHTTP_DECL void LoggingEventListener::canceled(const Call&) { write("canceled"); }
OKHTTP_DECL void LoggingEventListener::proxy_select_start(const Call&, const HttpUrl& url) {
  write("proxy_select_start", detail::redacted_url(url, shared_->redaction));
}
OKHTTP_DECL void LoggingEventListener::proxy_select_end(const Call&, const HttpUrl&, std::span<const Proxy> proxies) {
  std::string text;
  for (const Proxy& proxy : proxies) text += (text.empty() ? "" : ", ") + proxy.to_string();
  write("proxy_select_end", text);
}
OKHTTP_DECL void LoggingEventListener::dns_start(const Call&, std::string_view host) { write("dns_start", host); }
OKHTTP_DECL void LoggingEventListener::dns_end(const Call&, std::string_view, std::span<const IpAddress> addresses) {
  std::string text;
  for (const IpAddress& address : addresses) text += (text.empty() ? "" : ", ") + address.to_string();
  write("dns_end", text);
}
OKHTTP_DECL void LoggingEventListener::connect_start(const Call&, const Route& route) {
  write("connect_start", detail::route_text(route));
}
OKHTTP_DECL void LoggingEventListener::secure_connect_start(const Call&) { write("secure_connect_start"); }
OKHTTP_DECL void LoggingEventListener::secure_connect_end(const Call&, const Handshake* handshake) {
  std::string text;
  if (handshake != nullptr)
    text = handshake->tls_version + " " + handshake->cipher_suite + (handshake->resumed ? " resumed" : "");
  write("secure_connect_end", text);
}
OKHTTP_DECL void LoggingEventListener::connect_end(const Call&, const Route&, std::optional<Protocol> protocol) {
  write("connect_end", detail::protocol_text(protocol));
}
OKHTTP_DECL void LoggingEventListener::connect_failed(const Call&, const Route& route, std::optional<Protocol> protocol,
                                                      const Error& error) {
  write("connect_failed", detail::route_text(route) + " " + detail::protocol_text(protocol) + " " + error.message());
}
OKHTTP_DECL void LoggingEventListener::connection_acquired(const Call&, const Connection& connection) {
  write("connection_acquired", connection.peer() + " " + std::string(to_string(connection.protocol())));
}
OKHTTP_DECL void LoggingEventListener::connection_released(const Call&, const Connection&) {
  write("connection_released");
}
OKHTTP_DECL void LoggingEventListener::request_headers_start(const Call&) { write("request_headers_start"); }
OKHTTP_DECL void LoggingEventListener::request_headers_end(const Call&, const Request&) {
  write("request_headers_end");
}
OKHTTP_DECL void LoggingEventListener::request_body_start(const Call&) { write("request_body_start"); }
OKHTTP_DECL void LoggingEventListener::request_body_end(const Call&, std::uint64_t bytes) {
  write("request_body_end", "byte_count=" + std::to_string(bytes));
}
OKHTTP_DECL void LoggingEventListener::request_failed(const Call&, const Error& error) {
  write("request_failed", error.message());
}
OKHTTP_DECL void LoggingEventListener::response_headers_start(const Call&) { write("response_headers_start"); }
OKHTTP_DECL void LoggingEventListener::response_headers_end(const Call&, const Response& response) {
  write("response_headers_end", text_of(response));
}
OKHTTP_DECL void LoggingEventListener::response_body_start(const Call&) { write("response_body_start"); }
OKHTTP_DECL void LoggingEventListener::response_body_end(const Call&, std::uint64_t bytes) {
  write("response_body_end", "byte_count=" + std::to_string(bytes));
}
OKHTTP_DECL void LoggingEventListener::response_failed(const Call&, const Error& error) {
  write("response_failed", error.message());
}
OKHTTP_DECL void LoggingEventListener::satisfaction_failure(const Call&, const Response& response) {
  write("satisfaction_failure", text_of(response));
}
OKHTTP_DECL void LoggingEventListener::cache_hit(const Call&, const Response& response) {
  write("cache_hit", text_of(response));
}
OKHTTP_DECL void LoggingEventListener::cache_miss(const Call&) { write("cache_miss"); }
OKHTTP_DECL void LoggingEventListener::cache_conditional_hit(const Call&, const Response& cached) {
  write("cache_conditional_hit", text_of(cached));
}
OKHTTP_DECL void LoggingEventListener::retry_decision(const Call&, const Error& error, bool retry) {
  write("retry_decision", (retry ? "again: " : "no: ") + error.message());
}
OKHTTP_DECL void LoggingEventListener::follow_up_decision(const Call&, const Response& response, const Request* next) {
  write("follow_up_decision", std::to_string(response.code()) + ", " + (next != nullptr ? text_of(*next) : "none"));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_LOGGING_EVENT_LISTENER_IPP
