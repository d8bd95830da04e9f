// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_HEAD_READER_IPP
#define OKHTTP_CODEC_HTTP1_HEAD_READER_IPP

#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/char_class.hpp>

#if OKHTTP_BODIES

#  include <cstring>
#  include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

OKHTTP_DECL void HeadParser::next_head() noexcept {
  headers_ = {};
  line_ = 0;
  first_ = second_ = {};
  code_ = 0;
  protocol_ = Protocol::http_1_1;
  state_ = has_start_line() ? State::start_line : State::fields;
  buffering_ = false;
  started_ = false;
}

OKHTTP_DECL void HeadParser::reset() noexcept {
  next_head();
  used_ = 0;
}

OKHTTP_DECL void HeadParser::reset(std::size_t max_bytes, std::size_t max_count) noexcept {
  max_bytes_ = max_bytes < Headers::max_block_bytes ? max_bytes : Headers::max_block_bytes;
  max_count_ = max_count;
  reset();
}

OKHTTP_DECL Headers HeadParser::take_headers() noexcept {
  if (headers_.empty()) return {};
  return std::move(headers_);
}

OKHTTP_DECL Result<std::size_t> HeadParser::feed(std::string_view in) {
  if (state_ == State::failed) return error_;
  if (state_ == State::done) return std::size_t{0};
  if (buffering_) return feed_buffered(in, 0);

  std::size_t blank = 0;
  if (kind_ == Kind::request) {
    while (blank < in.size()) {
      if (in[blank] == '\n') {
        blank += 1;
      } else if (in[blank] == '\r' && blank + 1 < in.size() && in[blank + 1] == '\n') {
        blank += 2;
      } else {
        break;
      }
    }
    in.remove_prefix(blank);
  }
  if (in.empty() && blank == 0) return std::size_t{0};

  const char* const base = in.data();
  const char* p = base;
  Step step = Step::need_more;
  FieldList fields(headers_, false);
  if (!in.empty()) {
    started_ = true;
    step = parse_lines(base, p, base + in.size(), fields);
  }
  if (step == Step::fault) return error_;
  const auto parsed = static_cast<std::size_t>(p - base);
  if (parsed + blank > max_bytes_ - used_) {
    fail_size();
    return error_;
  }
  used_ += parsed + blank;
  if (step == Step::end) {
    if (fields.is_kept)
      headers_.add_text({base, parsed});
    else if (has_start_line() || fields.count != 0)
      headers_ = Headers::adopt({base, parsed}, {fields.first, fields.count});
    state_ = State::done;
    return parsed + blank;
  }
  if (in.empty()) return blank;
  fields.keep();
  headers_.add_text({base, parsed});
  line_ = parsed;
  buffering_ = true;
  return feed_buffered(in.substr(parsed), parsed + blank);
}

OKHTTP_DECL Result<std::size_t> HeadParser::feed_buffered(std::string_view in,
                                                          std::size_t consumed) {
  while (!in.empty()) {
    const void* const line_feed = std::memchr(in.data(), '\n', in.size());
    const std::size_t count =
        line_feed ? static_cast<std::size_t>(static_cast<const char*>(line_feed) - in.data()) + 1
                  : in.size();
    if (count > max_bytes_ - used_) {
      fail_size();
      return error_;
    }
    headers_.add_text({in.data(), count});
    used_ += count;
    consumed += count;
    in.remove_prefix(count);
    started_ = true;
    if (!line_feed) {
      if (state_ == State::start_line && !start_is_plausible()) {
        fail_start(headers_.block());
        return error_;
      }
      break;
    }
    const Step step = parse_buffered_line();
    if (step == Step::fault) return error_;
    if (step == Step::end) {
      state_ = State::done;
      break;
    }
  }
  return consumed;
}

OKHTTP_DECL HeadParser::Step HeadParser::parse_buffered_line() {
  const char* const base = headers_.text();
  const char* const end = base + headers_.block().size();
  const char* p = base + line_;
  if (state_ == State::start_line && kind_ == Kind::request &&
      (*p == '\n' || (*p == '\r' && p[1] == '\n'))) {
    // A blank line before the request line, whose CR and LF came apart.
    headers_.cut_text(0);
    started_ = false;
    return Step::need_more;
  }
  FieldList fields(headers_, true);
  const Step step = parse_lines(base, p, end, fields);
  if (step == Step::fold) return join_fold() ? Step::need_more : Step::fault;
  line_ = static_cast<std::size_t>(p - base);
  return step;
}

/// Parses whole lines from `p` on and leaves `p` behind the last one. Offsets count from `base`.
OKHTTP_DECL HeadParser::Step HeadParser::parse_lines(const char* base,
                                                     const char*& p,
                                                     const char* end,
                                                     FieldList& fields) {
  if (state_ == State::start_line) {
    const void* const found = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
    if (!found) return Step::need_more;
    const char* const line_feed = static_cast<const char*>(found);
    const char* line_end = line_feed;
    if (line_end != p && line_end[-1] == '\r') --line_end;
    const bool good = kind_ == Kind::response ? parse_status_line(base, p, line_end)
                                              : parse_request_line(base, p, line_end);
    if (!good) return Step::fault;
    state_ = State::fields;
    p = line_feed + 1;
  }
  for (;;) {
    const char* q = skip_token_chars(p, end);
    if (q == end) return Step::need_more;
    if (*q != ':' || q == p) {
      if (q != p) return fail_field(p, q), Step::fault;
      if (*q == ' ' || *q == '\t') return Step::fold;
      if (*q == '\n') return p = q + 1, Step::end;
      if (*q != '\r') return fail_field(p, q), Step::fault;
      if (q + 1 == end) return Step::need_more;
      if (q[1] != '\n') return fail_field(p, q), Step::fault;
      return p = q + 2, Step::end;
    }
    const char* const name_end = q++;
    while (q != end && (*q == ' ' || *q == '\t')) ++q;
    const char* const value = q;
    q = skip_value_chars(q, end);
    if (q == end) return Step::need_more;
    const char* value_end = q;
    if (*q == '\r') {
      if (++q == end) return Step::need_more;
      if (*q != '\n') return fail_field(p, q - 1), Step::fault;
    } else if (*q != '\n') {
      return fail_field(p, q), Step::fault;
    }
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
    if (fields.size() >= max_count_) {
      fail("has more than ", max_count_, " header lines (max_header_count)");
      return Step::fault;
    }
    fields.add(
        {static_cast<std::uint32_t>(p - base), static_cast<std::uint32_t>(name_end - p),
         static_cast<std::uint32_t>(value - base), static_cast<std::uint32_t>(value_end - value)});
    p = q + 1;
  }
}

/// Appends the folded line at the end of the text to the value before it, joined by one space. The
/// line moves towards the front, over at least a line end and a blank, so there is always room.
OKHTTP_DECL bool HeadParser::join_fold() {
  if (kind_ == Kind::request || kind_ == Kind::request_trailers)
    return fail("has a folded header line");
  if (headers_.empty()) return fail("begins with a blank where a header name should be");
  const char* begin = headers_.text() + line_;
  const char* end = headers_.text() + headers_.block().size() - 1;
  if (end[-1] == '\r') --end;
  while (begin != end && (*begin == ' ' || *begin == '\t')) ++begin;
  const char* const bad = skip_value_chars(begin, end);
  Headers::Entry& last = headers_.last_entry();
  if (bad != end)
    return fail_byte("value of " + quoted(headers_.block().substr(last.name_offset, last.name_size)), *bad);
  while (begin != end && (end[-1] == ' ' || end[-1] == '\t')) --end;
  if (begin != end) {
    const auto size = static_cast<std::size_t>(end - begin);
    char* const value = headers_.text() + last.value_offset;
    if (last.value_size != 0) value[last.value_size++] = ' ';
    std::memmove(value + last.value_size, begin, size);
    last.value_size += static_cast<std::uint32_t>(size);
    line_ = last.value_offset + last.value_size;
  }
  headers_.cut_text(line_);
  return true;
}

OKHTTP_DECL bool HeadParser::parse_version(std::string_view version) noexcept {
  if (version.size() != 8 || std::memcmp(version.data(), "HTTP/1.", 7) != 0 ||
      !ascii::is_digit(version[7]))
    return false;
  // A higher minor version is treated as the highest we know (RFC 9110, 2.5).
  protocol_ = version[7] == '0' ? Protocol::http_1_0 : Protocol::http_1_1;
  return true;
}

OKHTTP_DECL bool HeadParser::parse_status_line(const char* base, const char* p, const char* end) {
  const std::string_view line(p, static_cast<std::size_t>(end - p));
  std::size_t at = 0;
  if (line.size() >= 9 && parse_version(line.substr(0, 8)) && line[8] == ' ') {
    at = 9;
  } else if (line.starts_with("ICY ")) {
    protocol_ = Protocol::http_1_0;
    at = 4;
  } else if (line.starts_with("SOURCETABLE ")) {
    protocol_ = Protocol::http_1_1;
    at = 12;
  }
  const bool good = at != 0 && line.size() >= at + 3 && line[at] >= '1' && line[at] <= '9' &&
                    ascii::is_digit(line[at + 1]) && ascii::is_digit(line[at + 2]) &&
                    (line.size() == at + 3 || line[at + 3] == ' ') &&
                    skip_value_chars(p + at + 3, end) == end;
  if (!good) return fail_start(line);
  code_ = (line[at] - '0') * 100 + (line[at + 1] - '0') * 10 + (line[at + 2] - '0');
  at += line.size() == at + 3 ? 3 : 4;
  first_ = {static_cast<std::uint32_t>(p - base + static_cast<std::ptrdiff_t>(at)),
            static_cast<std::uint32_t>(line.size() - at)};
  return true;
}

OKHTTP_DECL bool HeadParser::parse_request_line(const char* base, const char* p, const char* end) {
  // Texts here do not show the target: its query may hold secrets.
  const char* q = p;
  while (q != end && has_class(*q, token_char)) ++q;
  if (q == p || q == end || *q != ' ') return fail_start({p, static_cast<std::size_t>(end - p)});
  first_ = {static_cast<std::uint32_t>(p - base), static_cast<std::uint32_t>(q - p)};
  const char* const target = ++q;
  while (q != end && has_class(*q, target_char)) ++q;
  if (q == target) return fail("has no target");
  if (q == end) return fail("has no HTTP version");
  if (*q != ' ') return fail_byte("target", *q);
  second_ = {static_cast<std::uint32_t>(target - base), static_cast<std::uint32_t>(q - target)};
  ++q;
  if (!parse_version({q, static_cast<std::size_t>(end - q)}))
    return fail("does not have one space and HTTP/1.0 or HTTP/1.1 after its target");
  return true;
}

/// False as soon as the start of a line shows that no start line can become of it.
OKHTTP_DECL bool HeadParser::start_is_plausible() const noexcept {
  const std::string_view line = headers_.block();
  if (kind_ == Kind::request) {
    if (line == "\r") return true;
    const std::string_view method = line.substr(0, line.find(' '));
    for (const char c : method.substr(0, 64))
      if (!has_class(c, token_char)) return false;
    return !method.empty();
  }
  for (const std::string_view start : {"HTTP/1.", "ICY ", "SOURCETABLE "}) {
    const std::size_t size = line.size() < start.size() ? line.size() : start.size();
    if (line.substr(0, size) == start.substr(0, size)) return true;
  }
  return false;
}

OKHTTP_DECL const char* HeadParser::name_of_kind() const noexcept {
  switch (kind_) {
    case Kind::request:
      return "the request head ";
    case Kind::response:
      return "the response head ";
    case Kind::request_trailers:
    case Kind::response_trailers:
      break;
  }
  return "the trailer section ";
}

OKHTTP_DECL bool HeadParser::fail(Error error) {
  error_ = std::move(error);
  state_ = State::failed;
  headers_ = {};
  return false;
}

OKHTTP_DECL bool HeadParser::fail_start(std::string_view line) {
  if (kind_ == Kind::response) return fail("does not begin with an HTTP status line but with ", quoted(line));
  std::size_t method = 0;  // nothing behind it may be shown
  while (method < line.size() && has_class(line[method], token_char)) ++method;
  return fail("does not begin with a method and a space but with ", quoted(line.substr(0, method)));
}

OKHTTP_DECL bool HeadParser::fail_size() {
  return fail("is larger than ", max_bytes_,
              (has_start_line() ? " bytes (max_head_bytes)" : " bytes (max_trailer_bytes)"));
}

OKHTTP_DECL bool HeadParser::fail_byte(std::string_view where, char c) {
  const char* const what = c == '\r' ? "a bare CR" : c == '\0' ? "a NUL" : "the byte ";
  const bool shown = c != '\r' && c != '\0';
  return fail("has ", what, shown ? quoted({&c, 1}) : std::string(), " in its ", where);
}

/// A field line is bad at `stopped`. Only names are shown, for a value may be a secret.
OKHTTP_DECL bool HeadParser::fail_field(const char* line, const char* stopped) {
  const char* name_end = line;
  while (name_end != stopped && has_class(*name_end, token_char)) ++name_end;
  const std::string name = quoted({line, static_cast<std::size_t>(name_end - line)});
  if (name_end != stopped) return fail_byte("value of " + name, *stopped);
  switch (*stopped) {
    case ' ':
    case '\t':
      return fail("has a blank between the header name ", name, " and its colon");
    case '\n':
      return fail("has a header line without a colon: ", name);
    case '\r':
      if (line != stopped) return fail("has a header line without a colon: ", name);
      return fail("has a header line that begins with a bare CR");
    case ':':
      return fail("has a header line with an empty name");
    default:
      return fail_byte("header name that begins with " + name, *stopped);
  }
}

OKHTTP_DECL ResponseHead ResponseHeadReader::take() {
  OKHTTP_ASSERT(done());
  ResponseHead head;
  head.protocol = parser_.protocol();
  head.code = parser_.code();
  head.reason = parser_.first();
  head.headers = parser_.take_headers();
  parser_.next_head();
  return head;
}

OKHTTP_DECL RequestHead RequestHeadReader::take() {
  OKHTTP_ASSERT(done());
  RequestHead head;
  head.protocol = parser_.protocol();
  head.method = parser_.first();
  head.target = parser_.second();
  head.headers = parser_.take_headers();
  parser_.next_head();
  return head;
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_HTTP1_HEAD_READER_IPP
