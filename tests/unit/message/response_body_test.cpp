// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/response_body.hpp>

#include <doctest/doctest.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "../../support/fake_body_source.hpp"
#include "../../support/fake_loop_runner.hpp"
#include "../../support/temporary_folder.hpp"

namespace response_body_test {

using namespace std::string_literals;
using okhttp::Errc;
using okhttp::Error;
using okhttp::Headers;
using okhttp::ResponseBody;
using okhttp::Result;
using okhttp::Task;

namespace {

using Sizes = std::initializer_list<std::size_t>;

std::unique_ptr<FakeBodySource> source_of(std::string content, std::size_t piece = SIZE_MAX) {
  return std::make_unique<FakeBodySource>(std::move(content), piece);
}
std::unique_ptr<FakeBodySource> broken_after(std::string content) {
  auto source = source_of(std::move(content));
  source->fail_at_end(Error(Errc::io, "connection reset"));
  return source;
}

template <class T>
Errc code_of(const Result<T>& result) {
  return result ? Errc{} : result.error().code();
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

/// Reads to the end in pieces.
std::string drained(const ResponseBody& body, std::size_t piece = 7) {
  std::string text;
  std::vector<char> buffer(piece);
  while (const std::size_t size = body.read(buffer)) text.append(buffer.data(), size);
  return text;
}

}  // namespace

TEST_SUITE("message/response_body") {
  TEST_CASE("gives the whole of any size however it arrives, its length known or not") {
    for (const std::size_t size :
         Sizes{0, 1, 15, 16, 2047, 8191, 8192, 8193, 70'000, 262'144, 600'001})
      for (const std::size_t piece : Sizes{1, 4096, SIZE_MAX}) {
        if (piece == 1 && size > 9000) continue;
        const std::string text = pattern(size);
        for (const std::int64_t length : {std::int64_t{-1}, static_cast<std::int64_t>(size)}) {
          CAPTURE(size);
          CAPTURE(piece);
          CAPTURE(length);
          CHECK(ResponseBody(source_of(text, piece), "", length).string() == text);
          CHECK(text_of(ResponseBody(source_of(text, piece), "", length).bytes()) == text);
          CHECK(drained(ResponseBody(source_of(text, piece), "", length), 4096) == text);
        }
      }
  }

  TEST_CASE("a body larger than what a length is believed for arrives whole") {
    const std::string text = pattern((std::size_t{16} << 20) + 300'000);
    const auto length = static_cast<std::int64_t>(text.size());
    CHECK(ResponseBody(source_of(text), "", length).string() == text);
    // A lie costs no more than what is believed.
    CHECK(code_of(ResponseBody(source_of("x"), "", INT64_MAX).try_bytes()) == Errc::unexpected_end);
  }

  TEST_CASE("an empty body gives nothing, any number of times") {
    const ResponseBody body;
    CHECK(body.content_length() == 0);
    CHECK_FALSE(body.content_type());
    for (int i = 0; i < 2; ++i) {
      CHECK(body.string().empty());
      CHECK(body.bytes().empty());
      CHECK(drained(body).empty());
      CHECK(body.peek(5).empty());
      CHECK(body.trailers().empty());
      body.close();
    }
  }

  TEST_CASE("a body in memory is a body like any other") {
    CHECK(ResponseBody::of("hello").string() == "hello");
    CHECK(ResponseBody::of("hello").content_length() == 5);
    CHECK(text_of(ResponseBody::of("hello").bytes()) == "hello");
    CHECK(drained(ResponseBody::of("hello"), 2) == "hello");
    CHECK(ResponseBody::of("hello", "text/plain").content_type()->subtype() == "plain");
    CHECK(ResponseBody::of("hello", "nonsense").content_type_text() == "nonsense");
    CHECK_FALSE(ResponseBody::of("hello", "nonsense").content_type());
    const ResponseBody body = ResponseBody::of("hello");
    CHECK(body.string() == "hello");
    CHECK(code_of(body.try_string()) == Errc::misuse);
  }

  TEST_CASE("reads the source to its end, and no further than the length") {
    auto source = source_of("hello");
    const auto record = source->record();
    const ResponseBody body(std::move(source), "", 5);
    CHECK(body.string() == "hello");
    CHECK(record->ends == 1);
    CHECK(record->reads == 2);
  }

  TEST_CASE("reads into every kind of byte buffer") {
    const ResponseBody body(source_of(pattern(100), 3));
    std::array<char, 4> chars{};
    unsigned char bytes[4];
    std::vector<std::byte> vector(4);
    std::string text(4, ' ');
    CHECK(body.read(chars) == 3);
    CHECK(body.read(bytes) == 3);
    CHECK(body.read(vector) == 3);
    CHECK(body.read(text) == 3);
    CHECK(body.read(std::span(vector)) == 3);
    CHECK(body.read(std::span(chars).first(2)) == 2);
    static_assert(!okhttp::ByteBuffer<std::vector<int>>);
    static_assert(!okhttp::ByteBuffer<const std::string>);
    static_assert(!okhttp::ByteBuffer<int>);
  }

  TEST_CASE("refuses to read into nothing, which would look like the end") {
    std::vector<char> reserved;
    reserved.reserve(100);
    CHECK(code_of(ResponseBody::of("x").try_read(reserved)) == Errc::invalid_argument);
    CHECK(code_of(ResponseBody().try_read(reserved)) == Errc::invalid_argument);
  }

  TEST_CASE("reading past the end in pieces keeps giving 0") {
    const ResponseBody body(source_of("abc"));
    CHECK(drained(body) == "abc");
    char buffer[4];
    CHECK(body.read(buffer) == 0);
    CHECK(code_of(body.try_string()) == Errc::misuse);
  }

  TEST_CASE("the whole is what reading has left over, and then its bytes are not decoded") {
    const ResponseBody body(source_of("hello"), "text/plain; charset=utf-16", 5);
    char buffer[2];
    CHECK(body.read(buffer) == 2);
    CHECK(body.string() == "llo");
  }

  TEST_CASE("a second reading is misuse that says so") {
    const ResponseBody body(source_of("hello"));
    CHECK(body.string() == "hello");
    char buffer[2];
    for (const Error& error :
         {body.try_string().error(), body.try_bytes().error(), body.try_read(buffer).error(),
          body.try_peek(1).error(), body.try_save_to("/nowhere/x").error()}) {
      CHECK(error == Errc::misuse);
      CHECK(error.message().find("already taken") != std::string::npos);
    }
    CHECK_THROWS_AS((void)body.string(), okhttp::Exception);
    const ResponseBody closed(source_of("hello"));
    closed.close();
    CHECK(closed.try_string().error().message().find("closed") != std::string::npos);
    CHECK(code_of(closed.try_read(buffer)) == Errc::misuse);
  }

  TEST_CASE("a body inside another response has a type and a length, but cannot be read") {
    const ResponseBody body = ResponseBody::unreadable("text/plain", 7);
    CHECK(body.content_length() == 7);
    CHECK(body.content_type_text() == "text/plain");
    CHECK(code_of(body.try_string()) == Errc::misuse);
    body.close();
    CHECK(body.try_string().error().message().find("network") != std::string::npos);
  }

  TEST_CASE("fewer or more bytes than declared are an error") {
    char buffer[100];
    CHECK(code_of(ResponseBody(source_of("hello"), "", 6).try_string()) == Errc::unexpected_end);
    CHECK(code_of(ResponseBody(source_of("hello"), "", 4).try_string()) == Errc::protocol_error);
    CHECK(code_of(ResponseBody(source_of("hello"), "", 0).try_bytes()) == Errc::protocol_error);
    CHECK(code_of(ResponseBody(source_of(""), "", INT64_MAX).try_string()) == Errc::unexpected_end);
    const ResponseBody longer(source_of("hello"), "", 4);
    CHECK(code_of(longer.try_read(buffer)) == Errc::protocol_error);
    CHECK(code_of(longer.try_string()) == Errc::misuse);
    const ResponseBody shorter(source_of("hello"), "", 6);
    CHECK(shorter.read(buffer) == 5);
    CHECK(code_of(shorter.try_read(buffer)) == Errc::unexpected_end);
    CHECK(shorter.try_read(buffer).error().message().find("already failed") != std::string::npos);
    const Result<std::string> text = ResponseBody(source_of("hello"), "", 6).try_string();
    CHECK(text.error().message() == "the response body ended after 5 of 6 bytes");
  }

  TEST_CASE("an error of the source is the error of every way to read") {
    const TemporaryFolder folder;
    CHECK(code_of(ResponseBody(broken_after("abc")).try_string()) == Errc::io);
    CHECK(code_of(ResponseBody(broken_after("abc"), "", 10).try_bytes()) == Errc::io);
    CHECK(code_of(ResponseBody(broken_after("abc")).try_peek(4)) == Errc::io);
    CHECK(code_of(ResponseBody(broken_after("abc")).try_save_to(folder / "x")) == Errc::io);
    const ResponseBody body(broken_after("abc"));
    char buffer[10];
    CHECK(body.read(buffer) == 3);
    CHECK(code_of(body.try_read(buffer)) == Errc::io);
    CHECK(code_of(body.try_read(buffer)) == Errc::io);
  }

  TEST_CASE("string() gives UTF-8 whatever the charset") {
    const struct {
      const char* content_type;
      std::string content;
      std::string text;
    } rows[] = {
        {"", "h\xC3\xA9", "h\xC3\xA9"},
        {"text/plain", "\xFF\xFE", ""},
        {"text/plain", "h\xFF", "h\xFF"},  // unchecked: may as well be binary
        {"text/plain; charset=utf-8", "h\xC3\xA9", "h\xC3\xA9"},
        {"text/plain; charset=ISO-8859-1", "h\xE9\x80", "h\xC3\xA9\xE2\x82\xAC"},
        {"text/plain; charset=\"windows-1252\"", "\x80", "\xE2\x82\xAC"},
        {"text/plain; charset=us-ascii", "abc", "abc"},
        {"text/plain; charset=utf-16be", "\0h\0\xE9"s, "h\xC3\xA9"},
        {"text/plain; charset=utf-16le", "h\0\xE9\0"s, "h\xC3\xA9"},
        {"text/plain; charset=utf-16", "h\0\xE9\0"s, "h\xC3\xA9"},
        {"text/plain; charset=utf-32", "\0\0\0h"s, "h"},
        {"text/plain; charset=martian", "h\xE9", "h\xE9"},
        {"text/plain; charset", "h\xE9", "h\xE9"},
        {"no type; charset=latin1", "h\xE9", "h\xE9"},
        // A byte order mark beats the media type, and goes away.
        {"text/plain; charset=latin1", "\xEF\xBB\xBFh\xC3\xA9", "h\xC3\xA9"},
        {"text/plain; charset=latin1", "\xFE\xFF\0h\0\xE9"s, "h\xC3\xA9"},
        {"text/plain; charset=utf-8", "\xFF\xFEh\0\xE9\0"s, "h\xC3\xA9"},
        {"text/plain; charset=utf-8", "\0\0\xFE\xFF\0\0\0h"s, "h"},
        {"", "\xFF\xFE\0\0h\0\0\0"s, "h"},
        {"", "\xFF\xFEh\0\x3D\xD8"s, "h\xEF\xBF\xBD"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.content_type);
      CAPTURE(row.content);
      CHECK(ResponseBody::of(row.content, row.content_type).string() == row.text);
      CHECK(ResponseBody(source_of(row.content, 1), row.content_type).string() == row.text);
      CHECK(text_of(ResponseBody::of(row.content, row.content_type).bytes()) == row.content);
    }
  }

  TEST_CASE("peeking takes nothing away") {
    for (const std::size_t piece : Sizes{1, 3, 100}) {
      const ResponseBody body(source_of("hello world", piece), "", 11);
      CHECK(body.peek(0).empty());
      CHECK(body.peek(3) == "hel");
      CHECK(body.peek(6) == "hello ");
      CHECK(body.peek(2) == "he");
      char buffer[4];
      CHECK(body.read(buffer) == 4);
      CHECK(body.peek(4) == "o wo");
      CHECK(body.read(buffer) >= 1);
      CHECK(body.peek(SIZE_MAX).ends_with("rld"));
      CHECK(body.string().ends_with("rld"));
    }
    const ResponseBody whole(source_of("\xFF\xFEh\0i\0"s, 2));
    CHECK(whole.peek(3) == "\xFF\xFEh");
    CHECK(whole.string() == "hi");
    const ResponseBody bytes(source_of("hello", 2), "", 5);
    CHECK(bytes.peek(3) == "hel");
    CHECK(text_of(bytes.bytes()) == "hello");
    const ResponseBody drains(source_of("hello", 2));
    CHECK(drains.peek(100) == "hello");
    CHECK(drained(drains) == "hello");
    CHECK(drains.peek(3).empty());
    const ResponseBody memory = ResponseBody::of("hello");
    CHECK(memory.peek(2) == "he");
    CHECK(memory.string() == "hello");
    CHECK(ResponseBody(source_of(pattern(700'000), 5000)).peek(600'000) == pattern(600'000));
  }

  TEST_CASE("closing gives up the rest, once") {
    auto source = source_of("hello");
    const auto record = source->record();
    const ResponseBody body(std::move(source));
    body.close();
    CHECK(record->closes == 1);
    CHECK(record->is_destroyed);
    body.close();
    CHECK(record->closes == 1);
  }

  TEST_CASE("closing a body at its end does not bother the source") {
    auto source = source_of("hello");
    const auto record = source->record();
    const ResponseBody body(std::move(source));
    CHECK(body.string() == "hello");
    body.close();
    CHECK(record->closes == 0);
    CHECK(code_of(body.try_string()) == Errc::misuse);
  }

  TEST_CASE("the last copy destroys the source, and waits for nothing") {
    auto source = source_of("hello");
    const auto record = source->record();
    {
      ResponseBody copy;
      {
        const ResponseBody body(std::move(source));
        copy = body;
      }
      CHECK_FALSE(record->is_destroyed);
      CHECK(copy.string() == "hello");
    }
    CHECK(record->is_destroyed);
    CHECK(record->closes == 0);
  }

  TEST_CASE("trailers are there at the end and not before") {
    auto source = source_of("hello");
    source->with_trailers(Headers::of({{"Digest", "x"}}));
    const ResponseBody body(std::move(source));
    CHECK(code_of(body.try_trailers()) == Errc::misuse);
    CHECK(body.peek(100) == "hello");
    CHECK(code_of(body.try_trailers()) == Errc::misuse);
    CHECK(drained(body) == "hello");
    CHECK(body.trailers().get("digest") == "x");
    body.close();
    CHECK(body.trailers().get("digest") == "x");
    const ResponseBody closed(source_of("hello"));
    closed.close();
    CHECK(code_of(closed.try_trailers()) == Errc::misuse);
  }

  TEST_CASE("the source can be taken over while nothing was read, with what was peeked at") {
    auto source = source_of("hello world", 4);
    source->with_trailers(Headers::of({{"A", "1"}}));
    const auto record = source->record();
    const ResponseBody body(std::move(source), "", 11);
    CHECK(body.peek(5) == "hello");
    const ResponseBody wrapper(body.take_source());
    CHECK(code_of(body.try_string()) == Errc::misuse);
    CHECK(body.take_source() == nullptr);
    CHECK(drained(wrapper) == "hello world");
    CHECK(wrapper.trailers().get("A") == "1");
    CHECK(ResponseBody(ResponseBody::of("memory").take_source()).string() == "memory");
    CHECK(ResponseBody(ResponseBody().take_source()).string().empty());
    const ResponseBody started(source_of("hello"));
    char buffer[1];
    CHECK(started.read(buffer) == 1);
    CHECK(started.take_source() == nullptr);

    auto other = source_of("hello");
    const auto other_record = other->record();
    const ResponseBody peeked(std::move(other));
    CHECK(peeked.peek(1) == "h");
    ResponseBody(peeked.take_source()).close();
    CHECK(other_record->closes == 1);
  }

  TEST_CASE("saves to a file, also over an old one whose permissions stay") {
    const TemporaryFolder folder;
    for (const std::size_t size : Sizes{0, 1, 5000, 262'144, 1'000'003})
      for (const bool is_known : {false, true}) {
        const std::string text = pattern(size);
        const auto length = is_known ? static_cast<std::int64_t>(size) : -1;
        const ResponseBody body(source_of(text, 60'000), "", length);
        CHECK(body.save_to(folder / "file") == size);
        CHECK(folder.read("file") == text);
      }
    REQUIRE(::chmod((folder / "file").c_str(), 0640) == 0);
    const ResponseBody body(source_of("hello"));
    CHECK(body.peek(2) == "he");
    CHECK(body.save_to(folder / "file") == 5);
    CHECK(folder.read("file") == "hello");
    struct stat facts{};
    REQUIRE(::stat((folder / "file").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0640);
    CHECK(ResponseBody::of("memory").save_to(folder / "file") == 6);
    CHECK(folder.read("file") == "memory");
    CHECK(ResponseBody().save_to(folder / "file") == 0);
    CHECK(folder.read("file").empty());
    CHECK(folder.names() == std::vector<std::string>{"file"});
  }

  TEST_CASE("saves what reading has left over, and to a device directly") {
    const TemporaryFolder folder;
    const ResponseBody body(source_of("hello"), "", 5);
    char buffer[2];
    CHECK(body.read(buffer) == 2);
    CHECK(body.save_to(folder / "file") == 3);
    CHECK(folder.read("file") == "llo");
    CHECK(ResponseBody(source_of("hello")).save_to("/dev/null") == 5);
  }

  TEST_CASE("a failure half-way leaves no file, and the old one as it was") {
    const TemporaryFolder folder;
    const std::string big = pattern(600'000);
    CHECK(code_of(ResponseBody(broken_after(big)).try_save_to(folder / "new")) == Errc::io);
    CHECK(code_of(ResponseBody(source_of(big), "", 600'001).try_save_to(folder / "new")) ==
          Errc::unexpected_end);
    CHECK(code_of(ResponseBody(source_of(big), "", 599'999).try_save_to(folder / "new")) ==
          Errc::protocol_error);
    CHECK(folder.names().empty());
    folder.write("old", "old content");
    CHECK(code_of(ResponseBody(broken_after(big)).try_save_to(folder / "old")) == Errc::io);
    CHECK(folder.read("old") == "old content");
    CHECK(folder.names().size() == 1);
  }

  TEST_CASE("names the path that cannot be written") {
    const TemporaryFolder folder;
    for (const std::string& path :
         {folder / "no/such/folder", folder.path(), std::string(), "a\0b"s}) {
      CAPTURE(path);
      const Result<std::uint64_t> saved = ResponseBody(source_of("x")).try_save_to(path);
      REQUIRE_FALSE(saved);
      CHECK(saved.error() == Errc::file);
      CHECK(saved.error().message().find(path) != std::string::npos);
    }
    CHECK(ResponseBody(source_of("x")).try_save_to("/dev/full").error() == Errc::file);
    CHECK(folder.names().empty());
  }

  TEST_CASE("passes over temporary names that are taken") {
    const TemporaryFolder folder;
    const std::string taken = "file.part" + std::to_string(::getpid()) + ".0";
    folder.write(taken, "mine");
    CHECK(ResponseBody(source_of("hello")).save_to(folder / "file") == 5);
    CHECK(folder.read("file") == "hello");
    CHECK(folder.read(taken) == "mine");
  }

  TEST_CASE("a blocking runner runs every blocking function") {
    const TemporaryFolder folder;
    FakeBlockingRunner runner;
    const auto body = [&] {
      auto source = source_of("hello", 2);
      source->with_runner(&runner);
      return ResponseBody(std::move(source));
    };
    CHECK(body().string() == "hello");
    CHECK(body().bytes().size() == 5);
    CHECK(drained(body()) == "hello");
    CHECK(body().peek(3) == "hel");
    CHECK(body().save_to(folder / "file") == 5);
    body().close();
  }

  TEST_CASE("on a loop that suspends, files are written by helpers") {
    const TemporaryFolder folder;
    FakeLoopRunner runner;
    auto source = source_of(pattern(600'000), 10'000);
    source->with_runner(&runner);
    CHECK(ResponseBody(std::move(source)).save_to(folder / "file") == 600'000);
    CHECK(folder.read("file") == pattern(600'000));
    CHECK(runner.offloaded() == 4);  // open, twice write, the rest with the commit

    auto broken = broken_after("abc");
    broken->with_runner(&runner);
    CHECK(code_of(ResponseBody(std::move(broken)).try_save_to(folder / "other")) == Errc::io);
    CHECK(folder.names().size() == 1);
  }

  TEST_CASE("on a loop's own thread the blocking functions name their twin") {
    FakeLoopRunner runner;
    auto source = source_of("hello");
    source->with_runner(&runner);
    const ResponseBody body(std::move(source));
    const okhttp::TaskRunner::Scope scope(runner);
    const Result<std::string> text = body.try_string();
    CHECK(code_of(text) == Errc::misuse);
    CHECK(text.error().message().find("async_string") != std::string::npos);
    Task<std::string> task = body.async_string();
    task.start();
    REQUIRE(task.finished());
    CHECK(*task.take_result() == "hello");
  }

  TEST_CASE("a saving task that is dropped leaves no file, whether its helper is done or not") {
    const TemporaryFolder folder;
    for (int steps = 0; steps < 4; ++steps) {
      FakeLoopRunner runner;
      auto source = source_of(pattern(600'000));
      source->with_runner(&runner);
      const ResponseBody body(std::move(source));
      {
        Task<std::uint64_t> task = body.async_save_to(folder / "file");
        task.start();
        for (int i = 0; i < steps; ++i) REQUIRE(runner.step());
        CHECK_FALSE(task.finished());
      }
      while (runner.step()) {}
      // The commit was already on its way in the last round.
      CHECK(folder.names().size() == (steps == 3 ? 1 : 0));
      body.close();
    }
  }

  TEST_CASE("a read that is dropped while it waits loses nothing, a second reader is misuse") {
    struct Parked : okhttp::BodySource {
      explicit Parked(FakeLoopRunner& r) : loop(r) {}
      Task<std::size_t> read(std::span<std::byte> into) override {
        okhttp::UniqueFunction<void()> job = [] {};
        Task<void> wait = loop.offload(std::move(job));
        co_await std::move(wait);
        into[0] = std::byte{'x'};
        co_return ++count > 3 ? 0 : 1;
      }
      Task<void> close() override { co_return; }
      okhttp::TaskRunner* runner() const noexcept override { return &loop; }
      FakeLoopRunner& loop;
      int count = 0;
    };
    FakeLoopRunner runner;
    const ResponseBody body(std::make_unique<Parked>(runner));
    char buffer[8];
    {
      Task<std::size_t> read = body.async_read(buffer);
      read.start();
      CHECK_FALSE(read.finished());
      Task<std::string> second = body.async_string();
      second.start();
      REQUIRE(second.finished());
      CHECK(code_of(second.take_result()) == Errc::misuse);
      Task<void> close = body.async_close();
      close.start();
      REQUIRE(close.finished());
      CHECK(code_of(close.take_result()) == Errc::misuse);
    }
    {
      Task<std::string> peek = body.async_peek(5);
      peek.start();
      CHECK_FALSE(peek.finished());
      REQUIRE(runner.step());  // the one that was dropped above
      REQUIRE(runner.step());  // one byte
      CHECK_FALSE(peek.finished());
    }
    CHECK(body.peek(1) == "x");
    CHECK(body.string() == "xxx");
  }
}

}  // namespace response_body_test
