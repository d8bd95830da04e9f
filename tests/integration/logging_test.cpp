// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/logging_interceptor.hpp>

#include <doctest/doctest.h>

#include <okhttp/extras/logging_event_listener.hpp>
#include <okhttp/mockwebserver.hpp>

#include <mutex>
#include <string>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/gzip.hpp"

namespace logging_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::LoggingEventListener;
using okhttp::LoggingInterceptor;
using okhttp::LoggingOptions;
using okhttp::LogLevel;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

using Lines = std::vector<std::string>;

/// Lines as they are asserted: times are TIME, the server's name is HOST.
class Log {
 public:
  explicit Log(std::uint16_t port) : host_("127.0.0.1:" + std::to_string(port)) {}

  okhttp::LogFunction function() {
    return [this](std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back(neutral(std::string(line)));
    };
  }
  Lines take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::string neutral(std::string line) const {
    for (std::size_t at; (at = line.find(host_)) != std::string::npos;) line.replace(at, host_.size(), "HOST");
    for (const char* unit : {"ms", " ms]"}) {
      const std::size_t end = line.find(unit);
      std::size_t begin = end;
      if (end == std::string::npos) continue;
      while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') --begin;
      if (begin < end && begin > 0 && (line[begin - 1] == '(' || line[begin - 1] == '['))
        line.replace(begin, end - begin, "TIME ");
    }
    return line;
  }
  const std::string host_;
  std::mutex mutex_;
  Lines lines_;
};

template <class D>
struct Logged {
  MockWebServer server;
  Log log{server.port()};
  std::string url = server.url("/a?key=1").to_string();

  LoggingInterceptor interceptor(LogLevel level, std::size_t most = 64 * 1024) {
    return LoggingInterceptor({.level = level, .log = log.function(), .max_body_bytes = most});
  }
  typename D::Client client(LogLevel level) { return D::builder().add_interceptor(interceptor(level)).build(); }
  typename D::Client network_client(LogLevel level, std::size_t most = 64 * 1024) {
    return D::builder().user_agent("test").add_network_interceptor(interceptor(level, most)).build();
  }
};

/// What remains of a log behind the line.
Lines behind(Lines lines, std::string_view line) {
  const auto found = std::find(lines.begin(), lines.end(), line);
  REQUIRE(found != lines.end());
  return Lines(found + 1, lines.end());
}

}  // namespace

TEST_SUITE("integration/logging") {

TEST_CASE_TEMPLATE("basic: a line each", D, okhttp_tests::OnInline, okhttp_tests::OnLoop) {
  Logged<D> test;
  const auto client = test.client(LogLevel::basic);
  test.server.enqueue(MockResponse().body("hello"));
  CHECK(client.new_call(get_request(test.url)).execute().body().string() == "hello");
  CHECK(test.log.take() == Lines{"--> GET http://HOST/a?\xE2\x96\x88\xE2\x96\x88", "<-- 200 OK http://HOST/a?\xE2\x96\x88\xE2\x96\x88" " (TIME ms, 5-byte body)"});
  test.server.enqueue(MockResponse().code(404).message("").chunked_body("no", 2));
  client.new_call(post_request(test.server.url("/b").to_string(), "hi?")).execute();
  CHECK(test.log.take() ==
        Lines{"--> POST http://HOST/b (3-byte body)", "<-- 404 http://HOST/b (TIME ms, unknown-length body)"});
  // The protocol is known to network interceptors; what is sent is seen there.
  const auto network = test.network_client(LogLevel::basic);
  test.server.enqueue(MockResponse().code(302).header("Location", "/c"));
  test.server.enqueue(MockResponse());
  network.new_call(get_request(test.url)).execute();
  CHECK(test.log.take() == Lines{"--> GET http://HOST/a?\xE2\x96\x88\xE2\x96\x88" " http/1.1",
                                 "<-- 302 Redirection http://HOST/a?\xE2\x96\x88\xE2\x96\x88" " (TIME ms, 0-byte body)",
                                 "--> GET http://HOST/c http/1.1", "<-- 200 OK http://HOST/c (TIME ms, 0-byte body)"});
}

TEST_CASE("none writes nothing, and the level may change") {
  Logged<OnInline> test;
  const LoggingInterceptor logging = test.interceptor(LogLevel::none);
  const auto client = OnInline::builder().add_interceptor(logging).build();
  test.server.enqueue(MockResponse());
  client.new_call(get_request(test.url)).execute();
  CHECK(test.log.take().empty());
  logging.set_level(LogLevel::basic);
  CHECK(logging.level() == LogLevel::basic);
  test.server.enqueue(MockResponse());
  client.new_call(get_request(test.url)).execute();
  CHECK(test.log.take().size() == 2);
}

TEST_CASE("headers: those of the request, those the client adds, without secrets") {
  Logged<OnInline> test;
  const Request request = Request::Builder()
                              .url(test.server.url("/b").to_string())
                              .header("Authorization", "Bearer secret")
                              .header("X-A", "1")
                              .post(RequestBody::create("hi", "text/plain"))
                              .build();
  const MockResponse answer =
      MockResponse().header("Set-Cookie", "a=b").header("X-B", "2").body("hello");
  test.server.enqueue(answer);
  test.client(LogLevel::headers).new_call(request).execute();
  CHECK(test.log.take() == Lines{"--> POST http://HOST/b", "Content-Type: text/plain; charset=utf-8", "Content-Length: 2",
                                 "Authorization: \xE2\x96\x88\xE2\x96\x88", "X-A: 1", "--> END POST", "<-- 200 OK http://HOST/b (TIME ms)",
                                 "Set-Cookie: \xE2\x96\x88\xE2\x96\x88", "X-B: 2", "Content-Length: 5", "<-- END HTTP"});
  test.server.enqueue(answer);
  test.network_client(LogLevel::headers).new_call(request).execute();
  Lines lines = test.log.take();
  CHECK(lines.front() == "--> POST http://HOST/b http/1.1");
  for (const char* line : {"Authorization: \xE2\x96\x88\xE2\x96\x88", "User-Agent: test", "Content-Type: text/plain; charset=utf-8",
                           "Content-Length: 2", "Host: HOST", "Accept-Encoding: gzip"})
    CHECK_MESSAGE(std::count(lines.begin(), lines.end(), line) == 1, line);
}

TEST_CASE_TEMPLATE("body: text is logged and still there for the reader", D, okhttp_tests::OnInline,
                   okhttp_tests::OnThreads, okhttp_tests::OnLoop) {
  Logged<D> test;
  const auto client = test.client(LogLevel::body);
  const std::string url = test.server.url("/b").to_string();
  test.server.enqueue(MockResponse().body("hello\nworld, how are you\x1b"));
  CHECK(client.new_call(post_request(url, "hi")).execute().body().string() == "hello\nworld, how are you\x1b");
  CHECK(test.log.take() == Lines{"--> POST http://HOST/b", "Content-Type: text/plain; charset=utf-8", "Content-Length: 2",
                                 "", "hi", "--> END POST (2-byte body)", "<-- 200 OK http://HOST/b (TIME ms)",
                                 "Content-Length: 25", "", "hello\nworld, how are you\\x1b", "<-- END HTTP (TIME ms, 25-byte body)"});
  // Decompressed for an application interceptor, in chunks, empty, and not there at all.
  test.server.enqueue(MockResponse().gzip_body("zipped"));
  CHECK(client.new_call(get_request(url)).execute().body().string() == "zipped");
  CHECK(behind(test.log.take(), "<-- 200 OK http://HOST/b (TIME ms)") == Lines{"", "zipped", "<-- END HTTP (TIME ms, 6-byte body)"});
  test.server.enqueue(MockResponse().chunked_body("chunks", 2));
  CHECK(client.new_call(get_request(url)).execute().body().string() == "chunks");
  CHECK(behind(test.log.take(), "Transfer-Encoding: chunked") == Lines{"", "chunks", "<-- END HTTP (TIME ms, 6-byte body)"});
  test.server.enqueue(MockResponse());
  client.new_call(get_request(url)).execute();
  CHECK(behind(test.log.take(), "Content-Length: 0") == Lines{"<-- END HTTP (TIME ms, 0-byte body)"});
  test.server.enqueue(MockResponse().code(204));
  client.new_call(get_request(url)).execute();
  CHECK(test.log.take().back() == "<-- END HTTP");
  test.server.enqueue(MockResponse().header("Content-Length", "7"));
  client.new_call(Request::Builder().url(url).head().build()).execute();
  CHECK(test.log.take().back() == "<-- END HTTP");
}

TEST_CASE("body: what is not logged is named") {
  Logged<OnInline> test;
  const auto client = test.client(LogLevel::body);
  const std::string url = test.server.url("/b").to_string();
  const auto answered = [&](const MockResponse& response) {
    test.server.enqueue(response);
    std::string text = client.new_call(get_request(url)).execute().body().string();
    CHECK(text == (response.plan().text ? *response.plan().text : ""));
    return test.log.take().back();
  };
  CHECK(answered(MockResponse().header("Content-Encoding", "br").body("??")) == "<-- END HTTP (encoded body omitted)");
  CHECK(answered(MockResponse().header("Content-Type", "text/event-stream; charset=utf-8").body("data: 1\n\n")) ==
        "<-- END HTTP (streaming)");
  CHECK(answered(MockResponse().body(std::string_view("PNG\0\1", 5))) == "<-- END HTTP (TIME ms, binary 5-byte body omitted)");

  const auto asked = [&](RequestBody body, const char* encoding) {
    test.server.enqueue(MockResponse());
    Request::Builder builder;
    builder.url(url).post(std::move(body));
    if (encoding != nullptr) builder.header("Content-Encoding", encoding);
    client.new_call(builder.build()).execute();
    const Lines lines = test.log.take();
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].starts_with("--> END")) return (lines[i - 1].find(": ") == std::string::npos ? lines[i - 1] + "|" : "") + lines[i];
    return std::string();
  };
  CHECK(asked(RequestBody::create("x"), "br") == "--> END POST (encoded body omitted)");
  CHECK(asked(RequestBody::create(std::string(3, '\1')), nullptr) == "|--> END POST (binary 3-byte body omitted)");
  bool sent = false;
  CHECK(contains(asked(RequestBody::from_reader([&sent](std::span<std::byte>) -> Result<std::size_t> {
                   sent = true;
                   return std::size_t{0};
                 }), nullptr),
                 "--> END POST (one-shot body omitted)"));
  CHECK(sent);
  const std::string zipped = gzipped("sixteen bytes ok");
  CHECK(asked(RequestBody::create(zipped), "gzip") ==
        "sixteen bytes ok|--> END POST (16-byte, " + std::to_string(zipped.size()) + "-gzipped-byte body)");
  CHECK(asked(RequestBody::create("no gzip"), "gzip") == "--> END POST (damaged gzip body omitted)");
}

TEST_CASE("body: gzip on the network is inflated for the log, the reader gets it as it came") {
  Logged<OnInline> test;
  const std::string url = test.server.url("/b").to_string();
  const std::string zipped = gzipped("zipped");
  const auto client = test.network_client(LogLevel::body);
  test.server.enqueue(MockResponse().header("Content-Encoding", "gzip").body(zipped));
  CHECK(client.new_call(get_request(url)).execute().body().string() == "zipped");
  Lines lines = test.log.take();
  REQUIRE(lines.size() > 3);
  CHECK(Lines(lines.end() - 3, lines.end()) ==
        Lines{"", "zipped", "<-- END HTTP (TIME ms, 6-byte, " + std::to_string(zipped.size()) + "-gzipped-byte body)"});
  test.server.enqueue(MockResponse().header("Content-Encoding", "gzip").body("not gzip"));
  CHECK_FALSE(client.new_call(get_request(url)).execute().body().try_string());
  CHECK(test.log.take().back() == "<-- END HTTP (TIME ms, damaged gzip body omitted)");
}

TEST_CASE("body: no more than the bound is kept and logged, and no character is cut") {
  Logged<OnInline> test;
  const std::string url = test.server.url("/b").to_string();
  const auto client = test.network_client(LogLevel::body, 8);
  const std::string text = "0123456\xC3\xA9" "9";
  const auto end_of = [&](const MockResponse& response, std::string_view expected) {
    test.server.enqueue(response);
    CHECK(client.new_call(post_request(url, "0123456789")).execute().body().string() == expected);
    const Lines lines = test.log.take();
    CHECK(std::count(lines.begin(), lines.end(), "--> END POST (first 8 bytes of 10-byte body)") == 1);
    CHECK(std::count(lines.begin(), lines.end(), "01234567") == 1);
    return Lines(lines.end() - 2, lines.end());
  };
  CHECK(end_of(MockResponse().body(text), text) == Lines{"0123456", "<-- END HTTP (TIME ms, first 8 bytes of 10-byte body)"});
  CHECK(end_of(MockResponse().chunked_body(text, 3), text) ==
        Lines{"0123456", "<-- END HTTP (TIME ms, first 8 bytes of unknown-length body)"});
  CHECK(end_of(MockResponse().body_repeated("ab", 5'000'000), std::string([] {
          std::string all;
          for (int i = 0; i < 2'500'000; ++i) all += "ab";
          return all;
        }())) == Lines{"abababab", "<-- END HTTP (TIME ms, first 8 bytes of 5000000-byte body)"});
}

TEST_CASE_TEMPLATE("a failure is a line, and so is a body that breaks off", D, okhttp_tests::OnInline, okhttp_tests::OnLoop) {
  Logged<D> test;
  const auto client = test.client(LogLevel::body);
  test.server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  Result<Response> failed = client.new_call(get_request(test.url)).try_execute();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code() == Errc::unexpected_end);
  Lines lines = test.log.take();
  REQUIRE(lines.size() == 3);
  CHECK(lines[2] == "<-- HTTP FAILED: unexpected end of stream from HOST while reading the response head from it. "
                    "http://HOST/a?\xE2\x96\x88\xE2\x96\x88" " (TIME ms)");
  test.server.enqueue(MockResponse().body_repeated("0123456789", 1000).on_response_body(okhttp::CloseSocket{}));
  CHECK_FALSE(client.new_call(get_request(test.url)).execute().body().try_string());
  CHECK(test.log.take().back().starts_with("<-- HTTP FAILED: "));
}

TEST_CASE_TEMPLATE("LoggingEventListener writes a line per event", D, okhttp_tests::OnInline, okhttp_tests::OnLoop) {
  Logged<D> test;
  const auto client =
      D::builder().event_listener_factory(LoggingEventListener::Factory({.log = test.log.function()})).build();
  test.server.enqueue(MockResponse().body("hello"));
  client.new_call(post_request(test.url, "hi")).execute().body().string();
  CHECK(test.log.take() ==
        Lines{"[TIME  ms] call_start: POST http://HOST/a?\xE2\x96\x88\xE2\x96\x88",
              "[TIME  ms] proxy_select_start: http://HOST/a?\xE2\x96\x88\xE2\x96\x88",
              "[TIME  ms] proxy_select_end: none",
              "[TIME  ms] connect_start: HOST HOST",
              "[TIME  ms] connect_end: http/1.1",
              "[TIME  ms] connection_acquired: HOST http/1.1",
              "[TIME  ms] request_headers_start",
              "[TIME  ms] request_headers_end",
              "[TIME  ms] request_body_start",
              "[TIME  ms] request_body_end: byte_count=2",
              "[TIME  ms] response_headers_start",
              "[TIME  ms] response_headers_end: http/1.1 200 OK http://HOST/a?\xE2\x96\x88\xE2\x96\x88",
              "[TIME  ms] follow_up_decision: 200, none",
              "[TIME  ms] response_body_start",
              "[TIME  ms] response_body_end: byte_count=5",
              "[TIME  ms] connection_released",
              "[TIME  ms] call_end"});
  test.server.enqueue(MockResponse().on_response_start(okhttp::CloseSocket{}));
  test.server.enqueue(MockResponse().code(302).header("Location", "/b?c=d"));
  test.server.enqueue(MockResponse());
  const okhttp::Call call = client.new_call(get_request(test.url));
  call.execute();
  call.cancel();
  const Lines lines = test.log.take();
  REQUIRE(lines.size() > 8);
  const auto has = [&](const std::string& line) { return std::count(lines.begin(), lines.end(), "[TIME  ms] " + line) == 1; };
  CHECK(has("retry_decision: again: unexpected end of stream from HOST while reading the response head from it"));
  CHECK(has("response_failed: unexpected end of stream from HOST while reading the response head from it"));
  CHECK(has("follow_up_decision: 302, GET http://HOST/b?\xE2\x96\x88\xE2\x96\x88"));
  CHECK(has("canceled"));
}

}

}  // namespace logging_test
