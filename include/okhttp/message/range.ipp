// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RANGE_IPP
#define OKHTTP_MESSAGE_RANGE_IPP

#include <okhttp/message/range.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN

namespace detail::range {

/// Takes a number off the front; -1 when there is none. One above 63 bits is INT64_MAX, and `is_too_large` is set.
OKHTTP_DECL std::int64_t take_number(std::string_view& rest, bool& is_too_large) noexcept {
  if (rest.empty() || !ascii::is_digit(rest.front())) return -1;
  std::int64_t number = 0;
  for (; !rest.empty() && ascii::is_digit(rest.front()); rest.remove_prefix(1)) {
    const std::int64_t digit = rest.front() - '0';
    is_too_large = is_too_large || number > (INT64_MAX - digit) / 10;
    number = is_too_large ? INT64_MAX : number * 10 + digit;
  }
  return number;
}

/// Takes "bytes" and the character behind it.
OKHTTP_DECL bool take_unit(std::string_view& rest, char separator) noexcept {
  constexpr std::string_view unit = "bytes";
  if (rest.size() <= unit.size() || !ascii::iequals(rest.substr(0, unit.size()), unit) || rest[unit.size()] != separator)
    return false;
  rest.remove_prefix(unit.size() + 1);
  return true;
}

OKHTTP_DECL bool take(std::string_view& rest, char c) noexcept {
  if (rest.empty() || rest.front() != c) return false;
  rest.remove_prefix(1);
  return true;
}

/// `0-99`, `100-` or `-500`, whole.
OKHTTP_DECL std::optional<ByteRange> parse_one(std::string_view text) noexcept {
  bool is_too_large = false;
  const std::int64_t first = take_number(text, is_too_large);
  if (!take(text, '-')) return std::nullopt;
  const bool has_last = !text.empty();
  const std::int64_t last = take_number(text, is_too_large);
  if (!text.empty() || (has_last && last < 0) || (first < 0 && !has_last)) return std::nullopt;
  if (first < 0) return ByteRange::suffix(last);
  if (!has_last) return ByteRange::from(first);
  if (last < first) return std::nullopt;
  return ByteRange(first, last);
}

}  // namespace detail::range

OKHTTP_DECL std::optional<ByteSpan> ByteRange::of(std::int64_t size) const noexcept {
  if (!is_valid() || size <= 0) return std::nullopt;
  if (first_ == from_the_end) {
    if (last_ == 0) return std::nullopt;
    return ByteSpan{last_ < size ? size - last_ : 0, size - 1};
  }
  if (first_ >= size) return std::nullopt;
  return ByteSpan{first_, std::min(last_, size - 1)};
}

OKHTTP_DECL void ByteRange::append_to(std::string& out) const {
  if (first_ != from_the_end) out += std::to_string(first_);
  out += '-';
  if (last_ != no_end || first_ == from_the_end) out += std::to_string(last_);
}

OKHTTP_DECL Result<Range> Range::try_of(std::initializer_list<ByteRange> ranges) {
  if (ranges.size() == 0 || ranges.size() > max_ranges)
    return {Errc::invalid_argument, "a Range has 1 to ", max_ranges, " ranges"};
  Range made;
  for (const ByteRange& range : ranges) {
    if (!range.is_valid())
      return {Errc::invalid_argument, "a range of bytes has an end before its beginning, or a negative one"};
    made.ranges_[made.size_++] = range;
  }
  return made;
}

OKHTTP_DECL Result<Range> Range::try_parse(std::string_view text) {
  std::string_view rest = ascii::trim(text);
  Range parsed;
  const char* fault = nullptr;
  if (!detail::range::take_unit(rest, '=')) fault = "a Range that is not in bytes";
  while (fault == nullptr && !rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view member = ascii::trim(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (member.empty()) continue;
    const std::optional<ByteRange> range = detail::range::parse_one(member);
    if (!range)
      fault = "a Range is malformed";
    else if (parsed.size_ == max_ranges)
      fault = "a Range has too many ranges";
    else
      parsed.ranges_[parsed.size_++] = *range;
  }
  if (fault == nullptr && parsed.size_ == 0) fault = "a Range without ranges";
  if (fault != nullptr) return {Errc::invalid_argument, fault};
  return parsed;
}

OKHTTP_DECL std::string Range::to_string() const {
  std::string out = "bytes=";
  for (std::size_t i = 0; i < size_; ++i) {
    if (i != 0) out += ", ";
    ranges_[i].append_to(out);
  }
  return out;
}

OKHTTP_DECL bool operator==(const Range& a, const Range& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

OKHTTP_DECL Result<ContentRange> ContentRange::try_of(ByteSpan span, std::optional<std::int64_t> size) {
  if (span.first < 0 || span.last < span.first || span.last == INT64_MAX || (size && span.last >= *size))
    return {Errc::invalid_argument, "a Content-Range contradicts itself"};
  ContentRange range;
  range.span_ = span;
  range.size_ = size;
  return range;
}

OKHTTP_DECL Result<ContentRange> ContentRange::try_parse(std::string_view text) {
  std::string_view rest = ascii::trim(text);
  if (!detail::range::take_unit(rest, ' ')) return {Errc::invalid_argument, "a Content-Range that is not in bytes"};
  bool is_too_large = false;
  std::optional<ByteSpan> span;
  bool is_good = true;
  if (!detail::range::take(rest, '*')) {
    span.emplace().first = detail::range::take_number(rest, is_too_large);
    is_good = detail::range::take(rest, '-');
    span->last = detail::range::take_number(rest, is_too_large);
    is_good = is_good && span->first >= 0 && span->last >= 0;
  }
  is_good = is_good && detail::range::take(rest, '/');
  std::optional<std::int64_t> size;
  if (!span || !detail::range::take(rest, '*')) size = detail::range::take_number(rest, is_too_large);
  if (!is_good || !rest.empty() || (size && *size < 0))
    return {Errc::invalid_argument, "a Content-Range is malformed"};
  if (is_too_large) return {Errc::invalid_argument, "a number of a Content-Range is too large"};
  if (span) return try_of(*span, size);
  return unsatisfied(*size);
}

OKHTTP_DECL std::string ContentRange::to_string() const {
  std::string out = "bytes ";
  if (span_)
    out.append(std::to_string(span_->first)).append(1, '-').append(std::to_string(span_->last));
  else
    out += '*';
  out += '/';
  out += size_ ? std::to_string(*size_) : "*";
  return out;
}

OKHTTP_DECL std::optional<std::string_view> if_range_validator(const Headers& response_headers) noexcept {
  // A weak tag (W/"...") does not begin with its quote.
  if (const auto tag = response_headers.get("ETag")) {
    if (tag->size() >= 2 && tag->front() == '"' && tag->back() == '"') return tag;
    return std::nullopt;
  }
  const auto modified = response_headers.get("Last-Modified");
  const auto sent = response_headers.get("Date");
  if (!modified || !sent) return std::nullopt;
  const std::optional<std::int64_t> modified_at = parse_http_date(*modified);
  const std::optional<std::int64_t> sent_at = parse_http_date(*sent);
  if (!modified_at || !sent_at || *sent_at - *modified_at < 1) return std::nullopt;
  return modified;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_RANGE_IPP
