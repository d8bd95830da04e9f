// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_FUZZ_CODING_FUZZ_HPP
#define OKHTTP_TESTS_FUZZ_CODING_FUZZ_HPP

#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/content_encoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

// What the fuzz drivers of the content codings share. The first byte of an input says how input and
// room are cut, which must not change what comes out. The rest is decoded, then encoded and decoded.

namespace coding_fuzz {

using okhttp::ContentDecoder;
using okhttp::ContentEncoder;
using okhttp::Errc;
using okhttp::Result;

constexpr std::size_t max_output = std::size_t{1} << 20;

struct Outcome {
  std::vector<std::byte> output;
  Errc error{};
  bool is_cut = false;  // by max_output
};

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline Outcome decode(ContentDecoder& decoder, std::span<const std::byte> input, std::size_t in_size, std::size_t out_size) {
  Outcome outcome;
  std::vector<std::byte> room(out_size);
  while (outcome.output.size() < max_output) {
    const auto slice = input.first(std::min(in_size, input.size()));
    const Result<ContentDecoder::Progress> progress = decoder.decode(slice, room);
    if (!progress) {
      outcome.error = progress.error().code();
      require(outcome.error == Errc::content_coding);
      // A failure is final.
      require(!decoder.decode(slice, room) && !decoder.finish());
      return outcome;
    }
    require(progress->consumed <= slice.size() && progress->produced <= room.size());
    require(slice.empty() || progress->consumed + progress->produced > 0 || progress->end);
    outcome.output.insert(outcome.output.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(progress->produced));
    input = input.subspan(progress->consumed);
    if (progress->end || (input.empty() && progress->produced < room.size())) {
      const Result<void> finished = decoder.finish();
      if (!finished) outcome.error = finished.error().code();
      require(finished || outcome.error == Errc::unexpected_end);
      return outcome;
    }
  }
  outcome.is_cut = true;
  return outcome;
}

inline std::vector<std::byte> encode(ContentEncoder& encoder, std::span<const std::byte> input, std::size_t in_size,
                                     std::size_t out_size) {
  std::vector<std::byte> coded;
  std::vector<std::byte> room(out_size);
  for (;;) {
    const auto slice = input.first(std::min(in_size, input.size()));
    const Result<ContentEncoder::Progress> progress = encoder.encode(
        slice, room, slice.size() == input.size() ? ContentEncoder::Flush::end : ContentEncoder::Flush::none);
    require(static_cast<bool>(progress));
    require(progress->consumed <= slice.size() && progress->produced <= room.size());
    require(progress->consumed + progress->produced > 0 || progress->end);
    coded.insert(coded.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(progress->produced));
    input = input.subspan(progress->consumed);
    if (progress->end) {
      require(input.empty());
      return coded;
    }
  }
}

/// `Policy` is one of the compression policies.
template <class Policy>
int run(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> input(reinterpret_cast<const std::byte*>(bytes + 1), size - 1);
  const std::size_t in_size = std::size_t{1} + (bytes[0] & 15);
  const std::size_t out_size = std::size_t{1} << (bytes[0] >> 4);

  const Outcome whole = decode(*Policy::make_decoder(Policy::encodings), input, SIZE_MAX, 65536);
  const Outcome cut = decode(*Policy::make_decoder(Policy::encodings), input, in_size, out_size);
  if (!whole.is_cut && !cut.is_cut) {
    require(whole.error == cut.error);
    // A decoder may look at a checksum before it hands out its last bytes, or after: only good results compare.
    if (whole.error == Errc{}) require(whole.output == cut.output);
  }

  if (size % 16 != 0) return 0;  // encoders are slow to begin
  const std::vector<std::byte> coded = encode(*Policy::make_encoder(), input, in_size, out_size);
  const Outcome plain = decode(*Policy::make_decoder(Policy::encodings), coded, out_size, in_size);
  require(plain.error == Errc{} && !plain.is_cut);
  require(std::equal(plain.output.begin(), plain.output.end(), input.begin(), input.end()));
  return 0;
}

}  // namespace coding_fuzz

#endif  // OKHTTP_TESTS_FUZZ_CODING_FUZZ_HPP
