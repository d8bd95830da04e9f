// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/extras/exponential_backoff.hpp>
#include <okhttp/mockwebserver.hpp>

#include <doctest/doctest.h>

#include "support/client_fixture.hpp"
#include "support/memory_transport.hpp"
#include "support/runtime_support.hpp"

namespace retry_test {

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::CloseSocket;
using okhttp::Errc;
using okhttp::Error;
using okhttp::ExponentialBackoff;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;
using okhttp::RetryAttempt;
using okhttp::RetryDecision;
using okhttp::Task;

namespace {

Request request_to(const MockWebServer& server, const char* method = "GET") {
  Request::Builder builder;
  builder.url(server.url("/"));
  if (std::string_view(method) == "POST") builder.post(RequestBody::create("content"));
  return builder.build();
}

RequestBody one_shot() {
  return RequestBody::from_reader(
      [left = 3](std::span<std::byte> into) mutable { return left-- > 0 ? (into[0] = std::byte{'x'}, 1U) : 0U; });
}

/// A server in memory whose first bytes of an answer are played in order, on a loop with a clock of its own.
struct TimedServer {
  std::vector<std::string> answers;
  std::size_t requests = 0;
  std::vector<okhttp::Clock::duration> times;
  support::VirtualTime time;

  using Client = okhttp::BasicClient<MemoryTransport, okhttp::EventLoopDispatcher>;
  Client::Builder builder() {
    Client::Builder builder;
    builder.dispatcher_policy(okhttp::EventLoopDispatcher(support::loop_options(false, &time)));
    builder.transport(MemoryTransport([this](const okhttp::Endpoint&, std::shared_ptr<MemoryLink> link) {
      link->on_bytes = [this](MemoryLink& self) {
        const std::string bytes = self.take_all();
        if (!bytes.starts_with("GET") && !bytes.starts_with("POST")) return;
        times.push_back(time.elapsed());
        const std::string answer = requests < answers.size() ? answers[requests] : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        ++requests;
        if (answer.empty())
          self.end();
        else
          self.send(answer);
      };
    }));
    return builder;
  }
};

std::string status(int code, const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(code) + " X\r\n" + headers + "Content-Length: 0\r\n\r\n";
}

/// Two addresses, one of which ends every connection that sends something.
struct TwoServers {
  using Stream = MemoryTransport::Stream;
  static constexpr bool needs_addresses = true;
  std::vector<std::string>* used;
  const char* good;
  Task<Stream> connect(const okhttp::Endpoint& endpoint, okhttp::Deadline) {
    auto link = std::make_shared<MemoryLink>(1000);
    const std::string address = endpoint.address->to_string();
    link->on_bytes = [this, address](MemoryLink& self) {
      if (self.take_all().empty()) return;
      used->push_back(address);
      if (address == good)
        self.send(status(200));
      else
        self.end();
    };
    co_return Stream(std::move(link));
  }
};

const Request memory_request = Request::Builder().url("http://example.com/").build();

}  // namespace

TEST_SUITE("integration/retry") {

TEST_CASE_TEMPLATE("408 and 503 are repeated once when the server asks for it now", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  struct Row {
    int code;
    const char* retry_after;  // null: no header
    bool repeats;
  };
  const Row rows[] = {
      {408, nullptr, true},
      {408, "0", true},
      {408, "1", false},
      {503, nullptr, false},
      {503, "0", true},
      {503, "1", false},
      {503, "99999999999999999999", false},
      {503, "soon", false},
      {503, "-1", false},
      {503, "Sun, 06 Nov 1994 08:49:37 GMT", true},
      {503, "Sunday, 06-Nov-94 08:49:37 GMT", true},
      {408, "Sun, 06 Nov 1994 08:49:37 GMT", true},
      {503, "Fri, 31 Dec 9999 23:59:59 GMT", false},
      {408, "Fri, 31 Dec 9999 23:59:59 GMT", false},
      {500, "0", false},
  };
  for (const Row& row : rows) {
    const std::string value = row.retry_after != nullptr ? row.retry_after : "";
    CAPTURE(row.code);
    CAPTURE(value);
    MockResponse refusal;
    refusal.code(row.code).body("not now");
    if (row.retry_after != nullptr) refusal.header("Retry-After", value);
    server.enqueue(refusal);
    if (row.repeats) server.enqueue(MockResponse().body("now"));
    Response response = client.new_call(request_to(server, "POST")).execute();
    CHECK(response.code() == (row.repeats ? 200 : row.code));
    CHECK(response.body().string() == (row.repeats ? "now" : "not now"));
    if (row.repeats) CHECK(server.take_request().body() == "content");
    CHECK(server.take_request().body() == "content");
  }
  // Twice in a row is not now.
  for (const int code : {408, 503}) {
    for (int i = 0; i < 2; ++i) server.enqueue(MockResponse().code(code).header("Retry-After", "0"));
    CHECK(client.new_call(request_to(server)).execute().code() == code);
    server.enqueue(MockResponse().code(code).header("Retry-After", "0"));
    CHECK(client.new_call(Request::Builder().url(server.url()).post(one_shot()).build()).execute().code() == code);
  }
}

TEST_CASE("a date is compared with the server's own clock") {
  MockWebServer server;
  auto client = OnThreads::builder().build();
  const auto code_with = [&](const char* date) {
    server.enqueue(MockResponse().code(503).header("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT").header("Date", date));
    server.enqueue(MockResponse());
    const int code = client.new_call(request_to(server)).execute().code();
    server.clear_queue();
    return code;
  };
  CHECK(code_with("Fri, 31 Dec 2100 23:59:58 GMT") == 503);
  CHECK(code_with("Fri, 31 Dec 2100 23:59:59 GMT") == 200);
}

TEST_CASE_TEMPLATE("421 is repeated once on a new connection if the old one had been used before", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().code(421));
  CHECK(client.new_call(request_to(server, "POST")).execute().code() == 421);  // its own connection
  CHECK(server.take_request().connection_index() == 0);
  server.enqueue(MockResponse().code(421));
  server.enqueue(MockResponse().body("here"));
  CHECK(client.new_call(request_to(server, "POST")).execute().body().string() == "here");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().connection_index() == 1);
  for (int i = 0; i < 2; ++i) server.enqueue(MockResponse().code(421));
  CHECK(client.new_call(request_to(server)).execute().code() == 421);
  server.enqueue(MockResponse().code(421));
  CHECK(client.new_call(Request::Builder().url(server.url()).post(one_shot()).build()).execute().code() == 421);
  CHECK(server.request_count() == 6);
}

TEST_CASE("what failed before is the last cause of what fails in the end") {
  MockWebServer server;
  server.enqueue(MockResponse());
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  auto client = OnThreads::builder().build();
  CHECK(client.new_call(request_to(server)).execute().code() == 200);
  const Result<Response> failed = client.new_call(request_to(server)).try_execute();
  REQUIRE_FALSE(failed);
  CHECK(server.request_count() == 3);
  CHECK(failed.error().code() == Errc::unexpected_end);
  const Error* cause = failed.error().cause();
  REQUIRE(cause != nullptr);
  CHECK(cause->code() == Errc::unexpected_end);
  CHECK(cause->cause() == nullptr);
}

TEST_CASE("a host with another address gets another try when a fresh connection fails") {
  using Client = okhttp::BasicClient<TwoServers, okhttp::InlineDispatcher>;
  const auto addresses = [](std::string_view) {
    return std::vector{*okhttp::IpAddress::try_parse("192.0.2.1"), *okhttp::IpAddress::try_parse("192.0.2.2")};
  };
  const Request get = memory_request;
  const Request post = Request::Builder().url("http://example.com/").post(RequestBody::create("x")).build();
  std::vector<std::string> used;
  auto client = Client::Builder().transport(TwoServers{&used, "192.0.2.2"}).dns(addresses).build();
  CHECK(client.new_call(get).execute().code() == 200);
  CHECK(used == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  // The bad address is remembered by the client.
  used.clear();
  client.connection_pool().evict_all();
  CHECK(client.new_call(get).execute().code() == 200);
  CHECK(used == std::vector<std::string>{"192.0.2.2"});

  used.clear();
  auto careful = Client::Builder().transport(TwoServers{&used, "192.0.2.2"}).dns(addresses).build();
  CHECK(careful.new_call(post).try_execute().error().code() == Errc::unexpected_end);
  CHECK(used == std::vector<std::string>{"192.0.2.1"});
  used.clear();
  auto hopeless = Client::Builder().transport(TwoServers{&used, ""}).dns(addresses).build();
  CHECK(hopeless.new_call(get).try_execute().error().code() == Errc::unexpected_end);
  CHECK(used == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  used.clear();
  auto without = hopeless.new_builder().retry_on_connection_failure(false).build();
  CHECK_FALSE(without.new_call(get).try_execute());
  CHECK(used.size() == 1);
}

TEST_CASE_TEMPLATE("a policy sees every attempt and decides", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().code(500).body("a"));
  // The first break is of a connection that was used before, which is repeated without asking.
  for (int i = 0; i < 2; ++i) server.enqueue(MockResponse().on_response_start(CloseSocket{}));
  server.enqueue(MockResponse().code(302).header("Location", "/to"));
  server.enqueue(MockResponse().code(503).header("Retry-After", "7"));
  server.enqueue(MockResponse().body("there"));
  std::string log;
  const auto decide = [&](const RetryAttempt& attempt) -> RetryDecision {
    log += std::to_string(attempt.count()) + ":" + std::string(attempt.request().url().request_target()) + ":";
    CHECK((attempt.response() == nullptr) == (attempt.error() != nullptr));
    log += attempt.response() != nullptr ? std::to_string(attempt.response()->code()) : "failed";
    if (const auto asked = attempt.retry_after()) log += ":" + std::to_string(*asked / 1s);
    log += attempt.is_safe() ? " " : "! ";
    if (attempt.response() != nullptr && attempt.response()->code() < 400) return RetryDecision::stop();
    return RetryDecision::after(attempt.response() != nullptr ? 1ms : 0ms);
  };
  auto client = D::builder().retry_policy(decide).build();
  Response response = client.new_call(get_request(server.url("/from").to_string())).execute();
  CHECK(response.body().string() == "there");
  CHECK(log == "1:/from:500 2:/from:failed 3:/from:302 4:/to:503:7 5:/to:200 ");
  REQUIRE(response.prior_response() != nullptr);
  CHECK(response.prior_response()->code() == 302);
}

TEST_CASE("what is not safe is repeated only if the policy says so, and never without its body") {
  MockWebServer server;
  std::string safe;
  int attempts = 0;
  bool forced = false;
  auto client = OnThreads::builder()
                    .retry_policy([&](const RetryAttempt& attempt) -> Result<RetryDecision> {
                      safe += attempt.is_safe() ? "y" : "n";
                      if (++attempts == 2) return RetryDecision::stop();
                      RetryDecision decision = RetryDecision::after(0s);
                      if (forced) decision.even_if_unsafe();
                      return decision;
                    })
                    .build();
  const auto attempts_of = [&](const MockResponse& answer, const Request& request, bool is_forced) {
    safe.clear();
    attempts = 0;
    forced = is_forced;
    server.clear_queue();
    client.connection_pool().evict_all();
    for (int i = 0; i < 3; ++i) server.enqueue(answer);
    (void)client.new_call(request).try_execute();
    return std::to_string(attempts) + safe;
  };
  const MockResponse broken = MockResponse().on_response_start(CloseSocket{});
  const MockResponse failed = MockResponse().code(502);
  const MockResponse busy = MockResponse().code(429);
  const Request get = request_to(server);
  const Request post = request_to(server, "POST");
  const Request once = Request::Builder().url(server.url()).post(one_shot()).idempotent(true).build();
  CHECK(attempts_of(broken, get, false) == "2yy");
  CHECK(attempts_of(broken, post, false) == "1n");
  CHECK(attempts_of(broken, post, true) == "2nn");
  CHECK(attempts_of(failed, get, false) == "2yy");
  CHECK(attempts_of(failed, post, false) == "1n");
  CHECK(attempts_of(failed, post, true) == "2nn");
  CHECK(attempts_of(busy, post, false) == "2yy");
  CHECK(attempts_of(broken, once, true) == "1n");
  CHECK(attempts_of(busy, Request::Builder().url(server.url()).post(one_shot()).build(), true) == "1n");

  // What was never sent is safe, whatever it is.
  const std::uint16_t nobody = [] { return MockWebServer().port(); }();
  safe.clear();
  attempts = 0;
  CHECK_FALSE(client.new_call(post_request(local_url(nobody), "x")).try_execute());
  CHECK(safe == "yy");
}

TEST_CASE("a policy that fails or throws ends the call") {
  MockWebServer server;
  for (int i = 0; i < 2; ++i) server.enqueue(MockResponse().code(500));
  auto failing = OnThreads::builder()
                     .retry_policy([](const RetryAttempt&) -> Result<RetryDecision> { return Error(Errc::rejected, "no more"); })
                     .build();
  CHECK(failing.new_call(request_to(server)).try_execute().error().message() == "no more");
  auto throwing = OnThreads::builder().retry_policy([](const RetryAttempt&) -> RetryDecision { throw 7; }).build();
  CHECK(throwing.new_call(request_to(server)).try_execute().error().code() == Errc::user_exception);
}

TEST_CASE("a policy is not asked about what no repetition mends") {
  int asked = 0;
  auto client = OnThreads::builder()
                    .retry_policy([&](const RetryAttempt&) { return ++asked, RetryDecision::after(0s); })
                    .add_network_interceptor([](okhttp::Chain&) -> Task<Response> { throw 7; })
                    .build();
  MockWebServer server;
  CHECK(client.new_call(request_to(server)).try_execute().error().code() == Errc::user_exception);
  CHECK(asked == 0);
}

TEST_CASE("the wait is by the runtime's clock, backs off, and takes Retry-After into account") {
  TimedServer server;
  server.answers = {status(503), status(503), status(503, "Retry-After: 20\r\n"), "", ""};
  auto client = server.builder().retry_policy(ExponentialBackoff().max_attempts(9).jitter(0)).build();
  const Result<Response> response = client.new_call(memory_request).try_execute();
  REQUIRE(response);
  CHECK(response->code() == 200);
  CHECK(server.times == std::vector<okhttp::Clock::duration>{0ms, 200ms, 600ms, 20600ms, 20600ms, 22200ms});

  // More than it waits for, or not asked to.
  TimedServer far;
  far.answers = {status(503, "Retry-After: 121\r\n")};
  auto impatient = far.builder().retry_policy(ExponentialBackoff()).build();
  CHECK(impatient.new_call(memory_request).execute().code() == 503);
  CHECK(far.requests == 1);
  auto deaf = far.builder().retry_policy(ExponentialBackoff().honor_retry_after(false).jitter(0)).build();
  far.requests = 0;
  CHECK(deaf.new_call(memory_request).execute().code() == 200);
  CHECK(far.times.back() == 200ms);
}

TEST_CASE("the wait is not begun if the call timeout would end it, and ends with a cancel") {
  TimedServer server;
  server.answers = {status(503), status(503), status(503)};
  auto client = server.builder()
                    .call_timeout(10s)
                    .retry_policy([](const RetryAttempt&) { return RetryDecision::after(6s); })
                    .build();
  CHECK(client.new_call(memory_request).execute().code() == 503);
  CHECK(server.times == std::vector<okhttp::Clock::duration>{0s, 6s});
  CHECK(server.time.elapsed() == 6s);

  TimedServer other;
  other.answers = {status(503)};
  std::optional<Call> running;
  auto waiting = other.builder().retry_policy([](const RetryAttempt&) { return RetryDecision::after(1h); }).build();
  running = waiting.new_call(memory_request);
  auto cancel_later = [](Call call) -> Task<void> {
    okhttp::Runtime& runtime = *okhttp::Runtime::current();
    co_await runtime.sleep_until(okhttp::Deadline::at(runtime.now() + 5min));
    call.cancel();
  };
  waiting.spawn(cancel_later(*running));
  CHECK(running->try_execute().error().code() == Errc::canceled);
  CHECK(other.time.elapsed() == 5min);
  CHECK(other.requests == 1);
}

TEST_CASE_TEMPLATE("a cancel ends the wait on a blocking runtime", D, OKHTTP_BLOCKING_DISPATCHERS) {
  MockWebServer server;
  server.enqueue(MockResponse().code(503));
  Event asked;
  auto client = D::builder()
                    .retry_policy([&](const RetryAttempt&) { return asked.set(), RetryDecision::after(1h); })
                    .build();
  const Call call = client.new_call(request_to(server));
  const Background canceler([&] {
    asked.wait();
    call.cancel();
  });
  CHECK(call.try_execute().error().code() == Errc::canceled);
}

TEST_CASE("back-off: delays, jitter, and what it tries again") {
  const Request get = memory_request;
  const auto delay = [&](const ExponentialBackoff& policy, std::size_t count, Errc code = Errc::io, bool safe = true) {
    const Error error(code, "failed");
    return policy(RetryAttempt(count, get, nullptr, &error, safe)).delay();
  };
  ExponentialBackoff plain;
  plain.jitter(0).max_attempts(100);
  CHECK(delay(plain, 1) == 200ms);
  CHECK(delay(plain, 4) == 1600ms);
  CHECK(delay(plain, 7) == 10s);
  CHECK(delay(plain, 99) == 10s);
  CHECK_FALSE(delay(plain, 100));
  CHECK_FALSE(delay(plain, 1, Errc::io, false));
  CHECK(delay(ExponentialBackoff().jitter(0).first_delay(1s).factor(3).max_delay(5s), 2) == 3s);
  CHECK(delay(ExponentialBackoff().jitter(0).first_delay(-1s).factor(0), 2) == 0s);
  constexpr okhttp::Clock::duration longest = okhttp::Clock::duration::max();
  CHECK(delay(ExponentialBackoff().jitter(0).first_delay(longest).max_delay(longest), 1) > 100 * 365 * 24h);
  double random = 0;
  ExponentialBackoff half;
  half.random([&] { return random; });
  CHECK(delay(half, 2) == 400ms);
  random = 0.5;
  CHECK(delay(half, 2) == 300ms);
  half.jitter(1);
  CHECK(delay(half, 2) == 200ms);
  for (int i = 0; i < 100; ++i) {
    const auto each = delay(ExponentialBackoff(), 1);
    REQUIRE(each);
    CHECK(*each > 99ms);
    CHECK(*each <= 200ms);
  }
  CHECK(delay(ExponentialBackoff(), 1) != delay(ExponentialBackoff(), 1));
  for (const Errc code : {Errc::dns, Errc::connect_refused, Errc::connect_failed, Errc::connect_timeout, Errc::read_timeout,
                          Errc::write_timeout, Errc::unexpected_end, Errc::io, Errc::stream_reset})
    CHECK(delay(plain, 1, code));
  for (const Errc code : {Errc::bad_url, Errc::tls, Errc::certificate, Errc::host_name, Errc::pin, Errc::protocol_error,
                          Errc::too_many_follow_ups, Errc::body_length, Errc::content_coding})
    CHECK_FALSE(delay(plain, 1, code));
  for (int code = 200; code < 600; ++code) {
    CAPTURE(code);
    const Response response =
        Response::Builder().request(get).protocol(okhttp::Protocol::http_1_1).code(code).message("").build();
    const bool repeats = code == 408 || code == 429 || code == 500 || code == 502 || code == 503 || code == 504;
    CHECK(plain(RetryAttempt(1, get, &response, nullptr, true)).delay().has_value() == repeats);
  }
}

}  // TEST_SUITE

}  // namespace retry_test
