// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_ZSTD_DECODER_HPP
#define OKHTTP_MESSAGE_ZSTD_DECODER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/content_decoder.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#if OKHTTP_ZSTD

OKHTTP_NAMESPACE_BEGIN

namespace detail {
struct ZstdDecoderDeleter {
  void operator()(void* context) const noexcept;
};
}  // namespace detail

/// Decodes the zstd content coding through libzstd. Checks every frame's checksum, if it has one.
/// Holds 300 KiB and the window of the frame, which is limited.
///
/// - Frames follow one another (RFC 8878, 3.1) and are all decoded; skippable ones are skipped.
/// - Whatever else follows a frame ends the content, and is left alone.
/// - No input at all is an empty content: servers label empty bodies too.
///
/// Errors: Errc::content_coding for damaged input, for a window that is too large, for a frame that
/// needs a dictionary; Errc::unexpected_end for a missing rest.
/// Spec: RFC 8878; RFC 9659.
class ZstdDecoder final : public ContentDecoder {
 public:
  /// In bytes, as a power of two. RFC 9659, 3: 8 MiB is what a decoder of the content coding has to
  /// take and what an encoder must not exceed. Browsers have the same limit.
  static constexpr unsigned max_window_bits = 23;

  ZstdDecoder() = default;

  OKHTTP_DECL Result<Progress> decode(std::span<const std::byte> in, std::span<std::byte> out) override;
  OKHTTP_DECL Result<void> finish() override;

 private:
  // header: within the header of a frame, or before one. skipping: within a skippable frame.
  enum class State : unsigned char { header, inside, skipping, ended, failed };

  Error damaged(const char* what);
  const char* take_header_byte(std::byte next);
  const char* begin_frame();
  std::uint64_t header_field(std::size_t at, std::size_t size) const noexcept;

  std::unique_ptr<void, detail::ZstdDecoderDeleter> context_;
  std::uint64_t frames_ = 0;   // complete ones
  std::uint64_t to_skip_ = 0;  // of a skippable frame
  // Magic, descriptor, window, dictionary and content size: RFC 8878, 3.1.1.1.
  std::array<std::byte, 18> header_{};
  unsigned char header_size_ = 0;
  unsigned char header_wanted_ = 4;
  State state_ = State::header;
  bool has_more_inside_ = false;  // libzstd may have output that needs no further input
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_ZSTD

#include <okhttp/message/zstd_decoder.ipp>

#endif  // OKHTTP_MESSAGE_ZSTD_DECODER_HPP
