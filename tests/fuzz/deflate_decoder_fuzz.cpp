// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/compression_policy.hpp>

#include "coding_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return coding_fuzz::run<okhttp::Deflate>(bytes, size);
}
