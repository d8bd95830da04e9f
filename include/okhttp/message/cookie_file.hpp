// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_FILE_HPP
#define OKHTTP_MESSAGE_COOKIE_FILE_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/cookie.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The text of a cookies.txt, Netscape's format, as curl, wget and Python's MozillaCookieJar read and write it. A
// line is a cookie: domain, whether its subdomains are meant (TRUE, FALSE), path, whether it is secure, the second
// since 1970 at which it ends (0: with the session), name and value, with tabs between them; in front of a cookie that
// scripts must not see stands "#HttpOnly_". Other lines that begin with '#' are comments. SameSite has no place.

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a cookies.txt holds.
struct CookieFile {
  std::vector<Cookie> cookies;
  /// The lines that are neither a cookie nor a comment nor empty.
  std::vector<std::string> unreadable;
  /// Its first line says that it is a file of cookies.
  bool has_title = false;
};

/// The cookie of one line, without its line end; nothing when it is none. Lenient: the value may be missing, the end
/// may be empty or have a fraction.
std::optional<Cookie> parse_cookie_line(std::string_view line);

/// Reads a whole file; its lines end with LF or CRLF. Comments are passed over.
CookieFile parse_cookie_file(std::string_view text);

/// Writes one. Left out are cookies that are deleted, those that have a tab in their name or path, and those of a host
/// that begins with a dot.
std::string write_cookie_file(const std::vector<Cookie>& cookies, const std::vector<std::string>& unreadable);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/message/cookie_file.ipp>

#endif  // OKHTTP_MESSAGE_COOKIE_FILE_HPP
