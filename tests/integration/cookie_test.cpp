// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/cookies.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/temporary_folder.hpp"

namespace cookie_test {

// What a client with a cookie jar sends and keeps, over real sockets.

using namespace okhttp_tests;
using okhttp::Chain;
using okhttp::Cookie;
using okhttp::CookieJar;
using okhttp::Errc;
using okhttp::FileCookieJar;
using okhttp::HttpUrl;
using okhttp::MemoryCookieJar;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

/// The Cookie header of the next request, or "-".
std::string sent(MockWebServer& server) {
  const RecordedRequest request = server.take_request();
  CHECK(request.headers().values("Cookie").size() <= 1);
  return std::string(request.header("Cookie").value_or("-"));
}

MockResponse setting(std::string_view cookie) { return MockResponse().add_header("Set-Cookie", cookie); }

std::string names(const std::vector<Cookie>& cookies) {
  std::string text;
  for (const Cookie& cookie : cookies) text.append(text.empty() ? "" : " ").append(cookie.name());
  return text;
}

/// A client for whom every host is this one.
template <class D>
auto client_with(std::shared_ptr<CookieJar> jar) {
  return D::builder()
      .cookie_jar(std::move(jar))
      .dns([](std::string_view) { return std::vector{okhttp::IpAddress::parse("127.0.0.1")}; })
      .build();
}

/// Notes on which threads it is used.
class SlowJar final : public CookieJar {
 public:
  void save_from_response(const HttpUrl& url, std::vector<Cookie> cookies) override {
    saved_on = std::this_thread::get_id();
    jar_.save_from_response(url, std::move(cookies));
  }
  std::vector<Cookie> load_for_request(const HttpUrl& url) override {
    loaded_on = std::this_thread::get_id();
    return jar_.load_for_request(url);
  }
  bool saving_may_block() const noexcept override { return true; }
  bool loading_may_block() const noexcept override { return true; }

  std::thread::id saved_on, loaded_on;

 private:
  MemoryCookieJar jar_;
};

class ThrowingJar final : public CookieJar {
 public:
  explicit ThrowingJar(bool when_loading, bool blocks) : when_loading_(when_loading), blocks_(blocks) {}
  void save_from_response(const HttpUrl&, std::vector<Cookie>) override { throw std::runtime_error("the jar is full"); }
  std::vector<Cookie> load_for_request(const HttpUrl&) override {
    if (when_loading_) throw std::runtime_error("the jar is closed");
    return {};
  }
  bool saving_may_block() const noexcept override { return blocks_; }
  bool loading_may_block() const noexcept override { return blocks_; }

 private:
  const bool when_loading_;
  const bool blocks_;
};

}  // namespace

TEST_SUITE("integration/cookie") {

TEST_CASE_TEMPLATE("what a response sets, the requests after it have, those of a redirect and of a challenge included", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = D::builder()
                          .cookie_jar(jar)
                          .authenticator(okhttp::BasicAuthenticator("user", "password"))
                          .build();
  server.enqueue(setting("a=1; Path=/").add_header("Set-Cookie", "bad").code(302).header("Location", "/two"));
  server.enqueue(setting("b=2; Path=/two").code(401).header("WWW-Authenticate", "Basic realm=\"x\""));
  server.enqueue(setting("a=3; Path=/").code(503).header("Retry-After", "0"));
  server.enqueue(setting("c=4; Path=/").code(404));
  const Response response = client.new_call(get_request(server.url("/one").to_string())).execute();
  CHECK(response.code() == 404);
  CHECK(sent(server) == "-");
  CHECK(sent(server) == "a=1");
  CHECK(sent(server) == "b=2; a=1");
  CHECK(sent(server) == "b=2; a=3");
  CHECK(names(jar->all()) == "a b c");
  // The jar's cookies are no part of the request that the program knows.
  CHECK_FALSE(response.request().header("Cookie"));
  REQUIRE(response.network_response() != nullptr);
  CHECK(response.network_response()->request().header("Cookie") == "b=2; a=3");

  server.enqueue(setting("a=; Path=/; Max-Age=0").body("bye"));
  server.enqueue(MockResponse());
  CHECK(client.new_call(get_request(server.url("/two/x").to_string())).execute().body().string() == "bye");
  CHECK(sent(server) == "b=2; a=3; c=4");
  client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(sent(server) == "c=4");
}

TEST_CASE("an enqueued call keeps cookies, too") {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = okhttp::EventLoopClient::Builder().cookie_jar(jar).build();
  server.enqueue(setting("a=1"));
  client.new_call(get_request(server.url().to_string())).enqueue([](const Result<Response>& result) { CHECK(result); });
  finish_enqueued(client);
  CHECK(names(jar->all()) == "a");
}

TEST_CASE("without a jar nothing is kept, and a request's own cookies are left as they are") {
  MockWebServer server;
  const auto client = OnThreads::builder().cookie_jar(nullptr).build();
  for (int i = 0; i < 2; ++i) server.enqueue(setting("a=1"));
  client.new_call(get_request(server.url().to_string())).execute();
  CHECK(sent(server) == "-");
  client.new_call(Request::Builder().url(server.url()).add_header("Cookie", "x").build()).execute();
  CHECK(sent(server) == "x");
}

TEST_CASE("a request's own cookies come first, and of two with the same name its own one is sent") {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = OnInline::builder().cookie_jar(jar).build();
  const auto send = [&](std::vector<std::string> own) {
    server.enqueue(MockResponse());
    Request::Builder builder;
    builder.url(server.url());
    for (const std::string& header : own) builder.add_header("cookie", header);
    client.new_call(builder.build()).execute();
    return sent(server);
  };
  CHECK(send({"x=1; y=2"}) == "x=1; y=2");
  for (const char* const cookie : {"a=1", "b=2", "c=3"}) jar->add(*Cookie::parse(server.url(), cookie));
  CHECK(send({}) == "a=1; b=2; c=3");
  CHECK(send({"x=1; y=2"}) == "x=1; y=2; a=1; b=2; c=3");
  CHECK(send({"x=1", "y=2"}) == "x=1; y=2; a=1; b=2; c=3");
  CHECK(send({"b=own"}) == "b=own; a=1; c=3");
  CHECK(send({"c = own ;x;a"}) == "c = own ;x;a; b=2");
  CHECK(send({"A=own; ab=a=1"}) == "A=own; ab=a=1; a=1; b=2; c=3");
  CHECK(send({""}) == "a=1; b=2; c=3");
  CHECK(send({"a=; b=; c="}) == "a=; b=; c=");
  // The request is as it was; what the jar has then is added each time it is sent.
  const Request request = Request::Builder().url(server.url()).header("Cookie", "x=1").build();
  for (const char* const expected : {"x=1; a=1; b=2; c=3", "x=1; a=1; b=2; c=3", "x=1; a=1; b=2; c=3; d=4"}) {
    server.enqueue(MockResponse());
    if (std::string_view(expected).ends_with("4")) jar->add(*Cookie::parse(server.url(), "d=4"));
    client.new_call(request).execute();
    CHECK(sent(server) == expected);
  }
  CHECK(request.header("Cookie") == "x=1");
}

TEST_CASE_TEMPLATE("a redirect to another host takes no cookies along, and finds that host's own", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = client_with<D>(jar);
  const auto url = [&](std::string_view host) { return "http://" + std::string(host) + ":" + std::to_string(server.port()); };
  jar->add(*Cookie::parse(HttpUrl::parse(url("one.example")), "site=one"));
  jar->add(*Cookie::parse(HttpUrl::parse(url("two.example")), "site=two"));
  jar->add(Cookie::Builder().name("all").value("1").domain("two.example").build());
  server.enqueue(setting("new=1").code(302).header("Location", url("two.example") + "/"));
  server.enqueue(setting("new=2").code(302).header("Location", url("www.two.example") + "/"));
  server.enqueue(setting("new=3").code(302).header("Location", url("one.example") + "/"));
  server.enqueue(MockResponse());
  client.new_call(Request::Builder().url(url("one.example")).header("Cookie", "own=1").build()).execute();
  CHECK(sent(server) == "own=1; site=one");
  CHECK(sent(server) == "site=two; all=1");
  CHECK(sent(server) == "all=1");
  CHECK(sent(server) == "site=one; new=1");
  CHECK(names(jar->all()) == "site site all new new new");
}

TEST_CASE("network interceptors see the header, application interceptors do not") {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  jar->add(*Cookie::parse(server.url(), "a=1"));
  std::string outside = "?", inside = "?";
  const auto client =
      OnThreads::builder()
          .cookie_jar(jar)
          .add_interceptor([&](Chain& chain) {
            outside = chain.request().header("Cookie").value_or("-");
            CHECK(chain.cookie_jar() == jar);
            return chain.proceed(chain.request());
          })
          .add_network_interceptor([&](Chain& chain) {
            inside = chain.request().header("Cookie").value_or("-");
            return chain.proceed(chain.request().new_builder().header("Cookie", inside + "; b=2").build());
          })
          .build();
  server.enqueue(MockResponse());
  client.new_call(get_request(server.url().to_string())).execute();
  CHECK(outside == "-");
  CHECK(inside == "a=1");
  CHECK(sent(server) == "a=1; b=2");
}

TEST_CASE_TEMPLATE("an application interceptor gives a call another jar, or none; a network interceptor cannot", D,
                   OnInline, OnLoop) {
  MockWebServer server;
  const auto usual = std::make_shared<MemoryCookieJar>();
  const auto own = std::make_shared<MemoryCookieJar>();
  usual->add(*Cookie::parse(server.url(), "jar=usual"));
  own->add(*Cookie::parse(server.url(), "jar=own"));
  std::shared_ptr<CookieJar> wanted = own;
  const auto client = D::builder()
                          .cookie_jar(usual)
                          .add_interceptor([&](Chain& chain) {
                            if (chain.request().url().path() == "/usual") return chain.proceed(chain.request());
                            const Chain changed = chain.with_cookie_jar(wanted);
                            CHECK(changed.cookie_jar() == wanted);
                            return chain.with_cookie_jar(wanted).proceed(chain.request());
                          })
                          .build();
  const auto get = [&](std::string_view path) {
    server.enqueue(setting("set=1; Path=/"));
    client.new_call(get_request(server.url(path).to_string())).execute();
    return sent(server);
  };
  CHECK(get("/own") == "jar=own");
  CHECK(names(own->all()) == "jar set");
  CHECK(names(usual->all()) == "jar");
  CHECK(get("/usual") == "jar=usual");
  wanted = nullptr;
  CHECK(get("/none") == "-");

  const auto late = client.new_builder()
                        .add_network_interceptor([&](Chain& chain) {
                          return chain.with_cookie_jar(nullptr).proceed(chain.request());
                        })
                        .build();
  const Result<Response> refused = late.new_call(get_request(server.url("/usual").to_string())).try_execute();
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Errc::misuse);
  CHECK(contains(refused.error().message(), "cookie jar"));
}

TEST_CASE("interim responses and trailers set no cookies") {
  MockWebServer server;
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = OnThreads::builder().cookie_jar(jar).build();
  server.enqueue(MockResponse().raw(
      "HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nSet-Cookie: c=3\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nbody\r\n0\r\nSet-Cookie: b=2\r\n\r\n"));
  CHECK(client.new_call(get_request(server.url().to_string())).execute().body().string() == "body");
  CHECK(names(jar->all()) == "c");
}

TEST_CASE("cookies that are for https alone stay there") {
  MockWebServer server;
  server.use_https(okhttp::HeldCertificate::localhost());
  const auto jar = std::make_shared<MemoryCookieJar>();
  const auto client = OnThreads::builder().cookie_jar(jar).trusted_certificates(server.client_trust()).build();
  for (int i = 0; i < 2; ++i) server.enqueue(setting("__Host-a=1; Secure; Path=/"));
  for (int i = 0; i < 2; ++i) client.new_call(get_request(server.url().to_string())).execute();
  CHECK(sent(server) == "-");
  CHECK(sent(server) == "__Host-a=1");
  MockWebServer plain;
  for (int i = 0; i < 2; ++i) plain.enqueue(setting("b=2; Secure").add_header("Set-Cookie", "__Host-a=2; Path=/"));
  for (int i = 0; i < 2; ++i) client.new_call(get_request(plain.url().to_string())).execute();
  CHECK(sent(plain) == "-");
  CHECK(sent(plain) == "-");
  CHECK(names(jar->all()) == "__Host-a");
}

TEST_CASE_TEMPLATE("a jar that may block does so on no event loop", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const auto jar = std::make_shared<SlowJar>();
  const auto client = D::builder().cookie_jar(jar).build();
  for (int i = 0; i < 2; ++i) {
    server.enqueue(setting("a=1"));
    client.new_call(get_request(server.url().to_string())).execute();
    CHECK(sent(server) == (i == 0 ? "-" : "a=1"));
    CHECK((jar->loaded_on == std::this_thread::get_id()) == D::blocks);
    CHECK((jar->saved_on == std::this_thread::get_id()) == D::blocks);
  }
}

TEST_CASE_TEMPLATE("what a jar throws ends the call with it", D, OnInline, OnLoop) {
  MockWebServer server;
  for (const bool when_loading : {true, false}) {
    for (const bool blocks : {true, false}) {
      CAPTURE(when_loading);
      CAPTURE(blocks);
      const auto client = D::builder().cookie_jar(std::make_shared<ThrowingJar>(when_loading, blocks)).build();
      if (!when_loading) server.enqueue(setting("a=1"));
      CHECK_THROWS_WITH_AS(client.new_call(get_request(server.url().to_string())).execute(),
                           when_loading ? "the jar is closed" : "the jar is full", std::runtime_error);
    }
  }
}

TEST_CASE_TEMPLATE("when a call ends its cookies are in the file, and the next client has them", D, OKHTTP_EVERY_DISPATCHER) {
  const TemporaryFolder folder;
  const std::string path = folder / "cookies.txt";
  MockWebServer server;
  {
    const auto jar = std::make_shared<FileCookieJar>(path);
    const auto client = D::builder().cookie_jar(jar).build();
    server.enqueue(setting("a=1; Max-Age=1000; Path=/").add_header("Set-Cookie", "b=2; HttpOnly; Path=/"));
    client.new_call(get_request(server.url().to_string())).execute();
    CHECK(sent(server) == "-");
    const std::string content = folder.read("cookies.txt");
    CHECK(contains(content, "127.0.0.1\tFALSE\t/\tFALSE\t"));
    CHECK(contains(content, "\ta\t1\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n"));
    CHECK_FALSE(jar->save_failure());
  }
  const auto client = D::builder().cookie_jar(std::make_shared<FileCookieJar>(path)).build();
  server.enqueue(MockResponse());
  client.new_call(get_request(server.url().to_string())).execute();
  CHECK(sent(server) == "a=1; b=2");
}

TEST_CASE("many threads and several clients use one jar at once") {
  const TemporaryFolder folder;
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return setting("n" + std::string(request.path().substr(1)) + "=" + std::to_string(request.connection_index()) + "; Path=/")
        .body(request.header("Cookie").value_or(""));
  });
  const auto file = std::make_shared<FileCookieJar>(folder / "cookies.txt");
  file->save_every_change(false);
  const std::vector<std::shared_ptr<MemoryCookieJar>> jars = {std::make_shared<MemoryCookieJar>(), file};
  for (const std::shared_ptr<MemoryCookieJar>& jar : jars) {
    const auto client = OnThreads::builder().cookie_jar(jar).build();
    const auto other = OnLoop::builder().cookie_jar(jar).build();
    std::atomic<int> failures{0};
    {
      std::vector<std::unique_ptr<Background>> threads;
      for (int thread = 0; thread < 4; ++thread)
        threads.push_back(std::make_unique<Background>([&, thread] {
          for (int i = 0; i < 10; ++i) {
            const std::string url = server.url("/" + std::to_string(thread * 10 + i)).to_string();
            const Result<Response> response =
                thread == 0 ? other.new_call(get_request(url)).try_execute() : client.new_call(get_request(url)).try_execute();
            if (!response) ++failures;
            (void)jar->all();
            jar->remove_if([](const Cookie& cookie) { return cookie.name() == "n0"; });
            if (i == 5 && jar == file) (void)file->try_save();
          }
        }));
    }
    CHECK(failures == 0);
    CHECK(jar->all().size() == 39);
  }
  CHECK(file->try_save());
  CHECK(FileCookieJar(folder / "cookies.txt").all().size() == 39);
}

}  // TEST_SUITE

}  // namespace cookie_test
