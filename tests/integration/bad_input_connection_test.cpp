// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/bad_input.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bad_input_connection_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

constexpr std::string_view ok_response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Larger than what fits between the two ends.
Request large_upload(const std::string& url) {
  return Request::Builder()
      .url(url)
      .post(RequestBody::create(std::string(std::size_t{32} << 20, 'x')))
      .build();
}

}  // namespace

TEST_SUITE("integration/bad_input/connection") {
  TEST_CASE_TEMPLATE("a reset breaks the call at the step it has come to", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    struct Case {
      std::string_view wire;
      std::string_view step;
    };
    constexpr Case cases[] = {
        {"", "reading the response head"},
        {"HTTP/1.1 200 OK\r\nContent-", "reading the response head"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "reading the response head"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "reading the response body"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         "reading the response body"},
        {"HTTP/1.1 200 OK\r\n\r\nuntil close", "reading the response body"},
    };
    std::vector<ScriptedServer::Script> scripts;
    for (const Case& one : cases) {
      scripts.push_back([&one](RawPeer& peer) {
        peer.read_head();
        peer.write(one.wire);
        peer.reset();
      });
    }
    ScriptedServer server(std::move(scripts));
    auto client = D::builder().build();
    for (const Case& one : cases) {
      CAPTURE(one.wire);
      check_failed(fetch(client, server.url()), Errc::io, {server.peer(), one.step, "reset"});
    }
    // A fresh connection that fails has failed: nothing was tried again.
    CHECK_FALSE(has_another_connection(server));
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("a server that closes as soon as it has accepted", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    ScriptedServer server({
        [](RawPeer& peer) {
          peer.end_output();
          peer.read_to_end();
        },
        [](RawPeer& peer) { peer.close(); },
        [](RawPeer& peer) { peer.reset(); },
    });
    auto client = D::builder().build();
    check_failed(fetch(client, server.url()), Errc::unexpected_end,
                 {server.peer(), "reading the response head"});
    // Which one it is depends on who was faster; a reset may even come before connect has returned.
    for (int i = 0; i < 2; ++i) {
      const Result<std::string> outcome = fetch(client, server.url());
      REQUIRE_FALSE(outcome);
      CAPTURE(outcome.error().message());
      const Errc code = outcome.error().code();
      CHECK((code == Errc::io || code == Errc::unexpected_end || code == Errc::connect_failed));
      CHECK(contains(outcome.error().message(), server.peer()));
    }
    CHECK_FALSE(has_another_connection(server));
  }

  TEST_CASE_TEMPLATE("a server that goes away during an upload", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    ScriptedServer server({
        [](RawPeer& peer) {
          peer.read_head();
          peer.read(std::size_t{1} << 20);
          peer.reset();
        },
        [](RawPeer& peer) {
          peer.read_head();
          peer.close();  // with the body unread, which makes it a reset
        },
    });
    auto client = D::builder().build();
    for (int i = 0; i < 2; ++i)
      check_failed(fetch(client, large_upload(server.url())), Errc::io,
                   {server.peer(), "sending the request body"});
    CHECK_FALSE(has_another_connection(server));
  }

  TEST_CASE_TEMPLATE("TLS that is reset in the middle of a body", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const HeldCertificate certificate = HeldCertificate::localhost();
    ScriptedServer server([&](RawPeer& peer) {
      TlsPeer tls(peer, serving(certificate));
      if (!tls.shake_hands() || tls.read_head().empty()) return;
      tls.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
      peer.reset();
    });
    auto client = D::builder()
                      .trusted_certificates(HandshakeCertificates::Builder()
                                                .add_trusted_pem(certificate.certificate_pem())
                                                .build())
                      .build();
    check_failed(fetch(client, "https://" + server.peer() + "/"), Errc::io,
                 {server.peer(), "reading the response body", "reset"});
  }

  TEST_CASE_TEMPLATE("a body that broke stays broken", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    ScriptedServer server([](RawPeer& peer) {
      peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    });
    auto client = D::builder().build();
    const Response response = client.new_call(get_request(server.url())).execute();
    std::string buffer(100, '\0');
    CHECK(response.body().read(buffer) == 5);
    for (int i = 0; i < 3; ++i) {
      const Result<std::size_t> more = response.body().try_read(buffer);
      REQUIRE_FALSE(more);
      CHECK(more.error().code() == Errc::unexpected_end);
      CHECK(contains(more.error().message(), server.peer()));
    }
    CHECK(response.body().try_close());
  }

  // What may be repeated is sent without a look at a connection that has just been used: the look
  // would be a third system call. What may not is never answered by bytes that were there before
  // it.
  TEST_CASE_TEMPLATE("a server that speaks without being asked loses its connection", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    Event answered;
    Event spoken;
    ScriptedServer server({
        [&](RawPeer& peer) {
          peer.read_head();
          peer.write(ok_response);
          answered.wait();
          peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
          spoken.set();
          peer.read_to_end();
        },
        [](RawPeer& peer) {
          peer.read_head();
          peer.write(ok_response);
          peer.read_to_end();
        },
    });
    auto client = D::builder().build();
    CHECK(fetch(client, server.url()).value() == "ok");
    CHECK(client.connection_pool().idle_connection_count() == 1);
    answered.set();
    REQUIRE(spoken.wait());
    CHECK(fetch(client, post_request(server.url(), "x")).value() == "ok");
  }

  TEST_CASE_TEMPLATE("a byte at a time satisfies the read timeout but not the call timeout", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    constexpr int pause_ms = 5;
    constexpr auto read_timeout = 500ms;
    constexpr auto call_timeout = 1000ms;
    std::atomic<std::uint64_t> dripped = 0;
    const auto script = [&](std::string_view begin, std::string_view drops) {
      return [&, begin, drops](RawPeer& peer) {
        peer.read_head();
        peer.write(begin);
        dripped += drip(peer, drops, pause_ms);
      };
    };
    {
      ScriptedServer in_head(script("", "HTTP/1.1 100 Continue\r\nX-Slow: loris\r\n\r\n"));
      ScriptedServer in_body(
          script("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"));
      const auto check = [&](const ScriptedServer& server, std::string_view step) {
        auto client = D::builder().read_timeout(read_timeout).call_timeout(call_timeout).build();
        const auto begin = std::chrono::steady_clock::now();
        check_failed(fetch(client, server.url()), Errc::call_timeout,
                     {server.peer(), "1 s", step});
        CHECK(std::chrono::steady_clock::now() - begin >= call_timeout);
      };
      // Side by side, as both take their time.
      Background head([&] { check(in_head, "reading the response head"); });
      check(in_body, "reading the response body");
    }
    CHECK(dripped > 20);
  }

  TEST_CASE_TEMPLATE("many failures leave nothing behind", D, OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    constexpr std::size_t count = 100;
    std::vector<ScriptedServer::Script> scripts;
    for (std::size_t i = 0; i < count; ++i) {
      scripts.push_back([i](RawPeer& peer) {
        peer.read_head();
        if (i % 4 == 0) peer.write("garbage\r\n");
        if (i % 4 == 1) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        if (i % 4 == 2) peer.reset();
      });
    }
    ScriptedServer server(std::move(scripts));
    auto client = D::builder().build();
    std::atomic<std::size_t> failed = 0;
    for (std::size_t i = 0; i < count / 2; ++i) failed += fetch(client, server.url()) ? 0u : 1u;
    Counter called;
    for (std::size_t i = 0; i < count / 2; ++i) {
      client.new_call(get_request(server.url()))
          .enqueue([&](Result<Response> response) -> okhttp::Task<void> {
            if (response) {
              const okhttp::ResponseBody body = response->body();
              const Result<std::string> text = co_await body.async_string().outcome();
              failed += text ? 0u : 1u;
            } else {
              ++failed;
            }
            called.add();
          });
    }
    finish_enqueued(client);
    CHECK(called.wait_for(count / 2));
    CHECK(failed == count);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("a client that goes away in the middle of calls leaves nothing behind", D,
                     OKHTTP_EVERY_DISPATCHER) {
    const NothingLeft nothing_left;
    const SilentServer silent;
    const FullBacklog full;
    Counter called;
    Counter canceled;
    std::size_t calls = 0;
    {
      auto client = D::builder().build();
      for (const std::string& url : {silent.url(), full.url()}) {
        for (int i = 0; i < 8; ++i, ++calls) {
          client.new_call(get_request(url)).enqueue([&](const Result<Response>& response) {
            if (!response && response.error().code() == Errc::canceled) canceled.add();
            called.add();
          });
        }
      }
      if (!D::blocks) CHECK(client.try_poll());
    }
    CHECK(called.wait_for(calls));
    CHECK(canceled.count() == calls);
  }

}  // TEST_SUITE

}  // namespace bad_input_connection_test
