// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP
#define OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/gzip_decoder.hpp>

#include <concepts>
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

#if OKHTTP_ZLIB
/// Asks for gzip unless the request has an Accept-Encoding of its own (or a Range), and decodes it.
struct Gzip {
  static constexpr std::string_view encodings = "gzip";
  static std::unique_ptr<ContentDecoder> make_decoder(std::string_view encoding) {
    if (!ascii::iequals(ascii::trim(encoding), "gzip")) return nullptr;
    return std::make_unique<GzipDecoder>();
  }
};
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_COMPRESSION_POLICY_HPP
