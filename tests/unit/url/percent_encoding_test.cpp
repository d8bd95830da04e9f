// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/percent_encoding.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace percent_encoding_test {

namespace url = okhttp::url;

TEST_SUITE("url/percent_encoding") {
  TEST_CASE("each set encodes what the URL standard lists and nothing else of ASCII") {
    const auto encoded = [](const url::EncodeSet& set) {
      std::string found;
      for (char c = 0x20; c < 0x7F; ++c)
        if (set.contains(c)) found += c;
      return found;
    };
    CHECK_EQ(encoded(url::EncodeSet()), "");
    CHECK_EQ(encoded(url::fragment_set), " \"<>`");
    CHECK_EQ(encoded(url::query_set), " \"#'<>");
    CHECK_EQ(encoded(url::path_set), " \"#<>?^`{}");
    CHECK_EQ(encoded(url::user_info_set), " \"#/:;<=>?@[\\]^`{|}");
    CHECK_EQ(encoded(url::form_set), " !\"#$%&'()+,/:;<=>?@[\\]^`{|}~");
  }

  TEST_CASE("every set encodes control characters, DEL and all bytes above ASCII") {
    for (const url::EncodeSet& set :
         {url::EncodeSet(), url::fragment_set, url::query_set, url::path_set, url::form_set}) {
      for (int byte = 0; byte < 256; ++byte) {
        if (byte >= 0x20 && byte < 0x7F) continue;
        CAPTURE(byte);
        CHECK(set.contains(static_cast<char>(byte)));
      }
    }
  }

  TEST_CASE("encoding writes upper-case hex and keeps the rest in place") {
    CHECK_EQ(url::encode("", url::path_set), "");
    CHECK_EQ(url::encode("plain", url::path_set), "plain");
    CHECK_EQ(url::encode("a b", url::path_set), "a%20b");
    CHECK_EQ(url::encode(" a ", url::path_set), "%20a%20");
    CHECK_EQ(url::encode("\xC3\xBC\xFF", url::path_set), "%C3%BC%FF");
    CHECK_EQ(url::encode(std::string_view("\0\r\n", 3), url::EncodeSet()), "%00%0D%0A");
    CHECK_EQ(url::encode("100%", url::path_set), "100%");
    CHECK_EQ(url::encode("100%", url::plain_path_segment_set), "100%25");
  }

  TEST_CASE("decoding undoes encoding for every byte") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK_EQ(url::decode_bytes(url::encode(all, url::form_set)), all);
    CHECK_EQ(url::decode_bytes("%c3%BC%4a"),
             "\xC3\xBC"
             "J");
  }

  TEST_CASE("a percent sign without two hex digits stays as it is") {
    for (std::string_view text : {"%", "%4", "%zz", "%4z", "a%", "%%"}) {
      CAPTURE(text);
      CHECK_EQ(url::decode(text), text);
    }
    CHECK_EQ(url::decode("%%41"), "%A");
    CHECK_EQ(url::decode("%4%41"), "%4A");
  }

  TEST_CASE("a plus is a space only where the caller says so") {
    CHECK_EQ(url::decode("a+b%2B"), "a+b+");
    CHECK_EQ(url::decode("a+b%2B", url::Plus::is_space), "a b+");
  }

  TEST_CASE("decoded text is valid UTF-8, with U+FFFD for each bad sequence") {
    CHECK_EQ(url::decode("%E2%82%AC"), "\xE2\x82\xAC");
    CHECK_EQ(url::decode("%F0%9F%98%80"), "\xF0\x9F\x98\x80");
    CHECK_EQ(url::decode("%FF"), "\xEF\xBF\xBD");
    CHECK_EQ(url::decode("a%C3b"),
             "a\xEF\xBF\xBD"
             "b");                                                // cut short by ASCII
    CHECK_EQ(url::decode("%E2%82"), "\xEF\xBF\xBD");              // cut short by the end: one mark
    CHECK_EQ(url::decode("%C0%80"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong
    CHECK_EQ(url::decode("%E0%80%80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK_EQ(url::decode("%ED%A0%80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
    CHECK_EQ(url::decode("%F4%90%80%80"),
             "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");      // above U+10FFFF
    CHECK_EQ(url::decode("%F0%9F%98%C3%BC"), "\xEF\xBF\xBD\xC3\xBC");  // the next one survives
    CHECK_EQ(url::decode("%80%BF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  }
}

}  // namespace percent_encoding_test
