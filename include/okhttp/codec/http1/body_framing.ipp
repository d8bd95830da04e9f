// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_BODY_FRAMING_IPP
#define OKHTTP_CODEC_HTTP1_BODY_FRAMING_IPP

#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/char_class.hpp>

#if OKHTTP_BODIES

#  include <string>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

namespace framing_detail {

/// What the two framing headers of a message say together.
struct Declared {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

OKHTTP_DECL Result<void> read_content_length(std::string_view value,
                                             std::optional<std::uint64_t>& length) {
  // Empty list members are refused here, against RFC 9110, 5.6.1: nobody honest sends them.
  for (;;) {
    const std::size_t comma = value.find(',');
    const std::string_view member = ascii::trim(value.substr(0, comma));
    std::uint64_t number = 0;
    if (!ascii::parse_decimal(member, number) || number > INT64_MAX)
      return {Errc::protocol_error, "Content-Length is not a number of bytes: ", quoted(member)};
    if (length && *length != number)
      return {Errc::protocol_error, "Content-Length is given twice, as ", *length, " and as ", number};
    length = number;
    if (comma == std::string_view::npos) return {};
    value.remove_prefix(comma + 1);
  }
}

OKHTTP_DECL Result<Declared> read_declared(const Headers& headers) {
  Declared declared;
  bool encoded = false;
  for (const auto& [name, value] : headers) {
    if (name.size() == 14 && ascii::iequals(name, "Content-Length")) {
      Result<void> read = read_content_length(value, declared.content_length);
      if (!read) return std::move(read).error();
    } else if (name.size() == 17 && ascii::iequals(name, "Transfer-Encoding")) {
      encoded = true;
      std::optional<Error> fault;
      ascii::for_each_list_member(value, [&](std::string_view coding) {
        if (fault) return;
        if (!ascii::iequals(coding, "chunked"))
          fault = Error(Errc::protocol_error, "unknown transfer coding ", quoted(coding));
        else if (declared.chunked)
          fault = Error(Errc::protocol_error, "the transfer coding chunked is applied twice");
        declared.chunked = true;
      });
      if (fault) return *std::move(fault);
    }
  }
  if (encoded && !declared.chunked)
    return {Errc::protocol_error, "Transfer-Encoding names no transfer coding"};
  return declared;
}

}  // namespace framing_detail

OKHTTP_DECL Result<BodyFraming> response_framing(std::string_view request_method,
                                                 const ResponseHead& head) {
  using Kind = BodyFraming::Kind;
  // A successful CONNECT has become a tunnel: its framing headers are to be ignored.
  if (request_method == "CONNECT" && head.code >= 200 && head.code <= 299) return BodyFraming{};

  Result<framing_detail::Declared> read = framing_detail::read_declared(head.headers);
  if (!read) return std::move(read).error();
  const std::optional<std::uint64_t> content_length = read->content_length;
  const bool chunked = read->chunked;
  const bool is_head = request_method == "HEAD";

  if ((head.code == 204 || head.code == 205) && !is_head && content_length.value_or(0) > 0)
    return {Errc::protocol_error, "a response ", std::to_string(head.code),
            " cannot have a body, but its Content-Length is ", *content_length};
  BodyFraming framing;
  const bool interim = head.code < 200;
  if (is_head || interim || head.code == 204 || head.code == 304) {
    // A coding that must not be there may be followed by a body that must not be there.
    framing.close_after = chunked && !is_head && head.code != 304;
  } else if (chunked) {
    framing.kind = Kind::chunked;
    framing.close_after = content_length.has_value() || head.protocol == Protocol::http_1_0;
  } else if (content_length) {
    framing.kind = *content_length == 0 ? Kind::none : Kind::fixed;
    framing.length = *content_length;
  } else {
    framing.kind = Kind::until_close;
    framing.close_after = true;
  }
  return framing;
}

OKHTTP_DECL Result<BodyFraming> request_framing(const RequestHead& head) {
  using Kind = BodyFraming::Kind;
  Result<framing_detail::Declared> read = framing_detail::read_declared(head.headers);
  if (!read) return std::move(read).error();
  BodyFraming framing;
  framing.of_response = false;
  if (read->chunked) {
    if (head.protocol == Protocol::http_1_0)
      return {Errc::protocol_error, "an HTTP/1.0 request cannot have a Transfer-Encoding"};
    framing.kind = Kind::chunked;
    framing.close_after = read->content_length.has_value();
  } else if (read->content_length.value_or(0) > 0) {
    framing.kind = Kind::fixed;
    framing.length = *read->content_length;
  }
  return framing;
}

OKHTTP_DECL Result<void> check_host(const RequestHead& head) {
  std::size_t hosts = 0;
  for (const Header header : head.headers) hosts += ascii::iequals(header.name, "Host") ? 1 : 0;
  if (hosts > 1) return {Errc::protocol_error, "the request has more than one Host"};
  if (hosts == 0 && head.protocol != Protocol::http_1_0)
    return {Errc::protocol_error, "the request has no Host"};
  return {};
}

OKHTTP_DECL bool keep_alive(Protocol protocol, const Headers& headers) noexcept {
  if (protocol != Protocol::http_1_0 && protocol != Protocol::http_1_1) return true;
  bool close = false;
  bool keep = false;
  for (const auto& [name, value] : headers) {
    if (name.size() != 10 || !ascii::iequals(name, "Connection")) continue;
    close = close || ascii::list_contains(value, "close");
    keep = keep || ascii::list_contains(value, "keep-alive");
  }
  return !close && (keep || protocol == Protocol::http_1_1);
}

OKHTTP_DECL std::optional<std::uint32_t> keep_alive_timeout_seconds(
    const Headers& headers) noexcept {
  std::optional<std::uint32_t> seconds;
  for (const auto& [name, value] : headers) {
    if (name.size() != 10 || !ascii::iequals(name, "Keep-Alive")) continue;
    ascii::for_each_list_member(value, [&](std::string_view member) {
      const std::size_t equals = member.find('=');
      if (equals == std::string_view::npos ||
          !ascii::iequals(ascii::trim(member.substr(0, equals)), "timeout"))
        return;
      const std::string_view digits = ascii::trim(member.substr(equals + 1));
      if (digits.empty()) return;
      for (const char c : digits)
        if (!ascii::is_digit(c)) return;
      std::uint64_t number = UINT32_MAX;
      ascii::parse_decimal(digits, number);
      seconds = static_cast<std::uint32_t>(number < UINT32_MAX ? number : UINT32_MAX);
    });
  }
  return seconds;
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_BODY_FRAMING_IPP
