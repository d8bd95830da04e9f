// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_DECODER_IPP
#define OKHTTP_MESSAGE_MULTIPART_DECODER_IPP

#include <okhttp/message/multipart_decoder.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL MultipartDecoder::MultipartDecoder(std::string_view boundary, const MultipartLimits& limits)
    : delimiter_("\r\n--" + std::string(boundary.substr(0, limits.max_boundary_bytes))), limits_(limits) {
  if (boundary.empty() || boundary.find_first_of("\r\n") != std::string_view::npos)
    fail("has a boundary that is empty or has a line end");
  else if (boundary.size() > limits.max_boundary_bytes)
    fail("has a boundary of more than ", limits.max_boundary_bytes, " bytes (max_boundary_bytes)");
}

OKHTTP_DECL Result<MultipartDecoder::Step> MultipartDecoder::decode(std::string_view in) {
  Step step;
  while (state_ != State::failed && step.consumed < in.size()) {
    switch (state_) {
      case State::preamble:
      case State::content:
        step.event = scan(in, step);
        if (step.event != Event::need_input) return step;
        break;
      case State::line_end:
        if (finish_delimiter(in[step.consumed++]) && done()) {
          step.event = Event::end;
          step.consumed = in.size();
          return step;
        }
        break;
      case State::headers:
        if (take_header_bytes(in, step.consumed) && state_ == State::content) {
          step.event = Event::part;
          return step;
        }
        break;
      case State::epilogue: step.consumed = in.size(); break;
      case State::failed: break;
    }
  }
  if (failure_) return *failure_;
  return step;
}

/// Looks for the delimiter from step.consumed on. Its only CR is its first byte, so what has matched can begin
/// no other match, and nothing is looked at again.
OKHTTP_DECL MultipartDecoder::Event MultipartDecoder::scan(std::string_view in, Step& step) {
  const std::string_view delimiter = delimiter_;
  const bool in_part = state_ == State::content;
  std::size_t at = step.consumed;
  const auto matches = [&](std::size_t count) {
    return in.compare(at, count, delimiter.substr(matched_, count)) == 0;
  };
  if (matched_ == 0) {
    for (;; ++at) {
      at = std::min(in.find('\r', at), in.size());
      if (at == in.size() || matches(std::min(in.size() - at, delimiter.size()))) break;
    }
    if (in_part && at > step.consumed) {
      step.content = in.substr(step.consumed, at - step.consumed);
      step.consumed = at;
      return Event::content;
    }
  }
  const std::size_t count = std::min(in.size() - at, delimiter.size() - matched_);
  if (!matches(count)) {
    const std::string_view held = delimiter.substr(assumed_, matched_ - assumed_);
    matched_ = assumed_ = 0;
    if (!in_part || held.empty()) return Event::need_input;
    step.content = held;  // it was content after all
    return Event::content;
  }
  step.consumed = at + count;
  matched_ += count;
  if (matched_ < delimiter.size()) return Event::need_input;
  matched_ = assumed_ = 0;
  state_ = State::line_end;
  after_ = 0;
  return in_part ? Event::part_end : Event::need_input;
}

/// One byte after a boundary.
OKHTTP_DECL bool MultipartDecoder::finish_delimiter(char c) {
  if (after_ == '\r' && c == '\n') {
    state_ = State::headers;
    header_bytes_ = 0;
    headers_ = Headers();
    has_parts_ = true;
    return true;
  }
  if (after_ == '-' && c == '-') {
    if (!has_parts_) return fail("has no part");
    state_ = State::epilogue;
    return true;
  }
  const bool is_open = after_ == 0 || after_ == ' ';
  if (is_open && (c == ' ' || c == '\t'))
    after_ = ' ';
  else if ((is_open && c == '\r') || (after_ == 0 && c == '-'))
    after_ = c;
  else
    return fail("has unexpected characters after a boundary");
  return true;
}

OKHTTP_DECL bool MultipartDecoder::take_header_bytes(std::string_view in, std::size_t& at) {
  const std::size_t line_feed = in.find('\n', at);
  std::string_view line = in.substr(at, line_feed == std::string_view::npos ? line_feed : line_feed - at);
  const std::size_t taken = line.size() + (line_feed == std::string_view::npos ? 0 : 1);
  header_bytes_ += taken;
  if (line_.size() + taken > limits_.max_header_line)
    return fail("has a header line of more than ", limits_.max_header_line, " bytes (max_header_line)");
  if (header_bytes_ > limits_.max_header_bytes)
    return fail("has more than ", limits_.max_header_bytes, " bytes of headers in one part (max_header_bytes)");
  at += taken;
  if (line_feed == std::string_view::npos) {
    line_ += line;
    return true;
  }
  std::string joined;
  if (!line_.empty()) {
    line_ += line;
    line = joined = std::exchange(line_, std::string());
  }
  const bool has_cr = line.ends_with('\r');
  if (has_cr) line.remove_suffix(1);
  if (!line.empty()) return take_line(line);
  if (!add_header()) return false;
  state_ = State::content;
  matched_ = assumed_ = has_cr ? 2 : 0;
  return true;
}

OKHTTP_DECL bool MultipartDecoder::take_line(std::string_view line) {
  const bool is_folded = line.front() == ' ' || line.front() == '\t';
  std::size_t value_at = 0;
  if (is_folded) {
    if (name_.empty()) return fail("has a part that begins with a blank where a header name should be");
  } else {
    if (!add_header()) return false;
    const std::size_t colon = line.find(':');
    // Texts show no more than a name: a value may be a secret.
    if (!ascii::is_token(line.substr(0, colon))) return fail("has a header whose name is missing or malformed");
    if (colon == std::string_view::npos) return fail("has a header line without a colon");
    name_ = line.substr(0, colon);
    value_at = colon + 1;
  }
  const std::string_view value = ascii::trim(line.substr(value_at));
  for (const char c : value)
    if (c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F))
      return fail("has a control character in the value of header ", name_.substr(0, 60));
  if (!value_.empty() && !value.empty()) value_ += ' ';
  value_ += value;
  return true;
}

/// What was read as one header, folded lines included, goes to the others.
OKHTTP_DECL bool MultipartDecoder::add_header() {
  if (name_.empty()) return true;
  if (headers_.size() >= limits_.max_header_count)
    return fail("has more than ", limits_.max_header_count, " headers in one part (max_header_count)");
  headers_.append_unchecked(name_, value_);
  name_.clear();
  value_.clear();
  return true;
}

OKHTTP_DECL Result<void> MultipartDecoder::end_of_input() {
  if (failure_) return *failure_;
  const char* where = "inside a part";
  switch (state_) {
    case State::preamble: where = "before its first boundary"; break;
    case State::line_end: where = "after a boundary"; break;
    case State::headers: where = "inside the headers of a part"; break;
    case State::content:
    case State::failed: break;
    case State::epilogue: return {};
  }
  failure_ = Error(Errc::unexpected_end, "the multipart body ends ", where);
  state_ = State::failed;
  return *failure_;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_MULTIPART_DECODER_IPP
