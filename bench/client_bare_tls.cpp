// SPDX-License-Identifier: Apache-2.0

// The baseline for https: OpenSSL on a blocking socket, one SSL_write and one SSL_read per request.
// One context for all connections; the certificate is checked. Fresh connections resume the
// session.

#include "client.hpp"
#include "socket.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace {

SSL_SESSION* latest_session = nullptr;

int keep_session(SSL*, SSL_SESSION* session) {
  if (latest_session != nullptr) SSL_SESSION_free(latest_session);
  latest_session = session;
  return 1;
}

SSL_CTX* make_context(const bench::Options& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (SSL_CTX_load_verify_locations(context, options.ca.c_str(), nullptr) != 1)
    bench::die("cannot read --ca");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context), options.host.c_str());
  SSL_CTX_set_read_ahead(context, 1);  // one recv per record, not one for its head and one for it
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return context;
}

SSL* connect_tls(SSL_CTX* context, const bench::Options& options) {
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, bench::connect_to(options));
  if (latest_session != nullptr) SSL_set_session(tls, latest_session);
  if (SSL_connect(tls) != 1) bench::die("TLS handshake failed");
  return tls;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  if (!options.tls || options.concurrency != 1)
    bench::die("client_bare_tls speaks https, one request at a time");
  const std::string request = options.request_head();
  SSL_CTX* context = make_context(options);
  SSL* tls = nullptr;
  char bytes[2048];
  bench::measure(options, [&](std::size_t count) {
    for (; count != 0; --count) {
      if (tls == nullptr) tls = connect_tls(context, options);
      if (SSL_write(tls, request.data(), static_cast<int>(request.size())) <= 0)
        bench::die("SSL_write failed");
      std::size_t have = 0;
      std::size_t size = 0;
      while (size == 0 || have < size) {
        const int got = SSL_read(tls, bytes + have, static_cast<int>(sizeof bytes - have));
        if (got <= 0) bench::die("SSL_read failed");
        have += static_cast<std::size_t>(got);
        if (size == 0) size = bench::answer_size({bytes, have});
      }
      bench::require_body(
          {bytes + size - bench::expected_body.size(), bench::expected_body.size()});
      if (options.fresh) {
        const int fd = SSL_get_fd(tls);
        SSL_shutdown(tls);
        SSL_free(std::exchange(tls, nullptr));
        close(fd);
      }
    }
  });
}
