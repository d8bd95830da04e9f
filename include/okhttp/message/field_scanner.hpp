// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FIELD_SCANNER_HPP
#define OKHTTP_MESSAGE_FIELD_SCANNER_HPP

#include <okhttp/base/char_class.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// A value as it stands in a header: a token, or the inside of a quoted string whose backslashes are resolved
/// only when somebody asks.
///
/// Lifetime: a view of the text that was scanned.
/// Spec: RFC 9110, 5.6.4.
class FieldText {
 public:
  constexpr FieldText() = default;
  /// What stands between two quotes, or without quotes.
  constexpr FieldText(std::string_view raw, bool is_quoted) noexcept : raw_(raw), is_quoted_(is_quoted) {}

  /// Without the quotes, with the backslashes.
  constexpr std::string_view raw() const noexcept { return raw_; }
  constexpr bool is_quoted() const noexcept { return is_quoted_; }
  /// True when raw() is the value already.
  constexpr bool is_plain() const noexcept { return !is_quoted_ || raw_.find('\\') == std::string_view::npos; }

  /// The value. Allocates as a std::string does.
  std::string to_string() const;
  void append_to(std::string& out) const;
  /// The value without allocating: raw() if it is plain, else resolved into `room`; nothing if it needs more than
  /// that.
  std::optional<std::string_view> resolved(std::span<char> room) const noexcept;
  /// The value is this text; `iequals` ignores the case of ASCII letters. Neither allocates.
  bool equals(std::string_view text) const noexcept;
  bool iequals(std::string_view text) const noexcept;

 private:
  std::string_view raw_;
  bool is_quoted_ = false;
};

/// `name=value`, or a name alone where that is allowed.
struct FieldParameter {
  std::string_view name;
  FieldText value;
  bool has_value = false;
};

/// Walks the text of a header from its front to its end, taking off what the grammar of most fields is made of.
/// Allocates nothing and takes linear time.
///
/// What `take_` does not find it leaves untouched: the scanner stands where it stood.
/// Lifetime: what it gives are views of the text.
/// Spec: RFC 9110, 5.6.
class FieldScanner {
 public:
  constexpr explicit FieldScanner(std::string_view text) noexcept : rest_(text) {}

  constexpr bool at_end() const noexcept { return rest_.empty(); }
  /// What has not been taken yet.
  constexpr std::string_view rest() const noexcept { return rest_; }
  constexpr bool is_at(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

  /// Takes this character if it is the next.
  constexpr bool take(char c) noexcept {
    if (!is_at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Skips this many characters; no more than there are.
  constexpr void skip(std::size_t count) noexcept { rest_.remove_prefix(count < rest_.size() ? count : rest_.size()); }
  /// Skips spaces and tabs (OWS).
  constexpr void skip_blanks() noexcept {
    while (is_at(' ') || is_at('\t')) rest_.remove_prefix(1);
  }
  /// Skips spaces, tabs and commas: to the next member of a list, past empty ones. True when there was a comma.
  bool skip_commas() noexcept;

  /// A token; empty if none follows.
  std::string_view take_token() noexcept;
  /// The characters of this class that follow.
  std::string_view take_chars(ascii::CharClass wanted) noexcept;
  /// A quoted string. Nothing: none begins here, it has no end, or a control character is in it.
  std::optional<FieldText> take_quoted() noexcept;
  /// A token or a quoted string.
  std::optional<FieldText> take_value() noexcept;

  enum class Found : std::uint8_t {
    parameter,
    /// Neither a parameter nor a semicolon follows. Blanks in front of what does are skipped.
    end,
    malformed,
  };
  enum class Rules : std::uint8_t {
    /// A parameter has a value, a token or a quoted string, and no blanks around `=`.
    strict,
    /// Blanks may stand around `=`; the value may lack, `=` too, and without quotes it may be of any
    /// bare_value_char.
    lenient,
  };
  /// Takes `; name=value`. Semicolons with nothing behind them are skipped.
  Found take_parameter(FieldParameter& parameter, Rules rules) noexcept;

  /// Takes the next member of a comma-separated list whole, without blanks at its ends; commas inside quoted strings
  /// do not end it (a quote without an end is a character like others). Nothing at the end; never an empty one.
  std::optional<std::string_view> take_list_member() noexcept;

 private:
  std::string_view rest_;
  // How much text was left where a quoted string was found to have no end. One that begins before that place has
  // none either, so it is not looked for again: members of a list would cost the square of their number.
  std::size_t unended_ = std::string_view::npos;
};

/// Appends a quoted string that has this value, which must be of ascii::value_char.
void append_quoted(std::string& out, std::string_view value);
/// Appends the value as it is if it is a token, else in quotes.
void append_token_or_quoted(std::string& out, std::string_view value);

OKHTTP_NAMESPACE_END

#include <okhttp/message/field_scanner.ipp>

#endif  // OKHTTP_MESSAGE_FIELD_SCANNER_HPP
