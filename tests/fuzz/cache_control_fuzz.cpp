// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/cache_control.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// Every line of the input is a Cache-Control header, those that begin with `!` a Pragma; all together they are one
// message's.

using okhttp::CacheControl;
using okhttp::CacheDirectives;
using okhttp::Headers;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::optional<std::chrono::seconds> value) {
  require(!value || (value->count() >= 0 && *value <= CacheDirectives::max_seconds));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Headers headers;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const bool is_pragma = input.front() == '!';
    std::string line;
    for (const char c : okhttp::ascii::trim(input.substr(is_pragma ? 1 : 0, is_pragma && end != std::string_view::npos ? end - 1 : end)))
      if (c != '\r' && c != '\0' && c != '\n') line += c;
    headers.append_unchecked(is_pragma ? "pragma" : "Cache-Control", line);
    if (end == std::string_view::npos) break;
    input.remove_prefix(end + 1);
  }
  const CacheDirectives directives = CacheDirectives::parse(headers);
  check(directives.max_age());
  check(directives.s_maxage());
  check(directives.max_stale());
  check(directives.min_fresh());
  check(directives.stale_while_revalidate());
  check(directives.stale_if_error());
  const std::string written = directives.to_string();
  require(written.empty() == directives.empty());
  require(CacheDirectives::parse(written) == directives);
  require(CacheDirectives::parse(written).to_string() == written);

  // With its text it says the same, and what is sent with it is read so.
  const CacheControl control = CacheControl::parse(headers);
  require(static_cast<const CacheDirectives&>(control) == directives);
  require(CacheControl::parse(control.to_string()) == control);
  if (headers.size() == 1 && headers[0].name != "pragma") require(control.to_string() == headers[0].value);
  return 0;
}
