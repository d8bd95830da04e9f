// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/certificate_pinner.hpp>

#include <okhttp/base/base64.hpp>

#include <doctest/doctest.h>

#include <string>

#if OKHTTP_TLS
#include <okhttp/testing/held_certificate.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#endif

namespace certificate_pinner_test {

using okhttp::CertificatePinner;
using okhttp::Errc;
using okhttp::Error;
using okhttp::PinnableCertificate;
using okhttp::Result;
using Pin = okhttp::CertificatePinner::Pin;

namespace {

std::string sha256_pin(char fill) { return "sha256/" + okhttp::base64::encode(std::string(32, fill)); }
std::string sha1_pin(char fill) { return "sha1/" + okhttp::base64::encode(std::string(20, fill)); }

/// A certificate whose two hashes are one byte repeated.
PinnableCertificate certificate(char fill, std::string subject = "CN=x") {
  PinnableCertificate out;
  out.spki_sha256.fill(static_cast<std::uint8_t>(fill));
  out.spki_sha1.emplace().fill(static_cast<std::uint8_t>(fill));
  out.subject = std::move(subject);
  return out;
}

std::string fault_of(std::string_view pattern, std::string_view pin) {
  const Result<CertificatePinner> built = CertificatePinner::Builder().add(pattern, pin).try_build();
  REQUIRE_FALSE(built);
  CHECK(built.error().code() == Errc::invalid_argument);
  return built.error().message();
}

}  // namespace

TEST_SUITE("transport/certificate_pinner") {
  TEST_CASE("a pattern says which hosts it is for") {
    struct Row {
      const char* pattern;
      const char* host;
      bool matches;
    };
    for (const Row& row : {
             Row{"example.com", "example.com", true},
             Row{"example.com", "EXAMPLE.com", true},
             Row{"Example.COM", "example.com", true},
             Row{"example.com", "www.example.com", false},
             Row{"example.com", "example.co", false},
             Row{"example.com", "xexample.com", false},
             Row{"example.com", "com", false},
             Row{"example.com", "", false},
             Row{"*.example.com", "a.example.com", true},
             Row{"*.EXAMPLE.com", "A.Example.com", true},
             Row{"*.example.com", "example.com", false},
             Row{"*.example.com", "a.b.example.com", false},
             Row{"*.example.com", ".example.com", false},
             Row{"*.example.com", "aexample.com", false},
             Row{"*.example.com", "a.example.com.evil.test", false},
             Row{"*.com", "example.com", true},
             Row{"*.com", "a.example.com", false},
             Row{"**.example.com", "example.com", true},
             Row{"**.example.com", "a.example.com", true},
             Row{"**.example.com", "a.b.c.example.com", true},
             Row{"**.example.com", "xexample.com", false},
             Row{"**.example.com", "example.com.evil.test", false},
             Row{"**.example.com", ".example.com", false},
             Row{"**.com", "a.b.com", true},
             Row{"**.com", "com", true},
             // A final dot is the same host; OkHttp would let it past its pins.
             Row{"example.com", "example.com.", true},
             Row{"example.com.", "example.com", true},
             Row{"*.example.com", "a.example.com.", true},
             Row{"**.example.com", "a.example.com.", true},
             // Hosts of every kind.
             Row{"127.0.0.1", "127.0.0.1", true},
             Row{"127.0.0.1", "127.0.0.2", false},
             Row{"::1", "[::1]", true},
             Row{"[::1]", "::1", true},
             Row{"0:0:0:0:0:0:0:1", "[::1]", true},
             Row{"[::1]", "[::2]", false},
             Row{"localhost", "localhost", true},
             Row{"**.localhost", "localhost", true},
             Row{"example.com", "\xFF.example.com", false},
             Row{"**.example.com", "\xFF.example.com", true},
         }) {
      CAPTURE(row.pattern);
      CAPTURE(row.host);
      const Pin pin = Pin::try_of(row.pattern, sha256_pin('a')).value();
      CHECK(pin.matches_host(row.host) == row.matches);
      const CertificatePinner pinner =
          CertificatePinner::Builder().add(row.pattern, sha256_pin('a')).build();
      CHECK(pinner.has_pins_for(row.host) == row.matches);
      CHECK(pinner.find_matching_pins(row.host).size() == (row.matches ? 1 : 0));
    }
    CHECK(Pin::try_of("*.Example.COM", sha256_pin('a'))->pattern() == "*.example.com");
    CHECK(Pin::try_of("**.Example.COM.", sha256_pin('a'))->pattern() == "**.example.com");
  }

  TEST_CASE("patterns that are none are refused") {
    for (const char* pattern :
         {"*", "**", "*example.com", "example.*", "a.*.example.com", "*.*.example.com",
          "***.example.com", "**.*.example.com", "*.example.*", "*a.example.com", "a*.example.com",
          "**example.com"}) {
      CAPTURE(pattern);
      CHECK(fault_of(pattern, sha256_pin('a')) ==
            "a pin's pattern has its asterisks in front, as '*.' or '**.': '" + std::string(pattern) +
                "'");
    }
    for (const char* pattern : {"", "*.", "**.", ".", "*..", ".example.com", "*..example.com", "a b",
                                "https://example.com", "example.com/", "example.com:443", "[::1",
                                "[example.com]", "example.com..", "a@b"}) {
      CAPTURE(pattern);
      CHECK(fault_of(pattern, sha256_pin('a')) ==
            "the pattern of a pin is no host: '" + std::string(pattern) + "'");
    }
    for (const char* pattern : {"*.127.0.0.1", "**.[::1]", "*.0.0.1"}) {
      CAPTURE(pattern);
      CHECK(fault_of(pattern, sha256_pin('a')).starts_with("an IP address has nothing in front"));
    }
  }

  TEST_CASE("pins that are none are refused") {
    for (const char* pin : {"", "sha256", "SHA256/AAAA", "md5/AAAA", "sha512/AAAA", "/AAAA", "AAAA"}) {
      CAPTURE(pin);
      CHECK(fault_of("a.test", pin) ==
            "pins start with 'sha256/' or 'sha1/': '" + std::string(pin) + "'");
    }
    for (const std::string& pin :
         {std::string("sha256/"), std::string("sha256/a"), std::string("sha256/AAAA"),
          "sha256/" + sha1_pin('a').substr(5), sha256_pin('a') + "AAAA", sha256_pin('a') + " ",
          "sha256/ " + sha256_pin('a').substr(7), std::string("sha256/****")}) {
      CAPTURE(pin);
      CHECK(fault_of("a.test", pin) == "a pin is the base64 of a hash of 32 bytes: '" + pin + "'");
    }
    CHECK(fault_of("a.test", "sha1/" + sha256_pin('a').substr(7))
              .starts_with("a pin is the base64 of a hash of 20 bytes"));
    // The first fault is kept.
    const Error first = CertificatePinner::Builder()
                            .add("a.test", sha256_pin('a'), "one")
                            .add("*", "two")
                            .try_build()
                            .error();
    CHECK(first.message() == "pins start with 'sha256/' or 'sha1/': 'one'");
#if OKHTTP_EXCEPTIONS
    CHECK_THROWS_AS((void)CertificatePinner::Builder().add("a.test", "x").build(), okhttp::Exception);
#endif
  }

  TEST_CASE("a pin is written as it was read, padding restored") {
    const Pin pin = Pin::try_of("a.test", sha256_pin('\xFF')).value();
    CHECK(pin.to_string() == sha256_pin('\xFF'));
    CHECK(pin.hash_algorithm() == "sha256");
    CHECK(Pin::try_of("a.test", sha1_pin('a'))->hash_algorithm() == "sha1");
    std::string unpadded = sha256_pin('a');
    unpadded.pop_back();
    CHECK(Pin::try_of("a.test", unpadded)->to_string() == sha256_pin('a'));
    CHECK(Pin::try_of("a.test", unpadded).value() == Pin::try_of("A.test.", sha256_pin('a')).value());
  }

  TEST_CASE("one certificate with one pin is enough, by either hash") {
    const CertificatePinner pinner = CertificatePinner::Builder()
                                         .add("a.test", sha256_pin('1'), sha256_pin('2'))
                                         .add("a.test", sha1_pin('3'))
                                         .build();
    for (const char fill : {'1', '2', '3'}) {
      CAPTURE(fill);
      const PinnableCertificate leaf[] = {certificate(fill), certificate('x')};
      const PinnableCertificate root[] = {certificate('x'), certificate('y'), certificate(fill)};
      CHECK(pinner.check("a.test", leaf));
      CHECK(pinner.check("a.test", root));
    }
    const PinnableCertificate none[] = {certificate('x'), certificate('y')};
    CHECK(pinner.check("a.test", none).error().code() == Errc::pin);
    CHECK(pinner.check("a.test", {}).error().code() == Errc::pin);
    CHECK(pinner.check("b.test", none));
    CHECK(pinner.check("b.test", {}));
    CHECK(CertificatePinner().check("a.test", {}));
    CHECK_FALSE(CertificatePinner().has_pins_for("a.test"));

    // A sha256 pin is not matched by a SHA-1 hash and the other way round; a missing one matches none.
    PinnableCertificate mixed = certificate('3');
    mixed.spki_sha1.reset();
    CHECK_FALSE(pinner.check("a.test", {&mixed, 1}));
    mixed.spki_sha1.emplace().fill('1');
    CHECK_FALSE(pinner.check("a.test", {&mixed, 1}));
  }

  TEST_CASE("all patterns that match a host count together") {
    const CertificatePinner pinner = CertificatePinner::Builder()
                                         .add("a.example.com", sha256_pin('1'))
                                         .add("*.example.com", sha256_pin('2'))
                                         .add("**.example.com", sha256_pin('3'))
                                         .add("other.test", sha256_pin('4'))
                                         .build();
    CHECK(pinner.find_matching_pins("a.example.com").size() == 3);
    CHECK(pinner.find_matching_pins("b.example.com").size() == 2);
    CHECK(pinner.find_matching_pins("b.c.example.com").size() == 1);
    CHECK(pinner.find_matching_pins("example.com").at(0).to_string() == sha256_pin('3'));
    CHECK(pinner.find_matching_pins("example.org").empty());
    const PinnableCertificate two[] = {certificate('2')};
    CHECK(pinner.check("a.example.com", two));
    CHECK_FALSE(pinner.check("example.com", two));
  }

  TEST_CASE("a failure lists the chain's pins with subjects and the configured pins") {
    const CertificatePinner pinner = CertificatePinner::Builder()
                                         .add("a.test", sha256_pin('1'))
                                         .add("*.test", sha1_pin('2'))
                                         .add("other.test", sha256_pin('9'))
                                         .build();
    const PinnableCertificate chain[] = {certificate('x', "CN=a.test,O=Example"),
                                         certificate('y', "CN=root")};
    CHECK(pinner.check("a.test", chain).error().message() ==
          "certificate pinning failure for a.test\n"
          "  peer certificate chain:\n"
          "    " + sha256_pin('x') + ": CN=a.test,O=Example\n"
          "    " + sha256_pin('y') + ": CN=root\n"
          "  pinned certificates for a.test:\n"
          "    " + sha256_pin('1') + "\n"
          "    " + sha1_pin('2'));
  }

  TEST_CASE("pinners are equal by their pins, in any order, each once") {
    const auto builder = [] { return CertificatePinner::Builder(); };
    const CertificatePinner a = builder().add("a.test", sha256_pin('1'), sha256_pin('2')).build();
    const CertificatePinner b =
        builder().add("a.test", sha256_pin('2')).add("A.test", sha256_pin('1'), sha256_pin('2')).build();
    CHECK(a == b);
    CHECK(b.pins().size() == 2);
    CHECK(a != builder().add("a.test", sha256_pin('1')).build());
    CHECK(a != builder().add("*.a.test", sha256_pin('1'), sha256_pin('2')).build());
    CHECK(a != CertificatePinner());
    CHECK(builder().build() == CertificatePinner());
  }

#if OKHTTP_TLS
  TEST_CASE("the pin of a certificate is the hash of its public key, from PEM and from DER") {
    const auto held = okhttp::HeldCertificate::Builder().common_name("me, myself").build();
    const std::string pem = held.certificate_pem();
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* x509 = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    REQUIRE(x509 != nullptr);
    unsigned char* spki = nullptr;
    const int size = i2d_PUBKEY(X509_get0_pubkey(x509), &spki);
    unsigned char sha256[32];
    unsigned char sha1[20];
    EVP_Digest(spki, static_cast<std::size_t>(size), sha256, nullptr, EVP_sha256(), nullptr);
    EVP_Digest(spki, static_cast<std::size_t>(size), sha1, nullptr, EVP_sha1(), nullptr);
    unsigned char* der = nullptr;
    const int der_size = i2d_X509(x509, &der);
    const std::string der_text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(der_size));
    OPENSSL_free(spki);
    OPENSSL_free(der);
    X509_free(x509);
    BIO_free(bio);

    const std::string pin = CertificatePinner::try_pin(pem).value();
    CHECK(pin == "sha256/" + okhttp::base64::encode(
                                 std::string_view(reinterpret_cast<const char*>(sha256), 32)));
    CHECK(CertificatePinner::try_pin(der_text).value() == pin);
    const PinnableCertificate made = PinnableCertificate::try_from(der_text).value();
    CHECK(std::equal(made.spki_sha1->begin(), made.spki_sha1->end(), sha1));
    CHECK(made.subject == "CN=me\\, myself");
    CHECK(CertificatePinner::Builder().add("a.test", pin).build().check("a.test", {&made, 1}));

    // A new certificate for the same key keeps its pin; another key has another.
    CHECK(CertificatePinner::try_pin(okhttp::HeldCertificate::localhost().certificate_pem()).value() !=
          pin);
    for (const std::string& bad :
         {std::string(), std::string("junk"), std::string("0"), der_text + "x",
          der_text.substr(0, der_text.size() - 1), pem.substr(0, 100)}) {
      const Result<std::string> refused = CertificatePinner::try_pin(bad);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code() == Errc::invalid_argument);
      CHECK(refused.error().message() == "neither a certificate in DER nor in PEM");
    }
#if OKHTTP_EXCEPTIONS
    CHECK(CertificatePinner::pin(pem) == pin);
    CHECK_THROWS_AS((void)CertificatePinner::pin("junk"), okhttp::Exception);
#endif
  }
#endif
}

}  // namespace certificate_pinner_test
