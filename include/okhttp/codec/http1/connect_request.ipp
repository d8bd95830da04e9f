// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_IPP
#define OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_IPP

#include <okhttp/codec/http1/connect_request.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/char_class.hpp>
#include <okhttp/codec/http1/head_writer.hpp>
#include <okhttp/url/host.hpp>

#if OKHTTP_BODIES

#  include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

OKHTTP_DECL std::string connect_target(std::string_view host, std::uint16_t port) {
  std::string target;
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  if (is_ipv6) target += '[';
  target += host;
  target.append(is_ipv6 ? "]:" : ":").append(std::to_string(port));
  return target;
}

OKHTTP_DECL Result<std::string> checked_target(std::string_view host, std::uint16_t port) {
  Result<std::string> target = url::parse_host(host);
  if (target) target->append(1, ':').append(std::to_string(port));
  return target;
}

OKHTTP_DECL Result<Headers> connect_headers(std::string_view host,
                                            std::uint16_t port,
                                            std::string_view user_agent,
                                            std::string_view proxy_authorization) {
  const Result<std::string> target = checked_target(host, port);
  if (!target) return target.error();
  Headers::Builder headers;
  headers.add("Host", *target).add("Proxy-Connection", "Keep-Alive");
  if (!user_agent.empty()) headers.add("User-Agent", user_agent);
  if (!proxy_authorization.empty()) headers.add("Proxy-Authorization", proxy_authorization);
  return std::move(headers).try_build();
}

OKHTTP_DECL Result<std::string> connect_request(std::string_view host,
                                                std::uint16_t port,
                                                const Headers& headers) {
  const Result<std::string> target = checked_target(host, port);
  if (!target) return target.error();
  std::string out;
  write_request_head(out, "CONNECT", *target, headers);
  return out;
}

OKHTTP_DECL Result<std::string> connect_request(std::string_view host,
                                                std::uint16_t port,
                                                std::string_view user_agent,
                                                std::string_view proxy_authorization) {
  const Result<Headers> headers = connect_headers(host, port, user_agent, proxy_authorization);
  if (!headers) return headers.error();
  return connect_request(host, port, *headers);
}

OKHTTP_DECL Error connect_refused(const ResponseHead& head,
                                  std::string_view proxy,
                                  std::string_view target) {
  std::string message = head.code == 407 ? "failed to authenticate with the proxy " : "the proxy ";
  message.append(proxy).append(head.code == 407 ? ": it" : "");
  message.append(" answered CONNECT ").append(target).append(" with ");
  message += std::to_string(head.code);
  if (!head.reason.empty()) message.append(" ").append(http1::quoted(head.reason));
  return Error(head.code == 407 ? Errc::proxy_authentication : Errc::connect_failed, std::move(message));
}

OKHTTP_DECL Result<ConnectAnswer> connect_answer(const ResponseHead& head,
                                                 std::string_view proxy,
                                                 std::string_view target) {
  if (head.code == 101)
    return Error(Errc::protocol_error, connect_refused(head, proxy, target).message());
  if (head.code < 200) return ConnectAnswer::interim;
  if (head.code < 300) return ConnectAnswer::tunnel;
  if (head.code != 407) return connect_refused(head, proxy, target);
  const Result<BodyFraming> framing = response_framing("CONNECT", head);
  if (!framing) return framing.error();
  bool closes = framing->close_after || !keep_alive(head.protocol, head.headers);
  // What old proxies write instead; RFC 9110 knows Connection alone.
  for (const std::string_view value : head.headers.values("Proxy-Connection"))
    closes = closes || ascii::list_contains(value, "close");
  return closes ? ConnectAnswer::reconnect : ConnectAnswer::authenticate;
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_CONNECT_REQUEST_IPP
