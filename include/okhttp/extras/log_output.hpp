// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOG_OUTPUT_HPP
#define OKHTTP_EXTRAS_LOG_OUTPUT_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/url/http_url.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Takes one line of a log, without its end. A body that is logged is one "line" with line ends inside.
/// Called by whoever runs a call, many threads at once with a thread pool. Must not throw or wait.
using LogFunction = UniqueFunction<void(std::string_view line)>;

/// What may be seen in a log. By default nothing that is mostly secret: unlike OkHttp, which shows
/// all but the values of sensitive headers (and those, too, unless it is told their names).
///
/// User information of a URL ("user:password@") is never shown, control characters as "\x1b".
struct LogRedaction {
  /// The values of Authorization, Cookie, Proxy-Authorization and Set-Cookie.
  bool show_secrets = false;
  /// The query strings of URLs, those in Location, Content-Location and Referer too.
  bool show_queries = false;
  /// Further headers whose values are hidden, whatever their case.
  std::vector<std::string> headers = {};
  /// Where query strings are shown: parameters whose values are hidden all the same, whatever their case.
  std::vector<std::string> query_parameters = {};
};

namespace detail {

/// The function, or one that writes to stderr, each line in one piece.
std::shared_ptr<const LogFunction> log_output(LogFunction function);
/// Control characters other than tab (and line ends, if allowed) written out, so that a peer can
/// neither forge lines nor command a terminal.
std::string printable(std::string_view text, bool allow_line_ends = false);
std::string redacted_url(const HttpUrl& url, const LogRedaction& redaction);
/// "name: value".
std::string redacted_header(const Header& header, const LogRedaction& redaction);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/extras/log_output.ipp>

#endif  // OKHTTP_EXTRAS_LOG_OUTPUT_HPP
