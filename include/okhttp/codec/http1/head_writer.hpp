// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_HEAD_WRITER_HPP
#define OKHTTP_CODEC_HTTP1_HEAD_WRITER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/protocol.hpp>

#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// Checks that a method can be sent: it must be a token. Errors: Errc::invalid_argument.
/// Spec: RFC 9110, 9.1.
Result<void> check_method(std::string_view method);
/// Checks that a request target can be sent: one or more bytes from U+0021 to U+007E, so no blank
/// and no line end. Errors: Errc::invalid_argument; the text does not show the target.
/// Spec: RFC 9112, 3.2.
Result<void> check_target(std::string_view target);
/// Checks that a reason phrase can be sent: no control byte but the tab. May be empty.
/// Errors: Errc::invalid_argument. Spec: RFC 9112, 4.
Result<void> check_reason(std::string_view reason);

/// Appends request line, headers and the blank line to `out`. Method and target must have passed
/// their checks; Headers keep their own rules.
/// Spec: RFC 9112, 3 and 5. The version sent is HTTP/1.1.
void write_request_head(std::string& out,
                        std::string_view method,
                        std::string_view target,
                        const Headers& headers);

/// Appends status line, headers and the blank line to `out`. `code` has three digits; `reason` must
/// have passed its check. Any protocol but http_1_0 is written as HTTP/1.1.
/// Spec: RFC 9112, 4 and 5.
void write_response_head(
    std::string& out, Protocol protocol, int code, std::string_view reason, const Headers& headers);

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/head_writer.ipp>

#endif  // OKHTTP_CODEC_HTTP1_HEAD_WRITER_HPP
