// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_reader.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/multipart_body.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../support/fake_body_source.hpp"
#include "../../support/temporary_folder.hpp"

namespace multipart_reader_test {

using okhttp::BodySource;
using okhttp::Errc;
using okhttp::MultipartBody;
using okhttp::MultipartReader;
using okhttp::RequestBody;
using okhttp::ResponseBody;
using okhttp::Result;
using Part = MultipartReader::Part;

namespace {

constexpr char two_parts[] =
    "--B\r\n"
    "Content-Disposition: form-data; name=\"a\"\r\n"
    "\r\n"
    "first\r\n"
    "--B\r\n"
    "Content-Type: text/plain; charset=utf-16le\r\n"
    "\r\n"
    "s\0e\0c\0o\0n\0d\0\r\n";

std::string wire() { return std::string(two_parts, sizeof two_parts - 1) + "--B--\r\n"; }

ResponseBody body_of(std::string text, std::size_t piece = SIZE_MAX) {
  return ResponseBody(std::make_unique<FakeBodySource>(std::move(text), piece), "multipart/form-data; boundary=B");
}

/// What the range-for gives; the code of what it throws.
std::string all_parts(MultipartReader reader) {
  std::string text;
  try {
    for (auto& part : reader) text += "(" + part.headers().to_string() + "|" + part.body().string() + ")";
  } catch (const okhttp::Exception& failure) {
    text += "<" + std::to_string(static_cast<int>(failure.error().code())) + ">";
  }
  return text;
}
std::string failed_with(Errc code) { return "<" + std::to_string(static_cast<int>(code)) + ">"; }

}  // namespace

TEST_SUITE("message/multipart_reader") {
  TEST_CASE("gives the parts, however the bytes arrive") {
    const std::string expected =
        "(Content-Disposition: form-data; name=\"a\"\n|first)(Content-Type: text/plain; charset=utf-16le\n|second)";
    for (std::size_t piece = 1; piece <= 120; ++piece) {
      CAPTURE(piece);
      CHECK(all_parts(MultipartReader(body_of(wire(), piece))) == expected);
    }
    CHECK(all_parts(MultipartReader(ResponseBody::of(wire(), "multipart/mixed; boundary=\"B\""))) == expected);
    CHECK(all_parts(MultipartReader(ResponseBody::of(wire()), "B")) == expected);
    CHECK(all_parts(MultipartReader(std::make_unique<FakeBodySource>(wire(), 5), "B")) == expected);
  }

  TEST_CASE("content is streamed, and pieces of every size give the same") {
    std::string content;
    for (int i = 0; i < 30'000; ++i) content += "line " + std::to_string(i) + (i % 7 == 0 ? "\r\n--" : "\r\n");
    const std::string text = "--B\r\n\r\n" + content + "\r\n--B\r\n\r\nlast\r\n--B--";
    for (const std::size_t into : {1U, 13U, 4096U, 100'000U}) {
      CAPTURE(into);
      MultipartReader reader(body_of(text, 10'000));
      const Part part = *reader.next_part();
      CHECK(part.body().content_length() == -1);
      std::vector<std::byte> buffer(into);
      std::string read;
      while (const std::size_t size = part.body().read(buffer)) {
        REQUIRE(size <= into);
        read.append(reinterpret_cast<const char*>(buffer.data()), size);
      }
      CHECK((read == content));
      CHECK(part.body().read(buffer) == 0);
      CHECK(reader.next_part()->body().string() == "last");
      CHECK_FALSE(reader.next_part());
      CHECK_FALSE(reader.next_part());
    }
  }

  TEST_CASE("reads no more of the body than it needs, and does not wait when it has something to give") {
    auto source = std::make_unique<FakeBodySource>("--B\r\n\r\nabc\r\n--B\r\n\r\nd\r\n--B--", 9);
    const auto record = source->record();
    MultipartReader reader(std::move(source), "B");
    CHECK(record->reads == 0);
    const Part part = *reader.next_part();
    CHECK(record->reads == 1);  // "--B CR LF CR LF ab"
    std::array<char, 100> buffer;
    CHECK(part.body().read(buffer) == 2);
    CHECK(record->reads == 1);
    CHECK(part.body().read(buffer) == 1);
    CHECK(record->reads == 2);
    CHECK(part.body().read(buffer) == 0);
    CHECK(record->reads == 2);  // "c CR LF --B CR LF CR" has the delimiter
  }

  TEST_CASE("going on skips what is left, and what is over cannot be read") {
    MultipartReader reader(body_of("--B\r\n\r\n" + std::string(100'000, 'x') + "\r\n--B\r\n\r\nsecond\r\n--B--"));
    const Part first = *reader.next_part();
    std::array<char, 10> buffer;
    CHECK(first.body().read(buffer) == 10);
    const Part second = *reader.next_part();
    CHECK(first.body().try_read(buffer).error() == Errc::misuse);
    CHECK(first.body().try_string().error() == Errc::misuse);
    first.body().close();
    CHECK(second.body().string() == "second");
    CHECK_FALSE(reader.next_part());
    CHECK(second.body().try_string().error() == Errc::misuse);
  }

  TEST_CASE("a closed part is skipped, and a peeked one is not lost") {
    MultipartReader reader(body_of(wire(), 3));
    const Part first = *reader.next_part();
    CHECK(first.body().peek(2) == "fi");
    first.body().close();
    CHECK(reader.next_part()->body().string() == "second");
  }

  TEST_CASE("parts may be moved, kept and outlive their reader") {
    std::optional<Part> part;
    {
      MultipartReader reader(body_of(wire(), 20));
      MultipartReader moved = std::move(reader);
      part = moved.next_part();
    }
    CHECK(part->header("content-disposition") == "form-data; name=\"a\"");
    CHECK(part->body().string() == "first");
    CHECK_FALSE(part->body().content_type());
  }

  TEST_CASE("the body is given up with the last of reader and parts") {
    auto source = std::make_unique<FakeBodySource>(wire(), 20);
    const auto record = source->record();
    std::optional<Part> part;
    {
      MultipartReader reader(std::move(source), "B");
      part = reader.next_part();
    }
    CHECK_FALSE(record->is_destroyed);
    part.reset();
    CHECK(record->is_destroyed);
  }

  TEST_CASE("what is no multipart fails with the first part") {
    CHECK(MultipartReader(ResponseBody::of("x", "text/plain")).try_next_part().error() == Errc::protocol_error);
    CHECK(MultipartReader(ResponseBody::of("x")).try_next_part().error() == Errc::protocol_error);
    CHECK(MultipartReader(ResponseBody()).try_next_part().error() == Errc::protocol_error);
    CHECK(MultipartReader(ResponseBody(), "B").try_next_part().error() == Errc::unexpected_end);
    CHECK(MultipartReader(ResponseBody::of("x"), "").try_next_part().error() == Errc::protocol_error);
    const ResponseBody taken = body_of(wire());
    CHECK(taken.string().size() == wire().size());
    CHECK(MultipartReader(taken).try_next_part().error() == Errc::misuse);
    const ResponseBody twice = body_of(wire());
    MultipartReader first(twice);
    CHECK(MultipartReader(twice).try_next_part().error() == Errc::misuse);
    CHECK(first.try_next_part().has_value());
  }

  TEST_CASE("a body that was peeked at is read from its beginning") {
    const ResponseBody body = body_of(wire(), 7);
    CHECK(body.peek(20).size() == 20);
    CHECK(all_parts(MultipartReader(body)).ends_with("|second)"));
  }

  TEST_CASE("failures come from whoever has to read, and stay") {
    const std::string whole = wire();
    for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(all_parts(MultipartReader(body_of(whole.substr(0, size)))).ends_with(failed_with(Errc::unexpected_end)));
    }
    auto source = std::make_unique<FakeBodySource>("--B\r\n\r\nabc\r\n--", 100);
    source->fail_at_end({Errc::io, "reset"});
    MultipartReader reader(std::move(source), "B");
    const Part part = *reader.next_part();
    std::array<char, 100> buffer;
    CHECK(part.body().read(buffer) == 3);  // what is here comes first
    CHECK(part.body().try_read(buffer).error() == Errc::io);
    CHECK(part.body().try_read(buffer).error() == Errc::io);
    CHECK(reader.try_next_part().error() == Errc::io);
    CHECK(reader.try_next_part().error() == Errc::io);

    MultipartReader broken(body_of("--B\r\n\r\nabc\r\n--Bad\r\n\r\nx\r\n--B--"));
    CHECK(broken.next_part()->body().string() == "abc");
    CHECK(broken.try_next_part().error() == Errc::protocol_error);
    CHECK(broken.try_next_part().error() == Errc::protocol_error);
  }

  TEST_CASE("limits are the caller's") {
    okhttp::MultipartLimits limits;
    limits.max_header_count = 1;
    const std::string text = "--B\r\nA: 1\r\nB: 2\r\n\r\n\r\n--B--";
    CHECK(MultipartReader(body_of(text)).try_next_part().has_value());
    const Result<std::optional<Part>> part = MultipartReader(body_of(text), limits).try_next_part();
    REQUIRE_FALSE(part);
    CHECK(part.error().message() == "the multipart body has more than 1 headers in one part (max_header_count)");
  }

  TEST_CASE("reads what MultipartBody writes, nested bodies included") {
    std::string binary;
    for (int i = 0; i < 20'000; ++i) binary += static_cast<char>(i * i >> 3);
    const RequestBody inner = MultipartBody::Builder("inner")
                                  .add_part(RequestBody::create(binary, "application/octet-stream; charset=x"))
                                  .add_part(RequestBody::create(""))
                                  .build();
    const RequestBody outer = MultipartBody::Builder("inner-not").add_part(inner).add_part(RequestBody::create("z")).build();
    const auto pass = outer.open().value();
    std::string text;
    std::vector<std::byte> buffer(1000);
    while (const std::size_t size = pass->read(buffer).value())
      text.append(reinterpret_cast<const char*>(buffer.data()), size);
    MultipartReader reader(ResponseBody::of(text, std::string(*outer.content_type())));
    const Part first = *reader.next_part();
    CHECK(first.header("Content-Type") == "multipart/mixed; boundary=inner");
    MultipartReader nested(first.body());
    CHECK((nested.next_part()->body().string() == binary));
    CHECK(nested.next_part()->body().string() == "");
    CHECK_FALSE(nested.next_part());
    CHECK(reader.next_part()->body().string() == "z");
    CHECK_FALSE(reader.next_part());
  }

#if OKHTTP_FILES
  TEST_CASE("a part is saved to a file") {
    const TemporaryFolder folder;
    for (auto& part : MultipartReader(body_of(wire(), 11)))
      if (part.headers().contains("Content-Disposition")) CHECK(part.body().save_to(folder / "part") == 5);
    CHECK(folder.read("part") == "first");
  }
#endif

  TEST_CASE("the iterator is one of the standard's") {
    static_assert(std::input_iterator<MultipartReader::iterator>);
    static_assert(std::sentinel_for<std::default_sentinel_t, MultipartReader::iterator>);
    MultipartReader reader(body_of(wire()));
    auto at = reader.begin();
    CHECK(at->body().string() == "first");
    CHECK((++at)->body().string() == "second");
    CHECK(++at == reader.end());
  }
}

}  // namespace multipart_reader_test
