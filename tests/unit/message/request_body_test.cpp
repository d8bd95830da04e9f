// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/request_body.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../support/temporary_folder.hpp"

namespace request_body_test {

using okhttp::Errc;
using okhttp::RequestBody;
using okhttp::RequestBodyReader;
using okhttp::Result;

namespace {

/// Everything a pass gives, read `piece` bytes at a time; the error's code in angle brackets.
std::string all_of(const RequestBody& body, std::size_t piece = 64) {
  Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
  if (!reader) return "<" + std::to_string(static_cast<int>(reader.error().code())) + ">";
  std::vector<std::byte> buffer(piece);
  std::string text;
  for (;;) {
    const Result<std::size_t> size = (*reader)->read(buffer);
    if (!size) return "<" + std::to_string(static_cast<int>(size.error().code())) + ">";
    if (*size == 0) return text;
    for (std::size_t i = 0; i < *size; ++i) text += static_cast<char>(buffer[i]);
  }
}
std::string failed_with(Errc code) { return "<" + std::to_string(static_cast<int>(code)) + ">"; }

}  // namespace

TEST_SUITE("message/request_body") {
  TEST_CASE("sends text as it is, in as many passes as wanted") {
    const RequestBody body = RequestBody::create("{\"a\":1}", "application/json");
    CHECK(body.content_length() == 7);
    CHECK_FALSE(body.is_one_shot());
    REQUIRE(body.in_memory());
    CHECK(body.in_memory()->size() == 7);
    for (std::size_t piece = 1; piece < 10; ++piece) CHECK(all_of(body, piece) == "{\"a\":1}");
    const std::string text = "abc";
    CHECK(all_of(RequestBody::create(text)) == "abc");
    CHECK(all_of(RequestBody::create(std::string_view(text))) == "abc");
    CHECK(all_of(RequestBody::create("")).empty());
  }

  TEST_CASE("adds the charset of a text to its media type as OkHttp does") {
    const auto type = [](std::string_view media_type) {
      return RequestBody::create("x", media_type).content_type();
    };
    CHECK(type("text/plain") == "text/plain; charset=utf-8");
    CHECK(type("application/json") == "application/json; charset=utf-8");
    CHECK(type("text/plain; a=b") == "text/plain; a=b; charset=utf-8");
    CHECK(type("text/plain;charset=latin1") == "text/plain;charset=latin1");
    CHECK_FALSE(type(""));
  }

  TEST_CASE("sends bytes under the media type it was given") {
    const std::array<std::byte, 2> raw = {std::byte{0}, std::byte{0xFF}};
    const RequestBody copied = RequestBody::create(raw, "image/png");
    CHECK(copied.content_type() == "image/png");
    CHECK(all_of(copied) == std::string("\0\xFF", 2));
    const RequestBody moved = RequestBody::create(std::vector<std::byte>(3, std::byte{'x'}));
    CHECK(all_of(moved) == "xxx");
    CHECK_FALSE(moved.content_type());
    CHECK(RequestBody::create(std::vector<std::byte>{}).content_length() == 0);
  }

  TEST_CASE("keeps a media type that cannot be sent as a fault") {
    for (const char* media_type :
         {"text", "/", "text/", "text/plain\r\nX: y", "text/pl\xC3\xA4in", "text/plain; =",
          "a b/c"}) {
      CAPTURE(media_type);
      const RequestBody body = RequestBody::create(std::vector<std::byte>{}, media_type);
      REQUIRE(body.fault() != nullptr);
      CHECK(*body.fault() == Errc::invalid_argument);
      CHECK(all_of(body) == failed_with(Errc::invalid_argument));
      CHECK(RequestBody::create("x", media_type).fault() != nullptr);
    }
    CHECK(RequestBody::create("x", "text/plain").fault() == nullptr);
    CHECK(RequestBody::create("x", "multipart/form-data; boundary=\"a b\"").fault() == nullptr);
  }

  TEST_CASE("reads from a callable once") {
    std::string left = "hello";
    const RequestBody body = RequestBody::from_reader(
        [&](std::span<std::byte> into) -> std::size_t {
          const std::size_t size = std::min(into.size(), left.size());
          for (std::size_t i = 0; i < size; ++i) into[i] = static_cast<std::byte>(left[i]);
          left.erase(0, size);
          return size;
        },
        "text/plain");
    CHECK(body.content_type() == "text/plain");
    CHECK(body.content_length() == -1);
    CHECK(body.is_one_shot());
    CHECK_FALSE(body.in_memory());
    CHECK(all_of(body, 2) == "hello");
    CHECK(all_of(body, 2) == failed_with(Errc::misuse));
  }

  TEST_CASE("takes readers that are move-only, that fail, and that lie") {
    const RequestBody moved = RequestBody::from_reader(
        [once = std::make_unique<int>(3)](std::span<std::byte> into) mutable -> std::size_t {
          if (*once == 0) return 0;
          --*once;
          into[0] = std::byte{'x'};
          return 1;
        });
    CHECK(all_of(moved) == "xxx");
    CHECK(all_of(RequestBody::from_reader([](std::span<std::byte>) -> Result<std::size_t> {
            return {Errc::file, "gone"};
          })) == failed_with(Errc::file));
    CHECK(all_of(RequestBody::from_reader([](std::span<std::byte> into) {
            return into.size() + 1;
          })) == failed_with(Errc::misuse));
    const RequestBody thrower =
        RequestBody::from_reader([](std::span<std::byte>) -> std::size_t { throw 5; });
    CHECK_THROWS_AS((void)all_of(thrower), int);
  }

  TEST_CASE("reads a file in every pass") {
    const TemporaryFolder folder;
    folder.write("a", std::string(100'000, 'a') + "end");
    const RequestBody body = RequestBody::from_file(folder / "a", "application/octet-stream");
    CHECK(body.content_type() == "application/octet-stream");
    CHECK(body.content_length() == 100'003);
    CHECK_FALSE(body.is_one_shot());
    CHECK(all_of(body, 4096) == folder.read("a"));
    folder.write("a", "now short");
    CHECK(body.content_length() == 9);
    CHECK(all_of(body) == "now short");
    CHECK((*body.open())->may_block());
    CHECK_FALSE((*RequestBody::create("x").open())->may_block());
  }

  TEST_CASE("names the path of a file that cannot be read") {
    const TemporaryFolder folder;
    for (const std::string& path : {folder / "none", folder.path(), std::string(),
                                    folder / std::string("a\0b", 3)}) {
      CAPTURE(path);
      const RequestBody body = RequestBody::from_file(path);
      CHECK(body.content_length() == -1);
      const auto reader = body.open();
      REQUIRE_FALSE(reader);
      CHECK(reader.error() == Errc::file);
      CHECK(reader.error().message().find(path) != std::string::npos);
    }
    const auto reader = RequestBody::from_file(folder / "none").open();
    CHECK(reader.error().message().find("No such file") != std::string::npos);
  }

  TEST_CASE("takes what is no plain file once and without a length") {
    const RequestBody body = RequestBody::from_file("/dev/null");
    CHECK(body.content_length() == -1);
    CHECK(body.is_one_shot());
    CHECK(all_of(body).empty());
    CHECK(all_of(body) == failed_with(Errc::misuse));
  }

  TEST_CASE("a one-shot body can be sent once only") {
    const RequestBody body = RequestBody::one_shot(RequestBody::create("hello", "text/plain"));
    CHECK(body.is_one_shot());
    CHECK_FALSE(body.is_duplex());
    CHECK(body.content_type() == "text/plain; charset=utf-8");
    CHECK(body.content_length() == 5);
    CHECK_FALSE(body.in_memory());  // that would be a way past open()
    CHECK(all_of(body, 2) == "hello");
    CHECK(all_of(body) == failed_with(Errc::misuse));
    CHECK(RequestBody::one_shot(RequestBody::create("x", "nonsense")).fault() != nullptr);
  }

  TEST_CASE("a duplex body is told from others") {
    CHECK_FALSE(RequestBody::create("x").is_duplex());
    const RequestBody body = RequestBody::duplex(RequestBody::create("hello", "text/plain"));
    CHECK(body.is_duplex());
    CHECK_FALSE(body.is_one_shot());
    CHECK_FALSE(body.in_memory());
    CHECK(all_of(body) == "hello");
    CHECK(all_of(body) == "hello");
    const RequestBody both = RequestBody::one_shot(body);
    CHECK((both.is_one_shot() && both.is_duplex()));
  }
}

}  // namespace request_body_test
