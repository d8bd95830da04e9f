// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/idna.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace idna_test {

namespace url = okhttp::url;

TEST_SUITE("url/idna") {
  TEST_CASE("international is what is beyond ASCII or has an xn-- label") {
    for (std::string_view text : {"b\xC3\xBC", "xn--a", "XN--a", "xN--", "a.xn--b", "\xFF"}) {
      CAPTURE(text);
      CHECK(url::is_international(text));
    }
    for (std::string_view text : {"", "a", "axn--b", "a.bxn--c", "xn-", "x.n--", "xn-.-", "a--b"}) {
      CAPTURE(text);
      CHECK_FALSE(url::is_international(text));
    }
  }

  TEST_CASE("a name to compare with hosts") {
    CHECK_EQ(url::canonical_name("A.Example"), "a.example");
    CHECK_EQ(url::canonical_name(""), "");
    CHECK_EQ(url::canonical_name("XN--A"), "xn--a");  // wrong, but it stays what it is
#if OKHTTP_IDNA
    CHECK_EQ(url::canonical_name("B\xC3\x9C" "cher"), "xn--bcher-kva");
#endif
  }
}

#if OKHTTP_IDNA

namespace {

// Code points as UTF-8, so that the cases below stay readable; a source is ASCII.
std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t point : text) {
    const auto tail = [point](int shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      (out += static_cast<char>(0xC0 | (point >> 6))) += tail(0);
    } else if (point < 0x10000) {
      ((out += static_cast<char>(0xE0 | (point >> 12))) += tail(6)) += tail(0);
    } else {
      (((out += static_cast<char>(0xF0 | (point >> 18))) += tail(12)) += tail(6)) += tail(0);
    }
  }
  return out;
}

// Empty for what is refused.
std::string to_ascii(std::string_view text) {
  std::string out = "before";
  if (const char* const reason = url::domain_to_ascii(out, text)) {
    CHECK_EQ(out, "before");
    CHECK_FALSE(std::string_view(reason).empty());
    return "";
  }
  return out.substr(6);
}
std::string to_ascii(std::u32string_view text) { return to_ascii(utf8(text)); }

std::string to_unicode(std::string_view text) {
  std::string out = "before";
  if (url::domain_to_unicode(out, text) != nullptr) {
    CHECK_EQ(out, "before");
    return "";
  }
  return out.substr(6);
}

std::string reason_for(std::u32string_view text) {
  std::string out;
  const char* const reason = url::domain_to_ascii(out, utf8(text));
  return reason == nullptr ? "" : reason;
}

struct Case {
  std::u32string_view name;
  std::string_view ascii;  // empty: refused
};

}  // namespace

TEST_SUITE("url/idna") {
  TEST_CASE("plain names get lower case, whatever else they hold") {
    CHECK_EQ(to_ascii("ExAmple.COM."), "example.com.");
    CHECK_EQ(to_ascii("-a_b-.c..D--e"), "-a_b-.c..d--e");
    CHECK_EQ(to_ascii("a b/%"), "a b/%");
    CHECK_EQ(to_ascii(""), "");
    // Any length.
    const std::string longest(100'000, 'a');
    CHECK_EQ(to_ascii(longest), longest);
  }

  TEST_CASE("mapping and normalization") {
    const Case cases[] = {
        {U"B\u00DCCHER\u3002Example", "xn--bcher-kva.example"},
        {U"a\uFF0Eb\u3002c\uFF61d.", "a.b.c.d."},
        {U"a\u00ADb\u200B\u2060\uFEFFc", "abc"},              // ignored
        {U"\u180B\u4E00\U000E0100", "xn--4gq"},               // variation selectors of both planes
        {U"\u33A5.\uFB01x\u2460", "m3.fix1"},                 // one to many
        {U"\u00AA\u00BA", "ao"},
        {U"\U0001D400\U0001D7CE", "a0"},                      // far shifts
        {U"\U0002F804", "xn--6qq"},
        {U"\u0130", "xn--i-9bb"},
        {U"\uFF41\uFF0F\uFF42", "a/b"},                       // the host parser refuses the slash
        {U"\u2024", ""},
        {U"\u33C2", ""},
        {U"\uFFFD", ""},
        {U"\uE000", ""},
        {U"\u0378", ""},                                      // unassigned
        {U"\u2FF0", ""},
        {U"\U000E0041", ""},
        {U"\U0010FFFF", ""},
        {U"\u202E.a", ""},
        {U"\uD55C", "xn--6q8b"},                              // Hangul, in every composition
        {U"\u1112\u1161\u11AB", "xn--6q8b"},
        {U"\uD558\u11AB", "xn--6q8b"},
        {U"\u1100\u1161\u11A8\u11A8", "xn--rud9310f"},
        {U"q\u0307\u0323", "xn--q-9bb7f"},                    // marks change places ...
        {U"q\u0323\u0307", "xn--q-9bb7f"},
        {U"\u1E0B\u0323", "xn--rsa949k"},                     // ... and compose across each other
        {U"d\u0323\u0307", "xn--rsa949k"},
        {U"s\u0323\u0307", "xn--1ig"},
        {U"a\u0310\u0301", "xn--a-xbb8b"},                 // not across one of its class
        {U"\u1100\u0301\u1161", "xn--lsa972emia"},          // and no starter across a mark
        {U"=\u0338", "xn--1ch"},
        {U"\u2260", "xn--1ch"},
        {U"\u0958", "xn--11b2f"},                             // no composition makes it again
        {U"\U00011099\U000110BA", "xn--i40d"},                // in plane 1
    };
    for (const Case& each : cases) {
      const std::string text = utf8(each.name);
      CAPTURE(text);
      CHECK_EQ(to_ascii(text), each.ascii);
    }
  }

  TEST_CASE("labels that are encoded already have to be right") {
    const Case cases[] = {
        {U"XN--BCHER-KVA.X", "xn--bcher-kva.x"},
        {U"\uFF58n--zca", "xn--zca"},
        {U"xn--zca.\u00DF", "xn--zca.xn--zca"},
        {U"xn--", ""},
        {U"xn--abc-", ""},      // ASCII behind it
        {U"xn--ascii-", ""},
        {U"xn--a", ""},
        {U"xn--te\u0161la", ""},
        {U"xn--xn---epa", ""},  // "xn--\u00E9"
        {U"xn--bcher-KVA", "xn--bcher-kva"},
        {U"xn--bcher-2pa", ""},  // an upper-case letter
        {U"xn--zn7c.com", ""},     // U+FFFD
        {U"xn--5ca.xn--a", ""},    // the second one
    };
    for (const Case& each : cases) {
      const std::string text = utf8(each.name);
      CAPTURE(text);
      CHECK_EQ(to_ascii(text), each.ascii);
    }
  }

  TEST_CASE("joiners stand behind a virama, or the one where letters join (RFC 5892, A.1 and A.2)") {
    const Case cases[] = {
        {U"\u0915\u094D\u200C\u0937", "xn--11b2ezcs70k"},
        {U"\u0915\u094D\u200D\u0937", "xn--11b2ezcw70k"},
        {U"\u0915\u094D\u200D", "xn--11b6iy14e"},
        {U"\u0628\u200C\u0628", "xn--ngba799q"},
        {U"\u0628\u064B\u200C\u064B\u0628", "xn--ngba8ha8704a"},  // through transparent ones
        {U"\u0628\u200C\u0627", "xn--mgbb899q"},                  // the right one may be R
        {U"\u0627\u200C\u0628", ""},                              // the left one may not
        {U"\u0628\u200D\u0628", ""},
        {U"\u0628\u200C", ""},
        {U"\u200C\u0628", ""},
        {U"\u0628\u200Ca", ""},
        {U"\u0915\u200D", ""},
        {U"a\u200Cb", ""},
        {U"a\u200Db", ""},
        {U"\u200D.example", ""},
    };
    for (const Case& each : cases) {
      const std::string text = utf8(each.name);
      CAPTURE(text);
      CHECK_EQ(to_ascii(text), each.ascii);
    }
  }

  TEST_CASE("the bidi rule (RFC 5893, 2) holds for every label once one is written from right to left") {
    const Case cases[] = {
        {U"a.\u05D0", "a.xn--4db"},
        {U"a1.\u05D0", "a1.xn--4db"},
        {U"\u05D0..\u05D0", "xn--4db..xn--4db"},
        {U"\u05D01", "xn--1-zhc"},
        {U"\u05D0\u0661", "xn--4db40a"},
        {U"\u05D0-\u05D0", "xn----zhcb"},
        {U"\u05D0\u05B8", "xn--gdb1c"},     // ends in a nonspacing mark
        {U"1.com", "1.com"},                // no right-to-left label
        {U"1\u00FC.com", "xn--1-eha.com"},
        {U"1.\u05D0", ""},                  // 1: the first
        {U"\u0661.com", ""},                //
        {U"1\u05D0", ""},                   //
        {U"-\u05D0", ""},                   //
        {U"\u05D0a", ""},                   // 2: what may be in it
        {U"\u05D0\u00E0", ""},              //
        {U"\u05D0-", ""},                   // 3: the last
        {U"\u05D0-\u05B8", ""},             //
        {U"\u05D01\u0661", ""},             // 4: numbers of both kinds
        {U"a\u05D0", ""},                   // 5
        {U"a-.\u05D0", ""},                 // 6
        {U"a.\u05D0.1b", ""},               //
        {U"xn--4db.1b", ""},                // also behind xn--
    };
    for (const Case& each : cases) {
      const std::string text = utf8(each.name);
      CAPTURE(text);
      CHECK_EQ(to_ascii(text), each.ascii);
    }
  }

  TEST_CASE("a label begins with no combining mark") {
    CHECK_EQ(to_ascii(U"\u0301a"), "");
    CHECK_EQ(to_ascii(U"a.\u0903b"), "");
    CHECK_EQ(to_ascii(U"\u0301"), "");
    CHECK_EQ(to_ascii("xn--a-xbb"), "");
    CHECK_EQ(to_ascii(U"a\u0301"), "xn--1ca");
  }

  TEST_CASE("a name of nothing is none, and bytes that are no UTF-8 are none") {
    CHECK_EQ(to_ascii(U"\u00AD"), "");
    CHECK_EQ(to_ascii(U"\u00AD."), ".");
    for (std::string_view text :
         {"\xFF", "a\xC3", "\xC3(", "\xE2\x82", "\xC0\x80", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF",
          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80"}) {
      CAPTURE(text);
      CHECK_EQ(to_ascii(text), "");
    }
  }

  TEST_CASE("the sentence says what is wrong") {
    const auto says = [](std::u32string_view name, std::string_view part) {
      const std::string reason = reason_for(name);
      CAPTURE(reason);
      CHECK(reason.find(part) != std::string::npos);
    };
    says(U"\uFFFD", "a character that no international name may have");
    says(U"xn--a", "no right Punycode");
    says(U"\u0301", "combining mark");
    says(U"a\u200D", "joiner");
    says(U"a\u05D0", "direction");
    says(U"\u00AD", "no host");
    says(std::u32string(5000, U'\u00FC'), "too long");
  }

  TEST_CASE("the form for people, and back") {
    CHECK_EQ(to_unicode("xn--bcher-kva.example"), "b\xC3\xBC"
                                                  "cher.example");
    CHECK_EQ(to_unicode("XN--Zca.EXAMPLE"), "\xC3\x9F.example");
    CHECK_EQ(to_unicode("Example.COM"), "example.com");
    CHECK_EQ(to_unicode("xn--ls8h.la"), "\xF0\x9F\x92\xA9.la");
    CHECK_EQ(to_unicode("xn--wgv71a119e.jp"), utf8(U"\u65E5\u672C\u8A9E.jp"));
    CHECK_EQ(to_unicode(utf8(U"\u65E5\u672C\u8A9E\uFF0EJP")), utf8(U"\u65E5\u672C\u8A9E.jp"));
    CHECK_EQ(to_unicode("xn--a"), "");
    CHECK_EQ(to_unicode(""), "");
  }

  TEST_CASE("every character says the same twice") {
    // What a character gives, alone and behind a letter, stands for itself, as ASCII and as Unicode.
    std::size_t names = 0;
    for (char32_t point = 0x80; point < 0x110000; point += point < 0x3000 ? 1 : 13) {
      if (point >= 0xD800 && point <= 0xDFFF) continue;
      for (const std::u32string& name : {std::u32string(1, point), std::u32string(U"a") + point}) {
        std::string ascii;
        if (url::domain_to_ascii(ascii, utf8(name)) != nullptr) continue;
        ++names;
        std::string again;
        std::string unicode;
        std::string back;
        const bool good = url::domain_to_ascii(again, ascii) == nullptr && again == ascii &&
                          url::domain_to_unicode(unicode, ascii) == nullptr &&
                          url::domain_to_ascii(back, unicode) == nullptr && back == ascii;
        if (!good) {
          CAPTURE(ascii);
          FAIL_CHECK("it does not stand for itself");
        }
      }
    }
    CHECK_GT(names, 30'000);
  }

  TEST_CASE("international names end somewhere, others do not") {
    const std::string most(url::max_international_name - 2, 'a');
    CHECK_EQ(to_ascii(most + "\xC3\xBC"), "");  // one label: no Punycode is that long
    std::string labels;
    while (labels.size() + 34 < url::max_international_name) labels += std::string(30, 'a') + ".";
    CHECK_EQ(to_ascii(labels + "\xC3\xBC"), labels + "xn--tda");
    labels.resize(url::max_international_name - 2, 'b');
    CHECK_FALSE(to_ascii(labels + "\xC3\xBC").empty());
    CHECK_EQ(to_ascii(labels + "b\xC3\xBC"), "");
    // Short before its mapping, too long after it.
    std::u32string ligatures;
    for (int i = 0; i < 600; ++i) ligatures += U"\uFB03\u3002";
    CHECK_EQ(to_ascii(ligatures).size(), 2400);
    ligatures.clear();
    for (int i = 0; i < 1300; ++i) ligatures += U'\u33A5';
    CHECK_EQ(to_ascii(ligatures).size(), 2600);
    ligatures.clear();
    for (int i = 0; i < 1300; ++i) ligatures += U'\u3316';
    CHECK_EQ(to_ascii(ligatures), "");
    // As long as decomposed text may be: marks in the worst order.
    std::u32string marks = U"a";
    for (int i = 0; i < 1000; ++i) marks += i < 500 ? U'\u0301' : U'\u0323';
    CHECK_FALSE(to_ascii(marks).empty());
  }

  TEST_CASE("the tables are small") { CHECK(okhttp::detail::idna::table_bytes <= 60 * 1024); }
}

#endif  // OKHTTP_IDNA

}  // namespace idna_test
