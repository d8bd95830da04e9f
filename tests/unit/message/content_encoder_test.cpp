// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/content_encoder.hpp>

#include <okhttp/message/progress.hpp>
#include <okhttp/message/request.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "support/codings.hpp"

namespace content_encoder_test {

using namespace okhttp_tests;
using okhttp::ContentDecoder;
using okhttp::ContentEncoder;
using okhttp::DeflateEncoder;
using okhttp::Errc;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::RequestBodyReader;
using okhttp::Result;

namespace {

struct Pair {
  const char* name;
  std::unique_ptr<ContentEncoder> (*make_encoder)();
  std::unique_ptr<ContentDecoder> (*make_decoder)(std::string_view);
};
const std::vector<Pair>& pairs() {
  static const std::vector<Pair> all = {
      {"gzip", &okhttp::Gzip::make_encoder, &okhttp::Gzip::make_decoder},
      {"deflate", &okhttp::Deflate::make_encoder, &okhttp::Deflate::make_decoder},
#if OKHTTP_BROTLI
      {"br", &okhttp::Brotli::make_encoder, &okhttp::Brotli::make_decoder},
#endif
#if OKHTTP_ZSTD
      {"zstd", &okhttp::Zstd::make_encoder, &okhttp::Zstd::make_decoder},
#endif
  };
  return all;
}

std::string encode(ContentEncoder& encoder, std::string_view text, std::size_t in, std::size_t out) {
  std::string coded;
  std::vector<std::byte> room(out);
  for (std::size_t at = 0;;) {
    const auto slice = std::as_bytes(std::span(text).subspan(at, std::min(in, text.size() - at)));
    const Result<ContentEncoder::Progress> step = encoder.encode(
        slice, room, at + slice.size() == text.size() ? ContentEncoder::Flush::end : ContentEncoder::Flush::none);
    if (!step || step->consumed > slice.size() || step->produced > room.size()) FAIL("it misbehaves");
    coded.append(reinterpret_cast<const char*>(room.data()), step->produced);
    at += step->consumed;
    if (step->end) return coded;
    if (step->consumed + step->produced == 0) FAIL("it makes no progress");
  }
}

std::string decoded(const Pair& pair, std::string_view coded) {
  const Decoded result = decode_with(*pair.make_decoder(pair.name), coded, SIZE_MAX, 1 << 20);
  CHECK(result.error == Errc{});
  CHECK(result.unused == 0);
  return result.text;
}

/// All of one pass, read with a room of that size.
std::string pass_over(const RequestBody& body, std::size_t room_size) {
  const Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
  REQUIRE(reader);
  std::string all;
  std::vector<std::byte> room(room_size);
  for (;;) {
    const Result<std::size_t> size = (*reader)->read(room);
    REQUIRE(size);
    if (*size == 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), *size);
  }
  CHECK(*(*reader)->read(room) == 0);
  return all;
}

/// Many bytes that lie nowhere.
RequestBody endless_looking(std::size_t size) {
  return RequestBody::from_reader([left = size](std::span<std::byte> into) mutable -> std::size_t {
    const std::size_t count = std::min(into.size(), left);
    std::memset(into.data(), 'x', count);
    left -= count;
    return count;
  });
}

struct FastGzip : okhttp::Gzip {
  static std::unique_ptr<ContentEncoder> make_encoder() {
    return std::make_unique<DeflateEncoder>(DeflateEncoder::Format::gzip, 1);
  }
};
static_assert(okhttp::EncodingPolicy<FastGzip>);
static_assert(okhttp::EncodingPolicy<okhttp::Deflate>);
static_assert(!okhttp::EncodingPolicy<okhttp::NoCompression>);
static_assert(!okhttp::EncodingPolicy<okhttp::Compression<okhttp::Gzip>>);

}  // namespace

TEST_SUITE("message/content_encoder") {
  TEST_CASE("what an encoder makes decodes, however input and room are cut") {
    for (const Pair& pair : pairs())
      for (const std::string& text : {std::string(), std::string("x"), some_prose(2000), some_noise(100'000)})
        for (const std::size_t in : {std::size_t{1}, std::size_t{1000}, SIZE_MAX})
          for (const std::size_t out : {std::size_t{1}, std::size_t{100}, std::size_t{1} << 20}) {
            if (in == 1 && text.size() > 60'000) continue;
            CAPTURE(pair.name);
            const std::unique_ptr<ContentEncoder> encoder = pair.make_encoder();
            const std::string coded = encode(*encoder, text, in, out);
            CHECK((decoded(pair, coded) == text));
            if (text.size() > 20'000 && text.starts_with("line")) CHECK(coded.size() < text.size() / 2);
          }
  }

  TEST_CASE("levels out of range are brought into it") {
    for (const int level : {-100, 0, 100}) {
      CHECK((decoded(pairs()[0], encode(*std::make_unique<DeflateEncoder>(DeflateEncoder::Format::gzip, level), "text",
                                        1, 1)) == "text"));
#if OKHTTP_BROTLI
      CHECK((decoded(pairs()[2], encode(*std::make_unique<okhttp::BrotliEncoder>(level), "text", 1, 1)) == "text"));
#endif
#if OKHTTP_ZSTD
      // The window of the highest level is still one that every decoder takes.
      CHECK((decoded(pairs().back(), encode(*std::make_unique<okhttp::ZstdEncoder>(level), "text", 1, 1)) == "text"));
#endif
    }
  }

  TEST_CASE("an encoded body has every pass, and no length") {
    const std::string text = some_prose(5000);
    const RequestBody plain = RequestBody::create(text, "text/plain");
    for (const Pair& pair : pairs()) {
      CAPTURE(pair.name);
      const RequestBody body = RequestBody::encoded(plain, pair.name, pair.make_encoder);
      CHECK(body.content_length() == -1);
      CHECK(body.content_encoding() == pair.name);
      CHECK(body.content_type() == "text/plain; charset=utf-8");
      CHECK_FALSE(body.is_one_shot());
      CHECK_FALSE(body.in_memory());
      for (const std::size_t room : {std::size_t{1}, std::size_t{100}, std::size_t{65'536}})
        CHECK((decoded(pair, pass_over(body, room)) == text));
    }
    CHECK(plain.content_encoding().empty());
    CHECK((decoded(pairs()[0], pass_over(RequestBody::gzip(plain), 1000)) == text));
    CHECK((decoded(pairs()[0], pass_over(RequestBody::encoded<FastGzip>(plain), 1000)) == text));
    CHECK((decoded(pairs()[0], pass_over(RequestBody::gzip(RequestBody::create("")), 1000)).empty()));
    CHECK(RequestBody::gzip(RequestBody::create("x", "no media type")).fault() != nullptr);
  }

  TEST_CASE("a body that was encoded twice says so in order") {
    const RequestBody twice = RequestBody::encoded<okhttp::Deflate>(RequestBody::gzip(RequestBody::create("text")));
    CHECK(twice.content_encoding() == "gzip, deflate");
    CHECK(decoded(pairs()[0], decoded(pairs()[1], pass_over(twice, 100))) == "text");
  }

  TEST_CASE("the name of a coding cannot smuggle in headers") {
    using namespace std::string_view_literals;
    for (const std::string_view name : {"a\r\nB: c"sv, "a\nB: c"sv, "a\0"sv, "a:b"sv, "\xC3\xA9"sv}) {
      CAPTURE(name);
      const auto make = +[]() -> std::unique_ptr<ContentEncoder> { return nullptr; };
      const RequestBody body = RequestBody::encoded(RequestBody::create("x"), name, make);
      REQUIRE(body.fault() != nullptr);
      CHECK(*body.fault() == Errc::invalid_argument);
      CHECK(body.open().error() == Errc::invalid_argument);
      CHECK(RequestBody::one_shot(body).fault() != nullptr);
      CHECK(Request::Builder().url("http://x/").post(body).try_build().error() == Errc::invalid_argument);
    }
  }

  TEST_CASE("an encoder that makes no progress is an error") {
    class Stuck final : public ContentEncoder {
      Result<Progress> encode(std::span<const std::byte>, std::span<std::byte>, Flush) override { return Progress(); }
    };
    const auto make = +[]() -> std::unique_ptr<ContentEncoder> { return std::make_unique<Stuck>(); };
    for (const char* const text : {"", "text"}) {
      const RequestBody body = RequestBody::encoded(RequestBody::create(text), "stuck", make);
      std::byte room[10];
      CHECK((*body.open())->read(room).error() == Errc::content_coding);
    }
  }

  TEST_CASE("a body that is gone leaves the name of its coding") {
    const std::string_view twice = "first-coding-with-a-long-name, second-coding-with-a-long-name";
    const auto make = +[]() -> std::unique_ptr<ContentEncoder> { return nullptr; };
    const auto name = RequestBody::encoded(RequestBody::encoded(RequestBody::create("x"), twice.substr(0, 29), make),
                                           twice.substr(31), make)
                          .content_encoding();
    CHECK(name == twice);
  }

  TEST_CASE("a one-shot body stays one, and its faults come through") {
    const RequestBody once = RequestBody::gzip(endless_looking(10));
    CHECK(once.is_one_shot());
    CHECK(decoded(pairs()[0], pass_over(once, 100)) == "xxxxxxxxxx");
    CHECK(once.open().error() == Errc::misuse);
    const RequestBody failing = RequestBody::gzip(RequestBody::from_reader(
        [](std::span<std::byte>) -> Result<std::size_t> { return okhttp::Error(Errc::file, "gone"); }));
    std::vector<std::byte> room(100);
    CHECK((*failing.open())->read(room).error() == Errc::file);
  }

  TEST_CASE("what a duplex body gives can be decoded at once, and wrappers keep the coding") {
    for (const Pair& pair : pairs())
      for (const std::size_t room_size : {std::size_t{1}, std::size_t{20}, std::size_t{4096}}) {
        CAPTURE(pair.name);
        int given = 0;
        const RequestBody live = RequestBody::duplex(RequestBody::from_reader([&](std::span<std::byte> into) -> std::size_t {
          if (given == 5) return 0;
          std::memcpy(into.data(), "message.", 8);
          ++given;
          return 8;
        }));
        const RequestBody body = okhttp::with_progress(RequestBody::encoded(live, pair.name, pair.make_encoder), nullptr);
        CHECK(body.is_duplex());
        CHECK(body.content_encoding() == pair.name);
        CHECK(RequestBody::one_shot(body).content_encoding() == pair.name);
        const Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
        REQUIRE(reader);
        const std::unique_ptr<ContentDecoder> decoder = pair.make_decoder(pair.name);
        std::vector<std::byte> room(room_size);
        std::size_t decoded_size = 0;
        while (const std::size_t size = (*reader)->read(room).value()) {
          std::byte out[100];
          const Result<ContentDecoder::Progress> step = decoder->decode(std::span(room).first(size), out);
          REQUIRE(step);
          decoded_size += step->produced;
          // All of what was given has arrived, if there was room for it.
          if (room_size == 4096) CHECK(decoded_size == static_cast<std::size_t>(given) * 8);
        }
        CHECK(given == 5);
        CHECK(decoded_size == 40);
        CHECK(decoder->finish());
      }
  }

  TEST_CASE("a large body passes through little memory") {
    constexpr std::size_t size = std::size_t{12} << 20;
    for (const Pair& pair : pairs()) {
      CAPTURE(pair.name);
      const RequestBody body = RequestBody::encoded(endless_looking(size), pair.name, pair.make_encoder);
      const std::string coded = pass_over(body, 16'384);
      CHECK(coded.size() < size / 500);
      const std::unique_ptr<ContentDecoder> decoder = pair.make_decoder(pair.name);
      std::vector<std::byte> room(1 << 16);
      std::size_t count = 0;
      for (std::span<const std::byte> in = std::as_bytes(std::span(coded));;) {
        const Result<ContentDecoder::Progress> step = decoder->decode(in, room);
        REQUIRE(step);
        in = in.subspan(step->consumed);
        count += step->produced;
        if (step->end || (in.empty() && step->produced < room.size())) break;
      }
      CHECK(decoder->finish());
      CHECK(count == size);
    }
  }

  TEST_CASE("a request is told to compress what it has") {
    const auto builder = [] { return Request::Builder().url("http://a/").post(RequestBody::create("text", "text/plain")); };
    const Request request = builder().gzip().build();
    CHECK(request.header("Content-Encoding") == "gzip");
    CHECK(request.method() == "POST");
    CHECK(request.body()->content_length() == -1);
    CHECK(decoded(pairs()[0], pass_over(*request.body(), 100)) == "text");
    const Request deflated = builder().encoded<okhttp::Deflate>().build();
    CHECK(deflated.header("Content-Encoding") == "deflate");
    CHECK(decoded(pairs()[1], pass_over(*deflated.body(), 100)) == "text");

    CHECK(Request::Builder().url("http://a/").gzip().try_build().error() == Errc::misuse);
    CHECK(builder().gzip().gzip().try_build().error() == Errc::misuse);
    CHECK(builder().header("content-encoding", "br").gzip().try_build().error() == Errc::misuse);
    const Request::Builder wrapped = Request::Builder().url("http://a/").post(RequestBody::gzip(RequestBody::create("")));
    CHECK(Request::Builder(wrapped).gzip().try_build().error() == Errc::misuse);
    CHECK(wrapped.try_build());
    // The builder's other requests keep their body.
    Request::Builder reused = builder();
    const Request plain = reused.build();
    CHECK(reused.gzip().build().body()->content_length() == -1);
    CHECK(plain.body()->content_length() == 4);
    CHECK_FALSE(plain.header("Content-Encoding"));
  }
}

}  // namespace content_encoder_test
