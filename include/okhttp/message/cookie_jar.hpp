// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_JAR_HPP
#define OKHTTP_MESSAGE_COOKIE_JAR_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/cookie.hpp>
#include <okhttp/url/http_url.hpp>

#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Keeps a client's cookies: MemoryCookieJar, FileCookieJar, or your own. A client without one keeps none.
///
/// Thread safety: the calls of a client, and several clients, use a jar at once, each on its own thread.
class CookieJar {
 public:
  CookieJar() = default;
  CookieJar(const CookieJar&) = delete;
  CookieJar& operator=(const CookieJar&) = delete;
  virtual ~CookieJar() = default;

  /// Keeps the cookies of a response from this URL, in the order they were sent: one that was kept under the same
  /// name, domain and path goes, and one that has expired is not kept. Called for every response with cookies,
  /// those that redirect and those that ask for credentials included; not for interim (1xx) ones and not for those
  /// of proxies to CONNECT.
  virtual void save_from_response(const HttpUrl& url, std::vector<Cookie> cookies) = 0;

  /// The cookies that a request for this URL is to have, in the order they are to be sent.
  virtual std::vector<Cookie> load_for_request(const HttpUrl& url) = 0;

  /// True if the one or the other may wait for a disk, another program and the like. An event loop then has it run
  /// on a helper thread; otherwise it is called on the loop's own, and must not block.
  virtual bool saving_may_block() const noexcept { return false; }
  virtual bool loading_may_block() const noexcept { return false; }
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_COOKIE_JAR_HPP
