// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/bad_input.hpp"

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bad_input_connect_test {

using namespace okhttp_tests;
using namespace std::string_view_literals;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::IpAddress;
using okhttp::Result;
using okhttp::TlsServerContext;

namespace {

/// A port of 127.0.0.1 that is taken, but where nobody listens.
class RefusedPort {
 public:
  RefusedPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }

 private:
  Descriptor fd_;
  std::uint16_t port_ = 0;
};

/// A client for which every name is 127.0.0.1, and that trusts this certificate.
template <class D>
typename D::Client local_client(const HeldCertificate& trusted) {
  return D::builder()
      .dns([](std::string_view) { return std::vector<IpAddress>{IpAddress::parse("127.0.0.1")}; })
      .trusted_certificates(
          HandshakeCertificates::Builder().add_trusted_pem(trusted.certificate_pem()).build())
      .build();
}

HeldCertificate::Builder for_server_test() {
  HeldCertificate::Builder builder;
  builder.add_subject_alternative_name("server.test");
  return builder;
}

/// "https://server.test:PORT/", which every local client finds.
std::string secure_url(const Listener& server, std::string_view host = "server.test") {
  return "https://" + std::string(host) + ":" + std::to_string(server.port()) + "/";
}

}  // namespace

TEST_SUITE("integration/bad_input/connect") {
  TEST_CASE_TEMPLATE("a host that does not exist", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    auto client = D::builder().build();
    for (const char* host : {"no-such-host.invalid", "no-such-host.invalid.", "invalid"}) {
      const std::string url = std::string("http://") + host + "/path?secret=1";
      const Result<std::string> outcome = fetch(client, url);
      check_failed(outcome, Errc::dns, {"could not resolve ", host, "never exist"});
      CHECK_FALSE(contains(outcome.error().message(), "secret"));
    }
    // The system's resolver refuses this one without asking anybody: a label has 63 bytes at most.
    const std::string long_label = std::string(64, 'a') + ".example";
    check_failed(fetch(client, "http://" + long_label + "/"), Errc::dns,
                 {"could not resolve ", long_label});
  }

  TEST_CASE_TEMPLATE("a dns() that finds nothing, or fails", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    auto empty =
        D::builder().dns([](std::string_view) { return std::vector<IpAddress>(); }).build();
    check_failed(fetch(empty, "http://server.test/"), Errc::dns, {"could not resolve server.test"});
    auto failing =
        D::builder()
            .dns([](std::string_view host) -> Result<std::vector<IpAddress>> {
              return okhttp::Error(Errc::dns, "no idea where " + std::string(host) + " is");
            })
            .build();
    check_failed(fetch(failing, "http://server.test/"), Errc::dns,
                 {"no idea where server.test is"});
  }

  TEST_CASE_TEMPLATE("a port where nobody listens", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const RefusedPort port;
    auto client = D::builder().build();
    check_failed(fetch(client, local_url(port.port())), Errc::connect_refused,
                 {"connect to ", local_peer(port.port())});
    check_failed(fetch(client, "https://" + local_peer(port.port()) + "/"), Errc::connect_refused,
                 {"connect to ", local_peer(port.port())});

    auto several = client.new_builder()
                       .dns([](std::string_view) {
                         return std::vector<IpAddress>{IpAddress::parse("127.0.0.1"),
                                                       IpAddress::parse("127.0.0.2")};
                       })
                       .build();
    check_failed(fetch(several, "http://server.test:" + std::to_string(port.port()) + "/"),
                 Errc::connect_refused,
                 {"connect to 127.0.0.", ":" + std::to_string(port.port()), "2 addresses tried"});
  }

  TEST_CASE_TEMPLATE("an address that cannot be reached", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    auto client = D::builder().build();
    // TCP has no broadcast: the system refuses at once, network or not.
    check_failed(fetch(client, "http://255.255.255.255:81/"), Errc::connect_failed,
                 {"connect to 255.255.255.255:81 failed"});
  }

  TEST_CASE_TEMPLATE("certificates that are not to be trusted", D, OKHTTP_EVERY_DISPATCHER) {
    using namespace std::chrono;
    const NothingLeft nothing_left;
    const auto now = system_clock::now();
    const HeldCertificate root = HeldCertificate::Builder().certificate_authority(1).build();
    const HeldCertificate stranger = HeldCertificate::Builder().certificate_authority(1).build();
    const HeldCertificate leaf = for_server_test().signed_by(root).build();
    const HeldCertificate none_between =
        HeldCertificate::Builder().certificate_authority(0).signed_by(root).build();
    const HeldCertificate one_between =
        HeldCertificate::Builder().certificate_authority(0).signed_by(none_between).build();
    struct Case {
      HeldCertificate certificate;
      Errc code;
      std::string_view reason;
    };
    const Case cases[] = {
        {for_server_test().signed_by(root).valid_between(now - hours(48), now - hours(24)).build(),
         Errc::certificate, "expired"},
        {for_server_test().signed_by(root).valid_between(now + hours(24), now + hours(48)).build(),
         Errc::certificate, "not yet valid"},
        {for_server_test().build(), Errc::certificate, "self-signed"},
        {for_server_test().signed_by(stranger).build(), Errc::certificate, "issuer"},
        // Signed by somebody who may not sign.
        {for_server_test().signed_by(leaf).build(), Errc::certificate, ""},
        // Signed through more intermediates than were allowed.
        {for_server_test().signed_by(one_between).build(), Errc::certificate, ""},
        {HeldCertificate::Builder()
             .add_subject_alternative_name("other.test")
             .signed_by(root)
             .build(),
         Errc::host_name, "the certificate is not for server.test but for other.test"},
        {HeldCertificate::Builder()
             .add_subject_alternative_name("*.server.test")
             .signed_by(root)
             .build(),
         Errc::host_name, "*.server.test"},
        {HeldCertificate::Builder().add_subject_alternative_name("*.server").signed_by(root).build(),
         Errc::host_name, "*.server"},
        {HeldCertificate::Builder()
             .add_subject_alternative_name("127.0.0.1")
             .signed_by(root)
             .build(),
         Errc::host_name, "server.test"},
        {HeldCertificate::Builder().common_name("server.test").signed_by(root).build(),
         Errc::host_name, "no subject alternative name"},
    };
    std::vector<ScriptedServer::Script> scripts;
    std::atomic<int> shaken = 0;
    for (const Case& one : cases) {
      scripts.push_back([&](RawPeer& peer) {
        TlsPeer tls(peer, serving(one.certificate));
        // In TLS 1.3 the server may be done before it hears that the client is not content.
        if (tls.shake_hands() && !tls.read_head().empty()) ++shaken;
      });
    }
    ScriptedServer server(std::move(scripts));
    auto client = local_client<D>(root);
    for (const Case& one : cases) {
      CAPTURE(&one - cases);
      check_failed(fetch(client, secure_url(server)), one.code,
                   {"TLS handshake with server.test (" + server.peer() + ") failed", one.reason});
    }
    CHECK(shaken == 0);
  }

  TEST_CASE_TEMPLATE("a certificate for names is none for an address, and the other way round", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const HeldCertificate named = for_server_test().build();
    const HeldCertificate both =
        for_server_test().add_subject_alternative_name("127.0.0.1").build();
    const auto script = [](const HeldCertificate& certificate) {
      return [certificate](RawPeer& peer) {
        TlsPeer tls(peer, serving(certificate));
        if (!tls.shake_hands() || tls.read_head().empty()) return;
        tls.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        peer.read_to_end();
      };
    };
    ScriptedServer server({script(named), script(named), script(both)});
    auto client = local_client<D>(named);
    check_failed(fetch(client, secure_url(server, "127.0.0.1")), Errc::host_name,
                 {"the certificate is not for 127.0.0.1", server.peer()});
    CHECK(fetch(client, secure_url(server)).value() == "ok");
    auto trusting_both = local_client<D>(both);
    CHECK(fetch(trusting_both, secure_url(server, "127.0.0.1")).value() == "ok");
  }

  TEST_CASE_TEMPLATE("TLS to a port where something else is spoken, or nothing", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    struct Case {
      std::string_view answer;
      bool ends;
      std::string_view reason;
    };
    constexpr Case cases[] = {
        {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false,
         "it answered in plain HTTP"},
        {"SSH-2.0-OpenSSH_9.2\r\n", false, "the peer does not speak TLS"},
        {"220 mail.example ESMTP\r\n", false, "the peer does not speak TLS"},
        {"\0\0\0\0\0\0\0\0"sv, false, "the peer does not speak TLS"},
        {"\x15\x03\x01\0\x02\x02\x28"sv, false, "handshake failure"},  // an alert
        {"\x16\x03\x03\0\x04\x02\0\0\x7f"sv, true, ""},                // half a message
        {"", true, "closed the connection during the TLS handshake"},
        {"\x16\x03", true, "closed the connection during the TLS handshake"},
    };
    std::vector<ScriptedServer::Script> scripts;
    for (const Case& one : cases) {
      scripts.push_back([&one](RawPeer& peer) {
        peer.read(5);
        peer.write(one.answer);
        if (one.ends) peer.end_output();
        peer.read_to_end();
      });
    }
    ScriptedServer server(std::move(scripts));
    auto client = D::builder().build();
    for (const Case& one : cases) {
      CAPTURE(&one - cases);
      check_failed(fetch(client, "https://" + server.peer() + "/"), Errc::tls,
                   {"TLS handshake with 127.0.0.1", server.peer(), one.reason});
    }
  }

  TEST_CASE_TEMPLATE("a TLS handshake that is reset, or never goes on", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    ScriptedServer server({
        [](RawPeer& peer) {
          peer.read(5);
          peer.reset();
        },
        [](RawPeer& peer) { peer.read_to_end(); },
    });
    const std::string url = "https://" + server.peer() + "/";
    auto client = D::builder().connect_timeout(100ms).build();
    check_failed(fetch(client.new_builder().connect_timeout(patience).build(), url), Errc::tls,
                 {"TLS handshake with 127.0.0.1", server.peer(), "reset"});
    check_failed(fetch(client, url), Errc::connect_timeout,
                 {"TLS handshake with 127.0.0.1", server.peer(), "timed out", "100 ms"});
  }

  TEST_CASE_TEMPLATE("plain HTTP to a port of TLS", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const HeldCertificate certificate = for_server_test().build();
    ScriptedServer server({
        [&](RawPeer& peer) {  // OpenSSL knows a request when it sees one, and says nothing
          TlsPeer tls(peer, serving(certificate));
          CHECK_FALSE(tls.shake_hands());
          peer.end_output();
          peer.read_to_end();
        },
        [](RawPeer& peer) {  // others send an alert
          peer.read_head();
          peer.write("\x15\x03\x01\0\x02\x02\x16"sv);
          peer.end_output();
          peer.read_to_end();
        },
    });
    auto client = D::builder().build();
    check_failed(fetch(client, server.url()), Errc::unexpected_end,
                 {server.peer(), "reading the response head"});
    check_failed(fetch(client, server.url()), Errc::protocol_error,
                 {server.peer(), "does not begin with an HTTP status line"});
  }

  TEST_CASE_TEMPLATE("TLS that ends without saying so may have been cut off", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const HeldCertificate certificate = for_server_test().build();
    const auto script = [&](std::string_view response, bool says_so) {
      return [&certificate, response, says_so](RawPeer& peer) {
        TlsPeer tls(peer, serving(certificate));
        if (!tls.shake_hands() || tls.read_head().empty()) return;
        tls.write(response);
        if (says_so) tls.close_notify();
        peer.end_output();
        peer.read_to_end();
      };
    };
    constexpr std::string_view until_close = "HTTP/1.1 200 OK\r\n\r\nok";
    constexpr std::string_view with_length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    constexpr std::string_view too_short = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok";
    ScriptedServer server({
        script(until_close, true),
        script(until_close, false),
        script(with_length, false),
        script(too_short, true),
        script(too_short, false),
        script("", true),
        script("", false),
        script("HTTP/1.1 200 OK\r\n", false),
    });
    const std::string peer = "server.test:" + std::to_string(server.port());
    auto client = local_client<D>(certificate);
    CHECK(fetch(client, secure_url(server)).value() == "ok");
    check_failed(fetch(client, secure_url(server)), Errc::unexpected_end,
                 {peer, "reading the response body"});
    CHECK(fetch(client, secure_url(server)).value() == "ok");
    check_failed(fetch(client, secure_url(server)), Errc::unexpected_end, {peer, "2 of 3 bytes"});
    check_failed(fetch(client, secure_url(server)), Errc::unexpected_end, {peer});
    for (int i = 0; i < 3; ++i)
      check_failed(fetch(client, secure_url(server)), Errc::unexpected_end,
                   {peer, "reading the response head"});
  }

  TEST_CASE_TEMPLATE("records that are damaged", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const HeldCertificate certificate = for_server_test().build();
    const auto script = [&](std::string_view response, std::string_view bytes) {
      return [&certificate, response, bytes](RawPeer& peer) {
        TlsPeer tls(peer, serving(certificate));
        if (!tls.shake_hands() || tls.read_head().empty()) return;
        tls.write(response);
        peer.write(bytes);
        peer.read_to_end();
      };
    };
    constexpr std::string_view forged =
        "\x17\x03\x03\0\x20"
        "0123456789abcdef0123456789abcdef"sv;
    constexpr std::string_view plain = "HTTP/1.1 200 OK\r\n\r\n";
    constexpr std::string_view half = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok";
    ScriptedServer server({script(half, forged), script(half, plain)});
    const std::string peer = "server.test:" + std::to_string(server.port());
    auto client = local_client<D>(certificate);
    for (int i = 0; i < 2; ++i)
      check_failed(fetch(client, secure_url(server)), Errc::io,
                   {peer, "reading the response body"});
  }

}  // TEST_SUITE

}  // namespace bad_input_connect_test
