// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COOKIE_STORE_HPP
#define OKHTTP_MESSAGE_COOKIE_STORE_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/cookie.hpp>
#include <okhttp/url/http_url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// How many cookies a jar keeps. Defaults: RFC 6265bis, 6.1.
struct CookieLimits {
  /// Of one registrable domain ("example.co.uk"), its subdomains included. Browsers: 150 to 180.
  std::size_t per_domain = 50;
  /// Of all together.
  std::size_t total = 3000;
};

namespace detail {

/// The cookies of a jar, filed under the registrable domains of their domains. Past a limit go: cookies that have
/// expired; of one registrable domain then those that are not secure before those that are, so that nobody who
/// can only write to http responses drives these out; and always those that were not sent for the longest time first.
///
/// No lock and no clock: `now` is given. Thread safety: none.
/// Spec: RFC 6265bis, 5.7 and 5.8.3.
class CookieStore {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit CookieStore(CookieLimits limits) noexcept : limits_(limits) {}

  /// Keeps a cookie of a response from an https URL, or from an http URL, which must not touch secure cookies. One
  /// that has expired takes away what it would replace. False if nothing has changed.
  bool save(const Cookie& cookie, bool from_https, Time now);
  /// The cookies for a request, longest path first, then oldest first. Those found are the last to be driven out.
  std::vector<Cookie> load(const HttpUrl& url, Time now);
  /// What has not expired, in the order in which it came to be.
  std::vector<Cookie> all(Time now) const;
  template <class Predicate>
  std::size_t remove_if(Predicate&& goes) {
    const std::size_t before = count_;
    for (Site& site : sites_)
      count_ -= std::erase_if(site.cookies, [&](const Entry& entry) { return goes(entry.cookie); });
    if (count_ != before) drop_empty_sites();
    return before - count_;
  }
  void clear() noexcept {
    sites_.clear();
    count_ = 0;
  }
  /// Those that have expired and were not looked at since included.
  std::size_t size() const noexcept { return count_; }

 private:
  struct Entry {
    Cookie cookie;
    std::uint64_t created;  // both count up; a cookie that replaces another one keeps its number
    std::uint64_t used;
  };
  struct Site {
    std::string name;
    std::vector<Entry> cookies;  // in the order in which they are sent
  };
  using Sites = std::vector<Site>;

  Sites::iterator find_site(std::string_view name) noexcept;
  void insert(Site& site, Entry entry);
  void make_room_in(Site& site, Time now);
  void make_room(Time now);
  void drop_empty_sites();

  CookieLimits limits_;
  Sites sites_;  // by name; none is empty
  std::size_t count_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/message/cookie_store.ipp>

#endif  // OKHTTP_MESSAGE_COOKIE_STORE_HPP
