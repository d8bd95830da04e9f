// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_GZIP_HPP
#define OKHTTP_TESTS_SUPPORT_GZIP_HPP

#include <string>
#include <string_view>

#include <zlib.h>

/// What zlib makes of the text; its window bits say which format.
inline std::string deflated(std::string_view text, int window_bits, int level = 6) {
  z_stream z{};
  ::deflateInit2(&z, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&z, text.size()) + 32, '\0');
  z.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<unsigned>(text.size());
  z.next_out = reinterpret_cast<unsigned char*>(out.data());
  z.avail_out = static_cast<unsigned>(out.size());
  ::deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

/// One gzip member.
inline std::string gzipped(std::string_view text, int level = 6) { return deflated(text, MAX_WBITS + 16, level); }

#endif  // OKHTTP_TESTS_SUPPORT_GZIP_HPP
