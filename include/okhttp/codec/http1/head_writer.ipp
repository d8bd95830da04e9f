// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_HEAD_WRITER_IPP
#define OKHTTP_CODEC_HTTP1_HEAD_WRITER_IPP

#include <okhttp/codec/http1/head_writer.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/char_class.hpp>

#if OKHTTP_BODIES

#  include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

OKHTTP_DECL Result<void> check_method(std::string_view method) {
  if (ascii::is_token(method)) return {};
  return {Errc::invalid_argument, "not an HTTP method: ", quoted(method)};
}

OKHTTP_DECL Result<void> check_target(std::string_view target) {
  if (target.empty()) return {Errc::invalid_argument, "the request target is empty"};
  for (std::size_t i = 0; i < target.size(); ++i)
    if (!has_class(target[i], target_char))
      return {Errc::invalid_argument, "the request target has the byte ", quoted(target.substr(i, 1)),
              " at position ", i};
  return {};
}

OKHTTP_DECL Result<void> check_reason(std::string_view reason) {
  const char* const end = reason.data() + reason.size();
  if (skip_value_chars(reason.data(), end) == end) return {};
  return {Errc::invalid_argument, "not a reason phrase: ", quoted(reason)};
}

OKHTTP_DECL void write_request_head(std::string& out,
                                    std::string_view method,
                                    std::string_view target,
                                    const Headers& headers) {
  OKHTTP_ASSERT(check_method(method) && check_target(target));
  out.append(method).append(1, ' ').append(target).append(" HTTP/1.1\r\n", 11);
  headers.append_lines_to(out);
  out.append("\r\n", 2);
}

OKHTTP_DECL void write_response_head(std::string& out,
                                     Protocol protocol,
                                     int code,
                                     std::string_view reason,
                                     const Headers& headers) {
  OKHTTP_ASSERT(code >= 100 && code <= 999 && check_reason(reason));
  const auto digit = [](int value) { return static_cast<char>('0' + value % 10); };
  const char digits[] = {digit(code / 100), digit(code / 10), digit(code), ' '};
  out.append(protocol == Protocol::http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ", 9);
  out.append(digits, sizeof digits).append(reason).append("\r\n", 2);
  headers.append_lines_to(out);
  out.append("\r\n", 2);
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_HEAD_WRITER_IPP
