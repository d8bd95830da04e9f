// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/range.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The input is a Range header, a Content-Range header and, line by line, the headers of a response.

namespace {

using namespace okhttp;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Range& range) {
  require(range.size() >= 1 && range.size() <= Range::max_ranges);
  const Range again = Range::try_parse(range.to_string()).value();
  require(again == range && again.to_string() == range.to_string());
  for (const ByteRange& wish : range) {
    require(Range::try_of({wish}).has_value());
    for (const std::int64_t size : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, std::int64_t{1000}, INT64_MAX}) {
      const std::optional<ByteSpan> span = wish.of(size);
      if (!span) continue;
      require(span->first >= 0 && span->last >= span->first && span->last < size);
      require(span->size() >= 1 && span->size() <= size);
      const ContentRange answer = ContentRange::try_of(*span, size).value();
      require(ContentRange::try_parse(answer.to_string()).value() == answer);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string clean;  // of what no header can have
  for (const char c : std::string_view(reinterpret_cast<const char*>(data), size))
    if (c != '\r' && c != '\0') clean += c;
  std::string_view rest = clean;
  const auto line = [&] {
    const std::size_t end = rest.find('\n');
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return taken;
  };
  if (const Result<Range> range = Range::try_parse(line())) check(*range);
  if (const Result<ContentRange> range = ContentRange::try_parse(line())) {
    require(range->span().has_value() || range->size().has_value());
    if (range->span()) {
      require(range->span()->first >= 0 && range->span()->first <= range->span()->last);
      require(range->span()->size() > 0 && (!range->size() || range->span()->last < *range->size()));
    }
    require(ContentRange::try_parse(range->to_string()).value() == *range);
  }
  Headers headers;
  for (const char* const name : {"ETag", "Last-Modified", "Date"}) headers.append_unchecked(name, line());
  if (const std::optional<std::string_view> validator = if_range_validator(headers))
    require(validator == headers.get("ETag") || validator == headers.get("Last-Modified"));
  return 0;
}
