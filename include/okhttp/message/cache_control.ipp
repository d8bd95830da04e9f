// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CACHE_CONTROL_IPP
#define OKHTTP_MESSAGE_CACHE_CONTROL_IPP

#include <okhttp/message/cache_control.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/field_scanner.hpp>

#if OKHTTP_BODIES

#  include <algorithm>

OKHTTP_NAMESPACE_BEGIN

struct CacheDirectives::Directive {
  std::string_view name;
  bool is_number;
  std::uint8_t index;  // a Flag or a Number

  constexpr Directive(std::string_view text, Flag flag) noexcept
      : name(text), is_number(false), index(static_cast<std::uint8_t>(flag)) {}
  constexpr Directive(std::string_view text, Number number) noexcept
      : name(text), is_number(true), index(static_cast<std::uint8_t>(number)) {}

  static const Directive all[16];
};

// In the order in which they are written.
inline constexpr CacheDirectives::Directive CacheDirectives::Directive::all[16] = {
    {"no-cache", Flag::no_cache},
    {"no-store", Flag::no_store},
    {"max-age", Number::max_age},
    {"s-maxage", Number::s_maxage},
    {"private", Flag::is_private},
    {"public", Flag::is_public},
    {"must-revalidate", Flag::must_revalidate},
    {"max-stale", Number::max_stale},
    {"min-fresh", Number::min_fresh},
    {"only-if-cached", Flag::only_if_cached},
    {"no-transform", Flag::no_transform},
    {"immutable", Flag::immutable},
    {"proxy-revalidate", Flag::proxy_revalidate},
    {"must-understand", Flag::must_understand},
    {"stale-while-revalidate", Number::stale_while_revalidate},
    {"stale-if-error", Number::stale_if_error},
};

OKHTTP_DECL const CacheDirectives::Directive* CacheDirectives::find(std::string_view name) noexcept {
  for (const Directive& directive : Directive::all)
    if (ascii::iequals(directive.name, name)) return &directive;
  return nullptr;
}

namespace detail::cache_control {

/// A number of seconds, or nothing for what is none. Bigger ones and negative ones are cut to what is allowed.
OKHTTP_DECL std::optional<std::chrono::seconds> parse_seconds(std::string_view text) noexcept {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  constexpr std::int64_t most = CacheDirectives::max_seconds.count();
  std::int64_t value = 0;
  for (const char c : text) {
    if (!ascii::is_digit(c)) return std::nullopt;
    value = std::min(value * 10 + (c - '0'), most);
  }
  return std::chrono::seconds(is_negative ? 0 : value);
}

/// Takes what stands between separators off the front, without blanks at its ends.
OKHTTP_DECL std::string_view take_until(FieldScanner& scanner, std::string_view separators) noexcept {
  const std::string_view rest = scanner.rest();
  const std::string_view taken = rest.substr(0, rest.find_first_of(separators));
  scanner.skip(taken.size());
  return ascii::trim(taken);
}

}  // namespace detail::cache_control

OKHTTP_DECL void CacheDirectives::add(std::string_view value) noexcept {
  FieldScanner scanner(value);
  while (!scanner.at_end()) {
    const std::string_view name = detail::cache_control::take_until(scanner, "=,;");
    FieldText argument;
    bool has_argument = false;
    if (scanner.take('=')) {
      has_argument = true;
      scanner.skip_blanks();
      if (const std::optional<FieldText> quoted = scanner.take_quoted()) {
        argument = *quoted;
        detail::cache_control::take_until(scanner, ",;");
      } else {
        argument = FieldText(detail::cache_control::take_until(scanner, ",;"), false);
      }
    }
    if (!scanner.take(',')) scanner.take(';');
    const Directive* const directive = find(name);
    if (directive == nullptr) continue;
    if (!directive->is_number) {
      set(static_cast<Flag>(directive->index));
      continue;
    }
    const auto which = static_cast<Number>(directive->index);
    if (number(which)) continue;
    std::optional<std::chrono::seconds> seconds;
    if (has_argument)
      seconds = detail::cache_control::parse_seconds(argument.raw());
    else if (which == Number::max_stale)
      seconds = max_seconds;
    if (seconds) set(which, *seconds);
  }
}

OKHTTP_DECL CacheDirectives CacheDirectives::parse(std::string_view value) noexcept {
  CacheDirectives directives;
  directives.add(value);
  return directives;
}

OKHTTP_DECL CacheDirectives CacheDirectives::parse(const Headers& headers) noexcept {
  CacheDirectives directives;
  for (const Header header : headers)
    if (ascii::iequals(header.name, "Cache-Control") || ascii::iequals(header.name, "Pragma"))
      directives.add(header.value);
  return directives;
}

OKHTTP_DECL std::string CacheDirectives::to_string() const {
  std::string text;
  for (const Directive& directive : Directive::all) {
    const std::optional<std::chrono::seconds> value =
        directive.is_number ? number(static_cast<Number>(directive.index)) : std::nullopt;
    if (directive.is_number ? !value : !has(static_cast<Flag>(directive.index))) continue;
    if (!text.empty()) text += ", ";
    text += directive.name;
    if (value) text.append(1, '=').append(std::to_string(value->count()));
  }
  return text;
}

OKHTTP_DECL CacheControl CacheControl::parse(std::string_view value) { return {CacheDirectives::parse(value), value}; }

OKHTTP_DECL CacheControl CacheControl::parse(const Headers& headers) {
  const CacheDirectives directives = CacheDirectives::parse(headers);
  std::optional<std::string_view> only;
  for (const Header header : headers) {
    const bool is_pragma = ascii::iequals(header.name, "Pragma");
    if (!is_pragma && !ascii::iequals(header.name, "Cache-Control")) continue;
    if (is_pragma || only) return CacheControl(directives);
    only = header.value;
  }
  return {directives, only.value_or(std::string_view())};
}

OKHTTP_DECL CacheControl CacheControl::force_network() {
  CacheDirectives directives;
  directives.set(Flag::no_cache);
  return CacheControl(directives);
}

OKHTTP_DECL CacheControl CacheControl::force_cache() {
  CacheDirectives directives;
  directives.set(Flag::only_if_cached);
  directives.set(Number::max_stale, max_seconds);
  return CacheControl(directives);
}

OKHTTP_DECL CacheControl::Builder& CacheControl::Builder::set(Flag flag) noexcept {
  directives_.set(flag);
  return *this;
}

OKHTTP_DECL CacheControl::Builder& CacheControl::Builder::set(Number which, std::chrono::seconds time) {
  if (time < std::chrono::seconds(0)) {
    if (!fault_) fault_ = Error(Errc::invalid_argument, "a time in a Cache-Control cannot be negative");
  } else {
    directives_.set(which, std::min(time, max_seconds));
  }
  return *this;
}

OKHTTP_DECL Result<CacheControl> CacheControl::Builder::try_build() const {
  if (fault_) return *fault_;
  return CacheControl(directives_);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CACHE_CONTROL_IPP
