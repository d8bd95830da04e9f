// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/link.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace link_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::HttpUrl;
using okhttp::Link;
using okhttp::Links;

namespace {

/// What was found, as `<target> rel title`, with `|` between links and `-` for what is not there.
std::string shown(const Links& links) {
  std::string text;
  for (const Link& link : links) {
    if (!text.empty()) text += " | ";
    text.append("<").append(link.target()).append("> ");
    text.append(link.rel().value_or("-")).append(" ").append(link.title().value_or("-"));
  }
  return text;
}
std::string shown(std::string_view text) { return shown(Links(text)); }
Link only(std::string_view text) { return *Links(text).begin(); }

}  // namespace

TEST_SUITE("message/link") {
  TEST_CASE("the examples of RFC 8288, 3.5") {
    CHECK(shown(R"(<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter")") ==
          "<http://example.com/TheBook/chapter2> previous previous chapter");
    CHECK(shown(R"(</>; rel="http://example.net/foo")") == "</> http://example.net/foo -");
    const Link copyright = only(R"(</terms>; rel="copyright"; anchor="#foo")");
    CHECK(copyright.anchor() == "#foo");
    CHECK(copyright.has_rel("copyright"));
    CHECK(shown("</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, "
                "</TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel") ==
          "</TheBook/chapter2> previous letztes Kapitel | </TheBook/chapter4> next n\xC3\xA4" "chstes Kapitel");
    const Link both = only(R"(<http://example.org/>; rel="start http://example.net/relation/other")");
    CHECK(both.has_rel("start"));
    CHECK(both.has_rel("HTTP://example.net/relation/other"));
    CHECK(!both.has_rel("other"));
  }

  TEST_CASE("finds the next page") {
    const Headers headers = Headers::of({
        {"Link", R"(<https://api.example/items?page=1>; rel="prev first", <?page=3>; rel="next")"},
        {"Other", "<x>; rel=last"},
        {"link", R"(</items?page=9>; rel=last)"},
    });
    const HttpUrl base = HttpUrl::parse("https://api.example/items?page=2");
    const Links links(headers);
    CHECK(links.find("next")->resolve(base)->to_string() == "https://api.example/items?page=3");
    CHECK(links.find("LAST")->resolve(base)->to_string() == "https://api.example/items?page=9");
    CHECK(links.find("first")->target() == "https://api.example/items?page=1");
    CHECK(!links.find("nex"));
    CHECK(!links.find(""));
    CHECK(shown(links) == "<https://api.example/items?page=1> prev first - | <?page=3> next - | </items?page=9> last -");
    CHECK(!only("<mailto:a@b>; rel=next").resolve(base));
    const Headers none;
    CHECK(!Links(none).find("next"));
  }

  TEST_CASE("a link from elsewhere is not from here") {
    CHECK(Links(R"(<a>; rel=next; anchor="/other", <b>; rel=next)").find("next")->target() == "b");
  }

  TEST_CASE("parameters are found whatever their form") {
    const Link link = only(R"(<a>;REL = next ; type=text/html;hreflang="en";media="screen, print" ;crossorigin;x="a\"b\\")");
    CHECK(link.rel() == "next");
    CHECK(link.type() == "text/html");
    CHECK(link.hreflang() == "en");
    CHECK(link.media() == "screen, print");
    CHECK(link.parameter("crossorigin") == "");
    CHECK(link.has_parameter("CrossOrigin"));
    CHECK(link.parameter("X") == "a\"b\\");
    CHECK(link.find("x")->raw() == "a\\\"b\\\\");
    CHECK(!link.title());
    CHECK(!link.anchor());
    CHECK(!link.has_parameter("y"));
  }

  TEST_CASE("of equal parameters the first counts, and title* before title") {
    CHECK(shown("<a>; rel=x; rel=y; title=1; title=2") == "<a> x 1");
    CHECK(shown("<a>; title=plain; title*=UTF-8''%e2%82%ac") == "<a> - \xE2\x82\xAC");
    CHECK(shown("<a>; title=plain; title*=UTF-8''%zz") == "<a> - plain");
    CHECK(shown("<a>; title=\"\xE4\"") == "<a> - \xC3\xA4");
    CHECK(shown("<a>; title=\"\xC3\xA4\"") == "<a> - \xC3\xA4");
  }

  TEST_CASE("commas and semicolons inside targets and quotes separate nothing") {
    CHECK(shown(R"(<a,b;c>; title="x, <y>; rel=z"; rel=w, <d>)") == "<a,b;c> w x, <y>; rel=z | <d> - -");
    CHECK(shown(R"(<a>; title="\", <b>"; rel=x)") == "<a> x \", <b>");
    CHECK(only(R"(<a>; rel="\n\e\xt two")").has_rel("next"));
    CHECK(only(R"(<a>; rel="next\ two\)").has_rel("NEXT"));
    CHECK(only(R"(<a>; rel="next\ two")").has_rel("two"));
    CHECK(!only(R"(<a>; rel="nexttwo")").has_rel("two"));
    CHECK(!only(R"(<a>; rel="next")").has_rel("nex"));
    CHECK(!only(R"(<a>; rel="nex")").has_rel("next"));
  }

  TEST_CASE("what is malformed costs no more than itself") {
    CHECK(shown("") == "");
    CHECK(shown(" , ,, ") == "");
    CHECK(shown("junk, <a>; rel=x") == "<a> x -");
    CHECK(shown("<a> junk, <b>; rel=x") == "<b> x -");
    CHECK(shown("<a") == "");
    CHECK(shown("<a, b; rel=x") == "");
    CHECK(shown("<a>; rel=\"next") == "<a> next -");
    CHECK(shown("<>; ; ;,<b>") == "<> - - | <b> - -");
    CHECK(shown("<  a > ; rel = next ; title = \"x\" y , <b>") == "<a> next x | <b> - -");
    CHECK(shown("<a>;=x;rel=y") == "<a> y -");
  }

  TEST_CASE("a link is written so that everybody reads it") {
    CHECK(Link::Builder("/page/3").rel("next").title("page \"3\"").build() ==
          R"(</page/3>; rel="next"; title="page \"3\"")");
    CHECK(Link::Builder(HttpUrl::parse("https://example.com/a b"))
              .rel("prev first")
              .type("text/html")
              .hreflang("de")
              .anchor("#x")
              .parameter("as", "font")
              .build() ==
          "<https://example.com/a%20b>; rel=\"prev first\"; type=\"text/html\"; hreflang=\"de\"; anchor=\"#x\"; as=\"font\"");
    CHECK(Link::Builder("").title("n\xC3\xA4" "chstes Kapitel").build() == "<>; title*=UTF-8''n%C3%A4chstes%20Kapitel");
    CHECK(Link::Builder("a b").try_build().error() == Errc::invalid_argument);
    CHECK(!Link::Builder("a>").try_build());
    CHECK(!Link::Builder("\xC3\xA4").try_build());
    CHECK(!Link::Builder("a").parameter("b c", "d").try_build());
    CHECK(!Link::Builder("a").title("x\ny").try_build());
    CHECK(!Link::Builder("a").rel("\x7F").try_build());
  }
}

}  // namespace link_test
