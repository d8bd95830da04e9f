// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_HPP
#define OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/cookie_jar.hpp>
#include <okhttp/message/cookie_store.hpp>
#include <okhttp/runtime/sync.hpp>

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Tells a cookie jar the time. Any callable that gives a std::chrono::system_clock::time_point; called by many
/// threads, one at a time.
using CookieClock = UniqueFunction<std::chrono::system_clock::time_point()>;

/// A cookie jar that forgets when it goes: `Client::Builder().cookie_jar(std::make_shared<okhttp::MemoryCookieJar>())`.
///
/// Past its limits go, in this order: cookies that have expired; those of a registrable domain with too many, those
/// without Secure first; the rest; always those first that were not sent for the longest time. A response to http
/// neither replaces nor hides a cookie that is for https only.
/// Thread safety: any thread.
/// Spec: RFC 6265bis, 5.7 and 5.8.3.
class MemoryCookieJar : public CookieJar {
 public:
  explicit MemoryCookieJar(CookieLimits limits = {}, CookieClock clock = {})
      : clock_(std::move(clock)), store_(limits) {}

  OKHTTP_DECL void save_from_response(const HttpUrl& url, std::vector<Cookie> cookies) override;
  /// Longest path first, then oldest first; a cookie that replaces one is as old as that.
  OKHTTP_DECL std::vector<Cookie> load_for_request(const HttpUrl& url) override;

  /// Keeps a cookie of one's own, or from elsewhere.
  void add(const Cookie& cookie);
  /// What has not expired, oldest first.
  std::vector<Cookie> all() const;
  void clear();
  /// Removes the cookie of this name, domain and path. False if there is none.
  bool remove(const Cookie& cookie);
  /// Removes every cookie that `goes(const Cookie&)` is true for, which must not use the jar; returns how many.
  template <class Predicate>
  std::size_t remove_if(Predicate goes) {
    std::size_t removed = 0;
    {
      const detail::SyncLock lock(mutex_);
      removed = store_.remove_if(goes);
    }
    if (removed != 0) changed();
    return removed;
  }

 protected:
  /// Called when other cookies are there than before, on the thread that has changed them, without a lock.
  virtual void changed() {}

 private:
  std::chrono::system_clock::time_point now() const { return clock_ ? clock_() : std::chrono::system_clock::now(); }

  const CookieClock clock_;
  mutable detail::SyncMutex mutex_;  // guards what follows, and the calls of the clock
  detail::CookieStore store_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/memory_cookie_jar.ipp>

#endif  // OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_HPP
