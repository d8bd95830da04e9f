// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/socks/socks_handshake.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace socks_handshake_test {

using namespace std::string_view_literals;
using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;
using okhttp::socks::ClientHandshake;
using okhttp::socks::Login;
using okhttp::socks::Reply;
using okhttp::socks::ServerHandshake;
using okhttp::socks::Target;
using okhttp::socks::Version;

namespace {

const Target site{"example.com", 443};
constexpr std::string_view proxy = "127.0.0.1:1080";

// Bytes on the wire, one message per line.
constexpr std::string_view greeting = "\x05\x01\x00"sv;
constexpr std::string_view greeting_with_login = "\x05\x02\x00\x02"sv;
constexpr std::string_view no_login = "\x05\x00"sv;
constexpr std::string_view wants_login = "\x05\x02"sv;
constexpr std::string_view no_method = "\x05\xFF"sv;
constexpr std::string_view login = "\x01\x02me\x06secret"sv;
constexpr std::string_view login_good = "\x01\x00"sv;
constexpr std::string_view login_bad = "\x01\x01"sv;
constexpr std::string_view request_name =
    "\x05\x01\x00\x03\x0B"
    "example.com\x01\xBB"sv;
constexpr std::string_view granted = "\x05\x00\x00\x01\x0A\x00\x00\x01\x1F\x90"sv;  // 10.0.0.1:8080
constexpr std::string_view granted4 = "\x00\x5A\x1F\x90\x0A\x00\x00\x01"sv;

ClientHandshake v4a(const Target& target, std::string_view user = {}) {
  return ClientHandshake::try_v4a(target, user, proxy).value();
}
ClientHandshake v5(const Target& target, const std::optional<Login>& with = std::nullopt) {
  return ClientHandshake::try_v5(target, with, proxy).value();
}
const Login me{"me", "secret"};

template <class Handshake>
std::string take_output(Handshake& handshake) {
  std::string out(handshake.output());
  handshake.sent(out.size());
  return out;
}

/// Feeds pieces of `step` bytes until one is not consumed whole; returns what was left.
template <class Handshake>
Result<std::string> feed_in_steps(Handshake& handshake, std::string_view in, std::size_t step) {
  while (!in.empty()) {
    const std::string_view part = in.substr(0, step);
    const Result<std::size_t> consumed = handshake.feed(part);
    if (!consumed) return consumed.error();
    REQUIRE(*consumed <= part.size());
    in.remove_prefix(*consumed);
    if (*consumed < part.size()) break;
  }
  return std::string(in);
}

/// Every byte a client sends, whatever it gets.
struct Exchange {
  std::string sent;
  std::string left;
  std::optional<Error> error;
  bool done = false;
  Target bound;
};
Exchange talk(ClientHandshake client, std::string_view from_proxy, std::size_t step) {
  Exchange exchange;
  exchange.sent = take_output(client);
  while (!from_proxy.empty()) {
    const std::string_view part = from_proxy.substr(0, step);
    const Result<std::size_t> consumed = client.feed(part);
    exchange.sent += take_output(client);
    if (!consumed) {
      exchange.error = consumed.error();
      const Result<std::size_t> again = client.feed("\x05");
      REQUIRE_FALSE(again.has_value());
      CHECK(again.error().message() == consumed.error().message());
      CHECK_FALSE(client.done());
      return exchange;
    }
    from_proxy.remove_prefix(*consumed);
    if (*consumed < part.size()) break;
  }
  exchange.left = from_proxy;
  exchange.done = client.done();
  if (client.done()) exchange.bound = client.bound();
  return exchange;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 1000};

/// The client fails so, however the bytes are cut.
void check_failure(const ClientHandshake& client,
                   std::string_view from_proxy,
                   Errc code,
                   std::string_view what) {
  for (const std::size_t step : steps) {
    CAPTURE(step);
    CAPTURE(what);
    const Exchange exchange = talk(client, from_proxy, step);
    REQUIRE(exchange.error.has_value());
    CHECK(exchange.error->code() == code);
    CHECK(exchange.error->message() ==
          "connect to example.com:443 through the SOCKS proxy 127.0.0.1:1080 failed: " +
              std::string(what));
  }
}

std::string reply5(unsigned code, std::string_view rest = "\x00\x01\x00\x00\x00\x00\x00\x00"sv) {
  std::string out = "\x05";
  out += static_cast<char>(static_cast<unsigned char>(code));
  return out.append(rest);
}

}  // namespace

TEST_SUITE("codec/socks/socks_handshake") {
  TEST_CASE("SOCKS5 without login sends greeting and request") {
    ClientHandshake client = v5(site);
    CHECK_FALSE(client.done());
    CHECK(client.output() == greeting);
    client.sent(1);
    CHECK(client.output() == greeting.substr(1));
    client.sent(2);
    CHECK(client.output().empty());
    CHECK(client.feed(no_login).value() == 2);
    CHECK(client.output() == request_name);
    client.sent(client.output().size());
    CHECK(client.feed(granted).value() == granted.size());
    CHECK(client.output().empty());
    CHECK(client.done());
    CHECK(client.bound() == Target{"10.0.0.1", 8080});
  }

  TEST_CASE("SOCKS5 with login sends it when asked") {
    for (const std::size_t step : steps) {
      CAPTURE(step);
      const Exchange asked = talk(v5(site, me), joined({wants_login, login_good, granted}), step);
      CHECK(asked.done);
      CHECK(asked.sent == joined({greeting_with_login, login, request_name}));
      const Exchange not_asked = talk(v5(site, me), joined({no_login, granted}), step);
      CHECK(not_asked.done);
      CHECK(not_asked.sent == joined({greeting_with_login, request_name}));
    }
  }

  TEST_CASE("an empty password is sent") {
    const Exchange exchange =
        talk(v5(site, Login{"me", ""}), joined({wants_login, login_good, granted}), 1000);
    CHECK(exchange.sent == joined({greeting_with_login, "\x01\x02me\x00"sv, request_name}));
  }

  TEST_CASE("SOCKS5 sends addresses as addresses") {
    CHECK(talk(v5({"192.0.2.7", 80}), no_login, 1000).sent ==
          joined({greeting, "\x05\x01\x00\x01\xC0\x00\x02\x07\x00\x50"sv}));
    CHECK(
        talk(v5({"2001:db8::1", 65535}), no_login, 1000).sent ==
        joined(
            {greeting,
             "\x05\x01\x00\x04\x20\x01\x0D\xB8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xFF\xFF"sv}));
    CHECK(talk(v5({"1.2.3", 80}), no_login, 1000).sent == joined({greeting,
                                                                  "\x05\x01\x00\x03\x05"
                                                                  "1.2.3\x00\x50"sv}));
  }

  TEST_CASE("SOCKS4a sends one request") {
    CHECK(v4a(site).output() ==
          "\x04\x01\x01\xBB\x00\x00\x00\x01\x00"
          "example.com\x00"sv);
    CHECK(v4a(site, "me").output() ==
          "\x04\x01\x01\xBB\x00\x00\x00\x01me\x00"
          "example.com\x00"sv);
    CHECK(v4a({"192.0.2.7", 80}, "me").output() == "\x04\x01\x00\x50\xC0\x00\x02\x07me\x00"sv);
    CHECK(v4a({"0.0.0.0", 80}).output() == "\x04\x01\x00\x50\x00\x00\x00\x00\x00"sv);
    for (const std::size_t step : steps) {
      const Exchange exchange = talk(v4a(site), granted4, step);
      CHECK(exchange.done);
      CHECK(exchange.bound == Target{"10.0.0.1", 8080});
    }
  }

  TEST_CASE("every kind of bound address is read, and nothing behind it") {
    struct Row {
      std::string_view reply;
      Target bound;
    };
    const Row rows[] = {
        {granted, {"10.0.0.1", 8080}},
        {"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"sv, {"0.0.0.0", 0}},
        {"\x05\x00\x00\x04\x20\x01\x0D\xB8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"sv,
         {"2001:db8::1", 80}},
        {"\x05\x00\x00\x03\x03"
         "abc\x00\x50"sv,
         {"abc", 80}},
        {"\x05\x00\x00\x03\x01z\xFF\xFF"sv, {"z", 65535}},
        {"\x05\x00\x00\x03\x00\x12\x34"sv, {"", 0x1234}},
    };
    for (const Row& row : rows) {
      for (const std::size_t step : steps) {
        const std::string wire = joined({no_login, row.reply, "\x16\x03tls"});
        const Exchange exchange = talk(v5(site), wire, step);
        CHECK(exchange.done);
        CHECK(exchange.bound == row.bound);
        CHECK(exchange.left == "\x16\x03tls");
        CHECK_FALSE(talk(v5(site), wire.substr(0, 1 + row.reply.size()), step).done);
      }
    }
    std::string wire(no_login);
    wire.append("\x05\x00\x00\x03\xFF"sv).append(255, 'n').append("\x00\x50"sv);
    for (const std::size_t step : steps) {
      const Exchange exchange = talk(v5(site), wire, step);
      CHECK(exchange.done);
      CHECK(exchange.bound == Target{std::string(255, 'n'), 80});
    }
  }

  TEST_CASE("after the reply nothing is consumed") {
    ClientHandshake client = v4a(site);
    take_output(client);
    CHECK(client.feed(joined({granted4, "tail"})).value() == granted4.size());
    CHECK(client.done());
    CHECK(client.feed("tail").value() == 0);
    CHECK(client.feed("").value() == 0);
  }

  TEST_CASE("done means that everything was sent too") {
    ClientHandshake client = v5(site);
    // A proxy that answers before it was asked.
    CHECK(client.feed(joined({no_login, granted})).value() == no_login.size() + granted.size());
    CHECK_FALSE(client.done());
    CHECK(take_output(client) == joined({greeting, request_name}));
    CHECK(client.done());
  }

  TEST_CASE("each refusal of SOCKS5 has its code and sentence") {
    struct Row {
      unsigned reply;
      Errc code;
      std::string_view what;
    };
    constexpr Row rows[] = {
        {1, Errc::connect_failed, "the proxy had a general failure"},
        {2, Errc::connect_failed, "the proxy's rules do not allow it"},
        {3, Errc::connect_failed, "the network is unreachable for the proxy"},
        {4, Errc::dns, "the proxy could not resolve or reach the host"},
        {5, Errc::connect_refused, "connection refused"},
        {6, Errc::connect_failed, "the proxy's packets did not get there (TTL expired)"},
        {7, Errc::connect_failed, "the proxy does not support CONNECT"},
        {8, Errc::connect_failed, "the proxy does not support this kind of address"},
        {9, Errc::protocol_error, "the proxy answered with the unassigned code 9"},
        {255, Errc::protocol_error, "the proxy answered with the unassigned code 255"},
    };
    for (const Row& row : rows) {
      check_failure(v5(site), joined({no_login, reply5(row.reply)}), row.code, row.what);
      // Not every proxy sends more than the code.
      check_failure(v5(site), joined({no_login, reply5(row.reply, "")}), row.code, row.what);
    }
  }

  TEST_CASE("an address is unreachable, not unknown") {
    const Exchange exchange = talk(v5({"::1", 443}), joined({no_login, reply5(4)}), 1000);
    REQUIRE(exchange.error.has_value());
    CHECK(exchange.error->code() == Errc::connect_failed);
    CHECK(exchange.error->message() ==
          "connect to [::1]:443 through the SOCKS proxy 127.0.0.1:1080 failed: the host is "
          "unreachable for the proxy");
  }

  TEST_CASE("each refusal of SOCKS4 has its code and sentence") {
    struct Row {
      std::string_view reply;
      Errc code;
      std::string_view what;
    };
    constexpr Row rows[] = {
        {"\x00\x5B"sv, Errc::connect_failed, "the proxy rejected it or could not connect"},
        {"\x00\x5C"sv, Errc::connect_failed, "the proxy could not reach the client's identd"},
        {"\x00\x5D"sv, Errc::connect_failed, "the client's identd named another user"},
        {"\x00\x59"sv, Errc::protocol_error, "the proxy answered with the unassigned code 89"},
        {"\x00\x5E"sv, Errc::protocol_error, "the proxy answered with the unassigned code 94"},
        {"\x00\x00"sv, Errc::protocol_error, "the proxy answered with the unassigned code 0"},
        {"\x04\x5A"sv, Errc::protocol_error, "the proxy answered with version 4 instead of 0"},
        {"HTTP/1.1 400"sv, Errc::protocol_error, "the proxy answered with version 72 instead of 0"},
        {"\x05"sv, Errc::protocol_error, "the proxy answered with version 5 instead of 0"},
    };
    for (const Row& row : rows) check_failure(v4a(site), row.reply, row.code, row.what);
  }

  TEST_CASE("authentication that fails") {
    check_failure(v5(site), no_method, Errc::connect_failed,
                  "the proxy asks for a user and a password, or for an authentication that is not "
                  "supported");
    check_failure(v5(site, me), no_method, Errc::connect_failed,
                  "the proxy takes no user and password, but asks for another authentication");
    check_failure(v5(site, me), joined({wants_login, login_bad}), Errc::connect_failed,
                  "the proxy refused user and password");
    check_failure(v5(site, me), joined({wants_login, "\x01\xFF"sv}), Errc::connect_failed,
                  "the proxy refused user and password");
  }

  TEST_CASE("what no SOCKS5 proxy sends is a protocol error") {
    struct Row {
      bool with_login;
      std::string bytes;
      std::string_view what;
    };
    const Row rows[] = {
        {false, "HTTP/1.1 400", "the proxy answered with version 72 instead of 5"},
        {false, joined({"\x00\x5A"sv}), "the proxy answered with version 0 instead of 5"},
        {false, "\x04", "the proxy answered with version 4 instead of 5"},
        {false, joined({wants_login}),
         "the proxy chose the authentication 2, which was not offered"},
        {false, joined({"\x05\x01"sv}),
         "the proxy chose the authentication 1, which was not offered"},
        {true, joined({"\x05\x80"sv}),
         "the proxy chose the authentication 128, which was not offered"},
        {true, joined({wants_login, "\x05\x00"sv}),
         "the proxy answered with version 5 instead of 1"},
        {true, joined({wants_login, "\x00"sv}), "the proxy answered with version 0 instead of 1"},
        {true, joined({wants_login, login_good, "\x01"sv}),
         "the proxy answered with version 1 instead of 5"},
        {false, joined({no_login, "\x04\x00"sv}), "the proxy answered with version 4 instead of 5"},
        {false, joined({no_login, "\x05\x00\x01"sv}),
         "the proxy answered with the reserved byte 1"},
        {false, joined({no_login, "\x05\x00\x00\x00"sv}),
         "the proxy answered with the unknown kind of address 0"},
        {false, joined({no_login, "\x05\x00\x00\x02"sv}),
         "the proxy answered with the unknown kind of address 2"},
        {false, joined({no_login, "\x05\x00\x00\x05"sv}),
         "the proxy answered with the unknown kind of address 5"},
    };
    for (const Row& row : rows)
      check_failure(row.with_login ? v5(site, me) : v5(site), row.bytes, Errc::protocol_error,
                    row.what);
  }

  TEST_CASE("error texts show no login, and do without the proxy's name") {
    ClientHandshake client = ClientHandshake::try_v5(site, me, {}).value();
    const Result<std::size_t> failed = client.feed(joined({wants_login, login_bad}));
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().message() ==
          "connect to example.com:443 through the SOCKS proxy failed: the proxy refused user and "
          "password");
  }

  TEST_CASE("what cannot be sent is refused") {
    const std::string longest(255, 'x');
    const std::string too_long(256, 'x');
    const auto refused = [](const Result<ClientHandshake>& result, std::string_view part) {
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::invalid_argument);
      CHECK(result.error().message().find(part) != std::string::npos);
      CHECK(result.error().message().find("xx") == std::string::npos);
    };
    for (const std::string_view host : {""sv, "a b"sv, "a\0"sv, "a\n"sv, "\xC3\xA4"sv, "\x7F"sv}) {
      refused(ClientHandshake::try_v4a({std::string(host), 1}, {}, proxy), "host");
      refused(ClientHandshake::try_v5({std::string(host), 1}, {}, proxy), "host");
    }
    refused(ClientHandshake::try_v4a({too_long, 1}, {}, proxy), "255");
    refused(ClientHandshake::try_v5({too_long, 1}, {}, proxy), "255");
    refused(ClientHandshake::try_v4a(site, too_long, proxy), "255");
    refused(ClientHandshake::try_v4a(site, "a\0b"sv, proxy), "NUL");
    refused(ClientHandshake::try_v5(site, Login{too_long, ""}, proxy), "255");
    refused(ClientHandshake::try_v5(site, Login{"", "p"}, proxy), "255");
    refused(ClientHandshake::try_v5(site, Login{"u", too_long}, proxy), "255");

    CHECK(v4a({longest, 1}, longest).output().size() == 8 + 256 + 256);
    ClientHandshake client = v5({longest, 1}, Login{longest, longest});
    CHECK(talk(client, joined({wants_login, login_good}), 1).sent.size() ==
          4 + 3 + 255 + 255 + 7 + 255);
  }

  TEST_CASE("SOCKS4a cannot express every address") {
    for (const std::string_view host : {"::1", "2001:db8::1", "0.0.0.1", "0.0.0.255"}) {
      CAPTURE(host);
      const Result<ClientHandshake> result =
          ClientHandshake::try_v4a({std::string(host), 1}, {}, proxy);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error() == Errc::connect_failed);
      CHECK(result.error().message().starts_with("connect to "));
    }
  }

  TEST_CASE("the server answers SOCKS5 without login") {
    for (const std::size_t step : steps) {
      CAPTURE(step);
      ServerHandshake server;
      CHECK(feed_in_steps(server, joined({greeting, request_name, "early"}), step).value() ==
            "early");
      CHECK(take_output(server) == no_login);
      REQUIRE(server.has_request());
      CHECK(server.request().version == Version::v5);
      CHECK(server.request().target == site);
      CHECK(server.request().target_is_name);
      CHECK_FALSE(server.request().login.has_value());
      CHECK_FALSE(server.done());
      CHECK(server.feed("early").value() == 0);
      server.reply(Reply::succeeded, {"10.0.0.1", 8080});
      CHECK_FALSE(server.has_request());
      CHECK(server.accepted());
      CHECK_FALSE(server.done());
      CHECK(take_output(server) == granted);
      CHECK(server.done());
      CHECK(server.feed("early").value() == 0);
      server.reply(Reply::general_failure);
      CHECK(server.output().empty());
      CHECK(server.accepted());
    }
  }

  TEST_CASE("the server asks for a login") {
    for (const std::size_t step : steps) {
      CAPTURE(step);
      ServerHandshake server({.serves_v4 = true, .serves_v5 = true, .login = me});
      CHECK(feed_in_steps(server, joined({greeting_with_login, login, request_name}), step)
                .has_value());
      CHECK(take_output(server) == joined({wants_login, login_good}));
      REQUIRE(server.has_request());
      CHECK(server.request().login == me);
    }
  }

  TEST_CASE("the server refuses clients that do not log in as they should") {
    struct Row {
      std::optional<Login> wanted;
      std::string bytes;
      std::string output;
    };
    const Row rows[] = {
        {me, joined({greeting}), joined({no_method})},
        {me, joined({"\x05\x00"sv}), joined({no_method})},
        {std::nullopt, joined({"\x05\x01\x02"sv}), joined({no_method})},
        {std::nullopt, joined({"\x05\x00"sv}), joined({no_method})},
        {me, joined({greeting_with_login, "\x01\x02me\x06Secret"sv}),
         joined({wants_login, login_bad})},
        {me,
         joined({greeting_with_login,
                 "\x01\x01m\x07"
                 "esecret"sv}),
         joined({wants_login, login_bad})},
        {me, joined({greeting_with_login, "\x01\x02me\x00"sv}), joined({wants_login, login_bad})},
        // SOCKS4 has a user alone.
        {me, joined({"\x04\x01\x00\x50\xC0\x00\x02\x07you\x00"sv}),
         joined({"\x00\x5D\x00\x00\x00\x00\x00\x00"sv})},
        {me, joined({"\x04\x01\x00\x50\xC0\x00\x02\x07\x00"sv}),
         joined({"\x00\x5D\x00\x00\x00\x00\x00\x00"sv})},
    };
    for (const Row& row : rows) {
      for (const std::size_t step : steps) {
        ServerHandshake server({.serves_v4 = true, .serves_v5 = true, .login = row.wanted});
        const Result<std::string> result = feed_in_steps(server, row.bytes, step);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error() == Errc::connect_failed);
        CHECK(result.error().message().find("ecret") == std::string::npos);
        CHECK(take_output(server) == row.output);
        CHECK_FALSE(server.has_request());
        CHECK_FALSE(server.done());
        CHECK_FALSE(server.feed("x").has_value());
      }
    }
  }

  TEST_CASE("the server reads every kind of request") {
    struct Row {
      std::string bytes;
      Version version;
      Target target;
      bool is_name;
      std::string_view user;
    };
    const Row rows[] = {
        {joined({greeting, "\x05\x01\x00\x01\xC0\x00\x02\x07\x00\x50"sv}),
         Version::v5,
         {"192.0.2.7", 80},
         false,
         ""},
        {joined(
             {greeting,
              "\x05\x01\x00\x04\x20\x01\x0D\xB8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"sv}),
         Version::v5,
         {"2001:db8::1", 80},
         false,
         ""},
        {joined({greeting, "\x05\x01\x00\x03\x01z\xFF\xFF"sv}),
         Version::v5,
         {"z", 65535},
         true,
         ""},
        {joined({"\x04\x01\x00\x50\xC0\x00\x02\x07me\x00"sv}),
         Version::v4a,
         {"192.0.2.7", 80},
         false,
         "me"},
        {joined({"\x04\x01\x00\x50\x00\x00\x00\x00\x00"sv}),
         Version::v4a,
         {"0.0.0.0", 80},
         false,
         ""},
        {joined({"\x04\x01\x01\xBB\x00\x00\x00\x01me\x00"
                 "example.com\x00"sv}),
         Version::v4a, site, true, "me"},
        {joined({"\x04\x01\x01\xBB\x00\x00\x00\xFF\x00"
                 "example.com\x00"sv}),
         Version::v4a, site, true, ""},
    };
    for (const Row& row : rows) {
      for (const std::size_t step : steps) {
        ServerHandshake server;
        for (std::size_t cut = 0; cut < row.bytes.size(); ++cut) {
          ServerHandshake half;
          CHECK(feed_in_steps(half, row.bytes.substr(0, cut), step).value().empty());
          CHECK_FALSE(half.has_request());
        }
        CHECK(feed_in_steps(server, row.bytes + "tail", step).value() == "tail");
        REQUIRE(server.has_request());
        CHECK(server.request().version == row.version);
        CHECK(server.request().target == row.target);
        CHECK(server.request().target_is_name == row.is_name);
        CHECK((server.request().login ? server.request().login->user : "") == row.user);
      }
    }
  }

  TEST_CASE("the server tells why it does not serve a request") {
    struct Row {
      std::string bytes;
      std::string output;
    };
    const std::string too_long(256, 'x');
    const std::string refused4 = joined({"\x00\x5B\x00\x00\x00\x00\x00\x00"sv});
    const auto refused5 = [](unsigned code) { return joined({no_login, reply5(code)}); };
    const Row rows[] = {
        {joined({greeting, "\x05\x02"sv}), refused5(7)},              // BIND
        {joined({greeting, "\x05\x03"sv}), refused5(7)},              // UDP ASSOCIATE
        {joined({greeting, "\x04"sv}), refused5(1)},                  // another version
        {joined({greeting, "\x05\x01\x01"sv}), refused5(1)},          // reserved byte
        {joined({greeting, "\x05\x01\x00\x02"sv}), refused5(8)},      // kind of address
        {joined({greeting, "\x05\x01\x00\x03\x00"sv}), refused5(1)},  // empty name
        {joined({greeting,
                 "\x05\x01\x00\x03\x02"
                 "a\x00\x00\x50"sv}),
         refused5(1)},                       // NUL in it
        {joined({"\x04\x02"sv}), refused4},  // BIND
        {joined({"\x04\x01\x00\x50\xC0\x00\x02\x07"sv, too_long}), refused4},
        {joined({"\x04\x01\x00\x50\x00\x00\x00\x01\x00"sv, too_long}), refused4},
        {joined({"\x04\x01\x00\x50\x00\x00\x00\x01\x00\x00"sv}), refused4},
        {joined({"\x04\x01\x00\x50\x00\x00\x00\x01\x00"
                 "a b\x00"sv}),
         refused4},
    };
    for (const Row& row : rows) {
      for (const std::size_t step : steps) {
        ServerHandshake server;
        const Result<std::string> result = feed_in_steps(server, row.bytes, step);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error() == Errc::protocol_error);
        CHECK(take_output(server) == row.output);
        CHECK_FALSE(server.accepted());
        CHECK_FALSE(server.done());
        server.reply(Reply::succeeded);
        CHECK(server.output().empty());
      }
    }
  }

  TEST_CASE("the server serves the versions it was told to") {
    const auto fails = [](ServerHandshake server, std::string_view bytes) {
      const Result<std::size_t> result = server.feed(bytes);
      return !result && result.error() == Errc::protocol_error && server.output().empty();
    };
    CHECK(fails(ServerHandshake(), "GET / HTTP/1.1\r\n"));
    CHECK(fails(ServerHandshake(), "\x00"sv));
    CHECK(fails(ServerHandshake(), "\x06"sv));
    ServerHandshake::Settings only_v4;
    only_v4.serves_v5 = false;
    CHECK(fails(ServerHandshake(only_v4), greeting));
    CHECK_FALSE(fails(ServerHandshake(only_v4), "\x04"sv));
    ServerHandshake::Settings only_v5;
    only_v5.serves_v4 = false;
    CHECK(fails(ServerHandshake(only_v5), "\x04"sv));
    CHECK_FALSE(fails(ServerHandshake(only_v5), greeting));
    // Logins.
    ServerHandshake::Settings with_login;
    with_login.login = me;
    const auto fails_behind_greeting = [&](std::string_view bytes) {
      ServerHandshake server(with_login);
      CHECK(server.feed(greeting_with_login).has_value());
      take_output(server);
      return fails(server, bytes);
    };
    CHECK(fails_behind_greeting("\x05"sv));
    CHECK(fails_behind_greeting("\x01\x00"sv));
    CHECK_FALSE(fails_behind_greeting("\x01\x02"sv));
  }

  TEST_CASE("every reply of the server is understood by the client") {
    const Target bounds[] = {{"", 0},
                             {"10.0.0.1", 8080},
                             {"2001:db8::1", 1},
                             {"gate.example", 2},
                             {std::string(255, 'b'), 3},
                             {std::string(256, 'b'), 4}};
    for (unsigned code = 0; code <= 8; ++code) {
      for (const Target& bound : bounds) {
        for (const bool is_v4 : {false, true}) {
          CAPTURE(code);
          CAPTURE(is_v4);
          ClientHandshake client = is_v4 ? v4a(site) : v5(site);
          ServerHandshake server;
          std::optional<Error> error;
          for (int round = 0; round < 5 && !error; ++round) {
            CHECK(server.feed(take_output(client)).has_value());
            if (server.has_request()) server.reply(static_cast<Reply>(code), bound);
            const Result<std::size_t> fed = client.feed(take_output(server));
            if (!fed) error = fed.error();
          }
          CHECK(server.done());
          CHECK(server.accepted() == (code == 0));
          CHECK(client.done() == (code == 0));
          if (code != 0) {
            REQUIRE(error.has_value());
            CHECK((code == 5 && !is_v4) == (error->code() == Errc::connect_refused));
            CHECK((code == 4 && !is_v4) == (error->code() == Errc::dns));
            continue;
          }
          const bool is_v4_address = bound.host == "10.0.0.1";
          const bool fits =
              !bound.host.empty() && bound.host.size() <= 255 && (!is_v4 || is_v4_address);
          CHECK(client.bound() == Target{fits ? bound.host : "0.0.0.0", bound.port});
        }
      }
    }
  }

  TEST_CASE("client and server agree on names, addresses and logins of every length") {
    const std::string text(255, 'q');
    for (std::size_t size = 1; size <= 255; ++size) {
      const Login with{text.substr(0, size), text.substr(0, 255 - size)};
      const Target target{text.substr(0, size), static_cast<std::uint16_t>(size * 257)};
      ClientHandshake client = v5(target, with);
      ServerHandshake server({.serves_v4 = false, .serves_v5 = true, .login = with});
      for (int round = 0; round < 5 && !client.done(); ++round) {
        CHECK(feed_in_steps(server, take_output(client), 3).has_value());
        if (server.has_request()) server.reply(Reply::succeeded);
        CHECK(feed_in_steps(client, take_output(server), 3).has_value());
      }
      CHECK(client.done());
      CHECK(server.request().target == target);
      CHECK(server.request().login == with);
    }
  }

  TEST_CASE("targets are written as in URLs") {
    CHECK(site.to_string() == "example.com:443");
    CHECK(Target{"::1", 80}.to_string() == "[::1]:80");
  }
}

}  // namespace socks_handshake_test
