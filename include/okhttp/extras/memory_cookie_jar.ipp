// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_IPP
#define OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_IPP

#include <okhttp/extras/memory_cookie_jar.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void MemoryCookieJar::save_from_response(const HttpUrl& url, std::vector<Cookie> cookies) {
  bool has_changed = false;
  {
    const detail::SyncLock lock(mutex_);
    const auto time = now();
    for (const Cookie& cookie : cookies) has_changed = store_.save(cookie, url.is_https(), time) || has_changed;
  }
  if (has_changed) changed();
}

OKHTTP_DECL std::vector<Cookie> MemoryCookieJar::load_for_request(const HttpUrl& url) {
  const detail::SyncLock lock(mutex_);
  return store_.load(url, now());
}

OKHTTP_DECL void MemoryCookieJar::add(const Cookie& cookie) {
  bool has_changed = false;
  {
    const detail::SyncLock lock(mutex_);
    has_changed = store_.save(cookie, true, now());
  }
  if (has_changed) changed();
}

OKHTTP_DECL std::vector<Cookie> MemoryCookieJar::all() const {
  const detail::SyncLock lock(mutex_);
  return store_.all(now());
}

OKHTTP_DECL void MemoryCookieJar::clear() {
  {
    const detail::SyncLock lock(mutex_);
    if (store_.size() == 0) return;
    store_.clear();
  }
  changed();
}

OKHTTP_DECL bool MemoryCookieJar::remove(const Cookie& cookie) {
  return remove_if([&](const Cookie& kept) { return detail::is_same_cookie(kept, cookie); }) != 0;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_MEMORY_COOKIE_JAR_IPP
