// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_RESPONSE_IPP
#define OKHTTP_TESTING_MOCK_RESPONSE_IPP

#include <okhttp/testing/mock_response.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/chunk_encoder.hpp>
#include <okhttp/codec/http1/head_writer.hpp>

#if OKHTTP_BODIES

#if OKHTTP_ZLIB
#include <zlib.h>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The reason phrase that OkHttp's mock server gives each class.
OKHTTP_DECL std::string_view mock_reason(int code) {
  switch (code / 100) {
    case 1:
      return "Informational";
    case 2:
      return "OK";
    case 3:
      return "Redirection";
    case 4:
      return "Client Error";
    case 5:
      return "Server Error";
    default:
      return "Mock Response";
  }
}

/// What a repeated pattern is blown up to, so that few large pieces are sent.
inline constexpr std::size_t mock_pattern_block = 64 * 1024;

}  // namespace detail

OKHTTP_DECL MockResponse& MockResponse::fail(std::string text) {
  if (!plan_.fault) plan_.fault = Error(Errc::invalid_argument, "mock response: " + text);
  return *this;
}

OKHTTP_DECL void MockResponse::add_checked(Headers& headers,
                                           std::string_view name,
                                           std::string_view value) {
  Headers::Builder builder;
  builder.add_unsafe_non_ascii(name, value);
  if (const Error* const fault = builder.fault())
    fail(fault->message());
  else
    headers.append_unchecked(name, ascii::trim(value));
}

OKHTTP_DECL MockResponse& MockResponse::code(int code) {
  if (code < 100 || code > 999)
    return fail("the code has not three digits: " + std::to_string(code));
  plan_.code = code;
  plan_.status.clear();
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::message(std::string_view reason) {
  if (Result<void> checked = http1::check_reason(reason); !checked)
    return fail(checked.error().message());
  plan_.reason = std::string(reason);
  plan_.status.clear();
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::status(std::string_view line) {
  if (line.empty() || line.find_first_of("\r\n") != std::string_view::npos)
    return fail("the status line is empty or has a line end; raw() sends anything");
  plan_.status = std::string(line);
  // What a client makes of it decides whether there is a body.
  const std::size_t space = line.find(' ');
  std::uint64_t code = 0;
  if (space != std::string_view::npos && ascii::parse_decimal(line.substr(space + 1, 3), code) &&
      code >= 100)
    plan_.code = static_cast<int>(code);
  return *this;
}

OKHTTP_DECL std::string MockResponse::status() const {
  if (!plan_.status.empty()) return plan_.status;
  std::string line = "HTTP/1.1 " + std::to_string(plan_.code);
  return line.append(1, ' ').append(plan_.reason ? std::string_view(*plan_.reason)
                                                 : detail::mock_reason(plan_.code));
}

OKHTTP_DECL MockResponse& MockResponse::header(std::string_view name, std::string_view value) {
  plan_.headers.remove_all(std::string(name));
  return add_header(name, value);
}

OKHTTP_DECL MockResponse& MockResponse::add_header(std::string_view name, std::string_view value) {
  add_checked(plan_.headers, name, value);
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::remove_header(std::string_view name) {
  if (ascii::iequals(name, "Content-Length")) plan_.adds_content_length = false;
  plan_.headers.remove_all(std::string(name));
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::headers(Headers headers) {
  plan_.headers = std::move(headers);
  return *this;
}

OKHTTP_DECL void MockResponse::set_text(std::string text) {
  plan_.size = text.size();
  plan_.size_known = true;
  plan_.text = std::make_shared<const std::string>(std::move(text));
  plan_.reader = nullptr;
  plan_.is_raw = false;
}

OKHTTP_DECL MockResponse& MockResponse::body(std::string_view text) {
  set_text(std::string(text));
  plan_.max_chunk = 0;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::body(std::span<const std::byte> bytes) {
  return body(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

OKHTTP_DECL MockResponse& MockResponse::chunked_body(std::string_view text,
                                                     std::size_t max_chunk_size) {
  return body(text).chunked(max_chunk_size);
}

OKHTTP_DECL MockResponse& MockResponse::body_repeated(std::string_view pattern,
                                                      std::uint64_t size) {
  if (pattern.empty()) return size == 0 ? body(pattern) : fail("the pattern of the body is empty");
  std::string block;
  do {
    block.append(pattern);
  } while (block.size() < detail::mock_pattern_block && block.size() < size);
  set_text(std::move(block));
  plan_.size = size;
  plan_.max_chunk = 0;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::body_from(BodyReader reader,
                                                  std::optional<std::uint64_t> size) {
  if (!reader) return fail("the reader of the body is empty");
  set_text({});
  plan_.reader = std::make_shared<BodyReader>(std::move(reader));
  plan_.size = size.value_or(0);
  plan_.size_known = size.has_value();
  plan_.max_chunk = size ? 0 : detail::mock_pattern_block;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::chunked(std::size_t max_chunk_size) {
  if (max_chunk_size == 0) return fail("a chunk of 0 bytes would end the body");
  plan_.max_chunk = max_chunk_size;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::trailers(Headers trailers) {
  if (Result<void> checked = http1::check_trailers(trailers); !checked)
    return fail(checked.error().message());
  plan_.trailers = std::move(trailers);
  return *this;
}

#if OKHTTP_ZLIB
OKHTTP_DECL MockResponse& MockResponse::gzip_body(std::string_view text) {
  constexpr int gzip_window = 15 + 16;                    // 16: a gzip wrapper
  constexpr std::size_t max_text = std::size_t{1} << 30;  // zlib counts in 32 bits
  if (text.size() > max_text) return fail("the text to compress is larger than 1 GiB");
  z_stream z{};
  if (::deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return fail("no memory to compress the body");
  std::string packed(::deflateBound(&z, static_cast<uLong>(text.size())), '\0');
  // zlib only reads from next_in; its type has no const unless the program asks for it.
  char nothing = 0;
  z.next_in = reinterpret_cast<Bytef*>(text.empty() ? &nothing : const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  const int status = ::deflate(&z, Z_FINISH);
  packed.resize(packed.size() - z.avail_out);
  ::deflateEnd(&z);
  if (status != Z_STREAM_END) return fail("zlib could not compress the body");
  return body(packed).header("Content-Encoding", "gzip");
}
#endif

OKHTTP_DECL MockResponse& MockResponse::raw(std::string_view bytes) {
  body(bytes);
  plan_.is_raw = true;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::informational(int code, Headers headers) {
  if (code < 100 || code > 199) return fail("not an interim code: " + std::to_string(code));
  detail::MockPlan::Interim interim{code, std::move(headers)};
  plan_.interim.push_back(std::move(interim));
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::send_continue(bool on) {
  plan_.sends_continue = on;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::headers_delay(Clock::duration delay) {
  plan_.headers_delay = delay;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::body_delay(Clock::duration delay) {
  plan_.body_delay = delay;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::trailers_delay(Clock::duration delay) {
  plan_.trailers_delay = delay;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::throttle_body(std::uint64_t bytes, Clock::duration period) {
  if (bytes == 0) return fail("throttled to 0 bytes per period the body would never end");
  plan_.throttle_bytes = bytes;
  plan_.throttle_period = period;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::do_not_read_request_body() {
  plan_.read_limit = 0;
  plan_.reads_rest = false;
  plan_.sends_continue = false;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::answer_after(std::uint64_t bytes) {
  plan_.read_limit = bytes;
  plan_.reads_rest = true;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::fail_handshake() {
  plan_.fails_handshake = true;
  return *this;
}

OKHTTP_DECL MockResponse& MockResponse::on_request_start(SocketEffect effect) {
  plan_.on_request_start = effect;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::on_request_body(SocketEffect effect) {
  plan_.on_request_body = effect;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::on_response_start(SocketEffect effect) {
  plan_.on_response_start = effect;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::on_response_body(SocketEffect effect) {
  plan_.on_response_body = effect;
  return *this;
}
OKHTTP_DECL MockResponse& MockResponse::on_response_end(SocketEffect effect) {
  plan_.on_response_end = effect;
  return *this;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TESTING_MOCK_RESPONSE_IPP
