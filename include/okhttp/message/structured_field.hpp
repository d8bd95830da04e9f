// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_FIELD_HPP
#define OKHTTP_MESSAGE_STRUCTURED_FIELD_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/field_lines.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/structured_item.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace structured {

/// A member of a dictionary. One without a value, `key`, is true.
struct DictionaryMember {
  std::string_view key;
  Item item;
};

/// Walks over the members of a list or a dictionary, over the ends of lines too: several headers of one name mean the
/// same as one with commas between them. For the types below.
class Walk {
 public:
  enum class Step { member, end, malformed };

  explicit Walk(const detail::FieldLines& lines) noexcept : lines_(lines) {}
  /// To the first member.
  Step begin() noexcept;
  /// Takes the member.
  bool take(Item& item) noexcept;
  bool take(DictionaryMember& member) noexcept;
  /// To the next one.
  Step next() noexcept;
  /// Where in its line it is, from 1.
  std::size_t column() const noexcept { return line_.size() - rest_.size() + 1; }

 private:
  detail::FieldLines lines_;
  std::size_t at_ = 0;
  std::string_view line_;
  std::string_view rest_;
};

/// A field that is a list of items and inner lists: `"a", b;q=0.5, (c d)`.
class List {
 public:
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using reference = const Item&;
    using pointer = const Item*;

    explicit const_iterator(const detail::FieldLines& lines) noexcept;
    const Item& operator*() const noexcept { return member_.item; }
    const Item* operator->() const noexcept { return &member_.item; }
    const_iterator& operator++() noexcept { return settle(walk_.next()), *this; }
    void operator++(int) noexcept { settle(walk_.next()); }
    friend bool operator==(const const_iterator& it, End) noexcept { return it.is_end_; }

   private:
    void settle(Walk::Step step) noexcept;
    Walk walk_;
    DictionaryMember member_;
    bool is_end_ = false;
  };

  /// A list without members.
  List() = default;
  /// Errors: Errc::invalid_argument.
  static Result<List> try_parse(std::string_view text) { return parse_lines(detail::FieldLines(text)); }
  /// The headers of this name, together; a list without members when there is none. A string that begins in one
  /// header and ends in another is malformed (RFC 9651, 4.2 leaves that open).
  static Result<List> try_parse(const Headers& headers, std::string_view name) {
    return parse_lines(detail::FieldLines(headers, name));
  }
  static Result<List> try_parse(Headers&& headers, std::string_view name) = delete;
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws.
  static List parse(std::string_view text) { return try_parse(text).value(); }
  static List parse(const Headers& headers, std::string_view name) { return try_parse(headers, name).value(); }
#endif

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const_iterator begin() const noexcept { return const_iterator(lines_); }
  End end() const noexcept { return {}; }

  /// Canonical, on one line; empty for an empty list, which is not to be sent.
  std::string to_string() const;

 private:
  static Result<List> parse_lines(const detail::FieldLines& lines);
  detail::FieldLines lines_;
  std::size_t size_ = 0;
};

/// A field that is a list of keys with values: `u=3, i, l=(a b)`. Each key once: in the place of its first value,
/// with its last.
class Dictionary {
 public:
  /// More of them make a field malformed. RFC 9651, 3.2 wants at least this.
  static constexpr std::size_t max_count = 1024;
  /// What members whose key was there before may cost: each is looked for in the whole field, so their number times
  /// the bytes of the field must not be more, or the field is malformed. All 1024 in 16 KiB, 64 in 256 KiB. Told by a
  /// hash, so that a few others may count.
  static constexpr std::size_t max_bytes_searched = 16 * 1024 * 1024;

  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = DictionaryMember;
    using difference_type = std::ptrdiff_t;
    using reference = const DictionaryMember&;
    using pointer = const DictionaryMember*;

    explicit const_iterator(const Dictionary& dictionary) noexcept;
    const DictionaryMember& operator*() const noexcept { return member_; }
    const DictionaryMember* operator->() const noexcept { return &member_; }
    const_iterator& operator++() noexcept { return settle(walk_.next()), *this; }
    void operator++(int) noexcept { settle(walk_.next()); }
    friend bool operator==(const const_iterator& it, End) noexcept { return it.is_end_; }

   private:
    void settle(Walk::Step step) noexcept;
    const Dictionary* dictionary_;
    Walk walk_;
    DictionaryMember member_;
    std::size_t index_ = 0;  // of the next one to take
    bool is_end_ = false;
  };

  /// A dictionary without members.
  Dictionary() = default;
  /// Errors: Errc::invalid_argument.
  static Result<Dictionary> try_parse(std::string_view text) { return parse_lines(detail::FieldLines(text)); }
  /// As List::try_parse of headers.
  static Result<Dictionary> try_parse(const Headers& headers, std::string_view name) {
    return parse_lines(detail::FieldLines(headers, name));
  }
  static Result<Dictionary> try_parse(Headers&& headers, std::string_view name) = delete;
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws.
  static Dictionary parse(std::string_view text) { return try_parse(text).value(); }
  static Dictionary parse(const Headers& headers, std::string_view name) { return try_parse(headers, name).value(); }
#endif

  /// The (last) value of this key, parameters included.
  std::optional<Item> get(std::string_view key) const noexcept;
  bool contains(std::string_view key) const noexcept { return get(key).has_value(); }
  bool empty() const noexcept { return is_empty_; }
  /// For `for (const auto& [key, item] : dictionary)`.
  const_iterator begin() const noexcept { return const_iterator(*this); }
  End end() const noexcept { return {}; }

  /// Canonical, on one line; empty for an empty dictionary, which is not to be sent.
  std::string to_string() const;

 private:
  static Result<Dictionary> parse_lines(const detail::FieldLines& lines);
  bool has_before(std::string_view key, std::size_t index) const noexcept;
  detail::FieldLines lines_;
  bool is_empty_ = true;
  // By a hash of 9 bits: keys that may stand more than once.
  std::array<std::uint64_t, 8> repeated_{};
};

}  // namespace structured
OKHTTP_NAMESPACE_END

#include <okhttp/message/structured_field.ipp>

#endif  // OKHTTP_MESSAGE_STRUCTURED_FIELD_HPP
