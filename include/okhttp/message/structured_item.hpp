// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_ITEM_HPP
#define OKHTTP_MESSAGE_STRUCTURED_ITEM_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// Structured Fields (RFC 9651): the one grammar of `Priority`, `Cache-Status`, `Accept-CH` and most fields that
/// were defined since 2021.
///
/// A field is an `Item`, a `List` or a `Dictionary`; its definition says which. `try_parse` reads it once from end to
/// end and is strict: a fault anywhere makes all of it malformed, and the field is to be ignored then. What it gives
/// is a view: nothing is copied and nothing is allocated, however much the peer sent; members are taken apart again
/// while one walks over them, strings are decoded when they are asked for.
///
/// Lifetime: every type here views the text (or the Headers, and the name) that it was parsed from or made of.
/// Thread safety: as for views; nothing is written.
namespace structured {

enum class Type {
  integer,
  decimal,
  string,
  token,
  byte_sequence,
  boolean,
  date,
  display_string,
  /// Only a member of a List or Dictionary: items in parentheses.
  inner_list,
};

class Scanner;

/// A bare item: a number, a text or a truth value; parsed, or made to be written or compared.
///
/// `Value(7)`, `Value(2.5)`, `Value(true)` and `Value("text")` (a String) are what they look like; functions named
/// after the other types make the rest. Accessors give nothing for a value of another type.
class Value {
 public:
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  constexpr Value(T number) noexcept  // NOLINT: values are written as what they are
      : type_(Type::integer),
        number_(std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number) : INT64_MAX) {}
  template <std::same_as<bool> T>
  constexpr Value(T truth) noexcept : type_(Type::boolean), number_(truth ? 1 : 0) {}  // NOLINT
  /// Rounded to three digits behind the point, halves to the even digit.
  template <std::floating_point T>
  Value(T number) noexcept : Value(of_double(static_cast<double>(number))) {}  // NOLINT
  constexpr Value(std::string_view text) noexcept : Value(Type::string, Form::plain, text) {}  // NOLINT
  constexpr Value(const char* text) noexcept : Value(std::string_view(text)) {}                // NOLINT
  Value(const std::string& text) noexcept : Value(std::string_view(text)) {}                   // NOLINT

  constexpr Type type() const noexcept { return type_; }

  /// 15 digits at most when parsed.
  std::optional<std::int64_t> integer() const noexcept { return number_of(Type::integer); }
  std::optional<double> decimal() const noexcept;
  /// A Decimal, exactly: 2500 for 2.5.
  std::optional<std::int64_t> decimal_in_thousandths() const noexcept { return number_of(Type::decimal); }
  std::optional<bool> boolean() const noexcept;
  /// Seconds since 1970.
  std::optional<std::int64_t> date() const noexcept { return number_of(Type::date); }
  std::optional<std::string_view> token() const noexcept;
  /// Without its escapes.
  std::optional<std::string> string() const { return decoded(Type::string); }
  /// Decoded; any bytes.
  std::optional<std::string> bytes() const { return decoded(Type::byte_sequence); }
  /// Decoded; UTF-8.
  std::optional<std::string> display_string() const { return decoded(Type::display_string); }
  /// A String, a Token or a Display String, for fields that allow more than one of them.
  std::optional<std::string> text() const;

  /// Equal types and equal contents, however they are written. Allocates nothing.
  friend bool operator==(const Value& a, const Value& b) noexcept { return a.equals(b); }

  /// As RFC 9651, 4.1 writes it; empty when it cannot be written.
  std::string to_string() const;

 private:
  friend class Scanner;
  friend class TextReader;
  friend constexpr Value token(std::string_view text) noexcept;
  friend constexpr Value bytes(std::string_view content) noexcept;
  friend constexpr Value display_string(std::string_view text) noexcept;
  friend constexpr Value date(std::int64_t seconds_since_1970) noexcept;
  friend constexpr Value thousandths(std::int64_t count) noexcept;

  /// How the text stands here: as people mean it, or as it is sent.
  enum class Form : std::uint8_t { plain, encoded };

  constexpr Value(Type type, Form form, std::string_view text) noexcept : type_(type), form_(form), text_(text) {}
  constexpr Value(Type type, std::int64_t number) noexcept : type_(type), number_(number) {}
  static Value of_double(double number) noexcept;
  std::optional<std::int64_t> number_of(Type type) const noexcept;
  std::optional<std::string> decoded(Type type) const;
  bool equals(const Value& other) const noexcept;

  Type type_;
  Form form_ = Form::plain;
  std::int64_t number_ = 0;  // of a Decimal: thousandths; of an inner list: unused
  std::string_view text_;
};

/// A name without quotes: a letter or `*`, then letters, digits and `` !#$%&'*+-.^_`|~:/ ``.
constexpr Value token(std::string_view text) noexcept { return {Type::token, Value::Form::plain, text}; }
/// Any bytes; sent in base64.
constexpr Value bytes(std::string_view content) noexcept {
  return {Type::byte_sequence, Value::Form::plain, content};
}
/// UTF-8, where a String allows only ASCII.
constexpr Value display_string(std::string_view text) noexcept {
  return {Type::display_string, Value::Form::plain, text};
}
constexpr Value date(std::int64_t seconds_since_1970) noexcept { return {Type::date, seconds_since_1970}; }
/// An exact Decimal: 2500 is 2.5.
constexpr Value thousandths(std::int64_t count) noexcept { return {Type::decimal, count}; }

struct Parameter {
  std::string_view key;
  Value value;
};

/// The end of every walk in this namespace.
struct End {};

/// What stands behind an item: `;q=0.5;fresh`. Each key once: in the place of its first value, with its last.
class Parameters {
 public:
  /// More of them make a field malformed: since keys repeat, each is looked for among the others.
  static constexpr std::size_t max_count = 256;

  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Parameter;
    using difference_type = std::ptrdiff_t;
    using reference = const Parameter&;
    using pointer = const Parameter*;

    explicit const_iterator(std::string_view text) noexcept : text_(text), rest_(text) { advance(); }
    const Parameter& operator*() const noexcept { return current_; }
    const Parameter* operator->() const noexcept { return &current_; }
    const_iterator& operator++() noexcept { return advance(), *this; }
    void operator++(int) noexcept { advance(); }
    friend bool operator==(const const_iterator& it, End) noexcept { return it.is_end_; }

   private:
    void advance() noexcept;
    std::string_view text_;
    std::string_view rest_;
    Parameter current_{{}, false};
    bool is_end_ = false;
  };

  std::optional<Value> get(std::string_view key) const noexcept;
  bool empty() const noexcept { return text_.empty(); }
  /// For `for (const auto& [key, value] : item.parameters())`.
  const_iterator begin() const noexcept { return const_iterator(text_); }
  End end() const noexcept { return {}; }

 private:
  friend class Scanner;
  std::string_view text_;  // from the first semicolon on; known to be good
};

class InnerItems;

/// A value with its parameters; as a member of a List or a Dictionary also an inner list with its own.
class Item : public Value {
 public:
  /// False, without parameters.
  Item() noexcept : Value(false) {}
  /// Parses a field that is one item. Errors: Errc::invalid_argument.
  static Result<Item> try_parse(std::string_view text);
  /// The same for a header, which has to be there once.
  static Result<Item> try_parse(const Headers& headers, std::string_view name);
  static Result<Item> try_parse(Headers&& headers, std::string_view name) = delete;
#if OKHTTP_EXCEPTIONS
  /// As try_parse, but throws.
  static Item parse(std::string_view text) { return try_parse(text).value(); }
  static Item parse(const Headers& headers, std::string_view name) { return try_parse(headers, name).value(); }
#endif

  const Parameters& parameters() const noexcept { return parameters_; }
  std::optional<Value> parameter(std::string_view key) const noexcept { return parameters_.get(key); }

  bool is_inner_list() const noexcept { return type() == Type::inner_list; }
  /// What stands in the parentheses; nothing for any other type.
  InnerItems items() const noexcept;

  /// Canonical, parameters included.
  std::string to_string() const;

 private:
  friend class Scanner;
  std::string_view inner_;
  Parameters parameters_;
};

/// The items of an inner list, in order.
class InnerItems {
 public:
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using reference = const Item&;
    using pointer = const Item*;

    explicit const_iterator(std::string_view text) noexcept;
    const Item& operator*() const noexcept { return current_; }
    const Item* operator->() const noexcept { return &current_; }
    const_iterator& operator++() noexcept { return advance(), *this; }
    void operator++(int) noexcept { advance(); }
    friend bool operator==(const const_iterator& it, End) noexcept { return it.is_end_; }

   private:
    void advance() noexcept;
    std::string_view rest_;
    Item current_;
    bool is_end_ = false;
  };

  explicit InnerItems(std::string_view text) noexcept : text_(text) {}
  const_iterator begin() const noexcept { return const_iterator(text_); }
  End end() const noexcept { return {}; }

 private:
  std::string_view text_;  // between the parentheses; known to be good
};

}  // namespace structured
OKHTTP_NAMESPACE_END

#include <okhttp/message/structured_item.ipp>

#endif  // OKHTTP_MESSAGE_STRUCTURED_ITEM_HPP
