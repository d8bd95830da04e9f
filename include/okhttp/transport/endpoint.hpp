// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_ENDPOINT_HPP
#define OKHTTP_TRANSPORT_ENDPOINT_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/ip_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

OKHTTP_NAMESPACE_BEGIN

class Cancellation;
struct Endpoint;
struct TlsRequirements;
struct Handshake;

/// Hears of attempts to connect, on the thread of the call's runtime. Must not block.
class ConnectObserver {
 public:
  ConnectObserver() = default;
  ConnectObserver(const ConnectObserver&) = delete;
  ConnectObserver& operator=(const ConnectObserver&) = delete;
  virtual void attempt_begun(const Endpoint& endpoint) = 0;
  /// An attempt that is ended because another one was faster, or the call was canceled, fails with Errc::canceled.
  virtual void attempt_failed(const Endpoint& endpoint, const Error& error) = 0;
  /// A TLS handshake begins on a connection there is, and has ended well. One that fails is an attempt that failed.
  virtual void secure_begun(const Endpoint& endpoint) { (void)endpoint; }
  virtual void secured(const Endpoint& endpoint, const Handshake& handshake) { (void)endpoint, (void)handshake; }

 protected:
  ~ConnectObserver() = default;
};

/// A request that goes along with the first message of a TLS 1.3 handshake (0-RTT), when the session that is
/// continued allows it: the server gets it a round trip earlier. Whoever records these messages can send them
/// again, so it must be one that does no harm twice.
/// Spec: RFC 8446, 2.3 and 8; RFC 8470.
struct EarlyData {
  /// A whole HTTP/1.1 request.
  std::string bytes;
  /// The transport has sent it along with a handshake, good or bad. It is not sent that way twice.
  bool sent = false;
  /// The server has taken it on the stream that the transport gives: there it must not be sent again.
  bool accepted = false;
};

/// Whom a transport is to connect to.
struct Endpoint {
  /// The host as the URL names it: an ASCII name, or an IP address without brackets.
  std::string host;
  std::uint16_t port = 0;
  /// Where the host is. Always there for a transport that asks for addresses
  /// (`static constexpr bool needs_addresses = true`), else only when the host is an address.
  std::optional<IpAddress> address;
  /// The URL's scheme is https: what the stream carries must be encrypted and the peer verified.
  bool secure = false;
  /// What is demanded of a secure stream; null: the defaults of TlsRequirements.
  const TlsRequirements* tls = nullptr;
  /// Which of the requirements' specs to begin with: 0, or more after the handshakes before have failed.
  std::size_t spec_attempt = 0;
  /// Raised when the call is canceled; null when it cannot be. For hooks that end a wait early.
  Cancellation* cancellation = nullptr;
  /// To be told of what is attempted; null: nobody wants to know.
  ConnectObserver* observer = nullptr;
  /// What to send along with a TLS handshake; null: nothing. A transport may ignore it.
  EarlyData* early = nullptr;

  /// "host:port", with an IPv6 address in brackets.
  std::string to_string() const {
    const std::string name = address ? address->to_string() : host;
    return (name.find(':') != std::string::npos ? "[" + name + "]" : name) + ":" +
           std::to_string(port);
  }
};

/// The connection that won a race between several endpoints.
template <class S>
struct Raced {
  S stream{};
  /// Which of the endpoints it leads to.
  std::size_t index = 0;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_ENDPOINT_HPP
