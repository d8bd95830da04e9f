// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace real_servers_nginx_early_data_test {

using namespace okhttp_tests;
using okhttp::Chain;
using okhttp::HeldCertificate;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;

namespace {

/// nginx that takes early data and says whether there was some.
class Nginx {
 public:
  Nginx() : tls_port_(free_port()) {
    folder_.write("server.pem", server_.certificate_chain_pem());
    folder_.write("server.key", server_.private_key_pkcs8_pem());
    start("TLSv1.3");
  }
  /// Starts it, once more with other keys for its sessions.
  void start(const std::string& protocols) {
    process_.reset();
    process_.emplace("nginx", folder_ / "log", [&](std::uint16_t port) {
      folder_.write("nginx.conf", filled_in("nginx_early_data.conf", {{"@FOLDER@", folder_.path()},
                                                                     {"@PORT@", std::to_string(port)},
                                                                     {"@TLS_PORT@", std::to_string(tls_port_)},
                                                                     {"@PROTOCOLS@", protocols}}));
      return std::vector<std::string>{find_program({"nginx"}, "nginx-light"),
                                      "-e",
                                      "stderr",
                                      "-p",
                                      folder_.path(),
                                      "-c",
                                      folder_ / "nginx.conf"};
    });
  }

  /// Keeps a client that has sent early data from finishing its handshake until its request was answered:
  /// nginx calls only that early data which it looks at before. Sees the secrets in the order of the handshake.
  okhttp::KeyLog hold_handshake() {
    return okhttp::KeyLog([this](std::string_view line) {
      if (line.starts_with("CLIENT_EARLY_TRAFFIC_SECRET ")) {
        // nginx does one thing after the other: now it has written down all its answers before this one.
        std::thread([this] {  // the event loop's own may not block
          if (okhttp::get("http://" + local_peer(process_->port()) + "/").code() != 204) std::abort();
        }).join();
        before_ = answered();
      }
      if (!line.starts_with("SERVER_HANDSHAKE_TRAFFIC_SECRET ") || !before_) return;
      const auto end = std::chrono::steady_clock::now() + patience;
      while (answered() == *before_ && std::chrono::steady_clock::now() < end) std::this_thread::yield();
      before_.reset();
    });
  }

  std::string url(const std::string& path) const { return "https://" + local_peer(tls_port_) + path; }
  okhttp::HandshakeCertificates trust() const {
    return okhttp::HandshakeCertificates::Builder().add_trusted_pem(server_.certificate_pem()).build();
  }

 private:
  /// How long the log of answers is.
  std::uintmax_t answered() const { return std::filesystem::file_size(folder_ / "answers"); }

  const TemporaryFolder folder_;
  const HeldCertificate server_ = HeldCertificate::localhost();
  const std::uint16_t tls_port_;
  std::optional<std::uintmax_t> before_;
  std::optional<ServerProcess> process_;
};

Nginx& nginx() {
  static Nginx server;
  return server;
}

/// Every call makes a connection of its own.
template <class D>
auto builder(bool early) {
  auto made = D::builder();
  made.trusted_certificates(nginx().trust()).connection_pool({.max_idle_connections = 0, .keep_alive = 5min});
  if (early) made.early_data(true).key_log(nginx().hold_handshake());
  return made;
}

/// What the server says to a request on the second connection of a client. Clients of one builder share sessions.
template <class Builder>
std::string second(const Builder& settings, const Request& request) {
  const auto client = settings.build();
  CHECK(body_of(client, nginx().url("/")) == "GET [] .");
  return client.new_call(request).execute().body().string();
}

Request::Builder to(const std::string& path) { return Request::Builder().url(nginx().url(path)); }

}  // namespace

TEST_SUITE("integration/real_servers/nginx_early_data") {
  TEST_CASE_TEMPLATE("a safe request goes along with the handshake of a session that goes on", D, OnInline,
                     OnThreads, OnLoop) {
    CHECK(second(builder<D>(true), to("/").build()) == "GET [1] r");
    CHECK(second(builder<D>(true), to("/").method("OPTIONS").build()) == "OPTIONS [1] r");
    // Not asked for.
    CHECK(second(builder<D>(false), to("/").build()) == "GET [] r");
  }

  TEST_CASE_TEMPLATE("what must not be played back waits for the handshake", D, OnInline, OnLoop) {
    CHECK(second(builder<D>(true), to("/").post(RequestBody::create("body")).build()) == "POST [] r");
    CHECK(second(builder<D>(true), to("/").method("DELETE").build()) == "DELETE [] r");
    CHECK(second(builder<D>(true), to("/").idempotent(false).build()) == "GET [] r");
    CHECK(second(builder<D>(true), to("/").header("Proxy-Authorization", "Basic eDp5").build()) == "GET [] r");
    // More than the session allows.
    CHECK(second(builder<D>(true), to("/").header("X-Long", std::string(17'000, 'x')).build()) == "GET [] r");
    auto watched = builder<D>(true);
    watched.add_network_interceptor([](Chain& chain) { return chain.proceed(chain.request()); });
    CHECK(second(watched, to("/").build()) == "GET [] r");
  }

  TEST_CASE_TEMPLATE("a request that comes too early for the server is repeated after the handshake", D, OnInline,
                     OnLoop) {
    const auto client = builder<D>(true).build();
    CHECK(body_of(client, nginx().url("/")) == "GET [] .");
    const Response response = execute(client, nginx().url("/guarded"));
    CHECK(response.code() == 200);
    CHECK(response.body().string() == "GET [] r");
    REQUIRE(response.prior_response() != nullptr);
    CHECK(response.prior_response()->code() == 425);
  }

  TEST_CASE_TEMPLATE("the connection then goes on as others do", D, OnInline, OnLoop) {
    const auto client =
        builder<D>(true).connection_pool({.max_idle_connections = 5, .keep_alive = 5min}).build();
    CHECK(body_of(client, nginx().url("/count")) == "[] . 1");
    client.connection_pool().evict_all();
    CHECK(body_of(client, nginx().url("/count")) == "[1] r 1");
    CHECK(body_of(client, nginx().url("/count")) == "[] r 2");
    CHECK(body_of(client, nginx().url("/count")) == "[] r 3");
  }

  TEST_CASE_TEMPLATE("what the server does not take is sent again", D, OnInline, OnLoop) {
    int early = 0;
    const auto count = [&early](std::string_view line) {
      if (line.starts_with("CLIENT_EARLY_TRAFFIC_SECRET ")) ++early;
    };
    const auto client = builder<D>(true).key_log(okhttp::KeyLog(count)).build();
    CHECK(body_of(client, nginx().url("/count")) == "[] . 1");
    CHECK(early == 0);
    nginx().start("TLSv1.3");
    CHECK(body_of(client, nginx().url("/count")) == "[] . 1");
    CHECK(early == 1);
    // One that cannot even pass over it ends the handshake; another one is made.
    nginx().start("TLSv1.2");
    CHECK(body_of(client, nginx().url("/count")) == "[] . 1");
    CHECK(early == 2);
    nginx().start("TLSv1.3");
  }

  TEST_CASE("one call sends early data once") {
    const auto client = builder<OnThreads>(true).build();
    CHECK(body_of(client, nginx().url("/")) == "GET [] .");
    const Response response = execute(client, nginx().url("/moved"));
    CHECK(response.body().string() == "GET [] r");
    REQUIRE(response.prior_response() != nullptr);
    CHECK(response.prior_response()->code() == 302);
  }

}  // TEST_SUITE

}  // namespace real_servers_nginx_early_data_test
