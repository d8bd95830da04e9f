// SPDX-License-Identifier: Apache-2.0
// The programs of docs/headers.md that stand in no example.
#include "okhttp.hpp"

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

void headers() {
  const okhttp::Headers headers = okhttp::Headers::Builder()
      .add("Accept", "text/html")
      .add("Accept", "application/json")
      .add("X-Trace: 1")
      .set_date("If-Modified-Since", std::chrono::sys_days(std::chrono::year(2024) / 2 / 29))
      .build();
  for (auto [name, value] : headers) std::cout << name << ": " << value << '\n';
  std::cout << headers.get("accept").value_or("") << ' ' << headers.values("Accept").size() << '\n';  // application/json 2
}

void caching(const okhttp::Request& request, const okhttp::Response& response) {
  okhttp::Request fresh = request.new_builder().cache_control(okhttp::CacheControl::force_network()).build();
  okhttp::Request recent = request.new_builder()
      .cache_control(okhttp::CacheControl::Builder().max_age(60s).max_stale(10min).build())
      .build();
  if (response.cache_control().no_store()) std::cout << "not kept\n";
  std::cout << response.cache_control().max_age().value_or(0s).count() << '\n';
}

void media_types(const okhttp::Response& response) {
  const okhttp::MediaType type = okhttp::MediaType::parse("Text/HTML; charset=\"utf-8\"");
  std::cout << type.essence() << ' ' << type.charset().value_or("?") << '\n';               // text/html utf-8
  if (auto view = okhttp::MediaTypeView::parse(response.header("Content-Type", "")))        // allocates nothing
    if (view->is("application/json")) std::cout << "JSON\n";
}

void challenges(const okhttp::Response& response) {
  for (const okhttp::Challenge& challenge : response.challenges())
    std::cout << challenge.scheme() << ' ' << challenge.realm().value_or("?") << '\n';
}

void scanning(std::string_view value) {
  okhttp::FieldScanner scanner(value);                   // gzip; level="fast", br
  while (std::optional<std::string_view> member = scanner.take_list_member()) {
    okhttp::FieldScanner inside(*member);
    std::cout << inside.take_token() << '\n';
    okhttp::FieldParameter parameter;
    while (inside.take_parameter(parameter, okhttp::FieldScanner::Rules::lenient) == okhttp::FieldScanner::Found::parameter)
      std::cout << "  " << parameter.name << " = " << parameter.value.to_string() << '\n';
  }
}

void by_the_contract(const okhttp::Request& request) {
  okhttp::Headers headers = okhttp::Headers::of({{"A", "1"}, {"B", "2"}}); headers.get("a"); headers.values("a"); headers.names();
  okhttp::CacheControl::force_network(); okhttp::CacheControl::force_cache(); okhttp::CacheControl::Builder().max_age(60s).build();
  std::cout << request.cache_control().to_string() << okhttp::format_http_date(0).view() << headers.get_date("Date").has_value();
}

int main() {
  headers();
  scanning("gzip; level=\"fast\", br");
}
