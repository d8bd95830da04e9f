// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_ITEM_IPP
#define OKHTTP_MESSAGE_STRUCTURED_ITEM_IPP

#include <okhttp/message/structured_item.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/base/base64.hpp>
#include <okhttp/message/field_lines.hpp>
#include <okhttp/message/utf8_check.hpp>

#if OKHTTP_BODIES

#include <cmath>
#include <span>

OKHTTP_NAMESPACE_BEGIN
namespace structured {

/// Takes one thing after the other off the front of a text, as RFC 9651, 4.2 says. What returns false has met
/// something malformed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  std::string_view rest() const noexcept { return rest_; }
  bool at_end() const noexcept { return rest_.empty(); }
  void skip_spaces() noexcept {
    while (is_next(' ')) rest_.remove_prefix(1);
  }
  void skip_blanks() noexcept {
    while (is_next(' ') || is_next('\t')) rest_.remove_prefix(1);
  }
  bool skip(char c) noexcept {
    if (!is_next(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool key(std::string_view& key) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && is_key_char(rest_[size], size == 0)) ++size;
    key = take(size);
    return size != 0;
  }

  bool value(Value& value) noexcept {
    if (rest_.empty()) return false;
    const char first = rest_.front();
    switch (first) {
      case '"': return string(value);
      case ':': return byte_sequence(value);
      case '?': return boolean(value);
      case '@': rest_.remove_prefix(1); return number(value) && make_date(value);
      case '%': return display_string(value);
      default:
        if (first == '-' || ascii::is_digit(first)) return number(value);
        return token(value);
    }
  }

  /// A parameter's or a dictionary's key, and the value if there is one.
  bool parameter(Parameter& parameter) noexcept {
    skip_spaces();
    if (!key(parameter.key)) return false;
    parameter.value = true;
    return !skip('=') || value(parameter.value);
  }

  bool parameters(Parameters& parameters) noexcept {
    const std::string_view before = rest_;
    std::size_t count = 0;
    while (skip(';')) {
      Parameter ignored{{}, false};
      if (!parameter(ignored) || ++count > Parameters::max_count) return false;
    }
    parameters.text_ = before.substr(0, before.size() - rest_.size());
    return true;
  }

  bool item(Item& item) noexcept {
    item.inner_ = {};
    return value(item) && parameters(item.parameters_);
  }

  /// The parameters behind a key without a value.
  bool truth(Item& item) noexcept {
    item.inner_ = {};
    static_cast<Value&>(item) = Value(true);
    return parameters(item.parameters_);
  }

  bool inner_item(Item& item) noexcept {
    return this->item(item) && (rest_.empty() || is_next(' ') || is_next(')'));
  }

  bool member(Item& member) noexcept {
    if (!skip('(')) return item(member);
    const std::string_view before = rest_;
    for (skip_spaces(); !is_next(')'); skip_spaces())
      if (rest_.empty() || !inner_item(member)) return false;
    const std::string_view inner = before.substr(0, before.size() - rest_.size());
    rest_.remove_prefix(1);
    static_cast<Value&>(member) = Value(Type::inner_list, 0);
    member.inner_ = inner;
    return parameters(member.parameters_);
  }

  static bool is_key_char(char c, bool is_first) noexcept {
    if ((c >= 'a' && c <= 'z') || c == '*') return true;
    return !is_first && (ascii::is_digit(c) || c == '_' || c == '-' || c == '.');
  }
  static bool is_token_char(char c, bool is_first) noexcept {
    if (is_first) return ascii::is_alpha(c) || c == '*';
    return ascii::is_token_char(c) || c == ':' || c == '/';
  }

 private:
  static bool is_visible(char c) noexcept { return c > ' ' && c < 0x7F; }
  bool is_next(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
  std::string_view take(std::size_t size) noexcept {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  /// With the character behind it.
  void take_text(Value& value, Type type, std::size_t size) noexcept {
    value = Value(type, Value::Form::encoded, take(size));
    rest_.remove_prefix(1);
  }

  bool number(Value& value) noexcept {
    constexpr std::size_t max_digits = 15;
    constexpr std::size_t max_whole_digits = 12;
    constexpr std::size_t max_fraction_digits = 3;
    const bool is_negative = skip('-');
    std::int64_t number = 0;
    std::size_t whole = 0;
    for (; !rest_.empty() && ascii::is_digit(rest_.front()); rest_.remove_prefix(1)) {
      if (++whole > max_digits) return false;
      number = number * 10 + (rest_.front() - '0');
    }
    if (whole == 0) return false;
    Type type = Type::integer;
    if (skip('.')) {
      if (whole > max_whole_digits) return false;
      type = Type::decimal;
      std::size_t fraction = 0;
      for (; !rest_.empty() && ascii::is_digit(rest_.front()); rest_.remove_prefix(1)) {
        if (++fraction > max_fraction_digits) return false;
        number = number * 10 + (rest_.front() - '0');
      }
      if (fraction == 0) return false;
      for (; fraction < max_fraction_digits; ++fraction) number *= 10;
    }
    value = Value(type, is_negative ? -number : number);
    return true;
  }
  static bool make_date(Value& value) noexcept {
    if (value.type_ != Type::integer) return false;
    value.type_ = Type::date;
    return true;
  }

  bool boolean(Value& value) noexcept {
    rest_.remove_prefix(1);
    if (!is_next('0') && !is_next('1')) return false;
    value = Value(take(1) == "1");
    return true;
  }

  bool token(Value& value) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && is_token_char(rest_[size], size == 0)) ++size;
    if (size == 0) return false;
    value = Value(Type::token, Value::Form::plain, take(size));
    return true;
  }

  bool string(Value& value) noexcept {
    rest_.remove_prefix(1);
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') return take_text(value, Type::string, i), true;
      if (rest_[i] == '\\') {
        if (++i == rest_.size() || (rest_[i] != '"' && rest_[i] != '\\')) return false;
      } else if (!is_visible(rest_[i]) && rest_[i] != ' ') {
        return false;
      }
    }
    return false;
  }

  bool display_string(Value& value) noexcept {
    rest_.remove_prefix(1);
    if (!skip('"')) return false;
    const auto digit = [this](std::size_t i) {
      const bool is_lower = i < rest_.size() && (rest_[i] < 'A' || rest_[i] > 'F');
      return is_lower ? ascii::hex_value(rest_[i]) : -1;
    };
    detail::Utf8Check check;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      auto byte = static_cast<unsigned char>(rest_[i]);
      if (byte == '"') return check.is_complete() && (take_text(value, Type::display_string, i), true);
      if (byte < 0x20 || byte > 0x7E) return false;
      if (byte == '%') {
        const int high = digit(i + 1);
        const int low = digit(i + 2);
        if (high < 0 || low < 0) return false;
        byte = static_cast<unsigned char>(high * 16 + low);
        i += 2;
      }
      if (!check.add(byte)) return false;
    }
    return false;
  }

  /// Padding may be missing, but not be wrong; bits that stand for nothing may be set.
  bool byte_sequence(Value& value) noexcept {
    rest_.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] != '-' && rest_[digits] != '_' &&
           base64::digit_value(rest_[digits]) >= 0)
      ++digits;
    std::size_t size = digits;
    while (size < rest_.size() && rest_[size] == '=') ++size;
    if (size == rest_.size() || rest_[size] != ':') return false;
    if (digits % 4 == 1 || (size != digits && (size % 4 != 0 || size - digits > 2))) return false;
    take_text(value, Type::byte_sequence, digits);
    rest_.remove_prefix(size - digits);
    return true;
  }

  std::string_view rest_;
};

/// Gives the text of a value byte by byte, decoded.
class TextReader {
 public:
  explicit TextReader(const Value& value) noexcept
      : rest_(value.text_), type_(value.form_ == Value::Form::plain ? Type::token : value.type_) {}

  /// The next byte, or -1 at the end.
  int next() noexcept {
    if (rest_.empty()) return -1;
    if (type_ == Type::byte_sequence) return next_of_base64();
    if (type_ == Type::string && rest_.front() == '\\') rest_.remove_prefix(1);
    const int byte = static_cast<unsigned char>(take());
    if (type_ != Type::display_string || byte != '%') return byte;
    const int high = ascii::hex_value(take());
    return high * 16 + ascii::hex_value(take());
  }

 private:
  char take() noexcept {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  int next_of_base64() noexcept {
    while (bits_ < 8) {
      if (rest_.empty()) return -1;
      buffer_ = (buffer_ << 6 | static_cast<unsigned>(base64::digit_value(take()))) & 0xFFFF;
      bits_ += 6;
    }
    bits_ -= 8;
    return static_cast<int>(buffer_ >> bits_ & 0xFF);
  }

  std::string_view rest_;
  Type type_;  // token: nothing to decode
  unsigned buffer_ = 0;
  unsigned bits_ = 0;
};

/// Appends what RFC 9651, 4.1 says, from decoded texts. Functions give null, or what is wrong
/// with a value that was not parsed.
class Printer {
 public:
  explicit Printer(std::string& out) noexcept : out_(out) {}

  const char* key(std::string_view key) {
    bool is_good = !key.empty();
    for (std::size_t i = 0; i < key.size(); ++i) is_good = is_good && Scanner::is_key_char(key[i], i == 0);
    if (!is_good) return "a key of a structured field has to be of a-z, 0-9, _ - . * and begin with a letter or *";
    out_ += key;
    return nullptr;
  }

  const char* value(const Value& value) {
    switch (value.type()) {
      case Type::integer: return number(*value.integer());
      case Type::decimal: return decimal(*value.decimal_in_thousandths());
      case Type::date: out_ += '@'; return number(*value.date());
      case Type::boolean: out_ += *value.boolean() ? "?1" : "?0"; return nullptr;
      case Type::token: return token(*value.token());
      case Type::string: return string(*value.string());
      case Type::byte_sequence: return byte_sequence(*value.bytes());
      case Type::display_string: return display_string(*value.display_string());
      case Type::inner_list: break;
    }
    return "an inner list is no value";
  }

  const char* parameter(std::string_view key, const Value& value) {
    out_ += ';';
    const char* fault = this->key(key);
    if (fault != nullptr || value.boolean() == true) return fault;
    out_ += '=';
    return this->value(value);
  }

  const char* parameters(const Parameters& parameters) {
    for (const auto& [key, value] : parameters)
      if (const char* const fault = parameter(key, value)) return fault;
    return nullptr;
  }

  const char* member(std::string_view key, const Item& item) {
    if (const char* const fault = this->key(key)) return fault;
    if (item.boolean() == true) return parameters(item.parameters());
    out_ += '=';
    return this->item(item);
  }

  const char* item(const Item& item) {
    if (!item.is_inner_list()) {
      if (const char* const fault = value(item)) return fault;
    } else {
      out_ += '(';
      bool is_first = true;
      for (const Item& inner : item.items()) {
        if (!is_first) out_ += ' ';
        is_first = false;
        if (const char* const fault = this->item(inner)) return fault;
      }
      out_ += ')';
    }
    return parameters(item.parameters());
  }

 private:
  static constexpr std::int64_t max_number = 999'999'999'999'999;

  const char* number(std::int64_t number) {
    if (number > max_number || number < -max_number) return "a number of a structured field has 15 digits at most";
    out_ += std::to_string(number);
    return nullptr;
  }

  const char* decimal(std::int64_t count) {
    if (count > max_number || count < -max_number)
      return "a decimal of a structured field has 12 digits in front of its point at most";
    if (count < 0) out_ += '-';
    const std::int64_t size = count < 0 ? -count : count;
    out_ += std::to_string(size / 1000);
    std::string fraction = std::to_string(1000 + size % 1000);  // keeps the zeros in front
    while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
    fraction.front() = '.';
    out_ += fraction;
    return nullptr;
  }

  const char* token(std::string_view text) {
    bool is_good = !text.empty();
    for (std::size_t i = 0; i < text.size(); ++i) is_good = is_good && Scanner::is_token_char(text[i], i == 0);
    if (!is_good) return "a token of a structured field has a character that none can have";
    out_ += text;
    return nullptr;
  }

  const char* string(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (c < 0x20 || c >= 0x7F) return "a string of a structured field has to be visible ASCII";
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
    return nullptr;
  }

  const char* byte_sequence(std::string_view content) {
    out_ += ':';
    const std::size_t begin = out_.size();
    out_.resize(begin + base64::encoded_size(content.size()));
    base64::encode_into(content, std::span<char>(out_).subspan(begin));
    out_ += ':';
    return nullptr;
  }

  const char* display_string(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    if (!detail::is_utf8(text)) return "a display string of a structured field has to be UTF-8";
    out_ += "%\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte < 0x7F && byte != '%' && byte != '"') {
        out_ += c;
      } else {
        out_ += '%';
        out_ += digits[byte >> 4];
        out_ += digits[byte & 15];
      }
    }
    out_ += '"';
    return nullptr;
  }

  std::string& out_;
};

// ---- Value ----

OKHTTP_DECL Value Value::of_double(double number) noexcept {
  // Anything this large is too large in any case.
  constexpr double limit = 1e17;
  const double count = number * 1000;
  if (!(count > -limit && count < limit)) return {Type::decimal, INT64_MAX};
  return {Type::decimal, static_cast<std::int64_t>(std::nearbyint(count))};
}

OKHTTP_DECL std::optional<std::int64_t> Value::number_of(Type type) const noexcept {
  if (type_ != type) return std::nullopt;
  return number_;
}

OKHTTP_DECL std::optional<double> Value::decimal() const noexcept {
  if (type_ != Type::decimal) return std::nullopt;
  return static_cast<double>(number_) / 1000;
}

OKHTTP_DECL std::optional<bool> Value::boolean() const noexcept {
  if (type_ != Type::boolean) return std::nullopt;
  return number_ != 0;
}

OKHTTP_DECL std::optional<std::string_view> Value::token() const noexcept {
  if (type_ != Type::token) return std::nullopt;
  return text_;
}

OKHTTP_DECL std::optional<std::string> Value::decoded(Type type) const {
  if (type_ != type) return std::nullopt;
  std::string out;
  out.reserve(type == Type::byte_sequence && form_ == Form::encoded ? text_.size() * 3 / 4 : text_.size());
  TextReader reader(*this);
  for (int byte = reader.next(); byte >= 0; byte = reader.next()) out += static_cast<char>(byte);
  return out;
}

OKHTTP_DECL std::optional<std::string> Value::text() const {
  if (type_ != Type::string && type_ != Type::token && type_ != Type::display_string) return std::nullopt;
  return decoded(type_);
}

OKHTTP_DECL bool Value::equals(const Value& other) const noexcept {
  if (type_ != other.type_ || number_ != other.number_) return false;
  TextReader a(*this);
  TextReader b(other);
  for (;;) {
    const int byte = a.next();
    if (byte != b.next()) return false;
    if (byte < 0) return true;
  }
}

OKHTTP_DECL std::string Value::to_string() const {
  std::string out;
  if (Printer(out).value(*this) != nullptr) out.clear();
  return out;
}

// ---- Parameters, inner lists ----

OKHTTP_DECL void Parameters::const_iterator::advance() noexcept {
  Scanner scanner(rest_);
  for (;;) {
    const std::size_t begin = text_.size() - scanner.rest().size();
    if (!scanner.skip(';')) {
      is_end_ = true;
      return;
    }
    scanner.parameter(current_);
    rest_ = scanner.rest();
    bool is_first = true;
    Parameter other{{}, false};
    for (Scanner before(text_.substr(0, begin)); is_first && before.skip(';');) {
      before.parameter(other);
      is_first = other.key != current_.key;
    }
    if (!is_first) continue;
    for (Scanner behind(rest_); behind.skip(';');) {
      behind.parameter(other);
      if (other.key == current_.key) current_.value = other.value;
    }
    return;
  }
}

OKHTTP_DECL std::optional<Value> Parameters::get(std::string_view key) const noexcept {
  std::optional<Value> found;
  Parameter parameter{{}, false};
  for (Scanner scanner(text_); scanner.skip(';');) {
    scanner.parameter(parameter);
    if (parameter.key == key) found = parameter.value;
  }
  return found;
}

OKHTTP_DECL InnerItems::const_iterator::const_iterator(std::string_view text) noexcept : rest_(text) { advance(); }

OKHTTP_DECL void InnerItems::const_iterator::advance() noexcept {
  Scanner scanner(rest_);
  scanner.skip_spaces();
  is_end_ = scanner.at_end();
  if (!is_end_) scanner.item(current_);
  rest_ = scanner.rest();
}

// ---- Item ----

OKHTTP_DECL InnerItems Item::items() const noexcept { return InnerItems(inner_); }

OKHTTP_DECL Result<Item> Item::try_parse(std::string_view text) {
  Scanner scanner(text);
  scanner.skip_spaces();
  Item item;
  bool is_good = scanner.item(item);
  if (is_good) {
    scanner.skip_spaces();
    is_good = scanner.at_end();
  }
  if (is_good) return item;
  return {Errc::invalid_argument, "a structured field is malformed at byte ", text.size() - scanner.rest().size() + 1};
}

OKHTTP_DECL Result<Item> Item::try_parse(const Headers& headers, std::string_view name) {
  const detail::FieldLines lines(headers, name);
  std::size_t at = 0;
  std::string_view line;
  std::string_view further;
  if (!lines.next(at, line)) return {Errc::invalid_argument, "there is no header ", name};
  if (lines.next(at, further)) return {Errc::invalid_argument, "there are several headers ", name};
  return try_parse(line);
}

OKHTTP_DECL std::string Item::to_string() const {
  std::string out;
  Printer(out).item(*this);
  return out;
}

}  // namespace structured
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_STRUCTURED_ITEM_IPP
