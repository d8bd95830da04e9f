// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/certificate_chain_cleaner.hpp>

#include <doctest/doctest.h>

#if OKHTTP_TLS

#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/transport/certificate_pinner.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace certificate_chain_cleaner_test {

using okhttp::CertificateChainCleaner;
using okhttp::CertificatePinner;
using okhttp::Errc;
using okhttp::Error;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::PeerCertificate;
using okhttp::PinnableCertificate;
using okhttp::Result;

namespace {

using Chain = std::vector<HeldCertificate>;

HeldCertificate authority(std::string name, int depth) {
  return HeldCertificate::Builder().common_name(std::move(name)).certificate_authority(depth).build();
}
HeldCertificate authority(std::string name, int depth, const HeldCertificate& signer) {
  return HeldCertificate::Builder()
      .common_name(std::move(name))
      .certificate_authority(depth)
      .signed_by(signer)
      .build();
}
HeldCertificate leaf(std::string name, const HeldCertificate& signer) {
  return HeldCertificate::Builder().common_name(std::move(name)).signed_by(signer).build();
}

CertificateChainCleaner trusting(const Chain& roots) {
  HandshakeCertificates::Builder builder;
  for (const HeldCertificate& one : roots) builder.add_trusted_pem(one.certificate_pem());
  return CertificateChainCleaner(builder.build());
}

std::vector<std::string> pems(const Chain& chain) {
  std::vector<std::string> out;
  for (const HeldCertificate& one : chain) out.push_back(one.certificate_pem());
  return out;
}

/// The PEM texts of what is left, or the sentence of the error.
std::vector<std::string> cleaned(const CertificateChainCleaner& cleaner, const Chain& presented) {
  const Result<std::vector<PeerCertificate>> chain = cleaner.clean(pems(presented));
  std::vector<std::string> out;
  if (!chain) {
    CHECK(chain.error().code() == Errc::certificate);
    out.push_back(chain.error().message());
  } else {
    for (const PeerCertificate& one : *chain) out.push_back(one.pem);
  }
  return out;
}

std::vector<std::string> refusal(std::string text) { return {std::move(text)}; }

/// root, then each signed by the one before it; the last is no authority.
Chain chain_of(int length) {
  Chain chain{authority("0", length)};
  for (int i = 1; i + 1 < length; ++i)
    chain.push_back(authority(std::to_string(i), length - i, chain.back()));
  chain.push_back(leaf(std::to_string(length - 1), chain.back()));
  std::reverse(chain.begin(), chain.end());
  return chain;
}

struct Family {
  HeldCertificate root = authority("root", 1);
  HeldCertificate middle = authority("middle", 0, root);
  HeldCertificate server = leaf("server", middle);
};

}  // namespace

TEST_SUITE("transport/certificate_chain_cleaner") {
  TEST_CASE("a trusted certificate that signed itself is its own chain") {
    const HeldCertificate self = HeldCertificate::localhost();
    CHECK(cleaned(trusting({self}), {self}) == pems({self}));
    const HeldCertificate root = authority("root", 0);
    CHECK(cleaned(trusting({root}), {root}) == pems({root}));
    CHECK(cleaned(trusting({root}), {root, root}) == pems({root}));
  }

  TEST_CASE("one that nobody trusts is refused") {
    const HeldCertificate self = HeldCertificate::localhost();
    CHECK(cleaned(trusting({}), {self}) == refusal("nothing trusted signed CN=localhost"));
    CHECK(cleaned(trusting({HeldCertificate::localhost()}), {self}) ==
          refusal("nothing trusted signed CN=localhost"));
  }

  TEST_CASE("the chain is found in whatever order it is shown, with its root or without") {
    const Family f;
    const CertificateChainCleaner cleaner = trusting({f.root});
    const std::vector<std::string> expected = pems({f.server, f.middle, f.root});
    CHECK(cleaned(cleaner, {f.server, f.middle, f.root}) == expected);
    CHECK(cleaned(cleaner, {f.server, f.middle}) == expected);
    CHECK(cleaned(cleaner, {f.server, f.root, f.middle}) == expected);
    CHECK(cleaned(cleaner, {f.server, f.middle, f.middle, f.root, f.server}) == expected);
    CHECK(cleaned(cleaner, {f.server}) == refusal("nothing trusted signed CN=server"));
    CHECK(cleaned(cleaner, {f.server, f.root}) == refusal("nothing trusted signed CN=server"));
  }

  TEST_CASE("a longer chain is put in order too") {
    Chain chain = chain_of(5);
    const CertificateChainCleaner cleaner = trusting({chain.back()});
    const std::vector<std::string> expected = pems(chain);
    Chain shown = chain;
    std::reverse(shown.begin() + 1, shown.end());
    CHECK(cleaned(cleaner, shown) == expected);
    shown.erase(shown.begin() + 1);  // The root.
    CHECK(cleaned(cleaner, shown) == expected);
  }

  TEST_CASE("what has nothing to do with it is left out") {
    const Family f;
    const Family other;  // The same names, other keys.
    CHECK(cleaned(trusting({f.root}),
                  {f.server, other.server, other.middle, f.middle, HeldCertificate::localhost()}) ==
          pems({f.server, f.middle, f.root}));
    CHECK(cleaned(trusting({other.root, f.root}), {f.server, f.middle}) ==
          pems({f.server, f.middle, f.root}));
    CHECK(cleaned(trusting({other.root}), {f.server, f.middle, f.root}) ==
          refusal("nothing trusted signed CN=root"));
    CHECK(cleaned(trusting({f.root}), {f.server, other.middle}) ==
          refusal("nothing trusted signed CN=server"));
  }

  TEST_CASE("the chain goes on to a root where it can, though something below is trusted") {
    const Family f;
    CHECK(cleaned(trusting({f.middle, f.root}), {f.server}) ==
          pems({f.server, f.middle, f.root}));
    CHECK(cleaned(trusting({f.middle, f.root}), {f.server, f.middle, f.root}) ==
          pems({f.server, f.middle, f.root}));
  }

  TEST_CASE("a trusted certificate need not be a root") {
    const HeldCertificate unknown = authority("unknown", 2);
    const HeldCertificate trusted = authority("trusted", 1, unknown);
    const HeldCertificate middle = authority("middle", 0, trusted);
    const HeldCertificate server = leaf("server", middle);
    const CertificateChainCleaner cleaner = trusting({trusted});
    CHECK(cleaned(cleaner, {server, middle}) == pems({server, middle, trusted}));
    CHECK(cleaned(cleaner, {server, middle, trusted}) == pems({server, middle, trusted}));
    // The server's own, trusted as it is.
    CHECK(cleaned(trusting({server}), {server}) == pems({server}));
    CHECK(cleaned(trusting({server}), {server, middle}) == pems({server, middle}));
    CHECK(cleaned(trusting({leaf("server", middle)}), {server}) ==
          refusal("nothing trusted signed CN=server"));
  }

  TEST_CASE("at most nine certificates stand above the server's own") {
    Chain chain = chain_of(10);
    CHECK(cleaned(trusting({chain.back()}), chain) == pems(chain));
    Chain rootless(chain.begin(), chain.end() - 1);
    CHECK(cleaned(trusting({chain.back()}), rootless) == pems(chain));
    chain = chain_of(11);
    CHECK(cleaned(trusting({chain.back()}), chain) ==
          refusal("the certificate chain of CN=10 is too long: more than 9 signers"));
    rootless = Chain(chain.begin(), chain.end() - 1);
    CHECK(cleaned(trusting({chain.back()}), rootless).at(0).find("too long") != std::string::npos);
  }

  TEST_CASE("only an authority signs, as deep as it may") {
    const HeldCertificate root = authority("root", 1);
    const HeldCertificate middle = authority("middle", 0, root);
    const HeldCertificate server = leaf("server", middle);
    const HeldCertificate forged = leaf("forged", server);  // Signed by a mere server.
    const CertificateChainCleaner cleaner = trusting({root});
    CHECK(cleaned(cleaner, {forged, server, middle, root}) ==
          refusal("nothing trusted signed CN=forged"));
    // "middle" may sign servers, not authorities.
    const HeldCertificate too_deep = authority("deep", 0, middle);
    CHECK(cleaned(cleaner, {leaf("x", too_deep), too_deep, middle, root}) ==
          refusal("nothing trusted signed CN=deep"));
    // "shallow" may not sign authorities either, though it is trusted.
    const HeldCertificate shallow = authority("shallow", 0);
    const HeldCertificate below = authority("below", 0, shallow);
    CHECK(cleaned(trusting({shallow}), {leaf("x", below), below}) ==
          refusal("nothing trusted signed CN=below"));
    CHECK(cleaned(trusting({shallow}), {leaf("x", shallow)}).size() == 2);
    // A trusted certificate that is no authority vouches for itself alone.
    const HeldCertificate plain = HeldCertificate::Builder().common_name("plain").build();
    CHECK(cleaned(trusting({plain}), {leaf("x", plain)}) ==
          refusal("nothing trusted signed CN=x"));
  }

  TEST_CASE("an authority's new key, signed by its old one, does not count as a level") {
    const HeldCertificate old_root = authority("authority", 0);
    const HeldCertificate new_key = authority("authority", 0, old_root);  // Issuer and subject alike.
    const HeldCertificate server = leaf("server", new_key);
    CHECK(cleaned(trusting({old_root}), {server, new_key}) == pems({server, new_key, old_root}));
  }

  TEST_CASE("authorities that vouch for each other do not go round in circles") {
    // Two pairs of a key and two certificates cannot be made here, so an authority whose new key and
    // old key carry one name stands for them, both trusted.
    const HeldCertificate old_root = authority("authority", 3);
    const HeldCertificate new_key = authority("authority", 3, old_root);
    const HeldCertificate newer_key = authority("authority", 3, new_key);
    const HeldCertificate server = leaf("server", newer_key);
    CHECK(cleaned(trusting({new_key, newer_key, old_root}), {server}) ==
          pems({server, newer_key, new_key, old_root}));
    CHECK(cleaned(trusting({new_key, newer_key}), {server}) == pems({server, newer_key, new_key}));
  }

  TEST_CASE("bad arguments and floods are refused") {
    const CertificateChainCleaner cleaner = trusting({});
    CHECK(cleaner.clean({}).error().code() == Errc::invalid_argument);
    const std::vector<std::string> junk = {"junk"};
    CHECK(cleaner.clean(junk).error().code() == Errc::invalid_argument);
    const Family f;
    Chain flood(CertificateChainCleaner::max_presented - 1, f.root);
    flood.insert(flood.begin(), f.server);
    CHECK(cleaned(cleaner, flood) == refusal("nothing trusted signed CN=server"));
    flood.push_back(f.middle);
    CHECK(cleaned(cleaner, flood) == refusal("the peer shows more than 100 certificates"));
  }

  TEST_CASE("each certificate comes with its subject") {
    const Family f;
    const auto chain = trusting({f.root}).clean(pems({f.server, f.middle})).value();
    REQUIRE(chain.size() == 3);
    CHECK(chain[0].subject == "CN=server");
    CHECK(chain[1].subject == "CN=middle");
    CHECK(chain[2].subject == "CN=root");
  }

  TEST_CASE("the platform's store is asked too") {
    const Family f;
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/okhttp_roots_XXXXXX";
    const int descriptor = mkstemp(path.data());
    REQUIRE(descriptor >= 0);
    std::FILE* file = fdopen(descriptor, "wb");
    const std::string pem = f.root.certificate_pem();
    REQUIRE(std::fwrite(pem.data(), 1, pem.size(), file) == pem.size());
    std::fclose(file);
    const char* const before = std::getenv("SSL_CERT_FILE");
    const std::string saved = before == nullptr ? "" : before;
    setenv("SSL_CERT_FILE", path.c_str(), 1);
    const CertificateChainCleaner platform{HandshakeCertificates()};
    if (before == nullptr) {
      unsetenv("SSL_CERT_FILE");
    } else {
      setenv("SSL_CERT_FILE", saved.c_str(), 1);
    }
    CHECK(cleaned(platform, {f.server, f.middle}) == pems({f.server, f.middle, f.root}));
    CHECK(cleaned(trusting({}), {f.server, f.middle}).size() == 1);
    std::remove(path.c_str());
  }

  TEST_CASE("pins count for the cleaned chain only") {
    const Family f;
    const HeldCertificate pinned_elsewhere = HeldCertificate::localhost();
    const auto check = [&](const HeldCertificate& pinned, const Chain& shown) {
      const CertificatePinner pinner =
          CertificatePinner::Builder()
              .add("a.test", CertificatePinner::try_pin(pinned.certificate_pem()).value())
              .build();
      const auto chain = trusting({f.root}).clean(pems(shown)).value();
      std::vector<PinnableCertificate> pinnable;
      for (const PeerCertificate& one : chain)
        pinnable.push_back(PinnableCertificate::try_from(one.pem).value());
      return pinner.check("a.test", pinnable);
    };
    // A root that is not shown, and an intermediate that is.
    CHECK(check(f.root, {f.server, f.middle}));
    CHECK(check(f.middle, {f.server, f.middle}));
    CHECK(check(f.server, {f.server, f.middle}));
    // A pinned certificate that the server merely shows.
    CHECK(check(pinned_elsewhere, {f.server, f.middle, pinned_elsewhere}).error().code() == Errc::pin);
    const HeldCertificate sibling = authority("middle", 0, f.root);
    CHECK(check(sibling, {f.server, sibling, f.middle}).error().code() == Errc::pin);
  }
}

}  // namespace certificate_chain_cleaner_test

#endif
