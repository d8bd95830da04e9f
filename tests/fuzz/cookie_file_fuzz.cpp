// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/cookie_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// The input is a cookies.txt.

using okhttp::Cookie;
using okhttp::detail::CookieFile;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const CookieFile file = okhttp::detail::parse_cookie_file(input);
  std::vector<Cookie> kept;
  for (const Cookie& cookie : file.cookies) {
    require(!cookie.name().empty() && cookie.path().starts_with('/') && !cookie.domain().empty());
    require(cookie.name().size() + cookie.value().size() <= Cookie::max_size);
    require(cookie.same_site() == okhttp::SameSite::unspecified);
    require(cookie.name().find('\t') == std::string_view::npos);
    if (!cookie.persistent() || cookie.expires_at()->time_since_epoch().count() > 0) kept.push_back(cookie);
  }
  // Loaded, saved and loaded again it is the same.
  const std::string text = okhttp::detail::write_cookie_file(file.cookies, file.unreadable);
  const CookieFile again = okhttp::detail::parse_cookie_file(text);
  require(again.has_title);
  require(again.cookies == kept);
  require(again.unreadable == file.unreadable);
  require(okhttp::detail::write_cookie_file(again.cookies, again.unreadable) == text);
  return 0;
}
