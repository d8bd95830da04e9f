// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_CODINGS_HPP
#define OKHTTP_TESTS_SUPPORT_CODINGS_HPP

#include <okhttp/message/compression_policy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gzip.hpp"

#if OKHTTP_BROTLI
#include <brotli/encode.h>
#endif
#if OKHTTP_ZSTD
#include <zstd.h>
#endif

// Every content coding: what makes it, which is not the code under test, and what undoes it.

namespace okhttp_tests {

inline std::string zlib_wrapped(std::string_view text, int level = 6) { return deflated(text, MAX_WBITS, level); }
inline std::string bare_deflated(std::string_view text, int level = 6) { return deflated(text, -MAX_WBITS, level); }

#if OKHTTP_BROTLI
inline std::string brotli_coded(std::string_view text, int quality = 5, int window_bits = 22) {
  std::size_t size = text.size() + text.size() / 1000 + 1024;
  std::string out(size, '\0');
  ::BrotliEncoderCompress(quality, window_bits, BROTLI_MODE_GENERIC, text.size(),
                          reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                          reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(size);
  return out;
}
#endif

#if OKHTTP_ZSTD
/// One frame, with a checksum; `window_bits` 0: as the level has it. With `has_size` the header says how much it is.
inline std::string zstd_coded(std::string_view text, int level = 3, int window_bits = 0, bool has_size = true) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(), &::ZSTD_freeCCtx);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_bits);
  std::string out(::ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  if (!has_size) ::ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_continue);
  ::ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_end);
  out.resize(to.pos);
  return out;
}
inline std::string skippable_frame(std::string_view content) {
  std::string frame("\x5A\x2A\x4D\x18", 4);
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(content.size() >> shift & 0xFF);
  return frame += content;
}
#endif

struct Coding {
  const char* name;
  std::string (*encode)(std::string_view text);
  std::unique_ptr<okhttp::ContentDecoder> (*make_decoder)();
  bool has_checksum;
};

/// Those of this build.
inline const std::vector<Coding>& codings() {
  static const std::vector<Coding> all = {
      {"gzip", [](std::string_view text) { return gzipped(text); }, [] { return okhttp::Gzip::make_decoder("gzip"); }, true},
      {"deflate", [](std::string_view text) { return zlib_wrapped(text); },
       [] { return okhttp::Deflate::make_decoder("deflate"); }, true},
      {"bare deflate", [](std::string_view text) { return bare_deflated(text); },
       [] { return okhttp::Deflate::make_decoder("deflate"); }, false},
#if OKHTTP_BROTLI
      {"br", [](std::string_view text) { return brotli_coded(text); }, [] { return okhttp::Brotli::make_decoder("br"); }, false},
#endif
#if OKHTTP_ZSTD
      {"zstd", [](std::string_view text) { return zstd_coded(text); }, [] { return okhttp::Zstd::make_decoder("zstd"); }, true},
#endif
  };
  return all;
}

struct Decoded {
  std::string text;
  okhttp::Errc error{};
  bool end = false;        // the decoder said so
  std::size_t unused = 0;  // bytes it left alone
  bool misbehaves = false;
};

/// Runs a decoder over `coded` in slices of `in` bytes, into rooms of `out` bytes.
inline Decoded decode_with(okhttp::ContentDecoder& decoder, std::string_view coded, std::size_t in = SIZE_MAX,
                           std::size_t out = 4096) {
  Decoded decoded;
  std::vector<std::byte> room(out);
  std::size_t at = 0;
  for (;;) {
    const auto slice = std::as_bytes(std::span(coded).subspan(at, std::min(in, coded.size() - at)));
    const okhttp::Result<okhttp::ContentDecoder::Progress> progress = decoder.decode(slice, room);
    if (!progress) {
      decoded.error = progress.error().code();
      return decoded;
    }
    if (progress->consumed > slice.size() || progress->produced > room.size() ||
        (!slice.empty() && progress->consumed + progress->produced == 0 && !progress->end)) {
      decoded.misbehaves = true;
      return decoded;
    }
    decoded.text.append(reinterpret_cast<const char*>(room.data()), progress->produced);
    at += progress->consumed;
    decoded.end = progress->end;
    if (decoded.end || (at == coded.size() && progress->produced < room.size())) break;
  }
  decoded.unused = coded.size() - at;
  if (const okhttp::Result<void> finished = decoder.finish(); !finished) decoded.error = finished.error().code();
  return decoded;
}

/// Text that compresses as text does.
inline std::string some_prose(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) text += "line " + std::to_string(i * 7919) + " of it\n";
  return text;
}

/// Bytes that do not compress.
inline std::string some_noise(std::size_t size) {
  std::string text(size, '\0');
  std::uint64_t state = 88172645463325252u;
  for (char& c : text) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state >> 32);
  }
  return text;
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_CODINGS_HPP
