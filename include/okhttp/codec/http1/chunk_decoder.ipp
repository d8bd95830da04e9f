// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CHUNK_DECODER_IPP
#define OKHTTP_CODEC_HTTP1_CHUNK_DECODER_IPP

#include <okhttp/codec/http1/chunk_decoder.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/char_class.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <cstring>
#  include <string>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

OKHTTP_DECL ChunkDecoder::ChunkDecoder(const Limits& limits, bool of_response) noexcept
    : trailers_(
          of_response ? HeadParser::Kind::response_trailers : HeadParser::Kind::request_trailers,
          limits.max_trailer_bytes,
          limits.max_header_count),
      max_line_(limits.max_line),
      max_extension_bytes_(limits.max_extension_bytes) {}

OKHTTP_DECL bool ChunkDecoder::fail(Error error) {
  state_ = State::failed;
  error_ = std::move(error);
  return false;
}

OKHTTP_DECL void ChunkDecoder::consume_direct(std::uint64_t count) noexcept {
  OKHTTP_ASSERT(count <= direct_bytes());
  if (count == 0) return;
  remaining_ -= count;
  payload_ += count;
  if (remaining_ == 0) state_ = State::data_cr;
}

OKHTTP_DECL Result<Progress> ChunkDecoder::decode(std::span<const std::byte> in,
                                                  std::span<std::byte> out) {
  Progress progress;
  while (state_ != State::done && state_ != State::failed) {
    const std::span<const std::byte> rest = in.subspan(progress.consumed);
    if (state_ == State::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(
          remaining_, std::min(rest.size(), out.size() - progress.produced)));
      if (count == 0) break;
      std::memcpy(out.data() + progress.produced, rest.data(), count);
      progress.consumed += count;
      progress.produced += count;
      consume_direct(count);
      continue;
    }
    if (rest.empty()) break;
    if (state_ == State::trailers) {
      const Result<std::size_t> fed =
          trailers_.feed({reinterpret_cast<const char*>(rest.data()), rest.size()});
      if (fed) {
        progress.consumed += *fed;
        if (trailers_.done()) state_ = State::done;
      } else {
        state_ = State::failed;
        error_ = fed.error();
      }
      continue;
    }
    if (take_framing_byte(static_cast<char>(rest.front()))) ++progress.consumed;
  }
  if (state_ == State::failed && progress.produced == 0) return error_;
  return progress;
}

/// Goes on by one byte of anything that is neither payload nor trailers. False: failed.
OKHTTP_DECL bool ChunkDecoder::take_framing_byte(char c) {
  switch (state_) {
    case State::data_cr:
      if (c != '\r') return fail("a chunk is longer than its size says, or not ended by CRLF");
      state_ = State::data_lf;
      return true;
    case State::data_lf:
      if (c != '\n') return fail("a chunk is not ended by CRLF");
      state_ = State::first_digit;
      return true;
    case State::size_lf:
      if (c != '\n') return fail("a chunk size line has a bare CR");
      state_ = remaining_ == 0 ? State::trailers : State::data;
      line_bytes_ = 0;
      return true;
    default:
      break;
  }
  if (++line_bytes_ > max_line_) return fail("a chunk size line is longer than ", max_line_, " bytes (max_line)");
  if (state_ == State::first_digit || state_ == State::size) {
    const int digit = ascii::hex_value(c);
    if (digit >= 0) {
      if (state_ == State::first_digit) remaining_ = 0;
      // The top four bits must be free for the next digit, and the result must fit 63 bits.
      if (remaining_ >> 59 != 0) return fail("a chunk size does not fit 63 bits");
      remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
      state_ = State::size;
      return line_bytes_ <= 16 || count_padding();
    }
    if (state_ == State::first_digit)
      return fail("a chunk size line begins with ", quoted({&c, 1}), " instead of a hex digit");
  }
  if (c == '\r') {
    state_ = State::size_lf;
    return true;
  }
  if (state_ != State::extension) {
    if (c == ';') {
      state_ = State::extension;
    } else if (c == ' ' || c == '\t') {
      // Blanks are allowed in front of an extension, and old servers pad sizes with them.
      state_ = State::padding;
    } else {
      return fail("a chunk size is followed by ", quoted({&c, 1}));
    }
  } else if (!has_class(c, value_char)) {
    return fail("a chunk extension has the byte ", quoted({&c, 1}));
  }
  return count_padding();
}

/// Counts a byte of a size line that says nothing: extensions, blanks, leading zeros.
OKHTTP_DECL bool ChunkDecoder::count_padding() {
  if (++padding_bytes_ <= max_extension_bytes_ || padding_bytes_ - max_extension_bytes_ <= payload_)
    return true;
  return fail("the chunk extensions exceed ", max_extension_bytes_,
              " bytes beyond the payload (max_extension_bytes)");
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_CHUNK_DECODER_IPP
