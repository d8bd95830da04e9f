// SPDX-License-Identifier: Apache-2.0
// link: -I/usr/share/include/llhttp -x c /usr/share/llhttp/api.c -x c /usr/share/llhttp/http.c -x c /usr/share/llhttp/llhttp.c -x none
// needs: libboost-dev node-llhttp

// The head of a response with twelve headers, parsed from one piece of memory into what a program can ask for headers:
// ns per head. Boost.Beast and we copy it; llhttp calls back for every piece and keeps nothing, so it is measured twice:
// with callbacks that only count, and with ones that put names and values into a vector of strings.

#include "okhttp.hpp"

#include <boost/beast/http.hpp>
#include <llhttp.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Server: nginx/1.22.1\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Length: 51234\r\n"
    "Connection: keep-alive\r\n"
    "Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT\r\n"
    "ETag: \"5f3a-17c2b6e1a40\"\r\n"
    "Cache-Control: public, max-age=31536000, immutable\r\n"
    "Vary: Accept-Encoding\r\n"
    "X-Frame-Options: SAMEORIGIN\r\n"
    "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\n"
    "Accept-Ranges: bytes\r\n"
    "\r\n";
constexpr std::size_t header_count = 12;
constexpr int per_round = 20'000;
constexpr int rounds = 31;

void require(bool condition) {
  if (condition) return;
  std::fprintf(stderr, "a head was not parsed\n");
  std::exit(1);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

template <class F>
double ns_per_head(F parse) {
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < per_round; ++i) require(parse() == header_count);
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / per_round;
}

std::size_t parse_with_okhttp() {
  okhttp::http1::ResponseHeadReader reader;
  const okhttp::Result<std::size_t> read = reader.feed(head);
  require(read && *read == head.size() && reader.done());
  return reader.take().headers.size();
}

std::size_t parse_with_beast() {
  boost::beast::http::response_parser<boost::beast::http::empty_body> parser;
  boost::beast::error_code error;
  parser.eager(false);
  const std::size_t read = parser.put(boost::asio::buffer(head), error);
  require(!error && read == head.size() && parser.is_header_done());
  const auto& fields = parser.get();
  return static_cast<std::size_t>(std::distance(fields.begin(), fields.end()));
}

struct Counter {
  std::size_t count = 0;
};
struct Collector {
  std::vector<std::pair<std::string, std::string>> headers;
};

template <class T>
T& owner(llhttp_t* parser) {
  return *static_cast<T*>(parser->data);
}

template <class T>
std::size_t parse_with_llhttp(const llhttp_settings_t& settings, T& target) {
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, &settings);
  parser.data = &target;
  require(llhttp_execute(&parser, head.data(), head.size()) == HPE_OK);
  if constexpr (requires { target.headers; })
    return target.headers.size();
  else
    return target.count;
}

}  // namespace

int main() {
  llhttp_settings_t counting;
  llhttp_settings_init(&counting);
  counting.on_header_field = [](llhttp_t*, const char*, std::size_t) { return 0; };
  counting.on_header_value = [](llhttp_t*, const char*, std::size_t) { return 0; };
  counting.on_header_value_complete = [](llhttp_t* parser) {
    owner<Counter>(parser).count += 1;
    return 0;
  };
  llhttp_settings_t collecting;
  llhttp_settings_init(&collecting);
  collecting.on_header_field = [](llhttp_t* parser, const char* at, std::size_t size) {
    owner<Collector>(parser).headers.emplace_back(std::string(at, size), std::string());
    return 0;
  };
  collecting.on_header_value = [](llhttp_t* parser, const char* at, std::size_t size) {
    owner<Collector>(parser).headers.back().second.append(at, size);
    return 0;
  };

  std::vector<double> okhttp, beast, counted, collected, ratio, counted_ratio, collected_ratio;
  for (int round = 0; round < rounds; ++round) {
    okhttp.push_back(ns_per_head(parse_with_okhttp));
    beast.push_back(ns_per_head(parse_with_beast));
    counted.push_back(ns_per_head([&] {
      Counter counter;
      return parse_with_llhttp(counting, counter);
    }));
    collected.push_back(ns_per_head([&] {
      Collector collector;
      return parse_with_llhttp(collecting, collector);
    }));
    ratio.push_back(okhttp.back() / beast.back());
    counted_ratio.push_back(counted.back() / beast.back());
    collected_ratio.push_back(collected.back() / beast.back());
  }
  std::printf("headers | ResponseHeadReader | %.0f | %.2f\n", median(okhttp), median(ratio));
  std::printf("headers | Boost.Beast response_parser | %.0f | 1.00\n", median(beast));
  std::printf("headers | llhttp, nothing kept | %.0f | %.2f\n", median(counted), median(counted_ratio));
  std::printf("headers | llhttp, kept as strings | %.0f | %.2f\n", median(collected), median(collected_ratio));
  return 0;
}
