// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TCP_RACE_HPP
#define OKHTTP_TRANSPORT_TCP_RACE_HPP

#include <okhttp/transport/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Puts the addresses of a host into the order they are tried in: the families take turns, IPv6
/// first, each in its own order. Spec: RFC 8305, 4. Rule: OkHttp's fast fallback.
std::vector<IpAddress> interleave_families(std::span<const IpAddress> addresses);

#if OKHTTP_SOCKETS
namespace detail {

/// Connects to whichever of several addresses is reached first.
///
/// The first attempt begins at once. The next one begins 250 ms after the one before, or as soon as
/// none is under way any more because all have failed. Attempts go on side by side, without threads,
/// until one is connected; the others are closed then, as they are when this task is dropped.
/// The endpoints, which have addresses and are at least one, outlive the task; all are of one call.
/// Errors: that of the last attempt to fail if all have failed; Errc::connect_timeout at the deadline, which
/// is that of the whole race; Errc::canceled.
/// Spec: RFC 8305, 5. Rule: OkHttp's fast fallback.
Task<Raced<std::unique_ptr<Stream>>> race_tcp(Runtime& runtime, std::span<const Endpoint> endpoints,
                                              Deadline deadline);

/// The time between two attempts.
inline constexpr std::chrono::milliseconds tcp_race_delay{250};

}  // namespace detail
#endif  // OKHTTP_SOCKETS

OKHTTP_NAMESPACE_END

#include <okhttp/transport/tcp_race.ipp>

#endif  // OKHTTP_TRANSPORT_TCP_RACE_HPP
