// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CLIENT_POLICIES_HPP
#define OKHTTP_CLIENT_POLICIES_HPP

#include <okhttp/cache/cache_policy.hpp>
#include <okhttp/codec/protocol_policy.hpp>
#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/dispatch/event_loop_dispatcher.hpp>
#include <okhttp/dispatch/inline_dispatcher.hpp>
#include <okhttp/dispatch/thread_pool_dispatcher.hpp>
#include <okhttp/message/compression_policy.hpp>
#include <okhttp/transport/secure_transport.hpp>
#include <okhttp/transport/plain_transport.hpp>
#include <okhttp/transport/transport_policy.hpp>

#include <cstddef>

// Which policy fills which slot. A policy aims at a slot by one name that only this slot asks for, so
// a half-finished policy is told what it lacks instead of "fills no slot".

OKHTTP_NAMESPACE_BEGIN

template <class Transport, class Protocols, class Cache, class Dispatcher, class Compression>
class ClientWith;

namespace detail {

/// Stands for a default that this configuration does not have: the slot must then be filled.
struct NoDefault {};

#if OKHTTP_SOCKETS && OKHTTP_TLS
using DefaultTransport = SecureTransport;
#elif OKHTTP_SOCKETS
using DefaultTransport = PlainTransport;
#else
using DefaultTransport = NoDefault;
#endif
#if OKHTTP_THREADS
using DefaultDispatcher = ThreadPoolDispatcher;
#else
using DefaultDispatcher = InlineDispatcher;
#endif
#if OKHTTP_ZLIB
using DefaultCompression = Gzip;
#else
using DefaultCompression = NoCompression;
#endif

// Variable templates carry the concepts, which cannot be template arguments.
struct TransportSlot {
  using Default = DefaultTransport;
  template <class P>
  static constexpr bool aims = AimsAtTransport<P>;
};
struct ProtocolsSlot {
  using Default = Http1Only;
  template <class P>
  static constexpr bool aims = AimsAtProtocols<P>;
};
struct CacheSlot {
  using Default = NoCache;
  template <class P>
  static constexpr bool aims = AimsAtCache<P>;
};
struct DispatcherSlot {
  using Default = DefaultDispatcher;
  template <class P>
  static constexpr bool aims = AimsAtDispatcher<P>;
};
struct CompressionSlot {
  using Default = DefaultCompression;
  template <class P>
  static constexpr bool aims = AimsAtCompression<P>;
};

template <class P>
inline constexpr int slots_of =
    int{TransportSlot::aims<P>} + int{ProtocolsSlot::aims<P>} + int{CacheSlot::aims<P>} +
    int{DispatcherSlot::aims<P>} + int{CompressionSlot::aims<P>};
template <class Slot, class... Policies>
inline constexpr int claims = (0 + ... + int{Slot::template aims<Policies>});

/// The first policy that aims at the slot, else its default.
template <class Slot, class... Policies>
struct Select {
  using Type = typename Slot::Default;
};
template <class Slot, class First, class... Rest>
struct Select<Slot, First, Rest...> : Select<Slot, Rest...> {};
template <class Slot, class First, class... Rest>
  requires(Slot::template aims<First>)
struct Select<Slot, First, Rest...> {
  using Type = First;
};

/// One assertion per policy, so that the compiler's note names the type at fault.
template <class Policy>
struct CheckPolicy {
  static_assert(slots_of<Policy> != 0, "okhttp: this type fills no policy slot of BasicClient");
  static_assert(slots_of<Policy> < 2,
                "okhttp: this type aims at two policy slots of BasicClient; a policy fills one");
};

template <class... Policies>
struct Choose {
  // Always true: it makes the compiler look inside each CheckPolicy.
  static_assert((1 + ... + sizeof(CheckPolicy<Policies>)) != 0);
  static_assert(claims<TransportSlot, Policies...> < 2,
                "okhttp: two policies for the Transport slot of BasicClient");
  static_assert(claims<ProtocolsSlot, Policies...> < 2,
                "okhttp: two policies for the Protocols slot of BasicClient");
  static_assert(claims<CacheSlot, Policies...> < 2,
                "okhttp: two policies for the Cache slot of BasicClient");
  static_assert(claims<DispatcherSlot, Policies...> < 2,
                "okhttp: two policies for the Dispatcher slot of BasicClient");
  static_assert(claims<CompressionSlot, Policies...> < 2,
                "okhttp: two policies for the Compression slot of BasicClient");
  template <class Slot>
  using Of = typename Select<Slot, Policies...>::Type;
  using Type = ClientWith<Of<TransportSlot>, Of<ProtocolsSlot>, Of<CacheSlot>, Of<DispatcherSlot>,
                          Of<CompressionSlot>>;
};

}  // namespace detail

/// A client over the policies named, in any order; an empty slot takes its default. All spellings of
/// one choice are one type.
template <class... Policies>
using BasicClient = typename detail::Choose<Policies...>::Type;

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CLIENT_POLICIES_HPP
