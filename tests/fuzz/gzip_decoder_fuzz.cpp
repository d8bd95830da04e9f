// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/gzip_decoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

using okhttp::ContentDecoder;
using okhttp::Errc;
using okhttp::GzipDecoder;
using okhttp::Result;

namespace {

constexpr std::size_t max_output = std::size_t{1} << 20;

struct Outcome {
  std::vector<std::byte> output;
  Errc error{};
  bool is_cut = false;  // by max_output
};

void require(bool condition) {
  if (!condition) std::abort();
}

Outcome run(std::span<const std::byte> input, std::size_t in_size, std::size_t out_size) {
  GzipDecoder decoder;
  Outcome outcome;
  std::vector<std::byte> room(out_size);
  while (outcome.output.size() < max_output) {
    const auto slice = input.first(std::min(in_size, input.size()));
    const Result<ContentDecoder::Progress> progress = decoder.decode(slice, room);
    if (!progress) {
      outcome.error = progress.error().code();
      // A failure is final.
      require(!decoder.decode(slice, room) && !decoder.finish());
      return outcome;
    }
    require(progress->consumed <= slice.size() && progress->produced <= room.size());
    require(slice.empty() || progress->consumed + progress->produced > 0 || progress->end);
    outcome.output.insert(outcome.output.end(), room.begin(),
                          room.begin() + static_cast<std::ptrdiff_t>(progress->produced));
    input = input.subspan(progress->consumed);
    if (progress->end || (input.empty() && progress->produced < room.size())) {
      const Result<void> finished = decoder.finish();
      if (!finished) outcome.error = finished.error().code();
      return outcome;
    }
  }
  outcome.is_cut = true;
  return outcome;
}

}  // namespace

// The first byte says how input and room are cut; what comes out must not depend on it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> input(reinterpret_cast<const std::byte*>(bytes + 1), size - 1);
  const std::size_t in_size = std::size_t{1} + (bytes[0] & 15);
  const std::size_t out_size = std::size_t{1} << (bytes[0] >> 4);
  const Outcome whole = run(input, SIZE_MAX, 65536);
  const Outcome cut = run(input, in_size, out_size);
  if (whole.is_cut || cut.is_cut) return 0;
  require(whole.error == cut.error);
  // zlib checks a member before it hands out its last bytes, or after: only whole results compare.
  if (whole.error == Errc{}) require(whole.output == cut.output);
  return 0;
}
