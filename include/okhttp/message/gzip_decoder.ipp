// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_GZIP_DECODER_IPP
#define OKHTTP_MESSAGE_GZIP_DECODER_IPP

#include <okhttp/message/gzip_decoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZLIB

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Error GzipDecoder::damaged(const char* what) {
  state_ = State::failed;
  return detail::damaged_content("gzip", what);
}

OKHTTP_DECL Result<ContentDecoder::Progress> GzipDecoder::decode(std::span<const std::byte> in,
                                                                 std::span<std::byte> out) {
  constexpr std::byte magic[2] = {std::byte{0x1F}, std::byte{0x8B}};
  Progress total;
  for (;;) {
    const std::span<const std::byte> rest = in.subspan(total.consumed);
    switch (state_) {
      case State::between:
        if (rest.empty()) return total;
        if (rest.front() == magic[0]) {
          ++total.consumed;
          state_ = State::second_byte;
        } else if (members_ > 0) {
          state_ = State::ended;
        } else {
          return damaged("it does not begin like gzip");
        }
        break;
      case State::second_byte:
        if (rest.empty()) return total;
        if (rest.front() == magic[1]) {
          const char* fault = inflater_.begin(detail::InflateFormat::gzip);
          Progress begun;
          if (fault == nullptr) fault = inflater_.inflate(std::span(magic).first(1), out.first(0), begun);
          if (fault != nullptr) return damaged(fault);
          state_ = State::inside;
        } else if (members_ > 0) {
          state_ = State::ended;
        } else {
          return damaged("it does not begin like gzip");
        }
        break;
      case State::inside: {
        const std::span<std::byte> room = out.subspan(total.produced);
        if (room.empty()) return total;
        if (const char* const fault = inflater_.inflate(rest, room, total)) return damaged(fault);
        if (!total.end) return total;
        total.end = false;
        ++members_;
        state_ = State::between;
        break;
      }
      case State::ended:
        inflater_.release();
        total.end = true;
        return total;
      case State::failed: return damaged(detail::failed_before);
    }
  }
}

OKHTTP_DECL Result<void> GzipDecoder::finish() {
  switch (state_) {
    case State::ended: return {};
    case State::between: return {};  // nothing at all, or behind a member
    case State::second_byte:
      if (members_ > 0) return {};  // one byte that begins like gzip but is all there is
      break;
    case State::inside: break;
    case State::failed: return damaged(detail::failed_before);
  }
  state_ = State::failed;
  return detail::cut_content("gzip");
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZLIB
#endif  // OKHTTP_MESSAGE_GZIP_DECODER_IPP
