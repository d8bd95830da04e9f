// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/ip_address.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ip_address_test {

using okhttp::Errc;
using okhttp::IpAddress;

TEST_SUITE("url/ip_address") {
  TEST_CASE("is a trivially copyable value of its bytes") {
    static_assert(std::is_trivially_copyable_v<IpAddress>);
    static_assert(sizeof(IpAddress) <= 20);
    constexpr IpAddress address = IpAddress::v4({192, 0, 2, 1});
    static_assert(address.is_v4() && !address.is_v6() && address.bytes().size() == 4);
    CHECK_EQ(address.bytes()[0], 192);
    CHECK_EQ(address.to_string(), "192.0.2.1");
    CHECK(address == IpAddress::parse("192.0.2.1"));
    CHECK(address != IpAddress::v4({192, 0, 2, 2}));
    CHECK(IpAddress() == IpAddress::v4({0, 0, 0, 0}));
    CHECK(IpAddress() != IpAddress::parse("::"));
    const IpAddress loopback = IpAddress::parse("::1");
    CHECK_EQ(loopback.bytes().size(), 16);
    CHECK_EQ(loopback.bytes()[15], 1);
  }

  TEST_CASE("writes IPv6 as RFC 5952 recommends") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one group alone is not compressed
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of equals
        {"1:0:0:2:3:0:0:0", "1:0:0:2:3::"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"0a:00b:000c:d::", "a:b:c:d::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"::FFFF:c000:0201", "::ffff:192.0.2.1"},
        {"::192.0.2.1", "::c000:201"},
        {"64:ff9b::255.255.255.255", "64:ff9b::ffff:ffff"},
        {"1:2:3:4:5:6:77.77.88.88", "1:2:3:4:5:6:4d4d:5858"},
    };
    for (const auto& item : cases) {
      const std::string_view text = item.first;
      const std::string_view canonical = item.second;
      CAPTURE(text);
      const okhttp::Result<IpAddress> address = IpAddress::try_parse(text);
      REQUIRE(address.has_value());
      CHECK(address->is_v6());
      CHECK_EQ(address->to_string(), canonical);
      CHECK(IpAddress::parse(canonical) == *address);
    }
  }

  TEST_CASE("refuses what is no address, with the text in the message") {
    for (std::string_view text : {"",
                                  " ",
                                  "1",
                                  "1.2.3",
                                  "1.2.3.4.5",
                                  "1.2.3.4.",
                                  ".1.2.3.4",
                                  "1..2.3",
                                  "256.1.1.1",
                                  "1.2.3.04",
                                  "0x7f.0.0.1",
                                  "1.2.3.4 ",
                                  " 1.2.3.4",
                                  "1.2.3.4:80",
                                  "+1.2.3.4",
                                  "1.2.3.-4",
                                  "99999999999.1.1.1",
                                  "localhost",
                                  ":",
                                  ":::",
                                  "1:",
                                  ":1",
                                  "1:2",
                                  "::1::",
                                  "1::2::3",
                                  "1:2:3:4:5:6:7",
                                  "1:2:3:4:5:6:7:8:9",
                                  "1:2:3:4:5:6:7:8::",
                                  "::1:2:3:4:5:6:7:8",
                                  "12345::",
                                  "g::",
                                  "::1%eth0",
                                  "[::1]",
                                  "::1.2.3",
                                  "::1.2.3.4.5",
                                  "::1.2.3.256",
                                  "::1.2.3.4:5",
                                  "1:2:3:4:5:6:7:1.2.3.4",
                                  "::01.2.3.4",
                                  "1:2:3:4:5:6:7:",
                                  "fe80::1/64"}) {
      CAPTURE(text);
      const okhttp::Result<IpAddress> address = IpAddress::try_parse(text);
      REQUIRE_FALSE(address.has_value());
      CHECK(address.error() == Errc::invalid_argument);
    }
    CHECK_EQ(IpAddress::try_parse("a\nb").error().message(), "not an IP address: 'a%0Ab'");
    CHECK_LT(IpAddress::try_parse(std::string(1000, 'x')).error().message().size(), 100);
    CHECK_FALSE(IpAddress::try_parse(std::string_view("1.2.3.4\0", 8)).has_value());
    CHECK_THROWS_AS(IpAddress::parse("nonsense"), okhttp::Exception);
  }

  TEST_CASE("knows the loopback addresses") {
    for (std::string_view text : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"}) {
      CAPTURE(text);
      CHECK(IpAddress::parse(text).is_loopback());
    }
    for (std::string_view text :
         {"128.0.0.1", "0.0.0.0", "::", "::2", "1::1", "::ffff:128.0.0.1", "::127.0.0.1"}) {
      CAPTURE(text);
      CHECK_FALSE(IpAddress::parse(text).is_loopback());
    }
  }
}

}  // namespace ip_address_test
