// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_version.hpp>

#include <doctest/doctest.h>

namespace tls_version_test {

using okhttp::Errc;
using okhttp::TlsVersion;
using okhttp::try_parse_tls_version;

TEST_SUITE("transport/tls_version") {
  TEST_CASE("every version has a name that reads back") {
    for (const TlsVersion version : okhttp::all_tls_versions)
      CHECK(try_parse_tls_version(to_string(version)).value() == version);
    CHECK(to_string(TlsVersion::tls_1_3) == "TLSv1.3");
    CHECK(to_string(TlsVersion::tls_1_2) == "TLSv1.2");
    CHECK(to_string(TlsVersion::tls_1_1) == "TLSv1.1");
    CHECK(to_string(TlsVersion::tls_1_0) == "TLSv1");
    CHECK(try_parse_tls_version("TLSv1.0").value() == TlsVersion::tls_1_0);
  }

  TEST_CASE("newer versions compare greater, and the list begins with the newest") {
    for (std::size_t i = 1; i < okhttp::all_tls_versions.size(); ++i)
      CHECK(okhttp::all_tls_versions[i] < okhttp::all_tls_versions[i - 1]);
  }

  TEST_CASE("other names are refused with a text that is safe to log") {
    for (const char* name : {"", "TLS", "tlsv1.2", "TLSv1.4", "TLSv1.2 ", "TLSv1.23", "1.2"}) {
      CAPTURE(name);
      const auto result = try_parse_tls_version(name);
      REQUIRE_FALSE(result);
      CHECK(result.error().code() == Errc::invalid_argument);
    }
    CHECK(try_parse_tls_version("TLS\n1").error().message() == "not a TLS version: 'TLS?1'");
    for (const char* name : {"SSLv3", "SSLv2", "SSLv2Hello"})
      CHECK(try_parse_tls_version(name).error().message() ==
            std::string(name) + " is broken and not supported");
#if OKHTTP_EXCEPTIONS
    CHECK(okhttp::parse_tls_version("TLSv1.3") == TlsVersion::tls_1_3);
    CHECK_THROWS_AS((void)okhttp::parse_tls_version("TLSv2"), okhttp::Exception);
#endif
  }
}

}  // namespace tls_version_test
