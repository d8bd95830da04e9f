// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/address.hpp>

#include <doctest/doctest.h>

namespace address_test {

using okhttp::Address;
using okhttp::HttpUrl;
using okhttp::detail::ConnectionSettings;

TEST_SUITE("connection/address") {
  TEST_CASE("is equal for URLs of one origin with the same settings") {
    ConnectionSettings one;
    one.proxy = okhttp::Proxy::http("proxy.example", 3128);
    const ConnectionSettings the_same = one;
    ConnectionSettings two = one;
    two.dns = std::make_shared<okhttp::Dns>();
    const auto at = [](const char* url, const ConnectionSettings* settings) {
      return Address(*HttpUrl::try_parse(url), settings);
    };
    const Address address = at("https://Example.com/a?b#c", &one);
    CHECK(address == at("https://user:password@example.com:443/", &one));
    CHECK(address.hash() == at("https://example.com:443/x", &one).hash());
    CHECK(address == at("https://example.com/", &the_same));
    CHECK_FALSE(address == at("https://example.com/", &two));
    CHECK_FALSE(address == at("https://example.com/", nullptr));
    CHECK_FALSE(address == at("http://example.com:443/", &one));
    CHECK_FALSE(address == at("https://example.com:444/", &one));
    CHECK_FALSE(address == at("https://example.org/", &one));
    CHECK(address.host() == "example.com");
    CHECK(address.port() == 443);
    CHECK(address.is_secure());
    CHECK(address.serves(*HttpUrl::try_parse("https://example.com/z")));
    CHECK_FALSE(address.serves(*HttpUrl::try_parse("http://example.com:443/z")));
  }
}

}  // namespace address_test
