// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_BROTLI_DECODER_IPP
#define OKHTTP_MESSAGE_BROTLI_DECODER_IPP

#include <okhttp/message/brotli_decoder.hpp>

#if OKHTTP_BODIES && OKHTTP_BROTLI

#include <cstdint>

#include <brotli/decode.h>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void detail::BrotliDecoderDeleter::operator()(void* state) const noexcept {
  ::BrotliDecoderDestroyInstance(static_cast<BrotliDecoderState*>(state));
}

OKHTTP_DECL Error BrotliDecoder::damaged(const char* what) {
  state_ = State::failed;
  decoder_.reset();
  return detail::damaged_content("brotli", what);
}

OKHTTP_DECL Result<ContentDecoder::Progress> BrotliDecoder::decode(std::span<const std::byte> in,
                                                                   std::span<std::byte> out) {
  Progress total;
  if (state_ == State::failed) return damaged(detail::failed_before);
  if (state_ == State::begin && !in.empty()) {
    decoder_.reset(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
    if (!decoder_) return damaged("no memory to decode it");
    state_ = State::inside;
  }
  if (state_ == State::inside) {
    auto* const decoder = static_cast<BrotliDecoderState*>(decoder_.get());
    std::size_t in_left = in.size();
    std::size_t out_left = out.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
    const BrotliDecoderResult result =
        ::BrotliDecoderDecompressStream(decoder, &in_left, &next_in, &out_left, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR)
      return damaged(::BrotliDecoderErrorString(::BrotliDecoderGetErrorCode(decoder)));
    total.consumed = in.size() - in_left;
    total.produced = out.size() - out_left;
    if (result == BROTLI_DECODER_RESULT_SUCCESS) {
      state_ = State::ended;
      decoder_.reset();
    }
  }
  total.end = state_ == State::ended;
  return total;
}

OKHTTP_DECL Result<void> BrotliDecoder::finish() {
  if (state_ == State::begin || state_ == State::ended) return {};  // nothing at all, or all of it
  if (state_ == State::failed) return damaged(detail::failed_before);
  state_ = State::failed;
  return detail::cut_content("brotli");
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_BROTLI
#endif  // OKHTTP_MESSAGE_BROTLI_DECODER_IPP
