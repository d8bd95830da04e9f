// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CONTENT_ENCODER_HPP
#define OKHTTP_MESSAGE_CONTENT_ENCODER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// Applies one content coding (RFC 9110, 8.4.1). One object encodes one body.
///
/// Call order: encode() with slices of any size, from some call on with Flush::end, until it says
/// `end`. A failure is final.
/// Thread safety: one thread at a time, not always the same one.
class ContentEncoder {
 public:
  /// What is to come out beside what does by itself.
  enum class Flush : unsigned char {
    /// Nothing: compresses best.
    none,
    /// All that was given, so that the peer can decode it; to be said again until it is `flushed`.
    now,
    /// All, and the end: nothing comes behind `in`.
    end
  };
  struct Progress {
    /// How much of `in` was used; the rest has to be given again.
    std::size_t consumed = 0;
    /// How much of `out` was written. Less than all of it: there is no more until more input comes.
    std::size_t produced = 0;
    /// With Flush::now: `in` was used up, and all that was given has come out.
    bool flushed = false;
    /// The coded content is complete.
    bool end = false;
  };

  ContentEncoder() = default;
  ContentEncoder(const ContentEncoder&) = delete;
  ContentEncoder& operator=(const ContentEncoder&) = delete;
  virtual ~ContentEncoder() = default;

  /// Encodes a prefix of `in` into `out` (not empty). Errors: Errc::content_coding when there is no
  /// memory.
  virtual Result<Progress> encode(std::span<const std::byte> in, std::span<std::byte> out,
                                  Flush flush) = 0;
};

// clang-format off
/// What a body can be encoded with: the name of one coding, and an encoder for each pass. Gzip,
/// Deflate, Brotli and Zstd are such; one with another level derives from them.
template <class C>
concept EncodingPolicy = requires {
  { C::encodings } -> std::convertible_to<std::string_view>;
  { C::make_encoder() } -> std::same_as<std::unique_ptr<ContentEncoder>>;
};
// clang-format on

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_CONTENT_ENCODER_HPP
