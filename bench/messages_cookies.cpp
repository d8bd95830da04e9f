// SPDX-License-Identifier: Apache-2.0
// link: -lcurl
// needs: libcurl4-openssl-dev

// MemoryCookieJar with 3,000 cookies: finding those for a request, ns per request; and putting them in, ns per cookie,
// beside libcurl's cookie engine. libcurl looks up cookies only when it sends a request, and takes no more than 50 of a
// response, so it has an engine for each of the sixty sites.

#include "okhttp.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int sites = 60;
constexpr int per_site = 50;
constexpr int rounds = 31;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

template <class F>
double ns_per_unit(std::size_t units, F function) {
  const Clock::time_point begin = Clock::now();
  function();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(units);
}

void print(const char* topic, const char* contender, double ns, double ratio) {
  std::printf("%s | %s | %.0f | %.2f\n", topic, contender, ns, ratio);
}

std::string host(int site) { return "www.site" + std::to_string(site) + (site % 2 == 0 ? ".com" : ".co.uk"); }

/// One of fifty: half of them are for the whole site, some for a path or https alone.
std::string cookie(int site, int i) {
  std::string text = "name" + std::to_string(i) + "=0123456789abcdef0123456789abcdef; Max-Age=86400";
  text += i % 2 == 0 ? "; Path=/" : "; Path=/section" + std::to_string(i % 5);
  if (i % 3 == 0) text += "; Domain=" + host(site).substr(4);
  if (i % 4 == 0) text += "; Secure; HttpOnly";
  return text;
}

}  // namespace

int main() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::vector<okhttp::HttpUrl> urls;
  std::vector<std::vector<std::string>> texts(sites), lines(sites);
  for (int site = 0; site < sites; ++site) {
    urls.push_back(okhttp::HttpUrl::parse("https://" + host(site) + "/section1/page?q=1"));
    for (int i = 0; i < per_site; ++i) {
      const std::string& text = texts[site].emplace_back(cookie(site, i));
      // libcurl takes no host beside the text.
      const bool has_domain = text.find("Domain=") != std::string::npos;
      lines[site].push_back("Set-Cookie: " + text + (has_domain ? "" : "; Domain=" + host(site)));
    }
  }

  okhttp::MemoryCookieJar jar;
  std::vector<double> ours_save, curl_save, match, match_all, miss;
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round) {
    jar.clear();
    ours_save.push_back(ns_per_unit(sites * per_site, [&] {
      for (int site = 0; site < sites; ++site)
        for (const std::string& text : texts[site]) {
          const auto parsed = okhttp::Cookie::parse(urls[site], text);
          jar.save_from_response(urls[site], {*parsed});
        }
    }));
    std::vector<CURL*> engines(sites);
    for (CURL*& engine : engines) {
      engine = curl_easy_init();
      curl_easy_setopt(engine, CURLOPT_COOKIEFILE, "");
    }
    curl_save.push_back(ns_per_unit(sites * per_site, [&] {
      for (int site = 0; site < sites; ++site)
        for (const std::string& line : lines[site]) curl_easy_setopt(engines[site], CURLOPT_COOKIELIST, line.c_str());
    }));
    for (CURL* const engine : engines) {
      curl_slist* list = nullptr;
      curl_easy_getinfo(engine, CURLINFO_COOKIELIST, &list);
      int count = 0;
      for (const curl_slist* item = list; item != nullptr; item = item->next) ++count;
      curl_slist_free_all(list);
      curl_easy_cleanup(engine);
      if (count != per_site) return 1;
    }
    if (jar.all().size() != sites * per_site) return 1;

    constexpr int repeats = 20;
    match.push_back(ns_per_unit(sites * repeats, [&] {
      for (int i = 0; i < repeats; ++i)
        for (const okhttp::HttpUrl& url : urls) found += jar.load_for_request(url).size();
    }));
    const okhttp::HttpUrl stranger = okhttp::HttpUrl::parse("https://www.stranger.com/");
    miss.push_back(ns_per_unit(sites * repeats, [&] {
      for (int i = 0; i < sites * repeats; ++i) found += jar.load_for_request(stranger).size();
    }));
  }
  // The worst there is: all of a site's fifty go along.
  jar.clear();
  for (int site = 0; site < sites; ++site)
    for (int i = 0; i < per_site; ++i)
      jar.add(okhttp::Cookie::Builder().name("n" + std::to_string(i)).value("v").domain(host(site).substr(4)).build());
  for (int round = 0; round < rounds; ++round)
    match_all.push_back(ns_per_unit(sites * 20, [&] {
      for (int i = 0; i < 20; ++i)
        for (const okhttp::HttpUrl& url : urls) found += jar.load_for_request(url).size();
    }));

  print("cookie parsed and stored", "okhttp", median(ours_save), median(ours_save) / median(curl_save));
  print("cookie parsed and stored", "libcurl", median(curl_save), 1);
  print("cookies for a request, 30 of 3000", "okhttp", median(match), 1);
  print("cookies for a request, 50 of 3000", "okhttp", median(match_all), 1);
  print("cookies for a request, 0 of 3000", "okhttp", median(miss), 1);
  return found == 0;
}
