// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_SHELL_WORDS_IPP
#define OKHTTP_EXTRAS_SHELL_WORDS_IPP

#include <okhttp/extras/shell_words.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/utf8_check.hpp>

#if OKHTTP_BODIES

#include <cstddef>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace detail::shell {

OKHTTP_DECL bool is_plain_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7F) return false;
    // The controls U+0080 to U+009F.
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return is_utf8(text);
}

OKHTTP_DECL void append_printf_format(std::string& out, std::string_view text) {
  out += '\'';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '%') {
      out += "%%";
    } else if (byte == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte > 0x7E || byte == '\'' || byte == '!' ||
               (byte == '-' && i == 0)) {  // no history, which some shells see within "$(...)", no option of printf
      out += '\\';
      for (const int shift : {6, 3, 0}) out += static_cast<char>('0' + (byte >> shift & 7));
    } else {
      out += text[i];
    }
  }
  out += '\'';
}

OKHTTP_DECL void append_in_quotes(std::string& out, std::string_view text) {
  out += '\'';
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  out += '\'';
}

OKHTTP_DECL void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view harmless = "-./:=@_";
  bool is_bare = !text.empty() && text.front() != '=';  // to zsh the path of a program
  for (const char c : text)
    is_bare = is_bare && (ascii::is_alpha(c) || ascii::is_digit(c) || harmless.find(c) != std::string_view::npos);
  if (is_bare) {
    out += text;
  } else if (!is_plain_text(text)) {
    out += "\"$(printf ";
    append_printf_format(out, text);
    out += ")\"";
  } else {
    append_in_quotes(out, text);
  }
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) noexcept : text_(text) {}

  Result<Command> split() {
    Command command;
    for (;;) {
      skip_blanks();
      if (at_end()) break;
      const char c = peek();
      if (c == '\n' || c == '\r') {
        if (!rest_is_blank()) return fault("goes on with a second command");
        break;
      }
      if (c == '|') {
        // The only program whose output can be known.
        if (command.input || command.words.size() != 2 || command.words[0] != "printf" || peek(1) == '|')
          return fault("goes on with '|', which only printf '...' may stand before");
        ++at_;
        std::string written;
        if (!decode_printf(command.words[1], written)) return fault("has an escape of printf that is not known");
        command.input = std::move(written);
        command.words.clear();
        continue;
      }
      std::string word;
      if (Result<void> read = read_word(word); !read) return std::move(read).error();
      command.words.push_back(std::move(word));
    }
    return command;
  }

 private:
  bool at_end() const noexcept { return at_ >= text_.size(); }
  // NUL past the end, which is no shell's character either.
  char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  Error fault(const char* what) const {
    return Error(Errc::invalid_argument, "the command ", what, " (at its byte ", at_ + 1, ")");
  }

  // '\' and a line end, also one of DOS.
  std::size_t continuation() const noexcept {
    if (peek() != '\\') return 0;
    if (peek(1) == '\n') return 2;
    return peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
  }

  void skip_blanks() noexcept {
    for (;;) {
      if (peek() == ' ' || peek() == '\t') {
        ++at_;
      } else if (const std::size_t size = continuation()) {
        at_ += size;
      } else if (peek() == '#') {
        while (!at_end() && peek() != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  bool rest_is_blank() noexcept {
    while (!at_end()) {
      skip_blanks();
      if (at_end()) break;
      if (peek() != '\n' && peek() != '\r') return false;
      ++at_;
    }
    return true;
  }

  Result<void> read_word(std::string& word) {
    while (!at_end()) {
      const char c = peek();
      Result<void> read;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '|') return {};
      if (const std::size_t size = continuation()) {
        at_ += size;
      } else if (c == '\\') {
        if (at_ + 1 >= text_.size()) return fault("ends with '\\'");
        word += peek(1);
        at_ += 2;
      } else if (c == '\'') {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return fault("has a single quote that does not end");
        word += text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
      } else if (c == '"') {
        read = read_double_quoted(word);
      } else if (c == '$' && peek(1) == '\'') {
        read = read_ansi_c(word);
      } else if (c == '`' || (c == '$' && begins_expansion())) {
        return fault("has what a shell would replace (put it into single quotes if it is meant as it stands)");
      } else if (c == '^' && (peek(1) == '"' || peek(1) == '\n' || peek(1) == '\r')) {
        return fault("is one for the cmd.exe of Windows; copy the one for bash");
      } else if (c == '&' || c == ';' || c == '<' || c == '>' || c == '(' || c == ')') {
        return fault("has one of & ; < > ( ) outside of quotes, where a shell takes the command to end");
      } else {
        word += c;
        ++at_;
      }
      if (!read) return read;
    }
    return {};
  }

  // At a '$': a variable, or one of the expressions in brackets.
  bool begins_expansion() const noexcept {
    const char next = peek(1);
    constexpr std::string_view special = "{([@*#?$!-_\"";
    return ascii::is_alpha(next) || ascii::is_digit(next) ||
           (next != '\0' && special.find(next) != std::string_view::npos);
  }

  Result<void> read_double_quoted(std::string& word) {
    const std::size_t begin = at_++;
    while (!at_end()) {
      const char c = peek();
      if (c == '"') {
        ++at_;
        return {};
      }
      if (const std::size_t size = continuation()) {
        at_ += size;
      } else if (c == '\\' && (peek(1) == '"' || peek(1) == '\\' || peek(1) == '$' || peek(1) == '`')) {
        word += peek(1);
        at_ += 2;
      } else if (c == '$' && peek(1) == '(') {
        if (Result<void> read = read_substitution(word); !read) return read;
      } else if (c == '`' || (c == '$' && peek(1) != '"' && begins_expansion())) {
        return fault("has what a shell would replace (put it into single quotes if it is meant as it stands)");
      } else {
        word += c;
        ++at_;
      }
    }
    at_ = begin;
    return fault("has a double quote that does not end");
  }

  // $(printf '...') between double quotes.
  Result<void> read_substitution(std::string& word) {
    constexpr std::string_view begin = "$(printf '";
    const std::size_t end = text_.find('\'', at_ + begin.size());
    std::string written;
    if (!text_.substr(at_).starts_with(begin) || end == std::string_view::npos ||
        text_.substr(end + 1, 1) != ")" ||
        !decode_printf(text_.substr(at_ + begin.size(), end - at_ - begin.size()), written))
      return fault("has what a shell would replace, and it is no $(printf '...')");
    if (written.find('\0') != std::string::npos) return fault("has a NUL in a word");
    while (written.ends_with('\n')) written.pop_back();
    word += written;
    at_ = end + 2;
    return {};
  }

  // What printf writes for a format without arguments. False for what POSIX does not define.
  static bool decode_printf(std::string_view format, std::string& out) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == '%') {
        if (++i >= format.size() || format[i] != '%') return false;
        out += '%';
      } else if (format[i] != '\\') {
        out += format[i];
      } else {
        if (++i >= format.size()) return false;
        if (const char c = simple_escape(format[i]); c != '\0') {
          out += c;
          continue;
        }
        unsigned value = 0;
        std::size_t digits = 0;
        for (; digits < 3 && i < format.size() && format[i] >= '0' && format[i] <= '7'; ++digits, ++i)
          value = value * 8 + static_cast<unsigned>(format[i] - '0');
        if (digits == 0) return false;
        --i;
        out += static_cast<char>(value & 0xFF);
      }
    }
    return true;
  }

  static char simple_escape(char c) noexcept {
    constexpr std::string_view letters = "abfnrtv\\";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\";
    const std::size_t found = letters.find(c);
    return found == std::string_view::npos ? '\0' : meanings[found];
  }

  // $'...' of bash, which browsers write.
  Result<void> read_ansi_c(std::string& word) {
    const std::size_t begin = at_;
    at_ += 2;
    while (!at_end()) {
      const char c = text_[at_++];
      if (c == '\'') return {};
      if (c != '\\') {
        word += c;
        continue;
      }
      const char kind = peek();
      ++at_;
      if (const char meaning = simple_escape(kind); meaning != '\0') {
        word += meaning;
      } else if (kind == 'e' || kind == 'E') {
        word += '\x1B';
      } else if (kind == '\'' || kind == '"' || kind == '?') {
        word += kind;
      } else if (kind == 'x' || kind == 'u' || kind == 'U' || (kind >= '0' && kind <= '7')) {
        if (!read_number(kind, word)) return fault("has a number in $'...' that is no character");
      } else {
        --at_;
        return fault("has an escape in $'...' that is not known");
      }
    }
    at_ = begin;
    return fault("has a quote $' that does not end");
  }

  bool read_number(char kind, std::string& word) {
    const unsigned radix = ascii::is_digit(kind) ? 8 : 16;
    const std::size_t most = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 3;
    if (radix == 8) --at_;
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < most; ++digits, ++at_) {
      const int digit = ascii::hex_value(peek());
      if (digit < 0 || static_cast<unsigned>(digit) >= radix) break;
      value = value * radix + static_cast<unsigned>(digit);
    }
    if (digits == 0 || value == 0) return false;
    if (kind != 'u' && kind != 'U') {
      word += static_cast<char>(value & 0xFF);
      return (value & 0xFF) != 0;
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return false;
    const auto code = static_cast<std::uint32_t>(value);
    if (code < 0x80) {
      word += static_cast<char>(code);
      return true;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned leads[] = {0, 0xC0, 0xE0, 0xF0};
    word += static_cast<char>(leads[more] | code >> (6 * more));
    for (int i = more; i-- > 0;) word += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

OKHTTP_DECL Result<Command> split(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return Error(Errc::invalid_argument, "the command has a NUL, which no shell can pass on");
  return Splitter(text).split();
}

}  // namespace detail::shell
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_SHELL_WORDS_IPP
