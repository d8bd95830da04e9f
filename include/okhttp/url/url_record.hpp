// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_URL_RECORD_HPP
#define OKHTTP_URL_URL_RECORD_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// A parsed http or https URL: its canonical text and where its parts lie in it.
///
///     https://user:password@example.com:8443/path?query#fragment
///             |   |         |          |    |    |     |
///             |   |         |          |    |    |     fragment_begin  (else the text's end)
///             |   |         |          |    |    query_begin           (else fragment_begin)
///             |   |         |          |    path_begin
///             |   |         |          host_end
///             |   |         host_begin
///             |   username_end                                         (else host_begin)
///             authority_begin
struct Record {
  std::string text;
  std::size_t username_end = 0;
  std::size_t host_begin = 0;
  std::size_t host_end = 0;
  std::size_t path_begin = 0;
  std::size_t query_begin = 0;
  std::size_t fragment_begin = 0;
  std::uint16_t port = 0;  // the one to connect to, also when the text leaves it out
  bool is_https = false;

  std::size_t authority_begin() const noexcept { return is_https ? 8 : 7; }
  std::string_view slice(std::size_t begin, std::size_t end) const noexcept {
    return std::string_view(text).substr(begin, end - begin);
  }
  std::string_view scheme() const noexcept { return slice(0, authority_begin() - 3); }
  std::string_view username() const noexcept { return slice(authority_begin(), username_end); }
  std::string_view password() const noexcept {
    // Between the ':' and the '@'; neither is there without user information.
    return username_end + 1 < host_begin ? slice(username_end + 1, host_begin - 1)
                                         : std::string_view();
  }
  /// As the text has it: IPv6 in brackets.
  std::string_view host() const noexcept { return slice(host_begin, host_end); }
  bool has_default_port() const noexcept { return host_end == path_begin; }
  std::string_view path() const noexcept { return slice(path_begin, query_begin); }
  bool has_query() const noexcept { return query_begin != fragment_begin; }
  /// Without its '?'.
  std::string_view query() const noexcept {
    return has_query() ? slice(query_begin + 1, fragment_begin) : std::string_view();
  }
  bool has_fragment() const noexcept { return fragment_begin != text.size(); }
  /// Without its '#'.
  std::string_view fragment() const noexcept {
    return has_fragment() ? slice(fragment_begin + 1, text.size()) : std::string_view();
  }
};

inline constexpr std::uint16_t http_port = 80;
inline constexpr std::uint16_t https_port = 443;

/// Parses `input`, against `base` if that is not null, into the fresh record `out`.
/// Returns an empty string, or why it is no URL; then `out` is of no use. The reason names the host
/// at most, never user information or a query.
/// Spec: WHATWG URL, 4.4 ("basic URL parser") for inputs that are, or become, http or https.
std::string parse_record(Record& out, std::string_view input, const Record* base);

/// The error for such a reason.
Error bad_url(std::string_view reason);

/// Appends to `text`, whose path begins at `path_begin` and may already have segments, the segments
/// of `path`: without its leading slash, '\' is '/', dot segments act, the rest is encoded.
void append_path(std::string& text, std::size_t path_begin, std::string_view path);

/// "." or "..", also as %2e.
bool is_dot(std::string_view segment) noexcept;
bool is_dot_dot(std::string_view segment) noexcept;

/// The text without tabs and line ends, which may stand anywhere in an encoded URL and mean
/// nothing.
std::string without_line_breaks(std::string_view text);

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/url_record.ipp>

#endif  // OKHTTP_URL_URL_RECORD_HPP
