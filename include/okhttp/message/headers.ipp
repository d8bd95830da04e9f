// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_HEADERS_IPP
#define OKHTTP_MESSAGE_HEADERS_IPP

#include <okhttp/message/headers.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#  include <algorithm>

OKHTTP_NAMESPACE_BEGIN

namespace detail::headers {

OKHTTP_DECL bool same_name(const char* text, std::string_view name) noexcept {
  // Peers and callers mostly spell a name alike, so the equality test of a character comes first.
  for (std::size_t i = 0; i < name.size(); ++i)
    if (text[i] != name[i] && ascii::to_lower(text[i]) != ascii::to_lower(name[i])) return false;
  return true;
}

OKHTTP_DECL bool is_value_char(char c, bool non_ascii) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte <= 0x7E) || (non_ascii && byte >= 0x80);
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

OKHTTP_DECL Result<Headers> Headers::try_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
  Builder builder;
  for (const auto& [name, value] : headers) builder.add(name, value);
  return std::move(builder).try_build();
}

OKHTTP_DECL std::size_t Headers::find_last(std::string_view name) const noexcept {
  for (std::size_t i = entries_.size(); i-- > 0;) {
    const Entry& entry = entries_[i];
    if (entry.name_size == name.size() &&
        detail::headers::same_name(block_.data() + entry.name_offset, name))
      return i;
  }
  return entries_.size();
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
  if (is_wire_form_) return block_.size();
  std::size_t bytes = 0;
  for (const Entry& entry : entries_) bytes += std::size_t{entry.name_size} + entry.value_size + 4;
  return bytes;
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

OKHTTP_DECL Headers::Builder Headers::new_builder() const { return Builder(*this); }

OKHTTP_DECL bool Headers::equals(const Headers& other) const noexcept {
  if (size() != other.size()) return false;
  for (std::size_t i = 0; i < size(); ++i)
    if ((*this)[i] != other[i]) return false;
  return true;
}

OKHTTP_DECL void Headers::reserve(std::size_t bytes, std::size_t count) {
  block_.reserve(block_.size() + bytes);
  entries_.reserve(entries_.size() + count);
}

OKHTTP_DECL void Headers::append_unchecked(const Headers& other) {
  OKHTTP_ASSERT(other.is_wire_form_ && &other != this);
  const auto shift = static_cast<std::uint32_t>(block_.size());
  block_.append(other.block_);
  entries_.reserve(entries_.size() + other.entries_.size());
  for (const Entry& entry : other.entries_)
    entries_.push_back({entry.name_offset + shift, entry.name_size, entry.value_offset + shift, entry.value_size});
}

OKHTTP_DECL void Headers::append_unchecked(std::string_view name, std::string_view value) {
  OKHTTP_ASSERT(detail::headers::is_safe(name) && detail::headers::is_safe(value));
  const std::size_t extra = name.size() + value.size() + 4;
  OKHTTP_ASSERT(block_.size() + extra <= max_block_bytes);
  const auto offset = static_cast<std::uint32_t>(block_.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  const auto value_size = static_cast<std::uint32_t>(value.size());
  // An append within the capacity moves nothing, so the arguments may lie in the block itself.
  std::string old;
  if (block_.capacity() - block_.size() < extra) {
    std::string bigger;
    bigger.reserve(std::max(2 * block_.capacity(), block_.size() + extra));
    bigger += block_;
    old = std::exchange(block_, std::move(bigger));
  }
  block_.append(name).append(": ", 2).append(value).append("\r\n", 2);
  entries_.push_back({offset, name_size, offset + name_size + 2, value_size});
}

OKHTTP_DECL std::size_t Headers::remove_all(std::string_view name) noexcept {
  std::size_t kept = 0;
  std::uint32_t removed_bytes = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry entry = entries_[i];
    // In wire form the later lines have moved down already, and so must their offsets.
    entry.name_offset -= removed_bytes;
    entry.value_offset -= removed_bytes;
    if (entry.name_size == name.size() &&
        detail::headers::same_name(block_.data() + entry.name_offset, name)) {
      if (is_wire_form_) {
        const std::uint32_t line = entry.name_size + entry.value_size + 4;
        block_.erase(entry.name_offset, line);
        removed_bytes += line;
      }
    } else {
      entries_[kept++] = entry;
    }
  }
  const std::size_t removed = entries_.size() - kept;
  entries_.resize(kept);
  return removed;
}

OKHTTP_DECL void Headers::append_lines_to(std::string& out) const {
  if (is_wire_form_) {
    out += block_;
    return;
  }
  for (const auto& [name, value] : *this)
    out.append(name).append(": ", 2).append(value).append("\r\n", 2);
}

OKHTTP_DECL void Headers::Builder::add_checked(std::string_view name,
                                               std::string_view value,
                                               bool non_ascii,
                                               bool replace) {
  value = ascii::trim(value);
  std::string fault = detail::headers::fault_of(name, value, non_ascii);
  if (fault.empty() && name.size() + value.size() > max_block_bytes - headers_.block_.size() - 4)
    fault = "the headers are larger than " + std::to_string(max_block_bytes) + " bytes";
  if (!fault.empty()) {
    if (!fault_) fault_ = Error(Errc::invalid_argument, std::move(fault));
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
  if (bytes > max_block_bytes - headers_.block_.size()) {
    if (!fault_) fault_ = Error(Errc::invalid_argument, "the headers are larger than ", max_block_bytes, " bytes");
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
