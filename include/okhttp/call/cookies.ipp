// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_COOKIES_IPP
#define OKHTTP_CALL_COOKIES_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/call/cookies.hpp>

#if OKHTTP_BODIES

#include <memory>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Whether a Cookie header has a cookie of this name.
OKHTTP_DECL bool names_cookie(std::string_view header, std::string_view name) noexcept {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = header.substr(0, end);
    if (ascii::trim(pair.substr(0, pair.find('='))) == name) return true;
    if (end == std::string_view::npos) return false;
    header.remove_prefix(end + 1);
  }
  return false;
}

OKHTTP_DECL Request add_cookies(Request request, const std::vector<Cookie>& cookies) {
  std::string text;
  const auto append = [&text](std::string_view part) {
    if (!text.empty()) text += "; ";
    text += part;
  };
  for (const std::string_view own : request.headers("Cookie"))
    if (!own.empty()) append(own);
  const std::size_t own_size = text.size();
  for (const Cookie& cookie : cookies) {
    if (names_cookie(std::string_view(text).substr(0, own_size), cookie.name())) continue;
    append(cookie.name());
    text.append("=").append(cookie.value());
  }
  if (text.size() == own_size) return request;
  Headers headers = request.headers();
  headers.remove_all("Cookie");
  headers.append_unchecked("Cookie", text);
  return request.with_headers(std::move(headers));
}

/// The cookies of a jar that may wait for them.
OKHTTP_DECL Task<std::vector<Cookie>> load_cookies_apart(Runtime& runtime, std::shared_ptr<CookieJar> jar, HttpUrl url) {
  // The helper thread may go on when the call has been given up: what it touches is shared with it.
  const auto cookies = std::make_shared<std::vector<Cookie>>();
  UniqueFunction<void()> job([jar, url, cookies] { *cookies = jar->load_for_request(url); });
  Task<void> loading = runtime.offload(std::move(job));
  co_await std::move(loading);
  co_return std::move(*cookies);
}

OKHTTP_DECL Task<Response> connect_with_cookies(CallState& call, Request request) {
  const std::shared_ptr<CookieJar> jar = call.config->cookie_jar;
  Runtime& runtime = *call.limits.runtime;
  const HttpUrl url = request.url();
  std::vector<Cookie> cookies;
  if (jar->loading_may_block() && !runtime.blocks())
    cookies = co_await load_cookies_apart(runtime, jar, url);
  else
    cookies = jar->load_for_request(url);
  if (!cookies.empty()) request = add_cookies(std::move(request), cookies);

  Response response = co_await connect(call, std::move(request));
  if (!response.headers().contains("Set-Cookie")) co_return response;
  cookies = Cookie::parse_all(url, response.headers());
  if (cookies.empty()) co_return response;
  if (jar->saving_may_block() && !runtime.blocks()) {
    UniqueFunction<void()> job(
        [jar, url, received = std::move(cookies)]() mutable { jar->save_from_response(url, std::move(received)); });
    Task<void> saving = runtime.offload(std::move(job));
    co_await std::move(saving);
  } else {
    jar->save_from_response(url, std::move(cookies));
  }
  co_return response;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_COOKIES_IPP
