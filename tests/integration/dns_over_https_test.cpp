// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/dns_over_https.hpp>

#include <doctest/doctest.h>

#include <okhttp/base/base64.hpp>
#include <okhttp/codec/dns/dns_message.hpp>
#include <okhttp/mockwebserver.hpp>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace dns_over_https_test {

// Calls whose hosts a DNS server knows that is asked over HTTP: the mock server plays both.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::DnsOverHttps;
using okhttp::Errc;
using okhttp::Error;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;
using okhttp::dns::Query;
using okhttp::dns::Record;
using okhttp::dns::RecordType;
using okhttp::dns::ResponseCode;

namespace {

using Addresses = std::vector<IpAddress>;
using Found = Result<Addresses>;

Addresses addresses(std::initializer_list<const char*> texts) {
  Addresses parsed;
  for (const char* text : texts) parsed.push_back(IpAddress::parse(text));
  return parsed;
}

MockResponse dns_message(std::string_view message) {
  return MockResponse().header("Content-Type", "application/dns-message").body(message);
}

MockResponse answer(const Query& query, const std::vector<Record>& records,
                    ResponseCode code = ResponseCode::no_error, const std::vector<Record>& authority = {}) {
  const Result<std::string> message = okhttp::dns::write_response(query, code, records, authority);
  REQUIRE(message);
  return dns_message(*message);
}

/// A DNS server over HTTP. Knows the names it was told; other names do not exist.
class DnsServer {
 public:
  using Special = std::function<MockResponse(const Query&)>;

  DnsServer() {
    web.dispatcher([this](const RecordedRequest& request) { return respond(request); });
  }

  void knows(const std::string& host, Addresses known, std::uint32_t ttl = 60) {
    const std::lock_guard<std::mutex> lock(mutex_);
    hosts_[host] = {std::move(known), ttl};
  }
  /// Asked instead; several threads may ask at once.
  void answers(Special special) {
    const std::lock_guard<std::mutex> lock(mutex_);
    special_ = std::move(special);
  }

  std::string url() const { return local_url(web.port(), "/dns-query"); }
  DnsOverHttps::Builder resolver() const {
    DnsOverHttps::Builder builder;
    builder.url(std::string_view(url()));
    return builder;
  }
  /// What the errors call it.
  std::string name() const { return "127.0.0.1:" + std::to_string(web.port()); }
  std::size_t queries() const { return web.request_count(); }

  MockWebServer web;

 private:
  MockResponse respond(const RecordedRequest& request) {
    std::string message = request.body();
    if (request.method() == "GET") {
      const okhttp::HttpUrl url = request.url();
      const std::optional<std::string> text = url.query_parameter("dns");
      const std::optional<std::string> decoded = text ? okhttp::base64::decode(*text) : std::nullopt;
      if (!decoded) return MockResponse().code(400);
      message = *decoded;
    }
    const Result<Query> query = okhttp::dns::read_query(message);
    if (!query) return MockResponse().code(400);
    std::unique_lock<std::mutex> lock(mutex_);
    if (const Special special = special_) {
      lock.unlock();
      return special(*query);
    }
    const auto known = hosts_.find(query->host);
    if (known == hosts_.end())
      return answer(*query, {}, ResponseCode::name_error, {Record::of_zone("test", 300, 300)});
    std::vector<Record> records;
    for (const IpAddress& address : known->second.first) {
      Record record = Record::of_address(query->host, address, known->second.second);
      if (record.type == query->type) records.push_back(std::move(record));
    }
    return answer(*query, records);
  }

  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::pair<Addresses, std::uint32_t>> hosts_;
  Special special_;
};

/// One answer to whichever question, which must make the lookup fail.
struct BadAnswer {
  const char* what;
  std::function<MockResponse(const Query&)> respond;
  std::string text;  // part of the error
};

/// A response whose owner name is a pointer to itself.
std::string looping_message() {
  std::string message(12, '\0');
  message[2] = static_cast<char>(0x81);
  message[3] = static_cast<char>(0x80);
  message[5] = 1;
  message[7] = 1;
  message += std::string("\7looping\4test\0\0\1\0\1", 18);
  message += std::string("\xc0\x1e\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", 16);
  return message;
}

void check_dns_error(const Found& found, std::string_view host, std::string_view text) {
  REQUIRE_FALSE(found);
  CAPTURE(found.error().message());
  CHECK(found.error() == Errc::dns);
  CHECK(contains(found.error().message(), host));
  CHECK(contains(found.error().message(), text));
  CHECK_FALSE(contains(found.error().message(), "?"));
}

}  // namespace

TEST_SUITE("integration/dns_over_https") {

TEST_CASE_TEMPLATE("a call finds its host through a DNS server", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("hello"));
  DnsServer dns;
  dns.knows("some.test", addresses({"127.0.0.1"}));
  auto bootstrap = D::builder().build();
  auto client = bootstrap.new_builder().dns(dns.resolver().client(bootstrap).build()).build();
  const std::string url = "http://some.test:" + std::to_string(server.port()) + "/";
  Result<Response> response = client.new_call(get_request(url)).try_execute();
  if (!response) FAIL(response.error().message());
  const Result<std::string> text = response->body().try_string();
  REQUIRE(text);
  CHECK(*text == "hello");
  CHECK(server.take_request().header("Host") == "some.test:" + std::to_string(server.port()));
  CHECK(dns.queries() == 2);
}

TEST_CASE_TEMPLATE("asks by GET with the query in the URL, or by POST", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  dns.knows("some.test", addresses({"192.0.2.1"}));
  auto client = D::builder().build();
  const DnsOverHttps by_get = dns.resolver().client(client).include_ipv6(false).build();
  const DnsOverHttps by_post = dns.resolver().client(client).include_ipv6(false).post(true).build();
  const Result<std::string> query = okhttp::dns::write_query("some.test", RecordType::a);

  Found found = by_get.try_lookup("Some.TEST");
  if (!found) FAIL(found.error().message());
  CHECK(*found == addresses({"192.0.2.1"}));
  const RecordedRequest got = dns.web.take_request();
  // The id is 0 and the name in lower case, so that a cache sees one URL.
  CHECK(got.target() == "/dns-query?dns=" + okhttp::base64::encode_url(*query));
  CHECK(got.header("Accept") == "application/dns-message");

  found = by_post.try_lookup("some.test");
  REQUIRE(found);
  CHECK(*found == addresses({"192.0.2.1"}));
  const RecordedRequest posted = dns.web.take_request();
  CHECK(posted.request_line() == "POST /dns-query HTTP/1.1");
  CHECK(posted.header("Content-Type") == "application/dns-message");
  CHECK(posted.header("Accept") == "application/dns-message");
  CHECK(posted.body() == *query);
  CHECK(dns.queries() == 2);
}

TEST_CASE_TEMPLATE("IPv4 and IPv6 addresses are found, on a loop at once", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  Counter arrived;
  dns.answers([&arrived](const Query& query) {
    arrived.add();
    // On a loop none is answered before both are here; elsewhere the second waits for the first.
    if (!D::blocks) CHECK(arrived.wait_for(2));
    const bool v6 = query.type == RecordType::aaaa;
    return answer(query, {Record::of_alias("both.test", "alias.test", 60),
                          Record::of_address("alias.test", IpAddress::parse(v6 ? "2001:db8::1" : "192.0.2.1"), 60),
                          Record::of_address("alias.test", IpAddress::parse(v6 ? "2001:db8::2" : "192.0.2.2"), 60)});
  });
  auto client = D::builder().read_timeout(patience).build();
  const DnsOverHttps resolver = dns.resolver().client(client).resolution_delay(patience).build();
  const Found found = resolver.try_lookup("both.test");
  if (!found) FAIL(found.error().message());
  CHECK(*found == addresses({"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"}));
  CHECK(dns.queries() == 2);
}

TEST_CASE_TEMPLATE("one good answer is enough", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  std::atomic<RecordType> broken = RecordType::a;
  std::atomic<bool> hangs = false;
  dns.answers([&](const Query& query) {
    if (query.type == broken) return hangs ? MockResponse().headers_delay(patience) : MockResponse().code(500);
    const bool v6 = query.type == RecordType::aaaa;
    return answer(query, {Record::of_address(query.host, IpAddress::parse(v6 ? "2001:db8::1" : "192.0.2.1"), 60)});
  });
  auto client = D::builder().build();
  for (const bool never_answers : {false, true}) {
    CAPTURE(never_answers);
    hangs = never_answers;
    const DnsOverHttps resolver = dns.resolver().client(client).resolution_delay(never_answers ? 50ms : 0ms).build();
    broken = RecordType::aaaa;
    Found found = resolver.try_lookup("v4.test");
    if (!found) FAIL(found.error().message());
    CHECK(*found == addresses({"192.0.2.1"}));
    if (never_answers && D::blocks) continue;  // it waits for the first question
    broken = RecordType::a;
    found = resolver.try_lookup("v6.test");
    if (!found) FAIL(found.error().message());
    CHECK(*found == addresses({"2001:db8::1"}));
  }
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("answers are kept as long as they say", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  dns.knows("kept.test", addresses({"192.0.2.1", "2001:db8::1"}), 300);
  dns.knows("zero.test", addresses({"192.0.2.2", "2001:db8::2"}), 0);
  auto client = D::builder().build();
  const DnsOverHttps resolver = dns.resolver().client(client).build();
  for (int i = 0; i < 3; ++i) CHECK(resolver.try_lookup("kept.test"));
  CHECK(dns.queries() == 2);
  for (int i = 0; i < 3; ++i) CHECK(resolver.try_lookup("zero.test"));
  CHECK(dns.queries() == 8);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(resolver.try_lookup("missing.test"));
  CHECK(dns.queries() == 10);
  CHECK(resolver.cache().size() == 2);
  resolver.cache().clear();
  CHECK(resolver.try_lookup("kept.test"));
  CHECK(dns.queries() == 12);

  okhttp::DnsCache::Settings none;
  none.max_hosts = 0;
  const DnsOverHttps forgetful = dns.resolver().client(client).cache(none).build();
  for (int i = 0; i < 2; ++i) CHECK(forgetful.try_lookup("kept.test"));
  CHECK(dns.queries() == 16);
}

TEST_CASE_TEMPLATE("answers that are no use fail the lookup with a text that says why", D,
                   OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  const std::string through = "through " + dns.name();
  const BadAnswer bad[] = {
      {"NXDOMAIN", [](const Query& query) { return answer(query, {}, ResponseCode::name_error); }, "NXDOMAIN"},
      {"SERVFAIL", [](const Query& query) { return answer(query, {}, ResponseCode::server_failure); }, "SERVFAIL"},
      {"no data", [](const Query& query) { return answer(query, {}); }, "address"},
      {"status 500", [](const Query&) { return MockResponse().code(500).body("secret"); }, through + ": it answered with status 500"},
      {"status 404", [](const Query& query) { return answer(query, {}).code(404); }, "status 404"},
      {"a web page", [](const Query&) { return MockResponse().header("Content-Type", "text/html").body("<p>"); },
       through + ": its answer is no application/dns-message"},
      {"no media type", [](const Query& query) { return answer(query, {}).remove_header("Content-Type"); },
       "application/dns-message"},
      {"nothing", [](const Query&) { return dns_message(""); }, through},
      {"noise", [](const Query&) { return dns_message(std::string(200, '\xff')); }, through},
      {"cut off",
       [](const Query& query) {
         const std::vector<Record> records{Record::of_address(query.host, IpAddress::parse("192.0.2.1"), 60)};
         const std::string whole = *okhttp::dns::write_response(query, ResponseCode::no_error, records);
         return dns_message(std::string_view(whole).substr(0, whole.size() - 1));
       },
       through},
      {"marked as truncated",
       [](const Query& query) {
         std::string message = *okhttp::dns::write_response(query, ResponseCode::no_error, {});
         message[2] = static_cast<char>(message[2] | 2);
         return dns_message(message);
       },
       through},
      {"a name that points to itself", [](const Query&) { return dns_message(looping_message()); }, through},
      {"aliases in a circle",
       [](const Query& query) {
         return answer(query, {Record::of_alias(query.host, "other.test", 60), Record::of_alias("other.test", query.host, 60)});
       },
       ""},
      {"the answer to another question",
       [](const Query& query) {
         Query other = query;
         other.host = "other.test";
         return answer(other, {Record::of_address("other.test", IpAddress::parse("192.0.2.1"), 60)});
       },
       through},
      {"too much, as announced", [](const Query&) { return dns_message(std::string(DnsOverHttps::max_response_bytes + 1, 'x')); },
       "more than 65536 bytes"},
      {"too much, and no end", [](const Query&) {
         return MockResponse().header("Content-Type", "application/dns-message").body_repeated("x", std::uint64_t{1} << 30).chunked(4096);
       }, "more than 65536 bytes"},
      {"half of a body", [](const Query& query) {
         return answer(query, {}).header("Content-Length", "1000").on_response_end(okhttp::CloseSocket());
       }, through},
  };
  auto client = D::builder().build();
  for (const BadAnswer& each : bad) {
    CAPTURE(each.what);
    dns.answers(each.respond);
    const DnsOverHttps resolver = dns.resolver().client(client).build();
    check_dns_error(resolver.try_lookup("looping.test"), "could not resolve looping.test", each.text);
  }
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE_TEMPLATE("private hosts are not told to the server unless it may know them", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  dns.knows("printer", addresses({"192.168.1.9"}));
  dns.knows("some.test", addresses({"192.0.2.1"}));
  auto client = D::builder().build();
  const DnsOverHttps usual = dns.resolver().client(client).build();
  for (const char* host : {"printer", "printer.", "nas.local", "Nas.LOCAL.", "router.home.arpa", "db.internal", "x.onion"})
    check_dns_error(usual.try_lookup(host), host, "private hosts");
  CHECK(dns.queries() == 0);
  CHECK(usual.try_lookup("some.test"));

  const DnsOverHttps inside =
      dns.resolver().client(client).resolve_private_addresses(true).resolve_public_addresses(false).build();
  const Found found = inside.try_lookup("printer");
  REQUIRE(found);
  CHECK(*found == addresses({"192.168.1.9"}));
  const std::size_t before = dns.queries();
  check_dns_error(inside.try_lookup("some.test"), "some.test", "public hosts");
  CHECK(dns.queries() == before);

  // An address needs no server, and a name that DNS cannot carry gets none.
  CHECK(*usual.try_lookup("::1") == addresses({"::1"}));
  check_dns_error(usual.try_lookup(std::string(64, 'x') + ".test"), ".test", "could not resolve");
  CHECK(dns.queries() == before);
}

TEST_CASE_TEMPLATE("the server's own host is at its bootstrap addresses", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  dns.knows("some.test", addresses({"192.0.2.1"}));
  std::vector<std::string> asked;
  auto client = D::builder()
                    .dns([&asked](std::string_view host) -> Result<Addresses> {
                      asked.emplace_back(host);
                      return Error(Errc::dns, "nobody knows " + std::string(host));
                    })
                    .build();
  const std::string port = std::to_string(dns.web.port());
  const std::string url = "http://dns.example:" + port + "/dns-query?ct{?dns}";
  DnsOverHttps::Builder builder;
  builder.client(client).url(std::string_view(url)).include_ipv6(false);
  check_dns_error(builder.build().try_lookup("some.test"), "some.test", "nobody knows dns.example");
  CHECK(asked == std::vector<std::string>{"dns.example"});

  builder.bootstrap_addresses(addresses({"127.0.0.1"}));
  const DnsOverHttps resolver = builder.build();
  const Found found = resolver.try_lookup("some.test");
  if (!found) FAIL(found.error().message());
  CHECK(asked.size() == 1);
  const RecordedRequest request = dns.web.take_request();
  CHECK(request.header("Host") == "dns.example:" + port);
  CHECK(request.target().starts_with("/dns-query?ct&dns="));

  // A redirect leads to another host, for which nothing was given.
  dns.answers([&](const Query&) {
    return MockResponse().code(307).header("Location", "http://elsewhere.example:" + port + "/");
  });
  check_dns_error(resolver.try_lookup("other.test"), "other.test", "nobody knows elsewhere.example");
}

TEST_CASE_TEMPLATE("a server that does not answer holds no call up for longer than the call may take", D,
                   OKHTTP_EVERY_DISPATCHER) {
  const SilentServer silent;
  auto bootstrap = D::builder().connect_timeout(patience).read_timeout(patience).build();
  const std::string dns_url = silent.url();
  const DnsOverHttps resolver =
      DnsOverHttps::Builder().client(bootstrap).url(std::string_view(dns_url)).build();
  const auto fails = [&](auto& builder, Errc code, std::string_view text) {
    auto client = builder.dns(resolver).build();
    const Result<Response> response = client.new_call(get_request("http://some.example/")).try_execute();
    REQUIRE_FALSE(response);
    CAPTURE(response.error().message());
    CHECK(response.error() == code);
    CHECK(contains(response.error().message(), "some.example"));
    CHECK(contains(response.error().message(), text));
    CHECK(eventually([&] { return bootstrap.dispatcher().running_calls_count() == 0; }));
  };
  auto hasty = bootstrap.new_builder();
  hasty.connect_timeout(100ms);
  fails(hasty, Errc::connect_timeout, "timed out after 100 ms");
  auto brief = bootstrap.new_builder();
  brief.call_timeout(100ms);
  fails(brief, Errc::call_timeout, "timed out after 100 ms");
  // The own client's timeouts hold too: then it is the resolver that failed.
  auto impatient = bootstrap.new_builder().read_timeout(100ms).build();
  const DnsOverHttps hurried = DnsOverHttps::Builder().client(impatient).url(std::string_view(dns_url)).include_ipv6(false).build();
  check_dns_error(hurried.try_lookup("some.example"), "some.example", silent.peer());
}

TEST_CASE_TEMPLATE("a cancel ends the questions too", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer silent;
  auto bootstrap = D::builder().connect_timeout(patience).read_timeout(patience).build();
  const std::string dns_url = silent.url();
  auto client = bootstrap.new_builder()
                    .dns(DnsOverHttps::Builder().client(bootstrap).url(std::string_view(dns_url)).build())
                    .build();
  const Call call = client.new_call(get_request("http://some.example/"));
  Background canceler([&] {
    CHECK(silent.wait_for_bytes());
    call.cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  const Result<Response> response = call.try_execute();
  CHECK(std::chrono::steady_clock::now() - begin < patience / 2);
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::canceled);
  CHECK(contains(response.error().message(), "some.example"));
  CHECK(client.dispatcher().running_calls_count() == 0);
}

TEST_CASE("a client of another runtime is refused where tasks would wait for each other") {
  DnsServer dns;
  dns.knows("some.test", addresses({"127.0.0.1"}));
  auto loop = OnLoop::builder().build();
  auto other_loop = OnLoop::builder().build();
  auto inline_client = OnInline::builder().build();
  const auto code_of = [&](const auto& asking, const auto& asked) {
    auto client = asking.new_builder().dns(dns.resolver().client(asked).build()).build();
    const Result<Response> response = client.new_call(get_request("http://some.test/")).try_execute();
    REQUIRE_FALSE(response);
    if (response.error() == Errc::misuse) CHECK(contains(response.error().message(), "new_builder()"));
    return response.error().code();
  };
  CHECK(code_of(loop, other_loop) == Errc::misuse);
  CHECK(code_of(loop, inline_client) == Errc::misuse);
  CHECK(code_of(inline_client, loop) == Errc::misuse);
  CHECK(dns.queries() == 0);
  // Blocking ones go with each other: it is the call that fails, nothing listens on port 80 here.
  auto pool_client = OnThreads::builder().build();
  CHECK(code_of(inline_client, pool_client) != Errc::misuse);
  CHECK(dns.queries() == 2);
}

TEST_CASE_TEMPLATE("enqueued calls resolve their hosts side by side", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("hello"); });
  for (int i = 0; i < 10; ++i) dns.knows(std::to_string(i) + ".test", addresses({"127.0.0.1"}));
  auto bootstrap = D::builder().build();
  auto client = bootstrap.new_builder().dns(dns.resolver().client(bootstrap).build()).build();
  Counter good;
  for (int i = 0; i < 10; ++i)
    client.new_call(get_request("http://" + std::to_string(i) + ".test:" + std::to_string(server.port())))
        .enqueue([&good](Result<Response> response) {
          if (response && response->code() == 200) good.add();
        });
  finish_enqueued(client);
  CHECK(good.count() == 10);
  CHECK(dns.queries() == 20);
}

TEST_CASE_TEMPLATE("a client that the caller is derived from is kept alive by that alone", D, OKHTTP_EVERY_DISPATCHER) {
  DnsServer dns;
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("hello"); });
  dns.knows("some.test", addresses({"127.0.0.1"}));
  std::optional<typename D::Client> bootstrap = D::builder().build();
  const auto canary = std::make_shared<int>();
  auto derived = std::make_optional(
      bootstrap->new_builder()
          .dns(dns.resolver().client(*bootstrap).build())
          .add_interceptor([canary](okhttp::Chain& chain) { return chain.proceed(chain.request()); })
          .build());
  bootstrap.reset();
  {
    Result<Response> response =
        derived->new_call(get_request("http://some.test:" + std::to_string(server.port()))).try_execute();
    REQUIRE(response);
    CHECK(response->body().try_string());
  }
  CHECK(derived->connection_pool().idle_connection_count() > 0);
  // The idle connections know the settings, the settings know the resolver: nothing keeps the client.
  derived.reset();
  CHECK(canary.use_count() == 1);

  // Another client's is kept.
  auto separate = D::builder();
  if (D::blocks) {
    separate.dns(dns.resolver().client(D::builder().build()).build());
    auto client = separate.build();
    CHECK(client.new_call(get_request("http://some.test:" + std::to_string(server.port()))).try_execute());
  }
}

TEST_CASE("an interceptor may have single calls resolved by it") {
  DnsServer dns;
  MockWebServer server;
  server.enqueue(MockResponse().body("hello"));
  dns.knows("some.test", addresses({"127.0.0.1"}));
  auto bootstrap = OnInline::builder().build();
  const DnsOverHttps resolver = dns.resolver().client(bootstrap).build();
  auto client = OnInline::builder()
                    .add_interceptor([resolver](okhttp::Chain& chain) -> Task<Response> {
                      okhttp::Chain own = chain.with_dns(resolver);
                      Response response = co_await own.proceed(chain.request());
                      co_return response;
                    })
                    .build();
  const std::string url = "http://some.test:" + std::to_string(server.port()) + "/";
  const Result<Response> response = client.new_call(get_request(url)).try_execute();
  if (!response) FAIL(response.error().message());
  CHECK(*response->body().try_string() == "hello");
}

TEST_CASE("what an interceptor of its client throws is the outcome") {
  DnsServer dns;
  auto throwing = OnInline::builder()
                      .add_interceptor([](okhttp::Chain&) -> Task<Response> { throw 42; })
                      .build();
  auto client = OnInline::builder().dns(dns.resolver().client(throwing).build()).build();
  CHECK_THROWS_AS((void)client.new_call(get_request("http://some.test/")).execute(), int);
}

TEST_CASE("settings that cannot be used are faults") {
  auto client = OnInline::builder().build();
  const Result<DnsOverHttps> no_client = DnsOverHttps::Builder().url("https://dns.example/").try_build();
  CHECK(no_client.error() == Errc::invalid_argument);
  const Result<DnsOverHttps> no_url = DnsOverHttps::Builder().client(client).try_build();
  CHECK(no_url.error() == Errc::invalid_argument);
  const Result<DnsOverHttps> bad_url = DnsOverHttps::Builder().client(client).url("dns.example").try_build();
  CHECK(bad_url.error() == Errc::bad_url);
  const DnsOverHttps good = DnsOverHttps::Builder().client(client).url("https://dns.example/q{?dns}").build();
  CHECK(good.url().to_string() == "https://dns.example/q");
}

TEST_CASE("private are names without a dot and those below domains of private use") {
  for (const char* host : {"localhost", "com", "a.localhost", "HOST.Local", "b.lan.", "router.home.arpa", "home.arpa"}) {
    CAPTURE(host);
    CHECK(DnsOverHttps::is_private_host(host));
  }
  for (const char* host : {"example.com", "local.example", "xlocal.example.", "arpa.home.com", "nothome.arpa"}) {
    CAPTURE(host);
    CHECK_FALSE(DnsOverHttps::is_private_host(host));
  }
}

}  // TEST_SUITE

}  // namespace dns_over_https_test
