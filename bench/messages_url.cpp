// SPDX-License-Identifier: Apache-2.0
// Nanoseconds to parse one of 10,000 real-looking URLs: HttpUrl::try_parse beside libcurl's
// curl_url_set, each with the time to throw the result away.
// link: -lcurl
// needs: libcurl4-openssl-dev
#include "okhttp.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr std::size_t url_count = 10'000;
constexpr int round_count = 41;

// The same URLs on every machine: a generator of our own, and its sequence from the same seed.
class Dice {
 public:
  // 0 to sides - 1
  std::size_t roll(std::size_t sides) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % sides;
  }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }
  template <std::size_t N>
  std::string pick(const std::array<const char*, N>& from) {
    return from[roll(N)];
  }
  std::string number(std::size_t below) { return std::to_string(roll(below)); }
  std::string hex(std::size_t length) {
    std::string text;
    while (text.size() < length) text += "0123456789abcdef"[roll(16)];
    return text;
  }

 private:
  std::uint64_t state_ = 20260101;
};

constexpr std::array<const char*, 12> subdomains = {
    "www.", "www.", "www.", "api.", "cdn.", "static.", "en.", "m.", "img-3.", "docs.", "", ""};
constexpr std::array<const char*, 16> domains = {
    "example",   "wikipedia", "github",    "news-daily", "shop24",   "university", "weather",
    "openforum", "bookstore", "codehouse", "maps",       "travelog", "archive",    "my-bank",
    "musicbox",  "streaming"};
constexpr std::array<const char*, 10> suffixes = {".com", ".com", ".com", ".org",   ".net",
                                                  ".de",  ".io",  ".edu", ".co.uk", ".gov.au"};
constexpr std::array<const char*, 24> words = {
    "index",   "wiki",     "article",  "images",  "products", "category", "2024",  "v2",
    "users",   "assets",   "library",  "content", "blog",     "search",   "media", "download",
    "release", "C++_(20)", "standard", "profile", "settings", "research", "a~b",   "main_page"};
constexpr std::array<const char*, 8> endings = {".html", ".php", ".jpg", ".min.js",
                                                "",      "",     "/",    ""};
constexpr std::array<const char*, 12> keys = {"q",     "id",   "page",    "utm_source",
                                              "lang",  "sort", "session", "filter",
                                              "limit", "from", "ref",     "callback"};

std::string make_url(Dice& dice) {
  std::string url = dice.one_in(6) ? "http://" : "https://";
  if (dice.one_in(60)) url += "user" + dice.number(100) + ":s3cret@";
  if (dice.one_in(40))
    url += "192.168." + dice.number(256) + "." + dice.number(256);
  else if (dice.one_in(100))
    url += "[2001:db8::" + dice.hex(4) + ":" + dice.hex(4) + "]";
  else
    url += dice.pick(subdomains) + dice.pick(domains) + dice.pick(suffixes);
  if (dice.one_in(20)) url += ":" + std::to_string(8000 + dice.roll(1000));
  if (dice.one_in(12)) return url;

  url += '/';
  for (std::size_t left = dice.roll(6); left > 0; --left) {
    url += dice.one_in(5) ? dice.hex(8 + dice.roll(25)) : dice.pick(words);
    if (dice.one_in(25)) url += "%20" + dice.pick(words);
    if (dice.one_in(60)) url += "/..";
    if (dice.one_in(80)) url += "\xC3\xA9t\xC3\xA9";  // UTF-8
    url += left > 1 ? "/" : dice.pick(endings);
  }
  if (dice.one_in(3)) {
    char separator = '?';
    for (std::size_t left = 1 + dice.roll(4); left > 0; --left) {
      url += separator + dice.pick(keys) + "=";
      url += dice.one_in(3) ? dice.hex(6 + dice.roll(30)) : dice.pick(words);
      if (dice.one_in(12)) url += "%2F" + dice.pick(words) + "+" + dice.number(1000);
      separator = '&';
    }
  }
  if (dice.one_in(20)) url += "#section-" + dice.number(20);
  return url;
}

using Urls = std::vector<std::string>;

// Each returns how many it took, so that nothing of it can be left out.
std::size_t parse_with_okhttp(const Urls& urls) {
  std::size_t taken = 0;
  for (const std::string& text : urls)
    taken += okhttp::HttpUrl::try_parse(text).has_value() ? 1U : 0U;
  return taken;
}

std::size_t parse_with_curl(const Urls& urls) {
  std::size_t taken = 0;
  for (const std::string& text : urls) {
    CURLU* const handle = curl_url();
    taken += curl_url_set(handle, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK ? 1U : 0U;
    curl_url_cleanup(handle);
  }
  return taken;
}

double nanoseconds_per_url(std::size_t (*parse)(const Urls&), const Urls& urls) {
  const auto start = std::chrono::steady_clock::now();
  if (parse(urls) != urls.size()) std::fprintf(stderr, "some URLs were refused\n");
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(urls.size());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  Dice dice;
  Urls urls;
  while (urls.size() < url_count) urls.push_back(make_url(dice));
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  for (int round = 0; round < round_count; ++round) {
    ours.push_back(nanoseconds_per_url(parse_with_okhttp, urls));
    theirs.push_back(nanoseconds_per_url(parse_with_curl, urls));
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf("URL | HttpUrl::try_parse | %.0f | %.2f\n", median(ours), median(ratios));
  std::printf("URL | libcurl curl_url_set | %.0f | 1.00\n", median(theirs));
}
