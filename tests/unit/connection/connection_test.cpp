// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/connection.hpp>

#include <doctest/doctest.h>

#include <okhttp/runtime/event_loop.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/runtime_support.hpp"
#include "support/scripted_stream.hpp"

namespace connection_test {

using namespace okhttp;
using namespace std::chrono_literals;
using support::Script;
using support::ScriptedStream;
using support::ScriptLog;

namespace {

// ---- The ways in which a connection is driven ----

/// A blocking runtime over a stream that waits by wait() only.
struct Waiting {
  static constexpr bool blocks = true;
  support::JumpingRuntime runtime;
  void prepare(ScriptedStream&) {}
  Clock::duration elapsed() const { return runtime.elapsed(); }
  TimePoint now() const { return runtime.now(); }
};

/// A blocking runtime over a stream whose read_now waits, as TCP's does.
struct Direct {
  static constexpr bool blocks = true;
  support::JumpingRuntime runtime;
  void prepare(ScriptedStream& stream) { stream.read_now_waits(runtime); }
  Clock::duration elapsed() const { return runtime.elapsed(); }
  TimePoint now() const { return runtime.now(); }
};

/// An event loop, where every wait suspends.
struct Looping {
  static constexpr bool blocks = false;
  support::VirtualTime time;
  EventLoop runtime{EventLoopOptions{.time = &time}};
  void prepare(ScriptedStream&) {}
  Clock::duration elapsed() const { return time.elapsed(); }
  TimePoint now() { return time.now(); }
};

#define EVERY_WAY Waiting, Direct, Looping

constexpr std::string_view peer_name = "example.com:80 (192.0.2.1:80)";

/// What came of one exchange.
struct Outcome {
  std::optional<Error> error;
  int code = 0;
  std::string body;
  Headers headers;
  Headers trailers;
  bool reusable = false;
};

struct Ask {
  std::string method = "GET";
  std::optional<RequestBody> body;
  std::vector<std::pair<std::string, std::string>> headers = {{"Host", "example.com"}};
  std::size_t read_size = 8192;  // of each read of the body
};

Ask post(RequestBody body, std::vector<std::pair<std::string, std::string>> extra = {}) {
  Ask ask;
  ask.method = "POST";
  ask.body = std::move(body);
  if (ask.body->content_length() >= 0)
    ask.headers.emplace_back("Content-Length", std::to_string(ask.body->content_length()));
  else
    ask.headers.emplace_back("Transfer-Encoding", "chunked");
  for (auto& header : extra) ask.headers.push_back(std::move(header));
  return ask;
}

/// A connection over a scripted stream.
template <class Way>
struct Bench {
  explicit Bench(Script script) {
    log = std::make_shared<ScriptLog>();
    auto owned = std::make_unique<ScriptedStream>(way.runtime, log, std::move(script));
    stream = owned.get();
    way.prepare(*owned);
    const HttpUrl url = *HttpUrl::try_parse("http://example.com/");
    connection = std::make_unique<Connection>(Address(url, nullptr), std::move(owned), std::string(peer_name));
    call = std::make_shared<Cancellation>(way.runtime);
    limits.runtime = &way.runtime;
    limits.cancellation = call.get();
  }

  Task<std::string> read_all(std::size_t step) {
    std::string all;
    std::vector<std::byte> buffer(step);
    for (;;) {
      const std::size_t count = co_await connection->read_body(limits, buffer);
      if (count == 0) break;
      all.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    co_return all;
  }

  Task<Outcome> exchange(const Ask& ask) {
    Outcome outcome;
    Headers headers;
    for (const auto& [name, value] : ask.headers) headers.append_unchecked(name, value);
    connection->begin(limits);
    Result<void> head =
        co_await connection->exchange(limits, limits.runtime->now(), ask.method, "/", headers, ask.body ? &*ask.body : nullptr).outcome();
    if (!head) {
      outcome.error = head.error();
      outcome.reusable = connection->end();
      co_return outcome;
    }
    http1::ResponseHead got = connection->take_head();
    outcome.code = got.code;
    outcome.headers = got.headers;
    if (std::optional<std::string> small = connection->take_buffered_body()) outcome.body = *std::move(small);
    Task<std::string> reading = read_all(ask.read_size);
    Result<std::string> rest = co_await std::move(reading).outcome();
    if (rest)
      outcome.body += *rest;
    else
      outcome.error = rest.error();
    outcome.trailers = connection->trailers();
    outcome.reusable = connection->end();
    co_return outcome;
  }

  Outcome run(const Ask& ask = {}) {
    Result<Outcome> outcome = way.runtime.run(exchange(ask), "");
    REQUIRE(outcome);
    return *std::move(outcome);
  }

  Way way;
  std::shared_ptr<ScriptLog> log;
  ScriptedStream* stream = nullptr;
  std::shared_ptr<Cancellation> call;
  detail::CallLimits limits;
  std::unique_ptr<Connection> connection;  // before the call goes
};

struct Sample {
  std::string wire;
  int code;
  std::string body;
  bool reusable = true;
  std::string method = "GET";
  std::size_t complete_at = 0;  // how many bytes make it complete; 0: all
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nwiki\r\n5\r\npedia\r\n0\r\nEnd: x\r\n\r\n", 200,
       "wikipedia"},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", 204, ""},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
      {"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 200, "", true, "HEAD"},
      {"HTTP/1.1 304 Same\r\nContent-Length: 7\r\n\r\n", 304, ""},
  };
  return all;
}

Ask asking(const Sample& sample, std::size_t read_size = 8192) {
  Ask ask;
  ask.method = sample.method;
  ask.read_size = read_size;
  return ask;
}

}  // namespace

TEST_SUITE("connection/connection") {
  TEST_CASE_TEMPLATE("an exchange gives the same answer however its bytes are split", Way, EVERY_WAY) {
    for (const Sample& sample : samples())
      for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{8192}})
        for (std::size_t cut = 0; cut <= sample.wire.size(); ++cut)
          for (const bool blocks : {false, true}) {
            CAPTURE(sample.wire);
            CAPTURE(cut);
            Script script;
            if (cut > 0) script.data(sample.wire.substr(0, cut));
            if (blocks) script.block();
            if (cut < sample.wire.size()) script.data(sample.wire.substr(cut));
            Bench<Way> bench(std::move(script));
            const Outcome outcome = bench.run(asking(sample, step));
            REQUIRE_FALSE(outcome.error);
            CHECK(outcome.code == sample.code);
            CHECK(outcome.body == sample.body);
            CHECK(outcome.reusable == sample.reusable);
          }
  }

  TEST_CASE_TEMPLATE("an exchange gives the same answer byte by byte", Way, EVERY_WAY) {
    for (const Sample& sample : samples()) {
      CAPTURE(sample.wire);
      Bench<Way> bench(Script().trickle(sample.wire));
      const Outcome outcome = bench.run(asking(sample));
      REQUIRE_FALSE(outcome.error);
      CHECK(outcome.code == sample.code);
      CHECK(outcome.body == sample.body);
      CHECK(outcome.reusable == sample.reusable);
      if (sample.body == "wikipedia") CHECK(outcome.trailers.get("End") == "x");
    }
  }

  TEST_CASE_TEMPLATE("an answer cut short is an error at every point and names the peer", Way, EVERY_WAY) {
    for (const Sample& sample : samples())
      for (std::size_t cut = 0; cut < sample.wire.size(); ++cut)
        for (const bool reset : {false, true}) {
          CAPTURE(sample.wire);
          CAPTURE(cut);
          Script script;
          if (cut > 0) script.data(sample.wire.substr(0, cut)).block();
          if (reset)
            script.reset();
          else
            script.end();
          Bench<Way> bench(std::move(script));
          const Outcome outcome = bench.run(asking(sample));
          REQUIRE(outcome.error);
          CHECK(outcome.error->code() == (reset ? Errc::io : Errc::unexpected_end));
          CHECK(outcome.error->message().find(peer_name) != std::string::npos);
          CHECK_FALSE(outcome.reusable);
          CHECK(bench.connection->response_started() == (cut > 0));
          CHECK(bench.connection->sent_anything());
        }
  }

  TEST_CASE_TEMPLATE("silence at any point of an answer ends after the read timeout", Way, EVERY_WAY) {
    for (const Sample& sample : samples())
      for (std::size_t cut = 0; cut < sample.wire.size(); ++cut) {
        CAPTURE(sample.wire);
        CAPTURE(cut);
        Script script;
        if (cut > 0) script.data(sample.wire.substr(0, cut));
        Bench<Way> bench(std::move(script));
        const Outcome outcome = bench.run(asking(sample));
        REQUIRE(outcome.error);
        CHECK(outcome.error->code() == Errc::read_timeout);
        CHECK(outcome.error->message().find(peer_name) != std::string::npos);
        CHECK(outcome.error->message().find("10 s") != std::string::npos);
        CHECK(bench.way.elapsed() == 10s);
        CHECK_FALSE(outcome.reusable);
      }
  }

  TEST_CASE_TEMPLATE("the call's deadline is told from the read timeout", Way, EVERY_WAY) {
    for (const bool call_first : {false, true}) {
      CAPTURE(call_first);
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
      bench.limits.timeouts.read = 2s;
      bench.limits.timeouts.call = call_first ? 1500ms : 3s;
      bench.limits.call_deadline = Deadline::after(bench.way.now(), bench.limits.timeouts.call);
      const Outcome outcome = bench.run();
      REQUIRE(outcome.error);
      CHECK(outcome.error->code() == (call_first ? Errc::call_timeout : Errc::read_timeout));
      CHECK(outcome.error->message().find(call_first ? "1500 ms" : "2 s") != std::string::npos);
      CHECK(bench.way.elapsed() == (call_first ? 1500ms : 2000ms));
    }
  }

  TEST_CASE_TEMPLATE("the call's deadline ends a body that always has more", Way, EVERY_WAY) {
    Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n").data(std::string(900000, 'x')));
    bench.limits.timeouts.call = 1s;
    bench.limits.call_deadline = Deadline::at(bench.way.now() + 1s);
    auto reading = [](Bench<Way>& b) -> Task<void> {
      Headers headers;
      b.connection->begin(b.limits);
      co_await b.connection->exchange(b.limits, b.limits.runtime->now(), "GET", "/", headers, nullptr);
      std::vector<std::byte> buffer(1000);
      for (;;) {
        co_await b.connection->read_body(b.limits, buffer);
        co_await b.way.runtime.sleep_until(Deadline::at(b.way.now() + 10ms));
      }
    };
    Result<void> ended = bench.way.runtime.run(reading(bench), "");
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code() == Errc::call_timeout);
    CHECK(bench.way.elapsed() >= 1s);
    CHECK(bench.way.elapsed() < 1200ms);  // what had arrived before is still handed over
  }

  TEST_CASE_TEMPLATE("the call's deadline ends an upload that never has to wait", Way, EVERY_WAY) {
    Bench<Way> bench(Script().silence());
    bench.limits.timeouts.call = 1s;
    bench.limits.call_deadline = Deadline::at(bench.way.now() + 1s);
    auto& way = bench.way;
    const Outcome outcome = bench.run(post(RequestBody::from_reader([&way](std::span<std::byte> into) {
      if constexpr (Way::blocks)
        way.runtime.advance(100ms);
      else
        way.time.advance(100ms);
      into[0] = std::byte{'x'};
      return std::size_t{1};
    })));
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::call_timeout);
  }

  TEST_CASE_TEMPLATE("one write and one read make an exchange", Way, Waiting, Direct) {
    for (const char* text : {"", "a=b"}) {
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
      const Outcome outcome = bench.run(*text == 0 ? Ask() : post(RequestBody::create(text)));
      REQUIRE_FALSE(outcome.error);
      CHECK(bench.log->writes == 1);
      CHECK(bench.log->reads == 1);
      CHECK(bench.log->waits == 0);
      CHECK(bench.log->releases == 1);
    }
  }

  TEST_CASE_TEMPLATE("a connection carries one exchange after the other", Way, EVERY_WAY) {
    Script script;
    for (int i = 0; i < 3; ++i) script.data("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(i)).block();
    Bench<Way> bench(std::move(script));
    for (int i = 0; i < 3; ++i) {
      const Outcome outcome = bench.run();
      REQUIRE_FALSE(outcome.error);
      CHECK(outcome.body == std::to_string(i));
      CHECK(outcome.reusable);
      CHECK(bench.connection->is_quiet() == (i < 3));
    }
    CHECK(bench.connection->exchange_count() == 3);
  }

  TEST_CASE_TEMPLATE("bytes behind an answer retire the connection", Way, EVERY_WAY) {
    for (const std::string first : {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                    "HTTP/1.1 204 None\r\n\r\n"}) {
      CAPTURE(first);
      {
        Bench<Way> together(Script().data(first + "HTTP/1.1 200 OK\r\n"));
        const Outcome outcome = together.run();
        REQUIRE_FALSE(outcome.error);
        CHECK_FALSE(outcome.reusable);
      }
      Bench<Way> later(Script().data(first).data("HTTP/1.1 200 OK\r\n"));
      CHECK(later.run().reusable);
      CHECK_FALSE(later.connection->is_quiet());
    }
  }

  TEST_CASE_TEMPLATE("smuggling shapes in an answer are errors or retire the connection", Way, EVERY_WAY) {
    for (const char* const wire : {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
                                   "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", "HTTP/1.1 200 OK\rX: y\r\n\r\n",
                                   "rubbish\r\n\r\n", "HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\nabc"}) {
      CAPTURE(wire);
      Bench<Way> bench(Script().data(wire).end());
      const Outcome outcome = bench.run();
      REQUIRE(outcome.error);
      CHECK(outcome.error->code() == Errc::protocol_error);
      CHECK(outcome.error->message().find(peer_name) != std::string::npos);
      CHECK_FALSE(outcome.reusable);
    }
    Bench<Way> both(
        Script().data("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"));
    const Outcome outcome = both.run();
    REQUIRE_FALSE(outcome.error);
    CHECK(outcome.body == "a");
    CHECK_FALSE(outcome.reusable);
  }

  TEST_CASE_TEMPLATE("a body until close ends with the connection", Way, EVERY_WAY) {
    Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\n\r\nab").block().data("cd").block().end());
    const Outcome outcome = bench.run();
    REQUIRE_FALSE(outcome.error);
    CHECK(outcome.body == "abcd");
    CHECK_FALSE(outcome.reusable);
    Bench<Way> broken(Script().data("HTTP/1.1 200 OK\r\n\r\nab").reset());
    CHECK(broken.run().error->code() == Errc::io);
  }

  TEST_CASE_TEMPLATE("an endless head is an error and holds little memory", Way, EVERY_WAY) {
    Script script;
    script.data("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10000; ++i) script.data("X-Header: " + std::string(1000, 'x') + "\r\n");
    Bench<Way> bench(std::move(script));
    const Outcome outcome = bench.run();
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::protocol_error);

    Script interim;
    for (int i = 0; i < 100000; ++i) interim.data("HTTP/1.1 102 Wait\r\n\r\n");
    Bench<Way> for_ever(std::move(interim));
    CHECK(for_ever.run().error->code() == Errc::protocol_error);
  }

  // ---- Sending ----

  TEST_CASE_TEMPLATE("a request is sent whole however little each write takes", Way, EVERY_WAY) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    const std::string request = "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n\r\nbody";
    for (std::size_t first = 0; first < request.size(); ++first) {
      CAPTURE(first);
      Script script;
      if (first > 0) script.take(first);
      script.block_write().take(1).block_write().data(answer, request.size());
      Bench<Way> bench(std::move(script));
      const Outcome outcome = bench.run(post(RequestBody::create("body")));
      REQUIRE_FALSE(outcome.error);
      CHECK(bench.log->sent == request);
      CHECK(outcome.reusable);
    }
  }

  TEST_CASE_TEMPLATE("only no progress is a write timeout", Way, EVERY_WAY) {
    Bench<Way> bench(Script().take(10).stall_write());
    Outcome outcome = bench.run(post(RequestBody::create("body")));
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::write_timeout);
    CHECK(outcome.error->message().find(peer_name) != std::string::npos);
    CHECK(bench.way.elapsed() == 10s);

    // A large body, taken in small steps with long pauses, whose sum is past the timeout.
    const std::string large(200000, 'x');
    Bench<Way> slow(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", large.size()));
    struct SlowReader {
      Way& way;
      std::size_t left;
      Result<std::size_t> operator()(std::span<std::byte> into) {
        if constexpr (Way::blocks)
          way.runtime.advance(4s);
        else
          way.time.advance(4s);
        const std::size_t size = std::min<std::size_t>({into.size(), left, 30000});
        left -= size;
        return size;
      }
    };
    outcome = slow.run(post(RequestBody::from_reader(SlowReader{slow.way, large.size()})));
    CHECK_FALSE(outcome.error);
    CHECK(slow.way.elapsed() >= 20s);
  }

  TEST_CASE_TEMPLATE("a stalled upload ends after the write timeout", Way, EVERY_WAY) {
    Bench<Way> bench(Script().take(100000).take(100000).stall_write());
    const Outcome outcome = bench.run(post(RequestBody::create(std::string(300000, 'x'))));
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::write_timeout);
    CHECK(bench.way.elapsed() == 10s);
  }

  TEST_CASE_TEMPLATE("bodies arrive framed as the head announces them", Way, EVERY_WAY) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    const auto sent_body = [&](Ask ask) {
      Bench<Way> bench(Script().data(answer));
      const Outcome outcome = bench.run(ask);
      CHECK_FALSE(outcome.error);
      CHECK(outcome.reusable);
      return bench.log->sent.substr(bench.log->sent.find("\r\n\r\n") + 4);
    };
    const std::string large(70000, 'y');
    CHECK(sent_body(post(RequestBody::create("small"))) == "small");
    CHECK(sent_body(post(RequestBody::create(large))) == large);
    const auto reader = [](std::string text) {
      return RequestBody::from_reader([text = std::move(text)](std::span<std::byte> into) mutable {
        const std::size_t size = std::min<std::size_t>({into.size(), text.size(), 3});
        std::memcpy(into.data(), text.data(), size);
        text.erase(0, size);
        return size;
      });
    };
    CHECK(sent_body(post(reader("abcde"))) == "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    CHECK(sent_body(post(reader(""))) == "0\r\n\r\n");
    // An interceptor may have chosen chunks for a body in memory.
    Ask ask = post(RequestBody::create("small"));
    ask.headers = {{"Host", "example.com"}, {"transfer-encoding", "Chunked"}};
    CHECK(sent_body(ask) == "5\r\nsmall\r\n0\r\n\r\n");
    // And a length for a body of unknown length.
    ask = post(reader("abcde"));
    ask.headers = {{"Host", "example.com"}, {"Content-Length", "5"}};
    CHECK(sent_body(ask) == "abcde");
  }

  TEST_CASE_TEMPLATE("headers that announce another body than the one there is are refused", Way, EVERY_WAY) {
    const auto refused = [](std::optional<std::string> body, std::vector<std::pair<std::string, std::string>> headers) {
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
      Ask ask;
      ask.method = "POST";
      if (body) ask.body = RequestBody::create(*body);
      ask.headers = std::move(headers);
      const Outcome outcome = bench.run(ask);
      CHECK(bench.log->sent.empty());
      return outcome.error && outcome.error->code() == Errc::body_length;
    };
    CHECK(refused("body", {}));
    CHECK(refused("body", {{"Content-Length", "3"}}));
    CHECK(refused("body", {{"Content-Length", "5"}}));
    CHECK(refused("body", {{"Content-Length", "4"}, {"Content-Length", "4"}}));
    CHECK(refused("body", {{"Content-Length", "+4"}}));
    CHECK(refused("body", {{"Content-Length", "4"}, {"Transfer-Encoding", "chunked"}}));
    CHECK(refused("body", {{"Transfer-Encoding", "gzip, chunked"}}));
    CHECK(refused(std::nullopt, {{"Content-Length", "4"}}));
    CHECK(refused(std::nullopt, {{"Transfer-Encoding", "chunked"}}));
  }

  TEST_CASE_TEMPLATE("a reader that gives more or less than announced fails the call", Way, EVERY_WAY) {
    for (const std::size_t announced : {std::size_t{4}, std::size_t{6}}) {
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
      Ask ask = post(RequestBody::from_reader([done = false](std::span<std::byte>) mutable {
        return std::exchange(done, true) ? std::size_t{0} : std::size_t{5};
      }));
      ask.headers = {{"Content-Length", std::to_string(announced)}};
      const Outcome outcome = bench.run(ask);
      REQUIRE(outcome.error);
      CHECK(outcome.error->code() == Errc::body_length);
      CHECK_FALSE(outcome.reusable);
    }
  }

  TEST_CASE_TEMPLATE("a failed write still looks for the server's answer", Way, EVERY_WAY) {
    for (const bool with_head : {true, false}) {
      CAPTURE(with_head);
      const auto script = [&] {
        Script s;
        if (!with_head) s.take(100).take(1000);
        s.break_write();
        return s;
      };
      const std::string body(with_head ? 10 : 100000, 'x');
      Bench<Way> told(script().data("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").end());
      Outcome outcome = told.run(post(RequestBody::create(body)));
      REQUIRE_FALSE(outcome.error);
      CHECK(outcome.code == 413);
      CHECK(outcome.body == "no");
      CHECK_FALSE(outcome.reusable);
      // Without one it is the sending that failed.
      Bench<Way> silent(script().reset());
      outcome = silent.run(post(RequestBody::create(body)));
      REQUIRE(outcome.error);
      CHECK(outcome.error->code() == Errc::io);
      CHECK(outcome.error->message().find("sending") != std::string::npos);
      CHECK(outcome.error->message().find(peer_name) != std::string::npos);
      CHECK(silent.connection->sent_anything() == !with_head);
    }
  }

  TEST_CASE_TEMPLATE("an early refusal ends the upload", Way, EVERY_WAY) {
    const std::string large(3000000, 'x');
    for (const std::size_t after : {std::size_t{200}, std::size_t{100000}, std::size_t{1500000}}) {
      CAPTURE(after);
      Script script;
      for (int i = 0; i < 40; ++i) script.take(65536).block_write();
      script.data("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", after);
      Bench<Way> bench(std::move(script));
      const Outcome outcome = bench.run(post(RequestBody::create(large)));
      REQUIRE_FALSE(outcome.error);
      CHECK(outcome.code == 413);
      CHECK(outcome.body == "no");
      CHECK_FALSE(outcome.reusable);
      CHECK(bench.log->sent.size() < after + 2 * 1024 * 1024);
      CHECK(bench.log->sent.size() < large.size());
    }
  }

  TEST_CASE_TEMPLATE("an early answer that is no refusal is kept while sending goes on", Way, EVERY_WAY) {
    const std::string large(3000000, 'x');
    for (const std::size_t size : {std::size_t{10}, std::size_t{30000}, std::size_t{200000}}) {
      CAPTURE(size);
      Script script;
      for (int i = 0; i < 20; ++i) script.take(100000).block_write();
      script.data("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n", 100);
      const std::string body(size, 'r');
      for (std::size_t at = 0; at < size; at += 1000) script.data(body.substr(at, 1000), 100);
      Bench<Way> bench(std::move(script));
      const Outcome outcome = bench.run(post(RequestBody::create(large)));
      REQUIRE_FALSE(outcome.error);
      CHECK(outcome.code == 200);
      CHECK(outcome.body == body);
      CHECK(outcome.reusable);
      CHECK(bench.log->sent.size() > large.size());
      CHECK(bench.log->sent.ends_with("xxx"));
    }
  }

  TEST_CASE_TEMPLATE("an upload cut by the server ends with what the server said", Way, EVERY_WAY) {
    Script script;
    for (int i = 0; i < 20; ++i) script.take(100000).block_write();
    Bench<Way> closed(script.end(200000));
    Outcome outcome = closed.run(post(RequestBody::create(std::string(3000000, 'x'))));
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::unexpected_end);
    CHECK_FALSE(outcome.reusable);
  }

  // ---- Expect: 100-continue ----

  TEST_CASE_TEMPLATE("the body follows 100 Continue", Way, EVERY_WAY) {
    for (const bool ticket_first : {false, true}) {
      Script script;
      if (ticket_first) script.spurious();
      script.block().data("HTTP/1.1 100 Continue\r\n\r\n").block();
      Bench<Way> bench(script.data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 80));
      const Outcome outcome = bench.run(post(RequestBody::create("body"), {{"Expect", "100-continue"}}));
      REQUIRE_FALSE(outcome.error);
      CHECK(bench.log->sent.ends_with("\r\n\r\nbody"));
      CHECK(outcome.reusable);
      CHECK(bench.way.elapsed() == 0s);
    }
  }

  TEST_CASE_TEMPLATE("the body follows after a second without an answer", Way, EVERY_WAY) {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n";
    Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", head.size() + 4));
    const Outcome outcome = bench.run(post(RequestBody::create("body"), {{"Expect", "100-Continue"}}));
    REQUIRE_FALSE(outcome.error);
    CHECK(bench.log->sent == head + "body");
    CHECK(bench.way.elapsed() == 1s);
    CHECK(outcome.reusable);
  }

  TEST_CASE_TEMPLATE("another answer than 100 Continue keeps the body back", Way, EVERY_WAY) {
    Bench<Way> bench(Script().data("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"));
    const Outcome outcome = bench.run(post(RequestBody::create("body"), {{"Expect", "100-continue"}}));
    REQUIRE_FALSE(outcome.error);
    CHECK(outcome.code == 417);
    CHECK(bench.log->sent.ends_with("\r\n\r\n"));
    CHECK_FALSE(outcome.reusable);
    Bench<Way> closed(Script().end());
    CHECK(closed.run(post(RequestBody::create("body"), {{"Expect", "100-continue"}})).error->code() ==
          Errc::unexpected_end);
  }

  // ---- Cancel ----

  TEST_CASE_TEMPLATE("a cancel before the exchange ends it", Way, EVERY_WAY) {
    Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    bench.call->cancel();
    const Outcome outcome = bench.run();
    REQUIRE(outcome.error);
    CHECK(outcome.error->code() == Errc::canceled);
    CHECK(outcome.error->message().find(peer_name) != std::string::npos);
    CHECK(bench.log->shut_down);
    CHECK(bench.log->sent.empty());
  }

  TEST_CASE("a cancel ends every wait of an exchange") {
    struct Case {
      const char* name;
      Script script;
      Ask ask;
    };
    const std::string large(300000, 'x');
    std::vector<Case> cases;
    cases.push_back({"head", Script().silence(), Ask()});
    cases.push_back({"body", Script().data("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Ask()});
    cases.push_back({"until close", Script().data("HTTP/1.1 200 OK\r\n\r\nabc"), Ask()});
    cases.push_back({"request", Script().take(5).stall_write(), Ask()});
    cases.push_back({"request body", Script().take(1000).take(1000).stall_write(), post(RequestBody::create(large))});
    cases.push_back({"continue", Script().silence(), post(RequestBody::create("b"), {{"Expect", "100-continue"}})});
    for (Case& one : cases) {
      CAPTURE(one.name);
      Bench<Looping> bench(std::move(one.script));
      auto cancel = [](Bench<Looping>& b) -> Task<void> {
        co_await b.way.runtime.sleep_until(Deadline::at(b.way.now() + 500ms));
        b.call->cancel();
      };
      bench.way.runtime.spawn(cancel(bench));
      const Outcome outcome = bench.run(one.ask);
      REQUIRE(outcome.error);
      CHECK(outcome.error->code() == Errc::canceled);
      CHECK(outcome.error->message().find(peer_name) != std::string::npos);
      CHECK(bench.way.elapsed() == 500ms);
      CHECK_FALSE(outcome.reusable);
    }
  }

  TEST_CASE("dropping an exchange that waits leaves nothing behind") {
    Bench<Looping> bench(Script().silence());
    bench.way.runtime.spawn([](Bench<Looping>& b) -> Task<void> {
      const Ask ask;
      co_await b.exchange(ask);
    }(bench));
    REQUIRE(bench.way.runtime.poll());
    CHECK_FALSE(bench.log->sent.empty());
    bench.way.runtime.abandon_tasks();
    bench.connection.reset();
    CHECK(bench.log->destroyed);
    bench.call->cancel();
    CHECK_FALSE(bench.log->shut_down);
    CHECK(bench.way.runtime.run_until_idle());
  }

  TEST_CASE_TEMPLATE("a cancel after the end does not touch the connection", Way, EVERY_WAY) {
    Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    CHECK(bench.run().reusable);
    bench.call->cancel();
    if constexpr (!Way::blocks) CHECK(bench.way.runtime.run_until_idle());
    CHECK_FALSE(bench.log->shut_down);
  }

  // ---- Giving bodies up ----

  TEST_CASE_TEMPLATE("what has arrived of a body can be dropped within a budget", Way, EVERY_WAY) {
    struct Case {
      std::size_t length;
      std::size_t arrived;
      bool done;
    };
    for (const Case c : {Case{1000, 1000, true}, Case{1000, 999, false}, Case{60000, 60000, true}, Case{70000, 70000, false}}) {
      CAPTURE(c.length);
      Bench<Way> bench(Script()
                           .data("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(c.length) + "\r\n\r\n")
                           .data(std::string(c.arrived, 'x')));
      Headers headers;
      bench.connection->begin(bench.limits);
      Result<void> head =
          bench.way.runtime.run(bench.connection->exchange(bench.limits, bench.limits.runtime->now(), "GET", "/", headers, nullptr), "");
      REQUIRE(head);
      CHECK(bench.connection->body_length() == static_cast<std::int64_t>(c.length));
      CHECK(bench.connection->discard_body(64 * 1024) == c.done);
      CHECK(bench.connection->end() == c.done);
    }
  }

  TEST_CASE_TEMPLATE("the server's idle time is kept with a second's margin", Way, EVERY_WAY) {
    const auto hint = [](std::string value) {
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nKeep-Alive: " + value + "\r\nContent-Length: 0\r\n\r\n"));
      CHECK(bench.run().reusable);
      return bench.connection->server_keep_alive;
    };
    CHECK(hint("timeout=5, max=100") == 4s);
    CHECK(hint("max=100") == 0s);
    CHECK(hint("timeout=x") == 0s);
    CHECK(hint("timeout=99999999999") > 24h);
  }

  TEST_CASE_TEMPLATE("a request that says close is the last one", Way, EVERY_WAY) {
    for (const char* value : {"close", "TE, Close"}) {
      Bench<Way> bench(Script().data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
      Ask ask;
      ask.headers = {{"connection", value}};
      const Outcome outcome = bench.run(ask);
      CHECK_FALSE(outcome.error);
      CHECK_FALSE(outcome.reusable);
    }
  }

  TEST_CASE("on a loop, bodies that never have to wait let others have their turn, and a cancel in") {
    const std::string large(4 << 20, 'x');
    for (const bool upload : {false, true})
      for (const bool cancels : {false, true}) {
        CAPTURE(upload);
        CAPTURE(cancels);
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
        Bench<Looping> bench(Script().data(upload ? head + "2\r\n\r\nok"
                                                  : head + std::to_string(large.size()) + "\r\n\r\n" + large,
                                           upload ? large.size() : 0));
        int turns = 0;
        bool over = false;
        const auto other = [&]() -> Task<void> {
          while (!over) {
            if (cancels && turns == 2) bench.call->cancel();
            co_await bench.way.runtime.next_turn();
            ++turns;
          }
        };
        bench.way.runtime.spawn(other());
        Ask ask;
        if (upload) ask = post(RequestBody::from_reader([left = large.size()](std::span<std::byte> into) mutable {
                      const std::size_t size = std::min(into.size(), left);
                      left -= size;
                      return size;
                    }));
        const Outcome outcome = bench.run(ask);
        over = true;
        CHECK(turns >= (cancels ? 2 : 3));
        CHECK(outcome.error.has_value() == cancels);
        if (cancels) CHECK(outcome.error->code() == Errc::canceled);
      }
  }
}

#undef EVERY_WAY

}  // namespace connection_test
