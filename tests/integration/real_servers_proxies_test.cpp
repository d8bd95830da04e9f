// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/extras/digest_authenticator.hpp>
#include <okhttp/testing/mock_web_server.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/real_server.hpp"

namespace real_servers_proxies_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Proxy;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;

/// A server behind the proxies, plain or with TLS. Its name is known to those that are told it.
struct Origin : MockWebServer {
  explicit Origin(bool secure) {
    if (secure) use_https(HeldCertificate::localhost());
    dispatcher([](const okhttp::RecordedRequest& request) {
      return MockResponse().body(request.target() + " " +
                                 std::string(request.headers().get("Proxy-Authorization").value_or("-")));
    });
  }
  std::string at(std::string_view path) const { return url(path).to_string(); }
};

/// squid, which wants jesse's password by Basic or by Digest.
class Squid {
 public:
  explicit Squid(bool digest) {
    // As root it turns into another user, who has to get at its files.
    ::chmod(folder_.path().c_str(), 0777);
    folder_.write("basic", "jesse:$apr1$labsalt1$Kso6cU8QQ8uA7QCz5CQUY1\n");
    folder_.write("digest", "jesse:secret\n");
    process_.emplace("squid", folder_ / "log", [&](std::uint16_t port) {
      const std::string helpers = "/usr/lib/squid/";
      const std::string scheme =
          digest ? "auth_param digest program " + helpers + "digest_file_auth " + (folder_ / "digest") +
                       "\nauth_param digest realm lab\nauth_param digest children 1 startup=1\n"
                 : "auth_param basic program " + helpers + "basic_ncsa_auth " + (folder_ / "basic") +
                       "\nauth_param basic realm lab\nauth_param basic children 1 startup=1\n";
      folder_.write("squid.conf", "http_port 127.0.0.1:" + std::to_string(port) + "\n" + scheme +
                                      "acl known proxy_auth REQUIRED\n"
                                      "http_access allow known\n"
                                      "http_access deny all\n"
                                      "cache deny all\n"
                                      "cache_mem 1 MB\n"
                                      "memory_cache_shared off\n"
                                      "netdb_filename none\n"
                                      "pinger_enable off\n"
                                      "max_filedescriptors 1024\n"
                                      "shutdown_lifetime 0 seconds\n"
                                      "visible_hostname lab\n"
                                      "forward_max_tries 1\n"
                                      "connect_retries 0\n"
                                      "via off\n"
                                      "access_log none\n"
                                      "cache_log " + (folder_ / "cache.log") + "\n"
                                      "pid_filename " + (folder_ / "squid.pid") + "\n"
                                      "coredump_dir " + folder_.path() + "\n");
      return std::vector<std::string>{find_program({"squid"}, "squid"), "-N", "-f", folder_ / "squid.conf"};
    });
  }
  std::uint16_t port() const { return process_->port(); }

 private:
  TemporaryFolder folder_;
  std::optional<ServerProcess> process_;
};

template <class Builder>
auto through(Builder builder, const Proxy& proxy, const Origin& origin) {
  return builder.trusted_certificates(origin.client_trust()).proxy(proxy).build();
}

/// Two pages by way of a proxy: the second on the connection of the first.
template <class Client>
void check_pages(const Client& client, Origin& origin) {
  CHECK(body_of(client, origin.at("/one")) == "/one -");
  CHECK(body_of(client, origin.at("/two")) == "/two -");
  CHECK(origin.take_request().connection_index() == 0);
  CHECK(origin.take_request().connection_index() == 0);
}

TEST_SUITE("integration/real_servers/proxies") {

TEST_CASE_TEMPLATE("squid, Basic, plain and through a tunnel", D, OnInline, OnLoop) {
  static const Squid squid(false);
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    Origin origin(secure);
    check_pages(through(D::builder(), Proxy::http("127.0.0.1", squid.port(), "jesse", "secret"), origin), origin);

    // Nobody has told the proxy, so it asks.
    int asked = 0;
    auto builder = D::builder();
    builder.proxy_authenticator([&](const okhttp::Route*, const Response& challenge) -> std::optional<Request> {
      if (challenge.header("Proxy-Authenticate") == okhttp::preemptive_scheme) return std::nullopt;
      ++asked;
      if (challenge.request().header("Proxy-Authorization")) return std::nullopt;
      return challenge.request()
          .new_builder()
          .header("Proxy-Authorization", okhttp::Credentials::basic("jesse", "secret"))
          .build();
    });
    Origin second(secure);
    auto client = through(std::move(builder), Proxy::http("127.0.0.1", squid.port()), second);
    CHECK(body_of(client, second.at("/asked")) == "/asked -");
    CHECK(asked == 1);

    auto stranger = through(D::builder(), Proxy::http("127.0.0.1", squid.port(), "jesse", "wrong"), origin);
    Result<Response> refused = stranger.new_call(get_request(origin.at("/"))).try_execute();
    if (secure) {
      REQUIRE_FALSE(refused);
      CHECK(refused.error() == Errc::proxy_authentication);
    } else {
      REQUIRE(refused);
      CHECK(refused->code() == 407);
    }
  }
}

TEST_CASE_TEMPLATE("squid, Digest, plain and through a tunnel", D, OnInline, OnLoop) {
  static const Squid squid(true);
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    Origin origin(secure);
    const okhttp::DigestAuthenticator digest("jesse", "secret");
    auto builder = D::builder();
    builder.proxy_authenticator(digest).add_network_interceptor(digest);
    check_pages(through(std::move(builder), Proxy::http("127.0.0.1", squid.port()), origin), origin);

    auto stranger = D::builder();
    stranger.proxy_authenticator(okhttp::DigestAuthenticator("jesse", "wrong"));
    Result<Response> refused = through(std::move(stranger), Proxy::http("127.0.0.1", squid.port()), origin)
                                   .new_call(get_request(origin.at("/")))
                                   .try_execute();
    if (secure) {
      REQUIRE_FALSE(refused);
      CHECK(refused.error() == Errc::proxy_authentication);
    } else {
      REQUIRE(refused);
      CHECK(refused->code() == 407);
    }
  }
}

TEST_CASE("squid refuses a tunnel to where nobody listens") {
  const Squid squid(false);
  auto client = OnInline::builder().proxy(Proxy::http("127.0.0.1", squid.port(), "jesse", "secret")).build();
  const Result<Response> failed =
      client.new_call(get_request("https://127.0.0.1:" + std::to_string(free_port()) + "/")).try_execute();
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == Errc::connect_failed);
  CHECK(contains(failed.error().message(), "with 503"));
}

TEST_CASE_TEMPLATE("tinyproxy with a password", D, OnInline, OnLoop) {
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0777);
  const ServerProcess tinyproxy("tinyproxy", folder / "log", [&](std::uint16_t port) {
    folder.write("tinyproxy.conf", "Port " + std::to_string(port) +
                                       "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogLevel Error\n"
                                       "DisableViaHeader Yes\nBasicAuth jesse secret\n");
    return std::vector<std::string>{find_program({"tinyproxy"}, "tinyproxy-bin"), "-d", "-c", folder / "tinyproxy.conf"};
  });
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    Origin origin(secure);
    auto client = through(D::builder(), Proxy::http("localhost", tinyproxy.port(), "jesse", "secret"), origin);
    CHECK(body_of(client, origin.at("/one")) == "/one -");
    CHECK(body_of(client, origin.at("/two")) == "/two -");
    auto stranger = through(D::builder(), Proxy::http("localhost", tinyproxy.port()), origin);
    const Result<Response> refused = stranger.new_call(get_request(origin.at("/"))).try_execute();
    if (secure) {
      REQUIRE_FALSE(refused);
      CHECK((refused.error() == Errc::proxy_authentication || refused.error() == Errc::connect_failed));
    } else {
      REQUIRE(refused);
      CHECK((refused->code() == 407 || refused->code() == 401));
    }
  }
}

TEST_CASE_TEMPLATE("microsocks with a password", D, OnInline, OnLoop) {
  const TemporaryFolder folder;
  const ServerProcess microsocks("microsocks", folder / "log", [&](std::uint16_t port) {
    return std::vector<std::string>{find_program({"microsocks"}, "microsocks"), "-i", "127.0.0.1", "-p",
                                    std::to_string(port), "-u", "jesse", "-P", "secret"};
  });
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    Origin origin(secure);
    check_pages(through(D::builder(), Proxy::socks5("127.0.0.1", microsocks.port(), "jesse", "secret"), origin), origin);
    for (const Proxy& bad : {Proxy::socks5("127.0.0.1", microsocks.port(), "jesse", "wrong"),
                             Proxy::socks5("127.0.0.1", microsocks.port())}) {
      auto stranger = through(D::builder(), bad, origin);
      const Result<Response> refused = stranger.new_call(get_request(origin.at("/"))).try_execute();
      REQUIRE_FALSE(refused);
      CAPTURE(refused.error().message());
      CHECK(refused.error() == Errc::connect_failed);
    }
  }
}

}  // TEST_SUITE

}  // namespace real_servers_proxies_test
