// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_PROTOCOL_POLICY_HPP
#define OKHTTP_CODEC_PROTOCOL_POLICY_HPP

#include <okhttp/codec/http1/limits.hpp>

#include <concepts>

OKHTTP_NAMESPACE_BEGIN

// clang-format off
/// A policy aims at the Protocols slot by naming its codecs ...
template <class P>
concept AimsAtProtocols = requires { typename P::Codecs; };

/// ... and fills it by saying whether HTTP/2 is among them.
template <class P>
concept ProtocolPolicy = AimsAtProtocols<P> && requires {
  { P::http2 } -> std::convertible_to<bool>;
};
// clang-format on

/// HTTP/1.1, which also speaks to HTTP/1.0 servers.
struct Http1Only {
  struct Codecs {
    using Limits = http1::Limits;
  };
  static constexpr bool http2 = false;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CODEC_PROTOCOL_POLICY_HPP
