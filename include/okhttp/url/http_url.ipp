// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_HTTP_URL_IPP
#define OKHTTP_URL_HTTP_URL_IPP

#include <okhttp/url/http_url.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/percent_encoding.hpp>
#include <okhttp/url/public_suffix.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// Calls `each(part)` for what lies between the separators; once for an empty text.
template <class F>
void for_each_part(std::string_view text, char separator, F&& each) {
  for (;;) {
    const std::size_t end = text.find(separator);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// What lies behind so many separators; there have to be as many.
OKHTTP_DECL std::string_view part_at(std::string_view text,
                                     char separator,
                                     std::size_t index) noexcept {
  for (; index > 0; --index) text.remove_prefix(text.find(separator) + 1);
  return text.substr(0, text.find(separator));
}

// One item of a query: "name=value", or "name" alone.
struct QueryItem {
  explicit QueryItem(std::string_view item)
      : name(item.substr(0, item.find('='))),
        has_value(name.size() != item.size()),
        value(has_value ? item.substr(name.size() + 1) : std::string_view()) {}
  std::string decoded_name() const { return decode(name, Plus::is_space); }
  std::optional<std::string> decoded_value() const {
    if (!has_value) return std::nullopt;
    return decode(value, Plus::is_space);
  }
  std::string_view name;
  bool has_value;
  std::string_view value;
};

// Encodes for a place of a URL text that may already be encoded, where line breaks mean nothing.
OKHTTP_DECL std::string reencode(std::string_view text, const EncodeSet& set) {
  return encode(without_line_breaks(text), set);
}

}  // namespace url

OKHTTP_DECL Result<HttpUrl> HttpUrl::parse_against(const url::Record* base, std::string_view text) {
  url::Parts parts;
  if (url::read_canonical_is_used && url::read_canonical(parts, text))
    return HttpUrl(url::make_record(parts, text));
  // A relative link keeps most of its base; characters that have to be encoded are few.
  url::TextWriter writer(text.size() + text.size() / 8 + (base != nullptr ? base->size : 0));
  Error fault = url::parse_record(writer, parts, text, base);
  if (fault.code() != Errc{}) return fault;
  return HttpUrl(url::make_record(parts, writer));
}

OKHTTP_DECL Result<HttpUrl> HttpUrl::try_parse(std::string_view text) {
  return parse_against(nullptr, text);
}

OKHTTP_DECL Result<HttpUrl> HttpUrl::try_resolve(std::string_view link) const {
  return parse_against(record_.get(), link);
}

OKHTTP_DECL std::optional<HttpUrl> HttpUrl::resolve(std::string_view link) const {
  Result<HttpUrl> resolved = try_resolve(link);
  if (!resolved) return std::nullopt;
  return *std::move(resolved);
}

OKHTTP_DECL HttpUrl::Builder HttpUrl::new_builder() const { return Builder(*this); }

OKHTTP_DECL std::optional<HttpUrl::Builder> HttpUrl::new_builder(std::string_view link) const {
  const std::optional<HttpUrl> resolved = resolve(link);
  if (!resolved) return std::nullopt;
  return Builder(*resolved);
}

OKHTTP_DECL std::optional<std::uint16_t> HttpUrl::default_port(std::string_view scheme) noexcept {
  if (ascii::iequals(scheme, "http")) return url::http_port;
  if (ascii::iequals(scheme, "https")) return url::https_port;
  return std::nullopt;
}

OKHTTP_DECL std::string HttpUrl::username() const { return url::decode(record_->username()); }

OKHTTP_DECL std::string HttpUrl::password() const { return url::decode(record_->password()); }

OKHTTP_DECL std::string HttpUrl::path() const { return url::decode(record_->path()); }

OKHTTP_DECL std::vector<std::string> HttpUrl::path_segments() const {
  std::vector<std::string> segments;
  url::for_each_part(record_->path().substr(1), '/',
                     [&](std::string_view segment) { segments.push_back(url::decode(segment)); });
  return segments;
}

OKHTTP_DECL std::vector<std::string_view> HttpUrl::encoded_path_segments() const& {
  std::vector<std::string_view> segments;
  url::for_each_part(record_->path().substr(1), '/',
                     [&](std::string_view segment) { segments.push_back(segment); });
  return segments;
}

OKHTTP_DECL std::vector<std::string> HttpUrl::encoded_path_segments() const&& {
  const std::vector<std::string_view> views = encoded_path_segments();
  return {views.begin(), views.end()};
}

OKHTTP_DECL std::optional<std::string> HttpUrl::query() const {
  if (!record_->has_query()) return std::nullopt;
  return url::decode(record_->query(), url::Plus::is_space);
}

OKHTTP_DECL std::optional<std::string> HttpUrl::query_parameter(std::string_view name) const {
  std::optional<std::string> found;
  bool seen = !record_->has_query();
  if (seen) return found;
  url::for_each_part(record_->query(), '&', [&](std::string_view part) {
    const url::QueryItem item(part);
    if (seen || item.decoded_name() != name) return;
    seen = true;
    found = item.decoded_value();
  });
  return found;
}

OKHTTP_DECL std::vector<HttpUrl::QueryParameter> HttpUrl::query_parameters() const {
  std::vector<QueryParameter> parameters;
  if (!record_->has_query()) return parameters;
  url::for_each_part(record_->query(), '&', [&](std::string_view part) {
    const url::QueryItem item(part);
    parameters.emplace_back(item.decoded_name(), item.decoded_value());
  });
  return parameters;
}

OKHTTP_DECL std::size_t HttpUrl::path_size() const noexcept {
  const std::string_view path = record_->path();
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

OKHTTP_DECL std::size_t HttpUrl::query_size() const noexcept {
  if (!record_->has_query()) return 0;
  const std::string_view query = record_->query();
  return 1 + static_cast<std::size_t>(std::count(query.begin(), query.end(), '&'));
}

OKHTTP_DECL std::optional<std::string> HttpUrl::query_parameter_name(std::size_t index) const {
  if (index >= query_size()) return std::nullopt;
  return url::QueryItem(url::part_at(record_->query(), '&', index)).decoded_name();
}

OKHTTP_DECL std::optional<std::string> HttpUrl::query_parameter_value(std::size_t index) const {
  if (index >= query_size()) return std::nullopt;
  return url::QueryItem(url::part_at(record_->query(), '&', index)).decoded_value();
}

OKHTTP_DECL std::vector<std::string> HttpUrl::query_parameter_names() const {
  std::vector<std::string> names;
  if (!record_->has_query()) return names;
  url::for_each_part(record_->query(), '&', [&](std::string_view part) {
    names.push_back(url::QueryItem(part).decoded_name());
  });
  // Equal names come together, the first to appear in front; the others go.
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int difference = names[a].compare(names[b]);
    return difference != 0 ? difference < 0 : a < b;
  });
  std::vector<bool> is_repeated(names.size());
  for (std::size_t i = 1; i < order.size(); ++i)
    is_repeated[order[i]] = names[order[i]] == names[order[i - 1]];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!is_repeated[i]) names[kept++].swap(names[i]);
  names.resize(kept);
  return names;
}

OKHTTP_DECL std::vector<std::optional<std::string>> HttpUrl::query_parameter_values(
    std::string_view name) const {
  std::vector<std::optional<std::string>> values;
  if (!record_->has_query()) return values;
  url::for_each_part(record_->query(), '&', [&](std::string_view part) {
    const url::QueryItem item(part);
    if (item.decoded_name() == name) values.push_back(item.decoded_value());
  });
  return values;
}

OKHTTP_DECL std::optional<std::string> HttpUrl::fragment() const {
  if (!record_->has_fragment()) return std::nullopt;
  return url::decode(record_->fragment());
}

OKHTTP_DECL std::optional<std::string> HttpUrl::top_private_domain() const {
  return std::optional<std::string>(url::registrable_domain(host()));
}

OKHTTP_DECL std::string HttpUrl::redact() const {
  std::string out(record_->scheme());
  out.append("://").append(std::as_const(*this).host_header()).append("/...");
  return out;
}

OKHTTP_DECL HttpUrl::Builder::Builder(const HttpUrl& url)
    : scheme_(url.record_->scheme()),
      username_(url.record_->username()),
      password_(url.record_->password()),
      host_(url.record_->host()),
      path_(url.record_->path()),
      query_(url.encoded_query()),
      fragment_(url.encoded_fragment()) {
  if (!url.record_->has_default_port()) port_ = url.record_->port;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::fail(Error fault) {
  if (!fault_) fault_ = std::move(fault);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::scheme(std::string_view scheme) {
  if (!HttpUrl::default_port(scheme)) return fail(url::bad_url("its scheme is not http or https"));
  scheme_ = ascii::lowered(scheme);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::username(std::string_view username) {
  username_ = url::encode(username, url::plain_user_info_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::encoded_username(std::string_view username) {
  username_ = url::reencode(username, url::user_info_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::password(std::string_view password) {
  password_ = url::encode(password, url::plain_user_info_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::encoded_password(std::string_view password) {
  password_ = url::reencode(password, url::user_info_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::host(std::string_view host) {
  Result<std::string> canonical = url::parse_host(host);
  if (!canonical) return fail(std::move(canonical).error());
  host_ = *std::move(canonical);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::port(int port) {
  if (port < 0 || port > UINT16_MAX)
    return fail(Error(Errc::invalid_argument, "the port of a URL is 0 to 65535"));
  port_ = static_cast<std::uint16_t>(port);
  return *this;
}

// The path is a list of segments, each after its slash.
OKHTTP_DECL void HttpUrl::Builder::push_segment(std::string encoded, bool ends_with_slash) {
  if (url::is_dot(encoded)) return;
  if (url::is_dot_dot(encoded)) {
    // An empty last segment goes together with the one before it.
    if (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    path_.resize(path_.rfind('/') + 1);
    return;
  }
  if (path_.back() != '/') path_ += '/';
  path_ += encoded;
  if (ends_with_slash) path_ += '/';
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::push_segments(std::string_view segments,
                                                              bool is_encoded) {
  for (bool last = false; !last;) {
    const std::size_t end = segments.find_first_of("/\\");
    last = end == std::string_view::npos;
    const std::string_view segment = segments.substr(0, end);
    push_segment(is_encoded ? url::reencode(segment, url::path_segment_set)
                            : url::encode(segment, url::plain_path_segment_set),
                 !last);
    if (!last) segments.remove_prefix(end + 1);
  }
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_path_segment(std::string_view segment) {
  push_segment(url::encode(segment, url::plain_path_segment_set), false);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_path_segments(std::string_view segments) {
  return push_segments(segments, false);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_encoded_path_segment(std::string_view segment) {
  push_segment(url::reencode(segment, url::path_segment_set), false);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_encoded_path_segments(
    std::string_view segments) {
  return push_segments(segments, true);
}

// `begin` is where the segment's slash stands.
OKHTTP_DECL bool HttpUrl::Builder::find_segment(std::size_t index,
                                                std::size_t& begin,
                                                std::size_t& end) const noexcept {
  begin = 0;
  for (; index > 0; --index) {
    begin = path_.find('/', begin + 1);
    if (begin == std::string::npos) return false;
  }
  end = std::min(path_.find('/', begin + 1), path_.size());
  return true;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::replace_segment(std::size_t index,
                                                                std::string encoded) {
  std::size_t begin = 0;
  std::size_t end = 0;
  if (!find_segment(index, begin, end))
    return fail(Error(Errc::invalid_argument, "the URL's path has no segment of that index"));
  if (url::is_dot(encoded) || url::is_dot_dot(encoded))
    return fail(Error(Errc::invalid_argument, "a path segment cannot be set to '.' or '..'"));
  path_.replace(begin + 1, end - begin - 1, encoded);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::set_path_segment(std::size_t index,
                                                                 std::string_view segment) {
  return replace_segment(index, url::encode(segment, url::plain_path_segment_set));
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::set_encoded_path_segment(std::size_t index,
                                                                         std::string_view segment) {
  return replace_segment(index, url::reencode(segment, url::path_segment_set));
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::remove_path_segment(std::size_t index) {
  std::size_t begin = 0;
  std::size_t end = 0;
  if (!find_segment(index, begin, end))
    return fail(Error(Errc::invalid_argument, "the URL's path has no segment of that index"));
  path_.erase(begin, end - begin);
  if (path_.empty()) path_ = "/";
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::encoded_path(std::string_view path) {
  const std::string cleaned = url::without_line_breaks(path);
  if (!cleaned.starts_with('/')) return fail(url::bad_url("its path does not begin with a slash"));
  url::TextWriter canonical(cleaned.size());
  url::append_path(canonical, 0, std::string_view(cleaned).substr(1));
  path_ = canonical.view();
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::query(std::optional<std::string_view> query) {
  query_.reset();
  if (query) query_ = url::encode(*query, url::plain_query_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::encoded_query(
    std::optional<std::string_view> query) {
  query_.reset();
  if (query) query_ = url::reencode(*query, url::query_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::append_query_item(
    const std::string& name, const std::optional<std::string>& value) {
  if (query_)
    *query_ += '&';
  else
    query_.emplace();
  *query_ += name;
  if (value) query_->append("=").append(*value);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_query_parameter(
    std::string_view name, std::optional<std::string_view> value) {
  std::optional<std::string> encoded;
  if (value) encoded = url::encode(*value, url::form_set);
  return append_query_item(url::encode(name, url::form_set), encoded);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::add_encoded_query_parameter(
    std::string_view name, std::optional<std::string_view> value) {
  std::optional<std::string> encoded;
  if (value) encoded = url::reencode(*value, url::query_component_set);
  return append_query_item(url::reencode(name, url::query_component_set), encoded);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::set_query_parameter(
    std::string_view name, std::optional<std::string_view> value) {
  remove_all_query_parameters(name);
  return add_query_parameter(name, value);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::set_encoded_query_parameter(
    std::string_view name, std::optional<std::string_view> value) {
  remove_all_encoded_query_parameters(name);
  return add_encoded_query_parameter(name, value);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::remove_query_items(std::string_view decoded_name) {
  if (!query_) return *this;
  std::optional<std::string> kept;
  url::for_each_part(*query_, '&', [&](std::string_view part) {
    if (url::decode_bytes(url::QueryItem(part).name, url::Plus::is_space) == decoded_name) return;
    if (kept)
      *kept += '&';
    else
      kept.emplace();
    kept->append(part);
  });
  query_ = std::move(kept);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::remove_all_query_parameters(std::string_view name) {
  return remove_query_items(name);
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::remove_all_encoded_query_parameters(
    std::string_view name) {
  return remove_query_items(url::decode_bytes(url::without_line_breaks(name), url::Plus::is_space));
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::fragment(std::optional<std::string_view> fragment) {
  fragment_.reset();
  if (fragment) fragment_ = url::encode(*fragment, url::plain_fragment_set);
  return *this;
}

OKHTTP_DECL HttpUrl::Builder& HttpUrl::Builder::encoded_fragment(
    std::optional<std::string_view> fragment) {
  fragment_.reset();
  if (fragment) fragment_ = url::reencode(*fragment, url::fragment_set);
  return *this;
}

OKHTTP_DECL Result<HttpUrl> HttpUrl::Builder::try_build() const {
  constexpr std::size_t longest_punctuation = 16;  // "://", ':', '@', a port, '?', '#'

  if (fault_) return *fault_;
  if (scheme_.empty()) return url::bad_url("its scheme was never set");
  if (host_.empty()) return url::bad_url("its host was never set");

  std::size_t size = scheme_.size() + username_.size() + password_.size() + host_.size() +
                     path_.size() + longest_punctuation;
  if (query_) size += query_->size();
  if (fragment_) size += fragment_->size();
  if (size > 4 * url::longest_url) return url::bad_url("it is too long");

  url::Parts parts;
  url::TextWriter out(size);
  parts.is_https = scheme_ == "https";
  out += scheme_;
  out += "://";
  out += username_;
  parts.username_end = url::here(out);
  if (!password_.empty()) {
    out += ':';
    out += password_;
  }
  if (!username_.empty() || !password_.empty()) out += '@';
  parts.host_begin = url::here(out);
  out += host_;
  parts.host_end = url::here(out);
  parts.port = parts.is_https ? url::https_port : url::http_port;
  if (port_ && *port_ != parts.port) {
    parts.port = *port_;
    out += ':';
    out.append_number(parts.port);
  }
  parts.path_begin = url::here(out);
  out += path_;
  parts.query_begin = url::here(out);
  if (query_) {
    out += '?';
    out += *query_;
  }
  parts.fragment_begin = url::here(out);
  if (fragment_) {
    out += '#';
    out += *fragment_;
  }
  return HttpUrl(url::make_record(parts, out));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_HTTP_URL_IPP
