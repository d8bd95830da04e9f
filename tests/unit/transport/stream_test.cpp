// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/stream.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/runtime_support.hpp"
#include "support/scripted_stream.hpp"

namespace stream_test {

using namespace okhttp;
using namespace std::chrono_literals;
using support::Script;
using support::ScriptedStream;
using support::ScriptLog;

namespace {

// ---- What a stream of the user's must offer: this, and no more ----

struct Archetype {
  explicit Archetype(int* close_count) : closes(close_count) {}
  Archetype(Archetype&&) = default;
  Archetype(const Archetype&) = delete;
  Archetype& operator=(const Archetype&) = delete;

  IoResult try_read(std::span<std::byte>) { return IoStatus::would_block; }
  IoResult try_write(std::span<const ConstBytes>) { return IoResult::moved(1); }
  Task<Interest> wait(Interest interest, Deadline) { co_return interest; }
  void shutdown() { ++shutdowns; }
  void close() { ++*closes; }

  int* closes;
  int shutdowns = 0;
};
static_assert(UserStream<Archetype>);

struct NoRead : Archetype {
  IoResult try_read(std::span<std::byte>) = delete;
};
struct NoWrite : Archetype {
  IoResult try_write(std::span<const ConstBytes>) = delete;
};
struct NoWait : Archetype {
  Task<Interest> wait(Interest, Deadline) = delete;
};
struct NoShutdown : Archetype {
  void shutdown() = delete;
};
struct NoClose : Archetype {
  void close() = delete;
};
struct NotMovable : Archetype {
  NotMovable(NotMovable&&) = delete;
};
struct ReadOfAnotherType : Archetype {
  std::size_t try_read(std::span<std::byte>) { return 0; }
};
struct WriteOfAnotherType : Archetype {
  long try_write(std::span<const ConstBytes>) { return 0; }
};
struct WaitOfAnotherType : Archetype {
  Task<bool> wait(Interest, Deadline) { co_return true; }
};
static_assert(!UserStream<NoRead>);
static_assert(!UserStream<NoWrite>);
static_assert(!UserStream<NoWait>);
static_assert(!UserStream<NoShutdown>);
static_assert(!UserStream<NoClose>);
static_assert(!UserStream<NotMovable>);
static_assert(!UserStream<ReadOfAnotherType>);
static_assert(!UserStream<WriteOfAnotherType>);
static_assert(!UserStream<WaitOfAnotherType>);
static_assert(!UserStream<int>);

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

struct Scripted {
  explicit Scripted(Script script) : stream(runtime, log, std::move(script)) {}
  support::JumpingRuntime runtime;
  std::shared_ptr<ScriptLog> log = std::make_shared<ScriptLog>();
  ScriptedStream stream;

  IoResult write(std::vector<std::string_view> texts, Clock::duration timeout, Deadline limit = Deadline::never()) {
    std::vector<ConstBytes> pieces;
    for (const std::string_view text : texts) pieces.push_back(bytes_of(text));
    return *runtime.run(write_all(stream, pieces, runtime, timeout, limit), "");
  }
};

}  // namespace

TEST_SUITE("transport/stream") {
  TEST_CASE("a stream of the user's is closed once, when it goes") {
    int closes = 0;
    {
      const std::unique_ptr<Stream> stream = detail::erase_stream(Archetype(&closes));
      CHECK(stream->is_quiet());  // it has nothing to read
      CHECK_FALSE(stream->is_suspect());
      CHECK_FALSE(stream->write_pending());
      CHECK(stream->handshake() == nullptr);
      std::byte byte;
      CHECK(stream->read_now(std::span(&byte, 1), Deadline::never(), {}).would_block());
      stream->shutdown();
      CHECK(closes == 0);
    }
    CHECK(closes == 1);
  }

  TEST_CASE("advancing drops what was written, across pieces and empty ones") {
    const std::string_view text = "abcdefgh";
    for (std::size_t count = 0; count <= text.size(); ++count) {
      CAPTURE(count);
      std::array<ConstBytes, 5> pieces{bytes_of("ab"), bytes_of(""), bytes_of("cde"), bytes_of("fgh"), bytes_of("")};
      std::string left;
      for (const ConstBytes piece : detail::advance_pieces(pieces, count))
        left.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      CHECK(left == text.substr(count));
      if (count == text.size()) CHECK(detail::advance_pieces(pieces, 0).size() <= 5);
    }
  }

  TEST_CASE("all pieces are written, whatever each try takes") {
    for (std::size_t first = 1; first < 9; ++first) {
      Scripted s(Script().block_write().take(first).take(1).block_write());
      const IoResult result = s.write({"abc", "", "defgh", "i"}, 1s);
      CHECK(result.ok());
      CHECK(result.bytes() == 9);
      CHECK(s.log->sent == "abcdefghi");
      CHECK(s.runtime.elapsed() == 0s);
    }
  }

  TEST_CASE("each piece of progress starts the write timeout anew") {
    // A peer that takes one byte every 900 ms.
    class Slow final : public Stream {
     public:
      explicit Slow(support::JumpingRuntime& runtime) : runtime_(runtime) {}
      IoResult try_read(std::span<std::byte>) override { return IoStatus::would_block; }
      IoResult try_write(std::span<const ConstBytes>) override {
        if (!std::exchange(ready_, false)) return IoStatus::would_block;
        return IoResult::moved(1);
      }
      Task<Interest> wait(Interest interest, Deadline deadline) override {
        if (deadline.time() < runtime_.now() + 900ms) {
          runtime_.jump_to(deadline);
          co_return Interest::none;
        }
        runtime_.advance(900ms);
        ready_ = true;
        co_return interest;
      }
      void shutdown() noexcept override {}

     private:
      support::JumpingRuntime& runtime_;
      bool ready_ = false;
    };
    support::JumpingRuntime runtime;
    Slow slow(runtime);
    const auto write = [&](Clock::duration timeout, Deadline limit) {
      std::array<ConstBytes, 1> pieces{bytes_of("12345678")};
      return runtime.run(write_all(slow, pieces, runtime, timeout, limit), "")->status();
    };
    CHECK(write(1s, Deadline::never()) == IoStatus::ok);
    CHECK(runtime.elapsed() == 8 * 900ms);
    CHECK(write(800ms, Deadline::never()) == IoStatus::timed_out);
    // Progress does not move the limit of the whole.
    const TimePoint begun = runtime.now();
    CHECK(write(1s, Deadline::at(begun + 2s)) == IoStatus::timed_out);
    CHECK(runtime.now() - begun == 2s);
  }

  TEST_CASE("a broken or stalled connection ends the writing") {
    CHECK(Scripted(Script().take(2).break_write()).write({"abc"}, 1s).status() == IoStatus::failed);
    Scripted stalled(Script().take(2).stall_write());
    CHECK(stalled.write({"abc"}, 1s).status() == IoStatus::timed_out);
    CHECK(stalled.runtime.elapsed() == 1s);
  }

  TEST_CASE("nothing to write is written at once") {
    Scripted s{Script()};
    CHECK(s.write({}, 1s).ok());
    CHECK(s.write({"", ""}, 1s).ok());
    CHECK(s.log->waits == 0);
  }

  TEST_CASE("a read that waits goes on after a spurious wake-up, to the same deadline") {
    std::array<std::byte, 8> into{};
    Scripted s(Script().spurious().spurious().data("abc").silence());
    const Deadline deadline = Deadline::at(s.runtime.now() + 1s);
    Result<IoResult> read = s.runtime.run(read_when_ready(s.stream, into, deadline), "");
    CHECK(read->bytes() == 3);
    read = s.runtime.run(read_when_ready(s.stream, into, deadline), "");
    CHECK(read->status() == IoStatus::timed_out);
    CHECK(s.runtime.elapsed() == 1s);
    Scripted ended(Script().spurious().end());
    CHECK(ended.runtime.run(read_when_ready(ended.stream, into, deadline), "")->status() == IoStatus::end);
    Scripted broken(Script().reset());
    CHECK(broken.runtime.run(read_when_ready(broken.stream, into, deadline), "")->status() == IoStatus::failed);
  }

  TEST_CASE("a cancel shuts the stream down while the hook lives, before it too") {
    support::JumpingRuntime runtime;
    const auto log = std::make_shared<ScriptLog>();
    ScriptedStream stream(runtime, log, Script());
    const auto call = std::make_shared<Cancellation>(runtime);
    { const CancelStream hook(call.get(), stream); }
    const CancelStream without(nullptr, stream);
    call->cancel();
    CHECK_FALSE(log->shut_down);
    const CancelStream late(call.get(), stream);
    CHECK(log->shut_down);
  }

  TEST_CASE("an idle stream is looked at by a read unless it knows better") {
    CHECK(Scripted(Script().silence()).stream.is_quiet());
    CHECK_FALSE(Scripted(Script().end()).stream.is_quiet());
    CHECK_FALSE(Scripted(Script().data("x")).stream.is_quiet());
    CHECK_FALSE(Scripted(Script().reset()).stream.is_quiet());
  }
}

}  // namespace stream_test
