// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/dns_cache.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#if OKHTTP_THREADS
#  include <thread>
#endif

namespace dns_cache_test {

using namespace std::chrono_literals;
using okhttp::DnsCache;
using okhttp::Errc;
using okhttp::Error;
using okhttp::IpAddress;
using okhttp::TimePoint;

namespace {

const TimePoint start = TimePoint() + 1h;

DnsCache::Outcome address(std::uint8_t last) {
  return std::vector<IpAddress>{IpAddress::v4({192, 0, 2, last})};
}
DnsCache::Outcome failure() { return Error(Errc::dns, "there is no such host"); }

void store(DnsCache& cache,
           std::string_view host,
           const DnsCache::Outcome& outcome,
           TimePoint now = start,
           std::optional<std::chrono::seconds> ttl = {}) {
  cache.store(host, outcome, now, ttl, cache.generation());
}

bool knows(DnsCache& cache, std::string_view host, TimePoint now = start) {
  return cache.find(host, now).has_value();
}

}  // namespace

TEST_SUITE("connection/dns_cache") {
  TEST_CASE("keeps addresses for a minute") {
    DnsCache cache;
    CHECK_FALSE(knows(cache, "a.example"));
    store(cache, "a.example", address(1));
    const std::optional<DnsCache::Outcome> found = cache.find("a.example", start + 60s - 1ns);
    REQUIRE(found);
    REQUIRE(found->has_value());
    CHECK(**found == *address(1));
    CHECK_FALSE(knows(cache, "b.example"));
    CHECK(cache.size() == 1);
    CHECK_FALSE(knows(cache, "a.example", start + 60s));
    CHECK(cache.size() == 0);  // what has expired goes when it is looked at
    CHECK_FALSE(knows(cache, "a.example"));
  }

  TEST_CASE("keeps a failure for five seconds") {
    DnsCache cache;
    store(cache, "a.example", failure());
    const std::optional<DnsCache::Outcome> found = cache.find("a.example", start + 5s - 1ns);
    REQUIRE(found);
    REQUIRE_FALSE(found->has_value());
    CHECK(found->error() == Errc::dns);
    CHECK(found->error().message() == "there is no such host");
    CHECK_FALSE(knows(cache, "a.example", start + 5s));
  }

  TEST_CASE("a TTL shortens and never lengthens") {
    DnsCache cache;
    store(cache, "short", address(1), start, 10s);
    store(cache, "equal", address(1), start, 60s);
    store(cache, "long", address(1), start, 61s);
    store(cache, "endless", address(1), start, std::chrono::seconds::max());
    store(cache, "none", address(1), start, 0s);
    store(cache, "negative", address(1), start, -1s);
    store(cache, "failed", failure(), start, 1s);
    store(cache, "failed long", failure(), start, 900s);
    CHECK(knows(cache, "short", start + 10s - 1ns));
    CHECK_FALSE(knows(cache, "short", start + 10s));
    for (const char* host : {"equal", "long", "endless"}) {
      CAPTURE(host);
      CHECK(knows(cache, host, start + 60s - 1ns));
      CHECK_FALSE(knows(cache, host, start + 60s));
    }
    CHECK_FALSE(knows(cache, "none"));
    CHECK_FALSE(knows(cache, "negative"));
    CHECK_FALSE(knows(cache, "failed", start + 1s));
    CHECK(knows(cache, "failed long", start + 5s - 1ns));
    CHECK_FALSE(knows(cache, "failed long", start + 5s));
  }

  TEST_CASE("lifetimes are settings, of any size") {
    DnsCache::Settings settings;
    settings.positive_lifetime = 1500ms;
    settings.negative_lifetime = 0ms;
    DnsCache cache(settings);
    store(cache, "a", address(1));
    store(cache, "b", address(1), start, 1s);
    store(cache, "c", address(1), start, 2s);
    store(cache, "d", failure());
    CHECK(knows(cache, "a", start + 1499ms));
    CHECK_FALSE(knows(cache, "a", start + 1500ms));
    CHECK_FALSE(knows(cache, "b", start + 1s));
    CHECK(knows(cache, "c", start + 1499ms));
    CHECK_FALSE(knows(cache, "c", start + 1500ms));
    CHECK_FALSE(knows(cache, "d"));

    settings.positive_lifetime = std::chrono::milliseconds::max();
    settings.negative_lifetime = std::chrono::milliseconds::min();
    DnsCache forever(settings);
    store(forever, "a", address(1));
    store(forever, "b", failure());
    CHECK(knows(forever, "a", start + 8000h));
    CHECK_FALSE(knows(forever, "b"));
  }

  TEST_CASE("what is newer replaces, and what must not be kept removes") {
    DnsCache cache;
    store(cache, "a", address(1));
    store(cache, "a", address(2), start + 30s);
    CHECK(**cache.find("a", start + 89s) == *address(2));
    CHECK(cache.size() == 1);
    store(cache, "a", failure(), start + 89s);
    CHECK_FALSE(cache.find("a", start + 89s)->has_value());
    store(cache, "a", address(3), start + 90s, 0s);
    CHECK_FALSE(knows(cache, "a", start + 90s));
    CHECK(cache.size() == 0);
  }

  TEST_CASE("hosts are found whatever their case") {
    DnsCache cache;
    store(cache, "A.Example", address(1));
    CHECK(knows(cache, "a.example"));
    CHECK(knows(cache, "a.EXAMPLE"));
    CHECK_FALSE(knows(cache, "a.example."));
    cache.remove("A.EXAMPLE");
    CHECK_FALSE(knows(cache, "a.example"));
    cache.remove("a.example");
  }

  TEST_CASE("a full cache forgets the host not looked at for longest") {
    DnsCache::Settings settings;
    settings.max_hosts = 3;
    DnsCache cache(settings);
    for (const char* host : {"a", "b", "c"}) store(cache, host, address(1));
    CHECK(knows(cache, "a"));
    store(cache, "d", address(1));
    CHECK_FALSE(knows(cache, "b"));
    store(cache, "c", address(2));  // replacing needs no room
    CHECK(cache.size() == 3);
    store(cache, "e", address(1));
    CHECK_FALSE(knows(cache, "a"));
    CHECK((knows(cache, "c") && knows(cache, "d") && knows(cache, "e")));
  }

  TEST_CASE("the default holds 256 hosts, and 0 holds none") {
    DnsCache cache;
    for (int i = 0; i < 1000; ++i) store(cache, std::to_string(i), address(1));
    CHECK(cache.size() == 256);
    CHECK(knows(cache, "999"));
    CHECK(knows(cache, "744"));
    CHECK_FALSE(knows(cache, "743"));
    DnsCache::Settings settings;
    settings.max_hosts = 0;
    DnsCache none(settings);
    store(none, "a", address(1));
    CHECK(none.size() == 0);
  }

  TEST_CASE("a lookup that began before clear does not fill the cache after it") {
    DnsCache cache;
    store(cache, "a", address(1));
    const std::uint64_t before = cache.generation();
    cache.clear();
    CHECK(cache.size() == 0);
    CHECK(cache.generation() != before);
    cache.store("a", address(1), start, {}, before);
    CHECK_FALSE(knows(cache, "a"));
    store(cache, "a", address(2));
    cache.store("a", failure(), start, {}, before);
    CHECK(cache.find("a", start)->has_value());
  }

  TEST_CASE("only failures that are about the name are kept") {
    DnsCache cache;
    for (const Errc code :
         {Errc::canceled, Errc::connect_timeout, Errc::io, Errc::user_exception, Errc::misuse}) {
      store(cache, "a", address(1));
      store(cache, "a", Error(code, "something else"));
      REQUIRE(knows(cache, "a"));
      CHECK(cache.find("a", start)->has_value());
    }
  }

  TEST_CASE("hosts longer than names in DNS are not kept, an empty list is") {
    DnsCache cache;
    store(cache, std::string(254, 'a'), address(1));
    store(cache, std::string(255, 'a'), address(1));
    CHECK(knows(cache, std::string(254, 'a')));
    CHECK_FALSE(knows(cache, std::string(255, 'a')));
    store(cache, "", std::vector<IpAddress>());
    CHECK(cache.find("", start)->value().empty());
  }

  TEST_CASE("a clock that goes back does no harm") {
    DnsCache cache;
    store(cache, "a", address(1));
    CHECK(knows(cache, "a", start - 1h));
    CHECK(knows(cache, "a", TimePoint::min()));
    CHECK_FALSE(knows(cache, "a", TimePoint::max()));
  }

#if OKHTTP_THREADS
  TEST_CASE("many threads may use it at once") {
    DnsCache::Settings settings;
    settings.max_hosts = 8;
    DnsCache cache(settings);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&cache, t] {
        for (int i = 0; i < 2000; ++i) {
          const std::string host = std::to_string((i * 7 + t) % 20);
          const TimePoint now = start + std::chrono::seconds(i);
          if (const auto found = cache.find(host, now); found && *found)
            static_cast<void>((*found)->size());
          store(cache, host, i % 3 == 0 ? failure() : address(1), now);
          if (i % 500 == 0) cache.clear();
          if (i % 50 == 0) cache.remove(host);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(cache.size() <= 8);
  }
#endif
}

}  // namespace dns_cache_test
