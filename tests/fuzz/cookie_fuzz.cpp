// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/http_date.hpp>
#include <okhttp/message/cookie.hpp>
#include <okhttp/message/cookie_date.hpp>
#include <okhttp/message/cookie_store.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The first line of the input is a URL, every other one a Set-Cookie header of its responses.

using okhttp::Cookie;
using okhttp::HttpUrl;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds now{seconds(784'111'777)};

void require(bool condition) {
  if (!condition) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

bool has_control(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return true;
  return false;
}

void check(const Cookie& cookie, const HttpUrl& url) {
  require(!cookie.name().empty() && cookie.name().size() + cookie.value().size() <= Cookie::max_size);
  require(cookie.name().find_first_of("=;") == std::string_view::npos);
  require(cookie.value().find(';') == std::string_view::npos);
  require(!has_control(cookie.name()) && !has_control(cookie.value()) && !has_control(cookie.path()));
  require(cookie.path().starts_with('/') && cookie.path().size() <= Cookie::max_path_size);
  require(!cookie.secure() || url.is_https());
  const std::string_view host = url.host();
  require(host.ends_with(cookie.domain()));
  require(!cookie.host_only() || host == cookie.domain());
  if (const auto end = cookie.expires_at()) require(*end <= now + Cookie::max_age);

  // What it is written as gives it again; a path may be one that no attribute can say.
  const std::optional<Cookie> again = Cookie::parse(url, cookie.to_string(), now);
  require(again.has_value());
  if (cookie.path().find(';') == std::string_view::npos && cookie.path().size() <= Cookie::max_attribute_size)
    require(*again == cookie);
  else
    require(again->new_builder().path(cookie.path()).try_build().value() == cookie);
  require(cookie.new_builder().try_build().value() == cookie);

  // And so does a request for where it belongs.
  const okhttp::Result<HttpUrl> home = HttpUrl::Builder()
                                           .scheme(url.scheme())
                                           .host(cookie.domain())
                                           .encoded_path(cookie.path())
                                           .try_build();
  if (home && home->host() == cookie.domain() && home->encoded_path() == cookie.path())
    require(cookie.matches(*home));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const std::optional<std::int64_t> date = okhttp::parse_cookie_date(input.substr(0, input.find('\n'))))
    require(okhttp::parse_cookie_date(okhttp::format_http_date(*date)) == date);
  const okhttp::Result<HttpUrl> url = HttpUrl::try_parse(take_line(input));
  if (!url) return 0;
  okhttp::detail::CookieStore store({.per_domain = 4, .total = 6});
  while (!input.empty()) {
    const std::optional<Cookie> cookie = Cookie::parse(*url, take_line(input), now);
    if (!cookie) continue;
    check(*cookie, *url);
    store.save(*cookie, url->is_https(), now);
    require(store.size() <= 4);
    if (!cookie->is_expired(now) && cookie->matches(*url)) {
      bool found = false;
      for (const Cookie& kept : store.load(*url, now)) {
        require(kept.matches(*url) && !kept.is_expired(now));
        found = found || kept == *cookie;
      }
      // It may have come over http when a secure one was there, or be the first of too many to go.
      require(found || !cookie->secure());
    }
  }
  require(store.all(now).size() <= store.size());
  return 0;
}
