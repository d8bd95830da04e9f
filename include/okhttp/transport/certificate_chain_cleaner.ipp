// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_IPP
#define OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_IPP

#include <okhttp/transport/certificate_chain_cleaner.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

using StorePtr = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;

OKHTTP_DECL CertificatePtr shared(X509* certificate) {
  X509_up_ref(certificate);
  return CertificatePtr(certificate);
}

/// One certificate for people and programs.
OKHTTP_DECL PeerCertificate describe(X509* certificate) {
  return PeerCertificate{to_pem(certificate), subject_of(certificate)};
}

/// Whether the names and the signature say that `signer` signed `certificate`.
OKHTTP_DECL bool has_signed(X509* signer, X509* certificate) {
  if (X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(signer)) != 0)
    return false;
  EVP_PKEY* const key = X509_get0_pubkey(signer);
  const bool fits = key != nullptr && X509_verify(certificate, key) == 1;
  clear_errors();
  return fits;
}

/// Names alike: issued by itself, though perhaps under another key. Such a certificate, made when an
/// authority changes its key, does not count towards path lengths (RFC 5280, 4.2.1.9).
OKHTTP_DECL bool is_self_issued(const X509* certificate) {
  return X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(certificate)) == 0;
}

OKHTTP_DECL bool is_self_signed_root(X509* certificate) {
  return is_self_issued(certificate) && has_signed(certificate, certificate);
}

/// Whether a certificate may sign others, with this many intermediates in between. A trust anchor may
/// also be one of the old kind, without the extensions that say so (RFC 5280, 6.1.1 (d)).
OKHTTP_DECL bool may_sign(X509* signer, std::size_t intermediates, bool is_anchor) {
  constexpr int by_extension = 1;
  constexpr int self_signed_version_1 = 3;
  const int kind = X509_check_ca(signer);
  const bool allowed = kind == by_extension || (is_anchor && kind == self_signed_version_1);
  const bool can_sign = (X509_get_key_usage(signer) & KU_KEY_CERT_SIGN) != 0;
  const long depth = X509_get_pathlen(signer);
  clear_errors();
  return allowed && can_sign && (depth < 0 || intermediates <= static_cast<unsigned long>(depth));
}

/// The trusted certificates of a store with one subject. Stores that read folders and files on demand
/// do so here.
class TrustAnchors {
 public:
  explicit TrustAnchors(X509_STORE* store) : context_(X509_STORE_CTX_new()) {
    if (context_ && X509_STORE_CTX_init(context_.get(), store, nullptr, nullptr) != 1)
      context_.reset();
  }

  std::vector<CertificatePtr> named(const X509_NAME* subject) const {
    std::vector<CertificatePtr> found;
    if (!context_) return found;
    const std::unique_ptr<STACK_OF(X509), FreeStack> all(
        X509_STORE_CTX_get1_certs(context_.get(), subject));
    clear_errors();
    for (int i = 0; all && i < sk_X509_num(all.get()); ++i)
      found.push_back(shared(sk_X509_value(all.get(), i)));
    return found;
  }

  bool contains(const X509* certificate) const {
    const std::vector<CertificatePtr> same_name = named(X509_get_subject_name(certificate));
    return std::any_of(same_name.begin(), same_name.end(), [certificate](const CertificatePtr& one) {
      return X509_cmp(one.get(), certificate) == 0;
    });
  }

  /// Who signed a certificate, a self-signed one if there is a choice; null if nobody did.
  CertificatePtr signer_of(X509* certificate, std::size_t intermediates) const {
    CertificatePtr found;
    for (CertificatePtr& one : named(X509_get_issuer_name(certificate))) {
      // A trusted certificate that signed itself needs no right to sign.
      const bool is_same = X509_cmp(one.get(), certificate) == 0;
      if (!has_signed(one.get(), certificate)) continue;
      if (!is_same && !may_sign(one.get(), intermediates, true)) continue;
      if (is_self_signed_root(one.get())) return std::move(one);
      if (!found) found = std::move(one);
    }
    return found;
  }

 private:
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
  };
  std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>> context_;
};

/// See CertificateChainCleaner::clean. `presented` has the peer's own certificate first.
OKHTTP_DECL Result<std::vector<CertificatePtr>> clean_chain(X509_STORE* trust,
                                                            std::span<X509* const> presented) {
  if (presented.empty()) return Error(Errc::invalid_argument, "a chain of no certificates");
  if (presented.size() > CertificateChainCleaner::max_presented)
    return Error(Errc::certificate,
                 "the peer shows more than " +
                     std::to_string(CertificateChainCleaner::max_presented) + " certificates");
  CleanErrors clean;
  const TrustAnchors anchors(trust);
  std::vector<X509*> unused(presented.begin() + 1, presented.end());
  std::vector<CertificatePtr> chain;
  chain.push_back(shared(presented.front()));
  std::size_t intermediates = 0;  // Between the peer's own certificate and the next signer.
  bool anchored = false;
  for (;;) {
    X509* const last = chain.back().get();
    if (chain.size() > 1 && !is_self_issued(last)) ++intermediates;

    CertificatePtr signer = anchors.signer_of(last, intermediates);
    if (signer && X509_cmp(signer.get(), last) == 0) return chain;  // A trusted root was shown.
    if (signer) {
      anchored = true;
      // Two authorities that vouch for each other end here, not in a circle.
      const bool is_known = std::any_of(chain.begin(), chain.end(), [&signer](const auto& one) {
        return X509_cmp(one.get(), signer.get()) == 0;
      });
      if (is_known) return chain;
    } else {
      anchored = anchored || anchors.contains(last);
      const auto found = std::find_if(unused.begin(), unused.end(), [&](X509* one) {
        return has_signed(one, last) && may_sign(one, intermediates, false);
      });
      if (found == unused.end()) {
        if (anchored) return chain;
        return Error(Errc::certificate, "nothing trusted signed " + subject_of(last));
      }
      signer = shared(*found);
      unused.erase(found);
    }
    if (chain.size() > CertificateChainCleaner::max_signers)
      return Error(Errc::certificate,
                   "the certificate chain of " + subject_of(presented.front()) +
                       " is too long: more than " +
                       std::to_string(CertificateChainCleaner::max_signers) + " signers");
    chain.push_back(std::move(signer));
  }
}

}  // namespace openssl

struct CertificateChainCleaner::State {
  openssl::StorePtr trust;
};

OKHTTP_DECL CertificateChainCleaner::CertificateChainCleaner(
    const HandshakeCertificates& certificates) {
  openssl::CleanErrors clean;
  auto state = std::make_shared<State>();
  state->trust.reset(X509_STORE_new());
  const HandshakeCertificates::Data& data = *certificates.data_;
  if (state->trust) {
    for (const openssl::CertificatePtr& one : data.trusted)
      X509_STORE_add_cert(state->trust.get(), one.get());
    if (data.platform) X509_STORE_set_default_paths(state->trust.get());
  }
  state_ = std::move(state);
}

OKHTTP_DECL Result<std::vector<PeerCertificate>> CertificateChainCleaner::clean(
    std::span<const std::string> presented_pem) const {
  if (!state_->trust) return Error(Errc::tls, "cannot set up TLS: no memory for the trust store");
  std::vector<openssl::CertificatePtr> owned;
  std::vector<X509*> presented;
  for (const std::string& pem : presented_pem) {
    Result<std::vector<openssl::CertificatePtr>> parsed = openssl::parse_certificates(pem);
    if (!parsed) return std::move(parsed).error();
    presented.push_back(parsed->front().get());
    owned.push_back(std::move(parsed->front()));
  }
  const Result<std::vector<openssl::CertificatePtr>> chain =
      openssl::clean_chain(state_->trust.get(), presented);
  if (!chain) return chain.error();
  std::vector<PeerCertificate> out;
  for (const openssl::CertificatePtr& one : *chain) out.push_back(openssl::describe(one.get()));
  return out;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_CERTIFICATE_CHAIN_CLEANER_IPP
