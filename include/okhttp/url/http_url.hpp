// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_HTTP_URL_HPP
#define OKHTTP_URL_HTTP_URL_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/url_record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// An http or https URL in its canonical form, as a browser would load it.
///
/// Immutable and cheap to copy: copies share one record. The accessors named `encoded_...`, and
/// those whose text has no encoding, give views that live as long as any copy of the URL; on a
/// temporary they give values. The others decode %XX and give values; what is no UTF-8 then becomes
/// U+FFFD. A moved-from URL may only be assigned to or destroyed.
///
/// Bytes above ASCII are taken as UTF-8 and written as %XX one by one; in a host they become the xn--
/// form of its labels (url::domain_to_ascii, url::domain_to_unicode for display).
/// The text never holds a control character, a space or a byte above ASCII.
/// Thread safety: may be read, and copied, from any thread.
/// Spec: the WHATWG URL standard for special schemes; RFC 9110, 4.2.
class HttpUrl {
 public:
  class Builder;
  /// A query's name and its value; "a" has none, "a=" has an empty one.
  using QueryParameter = std::pair<std::string, std::optional<std::string>>;

  /// Parses an absolute URL: blanks around it, tabs and line ends in it are dropped, '\' is '/'.
  /// Allocates once, if the URL has no more than 512 bytes.
  /// Errors: Errc::bad_url for what no browser would load, a scheme other than http and https, and
  /// with OKHTTP_IDNA=0 a host that is not ASCII. The message shows the host at most.
  static Result<HttpUrl> try_parse(std::string_view text);
  /// Parses a link found in a document at this URL. Errors: as try_parse.
  Result<HttpUrl> try_resolve(std::string_view link) const;
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws what that returns.
  static HttpUrl parse(std::string_view text) { return try_parse(text).value(); }
#endif
  /// As try_resolve, but empty when the link is no http or https URL.
  std::optional<HttpUrl> resolve(std::string_view link) const;
  /// A builder that holds this URL.
  Builder new_builder() const;
  /// A builder that holds what the link resolves to; empty when that is no http or https URL.
  std::optional<Builder> new_builder(std::string_view link) const;

  /// 80 for "http", 443 for "https", nothing for any other scheme.
  static std::optional<std::uint16_t> default_port(std::string_view scheme) noexcept;
  /// The port of the scheme: 80 or 443.
  std::uint16_t default_port() const noexcept {
    return is_https() ? url::https_port : url::http_port;
  }

  /// "http" or "https".
  std::string_view scheme() const& noexcept { return record_->scheme(); }
  std::string scheme() const&& { return std::string(scheme()); }
  bool is_https() const noexcept { return record_->is_https; }

  std::string username() const;
  std::string password() const;
  std::string_view encoded_username() const& noexcept { return record_->username(); }
  std::string encoded_username() const&& { return std::string(encoded_username()); }
  std::string_view encoded_password() const& noexcept { return record_->password(); }
  std::string encoded_password() const&& { return std::string(encoded_password()); }

  /// A lower-case name, a dotted quad, or an IPv6 address without brackets. Never empty.
  std::string_view host() const& noexcept {
    const std::string_view text = record_->host();
    return text.front() == '[' ? text.substr(1, text.size() - 2) : text;
  }
  std::string host() const&& { return std::string(host()); }
  /// The port to connect to, 0 to 65535: the scheme's own when the URL names none.
  std::uint16_t port() const noexcept { return record_->port; }
  /// The value of a Host header: IPv6 in brackets, the port only if it is not the scheme's own.
  std::string_view host_header() const& noexcept {
    return record_->slice(record_->host_begin, record_->path_begin);
  }
  std::string host_header() const&& { return std::string(host_header()); }
  /// The part of the host that somebody registered, the public suffix and one label: "example.co.uk" for
  /// "www.example.co.uk". None for public suffixes, single labels and addresses: see url::registrable_domain.
  std::optional<std::string> top_private_domain() const;

  /// The path with every segment decoded: "/a b" for "/a%20b". A decoded slash looks like any
  /// other.
  std::string path() const;
  /// Begins with a slash.
  std::string_view encoded_path() const& noexcept { return record_->path(); }
  std::string encoded_path() const&& { return std::string(encoded_path()); }
  /// How many segments there are, at least one.
  std::size_t path_size() const noexcept;
  /// What lies between the slashes: {"a", ""} for "/a/", {""} for "/".
  std::vector<std::string> path_segments() const;
  std::vector<std::string_view> encoded_path_segments() const&;
  std::vector<std::string> encoded_path_segments() const&&;
  /// What a request line asks for: the encoded path, and the query with its '?' if there is one.
  std::string_view request_target() const& noexcept {
    return record_->slice(record_->path_begin, record_->fragment_begin);
  }
  std::string request_target() const&& { return std::string(request_target()); }

  /// The query decoded, with '+' as a space; empty for a URL without '?'. Once decoded, the '&' and
  /// '=' that separate cannot be told from those in names and values: see query_parameters.
  std::optional<std::string> query() const;
  std::optional<std::string_view> encoded_query() const& noexcept {
    if (!record_->has_query()) return std::nullopt;
    return record_->query();
  }
  std::optional<std::string> encoded_query() const&& {
    return std::optional<std::string>(std::as_const(*this).encoded_query());
  }
  /// The first value of that name, decoded; empty when there is none, or when it has no '='.
  std::optional<std::string> query_parameter(std::string_view name) const;
  /// All names and values, decoded, in their order. "?" is one empty name.
  std::vector<QueryParameter> query_parameters() const;
  /// How many names there are: none without '?'.
  std::size_t query_size() const noexcept;
  /// The name and the value of one of them, counted from 0; empty past the end, and a value also
  /// when there is no '='.
  std::optional<std::string> query_parameter_name(std::size_t index) const;
  std::optional<std::string> query_parameter_value(std::size_t index) const;
  /// The names, each once, in the order of their first appearance.
  std::vector<std::string> query_parameter_names() const;
  /// All values of that name.
  std::vector<std::optional<std::string>> query_parameter_values(std::string_view name) const;

  std::optional<std::string> fragment() const;
  std::optional<std::string_view> encoded_fragment() const& noexcept {
    if (!record_->has_fragment()) return std::nullopt;
    return record_->fragment();
  }
  std::optional<std::string> encoded_fragment() const&& {
    return std::optional<std::string>(std::as_const(*this).encoded_fragment());
  }

  /// The whole canonical URL, user information and fragment included: a view that passes for a
  /// std::string where one is wanted.
  url::CanonicalText to_string() const& noexcept { return record_->text(); }
  std::string to_string() const&& { return record_->text(); }
  /// For logs and messages: scheme, host and port followed by "/...", nothing that may be secret.
  std::string redact() const;

  friend bool operator==(const HttpUrl& a, const HttpUrl& b) noexcept {
    return a.record_.get() == b.record_.get() || a.record_->text() == b.record_->text();
  }
  /// Writes to_string() to whatever takes text: a std::ostream, without including one here.
  template <class Stream>
  requires requires(Stream& stream, std::string_view text) { stream << text; }
  friend Stream& operator<<(Stream& stream, const HttpUrl& url) {
    stream << std::string_view(url.record_->text());
    return stream;
  }

 private:
  explicit HttpUrl(url::RecordPointer record) noexcept : record_(std::move(record)) {}
  static Result<HttpUrl> parse_against(const url::Record* base, std::string_view text);

  url::RecordPointer record_;
};

/// Puts a URL together, or changes parts of one.
///
/// Setters come in pairs. The plain one takes text as people mean it and encodes what has to be,
/// '%' too; the `encoded_` one takes text out of a URL, keeps its %XX and encodes only what may not
/// stand there. What cannot be used is kept as the first fault, later setters then do no harm, and
/// `try_build` returns it (`build` throws it).
/// Thread safety: none, one thread at a time.
class HttpUrl::Builder {
 public:
  Builder() = default;
  explicit Builder(const HttpUrl& url);

  /// "http" or "https", in any case. Required. A port that was never set follows the scheme.
  Builder& scheme(std::string_view scheme);
  Builder& username(std::string_view username);
  Builder& encoded_username(std::string_view username);
  Builder& password(std::string_view password);
  Builder& encoded_password(std::string_view password);
  /// A name or an address, IPv6 with or without brackets. Required.
  Builder& host(std::string_view host);
  /// 0 to 65535.
  Builder& port(int port);

  /// Appends one segment: its slashes are encoded. An empty last segment (the path ends with a
  /// slash) is replaced. "." does nothing and ".." removes the last segment.
  Builder& add_path_segment(std::string_view segment);
  /// The same with every part between slashes ('/' and '\'); "a/b/" ends with an empty segment.
  Builder& add_path_segments(std::string_view segments);
  Builder& add_encoded_path_segment(std::string_view segment);
  Builder& add_encoded_path_segments(std::string_view segments);
  /// Replaces one segment, counted from 0. "." and ".." are faults, as is an index past the end.
  Builder& set_path_segment(std::size_t index, std::string_view segment);
  Builder& set_encoded_path_segment(std::size_t index, std::string_view segment);
  /// Removes one segment, counted from 0; the path is never less than "/".
  Builder& remove_path_segment(std::size_t index);
  /// The whole path, which has to begin with a slash.
  Builder& encoded_path(std::string_view path);

  /// The whole query without its '?'; '&' and '=' separate. None: the URL gets no '?'.
  Builder& query(std::optional<std::string_view> query);
  Builder& encoded_query(std::optional<std::string_view> query);
  /// Appends "name=value", or "name" when there is no value.
  Builder& add_query_parameter(std::string_view name,
                               std::optional<std::string_view> value = std::nullopt);
  Builder& add_encoded_query_parameter(std::string_view name,
                                       std::optional<std::string_view> value = std::nullopt);
  /// Removes all of that name and appends this one.
  Builder& set_query_parameter(std::string_view name,
                               std::optional<std::string_view> value = std::nullopt);
  Builder& set_encoded_query_parameter(std::string_view name,
                                       std::optional<std::string_view> value = std::nullopt);
  Builder& remove_all_query_parameters(std::string_view name);
  Builder& remove_all_encoded_query_parameters(std::string_view name);

  /// None: the URL gets no '#'.
  Builder& fragment(std::optional<std::string_view> fragment);
  Builder& encoded_fragment(std::optional<std::string_view> fragment);

  /// The URL, or the first fault. Errors: Errc::bad_url; Errc::invalid_argument for an index or a
  /// port out of range. The builder stays as it is and can be used again.
  Result<HttpUrl> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  HttpUrl build() const { return try_build().value(); }
#endif

 private:
  Builder& fail(Error fault);
  void push_segment(std::string encoded, bool ends_with_slash);
  Builder& push_segments(std::string_view segments, bool is_encoded);
  Builder& replace_segment(std::size_t index, std::string encoded);
  bool find_segment(std::size_t index, std::size_t& begin, std::size_t& end) const noexcept;
  Builder& append_query_item(const std::string& name, const std::optional<std::string>& value);
  Builder& remove_query_items(std::string_view decoded_name);

  // Everything is kept encoded.
  std::string scheme_;
  std::string username_;
  std::string password_;
  std::string host_;  // IPv6 in brackets
  std::optional<std::uint16_t> port_;
  std::string path_ = "/";
  std::optional<std::string> query_;
  std::optional<std::string> fragment_;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

/// Equal URLs have equal hashes.
template <>
struct std::hash<okhttp::HttpUrl> {
  std::size_t operator()(const okhttp::HttpUrl& url) const noexcept {
    return std::hash<std::string_view>()(url.to_string());
  }
};

#include <okhttp/url/http_url.ipp>

#endif  // OKHTTP_URL_HTTP_URL_HPP
