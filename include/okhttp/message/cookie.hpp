// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_HPP
#define OKHTTP_MESSAGE_COOKIE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/url/http_url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What a cookie's SameSite attribute says. It guards the pages of a browser; a client that has no pages keeps it
/// and does nothing else with it.
enum class SameSite : std::uint8_t { unspecified, none, lax, strict };

namespace detail {
struct CookieParts;
}  // namespace detail

/// One cookie: what a server has a client send back. Immutable and cheap to copy: copies share one block of text,
/// the only thing that is allocated.
///
/// Lifetime: accessors give views that are valid as long as any copy; on a temporary they give values. A moved-from
/// one may only be assigned to or destroyed.
/// Thread safety: may be read, and copied, from any thread.
/// Spec: RFC 6265bis (draft-ietf-httpbis-rfc6265bis), 5. Rule: OkHttp's Cookie, in that cookies without a name are
/// refused. A later draft's rule that SameSite=None needs Secure is one for browsers and is not followed.
class Cookie {
 public:
  class Builder;

  /// Longer ones, name and value together, are refused. In bytes.
  static constexpr std::size_t max_size = 4096;
  /// An attribute whose value is longer counts as if it were not there. In bytes.
  static constexpr std::size_t max_attribute_size = 1024;
  /// A cookie whose path is longer is refused; without Path that is the URL's. In bytes.
  static constexpr std::size_t max_path_size = 4096;
  /// How long a server may have a cookie kept; what asks for more is cut down to it.
  static constexpr std::chrono::hours max_age{400 * 24};

  /// The cookie that the value of a Set-Cookie header, in a response from `url`, asks to keep; nothing when it is
  /// malformed or not that server's to set. `now` is what Max-Age counts from.
  ///
  /// Refused: control characters; no `=`, or nothing before it; what is too long; a Domain that the host is not in,
  /// or that is a public suffix (`com`, `co.uk`) and not the host itself; Secure from an http URL; a name that
  /// begins with `__Secure-` or `__Host-`, in any case, without what these promise. Names and values keep their
  /// quotes and their bytes above ASCII. A cookie that asks to be deleted has expired in 1970.
  ///
  /// With OKHTTP_PSL=0, when nobody knows what a public suffix is, a Domain wider than the host makes the cookie the
  /// host's alone.
  static std::optional<Cookie> parse(const HttpUrl& url, std::string_view set_cookie,
                                     std::chrono::system_clock::time_point now);
  /// The same at the present time.
  static std::optional<Cookie> parse(const HttpUrl& url, std::string_view set_cookie) {
    return parse(url, set_cookie, std::chrono::system_clock::now());
  }
  /// The cookies of every Set-Cookie header that has a good one, in order.
  static std::vector<Cookie> parse_all(const HttpUrl& url, const Headers& headers,
                                       std::chrono::system_clock::time_point now);
  static std::vector<Cookie> parse_all(const HttpUrl& url, const Headers& headers) {
    return parse_all(url, headers, std::chrono::system_clock::now());
  }

  /// Never empty.
  std::string_view name() const& noexcept { return {text_.get(), name_size_}; }
  std::string name() const&& { return std::string(name()); }
  std::string_view value() const& noexcept { return {text_.get() + name_size_, value_size_}; }
  std::string value() const&& { return std::string(value()); }
  /// The host it is for, or whose subdomains it is for, too: see host_only. As HttpUrl::host, without a leading dot.
  std::string_view domain() const& noexcept { return {text_.get() + name_size_ + value_size_, domain_size_}; }
  std::string domain() const&& { return std::string(domain()); }
  /// Begins with a slash.
  std::string_view path() const& noexcept {
    return {text_.get() + name_size_ + value_size_ + domain_size_, path_size_};
  }
  std::string path() const&& { return std::string(path()); }
  /// When it ends; nothing for one that ends with the session, whatever that is.
  std::optional<std::chrono::sys_seconds> expires_at() const noexcept {
    if (!persistent_) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(expires_));
  }
  /// True if it has a date to end at.
  bool persistent() const noexcept { return persistent_; }
  bool is_expired(std::chrono::system_clock::time_point now) const noexcept {
    return persistent_ && expires_ <= std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  }
  /// True if it is for its domain alone, false if for all below, too.
  bool host_only() const noexcept { return host_only_; }
  /// True if it goes over https only.
  bool secure() const noexcept { return secure_; }
  /// True if a browser's scripts must not see it.
  bool http_only() const noexcept { return http_only_; }
  SameSite same_site() const noexcept { return same_site_; }

  /// True if a request for this URL should have it, unless it has expired.
  /// Spec: RFC 6265bis, 5.8.3 (domain, path and secure).
  bool matches(const HttpUrl& url) const noexcept;

  /// As a server would set it: `id=42; Domain=example.com; Path=/; Secure`. It holds what may be a secret. Parsed
  /// for a URL that the cookie matches it gives this cookie again, but for what no attribute can say: a path with a
  /// ';' (left out) or of more than `max_attribute_size`, an end after `max_age`.
  std::string to_string() const;

  /// A builder that starts with this cookie.
  Builder new_builder() const;

  friend bool operator==(const Cookie& a, const Cookie& b) noexcept { return a.equals(b); }

 private:
  friend struct detail::CookieParts;
  explicit Cookie(const detail::CookieParts& parts);
  bool equals(const Cookie& other) const noexcept;

  std::shared_ptr<const char[]> text_;  // name, value, domain and path, one after the other
  std::uint32_t name_size_;
  std::uint32_t value_size_;
  std::uint32_t domain_size_;
  std::uint32_t path_size_;
  std::int64_t expires_;  // seconds since 1970
  bool persistent_;
  bool host_only_;
  bool secure_;
  bool http_only_;
  SameSite same_site_;
};

/// Makes cookies of one's own. Name, value and one of the domains are required; the path is "/" unless it is set.
///
/// Setters keep the first fault: `build` throws it, `try_build` returns it. Fault texts show nothing of the cookie.
/// Thread safety: none, one thread at a time.
class Cookie::Builder {
 public:
  Builder() = default;

  /// Not empty; no control character, '=' or ';', no blank at either end.
  Builder& name(std::string_view name);
  /// The same, but may be empty and have '='.
  Builder& value(std::string_view value);
  /// A host and all below it. A public suffix and an address have nothing below: as host_only_domain.
  Builder& domain(std::string_view domain) { return set_domain(domain, false); }
  /// This host alone.
  Builder& host_only_domain(std::string_view domain) { return set_domain(domain, true); }
  /// Begins with a slash; no control character, no blank at the end.
  Builder& path(std::string_view path);
  /// When it ends, up to the year 9999; a part of a second is dropped.
  template <class Duration>
  Builder& expires_at(std::chrono::time_point<std::chrono::system_clock, Duration> time) {
    return set_expiry(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  }
  /// Over https only.
  Builder& secure(bool secure = true) {
    secure_ = secure;
    return *this;
  }
  Builder& http_only(bool http_only = true) {
    http_only_ = http_only;
    return *this;
  }
  Builder& same_site(SameSite same_site) {
    same_site_ = same_site;
    return *this;
  }

  /// The cookie. Errors: Errc::invalid_argument: the first fault; what is missing or too long; a name that begins
  /// with `__Secure-` or `__Host-` without what these promise.
  Result<Cookie> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  Cookie build() const { return try_build().value(); }
#endif

 private:
  friend class Cookie;
  Builder& set_domain(std::string_view domain, bool host_only);
  Builder& set_expiry(std::int64_t seconds);
  Builder& fail(const char* reason);

  std::string name_;
  std::string value_;
  std::string domain_;
  std::string path_ = "/";
  std::optional<std::int64_t> expires_;
  bool host_only_ = false;
  bool secure_ = false;
  bool http_only_ = false;
  SameSite same_site_ = SameSite::unspecified;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/cookie.ipp>

#endif  // OKHTTP_MESSAGE_COOKIE_HPP
