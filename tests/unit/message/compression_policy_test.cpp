// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/compression_policy.hpp>

#include <doctest/doctest.h>

#include <string_view>

#include "support/codings.hpp"

namespace compression_policy_test {

using namespace okhttp;
using namespace okhttp_tests;

namespace {

/// A policy of the user's own, for two codings.
struct Own {
  static constexpr std::string_view encodings = "rot13, rot26";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    if (encoding != "rot13" && encoding != "rot26") return nullptr;
    return std::make_unique<GzipDecoder>();
  }
};

static_assert(CompressionPolicy<NoCompression> && CompressionPolicy<Gzip> && CompressionPolicy<Deflate>);
static_assert(CompressionPolicy<Compression<>> && CompressionPolicy<Compression<Gzip, Deflate>>);
static_assert(CompressionPolicy<Own> && CompressionPolicy<Compression<Own>>);
static_assert(Compression<>::encodings.empty());
static_assert(Compression<NoCompression>::encodings.empty());
static_assert(Compression<Gzip>::encodings == "gzip");
static_assert(Compression<Deflate, Gzip>::encodings == "deflate, gzip");
static_assert(Compression<NoCompression, Gzip, NoCompression, Own>::encodings == "gzip, rot13, rot26");
static_assert(Compression<Compression<Gzip, Deflate>, Own>::encodings == "gzip, deflate, rot13, rot26");
#if OKHTTP_BROTLI && OKHTTP_ZSTD
static_assert(Compression<Gzip, Brotli, Zstd>::encodings == "gzip, br, zstd");
static_assert(Compression<Zstd, Brotli, Gzip>::encodings == "zstd, br, gzip");
#endif

}  // namespace

TEST_SUITE("message/compression_policy") {
  TEST_CASE("a policy decodes its own coding, in any case, and no other") {
    CHECK(Gzip::make_decoder("gzip") != nullptr);
    CHECK(Gzip::make_decoder("GZip") != nullptr);
    CHECK(Gzip::make_decoder("X-Gzip") != nullptr);
    CHECK(Gzip::make_decoder("deflate") == nullptr);
    CHECK(Gzip::make_decoder("gzip, gzip") == nullptr);
    CHECK(Gzip::make_decoder("") == nullptr);
    CHECK(Deflate::make_decoder("Deflate") != nullptr);
    CHECK(Deflate::make_decoder("x-deflate") == nullptr);
    CHECK(NoCompression::make_decoder("gzip") == nullptr);
#if OKHTTP_BROTLI
    CHECK(Brotli::make_decoder("BR") != nullptr);
    CHECK(Brotli::make_decoder("brotli") == nullptr);
#endif
#if OKHTTP_ZSTD
    CHECK(Zstd::make_decoder("ZSTD") != nullptr);
    CHECK(Zstd::make_decoder("zst") == nullptr);
#endif
  }

  TEST_CASE("several policies decode what each of them does") {
    using All = Compression<Own, Deflate, Compression<Gzip>>;
    CHECK(decode_with(*All::make_decoder("x-gzip"), gzipped("text")).text == "text");
    CHECK(decode_with(*All::make_decoder("deflate"), zlib_wrapped("text")).text == "text");
    CHECK(All::make_decoder("rot26") != nullptr);
    CHECK(All::make_decoder("br") == nullptr);
    CHECK(All::make_decoder("identity") == nullptr);
    CHECK(Compression<>::make_decoder("gzip") == nullptr);
  }
}

}  // namespace compression_policy_test
