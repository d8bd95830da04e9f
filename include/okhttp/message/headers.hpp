// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_HEADERS_HPP
#define OKHTTP_MESSAGE_HEADERS_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/frame_pool.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Stands in logs where a secret was: two U+2588 (full block) in UTF-8.
inline constexpr std::string_view redacted_mark = "\xE2\x96\x88\xE2\x96\x88";

/// True for headers whose value is a secret: Authorization, Cookie, Proxy-Authorization,
/// Set-Cookie, whatever their case. Whatever prints headers asks this.
bool is_sensitive_header(std::string_view name) noexcept;

/// One header, viewed. Valid as long as the Headers it came from is neither changed nor destroyed.
struct Header {
  std::string_view name;
  std::string_view value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// The header fields of a message, or its trailers: an ordered multimap. Names are looked up
/// whatever their case and keep the spelling they came with; order and repetitions are kept.
///
/// Text, and where in it the headers lie, are in one block: a Headers costs one allocation, and one more each time
/// it outgrows its block; what has gone comes back to the next one of its size on this thread.
/// A name is a token (RFC 9110, 5.6.2). A value has no CR, LF or NUL and no blanks at its ends.
///
/// Lifetime: views are valid as long as this object is neither changed, moved nor destroyed; the
/// accessors give values when called on a temporary.
/// Thread safety: may be read from many threads while nobody changes it.
class Headers {
 public:
  class Builder;
  class const_iterator;

  /// No headers. Allocates nothing.
  Headers() = default;
  Headers(const Headers& other) : Headers(other, 0, 0) {}
  Headers(Headers&& other) noexcept { swap(other); }
  Headers& operator=(const Headers& other);
  Headers& operator=(Headers&& other) noexcept {
    Headers(std::move(other)).swap(*this);
    return *this;
  }
  ~Headers() {
    if (block_) detail::free_frame(block_, capacity());
  }

  /// Headers from name and value pairs, checked as by Builder::add. Errors: Errc::invalid_argument.
  static Result<Headers> try_of(
      std::initializer_list<std::pair<std::string_view, std::string_view>> headers);
#if OKHTTP_EXCEPTIONS
  /// As try_of, but throws: `Headers::of({{"A", "1"}, {"B", "2"}})`.
  static Headers of(std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
    return try_of(headers).value();
  }
#endif

  /// The value of the last header of this name.
  std::optional<std::string_view> get(std::string_view name) const& noexcept;
  std::optional<std::string> get(std::string_view name) &&;
  /// All values of this name, in order. Lists inside one value are not taken apart.
  std::vector<std::string_view> values(std::string_view name) const&;
  std::vector<std::string> values(std::string_view name) &&;
  /// The distinct names (whatever their case) in the order and spelling of their first appearance.
  std::vector<std::string_view> names() const&;
  std::vector<std::string> names() &&;
  /// True if there is a header of this name.
  bool contains(std::string_view name) const noexcept;

  /// The value of the last header of this name as a date; nothing when there is none, or it is no date.
  /// See parse_http_date for what is understood.
  std::optional<std::chrono::sys_seconds> get_date(std::string_view name) const noexcept;

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  /// The header at `index`, which must be less than size().
  Header operator[](std::size_t index) const& noexcept {
    OKHTTP_ASSERT(index < count_);
    const Entry& entry = entries_end()[-1 - static_cast<std::ptrdiff_t>(index)];
    return {{block_ + entry.name_offset, entry.name_size}, {block_ + entry.value_offset, entry.value_size}};
  }
  std::pair<std::string, std::string> operator[](std::size_t index) && {
    const Header header = std::as_const(*this)[index];
    return {std::string(header.name), std::string(header.value)};
  }
  /// For `for (auto [name, value] : headers)`.
  const_iterator begin() const noexcept;
  const_iterator end() const noexcept;

  /// What the headers take on an HTTP/1 connection, each with its ": " and CRLF.
  std::size_t byte_count() const noexcept;

  /// One line `name: value` per header, each ended by LF, for people. Values of sensitive headers
  /// are replaced by `redacted_mark`.
  std::string to_string() const;

  /// A builder that starts with these headers.
  Builder new_builder() const;

  /// Equal names and values, in the same order and the same case.
  friend bool operator==(const Headers& a, const Headers& b) noexcept { return a.equals(b); }

  // ---- For the codecs and the pipeline: no checks, and views of this object become invalid. ----

  /// Where one header lies in the block.
  struct Entry {
    std::uint32_t name_offset;
    std::uint32_t name_size;
    std::uint32_t value_offset;
    std::uint32_t value_size;
  };

  /// Copies a text and where in it the headers lie. Every entry must lie inside the text, and names and values must
  /// keep the rules of this class.
  static Headers adopt(std::string_view text, std::span<const Entry> entries);
  /// What was adopted, or the lines appended so far.
  std::string_view block() const noexcept { return {block_, text_size_}; }
  // The same in pieces, for one who finds headers while the text comes in.
  /// Appends to the text, and makes room for an entry: adding the next one moves nothing.
  void add_text(std::string_view text);
  void add_entry(const Entry& entry);
  char* text() noexcept { return block_; }
  void cut_text(std::size_t size) noexcept { text_size_ = static_cast<std::uint32_t>(size); }
  Entry& last_entry() noexcept { return entries_end()[-static_cast<std::ptrdiff_t>(count_)]; }
  /// Makes room for `count` more headers of together `bytes` (names, values and 4 for each).
  void reserve(std::size_t bytes, std::size_t count);
  /// Adds a header that is known to keep the rules of this class. The arguments may view this
  /// object's own text. The block must stay below `max_block_bytes`.
  void append_unchecked(std::string_view name, std::string_view value);
  /// Adds all of `other`, another one, which was built here and not adopted, in one copy.
  void append_unchecked(const Headers& other);
  /// Removes every header of this name, which must not be a view of this object; returns how many
  /// there were.
  std::size_t remove_all(std::string_view name) noexcept;
  /// Appends `name: value` CRLF for every header; a single copy for headers that were built here.
  void append_lines_to(std::string& out) const;

  /// Offsets are 32 bits wide.
  static constexpr std::size_t max_block_bytes = UINT32_MAX;

 private:
  // A block grows by doubling from this size: enough for the headers of most requests. Sizes are multiples of a step,
  // which those of recycled memory are too.
  static constexpr std::size_t first_capacity = 512;
  static constexpr std::size_t step = 64;
  static_assert(step % alignof(Entry) == 0);

  Headers(const Headers& other, std::size_t more_bytes, std::size_t more_count);
  void swap(Headers& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(text_size_, other.text_size_);
    std::swap(count_, other.count_);
    std::swap(steps_, other.steps_);
    std::swap(is_wire_form_, other.is_wire_form_);
  }
  std::size_t capacity() const noexcept { return std::size_t{steps_} * step; }
  /// Entries grow from the end of the block towards its front, where the text is: this is behind the first.
  Entry* entries_end() const noexcept { return reinterpret_cast<Entry*>(block_ + capacity()); }
  /// An empty one whose block has room for this, and no more than the last step.
  void allocate(std::size_t bytes, std::size_t count);
  void copy_from(const Headers& other) noexcept;
  bool has_room(std::size_t bytes, std::size_t count) const noexcept {
    return capacity() - text_size_ - count_ * sizeof(Entry) >= bytes + count * sizeof(Entry);
  }
  /// Takes a bigger block and gives the old one, as arguments may be views of it.
  Headers grow(std::size_t bytes, std::size_t count);
  bool equals(const Headers& other) const noexcept;
  std::size_t find_last(std::string_view name) const noexcept;  // size() when there is none

  char* block_ = nullptr;
  std::uint32_t text_size_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t steps_ = 0;  // the size of the block
  // True: the text is exactly the field lines as HTTP/1 sends them, in order. False after adopt():
  // the text around the entries is whatever the peer sent.
  bool is_wire_form_ = true;
};

/// Walks headers in order; dereferences to a Header.
class Headers::const_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Header;
  using difference_type = std::ptrdiff_t;
  using reference = Header;
  using pointer = void;

  const_iterator() = default;
  Header operator*() const noexcept { return (*headers_)[index_]; }
  const_iterator& operator++() noexcept { return ++index_, *this; }
  const_iterator operator++(int) noexcept {
    const const_iterator before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const const_iterator&, const const_iterator&) = default;

 private:
  friend class Headers;
  const_iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
  const Headers* headers_ = nullptr;
  std::size_t index_ = 0;
};

inline Headers::const_iterator Headers::begin() const noexcept { return {this, 0}; }
inline Headers::const_iterator Headers::end() const noexcept { return {this, size()}; }

/// Makes Headers, checking names and values. Keeps the first fault: `build` throws it, `try_build`
/// returns it, and what was faulty is not added. Fault texts name the header, never its value.
/// Spec: RFC 9110, 5.1 and 5.5.
class Headers::Builder {
 public:
  Builder() = default;
  explicit Builder(Headers headers) noexcept : headers_(std::move(headers)) {}

  /// Adds a header, keeping others of its name. Blanks at both ends of the value are dropped; the
  /// rest must be tabs and U+0020 to U+007E. The name must be a token.
  Builder& add(std::string_view name, std::string_view value) &;
  Builder&& add(std::string_view name, std::string_view value) && {
    return std::move(add(name, value));
  }
  /// Adds a header given as `name: value`. Without a colon it is a fault.
  Builder& add(std::string_view line) &;
  Builder&& add(std::string_view line) && { return std::move(add(line)); }
  /// Adds a header whose value may also have bytes from 0x80 (what they mean is between you and the
  /// server). CR, LF, NUL and other controls are still refused.
  Builder& add_unsafe_non_ascii(std::string_view name, std::string_view value) &;
  Builder&& add_unsafe_non_ascii(std::string_view name, std::string_view value) && {
    return std::move(add_unsafe_non_ascii(name, value));
  }
  /// Replaces every header of this name by this one, which goes to the end.
  Builder& set(std::string_view name, std::string_view value) &;
  Builder&& set(std::string_view name, std::string_view value) && {
    return std::move(set(name, value));
  }
  /// Adds or sets a header with a date as format_http_date writes it.
  Builder& add_date(std::string_view name, std::chrono::sys_seconds date) &;
  Builder&& add_date(std::string_view name, std::chrono::sys_seconds date) && {
    return std::move(add_date(name, date));
  }
  Builder& set_date(std::string_view name, std::chrono::sys_seconds date) &;
  Builder&& set_date(std::string_view name, std::chrono::sys_seconds date) && {
    return std::move(set_date(name, date));
  }
  /// Removes every header of this name.
  Builder& remove(std::string_view name) &;
  Builder&& remove(std::string_view name) && { return std::move(remove(name)); }
  /// Adds all of `headers`, in their order.
  Builder& add_all(const Headers& headers) &;
  Builder&& add_all(const Headers& headers) && { return std::move(add_all(headers)); }

  /// The value of the last header of this name so far.
  std::optional<std::string> get(std::string_view name) const;
  /// The first fault, or null.
  const Error* fault() const noexcept { return fault_ ? &*fault_ : nullptr; }

  /// The headers. Errors: Errc::invalid_argument, the first fault.
  Result<Headers> try_build() const&;
  Result<Headers> try_build() &&;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  Headers build() const& { return try_build().value(); }
  Headers build() && { return std::move(*this).try_build().value(); }
#endif

 private:
  void add_checked(std::string_view name, std::string_view value, bool non_ascii, bool replace);
  void fail(std::string fault);

  Headers headers_;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/headers.ipp>

#endif  // OKHTTP_MESSAGE_HEADERS_HPP
