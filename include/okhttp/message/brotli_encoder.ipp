// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_BROTLI_ENCODER_IPP
#define OKHTTP_MESSAGE_BROTLI_ENCODER_IPP

#include <okhttp/message/brotli_encoder.hpp>

#if OKHTTP_BODIES && OKHTTP_BROTLI

#include <algorithm>
#include <cstdint>

#include <brotli/encode.h>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void detail::BrotliEncoderDeleter::operator()(void* state) const noexcept {
  ::BrotliEncoderDestroyInstance(static_cast<BrotliEncoderState*>(state));
}

OKHTTP_DECL BrotliEncoder::BrotliEncoder(int quality)
    : encoder_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
  quality = std::clamp(quality, BROTLI_MIN_QUALITY, BROTLI_MAX_QUALITY);
  if (encoder_)
    ::BrotliEncoderSetParameter(static_cast<BrotliEncoderState*>(encoder_.get()), BROTLI_PARAM_QUALITY,
                                static_cast<std::uint32_t>(quality));
}

OKHTTP_DECL Result<ContentEncoder::Progress> BrotliEncoder::encode(std::span<const std::byte> in,
                                                                   std::span<std::byte> out, Flush flush) {
  if (!encoder_) return Error(Errc::content_coding, "no memory to compress a request body");
  auto* const encoder = static_cast<BrotliEncoderState*>(encoder_.get());
  std::size_t in_left = in.size();
  std::size_t out_left = out.size();
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
  constexpr BrotliEncoderOperation operations[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                   BROTLI_OPERATION_FINISH};
  if (!::BrotliEncoderCompressStream(encoder, operations[static_cast<int>(flush)], &in_left, &next_in, &out_left, &next_out, nullptr))
    return Error(Errc::content_coding, "brotli cannot compress a request body");
  return Progress{in.size() - in_left, out.size() - out_left,
                  flush == Flush::now && in_left == 0 && !::BrotliEncoderHasMoreOutput(encoder),
                  ::BrotliEncoderIsFinished(encoder) != 0};
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_BROTLI
#endif  // OKHTTP_MESSAGE_BROTLI_ENCODER_IPP
