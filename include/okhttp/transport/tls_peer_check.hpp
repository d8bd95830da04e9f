// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_PEER_CHECK_HPP
#define OKHTTP_TRANSPORT_TLS_PEER_CHECK_HPP

#include <okhttp/base/lazily_made.hpp>
#include <okhttp/transport/certificate_chain_cleaner.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/host_name_verifier.hpp>
#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/transport/tls_requirements.hpp>

// What a client checks of a server's certificates, inside OpenSSL's handshake: so that a server that is
// refused is told by an alert, before it sees a client certificate or anything else of ours. Seen only
// where bodies are compiled.

#if OKHTTP_TLS && OKHTTP_BODIES

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

class SessionCache;

/// The certificates of a peer, its own first, and what was found out about them. Made by a full handshake;
/// the sessions that come of it keep it, for a resumed one shows none.
struct PeerChain {
  std::vector<CertificatePtr> certificates;
  /// They lead to a trusted one, each signed by the next. Otherwise only the first says anything: the peer
  /// has its key.
  bool is_verified = false;
  /// The standard verifier found that the first is for the host.
  bool is_for_host = false;
  /// The peer was asked for a statement that it is not revoked, which holds until then; 0: there was none.
  bool status_checked = false;
  std::time_t status_good_until = 0;

  /// What pins are compared with. Errors: Errc::certificate.
  const Result<std::vector<PinnableCertificate>>& pinnable() const {
    return pinnable_.get([this] { return make_pinnable(); });
  }
  PeerCertificates::List describe_all() const {
    PeerCertificates::List list;
    for (const CertificatePtr& one : certificates) list.push_back(describe(one.get()));
    return list;
  }

 private:
  Result<std::vector<PinnableCertificate>> make_pinnable() const {
    std::vector<PinnableCertificate> made;
    for (const CertificatePtr& one : certificates) {
      Result<PinnableCertificate> next = openssl::pinnable(one.get());
      if (!next) return std::move(next).error();
      made.push_back(*std::move(next));
      if (!is_verified) break;
    }
    return made;
  }
  detail::LazilyMade<Result<std::vector<PinnableCertificate>>> pinnable_;
};

/// For a Handshake: written out when somebody looks.
OKHTTP_DECL PeerCertificates to_peer_certificates(std::shared_ptr<const PeerChain> chain) {
  if (chain == nullptr || chain->certificates.empty()) return {};
  return PeerCertificates::made_by([chain = std::move(chain)] { return chain->describe_all(); });
}

/// What OpenSSL's callbacks need to know of one connection and leave behind for it; the engine owns
/// it and every SSL points to it.
struct ConnectionNotes {
  // Where new sessions go: null in the server role.
  SessionCache* sessions = nullptr;
  Mutex* sessions_mutex = nullptr;
  std::string session_key;
  KeyLog key_log;

  // ---- Until the handshake is done ----

  const TlsRequirements* requirements = nullptr;  // Null in the server role.
  std::string host;                               // As it was asked for.
  // The host asked for is trusted whatever it shows.
  bool trust_anyone = false;
  // And it need not be the one asked for.
  bool any_host = false;
  // A fault was passed over as trust_anyone says.
  bool passed_over = false;
  // The first fault of the peer's certificates, X509_V_OK if there was none.
  int fault = X509_V_OK;
  std::string fault_detail;  // The subject of the certificate at fault.
  // What our own checks say.
  std::optional<Error> refusal;

  // The peer's certificates: those of the session that is offered, or of this handshake.
  std::shared_ptr<const PeerChain> chain;
};

OKHTTP_DECL ConnectionNotes& notes_of(const SSL* ssl) noexcept {
  return *static_cast<ConnectionNotes*>(SSL_get_app_data(ssl));
}

/// What a client has shown to a server; null if nothing.
OKHTTP_DECL std::shared_ptr<const PeerChain> chain_of_client(SSL* ssl) {
  X509* const own = SSL_get0_peer_certificate(ssl);
  if (own == nullptr) return nullptr;
  auto made = std::make_shared<PeerChain>();
  const STACK_OF(X509)* const verified = SSL_get0_verified_chain(ssl);
  made->is_verified = verified != nullptr && sk_X509_num(verified) > 0;
  // What the client sent is listed without its own certificate.
  const STACK_OF(X509)* const rest = made->is_verified ? verified : SSL_get_peer_cert_chain(ssl);
  if (!made->is_verified) made->certificates.push_back(shared(own));
  for (int i = 0; rest != nullptr && i < sk_X509_num(rest); ++i)
    made->certificates.push_back(shared(sk_X509_value(rest, i)));
  return made;
}

/// What `check` gives. An exception of the program's own verifier must not cross OpenSSL's frames.
template <class Check>
Result<void> guarded(Check check) {
#if OKHTTP_EXCEPTIONS
  try {
    return check();
  } catch (...) {
    return Error::from_exception(std::current_exception());
  }
#else
  return check();
#endif
}

/// Whether a trusted chain may answer for a host. Without pins for the host nothing is computed.
/// Errors: Errc::host_name, Errc::pin, Errc::user_exception.
OKHTTP_DECL Result<void> check_chain(const PeerChain& chain, const TlsRequirements& wanted,
                                     std::string_view host, bool any_host) {
  return guarded([&]() -> Result<void> {
    if (!any_host && !(chain.is_for_host && wanted.verifier.is_standard())) {
      const AlternativeNames names = alternative_names(chain.certificates.front().get());
      if (Result<void> right = wanted.verifier.check(host, names); !right) return right;
    }
    if (!wanted.pinner.has_pins_for(host)) return {};
    const Result<std::vector<PinnableCertificate>>& pinnable = chain.pinnable();
    if (!pinnable) return pinnable.error();
    return wanted.pinner.check(host, *pinnable);
  });
}

/// Whether a session that such a chain belongs to may be continued: all that would be checked in a full
/// handshake was checked in that one, or is now.
OKHTTP_DECL bool may_resume(const PeerChain& chain, const TlsRequirements& wanted, std::string_view host,
                            bool any_host) {
  if (wanted.ocsp_stapling != OcspStapling::off && chain.is_verified) {
    if (!chain.status_checked) return false;
    if (wanted.ocsp_stapling == OcspStapling::require && chain.status_good_until <= std::time(nullptr))
      return false;
  }
  return check_chain(chain, wanted, host, any_host).has_value();
}

/// Called for each certificate of the chain and each fault in it. Notes the first fault that
/// counts.
OKHTTP_DECL int verify_callback(int ok, X509_STORE_CTX* store_context) {
  if (ok == 1) return 1;
  SSL* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  ConnectionNotes& notes = notes_of(ssl);
  if (notes.trust_anyone) {
    notes.passed_over = true;
    X509_STORE_CTX_set_error(store_context, X509_V_OK);
    return 1;
  }
  if (notes.fault == X509_V_OK) {
    notes.fault = X509_STORE_CTX_get_error(store_context);
    if (const X509* current = X509_STORE_CTX_get_current_cert(store_context))
      notes.fault_detail = subject_of(current);
  }
  return 0;
}

/// In place of OpenSSL's own verification in the client role: that, and then our checks.
OKHTTP_DECL int check_server(X509_STORE_CTX* store_context, void*) {
  SSL* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  ConnectionNotes& notes = notes_of(ssl);
  if (notes.requirements == nullptr) return 0;
  // Nothing that it finds matters to somebody who accepts anybody under any name.
  const bool skipped = notes.trust_anyone && notes.any_host;
  if (!skipped && X509_verify_cert(store_context) != 1) return 0;

  const auto chain = std::make_shared<PeerChain>();
  chain->is_verified = !skipped && !notes.passed_over;
  const STACK_OF(X509)* const found = chain->is_verified ? X509_STORE_CTX_get0_chain(store_context)
                                                         : X509_STORE_CTX_get0_untrusted(store_context);
  for (int i = 0; found != nullptr && i < sk_X509_num(found); ++i)
    chain->certificates.push_back(shared(sk_X509_value(found, i)));
  if (chain->certificates.empty()) chain->certificates.push_back(shared(X509_STORE_CTX_get0_cert(store_context)));

  if (Result<void> good = check_chain(*chain, *notes.requirements, notes.host, notes.any_host); !good) {
    notes.refusal = std::move(good).error();
    // Both become the alert bad_certificate.
    X509_STORE_CTX_set_error(store_context, notes.refusal->code() == Errc::host_name ? X509_V_ERR_HOSTNAME_MISMATCH
                                                                                   : X509_V_ERR_CERT_REJECTED);
    return 0;
  }
  chain->is_for_host = !notes.any_host && notes.requirements->verifier.is_standard();
  notes.chain = chain;
  X509_STORE_CTX_set_error(store_context, X509_V_OK);
  return 1;
}

using OcspResponsePtr = std::unique_ptr<OCSP_RESPONSE, Deleter<OCSP_RESPONSE_free>>;
using OcspBasicPtr = std::unique_ptr<OCSP_BASICRESP, Deleter<OCSP_BASICRESP_free>>;
using OcspIdPtr = std::unique_ptr<OCSP_CERTID, Deleter<OCSP_CERTID_free>>;

/// Seconds since 1970; 0 for what is no time.
OKHTTP_DECL std::time_t to_time(const ASN1_GENERALIZEDTIME* time) {
  int days = 0;
  int seconds = 0;
  if (time == nullptr || ASN1_TIME_diff(&days, &seconds, nullptr, time) != 1) return 0;
  return std::time(nullptr) + std::time_t{days} * 86'400 + seconds;
}

/// The statement about a certificate among those of a response; null if there is none.
OKHTTP_DECL OCSP_SINGLERESP* statement_about(OCSP_BASICRESP* response, const X509* certificate,
                                             const X509* issuer) {
  for (int i = 0; i < OCSP_resp_count(response); ++i) {
    OCSP_SINGLERESP* const single = OCSP_resp_get0(response, i);
    // const is missing from OpenSSL's signature.
    auto* const id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
    ASN1_OBJECT* hash = nullptr;
    if (OCSP_id_get0_info(nullptr, &hash, nullptr, nullptr, id) != 1) continue;
    // Responders choose how the issuer is hashed.
    const EVP_MD* const digest = EVP_get_digestbyobj(hash);
    const OcspIdPtr ours(digest == nullptr ? nullptr : OCSP_cert_to_id(digest, certificate, issuer));
    if (ours && OCSP_id_cmp(ours.get(), id) == 0) return single;
  }
  return nullptr;
}

/// Looks at the OCSP response that a server sent along. Gives until when it holds; 0 when it says nothing.
/// Errors: Errc::certificate for one that says "revoked" or that the issuer has not signed.
OKHTTP_DECL Result<std::time_t> check_statement(std::string_view der, const PeerChain& chain,
                                                X509_STORE* trust) {
  // Clocks may disagree by that much; without a time for the next statement one holds so long.
  constexpr long leeway = 300;
  constexpr long longest = 7L * 24 * 60 * 60;
  CleanErrors clean;
  X509* const leaf = chain.certificates.front().get();
  // One that is trusted by itself has no issuer who could revoke it.
  X509* const issuer = chain.certificates.size() > 1 ? chain.certificates[1].get() : leaf;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const OcspResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(der.size())));
  if (!response) return Error(Errc::certificate, "the server sent a damaged OCSP response");
  if (OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) return std::time_t{0};
  const OcspBasicPtr basic(OCSP_response_get1_basic(response.get()));
  if (!basic) return Error(Errc::certificate, "the server sent a damaged OCSP response");

  STACK_OF(X509)* const helpers = sk_X509_new_null();
  for (const CertificatePtr& one : chain.certificates)
    if (helpers != nullptr) sk_X509_push(helpers, one.get());
  const bool is_signed = OCSP_basic_verify(basic.get(), helpers, trust, 0) == 1;
  sk_X509_free(helpers);
  if (!is_signed)
    return Error(Errc::certificate, "the server sent an OCSP response that the issuer of its certificate "
                                    "has not signed: " +
                                        reason_text(ERR_peek_last_error()));
  OCSP_SINGLERESP* const single = statement_about(basic.get(), leaf, issuer);
  if (single == nullptr) return std::time_t{0};
  ASN1_GENERALIZEDTIME* since = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, nullptr, &since, &from, &until);
  // Nobody takes a revocation back.
  if (status == V_OCSP_CERTSTATUS_REVOKED)
    return Error(Errc::certificate, "the certificate has been revoked (" + subject_of(leaf) + ")");
  if (status != V_OCSP_CERTSTATUS_GOOD ||
      OCSP_check_validity(from, until, leeway, until == nullptr ? longest : -1) != 1)
    return std::time_t{0};
  return until != nullptr ? to_time(until) + leeway : to_time(from) + longest;
}

/// Called once the server has shown its certificates, with or without an OCSP response.
OKHTTP_DECL int status_callback(SSL* ssl, void*) {
  ConnectionNotes& notes = notes_of(ssl);
  if (notes.requirements == nullptr || notes.chain == nullptr || SSL_session_reused(ssl) == 1) return 1;
  const OcspStapling wanted = notes.requirements->ocsp_stapling;
  if (wanted == OcspStapling::off || !notes.chain->is_verified) return 1;
  const unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
  Result<std::time_t> until = std::time_t{0};
  const bool is_there = bytes != nullptr && size > 0;
  if (is_there)
    until = check_statement({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)}, *notes.chain,
                            SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)));
  if (until && *until == 0 && wanted == OcspStapling::require)
    until = Error(Errc::certificate,
                  std::string("the server did not prove that its certificate has not been revoked: ") +
                      (is_there ? "its OCSP response is outdated or says nothing about it" : "it sent no OCSP response"));
  if (!until) {
    notes.refusal = until.error();
    return 0;
  }
  // The same list with what is known now; nobody else has seen the other one.
  const auto checked = std::const_pointer_cast<PeerChain>(notes.chain);
  checked->status_checked = true;
  checked->status_good_until = *until;
  return 1;
}

OKHTTP_DECL void key_log_callback(const SSL* ssl, const char* line) {
  (void)guarded([&]() -> Result<void> {
    notes_of(ssl).key_log.write(line);
    return {};
  });
}

}  // namespace openssl
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TLS_PEER_CHECK_HPP
