// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_HTTP1_LIMITS_HPP
#define OKHTTP_CODEC_HTTP1_LIMITS_HPP

#include <okhttp/config.hpp>

#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace http1 {

/// How much a peer may make an HTTP/1 codec hold. Past a limit reading fails with
/// Errc::protocol_error and a text that names the limit; nothing is cut off silently.
struct Limits {
  /// Bytes of start lines and header lines of one exchange, line ends included: interim (1xx)
  /// responses and the final one share it. OkHttp 256 KiB, curl 300 KiB, Go 10 MiB, node 16 KiB.
  std::size_t max_head_bytes = 256 * 1024;
  /// Header lines of one head or trailer section. Looking a name up walks all of them, so this
  /// bounds that walk too. node takes 2000, Apache (as a server) 100; real answers stay below 100.
  std::size_t max_header_count = 1000;
  /// Bytes of one chunk-size line with its extensions. Apache and node: 8 to 16 KiB.
  std::size_t max_line = 8 * 1024;
  /// Bytes of chunk extensions (and padding of size lines) of one body beyond as many bytes of
  /// payload: a body may not consist of extensions. Go and node: 16 KiB.
  std::size_t max_extension_bytes = 16 * 1024;
  /// Bytes of the trailer section after the last chunk.
  std::size_t max_trailer_bytes = 64 * 1024;
};

}  // namespace http1
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CODEC_HTTP1_LIMITS_HPP
