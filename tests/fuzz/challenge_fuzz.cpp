// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>
#include <okhttp/extras/digest.hpp>
#include <okhttp/message/challenge.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Every line of the input is a WWW-Authenticate header; all together they are one message's.

using okhttp::AuthParameters;
using okhttp::Challenge;
using okhttp::Headers;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// The parser that the convenient one is made of finds the same.
void check_views(std::string_view line) {
  Headers headers;
  headers.append_unchecked("A", line);
  const std::vector<Challenge> challenges = okhttp::parse_challenges(headers, "A");
  okhttp::ChallengeParser parser(line);
  for (const Challenge& challenge : challenges) {
    const std::optional<okhttp::ChallengeView> view = parser.next();
    require(view.has_value() && view->scheme() == challenge.scheme() && view->token68() == challenge.token68());
    auto parameter = challenge.parameters().begin();
    view->for_each_parameter([&](std::string_view name, okhttp::FieldText value) {
      require(parameter != challenge.parameters().end() && parameter->first == okhttp::ascii::lowered(name));
      require(value.equals(parameter->second) && view->parameter(parameter->first)->equals(parameter->second));
      ++parameter;
    });
    require(parameter == challenge.parameters().end());
  }
  require(challenges.size() == okhttp::max_challenges || !parser.next().has_value());
}

void check(const Challenge& challenge) {
  require(okhttp::ascii::is_token(challenge.scheme()) && challenge.is(challenge.scheme()));
  require(challenge.parameters().size() <= AuthParameters::max_count);
  require(!challenge.token68() ||
          (challenge.parameters().empty() && !challenge.token68()->empty()));
  for (const auto& [name, value] : challenge.parameters()) {
    require(okhttp::ascii::is_token(name) && name == okhttp::ascii::lowered(name));
    require(challenge.parameter(name) == value);
    for (const char c : value)
      require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
  }
  (void)challenge.charset();
}

#if OKHTTP_TLS
void check_digest(const std::vector<Challenge>& challenges, const std::vector<std::string>& lines) {
  auto challenge = okhttp::DigestChallenge::try_strongest(challenges);
  if (!challenge) {
    require(challenge.error() == okhttp::Errc::protocol_error);
    return;
  }
  const std::string realm = challenge->realm;
  okhttp::DigestSession session(*challenge, "us\"er", "password");
  for (const std::string& line : lines) {
    okhttp::DigestRequest request;
    request.method = "GET";
    request.target = "/a?b=c";
    request.cnonce = "0123456789abcdef";
    const std::string body_hash =
        okhttp::DigestHash::try_hash(session.challenge().algorithm, line).value();
    if (session.wants_body_hash()) request.body_hash = body_hash;
    const std::string value = session.try_authorize(request).value();
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    // A server reads back what it sent.
    Headers headers;
    headers.append_unchecked("A", value);
    const std::vector<Challenge> sent = okhttp::parse_challenges(headers, "A");
    require(sent.size() == 1 && sent[0].is("Digest") && sent[0].realm() == realm);
    require(sent[0].parameter("nonce") == session.challenge().nonce);
    require(sent[0].parameter("opaque") == session.challenge().opaque);
    require(sent[0].parameter("uri") == "/a?b=c");
    session.note_authentication_info(line);
  }
}
#endif

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Headers headers;
  std::vector<std::string> lines;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    std::string line;
    for (const char c : okhttp::ascii::trim(input.substr(0, end)))
      if (c != '\r' && c != '\0') line += c;
    headers.append_unchecked("WWW-Authenticate", line);
    lines.push_back(std::move(line));
    if (end == std::string_view::npos) break;
    input.remove_prefix(end + 1);
  }
  const std::vector<Challenge> challenges = okhttp::parse_challenges(headers, "www-authenticate");
  require(challenges.size() <= okhttp::max_challenges);
  Headers rewritten;
  std::string all;
  for (const Challenge& challenge : challenges) {
    check(challenge);
    rewritten.append_unchecked("A", challenge.to_string());
    all += challenge.to_string() + ", ";
  }
  require(okhttp::parse_challenges(rewritten, "A") == challenges);
  Headers joined;
  joined.append_unchecked("A", all);
  require(okhttp::parse_challenges(joined, "A") == challenges);

  for (const std::string& line : lines) check_views(line);
  for (const std::string& line : lines)
    if (const std::optional<AuthParameters> parameters = okhttp::parse_auth_parameters(line))
      require(parameters->size() <= AuthParameters::max_count);
#if OKHTTP_TLS
  if (lines.size() < 20) check_digest(challenges, lines);
#endif
  return 0;
}
