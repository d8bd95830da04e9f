// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DECODING_SOURCE_IPP
#define OKHTTP_MESSAGE_DECODING_SOURCE_IPP

#include <okhttp/message/decoding_source.hpp>

#if OKHTTP_BODIES

#include <string>

OKHTTP_NAMESPACE_BEGIN

namespace detail::decoding_source {
// How much compressed input is asked for at once: two TLS records.
inline constexpr std::size_t buffer_size = 32 * 1024;
}  // namespace detail::decoding_source

OKHTTP_DECL std::optional<Error> DecodingSource::decode_some(std::span<std::byte> into,
                                                             std::size_t& produced) {
  const std::span<const std::byte> in(buffer_.get() + begin_, end_ - begin_);
  const Result<ContentDecoder::Progress> progress = decoder_->decode(in, into);
  if (!progress) return progress.error();
  begin_ += progress->consumed;
  coded_bytes_ += progress->consumed;
  decoded_bytes_ += progress->produced;
  produced = progress->produced;
  has_more_inside_ = produced == into.size();
  if (progress->consumed == 0 && produced == 0 && !progress->end && !in.empty())
    return Error(Errc::content_coding, "the decoder of the compressed body makes no progress");
  if (progress->end) {
    state_ = State::trailing;
    if (std::optional<Error> fault = received(end_ - begin_)) return fault;
  }
  if (decoded_bytes_ > limits_.max_decoded_bytes)
    return Error(Errc::content_coding, "the compressed body has more than ", limits_.max_decoded_bytes,
                 " bytes when decoded");
  if (std::optional<Error> fault = expanded_too_far(coded_bytes_)) return fault;
  // Not more than came from the peer allows, however the codings below share it.
  return first_ == this ? std::nullopt : expanded_too_far(first_->coded_bytes_);
}

OKHTTP_DECL std::optional<Error> DecodingSource::expanded_too_far(std::uint64_t coded_bytes) const {
  if (decoded_bytes_ <= limits_.ratio_floor_bytes ||
      (limits_.max_ratio != 0 && (decoded_bytes_ - 1) / limits_.max_ratio < coded_bytes))
    return std::nullopt;
  return Error(Errc::content_coding, "the compressed body expands too far: ", coded_bytes, " bytes became ",
               decoded_bytes_, ", more than ", limits_.max_ratio, " times as many");
}

OKHTTP_DECL std::optional<Error> DecodingSource::received(std::size_t size) {
  begin_ = 0;
  end_ = size;
  if (state_ == State::coded) {
    if (size > 0) return std::nullopt;
    state_ = State::done;
    const Result<void> finished = decoder_->finish();
    if (!finished) return finished.error();
    return std::nullopt;
  }
  end_ = 0;
  trailing_bytes_ += size;
  if (trailing_bytes_ > limits_.max_trailing_bytes)
    return Error(Errc::content_coding, "more than " + std::to_string(limits_.max_trailing_bytes) +
                                           " bytes follow the end of the compressed body");
  return std::nullopt;
}

OKHTTP_DECL bool DecodingSource::keep(std::optional<Error> fault) {
  if (!fault) return false;
  if (!peer_.empty()) *fault = fault->with_message(fault->message() + " (from " + peer_ + ")");
  failure_ = std::move(fault);
  return true;
}

OKHTTP_DECL Task<std::size_t> DecodingSource::read(std::span<std::byte> into) {
  if (failure_) co_await fail(*failure_);
  constexpr std::size_t buffer_size = detail::decoding_source::buffer_size;
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
  while (state_ != State::done) {
    if (state_ == State::coded && (begin_ < end_ || has_more_inside_)) {
      std::size_t produced = 0;
      if (keep(decode_some(into, produced))) co_await fail(*failure_);
      if (produced > 0) co_return produced;
      continue;
    }
    const std::span<std::byte> room(buffer_.get(), buffer_size);
    const std::size_t size = co_await source_->read(room);
    if (size == 0 && state_ == State::trailing) state_ = State::done;
    if (state_ == State::done) break;
    if (keep(received(size))) co_await fail(*failure_);
  }
  co_return 0;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_DECODING_SOURCE_IPP
