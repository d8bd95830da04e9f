// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/credentials.hpp>

#include <doctest/doctest.h>

namespace credentials_test {

using okhttp::Credentials;

TEST_SUITE("message/credentials") {
  TEST_CASE("gives the examples of RFC 7617") {
    CHECK(Credentials::basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(Credentials::basic("test", "123\xC2\xA3") == "Basic dGVzdDoxMjPCow==");
  }

  TEST_CASE("takes an empty user, an empty password and a colon in the password") {
    CHECK(Credentials::basic("", "") == "Basic Og==");
    CHECK(Credentials::basic("a", "b:c") == "Basic YTpiOmM=");
  }

  TEST_CASE("refuses what a server would read as something else, without showing it") {
    for (const auto& [user, password] :
         {std::pair{"us:er", "secret"}, {"us\ner", "secret"}, {"user", "sec\x7Fret"}}) {
      const okhttp::Result<std::string> result = Credentials::try_basic(user, password);
      REQUIRE_FALSE(result);
      CHECK(result.error() == okhttp::Errc::invalid_argument);
      CHECK(result.error().message().find("sec") == std::string::npos);
    }
  }
}

}  // namespace credentials_test
