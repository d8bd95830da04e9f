// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_requirements.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <optional>
#include <ostream>

#include "support/client_fixture.hpp"

namespace certificate_table_test {

// Which certificates of a server are accepted. Each row makes a server that shows one, under a root that the
// client trusts unless the row says otherwise, and calls it by a name that leads to it.

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;
using okhttp::RevocationStatus;

namespace {

using Builder = HeldCertificate::Builder;

constexpr Errc accepted{};

const auto now = std::chrono::system_clock::now();

HeldCertificate root(int depth = 1) { return Builder().common_name("the root").certificate_authority(depth).build(); }

/// For one name.
Builder server_for(const std::string& name) { return Builder().common_name("the server").add_subject_alternative_name(name); }

struct Row {
  std::string what;
  /// What the client asks for: without brackets.
  std::string host;
  HeldCertificate shown;
  /// Empty: nothing is trusted.
  std::string trusted_pem;
  Errc expected = accepted;
  /// What the error's text has to say.
  std::string reason{};
  std::string ocsp_response{};
  okhttp::OcspStapling ocsp = okhttp::OcspStapling::off;
};

/// A row about dates, keys and signatures: for "host.test", signed by a root.
Row signed_row(std::string what, Builder server, Errc expected, std::string reason = "") {
  const HeldCertificate issuer = root();
  return {std::move(what), "host.test",  server.signed_by(issuer).build(), issuer.certificate_pem(),
          expected,        std::move(reason)};
}

/// A row about names: which one the certificate has, which one is asked for.
Row name_row(const std::string& name, std::string host, Errc expected) {
  const HeldCertificate issuer = root();
  return {"a certificate for " + name, std::move(host), server_for(name).signed_by(issuer).build(),
          issuer.certificate_pem(), expected, expected == accepted ? "" : "is not for"};
}

/// A row about what an intermediate may sign.
Row issuer_row(std::string what, Builder intermediate, const std::string& name, Errc expected, std::string reason = "") {
  const HeldCertificate issuer = root();
  const HeldCertificate middle = intermediate.common_name("the middle").signed_by(issuer).build();
  return {std::move(what), name,     server_for(name).signed_by(middle).build(), issuer.certificate_pem(),
          expected,        std::move(reason)};
}

Row ocsp_row(std::string what, std::optional<RevocationStatus> status, okhttp::OcspStapling ocsp, Errc expected,
             std::string reason = "", std::chrono::hours age = 1h) {
  Row row = signed_row(std::move(what), server_for("host.test"), expected, std::move(reason));
  if (status) row.ocsp_response = row.shown.ocsp_response(*status, now - age, now - age + 24h);
  row.ocsp = ocsp;
  return row;
}

/// Asks the server and gives what came of it.
template <class D>
std::optional<Error> outcome_of(const Row& row) {
  MockWebServer server;
  okhttp::TlsServerOptions options;
  options.allow_weak = true;
  options.ocsp_response = row.ocsp_response;
  server.use_https(row.shown, options);
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  HandshakeCertificates::Builder trust;
  if (!row.trusted_pem.empty()) trust.add_trusted_pem(row.trusted_pem);
  const auto client = D::builder()
                          .trusted_certificates(trust.build())
                          .ocsp_stapling(row.ocsp)
                          .dns([](std::string_view) {
                            return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
                          })
                          .build();
  const std::string host = row.host.find(':') != std::string::npos ? "[" + row.host + "]" : row.host;
  const std::string url = "https://" + host + ":" + std::to_string(server.port()) + "/";
  const Result<Response> response = client.new_call(get_request(url)).try_execute();
  CHECK(server.request_count() == (response ? 1 : 0));
  if (!response) return response.error();
  CHECK(response->body().string() == "answer");
  return std::nullopt;
}

template <class D>
void check(const Row& row) {
  CAPTURE(row.what);
  CAPTURE(row.host);
  const std::optional<Error> error = outcome_of<D>(row);
  const std::string message = error ? error->message() : "accepted";
  CHECK_MESSAGE((error ? error->code() : accepted) == row.expected, message);
  CHECK_MESSAGE((!error || contains(message, row.reason)), message);
}

}  // namespace

TEST_SUITE("integration/certificate_table") {

TEST_CASE_TEMPLATE("trust, dates, keys and signatures", D, OnInline, OnLoop) {
  const HeldCertificate self_signed = server_for("host.test").build();
  const HeldCertificate stranger = root();
  const HeldCertificate weak_root = Builder().rsa_1024().certificate_authority(0).build();
  const HeldCertificate rsa_root = Builder().rsa_2048().certificate_authority(0).build();
  const HeldCertificate sha1_root = Builder().signed_with_sha1().certificate_authority(0).build();
  const Row rows[] = {
      signed_row("in order", server_for("host.test"), accepted),
      signed_row("RSA with 2048 bits", server_for("host.test").rsa_2048(), accepted),
      signed_row("expired", server_for("host.test").valid_between(now - 48h, now - 1h), Errc::certificate,
                 "certificate has expired (CN=the server)"),
      signed_row("not yet valid", server_for("host.test").valid_between(now + 1h, now + 48h), Errc::certificate,
                 "certificate is not yet valid (CN=the server)"),
      {"self-signed", "host.test", self_signed, stranger.certificate_pem(), Errc::certificate, "self-signed certificate"},
      {"self-signed, nothing trusted", "host.test", self_signed, "", Errc::certificate, "self-signed certificate"},
      {"self-signed and trusted", "host.test", self_signed, self_signed.certificate_pem()},
      {"signed by a stranger of the same name", "host.test", server_for("host.test").signed_by(root()).build(),
       stranger.certificate_pem(), Errc::certificate, ""},
      signed_row("RSA with 1024 bits", server_for("host.test").rsa_1024(), Errc::certificate, "EE certificate key too weak"),
      {"signed by RSA with 1024 bits", "host.test", server_for("host.test").signed_by(weak_root).build(),
       weak_root.certificate_pem(), Errc::certificate, "CA certificate key too weak"},
      signed_row("signed with SHA-1", server_for("host.test").signed_with_sha1(), Errc::certificate,
                 "CA signature digest algorithm too weak"),
      {"signed with SHA-1 by RSA", "host.test", server_for("host.test").signed_with_sha1().signed_by(rsa_root).build(),
       rsa_root.certificate_pem(), Errc::certificate, "CA signature digest algorithm too weak"},
      // A root is trusted for what it is, not for how it signed itself.
      {"under a root signed with SHA-1", "host.test", server_for("host.test").signed_by(sha1_root).build(),
       sha1_root.certificate_pem()},
  };
  for (const Row& row : rows) check<D>(row);
}

TEST_CASE("hosts, wildcards and addresses") {
  constexpr Errc wrong = Errc::host_name;
  const Row rows[] = {
      name_row("host.test", "host.test", accepted),
      name_row("HOST.Test", "host.test", accepted),
      name_row("host.test", "HOST.TEST", accepted),
      name_row("host.test", "host.test.", accepted),
      name_row("host.test.", "host.test", accepted),
      name_row("host.test", "other.test", wrong),
      name_row("host.test", "a.host.test", wrong),
      name_row("a.host.test", "host.test", wrong),
      name_row("*.host.test", "a.host.test", accepted),
      name_row("*.host.test", "a.host.test.", accepted),
      name_row("*.host.test", "host.test", wrong),
      name_row("*.host.test", "a.b.host.test", wrong),
      name_row("*.test", "host.test", accepted),
      name_row("*", "host", wrong),
      name_row("*.", "host", wrong),
      name_row("*.*.test", "a.host.test", wrong),
      name_row("a*.host.test", "ab.host.test", wrong),
      name_row("*a.host.test", "ba.host.test", wrong),
      name_row("a.*.test", "a.host.test", wrong),
      name_row("xn--*.host.test", "xn--bcher-kva.host.test", wrong),
      name_row("*.0.0.1", "127.0.0.1", wrong),
      name_row("127.0.0.1", "127.0.0.1", accepted),
      name_row("127.0.0.2", "127.0.0.1", wrong),
      name_row("host.test", "127.0.0.1", wrong),
  };
  for (const Row& row : rows) check<OnInline>(row);
}

TEST_CASE("the common name is no host name, and an address is none either") {
  const HeldCertificate issuer = root();
  const Row rows[] = {
      {"a common name alone", "host.test", Builder().common_name("host.test").signed_by(issuer).build(),
       issuer.certificate_pem(), Errc::host_name, "no host at all"},
      {"a common name beside another name", "host.test",
       Builder().common_name("host.test").add_subject_alternative_name("other.test").signed_by(issuer).build(),
       issuer.certificate_pem(), Errc::host_name, "but for other.test"},
      {"several names", "b.test",
       Builder().add_subject_alternative_name("a.test").add_subject_alternative_name("b.test").signed_by(issuer).build(),
       issuer.certificate_pem()},
      {"an address as a DNS name's text", "127.0.0.1",
       Builder().common_name("127.0.0.1").add_subject_alternative_name("a.test").signed_by(issuer).build(),
       issuer.certificate_pem(), Errc::host_name, "but for a.test"},
  };
  for (const Row& row : rows) check<OnInline>(row);
}

TEST_CASE("what an intermediate may sign") {
  const HeldCertificate flat = root(0);
  const HeldCertificate too_deep = Builder().certificate_authority(0).signed_by(flat).build();
  const HeldCertificate narrow = Builder().certificate_authority(0).add_permitted_name("good.test").build();
  const Row rows[] = {
      issuer_row("an authority", Builder().certificate_authority(0), "host.test", accepted),
      issuer_row("no authority", Builder(), "host.test", Errc::certificate, "invalid CA certificate"),
      issuer_row("an expired authority", Builder().certificate_authority(0).valid_between(now - 48h, now - 1h), "host.test",
                 Errc::certificate, "certificate has expired (CN=the middle)"),
      issuer_row("a weak authority", Builder().certificate_authority(0).rsa_1024(), "host.test", Errc::certificate,
                 "CA certificate key too weak"),
      issuer_row("permitted names", Builder().certificate_authority(0).add_permitted_name("good.test"), "a.good.test",
                 accepted),
      issuer_row("other permitted names", Builder().certificate_authority(0).add_permitted_name("good.test"), "bad.test",
                 Errc::certificate, "permitted subtree violation"),
      issuer_row("excluded names", Builder().certificate_authority(0).add_excluded_name("bad.test"), "a.bad.test",
                 Errc::certificate, "excluded subtree violation"),
      issuer_row("other excluded names", Builder().certificate_authority(0).add_excluded_name("bad.test"), "good.test",
                 accepted),
      issuer_row("a permitted network", Builder().certificate_authority(0).add_permitted_name("127.0.0.0/255.0.0.0"),
                 "127.0.0.1", accepted),
      issuer_row("another permitted network", Builder().certificate_authority(0).add_permitted_name("10.0.0.0/255.0.0.0"),
                 "127.0.0.1", Errc::certificate, "permitted subtree violation"),
      {"a path that is too long", "host.test", server_for("host.test").signed_by(too_deep).build(), flat.certificate_pem(),
       Errc::certificate, "path length constraint exceeded"},
      // RFC 5280, 6.2: applications may heed the constraints of an anchor; OpenSSL does.
      {"a root with constraints", "bad.test", server_for("bad.test").signed_by(narrow).build(), narrow.certificate_pem(),
       Errc::certificate, "permitted subtree violation"},
  };
  for (const Row& row : rows) check<OnInline>(row);
}

TEST_CASE("what a stapled OCSP response says") {
  using okhttp::OcspStapling;
  const Row rows[] = {
      ocsp_row("revoked, not asked", RevocationStatus::revoked, OcspStapling::off, accepted),
      ocsp_row("revoked", RevocationStatus::revoked, OcspStapling::check, Errc::certificate, "has been revoked"),
      ocsp_row("revoked", RevocationStatus::revoked, OcspStapling::require, Errc::certificate, "has been revoked"),
      ocsp_row("good", RevocationStatus::good, OcspStapling::check, accepted),
      ocsp_row("good", RevocationStatus::good, OcspStapling::require, accepted),
      ocsp_row("outdated", RevocationStatus::good, OcspStapling::check, accepted, "", 48h),
      ocsp_row("outdated", RevocationStatus::good, OcspStapling::require, Errc::certificate, "outdated", 48h),
      ocsp_row("unknown", RevocationStatus::unknown, OcspStapling::require, Errc::certificate, "says nothing"),
      ocsp_row("none", std::nullopt, OcspStapling::check, accepted),
      ocsp_row("none", std::nullopt, OcspStapling::require, Errc::certificate, "it sent no OCSP response"),
  };
  for (const Row& row : rows) check<OnThreads>(row);
}

}  // TEST_SUITE

}  // namespace certificate_table_test
