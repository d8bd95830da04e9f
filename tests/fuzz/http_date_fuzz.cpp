// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/http_date.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

// A date in any form; and its first eight bytes as a number of seconds.

using okhttp::format_http_date;
using okhttp::HttpDateText;
using okhttp::parse_http_date;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::int64_t seconds) {
  const HttpDateText text = format_http_date(seconds);
  require(parse_http_date(text) == seconds);
  // The same second in the other forms of HTTP.
  const std::string_view date = text.view();
  std::string form(date.substr(0, 3));
  form.append(1, ' ').append(date.substr(8, 4)).append(date.substr(5, 3)).append(date.substr(17, 9)).append(date.substr(12, 4));
  require(parse_http_date(form) == seconds);
  form = date;
  form[7] = form[11] = '-';
  require(parse_http_date(form) == seconds);
  form[19] = form[22] = '-';
  require(parse_http_date(form) == seconds);
  form = date.substr(0, 26);
  require(parse_http_date(form + "+0000") == seconds && parse_http_date(form) == seconds);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const std::optional<std::int64_t> seconds = parse_http_date(input)) {
    require(*seconds >= okhttp::min_http_date && *seconds <= okhttp::max_http_date);
    check(*seconds);
    // What follows a zone is ignored, and so is what is in front.
    require(parse_http_date(" \t" + std::string(input)) == *seconds);
  }
  if (size >= sizeof(std::int64_t)) {
    std::int64_t seconds = 0;
    std::memcpy(&seconds, data, sizeof seconds);
    if (seconds < okhttp::min_http_date)
      require(parse_http_date(format_http_date(seconds)) == okhttp::min_http_date);
    else if (seconds > okhttp::max_http_date)
      require(parse_http_date(format_http_date(seconds)) == okhttp::max_http_date);
    else
      check(seconds);
    constexpr std::int64_t span = okhttp::max_http_date - okhttp::min_http_date + 1;
    check(okhttp::min_http_date + static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds) % std::uint64_t{span}));
  }
  return 0;
}
