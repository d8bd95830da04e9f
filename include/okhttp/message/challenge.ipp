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

OKHTTP_DECL std::string Challenge::to_string() const {
  std::string text = scheme_;
  if (token68_) return text.append(1, ' ').append(*token68_);
  for (const auto& [name, value] : parameters_) {
    text.append(text.size() == scheme_.size() ? " " : ", ").append(name).append(1, '=');
    append_quoted(text, value);
  }
  return text;
}

namespace detail::challenge {

enum class Step {
  parameter,
  // No parameter: the next challenge begins, or something malformed. The scanner is where it was.
  other,
  malformed,
};

/// Takes `name = value` and the commas behind it.
OKHTTP_DECL Step take_parameter(FieldScanner& scanner, FieldParameter& parameter, bool is_first) noexcept {
  const FieldScanner before = scanner;
  parameter.name = scanner.take_token();
  const bool ends_well = scanner.at_end() || scanner.is_at('=') || scanner.is_at(',') || scanner.is_at(' ') ||
                         scanner.is_at('\t');
  // Behind a comma this is the fault of what comes next, not of the challenge in front of it.
  if ((parameter.name.empty() || !ends_well) && is_first) return Step::malformed;
  scanner.skip_blanks();
  if (parameter.name.empty() || !ends_well || !scanner.take('=')) {
    scanner = before;
    return Step::other;
  }
  scanner.skip_blanks();
  if (scanner.is_at('"')) {
    const std::optional<FieldText> quoted = scanner.take_quoted();
    if (!quoted) return Step::malformed;
    parameter.value = *quoted;
  } else {
    parameter.value = FieldText(scanner.take_chars(ascii::auth_value_char), false);
    if (parameter.value.raw().empty()) return Step::malformed;
  }
  parameter.has_value = true;
  if (scanner.skip_commas() || scanner.at_end()) return Step::parameter;
  return Step::malformed;
}

/// Takes a token68 if one follows, with nothing but the comma or the end behind it.
OKHTTP_DECL std::optional<std::string_view> take_token68(FieldScanner& scanner) noexcept {
  FieldScanner ahead = scanner;
  std::size_t size = ahead.take_chars(ascii::token68_char).size();
  if (size == 0) return std::nullopt;
  while (ahead.take('=')) ++size;
  ahead.skip_blanks();
  if (!ahead.at_end() && !ahead.is_at(',')) return std::nullopt;
  const std::string_view taken = scanner.rest().substr(0, size);
  scanner = ahead;
  return taken;
}

/// The names of a challenge's parameters so far: each may come once.
class Names {
 public:
  bool add(std::string_view name) noexcept {
    if (count_ == AuthParameters::max_count) return false;
    for (std::size_t i = 0; i < count_; ++i)
      if (ascii::iequals(names_[i], name)) return false;
    names_[count_++] = name;
    return true;
  }
  bool empty() const noexcept { return count_ == 0; }

 private:
  std::string_view names_[AuthParameters::max_count];
  std::size_t count_ = 0;
};

}  // namespace detail::challenge

OKHTTP_DECL bool ChallengeView::is(std::string_view scheme) const noexcept { return ascii::iequals(scheme_, scheme); }

OKHTTP_DECL bool ChallengeView::take_parameter(FieldScanner& scanner, FieldParameter& parameter) noexcept {
  return !scanner.at_end() &&
         detail::challenge::take_parameter(scanner, parameter, true) == detail::challenge::Step::parameter;
}

OKHTTP_DECL std::optional<FieldText> ChallengeView::parameter(std::string_view name) const noexcept {
  FieldScanner scanner(has_token68_ ? std::string_view() : text_);
  FieldParameter parameter;
  while (take_parameter(scanner, parameter))
    if (ascii::iequals(parameter.name, name)) return parameter.value;
  return std::nullopt;
}

OKHTTP_DECL std::optional<ChallengeView> ChallengeParser::next() noexcept {
  using detail::challenge::Step;
  scanner_.skip_commas();
  ChallengeView found;
  found.scheme_ = scanner_.take_token();
  if (found.scheme_.empty()) return std::nullopt;
  const bool has_comma = scanner_.skip_commas();
  if (!has_comma) {
    if (const std::optional<std::string_view> token68 = detail::challenge::take_token68(scanner_)) {
      found.text_ = *token68;
      found.has_token68_ = true;
      return found;
    }
  }
  const std::string_view text = scanner_.rest();
  detail::challenge::Names names;
  Step step = Step::parameter;
  while (!scanner_.at_end() && step == Step::parameter) {
    FieldParameter parameter;
    step = detail::challenge::take_parameter(scanner_, parameter, names.empty());
    if (step == Step::parameter && !names.add(parameter.name)) step = Step::malformed;
  }
  if (step == Step::malformed) {
    scanner_ = FieldScanner({});
    return std::nullopt;
  }
  found.text_ = text.substr(0, text.size() - scanner_.rest().size());
  return found;
}

OKHTTP_DECL std::vector<Challenge> parse_challenges(const Headers& headers, std::string_view name) {
  std::vector<Challenge> found;
  for (const Header header : headers) {
    if (!ascii::iequals(header.name, name)) continue;
    ChallengeParser parser(header.value);
    while (found.size() < max_challenges) {
      const std::optional<ChallengeView> next = parser.next();
      if (!next) break;
      std::string scheme(next->scheme());
      if (next->token68()) {
        found.push_back(Challenge::with_token68(std::move(scheme), std::string(*next->token68())));
        continue;
      }
      AuthParameters parameters;
      next->for_each_parameter([&](std::string_view key, FieldText value) { parameters.add(key, value.to_string()); });
      found.emplace_back(std::move(scheme), std::move(parameters));
    }
  }
  return found;
}

OKHTTP_DECL std::optional<AuthParameters> parse_auth_parameters(std::string_view value) {
  AuthParameters parameters;
  FieldScanner scanner(value);
  scanner.skip_commas();
  while (!scanner.at_end()) {
    FieldParameter parameter;
    if (detail::challenge::take_parameter(scanner, parameter, parameters.empty()) !=
            detail::challenge::Step::parameter ||
        !parameters.add(parameter.name, parameter.value.to_string()))
      return std::nullopt;
  }
  return parameters;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CHALLENGE_IPP
