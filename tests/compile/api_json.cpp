// SPDX-License-Identifier: Apache-2.0
// The programs of docs/json.md, run against a mock server.
#include "okhttp.hpp"
#include "okhttp_json.hpp"

struct Repository {
  std::string name;
  int stars = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Repository, name, stars)
};

#include "okhttp_mockwebserver.hpp"

#include <charconv>
#include <concepts>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

// Another library, very small.
namespace my_json {

struct Number {
  int value = 0;
};

template <class T>
concept Convertible = std::same_as<T, Number>;

std::string to_text(const Number& number) { return std::to_string(number.value); }

template <Convertible T>
std::optional<T> from_text(std::string_view text) {
  T number;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number.value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace my_json

template <class T>
  requires my_json::Convertible<T>
struct okhttp::JsonAdapter<T> {
  static std::string write(const T& value) { return my_json::to_text(value); }
  static okhttp::Result<T> read(std::string_view text) {
    if (std::optional<T> value = my_json::from_text<T>(text)) return *value;
    return okhttp::Error(okhttp::Errc::malformed_body, "this is no JSON of ours");
  }
};

namespace {

int failures = 0;
void require(bool holds, const char* what) {
  if (holds) return;
  std::printf("does not hold: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse().body(R"({"name":"okhttp","stars":46001})"));
  server.enqueue(okhttp::MockResponse().body("17"));
  server.enqueue(okhttp::MockResponse().body("[broken"));
  const okhttp::HttpUrl url = server.url("/");
  okhttp::Client client;

  okhttp::Request request = okhttp::Request::Builder().url(url).post(okhttp::RequestBody::json(Repository{"okhttp", 46000})).build();
  Repository back = client.new_call(request).execute().body().json<Repository>();

  require(back.stars == 46001, "the answer is read");
  const okhttp::RecordedRequest recorded = server.take_request();
  require(recorded.body() == R"({"name":"okhttp","stars":46000})", "the value is written");
  require(recorded.header("Content-Type") == "application/json", "the media type");

  request = okhttp::Request::Builder().url(url).post(okhttp::RequestBody::json(my_json::Number{4})).build();
  require(client.new_call(request).execute().body().json<my_json::Number>().value == 17, "another library");
  require(client.new_call(request).execute().body().try_json<nlohmann::json>().error() == okhttp::Errc::malformed_body,
          "broken JSON");
  return failures;
}
