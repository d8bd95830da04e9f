// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/compression_policy.hpp>

#include "coding_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
#if OKHTTP_BROTLI
  return coding_fuzz::run<okhttp::Brotli>(bytes, size);
#else
  return bytes == nullptr && size > 0 ? 1 : 0;
#endif
}
