// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PUBLIC_SUFFIX_IPP
#define OKHTTP_URL_PUBLIC_SUFFIX_IPP

#include <okhttp/url/public_suffix.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/public_suffix_tables.hpp>

#if OKHTTP_BODIES

#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// The host without its last dot; nothing if it is no name of the DNS: an address, or with an empty label. In a
// canonical host only an IPv4 address ends in a number.
OKHTTP_DECL std::string_view dns_name(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.front() == '.' || host.back() == '.') return {};
  bool is_number = true;
  for (std::size_t i = host.size(); i-- > 0;) {
    if (host[i] == ':' || (host[i] == '.' && host[i - 1] == '.')) return {};
    if (host[i] == '.' && is_number) return {};
    is_number = is_number && ascii::is_digit(host[i]);
    if (host[i] == '.') is_number = false;
  }
  return is_number ? std::string_view() : host;
}

#if OKHTTP_PSL

static_assert(sizeof(public_suffix_table) <= 60 * 1024);

// What an edge of the table is for, see tools/make_public_suffixes.py; for a character of no rule, one of no edge.
constexpr unsigned public_suffix_symbol(char c) noexcept {
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 0x40);
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0' + 1);
  return c == '-' ? 0 : c == '.' ? 11 : 63;
}

// Follows the edge of `state` for the symbol. False, and no state, if there is none.
OKHTTP_DECL bool follow_public_suffix_edge(std::size_t& state, unsigned symbol) noexcept {
  const auto& table = public_suffix_table;
  for (;; state += 3) {
    const unsigned edge = table[state];
    if ((edge & 0x3F) == symbol) {
      const bool is_behind = (edge & 0x40) != 0;
      state = is_behind ? state + 1 : static_cast<std::size_t>(table[state + 1] << 8 | table[state + 2]);
      return true;
    }
    if ((edge & 0x80) == 0) return false;
  }
}

// Where the public suffix of a name begins.
OKHTTP_DECL std::size_t public_suffix_begin(std::string_view name) noexcept {
  std::size_t begin = name.rfind('.') + 1;  // npos + 1 is 0
  std::size_t state = 0;
  for (std::size_t i = name.size();;) {
    const unsigned edge = public_suffix_table[state];
    if ((edge & 0x38) == 0x10) {  // a rule ends here; it matches if a label does, too
      if (i == 0 || name[i - 1] == '.') {
        if ((edge & 4) != 0) return name.find('.', i) + 1;
        if ((edge & 1) != 0) begin = i;
        if ((edge & 2) != 0 && i != 0) begin = name.rfind('.', i - 2) + 1;
      }
      if ((edge & 0x80) == 0) return begin;
      ++state;
    }
    if (i == 0 || !follow_public_suffix_edge(state, public_suffix_symbol(name[--i]))) return begin;
  }
}

OKHTTP_DECL bool is_public_suffix(std::string_view canonical_host) noexcept {
  const std::string_view name = dns_name(canonical_host);
  return !name.empty() && public_suffix_begin(name) == 0;
}

OKHTTP_DECL std::optional<std::string_view> registrable_domain(std::string_view canonical_host) noexcept {
  const std::string_view name = dns_name(canonical_host);
  const std::size_t suffix = name.empty() ? 0 : public_suffix_begin(name);
  if (suffix == 0) return std::nullopt;
  return canonical_host.substr(name.rfind('.', suffix - 2) + 1);
}

#else

OKHTTP_DECL bool is_public_suffix(std::string_view) noexcept { return false; }

OKHTTP_DECL std::optional<std::string_view> registrable_domain(std::string_view canonical_host) noexcept {
  if (dns_name(canonical_host).find('.') == std::string_view::npos) return std::nullopt;
  return canonical_host;
}

#endif  // OKHTTP_PSL

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_PUBLIC_SUFFIX_IPP
