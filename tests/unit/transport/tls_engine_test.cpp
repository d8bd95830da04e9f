// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_engine.hpp>

#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <random>

namespace tls_engine_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HeldCertificate;
using okhttp::Result;
using okhttp::TlsContext;
using okhttp::TlsEngine;
using okhttp::TlsServerContext;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;
using Kind = TlsEngine::ReadResult::Kind;
using Step = TlsEngine::Step;

namespace {

TlsServerOptions only(TlsVersion version) {
  TlsServerOptions options;
  options.min_version = version;
  options.max_version = version;
  return options;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  return text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The error of a client that meets this server under this name.
Error client_failure(const TlsContext& context,
                     const TlsServerContext& server,
                     std::string_view host) {
  TlsLink link = make_link(context, server, host);
  link.shake();
  REQUIRE(link.client_error.has_value());
  // The server learns it from the alert, which is in the output after the error.
  CHECK(link.server.handshake().has_value() == link.server.is_established());
  CHECK(ERR_peek_error() == 0);
  return *link.client_error;
}

}  // namespace

TEST_SUITE("transport/tls_engine") {
  TEST_CASE("shakes hands and moves data both ways in both versions") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      TlsServerOptions options = only(version);
      options.alpn = {"h2", "http/1.1"};
      TlsLink link =
          make_link(trusting(held), serving(held, options), "localhost", {"http/1.1", "h2"});
      REQUIRE(link.shake());
      const okhttp::Handshake info = link.client.info();
      CHECK(info.tls_version == (version == TlsVersion::tls_1_2 ? "TLSv1.2" : "TLSv1.3"));
      CHECK(info.cipher_suite == (version == TlsVersion::tls_1_2
                                      ? "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
                                      : "TLS_AES_128_GCM_SHA256"));
      CHECK(info.alpn == "h2");
      CHECK(info.server_name == "localhost");
      CHECK_FALSE(info.resumed);
      CHECK(link.server.info().server_name == "localhost");
      CHECK(link.server.info().alpn == "h2");
      REQUIRE(info.peer_certificates.list().size() == 1);
      CHECK(info.peer_certificates.list()[0].pem == held.certificate_pem());
      CHECK(info.peer_subject() == "CN=localhost");
      CHECK(link.server.info().peer_certificates.list().empty());

      CHECK(link.client.write(bytes_of("ping")).value() == 4);
      link.to_server();
      CHECK(read_all(link.server) == "ping");
      CHECK(link.server.write(bytes_of("pong")).value() == 4);
      link.to_client();
      CHECK(read_all(link.client) == "pong");
      CHECK(ERR_peek_error() == 0);
    }
  }

  TEST_CASE("gives the same plaintext however the ciphertext is split") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    const TlsServerContext server_context = serving(held);
    TlsEngine client = TlsEngine::client(context, "localhost", 443, {}).value();
    TlsEngine server = TlsEngine::server(server_context).value();
    const auto crawl = [](TlsEngine& from, TlsEngine& to) {
      for (const char c : drain(from)) {
        feed(to, bytes_of(std::string_view(&c, 1)));
        if (!to.is_established()) (void)to.handshake().value();
      }
    };
    CHECK(client.handshake().value() == Step::want_input);
    for (int i = 0; i < 4; ++i) {
      crawl(client, server);
      crawl(server, client);
    }
    REQUIRE(client.is_established());
    REQUIRE(server.is_established());

    const std::string sent = pattern(40000);
    CHECK(server.write(bytes_of(sent)).value() == sent.size());
    std::string received;
    for (const char c : drain(server)) {
      feed(client, bytes_of(std::string_view(&c, 1)));
      received += read_all(client);
    }
    CHECK(received == sent);
  }

  TEST_CASE("one write of 256 KiB gives one span of output") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    const std::string sent = pattern(TlsEngine::max_write + 1000);
    CHECK(link.client.write(bytes_of(sent)).value() == TlsEngine::max_write);
    CHECK(link.client.output().size() == link.client.unsent());
    CHECK(link.client.output().size() > TlsEngine::max_write);
    CHECK(link.client.output().size() < TlsEngine::max_write + 16 * 64);
    // Nothing more until some of it is gone.
    CHECK(link.client.write(bytes_of(sent)).value() == 0);
    link.to_server();
    CHECK(read_all(link.server) == sent.substr(0, TlsEngine::max_write));
    CHECK(link.client.write(bytes_of(sent).subspan(TlsEngine::max_write)).value() == 1000);
  }

  TEST_CASE("a head and a small body become one record, larger ones full records") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    struct Case {
      std::vector<std::size_t> parts;
      std::size_t records;
    };
    const Case cases[] = {
        {{}, 0},           {{0, 0}, 0},         {{300}, 1},           {{300, 500}, 1},
        {{0, 300, 0}, 1},  {{300, 16084}, 1},   {{300, 16085}, 2},    {{16384}, 1},
        {{16385}, 2},      {{20000, 300}, 2},   {{300, 40000, 5}, 3}, {{16384, 16384, 1}, 3},
        {{1, 1, 1, 1}, 1}, {{300, 300000}, 16},
    };
    const std::string text = pattern(400000);
    for (const Case& one : cases) {
      std::vector<std::span<const std::byte>> parts;
      std::string expected;
      std::size_t at = 0;
      for (const std::size_t size : one.parts) {
        parts.push_back(bytes_of(text).subspan(at, size));
        expected += text.substr(at, size);
        at += size;
      }
      expected.resize(std::min(expected.size(), TlsEngine::max_write));
      CAPTURE(at);
      CHECK(link.client.write(parts).value() == expected.size());
      const std::string wire = drain(link.client);
      std::size_t records = 0;
      for (std::size_t i = 0; i + 5 <= wire.size(); ++records)
        i += 5 + (static_cast<std::size_t>(static_cast<unsigned char>(wire[i + 3])) << 8 |
                  static_cast<unsigned char>(wire[i + 4]));
      CHECK(records == one.records);
      feed(link.server, bytes_of(wire));
      CHECK(read_all(link.server) == expected);
    }
  }

  TEST_CASE("moves 20 MB through small and large steps") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    const std::string sent = pattern(20'000'000);
    std::string received;
    std::size_t at = 0;
    std::vector<std::byte> into(100'000);
    std::minstd_rand random(7);
    while (received.size() < sent.size()) {
      at += link.server.write(bytes_of(sent).subspan(at)).value();
      const std::span<const std::byte> out = link.server.output();
      const std::span<std::byte> space = link.client.input_space();
      const std::size_t n =
          std::min({out.size(), space.size(), std::size_t{random() % 200'000 + 1}});
      std::memcpy(space.data(), out.data(), n);
      link.client.input_filled(n);
      link.server.output_sent(n);
      for (;;) {
        const TlsEngine::ReadResult result =
            link.client.read(std::span(into).first(random() % into.size() + 1)).value();
        if (result.kind != Kind::data) break;
        received.append(reinterpret_cast<const char*>(into.data()), result.size);
      }
    }
    CHECK(received == sent);
  }

  TEST_CASE("output stays where it is while more is written") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    REQUIRE(link.client.write(bytes_of("first ")).value() == 6);
    const std::span<const std::byte> before = link.client.output();
    const std::string copy(reinterpret_cast<const char*>(before.data()), before.size());
    const std::string large = pattern(100'000);
    REQUIRE(link.client.write(bytes_of(large)).value() == large.size());
    CHECK(link.client.output().data() == before.data());
    CHECK(link.client.output().size() == before.size());
    CHECK(std::string(reinterpret_cast<const char*>(before.data()), before.size()) == copy);
    link.to_server();
    CHECK(read_all(link.server) == "first " + large);
  }

  TEST_CASE("a ticket ahead of the data is no data") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    TlsLink link = make_link(context, serving(held), "localhost");
    REQUIRE(link.shake());
    CHECK(link.client.is_readable());
    std::byte block[100];
    CHECK(link.client.read(block).value().kind == Kind::want_input);
    CHECK_FALSE(link.client.is_readable());
    CHECK_FALSE(link.client.has_input());
    CHECK(context.session_count() == 2);
  }

  TEST_CASE("sessions are resumed, TLS 1.3 ones once each") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      CAPTURE(static_cast<int>(version));
      const TlsContext context = trusting(held);
      const TlsServerContext server = serving(held, only(version));
      const auto connect = [&](std::string_view host, const okhttp::TlsRequirements* requirements = nullptr) {
        TlsLink link = make_link(context, server, host, {}, requirements);
        REQUIRE(link.shake());
        CHECK(read_all(link.client).empty());
        CHECK(link.client.info().resumed == link.server.info().resumed);
        CHECK(link.client.info().peer_certificates.list().at(0).pem == held.certificate_pem());
        return link.client.info().resumed;
      };
      CHECK_FALSE(connect("localhost"));
      CHECK(connect("localhost"));
      CHECK(connect("LOCALHOST"));
      // Another name starts anew.
      CHECK_FALSE(connect("127.0.0.1"));
      context.forget_sessions();
      CHECK(context.session_count() == 0);
      CHECK_FALSE(connect("localhost"));
      if (version == TlsVersion::tls_1_3) {
        CHECK(context.session_count() == 2);
        TlsLink a = make_link(context, server, "localhost");
        TlsLink b = make_link(context, server, "localhost");
        TlsLink c = make_link(context, server, "localhost");
        CHECK(context.session_count() == 0);
        REQUIRE(a.shake());
        REQUIRE(b.shake());
        REQUIRE(c.shake());
        CHECK(a.client.info().resumed);
        CHECK(b.client.info().resumed);
        CHECK_FALSE(c.client.info().resumed);
      }
      // Another context trusts for itself.
      TlsLink other = make_link(trusting(held), server, "localhost");
      REQUIRE(other.shake());
      CHECK_FALSE(other.client.info().resumed);
    }
  }

  TEST_CASE("a server with another key for tickets gets a full handshake") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    for (int i = 0; i < 3; ++i) {
      TlsLink link = make_link(context, serving(held), "localhost");
      REQUIRE(link.shake());
      CHECK(read_all(link.client).empty());
      CHECK_FALSE(link.client.info().resumed);
    }
  }

  TEST_CASE("a certificate for another host is refused and both names are told") {
    const HeldCertificate held = HeldCertificate::Builder()
                                     .common_name("other.test")
                                     .add_subject_alternative_name("a.test")
                                     .add_subject_alternative_name("10.0.0.1")
                                     .add_subject_alternative_name("::1")
                                     .build();
    const TlsContext context = trusting(held);
    for (const std::string_view host :
         {"b.test", "other.test", "10.0.0.2", "[::2]", "x.a.test", "10.0.0.1.test", "10.0.1"}) {
      CAPTURE(host);
      const Error error = client_failure(context, serving(held), host);
      CHECK(error.code() == Errc::host_name);
      CHECK(contains(error.message(),
                     "but for a.test, 10.0.0.1, ::1"));
    }
    CHECK(
        contains(client_failure(context, serving(held), "b.test").message(), "not for b.test but"));
    for (const std::string_view host :
         {"a.test", "A.TEST", "a.test.", "10.0.0.1", "::1", "[::1]"}) {
      CAPTURE(host);
      TlsLink link = make_link(context, serving(held), host);
      CHECK(link.shake());
      CHECK(link.server.info().server_name ==
            (contains(std::string(host), "est") || host == "A.TEST" ? "a.test" : ""));
    }
    // The check can be left out, the trust stays.
    okhttp::TlsRequirements lax;
    lax.verifier = okhttp::HostNameVerifier([](std::string_view, const okhttp::AlternativeNames&) { return true; });
    TlsLink unchecked = make_link(context, serving(held), "b.test", {}, &lax);
    CHECK(unchecked.shake());
    CHECK(unchecked.server.info().server_name == "b.test");
  }

  TEST_CASE("a certificate without alternative names is for no host") {
    const HeldCertificate held = HeldCertificate::Builder().common_name("a.test").build();
    const Error error = client_failure(trusting(held), serving(held), "a.test");
    CHECK(error.code() == Errc::host_name);
    CHECK(contains(error.message(), "no subject alternative name"));
  }

  TEST_CASE("a wildcard is one whole label at the left") {
    const auto accepts = [](const std::string& pattern, std::string_view host) {
      const HeldCertificate held =
          HeldCertificate::Builder().add_subject_alternative_name(pattern).build();
      TlsLink link = make_link(trusting(held), serving(held), host);
      return link.shake();
    };
    CHECK(accepts("*.example.com", "www.example.com"));
    CHECK_FALSE(accepts("*.example.com", "example.com"));
    CHECK_FALSE(accepts("*.example.com", "a.www.example.com"));
    CHECK_FALSE(accepts("w*.example.com", "www.example.com"));
    CHECK_FALSE(accepts("*w.example.com", "www.example.com"));
    CHECK_FALSE(accepts("www.*.com", "www.example.com"));
    CHECK(accepts("*.com", "example.com"));  // How broad it may be is for the issuer to know.
    CHECK_FALSE(accepts("*.", "localhost"));
    CHECK_FALSE(accepts("*", "localhost"));
    CHECK_FALSE(accepts("*.0.0.1", "127.0.0.1"));
  }

  TEST_CASE("certificates that nobody vouches for are refused, each with its reason") {
    using namespace std::chrono_literals;
    const auto now = std::chrono::system_clock::now();
    const HeldCertificate root =
        HeldCertificate::Builder().common_name("root").certificate_authority(1).build();
    const HeldCertificate middle = HeldCertificate::Builder()
                                       .common_name("middle")
                                       .certificate_authority(0)
                                       .signed_by(root)
                                       .build();
    const auto leaf = [] {
      return HeldCertificate::Builder().common_name("leaf").add_subject_alternative_name(
          "localhost");
    };
    const TlsContext context = trusting(root);

    const auto check = [&](const HeldCertificate& held, std::string_view reason) {
      CAPTURE(reason);
      const Error error = client_failure(context, serving(held), "localhost");
      CHECK(error.code() == Errc::certificate);
      INFO(error.message());
      CHECK(contains(error.message(), reason));
    };
    check(HeldCertificate::localhost(), "self-signed certificate (CN=localhost)");
    check(leaf().signed_by(middle).valid_between(now - 48h, now - 24h).build(),
          "certificate has expired (CN=leaf)");
    check(leaf().signed_by(middle).valid_between(now + 24h, now + 48h).build(),
          "certificate is not yet valid");
    const HeldCertificate stranger =
        HeldCertificate::Builder().common_name("x").certificate_authority(0).build();
    check(leaf().signed_by(stranger).build(), "unable to get local issuer certificate");
    const HeldCertificate too_deep = HeldCertificate::Builder()
                                         .common_name("deep")
                                         .certificate_authority(0)
                                         .signed_by(middle)
                                         .build();
    check(leaf().signed_by(too_deep).build(), "path length constraint exceeded");
    check(leaf().signed_by(leaf().signed_by(root).build()).build(), "invalid CA certificate");

    // Missing intermediate.
    const HeldCertificate good = leaf().signed_by(middle).build();
    const TlsServerContext forgetful =
        TlsServerContext::create(good.certificate_pem(), good.private_key_pkcs8_pem()).value();
    const Error error = client_failure(context, forgetful, "localhost");
    CHECK(error.code() == Errc::certificate);
    CHECK(contains(error.message(), "unable to get local issuer certificate"));

    TlsLink link = make_link(context, serving(good), "localhost");
    REQUIRE(link.shake());
    const okhttp::PeerCertificates::List chain = link.client.info().peer_certificates.list();
    REQUIRE(chain.size() == 3);
    CHECK(chain[0].pem == good.certificate_pem());
    CHECK(chain[1].pem == middle.certificate_pem());
    CHECK(chain[2].pem == root.certificate_pem());
    // An intermediate can be the anchor.
    TlsLink partial = make_link(trusting(middle), serving(good), "localhost");
    CHECK(partial.shake());
  }

  TEST_CASE("RSA certificates work") {
    const HeldCertificate held =
        HeldCertificate::Builder().rsa_2048().add_subject_alternative_name("localhost").build();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      TlsLink link = make_link(trusting(held), serving(held, only(version)), "localhost");
      CHECK(link.shake());
    }
  }

  TEST_CASE("close_notify is an end, a cut is an error") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const bool proper : {true, false}) {
      TlsLink link = make_link(trusting(held), serving(held), "localhost");
      REQUIRE(link.shake());
      CHECK(link.server.write(bytes_of("last words")).value() == 10);
      if (proper) {
        link.server.close_notify();
        link.server.close_notify();
        CHECK(link.server.write(bytes_of("x")).error().code() == Errc::misuse);
      }
      link.to_client();
      link.client.input_ended();
      std::byte block[100];
      CHECK(link.client.read(block).value().size == 10);
      for (int i = 0; i < 2; ++i) {
        const Result<TlsEngine::ReadResult> result = link.client.read(block);
        if (proper) {
          CHECK(result.value().kind == Kind::end);
        } else {
          REQUIRE_FALSE(result);
          CHECK(result.error().code() == Errc::unexpected_end);
        }
      }
      if (proper) CHECK(link.client.write(bytes_of("still allowed")).value() == 13);
    }
  }

  TEST_CASE("a record cut in half is an unexpected end") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    (void)read_all(link.client);
    CHECK(link.server.write(bytes_of(pattern(1000))).value() == 1000);
    const std::string wire = drain(link.server);
    feed(link.client, bytes_of(wire).first(500));
    std::byte block[2000];
    CHECK(link.client.read(block).value().kind == Kind::want_input);
    CHECK(link.client.has_input());
    link.client.input_ended();
    CHECK(link.client.read(block).error().code() == Errc::unexpected_end);
  }

  TEST_CASE("a peer that speaks no TLS is named as such") {
    const HeldCertificate held = HeldCertificate::localhost();
    const auto answer = [&](std::string_view text) {
      TlsEngine client = TlsEngine::client(trusting(held), "localhost", 80, {}).value();
      CHECK(client.handshake().value() == Step::want_input);
      (void)drain(client);
      feed(client, bytes_of(text));
      const Result<Step> result = client.handshake();
      REQUIRE_FALSE(result);
      CHECK(result.error().code() == Errc::tls);
      CHECK(client.handshake().error().message() == result.error().message());
      CHECK(ERR_peek_error() == 0);
      return result.error().message();
    };
    CHECK(answer("HTTP/1.1 400 Bad Request\r\n\r\n") ==
          "the peer does not speak TLS (it answered in plain HTTP)");
    CHECK(answer("SSH-2.0-OpenSSH_9.2\r\n") == "the peer does not speak TLS");
    CHECK(answer("220 mail.test ESMTP\r\n") == "the peer does not speak TLS");
    CHECK(answer(std::string(100, '\0')) == "the peer does not speak TLS");

    TlsEngine server = TlsEngine::server(serving(held)).value();
    feed(server, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(server.handshake().error().message() == "the peer does not speak TLS");
  }

  TEST_CASE("a peer that hangs up in the handshake fails it") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsEngine client = TlsEngine::client(trusting(held), "localhost", 443, {}).value();
    CHECK(client.handshake().value() == Step::want_input);
    client.input_ended();
    const Result<Step> result = client.handshake();
    CHECK(result.error().code() == Errc::tls);
    CHECK(contains(result.error().message(), "closed the connection"));
  }

  TEST_CASE("no common version, suite or protocol: each side says so") {
    const HeldCertificate held = HeldCertificate::localhost();
    const okhttp::TlsRequirements old = demanding_versions({TlsVersion::tls_1_2});
    TlsLink versions =
        make_link(trusting(held), serving(held, only(TlsVersion::tls_1_3)), "localhost", {}, &old);
    CHECK_FALSE(versions.shake());
    REQUIRE(versions.server_error);
    CHECK(versions.server_error->code() == Errc::tls);
    CHECK(contains(versions.client.handshake().error().message(),
                   "the peer sent the TLS alert \"protocol version\""));

    TlsServerOptions h2;
    h2.alpn = {"h2"};
    TlsLink protocols = make_link(trusting(held), serving(held, h2), "localhost", {"http/1.1"});
    CHECK_FALSE(protocols.shake());
    const Result<Step> refused = protocols.client.handshake();
    CHECK(refused.error().code() == Errc::tls);
    INFO(refused.error().message());
    CHECK(contains(refused.error().message(), "no application protocol"));
  }

  TEST_CASE("an alert goes out after the error, and the peer reads it") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsEngine client =
        TlsEngine::client(trusting(HeldCertificate::localhost()), "localhost", 443, {}).value();
    TlsEngine server = TlsEngine::server(serving(held)).value();
    CHECK(client.handshake().has_value());
    feed(server, bytes_of(drain(client)));
    CHECK(server.handshake().has_value());
    feed(client, bytes_of(drain(server)));
    CHECK(client.handshake().error().code() == Errc::certificate);
    CHECK(client.unsent() != 0);
    feed(server, bytes_of(drain(client)));
    const Result<Step> result = server.handshake();
    REQUIRE_FALSE(result);
    CHECK(contains(result.error().message(), "the peer sent the TLS alert \"unknown CA\""));
    CHECK(client.write(bytes_of("x")).error().code() == Errc::certificate);
    std::byte block[10];
    CHECK(client.read(block).error().code() == Errc::certificate);
    client.close_notify();
  }

  TEST_CASE("a damaged record breaks the connection after what came before it") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    CHECK(link.server.write(bytes_of("good")).value() == 4);
    CHECK(link.server.write(bytes_of("bad")).value() == 3);
    std::string wire = drain(link.server);
    wire.back() = static_cast<char>(wire.back() ^ 1);
    feed(link.client, bytes_of(wire));
    std::byte block[100];
    CHECK(link.client.read(block).value().size == 4);
    const Result<TlsEngine::ReadResult> result = link.client.read(block);
    CHECK(result.error().code() == Errc::io);
    CHECK(contains(result.error().message(), "bad record mac"));
    CHECK(link.client.unsent() != 0);
    link.to_server();
    CHECK(contains(link.server.read(block).error().message(), "bad record mac"));
  }

  TEST_CASE("arbitrary damage on the wire is an error or a stall, never more") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    const TlsServerContext server = serving(held);
    std::minstd_rand random(42);
    const auto damage = [&](std::string wire) {
      if (wire.empty() || random() % 3 != 0) return wire;
      for (unsigned n = random() % 4 + 1; n != 0; --n) {
        const std::size_t at = random() % wire.size();
        switch (random() % 4) {
          case 0:
            wire[at] = static_cast<char>(random());
            break;
          case 1:
            wire[at] = static_cast<char>(wire[at] ^ (1 << random() % 8));
            break;
          case 2:
            wire.insert(at, 1, static_cast<char>(random()));
            break;
          default:
            wire.erase(at, 1);
            break;
        }
        if (wire.empty()) break;
      }
      return wire;
    };
    constexpr int rounds = 10'000;
    int failures = 0;
    std::byte block[3000];
    for (int round = 0; round < rounds; ++round) {
      TlsLink link = make_link(context, server, "localhost");
      bool failed = false;
      for (int turn = 0; turn < 6 && !failed; ++turn) {
        for (const bool client_turn : {true, false}) {
          TlsEngine& from = client_turn ? link.client : link.server;
          TlsEngine& to = client_turn ? link.server : link.client;
          if (!from.is_established()) {
            failed |= !from.handshake();
          } else {
            for (int i = 0; i < 10; ++i) {
              const Result<TlsEngine::ReadResult> result = from.read(block);
              failed |= !result;
              if (!result || result->kind != Kind::data) break;
            }
            failed |= !from.write(bytes_of("some data"));
          }
          feed(to, bytes_of(damage(drain(from))));
        }
      }
      failures += failed;
      REQUIRE(ERR_peek_error() == 0);
    }
    CHECK(failures > rounds / 3);
  }

  TEST_CASE("a peer that sends key updates without end ends the connection, also if it wants no answer") {
    int kind = SSL_KEY_UPDATE_REQUESTED;
    SUBCASE("requested") {}
    SUBCASE("not requested") { kind = SSL_KEY_UPDATE_NOT_REQUESTED; }
    // The engine never asks for key updates itself, so the peer here is bare OpenSSL.
    const HeldCertificate held = HeldCertificate::localhost();
    TlsEngine client = TlsEngine::client(trusting(held), "localhost", 443, {}).value();
    struct Free {
      void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
      void operator()(SSL* p) const { SSL_free(p); }
      void operator()(BIO* p) const { BIO_free(p); }
      void operator()(X509* p) const { X509_free(p); }
      void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    };
    const std::string pem = held.certificate_pem() + held.private_key_pkcs8_pem();
    const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
    const std::unique_ptr<BIO, Free> text(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<X509, Free> certificate(
        PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<EVP_PKEY, Free> key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
    REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
    const std::unique_ptr<SSL, Free> server(SSL_new(context.get()));
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(server.get(), in, out);
    SSL_set_accept_state(server.get());
    const auto pass = [&] {
      char block[16384];
      for (int n = BIO_read(out, block, sizeof block); n > 0;
           n = BIO_read(out, block, sizeof block))
        feed(client, bytes_of({block, static_cast<std::size_t>(n)}));
    };
    for (int i = 0; i < 4; ++i) {
      (void)client.handshake();
      const std::string bytes = drain(client);
      BIO_write(in, bytes.data(), static_cast<int>(bytes.size()));
      SSL_do_handshake(server.get());
      pass();
    }
    REQUIRE(client.is_established());

    std::byte block[100];
    Result<TlsEngine::ReadResult> result = TlsEngine::ReadResult{};
    int updates = 0;
    for (; result && updates < 100'000; ++updates) {
      REQUIRE(SSL_key_update(server.get(), kind) == 1);
      REQUIRE(SSL_do_handshake(server.get()) == 1);
      pass();
      result = client.read(block);
    }
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == Errc::protocol_error);
    CHECK(client.unsent() <= TlsEngine::max_output);
    CHECK(updates > 1000);
  }

  TEST_CASE("idle buffers are given back and come again") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    REQUIRE(link.shake());
    for (int i = 0; i < 3; ++i) {
      CHECK(link.client.write(bytes_of("request")).value() == 7);
      link.client.release_idle_buffers();  // Full ones stay.
      link.to_server();
      CHECK(read_all(link.server) == "request");
      CHECK(link.server.write(bytes_of("response")).value() == 8);
      const std::string wire = drain(link.server);
      feed(link.client, bytes_of(wire).first(9));
      link.client.release_idle_buffers();
      feed(link.client, bytes_of(wire).subspan(9));
      std::byte three[3];
      CHECK(link.client.read(three).value().size == 3);
      link.client.release_idle_buffers();
      CHECK(link.client.is_readable());
      CHECK(read_all(link.client) == "ponse");
      link.client.release_idle_buffers();
      link.server.release_idle_buffers();
    }
  }

  TEST_CASE("input space starts small, grows with what fills it, and has an end") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsEngine client = TlsEngine::client(trusting(held), "localhost", 443, {}).value();
    CHECK(client.input_space().size() >= TlsEngine::min_input_step);
    CHECK(client.input_space().size() < 2 * TlsEngine::min_input_step);
    CHECK(client.input_space(100'000).size() >= 100'000);
    std::size_t total = 0;
    for (;;) {
      const std::span<std::byte> space = client.input_space();
      if (space.empty()) break;
      CHECK(space.size() <= 2 * TlsEngine::max_input);
      std::memset(space.data(), 22, space.size());
      client.input_filled(space.size());
      total += space.size();
    }
    CHECK(total >= TlsEngine::max_input);
    CHECK(total <= 2 * TlsEngine::max_input);
    CHECK_FALSE(client.handshake());
  }

  TEST_CASE("calls out of order are misuse") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsEngine client = TlsEngine::client(trusting(held), "localhost", 443, {}).value();
    std::byte block[10];
    CHECK(client.read(block).error().code() == Errc::misuse);
    CHECK(client.write(block).error().code() == Errc::misuse);
    client.close_notify();
    CHECK(client.unsent() == 0);
    CHECK(client.handshake().value() == Step::want_input);
  }

  TEST_CASE("names that cannot be sent are refused") {
    const TlsContext context;
    const std::string_view too_long_protocol[] = {std::string_view("h2"), std::string_view()};
    CHECK(TlsEngine::client(context, "a.test", 443, too_long_protocol).error().code() ==
          Errc::invalid_argument);
    const std::string long_name(300, 'a');
    for (const std::string_view host :
         {std::string_view(""), std::string_view("."), std::string_view(".test"),
          std::string_view("a\0b", 3), std::string_view("b\xc3\xbc.test"), std::string_view("a b"),
          std::string_view(long_name)})
      CHECK(TlsEngine::client(context, host, 443, {}).error().code() == Errc::invalid_argument);
    CHECK(ERR_peek_error() == 0);
  }

  TEST_CASE("errors that the program left in OpenSSL's queue do no harm") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(trusting(held), serving(held), "localhost");
    const auto litter = [] { ERR_raise(ERR_LIB_USER, 1); };
    for (int i = 0; i < 3; ++i) {
      litter();
      (void)link.client.handshake();
      litter();
      link.to_server();
      (void)link.server.handshake();
      link.to_client();
    }
    REQUIRE(link.client.is_established());
    std::byte block[100];
    litter();
    CHECK(link.client.read(block).value().kind == Kind::want_input);
    litter();
    CHECK(link.client.write(bytes_of("x")).value() == 1);
    CHECK(ERR_peek_error() == 0);
  }
}

}  // namespace tls_engine_test

#endif
