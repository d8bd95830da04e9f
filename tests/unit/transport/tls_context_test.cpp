// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_context.hpp>

#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace tls_context_test {

using namespace okhttp_tests;
using okhttp::ClientAuth;
using okhttp::Errc;
using okhttp::HeldCertificate;
using okhttp::TlsContext;
using okhttp::TlsEngine;
using okhttp::TlsOptions;
using okhttp::TlsServerContext;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;

namespace {

/// Whether this connection continued an earlier session. Ends it the way most connections end.
bool connect_resumes(const TlsContext& context,
                     const TlsServerContext& server,
                     std::string_view host,
                     std::uint16_t port = 443) {
  TlsLink link{TlsEngine::client(context, host, port, {}).value(),
               TlsEngine::server(server).value(),
               {},
               {}};
  REQUIRE(link.shake());
  CHECK(link.server.write(bytes_of("hello")).value() == 5);
  link.to_client();
  CHECK(read_all(link.client) == "hello");
  return link.client.info().resumed;
}

}  // namespace

TEST_SUITE("transport/tls_context") {
  TEST_CASE("a context loads with the platform's trust") {
    const TlsContext context;
    CHECK(context.load().has_value());
    CHECK(context.load().has_value());
  }

  TEST_CASE("the platform's trust does not cover a certificate made here") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsLink link = make_link(TlsContext(), serving(held), "localhost");
    CHECK_FALSE(link.shake());
    REQUIRE(link.client_error);
    CHECK(link.client_error->code() == Errc::certificate);
  }

  TEST_CASE("SSL_CERT_FILE names the platform's trust store") {
    const HeldCertificate held = HeldCertificate::localhost();
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/okhttp_store_XXXXXX";
    const int descriptor = mkstemp(path.data());
    REQUIRE(descriptor >= 0);
    std::FILE* file = fdopen(descriptor, "wb");
    std::fputs(held.certificate_pem().c_str(), file);
    std::fclose(file);
    const char* before = std::getenv("SSL_CERT_FILE");
    const std::string saved = before == nullptr ? "" : before;
    setenv("SSL_CERT_FILE", path.c_str(), 1);
    TlsLink link = make_link(TlsContext(), serving(held), "localhost");
    if (saved.empty()) {
      unsetenv("SSL_CERT_FILE");
    } else {
      setenv("SSL_CERT_FILE", saved.c_str(), 1);
    }
    std::remove(path.c_str());
    CHECK(link.shake());
  }

  TEST_CASE("sessions are kept per host and port, the least recently used go first") {
    const HeldCertificate held =
        HeldCertificate::Builder().add_subject_alternative_name("*.many.test").build();
    const TlsServerContext server = serving(held);
    TlsOptions options;
    options.max_session_hosts = 3;
    options.sessions_per_host = 2;
    const TlsContext context = trusting(held, options);
    for (const char* host : {"a.many.test", "b.many.test", "c.many.test"})
      CHECK_FALSE(connect_resumes(context, server, host));
    CHECK(context.session_count() == 6);
    CHECK(connect_resumes(context, server, "a.many.test"));
    CHECK(context.session_count() == 6);
    CHECK_FALSE(connect_resumes(context, server, "d.many.test"));  // Pushes b out.
    CHECK(context.session_count() == 6);
    CHECK(connect_resumes(context, server, "a.many.test"));
    CHECK(connect_resumes(context, server, "c.many.test"));
    CHECK_FALSE(connect_resumes(context, server, "b.many.test"));
    CHECK_FALSE(connect_resumes(context, server, "b.many.test", 8443));
    CHECK(context.session_count() == 6);
  }

  TEST_CASE("resumption can be turned off on either side") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      for (const bool at_client : {true, false}) {
        TlsOptions options;
        if (at_client) options.sessions_per_host = 0;
        TlsServerOptions server_options;
        server_options.max_version = version;
        server_options.session_tickets = at_client;
        const TlsContext context = trusting(held, options);
        const TlsServerContext server = serving(held, server_options);
        for (int i = 0; i < 3; ++i) CHECK_FALSE(connect_resumes(context, server, "localhost"));
        CHECK(context.session_count() == 0);
      }
    }
  }

  TEST_CASE("a TLS 1.2 session is kept while it is used") {
    const HeldCertificate held = HeldCertificate::localhost();
    TlsServerOptions options;
    options.max_version = TlsVersion::tls_1_2;
    const TlsContext context = trusting(held);
    const TlsServerContext server = serving(held, options);
    CHECK_FALSE(connect_resumes(context, server, "localhost"));
    CHECK(context.session_count() == 1);
    for (int i = 0; i < 3; ++i) CHECK(connect_resumes(context, server, "localhost"));
    CHECK(context.session_count() == 1);
  }

  TEST_CASE("a connection that was cut off does not spoil its session") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      TlsServerOptions options;
      options.max_version = version;
      const TlsContext context = trusting(held);
      const TlsServerContext server = serving(held, options);
      {
        TlsLink link = make_link(context, server, "localhost");
        REQUIRE(link.shake());
        CHECK(read_all(link.client).empty());
        link.client.input_ended();
        std::byte block[1];
        CHECK(link.client.read(block).error().code() == Errc::unexpected_end);
      }
      CHECK(connect_resumes(context, server, "localhost"));
    }
  }

  TEST_CASE("many threads share one context") {
    const HeldCertificate held =
        HeldCertificate::Builder().add_subject_alternative_name("*.many.test").build();
    const TlsServerContext server = serving(held);
    TlsOptions options;
    options.max_session_hosts = 3;
    const TlsContext context = trusting(held, options);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const std::string host =
              std::string(1, static_cast<char>('a' + (t + i) % 5)) + ".many.test";
          TlsLink link = make_link(context, server, host);
          if (!link.shake()) continue;
          if (!link.client.write(bytes_of(host))) continue;
          link.to_server();
          if (read_all(link.server) != host) continue;
          if (!link.server.write(bytes_of("ok"))) continue;
          link.to_client();
          if (read_all(link.client) != "ok") continue;
          ++good;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(good == 400);
    CHECK(context.session_count() <= 12);
  }

  TEST_CASE("an engine outlives the handles of its context") {
    const HeldCertificate held = HeldCertificate::localhost();
    std::optional<TlsLink> link;
    {
      const TlsContext context = trusting(held);
      const TlsServerContext server = serving(held);
      link.emplace(make_link(context, server, "localhost"));
    }
    REQUIRE(link->shake());
    CHECK(link->server.write(bytes_of("x")).value() == 1);
    link->to_client();
    CHECK(read_all(link->client) == "x");
    TlsEngine moved = std::move(link->client);
    link.reset();
    CHECK(moved.info().tls_version == "TLSv1.3");
  }

  TEST_CASE("a server needs a certificate, its key, and sendable protocol names") {
    const HeldCertificate held = HeldCertificate::localhost();
    const HeldCertificate other = HeldCertificate::localhost();
    const auto code = [](std::string_view certificate, std::string_view key,
                         TlsServerOptions options = {}) {
      return TlsServerContext::create(certificate, key, options).error().code();
    };
    CHECK(code("", held.private_key_pkcs8_pem()) == Errc::invalid_argument);
    CHECK(code(held.certificate_pem(), "") == Errc::invalid_argument);
    CHECK(code(held.certificate_pem(), other.private_key_pkcs8_pem()) == Errc::invalid_argument);
    TlsServerOptions options;
    options.alpn = {""};
    CHECK(code(held.certificate_pem(), held.private_key_pkcs8_pem(), options) ==
          Errc::invalid_argument);
    options.alpn = {};
    options.client_auth = ClientAuth::require;
    CHECK(code(held.certificate_pem(), held.private_key_pkcs8_pem(), options) ==
          Errc::invalid_argument);
  }
}

}  // namespace tls_context_test

#endif
