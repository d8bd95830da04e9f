// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_IDNA_IPP
#define OKHTTP_URL_IDNA_IPP

#include <okhttp/url/idna.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

OKHTTP_NAMESPACE_BEGIN

#if OKHTTP_IDNA
namespace detail::idna {

// In the order of the work: what a code point is (the tables), NFC, the rules for one label, the
// bidi rule, and the two ways through them. Text is code points all the way; a name is one text
// with its dots. After the mapping it consists of valid code points alone, and nothing that follows
// can bring in others; the tables have no entries for those and the generator proves that none are
// needed.

/// Code points: up to 256 inside the object, more on the heap, never more than a name may have.
class Text {
 public:
  Text() noexcept : begin_(inside_) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  char32_t& operator[](std::size_t at) noexcept { return begin_[at]; }
  char32_t operator[](std::size_t at) const noexcept { return begin_[at]; }
  std::u32string_view view() const noexcept { return {begin_, size_}; }
  /// Once more was added than a name may have: what is here is not all.
  bool overflowed() const noexcept { return overflowed_; }

  void push(char32_t point) {
    if (size_ < capacity_ || grow(size_ + 1)) begin_[size_++] = point;
  }
  void append(std::u32string_view more) {
    for (char32_t point : more) push(point);
  }
  void cut(std::size_t size) noexcept { size_ = size; }
  /// Room for `count` more, to be written and then kept with cut(); empty if that is too much.
  std::span<char32_t> room(std::size_t count) {
    if (count > capacity_ - size_ && !grow(size_ + count)) return {};
    return {begin_ + size_, count};
  }

 private:
  bool grow(std::size_t needed) {
    if (needed > url::max_international_name) {
      overflowed_ = true;
      return false;
    }
    const std::size_t capacity =
        std::min(std::max(needed, 2 * capacity_), url::max_international_name);
    std::unique_ptr<char32_t[]> more(new char32_t[capacity]);
    std::copy_n(begin_, size_, more.get());
    outside_ = std::move(more);
    begin_ = outside_.get();
    capacity_ = capacity;
    return true;
  }

  static constexpr std::size_t inside_capacity = 256;

  char32_t inside_[inside_capacity];  // only what is below size_ has a value
  std::unique_ptr<char32_t[]> outside_;
  char32_t* begin_;
  std::size_t size_ = 0;
  std::size_t capacity_ = inside_capacity;
  bool overflowed_ = false;
};

/// The kinds of runs, as tools/make_idna_tables.py explains them.
enum RunKind : std::uint8_t {
  disallowed,
  ignored,
  shifted,
  pairs_of_cases,
  pooled,
  first_valid,
};

struct Run {
  unsigned kind;
  std::size_t place;  // of the code point in its run
  const char* extra;  // what follows kind and length
};

/// Flags and combining class of a valid code point.
struct Properties {
  unsigned flags;
  unsigned combining;
};

OKHTTP_DECL unsigned read_byte(const char* at) noexcept { return static_cast<unsigned char>(*at); }

OKHTTP_DECL unsigned read_two(const char* at) noexcept {
  return read_byte(at) | read_byte(at + 1) << 8;
}

OKHTTP_DECL Run find_run(char32_t point) noexcept {
  if (point >= tables_end) {
    const bool selector = point >= 0xE0100 && point <= 0xE01EF;  // of variants of Han characters
    return {selector ? unsigned{ignored} : unsigned{disallowed}, 0, nullptr};
  }
  const std::size_t page = 8 * read_byte(chapters + point / 512) + point / 64 % 8;
  const char* run = runs + read_two(pages + 2 * page);
  for (std::size_t place = point % 64;;) {
    const unsigned kind = read_byte(run);
    const std::size_t length = read_byte(run + 1) + 1;
    if (place < length) return {kind, place, run + 2};
    place -= length;
    run += kind == shifted ? 5 : kind == pooled ? 4 : 2;
  }
}

/// What a code point is; nothing if it is not valid.
OKHTTP_DECL std::optional<Properties> find_properties(char32_t point) noexcept {
  Run run = find_run(point);
  if (run.kind == pairs_of_cases && run.place % 2 == 1) run.kind = first_valid;
  if (run.kind < first_valid) return std::nullopt;
  const char* const kind = kinds + 2 * (run.kind - first_valid);
  return Properties{read_byte(kind), read_byte(kind + 1)};
}

/// For code points of which it is known that they are valid.
OKHTTP_DECL Properties properties_of_valid(char32_t point) noexcept {
  return find_properties(point).value_or(Properties{bidi_other, 0});
}

/// Reads the code point at `at` and moves `at` behind it. Nothing when it is no UTF-8.
OKHTTP_DECL std::optional<char32_t> read_utf8(std::string_view text, std::size_t& at) noexcept {
  const unsigned lead = read_byte(text.data() + at++);
  if (lead < 0x80) return lead;
  const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < more) return std::nullopt;
  char32_t point = lead & (0x3FU >> more);
  for (unsigned i = 0; i < more; ++i) {
    const unsigned byte = read_byte(text.data() + at++);
    if ((byte & 0xC0U) != 0x80) return std::nullopt;
    point = point << 6 | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 4> lowest = {0, 0x80, 0x800, 0x10000};
  if (point < lowest[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    return std::nullopt;
  return point;
}

OKHTTP_DECL void append_utf8(std::string& out, char32_t point) {
  const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return add(point);
  if (point < 0x800) {
    add(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      add(0xE0 | point >> 12);
    } else {
      add(0xF0 | point >> 18);
      add(0x80 | (point >> 12 & 0x3F));
    }
    add(0x80 | (point >> 6 & 0x3F));
  }
  add(0x80 | (point & 0x3F));
}

/// UTS #46, 4, step 1. False for a disallowed code point: step 4 would find it again.
OKHTTP_DECL bool append_mapped(Text& out, char32_t point) {
  const Run run = find_run(point);
  switch (run.kind) {
    case disallowed:
      return false;
    case ignored:
      return true;
    case shifted: {
      // Two's complement of 24 bits; the sum is meant modulo 2^24 then.
      const unsigned shift = read_two(run.extra) | read_byte(run.extra + 2) << 16;
      out.push((point + shift) & 0xFFFFFF);
      return true;
    }
    case pairs_of_cases:
      out.push(run.place % 2 == 0 ? point + 1 : point);
      return true;
    case pooled: {
      const char* mapped = pool + read_two(run.extra);
      for (std::size_t skip = run.place; skip > 0; ++mapped) skip -= *mapped == '\0' ? 1 : 0;
      const std::string_view text(mapped);
      for (std::size_t at = 0; at < text.size();) out.push(read_utf8(text, at).value_or(0));
      return true;
    }
    default:
      out.push(point);
      return true;
  }
}

// Normalization (Unicode, 3.11 and 3.12), of valid code points.

inline constexpr char32_t hangul_base = 0xAC00;
inline constexpr char32_t hangul_l_base = 0x1100;
inline constexpr char32_t hangul_v_base = 0x1161;
inline constexpr char32_t hangul_t_base = 0x11A7;  // one before the first final consonant
inline constexpr char32_t hangul_l_count = 19;
inline constexpr char32_t hangul_v_count = 21;
inline constexpr char32_t hangul_t_count = 28;
inline constexpr char32_t hangul_count = hangul_l_count * hangul_v_count * hangul_t_count;

/// One plane's compositions.
struct Compositions {
  const char* pairs;
  const char* composites;
  std::size_t count;
  char32_t plane;

  /// A column of a row: 0 and 1 its parts, 2 their composite.
  char32_t column(std::size_t row, std::size_t which) const noexcept {
    return plane + read_two(pairs + 6 * row + 2 * which);
  }
  std::size_t row_of_composite(std::size_t place) const noexcept {
    return read_two(composites + 2 * place);
  }
};

OKHTTP_DECL Compositions compositions_of(char32_t point) noexcept {
  if (point < 0x10000) return {pairs, composites, pair_count, 0};
  return {high_pairs, high_composites, point < 0x20000 ? high_pair_count : 0, 0x10000};
}

/// The first place below `count` that `is_before` does not hold for.
template <class IsBefore>
std::size_t lower_bound(std::size_t count, IsBefore is_before) {
  std::size_t begin = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (is_before(begin + half)) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return begin;
}

OKHTTP_DECL void append_decomposed(Text& out, char32_t point) {
  if (point >= hangul_base && point < hangul_base + hangul_count) {
    const char32_t index = point - hangul_base;
    out.push(hangul_l_base + index / (hangul_v_count * hangul_t_count));
    out.push(hangul_v_base + index / hangul_t_count % hangul_v_count);
    if (index % hangul_t_count != 0) out.push(hangul_t_base + index % hangul_t_count);
    return;
  }
  // Only the first part can have parts itself, at most three times over.
  std::array<char32_t, 4> seconds{};
  std::size_t depth = 0;
  const Compositions table = compositions_of(point);
  while (point >= 0x80 && depth < seconds.size()) {
    const std::size_t place = lower_bound(table.count, [&](std::size_t i) {
      return table.column(table.row_of_composite(i), 2) < point;
    });
    if (place == table.count) break;
    const std::size_t row = table.row_of_composite(place);
    if (table.column(row, 2) != point) break;
    seconds[depth++] = table.column(row, 1);
    point = table.column(row, 0);
  }
  out.push(point);
  while (depth > 0) out.push(seconds[--depth]);
}

/// The composite of two code points; 0 when there is none.
OKHTTP_DECL char32_t compose(char32_t first, char32_t second) noexcept {
  if (first >= hangul_l_base && first < hangul_l_base + hangul_l_count && second >= hangul_v_base &&
      second < hangul_v_base + hangul_v_count)
    return hangul_base +
           ((first - hangul_l_base) * hangul_v_count + (second - hangul_v_base)) * hangul_t_count;
  if (first >= hangul_base && first < hangul_base + hangul_count &&
      (first - hangul_base) % hangul_t_count == 0 && second > hangul_t_base &&
      second < hangul_t_base + hangul_t_count)
    return first + (second - hangul_t_base);
  const Compositions table = compositions_of(first);
  const std::size_t row = lower_bound(table.count, [&](std::size_t i) {
    const char32_t other = table.column(i, 0);
    return other < first || (other == first && table.column(i, 1) < second);
  });
  if (row == table.count || table.column(row, 0) != first || table.column(row, 1) != second)
    return 0;
  return table.column(row, 2);
}

/// Appends the NFC of `text`. False when it is too long.
OKHTTP_DECL bool append_nfc(Text& out, std::u32string_view text) {
  Text parts;
  for (char32_t point : text) append_decomposed(parts, point);
  if (parts.overflowed()) return false;
  // The combining class goes above the bits of the code point, so that it is looked up once.
  constexpr unsigned class_shift = 24;
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] |= static_cast<char32_t>(properties_of_valid(parts[i]).combining) << class_shift;
  // Neighbouring marks get the order of their classes; those of one class keep theirs.
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const char32_t moved = parts[i];
    const char32_t combining = moved >> class_shift;
    std::size_t place = i;
    for (; combining != 0 && place > 0 && parts[place - 1] >> class_shift > combining; --place)
      parts[place] = parts[place - 1];
    parts[place] = moved;
  }
  // Each is joined to the last starter unless something between them is in its way.
  std::size_t starter = 0;
  bool has_starter = false;
  char32_t last = 0;  // the class of what was kept after the starter
  for (char32_t part : parts.view()) {
    const char32_t combining = part >> class_shift;
    const char32_t point = part & 0x1FFFFF;
    const bool adjacent = has_starter && out.size() == starter + 1;
    if (has_starter && (adjacent || last < combining)) {
      if (const char32_t composite = compose(out[starter], point)) {
        out[starter] = composite;
        continue;
      }
    }
    if (combining == 0) {
      starter = out.size();
      has_starter = true;
    }
    last = combining;
    out.push(point);
  }
  return !out.overflowed();
}

/// False for text that is NFC without a doubt.
OKHTTP_DECL bool needs_nfc(std::u32string_view text) noexcept {
  for (char32_t point : text)
    if (point >= 0x80 && (properties_of_valid(point).flags & composes) != 0) return true;
  return false;
}

OKHTTP_DECL bool is_ascii(std::u32string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char32_t point) { return point < 0x80; });
}

/// Takes the text up to the next dot out of `rest`; `rest` begins with the dot then, or is empty.
OKHTTP_DECL std::u32string_view take_label(std::u32string_view& rest) noexcept {
  const std::u32string_view label = rest.substr(0, rest.find(U'.'));
  rest.remove_prefix(label.size());
  return label;
}

/// RFC 5892, A.1 and A.2: whether the joiner at `at` stands where it has a meaning.
OKHTTP_DECL bool is_joiner_allowed(std::u32string_view label, std::size_t at) noexcept {
  constexpr unsigned virama = 9;  // the combining class
  if (at > 0 && properties_of_valid(label[at - 1]).combining == virama) return true;
  if (label[at] != 0x200C) return false;
  const auto flags = [label](std::size_t i) { return properties_of_valid(label[i]).flags; };
  std::size_t before = at;
  while (before > 0 && (flags(before - 1) & transparent) != 0) --before;
  if (before == 0 || (flags(before - 1) & joins_next) == 0) return false;
  std::size_t after = at + 1;
  while (after < label.size() && (flags(after) & transparent) != 0) ++after;
  return after < label.size() && (flags(after) & joins_previous) != 0;
}

/// What UTS #46, 4.1 asks of a label of valid code points in NFC, but for the bidi rule.
OKHTTP_DECL const char* find_label_fault(std::u32string_view label) noexcept {
  if (label.empty() || is_ascii(label)) return nullptr;
  if ((properties_of_valid(label[0]).flags & mark) != 0)
    return "its host has a label that begins with a combining mark";
  for (std::size_t i = 0; i < label.size(); ++i)
    if ((label[i] == 0x200C || label[i] == 0x200D) && !is_joiner_allowed(label, i))
      return "its host has an invisible joiner where none may stand";
  return nullptr;
}

/// Appends the code points behind a label that begins with "xn--".
OKHTTP_DECL const char* append_decoded_label(Text& out, std::u32string_view label) {
  constexpr const char* wrong =
      "its host has a label that begins with xn-- but is no right Punycode";
  label.remove_prefix(4);
  const std::size_t begin = out.size();
  const std::optional<std::size_t> count = url::decode_punycode(label, out.room(label.size()));
  if (!count) return wrong;
  out.cut(begin + *count);
  const std::u32string_view decoded = out.view().substr(begin);
  // What is ASCII had no reason to be encoded, and what has a mapping would come from two names.
  if (is_ascii(decoded) || decoded.starts_with(U"xn--")) return wrong;
  for (char32_t point : decoded)
    if (!find_properties(point)) return wrong;
  if (needs_nfc(decoded)) {
    Text normal;
    if (!append_nfc(normal, decoded) || normal.view() != decoded) return wrong;
  }
  return find_label_fault(decoded);
}

/// RFC 5893, 2, for one label of a name in which something is written from right to left.
OKHTTP_DECL bool keeps_bidi_rule(std::u32string_view label) noexcept {
  if (label.empty()) return true;
  const auto bit = [](unsigned bidi_class) { return 1U << bidi_class; };
  unsigned seen = 0;
  unsigned last = bidi_other;  // before the nonspacing marks at the end
  for (char32_t point : label) {
    const unsigned bidi = properties_of_valid(point).flags & bidi_mask;
    if (seen == 0 && bidi != bidi_left && bidi != bidi_right) return false;
    seen |= bit(bidi);
    if (bidi != bidi_nonspacing) last = bidi;
  }
  const unsigned numbers = bit(bidi_european) | bit(bidi_arabic);
  const unsigned both = bit(bidi_european) | bit(bidi_neutral) | bit(bidi_nonspacing);
  const unsigned first = properties_of_valid(label[0]).flags & bidi_mask;
  if (first == bidi_left)
    return (seen & ~(both | bit(bidi_left))) == 0 && (last == bidi_left || last == bidi_european);
  return (seen & ~(both | bit(bidi_right) | bit(bidi_arabic))) == 0 &&
         (seen & numbers) != numbers &&
         (last == bidi_right || last == bidi_european || last == bidi_arabic);
}

OKHTTP_DECL bool keeps_bidi_rule_throughout(std::u32string_view name) noexcept {
  const bool has_right_to_left = std::any_of(name.begin(), name.end(), [](char32_t point) {
    const unsigned bidi = point < 0x80 ? 0 : properties_of_valid(point).flags & bidi_mask;
    return bidi == bidi_right || bidi == bidi_arabic;
  });
  if (!has_right_to_left) return true;
  for (;;) {
    if (!keeps_bidi_rule(take_label(name))) return false;
    if (name.empty()) return true;
    name.remove_prefix(1);
  }
}

/// UTS #46, 4: the name with all its labels in Unicode, to the end of `out`, which is empty.
OKHTTP_DECL const char* append_processed(Text& out, std::string_view utf8) {
  constexpr const char* too_long =
      "its host is too long for an international one (4096 bytes at most)";
  if (utf8.size() > url::max_international_name) return too_long;
  Text mapped;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::optional<char32_t> point = read_utf8(utf8, at);
    if (!point) return "its host is neither ASCII nor UTF-8";
    if (*point < 0x80)
      mapped.push(static_cast<unsigned char>(ascii::to_lower(static_cast<char>(*point))));
    else if (!append_mapped(mapped, *point))
      return "its host has a character that no international name may have";
  }
  if (mapped.overflowed()) return too_long;
  Text normal;
  std::u32string_view rest = mapped.view();
  if (needs_nfc(rest)) {
    if (!append_nfc(normal, rest)) return too_long;
    rest = normal.view();
  }
  for (;;) {
    const std::u32string_view label = take_label(rest);
    if (label.starts_with(U"xn--")) {
      if (const char* const fault = append_decoded_label(out, label)) return fault;
    } else {
      if (const char* const fault = find_label_fault(label)) return fault;
      out.append(label);
    }
    if (rest.empty()) break;
    out.push(U'.');
    rest.remove_prefix(1);
  }
  if (out.overflowed()) return too_long;
  if (!keeps_bidi_rule_throughout(out.view()))
    return "its host mixes characters of both directions of writing in a way that could deceive";
  return out.empty() ? "it has no host" : nullptr;
}

}  // namespace detail::idna
#endif  // OKHTTP_IDNA

namespace url {

OKHTTP_DECL std::string canonical_name(std::string_view domain) {
#if OKHTTP_IDNA
  std::string out;
  if (domain_to_ascii(out, domain) == nullptr) return out;
#endif
  return ascii::lowered(domain);
}

OKHTTP_DECL bool is_international(std::string_view domain) noexcept {
  bool label_begins = true;
  for (std::size_t i = 0; i < domain.size(); ++i) {
    if (static_cast<unsigned char>(domain[i]) >= 0x80) return true;
    if (label_begins && ascii::to_lower(domain[i]) == 'x' &&
        ascii::iequals(domain.substr(i, 4), "xn--"))
      return true;
    label_begins = domain[i] == '.';
  }
  return false;
}

#if OKHTTP_IDNA

OKHTTP_DECL const char* domain_to_ascii(TextWriter& out, std::string_view utf8) {
  if (utf8.empty()) return "it has no host";
  if (!is_international(utf8)) {
    for (char c : utf8) out += ascii::to_lower(c);
    return nullptr;
  }
  namespace idna = detail::idna;
  idna::Text name;
  if (const char* const fault = idna::append_processed(name, utf8)) return fault;
  const std::size_t begin = out.size();
  std::u32string_view rest = name.view();
  for (;;) {
    const std::u32string_view label = idna::take_label(rest);
    if (idna::is_ascii(label)) {
      for (char32_t point : label) out += static_cast<char>(point);
    } else {
      out += "xn--";
      if (!append_punycode(out, label)) {
        out.truncate(begin);
        return "its host has a label that is too long for an international one";
      }
    }
    if (rest.empty()) return nullptr;
    out += '.';
    rest.remove_prefix(1);
  }
}

OKHTTP_DECL const char* domain_to_ascii(std::string& out, std::string_view utf8) {
  TextWriter ascii_form;
  const char* const fault = domain_to_ascii(ascii_form, utf8);
  if (fault == nullptr) out += ascii_form.view();
  return fault;
}

OKHTTP_DECL const char* domain_to_unicode(std::string& out, std::string_view domain) {
  if (domain.empty()) return "it has no host";
  if (!is_international(domain)) {
    for (char c : domain) out += ascii::to_lower(c);
    return nullptr;
  }
  detail::idna::Text name;
  if (const char* const fault = detail::idna::append_processed(name, domain)) return fault;
  for (char32_t point : name.view()) detail::idna::append_utf8(out, point);
  return nullptr;
}

#endif  // OKHTTP_IDNA

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_IDNA_IPP
