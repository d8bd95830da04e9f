// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_CHUNK_ENCODER_HPP
#define OKHTTP_CODEC_HTTP1_CHUNK_ENCODER_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// A chunk on the wire is its header, its bytes and `chunk_end`; the pieces can be sent with one
// gathering write, so the bytes are never copied. A body ends with `write_last_chunk`.
// Spec: RFC 9112, 7.1.

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// The room a chunk header can need: 16 hex digits and CRLF.
inline constexpr std::size_t max_chunk_header = 18;
/// What follows the bytes of every chunk.
inline constexpr std::string_view chunk_end = "\r\n";

/// Writes the header of a chunk of `size` bytes to the front of `out` and returns its length. `out`
/// has room for max_chunk_header; `size` is not 0, which would end the body.
inline std::size_t chunk_header(std::span<char> out, std::uint64_t size) noexcept {
  OKHTTP_ASSERT(size != 0 && out.size() >= max_chunk_header);
  std::size_t digits = 1;
  while (digits < 16 && (size >> (4 * digits)) != 0) ++digits;
  for (std::size_t i = digits; i-- > 0; size >>= 4) out[i] = "0123456789abcdef"[size & 15];
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}

/// Checks that no header is one a trailer section may not have: those that frame or route the
/// message or that must be known before its body. Errors: Errc::invalid_argument.
/// Spec: RFC 9110, 6.5.1.
inline Result<void> check_trailers(const Headers& trailers) {
  for (const Header header : trailers)
    for (const std::string_view forbidden :
         {"Content-Length", "Transfer-Encoding", "Host", "Connection", "Trailer", "TE", "Upgrade",
          "Keep-Alive", "Expect", "Content-Encoding", "Content-Type", "Content-Range",
          "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"})
      if (ascii::iequals(header.name, forbidden))
        return {Errc::invalid_argument, forbidden, " cannot be sent as a trailer"};
  return {};
}

/// Appends the end of a chunked body: the zero chunk and the trailers, which must have passed
/// check_trailers.
inline void write_last_chunk(std::string& out, const Headers& trailers = {}) {
  out.append("0\r\n", 3);
  trailers.append_lines_to(out);
  out.append("\r\n", 2);
}

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CODEC_HTTP1_CHUNK_ENCODER_HPP
