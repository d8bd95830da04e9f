// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/socks/socks_handshake.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The first byte says who is spoken to, the second how the rest, which that peer is sent, is cut.

using okhttp::Errc;
using okhttp::IpAddress;
using okhttp::Result;
using okhttp::socks::ClientHandshake;
using okhttp::socks::Login;
using okhttp::socks::Reply;
using okhttp::socks::ServerHandshake;
using okhttp::socks::Target;

namespace {

const Target site{"example.com", 443};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::string output;
  std::size_t consumed = 0;
  Errc error{};
  std::string message;
  bool is_complete = false;
  Target target;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <class Handshake>
void feed_all(Handshake& handshake, std::string_view in, std::size_t step, Outcome& outcome) {
  while (true) {
    const std::string_view part = in.substr(0, step);
    const Result<std::size_t> consumed = handshake.feed(part);
    outcome.output += handshake.output();
    handshake.sent(handshake.output().size());
    require(handshake.output().empty());
    if (!consumed) {
      outcome.error = consumed.error().code();
      outcome.message = consumed.error().message();
      // How much it had taken before depends on the cut.
      outcome.consumed = 0;
      const Result<std::size_t> again = handshake.feed(in);
      require(!again && again.error().message() == outcome.message && handshake.output().empty());
      return;
    }
    require(*consumed <= part.size());
    outcome.consumed += *consumed;
    in.remove_prefix(*consumed);
    if (*consumed < part.size() || in.empty()) return;
  }
}

Outcome run_client(ClientHandshake client, std::string_view in, std::size_t step) {
  Outcome outcome;
  feed_all(client, in, step, outcome);
  outcome.is_complete = client.done();
  require(!(outcome.is_complete && outcome.error != Errc{}));
  if (outcome.is_complete) {
    outcome.target = client.bound();
    require(client.feed(in).value() == 0);
    require(client.bound().host.size() <= okhttp::socks::max_field_bytes);
  } else {
    require(outcome.error != Errc{} || outcome.consumed == in.size());
  }
  return outcome;
}

Outcome run_server(ServerHandshake server, std::string_view in, std::size_t step) {
  Outcome outcome;
  feed_all(server, in, step, outcome);
  outcome.is_complete = server.has_request();
  require(!(outcome.is_complete && outcome.error != Errc{}));
  require(!server.done() && !server.accepted());
  if (!outcome.is_complete) {
    require(outcome.error != Errc{} || outcome.consumed == in.size());
    return outcome;
  }
  outcome.target = server.request().target;
  require(!outcome.target.host.empty());
  require(outcome.target.host.size() <= okhttp::socks::max_field_bytes);
  require(server.feed(in).value() == 0);
  server.reply(Reply::succeeded, outcome.target);
  require(!server.output().empty() && server.accepted());
  outcome.output += server.output();
  server.sent(server.output().size());
  require(server.done());
  return outcome;
}

// What a client was made for is what a server hears, whatever it is.
void check_agreement(ClientHandshake client,
                     const Target& target,
                     const std::optional<Login>& login,
                     std::size_t step) {
  ServerHandshake::Settings settings;
  settings.login = login;
  ServerHandshake server(settings);
  for (int round = 0; round < 4 && !client.done(); ++round) {
    Outcome ignored;
    const std::string from_client(client.output());
    client.sent(from_client.size());
    std::string from_server;
    for (std::size_t i = 0; i < from_client.size(); i += step)
      require(server.feed(std::string_view(from_client).substr(i, step)).has_value());
    if (server.has_request()) server.reply(Reply::succeeded);
    from_server = server.output();
    server.sent(from_server.size());
    for (std::size_t i = 0; i < from_server.size(); i += step)
      require(client.feed(std::string_view(from_server).substr(i, step)).has_value());
  }
  require(client.done() && server.done());
  const Result<IpAddress> address = IpAddress::try_parse(target.host);
  require(server.request().target.host == (address ? address->to_string() : target.host));
  require(server.request().target.port == target.port);
  require(server.request().target_is_name == !address);
  require(server.request().login == login);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned peer = data[0] % 8;
  const std::size_t step = std::size_t{1} + data[1] % 32;
  const std::string_view in(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Login me{"me", "secret"};

  ServerHandshake::Settings settings;
  if (peer == 4) settings.login = me;
  settings.serves_v4 = peer != 5;
  settings.serves_v5 = peer != 6;
  if (peer >= 3 && peer <= 6) {
    const ServerHandshake server(settings);
    require(run_server(server, in, SIZE_MAX) == run_server(server, in, step));
  } else if (peer < 3) {
    const ClientHandshake client =
        peer == 0 ? ClientHandshake::try_v4a(site, "me", "proxy").value()
                  : ClientHandshake::try_v5(site, peer == 1 ? std::nullopt : std::optional(me), "")
                        .value();
    require(run_client(client, in, SIZE_MAX) == run_client(client, in, step));
  } else {
    // Host, user and password, each up to a line's end.
    const std::string_view host = in.substr(0, in.find('\n'));
    std::string_view rest = in.substr(std::min(in.size(), host.size() + 1));
    const std::string_view user = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), user.size() + 1));
    const Target target{std::string(host), static_cast<std::uint16_t>(data[1] * 257U)};
    std::optional<Login> login;
    if (!user.empty()) login = Login{std::string(user), std::string(rest)};
    Result<ClientHandshake> v5 = ClientHandshake::try_v5(target, login, host);
    if (v5) check_agreement(*std::move(v5), target, login, step);
    if (login) login->password.clear();
    Result<ClientHandshake> v4a = ClientHandshake::try_v4a(target, user, host);
    if (v4a) check_agreement(*std::move(v4a), target, login, step);
  }
  return 0;
}
