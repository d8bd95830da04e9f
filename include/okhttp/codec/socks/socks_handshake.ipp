// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_IPP
#define OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_IPP

#include <okhttp/codec/socks/socks_handshake.hpp>

#include <okhttp/url/ip_address.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <array>

OKHTTP_NAMESPACE_BEGIN
namespace socks {

namespace wire {

// SOCKS5.
inline constexpr unsigned version5 = 5;
inline constexpr unsigned login_version = 1;
inline constexpr unsigned no_authentication = 0;
inline constexpr unsigned user_and_password = 2;
inline constexpr unsigned no_method = 0xFF;
inline constexpr unsigned ipv4 = 1;
inline constexpr unsigned name = 3;
inline constexpr unsigned ipv6 = 4;
// SOCKS4. Its replies have version 0.
inline constexpr unsigned version4 = 4;
inline constexpr unsigned reply_version4 = 0;
inline constexpr unsigned granted4 = 90;
inline constexpr unsigned rejected4 = 91;
inline constexpr unsigned no_identd4 = 92;
inline constexpr unsigned other_user4 = 93;
// Both.
inline constexpr unsigned connect = 1;

OKHTTP_DECL void append(std::string& out, unsigned byte) {
  out += static_cast<char>(static_cast<unsigned char>(byte));
}
OKHTTP_DECL void append_port(std::string& out, std::uint16_t port) {
  append(out, port >> 8U);
  append(out, port & 0xFFU);
}
OKHTTP_DECL void append_bytes(std::string& out, const IpAddress& address) {
  for (const std::uint8_t byte : address.bytes()) append(out, byte);
}
OKHTTP_DECL void append_counted(std::string& out, std::string_view text) {
  append(out, static_cast<unsigned>(text.size()));
  out += text;
}

OKHTTP_DECL unsigned byte_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<unsigned char>(bytes[i]);
}
OKHTTP_DECL std::uint16_t port_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<std::uint16_t>(byte_at(bytes, i) << 8U | byte_at(bytes, i + 1));
}
/// Reads 4 or 16 bytes.
OKHTTP_DECL IpAddress address_of(std::string_view bytes) noexcept {
  if (bytes.size() == 4) {
    std::array<std::uint8_t, 4> v4{};
    for (std::size_t i = 0; i < v4.size(); ++i) v4[i] = static_cast<std::uint8_t>(bytes[i]);
    return IpAddress::v4(v4);
  }
  std::array<std::uint8_t, 16> v6{};
  for (std::size_t i = 0; i < v6.size(); ++i) v6[i] = static_cast<std::uint8_t>(bytes[i]);
  return IpAddress::v6(v6);
}

/// 0.0.0.1 to 0.0.0.255: a SOCKS4a request with a name.
OKHTTP_DECL bool announces_name(std::string_view address) noexcept {
  return address.starts_with(std::string_view("\0\0\0", 3)) && address[3] != '\0';
}

/// How many bytes a SOCKS5 request or reply has, once its first five are there; 0 when the kind of
/// its address is unknown.
OKHTTP_DECL std::size_t size_of_message5(std::string_view begin) noexcept {
  switch (byte_at(begin, 3)) {
    case ipv4:
      return 4 + 4 + 2;
    case ipv6:
      return 4 + 16 + 2;
    case name:
      return 4 + 1 + std::size_t{byte_at(begin, 4)} + 2;
    default:
      return 0;
  }
}
/// Address and port of a whole SOCKS5 request or reply.
OKHTTP_DECL Target target_of_message5(std::string_view message) {
  const std::string_view address = message.substr(4, message.size() - 6);
  Target target;
  target.host = byte_at(message, 3) == name ? std::string(address.substr(1))
                                            : address_of(address).to_string();
  target.port = port_at(message, message.size() - 2);
  return target;
}

/// Takes `count` bytes off the front of what `output` still has to send.
OKHTTP_DECL void drop_sent(std::string& output, std::size_t& sent, std::size_t count) noexcept {
  OKHTTP_ASSERT(count <= output.size() - sent);
  sent += std::min(count, output.size() - sent);
  if (sent < output.size()) return;
  output.clear();
  sent = 0;
}

/// A name that can be sent and shown: printable ASCII, and not too long.
OKHTTP_DECL const char* check_host(std::string_view host) noexcept {
  if (host.empty()) return "the host to connect to is empty";
  if (host.size() > max_field_bytes) return "the host to connect to has more than 255 bytes";
  for (const char c : host)
    if (c <= ' ' || c > '~') return "the host to connect to has a character that no host may have";
  return nullptr;
}

}  // namespace wire

OKHTTP_DECL std::string Target::to_string() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// ---- The client ----

OKHTTP_DECL ClientHandshake::ClientHandshake(State state,
                                             const Target& target,
                                             std::string_view proxy)
    : state_(state), target_(target.to_string()), proxy_(proxy) {}

OKHTTP_DECL Result<ClientHandshake> ClientHandshake::try_v4a(const Target& target,
                                                             std::string_view user,
                                                             std::string_view proxy) {
  if (const char* const reason = wire::check_host(target.host))
    return Error(Errc::invalid_argument, reason);
  if (user.size() > max_field_bytes || user.find('\0') != std::string_view::npos)
    return Error(Errc::invalid_argument, "a SOCKS4 user has at most 255 bytes and no NUL");
  ClientHandshake made(State::reply4, target, proxy);
  const Result<IpAddress> address = IpAddress::try_parse(target.host);
  made.target_is_name_ = !address;
  wire::append(made.output_, wire::version4);
  wire::append(made.output_, wire::connect);
  wire::append_port(made.output_, target.port);
  const IpAddress sent = address ? *address : IpAddress::v4({0, 0, 0, 1});
  if (sent.is_v6()) return made.fault(Errc::connect_failed, "SOCKS4 has no IPv6 addresses");
  wire::append_bytes(made.output_, sent);
  if (address && wire::announces_name(std::string_view(made.output_).substr(4)))
    return made.fault(Errc::connect_failed, "SOCKS4a has no addresses from 0.0.0.1 to 0.0.0.255");
  made.output_.append(user).append(1, '\0');
  if (!address) made.output_.append(target.host).append(1, '\0');
  return made;
}

OKHTTP_DECL Result<ClientHandshake> ClientHandshake::try_v5(const Target& target,
                                                            const std::optional<Login>& login,
                                                            std::string_view proxy) {
  if (const char* const reason = wire::check_host(target.host))
    return Error(Errc::invalid_argument, reason);
  if (login && (login->user.empty() || login->user.size() > max_field_bytes))
    return Error(Errc::invalid_argument, "a SOCKS5 user has 1 to 255 bytes");
  if (login && login->password.size() > max_field_bytes)
    return Error(Errc::invalid_argument, "a SOCKS5 password has at most 255 bytes");
  ClientHandshake made(State::method, target, proxy);
  wire::append(made.output_, wire::version5);
  wire::append(made.output_, login ? 2 : 1);
  wire::append(made.output_, wire::no_authentication);
  if (login) {
    wire::append(made.output_, wire::user_and_password);
    wire::append(made.login_, wire::login_version);
    wire::append_counted(made.login_, login->user);
    wire::append_counted(made.login_, login->password);
  }
  wire::append(made.request_, wire::version5);
  wire::append(made.request_, wire::connect);
  wire::append(made.request_, 0);
  if (const Result<IpAddress> address = IpAddress::try_parse(target.host)) {
    wire::append(made.request_, address->is_v6() ? wire::ipv6 : wire::ipv4);
    wire::append_bytes(made.request_, *address);
  } else {
    made.target_is_name_ = true;
    wire::append(made.request_, wire::name);
    wire::append_counted(made.request_, target.host);
  }
  wire::append_port(made.request_, target.port);
  return made;
}

OKHTTP_DECL void ClientHandshake::sent(std::size_t count) noexcept {
  wire::drop_sent(output_, sent_, count);
}

OKHTTP_DECL Error ClientHandshake::fault(Errc code, std::string_view what) const {
  std::string message = "connect to " + target_ + " through the SOCKS proxy ";
  message.append(proxy_).append(proxy_.empty() ? "failed: " : " failed: ").append(what);
  return Error(code, std::move(message));
}

OKHTTP_DECL Result<std::size_t> ClientHandshake::feed(std::string_view in) {
  if (state_ == State::failed) return error_;
  std::size_t consumed = 0;
  while (state_ != State::done) {
    Result<std::size_t> size = message_size();
    if (size && buffer_.size() < *size) {
      if (consumed == in.size()) break;
      const std::string_view part = in.substr(consumed, *size - buffer_.size());
      buffer_ += part;
      consumed += part.size();
      continue;
    }
    const Result<void> taken = size ? take_message() : Result<void>(std::move(size).error());
    if (!taken) {
      state_ = State::failed;
      error_ = taken.error();
      return error_;
    }
    buffer_.clear();
  }
  return consumed;
}

/// How long the current message is, as far as the bytes in buffer_ tell; checks those.
OKHTTP_DECL Result<std::size_t> ClientHandshake::message_size() const {
  const std::size_t size = buffer_.size();
  const auto byte = [this](std::size_t i) { return wire::byte_at(buffer_, i); };
  const auto broken = [&](std::string_view what, std::size_t i) {
    return fault(Errc::protocol_error,
                 "the proxy answered with " + std::string(what) + " " + std::to_string(byte(i)));
  };
  const unsigned version = state_ == State::reply4  ? wire::reply_version4
                           : state_ == State::login ? wire::login_version
                                                    : wire::version5;
  if (size >= 1 && byte(0) != version) {
    const std::string wrong = "version " + std::to_string(byte(0)) + " instead of ";
    return fault(Errc::protocol_error,
                 "the proxy answered with " + wrong + std::to_string(version));
  }
  if (state_ == State::method || state_ == State::login) return std::size_t{2};
  if (state_ == State::reply4) {
    if (size < 2 || byte(1) == wire::granted4) return std::size_t{8};
    switch (byte(1)) {
      case wire::rejected4:
        return fault(Errc::connect_failed, "the proxy rejected it or could not connect");
      case wire::no_identd4:
        return fault(Errc::connect_failed, "the proxy could not reach the client's identd");
      case wire::other_user4:
        return fault(Errc::connect_failed, "the client's identd named another user");
      default:
        return broken("the unassigned code", 1);
    }
  }

  if (size >= 2) {
    switch (byte(1)) {
      case static_cast<unsigned>(Reply::succeeded):
        break;
      case static_cast<unsigned>(Reply::general_failure):
        return fault(Errc::connect_failed, "the proxy had a general failure");
      case static_cast<unsigned>(Reply::not_allowed):
        return fault(Errc::connect_failed, "the proxy's rules do not allow it");
      case static_cast<unsigned>(Reply::network_unreachable):
        return fault(Errc::connect_failed, "the network is unreachable for the proxy");
      case static_cast<unsigned>(Reply::host_unreachable):
        if (target_is_name_)
          return fault(Errc::dns, "the proxy could not resolve or reach the host");
        return fault(Errc::connect_failed, "the host is unreachable for the proxy");
      case static_cast<unsigned>(Reply::connection_refused):
        return fault(Errc::connect_refused, "connection refused");
      case static_cast<unsigned>(Reply::ttl_expired):
        return fault(Errc::connect_failed, "the proxy's packets did not get there (TTL expired)");
      case static_cast<unsigned>(Reply::command_not_supported):
        return fault(Errc::connect_failed, "the proxy does not support CONNECT");
      case static_cast<unsigned>(Reply::address_type_not_supported):
        return fault(Errc::connect_failed, "the proxy does not support this kind of address");
      default:
        return broken("the unassigned code", 1);
    }
  }
  if (size >= 3 && byte(2) != 0) return broken("the reserved byte", 2);
  if (size < 4) return std::size_t{4};
  if (byte(3) != wire::ipv4 && byte(3) != wire::ipv6 && byte(3) != wire::name)
    return broken("the unknown kind of address", 3);
  return size < 5 ? std::size_t{5} : wire::size_of_message5(buffer_);
}

OKHTTP_DECL Result<void> ClientHandshake::take_message() {
  const unsigned second = wire::byte_at(buffer_, 1);
  switch (state_) {
    case State::method:
      if (second == wire::no_authentication) {
        output_ += request_;
        state_ = State::reply5;
      } else if (second == wire::user_and_password && !login_.empty()) {
        output_ += login_;
        state_ = State::login;
      } else if (second == wire::no_method) {
        return fault(Errc::connect_failed, login_.empty()
                                               ? "the proxy asks for a user and a password, or for "
                                                 "an authentication that is not supported"
                                               : "the proxy takes no user and password, but asks "
                                                 "for another authentication");
      } else {
        return fault(Errc::protocol_error, "the proxy chose the authentication " +
                                               std::to_string(second) + ", which was not offered");
      }
      return {};
    case State::login:
      if (second != 0) return fault(Errc::connect_failed, "the proxy refused user and password");
      output_ += request_;
      state_ = State::reply5;
      return {};
    case State::reply4:
      bound_.port = wire::port_at(buffer_, 2);
      bound_.host = wire::address_of(std::string_view(buffer_).substr(4)).to_string();
      state_ = State::done;
      return {};
    case State::reply5:
      bound_ = wire::target_of_message5(buffer_);
      state_ = State::done;
      return {};
    case State::done:
    case State::failed:
      break;
  }
  return {};
}

// ---- The server ----

OKHTTP_DECL void ServerHandshake::sent(std::size_t count) noexcept {
  wire::drop_sent(output_, sent_, count);
}

OKHTTP_DECL Result<std::size_t> ServerHandshake::feed(std::string_view in) {
  if (state_ == State::failed) return error_;
  std::size_t consumed = 0;
  while (state_ != State::waiting && state_ != State::replied) {
    Result<std::size_t> size = message_size();
    if (size && buffer_.size() < *size) {
      if (consumed == in.size()) break;
      const std::string_view part = in.substr(consumed, *size - buffer_.size());
      buffer_ += part;
      consumed += part.size();
      continue;
    }
    const Result<void> taken = size ? take_message() : Result<void>(std::move(size).error());
    if (!taken) {
      state_ = State::failed;
      error_ = taken.error();
      return error_;
    }
  }
  return consumed;
}

/// Tells the client why it is not served.
OKHTTP_DECL Error ServerHandshake::refuse(Reply reason, std::string what) {
  write_reply(reason, {});
  return Error(Errc::protocol_error, "the SOCKS client " + std::move(what));
}

/// How long the current message is, as far as the bytes in buffer_ tell; checks those.
OKHTTP_DECL Result<std::size_t> ServerHandshake::message_size() {
  const std::size_t size = buffer_.size();
  switch (state_) {
    case State::greeting:
      return size < 2 ? std::size_t{2} : 2 + std::size_t{wire::byte_at(buffer_, 1)};
    case State::login: {
      if (size >= 1 && wire::byte_at(buffer_, 0) != wire::login_version)
        return Error(Errc::protocol_error, "the SOCKS client logs in with an unknown version");
      if (size < 2) return std::size_t{2};
      const std::size_t user = wire::byte_at(buffer_, 1);
      if (user == 0) return Error(Errc::protocol_error, "the SOCKS client logs in without a user");
      return size < user + 3 ? user + 3 : user + 3 + wire::byte_at(buffer_, user + 2);
    }
    case State::request4:
      return size_of_request4();
    case State::request5:
      return size_of_request5();
    default:
      return std::size_t{1};
  }
}

OKHTTP_DECL Result<std::size_t> ServerHandshake::size_of_request4() {
  const std::size_t size = buffer_.size();
  if (size >= 2 && wire::byte_at(buffer_, 1) != wire::connect)
    return refuse(Reply::command_not_supported, "asks for something other than CONNECT");
  if (size < 8) return std::size_t{8};
  // The user, and a name if there is one, each up to its NUL.
  std::size_t begin = 8;
  const bool has_name = wire::announces_name(std::string_view(buffer_).substr(4, 4));
  for (int field = has_name ? 2 : 1; field > 0; --field) {
    const std::size_t end = buffer_.find('\0', begin);
    if ((end == std::string::npos ? size : end) - begin > max_field_bytes)
      return refuse(Reply::general_failure, "sent a user or a name of more than 255 bytes");
    if (end == std::string::npos) return size + 1;
    begin = end + 1;
  }
  return begin;
}

OKHTTP_DECL Result<std::size_t> ServerHandshake::size_of_request5() {
  const std::size_t size = buffer_.size();
  if (size >= 1 && wire::byte_at(buffer_, 0) != wire::version5)
    return refuse(Reply::general_failure, "changed the version");
  if (size >= 2 && wire::byte_at(buffer_, 1) != wire::connect)
    return refuse(Reply::command_not_supported, "asks for something other than CONNECT");
  if (size >= 3 && wire::byte_at(buffer_, 2) != 0)
    return refuse(Reply::general_failure, "set the reserved byte");
  if (size < 4) return std::size_t{4};
  const unsigned kind = wire::byte_at(buffer_, 3);
  if (kind != wire::ipv4 && kind != wire::ipv6 && kind != wire::name)
    return refuse(Reply::address_type_not_supported, "sent an unknown kind of address");
  if (size < 5) return std::size_t{5};
  if (kind == wire::name && wire::byte_at(buffer_, 4) == 0)
    return refuse(Reply::general_failure, "asks for a host without a name");
  return wire::size_of_message5(buffer_);
}

OKHTTP_DECL Result<void> ServerHandshake::take_message() {
  if (state_ == State::start) {
    // The version stays in buffer_: it begins the message that follows.
    const unsigned version = wire::byte_at(buffer_, 0);
    request_.version = version == wire::version4 ? Version::v4a : Version::v5;
    const bool is_served = version == wire::version4   ? settings_.serves_v4
                           : version == wire::version5 ? settings_.serves_v5
                                                       : false;
    if (!is_served)
      return Error(Errc::protocol_error,
                   "the SOCKS client speaks version " + std::to_string(version));
    state_ = version == wire::version4 ? State::request4 : State::greeting;
    return {};
  }
  Result<void> taken = state_ == State::greeting   ? take_greeting()
                       : state_ == State::login    ? take_login()
                       : state_ == State::request4 ? take_request4()
                                                   : take_request5();
  buffer_.clear();
  return taken;
}

OKHTTP_DECL Result<void> ServerHandshake::take_greeting() {
  const unsigned wanted = settings_.login ? wire::user_and_password : wire::no_authentication;
  const bool is_offered =
      buffer_.find(static_cast<char>(static_cast<unsigned char>(wanted)), 2) != std::string::npos;
  wire::append(output_, wire::version5);
  wire::append(output_, is_offered ? wanted : wire::no_method);
  if (!is_offered)
    return Error(Errc::connect_failed,
                 settings_.login ? "the SOCKS client does not offer to log in"
                                 : "the SOCKS client does not offer to go on without logging in");
  state_ = settings_.login ? State::login : State::request5;
  return {};
}

OKHTTP_DECL Result<void> ServerHandshake::take_login() {
  const std::size_t user = wire::byte_at(buffer_, 1);
  Login login{buffer_.substr(2, user), buffer_.substr(user + 3)};
  const bool is_right = login == *settings_.login;
  wire::append(output_, wire::login_version);
  wire::append(output_, is_right ? 0 : 1);
  if (!is_right)
    return Error(Errc::connect_failed, "the SOCKS client logs in with another user or password");
  request_.login = std::move(login);
  state_ = State::request5;
  return {};
}

OKHTTP_DECL Result<void> ServerHandshake::take_request4() {
  request_.target.port = wire::port_at(buffer_, 2);
  const std::string_view address = std::string_view(buffer_).substr(4, 4);
  const std::size_t user_end = buffer_.find('\0', 8);
  request_.target_is_name = wire::announces_name(address);
  request_.target.host = request_.target_is_name
                             ? buffer_.substr(user_end + 1, buffer_.size() - user_end - 2)
                             : wire::address_of(address).to_string();
  if (user_end > 8) request_.login = Login{buffer_.substr(8, user_end - 8), {}};
  if (wire::check_host(request_.target.host) != nullptr)
    return refuse(Reply::general_failure, "asks for a host that is none");
  const std::string user = request_.login ? request_.login->user : std::string();
  if (settings_.login && settings_.login->user != user) {
    wire::append(output_, wire::reply_version4);
    wire::append(output_, wire::other_user4);
    output_.append(6, '\0');
    return Error(Errc::connect_failed, "the SOCKS client names another user");
  }
  state_ = State::waiting;
  return {};
}

OKHTTP_DECL Result<void> ServerHandshake::take_request5() {
  request_.target = wire::target_of_message5(buffer_);
  request_.target_is_name = wire::byte_at(buffer_, 3) == wire::name;
  if (wire::check_host(request_.target.host) != nullptr)
    return refuse(Reply::general_failure, "asks for a host that is none");
  state_ = State::waiting;
  return {};
}

OKHTTP_DECL void ServerHandshake::reply(Reply code, const Target& bound) {
  if (state_ != State::waiting) return;
  state_ = State::replied;
  accepted_ = code == Reply::succeeded;
  write_reply(code, bound);
}

OKHTTP_DECL void ServerHandshake::write_reply(Reply code, const Target& bound) {
  const Result<IpAddress> parsed = IpAddress::try_parse(bound.host);
  if (request_.version == Version::v4a) {
    wire::append(output_, wire::reply_version4);
    wire::append(output_, code == Reply::succeeded ? wire::granted4 : wire::rejected4);
    wire::append_port(output_, bound.port);
    wire::append_bytes(output_, parsed && parsed->is_v4() ? *parsed : IpAddress());
    return;
  }
  wire::append(output_, wire::version5);
  wire::append(output_, static_cast<unsigned>(code));
  wire::append(output_, 0);
  if (!parsed && !bound.host.empty() && bound.host.size() <= max_field_bytes) {
    wire::append(output_, wire::name);
    wire::append_counted(output_, bound.host);
  } else {
    const IpAddress address = parsed ? *parsed : IpAddress();
    wire::append(output_, address.is_v6() ? wire::ipv6 : wire::ipv4);
    wire::append_bytes(output_, address);
  }
  wire::append_port(output_, bound.port);
}

}  // namespace socks
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_SOCKS_SOCKS_HANDSHAKE_IPP
