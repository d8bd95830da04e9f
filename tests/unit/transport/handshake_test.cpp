// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/handshake.hpp>

#include <doctest/doctest.h>

#include <vector>

#if OKHTTP_THREADS
#include <thread>
#endif

namespace handshake_test {

using okhttp::CipherSuite;
using okhttp::Handshake;
using okhttp::PeerCertificate;
using okhttp::PeerCertificates;
using okhttp::TlsVersion;

TEST_SUITE("transport/handshake") {
  TEST_CASE("version and suite are there as values") {
    Handshake handshake;
    CHECK_FALSE(handshake.version());
    CHECK_FALSE(handshake.suite());
    CHECK(handshake.peer_subject().empty());
    CHECK(handshake.peer_certificates.list().empty());
    handshake.tls_version = "TLSv1.3";
    handshake.cipher_suite = "TLS_AES_128_GCM_SHA256";
    CHECK(handshake.version() == TlsVersion::tls_1_3);
    CHECK(handshake.suite() == CipherSuite::tls_aes_128_gcm_sha256);
    handshake.tls_version = "TLSv9";
    handshake.cipher_suite = "a modem's own";
    CHECK_FALSE(handshake.version());
    CHECK_FALSE(handshake.suite());
  }

  TEST_CASE("the peer's certificates are written out when somebody looks, once") {
    int made = 0;
    const PeerCertificates lazy = PeerCertificates::made_by([&made] {
      ++made;
      return PeerCertificates::List{{"pem a", "CN=a"}, {"pem b", "CN=b"}};
    });
    const PeerCertificates copy = lazy;
    CHECK(copy == lazy);
    CHECK(made == 0);
    Handshake handshake;
    handshake.peer_certificates = copy;
    CHECK(made == 0);
    CHECK(handshake.peer_subject() == "CN=a");
    CHECK(lazy.list().size() == 2);
    CHECK(&lazy.list() == &copy.list());
    CHECK(made == 1);
    CHECK(PeerCertificates(copy).list().at(1).pem == "pem b");
    CHECK(made == 1);
  }

  TEST_CASE("equal are handshakes that agreed on the same") {
    const PeerCertificates::List list{{"pem", "CN=a"}};
    Handshake a;
    Handshake b;
    CHECK(a == b);
    a.peer_certificates = list;
    CHECK(a != b);
    b.peer_certificates = PeerCertificates::made_by([list] { return list; });
    CHECK(a == b);
    CHECK(PeerCertificates(PeerCertificates::List()) == PeerCertificates());
    b.resumed = true;
    CHECK(a != b);
  }

#if OKHTTP_THREADS
  TEST_CASE("several threads may look at once") {
    const PeerCertificates lazy =
        PeerCertificates::made_by([] { return PeerCertificates::List{{"pem", "CN=a"}}; });
    std::vector<const PeerCertificates::List*> seen(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i)
      threads.emplace_back([&, i] { seen[i] = &lazy.list(); });
    for (std::thread& one : threads) one.join();
    for (const PeerCertificates::List* one : seen) CHECK(one == seen[0]);
    CHECK(seen[0]->at(0) == PeerCertificate{"pem", "CN=a"});
  }
#endif
}

}  // namespace handshake_test
