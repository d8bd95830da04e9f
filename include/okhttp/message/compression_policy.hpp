// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP
#define OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/brotli_decoder.hpp>
#include <okhttp/message/brotli_encoder.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/content_encoder.hpp>
#include <okhttp/message/deflate_decoder.hpp>
#include <okhttp/message/deflate_encoder.hpp>
#include <okhttp/message/gzip_decoder.hpp>
#include <okhttp/message/zstd_decoder.hpp>
#include <okhttp/message/zstd_encoder.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

OKHTTP_NAMESPACE_BEGIN

// clang-format off
/// A policy aims at the Compression slot by listing its codings, as Accept-Encoding does ...
template <class P>
concept AimsAtCompression = requires { P::encodings; };

/// ... and fills it with a decoder for each; null for a coding that is not its own. An empty list
/// needs none: responses are then taken as they come.
template <class P>
concept CompressionPolicy = AimsAtCompression<P> && requires(std::string_view encoding) {
  { P::encodings } -> std::convertible_to<std::string_view>;
  typename std::bool_constant<std::string_view(P::encodings).empty()>;  // known when compiling
  { P::make_decoder(encoding) } -> std::same_as<std::unique_ptr<ContentDecoder>>;
};
// clang-format on

/// Asks for nothing and decodes nothing.
struct NoCompression {
  static constexpr std::string_view encodings = "";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view) { return nullptr; }
};

// Each of these asks for one coding unless the request has an Accept-Encoding of its own (or a Range),
// and decodes it. `make_encoder` is for request bodies: RequestBody::encoded<Gzip>(body).

#if OKHTTP_ZLIB
/// gzip (RFC 1952), which every server knows.
struct Gzip {
  static constexpr std::string_view encodings = "gzip";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    // RFC 9110, 8.4.1.3: the old name means the same.
    if (!ascii::iequals(encoding, "gzip") && !ascii::iequals(encoding, "x-gzip")) return nullptr;
    return std::make_unique<GzipDecoder>();
  }
  static std::unique_ptr<ContentEncoder> make_encoder() {
    return std::make_unique<DeflateEncoder>(DeflateEncoder::Format::gzip);
  }
};

/// deflate (RFC 1950), for servers that know nothing better.
struct Deflate {
  static constexpr std::string_view encodings = "deflate";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    if (!ascii::iequals(encoding, encodings)) return nullptr;
    return std::make_unique<DeflateDecoder>();
  }
  static std::unique_ptr<ContentEncoder> make_encoder() {
    return std::make_unique<DeflateEncoder>(DeflateEncoder::Format::zlib);
  }
};
#endif

#if OKHTTP_BROTLI
/// br (RFC 7932). A program that uses it links libbrotlidec and libbrotlienc.
struct Brotli {
  static constexpr std::string_view encodings = "br";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    if (!ascii::iequals(encoding, encodings)) return nullptr;
    return std::make_unique<BrotliDecoder>();
  }
  static std::unique_ptr<ContentEncoder> make_encoder() { return std::make_unique<BrotliEncoder>(); }
};
#endif

#if OKHTTP_ZSTD
/// zstd (RFC 8878). A program that uses it links libzstd.
struct Zstd {
  static constexpr std::string_view encodings = "zstd";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    if (!ascii::iequals(encoding, encodings)) return nullptr;
    return std::make_unique<ZstdDecoder>();
  }
  static std::unique_ptr<ContentEncoder> make_encoder() { return std::make_unique<ZstdEncoder>(); }
};
#endif

namespace detail {

/// One assertion per policy, so that the compiler's note names the type at fault.
template <class P>
struct CheckCompression {
  static_assert(CompressionPolicy<P>,
                "okhttp: this type in Compression<...> does not model okhttp::CompressionPolicy");
  static constexpr bool is_good = CompressionPolicy<P>;
};

/// The codings of all, with ", " between them.
template <class... Ps>
struct JoinedEncodings {
  /// Calls `put(char)` for each character.
  template <class Put>
  static constexpr void write([[maybe_unused]] Put put) {
    bool is_first = true;
    [[maybe_unused]] const auto add = [&](std::string_view encodings) {
      if (encodings.empty()) return;
      if (!is_first) put(','), put(' ');
      is_first = false;
      for (const char c : encodings) put(c);
    };
    (add(Ps::encodings), ...);
  }
  static constexpr std::size_t size = [] {
    std::size_t count = 0;
    write([&](char) { ++count; });
    return count;
  }();
  static constexpr std::array<char, size + 1> text = [] {
    std::array<char, size + 1> joined{};
    std::size_t at = 0;
    write([&](char c) { joined[at++] = c; });
    return joined;
  }();
};

}  // namespace detail

/// Several codings, in the order in which the server is asked for them: Compression<Gzip, Brotli, Zstd>
/// says "Accept-Encoding: gzip, br, zstd". Servers choose by their own liking, most take the first they
/// know or the one they have at hand.
template <class... Ps>
struct Compression {
  static constexpr std::string_view encodings = [] {
    if constexpr ((true && ... && detail::CheckCompression<Ps>::is_good))
      return std::string_view(detail::JoinedEncodings<Ps...>::text.data(), detail::JoinedEncodings<Ps...>::size);
    else
      return std::string_view();
  }();
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    std::unique_ptr<ContentDecoder> decoder;
    if constexpr ((true && ... && detail::CheckCompression<Ps>::is_good))
      (void)((decoder = Ps::make_decoder(encoding)) || ...);
    return decoder;
  }
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP
