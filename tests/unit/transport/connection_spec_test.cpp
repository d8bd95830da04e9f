// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/connection_spec.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#if OKHTTP_TLS && OKHTTP_BODIES
#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/transport/openssl_support.hpp>
#endif

namespace connection_spec_test {

using okhttp::CipherSuite;
using okhttp::ConnectionSpec;
using okhttp::ConnectionSpecSelector;
using okhttp::Errc;
using okhttp::Error;
using okhttp::Result;
using okhttp::TlsSettings;
using okhttp::TlsSupport;
using okhttp::TlsVersion;

namespace {

using Versions = std::vector<TlsVersion>;
using Suites = std::vector<CipherSuite>;
constexpr TlsVersion tls_1_0 = TlsVersion::tls_1_0;
constexpr TlsVersion tls_1_1 = TlsVersion::tls_1_1;
constexpr TlsVersion tls_1_2 = TlsVersion::tls_1_2;
constexpr TlsVersion tls_1_3 = TlsVersion::tls_1_3;

ConnectionSpec::Builder changed(const ConnectionSpec& spec = ConnectionSpec::modern_tls()) {
  return ConnectionSpec::Builder(spec);
}

/// Whatever the library can name, with TLS 1.2 and 1.3 on.
TlsSupport everything() {
  TlsSupport support;
  support.versions = {tls_1_3, tls_1_2, tls_1_1, tls_1_0};
  support.cipher_suites.assign(CipherSuite::all().begin(), CipherSuite::all().end());
  support.enabled_versions = {tls_1_3, tls_1_2};
  support.enabled_cipher_suites = {CipherSuite::tls_aes_256_gcm_sha384,
                                   CipherSuite::tls_ecdhe_rsa_with_aes_256_gcm_sha384,
                                   CipherSuite::tls_rsa_with_aes_128_cbc_sha};
  return support;
}

TlsSupport versions_only(Versions versions) {
  TlsSupport support = everything();
  support.versions = std::move(versions);
  return support;
}

Error fault_of(const ConnectionSpec::Builder& builder) {
  const Result<ConnectionSpec> built = builder.try_build();
  REQUIRE_FALSE(built);
  CHECK(built.error().code() == Errc::invalid_argument);
  return built.error();
}

}  // namespace

TEST_SUITE("transport/connection_spec") {
  TEST_CASE("the ready specs hold what OkHttp's hold") {
    const ConnectionSpec restricted = ConnectionSpec::restricted_tls();
    const ConnectionSpec modern = ConnectionSpec::modern_tls();
    const ConnectionSpec compatible = ConnectionSpec::compatible_tls();
    const ConnectionSpec cleartext = ConnectionSpec::cleartext();
    CHECK(restricted.is_tls());
    CHECK(restricted.tls_versions() == Versions{tls_1_3, tls_1_2});
    CHECK(modern.tls_versions() == Versions{tls_1_3, tls_1_2});
    CHECK(compatible.tls_versions() == Versions{tls_1_3, tls_1_2, tls_1_1, tls_1_0});
    CHECK(restricted.cipher_suites()->size() == 9);
    CHECK(modern.cipher_suites()->size() == 16);
    CHECK(modern.cipher_suites() == compatible.cipher_suites());
    CHECK(std::equal(restricted.cipher_suites()->begin(), restricted.cipher_suites()->end(),
                     modern.cipher_suites()->begin()));
    CHECK_FALSE(cleartext.is_tls());
    CHECK(cleartext.tls_versions() == Versions{});
    CHECK(cleartext.cipher_suites() == Suites{});
    // On a temporary the accessors give values.
    const auto versions = ConnectionSpec::modern_tls().tls_versions();
    const auto suites = ConnectionSpec::modern_tls().cipher_suites();
    CHECK(versions->size() == 2);
    CHECK(suites->size() == 16);
  }

  TEST_CASE("specs are equal by versions, suites and their order") {
    CHECK(ConnectionSpec::modern_tls() == ConnectionSpec::modern_tls());
    CHECK(ConnectionSpec::modern_tls() != ConnectionSpec::restricted_tls());
    CHECK(ConnectionSpec::modern_tls() != ConnectionSpec::compatible_tls());
    CHECK(ConnectionSpec::modern_tls() != ConnectionSpec::cleartext());
    CHECK(changed().build() == ConnectionSpec::modern_tls());
    const ConnectionSpec all = changed().all_enabled_cipher_suites().build();
    CHECK(all == changed().all_enabled_cipher_suites().build());
    CHECK(all != ConnectionSpec::modern_tls());
    CHECK(changed().tls_versions({tls_1_3, tls_1_2}).build() == ConnectionSpec::modern_tls());
    CHECK(changed().tls_versions({tls_1_2, tls_1_3}).build() != ConnectionSpec::modern_tls());
  }

  TEST_CASE("the builder checks what it is given and reports the first fault") {
    CHECK(fault_of(changed().tls_versions({})).message() == "at least one TLS version is required");
    CHECK(fault_of(changed().cipher_suites({})).message() ==
          "at least one cipher suite is required");
    CHECK(fault_of(changed().cipher_suite_names({})).message() ==
          "at least one cipher suite is required");
    CHECK(fault_of(changed().cipher_suite_names({"TLS_AES_128_GCM_SHA256", "TLS_FAKE"})).message() ==
          "unknown cipher suite: 'TLS_FAKE'");
    const auto clear = [] { return changed(ConnectionSpec::cleartext()); };
    CHECK(fault_of(clear().tls_versions({tls_1_2})).message() ==
          "no TLS version for cleartext connections");
    CHECK(fault_of(clear().cipher_suites({CipherSuite::tls_aes_128_gcm_sha256})).message() ==
          "no cipher suite for cleartext connections");
    CHECK(fault_of(clear().all_enabled_tls_versions()).code() == Errc::invalid_argument);
    CHECK(fault_of(clear().all_enabled_cipher_suites()).code() == Errc::invalid_argument);
    CHECK(clear().build() == ConnectionSpec::cleartext());
    CHECK(fault_of(changed().tls_versions({}).cipher_suites({}).tls_versions({tls_1_2})).message() ==
          "at least one TLS version is required");
#if OKHTTP_EXCEPTIONS
    CHECK_THROWS_AS((void)changed().tls_versions({}).build(), okhttp::Exception);
#endif

    const ConnectionSpec spec = changed()
                                    .tls_versions({tls_1_2, tls_1_2})
                                    .cipher_suite_names({"TLS_RSA_WITH_AES_128_CBC_SHA",
                                                         "SSL_RSA_WITH_AES_128_CBC_SHA",
                                                         "TLS_RSA_WITH_AES_256_CBC_SHA"})
                                    .build();
    CHECK(spec.tls_versions() == Versions{tls_1_2});
    CHECK(spec.cipher_suites() == Suites{CipherSuite::tls_rsa_with_aes_128_cbc_sha,
                                         CipherSuite::tls_rsa_with_aes_256_cbc_sha});
  }

  TEST_CASE("to_string is for logs") {
    CHECK(ConnectionSpec::cleartext().to_string() == "ConnectionSpec(cleartext)");
    CHECK(changed()
              .tls_versions({tls_1_2, tls_1_0})
              .cipher_suites({CipherSuite::tls_rsa_with_aes_128_cbc_sha,
                              CipherSuite::tls_rsa_with_aes_256_cbc_sha})
              .build()
              .to_string() ==
          "ConnectionSpec(cipher_suites=[TLS_RSA_WITH_AES_128_CBC_SHA, "
          "TLS_RSA_WITH_AES_256_CBC_SHA], tls_versions=[TLSv1.2, TLSv1])");
    CHECK(changed().all_enabled_cipher_suites().all_enabled_tls_versions().build().to_string() ==
          "ConnectionSpec(cipher_suites=[all enabled], tls_versions=[all enabled])");
  }

  TEST_CASE("compatible is a spec of which a version and a suite for it are supported") {
    const TlsSupport all = everything();
    CHECK(ConnectionSpec::restricted_tls().is_compatible(all));
    CHECK(ConnectionSpec::modern_tls().is_compatible(all));
    CHECK(ConnectionSpec::compatible_tls().is_compatible(all));
    CHECK_FALSE(ConnectionSpec::cleartext().is_compatible(all));
    CHECK_FALSE(ConnectionSpec::modern_tls().is_compatible(TlsSupport{}));

    // Versions apart.
    CHECK_FALSE(ConnectionSpec::modern_tls().is_compatible(versions_only({tls_1_1, tls_1_0})));
    CHECK(ConnectionSpec::compatible_tls().is_compatible(versions_only({tls_1_0})));
    CHECK(ConnectionSpec::modern_tls().is_compatible(versions_only({tls_1_2})));
    // Suites apart.
    TlsSupport support = everything();
    support.cipher_suites = {CipherSuite::try_of("TLS_RSA_WITH_ARIA_128_GCM_SHA256").value()};
    CHECK_FALSE(ConnectionSpec::modern_tls().is_compatible(support));
    // Both meet, but no suite serves a version that is left.
    CHECK_FALSE(ConnectionSpec::restricted_tls().is_compatible(versions_only({tls_1_1})));
    CHECK_FALSE(changed()
                    .tls_versions({tls_1_3})
                    .cipher_suites({CipherSuite::tls_rsa_with_aes_128_cbc_sha})
                    .build()
                    .is_compatible(all));
    CHECK_FALSE(changed()
                    .tls_versions({tls_1_1, tls_1_0})
                    .cipher_suites({CipherSuite::tls_ecdhe_rsa_with_aes_128_gcm_sha256})
                    .build()
                    .is_compatible(all));
    // All enabled ones are not all supported ones.
    const ConnectionSpec enabled = changed().all_enabled_tls_versions().build();
    CHECK(enabled.is_compatible(all));
    CHECK_FALSE(enabled.is_compatible(versions_only({tls_1_0})));
  }

  TEST_CASE("settings are the spec in its order, less what is not supported") {
    const TlsSettings modern = ConnectionSpec::modern_tls().settings(everything()).value();
    CHECK(modern.min_version == tls_1_2);
    CHECK(modern.max_version == tls_1_3);
    CHECK(modern.excluded_versions.empty());
    CHECK_FALSE(modern.send_fallback_scsv);
    CHECK(modern.cipher_suites ==
          "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    CHECK(modern.cipher_list ==
          "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
          "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
          "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:"
          "AES256-SHA:DES-CBC3-SHA");
    CHECK(ConnectionSpec::restricted_tls().settings(everything())->cipher_list ==
          "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
          "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305");

    TlsSupport no_triple_des = everything();
    std::erase(no_triple_des.cipher_suites, CipherSuite::tls_rsa_with_3des_ede_cbc_sha);
    CHECK(modern.cipher_list ==
          ConnectionSpec::modern_tls().settings(no_triple_des)->cipher_list + ":DES-CBC3-SHA");

    // Versions with a hole.
    const TlsSettings holey =
        changed(ConnectionSpec::compatible_tls()).tls_versions({tls_1_0, tls_1_3}).build()
            .settings(everything()).value();
    CHECK(holey.min_version == tls_1_0);
    CHECK(holey.max_version == tls_1_3);
    CHECK(holey.excluded_versions == Versions{tls_1_2, tls_1_1});
    // Suites that only TLS 1.2 has are not offered.
    CHECK(holey.cipher_list ==
          "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA:AES128-SHA:AES256-SHA:DES-CBC3-SHA");

    // A version without a suite is off, whatever the spec says.
    const TlsSettings no_1_3 = changed()
                                   .cipher_suites({CipherSuite::tls_rsa_with_aes_128_cbc_sha})
                                   .build().settings(everything()).value();
    CHECK(no_1_3.min_version == tls_1_2);
    CHECK(no_1_3.max_version == tls_1_2);
    CHECK(no_1_3.cipher_suites.empty());
    const TlsSettings only_1_3 =
        changed().cipher_suites({CipherSuite::tls_aes_128_gcm_sha256}).build()
            .settings(everything()).value();
    CHECK(only_1_3.min_version == tls_1_3);
    CHECK(only_1_3.cipher_list.empty());
    CHECK(only_1_3.cipher_suites == "TLS_AES_128_GCM_SHA256");

    const TlsSettings enabled = changed()
                                    .all_enabled_cipher_suites()
                                    .all_enabled_tls_versions()
                                    .build().settings(everything()).value();
    CHECK(enabled.cipher_suites == "TLS_AES_256_GCM_SHA384");
    CHECK(enabled.cipher_list == "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA");
    CHECK(enabled.min_version == tls_1_2);

    const Result<TlsSettings> none = ConnectionSpec::modern_tls().settings(versions_only({tls_1_0}));
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == Errc::tls);
    CHECK(none.error().message().find("supported versions: [TLSv1]") != std::string::npos);
    CHECK(ConnectionSpec::cleartext().settings(everything()).error().code() == Errc::tls);
  }

  TEST_CASE("the selector gives compatible specs in order, and SCSV to all but the first") {
    const std::vector<ConnectionSpec> specs = {
        ConnectionSpec::cleartext(), ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls(),
        changed().tls_versions({tls_1_0}).cipher_suites({CipherSuite::tls_rsa_with_aes_128_cbc_sha})
            .build(),
        ConnectionSpec::compatible_tls()};
    const TlsSupport support = versions_only({tls_1_3, tls_1_2});
    ConnectionSpecSelector selector(specs, support);
    const Error curable(Errc::tls, "handshake failure");
    CHECK(selector.has_next());

    auto attempt = selector.next().value();
    CHECK(attempt.index == 1);
    CHECK_FALSE(attempt.is_fallback);
    CHECK_FALSE(attempt.settings.send_fallback_scsv);
    CHECK(attempt.settings == specs[1].settings(support).value());
    CHECK(selector.may_fall_back(curable, true));
    CHECK_FALSE(selector.may_fall_back(curable, false));

    const ConnectionSpecSelector remembered = selector;
    attempt = selector.next().value();
    CHECK(attempt.index == 2);
    CHECK(attempt.is_fallback);
    CHECK(attempt.settings.send_fallback_scsv);
    CHECK(attempt.settings.cipher_list == specs[2].settings(support)->cipher_list);
    CHECK(ConnectionSpecSelector(remembered).next()->index == 2);

    attempt = selector.next().value();  // The one of TLS 1.0 is passed over.
    CHECK(attempt.index == 4);
    CHECK(attempt.settings.min_version == tls_1_2);
    CHECK_FALSE(selector.has_next());
    CHECK_FALSE(selector.may_fall_back(curable, true));
    const Result<ConnectionSpecSelector::Attempt> end = selector.next();
    REQUIRE_FALSE(end);
    CHECK(end.error().code() == Errc::tls);
    CHECK(end.error().message().starts_with("no other acceptable TLS settings: specs=["));
  }

  TEST_CASE("a client has one TLS spec by default, so it has nothing to fall back to") {
    const std::vector<ConnectionSpec> specs = {ConnectionSpec::modern_tls(),
                                               ConnectionSpec::cleartext()};
    const TlsSupport support = everything();
    ConnectionSpecSelector selector(specs, support);
    CHECK(selector.next().has_value());
    CHECK_FALSE(selector.may_fall_back(Error(Errc::tls, "x"), true));
  }

  TEST_CASE("only failures that other settings may cure are fallen back from") {
    const std::vector<ConnectionSpec> specs = {ConnectionSpec::modern_tls(),
                                               ConnectionSpec::compatible_tls()};
    const TlsSupport support = everything();
    ConnectionSpecSelector selector(specs, support);
    REQUIRE(selector.next());
    CHECK(selector.may_fall_back(Error(Errc::tls, "alert"), true));
    for (const Errc code :
         {Errc::certificate, Errc::host_name, Errc::pin, Errc::protocol_error, Errc::connect_timeout,
          Errc::read_timeout, Errc::write_timeout, Errc::call_timeout, Errc::canceled, Errc::io,
          Errc::unexpected_end, Errc::connect_refused, Errc::connect_failed, Errc::dns,
          Errc::invalid_argument, Errc::misuse, Errc::user_exception}) {
      CAPTURE(static_cast<int>(code));
      CHECK_FALSE(selector.may_fall_back(Error(code, "x"), true));
    }
  }

  TEST_CASE("without a compatible spec the error lists specs and versions") {
    const TlsSupport support = versions_only({tls_1_1, tls_1_0});
    const std::vector<ConnectionSpec> specs = {ConnectionSpec::restricted_tls(),
                                               ConnectionSpec::cleartext()};
    ConnectionSpecSelector selector(specs, support);
    CHECK_FALSE(selector.has_next());
    const Error error = selector.next().error();
    CHECK(error.code() == Errc::tls);
    CHECK(error.message() == "no acceptable TLS settings: specs=[" + specs[0].to_string() +
                                 ", ConnectionSpec(cleartext)], supported versions=[TLSv1.1, TLSv1]");
    ConnectionSpecSelector empty({}, support);
    CHECK(empty.next().error().message() ==
          "no acceptable TLS settings: specs=[], supported versions=[TLSv1.1, TLSv1]");
  }

  TEST_CASE("a client may be for http or for https alone") {
    const std::vector<ConnectionSpec> both = {ConnectionSpec::modern_tls(),
                                              ConnectionSpec::cleartext()};
    const std::vector<ConnectionSpec> tls = {ConnectionSpec::modern_tls()};
    const std::vector<ConnectionSpec> clear = {ConnectionSpec::cleartext()};
    CHECK(require_cleartext(both, "a.test"));
    CHECK(require_cleartext(clear, "a.test"));
    CHECK(require_tls(both, "a.test"));
    CHECK(require_tls(tls, "a.test"));
    const Result<void> no_cleartext = require_cleartext(tls, "a.test");
    REQUIRE_FALSE(no_cleartext);
    CHECK(no_cleartext.error().code() == Errc::invalid_argument);
    CHECK(no_cleartext.error().message().find("http://a.test") != std::string::npos);
    CHECK(require_tls(clear, "a.test").error().message().find("https://a.test") !=
          std::string::npos);
    CHECK_FALSE(okhttp::require_tls({}, "a.test"));
  }

#if OKHTTP_TLS
  TEST_CASE("OpenSSL supports what the default client needs") {
    const TlsSupport& support = TlsSupport::of_openssl();
    CHECK(&support == &TlsSupport::of_openssl());
    for (const ConnectionSpec& spec : {ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls(),
                                       ConnectionSpec::compatible_tls()})
      CHECK(spec.is_compatible(support));
    const ConnectionSpec restricted = ConnectionSpec::restricted_tls();
    for (const CipherSuite suite : *restricted.cipher_suites()) {
      CAPTURE(suite.name());
      CHECK(std::find(support.cipher_suites.begin(), support.cipher_suites.end(), suite) !=
            support.cipher_suites.end());
      CHECK(std::find(support.enabled_cipher_suites.begin(), support.enabled_cipher_suites.end(),
                      suite) != support.enabled_cipher_suites.end());
    }
    CHECK(support.enabled_versions == Versions{tls_1_3, tls_1_2});
    CHECK(support.enabled_cipher_suites.size() < support.cipher_suites.size());
  }
#endif

#if OKHTTP_TLS && OKHTTP_BODIES
  // A handshake between bare OpenSSL ends over memory, to see what the settings do.
  struct Ends {
    explicit Ends(const okhttp::HeldCertificate& held)
        : client_context(SSL_CTX_new(TLS_client_method())),
          server_context(SSL_CTX_new(TLS_server_method())) {
      auto certificates = okhttp::openssl::parse_certificates(held.certificate_pem()).value();
      auto key = okhttp::openssl::parse_private_key(held.private_key_pkcs8_pem()).value();
      SSL_CTX_use_certificate(server_context.get(), certificates.front().get());
      SSL_CTX_use_PrivateKey(server_context.get(), key.get());
      SSL_CTX_set_security_level(server_context.get(), 0);
      SSL_CTX_set_cipher_list(server_context.get(), "ALL");
      SSL_CTX_set_ciphersuites(server_context.get(),
                               "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                               "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:"
                               "TLS_AES_128_CCM_8_SHA256");
      SSL_CTX_set_min_proto_version(server_context.get(), TLS1_VERSION);
    }

    /// The agreed version and suite, or "" and why it failed.
    std::string shake(const TlsSettings* per_connection = nullptr) {
      okhttp::openssl::CleanErrors clean;
      const okhttp::openssl::SslPtr client(SSL_new(client_context.get()));
      const okhttp::openssl::SslPtr server(SSL_new(server_context.get()));
      if (per_connection != nullptr) REQUIRE(okhttp::openssl::apply(client.get(), *per_connection));
      BIO* client_side = nullptr;
      BIO* server_side = nullptr;
      BIO_new_bio_pair(&client_side, 1 << 16, &server_side, 1 << 16);
      SSL_set_bio(client.get(), client_side, client_side);
      SSL_set_bio(server.get(), server_side, server_side);
      SSL_set_connect_state(client.get());
      SSL_set_accept_state(server.get());
      failure.clear();
      for (int turn = 0; turn < 10; ++turn) {
        for (SSL* one : {client.get(), server.get()}) {
          const int result = SSL_do_handshake(one);
          if (result != 1 && SSL_get_error(one, result) != SSL_ERROR_WANT_READ) {
            failure = okhttp::openssl::reason_text();
            return "";
          }
        }
        if (SSL_is_init_finished(client.get()) == 1 && SSL_is_init_finished(server.get()) == 1)
          return std::string(SSL_get_version(client.get())) + " " +
                 SSL_CIPHER_standard_name(SSL_get_current_cipher(client.get()));
      }
      return "";
    }

    okhttp::openssl::ContextPtr client_context;
    okhttp::openssl::ContextPtr server_context;
    std::string failure;
  };

  TEST_CASE("a handshake agrees on what the settings say, for every version and suite") {
    const TlsSupport& support = TlsSupport::of_openssl();
    const auto rsa = okhttp::HeldCertificate::Builder().rsa_2048().build();
    const auto ecdsa = okhttp::HeldCertificate::Builder().ecdsa_256().build();
    int tried = 0;
    for (const TlsVersion version : support.versions) {
      for (const CipherSuite suite : support.cipher_suites) {
        const std::string_view name = suite.name();
        if (!suite.works_with(version) || name.find("_DSS_") != std::string_view::npos ||
            name.find("_DHE_RSA_") != std::string_view::npos)
          continue;
        CAPTURE(to_string(version));
        CAPTURE(name);
        const TlsSettings settings =
            changed().tls_versions({version}).cipher_suites({suite}).build()
                .settings(support).value();
        Ends by_context(name.find("_ECDSA_") != std::string_view::npos ? ecdsa : rsa);
        REQUIRE(okhttp::openssl::apply(by_context.client_context.get(), settings));
        const std::string agreed = by_context.shake();
        CAPTURE(by_context.failure);
        // A suite whose strength is below the security level of the system is refused by it.
        if (agreed.empty() && name.ends_with("_CCM_8")) continue;
        if (agreed.empty() && name.ends_with("_CCM_8_SHA256")) continue;
        CHECK(agreed == std::string(to_string(version)) + " " + std::string(name));
        ++tried;
      }
    }
    CHECK(tried > 40);
  }

  TEST_CASE("settings of one connection replace those of its context") {
    const TlsSupport& support = TlsSupport::of_openssl();
    const auto held = okhttp::HeldCertificate::Builder().rsa_2048().build();
    Ends ends(held);
    REQUIRE(okhttp::openssl::apply(ends.client_context.get(),
                                   ConnectionSpec::modern_tls().settings(support).value()));
    CHECK(ends.shake() == "TLSv1.3 TLS_AES_128_GCM_SHA256");
    const TlsSettings older =
        changed(ConnectionSpec::compatible_tls()).tls_versions({tls_1_1, tls_1_0}).build()
            .settings(support).value();
    CHECK(ends.shake(&older) == "TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    CHECK(ends.shake() == "TLSv1.3 TLS_AES_128_GCM_SHA256");

    // The excluded versions in between.
    const TlsSettings holey =
        changed(ConnectionSpec::compatible_tls()).tls_versions({tls_1_3, tls_1_1}).build()
            .settings(support).value();
    SSL_CTX_set_max_proto_version(ends.server_context.get(), TLS1_2_VERSION);
    CHECK(ends.shake(&holey) == "TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    const TlsSettings refused =
        changed(ConnectionSpec::compatible_tls()).tls_versions({tls_1_3, tls_1_0}).build()
            .settings(support).value();
    SSL_CTX_set_min_proto_version(ends.server_context.get(), TLS1_1_VERSION);
    CHECK(ends.shake(&refused).empty());
  }

  TEST_CASE("modern_tls refuses a server of TLS 1.1, compatible_tls takes it") {
    const TlsSupport& support = TlsSupport::of_openssl();
    Ends ends(okhttp::HeldCertificate::Builder().rsa_2048().build());
    SSL_CTX_set_max_proto_version(ends.server_context.get(), TLS1_1_VERSION);
    const TlsSettings modern = ConnectionSpec::modern_tls().settings(support).value();
    const TlsSettings compatible = ConnectionSpec::compatible_tls().settings(support).value();
    CHECK(ends.shake(&modern).empty());
    CHECK(ends.shake(&compatible) == "TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
  }

  TEST_CASE("old versions do not let weak keys through") {
    const TlsSupport& support = TlsSupport::of_openssl();
    const okhttp::openssl::KeyPtr weak(EVP_RSA_gen(1024));
    REQUIRE(weak);
    Ends ends(okhttp::HeldCertificate::Builder().rsa_2048().build());
    const okhttp::openssl::CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -100);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 1000);
    X509_set_pubkey(certificate.get(), weak.get());
    REQUIRE(X509_sign(certificate.get(), weak.get(), EVP_sha256()) != 0);
    REQUIRE(SSL_CTX_use_certificate(ends.server_context.get(), certificate.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(ends.server_context.get(), weak.get()) == 1);
    SSL_CTX_set_security_level(ends.client_context.get(), 2);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ends.client_context.get()), certificate.get());
    SSL_CTX_set_verify(ends.client_context.get(), SSL_VERIFY_PEER, nullptr);
    const TlsSettings compatible = ConnectionSpec::compatible_tls().settings(support).value();
    for (const int version : {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
      CAPTURE(version);
      SSL_CTX_set_min_proto_version(ends.server_context.get(), version);
      SSL_CTX_set_max_proto_version(ends.server_context.get(), version);
      CHECK(ends.shake(&compatible).empty());
      CHECK(ends.failure == "certificate verify failed");
    }
  }

  TEST_CASE("old versions do not let SHA-1 into the signatures of newer ones") {
    const TlsSupport& support = TlsSupport::of_openssl();
    Ends ends(okhttp::HeldCertificate::Builder().rsa_2048().build());
    SSL_CTX_set_security_level(ends.client_context.get(), 2);
    SSL_CTX_set_max_proto_version(ends.server_context.get(), TLS1_2_VERSION);
    const TlsSettings compatible = ConnectionSpec::compatible_tls().settings(support).value();
    REQUIRE(SSL_CTX_set1_sigalgs_list(ends.server_context.get(), "RSA+SHA256") == 1);
    CHECK(ends.shake(&compatible).starts_with("TLSv1.2 TLS_ECDHE_"));
    REQUIRE(SSL_CTX_set1_sigalgs_list(ends.server_context.get(), "RSA+SHA1") == 1);
    CHECK_FALSE(ends.shake(&compatible).starts_with("TLSv1.2 TLS_ECDHE_"));
    SSL_CTX_set_max_proto_version(ends.server_context.get(), TLS1_VERSION);
    CHECK(ends.shake(&compatible) == "TLSv1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
  }

  TEST_CASE("TLS_FALLBACK_SCSV lets a better server refuse the fallback") {
    const TlsSupport& support = TlsSupport::of_openssl();
    Ends ends(okhttp::HeldCertificate::Builder().rsa_2048().build());
    const std::vector<ConnectionSpec> specs = {
        ConnectionSpec::modern_tls(), changed().tls_versions({tls_1_2}).build()};
    ConnectionSpecSelector selector(specs, support);
    TlsSettings settings = selector.next()->settings;
    CHECK(ends.shake(&settings).starts_with("TLSv1.3 "));
    settings = selector.next()->settings;
    CHECK(ends.shake(&settings).empty());
    CHECK(ends.failure == "inappropriate fallback");
    // A server that has nothing better takes it.
    SSL_CTX_set_max_proto_version(ends.server_context.get(), TLS1_2_VERSION);
    CHECK(ends.shake(&settings).starts_with("TLSv1.2 "));
    settings.send_fallback_scsv = false;
    SSL_CTX_set_max_proto_version(ends.server_context.get(), 0);
    CHECK(ends.shake(&settings).starts_with("TLSv1.2 "));
  }
#endif
}

}  // namespace connection_spec_test
