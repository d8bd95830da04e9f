// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_TLS_LINK_HPP
#define OKHTTP_TESTS_TLS_LINK_HPP

#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/transport/tls_engine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Two TLS engines and the wire between them, all in memory.

namespace okhttp_tests {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

/// Puts bytes into an engine as if a socket had received them, `step` at a time.
inline void feed(okhttp::TlsEngine& to,
                 std::span<const std::byte> bytes,
                 std::size_t step = SIZE_MAX) {
  while (!bytes.empty()) {
    const std::span<std::byte> space = to.input_space();
    const std::size_t n = std::min({bytes.size(), space.size(), step});
    if (n == 0) return;
    std::memcpy(space.data(), bytes.data(), n);
    to.input_filled(n);
    bytes = bytes.subspan(n);
  }
}

/// Takes everything an engine has to send.
inline std::string drain(okhttp::TlsEngine& from) {
  std::string out;
  while (from.unsent() != 0) {
    const std::span<const std::byte> bytes = from.output();
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    from.output_sent(bytes.size());
  }
  return out;
}

struct TlsLink {
  okhttp::TlsEngine client;
  okhttp::TlsEngine server;
  std::optional<okhttp::Error> client_error;
  std::optional<okhttp::Error> server_error;

  void to_server() { feed(server, bytes_of(drain(client))); }
  void to_client() { feed(client, bytes_of(drain(server))); }

  /// Runs the handshake until both ends are done or one has failed.
  bool shake() {
    for (int turn = 0; turn < 10; ++turn) {
      const okhttp::Result<okhttp::TlsEngine::Step> c = client.handshake();
      if (!c) client_error = c.error();
      to_server();
      const okhttp::Result<okhttp::TlsEngine::Step> s = server.handshake();
      if (!s) server_error = s.error();
      to_client();
      if (client_error || server_error) return false;
      if (client.is_established() && server.is_established()) return true;
    }
    return false;
  }
};

inline TlsLink make_link(const okhttp::TlsContext& context,
                         const okhttp::TlsServerContext& server,
                         std::string_view host,
                         std::vector<std::string_view> alpn = {},
                         const okhttp::TlsRequirements* requirements = nullptr,
                         std::size_t spec_attempt = 0) {
  return {okhttp::TlsEngine::client(context, host, 443, alpn, requirements, spec_attempt).value(),
          okhttp::TlsEngine::server(server).value(),
          {},
          {}};
}

/// Wants these versions, and otherwise what is usual.
inline okhttp::TlsRequirements demanding_versions(std::vector<okhttp::TlsVersion> versions) {
  okhttp::TlsRequirements requirements;
  requirements.specs = {
      okhttp::ConnectionSpec::Builder(okhttp::ConnectionSpec::modern_tls()).tls_versions(std::move(versions)).build()};
  return requirements;
}

/// Reads what has arrived; fails on anything but data or "want input".
inline std::string read_all(okhttp::TlsEngine& from) {
  std::string out;
  std::byte block[5000];
  for (;;) {
    const okhttp::TlsEngine::ReadResult result = from.read(block).value();
    if (result.kind != okhttp::TlsEngine::ReadResult::Kind::data) return out;
    out.append(reinterpret_cast<const char*>(block), result.size);
  }
}

inline okhttp::TlsContext trusting(const okhttp::HeldCertificate& root,
                                   okhttp::TlsOptions options = {}) {
  return okhttp::TlsContext(
      okhttp::HandshakeCertificates::Builder().add_trusted_pem(root.certificate_pem()).build(),
      std::move(options));
}

inline okhttp::TlsServerContext serving(const okhttp::HeldCertificate& held,
                                        okhttp::TlsServerOptions options = {}) {
  return okhttp::TlsServerContext::create(held.certificate_chain_pem(),
                                          held.private_key_pkcs8_pem(), std::move(options))
      .value();
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_TLS_LINK_HPP
