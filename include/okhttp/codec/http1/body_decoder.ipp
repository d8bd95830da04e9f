// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_BODY_DECODER_IPP
#define OKHTTP_CODEC_HTTP1_BODY_DECODER_IPP

#include <okhttp/codec/http1/body_decoder.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <cstring>
#  include <string>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

OKHTTP_DECL Result<Progress> BodyDecoder::decode(std::span<const std::byte> in,
                                                 std::span<std::byte> out) {
  if (done_) return Progress{};
  if (kind_ == BodyFraming::Kind::chunked) {
    Result<Progress> progress = chunks_.decode(in, out);
    if (chunks_.done()) {
      trailers_ = chunks_.take_trailers();
      done_ = true;
    }
    return progress;
  }
  std::size_t count = std::min(in.size(), out.size());
  if (direct_bytes() < count) count = static_cast<std::size_t>(direct_bytes());
  if (count == 0) return Progress{};
  std::memcpy(out.data(), in.data(), count);
  consume_direct(count);
  return Progress{count, count};
}

OKHTTP_DECL std::uint64_t BodyDecoder::direct_bytes() const noexcept {
  if (done_) return 0;
  switch (kind_) {
    case BodyFraming::Kind::fixed:
      return remaining_;
    case BodyFraming::Kind::chunked:
      return chunks_.direct_bytes();
    case BodyFraming::Kind::until_close:
      return UINT64_MAX;
    case BodyFraming::Kind::none:
      break;
  }
  return 0;
}

OKHTTP_DECL void BodyDecoder::consume_direct(std::uint64_t count) noexcept {
  OKHTTP_ASSERT(count <= direct_bytes());
  if (kind_ == BodyFraming::Kind::chunked) {
    chunks_.consume_direct(count);
  } else if (kind_ == BodyFraming::Kind::fixed) {
    remaining_ -= count;
    done_ = remaining_ == 0;
  }
}

OKHTTP_DECL Result<void> BodyDecoder::end_of_input() {
  if (kind_ == BodyFraming::Kind::until_close) done_ = true;
  if (done_) return {};
  if (kind_ == BodyFraming::Kind::fixed)
    return {Errc::unexpected_end, "the connection was closed after ", length_ - remaining_, " of ", length_,
            " bytes of the body"};
  return {Errc::unexpected_end, "the connection was closed inside a chunked body"};
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_BODY_DECODER_IPP
