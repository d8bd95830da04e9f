// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DECODING_SOURCE_HPP
#define OKHTTP_MESSAGE_DECODING_SOURCE_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/body_source.hpp>
#include <okhttp/message/content_decoder.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// What a compressed body may cost. 0 is a limit like any other; UINT64_MAX lifts one.
struct DecodingLimits {
  /// Decoded bytes per byte received. Text compresses 3 to 20 times, repetitive logs 100 times;
  /// gzip can reach 1,032, which only a bomb or a file of zeros does. Apache httpd's limit is 200
  /// as well.
  std::uint64_t max_ratio = 200;
  /// Decoded bytes that are allowed whatever the ratio: enough for a long run of zeros, too little
  /// to hurt.
  std::uint64_t ratio_floor_bytes = std::uint64_t{8} << 20;
  /// Bytes behind the complete content, which are ignored. Tape padding is the honest case (10
  /// KiB).
  std::uint64_t max_trailing_bytes = 64 * 1024;
  /// Decoded bytes, whatever the ratio. No limit unless set: a body that is only passed on may be as
  /// large as it likes.
  std::uint64_t max_decoded_bytes = UINT64_MAX;
  /// Codings of one body. Honest ones have one, rarely two; curl allows 5.
  std::uint64_t max_codings = 5;
};

/// A body with its content coding undone. Decodes straight into the reader's memory.
///
/// One that was encoded several times has one source upon the other. The limits hold for each, and
/// the ratio also for all together.
///
/// Errors: those of the source and of the decoder; Errc::content_coding past a limit. All are
/// final.
/// Cancellation: as the source; a read that is dropped loses nothing.
class DecodingSource final : public BodySource {
 public:
  /// The first two are required. `peer`: whom errors of the content name. `first`: what undoes the
  /// coding that was applied last, when that is below this one; else null.
  DecodingSource(std::unique_ptr<BodySource> source,
                 std::unique_ptr<ContentDecoder> decoder,
                 DecodingLimits limits = {},
                 std::string peer = {},
                 const DecodingSource* first = nullptr) noexcept
      : source_(std::move(source)),
        decoder_(std::move(decoder)),
        limits_(limits),
        peer_(std::move(peer)),
        first_(first != nullptr ? first : this) {}

  OKHTTP_DECL Task<std::size_t> read(std::span<std::byte> into) override;
  Task<void> close() override { return source_->close(); }
  TaskRunner* runner() const noexcept override { return source_->runner(); }
  Headers trailers() const override { return source_->trailers(); }

 private:
  // coded: there may be more content; trailing: only ignored bytes; done: the source is at its end.
  enum class State : unsigned char { coded, trailing, done };

  /// Whether more came out of these bytes than may.
  std::optional<Error> expanded_too_far(std::uint64_t coded_bytes) const;
  /// Decodes what is here; gives a fault of the content.
  std::optional<Error> decode_some(std::span<std::byte> into, std::size_t& produced);
  /// Takes note of `size` bytes from the source, 0 at its end.
  std::optional<Error> received(std::size_t size);
  /// Keeps a fault as the final failure, with the peer's name. True: there is one.
  bool keep(std::optional<Error> fault);

  const std::unique_ptr<BodySource> source_;
  const std::unique_ptr<ContentDecoder> decoder_;
  const DecodingLimits limits_;
  const std::string peer_;
  const DecodingSource* const first_;
  std::unique_ptr<std::byte[]> buffer_;  // [begin_, end_) waits to be decoded
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t coded_bytes_ = 0;  // used by the decoder
  std::uint64_t decoded_bytes_ = 0;
  std::uint64_t trailing_bytes_ = 0;
  State state_ = State::coded;
  bool has_more_inside_ = false;  // the decoder may have output that needs no further input
  std::optional<Error> failure_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/decoding_source.ipp>

#endif  // OKHTTP_MESSAGE_DECODING_SOURCE_HPP
