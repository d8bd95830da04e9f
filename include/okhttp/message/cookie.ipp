// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_IPP
#define OKHTTP_MESSAGE_COOKIE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>
#include <okhttp/message/cookie.hpp>
#include <okhttp/message/cookie_date.hpp>
#include <okhttp/message/cookie_match.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/public_suffix.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a cookie is made of, before its text is in one block.
struct CookieParts {
  std::string_view name;
  std::string_view value;
  std::string_view domain;  // in any case
  std::string_view path;
  std::optional<std::int64_t> expires;
  bool host_only = true;
  bool secure = false;
  bool http_only = false;
  SameSite same_site = SameSite::unspecified;

  Cookie make() const { return Cookie(*this); }
};

/// Spec: RFC 6265bis, 5.6, step 1: every control character but the tab.
constexpr bool has_control(std::string_view text) noexcept {
  for (const char c : text)
    if (const auto byte = static_cast<unsigned char>(c); (byte < 0x20 && byte != '\t') || byte == 0x7F) return true;
  return false;
}

/// What the name promises and the cookie does not keep, or null.
/// Spec: RFC 6265bis, 5.7, steps 19 and 20.
OKHTTP_DECL const char* broken_prefix(std::string_view name, bool secure, bool host_only, bool has_root_path) noexcept {
  constexpr std::string_view secure_prefix = "__Secure-";
  constexpr std::string_view host_prefix = "__Host-";
  if (ascii::iequals(name.substr(0, secure_prefix.size()), secure_prefix) && !secure)
    return "a name with the prefix __Secure- is for secure cookies";
  if (ascii::iequals(name.substr(0, host_prefix.size()), host_prefix) && !(secure && host_only && has_root_path))
    return "a name with the prefix __Host- is for secure cookies of one host and the path '/'";
  return nullptr;
}

/// Spec: RFC 6265bis, 5.1.4.
OKHTTP_DECL std::string_view default_cookie_path(std::string_view url_path) noexcept {
  const std::size_t slash = url_path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : url_path.substr(0, slash);
}

/// The value of Max-Age as the second since 1970 at which it ends. What has passed ends in 1970.
/// Spec: RFC 6265bis, 5.6.2.
OKHTTP_DECL std::optional<std::int64_t> parse_max_age(std::string_view text, std::int64_t now, std::int64_t most) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), ascii::is_digit)) return std::nullopt;
  std::uint64_t seconds = 0;
  if (!ascii::parse_decimal(digits, seconds)) seconds = UINT64_MAX;  // more than fits
  if (negative || seconds == 0) return 0;
  return now + static_cast<std::int64_t>(std::min(seconds, static_cast<std::uint64_t>(most)));
}

/// What the attributes of a Set-Cookie header say. Of those that are repeated the last one counts.
struct CookieAttributes {
  std::optional<std::int64_t> max_age;
  std::optional<std::int64_t> expires;
  std::string_view domain;
  std::string_view path;
  bool secure = false;
  bool http_only = false;
  SameSite same_site = SameSite::unspecified;

  void add(std::string_view name, std::string_view value, std::int64_t now) {
    constexpr std::int64_t most = std::chrono::seconds(Cookie::max_age).count();
    if (value.size() > Cookie::max_attribute_size) return;
    if (ascii::iequals(name, "expires")) {
      if (const std::optional<std::int64_t> date = parse_cookie_date(value)) expires = std::min(*date, now + most);
    } else if (ascii::iequals(name, "max-age")) {
      if (const std::optional<std::int64_t> end = parse_max_age(value, now, most)) max_age = end;
    } else if (ascii::iequals(name, "domain")) {
      domain = value;
    } else if (ascii::iequals(name, "path")) {
      path = value;
    } else if (ascii::iequals(name, "secure")) {
      secure = true;
    } else if (ascii::iequals(name, "httponly")) {
      http_only = true;
    } else if (ascii::iequals(name, "samesite")) {
      same_site = ascii::iequals(value, "strict") ? SameSite::strict
                  : ascii::iequals(value, "lax")  ? SameSite::lax
                  : ascii::iequals(value, "none") ? SameSite::none
                                                  : SameSite::unspecified;
    }
  }
};

/// Which domain a cookie of this host has that says Domain=`wanted`. False if it may not say so.
/// Spec: RFC 6265bis, 5.7, steps 7 to 9.
OKHTTP_DECL bool choose_domain(CookieParts& parts, std::string_view host, std::string_view wanted) {
  parts.domain = host;
  parts.host_only = true;
  if (wanted.starts_with('.')) wanted.remove_prefix(1);
  if (wanted.empty()) return true;
  std::string canonical;
  if (std::any_of(wanted.begin(), wanted.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    Result<std::string> parsed = url::parse_host(wanted);
    if (!parsed) return false;
    wanted = canonical = *std::move(parsed);
  }
  if (wanted.size() > 2 && wanted.front() == '[' && wanted.back() == ']') wanted = wanted.substr(1, wanted.size() - 2);
  if (wanted.size() > host.size()) return false;
  const std::size_t before = host.size() - wanted.size();
  if (!ascii::iequals(host.substr(before), wanted)) return false;
  const std::optional<std::string_view> registrable = url::registrable_domain(host);
  if (before == 0) {
    // A public suffix or an address can speak for itself alone.
    parts.host_only = !registrable;
    return true;
  }
  if (host[before - 1] != '.') return false;
  if (!registrable || registrable->size() > wanted.size()) return !OKHTTP_PSL && !is_ip_host(host);
  parts.domain = host.substr(before);
  parts.host_only = false;
  return true;
}

}  // namespace detail

OKHTTP_DECL Cookie::Cookie(const detail::CookieParts& parts)
    : name_size_(static_cast<std::uint32_t>(parts.name.size())),
      value_size_(static_cast<std::uint32_t>(parts.value.size())),
      domain_size_(static_cast<std::uint32_t>(parts.domain.size())),
      path_size_(static_cast<std::uint32_t>(parts.path.size())),
      expires_(parts.expires.value_or(0)),
      persistent_(parts.expires.has_value()),
      host_only_(parts.host_only),
      secure_(parts.secure),
      http_only_(parts.http_only),
      same_site_(parts.same_site) {
  const std::size_t size = parts.name.size() + parts.value.size() + parts.domain.size() + parts.path.size();
  std::shared_ptr<char[]> text = std::make_shared_for_overwrite<char[]>(size);
  char* end = text.get();
  end = std::copy(parts.name.begin(), parts.name.end(), end);
  end = std::copy(parts.value.begin(), parts.value.end(), end);
  end = std::transform(parts.domain.begin(), parts.domain.end(), end, ascii::to_lower);
  std::copy(parts.path.begin(), parts.path.end(), end);
  text_ = std::move(text);
}

OKHTTP_DECL std::optional<Cookie> Cookie::parse(const HttpUrl& url, std::string_view set_cookie,
                                                std::chrono::system_clock::time_point now) {
  if (detail::has_control(set_cookie)) return std::nullopt;
  const std::size_t pair_end = set_cookie.find(';');
  const std::string_view pair = set_cookie.substr(0, pair_end);
  const std::size_t equals_sign = pair.find('=');
  if (equals_sign == std::string_view::npos) return std::nullopt;
  detail::CookieParts parts;
  parts.name = ascii::trim(pair.substr(0, equals_sign));
  parts.value = ascii::trim(pair.substr(equals_sign + 1));
  if (parts.name.empty() || parts.name.size() + parts.value.size() > max_size) return std::nullopt;

  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  detail::CookieAttributes attributes;
  std::string_view rest = pair_end == std::string_view::npos ? "" : set_cookie.substr(pair_end + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view attribute = rest.substr(0, end);
    const std::size_t sign = attribute.find('=');
    const std::string_view value = sign == std::string_view::npos ? "" : attribute.substr(sign + 1);
    attributes.add(ascii::trim(attribute.substr(0, sign)), ascii::trim(value), second);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  parts.expires = attributes.max_age ? attributes.max_age : attributes.expires;
  parts.secure = attributes.secure;
  parts.http_only = attributes.http_only;
  parts.same_site = attributes.same_site;
  if (parts.secure && !url.is_https()) return std::nullopt;

  const std::string_view host = url.host();
  if (!detail::choose_domain(parts, host, attributes.domain)) return std::nullopt;
  const bool has_path = attributes.path.starts_with('/');
  parts.path = has_path ? attributes.path : detail::default_cookie_path(url.encoded_path());
  if (parts.path.size() > max_path_size) return std::nullopt;
  if (detail::broken_prefix(parts.name, parts.secure, attributes.domain.empty(), attributes.path == "/") != nullptr)
    return std::nullopt;
  return parts.make();
}

OKHTTP_DECL std::vector<Cookie> Cookie::parse_all(const HttpUrl& url, const Headers& headers,
                                                  std::chrono::system_clock::time_point now) {
  std::vector<Cookie> cookies;
  for (const Header header : headers)
    if (ascii::iequals(header.name, "Set-Cookie"))
      if (std::optional<Cookie> cookie = parse(url, header.value, now)) cookies.push_back(*std::move(cookie));
  return cookies;
}

OKHTTP_DECL bool Cookie::matches(const HttpUrl& url) const noexcept {
  if (secure_ && !url.is_https()) return false;
  const std::string_view host = url.host();
  if (host_only_ ? host != domain() : !detail::domain_matches(host, domain())) return false;
  return detail::path_matches(url.encoded_path(), path());
}

OKHTTP_DECL bool Cookie::equals(const Cookie& other) const noexcept {
  if (text_ != other.text_ && (name() != other.name() || value() != other.value() || domain() != other.domain() ||
                               path() != other.path()))
    return false;
  return name_size_ == other.name_size_ && value_size_ == other.value_size_ && domain_size_ == other.domain_size_ &&
         expires_at() == other.expires_at() && host_only_ == other.host_only_ && secure_ == other.secure_ &&
         http_only_ == other.http_only_ && same_site_ == other.same_site_;
}

OKHTTP_DECL std::string Cookie::to_string() const {
  std::string out;
  out.reserve(std::size_t{name_size_} + value_size_ + domain_size_ + path_size_ + 96);
  out.append(name()).append("=").append(value());
  if (persistent_) out.append("; Expires=").append(format_http_date(expires_).view());
  if (!host_only_) out.append("; Domain=").append(domain());
  if (path().find(';') == std::string_view::npos) out.append("; Path=").append(path());
  if (secure_) out += "; Secure";
  if (http_only_) out += "; HttpOnly";
  switch (same_site_) {
    case SameSite::unspecified: break;
    case SameSite::none: out += "; SameSite=None"; break;
    case SameSite::lax: out += "; SameSite=Lax"; break;
    case SameSite::strict: out += "; SameSite=Strict"; break;
  }
  return out;
}

OKHTTP_DECL Cookie::Builder Cookie::new_builder() const {
  Builder builder;
  builder.name_ = name();
  builder.value_ = value();
  builder.domain_ = domain();
  builder.path_ = path();
  if (persistent_) builder.expires_ = expires_;
  builder.host_only_ = host_only_;
  builder.secure_ = secure_;
  builder.http_only_ = http_only_;
  builder.same_site_ = same_site_;
  return builder;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::fail(const char* reason) {
  if (!fault_) fault_.emplace(Errc::invalid_argument, std::string("bad cookie: ") + reason);
  return *this;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::name(std::string_view name) {
  if (name.empty()) return fail("its name is empty");
  if (detail::has_control(name) || name.find_first_of("=;") != std::string_view::npos || ascii::trim(name) != name)
    return fail("its name has a character that cannot stand there");
  name_ = name;
  return *this;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::value(std::string_view value) {
  if (detail::has_control(value) || value.find(';') != std::string_view::npos || ascii::trim(value) != value)
    return fail("its value has a character that cannot stand there");
  value_ = value;
  return *this;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::path(std::string_view path) {
  if (!path.starts_with('/')) return fail("its path does not begin with a slash");
  if (detail::has_control(path) || ascii::trim(path) != path) return fail("its path has a character that cannot stand there");
  if (path.size() > max_path_size) return fail("its path is too long");
  path_ = path;
  return *this;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::set_domain(std::string_view domain, bool host_only) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  Result<std::string> host = url::parse_host(domain);
  if (!host || host->front() == '.') return fail("its domain is no host");
  domain_ = *std::move(host);
  if (domain_.front() == '[') domain_ = domain_.substr(1, domain_.size() - 2);
  host_only_ = host_only || !url::registrable_domain(domain_);
  return *this;
}

OKHTTP_DECL Cookie::Builder& Cookie::Builder::set_expiry(std::int64_t seconds) {
  if (seconds < min_http_date || seconds > max_http_date) return fail("its date is not in the years 1601 to 9999");
  expires_ = seconds;
  return *this;
}

OKHTTP_DECL Result<Cookie> Cookie::Builder::try_build() const {
  const auto fault = [](const char* reason) {
    return Error(Errc::invalid_argument, std::string("bad cookie: ") + reason);
  };
  if (fault_) return *fault_;
  if (name_.empty()) return fault("it has no name");
  if (domain_.empty()) return fault("it has no domain");
  if (name_.size() + value_.size() > max_size) return fault("it is too long");
  if (const char* const broken = detail::broken_prefix(name_, secure_, host_only_, path_ == "/")) return fault(broken);
  detail::CookieParts parts;
  parts.name = name_;
  parts.value = value_;
  parts.domain = domain_;
  parts.path = path_;
  parts.expires = expires_;
  parts.host_only = host_only_;
  parts.secure = secure_;
  parts.http_only = http_only_;
  parts.same_site = same_site_;
  return parts.make();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_COOKIE_IPP
