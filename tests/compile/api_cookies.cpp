// SPDX-License-Identifier: Apache-2.0
// The programs of docs/cookies.md that stand in no example.
#include "okhttp.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

using namespace std::chrono_literals;

void keep_in_memory() {
  const okhttp::Client client =
      okhttp::Client::Builder().cookie_jar(std::make_shared<okhttp::MemoryCookieJar>()).build();
}

void keep_in_a_file() {
  auto jar = std::make_shared<okhttp::FileCookieJar>("cookies.txt");
  jar->remove_if([](const okhttp::Cookie& cookie) { return !cookie.persistent(); });  // the last session's
  const okhttp::Client client = okhttp::Client::Builder().cookie_jar(jar).build();
  if (std::optional<okhttp::Error> failure = jar->save_failure()) std::cerr << failure->message() << '\n';
}

void single_cookies(const okhttp::HttpUrl& url, okhttp::MemoryCookieJar& jar) {
  std::optional<okhttp::Cookie> cookie = okhttp::Cookie::parse(url, "id=42; Path=/; Secure");
  if (cookie && cookie->matches(url)) std::cout << cookie->name() << " goes to " << cookie->domain() << '\n';
  jar.add(okhttp::Cookie::Builder().name("lang").value("en").domain("example.com")
      .expires_at(std::chrono::system_clock::now() + 24h).build());
  for (const okhttp::Cookie& kept : jar.all()) std::cout << kept.to_string() << '\n';
}

struct NoTracking : okhttp::CookieJar {
  void save_from_response(const okhttp::HttpUrl& url, std::vector<okhttp::Cookie> cookies) override {
    std::erase_if(cookies, [](const okhttp::Cookie& cookie) { return cookie.name().starts_with("_ga"); });
    inner.save_from_response(url, std::move(cookies));
  }
  std::vector<okhttp::Cookie> load_for_request(const okhttp::HttpUrl& url) override { return inner.load_for_request(url); }
  okhttp::MemoryCookieJar inner;
};

void by_the_contract() {
  const okhttp::HttpUrl url = okhttp::HttpUrl::parse("https://example.com/");
  std::optional<okhttp::Cookie> cookie = okhttp::Cookie::parse(url, "id=42; Path=/; Secure");
  okhttp::MemoryCookieJar jar; jar.save_from_response(url, std::vector{*cookie}); jar.load_for_request(url);
  okhttp::FileCookieJar file_jar("cookies.txt");
  auto client = okhttp::Client::Builder().cookie_jar(std::make_shared<NoTracking>())
      .add_interceptor([](okhttp::Chain& chain) { return chain.with_cookie_jar(nullptr).proceed(chain.request()); })
      .build();
}

int main() {
  keep_in_memory();
  keep_in_a_file();
  okhttp::MemoryCookieJar jar;
  single_cookies(okhttp::HttpUrl::parse("https://example.com/"), jar);
  by_the_contract();
}
