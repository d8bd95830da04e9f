// SPDX-License-Identifier: Apache-2.0
// The documented ways to write things, as they are written, compiled and run against a mock server.
// Comments beside the statements say what must come out; `require` looks. Runs in an empty folder.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <span>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

void require(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d does not hold\n", __FILE__, line);
  std::exit(1);
}
#define REQUIRE(...) require((__VA_ARGS__), __LINE__)

// ---- Calls ----

bool calls_and_errors(const okhttp::Client& client, const okhttp::Request& request) {
  okhttp::Result<okhttp::Response> result = client.new_call(request).try_execute();     // never throws
  if (!result) { std::cerr << result.error().message() << '\n'; return result.error() == okhttp::Errc::connect_timeout; }
  okhttp::Result<std::string> text = result->body().try_string();

  okhttp::Call call = client.new_call(request);
  call.enqueue([](okhttp::Result<okhttp::Response>) { /* on a dispatcher thread, exactly once */ });
  call.cancel();                                                                         // any thread, any time
  std::future<okhttp::Response> later = client.new_call(request).submit();               // try_submit: std::future<Result<Response>>

  REQUIRE(later.get().body().string() == *text);
  std::future<okhttp::Result<okhttp::Response>> with_error = client.new_call(request).try_submit();
  REQUIRE(with_error.get()->code() == 200);
  return true;
}

okhttp::Task<std::size_t> total(auto& client, std::vector<okhttp::Request> requests) {   // any client, also a blocking one
  std::size_t bytes = 0;
  for (auto& request : requests) {
    okhttp::Response response = co_await client.new_call(request).async_execute();
    std::string text = co_await response.body().async_string();                        // named first: GCC 12 rejects
    bytes += text.size();                                                              // (co_await ...).size() in templates
  }
  co_return bytes;
}

bool some_task_has_run = false;
okhttp::Task<void> some_task() {
  some_task_has_run = true;
  co_return;
}

okhttp::Task<void> failures(okhttp::Client& client, okhttp::Request request) {
  okhttp::Result<okhttp::Response> r = co_await client.new_call(request).async_execute().outcome();
  REQUIRE(!r && r.error() == okhttp::Errc::connect_refused);
  bool caught = false;
  try {
    okhttp::Task<okhttp::Response> task = client.new_call(request).async_execute();
    co_await std::move(task).or_throw();
  } catch (const okhttp::Exception&) {
    caught = true;
  }
  REQUIRE(caught);
}

void coroutines(okhttp::Client& client, std::vector<okhttp::Request> requests) {
  okhttp::EventLoopClient loop;                                                          // thousands of calls, one thread
  std::vector<okhttp::Task<std::size_t>> tasks;
  tasks.push_back(total(loop, requests));
  tasks.push_back(total(loop, requests));

  std::size_t n = loop.run(total(loop, requests));                                     // drives the loop here until done; try_run too
  std::size_t m = client.run(total(client, requests));                                   // blocks its thread
  loop.spawn(some_task());                                                               // and a background set
  loop.run_until_idle();
  auto all = loop.run(okhttp::when_all(std::move(tasks)));                               // std::vector<Result<T>>

  REQUIRE(n == m && all.size() == 2 && *all[0] == n && *all[1] == n && some_task_has_run);
  REQUIRE(*loop.try_run(total(loop, requests)) == n);
}

void callbacks(const okhttp::Request& request) {
  std::size_t called = 0;
  okhttp::BasicClient<okhttp::InlineDispatcher> client;
  // on InlineDispatcher the call runs when the program calls poll or run_until_idle; a callback may
  // be a coroutine, and may be move-only
  client.new_call(request).enqueue([&called](okhttp::Result<okhttp::Response> result) -> okhttp::Task<void> {
    std::string text = co_await result->body().async_string();
    called += text.size();
  });
  auto owned = std::make_unique<int>(1);
  client.new_call(request).enqueue([&called, owned = std::move(owned)](okhttp::Result<okhttp::Response>) {
    called += static_cast<std::size_t>(*owned);
  });
  REQUIRE(called == 0);
  client.poll();
  client.run_until_idle();
  REQUIRE(called == 5 + 1);
}

void one_liners(const std::string& url) {
  const okhttp::RequestBody body = okhttp::RequestBody::create("x");
  REQUIRE(okhttp::get(url).code() == 200 && okhttp::post(url, body).code() == 200 && okhttp::head(url).code() == 200);
}

// ---- Building a client ----

void further_pools() {
  auto client = okhttp::Client();
  auto reports = client.new_connection_pool({.max_connections = 2});
  auto sparing = client.new_builder().add_interceptor([reports](okhttp::Chain& chain) {
    if (!chain.request().url().path().starts_with("/report")) return chain.proceed(chain.request());
    return chain.with_connection_pool(reports).proceed(chain.request());
  }).build();
  REQUIRE(reports->idle_connection_count() == 0);
}

struct Timings : okhttp::EventListener {
  void dns_start(const okhttp::Call&, std::string_view host) override;
  void call_end(const okhttp::Call&) override;
};
void Timings::dns_start(const okhttp::Call&, std::string_view) {}
void Timings::call_end(const okhttp::Call&) {}

okhttp::Client with_events() {
  auto client = okhttp::Client::Builder()
      .event_listener_factory([](const okhttp::Call&) { return std::make_shared<Timings>(); })   // one for each call
      .build();
  auto logging = okhttp::Client::Builder()
      .add_interceptor(okhttp::LoggingInterceptor({.level = okhttp::LogLevel::body}))            // requests and responses
      .event_listener_factory(okhttp::LoggingEventListener::Factory())                            // a line per event
      .build();
  return client;
}

struct MyListener : okhttp::EventListener {
  static inline int calls = 0;
  void call_start(const okhttp::Call&) override { ++calls; }
};

void building(const okhttp::MockWebServer& server) {
  const std::string pin = okhttp::CertificatePinner::pin(okhttp::HeldCertificate::localhost().certificate_pem());
  auto client = okhttp::Client::Builder()
      .connect_timeout(5s).read_timeout(30s).write_timeout(30s).call_timeout(2min)
      .dispatcher({.max_requests = 64, .max_requests_per_host = 5})
      .connection_pool({.max_idle_connections = 5, .keep_alive = 5min})
      .follow_redirects(true).follow_ssl_redirects(true).retry_on_connection_failure(true).fast_fallback(true)
      .authenticator([](const okhttp::Route*, const okhttp::Response& response) -> std::optional<okhttp::Request> {
        if (response.request().header("Authorization")) return std::nullopt;             // already tried
        return response.request().new_builder().header("Authorization", okhttp::Credentials::basic("user", "pass")).build();
      })
      .proxy(okhttp::Proxy::http("127.0.0.1", 3128))                                   // ::socks5(host, port[, user, pass]) ::none()
      .proxy(okhttp::Proxy::none())
      .certificate_pinner(okhttp::CertificatePinner::Builder().add("*.example.com", pin).build())
      .connection_specs({okhttp::ConnectionSpec::modern_tls(), okhttp::ConnectionSpec::cleartext()})
      .trusted_certificates(okhttp::HandshakeCertificates::Builder().add_platform_trusted().add_trusted_pem_file("ca.pem")
          .held_certificate_pem_files("client.pem", "client.key").build())               // add_trusted_pem(text) too
      .dns([](std::string_view /*host*/) { return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")}; })
      .add_interceptor([](okhttp::Chain& chain) -> okhttp::Task<okhttp::Response> {      // an interceptor is any such callable
        okhttp::Response response = co_await chain.proceed(chain.request());
        std::clog << response.request().url() << " -> " << response.code() << '\n';
        co_return response;
      })
      .add_network_interceptor([](okhttp::Chain& chain) {                                // no coroutine keyword needed here
        return chain.proceed(chain.request().new_builder().header("X-Trace", "1").build());
      })
      .add_interceptor(okhttp::LoggingInterceptor({.level = okhttp::LogLevel::headers}))
      .event_listener_factory([](const okhttp::Call&) { return std::make_shared<MyListener>(); })
      .build();
  auto patient = client.new_builder().read_timeout(5min).build();                        // shares pool, dispatcher and cache
  client.dispatcher().running_calls_count(); client.connection_pool().idle_connection_count();

  // Any name is this machine now, and ca.pem says whom to trust there.
  okhttp::HttpUrl url = server.url("/hello").new_builder().host("localhost").build();
  REQUIRE(patient.new_call(okhttp::Request::Builder().url(url).build()).execute().body().string() == "hello");
  REQUIRE(&client.connection_pool() == &patient.connection_pool());
  REQUIRE(MyListener::calls == 1);
  further_pools();
  REQUIRE(with_events().dispatcher().running_calls_count() == 0);

  // So may those for credentials and proxies.
  using MaybeRequest = std::optional<okhttp::Request>;
  okhttp::Client::Builder()
      .authenticator([](const okhttp::Route*, const okhttp::Response&) -> okhttp::Task<MaybeRequest> { co_return std::nullopt; })
      .proxy_authenticator([](const okhttp::Route*, const okhttp::Response&) -> okhttp::Result<MaybeRequest> { return MaybeRequest(); })
      .proxy_selector([](const okhttp::HttpUrl&) { return std::vector{okhttp::Proxy::none()}; })
      .proxy_selector([](const okhttp::HttpUrl&) -> okhttp::Task<std::vector<okhttp::Proxy>> { co_return std::vector{okhttp::Proxy::none()}; })
      .build();
  okhttp::Client::Builder().proxy_selector([](const okhttp::HttpUrl&) -> okhttp::Result<std::vector<okhttp::Proxy>> {
    return okhttp::Error(okhttp::Errc::invalid_argument, "no");
  }).build();

  // Callables for names may return the value, a Result or a Task of it.
  using Addresses = std::vector<okhttp::IpAddress>;
  okhttp::Client::Builder().dns([](std::string_view) -> okhttp::Result<Addresses> {
    return okhttp::Error(okhttp::Errc::dns, "no");
  }).build();
  okhttp::Client::Builder().dns([](std::string_view) -> okhttp::Task<Addresses> { co_return Addresses(); }).build();

  auto by_environment = okhttp::Client::Builder().proxy_selector(okhttp::ProxySelector::from_environment()).build();
  auto by_hand = okhttp::Client::Builder().proxy(okhttp::Proxy::socks5("127.0.0.1", 1080, "user", "password")).build();

  okhttp::Result<okhttp::Client> faulty = okhttp::Client::Builder().read_timeout(-1s).try_build();
  REQUIRE(!faulty && faulty.error() == okhttp::Errc::invalid_argument);
}

// ---- Names ----

okhttp::EventLoopClient private_names() {
  okhttp::EventLoopClient bootstrap;
  return bootstrap.new_builder()
      .dns(okhttp::DnsOverHttps::Builder()
          .client(bootstrap)                                           // asks; its calls run on the same loop
          .url("https://dns.example/dns-query")
          .bootstrap_addresses({okhttp::IpAddress::parse("192.0.2.53")})
          .build())
      .build();
}

okhttp::Task<std::vector<okhttp::IpAddress>> ask_a_directory(okhttp::DnsLookup lookup) {
  okhttp::Signal answered;                                             // set by whoever has the answer
  answered.set();
  okhttp::WaitItem item(answered);
  co_await lookup.runtime->wait_any(std::span(&item, 1), lookup.deadline);
  co_return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
}

void names(const okhttp::MockWebServer& server) {
  auto lookup_that_blocks = [](std::string_view /*host*/) {
    return std::vector<okhttp::IpAddress>{okhttp::IpAddress::parse("127.0.0.1")};
  };
  auto client = okhttp::EventLoopClient::Builder()
      .dns(okhttp::cached_dns(okhttp::blocking_dns(lookup_that_blocks), {.max_hosts = 1000, .positive_lifetime = 10s}))
      .build();
  auto other = okhttp::EventLoopClient::Builder().dns(ask_a_directory).dns_cache({.max_hosts = 0}).build();
  const okhttp::HttpUrl url = server.url("/").new_builder().host("some.example").build();
  REQUIRE(client.new_call(okhttp::Request::Builder().url(url).build()).execute().body().string() == "hello");
  REQUIRE(other.new_call(okhttp::Request::Builder().url(url).build()).execute().body().string() == "hello");
  REQUIRE(!other.dns_cache() && private_names().dns_cache());
}

// ---- Bodies ----

struct MyTag {
  int value;
};

void requests(const std::string& u) {
  using okhttp::Request;                                          // "" as a media type: no Content-Type
  Request::Builder().url(u).post(okhttp::RequestBody::create(R"({"a":1})", "application/json"));
  Request::Builder().url(u).put(okhttp::RequestBody::from_file("big.iso", "application/octet-stream"));
  Request::Builder().url(u).post(okhttp::RequestBody::from_reader([](std::span<std::byte> /*into*/) -> std::size_t { return 0; }));

  const okhttp::RequestBody body = okhttp::RequestBody::create("text");
  Request::Builder().url(u).method("PROPFIND").build();
  Request::Builder().url(u).method("PROPFIND", body).build();
  Request::Builder().url(u).get().build();
  Request::Builder().url(u).head().build();
  Request::Builder().url(u).patch(body).build();
  Request::Builder().url(u).delete_().build();
  Request::Builder().url(u).delete_(body).build();
  Request tagged = Request::Builder().url(u).tag<MyTag>({3}).idempotent(true)
      .headers(okhttp::Headers::of({{"A", "1"}})).add_header("A", "2").build();
  REQUIRE(tagged.tag<MyTag>()->value == 3 && tagged.headers("a").size() == 2 && tagged.is_idempotent());
}

void responses(const okhttp::Client& client, const okhttp::Request& request) {
  const auto get = [&] { return client.new_call(request).execute(); };
  okhttp::Response response = get();
  std::string            text  = response.body().string();        // charset-aware, whole
  response = get();
  std::vector<std::byte> bytes = response.body().bytes();
  std::array<char, 3> buffer;
  response = get();
  std::size_t            n     = response.body().read(buffer);    // streaming; 0 at the end
  response = get();
  std::uint64_t          saved = response.body().save_to("file.bin");
  response = get();
  REQUIRE(response.body().content_length() == 5);                               // -1 unknown
  response.body().close();                                        // or the destructor
  REQUIRE(text == "hello" && bytes.size() == 5 && n > 0 && n <= 3 && saved == 5);
  std::string in_file;
  std::getline(std::ifstream("file.bin"), in_file);
  REQUIRE(in_file == "hello");
}

// ---- URLs, headers ----

void urls_and_headers() {
  okhttp::HttpUrl url = okhttp::HttpUrl::parse("https://user@example.com:8443/a/./b?q=1#f");     // try_parse -> Result
  REQUIRE(url.scheme() == "https" && url.host() == "example.com" && url.port() == 8443 && url.path() == "/a/b");
  REQUIRE(url.encoded_path() == "/a/b" && url.path_segments() == std::vector<std::string>{"a", "b"});
  REQUIRE(url.query() == "q=1" && url.query_parameter("q") == "1" && url.fragment() == "f" && url.username() == "user");
  REQUIRE(url.encoded_username() == "user" && url.encoded_password().empty());
  REQUIRE(url.to_string() == "https://user@example.com:8443/a/b?q=1#f");
  auto resolved = url.resolve("../c?x=y");                                        // std::optional<HttpUrl>: empty when it cannot be one
  REQUIRE(resolved && resolved->to_string() == "https://user@example.com:8443/c?x=y" && !url.resolve("mailto:a@b.c"));
  REQUIRE(url.new_builder().add_query_parameter("k", "v&w").build().encoded_query() == "q=1&k=v%26w");
  url.top_private_domain();              // std::optional<std::string>
  REQUIRE(url.top_private_domain() == "example.com");
  url = okhttp::HttpUrl::parse("https://user@b\xC3\xBC" "cher.example:8443/a/./b?q=1#f");
  REQUIRE(url.host() == "xn--bcher-kva.example");
  okhttp::Headers headers = okhttp::Headers::of({{"A", "1"}, {"B", "2"}}); headers.get("a"); headers.values("a"); headers.names();
  REQUIRE(headers.get("a") == "1" && headers.values("a").size() == 1 && headers.names().size() == 2);
}

// ---- Cookies, cache control, curl ----

void cookies_and_commands() {
  okhttp::HttpUrl url = okhttp::HttpUrl::parse("https://example.com/a");
  std::optional<okhttp::Cookie> cookie = okhttp::Cookie::parse(url, "id=42; Path=/; Secure"); // name() value() domain() path() ...; a malformed cookie is no error
  REQUIRE(cookie && cookie->name() == "id" && cookie->value() == "42" && cookie->domain() == "example.com" && cookie->path() == "/");
  okhttp::MemoryCookieJar jar; jar.save_from_response(url, std::vector{*cookie}); jar.load_for_request(url);   // std::vector<Cookie>
  REQUIRE(jar.load_for_request(url).size() == 1);
  okhttp::FileCookieJar file_jar("cookies.txt");
  REQUIRE(file_jar.all().empty());
  okhttp::CacheControl::force_network(); okhttp::CacheControl::force_cache(); okhttp::CacheControl::Builder().max_age(60s).build();
  REQUIRE(okhttp::CacheControl::force_network().no_cache() && okhttp::CacheControl::force_cache().only_if_cached());
  okhttp::Request request = okhttp::Request::Builder().url(url).cache_control(okhttp::CacheControl::force_network()).build();
  okhttp::to_curl(request);                                                                         // a pasteable curl command
  REQUIRE(okhttp::to_curl(request) == "curl 'https://example.com/a' -H 'Cache-Control: no-cache'");
  okhttp::Client client = okhttp::Client::Builder().cookie_jar(std::make_shared<okhttp::MemoryCookieJar>()).build();
}

// Accessors give views; called on a temporary they give values, so nothing dangles in auto or a range-for.
void temporaries(const std::string& url) {
  auto host = okhttp::HttpUrl::parse("http://example.com/").host();
  static_assert(std::is_same_v<decltype(host), std::string>);
  static_assert(std::is_same_v<decltype(okhttp::get(url).headers()), okhttp::Headers>);
  static_assert(std::is_same_v<decltype(okhttp::get(url).body()), okhttp::ResponseBody>);
  std::size_t count = 0;
  for (auto [name, value] : okhttp::get(url).headers()) count += name.size() + value.size();
  REQUIRE(count > 0);
}

// ---- Testing with the mock server ----

void mock_server() {
  okhttp::MockWebServer server;                                    // starts on a free loopback port; stops in its destructor
  server.use_https(okhttp::HeldCertificate::localhost());          // optional; server.client_trust() is what a client must trust
  server.protocols({okhttp::Protocol::h2, okhttp::Protocol::http_1_1});
  server.enqueue(okhttp::MockResponse().code(200).header("ETag", "v1").body("hello"));
  server.enqueue(okhttp::MockResponse().chunked_body("0123456789", 16).throttle_body(1024, 100ms).headers_delay(50ms));
  server.enqueue(okhttp::MockResponse().on_response_body(okhttp::CloseSocket{}));
  const auto client = okhttp::Client::Builder().trusted_certificates(server.client_trust()).build();
  okhttp::Response response = client.new_call(okhttp::Request::Builder().url(server.url("/path")).build()).execute();
  okhttp::RecordedRequest recorded = server.take_request();        // method() target() headers() body() ...
  REQUIRE(recorded.method() == "GET" && recorded.target() == "/path" && recorded.headers().get("Host") && recorded.body().empty());
  REQUIRE(recorded.connection_index() == 0 && recorded.exchange_index() == 0 && !server.take_request(1ms) && server.request_count() == 1);
  REQUIRE(response.header("ETag") == "v1" && response.body().string() == "hello");

  okhttp::MockWebServer other;
  other.dispatcher([](const okhttp::RecordedRequest& request) { return okhttp::MockResponse().body(request.target()); });
  REQUIRE(client.new_call(okhttp::Request::Builder().url(other.url("/x?y")).build()).execute().body().string() == "/x?y");
}

// ---- A firmware transport ----

struct ModemTransport {                                          // models okhttp::TransportPolicy; no operating system needed
  struct Stream {
    std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    okhttp::IoResult try_read(std::span<std::byte> into) {
      if (answer.empty()) return okhttp::IoStatus::end;
      into[0] = static_cast<std::byte>(answer[0]);
      answer.remove_prefix(1);
      return okhttp::IoResult::moved(1);
    }
    okhttp::IoResult try_write(std::span<const okhttp::ConstBytes> pieces) {
      return okhttp::IoResult::moved(pieces[0].size());
    }
    okhttp::Task<okhttp::Interest> wait(okhttp::Interest interest, okhttp::Deadline) { co_return interest; }
    void shutdown() {}
    void close() {}
  };
  okhttp::Task<Stream> connect(const okhttp::Endpoint& endpoint, okhttp::Deadline deadline);  // endpoint outlives the task
};
okhttp::Task<ModemTransport::Stream> ModemTransport::connect(const okhttp::Endpoint& endpoint, okhttp::Deadline) {
  REQUIRE(endpoint.host == "device.local" && endpoint.port == 80);
  co_return Stream();
}

void firmware_transport() {
  using FirmwareClient = okhttp::BasicClient<ModemTransport, okhttp::Http1Only, okhttp::NoCache,
      okhttp::InlineDispatcher, okhttp::NoCompression>;
  auto firmware = FirmwareClient::Builder().transport(ModemTransport()).build();  // a policy with state is handed over like .cache(...)
  REQUIRE(firmware.new_call(okhttp::Request::Builder().url("http://device.local/").build()).execute().body().string() == "ok");
}

// A policy that cannot be made from nothing makes build() fail with a text that names the missing setter.
struct DialUp : ModemTransport {
  explicit DialUp(std::string phone_number) : number(std::move(phone_number)) {}
  std::string number;
};
void transport_with_state() {
  using DialUpClient = okhttp::BasicClient<DialUp>;
  okhttp::Result<DialUpClient> failed = DialUpClient::Builder().try_build();
  REQUIRE(!failed && failed.error().message().find("transport") != std::string::npos);
  REQUIRE(DialUpClient::Builder().transport(DialUp("555-1234")).try_build().has_value());
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.dispatcher([](const okhttp::RecordedRequest&) { return okhttp::MockResponse().body("hello"); });
  okhttp::Client client;
  const std::string url = server.url("/").to_string();
  const okhttp::Request request = okhttp::Request::Builder().url(url).build();

  REQUIRE(calls_and_errors(client, request));
  coroutines(client, {request, request});
  callbacks(request);
  one_liners(url);
  names(server);
  requests(url);
  responses(client, request);
  urls_and_headers();
  cookies_and_commands();
  temporaries(url);
  mock_server();
  firmware_transport();
  transport_with_state();

  okhttp::MockWebServer secure;
  const okhttp::HeldCertificate certificate = okhttp::HeldCertificate::localhost();
  secure.use_https(certificate);
  secure.dispatcher([](const okhttp::RecordedRequest&) { return okhttp::MockResponse().body("hello"); });
  std::ofstream("ca.pem") << certificate.certificate_pem();
  std::ofstream("client.pem") << certificate.certificate_pem();
  std::ofstream("client.key") << certificate.private_key_pkcs8_pem();
  building(secure);

  server.close();
  client.connection_pool().evict_all();
  client.run(failures(client, request));
}
