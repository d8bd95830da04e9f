// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_DECODER_HPP
#define OKHTTP_MESSAGE_MULTIPART_DECODER_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// How much a sender may make a MultipartDecoder hold. Past a limit decoding fails with Errc::protocol_error and a
/// text that names the limit. Content, what stands before the first part and what follows the last are not held.
struct MultipartLimits {
  /// Bytes of the boundary. RFC 2046 allows 70, and some senders take more.
  std::size_t max_boundary_bytes = 256;
  /// Bytes of the headers of one part, line ends included. node's undici: 16 KiB, Go: 10 MiB for all parts.
  std::size_t max_header_bytes = 32 * 1024;
  /// Bytes of one header line.
  std::size_t max_header_line = 8 * 1024;
  /// Headers of one part; a folded one counts once. Real parts have at most 5.
  std::size_t max_header_count = 100;
};

/// Takes a multipart body apart, from slices of any size: a pure state machine.
///
/// 1. decode() what arrived; it consumes a prefix and gives one event. Go on with the rest until need_input.
/// 2. part: take_headers(). Any number of content follow, then part_end.
/// 3. end: the closing delimiter. What follows it is consumed and ignored.
/// 4. end_of_input() when there will be no more.
///
///   preamble --delimiter--> line_end --CRLF--> headers --empty line--> content
///   content --delimiter (part_end)--> line_end --"--"--> epilogue;   any --fault--> failed
///
/// A delimiter is CRLF, two hyphens and the boundary; at the very beginning, and at the beginning of a part's
/// content, its CRLF may be missing. Blanks may stand between it and its CRLF. A bare LF ends header lines only.
/// A folded header is joined by one space. Values may have bytes from 0x80.
/// Each byte is looked at a bounded number of times, and content is not copied.
/// Errors: Errc::protocol_error for anything else after a boundary, no part at all, a header that is malformed
/// (rules as for HTTP/1), a limit; Errc::unexpected_end for an end before the closing delimiter. Sticky.
/// Spec: RFC 2046, 5.1.1, and OkHttp's MultipartReader.
class MultipartDecoder {
 public:
  enum class Event : unsigned char { need_input, part, content, part_end, end };
  struct Step {
    /// How many bytes of the input are used up.
    std::size_t consumed = 0;
    Event event = Event::need_input;
    /// For `content`, not empty. A view of the input or of the decoder; valid until decode is called again.
    std::string_view content;
  };

  /// `boundary` as Content-Type names it. One that is empty, too long or has a CR or LF fails the first decode().
  explicit MultipartDecoder(std::string_view boundary, const MultipartLimits& limits = {});

  /// Consumes bytes and gives an event. need_input, and it only, when all of `in` was used up without one.
  Result<Step> decode(std::string_view in);
  /// The headers of the part that has just begun. Once, after Event::part.
  Headers take_headers() noexcept { return std::exchange(headers_, Headers()); }
  /// There will be no more input. Errors: Errc::unexpected_end before Event::end.
  Result<void> end_of_input();
  /// True after Event::end.
  bool done() const noexcept { return state_ == State::epilogue; }

 private:
  enum class State : unsigned char { preamble, line_end, headers, content, epilogue, failed };

  Event scan(std::string_view in, Step& step);
  bool finish_delimiter(char c);
  bool take_header_bytes(std::string_view in, std::size_t& at);
  bool take_line(std::string_view line);
  bool add_header();
  template <ErrorTextPart... Parts>
  bool fail(const Parts&... what) {
    failure_ = Error(Errc::protocol_error, "the multipart body ", what...);
    state_ = State::failed;
    return false;
  }

  const std::string delimiter_;
  const MultipartLimits limits_;
  std::optional<Error> failure_;
  State state_ = State::preamble;
  std::size_t matched_ = 2;  // bytes of the delimiter that were seen or, at a beginning, need not be seen
  std::size_t assumed_ = 2;  // of these, the ones that were not seen
  char after_ = 0;           // the byte after the boundary that decides, CR or '-'; a blank before it; or none
  bool has_parts_ = false;
  std::string line_;  // a header line that came in pieces
  std::string name_;  // the header before, which may go on folded
  std::string value_;
  std::size_t header_bytes_ = 0;
  Headers headers_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/multipart_decoder.ipp>

#endif  // OKHTTP_MESSAGE_MULTIPART_DECODER_HPP
