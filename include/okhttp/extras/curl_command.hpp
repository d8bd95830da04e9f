// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_CURL_COMMAND_HPP
#define OKHTTP_EXTRAS_CURL_COMMAND_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/extras/shell_words.hpp>
#include <okhttp/message/request.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// How to_curl writes commands and what parse_curl takes.
class CurlOptions {
 public:
  /// to_curl: put `redacted_mark` for the values of Authorization, Cookie, Proxy-Authorization and Set-Cookie, so
  /// that the command can be shown around. Default false: the command is to work. URL and body stay as they are.
  CurlOptions& redact(bool redact) {
    redact_ = redact;
    return *this;
  }
  /// to_curl: put `redacted_mark` for the value of this header, too, in any case of its name.
  CurlOptions& redact_header(std::string name) {
    redacted_.push_back(std::move(name));
    return *this;
  }
  /// to_curl: the longest body that stands in the command, in bytes. Default 1 MiB.
  CurlOptions& max_body(std::size_t bytes) {
    max_body_ = bytes;
    return *this;
  }
  /// parse_curl: let `--data-binary @name`, `--json @name` and `-F field=@name` name a file, which is read when
  /// the request is sent. Default false: whoever wrote the command would choose files of this machine to send
  /// away. OKHTTP_FILES only.
  CurlOptions& allow_files(bool allow) {
    allow_files_ = allow;
    return *this;
  }

  bool is_redacted(std::string_view header_name) const noexcept;
  std::size_t max_body() const noexcept { return max_body_; }
  bool allows_files() const noexcept { return allow_files_; }

 private:
  std::vector<std::string> redacted_;
  std::size_t max_body_ = std::size_t{1} << 20;
  bool redact_ = false;
  bool allow_files_ = false;
};

/// The request as a curl command for a POSIX shell (bash, dash, zsh): one line, unless the body is text of
/// several. It asks for the same as a client that sends the request, but for the headers that client and curl add
/// on their own (User-Agent, Accept, Accept-Encoding). Whatever the request holds, the shell sees one curl command
/// (with a printf before it for a body that is no text), and the terminal no control character.
///
/// The command shows credentials unless told to redact them. User information in the URL is left out, as no
/// client sends it. A body is shown if it lies in memory or can be read from memory as often as one likes. A
/// one-shot body is never consumed and a file never read: for these, and bodies longer than `max_body`, the
/// command ends with `--data-binary @-` and sends its standard input. Content-Length and Transfer-Encoding are
/// curl's.
std::string to_curl(const Request& request, const CurlOptions& options = CurlOptions());

/// The request that a curl command makes: the inverse of to_curl, and good for what browsers copy "as cURL" and
/// what documentation shows. No shell runs, no file is read and nothing is sent. Quotes, '\', continued lines and
/// $'...' are understood; variables, redirections and second commands are errors.
///
/// What makes a request is understood: -X -H -d --data-raw --data-binary --data-ascii --data-urlencode --json -F
/// --form-string -G -I -u -A -e -b --compressed --url -g. What is a matter of the client, or of curl's output, is
/// skipped: -L -k -s -S -v -i -f -N -o -O -w -m --connect-timeout --http1.1 --http2. With --compressed a header
/// Accept-Encoding is left out, so that the client asks for what it can decode. A URL without a scheme is one of
/// http. User information in it becomes Basic credentials, as with -u.
///
/// Errors: Errc::invalid_argument for what is no single curl command, an option that is neither above (the text
/// names it), the name of a file (but see CurlOptions::allow_files), and what no request can hold; Errc::bad_url.
/// No text of an error has the value of an option.
Result<Request> try_parse_curl(std::string_view command, const CurlOptions& options = CurlOptions());

#if OKHTTP_EXCEPTIONS
/// As try_parse_curl, but throws.
inline Request parse_curl(std::string_view command, const CurlOptions& options = CurlOptions()) {
  return try_parse_curl(command, options).value();
}
#endif

OKHTTP_NAMESPACE_END

#include <okhttp/extras/curl_command.ipp>

#endif  // OKHTTP_EXTRAS_CURL_COMMAND_HPP
