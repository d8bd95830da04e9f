// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/chain.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace chain_override_test {

// Interceptors that change settings for single calls, over real sockets.

using namespace okhttp_tests;
using okhttp::Chain;
using okhttp::ConnectionPool;
using okhttp::ConnectionPoolMetrics;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

/// How patient a call is, as a tag of its request.
struct Patience {
  okhttp::Clock::duration connect = patience;
  okhttp::Clock::duration read = patience;
  okhttp::Clock::duration write = patience;
};

Task<Response> obey_patience(Chain& chain) {
  const Patience* wanted = chain.request().tag<Patience>();
  if (wanted == nullptr) return chain.proceed(chain.request());
  return chain.with_connect_timeout(wanted->connect)
      .with_read_timeout(wanted->read)
      .with_write_timeout(wanted->write)
      .proceed(chain.request());
}

void check_failed(const Result<Response>& result, Errc code, std::string_view text) {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message());
  CHECK(result.error() == code);
  CHECK(contains(result.error().message(), text));
}

/// Calls of `/own...` take this pool.
struct OwnPool {
  std::shared_ptr<ConnectionPool> pool;
  const ConnectionPool* usual = nullptr;
  bool is_foreign = false;
  Task<Response> operator()(Chain& chain) const {
    CHECK(&chain.connection_pool() == usual);
    if (!chain.request().url().path().starts_with("/own")) return chain.proceed(chain.request());
    Chain changed = chain.with_connection_pool(pool);
    CHECK(&changed.connection_pool() == (is_foreign ? usual : pool.get()));
    return changed.proceed(chain.request());
  }
};

/// A client of the same pools whose calls do that.
template <class Client>
typename Client::Builder with_own(const Client& client, std::shared_ptr<ConnectionPool> pool,
                                  bool is_foreign = false) {
  typename Client::Builder builder = client.new_builder();
  builder.add_interceptor(OwnPool{std::move(pool), &client.connection_pool(), is_foreign});
  return builder;
}

constexpr std::size_t long_body = 200'000;  // is not here all at once

/// `.../moved` leads to `/own`, and `.../long` is long.
void answer_all(MockWebServer& server) {
  server.dispatcher([](const RecordedRequest& request) {
    if (request.target().ends_with("/moved")) return MockResponse().code(302).header("Location", "/own").body("gone");
    return MockResponse().body(request.target().ends_with("/long") ? std::string(long_body, 'x') : "short");
  });
}

void check_counts(const ConnectionPool& pool, std::size_t created, std::size_t hits, std::size_t idle,
                  std::size_t active) {
  const ConnectionPoolMetrics metrics = pool.metrics();
  CHECK(metrics.created == created);
  CHECK(metrics.hits == hits);
  CHECK(metrics.idle == idle);
  CHECK(metrics.active == active);
  CHECK(metrics.waiting == 0);
}

}  // namespace

TEST_SUITE("integration/chain_override") {

TEST_CASE_TEMPLATE("single calls have timeouts that an interceptor gives them", D, OKHTTP_EVERY_DISPATCHER) {
  auto client = D::builder()
                    .connect_timeout(patience)
                    .read_timeout(patience)
                    .write_timeout(patience)
                    .add_interceptor(&obey_patience)
                    .build();
  const auto with = [](const std::string& url, Patience wanted, std::string body = {}) {
    Request::Builder made;
    made.url(std::string_view(url)).tag(wanted);
    if (!body.empty()) made.post(RequestBody::create(std::move(body)));
    return made.build();
  };
  const FullBacklog full;
  check_failed(client.new_call(with(full.url(), {.connect = 90ms})).try_execute(), Errc::connect_timeout, "90 ms");
  const SilentServer silent;
  check_failed(client.new_call(with(silent.url(), {.read = 80ms})).try_execute(), Errc::read_timeout, "80 ms");
  check_failed(client.new_call(with(silent.url(), {.write = 70ms}, std::string(32 << 20, 'x'))).try_execute(),
               Errc::write_timeout, "70 ms");
  // A body that stops, read when the interceptor has long ended.
  MockWebServer server;
  server.enqueue(MockResponse().body(std::string(100'000, 'x')).on_response_body(okhttp::Stall{}));
  Response response = client.new_call(with(server.url("/").to_string(), {.read = 150ms})).execute();
  const Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::read_timeout);
  CHECK(contains(text.error().message(), "150 ms"));
}

TEST_CASE_TEMPLATE("single calls go where an interceptor's resolver says", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  std::vector<std::string> asked;
  const auto dns = std::make_shared<okhttp::Dns>(okhttp::detail::make_dns([&asked](std::string_view host) {
    asked.emplace_back(host);
    return std::vector<IpAddress>{IpAddress::parse("127.0.0.1")};
  }));
  auto client = D::builder()
                    .dns([](std::string_view) { return std::vector<IpAddress>(); })
                    .add_interceptor([&dns](Chain& chain) -> Task<Response> {
                      const bool usual = chain.request().url().path() == "/usual";
                      if (usual) co_return co_await chain.proceed(chain.request());
                      co_return co_await chain.with_dns(dns).proceed(chain.request());
                    })
                    .build();
  const std::string url = "http://only-here.example:" + std::to_string(server.port());
  CHECK(client.new_call(get_request(url + "/a")).execute().body().string() == "/a");
  check_failed(client.new_call(get_request(url + "/usual")).try_execute(), Errc::dns, "only-here.example");
  CHECK(client.new_call(get_request(url + "/b")).execute().body().string() == "/b");
  // The second one finds the connection of the first.
  CHECK(asked == std::vector<std::string>{"only-here.example"});
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("single calls take another proxy and have other credentials", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().code(request.header("Authorization") ? 200 : 401).body(request.target());
  });
  auto client = D::builder()
                    .proxy(okhttp::Proxy::http("127.0.0.1", 1))  // nobody is there
                    .add_interceptor([&server](Chain& chain) {
                      const std::string path(chain.request().url().path());
                      if (path == "/direct")
                        return chain.with_proxy(okhttp::Proxy::none()).proceed(chain.request());
                      if (path != "/proxied") return chain.proceed(chain.request());
                      const auto proxy = okhttp::Proxy::http("127.0.0.1", server.port());
                      return chain.with_proxy_selector(okhttp::ProxySelector::of({proxy}))
                          .with_authenticator([](const okhttp::Route* route, const Response& response) {
                            CHECK(route != nullptr);
                            std::optional<Request> next;
                            if (!response.request().header("Authorization"))
                              next = response.request().new_builder().header("Authorization", "Mine x").build();
                            return next;
                          })
                          .proceed(chain.request());
                    })
                    .build();
  const auto fetch = [&client](const std::string& url) {
    const Result<Response> response = client.new_call(get_request(url)).try_execute();
    if (!response) return response.error().message();
    return std::to_string(response->code()) + " " + response->body().string();
  };
  CHECK(fetch(server.url("/direct").to_string()) == "401 /direct");
  CHECK(fetch("http://elsewhere.example/proxied") == "200 http://elsewhere.example/proxied");
  CHECK(contains(fetch(server.url("/usual").to_string()), "127.0.0.1:1"));
}

TEST_CASE("a call tells its listener of what its parts do") {
  MockWebServer server;
  server.enqueue(MockResponse().code(302).header("Location", "/next"));
  server.enqueue(MockResponse().body("answer"));
  struct Listener : okhttp::EventListener {
    std::string heard;
    std::vector<const void*> calls;
    void call_start(const okhttp::Call&) override { heard += "start "; }
    void dns_start(const okhttp::Call& call, std::string_view host) override {
      heard += "dns(" + std::string(host) + ") ";
      CHECK(call.is_executed());
    }
    void response_headers_end(const okhttp::Call& call, const Response& response) override {
      heard += std::to_string(response.code()) + " ";
      CHECK(call.is_executed());
    }
    void response_body_end(const okhttp::Call&, std::uint64_t bytes) override {
      heard += std::to_string(bytes) + " ";
    }
    void call_end(const okhttp::Call&) override { heard += "end"; }
  };
  const auto listener = std::make_shared<Listener>();
  auto client = OnInline::builder()
                    .event_listener(listener)
                    .add_interceptor([](Chain& chain) {
                      return chain.with_dns([](std::string_view) {
                               return std::vector<IpAddress>{IpAddress::parse("127.0.0.1")};
                             })
                          .proceed(chain.request());
                    })
                    .build();
  const std::string url = "http://heard.example:" + std::to_string(server.port());
  CHECK(client.new_call(get_request(url)).execute().body().string() == "answer");
  CHECK(listener->heard == "start dns(heard.example) 302 0 200 6 end");
}

TEST_CASE_TEMPLATE("single calls trust whom an interceptor trusts", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.use_https(okhttp::HeldCertificate::localhost());
  server.dispatcher([](const RecordedRequest& request) { return MockResponse().body(request.target()); });
  const HandshakeCertificates same = server.client_trust();
  constexpr const char* pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const auto pinner = okhttp::CertificatePinner::Builder().add("127.0.0.1", pin).build();
  const okhttp::HostNameVerifier nobody([](std::string_view, const okhttp::AlternativeNames&) { return false; });
  bool resumed = false;
  auto client = D::builder()
                    .trusted_certificates(HandshakeCertificates::Builder().build())
                    .add_interceptor([&](Chain& chain) {
                      const std::string path(chain.request().url().path());
                      if (path == "/pinned")
                        return chain.with_trusted_certificates(same).with_certificate_pinner(pinner).proceed(
                            chain.request());
                      if (path == "/renamed")
                        return chain.with_trusted_certificates(same).with_host_name_verifier(nobody).proceed(
                            chain.request());
                      if (path == "/same") return chain.with_trusted_certificates(same).proceed(chain.request());
                      if (path == "/other")
                        return chain.with_trusted_certificates(server.client_trust()).proceed(chain.request());
                      return chain.proceed(chain.request());
                    })
                    .add_network_interceptor([&resumed](Chain& chain) {
                      const okhttp::Handshake* const handshake = chain.connection()->handshake();
                      resumed = handshake != nullptr && handshake->resumed;
                      return chain.proceed(chain.request());
                    })
                    .build();
  const auto fetch = [&](std::string_view path) {
    return client.new_call(get_request(server.url(path).to_string())).try_execute();
  };
  check_failed(fetch("/usual"), Errc::certificate, "localhost");
  std::vector<std::size_t> connections;
  for (const char* path : {"/same", "/same", "/other", "/same"}) {
    const Result<Response> response = fetch(path);
    REQUIRE(response);
    CHECK(response->body().string() == path);
    connections.push_back(server.take_request().connection_index());
  }
  CHECK(connections[0] == connections[1]);
  CHECK(connections[0] != connections[2]);
  CHECK(connections[0] == connections[3]);
  check_failed(fetch("/usual"), Errc::certificate, "localhost");

  // A connection that is opened anew resumes the session of the first.
  client.connection_pool().evict_all();
  const Result<Response> again = fetch("/same");
  REQUIRE(again);
  CHECK(resumed);

  // What is demanded beyond trust.
  check_failed(fetch("/pinned"), Errc::pin, "127.0.0.1");
  check_failed(fetch("/renamed"), Errc::host_name, "127.0.0.1");
}

TEST_CASE_TEMPLATE("single calls have their connections in another pool", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server);
  for (const bool is_heard : {false, true}) {
    CAPTURE(is_heard);
    const auto base = D::builder().build();
    const std::shared_ptr<ConnectionPool> pool = base.new_connection_pool();
    auto builder = with_own(base, pool);
    if (is_heard) builder.event_listener(std::make_shared<okhttp::EventListener>());
    const auto client = builder.build();
    const auto get = [&](std::string_view path) {
      return client.new_call(get_request(server.url(path).to_string())).execute().body().string().size();
    };
    CHECK(get("/own") == 5);
    check_counts(*pool, 1, 0, 1, 0);
    check_counts(base.connection_pool(), 0, 0, 0, 0);
    CHECK(get("/usual") == 5);
    check_counts(*pool, 1, 0, 1, 0);
    check_counts(base.connection_pool(), 1, 0, 1, 0);
    CHECK(get("/own/long") == long_body);
    CHECK(get("/own/moved") == 5);
    CHECK(pool->metrics().created == 1);
    CHECK(pool->metrics().hits >= 2);  // a call with a listener keeps its connection for the follow-up
    CHECK(pool->metrics().idle == 1);
    check_counts(base.connection_pool(), 1, 0, 1, 0);

    // A body that is open when the interceptor has long ended, dropped, on the loop's thread or not.
    {
      const Response open = client.new_call(get_request(server.url("/own/long").to_string())).execute();
      CHECK(pool->metrics().active == 1);
      REQUIRE(pool->open_bodies().size() == 1);
      CHECK(base.connection_pool().open_bodies().empty());
    }
    client.poll();
    CHECK(pool->metrics().active == 0);
    check_counts(base.connection_pool(), 1, 0, 1, 0);

    pool->evict_all();
    CHECK(pool->metrics().idle == 0);
    CHECK(base.connection_pool().metrics().idle == 1);
    CHECK(get("/own") == 5);
    CHECK(pool->metrics().created == 2);
    base.connection_pool().evict_all();
    CHECK(pool->metrics().idle == 1);
  }
}

TEST_CASE_TEMPLATE("a pool of single calls has caps of its own", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  answer_all(server);
  const auto base = D::builder().connect_timeout(std::is_same_v<D, OnInline> ? 0ms : 30ms).build();
  const std::shared_ptr<ConnectionPool> pool = base.new_connection_pool({.max_connections = 1});
  const auto client = with_own(base, pool).build();
  const auto get = [&](std::string_view path) {
    return client.new_call(get_request(server.url(path).to_string())).try_execute();
  };
  Result<Response> open = get("/own/long");
  REQUIRE(open);
  check_failed(get("/own"), std::is_same_v<D, OnInline> ? Errc::misuse : Errc::connect_timeout, "max_connections (1)");
  CHECK(get("/usual"));
  CHECK(open->body().string().size() == long_body);
  CHECK(get("/own"));
  check_counts(*pool, 1, 1, 1, 0);
  const auto bad = base.try_new_connection_pool({.keep_alive = 0s});
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == Errc::invalid_argument);
}

TEST_CASE_TEMPLATE("a further pool and its client go in any order", D, OKHTTP_EVERY_DISPATCHER) {
  Counter ended;
  const auto answer_once = [&ended](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (peer.read_head().empty()) ended.add();
  };
  const ScriptedServer idle(answer_once);
  const ScriptedServer other_idle(answer_once);
  MockWebServer server;
  answer_all(server);
  const std::string url = server.url("/own/long").to_string();
  {
    // The pool first: by a thread that is not the loop's, with an open body.
    const auto base = D::builder().build();
    std::shared_ptr<ConnectionPool> pool = base.new_connection_pool();
    auto client = std::make_optional(base.new_builder().connection_pool(pool).build());
    CHECK(&client->connection_pool() == pool.get());
    CHECK(client->new_call(get_request(idle.url())).execute().body().string() == "ok");
    std::optional<Response> open = client->new_call(get_request(url)).execute();
    check_counts(*pool, 2, 0, 1, 1);
    check_counts(base.connection_pool(), 0, 0, 0, 0);
    client.reset();
    Background([&] { pool.reset(); }).join();
    CHECK(open->body().string().size() == long_body);
    open.reset();
    base.poll();
    CHECK(ended.wait_for(1));
    CHECK(base.new_call(get_request(url)).execute().body().string().size() == long_body);
  }
  std::shared_ptr<ConnectionPool> pool;
  std::optional<Response> open;
  {
    // The client first; its settings keep the pool, too.
    auto base = D::builder().build();
    pool = base.new_connection_pool();
    const auto client = with_own(base, pool).build();
    CHECK(client.new_call(get_request("http://" + local_peer(other_idle.port()) + "/own")).execute().body().string() == "ok");
    open = client.new_call(get_request(url)).execute();
    check_counts(*pool, 2, 0, 1, 1);
  }
  CHECK(ended.wait_for(2));
  check_counts(*pool, 2, 0, 0, 1);
  CHECK(open->body().string().size() == long_body);
  open.reset();
  check_counts(*pool, 2, 0, 0, 0);
  pool->evict_all();
  CHECK(pool->open_bodies().empty());
  const auto other = D::builder().build();
  check_failed(with_own(other, std::exchange(pool, nullptr), true).build().new_call(get_request(url)).try_execute(),
               Errc::misuse, "new_connection_pool");
  {
    // Both at once, and a call that is dropped unread.
    std::optional<typename D::Client> client = D::builder().build();
    pool = client->new_connection_pool();
    open = with_own(*client, pool).build().new_call(get_request(url)).execute();
    const Background one([&] { pool.reset(); });
    const Background another([&] { open.reset(); });
    client.reset();
  }
}

TEST_CASE("another client's pool is refused, and a network interceptor's") {
  MockWebServer server;
  answer_all(server);
  const std::string url = server.url("/own").to_string();
  const auto client = OnInline::builder().build();
  const auto other = OnInline::builder().build();
  constexpr std::string_view text = "new_connection_pool";
  check_failed(with_own(client, other.new_connection_pool(), true).build().new_call(get_request(url)).try_execute(),
               Errc::misuse, text);
  const auto nobodys = std::make_shared<ConnectionPool>();
  check_failed(with_own(client, nobodys, true).build().new_call(get_request(url)).try_execute(), Errc::misuse, text);
  const auto derived = client.new_builder().connection_pool(other.new_connection_pool()).try_build();
  REQUIRE_FALSE(derived);
  CHECK(derived.error() == Errc::misuse);
  CHECK_FALSE(OnInline::builder().connection_pool(client.new_connection_pool()).try_build());
  const auto late = client.new_builder()
                        .add_network_interceptor([&](Chain& chain) {
                          return chain.with_connection_pool(client.new_connection_pool()).proceed(chain.request());
                        })
                        .build();
  check_failed(late.new_call(get_request(url)).try_execute(), Errc::misuse, "cannot change the connection pool");

  // Null takes a derived client back to the first one's.
  const auto own = client.new_builder().connection_pool(client.new_connection_pool()).build();
  const auto back = own.new_builder().connection_pool(std::shared_ptr<ConnectionPool>()).build();
  CHECK(&own.connection_pool() != &client.connection_pool());
  CHECK(&back.connection_pool() == &client.connection_pool());
}

}  // TEST_SUITE

}  // namespace chain_override_test
