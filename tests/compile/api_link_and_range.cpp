// SPDX-License-Identifier: Apache-2.0
// The programs of docs/fields.md, run against a mock server.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d does not hold\n", __FILE__, line);
  std::exit(1);
}
#define REQUIRE(...) require((__VA_ARGS__), __LINE__)

// ---- Link ----

std::vector<std::string> all_pages(const okhttp::Client& client, std::optional<okhttp::HttpUrl> page) {
  std::vector<std::string> pages;
  while (page) {
    okhttp::Response response = client.new_call(okhttp::Request::Builder().url(*page).build()).execute();
    pages.push_back(response.body().string());
    const auto next = okhttp::Links(response.headers()).find("next");
    page = next ? next->resolve(response.request().url()) : std::nullopt;
  }
  return pages;
}

void print_links(const okhttp::Response& response) {
  for (const okhttp::Link& link : okhttp::Links(response.headers()))
    std::cout << link.target() << ' ' << link.rel().value_or("") << ' ' << link.title().value_or("") << '\n';
}

// ---- Range ----

/// Fetches what is missing of a file of which `have` is the beginning.
void resume(const okhttp::Client& client, const okhttp::Response& first, std::string& have) {
  const auto validator = okhttp::if_range_validator(first.headers());
  if (!validator) return;  // a part of another version could not be told from the right one
  const auto begin = static_cast<std::int64_t>(have.size());
  okhttp::Response rest = client.new_call(first.request().new_builder()
                                              .header("Range", okhttp::Range::from(begin).to_string())
                                              .header("If-Range", *validator)
                                              .build()).execute();
  if (rest.code() == 206) {
    const auto part = okhttp::ContentRange::parse(rest.header("Content-Range").value_or(""));
    if (part.span() && part.span()->first == begin) have += rest.body().string();
  } else if (rest.code() == 200) {
    have = rest.body().string();  // it has changed: all of it
  }
}

// ---- Content-Disposition ----

std::string name_for(const okhttp::Response& response) {
  const auto disposition = okhttp::ContentDisposition::of(response.headers());
  if (!disposition || !disposition->is_attachment()) return "download";
  return disposition->safe_filename().value_or("download");
}

// ---- Structured fields ----

bool came_from_cache(const okhttp::Response& response) {
  const auto caches = okhttp::structured::List::try_parse(response.headers(), "Cache-Status");
  if (!caches) return false;  // malformed: as if it were not there
  for (const okhttp::structured::Item& cache : *caches)
    if (cache.parameter("hit") == true) return true;
  return false;
}

void writing() {
  const std::string encodings =
      okhttp::structured::Builder()
          .add(okhttp::structured::token("gzip")).parameter("q", 0.5)
          .add("a string")
          .build();                                                   // gzip;q=0.5, "a string"
  REQUIRE(encodings == R"(gzip;q=0.5, "a string")");
  const std::string settings =
      okhttp::structured::Builder().add("depth", 3).open("at").add(okhttp::structured::date(0)).close().add("fast", true).build();
  REQUIRE(settings == "depth=3, at=(@0), fast");                      // depth=3, at=(@0), fast
  const std::string soon = okhttp::Priority{.urgency = 1, .incremental = true}.to_string();     // u=1, i
  REQUIRE(soon == "u=1, i");
  const std::string disposition =
      okhttp::ContentDisposition::Builder("attachment").filename("\u20AC rates.txt").build();
  REQUIRE(disposition == "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt");
  REQUIRE(okhttp::Link::Builder("/page/3").rel("next").build() == "</page/3>; rel=\"next\"");
  const okhttp::Range wanted = okhttp::Range::of({{0, 99}, okhttp::ByteRange::from(500), okhttp::ByteRange::suffix(10)});
  REQUIRE(wanted.to_string() == "bytes=0-99, 500-, -10");
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    okhttp::MockResponse response;
    if (request.target() == "/file") {
      response.header("ETag", "\"1\"").header("Cache-Status", "proxy; hit; ttl=3").header("Priority", "u=1");
      response.header("Content-Disposition", "attachment; filename=\"../a.txt\"");
      const std::string_view range = request.header("Range").value_or("");
      if (range.empty()) return response.body("hello");
      REQUIRE(range == "bytes=5-" && request.header("If-Range") == "\"1\"");
      return response.code(206).header("Content-Range", "bytes 5-10/11").body(" world");
    }
    if (request.target() == "/?page=1") response.header("Link", "<?page=2>; rel=\"next last\"; title=two");
    return response.body(request.target());
  });
  const okhttp::Client client;
  REQUIRE(all_pages(client, server.url("/?page=1")) == std::vector<std::string>{"/?page=1", "/?page=2"});
  okhttp::Response first = client.new_call(okhttp::Request::Builder().url(server.url("/file")).build()).execute();
  print_links(first);
  std::string have = first.body().string();
  resume(client, first, have);
  REQUIRE(have == "hello world");
  REQUIRE(name_for(first) == "a.txt");
  REQUIRE(came_from_cache(first));
  REQUIRE(okhttp::Priority::of(first.headers()).urgency == 1);
  writing();
}
