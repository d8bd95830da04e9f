// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FIELD_LINES_HPP
#define OKHTTP_MESSAGE_FIELD_LINES_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The values of all headers of one name, or one text, without a list of them. Views the headers and the name.
class FieldLines {
 public:
  FieldLines() = default;
  explicit FieldLines(std::string_view text) noexcept : text_(text) {}
  FieldLines(const Headers& headers, std::string_view name) noexcept : headers_(&headers), text_(name) {}

  /// Gives the next value; `at` is 0 before the first. False when there is none.
  bool next(std::size_t& at, std::string_view& line) const noexcept {
    if (headers_ == nullptr) {
      line = text_;
      return at++ == 0;
    }
    while (at < headers_->size()) {
      const Header header = (*headers_)[at++];
      if (!ascii::iequals(header.name, text_)) continue;
      line = header.value;
      return true;
    }
    return false;
  }

 private:
  const Headers* headers_ = nullptr;  // null: one line, the text itself
  std::string_view text_;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_FIELD_LINES_HPP
