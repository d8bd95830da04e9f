// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RANGE_HPP
#define OKHTTP_MESSAGE_RANGE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// Bytes of a representation, both ends included, counted from 0.
struct ByteSpan {
  std::int64_t first = 0;
  std::int64_t last = 0;

  std::int64_t size() const noexcept { return last - first + 1; }
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

/// One wish of a Range header.
class ByteRange {
 public:
  /// `first` to `last`, both included; neither negative, and last not less than first.
  constexpr ByteRange(std::int64_t first, std::int64_t last) noexcept
      : first_(first == from_the_end ? -1 : first), last_(last) {}
  /// `first` to the end.
  static constexpr ByteRange from(std::int64_t first) noexcept { return {first, no_end}; }
  /// The last `size` bytes.
  static constexpr ByteRange suffix(std::int64_t size) noexcept {
    ByteRange range(0, size);
    range.first_ = from_the_end;
    return range;
  }

  /// The bytes that are meant of a representation of `size` bytes; nothing when it has none of them.
  std::optional<ByteSpan> of(std::int64_t size) const noexcept;

  friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;

 private:
  friend class Range;
  static constexpr std::int64_t no_end = INT64_MAX;
  static constexpr std::int64_t from_the_end = INT64_MIN;
  bool is_valid() const noexcept {
    return first_ == from_the_end ? last_ >= 0 : first_ >= 0 && last_ >= first_;
  }
  void append_to(std::string& out) const;

  std::int64_t first_;
  std::int64_t last_;  // of a suffix: its size
};

/// The header `Range`, which asks for parts of a representation: `bytes=0-99, 200-, -500`.
///
/// `request.header("Range", Range::from(1000).to_string())`. Holds its ranges itself and allocates nothing.
/// Spec: RFC 9110, 14.1.2 and 14.2.
class Range {
 public:
  /// More of them are refused. Who wants many small parts asks for one large one (RFC 9110, 17.15).
  static constexpr std::size_t max_ranges = 16;

  /// One to max_ranges ranges. Errors: Errc::invalid_argument.
  static Result<Range> try_of(std::initializer_list<ByteRange> ranges);
  /// Bytes `first` to `last`, both included. Errors: Errc::invalid_argument unless 0 <= first <= last.
  static Result<Range> try_bytes(std::int64_t first, std::int64_t last) { return try_of({ByteRange(first, last)}); }
  /// Byte `first` to the end; a negative number counts as 0.
  static Range from(std::int64_t first) noexcept { return Range(ByteRange::from(first < 0 ? 0 : first)); }
  /// The last `size` bytes; a negative number counts as 0, which nothing can satisfy.
  static Range suffix(std::int64_t size) noexcept { return Range(ByteRange::suffix(size < 0 ? 0 : size)); }

  /// Parses the value of a header. A number above 63 bits counts as the largest: it is behind the end of whatever is
  /// asked for. Errors: Errc::invalid_argument for what is malformed (a server then ignores the header), a unit other
  /// than bytes, and more than max_ranges.
  static Result<Range> try_parse(std::string_view text);
#if OKHTTP_EXCEPTIONS
  // As their try_ twins, but throw.
  static Range of(std::initializer_list<ByteRange> ranges) { return try_of(ranges).value(); }
  static Range bytes(std::int64_t first, std::int64_t last) { return try_bytes(first, last).value(); }
  static Range parse(std::string_view text) { return try_parse(text).value(); }
#endif

  std::size_t size() const noexcept { return size_; }
  const ByteRange& operator[](std::size_t index) const noexcept {
    OKHTTP_ASSERT(index < size_);
    return ranges_[index];
  }
  /// For `for (const ByteRange& range : ranges)`, in the order sent.
  const ByteRange* begin() const noexcept { return ranges_.data(); }
  const ByteRange* end() const noexcept { return ranges_.data() + size_; }

  /// The value of the header.
  std::string to_string() const;

  friend bool operator==(const Range& a, const Range& b) noexcept;

 private:
  explicit Range(ByteRange range) noexcept : size_(1) { ranges_[0] = range; }
  Range() = default;
  template <std::size_t... I>
  static constexpr std::array<ByteRange, max_ranges> filled(std::index_sequence<I...>) noexcept {
    return {((void)I, ByteRange(0, 0))...};
  }

  std::array<ByteRange, max_ranges> ranges_ = filled(std::make_index_sequence<max_ranges>());
  std::size_t size_ = 0;
};

/// The header `Content-Range`, which says what part of a representation this is: `bytes 0-99/1000`, `bytes 0-99/*`,
/// and with 416, where none is, `bytes */1000`.
/// Spec: RFC 9110, 14.4.
class ContentRange {
 public:
  /// A part of a representation whose size may be unknown. Errors: Errc::invalid_argument unless
  /// 0 <= first <= last < size.
  static Result<ContentRange> try_of(ByteSpan span, std::optional<std::int64_t> size = std::nullopt);
  /// What was asked for is not there; a negative size counts as 0.
  static ContentRange unsatisfied(std::int64_t size) noexcept {
    ContentRange range;
    range.size_ = size < 0 ? 0 : size;
    return range;
  }
  /// Parses the value of a header. Errors: Errc::invalid_argument for what is malformed, a unit other than bytes, ends
  /// that contradict each other or the size, and numbers above 63 bits. Nothing of the body may be used then as if it
  /// were the part that was asked for.
  static Result<ContentRange> try_parse(std::string_view text);
#if OKHTTP_EXCEPTIONS
  // As their try_ twins, but throw.
  static ContentRange of(ByteSpan span, std::optional<std::int64_t> size = std::nullopt) {
    return try_of(span, size).value();
  }
  static ContentRange parse(std::string_view text) { return try_parse(text).value(); }
#endif

  /// What part this is; nothing when there is none.
  const std::optional<ByteSpan>& span() const noexcept { return span_; }
  /// The size of the whole, if it is known.
  const std::optional<std::int64_t>& size() const noexcept { return size_; }

  /// The value of the header.
  std::string to_string() const;

  friend bool operator==(const ContentRange&, const ContentRange&) = default;

 private:
  ContentRange() = default;
  std::optional<ByteSpan> span_;
  std::optional<std::int64_t> size_;
};

/// The value for the header `If-Range` with which the rest of this response may be asked for: its ETag if that is
/// strong, else its Last-Modified if that is a second older than its Date; nothing when a part of a later response
/// might not fit. A view of the headers.
/// Spec: RFC 9110, 13.1.5 and 8.8.2.2.
std::optional<std::string_view> if_range_validator(const Headers& response_headers) noexcept;
std::optional<std::string_view> if_range_validator(Headers&& response_headers) = delete;

OKHTTP_NAMESPACE_END

#include <okhttp/message/range.ipp>

#endif  // OKHTTP_MESSAGE_RANGE_HPP
