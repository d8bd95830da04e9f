// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_requirements.hpp>

#include "../../support/temporary_folder.hpp"
#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace tls_requirements_test {

using namespace okhttp_tests;
using namespace std::chrono_literals;
using okhttp::AlternativeNames;
using okhttp::CertificatePinner;
using okhttp::ConnectionSpec;
using okhttp::Endpoint;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HeldCertificate;
using okhttp::HostNameVerifier;
using okhttp::KeyLog;
using okhttp::OcspStapling;
using okhttp::RevocationStatus;
using okhttp::TlsContext;
using okhttp::TlsEngine;
using okhttp::TlsRequirements;
using okhttp::TlsServerContext;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;

namespace {

constexpr std::string_view pin_of_nobody = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TlsServerOptions only(TlsVersion version) {
  TlsServerOptions options;
  options.min_version = version;
  options.max_version = version;
  return options;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TlsRequirements pinned(std::string_view pattern, std::string_view pin) {
  TlsRequirements requirements;
  requirements.pinner = CertificatePinner::Builder().add(pattern, pin).build();
  return requirements;
}

TlsRequirements verified_by(HostNameVerifier::Function function) {
  TlsRequirements requirements;
  requirements.verifier = HostNameVerifier(std::move(function));
  return requirements;
}

/// What became of a connection; takes the tickets that come with it.
struct Outcome {
  Errc code{};
  std::string message;
  okhttp::Handshake handshake;
  bool resumed = false;
  bool server_done = false;
  std::string server_message;
};
Outcome connect(const TlsContext& context, const TlsServerContext& server, const TlsRequirements* requirements = nullptr,
                std::string_view host = "localhost", std::size_t attempt = 0) {
  TlsLink link = make_link(context, server, host, {}, requirements, attempt);
  Outcome outcome;
  if (link.shake()) {
    CHECK(read_all(link.client).empty());
    outcome.handshake = link.client.info();
    outcome.resumed = outcome.handshake.resumed;
    CHECK(link.server.info().resumed == outcome.resumed);
  } else {
    // A server that refuses says so by an alert.
    const auto told = link.client.handshake();
    REQUIRE_FALSE(told);
    outcome.code = told.error().code();
    outcome.message = told.error().message();
    link.to_server();
    const auto step = link.server.handshake();
    if (!step) outcome.server_message = step.error().message();
  }
  outcome.server_done = link.server.is_established();
  return outcome;
}

}  // namespace

TEST_SUITE("transport/tls_requirements") {
  TEST_CASE("pins are checked in the handshake, and the server is told by an alert") {
    const HeldCertificate held = HeldCertificate::localhost();
    const std::string pin = CertificatePinner::pin(held.certificate_pem());
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      const TlsContext context = trusting(held);
      const TlsServerContext server = serving(held, only(version));
      const TlsRequirements good = pinned("localhost", pin);
      const TlsRequirements bad = pinned("localhost", pin_of_nobody);
      const TlsRequirements elsewhere = pinned("*.example.com", pin_of_nobody);
      const Outcome refused = connect(context, server, &bad);
      CHECK(refused.code == Errc::pin);
      CHECK(contains(refused.message, "certificate pinning failure for localhost"));
      CHECK(contains(refused.message, pin + ": CN=localhost"));
      CHECK(contains(refused.message, std::string(pin_of_nobody)));
      CHECK(contains(refused.server_message, "bad certificate"));
      CHECK_FALSE(refused.server_done);
      CHECK(connect(context, server, &good).code == Errc{});
      CHECK(connect(context, server, &elsewhere).code == Errc{});
    }
  }

  TEST_CASE("any certificate of the verified chain can be the pinned one, others cannot") {
    const HeldCertificate root = HeldCertificate::Builder().common_name("root").certificate_authority(1).build();
    const HeldCertificate middle =
        HeldCertificate::Builder().common_name("middle").certificate_authority(0).signed_by(root).build();
    const HeldCertificate leaf =
        HeldCertificate::Builder().common_name("leaf").add_subject_alternative_name("localhost").signed_by(middle).build();
    const HeldCertificate stranger = HeldCertificate::Builder().common_name("stranger").certificate_authority(0).build();
    // The stranger is shown along, as an attacker would who knows the pins.
    const TlsServerContext server =
        TlsServerContext::create(leaf.certificate_chain_pem() + stranger.certificate_pem(), leaf.private_key_pkcs8_pem())
            .value();
    const TlsContext context = trusting(root);
    for (const HeldCertificate* one : {&leaf, &middle, &root}) {
      const TlsRequirements good = pinned("localhost", CertificatePinner::pin(one->certificate_pem()));
      const Outcome outcome = connect(context, server, &good);
      CHECK(outcome.code == Errc{});
      const okhttp::PeerCertificates::List& chain = outcome.handshake.peer_certificates.list();
      REQUIRE(chain.size() == 3);
      CHECK(chain[0].subject == "CN=leaf");
      CHECK(chain[2].pem == root.certificate_pem());
    }
    const TlsRequirements bad = pinned("localhost", CertificatePinner::pin(stranger.certificate_pem()));
    CHECK(connect(context, server, &bad).code == Errc::pin);
  }

  TEST_CASE("where nothing is verified a pin holds for the server's own key alone") {
    const HeldCertificate authority = HeldCertificate::Builder().certificate_authority(0).build();
    const HeldCertificate leaf =
        HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(authority).build();
    const TlsServerContext server =
        TlsServerContext::create(leaf.certificate_pem() + authority.certificate_pem(), leaf.private_key_pkcs8_pem())
            .value();
    const TlsRequirements own = pinned("**.localhost", CertificatePinner::pin(leaf.certificate_pem()));
    const TlsRequirements shown = pinned("**.localhost", CertificatePinner::pin(authority.certificate_pem()));
    for (const TlsContext& context :
         {TlsContext(okhttp::HandshakeCertificates::Builder().insecure().build()),
          TlsContext(okhttp::HandshakeCertificates::Builder().add_insecure_host("localhost").build())}) {
      const Outcome outcome = connect(context, server, &own);
      CHECK(outcome.code == Errc{});
      CHECK(outcome.handshake.peer_certificates.list().size() == 2);
      CHECK(connect(context, server, &shown).code == Errc::pin);
      // Nor does a session get around it.
      CHECK(connect(context, server).code == Errc{});
      CHECK(connect(context, server, &shown).code == Errc::pin);
    }
  }

  TEST_CASE("a session is not continued past a pin, a verifier or a spec that it was not made under") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      CAPTURE(static_cast<int>(version));
      const TlsServerContext server = serving(held, only(version));
      const TlsContext context = trusting(held);
      const TlsRequirements bad_pin = pinned("localhost", pin_of_nobody);
      const TlsRequirements good_pin = pinned("localhost", CertificatePinner::pin(held.certificate_pem()));
      const TlsRequirements no = verified_by([](std::string_view, const AlternativeNames&) { return false; });
      const TlsRequirements yes = verified_by([](std::string_view, const AlternativeNames&) { return true; });
      REQUIRE(connect(context, server).code == Errc{});
      REQUIRE(context.session_count() > 0);
      CHECK(connect(context, server, &bad_pin).code == Errc::pin);
      REQUIRE(connect(context, server).code == Errc{});
      CHECK(connect(context, server, &no).code == Errc::host_name);
      // What passes the checks may go on with it.
      REQUIRE(connect(context, server).code == Errc{});
      CHECK(connect(context, server, &good_pin).resumed);
      CHECK(connect(context, server, &yes).resumed);
      CHECK(connect(context, server).resumed);
      // A spec of its own has sessions of its own.
      TlsRequirements restricted;
      restricted.specs = {ConnectionSpec::restricted_tls()};
      CHECK_FALSE(connect(context, server, &restricted).resumed);
      CHECK(connect(context, server, &restricted).resumed);
      // The same spec in another list is the same.
      TlsRequirements same;
      same.specs = {ConnectionSpec::cleartext(), ConnectionSpec::modern_tls()};
      CHECK(connect(context, server, &same).resumed);
    }
  }

  TEST_CASE("a session made under a lax verifier does not count for the standard one") {
    const HeldCertificate held = HeldCertificate::Builder().add_subject_alternative_name("other.test").build();
    const TlsServerContext server = serving(held);
    const TlsContext context = trusting(held);
    std::string asked_host;
    AlternativeNames asked_names;
    const TlsRequirements yes = verified_by([&](std::string_view host, const AlternativeNames& names) {
      asked_host = host;
      asked_names = names;
      return true;
    });
    CHECK_FALSE(connect(context, server, &yes).resumed);
    CHECK(asked_host == "localhost");
    CHECK(asked_names.dns_names == std::vector<std::string>{"other.test"});
    CHECK(connect(context, server, &yes).resumed);
    const Outcome refused = connect(context, server);
    CHECK(refused.code == Errc::host_name);
    CHECK(contains(refused.message, "the certificate is not for localhost but for other.test"));
    CHECK(contains(refused.server_message, "bad certificate"));
  }

#if OKHTTP_EXCEPTIONS
  TEST_CASE("a verifier that throws fails the handshake with its exception") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    const TlsRequirements broken =
        verified_by([](std::string_view, const AlternativeNames&) -> bool { throw std::runtime_error("mine"); });
    TlsLink link = make_link(context, serving(held), "localhost", {}, &broken);
    CHECK_FALSE(link.shake());
    REQUIRE(link.client_error);
    CHECK(link.client_error->code() == Errc::user_exception);
    CHECK_THROWS_WITH_AS(std::rethrow_exception(link.client_error->exception()), "mine", std::runtime_error);
  }
#endif

  TEST_CASE("the specs decide the version, and an attempt takes the next one with TLS_FALLBACK_SCSV") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    TlsRequirements both = demanding_versions({TlsVersion::tls_1_3});
    both.specs.push_back(demanding_versions({TlsVersion::tls_1_2}).specs.front());
    both.specs.push_back(ConnectionSpec::cleartext());

    CHECK(connect(context, serving(held), &both).handshake.tls_version == "TLSv1.3");
    const TlsServerContext old = serving(held, only(TlsVersion::tls_1_2));
    const Outcome first = connect(context, old, &both);
    CHECK(first.code == Errc::tls);
    Endpoint endpoint;
    endpoint.secure = true;
    endpoint.tls = &both;
    CHECK(may_fall_back(endpoint, Error(first.code, "")));
    const Outcome second = connect(context, old, &both, "localhost", 1);
    CHECK(second.code == Errc{});
    CHECK(second.handshake.tls_version == "TLSv1.2");
    // A server that could do better takes the second attempt for an attack (RFC 7507).
    const Outcome exposed = connect(context, serving(held), &both, "localhost", 1);
    CHECK(exposed.code == Errc::tls);
    TlsLink link = make_link(context, serving(held), "localhost", {}, &both, 1);
    CHECK_FALSE(link.shake());
    const auto told = link.client.handshake();
    REQUIRE_FALSE(told);
    CHECK(contains(told.error().message(), "inappropriate fallback"));
    // There is no third.
    const std::span<const std::string_view> no_alpn;
    const auto third = TlsEngine::client(context, "localhost", 443, no_alpn, &both, 2);
    REQUIRE_FALSE(third);
    CHECK(third.error().code() == Errc::tls);
  }

  TEST_CASE("falling back is for failures that another spec may cure, while there is one") {
    TlsRequirements two;
    two.specs = {ConnectionSpec::restricted_tls(), ConnectionSpec::cleartext(), ConnectionSpec::modern_tls()};
    Endpoint endpoint;
    endpoint.secure = true;
    const Error curable(Errc::tls, "x");
    CHECK_FALSE(may_fall_back(endpoint, curable));  // The default has one.
    endpoint.tls = &two;
    CHECK(may_fall_back(endpoint, curable));
    endpoint.spec_attempt = 1;
    CHECK_FALSE(may_fall_back(endpoint, curable));
    endpoint.spec_attempt = 7;
    CHECK_FALSE(may_fall_back(endpoint, curable));
    endpoint.spec_attempt = 0;
    for (const Errc code : {Errc::certificate, Errc::host_name, Errc::pin, Errc::connect_timeout, Errc::canceled, Errc::io,
                            Errc::user_exception})
      CHECK_FALSE(may_fall_back(endpoint, Error(code, "x")));
    endpoint.secure = false;
    CHECK_FALSE(may_fall_back(endpoint, curable));
  }

  TEST_CASE("compatible_tls speaks TLS 1.0 and 1.1, modern_tls does not") {
    const HeldCertificate held =
        HeldCertificate::Builder().rsa_2048().add_subject_alternative_name("localhost").build();
    TlsRequirements compatible;
    compatible.specs = {ConnectionSpec::compatible_tls()};
    for (const TlsVersion version : {TlsVersion::tls_1_0, TlsVersion::tls_1_1}) {
      TlsServerOptions options = only(version);
      options.allow_weak = true;
      const TlsContext context = trusting(held);
      CHECK(connect(context, serving(held, options)).code != Errc{});
      const Outcome outcome = connect(context, serving(held, options), &compatible);
      CHECK_MESSAGE(outcome.code == Errc{}, outcome.message);
      CHECK(outcome.handshake.version() == version);
      CHECK(connect(context, serving(held), &compatible).handshake.tls_version == "TLSv1.3");
    }
  }

  TEST_CASE("peer certificates outlast the connection and its resumption") {
    const HeldCertificate root = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
    const HeldCertificate leaf =
        HeldCertificate::Builder().common_name("leaf").add_subject_alternative_name("localhost").signed_by(root).build();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      const TlsContext context = trusting(root);
      const TlsServerContext server = serving(leaf, only(version));
      for (int turn = 0; turn < 3; ++turn) {
        const Outcome outcome = connect(context, server);
        CHECK(outcome.resumed == (turn > 0));
        const okhttp::PeerCertificates::List& chain = outcome.handshake.peer_certificates.list();
        REQUIRE(chain.size() == 2);
        CHECK(chain[0].pem == leaf.certificate_pem());
        CHECK(chain[1].subject == "CN=root");
        CHECK(outcome.handshake.peer_subject() == "CN=leaf");
      }
    }
  }

  TEST_CASE("a stapled OCSP response is looked at if that is asked for") {
    const auto now = std::chrono::system_clock::now();
    const HeldCertificate root = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
    const HeldCertificate stranger = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
    const auto leaf_of = [](const HeldCertificate& issuer) {
      return HeldCertificate::Builder()
          .common_name("leaf")
          .serial_number(77)
          .add_subject_alternative_name("localhost")
          .signed_by(issuer)
          .build();
    };
    const HeldCertificate leaf = leaf_of(root);
    const HeldCertificate sibling =
        HeldCertificate::Builder().serial_number(78).common_name("sibling").signed_by(root).build();
    struct Case {
      std::string what;
      std::string response;
      bool check_accepts;
      bool require_accepts;
      std::string reason;
    };
    const Case cases[] = {
        {"good", leaf.ocsp_response(RevocationStatus::good), true, true, ""},
        {"revoked", leaf.ocsp_response(RevocationStatus::revoked), false, false, "has been revoked (CN=leaf)"},
        {"revoked long ago", leaf.ocsp_response(RevocationStatus::revoked, now - 48h, now - 24h), false, false,
         "has been revoked"},
        {"unknown", leaf.ocsp_response(RevocationStatus::unknown), true, false, "did not prove"},
        {"outdated", leaf.ocsp_response(RevocationStatus::good, now - 48h, now - 24h), true, false, "did not prove"},
        {"from the future", leaf.ocsp_response(RevocationStatus::good, now + 24h, now + 48h), true, false,
         "did not prove"},
        {"of another certificate", sibling.ocsp_response(RevocationStatus::good), true, false, "did not prove"},
        {"of another issuer", leaf_of(stranger).ocsp_response(RevocationStatus::good), false, false,
         "has not signed"},
        {"signed by the server itself", HeldCertificate::localhost().ocsp_response(RevocationStatus::good), false,
         false, "has not signed"},
        {"damaged", "no response", false, false, "damaged"},
        {"none", "", true, false, "it sent no OCSP response"},
    };
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      for (const Case& one : cases) {
        CAPTURE(one.what);
        TlsServerOptions options = only(version);
        options.ocsp_response = one.response;
        const TlsServerContext server = serving(leaf, options);
        CHECK(connect(trusting(root), server).code == Errc{});
        for (const bool strict : {false, true}) {
          TlsRequirements wanted;
          wanted.ocsp_stapling = strict ? OcspStapling::require : OcspStapling::check;
          const Outcome outcome = connect(trusting(root), server, &wanted);
          const bool accepts = strict ? one.require_accepts : one.check_accepts;
          CHECK_MESSAGE(outcome.code == (accepts ? Errc{} : Errc::certificate), outcome.message);
          if (!accepts) CHECK_MESSAGE(contains(outcome.message, one.reason), outcome.message);
          CHECK(outcome.server_done == accepts);
        }
      }
      // A session that was made without the question is not continued under it, one with it is.
      TlsServerOptions options = only(version);
      options.ocsp_response = leaf.ocsp_response(RevocationStatus::good);
      const TlsServerContext server = serving(leaf, options);
      const TlsContext context = trusting(root);
      TlsRequirements wanted;
      for (const OcspStapling mode : {OcspStapling::check, OcspStapling::require}) {
        wanted.ocsp_stapling = mode;
        context.forget_sessions();
        CHECK_FALSE(connect(context, server).resumed);
        CHECK_FALSE(connect(context, server, &wanted).resumed);
        CHECK(connect(context, server, &wanted).resumed);
      }
    }
  }

  TEST_CASE("secrets are logged for who asks, and for nobody else") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      const TlsContext context = trusting(held);
      const TlsServerContext server = serving(held, only(version));
      std::set<std::string> labels;
      TlsRequirements logging;
      logging.key_log = KeyLog([&](std::string_view line) { labels.emplace(line.substr(0, line.find(' '))); });
      CHECK(connect(context, server).code == Errc{});
      CHECK(labels.empty());
      // Going on with that session would tell the secret of the other connection, which TLS 1.2 uses again.
      CHECK_FALSE(connect(context, server, &logging).resumed);
      if (version == TlsVersion::tls_1_2)
        CHECK(labels == std::set<std::string>{"CLIENT_RANDOM"});
      else
        CHECK(labels.count("CLIENT_TRAFFIC_SECRET_0") == 1);
      CHECK(connect(context, server, &logging).resumed);
      labels.clear();
      CHECK(connect(context, server).resumed);
      CHECK(labels.empty());
    }
  }

  TEST_CASE("a key log is a file, or what SSLKEYLOGFILE names for who asks") {
    const TemporaryFolder folder;
    const std::string path = folder / "keys.txt";
    const auto text = [&] {
      std::ifstream file(path);
      return std::string(std::istreambuf_iterator<char>(file), {});
    };
    KeyLog::to_file(path).write("one");
    KeyLog::to_file(path).write("two");
    CHECK(text() == "one\ntwo\n");
    const okhttp::Result<KeyLog> nowhere = KeyLog::try_to_file(folder / "missing/keys.txt");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code() == Errc::file);
    CHECK(contains(nowhere.error().message(), "missing/keys.txt"));

    unsetenv("SSLKEYLOGFILE");
    CHECK_FALSE(KeyLog::from_environment().is_enabled());
    setenv("SSLKEYLOGFILE", path.c_str(), 1);
    KeyLog::from_environment().write("three");
    CHECK_FALSE(TlsRequirements().key_log.is_enabled());
    unsetenv("SSLKEYLOGFILE");
    CHECK(text() == "one\ntwo\nthree\n");
    const KeyLog log = KeyLog::to_file(path);
    CHECK(log == KeyLog(log));
    CHECK(log != KeyLog());
  }
}

}  // namespace tls_requirements_test

#endif
