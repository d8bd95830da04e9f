// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/tls_stream.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/scripted_stream.hpp"
#include "support/tls_link.hpp"

namespace tls_stream_test {

using namespace okhttp;
using namespace std::chrono_literals;
using detail::TlsStream;

namespace {

const HeldCertificate& certificate() {
  static const HeldCertificate held = HeldCertificate::localhost();
  return held;
}

/// A TLS server in memory, and the wire to it.
struct Peer {
  explicit Peer(TlsServerOptions options = {})
      : engine(TlsEngine::server(okhttp_tests::serving(certificate(), std::move(options))).value()) {}

  /// Lets the server work on what has arrived.
  void pump() {
    if (silent) return;
    okhttp_tests::feed(engine, okhttp_tests::bytes_of(to_server));
    to_server.clear();
    if (!engine.is_established()) {
      if (Result<TlsEngine::Step> step = engine.handshake(); !step) failed = true;
    }
    if (engine.is_established()) {
      std::byte block[4096];
      for (;;) {
        Result<TlsEngine::ReadResult> read = engine.read(block);
        if (!read || read->kind == TlsEngine::ReadResult::Kind::want_input) break;
        if (read->kind == TlsEngine::ReadResult::Kind::end) {
          said_goodbye = true;
          break;
        }
        received.append(reinterpret_cast<const char*>(block), read->size);
      }
      while (!answer.empty()) {
        const std::size_t taken = engine.write(okhttp_tests::bytes_of(answer)).value();
        if (taken == 0) break;
        answer.erase(0, taken);
        to_client += okhttp_tests::drain(engine);
      }
    }
    to_client += okhttp_tests::drain(engine);
  }
  void send(std::string_view text) {
    answer += text;
    pump();
  }

  TlsEngine engine;
  std::string to_server;
  std::string to_client;
  std::string received;
  std::string answer;  // still to be encrypted
  std::size_t read_step = SIZE_MAX;   // the most one try moves
  std::size_t write_step = SIZE_MAX;
  std::size_t room = SIZE_MAX;        // bytes taken before a write would block; refilled by a wait
  std::size_t room_left = SIZE_MAX;
  void limit_room(std::size_t bytes) { room = room_left = bytes; }
  Clock::duration pause{};            // what a wait for writing takes
  bool silent = false;
  bool failed = false;
  bool said_goodbye = false;
  bool ended = false;
  bool broken_write = false;
  std::size_t break_after = SIZE_MAX;  // bytes taken before every write fails
  bool shut_down = false;
};

class Wire final : public Stream {
 public:
  Wire(support::JumpingRuntime& runtime, Peer& peer) : runtime_(runtime), peer_(peer) {}
  IoResult try_read(std::span<std::byte> into) override {
    if (peer_.to_client.empty() || peer_.shut_down)
      return peer_.ended || peer_.shut_down ? IoStatus::end : IoStatus::would_block;
    const std::size_t size = std::min({into.size(), peer_.to_client.size(), peer_.read_step});
    std::memcpy(into.data(), peer_.to_client.data(), size);
    peer_.to_client.erase(0, size);
    return IoResult::moved(size);
  }
  IoResult try_write(std::span<const ConstBytes> pieces) override {
    if (peer_.broken_write || peer_.shut_down || peer_.break_after == 0) return Error(Errc::io, "sending failed: Broken pipe");
    std::size_t taken = 0;
    for (const ConstBytes& piece : pieces) {
      const std::size_t size = std::min({piece.size(), peer_.write_step - taken, peer_.room_left, peer_.break_after});
      peer_.to_server.append(reinterpret_cast<const char*>(piece.data()), size);
      taken += size;
      peer_.room_left -= size;
      if (peer_.break_after != SIZE_MAX) peer_.break_after -= size;
      if (size < piece.size()) break;
    }
    return taken == 0 ? IoResult(IoStatus::would_block) : IoResult::moved(taken);
  }
  Task<Interest> wait(Interest interest, Deadline deadline) override {
    peer_.pump();
    Interest ready = Interest::none;
    if (any(interest & Interest::read) && (!peer_.to_client.empty() || peer_.ended || peer_.shut_down))
      ready = Interest::read;
    if (any(interest & Interest::write)) {
      if (peer_.room == 0 || deadline.time() < runtime_.now() + peer_.pause) {
        if (!any(ready)) runtime_.jump_to(deadline);
        co_return ready;
      }
      runtime_.advance(peer_.pause);
      peer_.room_left = peer_.room;
      ready = ready | Interest::write;
    }
    if (!any(ready)) runtime_.jump_to(deadline);
    co_return ready;
  }
  void shutdown() noexcept override { peer_.shut_down = true; }
  bool is_quiet() override { return peer_.to_client.empty() && !peer_.ended; }

 private:
  support::JumpingRuntime& runtime_;
  Peer& peer_;
};

struct Fixture {
  explicit Fixture(TlsServerOptions options = {}, std::string host = "localhost", bool trusted = true)
      : peer(std::move(options)) {
    const TlsContext context = trusted ? okhttp_tests::trusting(certificate())
                                       : okhttp_tests::trusting(HeldCertificate::localhost());
    stream = std::make_unique<TlsStream>(std::make_unique<Wire>(runtime, peer),
                                         TlsEngine::client(context, host, 443, {}).value());
  }
  Result<void> shake() {
    return runtime.run(stream->shake_hands("peer.test (192.0.2.1:443)", Deadline::at(runtime.now() + 10s)), "");
  }
  void need_handshake() {
    const Result<void> shaken = shake();
    REQUIRE_MESSAGE(shaken, (shaken ? "" : shaken.error().message()));
    peer.pump();  // the client's last message
  }
  IoResult write(std::string_view text, Clock::duration timeout = 10s) {
    std::vector<ConstBytes> pieces{okhttp_tests::bytes_of(text)};
    return *runtime.run(write_all(*stream, pieces, runtime, timeout, Deadline::never()), "");
  }
  IoResult read(std::span<std::byte> into) {
    const Deadline deadline = Deadline::at(runtime.now() + 1s);
    IoResult result = stream->read_now(into, deadline, {});
    if (result.would_block()) result = *runtime.run(read_when_ready(*stream, into, deadline), "");
    return result;
  }
  std::string read_text(std::size_t size) {
    std::string text;
    std::vector<std::byte> block(4096);
    while (text.size() < size) {
      const IoResult result = read(block);
      if (!result.ok()) return text + "<cut>";
      text.append(reinterpret_cast<const char*>(block.data()), result.bytes());
    }
    return text;
  }

  support::JumpingRuntime runtime;
  Peer peer;
  std::unique_ptr<TlsStream> stream;
};

}  // namespace

TEST_SUITE("transport/tls_stream") {
  TEST_CASE("carries bytes both ways whatever steps the wire takes") {
    const std::string large(100000, 'q');
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, SIZE_MAX})
      for (const bool blocks : {false, true}) {
        CAPTURE(step);
        Fixture f;
        f.peer.read_step = f.peer.write_step = step;
        if (blocks) f.peer.limit_room(std::max<std::size_t>(std::min<std::size_t>(step, 5000), 100));
        f.need_handshake();
        REQUIRE(f.stream->handshake() != nullptr);
        CHECK(f.stream->handshake()->tls_version == "TLSv1.3");
        CHECK(f.write("hello").ok());
        CHECK_FALSE(f.stream->write_pending());
        f.peer.pump();
        CHECK(f.peer.received == "hello");
        f.peer.send("answer");
        CHECK(f.read_text(6) == "answer");
        if (step < 1000) continue;
        CHECK(f.write(large).ok());
        f.peer.pump();
        CHECK((f.peer.received == "hello" + large));
        f.peer.send(large);
        CHECK((f.read_text(large.size()) == large));
      }
  }

  TEST_CASE("a handshake that fails says why and names the peer") {
    const auto code_of = [](Fixture& f) {
      const Result<void> shaken = f.shake();
      if (shaken) return Errc{};
      CHECK(shaken.error().message().find("peer.test (192.0.2.1:443)") != std::string::npos);
      return shaken.error().code();
    };
    Fixture untrusted({}, "localhost", false);
    CHECK(code_of(untrusted) == Errc::certificate);
    Fixture other_host({}, "example.com");
    CHECK(code_of(other_host) == Errc::host_name);
    CHECK_FALSE(other_host.peer.to_server.empty());  // the alert is sent
    Fixture silent;
    silent.peer.silent = true;
    CHECK(code_of(silent) == Errc::connect_timeout);
    CHECK(silent.runtime.elapsed() == 10s);
    Fixture stalled;
    stalled.peer.limit_room(0);
    CHECK(code_of(stalled) == Errc::connect_timeout);
    Fixture ended;
    ended.peer.silent = ended.peer.ended = true;
    CHECK(code_of(ended) == Errc::tls);
    Fixture broken;
    broken.peer.broken_write = true;
    CHECK(code_of(broken) == Errc::tls);
    Fixture plain;
    plain.peer.silent = true;
    plain.peer.to_client = "HTTP/1.1 400 Bad Request\r\n\r\n";
    CHECK(code_of(plain) == Errc::tls);
  }

  TEST_CASE("an answer is read though the peer takes nothing any more") {
    Fixture f;
    f.need_handshake();
    // Output of ours that cannot leave: the upload that the answer cut short.
    f.peer.send("HTTP/1.1 413 Too Large\r\n\r\n");
    f.peer.broken_write = true;
    const ConstBytes piece = okhttp_tests::bytes_of("body");
    CHECK(f.stream->try_write(std::span(&piece, 1)).status() == IoStatus::failed);
    CHECK_FALSE(f.stream->write_pending());  // nothing is left that could be sent
    CHECK(f.read_text(26) == "HTTP/1.1 413 Too Large\r\n\r\n");
  }

  TEST_CASE("a write of which a part has left does not look as if nothing had") {
    Fixture f;
    f.need_handshake();
    f.peer.break_after = 40'000;  // two records and a half
    const std::string large(60'000, 'w');
    const ConstBytes piece = okhttp_tests::bytes_of(large);
    const IoResult sent = f.stream->try_write(std::span(&piece, 1));
    CHECK(sent.ok());
    CHECK(sent.bytes() == large.size());
    CHECK_FALSE(f.stream->write_pending());
    f.peer.pump();
    CHECK(f.peer.received.size() == 32 * 1024);  // so the peer may have begun to work
    CHECK(f.stream->try_write(std::span(&piece, 1)).status() == IoStatus::failed);
  }

  TEST_CASE("output that can never leave does not end a wait for input") {
    Fixture f;
    f.need_handshake();
    f.peer.limit_room(0);
    const std::string large(300000, 'w');
    const ConstBytes piece = okhttp_tests::bytes_of(large);
    while (f.stream->try_write(std::span(&piece, 1)).ok()) {
    }
    CHECK(f.stream->write_pending());
    // The peer resets: the socket is ready for writing from now on, and every write fails.
    f.peer.limit_room(SIZE_MAX);
    f.peer.broken_write = true;
    const auto wait = [&] {
      return *f.runtime.run(f.stream->wait(Interest::read, Deadline::at(f.runtime.now() + 1s)), "");
    };
    // The first wait may hand the failure to the read that follows; the next ones take their time.
    const TimePoint begun = f.runtime.now();
    if (any(wait())) {
      std::byte byte;
      CHECK(f.stream->try_read(std::span(&byte, 1)).would_block());
    }
    CHECK(wait() == Interest::none);
    CHECK(f.runtime.now() - begun >= 1s);
    f.peer.send("late");
    CHECK(f.read_text(4) == "late");
  }

  TEST_CASE("ciphertext that moves is progress, however much of it there is") {
    Fixture f;
    f.need_handshake();
    f.peer.limit_room(10000);
    f.peer.pause = 900ms;
    const std::string large(1000000, 'z');
    const TimePoint begun = f.runtime.now();
    CHECK(f.write(large, 1s).ok());
    CHECK(f.runtime.now() - begun > 60s);
    f.peer.pump();
    CHECK((f.peer.received == large));
    f.peer.pause = 1100ms;
    CHECK(f.write(large, 1s).status() == IoStatus::timed_out);
  }

  TEST_CASE("a wait for both is over for whichever comes first") {
    Fixture f;
    f.need_handshake();
    const auto wait = [&](Interest interest) {
      return *f.runtime.run(f.stream->wait(interest, Deadline::at(f.runtime.now() + 1s)), "");
    };
    CHECK(wait(Interest::both) != Interest::none);
    f.peer.limit_room(0);
    const std::string large(300000, 'w');
    const ConstBytes piece = okhttp_tests::bytes_of(large);
    while (f.stream->try_write(std::span(&piece, 1)).ok()) {
    }
    CHECK(wait(Interest::write) == Interest::none);
    CHECK(f.stream->try_write(std::span(&piece, 1)).would_block());
    f.peer.send("early");
    CHECK(wait(Interest::both) == Interest::read);
    CHECK(f.read_text(5) == "early");
  }

  TEST_CASE("an idle connection is quiet after session tickets, not after data or a goodbye") {
    {
      Fixture f;
      f.need_handshake();
      CHECK_FALSE(f.peer.to_client.empty());  // the tickets
      CHECK(f.stream->is_quiet());
      CHECK_FALSE(f.stream->is_suspect());
      f.peer.send("unasked");
      CHECK_FALSE(f.stream->is_quiet());
    }
    {
      Fixture f;
      f.need_handshake();
      CHECK(f.stream->is_quiet());
      f.peer.engine.close_notify();
      f.peer.pump();
      CHECK_FALSE(f.stream->is_quiet());
    }
    {
      Fixture f;
      f.need_handshake();
      CHECK(f.stream->is_quiet());
      f.peer.ended = true;
      CHECK_FALSE(f.stream->is_quiet());
    }
    // What came along with an answer is seen without any system call.
    Fixture f;
    f.need_handshake();
    CHECK(f.stream->is_quiet());
    f.peer.send("answer");
    f.peer.send("unasked");
    std::vector<std::byte> six(6);
    CHECK(f.read(six).bytes() == 6);
    CHECK(f.stream->is_suspect());
    CHECK_FALSE(f.stream->is_quiet());
  }

  TEST_CASE("the end of the peer is clean only with a goodbye") {
    std::vector<std::byte> block(100);
    Fixture clean;
    clean.need_handshake();
    clean.peer.send("bye");
    clean.peer.engine.close_notify();
    clean.peer.pump();
    clean.peer.ended = true;
    CHECK(clean.read_text(3) == "bye");
    CHECK(clean.read(block).status() == IoStatus::end);
    Fixture cut;
    cut.need_handshake();
    cut.peer.send("bye");
    cut.peer.ended = true;
    CHECK(cut.read_text(3) == "bye");
    const IoResult result = cut.read(block);
    CHECK(result.status() == IoStatus::failed);
    CHECK(result.error().code() == Errc::unexpected_end);
  }

  TEST_CASE("a stream that goes says goodbye") {
    Fixture f;
    f.need_handshake();
    f.stream.reset();
    f.peer.pump();
    CHECK(f.peer.said_goodbye);
  }

  TEST_CASE("buffers are given back and made again") {
    Fixture f;
    f.need_handshake();
    for (int i = 0; i < 3; ++i) {
      CHECK(f.write("question").ok());
      f.peer.send("answer");
      CHECK(f.read_text(6) == "answer");
      f.stream->release_buffers();
    }
  }
}

}  // namespace tls_stream_test
