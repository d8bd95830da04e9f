// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_EVENTS_HPP
#define OKHTTP_CALL_CALL_EVENTS_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/connection/address.hpp>
#include <okhttp/connection/connection.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/connection/route.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/ip_address.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What the stages of a call tell its EventListener. Only a call with a listener has one, so each
/// place that tells something begins with a look at a null pointer; and all are virtual, so that a
/// program without listeners contains none of them.
///
/// Nothing throws: an exception of the listener's ends the program.
class CallEvents {
 public:
  CallEvents() = default;
  CallEvents(const CallEvents&) = delete;
  CallEvents& operator=(const CallEvents&) = delete;
  virtual ~CallEvents() = default;

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
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_CALL_EVENTS_HPP
