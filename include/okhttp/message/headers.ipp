// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_HEADERS_IPP
#define OKHTTP_MESSAGE_HEADERS_IPP

#include <okhttp/message/headers.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/base/http_date.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <cstring>

OKHTTP_NAMESPACE_BEGIN

namespace detail::headers {

OKHTTP_DECL bool same_name(const char* text, std::string_view name) noexcept {
  // Peers and callers mostly spell a name alike, so the equality test of a character comes first.
  for (std::size_t i = 0; i < name.size(); ++i)
    if (text[i] != name[i] && ascii::to_lower(text[i]) != ascii::to_lower(name[i])) return false;
  return true;
}

OKHTTP_DECL bool is_value_char(char c, bool non_ascii) noexcept {
  return ascii::has_class(c, ascii::value_char) && (non_ascii || static_cast<unsigned char>(c) < 0x80);
}

OKHTTP_DECL std::string byte_at(char c, std::size_t position) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  std::string text = "byte 0x";
  text += digits[byte >> 4];
  text += digits[byte & 15];
  text += " at position ";
  text += std::to_string(position);
  return text;
}

/// Why this header cannot be sent, or an empty text. Shows a name only up to its first bad byte: a
/// whole `Authorization: secret` given as a name must not end in a log.
OKHTTP_DECL std::string fault_of(std::string_view name, std::string_view value, bool non_ascii) {
  if (name.empty()) return "a header name is empty";
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (ascii::is_token_char(name[i])) continue;
    std::string text = "a header name";
    if (i > 0) {
      text += " that begins with '";
      text += name.substr(0, std::min<std::size_t>(i, 60));
      text += '\'';
    }
    return text + " has " + byte_at(name[i], i) + ", which no header name can have";
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (is_value_char(value[i], non_ascii)) continue;
    std::string text = "the value of header ";
    text += name.substr(0, 60);
    text += " has ";
    text += byte_at(value[i], i);
    return text + (static_cast<unsigned char>(value[i]) >= 0x80
                       ? ", which is not ASCII (add_unsafe_non_ascii allows it)"
                       : ", which no header value can have");
  }
  return {};
}

OKHTTP_DECL bool is_safe(std::string_view text) noexcept {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace detail::headers

OKHTTP_DECL bool is_sensitive_header(std::string_view name) noexcept {
  switch (name.size()) {
    case 6:
      return ascii::iequals(name, "Cookie");
    case 10:
      return ascii::iequals(name, "Set-Cookie");
    case 13:
      return ascii::iequals(name, "Authorization");
    case 19:
      return ascii::iequals(name, "Proxy-Authorization");
    default:
      return false;
  }
}

OKHTTP_DECL void Headers::allocate(std::size_t bytes, std::size_t count) {
  const std::size_t steps = (bytes + count * sizeof(Entry) + step - 1) / step;
  OKHTTP_ASSERT(block_ == nullptr && steps != 0 && steps <= UINT32_MAX);
  block_ = static_cast<char*>(detail::allocate_frame(steps * step));
  steps_ = static_cast<std::uint32_t>(steps);
}

/// Into a block that has room for it and nothing in it.
OKHTTP_DECL void Headers::copy_from(const Headers& other) noexcept {
  text_size_ = other.text_size_;
  count_ = other.count_;
  is_wire_form_ = other.is_wire_form_;
  if (text_size_ != 0) std::memcpy(block_, other.block_, text_size_);
  if (count_ != 0) std::memcpy(entries_end() - count_, other.entries_end() - count_, count_ * sizeof(Entry));
}

OKHTTP_DECL Headers::Headers(const Headers& other, std::size_t more_bytes, std::size_t more_count) {
  const std::size_t bytes = other.text_size_ + more_bytes;
  const std::size_t count = other.count_ + more_count;
  if (bytes + count != 0) allocate(bytes, count);
  copy_from(other);
}

OKHTTP_DECL Headers& Headers::operator=(const Headers& other) {
  if (this == &other) return *this;
  if (capacity() < other.text_size_ + other.count_ * sizeof(Entry))
    Headers(other).swap(*this);
  else
    copy_from(other);
  return *this;
}

OKHTTP_DECL Headers Headers::adopt(std::string_view text, std::span<const Entry> entries) {
  OKHTTP_ASSERT(text.size() <= max_block_bytes && entries.size() <= max_block_bytes);
  Headers headers;
  headers.is_wire_form_ = false;
  if (text.empty()) return headers;
  headers.allocate(text.size(), entries.size());
  std::memcpy(headers.block_, text.data(), text.size());
  headers.text_size_ = static_cast<std::uint32_t>(text.size());
  Entry* target = headers.entries_end();
  for (const Entry& entry : entries) *--target = entry;
  headers.count_ = static_cast<std::uint32_t>(entries.size());
  return headers;
}

OKHTTP_DECL Result<Headers> Headers::try_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size() + 4;
  Headers made;
  if (bytes <= max_block_bytes) made.reserve(bytes, headers.size());
  Builder builder(std::move(made));
  for (const auto& [name, value] : headers) builder.add(name, value);
  return std::move(builder).try_build();
}

OKHTTP_DECL std::size_t Headers::find_last(std::string_view name) const noexcept {
  if (count_ == 0) return 0;
  const Entry* const end = entries_end();
  for (const Entry* entry = end - count_; entry != end; ++entry)
    if (entry->name_size == name.size() && detail::headers::same_name(block_ + entry->name_offset, name))
      return static_cast<std::size_t>(end - entry) - 1;
  return count_;
}

OKHTTP_DECL std::optional<std::string_view> Headers::get(std::string_view name) const& noexcept {
  const std::size_t index = find_last(name);
  if (index == size()) return std::nullopt;
  return (*this)[index].value;
}

OKHTTP_DECL std::optional<std::string> Headers::get(std::string_view name) && {
  const std::size_t index = find_last(name);
  if (index == size()) return std::nullopt;
  return std::string(std::as_const(*this)[index].value);
}

OKHTTP_DECL bool Headers::contains(std::string_view name) const noexcept {
  return find_last(name) != size();
}

OKHTTP_DECL std::vector<std::string_view> Headers::values(std::string_view name) const& {
  std::vector<std::string_view> found;
  for (const Header header : *this)
    if (header.name.size() == name.size() && detail::headers::same_name(header.name.data(), name))
      found.push_back(header.value);
  return found;
}

OKHTTP_DECL std::vector<std::string> Headers::values(std::string_view name) && {
  const std::vector<std::string_view> views = std::as_const(*this).values(name);
  return {views.begin(), views.end()};
}

OKHTTP_DECL std::vector<std::string_view> Headers::names() const& {
  // Sorting keeps this n log n: a peer chooses how many names there are.
  const auto less = [](std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return ascii::to_lower(x) < ascii::to_lower(y);
    });
  };
  std::vector<std::string_view> found;
  found.reserve(size());
  for (const Header header : *this) found.push_back(header.name);
  // Equal names end up side by side, the first appearance (the lowest address) in front.
  std::sort(found.begin(), found.end(), [&](std::string_view a, std::string_view b) {
    if (less(a, b)) return true;
    return !less(b, a) && a.data() < b.data();
  });
  found.erase(std::unique(found.begin(), found.end(), ascii::iequals), found.end());
  std::sort(found.begin(), found.end(),
            [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
  return found;
}

OKHTTP_DECL std::vector<std::string> Headers::names() && {
  const std::vector<std::string_view> views = std::as_const(*this).names();
  return {views.begin(), views.end()};
}

OKHTTP_DECL std::size_t Headers::byte_count() const noexcept {
  if (is_wire_form_) return text_size_;
  std::size_t bytes = 0;
  for (const Header header : *this) bytes += header.name.size() + header.value.size() + 4;
  return bytes;
}

OKHTTP_DECL std::optional<std::chrono::sys_seconds> Headers::get_date(std::string_view name) const noexcept {
  const std::optional<std::string_view> value = get(name);
  if (!value) return std::nullopt;
  const std::optional<std::int64_t> seconds = parse_http_date(*value);
  if (!seconds) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(*seconds));
}

OKHTTP_DECL std::string Headers::to_string() const {
  std::string text;
  for (const auto& [name, value] : *this) {
    text += name;
    text += ": ";
    text += is_sensitive_header(name) ? redacted_mark : value;
    text += '\n';
  }
  return text;
}

OKHTTP_DECL Headers::Builder Headers::new_builder() const {
  constexpr std::size_t room = 4;  // headers that are likely to come
  return Builder(Headers(*this, room * 48, room));
}

OKHTTP_DECL bool Headers::equals(const Headers& other) const noexcept {
  if (size() != other.size()) return false;
  for (std::size_t i = 0; i < size(); ++i)
    if ((*this)[i] != other[i]) return false;
  return true;
}

OKHTTP_DECL void Headers::reserve(std::size_t bytes, std::size_t count) {
  if (!has_room(bytes, count)) Headers(*this, bytes, count).swap(*this);
}

OKHTTP_DECL void Headers::append_unchecked(const Headers& other) {
  OKHTTP_ASSERT(other.is_wire_form_ && &other != this && text_size_ + other.text_size_ <= max_block_bytes);
  if (other.empty()) return;
  reserve(other.text_size_, other.count_);
  const std::uint32_t shift = text_size_;
  std::memcpy(block_ + shift, other.block_, other.text_size_);
  text_size_ += other.text_size_;
  Entry* target = entries_end() - count_;
  const Entry* const end = other.entries_end();
  for (const Entry* entry = end; entry != end - other.count_;) {
    --entry;
    *--target = {entry->name_offset + shift, entry->name_size, entry->value_offset + shift, entry->value_size};
  }
  count_ += other.count_;
}

OKHTTP_DECL Headers Headers::grow(std::size_t bytes, std::size_t count) {
  const std::size_t used = text_size_ + count_ * sizeof(Entry);
  const std::size_t wanted = std::max({2 * capacity(), first_capacity, used + bytes + count * sizeof(Entry)});
  Headers other(*this, wanted - used, 0);
  swap(other);
  return other;
}

OKHTTP_DECL void Headers::append_unchecked(std::string_view name, std::string_view value) {
  OKHTTP_ASSERT(detail::headers::is_safe(name) && detail::headers::is_safe(value));
  const std::size_t extra = name.size() + value.size() + 4;
  OKHTTP_ASSERT(text_size_ + extra <= max_block_bytes);
  Headers old;
  if (!has_room(extra, 1)) old = grow(extra, 1);
  const auto name_size = static_cast<std::uint32_t>(name.size());
  const auto value_size = static_cast<std::uint32_t>(value.size());
  char* target = block_ + text_size_;
  std::memcpy(target, name.data(), name.size());
  target += name.size();
  *target++ = ':';
  *target++ = ' ';
  if (!value.empty()) std::memcpy(target, value.data(), value.size());
  target += value.size();
  *target++ = '\r';
  *target = '\n';
  ++count_;
  last_entry() = {text_size_, name_size, text_size_ + name_size + 2, value_size};
  text_size_ += name_size + value_size + 4;
}

OKHTTP_DECL void Headers::add_text(std::string_view text) {
  OKHTTP_ASSERT(text_size_ + text.size() <= max_block_bytes);
  if (!has_room(text.size(), 1)) grow(text.size(), 1);
  if (!text.empty()) std::memcpy(block_ + text_size_, text.data(), text.size());
  text_size_ += static_cast<std::uint32_t>(text.size());
  is_wire_form_ = false;
}

OKHTTP_DECL void Headers::add_entry(const Entry& entry) {
  if (!has_room(0, 1)) grow(0, 1);
  ++count_;
  last_entry() = entry;
}

OKHTTP_DECL std::size_t Headers::remove_all(std::string_view name) noexcept {
  std::uint32_t kept = 0;
  std::uint32_t removed_bytes = 0;
  for (std::uint32_t i = 0; i < count_; ++i) {
    Entry entry = entries_end()[-1 - static_cast<std::ptrdiff_t>(i)];
    const std::uint32_t line = entry.name_size + entry.value_size + 4;
    if (entry.name_size == name.size() && detail::headers::same_name(block_ + entry.name_offset, name)) {
      removed_bytes += line;
      continue;
    }
    // In wire form the lines behind a removed one move towards the front.
    if (is_wire_form_ && removed_bytes != 0) {
      std::memmove(block_ + entry.name_offset - removed_bytes, block_ + entry.name_offset, line);
      entry.name_offset -= removed_bytes;
      entry.value_offset -= removed_bytes;
    }
    ++kept;
    entries_end()[-static_cast<std::ptrdiff_t>(kept)] = entry;
  }
  if (is_wire_form_) text_size_ -= removed_bytes;
  const std::uint32_t removed = count_ - kept;
  count_ = kept;
  return removed;
}

OKHTTP_DECL void Headers::append_lines_to(std::string& out) const {
  if (is_wire_form_) {
    out += block();
    return;
  }
  for (const auto& [name, value] : *this)
    out.append(name).append(": ", 2).append(value).append("\r\n", 2);
}

OKHTTP_DECL void Headers::Builder::fail(std::string fault) {
  if (!fault_) fault_ = Error(Errc::invalid_argument, std::move(fault));
}

OKHTTP_DECL void Headers::Builder::add_checked(std::string_view name,
                                               std::string_view value,
                                               bool non_ascii,
                                               bool replace) {
  value = ascii::trim(value);
  std::string fault = detail::headers::fault_of(name, value, non_ascii);
  if (fault.empty() && name.size() + value.size() > max_block_bytes - headers_.text_size_ - 4)
    fault = "the headers are larger than " + std::to_string(max_block_bytes) + " bytes";
  if (!fault.empty()) {
    fail(std::move(fault));
    return;
  }
  if (replace) headers_.remove_all(name);
  headers_.append_unchecked(name, value);
}

OKHTTP_DECL Headers::Builder& Headers::Builder::add(std::string_view name,
                                                    std::string_view value) & {
  add_checked(name, value, false, false);
  return *this;
}

OKHTTP_DECL Headers::Builder& Headers::Builder::add(std::string_view line) & {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    fail("a header line has no colon");
    return *this;
  }
  return add(line.substr(0, colon), line.substr(colon + 1));
}

OKHTTP_DECL Headers::Builder& Headers::Builder::add_date(std::string_view name, std::chrono::sys_seconds date) & {
  return add(name, format_http_date(date.time_since_epoch().count()));
}

OKHTTP_DECL Headers::Builder& Headers::Builder::set_date(std::string_view name, std::chrono::sys_seconds date) & {
  return set(name, format_http_date(date.time_since_epoch().count()));
}

OKHTTP_DECL Headers::Builder& Headers::Builder::add_unsafe_non_ascii(std::string_view name,
                                                                     std::string_view value) & {
  add_checked(name, value, true, false);
  return *this;
}

OKHTTP_DECL Headers::Builder& Headers::Builder::set(std::string_view name,
                                                    std::string_view value) & {
  add_checked(name, value, false, true);
  return *this;
}

OKHTTP_DECL Headers::Builder& Headers::Builder::remove(std::string_view name) & {
  headers_.remove_all(name);
  return *this;
}

OKHTTP_DECL Headers::Builder& Headers::Builder::add_all(const Headers& headers) & {
  const std::size_t bytes = headers.byte_count();
  if (bytes > max_block_bytes - headers_.text_size_) {
    fail("the headers are larger than " + std::to_string(max_block_bytes) + " bytes");
    return *this;
  }
  headers_.reserve(bytes, headers.size());
  for (const auto& [name, value] : headers) headers_.append_unchecked(name, value);
  return *this;
}

OKHTTP_DECL std::optional<std::string> Headers::Builder::get(std::string_view name) const {
  const std::optional<std::string_view> value = headers_.get(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

OKHTTP_DECL Result<Headers> Headers::Builder::try_build() const& {
  if (fault_) return *fault_;
  return headers_;
}

OKHTTP_DECL Result<Headers> Headers::Builder::try_build() && {
  if (fault_) return std::move(*fault_);
  return std::move(headers_);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_HEADERS_IPP
