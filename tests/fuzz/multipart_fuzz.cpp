// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_body.hpp>
#include <okhttp/message/multipart_decoder.hpp>
#if !defined(__clang__)  // version 14 cannot compile coroutines with libFuzzer's coverage: "difference across sections"
#  define READER_TOO 1
#  include <okhttp/message/multipart_reader.hpp>
#else
#  define READER_TOO 0
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The first line of the input is the boundary, the rest the body.

using okhttp::Errc;
using okhttp::Headers;
using okhttp::MultipartBody;
using okhttp::MultipartDecoder;
using okhttp::MultipartLimits;
using okhttp::RequestBody;
using okhttp::Result;
using Event = MultipartDecoder::Event;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Part {
  Headers headers;
  std::string content;
  bool is_over = false;
  friend bool operator==(const Part&, const Part&) = default;
};
/// All that a decoder said.
struct Decoded {
  std::vector<Part> parts;
  bool is_done = false;
  Errc error{};
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

// Small, so that short inputs reach them.
constexpr MultipartLimits tight = {.max_boundary_bytes = 64, .max_header_bytes = 512, .max_header_line = 128, .max_header_count = 8};

/// Pieces of `piece` bytes, the first one of `first` bytes.
Decoded decode(std::string_view boundary, std::string_view wire, std::size_t first, std::size_t piece,
               const MultipartLimits& limits = tight) {
  MultipartDecoder decoder(boundary, limits);
  Decoded all;
  while (!wire.empty() && all.error == Errc{}) {
    std::string_view in = wire.substr(0, first);
    wire.remove_prefix(in.size());
    first = piece;
    std::size_t idle = 0;  // events in a row that use up nothing
    while (!in.empty()) {
      const Result<MultipartDecoder::Step> step = decoder.decode(in);
      if (!step) {
        all.error = step.error().code();
        require(all.error == Errc::protocol_error && decoder.decode(in).error() == all.error);
        break;
      }
      require(step->consumed <= in.size());
      idle = step->consumed == 0 ? idle + 1 : 0;
      require(idle < 3);
      require((step->event == Event::content) == !step->content.empty());
      in.remove_prefix(step->consumed);
      switch (step->event) {
        case Event::need_input: require(in.empty()); break;
        case Event::part:
          require(!all.is_done && (all.parts.empty() || all.parts.back().is_over));
          all.parts.push_back({decoder.take_headers(), "", false});
          require(all.parts.back().headers.size() <= limits.max_header_count);
          require(all.parts.back().headers.byte_count() <= 2 * limits.max_header_bytes);
          break;
        case Event::content:
          require(!all.parts.back().is_over);
          all.parts.back().content += step->content;
          break;
        case Event::part_end:
          require(!all.parts.back().is_over);
          all.parts.back().is_over = true;
          break;
        case Event::end:
          require(!all.is_done && !all.parts.empty() && all.parts.back().is_over && in.empty());
          all.is_done = true;
          break;
      }
    }
  }
  require(decoder.done() == all.is_done);
  if (all.error == Errc{}) {
    const Result<void> ended = decoder.end_of_input();
    require(ended.has_value() == all.is_done);
    if (!ended) all.error = ended.error().code();
  }
  return all;
}

#if READER_TOO
/// The same through the reader, as far as it goes.
Decoded read(std::string_view boundary, std::string_view wire) {
  okhttp::MultipartReader reader(okhttp::ResponseBody::of(std::string(wire)), boundary, tight);
  Decoded all;
  for (;;) {
    Result<std::optional<okhttp::MultipartReader::Part>> part = reader.try_next_part();
    if (!part) return all.error = part.error().code(), all;
    if (!*part) return all.is_done = true, all;
    all.parts.push_back({(*part)->headers(), "", false});
    std::byte piece[7];
    for (;;) {
      const Result<std::size_t> size = (*part)->body().try_read(piece);
      if (!size) return all.error = size.error().code(), all;
      if (*size == 0) break;
      all.parts.back().content.append(reinterpret_cast<const char*>(piece), *size);
    }
    all.parts.back().is_over = true;
  }
}
#endif

std::string sent(const RequestBody& body, std::size_t piece) {
  const auto reader = body.open().value();
  std::vector<std::byte> buffer(piece);
  std::string text;
  while (const std::size_t size = reader->read(buffer).value())
    text.append(reinterpret_cast<const char*>(buffer.data()), size);
  return text;
}

/// What was read is written, and read again.
void check_round_trip(const std::vector<Part>& parts, std::size_t piece, std::string_view input) {
  std::string boundary = "b";  // the same for the same input, and none that is in it
  for (int i = 0; input.find(boundary) != std::string_view::npos; ++i) boundary = "b" + std::to_string(i);
  MultipartBody::Builder builder(boundary);
  std::vector<Part> expected;
  for (const Part& part : parts) {
    Headers headers = part.headers;
    const std::string type(headers.get("Content-Type").value_or(""));
    headers.remove_all("Content-Type");
    headers.remove_all("Content-Length");
    RequestBody body = RequestBody::create(std::as_bytes(std::span(part.content)), type);
    if (body.fault() != nullptr) body = RequestBody::create(std::as_bytes(std::span(part.content)));
    Headers all = headers;
    if (body.content_type()) all.append_unchecked("Content-Type", *body.content_type());
    builder.add_part(std::move(headers), std::move(body));
    expected.push_back({std::move(all), part.content, true});
  }
  const MultipartBody body = builder.build();
  const std::string wire = sent(body, 1 + piece);
  require(body.content_length() == static_cast<std::int64_t>(wire.size()));
  const Decoded again = decode(body.boundary(), wire, wire.size(), 1, {});
  require(again.is_done && again.error == Errc{} && again.parts == expected);
}

/// Any name makes one header, or is refused.
void check_name(std::string_view name) {
  const Result<MultipartBody> body =
      MultipartBody::Builder("B").add_form_data_part(name, name, RequestBody::create("x")).try_build();
  const bool is_sendable = std::ranges::none_of(name, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
  });
  require(body.has_value() == is_sendable);
  if (!body) return;
  const std::string wire = sent(*body, 100);
  MultipartDecoder decoder("B", {.max_header_bytes = wire.size(), .max_header_line = wire.size()});
  const Result<MultipartDecoder::Step> step = decoder.decode(wire);
  require(step && step->event == Event::part && wire.substr(step->consumed) == "x\r\n--B--\r\n");
  require(decoder.take_headers() == body->parts()[0].headers());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view boundary = input.substr(0, input.find('\n'));
  const std::string_view wire = input.substr(std::min(boundary.size() + 1, input.size()));
  const Decoded whole = decode(boundary, wire, wire.size() + 1, 1);
  require(decode(boundary, wire, 1, 1) == whole);
  if (size > 0) {
    const std::size_t piece = 2 + data[size - 1] % 61U;
    require(decode(boundary, wire, 1 + data[size / 2] % piece, piece) == whole);
#if READER_TOO
    require(read(boundary, wire) == whole);
#endif
    if (!whole.parts.empty()) check_round_trip(whole.parts, piece, wire);
  }
  check_name(boundary);
  if (size < 2000) check_name(wire);
  return 0;
}
