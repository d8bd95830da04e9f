// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/host.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace host_test {

namespace url = okhttp::url;

TEST_SUITE("url/host") {
  TEST_CASE("canonical names and addresses") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"Example.COM", "example.com"},
        {"%65xample%2Ecom", "example.com"},
        {"a_b~c!$&'()*+,;=`{}\"", "a_b~c!$&'()*+,;=`{}\""},
        {"XN--bcher-kva.example", "xn--bcher-kva.example"},
        {"example.com.", "example.com."},
        {"a..b", "a..b"},
        {"1e2", "1e2"},
        {"1.2.3.com", "1.2.3.com"},
        {"[::1]", "[::1]"},
        {"[0:0::0:1]", "[::1]"},
        {"[::ffff:1.2.3.4]", "[::ffff:102:304]"},
        // Every spelling of an IPv4 address.
        {"127.0.0.1", "127.0.0.1"},
        {"127.0.0.1.", "127.0.0.1"},
        {"127.1", "127.0.0.1"},
        {"127.0.1", "127.0.0.1"},
        {"1.65537", "1.1.0.1"},
        {"0x7f.1", "127.0.0.1"},
        {"0X7F000001", "127.0.0.1"},
        {"0177.0.0.01", "127.0.0.1"},
        {"017700000001", "127.0.0.1"},
        {"2130706433", "127.0.0.1"},
        {"0", "0.0.0.0"},
        {"0x", "0.0.0.0"},
        {"0x.0x.0", "0.0.0.0"},
        {"4294967295", "255.255.255.255"},
        {"0x00000000000000000000000000000001", "0.0.0.1"},
        {"%30%78%63%30", "0.0.0.192"},
    };
    for (const auto& item : cases) {
      const std::string_view text = item.first;
      const std::string_view canonical = item.second;
      CAPTURE(text);
      std::string out = "before ";
      const char* reason = url::append_host(out, text);
      REQUIRE_MESSAGE(reason == nullptr, reason);
      CHECK_EQ(out, "before " + std::string(canonical));
      // What is canonical stays.
      std::string again;
      CHECK(url::append_host(again, canonical) == nullptr);
      CHECK_EQ(again, canonical);
    }
  }

  TEST_CASE("what is no host leaves the output alone") {
    for (std::string_view text : {"",
                                  "a b",
                                  "a%20b",
                                  "a%00b",
                                  "a%zz",
                                  "a%",
                                  "a/b",
                                  "a:b",
                                  "a@b",
                                  "a#b",
                                  "a?b",
                                  "a\\b",
                                  "a<b",
                                  "a>b",
                                  "a^b",
                                  "a|b",
                                  "a[b",
                                  "a]b",
                                  "a\x7F",
                                  "a\x01",
                                  "a\r\nb",
                                  "a\tb",
                                  "%2F",
                                  "256.1.1.1",
                                  "1.2.3.256",
                                  "1.2.3.4.5",
                                  "4294967296",
                                  "1.16777216",
                                  "0x100000000",
                                  "09",
                                  "1.2.08",
                                  "foo.0x4",
                                  "foo.1",
                                  "1..2",
                                  "1.2.3.4x.5",
                                  ".1",
                                  "99999999999999999999999999",
                                  "[",
                                  "]",
                                  "[]",
                                  "[::1",
                                  "::1]",
                                  "[::1]x",
                                  "[1.2.3.4]",
                                  "[::1%25eth0]",
                                  "[::1%eth0]",
                                  "[:]",
                                  "[1:2]"}) {
      CAPTURE(text);
      std::string out = "before";
      CHECK(url::append_host(out, text) != nullptr);
      CHECK_EQ(out, "before");
    }
  }

  TEST_CASE("a name beyond ASCII gets the form that DNS knows, or is refused") {
#if OKHTTP_IDNA
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"B\xC3\x9C"
         "cher.example",
         "xn--bcher-kva.example"},
        {"b%C3%BCcher.example", "xn--bcher-kva.example"},
        {"\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.1", "127.0.0.1"},  // digits of full width
        {"\xEF\xBC\x91\xEF\xBC\x92.256.0.0.1", ""},
        {"a\xEF\xBC\x8F"
         "b",
         ""},  // a '/' of full width
        {"a\xC2\xA0"
         "b",
         ""},
        {"\xC2\xAD", ""},
        {"a\xFF", ""},
        {"a%FF", ""},
        {"xn--a", ""},
        {"xn--bcher-kva.a b", ""},
    };
    for (const auto& each : cases) {
      CAPTURE(each.first);
      std::string out = "before";
      const char* const reason = url::append_host(out, each.first);
      CHECK_EQ(reason == nullptr, !each.second.empty());
      CHECK_EQ(out, "before" + std::string(each.second));
    }
#else
    std::string out;
    const char* const reason = url::append_host(out, "b%C3%BCcher.example");
    REQUIRE(reason != nullptr);
    CHECK(std::string_view(reason).find("OKHTTP_IDNA") != std::string_view::npos);
    CHECK(url::append_host(out, "xn--a") == nullptr);
#endif
  }

  TEST_CASE("a host given alone may be IPv6 without brackets") {
    CHECK_EQ(url::parse_host("::1").value(), "[::1]");
    CHECK_EQ(url::parse_host("[::1]").value(), "[::1]");
    CHECK_EQ(url::parse_host("Example").value(), "example");
    CHECK(url::parse_host("example.com:80").error() == okhttp::Errc::bad_url);
    CHECK(url::parse_host("a b").error().message() ==
          "bad URL: its host has a character that no host may have (host 'a b')");
    // It may be a whole authority by mistake.
    CHECK(url::parse_host("joe@example.com").error().message().find("joe") == std::string::npos);
  }
}

}  // namespace host_test
