// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/challenge.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace challenge_test {

using okhttp::AuthParameters;
using okhttp::Challenge;
using okhttp::Charset;
using okhttp::Headers;

namespace {

std::vector<Challenge> parse(std::initializer_list<std::string_view> values) {
  Headers headers;
  for (const std::string_view value : values) headers.append_unchecked("WWW-Authenticate", value);
  return okhttp::parse_challenges(headers, "www-authenticate");
}

/// What was found, as `Scheme name=<value> ...` or `Scheme :<token68>`, with `|` between
/// challenges.
std::string shown(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& challenge : challenges) {
    if (!text.empty()) text += " | ";
    text += challenge.scheme();
    if (challenge.token68()) text += " :<" + *challenge.token68() + ">";
    for (const auto& [name, value] : challenge.parameters())
      text += " " + name + "=<" + value + ">";
  }
  return text;
}
std::string shown(std::string_view value) { return shown(parse({value})); }

}  // namespace

TEST_SUITE("message/challenge") {
  TEST_CASE("the examples of RFC 9110, RFC 7617 and RFC 7616") {
    CHECK(
        shown(R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"")") ==
        R"(Basic realm=<simple> | Newauth realm=<apps> type=<1> title=<Login to "apps">)");
    CHECK(
        shown(R"(Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple")") ==
        R"(Newauth realm=<apps> type=<1> title=<Login to "apps"> | Basic realm=<simple>)");
    CHECK(shown(R"(Basic realm="foo", charset="UTF-8")") == "Basic realm=<foo> charset=<UTF-8>");
    CHECK(shown(R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, )"
                R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
                R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")") ==
          "Digest realm=<http-auth@example.org> qop=<auth, auth-int> algorithm=<MD5> "
          "nonce=<7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v> "
          "opaque=<FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS>");
  }

  TEST_CASE("schemes keep their spelling, parameter names are in lower case") {
    const Challenge challenge = parse({"dIgEsT ReAlM=\"My Realm\", NONCE=x"}).at(0);
    CHECK(challenge.scheme() == "dIgEsT");
    CHECK((challenge.is("Digest") && !challenge.is("Basic")));
    CHECK(challenge.realm() == "My Realm");
    CHECK(challenge.parameter("Nonce") == "x");
    CHECK_FALSE(challenge.parameter("opaque").has_value());
    CHECK(challenge.parameters().begin()->first == "realm");
    CHECK(parse({"Digest underrealm=x"}).at(0).realm() == std::nullopt);
  }

  TEST_CASE("a scheme may stand alone") {
    CHECK(shown("Negotiate") == "Negotiate");
    CHECK(shown("Negotiate, NTLM,Basic realm=x") == "Negotiate | NTLM | Basic realm=<x>");
    CHECK(shown("Basic realm=x,Digest") == "Basic realm=<x> | Digest");
    CHECK(shown("Basic realm=x, NTLM ,") == "Basic realm=<x> | NTLM");
  }

  TEST_CASE("several challenges, of one scheme too, in one header and in several") {
    CHECK(shown("Basic realm=\"a\",Basic realm=b") == "Basic realm=<a> | Basic realm=<b>");
    CHECK(shown(parse({"Basic realm=a", "Digest realm=b, NTLM", "", "Basic realm=c"})) ==
          "Basic realm=<a> | Digest realm=<b> | NTLM | Basic realm=<c>");
    const Headers others = Headers::of({{"Proxy-Authenticate", "Basic realm=p"},
                                        {"WWW-Authenticate", "Basic realm=w"},
                                        {"X", "Basic realm=x"}});
    CHECK(shown(okhttp::parse_challenges(others, "Proxy-Authenticate")) == "Basic realm=<p>");
    CHECK(okhttp::parse_challenges(others, "Authorization").empty());
    CHECK(okhttp::parse_challenges(Headers(), "WWW-Authenticate").empty());
  }

  TEST_CASE("commas and blanks may be more or fewer than they should") {
    CHECK(shown(" ,\t , Basic realm=x") == "Basic realm=<x>");
    CHECK(shown("Digest, Basic ,,realm=\"x\"") == "Digest | Basic realm=<x>");
    CHECK(shown("Digest,,,, Basic ,,foo=bar,realm=\"x\",,") ==
          "Digest | Basic foo=<bar> realm=<x>");
    CHECK(shown("Basic realm = \"x\" , a\t=\tb") == "Basic realm=<x> a=<b>");
    CHECK(shown("Basic    realm=x") == "Basic realm=<x>");
    CHECK(shown("A B realm=x") == "A | B realm=<x>");
    CHECK(shown("A B C") == "A | B :<C>");
    CHECK(shown("") == "");
    CHECK(shown(" , ,, ") == "");
  }

  TEST_CASE("quoted strings hold commas, escapes and bytes past ASCII") {
    CHECK(shown(R"(,Digest,,,, Basic ,,,realm="my, realm,")") ==
          "Digest | Basic realm=<my, realm,>");
    CHECK(shown(R"(Basic realm="my\\\"r\ealm")") == R"(Basic realm=<my\"realm>)");
    CHECK(shown(R"(Basic realm="a=b, Digest nonce=c")") == "Basic realm=<a=b, Digest nonce=c>");
    CHECK(shown("Basic realm=\"\"") == "Basic realm=<>");
    CHECK(shown("Basic realm=\"J\xC3\xA4\xE9\t\"") == "Basic realm=<J\xC3\xA4\xE9\t>");
  }

  TEST_CASE("a token68 stands in place of parameters") {
    CHECK(shown("Other abc==") == "Other :<abc==>");
    CHECK(shown("Negotiate YII/+-._~=, Basic realm=x") ==
          "Negotiate :<YII/+-._~=> | Basic realm=<x>");
    CHECK(shown("Negotiate abc , NTLM") == "Negotiate :<abc> | NTLM");
    CHECK(shown("Basic realm=") == "Basic :<realm=>");
    CHECK(shown("Basic realm") == "Basic :<realm>");
    // Nothing may follow it but another challenge.
    CHECK(shown("Other abc==, realm=x") == "Other :<abc==>");
    CHECK(shown("Other abc==, realm=x, Basic realm=y") == "Other :<abc==>");
    // Behind a comma a word is a scheme.
    CHECK(shown("Other, abc") == "Other | abc");
    const Challenge challenge = parse({"Other abc=="}).at(0);
    CHECK(challenge.parameters().empty());
    CHECK_FALSE(challenge.realm().has_value());
    CHECK(challenge == Challenge::with_token68("OTHER", "abc=="));
  }

  TEST_CASE("from something malformed on the header is dropped") {
    for (const char* const bad : {
             "Basic realm=\"x",             // no end
             "Basic realm=\"x\\",           // nothing escaped
             "Basic realm=\"x\\\"",         //
             "Basic realm=\"x\"y",          // something behind the quote
             "Basic realm=\"x\" y=z",       // no comma
             "Basic realm=x y=z",           //
             "Basic realm=my\"realm",       // a quote inside
             "Basic realm=\"a\\\\\"b\"",    // the quote is not escaped
             "Basic realm=a=b",             //
             "Basic realm==a",              //
             "Basic realm=,a=b,c",          // a token68, then a parameter without a scheme
             "Basic a=b, c=",               // no value
             "Basic a=b, c=, d=e",          //
             "Basic realm=a, realm=b",      // twice
             "Basic realm=a, REALM=\"b\"",  //
             "Basic realm=\"a\x01\"",       // controls
             "Basic realm=\"\\\x7F\"",      //
             "Basic realm=a\x01",           //
             "Basic \"realm\"=a",           //
             "Basic re(alm=a",              //
             "Basic ;",                     //
             "Basic =a",                    //
             "Basic realm=;\"a\"",          //
             "Basic@x realm=a",             //
             "\"Basic\" realm=a",           //
             "=",                           //
         }) {
      CAPTURE(bad);
      const std::string text(bad);
      const std::string expected = text.starts_with("Basic realm=,") ? "Basic :<realm=>" : "";
      CHECK(shown(text) == expected);
      // What stands before it, and other headers, stay.
      const std::string separator = expected.empty() ? "" : " | ";
      CHECK(shown("First a=b, " + text + ", Last c=d").starts_with("First a=<b>"));
      CHECK(shown(parse({"First a=b", text, "Other e=f"})) ==
            "First a=<b> | " + expected + separator + "Other e=<f>");
    }
    CHECK(shown("First a=b, Basic realm=\"x\"y, Last c=d") == "First a=<b>");
    CHECK(shown("First a=b, re(alm=c, Last d=e") == "First a=<b>");
    CHECK(shown("First a=b, c=, Last d=e") == "");
    CHECK(shown("realm=\"x\"") == "");  // no scheme
  }

  TEST_CASE("values without quotes may have what tokens may not") {
    CHECK(shown("Digest realm=me@example.org, nonce=a/b:c;d, e=\xC3\xA4") ==
          "Digest realm=<me@example.org> nonce=<a/b:c;d> e=<\xC3\xA4>");
  }

  TEST_CASE("charset is what the parameter names, else ISO-8859-1") {
    const auto charset = [](std::string_view value) { return parse({value}).at(0).charset(); };
    CHECK(charset("Basic realm=x") == Charset::windows_1252);
    CHECK(charset("Basic realm=x, charset=\"UTF-8\"") == Charset::utf_8);
    CHECK(charset("Basic realm=x, CHARSET=utf-8") == Charset::utf_8);
    CHECK(charset("Basic realm=x, charset=US-ASCII") == Charset::windows_1252);
    CHECK(charset("Basic realm=x, charset=klingon") == Charset::windows_1252);
    CHECK(charset("Basic abc=") == Charset::windows_1252);
  }

  TEST_CASE("the number of challenges and of parameters is bounded") {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "S" + std::to_string(i) + ",";
    CHECK(parse({many}).size() == okhttp::max_challenges);
    CHECK(parse({many, many}).size() == okhttp::max_challenges);
    std::string parameters = "S ";
    for (std::size_t i = 0; i < AuthParameters::max_count; ++i)
      parameters += "p" + std::to_string(i) + "=x,";
    CHECK(parse({parameters}).at(0).parameters().size() == AuthParameters::max_count);
    CHECK(parse({parameters + "one=more"}).empty());
  }

  TEST_CASE("a long header takes linear time") {
    for (const std::string_view part :
         {",", " ", "a ", "a b=\"", "a b,", "a=", "\"", "\\", "a,,b="}) {
      std::string text;
      while (text.size() < 250000) text += part;
      static_cast<void>(parse({text, "A " + text, "A b=\"" + text, "A b=" + text}));
    }
    CHECK(parse({"A b=\"" + std::string(250000, 'x') + "\""}).at(0).parameter("b")->size() ==
          250000);
  }

  TEST_CASE("challenges are built and compared") {
    AuthParameters parameters;
    CHECK(parameters.add("Realm", "x"));
    CHECK_FALSE(parameters.add("REALM", "y"));
    CHECK(parameters.size() == 1);
    const Challenge challenge("Basic", parameters);
    CHECK(challenge == parse({"bAsic realm=x"}).at(0));
    CHECK_FALSE(challenge == parse({"Basic realm=y"}).at(0));
    CHECK_FALSE(challenge == Challenge("Digest", parameters));
    CHECK_FALSE(Challenge("A") == Challenge::with_token68("A", "b"));
    CHECK(Challenge("Basic", parameters).realm() == std::optional<std::string>("x"));
    CHECK(Challenge("Basic", parameters).scheme() == "Basic");
    CHECK(Challenge("Basic", parameters).parameter("a") == std::nullopt);
    CHECK(Challenge("Basic", parameters).parameters().size() == 1);
    CHECK(*Challenge::with_token68("A", "b").token68() == "b");
  }

  TEST_CASE("Authentication-Info is parameters alone") {
    const std::optional<AuthParameters> info = okhttp::parse_auth_parameters(
        R"(, rspauth="6629fae49393a05397450978507c4ef1",qop=auth, nc=00000001 , NextNonce="a\"b")");
    REQUIRE(info);
    CHECK(info->size() == 4);
    CHECK(info->get("nextnonce") == "a\"b");
    CHECK(info->get("qop") == "auth");
    CHECK(AuthParameters(*info).get("nc") == "00000001");
    CHECK(okhttp::parse_auth_parameters("")->empty());
    CHECK(okhttp::parse_auth_parameters(" ,, ")->empty());
    for (const char* const bad : {"a", "a=b c", "Digest a=b", "a=b, a=c", "a=\"", "=b", "a=b, c"}) {
      CAPTURE(bad);
      CHECK_FALSE(okhttp::parse_auth_parameters(bad));
    }
  }

  TEST_CASE("a parser gives views of one value") {
    constexpr std::string_view value = R"(Digest realm="a \"b\"", Qop=auth , Negotiate YII=, NTLM, Basic realm=x, realm=y, Never a=b)";
    okhttp::ChallengeParser parser(value);
    std::optional<okhttp::ChallengeView> next = parser.next();
    REQUIRE(next.has_value());
    CHECK(next->is("digest"));
    CHECK(next->scheme() == "Digest");
    CHECK(next->realm()->equals(R"(a "b")"));
    CHECK(next->parameter("QOP")->equals("auth"));
    CHECK_FALSE(next->parameter("nonce").has_value());
    CHECK_FALSE(next->token68().has_value());
    std::string names;
    next->for_each_parameter([&](std::string_view name, okhttp::FieldText) { names.append(name).append(" "); });
    CHECK(names == "realm Qop ");
    next = parser.next();
    REQUIRE(next.has_value());
    CHECK(next->token68() == "YII=");
    CHECK_FALSE(next->realm().has_value());
    next->for_each_parameter([&](std::string_view name, okhttp::FieldText) { names.append(name); });
    CHECK(names == "realm Qop ");
    next = parser.next();
    REQUIRE(next.has_value());
    CHECK(next->is("NTLM"));
    CHECK_FALSE(next->realm().has_value());
    // The realm given twice makes it malformed, and nothing behind it counts.
    CHECK_FALSE(parser.next().has_value());
    CHECK_FALSE(parser.next().has_value());
  }

  TEST_CASE("a challenge is written as a server would send it") {
    for (const std::string_view value : {"Negotiate", "Negotiate YII=", R"(Basic realm="a \"b\" \\", charset="UTF-8")"}) {
      CAPTURE(value);
      CHECK(parse({value}).at(0).to_string() == value);
    }
    CHECK(parse({"Basic REALM=x"}).at(0).to_string() == "Basic realm=\"x\"");
  }
}

}  // namespace challenge_test
