// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_PROTOCOL_HPP
#define OKHTTP_MESSAGE_PROTOCOL_HPP

#include <okhttp/config.hpp>

#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// What is spoken on a connection.
enum class Protocol {
  /// HTTP/1.0 (RFC 1945). Never offered; an answer may carry it.
  http_1_0,
  /// HTTP/1.1 (RFC 9112).
  http_1_1,
  /// HTTP/2 (RFC 9113), negotiated through TLS (ALPN).
  h2,
  /// HTTP/2 without TLS and without asking first.
  h2_prior_knowledge,
};

/// The name as ALPN and logs spell it: "http/1.0", "http/1.1", "h2", "h2_prior_knowledge".
constexpr std::string_view to_string(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::http_1_0:
      return "http/1.0";
    case Protocol::http_1_1:
      return "http/1.1";
    case Protocol::h2:
      return "h2";
    case Protocol::h2_prior_knowledge:
      return "h2_prior_knowledge";
  }
  return "";
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_PROTOCOL_HPP
