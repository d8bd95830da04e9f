// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_engine.hpp>

#include "../../support/tls_link.hpp"

#include <doctest/doctest.h>

#if OKHTTP_TLS

namespace tls_early_data_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HeldCertificate;
using okhttp::TlsContext;
using okhttp::TlsServerContext;
using okhttp::TlsServerOptions;
using okhttp::TlsVersion;

namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view protocol = "http/1.1";

TlsServerOptions taking(std::uint32_t most) {
  TlsServerOptions options;
  options.alpn = {"http/1.1"};
  options.max_early_data = most;
  return options;
}

TlsLink link_to(const TlsContext& context, const TlsServerContext& server) {
  return make_link(context, server, "localhost", {protocol});
}

/// A connection that leaves sessions behind.
void meet(const TlsContext& context, const TlsServerContext& server) {
  TlsLink link = link_to(context, server);
  CHECK_FALSE(link.client.write_early(bytes_of(request), protocol));
  REQUIRE(link.shake());
  CHECK(read_all(link.client).empty());
  CHECK_FALSE(link.client.early_data_accepted());
  CHECK(context.session_count() == 2);
}

}  // namespace

TEST_SUITE("transport/tls_early_data") {
  TEST_CASE("bytes go along with the handshake of a session that allows it") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    const TlsServerContext server = serving(held, taking(1000));
    meet(context, server);
    TlsLink link = link_to(context, server);
    CHECK(link.client.write_early(bytes_of(request), protocol));
    CHECK_FALSE(link.client.write_early(bytes_of(request), protocol));
    CHECK_FALSE(link.client.early_data_accepted());
    REQUIRE(link.shake());
    CHECK(link.client.early_data_accepted());
    CHECK(link.client.info().resumed);
    CHECK(link.server.is_readable());
    CHECK(read_all(link.server) == request);
    // And then as always.
    CHECK(link.client.write(bytes_of("more")).value() == 4);
    CHECK(link.server.write(bytes_of("answer")).value() == 6);
    link.to_server();
    link.to_client();
    CHECK(read_all(link.server) == "more");
    CHECK(read_all(link.client) == "answer");
  }

  TEST_CASE("the server's session says how much, and for which protocol") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    const TlsServerContext server = serving(held, taking(static_cast<std::uint32_t>(request.size() - 1)));
    meet(context, server);
    TlsLink link = link_to(context, server);
    CHECK_FALSE(link.client.write_early(bytes_of(request), protocol));
    CHECK_FALSE(link.client.write_early(bytes_of("x"), "h2"));
    CHECK_FALSE(link.client.write_early({}, protocol));
    REQUIRE(link.shake());
    CHECK(link.client.info().resumed);
    CHECK_FALSE(link.client.early_data_accepted());
    CHECK(read_all(link.server).empty());

    const TlsContext other = trusting(held);
    const TlsServerContext none = serving(held, taking(0));
    meet(other, none);
    TlsLink without = link_to(other, none);
    CHECK_FALSE(without.client.write_early(bytes_of("x"), protocol));
    REQUIRE(without.shake());
    CHECK(without.client.info().resumed);
  }

  TEST_CASE("a server that does not know the session drops the bytes, and they can be sent again") {
    const HeldCertificate held = HeldCertificate::localhost();
    for (const std::uint32_t most : {0U, 1000U}) {
      CAPTURE(most);
      const TlsContext context = trusting(held);
      meet(context, serving(held, taking(1000)));
      TlsLink link = link_to(context, serving(held, taking(most)));
      CHECK(link.client.write_early(bytes_of(request), protocol));
      REQUIRE(link.shake());
      CHECK_FALSE(link.client.early_data_accepted());
      CHECK_FALSE(link.client.info().resumed);
      CHECK(read_all(link.server).empty());
      CHECK(link.client.write(bytes_of(request)).value() == request.size());
      link.to_server();
      CHECK(read_all(link.server) == request);
    }
  }

  TEST_CASE("a server of before TLS 1.3 fails, and the next connection offers nothing") {
    const HeldCertificate held = HeldCertificate::localhost();
    const TlsContext context = trusting(held);
    meet(context, serving(held, taking(1000)));
    TlsServerOptions old;
    old.alpn = {"http/1.1"};
    old.max_version = TlsVersion::tls_1_2;
    const TlsServerContext server = serving(held, old);
    TlsLink link = link_to(context, server);
    CHECK(link.client.write_early(bytes_of(request), protocol));
    CHECK_FALSE(link.shake());
    for (int turn = 0; turn < 2 && !link.client_error; ++turn) link.shake();
    REQUIRE(link.client_error.has_value());
    CHECK(link.client_error->code() == Errc::tls);
    CHECK(context.session_count() == 0);
    TlsLink next = link_to(context, server);
    CHECK_FALSE(next.client.write_early(bytes_of(request), protocol));
    CHECK(next.shake());
  }

}  // TEST_SUITE

}  // namespace tls_early_data_test

#endif  // OKHTTP_TLS
