// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CACHE_CACHE_POLICY_HPP
#define OKHTTP_CACHE_CACHE_POLICY_HPP

#include <okhttp/config.hpp>

#include <concepts>

OKHTTP_NAMESPACE_BEGIN

// clang-format off
/// A policy aims at the Cache slot by naming its store ...
template <class P>
concept AimsAtCache = requires { typename P::Store; };

/// ... and fills it by saying whether there is one.
template <class P>
concept CachePolicy = AimsAtCache<P> && requires {
  { P::enabled } -> std::convertible_to<bool>;
};
// clang-format on

/// Every response comes from the network.
struct NoCache {
  struct Store {};
  static constexpr bool enabled = false;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CACHE_CACHE_POLICY_HPP
