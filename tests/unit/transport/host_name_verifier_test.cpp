// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/host_name_verifier.hpp>

#include <doctest/doctest.h>

#include <string>

#if OKHTTP_TLS
#include <okhttp/testing/held_certificate.hpp>
#endif

namespace host_name_verifier_test {

using okhttp::AlternativeNames;
using okhttp::Errc;
using okhttp::HostNameVerifier;
using okhttp::IpAddress;
using okhttp::matches_dns_name;
using okhttp::matches_host;

namespace {

IpAddress ip(std::string_view text) { return IpAddress::try_parse(text).value(); }

AlternativeNames names(std::vector<std::string> dns_names, std::vector<IpAddress> addresses = {}) {
  AlternativeNames out;
  out.dns_names = std::move(dns_names);
  out.ip_addresses = std::move(addresses);
  return out;
}

}  // namespace

TEST_SUITE("transport/host_name_verifier") {
  TEST_CASE("one DNS name and one host") {
    struct Row {
      std::string_view host;
      std::string_view name;
      bool matches;
    };
    using namespace std::string_view_literals;
    static constexpr Row rows[] = {
        // Without a wildcard: equal, whatever the case.
        {"foo.com", "foo.com", true},
        {"FOO.com", "foo.com", true},
        {"foo.com", "FOO.COM", true},
        {"bar.com", "foo.com", false},
        {"a.foo.com", "foo.com", false},
        {"foo.com", "a.foo.com", false},
        {"foo.com", "foo.co", false},
        {"foo.co", "foo.com", false},
        {"xfoo.com", "foo.com", false},
        {"localhost", "localhost", true},
        {"foo_bar.com", "foo_bar.com", true},
        {"xn--rger-koa.a.test", "xn--rger-koa.a.test", true},
        // A wildcard stands for exactly one label.
        {"bar.foo.com", "*.foo.com", true},
        {"BAR.FOO.com", "*.foo.COM", true},
        {"www.foo.com", "*.foo.com", true},
        {"a.b.foo.com", "*.foo.com", false},
        {"foo.com", "*.foo.com", false},
        {".foo.com", "*.foo.com", false},
        {"barfoo.com", "*.foo.com", false},
        {"bar.xfoo.com", "*.foo.com", false},
        {"bar.foo.com.evil.test", "*.foo.com", false},
        {"foo.co.jp", "*.co.jp", true},
        {"xn--rger-koa.foo.com", "*.foo.com", true},
        {"foo.com", "*.com", true},
        {"com", "*.com", false},
        {"a.foo.com", "*.com", false},
        // Anything else with an asterisk is no name.
        {"foo.com", "*", false},
        {"foo", "*", false},
        {"foo.com", "*.", false},
        {"foo", "*.", false},
        {"foo.", "*.", false},
        {"foo.com", "*.*", false},
        {"a.b.com", "*.*.com", false},
        {"bar.foo.com", "b*.foo.com", false},
        {"bar.foo.com", "*r.foo.com", false},
        {"bar.foo.com", "b*r.foo.com", false},
        {"bar.foo.com", "bar.*.com", false},
        {"bar.foo.com", "bar.foo.*", false},
        {"bar.foo.com", "**.foo.com", false},
        {"bar.foo.com", "*foo.com", false},
        {"bar.foo.com", "*..foo.com", false},
        {"a.bar.foo.com", "a.*.foo.com", false},
        {"xn--rger-koa.foo.com", "xn--*.foo.com", false},
        {"*.foo.com", "bar.foo.com", false},
        // A final dot makes no difference, two are wrong; so is a dot in front.
        {"foo.com.", "foo.com", true},
        {"foo.com", "foo.com.", true},
        {"foo.com.", "foo.com.", true},
        {"bar.foo.com.", "*.foo.com", true},
        {"bar.foo.com", "*.foo.com.", true},
        {"foo.com..", "foo.com", false},
        {"foo.com", "foo.com..", false},
        {"foo.com..", "foo.com..", false},
        {".foo.com", "foo.com", false},
        {"foo.com", ".foo.com", false},
        {"bar.foo.com", ".foo.com", false},
        {".foo.com", ".foo.com", false},
        {".", ".", false},
        {".", "*.", false},
        {"..", "..", false},
        {"a..foo.com", "*.foo.com", false},
        // Nothing is for nobody.
        {"", "", false},
        {"", "foo.com", false},
        {"foo.com", "", false},
        {"", "*.foo.com", false},
        {"", "*", false},
        // Only ASCII, and all of it.
        {"\xC3\xA4.foo.com", "*.foo.com", false},
        {"\xC3\xA4.com", "\xC3\xA4.com", false},
        {"foo.com", "\xEF\xBD\x86oo.com", false},
        {"\xE2\x84\xAA.test", "k.test", false},  // The Kelvin sign, which lower-cases to k.
        {"foo.com\0.evil.test"sv, "foo.com", false},
        {"foo.com", "foo.com\0.evil.test"sv, false},
        {"foo.com", "foo.com\0"sv, false},
        {"foo.com", " foo.com", false},
        {"foo.com", "foo.com ", false},
    };
    static_assert(std::size(rows) >= 50);
    for (const Row& row : rows) {
      CAPTURE(row.host);
      CAPTURE(row.name);
      CHECK(matches_dns_name(row.host, row.name) == row.matches);
    }
  }

  TEST_CASE("one of several names is enough, and none is never") {
    const AlternativeNames several = names({"a.test", "*.b.test", "c.test"});
    for (const char* host : {"a.test", "x.b.test", "c.test", "C.TEST"}) CHECK(matches_host(host, several));
    for (const char* host : {"b.test", "x.a.test", "d.test", ""}) CHECK_FALSE(matches_host(host, several));
    CHECK_FALSE(matches_host("a.test", names({})));
    CHECK_FALSE(matches_host("", names({""})));
  }

  TEST_CASE("an IP address is looked for among the addresses, by value") {
    struct Row {
      const char* host;
      const char* address;
      bool matches;
    };
    for (const Row& row : {
             Row{"127.0.0.1", "127.0.0.1", true},
             Row{"127.0.0.1", "127.0.0.2", false},
             Row{"::1", "::1", true},
             Row{"[::1]", "::1", true},
             Row{"0:0:0:0:0:0:0:1", "::1", true},
             Row{"2A03:2880:f003:c07:face:b00c::2", "2a03:2880:f003:c07:face:b00c:0:2", true},
             Row{"2a03:2880:f003:c07:face:b00c:0:2", "2a03:2880:f003:c07:face:b00c:0:3", false},
             Row{"fe80::1%eth0", "fe80::1", true},
             Row{"[fe80::1%25eth0]", "fe80::1", true},
             Row{"::ffff:192.168.1.1", "192.168.1.1", true},
             Row{"192.168.1.1", "::ffff:192.168.1.1", true},
             Row{"::ffff:192.168.1.1", "192.168.1.2", false},
             Row{"::192.168.1.1", "192.168.1.1", false},
             Row{"::1", "0.0.0.1", false},
             Row{"[127.0.0.1]", "127.0.0.1", true},
             Row{"127.0.0.1.", "127.0.0.1", false},
             Row{"127.0.0.01", "127.0.0.1", false},
             Row{"127.1", "127.0.0.1", false},
             Row{"localhost", "127.0.0.1", false},
             Row{"", "0.0.0.0", false},
             Row{"[]", "::", false},
             Row{":::", "::", false},
         }) {
      CAPTURE(row.host);
      CAPTURE(row.address);
      CHECK(matches_host(row.host, names({}, {ip(row.address)})) == row.matches);
    }
  }

  TEST_CASE("names and addresses never stand for each other") {
    // A DNS name spelled like an address does not make the certificate one for it.
    CHECK_FALSE(matches_host("127.0.0.1", names({"127.0.0.1"})));
    CHECK_FALSE(matches_host("::1", names({"::1"})));
    CHECK_FALSE(matches_host("[::1]", names({"[::1]"})));
    CHECK_FALSE(matches_host("127.0.0.1", names({"*.0.0.1"})));
    CHECK_FALSE(matches_host("1.2.3", names({"1.2.3", "*.2.3"})));
    CHECK(matches_host("127.0.0.1", names({"a.test"}, {ip("10.0.0.1"), ip("127.0.0.1")})));
    CHECK_FALSE(matches_host("a.test", names({}, {ip("127.0.0.1")})));
    CHECK(matches_host("1.test", names({"1.test"})));
  }

  TEST_CASE("a function of the program takes the place of the rules") {
    const HostNameVerifier standard;
    CHECK(standard.is_standard());
    CHECK(standard.verify("a.test", names({"a.test"})));
    CHECK_FALSE(standard.verify("b.test", names({"a.test"})));
    CHECK(standard == HostNameVerifier());
    CHECK(HostNameVerifier(HostNameVerifier::Function()).is_standard());

    std::string seen;
    const HostNameVerifier mine([&seen](std::string_view host, const AlternativeNames& given) {
      seen = std::string(host) + " " + given.dns_names.at(0);
      return host == "b.test";
    });
    CHECK_FALSE(mine.is_standard());
    CHECK(mine.verify("b.test", names({"a.test"})));
    CHECK(seen == "b.test a.test");
    CHECK_FALSE(mine.verify("a.test", names({"a.test"})));
    const HostNameVerifier copy = mine;
    CHECK(copy == mine);
    CHECK(mine != standard);
    CHECK(mine != HostNameVerifier([](std::string_view, const AlternativeNames&) { return true; }));
  }

  TEST_CASE("a refusal says whom the certificate is for, safely and briefly") {
    const HostNameVerifier verifier;
    CHECK(verifier.check("a.test", names({"a.test"})));
    const auto refused = verifier.check("a.test", names({"b.test", "*.c.test"}, {ip("::1")}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::host_name);
    CHECK(refused.error().message() ==
          "the certificate is not for a.test but for b.test, *.c.test, ::1");
    CHECK(verifier.check("a.test", names({})).error().message() ==
          "the certificate is not for a.test but for no host at all (no subject alternative name)");
    CHECK(verifier.check("a.test", names({"b\r\nX"})).error().message() ==
          "the certificate is not for a.test but for b??X");
    const auto many = verifier.check(
        "a.test", names(std::vector<std::string>(5000, std::string(500, 'x'))));
    CHECK(many.error().message().ends_with(", ..."));
    CHECK(many.error().message().size() < 1500);
  }

#if OKHTTP_TLS
  TEST_CASE("the names come out of a certificate") {
    const auto held = okhttp::HeldCertificate::Builder()
                          .common_name("common.test")
                          .add_subject_alternative_name("a.test")
                          .add_subject_alternative_name("*.b.test")
                          .add_subject_alternative_name("127.0.0.1")
                          .add_subject_alternative_name("2001:db8::1")
                          .build();
    const AlternativeNames found = AlternativeNames::try_from_pem(held.certificate_pem()).value();
    CHECK(found == names({"a.test", "*.b.test"}, {ip("127.0.0.1"), ip("2001:db8::1")}));
    CHECK(matches_host("[2001:db8::1]", found));
    CHECK_FALSE(matches_host("common.test", found));

    const auto nameless = okhttp::HeldCertificate::Builder().common_name("common.test").build();
    const AlternativeNames none = AlternativeNames::try_from_pem(nameless.certificate_pem()).value();
    CHECK(none == AlternativeNames());
    CHECK_FALSE(matches_host("common.test", none));
    CHECK(AlternativeNames::try_from_pem("junk").error().code() == Errc::invalid_argument);
  }
#endif
}

}  // namespace host_name_verifier_test
