// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_SOCKET_EFFECT_HPP
#define OKHTTP_TESTING_SOCKET_EFFECT_HPP

#include <okhttp/config.hpp>

#include <cstdint>
#include <variant>

OKHTTP_NAMESPACE_BEGIN

/// Ends a connection, or one direction of it. `CloseSocket{}` closes both.
struct CloseSocket {
  enum class How : std::uint8_t {
    /// Closes. The client sees the end of the stream, or a reset when it has sent what the server
    /// had not read yet.
    both,
    /// The server reads no further, but goes on sending.
    input,
    /// The client sees the end of the stream; the server sends no more, and drops what still comes.
    output,
    /// Closes with a reset (RST); what was not delivered yet is lost.
    reset,
  };
  How how = How::both;

  static constexpr CloseSocket input() noexcept { return {How::input}; }
  static constexpr CloseSocket output() noexcept { return {How::output}; }
  static constexpr CloseSocket reset() noexcept { return {How::reset}; }
};

/// Does nothing more on this connection and keeps it open until the server closes.
struct Stall {};

/// Ends the connection in an orderly way. On HTTP/1 the same as `CloseSocket{}`.
struct ShutdownConnection {};

/// Ends one stream with this HTTP/2 error code. On HTTP/1 the same as `CloseSocket{}`.
struct CloseStream {
  std::uint32_t error_code = 0;
};

/// What happens to a connection at one of the five points of an exchange; first of all nothing.
using SocketEffect =
    std::variant<std::monostate, CloseSocket, Stall, ShutdownConnection, CloseStream>;

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TESTING_SOCKET_EFFECT_HPP
