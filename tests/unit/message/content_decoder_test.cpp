// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/content_decoder.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/codings.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace content_decoder_test {

using namespace okhttp_tests;
using okhttp::ContentDecoder;
using okhttp::Errc;
using okhttp::Result;

namespace {

Decoded decode(const Coding& coding, std::string_view coded, std::size_t in = SIZE_MAX, std::size_t out = 4096) {
  const std::unique_ptr<ContentDecoder> decoder = coding.make_decoder();
  Decoded decoded = decode_with(*decoder, coded, in, out);
  CHECK_FALSE(decoded.misbehaves);
  return decoded;
}

/// What a program writes to its standard output.
std::string output_of(std::vector<std::string> command, const TemporaryFolder& folder) {
  const std::string file = folder / "output";
  ::unlink(file.c_str());
  {
    const Process process(std::move(command), file);
    REQUIRE(process.wait_for_end(60'000));
  }
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

// What holds for the decoder of every coding.
TEST_SUITE("message/content_decoder") {
  TEST_CASE("the same text comes out however input and room are cut") {
    const std::string texts[] = {"", "x", some_prose(3000), std::string(300'000, 'a') + some_noise(1000), some_noise(70'000)};
    for (const Coding& coding : codings())
      for (const std::string& text : texts) {
        CAPTURE(coding.name);
        const std::string coded = coding.encode(text);
        for (const std::size_t in : {std::size_t{1}, std::size_t{2}, std::size_t{1000}, SIZE_MAX})
          for (const std::size_t out : {std::size_t{1}, std::size_t{7}, std::size_t{65536}, text.size() + 100}) {
            const Decoded decoded = decode(coding, coded, in, out);
            CHECK(decoded.error == Errc{});
            CHECK((decoded.text == text));
          }
      }
  }

  TEST_CASE("every place is good for a cut") {
    const std::string text = some_prose(20) + some_noise(50);
    for (const Coding& coding : codings()) {
      CAPTURE(coding.name);
      const std::string coded = coding.encode(text);
      for (std::size_t cut = 0; cut <= coded.size(); ++cut) {
        const std::unique_ptr<ContentDecoder> decoder = coding.make_decoder();
        std::vector<std::byte> room(text.size() + 1);
        const std::span<const std::byte> bytes = std::as_bytes(std::span(coded));
        const Result<ContentDecoder::Progress> first = decoder->decode(bytes.first(cut), room);
        REQUIRE(first);
        CHECK(first->consumed == cut);
        const auto rest = std::span(room).subspan(first->produced);
        const Result<ContentDecoder::Progress> second = decoder->decode(bytes.subspan(cut), rest);
        REQUIRE(second);
        CHECK(second->consumed == coded.size() - cut);
        CHECK(decoder->finish());
        CHECK((std::string_view(reinterpret_cast<const char*>(room.data()), first->produced + second->produced) == text));
      }
    }
  }

  TEST_CASE("an end at any other place than the end is unexpected") {
    const std::string text = some_prose(10);
    for (const Coding& coding : codings()) {
      CAPTURE(coding.name);
      const std::string coded = coding.encode(text);
      for (std::size_t size = 1; size < coded.size(); ++size)
        for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
          CAPTURE(size);
          const Decoded decoded = decode(coding, std::string_view(coded).substr(0, size), in);
          CHECK(decoded.error == Errc::unexpected_end);
          CHECK(text.starts_with(decoded.text));
        }
    }
  }

  TEST_CASE("damage at any place is an error where there is a checksum, and never worse") {
    const std::string text = some_prose(10);
    for (const Coding& coding : codings()) {
      CAPTURE(coding.name);
      const std::string coded = coding.encode(text);
      std::size_t refused = 0;
      for (std::size_t at = 0; at < coded.size(); ++at)
        for (const int bit : {0, 3, 7}) {
          CAPTURE(at);
          CAPTURE(bit);
          std::string damaged = coded;
          damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
          const Decoded whole = decode(coding, damaged, SIZE_MAX, 1 << 20);
          const Decoded bytewise = decode(coding, damaged, 1, 100);
          CHECK(whole.error == bytewise.error);
          if (whole.error != Errc{}) ++refused;
          if (whole.error == Errc{}) CHECK((whole.text == bytewise.text));
          // Fields that say nothing about the content: gzip has a time, a system and flags.
          const bool is_remark = std::string_view(coding.name) == "gzip" && at >= 3 && at < 10;
          if (coding.has_checksum && !is_remark) CHECK((whole.error != Errc{} || whole.text == text));
        }
      CHECK(refused > coded.size());
    }
  }

  TEST_CASE("nothing at all is an empty content; a failure is final") {
    for (const Coding& coding : codings()) {
      CAPTURE(coding.name);
      CHECK(decode(coding, "").error == Errc{});
      CHECK(decode(coding, "").text.empty());
      const std::unique_ptr<ContentDecoder> decoder = coding.make_decoder();
      std::string bad = "\xFF\xFF\xFF\xFF no such thing";
      CHECK(decode_with(*decoder, bad).error == Errc::content_coding);
      CHECK(decode_with(*decoder, coding.encode("x")).error == Errc::content_coding);
      CHECK(decoder->finish().error() == Errc::content_coding);
    }
  }

  TEST_CASE("what follows the content is left alone") {
    for (const Coding& coding : codings())
      for (const std::string& garbage : {std::string(512, '\0'), std::string("~"), std::string("~~~~~~~~")})
        for (const std::size_t in : {std::size_t{1}, SIZE_MAX}) {
          CAPTURE(coding.name);
          const Decoded decoded = decode(coding, coding.encode("text") + garbage, in);
          CHECK(decoded.error == Errc{});
          CHECK(decoded.text == "text");
          CHECK(decoded.end);
          CHECK(decoded.unused == garbage.size());
        }
  }

  TEST_CASE("decoders given up half-way leave nothing behind for the next ones") {
    const std::string text = some_prose(3000);
    for (int turn = 0; turn < 3; ++turn)
      for (const Coding& coding : codings()) {
        CAPTURE(coding.name);
        const std::string coded = coding.encode(text);
        std::vector<std::byte> room(10);
        const std::unique_ptr<ContentDecoder> first = coding.make_decoder();
        const std::unique_ptr<ContentDecoder> second = coding.make_decoder();
        REQUIRE(first->decode(std::as_bytes(std::span(coded)), room));
        REQUIRE(second->decode(std::as_bytes(std::span(coded).first(20)), room));
        CHECK((decode(coding, coded).text == text));
      }
  }

  TEST_CASE("what the programs of the codings make decodes, whatever level and window") {
    const TemporaryFolder folder;
    const std::string text = some_prose(20'000) + some_noise(100'000) + std::string(200'000, 'z');
    folder.write("plain", text);
    const std::string plain = folder / "plain";
    struct Case {
      std::string coding;
      std::vector<std::string> command;
    };
    std::vector<Case> cases;
    const std::string gzip = find_program({"gzip"}, "gzip");
    for (const char* level : {"-1", "-6", "-9"}) cases.push_back({"gzip", {gzip, "-c", level, plain}});
    const std::string python = find_program({"python3"}, "python3");
    for (const char* settings : {"1, 8, 15", "9, 8, 9", "0, 8, 12", "6, 8, -15", "6, 8, -9", "9, 8, -12"})
      cases.push_back({"deflate",
                       {python, "-c", std::string("import sys, zlib\nz = zlib.compressobj(") + settings +
                                          ")\nsys.stdout.buffer.write(z.compress(open(sys.argv[1], 'rb').read()) + z.flush())",
                        plain}});
#if OKHTTP_BROTLI
    const std::string brotli = find_program({"brotli"}, "brotli");
    for (const char* quality : {"0", "5", "9"})
      for (const char* window : {"10", "16", "24"})
        cases.push_back({"br", {brotli, "-c", "-q", quality, "-w", window, plain}});
#endif
#if OKHTTP_ZSTD
    const std::string zstd = find_program({"zstd"}, "zstd");
    for (const char* option : {"-1", "-3", "-12", "--fast=5", "--long=23", "--no-check", "-T2"})
      cases.push_back({"zstd", {zstd, "-q", "-c", option, plain}});
    cases.push_back({"zstd", {"/bin/sh", "-c", "\"$0\" -q -c <\"$1\"", zstd, plain}});  // no size in the header
    // Many frames, with skippable ones between them.
    cases.push_back({"zstd", {find_program({"pzstd"}, "zstd"), "-q", "-c", "-p", "2", plain}});
#endif
    for (const Case& made : cases) {
      std::string shown;
      for (const std::string& word : made.command) shown += word + ' ';
      CAPTURE(shown);
      const std::string coded = output_of(made.command, folder);
      REQUIRE(coded.size() > 1000);
      for (const Coding& coding : codings())
        if (coding.name == made.coding)
          for (const std::size_t in : {std::size_t{10'000}, SIZE_MAX}) {
            const Decoded decoded = decode(coding, coded, in, 30'000);
            CHECK(decoded.error == Errc{});
            CHECK((decoded.text == text));
          }
    }
  }
}

}  // namespace content_decoder_test
