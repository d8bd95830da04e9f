// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_HPP
#define OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What client and SOCKS proxy say to each other before the bytes of the connection, as two machines
// without I/O. Both are driven alike:
// 1. send what `output()` shows, and tell with `sent(n)` how much of it went out;
// 2. with nothing left to send, `feed` what arrives; back to 1 until `done()`.
// `feed` returns how many bytes it consumed: all of them, unless its last message ended before;
// what it left belongs to the connection. It never needs more bytes than that message has.
//
// Spec: RFC 1928 (SOCKS5), RFC 1929 (user and password), "SOCKS: A protocol for TCP proxy across
// firewalls" (SOCKS4) and "SOCKS 4A: A Simple Extension to SOCKS 4 Protocol".

OKHTTP_NAMESPACE_BEGIN
namespace socks {

/// The most bytes of a name, a user or a password. In SOCKS5 their length is one byte; SOCKS4 sends
/// them up to a NUL, and it is the limit here.
inline constexpr std::size_t max_field_bytes = 255;

enum class Version : std::uint8_t { v4a = 4, v5 = 5 };

/// Where to connect to, or what is bound: a name, or an address without brackets, and a port.
struct Target {
  std::string host;
  std::uint16_t port = 0;

  /// "host:port", with an IPv6 address in brackets.
  std::string to_string() const;
  friend bool operator==(const Target&, const Target&) = default;
};

/// User and password of SOCKS5. The user has 1 to 255 bytes. The password may be empty, against
/// RFC 1929, 2, as other clients and servers have it.
struct Login {
  std::string user;
  std::string password;

  friend bool operator==(const Login&, const Login&) = default;
};

/// How a SOCKS5 server answers a request (RFC 1928, 6).
enum class Reply : std::uint8_t {
  succeeded = 0,
  general_failure = 1,
  not_allowed = 2,
  network_unreachable = 3,
  host_unreachable = 4,
  connection_refused = 5,
  ttl_expired = 6,
  command_not_supported = 7,
  address_type_not_supported = 8,
};

/// Asks a SOCKS proxy for a connection.
///
/// States: SOCKS4a has `reply4` alone; SOCKS5 `method` -> (`login` ->) `reply5`; all end in `done`
/// or `failed`. Names are sent as they are and resolved by the proxy; what IpAddress reads is sent
/// as an address. Errors of `feed`, sticky:
/// - Errc::connect_refused: reply 5.
/// - Errc::dns: reply 4 when the target is a name, since it is what proxies answer to a name that
///   they cannot resolve.
/// - Errc::connect_failed: every other refusal: replies 1 to 3, 4 for an address, 6 to 8; SOCKS4's
///   91 to 93; no authentication that both sides know; user and password refused.
/// - Errc::protocol_error: anything else that the proxy sends: another version, unassigned codes, a
///   method that was not offered, reserved bytes other than 0, unknown kinds of address.
/// A refusal fails as soon as its code is there, whatever should follow.
class ClientHandshake {
 public:
  /// A handshake of SOCKS4a. `user` may be empty. `proxy` ("host:port") is for error texts.
  /// Errors: Errc::invalid_argument for a host or a user that is too long or has a NUL, and for an
  /// empty host; Errc::connect_failed for addresses that SOCKS4a cannot express (IPv6, and 0.0.0.1
  /// to 0.0.0.255, which mean that a name follows).
  static Result<ClientHandshake> try_v4a(const Target& target,
                                         std::string_view user,
                                         std::string_view proxy);
  /// A handshake of SOCKS5: offers "no authentication", and user and password when there are some.
  /// Errors: Errc::invalid_argument as for SOCKS4a, and for a login that is too long or has no
  /// user.
  static Result<ClientHandshake> try_v5(const Target& target,
                                        const std::optional<Login>& login,
                                        std::string_view proxy);

  /// What is to be sent next; empty: wait for the proxy. A view until `sent` or `feed`.
  std::string_view output() const noexcept { return std::string_view(output_).substr(sent_); }
  /// That many bytes of `output()` went out.
  void sent(std::size_t count) noexcept;
  /// Consumes bytes from the proxy; returns how many: all of `in` unless the proxy's reply ended.
  Result<std::size_t> feed(std::string_view in);
  /// The proxy has connected, and everything was sent: the connection begins.
  bool done() const noexcept { return state_ == State::done && output().empty(); }
  /// What the proxy says it uses for the connection; often 0.0.0.0:0. Only when done().
  const Target& bound() const noexcept { return bound_; }

 private:
  enum class State : std::uint8_t { method, login, reply4, reply5, done, failed };

  ClientHandshake(State state, const Target& target, std::string_view proxy);
  Result<std::size_t> message_size() const;
  Result<void> take_message();
  Error fault(Errc code, std::string_view what) const;

  State state_;
  bool target_is_name_ = false;
  std::string target_;  // for error texts
  std::string proxy_;   // for error texts
  std::string output_;
  std::size_t sent_ = 0;  // of output_
  std::string request_;   // SOCKS5's, until it is sent
  std::string login_;     // SOCKS5's message, empty without login
  std::string buffer_;    // of the current message
  Target bound_;
  Error error_;  // of State::failed
};

/// What a client asked a SOCKS server for.
struct Request {
  Version version = Version::v5;
  Target target;
  /// The target was sent as a name, not as an address.
  bool target_is_name = false;
  /// SOCKS4's user, if not empty; SOCKS5's user and password, if the server asked for them.
  std::optional<Login> login;
};

/// Answers a SOCKS client. For mocks; a server has more to look after (time limits, what it may be
/// used for).
///
/// States: `start` -> `request4`, or `greeting` -> (`login` ->) `request5`; -> `waiting` with the
/// request, until `reply` leads to `replied`. `failed` from all but the last.
/// Only CONNECT is served. When `feed` fails, `output()` may hold what tells the client why.
/// Errors of `feed`, sticky: Errc::connect_failed for a login that is missing or wrong;
/// Errc::protocol_error for everything that breaks the protocol, a version that is not served,
/// other commands and unknown kinds of address.
class ServerHandshake {
 public:
  struct Settings {
    bool serves_v4 = true;
    bool serves_v5 = true;
    /// What clients have to log in with. SOCKS4, which has no password, then compares users.
    std::optional<Login> login;
  };

  ServerHandshake() = default;
  explicit ServerHandshake(Settings settings) : settings_(std::move(settings)) {}

  /// What is to be sent next; empty: wait for the client, or for `reply`.
  std::string_view output() const noexcept { return std::string_view(output_).substr(sent_); }
  /// That many bytes of `output()` went out.
  void sent(std::size_t count) noexcept;
  /// Consumes bytes from the client; returns how many: all of `in` unless its request ended.
  Result<std::size_t> feed(std::string_view in);
  /// The request is there and waits for `reply`.
  bool has_request() const noexcept { return state_ == State::waiting; }
  /// The request. Once it was there.
  const Request& request() const noexcept { return request_; }
  /// Answers the request. SOCKS4 tells no more than whether it succeeded. `bound` is what the
  /// connection uses: an address, or for SOCKS5 also a name of 1 to 255 bytes; anything else is
  /// sent as 0.0.0.0. Does nothing without a request that waits.
  void reply(Reply code, const Target& bound = {});
  /// The reply was made and sent.
  bool done() const noexcept { return state_ == State::replied && output().empty(); }
  /// The reply said that it succeeded: the connection begins when done().
  bool accepted() const noexcept { return accepted_; }

 private:
  enum class State : std::uint8_t {
    start,
    greeting,
    login,
    request4,
    request5,
    waiting,
    replied,
    failed,
  };

  Result<std::size_t> message_size();
  Result<std::size_t> size_of_request4();
  Result<std::size_t> size_of_request5();
  Result<void> take_message();
  Result<void> take_greeting();
  Result<void> take_login();
  Result<void> take_request4();
  Result<void> take_request5();
  Error refuse(Reply reason, std::string what);
  void write_reply(Reply code, const Target& bound);

  Settings settings_;
  State state_ = State::start;
  bool accepted_ = false;
  std::string output_;
  std::size_t sent_ = 0;  // of output_
  std::string buffer_;    // of the current message
  Request request_;
  Error error_;
};

}  // namespace socks
OKHTTP_NAMESPACE_END

#include <okhttp/codec/socks/socks_handshake.ipp>

#endif  // OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_HPP
