// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/punycode.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace punycode_test {

namespace url = okhttp::url;

namespace {

std::optional<std::string> encoded(std::u32string_view text) {
  std::string out = "before";
  if (!url::append_punycode(out, text)) {
    CHECK_EQ(out, "before");
    return std::nullopt;
  }
  return out.substr(6);
}

struct Sample {
  std::u32string_view text;
  std::string_view punycode;
};

// RFC 3492, 7.1, in its order, with the case annotation of (K) and others taken away.
constexpr Sample samples[] = {
    {U"\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A\u061F",
     "egbpdaj6bu4bxfgehfvwxn"},
    {U"\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "ihqwcrb4cv8a8dqg056pqjye"},
    {U"\u4ED6\u5011\u7232\u4EC0\u9EBD\u4E0D\u8AAA\u4E2D\u6587", "ihqwctvzc91f659drss3x8bo0yb"},
    {U"Pro\u010Dprost\u011Bnemluv\u00ED\u010Desky", "Proprostnemluvesky-uyb24dma41a"},
    {U"\u05DC\u05DE\u05D4\u05D4\u05DD\u05E4\u05E9\u05D5\u05D8\u05DC\u05D0\u05DE\u05D3\u05D1\u05E8\u05D9\u05DD"
     U"\u05E2\u05D1\u05E8\u05D9\u05EA",
     "4dbcagdahymbxekheh6e0a7fei0b"},
    {U"\u092F\u0939\u0932\u094B\u0917\u0939\u093F\u0928\u094D\u0926\u0940\u0915\u094D\u092F\u094B\u0902\u0928"
     U"\u0939\u0940\u0902\u092C\u094B\u0932\u0938\u0915\u0924\u0947\u0939\u0948\u0902",
     "i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd"},
    {U"\u306A\u305C\u307F\u3093\u306A\u65E5\u672C\u8A9E\u3092"
     U"\u8A71\u3057\u3066\u304F\u308C\u306A\u3044\u306E\u304B",
     "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"},
    {U"\uC138\uACC4\uC758\uBAA8\uB4E0\uC0AC\uB78C\uB4E4\uC774"
     U"\uD55C\uAD6D\uC5B4\uB97C\uC774\uD574\uD55C\uB2E4\uBA74"
     U"\uC5BC\uB9C8\uB098\uC88B\uC744\uAE4C",
     "989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c"},
    {U"\u043F\u043E\u0447\u0435\u043C\u0443\u0436\u0435\u043E"
     U"\u043D\u0438\u043D\u0435\u0433\u043E\u0432\u043E\u0440"
     U"\u044F\u0442\u043F\u043E\u0440\u0443\u0441\u0441\u043A\u0438",
     "b1abfaaepdrnnbgefbadotcwatmq2g4l"},
    {U"Porqu\u00E9nopuedensimplementehablarenEspa\u00F1ol", "PorqunopuedensimplementehablarenEspaol-fmd56a"},
    {U"T\u1EA1isaoh\u1ECDkh\u00F4ngth\u1EC3ch\u1EC9n\u00F3iti\u1EBFngVi\u1EC7t",
     "TisaohkhngthchnitingVit-kjcr8268qyxafd2f1b9g"},
    {U"3\u5E74B\u7D44\u91D1\u516B\u5148\u751F", "3B-ww4c5e180e575a65lsy2b"},
    {U"\u5B89\u5BA4\u5948\u7F8E\u6075-with-SUPER-MONKEYS", "-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n"},
    {U"Hello-Anothe"
     U"r-Way-\u305D\u308C\u305E\u308C\u306E\u5834\u6240", "Hello-Another-Way--fc4qua05auwb3674vfr0b"},
    {U"\u3072\u3068\u3064\u5C4B\u6839\u306E\u4E0B2", "2-u9tlzr9756bt3uc0v"},
    {U"Maji\u3067Koi\u3059\u308B5\u79D2\u524D", "MajiKoi5-783gue6qz075azm5e"},
    {U"\u30D1\u30D5\u30A3\u30FCde\u30EB\u30F3\u30D0", "de-jg4avhby1noc0d"},
    {U"\u305D\u306E\u30B9\u30D4\u30FC\u30C9\u3067", "d9juau41awczczp"},
    {U"-> $1.00 <-", "-> $1.00 <--"},
};

}  // namespace

TEST_SUITE("url/punycode") {
  TEST_CASE("the samples of RFC 3492, both ways") {
    for (const Sample& sample : samples) {
      CAPTURE(sample.punycode);
      CHECK_EQ(encoded(sample.text), sample.punycode);
      CHECK(url::decode_punycode(sample.punycode) == sample.text);
    }
  }

  TEST_CASE("digits may be of either case, text may be empty or plain") {
    CHECK(url::decode_punycode("BCHER-KVA") == U"B\u00FCCHER");
    CHECK(url::decode_punycode("KVA") == url::decode_punycode("kva"));
    CHECK(url::decode_punycode("") == U"");
    CHECK_EQ(encoded(U""), "");
    CHECK_EQ(encoded(U"abc"), "abc-");
    CHECK(url::decode_punycode("abc-") == U"abc");
    CHECK_EQ(encoded(U"-"), "--");
    CHECK(url::decode_punycode("--") == U"-");
    CHECK_EQ(encoded(U"\U0010FFFF"), "dn32g");
    CHECK(url::decode_punycode("dn32g") == U"\U0010FFFF");
  }

  TEST_CASE("what is no Punycode is refused") {
    for (std::string_view text : {
             "-",            // digits only after a delimiter that has something before it
             "-kva",         //
             "kva!",         // no digit
             "\xC3\xBC",     // not ASCII, as a digit
             "\xC3\xBC-a",   // and as what is copied
             "bcher-kv",     // ends inside a number
             "en32g",        // above U+10FFFF
             "99999999",     // more than 32 bits
             "a-99999999b",  //
             "zzzzzzzzzzzzzzzzzzzz",
             "ib9b",         // U+D800
             "zy0c",         // U+DFFF
         }) {
      CAPTURE(text);
      CHECK_FALSE(url::decode_punycode(text).has_value());
    }
  }

  TEST_CASE("what no text has is not encoded") {
    CHECK_FALSE(encoded(std::u32string{char32_t{0xD800}}).has_value());
    CHECK_FALSE(encoded(std::u32string{U'a', char32_t{0xDFFF}}).has_value());
    CHECK_FALSE(encoded(std::u32string{char32_t{0x110000}}).has_value());
  }

  TEST_CASE("lengths end somewhere") {
    const std::u32string longest(url::max_punycode, U'\u00FC');
    const std::string text = encoded(longest).value();
    CHECK_FALSE(encoded(longest + U"\u00FC").has_value());
    CHECK_FALSE(encoded(std::u32string(url::max_punycode + 1, U'a')).has_value());
    // Its Punycode may be shorter than the text, and fits again.
    if (text.size() <= url::max_punycode) CHECK(url::decode_punycode(text) == longest);
    CHECK_FALSE(url::decode_punycode(std::string(url::max_punycode + 1, 'a')).has_value());
    // The greatest distances that 32 bits have to hold.
    std::u32string far(url::max_punycode - 1, U'a');
    far += U'\U0010FFFF';
    CHECK(url::decode_punycode(std::u32string_view(U"dn32g"), {}) == std::nullopt);
    const std::string far_text = encoded(far).value();
    std::u32string wide(far_text.begin(), far_text.end());
    CHECK(wide.size() > url::max_punycode);
    far.erase(0, 10);
    const std::string shorter = encoded(far).value();
    CHECK(url::decode_punycode(shorter) == far);
  }

  TEST_CASE("nothing is written behind the memory given") {
    std::array<char32_t, 6> room{};
    room.fill(U'?');
    const std::span<char32_t> five(room.data(), 5);
    CHECK(url::decode_punycode(std::u32string_view(U"bcher-kva"), five) == std::nullopt);
    CHECK(url::decode_punycode(std::u32string_view(U"bchers-"), five) == std::nullopt);
    CHECK_EQ(room[5], U'?');
    CHECK(url::decode_punycode(std::u32string_view(U"bcher-kva"), room) == std::size_t{6});
    CHECK(std::u32string_view(room.data(), 6) == U"b\u00FCcher");
  }
}

}  // namespace punycode_test
