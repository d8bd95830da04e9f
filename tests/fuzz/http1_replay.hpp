// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_FUZZ_HTTP1_REPLAY_HPP
#define OKHTTP_TESTS_FUZZ_HTTP1_REPLAY_HPP

#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/codec/http1/head_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What the two HTTP/1 fuzz targets share: reading a whole connection's worth of bytes in slices,
// and comparing what came of it.

namespace replay {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// Small limits, so that a fuzzer gets to them.
inline okhttp::http1::Limits limits() {
  okhttp::http1::Limits limits;
  limits.max_head_bytes = 1024;
  limits.max_header_count = 20;
  limits.max_line = 64;
  limits.max_extension_bytes = 128;
  limits.max_trailer_bytes = 256;
  return limits;
}

/// Everything a reader of a connection saw.
struct Trace {
  enum class End { more, failed, closed };
  std::vector<std::string> heads;
  std::vector<std::string> bodies;
  std::vector<std::string> trailers;
  End end = End::more;
  std::string error;
};

/// How the bytes arrive and leave.
struct Manner {
  std::size_t in = SIZE_MAX;  // bytes of a slice
  std::size_t out = 4096;     // bytes of the output, may be changed to 0 at times
  bool direct = false;        // pure payload goes past the decoder
};

/// Gives `size` bytes at `wire` in memory of their own, so that reading beside them is seen.
inline std::unique_ptr<char[]> isolated(std::string_view wire) {
  auto copy = std::make_unique<char[]>(wire.size());
  wire.copy(copy.get(), wire.size());
  return copy;
}

/// Reads messages until the bytes end, something fails or a message forbids another one after it.
/// `framing_of(head)` frames a head, `text_of(head)` describes it and checks what it can.
template <class Reader, class FramingOf, class TextOf>
Trace read_all(std::string_view wire, const Manner& manner, FramingOf framing_of, TextOf text_of) {
  using namespace okhttp::http1;
  Trace trace;
  Reader reader(limits());
  const auto failed = [&](const okhttp::Error& error) {
    require(error == okhttp::Errc::protocol_error, "a fault is a protocol error");
    require(!error.message().empty() && error.message().size() < 1000, "a fault has a short text");
    trace.end = Trace::End::failed;
    trace.error = error.message();
    return trace;
  };
  for (;;) {
    while (!reader.done()) {
      if (wire.empty()) return trace;
      const std::size_t size = std::min(manner.in, wire.size());
      const auto slice = isolated(wire.substr(0, size));
      const okhttp::Result<std::size_t> fed = reader.feed({slice.get(), size});
      if (!fed) return failed(fed.error());
      require(*fed <= size, "no more is consumed than was given");
      require(*fed == size || reader.done(), "all is consumed unless the head is done");
      wire.remove_prefix(*fed);
    }
    auto head = reader.take();
    trace.heads.push_back(text_of(head));
    reader.reset();
    const okhttp::Result<BodyFraming> framing = framing_of(head);
    if (!framing) return failed(framing.error());

    BodyDecoder decoder(*framing, limits());
    std::string& body = trace.bodies.emplace_back();
    std::size_t stalled = 0;
    while (!decoder.done()) {
      if (wire.empty()) {
        if (decoder.end_of_input()) trace.end = Trace::End::closed;
        return trace;
      }
      const std::size_t size = std::min(manner.in, wire.size());
      if (manner.direct && decoder.direct_bytes() != 0) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(size, decoder.direct_bytes()));
        body.append(wire.substr(0, count));
        decoder.consume_direct(count);
        wire.remove_prefix(count);
        continue;
      }
      const auto slice = isolated(wire.substr(0, size));
      std::vector<std::byte> out(manner.out);
      const okhttp::Result<Progress> progress =
          decoder.decode(std::as_bytes(std::span<const char>(slice.get(), size)), out);
      if (!progress) return failed(progress.error());
      require(progress->consumed <= size && progress->produced <= out.size(),
              "progress stays inside its buffers");
      require(progress->produced <= progress->consumed, "payload never grows");
      stalled = progress->consumed == 0 ? stalled + 1 : 0;
      require(stalled < 2, "decoding goes on or fails");
      for (std::size_t i = 0; i < progress->produced; ++i) body += static_cast<char>(out[i]);
      wire.remove_prefix(progress->consumed);
    }
    trace.trailers.push_back(decoder.take_trailers().to_string());
    if (framing->close_after) {
      trace.end = Trace::End::closed;
      return trace;
    }
  }
}

/// The two manners of reading must have seen the same. Only a fault inside an unfinished line may
/// show earlier in one than in the other.
inline void require_same(const Trace& a, const Trace& b) {
  require(a.heads == b.heads, "the heads are the same however the bytes are split");
  require(a.bodies == b.bodies, "the bodies are the same however the bytes are split");
  require(a.trailers == b.trailers, "the trailers are the same however the bytes are split");
  if (a.end == b.end) return;
  require((a.end == Trace::End::failed && b.end == Trace::End::more) ||
              (b.end == Trace::End::failed && a.end == Trace::End::more),
          "the end is the same however the bytes are split");
}

/// Reads `wire` whole and in the manner that `how` and `sizes` select, and compares.
template <class Reader, class FramingOf, class TextOf>
void compare(std::uint8_t how,
             std::uint8_t sizes,
             std::string_view wire,
             FramingOf framing_of,
             TextOf text_of) {
  const Trace whole = read_all<Reader>(wire, {}, framing_of, text_of);
  Manner split;
  split.in = 1u + (sizes & 15u);
  split.out = 1u + (sizes >> 4);
  split.direct = (how & 1) != 0;
  require_same(whole, read_all<Reader>(wire, split, framing_of, text_of));
  split.in = 1;
  require_same(whole, read_all<Reader>(wire, split, framing_of, text_of));
}

}  // namespace replay

#endif  // OKHTTP_TESTS_FUZZ_HTTP1_REPLAY_HPP
