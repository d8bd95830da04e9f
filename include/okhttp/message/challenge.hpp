// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CHALLENGE_HPP
#define OKHTTP_MESSAGE_CHALLENGE_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/field_scanner.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Names and values as challenges and Authentication-Info have them, in the order sent. Names are
/// looked up whatever their case and each appears once.
/// Spec: RFC 9110, 11.2.
class AuthParameters {
 public:
  /// More of them make a challenge malformed. Real ones have at most 10.
  static constexpr std::size_t max_count = 64;

  AuthParameters() = default;

  /// The value of this name; quotes and backslashes are resolved.
  std::optional<std::string_view> get(std::string_view name) const& noexcept;
  std::optional<std::string> get(std::string_view name) &&;
  /// Adds a parameter. False, and nothing is added, when its name is there already or there are
  /// `max_count`.
  bool add(std::string_view name, std::string value);

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  /// For `for (const auto& [name, value] : parameters)`; names are in lower case.
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

  friend bool operator==(const AuthParameters&, const AuthParameters&) = default;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// A challenge where it stands in its header. Allocates nothing.
///
/// Lifetime: a view of the header's value, and so is what it gives.
class ChallengeView {
 public:
  /// As it was sent; compare with `is`.
  std::string_view scheme() const noexcept { return scheme_; }
  /// True for this scheme, whatever the case.
  bool is(std::string_view scheme) const noexcept;
  /// The value in place of parameters.
  std::optional<std::string_view> token68() const noexcept {
    return has_token68_ ? std::optional<std::string_view>(text_) : std::nullopt;
  }
  /// The value of this name, whatever the name's case.
  std::optional<FieldText> parameter(std::string_view name) const noexcept;
  std::optional<FieldText> realm() const noexcept { return parameter("realm"); }
  /// Calls `each(std::string_view name, FieldText value)` for every parameter, in order; names as they were sent.
  template <class F>
  void for_each_parameter(F&& each) const {
    FieldScanner scanner(has_token68_ ? std::string_view() : text_);
    FieldParameter parameter;
    while (take_parameter(scanner, parameter)) each(parameter.name, parameter.value);
  }

 private:
  friend class ChallengeParser;
  static bool take_parameter(FieldScanner& scanner, FieldParameter& parameter) noexcept;

  std::string_view scheme_;
  std::string_view text_;  // of the token68, or of all parameters
  bool has_token68_ = false;
};

/// Takes the value of one WWW-Authenticate or Proxy-Authenticate header apart; parse_challenges says how. Allocates
/// nothing.
///
///     ChallengeParser parser(value);
///     while (std::optional<ChallengeView> challenge = parser.next()) ...
class ChallengeParser {
 public:
  explicit ChallengeParser(std::string_view value) noexcept : scanner_(value) {}

  /// The next challenge; nothing at the end, and from something malformed on.
  std::optional<ChallengeView> next() noexcept;

 private:
  FieldScanner scanner_;
};

/// One way in which a server or proxy offers to be convinced: `Basic realm="staff"`.
/// Spec: RFC 9110, 11.3.
class Challenge {
 public:
  /// A challenge with parameters, or with nothing behind its scheme.
  explicit Challenge(std::string scheme, AuthParameters parameters = {})
      : scheme_(std::move(scheme)), parameters_(std::move(parameters)) {}
  /// A challenge with one value in place of parameters: `Negotiate YII=`.
  static Challenge with_token68(std::string scheme, std::string token68);

  /// As it was sent; compare with `is`.
  const std::string& scheme() const& noexcept { return scheme_; }
  std::string scheme() && noexcept { return std::move(scheme_); }
  /// True for this scheme, whatever the case.
  bool is(std::string_view scheme) const noexcept;

  /// Empty for a challenge with a token68.
  const AuthParameters& parameters() const& noexcept { return parameters_; }
  AuthParameters parameters() && noexcept { return std::move(parameters_); }
  /// As parameters().get(name).
  std::optional<std::string_view> parameter(std::string_view name) const& noexcept {
    return parameters_.get(name);
  }
  std::optional<std::string> parameter(std::string_view name) && {
    return std::move(parameters_).get(name);
  }
  /// The part of the server that the credentials are for, to be shown to people.
  std::optional<std::string_view> realm() const& noexcept { return parameter("realm"); }
  std::optional<std::string> realm() && { return std::move(*this).parameter("realm"); }
  /// How user and password should be encoded: what the parameter `charset` names, else (and for a
  /// name that is not known) ISO-8859-1, which here is Charset::windows_1252.
  /// Spec: RFC 7617, 2.1.
  Charset charset() const noexcept;
  /// The value in place of parameters, its `=` at the end included.
  const std::optional<std::string>& token68() const& noexcept { return token68_; }
  std::optional<std::string> token68() && noexcept { return std::move(token68_); }

  /// As a server would send it; every value in quotes.
  std::string to_string() const;

  /// Equal but for the case of the scheme; parameters in the same order.
  friend bool operator==(const Challenge& a, const Challenge& b) noexcept {
    return a.is(b.scheme_) && a.parameters_ == b.parameters_ && a.token68_ == b.token68_;
  }

 private:
  std::string scheme_;
  AuthParameters parameters_;
  std::optional<std::string> token68_;
};

/// More challenges than this in one message are dropped. Real servers send at most 5.
inline constexpr std::size_t max_challenges = 64;

/// The challenges of every header of this name (WWW-Authenticate, Proxy-Authenticate), in order.
///
/// Never fails: at something malformed (a quoted string without an end, a parameter given twice, a
/// value missing) the challenge it stands in and the rest of that header are dropped; challenges in
/// front of it and those of other headers stay. Lenient: commas may be missing or too many, blanks
/// may stand around `=`, and an unquoted value may have any visible character but `"`, `,` and `=`.
/// A lone word behind a scheme (`Scheme word`) is its token68.
/// Spec: RFC 9110, 11.3 and 11.6.1.
std::vector<Challenge> parse_challenges(const Headers& headers, std::string_view name);

/// The parameters of an Authentication-Info or Proxy-Authentication-Info value; nothing when it is
/// malformed. Lenient as parse_challenges.
/// Spec: RFC 9110, 11.6.3.
std::optional<AuthParameters> parse_auth_parameters(std::string_view value);

OKHTTP_NAMESPACE_END

#include <okhttp/message/challenge.ipp>

#endif  // OKHTTP_MESSAGE_CHALLENGE_HPP
