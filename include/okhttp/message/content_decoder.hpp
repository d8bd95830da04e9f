// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CONTENT_DECODER_HPP
#define OKHTTP_MESSAGE_CONTENT_DECODER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <span>

OKHTTP_NAMESPACE_BEGIN

/// Undoes one content coding (RFC 9110, 8.4.1). One object decodes one body.
///
/// Call order: decode() with slices of any size until there are no more or it says `end`, then
/// finish(). A failure is final.
/// Thread safety: one thread at a time, not always the same one.
class ContentDecoder {
 public:
  struct Progress {
    /// How much of `in` was used; the rest has to be given again.
    std::size_t consumed = 0;
    /// How much of `out` was written. Less than all of it: there is no more until more input comes.
    std::size_t produced = 0;
    /// The coded content is complete, and what follows is not part of it. Not every decoder can
    /// tell.
    bool end = false;
  };

  ContentDecoder() = default;
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;
  virtual ~ContentDecoder() = default;

  /// Decodes a prefix of `in` into `out` (not empty), as much as fits. An empty `in` asks for what
  /// is still inside. Errors: Errc::content_coding.
  virtual Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) = 0;

  /// Says that the input has ended and all output was taken. Errors: Errc::unexpected_end when the
  /// content is not complete.
  virtual Result<void> finish() = 0;
};

namespace detail {

inline constexpr const char* failed_before = "decoding has already failed";
inline Error damaged_content(const char* coding, const char* what) {
  return Error(Errc::content_coding, "the ", coding, " body is damaged: ", what);
}
inline Error cut_content(const char* coding) {
  return Error(Errc::unexpected_end, "the ", coding, " body ends before it is complete");
}

}  // namespace detail

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_CONTENT_DECODER_HPP
