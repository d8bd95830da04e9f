// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_DEFLATE_DECODER_IPP
#define OKHTTP_MESSAGE_DEFLATE_DECODER_IPP

#include <okhttp/message/deflate_decoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN

namespace detail::deflate_decoder {

/// Whether these bytes begin the zlib format: method 8, a window of 32 KiB at most, a multiple of 31
/// (RFC 1950, 2.2). Bare data would begin so with a stored block whose padding is not zero.
constexpr bool begins_like_zlib(std::byte first, std::byte second) {
  const unsigned a = std::to_integer<unsigned>(first);
  return (a & 0x0F) == 8 && a >> 4 <= 7 && (a << 8 | std::to_integer<unsigned>(second)) % 31 == 0;
}

}  // namespace detail::deflate_decoder

OKHTTP_DECL Error DeflateDecoder::damaged(const char* what) {
  state_ = State::failed;
  return detail::damaged_content("deflate", what);
}

/// Gives zlib the first byte, which was kept until the second one said what it means.
OKHTTP_DECL const char* DeflateDecoder::begin(std::byte second, std::span<std::byte> out) {
  const bool is_wrapped = detail::deflate_decoder::begins_like_zlib(first_byte_, second);
  const char* fault = inflater_.begin(is_wrapped ? detail::InflateFormat::zlib : detail::InflateFormat::raw);
  Progress begun;
  if (fault == nullptr) fault = inflater_.inflate(std::span(&first_byte_, 1), out.first(0), begun);
  state_ = State::inside;
  return fault;
}

OKHTTP_DECL Result<ContentDecoder::Progress> DeflateDecoder::decode(std::span<const std::byte> in,
                                                                    std::span<std::byte> out) {
  Progress total;
  std::span<const std::byte> rest = in;
  if (state_ == State::first && !rest.empty()) {
    first_byte_ = rest.front();
    rest = rest.subspan(1);
    total.consumed = 1;
    state_ = State::second;
  }
  if (state_ == State::second && !rest.empty())
    if (const char* const fault = begin(rest.front(), out)) return damaged(fault);
  if (state_ == State::inside && !out.empty()) {
    if (const char* const fault = inflater_.inflate(rest, out, total)) return damaged(fault);
    if (total.end) state_ = State::ended;
  }
  if (state_ == State::ended) {
    inflater_.release();
    total.end = true;
  }
  if (state_ == State::failed) return damaged(detail::failed_before);
  return total;
}

OKHTTP_DECL Result<void> DeflateDecoder::finish() {
  if (state_ == State::first || state_ == State::ended) return {};  // nothing at all, or all of it
  if (state_ == State::failed) return damaged(detail::failed_before);
  state_ = State::failed;
  return detail::cut_content("deflate");
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZLIB
#endif  // OKHTTP_MESSAGE_DEFLATE_DECODER_IPP
