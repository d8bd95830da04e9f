// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_HEAD_READER_HPP
#define OKHTTP_CODEC_HTTP1_HEAD_READER_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/codec/http1/limits.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// Status line and headers of a response.
struct ResponseHead {
  Protocol protocol = Protocol::http_1_1;
  int code = 0;
  std::string reason;
  Headers headers;
};

/// Request line and headers of a request.
struct RequestHead {
  Protocol protocol = Protocol::http_1_1;
  std::string method;
  std::string target;
  Headers headers;
};

/// The machine inside the three readers of field lines (response heads, request heads, trailers).
/// Use those; their comments give the rules.
///
/// States: start_line -> fields -> done, and failed from both; trailers begin at `fields`. Only
/// `feed` moves on, `next_head` and `reset` lead back. As long as every line is whole and unfolded
/// it is parsed where it lies in the caller's bytes, and the head is copied once, at its end; the
/// first line that is not moves the work into `headers_`, one line at a time.
class HeadParser {
 public:
  enum class Kind : std::uint8_t { request, response, request_trailers, response_trailers };

  HeadParser(Kind kind, std::size_t max_bytes, std::size_t max_count) noexcept : kind_(kind) {
    reset(max_bytes, max_count);
  }

  Result<std::size_t> feed(std::string_view in);
  bool done() const noexcept { return state_ == State::done; }
  bool started() const noexcept { return started_; }

  Protocol protocol() const noexcept { return protocol_; }
  int code() const noexcept { return code_; }
  /// Views into the head: method and target, or the reason phrase alone. Until take_headers().
  std::string_view first() const noexcept { return text(first_); }
  std::string_view second() const noexcept { return text(second_); }
  Headers take_headers() noexcept;
  /// Ready for another head that shares the byte budget.
  void next_head() noexcept;
  /// Ready for another head with a budget of its own.
  void reset() noexcept;
  void reset(std::size_t max_bytes, std::size_t max_count) noexcept;

 private:
  enum class State : std::uint8_t { start_line, fields, done, failed };
  enum class Step : std::uint8_t { need_more, end, fold, fault };
  struct Span {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  /// Where the header lines of a head lie: on the stack as long as it is parsed in one piece, as most are.
  struct FieldList {
    FieldList(Headers& headers, bool keeps) noexcept : kept(headers), is_kept(keeps) {}
    std::size_t size() const noexcept { return is_kept ? kept.size() : count; }
    void add(const Headers::Entry& entry) {
      if (!is_kept && count < max_first) {
        first[count++] = entry;
        return;
      }
      keep();
      kept.add_entry(entry);
    }
    void keep() {
      for (std::size_t i = 0; i < count; ++i) kept.add_entry(first[i]);
      count = 0;
      is_kept = true;
    }

    static constexpr std::size_t max_first = 24;
    Headers::Entry first[max_first];
    std::size_t count = 0;
    Headers& kept;
    bool is_kept;
  };

  std::string_view text(Span span) const noexcept { return headers_.block().substr(span.offset, span.size); }
  Result<std::size_t> feed_buffered(std::string_view in, std::size_t consumed);
  Step parse_lines(const char* base, const char*& p, const char* end, FieldList& fields);
  Step parse_buffered_line();
  bool parse_status_line(const char* base, const char* p, const char* end);
  bool parse_request_line(const char* base, const char* p, const char* end);
  bool parse_version(std::string_view version) noexcept;
  bool join_fold();
  bool start_is_plausible() const noexcept;
  bool fail(Error error);
  template <ErrorTextPart... Parts>
  [[gnu::always_inline]] bool fail(const Parts&... what) {
    return fail(Error(Errc::protocol_error, name_of_kind(), what...));
  }
  bool fail_field(const char* line, const char* stopped);
  bool fail_byte(std::string_view where, char c);
  bool fail_start(std::string_view line);
  bool fail_size();
  bool has_start_line() const noexcept { return kind_ == Kind::request || kind_ == Kind::response; }
  const char* name_of_kind() const noexcept;

  Headers headers_;  // once done, and as far as it got when it comes in pieces
  Error error_;
  std::size_t max_bytes_ = 0;
  std::size_t max_count_ = 0;
  std::size_t used_ = 0;  // bytes of heads since reset()
  std::size_t line_ = 0;  // where in headers_ the current line begins
  Span first_;
  Span second_;
  int code_ = 0;
  Kind kind_;
  Protocol protocol_ = Protocol::http_1_1;
  State state_ = State::start_line;
  bool buffering_ = false;
  bool started_ = false;
};

/// Reads response heads from slices of any size; for clients.
///
/// 1. `feed` what arrived until `done()`; bytes it did not consume belong to the body.
/// 2. `take` the head. The reader is then ready for the next head of the same exchange (after a
///    1xx), which shares the byte budget; `reset` starts a new exchange.
/// A head that arrives whole is parsed in one pass where it lies and costs one allocation.
///
/// Accepts `HTTP/1.x` (a minor version above 1 counts as 1), `ICY` (as HTTP/1.0) and `SOURCETABLE`
/// (as HTTP/1.1), a code of three digits from 100, and an absent reason. Lines end with CRLF or LF.
/// A folded line is joined by one space. Values may have bytes from 0x80.
/// Errors: Errc::protocol_error, sticky: a start that cannot be a status line (as soon as that
/// shows), a bare CR, NUL or other control byte, a name that is empty, no token or followed by a
/// blank, a line without colon, a limit passed.
/// Spec: RFC 9112, 2.2, 4, 5.
class ResponseHeadReader {
 public:
  explicit ResponseHeadReader(const Limits& limits = {}) noexcept
      : parser_(HeadParser::Kind::response, limits.max_head_bytes, limits.max_header_count) {}

  /// Consumes bytes; returns how many: all of `in` unless the head is done.
  Result<std::size_t> feed(std::string_view in) { return parser_.feed(in); }
  bool done() const noexcept { return parser_.done(); }
  /// True once a byte of the current head was seen: an end of input is then in the middle of it.
  bool started() const noexcept { return parser_.started(); }
  /// The head. Only when done().
  ResponseHead take();
  void reset() noexcept { parser_.reset(); }
  void reset(const Limits& limits) noexcept { parser_.reset(limits.max_head_bytes, limits.max_header_count); }

 private:
  HeadParser parser_;
};

/// Reads request heads from slices of any size; for servers. Used as a ResponseHeadReader is.
///
/// Skips blank lines before the request line. The method must be a token, the target printable
/// ASCII, with one space before and behind it. Lines end with CRLF or LF.
/// Errors: Errc::protocol_error, sticky: as for responses, and a folded header line.
/// Spec: RFC 9112, 2.2, 3, 5.
class RequestHeadReader {
 public:
  explicit RequestHeadReader(const Limits& limits = {}) noexcept
      : parser_(HeadParser::Kind::request, limits.max_head_bytes, limits.max_header_count) {}

  /// Consumes bytes; returns how many: all of `in` unless the head is done.
  Result<std::size_t> feed(std::string_view in) { return parser_.feed(in); }
  bool done() const noexcept { return parser_.done(); }
  /// True once a byte of the current head was seen; blank lines before it do not count.
  bool started() const noexcept { return parser_.started(); }
  /// The head. Only when done().
  RequestHead take();
  void reset() noexcept { parser_.reset(); }

 private:
  HeadParser parser_;
};

}  // namespace http1
OKHTTP_NAMESPACE_END

#include <okhttp/codec/http1/head_reader.ipp>

#endif  // OKHTTP_CODEC_HTTP1_HEAD_READER_HPP
