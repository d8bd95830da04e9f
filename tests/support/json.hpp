// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_JSON_HPP
#define OKHTTP_TESTS_SUPPORT_JSON_HPP

#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Just enough JSON (RFC 8259) to read test vectors. Throws std::runtime_error for what is no JSON
// and for a member or a type that is not there: a broken data file should stop a test.
namespace json {

class Value {
 public:
  enum class Kind { null, boolean, number, string, array, object };

  Value() = default;
  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_object() const { return kind_ == Kind::object; }

  bool boolean() const { return require(Kind::boolean), boolean_; }
  double number() const { return require(Kind::number), number_; }
  std::int64_t integer() const { return static_cast<std::int64_t>(number()); }
  /// UTF-8; an unpaired surrogate of the source is U+FFFD.
  const std::string& string() const& { return require(Kind::string), text_; }
  std::string string() && { return require(Kind::string), std::move(text_); }
  const std::vector<Value>& array() const& { return require(Kind::array), items_; }
  std::vector<Value> array() && { return require(Kind::array), std::move(items_); }
  /// In the order of the file.
  const std::vector<std::pair<std::string, Value>>& object() const& {
    return require(Kind::object), members_;
  }
  std::vector<std::pair<std::string, Value>> object() && {
    return require(Kind::object), std::move(members_);
  }
  /// The member, or null when there is none.
  const Value* find(std::string_view name) const& {
    for (const auto& [key, value] : object())
      if (key == name) return &value;
    return nullptr;
  }
  const Value* find(std::string_view name) const&& = delete;
  const Value& operator[](std::string_view name) const& {
    const Value* value = find(name);
    if (value == nullptr) throw std::runtime_error("JSON: no member " + std::string(name));
    return *value;
  }
  Value operator[](std::string_view name) const&& { return (*this)[name]; }

 private:
  friend class Reader;
  void require(Kind kind) const {
    if (kind_ != kind) throw std::runtime_error("JSON: a value of another type was expected");
  }
  Kind kind_ = Kind::null;
  bool boolean_ = false;
  double number_ = 0;
  std::string text_;
  std::vector<Value> items_;
  std::vector<std::pair<std::string, Value>> members_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  Value read_all() {
    Value value = read_value(0);
    if (skip_blanks(); at_ != text_.size()) fail("text after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw std::runtime_error("JSON: " + std::string(what) + " at byte " + std::to_string(at_));
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail("another character was expected");
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Value read_value(int depth) {
    constexpr int deepest = 100;
    if (depth > deepest) fail("too deep");
    skip_blanks();
    Value value;
    if (at_ == text_.size()) fail("no value");
    if (text_[at_] == '"') {
      value.kind_ = Value::Kind::string;
      value.text_ = read_string();
    } else if (take('[')) {
      value.kind_ = Value::Kind::array;
      if (take(']')) return value;
      do value.items_.push_back(read_value(depth + 1));
      while (take(','));
      expect(']');
    } else if (take('{')) {
      value.kind_ = Value::Kind::object;
      if (take('}')) return value;
      do {
        skip_blanks();
        std::string name = read_string();
        expect(':');
        value.members_.emplace_back(std::move(name), read_value(depth + 1));
      } while (take(','));
      expect('}');
    } else if (take_word("true")) {
      value.kind_ = Value::Kind::boolean;
      value.boolean_ = true;
    } else if (take_word("false")) {
      value.kind_ = Value::Kind::boolean;
    } else if (!take_word("null")) {
      value.kind_ = Value::Kind::number;
      value.number_ = read_number();
    }
    return value;
  }

  double read_number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  std::string_view("+-.eE").find(text_[at_]) != text_.npos))
      ++at_;
    const std::string digits(text_.substr(begin, at_ - begin));
    char* end = nullptr;
    const double number = std::strtod(digits.c_str(), &end);
    if (digits.empty() || *end != '\0') fail("no number");
    return number;
  }

  unsigned read_hex4() {
    unsigned value = 0;
    for (int i = 0; i < 4; ++i) {
      if (at_ == text_.size() || std::isxdigit(static_cast<unsigned char>(text_[at_])) == 0)
        fail("no \\u escape");
      const char c = text_[at_++];
      value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
  }

  static void append_utf8(std::string& out, unsigned code) {
    const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6);
      put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12);
      put(0x80 | (code >> 6 & 0x3F));
      put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
      put(0x80 | (code >> 6 & 0x3F));
      put(0x80 | (code & 0x3F));
    }
  }

  void read_unicode_escape(std::string& out) {
    unsigned code = read_hex4();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      const std::size_t second = at_;
      at_ += 2;
      const unsigned low = read_hex4();
      if (low >= 0xDC00 && low < 0xE000)
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      else
        at_ = second;
    }
    if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
    append_utf8(out, code);
  }

  std::string read_string() {
    expect('"');
    std::string out;
    for (;;) {
      if (at_ == text_.size()) fail("unfinished string");
      char c = text_[at_++];
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ == text_.size()) fail("unfinished string");
      switch (c = text_[at_++]) {
        case 'u':
          read_unicode_escape(out);
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case '"':
        case '\\':
        case '/':
          out += c;
          break;
        default:
          fail("unknown escape");
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline Value parse(std::string_view text) { return Reader(text).read_all(); }

inline Value read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse(text);
}

}  // namespace json

#endif  // OKHTTP_TESTS_SUPPORT_JSON_HPP
