// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_STORE_IPP
#define OKHTTP_MESSAGE_COOKIE_STORE_IPP

#include <okhttp/message/cookie_match.hpp>
#include <okhttp/message/cookie_store.hpp>
#include <okhttp/url/public_suffix.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Where a host's cookies are filed, those of a domain it is in included.
OKHTTP_DECL std::string_view cookie_site(std::string_view host) noexcept {
#if OKHTTP_PSL
  return url::site(host);
#else
  // Any end of the name that all cookies for it share.
  if (is_ip_host(host) || host.empty()) return host;
  const std::size_t last = host.rfind('.', host.size() - 2);
  if (last == std::string_view::npos || last == 0) return host;
  const std::size_t before = host.rfind('.', last - 1);
  return before == std::string_view::npos ? host : host.substr(before + 1);
#endif
}

/// Spec: RFC 6265bis, 5.7, step 22.
OKHTTP_DECL bool is_same_cookie(const Cookie& a, const Cookie& b) noexcept {
  return a.name() == b.name() && a.path() == b.path() && a.domain() == b.domain() && a.host_only() == b.host_only();
}

/// Whether a cookie that came without TLS would hide a secure one or take its place.
/// Spec: RFC 6265bis, 5.7, step 15.
OKHTTP_DECL bool overlays(const Cookie& cookie, const Cookie& secure) noexcept {
  return secure.secure() && cookie.name() == secure.name() &&
         (domain_matches(cookie.domain(), secure.domain()) || domain_matches(secure.domain(), cookie.domain())) &&
         path_matches(cookie.path(), secure.path());
}

OKHTTP_DECL CookieStore::Sites::iterator CookieStore::find_site(std::string_view name) noexcept {
  return std::lower_bound(sites_.begin(), sites_.end(), name,
                          [](const Site& site, std::string_view wanted) { return site.name < wanted; });
}

OKHTTP_DECL void CookieStore::insert(Site& site, Entry entry) {
  const auto place = std::upper_bound(site.cookies.begin(), site.cookies.end(), entry, [](const Entry& a, const Entry& b) {
    const std::size_t a_path = a.cookie.path().size(), b_path = b.cookie.path().size();
    return a_path != b_path ? a_path > b_path : a.created < b.created;
  });
  site.cookies.insert(place, std::move(entry));
  ++count_;
}

OKHTTP_DECL bool CookieStore::save(const Cookie& cookie, bool from_https, Time now) {
  const std::string_view name = cookie_site(cookie.domain());
  auto site = find_site(name);
  const bool is_known = site != sites_.end() && site->name == name;
  const bool expired = cookie.is_expired(now);
  Entry entry{cookie, counter_, counter_};
  if (is_known) {
    if (!from_https && !cookie.secure() &&
        std::any_of(site->cookies.begin(), site->cookies.end(),
                    [&](const Entry& kept) { return overlays(cookie, kept.cookie) && !kept.cookie.is_expired(now); }))
      return false;
    const auto old = std::find_if(site->cookies.begin(), site->cookies.end(),
                                  [&](const Entry& kept) { return is_same_cookie(kept.cookie, cookie); });
    if (old != site->cookies.end()) {
      entry.created = old->created;
      old->used = counter_++;
      if (!expired) {
        const bool changed = !(old->cookie == cookie);
        old->cookie = cookie;
        return changed;
      }
      site->cookies.erase(old);
      --count_;
      if (site->cookies.empty()) sites_.erase(site);
      return true;
    }
  }
  if (expired || limits_.per_domain == 0 || limits_.total == 0) return false;
  ++counter_;
  if (!is_known) site = sites_.insert(site, Site{std::string(name), {}});
  insert(*site, std::move(entry));
  make_room_in(*site, now);
  make_room(now);
  return true;
}

OKHTTP_DECL void CookieStore::make_room_in(Site& site, Time now) {
  if (site.cookies.size() <= limits_.per_domain) return;
  count_ -= std::erase_if(site.cookies, [&](const Entry& entry) { return entry.cookie.is_expired(now); });
  while (site.cookies.size() > limits_.per_domain) {
    site.cookies.erase(std::min_element(site.cookies.begin(), site.cookies.end(), [](const Entry& a, const Entry& b) {
      if (a.cookie.secure() != b.cookie.secure()) return b.cookie.secure();
      return a.used < b.used;
    }));
    --count_;
  }
}

OKHTTP_DECL void CookieStore::make_room(Time now) {
  if (count_ <= limits_.total) return;
  remove_if([&](const Cookie& cookie) { return cookie.is_expired(now); });
  while (count_ > limits_.total) {
    Site* from = nullptr;
    std::size_t index = 0;
    std::uint64_t least = UINT64_MAX;
    for (Site& site : sites_)
      for (std::size_t i = 0; i < site.cookies.size(); ++i)
        if (site.cookies[i].used < least) {
          least = site.cookies[i].used;
          from = &site;
          index = i;
        }
    from->cookies.erase(from->cookies.begin() + static_cast<std::ptrdiff_t>(index));
    --count_;
    if (from->cookies.empty()) drop_empty_sites();
  }
}

OKHTTP_DECL void CookieStore::drop_empty_sites() {
  std::erase_if(sites_, [](const Site& site) { return site.cookies.empty(); });
}

OKHTTP_DECL std::vector<Cookie> CookieStore::load(const HttpUrl& url, Time now) {
  std::vector<Cookie> found;
  const std::string_view name = cookie_site(url.host());
  const auto site = find_site(name);
  if (site == sites_.end() || site->name != name) return found;
  const std::uint64_t used = counter_++;
  for (Entry& entry : site->cookies) {
    if (!entry.cookie.matches(url) || entry.cookie.is_expired(now)) continue;
    if (found.empty()) found.reserve(site->cookies.size());
    entry.used = used;
    found.push_back(entry.cookie);
  }
  return found;
}

OKHTTP_DECL std::vector<Cookie> CookieStore::all(Time now) const {
  std::vector<const Entry*> entries;
  entries.reserve(count_);
  for (const Site& site : sites_)
    for (const Entry& entry : site.cookies)
      if (!entry.cookie.is_expired(now)) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->created < b->created; });
  std::vector<Cookie> cookies;
  cookies.reserve(entries.size());
  for (const Entry* const entry : entries) cookies.push_back(entry->cookie);
  return cookies;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_COOKIE_STORE_IPP
