// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_FIELD_IPP
#define OKHTTP_MESSAGE_STRUCTURED_FIELD_IPP

#include <okhttp/message/structured_field.hpp>

#if OKHTTP_BODIES

#include <cstdint>

OKHTTP_NAMESPACE_BEGIN

namespace detail::structured_field {

/// FNV-1a, with its high bits mixed into the low ones, which are used.
OKHTTP_DECL std::uint32_t key_hash(std::string_view key) noexcept {
  std::uint32_t hash = 2166136261;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return hash ^ hash >> 15;
}

template <std::size_t size>
bool has_bit(const std::array<std::uint64_t, size>& bits, std::uint32_t hash) noexcept {
  return (bits[hash / 64 % size] >> (hash % 64) & 1) != 0;
}

template <std::size_t size>
void set_bit(std::array<std::uint64_t, size>& bits, std::uint32_t hash) noexcept {
  bits[hash / 64 % size] |= std::uint64_t{1} << (hash % 64);
}

}  // namespace detail::structured_field

namespace structured {

OKHTTP_DECL Walk::Step Walk::begin() noexcept {
  at_ = 0;
  if (!lines_.next(at_, line_)) return Step::end;
  Scanner scanner(line_);
  scanner.skip_spaces();
  rest_ = scanner.rest();
  if (!rest_.empty()) return Step::member;
  std::string_view further;
  return lines_.next(at_, further) ? Step::malformed : Step::end;  // a comma stands between them
}

OKHTTP_DECL bool Walk::take(Item& item) noexcept {
  Scanner scanner(rest_);
  const bool is_good = scanner.member(item);
  rest_ = scanner.rest();
  return is_good;
}

OKHTTP_DECL bool Walk::take(DictionaryMember& member) noexcept {
  Scanner scanner(rest_);
  bool is_good = scanner.key(member.key);
  if (is_good && scanner.skip('=')) {
    is_good = scanner.member(member.item);
  } else if (is_good) {
    is_good = scanner.truth(member.item);
  }
  rest_ = scanner.rest();
  return is_good;
}

OKHTTP_DECL Walk::Step Walk::next() noexcept {
  Scanner scanner(rest_);
  scanner.skip_blanks();
  if (scanner.at_end()) {
    rest_ = {};
    if (!lines_.next(at_, line_)) return Step::end;
    scanner = Scanner(line_);
  } else if (!scanner.skip(',')) {
    rest_ = scanner.rest();
    return Step::malformed;
  }
  scanner.skip_blanks();
  rest_ = scanner.rest();
  return rest_.empty() ? Step::malformed : Step::member;
}

OKHTTP_DECL List::const_iterator::const_iterator(const detail::FieldLines& lines) noexcept : walk_(lines) {
  settle(walk_.begin());
}

OKHTTP_DECL void List::const_iterator::settle(Walk::Step step) noexcept {
  is_end_ = step != Walk::Step::member;
  if (!is_end_) walk_.take(member_.item);
}

OKHTTP_DECL Result<List> List::parse_lines(const detail::FieldLines& lines) {
  List list;
  list.lines_ = lines;
  Walk walk(lines);
  DictionaryMember member;
  Walk::Step step = walk.begin();
  while (step == Walk::Step::member) {
    ++list.size_;
    step = walk.take(member.item) ? walk.next() : Walk::Step::malformed;
  }
  if (step == Walk::Step::end) return list;
  return {Errc::invalid_argument, "a structured list is malformed at byte ", walk.column()};
}

OKHTTP_DECL std::string List::to_string() const {
  std::string out;
  for (const Item& item : *this) {
    if (!out.empty()) out += ", ";
    Printer(out).item(item);
  }
  return out;
}

OKHTTP_DECL Dictionary::const_iterator::const_iterator(const Dictionary& dictionary) noexcept
    : dictionary_(&dictionary), walk_(dictionary.lines_) {
  settle(walk_.begin());
}

OKHTTP_DECL void Dictionary::const_iterator::settle(Walk::Step step) noexcept {
  for (; step == Walk::Step::member; step = walk_.next()) {
    walk_.take(member_);
    const std::size_t index = index_++;
    const std::uint32_t hash = detail::structured_field::key_hash(member_.key);
    if (!detail::structured_field::has_bit(dictionary_->repeated_, hash)) return;
    if (dictionary_->has_before(member_.key, index)) continue;
    // Found again from the front: the last one counts.
    if (const std::optional<Item> last = dictionary_->get(member_.key)) member_.item = *last;
    return;
  }
  is_end_ = true;
}

OKHTTP_DECL bool Dictionary::has_before(std::string_view key, std::size_t index) const noexcept {
  Walk walk(lines_);
  DictionaryMember member;
  walk.begin();
  for (std::size_t i = 0; i < index; ++i, walk.next()) {
    walk.take(member);
    if (member.key == key) return true;
  }
  return false;
}

OKHTTP_DECL std::optional<Item> Dictionary::get(std::string_view key) const noexcept {
  std::optional<Item> found;
  Walk walk(lines_);
  DictionaryMember member;
  for (Walk::Step step = walk.begin(); step == Walk::Step::member; step = walk.next()) {
    walk.take(member);
    if (member.key == key) found = member.item;
  }
  return found;
}

OKHTTP_DECL Result<Dictionary> Dictionary::parse_lines(const detail::FieldLines& lines) {
  Dictionary dictionary;
  dictionary.lines_ = lines;
  std::array<std::uint64_t, 256> seen{};  // keys, by a hash of 14 bits, which tells nearly all of them apart
  Walk walk(lines);
  DictionaryMember member;
  Walk::Step step = walk.begin();
  dictionary.is_empty_ = step == Walk::Step::end;
  std::size_t bytes = 0;
  std::string_view line;
  for (std::size_t at = 0; lines.next(at, line);) bytes += line.size();
  std::size_t count = 0;
  std::size_t searched = 0;
  while (step == Walk::Step::member) {
    bool is_good = walk.take(member) && ++count <= max_count;
    const std::uint32_t hash = detail::structured_field::key_hash(member.key);
    if (is_good && detail::structured_field::has_bit(seen, hash)) {
      detail::structured_field::set_bit(dictionary.repeated_, hash);
      searched += bytes;
      is_good = searched <= max_bytes_searched;
    }
    detail::structured_field::set_bit(seen, hash);
    step = is_good ? walk.next() : Walk::Step::malformed;
  }
  if (step == Walk::Step::end) return dictionary;
  return {Errc::invalid_argument, "a structured dictionary is malformed at byte ", walk.column()};
}

OKHTTP_DECL std::string Dictionary::to_string() const {
  std::string out;
  for (const auto& [key, item] : *this) {
    if (!out.empty()) out += ", ";
    Printer(out).member(key, item);
  }
  return out;
}

}  // namespace structured
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_STRUCTURED_FIELD_IPP
