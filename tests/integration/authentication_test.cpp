// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/extras/authenticators.hpp>
#include <okhttp/extras/digest_authenticator.hpp>
#include <okhttp/mockwebserver.hpp>

#include <doctest/doctest.h>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

#include <map>
#include <set>

namespace authentication_test {

using namespace okhttp_tests;
using okhttp::BasicAuthenticator;
using okhttp::BearerAuthenticator;
using okhttp::Call;
using okhttp::Credentials;
using okhttp::DigestAuthenticator;
using okhttp::Errc;
using okhttp::Error;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Proxy;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::Route;
using okhttp::Task;

namespace {

MockResponse unauthorized(std::string_view challenge, int code = 401) {
  MockResponse response;
  response.code(code).body("who are you?");
  if (!challenge.empty()) response.header(code == 407 ? "Proxy-Authenticate" : "WWW-Authenticate", challenge);
  return response;
}

template <class Client>
Result<Response> get(const Client& client, const okhttp::HttpUrl& url) {
  return client.new_call(Request::Builder().url(url).build()).try_execute();
}

template <class Client>
int code_of(const Client& client, const okhttp::HttpUrl& url) {
  const Result<Response> response = get(client, url);
  REQUIRE_MESSAGE(response, (response ? "" : response.error().message()));
  response->close();
  return response->code();
}

std::string header_of(const RecordedRequest& request, std::string_view name) {
  return std::string(request.header(name).value_or("-"));
}

/// A server (or proxy) that wants Digest, computed from the RFC's formulas by other code than ours.
class DigestServer {
 public:
  explicit DigestServer(MockWebServer& server, int code = 401) : code_(code) {
    server.dispatcher([this](const RecordedRequest& request) { return answer(request); });
  }

  std::string qop = "auth";
  std::string algorithm = "SHA-256";
  std::string more;  // parameters
  std::string password = "secret";
  std::string next_nonce;  // sent with the next good answer
  std::set<std::string> stale;
  std::string nonce = "first";
  int challenges() const { return lock(), challenges_; }
  int good() const { return lock(), good_; }
  std::string log() const { return lock(), log_; }

 private:
  std::unique_lock<std::mutex> lock() const { return std::unique_lock<std::mutex>(mutex_); }

  MockResponse answer(const RecordedRequest& request) {
    const std::unique_lock<std::mutex> guard(mutex_);
    const bool proxy = code_ == 407;
    const auto sent = request.header(proxy ? "Proxy-Authorization" : "Authorization");
    bool is_stale = false;
    if (sent) {
      const std::optional<okhttp::AuthParameters> said = okhttp::parse_auth_parameters(sent->substr(7));
      if (!said || !said->get("uri")) return unauthorized("Digest realm=\"house\", nonce=\"" + nonce + "\"");
      const auto get = [&](std::string_view name) { return std::string(said->get(name).value_or("")); };
      CHECK(get("uri") == request.target());
      log_ += get("nonce") + ":" + get("nc").substr(6) + ":" + get("qop") + " ";
      if (get("response") == expected(request, get) && get("username") == "user") {
        if (get("nonce") == nonce && get("nc") > last_count_[nonce]) {
          last_count_[nonce] = get("nc");
          ++good_;
          MockResponse response;
          response.body("welcome");
          if (!next_nonce.empty()) {
            response.header(proxy ? "Proxy-Authentication-Info" : "Authentication-Info", "nextnonce=\"" + next_nonce + "\"");
            nonce = next_nonce;
            next_nonce.clear();
          }
          return response;
        }
        is_stale = true;
      }
    }
    ++challenges_;
    return unauthorized("Digest realm=\"house\", nonce=\"" + nonce + "\", algorithm=" + algorithm + ", qop=\"" + qop + "\"" +
                            (is_stale ? ", stale=true" : "") + more,
                        code_);
  }

  template <class Get>
  std::string expected(const RecordedRequest& request, const Get& get) const {
    const auto h = [&](const std::string& text) {
      const okhttp::DigestAlgorithm kind = algorithm == "MD5" ? okhttp::DigestAlgorithm::md5 : okhttp::DigestAlgorithm::sha256;
      return *okhttp::DigestHash::try_hash(kind, text);
    };
    std::string covered = request.method() + ":" + request.target();
    if (get("qop") == "auth-int") covered += ":" + h(request.body());
    return h(h("user:house:" + password) + ":" + get("nonce") + ":" + get("nc") + ":" + get("cnonce") + ":" + get("qop") +
             ":" + h(covered));
  }

  const int code_;
  mutable std::mutex mutex_;
  int challenges_ = 0;
  int good_ = 0;
  std::string log_;
  std::map<std::string, std::string> last_count_;
};

}  // namespace

TEST_SUITE("integration/authentication") {

TEST_CASE_TEMPLATE("an authenticator answers a 401, as a value, a Result or a Task", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return request.header("Authorization") == "yes" ? MockResponse().body("in") : unauthorized("Any");
  });
  int asked = 0;
  const auto decide = [&](const Route* route, const Response& response) {
    ++asked;
    REQUIRE(route != nullptr);
    CHECK(route->address().port() == server.port());
    CHECK(response.code() == 401);
    CHECK(response.header("WWW-Authenticate") == "Any");
    return response.request().new_builder().header("Authorization", "yes").build();
  };
  const auto check = [&](const auto& client) {
    asked = 0;
    const Result<Response> response = get(client, server.url("/a?b"));
    REQUIRE(response);
    CHECK(response->body().string() == "in");
    CHECK(asked == 1);
    REQUIRE(response->prior_response() != nullptr);
    CHECK(response->prior_response()->code() == 401);
    CHECK(server.take_request().target() == "/a?b");
    const RecordedRequest second = server.take_request();
    CHECK(second.target() == "/a?b");
    CHECK(second.connection_index() == 0);
  };
  auto by_value = D::builder()
                      .authenticator([&](const Route* route, const Response& response) -> std::optional<Request> {
                        return decide(route, response);
                      })
                      .build();
  check(by_value);
  auto derived = by_value.new_builder()
                     .authenticator([&](const Route* route, const Response& response) -> Result<std::optional<Request>> {
                       return std::optional<Request>(decide(route, response));
                     })
                     .build();
  check(derived);
  auto by_task = by_value.new_builder()
                     .authenticator([&](const Route* route, const Response& response) -> Task<std::optional<Request>> {
                       co_await okhttp::Runtime::current()->next_turn();
                       co_return decide(route, response);
                     })
                     .build();
  check(by_task);
}

TEST_CASE("an authenticator may give up, fail, throw, and count among the follow-ups") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return unauthorized("Any"); });
  const auto with = [&](auto authenticator) { return OnThreads::builder().max_follow_ups(3).authenticator(authenticator).build(); };
  auto none = with([](const Route*, const Response&) { return std::optional<Request>(); });
  CHECK(code_of(none, server.url()) == 401);
  CHECK(server.request_count() == 1);
  auto failing = with([](const Route*, const Response&) -> Result<std::optional<Request>> { return Error(Errc::file, "no key"); });
  CHECK(get(failing, server.url()).error().message() == "no key");
  auto throwing = with([](const Route*, const Response&) -> std::optional<Request> { throw 7; });
  CHECK(get(throwing, server.url()).error().code() == Errc::user_exception);
  CHECK(server.request_count() == 3);
  auto endless = with([](const Route*, const Response& response) { return std::optional<Request>(response.request()); });
  const Result<Response> failed = get(endless, server.url());
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code() == Errc::too_many_follow_ups);
  CHECK(server.request_count() == 7);
}

TEST_CASE("a body that can be sent once only is not sent again") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return unauthorized("Basic realm=\"a\""); });
  auto client = OnThreads::builder().authenticator(BasicAuthenticator("user", "pass")).build();
  const RequestBody once = RequestBody::from_reader(
      [left = 3](std::span<std::byte> into) mutable { return left-- > 0 ? (into[0] = std::byte{'x'}, 1U) : 0U; });
  Response response = client.new_call(Request::Builder().url(server.url()).post(once).build()).execute();
  CHECK(response.code() == 401);
  CHECK(response.body().string() == "who are you?");
  CHECK(server.request_count() == 1);
  CHECK(client.new_call(post_request(server.url().to_string(), "again")).execute().code() == 401);
  CHECK(server.request_count() == 3);
}

TEST_CASE("without an HTTP proxy nobody answers a 407") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return unauthorized("Basic realm=\"a\"", 407); });
  int asked = 0;
  auto client = OnThreads::builder()
                    .proxy_authenticator([&](const Route*, const Response&) { return ++asked, std::optional<Request>(); })
                    .build();
  for (const auto& each : {client, OnThreads::builder().build()}) {
    const Result<Response> response = get(each, server.url());
    REQUIRE_FALSE(response);
    CHECK(response.error().code() == Errc::protocol_error);
    CHECK(contains(response.error().message(), "without an HTTP proxy"));
  }
  CHECK(asked == 0);
}

TEST_CASE_TEMPLATE("a cancel and the call timeout end an authenticator's waiting", D, OKHTTP_LOOP_DISPATCHERS) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return unauthorized("Any"); });
  std::optional<Call> running;
  bool cancels = true;
  auto client = D::builder()
                    .authenticator([&](const Route*, const Response&) -> Task<std::optional<Request>> {
                      if (cancels) running->cancel();
                      const okhttp::Signal never;
                      okhttp::WaitItem item(never);
                      co_await okhttp::Runtime::current()->wait_any(std::span(&item, 1), okhttp::Deadline::never());
                      co_return std::nullopt;
                    })
                    .call_timeout(300ms)
                    .build();
  running = client.new_call(get_request(server.url().to_string()));
  CHECK(running->try_execute().error().code() == Errc::canceled);
  cancels = false;
  const Result<Response> late = get(client, server.url());
  REQUIRE_FALSE(late);
  CHECK(late.error().code() == Errc::call_timeout);
  CHECK(contains(late.error().message(), "an authenticator"));
}

TEST_CASE("the route that an authenticator is given outlives its connection and the client that made that") {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    if (request.target() == "/first") return MockResponse();
    return MockResponse().code(401).header("WWW-Authenticate", "Any").header("Connection", "close");
  });
  auto base = OnThreads::builder().build();
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = token;
  {
    auto first = base.new_builder().add_interceptor([owned = std::move(token)](okhttp::Chain& chain) {
      return chain.proceed(chain.request());
    }).build();
    CHECK(code_of(first, server.url("/first")) == 200);
  }
  bool asked = false;
  auto second = base.new_builder().authenticator([&](const Route* route, const Response& response) {
    asked = true;
    REQUIRE(route != nullptr);
    // It tells the settings of the client that is gone from others, but keeps nothing of that client alive.
    CHECK(base.connection_pool().metrics().active == 0);
    CHECK(alive.expired());
    const okhttp::detail::ConnectionSettings other;
    CHECK_FALSE(route->address() == okhttp::Address(response.request().url(), &other));
    return std::optional<Request>();
  }).build();
  CHECK(code_of(second, server.url("/second")) == 401);
  CHECK(asked);
  CHECK(server.connection_count() == 1);
}

TEST_CASE_TEMPLATE("Basic: sent when asked for, once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string right = Credentials::basic("user", "pass");
  server.dispatcher([&](const RecordedRequest& request) {
    return request.header("Authorization") == right ? MockResponse() : unauthorized("Basic realm=\"a\"");
  });
  auto client = D::builder().authenticator(BasicAuthenticator("user", "pass")).build();
  CHECK(code_of(client, server.url()) == 200);
  CHECK(server.request_count() == 2);
  auto wrong = D::builder().authenticator(BasicAuthenticator("user", "other")).build();
  CHECK(code_of(wrong, server.url()) == 401);
  CHECK(server.request_count() == 4);
}

TEST_CASE("Basic: nothing for another scheme, an error for a name that cannot be sent") {
  MockWebServer server;
  auto client = OnThreads::builder().authenticator(BasicAuthenticator("user", "pass")).build();
  for (const char* challenge : {"Digest realm=\"a\", nonce=\"b\"", "Bearer", ""}) {
    server.enqueue(unauthorized(challenge));
    CHECK(code_of(client, server.url()) == 401);
  }
  CHECK(server.request_count() == 3);
  server.enqueue(unauthorized("Basic realm=\"a\""));
  auto odd = OnThreads::builder().authenticator(BasicAuthenticator("us:er", "pass")).build();
  const Result<Response> response = get(odd, server.url());
  REQUIRE_FALSE(response);
  CHECK(response.error().code() == Errc::invalid_argument);
  CHECK_FALSE(contains(response.error().message(), "pass"));
}

TEST_CASE("credentials never follow a redirect to another origin, and are not given there unless it is named") {
  MockWebServer first;
  MockWebServer second;
  const std::string basic = Credentials::basic("user", "pass");
  first.dispatcher([&](const RecordedRequest& request) {
    if (request.header("Authorization") != basic && request.header("Authorization") != "Bearer key")
      return unauthorized("Basic realm=\"a\", Bearer");
    return MockResponse().code(307).header("Location", second.url("/stolen").to_string());
  });
  std::vector<std::string> seen;
  std::string challenge = "Basic realm=\"a\", Bearer";
  second.dispatcher([&](const RecordedRequest& request) {
    seen.push_back(header_of(request, "Authorization"));
    return request.header("Authorization") ? MockResponse() : unauthorized(challenge);
  });
  const auto fetch = [&](auto authenticator) {
    seen.clear();
    auto client = OnThreads::builder().authenticator(authenticator).add_network_interceptor(authenticator).build();
    return code_of(client, first.url("/"));
  };
  CHECK(fetch(BasicAuthenticator("user", "pass")) == 401);
  CHECK(seen == std::vector<std::string>{"-"});
  CHECK(fetch(BearerAuthenticator("key")) == 401);
  CHECK(seen == std::vector<std::string>{"-"});

  // Named: asked or unasked.
  BasicAuthenticator both("user", "pass");
  both.only_for(first.url()).only_for(second.url());
  CHECK(fetch(both) == 200);
  CHECK(seen == std::vector<std::string>{basic});
  auto asked_only = OnThreads::builder().authenticator(both).build();
  seen.clear();
  CHECK(code_of(asked_only, first.url()) == 200);
  CHECK(seen == std::vector<std::string>{"-", basic});
  BearerAuthenticator token("key");
  token.only_for(first.url());
  CHECK(fetch(token) == 401);
  CHECK(seen == std::vector<std::string>{"-"});
  // Bound to one, an authenticator has nothing for the other, whoever calls.
  BasicAuthenticator only_second("user", "pass");
  only_second.only_for(second.url());
  CHECK(fetch(only_second) == 401);
  CHECK(seen.empty());

  // Digest: even when the second server's nonce is known from a call of its own.
  challenge = "Digest realm=\"house\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
  first.dispatcher([&](const RecordedRequest&) {
    return MockResponse().code(307).header("Location", second.url("/stolen").to_string());
  });
  DigestAuthenticator digest("user", "secret");
  auto client = OnThreads::builder().authenticator(digest).add_network_interceptor(digest).build();
  seen.clear();
  CHECK(code_of(client, second.url("/own")) == 200);
  CHECK(seen.size() == 2);
  seen.clear();
  CHECK(code_of(client, first.url("/")) == 401);
  CHECK(seen == std::vector<std::string>{"-"});
}

TEST_CASE("Bearer: a refused token is refreshed once a call") {
  MockWebServer server;
  std::string good = "t2";
  server.dispatcher([&](const RecordedRequest& request) {
    return request.header("Authorization") == "Bearer " + good ? MockResponse() : unauthorized("Bearer error=\"invalid_token\"");
  });
  std::vector<std::string> refused;
  std::optional<std::string> next = "t2";
  BearerAuthenticator bearer("t1", [&](std::string old) { return refused.push_back(old), next; });
  auto client = OnThreads::builder().authenticator(bearer).build();
  CHECK(code_of(client, server.url()) == 200);
  CHECK(refused == std::vector<std::string>{"t1"});
  CHECK(server.request_count() == 3);  // without, t1, t2
  CHECK(bearer.token() == "t2");
  CHECK(code_of(client, server.url()) == 200);
  CHECK(refused.size() == 1);

  good = "t9";
  next = "t3";
  const std::size_t before = server.request_count();
  CHECK(code_of(client, server.url()) == 401);  // t2 and t3 are refused
  CHECK(refused == std::vector<std::string>{"t1", "t2"});
  CHECK(server.request_count() == before + 3);
  next = std::nullopt;
  CHECK(code_of(client, server.url()) == 401);
  CHECK(refused.size() == 3);
  bearer.set_token("t9");
  CHECK(code_of(client, server.url()) == 200);
  CHECK(refused.size() == 3);

  // No token yet; a refresh that fails; a token that cannot be sent.
  BearerAuthenticator lazy("", [&](std::string old) { return std::optional<std::string>(old.empty() ? good : "?"); });
  auto lazy_client = OnThreads::builder().authenticator(lazy).build();
  CHECK(code_of(lazy_client, server.url()) == 200);
  BearerAuthenticator failing("t1", [](std::string) -> Result<std::optional<std::string>> { return Error(Errc::io, "no issuer"); });
  auto failing_client = OnThreads::builder().authenticator(failing).build();
  CHECK(get(failing_client, server.url()).error().message() == "no issuer");
  auto odd_client = OnThreads::builder().authenticator(BearerAuthenticator("a b")).build();
  CHECK(get(odd_client, server.url()).error().code() == Errc::invalid_argument);
}

TEST_CASE_TEMPLATE("Bearer: calls that run at once share one refresh", D, OnThreads, OnLoop) {
  constexpr int count = 5;
  MockWebServer server;
  Counter refused;
  server.dispatcher([&](const RecordedRequest& request) {
    if (request.header("Authorization") == "Bearer new") return MockResponse();
    if (request.header("Authorization") == "Bearer old") {
      // All have been told before anybody can refresh.
      refused.add();
      refused.wait_for(count);
    }
    return unauthorized("Bearer");
  });
  Counter refreshed;
  BearerAuthenticator bearer("old", [&](std::string) -> Task<std::optional<std::string>> {
    refreshed.add();
    co_await okhttp::Runtime::current()->next_turn();
    co_return "new";
  });
  auto client = D::builder().authenticator(bearer).build();
  Counter good;
  for (int i = 0; i < count; ++i)
    client.new_call(get_request(server.url().to_string())).enqueue([&](Result<Response> response) {
      if (response && response->code() == 200) good.add();
    });
  finish_enqueued(client);
  CHECK(good.wait_for(count));
  CHECK(refreshed.count() == 1);
}

TEST_CASE_TEMPLATE("Digest: answered, counted, renewed when stale", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  DigestServer peer(server);
  DigestAuthenticator digest("user", "secret");
  auto client = D::builder().authenticator(digest).add_network_interceptor(digest).build();
  CHECK(code_of(client, server.url("/a?b=c")) == 200);
  CHECK(peer.challenges() == 1);
  // The nonce is known now.
  CHECK(code_of(client, server.url("/b")) == 200);
  CHECK(code_of(client, server.url("/c")) == 200);
  CHECK(peer.challenges() == 1);
  CHECK(peer.log() == "first:01:auth first:02:auth first:03:auth ");
  peer.nonce = "second";
  CHECK(code_of(client, server.url("/d")) == 200);
  CHECK(peer.challenges() == 2);
  CHECK(code_of(client, server.url("/e")) == 200);
  CHECK(contains(peer.log(), "first:04:auth second:01:auth second:02:auth "));
  peer.next_nonce = "third";
  CHECK(code_of(client, server.url("/f")) == 200);
  CHECK(code_of(client, server.url("/g")) == 200);
  CHECK(peer.challenges() == 2);
  CHECK(contains(peer.log(), "second:03:auth third:01:auth "));
  CHECK(peer.good() == 7);
}

TEST_CASE("Digest: without the interceptor every call is asked first, and the count goes on") {
  MockWebServer server;
  DigestServer peer(server);
  peer.algorithm = "MD5";
  auto client = OnThreads::builder().authenticator(DigestAuthenticator("user", "secret")).build();
  CHECK(code_of(client, server.url("/a")) == 200);
  CHECK(code_of(client, server.url("/b")) == 200);
  CHECK(peer.challenges() == 2);
  CHECK(peer.log() == "first:01:auth first:02:auth ");
}

TEST_CASE("Digest: refused credentials are not sent again") {
  MockWebServer server;
  DigestServer peer(server);
  DigestAuthenticator digest("user", "wrong");
  auto client = OnThreads::builder().authenticator(digest).add_network_interceptor(digest).build();
  CHECK(code_of(client, server.url("/")) == 401);
  CHECK(server.request_count() == 2);
  CHECK(code_of(client, server.url("/")) == 401);  // unasked
  CHECK(server.request_count() == 3);
  // Sent unasked, but it is not the nonce that is wrong.
  peer.password = "wrong";
  CHECK(code_of(client, server.url("/")) == 200);
  peer.password = "other";
  std::size_t before = server.request_count();
  CHECK(code_of(client, server.url("/")) == 401);
  CHECK(server.request_count() == before + 1);
  // A nonce that the server has forgotten without calling it stale is replaced once.
  peer.password = "wrong";
  CHECK(code_of(client, server.url("/")) == 200);
  peer.nonce = "second";
  peer.password = "other";
  before = server.request_count();
  CHECK(code_of(client, server.url("/")) == 401);
  CHECK(server.request_count() == before + 2);
  // Credentials of the user's own are left alone.
  const std::string own_value = "Digest username=\"me\", realm=\"house\", nonce=\"mine\"";
  const Request own = Request::Builder().url(server.url("/")).header("Authorization", own_value).build();
  CHECK(client.new_call(own).execute().code() == 401);
  CHECK(server.request_count() == before + 3);
}

TEST_CASE("Digest: a server that calls every nonce stale is given up") {
  MockWebServer server;
  std::atomic<int> asked = 0;
  server.dispatcher([&](const RecordedRequest&) {
    return unauthorized("Digest realm=\"house\", nonce=\"n" + std::to_string(++asked) + "\", qop=\"auth\", stale=true");
  });
  DigestAuthenticator digest("user", "secret");
  auto client = OnThreads::builder().authenticator(digest).build();
  CHECK(code_of(client, server.url("/")) == 401);
  CHECK(asked == 4);
  server.dispatcher([&](const RecordedRequest&) {
    ++asked;
    return unauthorized("Digest realm=\"house\", nonce=\"same\", qop=\"auth\", stale=true");
  });
  CHECK(code_of(client, server.url("/")) == 401);
  CHECK(asked == 6);
}

TEST_CASE_TEMPLATE("Digest: auth-int covers the body, from memory or from a file", D, OnThreads, OnLoop) {
  MockWebServer server;
  DigestServer peer(server);
  peer.qop = "auth-int";
  DigestAuthenticator digest("user", "secret");
  auto client = D::builder().authenticator(digest).add_network_interceptor(digest).build();
  CHECK(code_of(client, server.url("/")) == 200);
  CHECK(client.new_call(post_request(server.url("/post").to_string(), "text")).execute().code() == 200);
  const Request file =
      Request::Builder().url(server.url("/file")).put(RequestBody::from_file(OKHTTP_SOURCE_DIR "/LICENSE", "text/plain")).build();
  CHECK(client.new_call(file).execute().code() == 200);
  CHECK(peer.log() == "first:01:auth-int first:02:auth-int first:03:auth-int ");
  CHECK(peer.challenges() == 1);

  peer.qop = "auth,auth-int";
  DigestAuthenticator careful("user", "secret");
  careful.prefer_integrity(true);
  auto careful_client = D::builder().authenticator(careful).build();
  peer.nonce = "other";
  CHECK(code_of(careful_client, server.url("/")) == 200);
  CHECK(contains(peer.log(), "other:01:auth-int "));
}

TEST_CASE("Digest: a realm in another script than Latin is answered") {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"Gesch\xC3\xBCtzt\", nonce=\"n\", qop=\"auth\", "
               "algorithm=SHA-256\r\nContent-Length: 0\r\n\r\n");
    const std::string head = peer.read_head();
    CHECK(contains(head, "realm=\"Gesch\xC3\xBCtzt\""));
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  auto client = OnInline::builder().authenticator(DigestAuthenticator("user", "secret")).build();
  CHECK(code_of(client, okhttp::HttpUrl::parse(local_url(server.port(), "/"))) == 200);
}

TEST_CASE("Digest: auth-int is no reason to fail for a body that can be sent once only") {
  MockWebServer server;
  DigestServer peer(server);
  peer.qop = "auth-int";
  auto client = OnInline::builder().authenticator(DigestAuthenticator("user", "secret")).build();
  const RequestBody once = RequestBody::from_reader([left = 1](std::span<std::byte>) mutable { return std::size_t(left-- > 0 ? 1 : 0); });
  Result<Response> response = client.new_call(Request::Builder().url(server.url("/")).post(once).build()).try_execute();
  REQUIRE_MESSAGE(response, (response ? "" : response.error().message()));
  CHECK(response->code() == 401);
}

TEST_CASE("Digest: a redirect within the origin gets credentials of its own") {
  MockWebServer server;
  DigestServer peer(server);
  DigestAuthenticator digest("user", "secret");
  // The server is asked by way of an answer that redirects.
  auto client = OnThreads::builder()
                    .authenticator(digest)
                    .add_network_interceptor([&](okhttp::Chain& chain) -> Task<Response> {
                      const bool is_first = chain.request().url().request_target() == "/from";
                      Response response = co_await chain.proceed(chain.request());
                      if (!is_first || response.code() != 200) co_return response;
                      co_await response.async_close();
                      co_return response.new_builder().code(302).header("Location", "/to").build();
                    })
                    .build();
  CHECK(code_of(client, server.url("/from")) == 200);
  CHECK(peer.good() == 2);
  CHECK(server.take_request().target() == "/from");
  CHECK(server.take_request().target() == "/from");
  const RecordedRequest moved = server.take_request();
  CHECK(moved.target() == "/to");
  CHECK_FALSE(moved.header("Authorization"));
  CHECK(contains(header_of(server.take_request(), "Authorization"), "uri=\"/to\""));
}

TEST_CASE("Digest: the domain says where credentials are sent unasked") {
  MockWebServer server;
  DigestServer peer(server);
  peer.more = ", domain=\"/private " + server.url("/also").to_string() + " http://other.example/\"";
  DigestAuthenticator digest("user", "secret");
  auto client = OnThreads::builder().authenticator(digest).add_network_interceptor(digest).build();
  CHECK(code_of(client, server.url("/private/a")) == 200);
  CHECK(peer.challenges() == 1);
  CHECK(code_of(client, server.url("/private/b")) == 200);
  CHECK(code_of(client, server.url("/also/b")) == 200);
  CHECK(peer.challenges() == 1);
  CHECK(code_of(client, server.url("/elsewhere")) == 200);
  CHECK(peer.challenges() == 2);
}

TEST_CASE_TEMPLATE("a proxy is answered by the proxy's authenticator, for requests it sees", D, OnThreads, OnLoop) {
  MockWebServer proxy;
  const Proxy setting = Proxy::http("127.0.0.1", proxy.port());
  {
    DigestServer peer(proxy, 407);
    DigestAuthenticator digest("user", "secret");
    digest.only_for(setting);
    auto client = D::builder().proxy(setting).proxy_authenticator(digest).add_network_interceptor(digest).build();
    const okhttp::HttpUrl url = okhttp::HttpUrl::parse("http://example.test/path?q");
    CHECK(code_of(client, url) == 200);
    CHECK(code_of(client, url) == 200);
    CHECK(peer.challenges() == 1);
    CHECK(peer.log() == "first:01:auth first:02:auth ");
    CHECK_FALSE(proxy.take_request().header("Proxy-Authorization"));
    const RecordedRequest second = proxy.take_request();
    CHECK(second.target() == "http://example.test/path?q");
    CHECK_FALSE(second.header("Authorization"));
    proxy.dispatcher([](const RecordedRequest&) { return unauthorized("Basic realm=\"p\"", 407); });
  }
  const std::string value = Credentials::basic("user", "pass");
  BasicAuthenticator basic("user", "pass");
  auto client = D::builder().proxy(setting).proxy_authenticator(basic).build();
  const std::size_t before = proxy.request_count();
  CHECK(code_of(client, okhttp::HttpUrl::parse("http://example.test/")) == 407);
  CHECK(proxy.request_count() == before + 2);
  // And nobody else's: the server's authenticator has nothing to do with it.
  auto other = D::builder().proxy(setting).authenticator(basic).build();
  CHECK(code_of(other, okhttp::HttpUrl::parse("http://example.test/")) == 407);
  CHECK(proxy.request_count() == before + 3);
}

TEST_CASE("a proxy that wants credentials for CONNECT gets them, unasked when they are known") {
  MockWebServer proxy;
  std::vector<std::string> seen;
  proxy.dispatcher([&](const RecordedRequest& request) {
    seen.push_back(request.method() + " " + request.target() + " " + header_of(request, "Proxy-Authorization").substr(0, 6));
    if (request.header("Proxy-Authorization")) return MockResponse().code(503);  // tunnels are no concern here
    return unauthorized("Basic realm=\"p\", Digest realm=\"house\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256", 407);
  });
  const Proxy setting = Proxy::http("127.0.0.1", proxy.port());
  auto basic = OnThreads::builder().proxy(setting).proxy_authenticator(BasicAuthenticator("user", "pass")).build();
  CHECK_FALSE(get(basic, okhttp::HttpUrl::parse("https://example.test/")));
  CHECK(seen == std::vector<std::string>{"CONNECT example.test:443 Basic "});
  seen.clear();
  auto digest = OnThreads::builder().proxy(setting).proxy_authenticator(DigestAuthenticator("user", "pass")).build();
  CHECK_FALSE(get(digest, okhttp::HttpUrl::parse("https://example.test/")));
  CHECK(seen == std::vector<std::string>{"CONNECT example.test:443 -", "CONNECT example.test:443 Digest"});
  seen.clear();
  CHECK_FALSE(get(digest, okhttp::HttpUrl::parse("https://example.test:8443/")));
  CHECK(seen == std::vector<std::string>{"CONNECT example.test:8443 Digest"});
}

}  // TEST_SUITE

}  // namespace authentication_test
