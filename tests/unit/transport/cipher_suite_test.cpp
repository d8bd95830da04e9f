// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/cipher_suite.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

#if OKHTTP_TLS
#include <openssl/ssl.h>

#include <memory>
#endif

namespace cipher_suite_test {

using okhttp::CipherSuite;
using okhttp::Errc;
using okhttp::TlsVersion;

TEST_SUITE("transport/cipher_suite") {
  TEST_CASE("a suite goes by its IANA name and knows OpenSSL's") {
    struct Row {
      const char* name;
      const char* openssl;
      unsigned id;
    };
    // RFC 8446, B.4; RFC 5288; RFC 5289; RFC 7905; RFC 8422; RFC 5246, appendix C.
    for (const Row& row : {
             Row{"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", 0x1301},
             Row{"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", 0x1302},
             Row{"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", 0x1303},
             Row{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02B},
             Row{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", 0xC02F},
             Row{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC02C},
             Row{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", 0xC030},
             Row{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                 0xCCA9},
             Row{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305",
                 0xCCA8},
             Row{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA", 0xC013},
             Row{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA", 0xC014},
             Row{"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256", 0x009C},
             Row{"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384", 0x009D},
             Row{"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", 0x002F},
             Row{"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA", 0x0035},
             Row{"TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA", 0x000A},
         }) {
      CAPTURE(row.name);
      const CipherSuite suite = CipherSuite::try_of(row.name).value();
      CHECK(suite.name() == row.name);
      CHECK(to_string(suite) == row.name);
      CHECK(suite.openssl_name() == row.openssl);
      CHECK(suite.id() == row.id);
      CHECK(CipherSuite::of_id(suite.id()) == suite);
    }
    CHECK(CipherSuite::try_of("TLS_RSA_WITH_AES_128_CBC_SHA").value() ==
          CipherSuite::tls_rsa_with_aes_128_cbc_sha);
  }

  TEST_CASE("the named constants are the suites of their names") {
    const auto is = [](CipherSuite suite, std::string_view name) { return suite.name() == name; };
    CHECK(is(CipherSuite::tls_aes_128_gcm_sha256, "TLS_AES_128_GCM_SHA256"));
    CHECK(is(CipherSuite::tls_aes_256_gcm_sha384, "TLS_AES_256_GCM_SHA384"));
    CHECK(is(CipherSuite::tls_chacha20_poly1305_sha256, "TLS_CHACHA20_POLY1305_SHA256"));
    CHECK(is(CipherSuite::tls_ecdhe_ecdsa_with_aes_128_gcm_sha256,
             "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    CHECK(is(CipherSuite::tls_ecdhe_rsa_with_aes_128_gcm_sha256,
             "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
    CHECK(is(CipherSuite::tls_ecdhe_ecdsa_with_aes_256_gcm_sha384,
             "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"));
    CHECK(is(CipherSuite::tls_ecdhe_rsa_with_aes_256_gcm_sha384,
             "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
    CHECK(is(CipherSuite::tls_ecdhe_ecdsa_with_chacha20_poly1305_sha256,
             "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"));
    CHECK(is(CipherSuite::tls_ecdhe_rsa_with_chacha20_poly1305_sha256,
             "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"));
    CHECK(is(CipherSuite::tls_ecdhe_rsa_with_aes_128_cbc_sha, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
    CHECK(is(CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"));
    CHECK(is(CipherSuite::tls_rsa_with_aes_128_gcm_sha256, "TLS_RSA_WITH_AES_128_GCM_SHA256"));
    CHECK(is(CipherSuite::tls_rsa_with_aes_256_gcm_sha384, "TLS_RSA_WITH_AES_256_GCM_SHA384"));
    CHECK(is(CipherSuite::tls_rsa_with_aes_128_cbc_sha, "TLS_RSA_WITH_AES_128_CBC_SHA"));
    CHECK(is(CipherSuite::tls_rsa_with_aes_256_cbc_sha, "TLS_RSA_WITH_AES_256_CBC_SHA"));
    CHECK(is(CipherSuite::tls_rsa_with_3des_ede_cbc_sha, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
  }

  TEST_CASE("every known suite has names of its own that read back") {
    std::set<std::string_view> names;
    std::set<std::string_view> openssl_names;
    for (const CipherSuite suite : CipherSuite::all()) {
      CAPTURE(suite.name());
      CHECK(suite.name().starts_with("TLS_"));
      CHECK(names.insert(suite.name()).second);
      CHECK(openssl_names.insert(suite.openssl_name()).second);
      CHECK(CipherSuite::try_of(suite.name()).value() == suite);
      CHECK(CipherSuite::of_id(suite.id()).value() == suite);
      CHECK(suite.is_tls_1_3() == (suite.name().find("_WITH_") == std::string_view::npos));
      // Neither without encryption nor without a certificate.
      for (const char* bad : {"NULL", "anon", "PSK", "RC4", "EXPORT", "_DES_"})
        CHECK(suite.name().find(bad) == std::string_view::npos);
    }
    CHECK(names.size() == 81);
  }

  TEST_CASE("SSL_ may stand in place of TLS_") {
    CHECK(CipherSuite::try_of("SSL_RSA_WITH_3DES_EDE_CBC_SHA").value() ==
          CipherSuite::tls_rsa_with_3des_ede_cbc_sha);
    CHECK(CipherSuite::try_of("SSL_AES_128_GCM_SHA256").value() ==
          CipherSuite::tls_aes_128_gcm_sha256);
  }

  TEST_CASE("an unknown name is refused, and OpenSSL's with the right one") {
    for (const char* name :
         {"", "TLS_", "SSL_", "TLS_FAKE", "tls_aes_128_gcm_sha256", "TLS_AES_128_GCM_SHA25",
          "TLS_AES_128_GCM_SHA256 ", "AES_128_GCM_SHA256", "TLS_RSA_WITH_NULL_SHA256",
          "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_PSK_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_RC4_128_SHA", "TLS_FALLBACK_SCSV", "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"}) {
      CAPTURE(name);
      const auto result = CipherSuite::try_of(name);
      REQUIRE_FALSE(result);
      CHECK(result.error().code() == Errc::invalid_argument);
      CHECK(result.error().message() == "unknown cipher suite: '" + std::string(name) + "'");
    }
    CHECK(CipherSuite::try_of("AES128-SHA").error().message() ==
          "cipher suites go by their IANA names: not 'AES128-SHA' but "
          "'TLS_RSA_WITH_AES_128_CBC_SHA'");
    CHECK(CipherSuite::try_of("a\r\nb").error().message() == "unknown cipher suite: 'a??b'");
    CHECK(CipherSuite::try_of(std::string(1000, 'x')).error().message().size() < 120);
    CHECK_FALSE(CipherSuite::of_id(0));
    CHECK_FALSE(CipherSuite::of_id(0x5600));
    CHECK_FALSE(CipherSuite::of_id(0xFFFF));
#if OKHTTP_EXCEPTIONS
    CHECK(CipherSuite::of("TLS_AES_128_GCM_SHA256") == CipherSuite::tls_aes_128_gcm_sha256);
    CHECK_THROWS_AS((void)CipherSuite::of("TLS_FAKE"), okhttp::Exception);
#endif
  }

  TEST_CASE("a suite works with the versions that define it") {
    struct Row {
      CipherSuite suite;
      bool tls_1_0, tls_1_2, tls_1_3;
    };
    for (const Row& row : {
             Row{CipherSuite::tls_aes_128_gcm_sha256, false, false, true},
             Row{CipherSuite::tls_chacha20_poly1305_sha256, false, false, true},
             Row{CipherSuite::tls_ecdhe_rsa_with_aes_128_gcm_sha256, false, true, false},
             Row{CipherSuite::tls_ecdhe_rsa_with_chacha20_poly1305_sha256, false, true, false},
             Row{CipherSuite::try_of("TLS_RSA_WITH_AES_128_CBC_SHA256").value(), false, true, false},
             Row{CipherSuite::try_of("TLS_RSA_WITH_AES_128_CCM").value(), false, true, false},
             Row{CipherSuite::tls_rsa_with_aes_128_cbc_sha, true, true, false},
             Row{CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha, true, true, false},
             Row{CipherSuite::tls_rsa_with_3des_ede_cbc_sha, true, true, false},
         }) {
      CAPTURE(row.suite.name());
      CHECK(row.suite.works_with(TlsVersion::tls_1_0) == row.tls_1_0);
      CHECK(row.suite.works_with(TlsVersion::tls_1_1) == row.tls_1_0);
      CHECK(row.suite.works_with(TlsVersion::tls_1_2) == row.tls_1_2);
      CHECK(row.suite.works_with(TlsVersion::tls_1_3) == row.tls_1_3);
    }
  }

#if OKHTTP_TLS
  TEST_CASE("names, numbers and versions are those of the OpenSSL that is installed") {
    struct Free {
      void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
    REQUIRE(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1);
    REQUIRE(SSL_CTX_set_ciphersuites(context.get(),
                                     "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                     "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:"
                                     "TLS_AES_128_CCM_8_SHA256") == 1);
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
    int known = 0;
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
      const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
      const std::string name = SSL_CIPHER_standard_name(cipher);
      CAPTURE(name);
      const auto suite = CipherSuite::of_id(SSL_CIPHER_get_protocol_id(cipher));
      // The authentication kinds with a certificate; TLS 1.3 leaves it open.
      const int authentication = SSL_CIPHER_get_auth_nid(cipher);
      const bool has_certificate = authentication == NID_auth_rsa ||
                                   authentication == NID_auth_ecdsa ||
                                   authentication == NID_auth_dss || authentication == NID_auth_any;
      const int key_exchange = SSL_CIPHER_get_kx_nid(cipher);
      const bool is_shared_key = key_exchange == NID_kx_rsa_psk || key_exchange == NID_kx_srp;
      const bool encrypts = SSL_CIPHER_get_bits(cipher, nullptr) != 0;
      CHECK(suite.has_value() == (has_certificate && !is_shared_key && encrypts));
      if (!suite) continue;
      ++known;
      CHECK(suite->name() == name);
      CHECK(suite->openssl_name() == SSL_CIPHER_get_name(cipher));
      const std::string version = SSL_CIPHER_get_version(cipher);
      CHECK(suite->works_with(TlsVersion::tls_1_3) == (version == "TLSv1.3"));
      CHECK(suite->works_with(TlsVersion::tls_1_0) ==
            (version == "TLSv1.0" || version == "TLSv1" || version == "SSLv3"));
    }
    CHECK(known >= 60);
  }
#endif
}

}  // namespace cipher_suite_test
