// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_URL_RECORD_HPP
#define OKHTTP_URL_URL_RECORD_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/text_writer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#if OKHTTP_THREADS
#include <atomic>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// A view of a whole URL that also passes for a std::string: it converts to one, is joined with
/// other text by '+', and ends with a zero byte. Lives as long as any copy of the URL.
class CanonicalText : public std::string_view {
 public:
  /// `text[size]` is a zero byte.
  constexpr CanonicalText(const char* text, std::size_t size) noexcept
      : std::string_view(text, size) {}
  /// For `found ? url.to_string() : ""`.
  constexpr CanonicalText(const char* text) noexcept : std::string_view(text) {}  // NOLINT
  operator std::string() const { return std::string(data(), size()); }  // NOLINT: see above
  const char* c_str() const noexcept { return data(); }

  template <std::convertible_to<std::string_view> Text>
  friend std::string operator+(const Text& a, const CanonicalText& b) {
    return std::string(std::string_view(a)).append(b);
  }
  template <std::convertible_to<std::string_view> Text>
    requires(!std::same_as<Text, CanonicalText>)
  friend std::string operator+(const CanonicalText& a, const Text& b) {
    return std::string(a).append(std::string_view(b));
  }
};

/// Where the parts of a canonical URL lie in its text:
///
///     https://user:password@example.com:8443/path?query#fragment
///             |   |         |          |    |    |     |        |
///             |   |         |          |    |    |     |        size
///             |   |         |          |    |    |     fragment_begin  (else size)
///             |   |         |          |    |    query_begin           (else fragment_begin)
///             |   |         |          |    path_begin
///             |   |         |          host_end
///             |   |         host_begin
///             |   username_end                                         (else host_begin)
///             authority_begin
struct Parts {
  std::uint32_t username_end = 0;
  std::uint32_t host_begin = 0;
  std::uint32_t host_end = 0;
  std::uint32_t path_begin = 0;
  std::uint32_t query_begin = 0;
  std::uint32_t fragment_begin = 0;
  std::uint32_t size = 0;
  std::uint16_t port = 0;  // the one to connect to, also when the text leaves it out
  bool is_https = false;

  std::uint32_t authority_begin() const noexcept { return is_https ? 8 : 7; }
  bool has_default_port() const noexcept { return host_end == path_begin; }
  bool has_query() const noexcept { return query_begin != fragment_begin; }
  bool has_fragment() const noexcept { return fragment_begin != size; }
};

/// A parsed http or https URL, counted by its owners: the text follows the record in its memory.
struct Record : Parts {
  explicit Record(const Parts& parts) noexcept : Parts(parts) {}

  const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  CanonicalText text() const noexcept { return {data(), size}; }
  std::string_view slice(std::size_t begin, std::size_t end) const noexcept {
    return {data() + begin, end - begin};
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
  std::string_view path() const noexcept { return slice(path_begin, query_begin); }
  /// Without its '?'.
  std::string_view query() const noexcept {
    return has_query() ? slice(query_begin + 1, fragment_begin) : std::string_view();
  }
  /// Without its '#'.
  std::string_view fragment() const noexcept {
    return has_fragment() ? slice(fragment_begin + 1, size) : std::string_view();
  }

#if OKHTTP_THREADS
  mutable std::atomic<unsigned> owners{1};
#else
  mutable unsigned owners = 1;
#endif
};

/// One of the owners of a record. Null once moved from.
class RecordPointer {
 public:
  /// Takes over one owner's share.
  explicit RecordPointer(const Record* record) noexcept : record_(record) {}
  RecordPointer(const RecordPointer& other) noexcept : record_(share(other.record_)) {}
  RecordPointer(RecordPointer&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  RecordPointer& operator=(const RecordPointer& other) noexcept {
    return *this = RecordPointer(other);
  }
  RecordPointer& operator=(RecordPointer&& other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~RecordPointer() {
    if (record_ != nullptr) release(record_);
  }
  const Record* get() const noexcept { return record_; }
  const Record* operator->() const noexcept { return record_; }

 private:
  static const Record* share(const Record* record) noexcept;
  static void release(const Record* record) noexcept;
  const Record* record_;
};

/// The record of a canonical text, to which it adds an empty path's slash if `parts` has that.
RecordPointer make_record(const Parts& parts, std::string_view text);
/// The record of all that was written; `parts` gets its size. The writer is of no use afterwards.
RecordPointer make_record(Parts& parts, TextWriter& text);

/// Finds the parts of a text that is a canonical URL, as most are, or is but for the slash of an
/// empty path. False for all that needs a closer look, good or bad: then `out` is for parse_record,
/// and has a path_begin if all before that is canonical.
bool read_canonical(Parts& out, std::string_view text) noexcept;
#ifdef __OPTIMIZE_SIZE__
inline constexpr bool read_canonical_is_used = false;  // it is only there for speed
#else
inline constexpr bool read_canonical_is_used = true;
#endif

inline constexpr std::uint16_t http_port = 80;
inline constexpr std::uint16_t https_port = 443;

/// Bytes of the longest text that is looked at as a URL: its record counts in 32 bits, and every
/// byte may become three. Browsers stop at 2 MiB (Chromium) and 1 MiB (Firefox).
inline constexpr std::size_t longest_url = std::size_t{64} << 20;

/// Parses `input`, against `base` if that is not null, into the fresh `text` and `out`, which comes
/// from read_canonical.
/// Returns no error, or why it is no URL: Errc::bad_url; then they are of no use. The message names
/// the host at most, never user information or a query.
/// Spec: WHATWG URL, 4.4 ("basic URL parser") for inputs that are, or become, http or https.
Error parse_record(TextWriter& text, Parts& out, std::string_view input, const Record* base);

/// Appends to `text`, whose path begins at `path_begin` and may already have segments, the segments
/// of `path`: without its leading slash, '\' is '/', dot segments act, the rest is encoded.
void append_path(TextWriter& text, std::size_t path_begin, std::string_view path);

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
