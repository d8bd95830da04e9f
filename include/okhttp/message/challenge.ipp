// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CHALLENGE_IPP
#define OKHTTP_MESSAGE_CHALLENGE_IPP

#include <okhttp/message/challenge.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::optional<std::string_view> AuthParameters::get(
    std::string_view name) const& noexcept {
  for (const auto& [known, value] : entries_)
    if (ascii::iequals(known, name)) return value;
  return std::nullopt;
}

OKHTTP_DECL std::optional<std::string> AuthParameters::get(std::string_view name) && {
  const std::optional<std::string_view> found = std::as_const(*this).get(name);
  if (!found) return std::nullopt;
  return std::string(*found);
}

OKHTTP_DECL bool AuthParameters::add(std::string_view name, std::string value) {
  if (entries_.size() >= max_count || std::as_const(*this).get(name)) return false;
  entries_.emplace_back(ascii::lowered(name), std::move(value));
  return true;
}

OKHTTP_DECL Challenge Challenge::with_token68(std::string scheme, std::string token68) {
  Challenge challenge(std::move(scheme));
  challenge.token68_ = std::move(token68);
  return challenge;
}

OKHTTP_DECL bool Challenge::is(std::string_view scheme) const noexcept {
  return ascii::iequals(scheme_, scheme);
}

OKHTTP_DECL Charset Challenge::charset() const noexcept {
  const std::optional<std::string_view> label = parameter("charset");
  if (!label) return Charset::windows_1252;
  return charset_for_label(*label).value_or(Charset::windows_1252);
}

namespace detail::challenge {

OKHTTP_DECL void skip_blanks(std::string_view& rest) noexcept {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

/// True when there was a comma.
OKHTTP_DECL bool skip_commas_and_blanks(std::string_view& rest) noexcept {
  bool has_comma = false;
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t' || rest.front() == ',')) {
    has_comma = has_comma || rest.front() == ',';
    rest.remove_prefix(1);
  }
  return has_comma;
}

OKHTTP_DECL bool is_token68_char(char c) noexcept { return c == '/' || ascii::is_token_char(c); }

/// What servers put into a value without quotes, more than a token may have.
OKHTTP_DECL bool is_bare_value_char(char c) noexcept {
  return static_cast<unsigned char>(c) > ' ' && c != 0x7F && c != ',' && c != '=' && c != '"';
}

OKHTTP_DECL std::string_view take_while(std::string_view& rest, bool (*belongs)(char)) noexcept {
  std::size_t size = 0;
  while (size < rest.size() && belongs(rest[size])) ++size;
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

OKHTTP_DECL std::string_view take_token(std::string_view& rest) noexcept {
  return take_while(rest, [](char c) { return ascii::is_token_char(c); });
}

/// Takes a quoted string, resolved. Null: it has no end, or a control character.
OKHTTP_DECL std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\\' && ++i == rest.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(rest[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return std::nullopt;
    value += rest[i];
  }
  return std::nullopt;
}

enum class Step {
  parameter,
  // No parameter: the next challenge begins, or something malformed. `rest` is where it was.
  other,
  malformed,
};

/// Takes `name = value` up to the comma behind it.
OKHTTP_DECL Step take_parameter(std::string_view& rest, AuthParameters& parameters) {
  const std::string_view before = rest;
  const std::string_view name = take_token(rest);
  const bool ends_well = rest.empty() || rest.front() == '=' || rest.front() == ',' ||
                         rest.front() == ' ' || rest.front() == '\t';
  // Behind a comma this is the fault of what comes next, not of the challenge in front of it.
  if ((name.empty() || !ends_well) && parameters.empty()) return Step::malformed;
  skip_blanks(rest);
  if (name.empty() || !ends_well || rest.empty() || rest.front() != '=') {
    rest = before;
    return Step::other;
  }
  rest.remove_prefix(1);
  skip_blanks(rest);
  std::optional<std::string> value;
  if (!rest.empty() && rest.front() == '"') {
    value = take_quoted(rest);
  } else if (const std::string_view bare = take_while(rest, is_bare_value_char); !bare.empty()) {
    value = bare;
  }
  skip_blanks(rest);
  if (!value || (!rest.empty() && rest.front() != ',')) return Step::malformed;
  return parameters.add(name, *std::move(value)) ? Step::parameter : Step::malformed;
}

/// Takes a token68 if one follows, with nothing but the comma or the end behind it.
OKHTTP_DECL std::optional<std::string_view> take_token68(std::string_view& rest) noexcept {
  std::string_view after = rest;
  std::size_t size = take_while(after, is_token68_char).size();
  if (size == 0) return std::nullopt;
  size += take_while(after, [](char c) { return c == '='; }).size();
  skip_blanks(after);
  if (!after.empty() && after.front() != ',') return std::nullopt;
  const std::string_view taken = rest.substr(0, size);
  rest = after;
  return taken;
}

OKHTTP_DECL void parse_field(std::string_view rest, std::vector<Challenge>& found) {
  while (found.size() < max_challenges) {
    skip_commas_and_blanks(rest);
    std::string scheme(take_token(rest));
    if (scheme.empty()) return;
    const bool has_comma = skip_commas_and_blanks(rest);
    if (!has_comma) {
      if (const std::optional<std::string_view> token68 = take_token68(rest)) {
        found.push_back(Challenge::with_token68(std::move(scheme), std::string(*token68)));
        continue;
      }
    }
    AuthParameters parameters;
    Step step = Step::parameter;
    while (!rest.empty() && step == Step::parameter) {
      step = take_parameter(rest, parameters);
      if (step == Step::parameter) skip_commas_and_blanks(rest);
    }
    if (step == Step::malformed) return;
    found.emplace_back(std::move(scheme), std::move(parameters));
  }
}

}  // namespace detail::challenge

OKHTTP_DECL std::vector<Challenge> parse_challenges(const Headers& headers, std::string_view name) {
  std::vector<Challenge> found;
  for (const std::string_view value : headers.values(name))
    detail::challenge::parse_field(value, found);
  return found;
}

OKHTTP_DECL std::optional<AuthParameters> parse_auth_parameters(std::string_view value) {
  AuthParameters parameters;
  detail::challenge::skip_commas_and_blanks(value);
  while (!value.empty()) {
    if (detail::challenge::take_parameter(value, parameters) != detail::challenge::Step::parameter)
      return std::nullopt;
    detail::challenge::skip_commas_and_blanks(value);
  }
  return parameters;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CHALLENGE_IPP
