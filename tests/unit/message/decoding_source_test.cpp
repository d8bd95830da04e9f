// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/decoding_source.hpp>

#include <okhttp/message/gzip_decoder.hpp>
#include <okhttp/message/response_body.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "../../support/fake_body_source.hpp"
#include "../../support/gzip.hpp"

namespace decoding_source_test {

using okhttp::DecodingLimits;
using okhttp::DecodingSource;
using okhttp::Errc;
using okhttp::Error;
using okhttp::Headers;
using okhttp::ResponseBody;
using okhttp::Result;

namespace {

ResponseBody gunzipping(std::unique_ptr<FakeBodySource> source, DecodingLimits limits = {}) {
  return ResponseBody(std::make_unique<DecodingSource>(
      std::move(source), std::make_unique<okhttp::GzipDecoder>(), limits));
}
ResponseBody gunzipping(std::string coded,
                        std::size_t piece = SIZE_MAX,
                        DecodingLimits limits = {}) {
  return gunzipping(std::make_unique<FakeBodySource>(std::move(coded), piece), limits);
}

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  unsigned state = 1;
  for (char& c : text) {
    state = state * 1103515245 + 12345;
    c = static_cast<char>(state >> 16);
  }
  return text;
}

/// Uses nothing, gives nothing.
struct StuckDecoder final : okhttp::ContentDecoder {
  Result<Progress> decode(std::span<const std::byte>, std::span<std::byte>) override {
    return Progress{};
  }
  Result<void> finish() override { return {}; }
};

/// Keeps all of its input and gives it at the end of the input, a byte at a time.
struct HoardingDecoder final : okhttp::ContentDecoder {
  Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) override {
    kept.append(reinterpret_cast<const char*>(in.data()), in.size());
    Progress progress{in.size(), 0, false};
    while (progress.produced < out.size() && at + 4 <= kept.size()) {
      out[progress.produced++] = static_cast<std::byte>(kept[at]);
      at += 4;
    }
    return progress;
  }
  Result<void> finish() override { return {}; }
  std::string kept;
  std::size_t at = 0;
};

}  // namespace

TEST_SUITE("message/decoding_source") {
  TEST_CASE("gives the decoded content however it arrives and is read") {
    for (const std::string& text : {std::string(), std::string("x"), noise(100'000),
                                    std::string(300'000, 'a') + noise(1000)})
      for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, SIZE_MAX}) {
        CHECK(gunzipping(gzipped(text), piece).string() == text);
        const ResponseBody body = gunzipping(gzipped(text) + gzipped(text), piece);
        std::string read;
        char buffer[333];
        while (const std::size_t size = body.read(buffer)) read.append(buffer, size);
        CHECK(read == text + text);
        CHECK(body.read(buffer) == 0);
      }
  }

  TEST_CASE("reads the source to its end, trailing bytes included, and has its trailers") {
    auto source = std::make_unique<FakeBodySource>(gzipped("text") + std::string(512, '\0'), 100);
    source->with_trailers(Headers::of({{"A", "1"}}));
    const auto record = source->record();
    const ResponseBody body = gunzipping(std::move(source));
    CHECK(body.string() == "text");
    CHECK(record->ends == 1);
    CHECK(body.trailers().get("A") == "1");
  }

  TEST_CASE("closes its source") {
    auto source = std::make_unique<FakeBodySource>(gzipped("text"));
    const auto record = source->record();
    gunzipping(std::move(source)).close();
    CHECK(record->closes == 1);
    CHECK(record->is_destroyed);
  }

  TEST_CASE("a body that does not end where its content does is an error, and stays one") {
    const std::string coded = gzipped("some text");
    const Result<std::string> cut = gunzipping(coded.substr(0, coded.size() - 1)).try_string();
    CHECK(cut.error() == Errc::unexpected_end);
    const ResponseBody damaged = gunzipping("no gzip");
    char buffer[10];
    for (int i = 0; i < 2; ++i)
      CHECK(damaged.try_read(buffer).error() == Errc::content_coding);

    auto source = std::make_unique<FakeBodySource>(coded.substr(0, 5));
    source->fail_at_end(Error(Errc::read_timeout, "no byte for 10 s"));
    CHECK(gunzipping(std::move(source)).try_string().error() == Errc::read_timeout);
  }

  TEST_CASE("stops a bomb long before it has gone off") {
    // One megabyte that would become a gigabyte.
    std::string bomb;
    const std::string part = gzipped(std::string(std::size_t{16} << 20, '\0'), 9);
    for (int i = 0; i < 64; ++i) bomb += part;
    const ResponseBody body = gunzipping(bomb);
    std::string buffer(100'000, ' ');
    std::uint64_t read = 0;
    Result<std::size_t> size = 0;
    while ((size = body.try_read(buffer)) && *size > 0) read += *size;
    REQUIRE_FALSE(size);
    CHECK(size.error() == Errc::content_coding);
    CHECK(size.error().message().find("more than 200 times as many") != std::string::npos);
    CHECK(read <= DecodingLimits{}.ratio_floor_bytes);
    CHECK(gunzipping(bomb).try_string().error() == Errc::content_coding);
  }

  TEST_CASE("what expands far but stays small passes, and limits can be set") {
    const std::string zeros(1'000'000, '\0');
    const std::string coded = gzipped(zeros, 9);
    CHECK(gunzipping(coded).string() == zeros);
    CHECK(gunzipping(coded, SIZE_MAX, {.max_ratio = 200, .ratio_floor_bytes = 999'999})
              .try_string()
              .error() == Errc::content_coding);
    CHECK(gunzipping(coded, SIZE_MAX, {.max_ratio = 2000, .ratio_floor_bytes = 0}).string() ==
          zeros);
    CHECK(gunzipping(coded, SIZE_MAX, {.max_ratio = UINT64_MAX, .ratio_floor_bytes = 0}).string() ==
          zeros);
    CHECK(gunzipping(coded, SIZE_MAX, {.max_ratio = 0, .ratio_floor_bytes = 1})
              .try_string()
              .error() == Errc::content_coding);
  }

  TEST_CASE("the limits hold for several codings one by one and all together") {
    const std::string zeros(std::size_t{4} << 20, '\0');
    const std::string once = gzipped(zeros, 9);
    const std::string twice = gzipped(once, 9);
    // gzip expands no more than 1,032 times.
    const DecodingLimits limits{.max_ratio = 1100, .ratio_floor_bytes = 0};
    CHECK((gunzipping(once, SIZE_MAX, limits).string() == zeros));
    const auto stacked = [&](bool is_told, DecodingLimits upper, DecodingLimits lower) {
      auto below = std::make_unique<DecodingSource>(std::make_unique<FakeBodySource>(twice),
                                                    std::make_unique<okhttp::GzipDecoder>(), lower);
      const DecodingSource* const first = is_told ? below.get() : nullptr;
      return ResponseBody(std::make_unique<DecodingSource>(std::move(below), std::make_unique<okhttp::GzipDecoder>(),
                                                           upper, "peer", first))
          .try_string();
    };
    CHECK((stacked(false, limits, limits).value() == zeros));
    const Result<std::string> refused = stacked(true, limits, limits);
    CHECK(refused.error() == Errc::content_coding);
    CHECK(refused.error().message().find("(from peer)") != std::string::npos);
    CHECK((stacked(true, {.max_ratio = 100'000, .ratio_floor_bytes = 0}, limits).value() == zeros));
    CHECK(stacked(true, {.max_ratio = 100'000, .ratio_floor_bytes = 0}, {.max_ratio = 10, .ratio_floor_bytes = 0}).error() ==
          Errc::content_coding);
  }

  TEST_CASE("all that is decoded can be limited") {
    const std::string text = noise(5000);
    CHECK((gunzipping(gzipped(text), SIZE_MAX, {.max_decoded_bytes = 5000}).string() == text));
    CHECK(gunzipping(gzipped(text), SIZE_MAX, {.max_decoded_bytes = 4999}).try_string().error() == Errc::content_coding);
    CHECK(gunzipping(gzipped(""), SIZE_MAX, {.max_decoded_bytes = 0}).string().empty());
  }

  TEST_CASE("a few bytes may follow the content, many may not") {
    for (const std::size_t piece : {std::size_t{1000}, SIZE_MAX}) {
      CHECK(gunzipping(gzipped("text") + std::string(65'536, ' '), piece).string() == "text");
      CHECK(gunzipping(gzipped("text") + std::string(65'537, ' '), piece).try_string().error() ==
            Errc::content_coding);
    }
  }

  TEST_CASE("a decoder that makes no progress is an error, one that keeps input back is not") {
    const ResponseBody stuck(std::make_unique<DecodingSource>(
        std::make_unique<FakeBodySource>("x"), std::make_unique<StuckDecoder>()));
    CHECK(stuck.try_string().error() == Errc::content_coding);
    const ResponseBody hoard(std::make_unique<DecodingSource>(
        std::make_unique<FakeBodySource>("a...b...c...d..."), std::make_unique<HoardingDecoder>()));
    std::string text;
    char buffer[1];
    while (hoard.read(buffer) > 0) text += buffer[0];
    CHECK(text == "abcd");
  }
}

}  // namespace decoding_source_test
