// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_ZSTD_ENCODER_IPP
#define OKHTTP_MESSAGE_ZSTD_ENCODER_IPP

#include <okhttp/message/zstd_encoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZSTD

#include <algorithm>

#include <zstd.h>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void detail::ZstdEncoderDeleter::operator()(void* context) const noexcept {
  ::ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context));
}

OKHTTP_DECL ZstdEncoder::ZstdEncoder(int level) : context_(::ZSTD_createCCtx()) {
  // Above 19 the windows are larger than the content coding allows.
  constexpr int max_level = 19;
  if (!context_) return;
  auto* const context = static_cast<ZSTD_CCtx*>(context_.get());
  ::ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel,
                           std::clamp(level, ::ZSTD_minCLevel(), max_level));
  ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
}

OKHTTP_DECL Result<ContentEncoder::Progress> ZstdEncoder::encode(std::span<const std::byte> in,
                                                                 std::span<std::byte> out, Flush flush) {
  if (!context_) return Error(Errc::content_coding, "no memory to compress a request body");
  ZSTD_inBuffer given{in.data(), in.size(), 0};
  ZSTD_outBuffer wanted{out.data(), out.size(), 0};
  constexpr ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
  const std::size_t left = ::ZSTD_compressStream2(static_cast<ZSTD_CCtx*>(context_.get()), &wanted, &given,
                                                  directives[static_cast<int>(flush)]);
  if (::ZSTD_isError(left))
    return Error(Errc::content_coding, "zstd cannot compress a request body: ", ::ZSTD_getErrorName(left));
  return Progress{given.pos, wanted.pos, flush == Flush::now && left == 0, flush == Flush::end && left == 0};
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZSTD
#endif  // OKHTTP_MESSAGE_ZSTD_ENCODER_IPP
