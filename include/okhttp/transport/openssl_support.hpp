// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_OPENSSL_SUPPORT_HPP
#define OKHTTP_TRANSPORT_OPENSSL_SUPPORT_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

// What the bodies of the TLS files share: OpenSSL's headers, owners for its objects, PEM in and
// out, readable error texts. Seen only where bodies are compiled; no public header names an OpenSSL
// type.

#if OKHTTP_TLS && OKHTTP_BODIES

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if OKHTTP_THREADS
#include <mutex>
#endif

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "okhttp: OKHTTP_TLS=1 needs OpenSSL 3.0 or newer"
#endif

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;
using SessionPtr = std::unique_ptr<SSL_SESSION, Deleter<SSL_SESSION_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using AddressPtr = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;

#if OKHTTP_THREADS
using Mutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;
#else
struct Mutex {};
struct Lock {
  explicit Lock(Mutex&) {}
  ~Lock() {}
};
#endif

/// OpenSSL reads its per-thread error queue to tell what the last call meant, so it must be empty
/// before a call, and whatever a call left there must not reach the program's own use of OpenSSL.
/// Looking first is much cheaper than clearing.
inline void clear_errors() noexcept {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

/// Leaves the queue empty whatever happens in its scope.
struct CleanErrors {
  CleanErrors() noexcept { clear_errors(); }
  ~CleanErrors() { clear_errors(); }
  CleanErrors(const CleanErrors&) = delete;
  CleanErrors& operator=(const CleanErrors&) = delete;
};

/// The sentence for one packed OpenSSL error.
OKHTTP_DECL std::string reason_text(unsigned long error) {
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown OpenSSL error " + std::to_string(error) : std::string(reason);
}

/// The sentence for the oldest error in the queue, which is the root of those after it.
OKHTTP_DECL std::string reason_text() { return reason_text(ERR_peek_error()); }

/// Text from a certificate made fit for a log line: printable ASCII, bounded.
OKHTTP_DECL std::string printable(std::string_view text) {
  constexpr std::size_t max_length = 128;
  std::string out(text.substr(0, max_length));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  if (text.size() > max_length) out += "...";
  return out;
}

/// A memory BIO that reads `text` in place.
OKHTTP_DECL BioPtr reader(std::string_view text) {
  constexpr std::size_t max_size = std::size_t{1} << 30;
  if (text.size() > max_size) return nullptr;
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// What was written to a memory BIO.
OKHTTP_DECL std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// Every certificate of a PEM text, in order; other PEM blocks are passed over.
/// Errors: Errc::invalid_argument for a damaged certificate or none at all.
OKHTTP_DECL Result<std::vector<CertificatePtr>> parse_certificates(std::string_view pem) {
  CleanErrors clean;
  std::vector<CertificatePtr> certificates;
  if (const BioPtr bio = reader(pem)) {
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
      certificates.emplace_back(certificate);
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
      return Error(Errc::invalid_argument, "damaged certificate in the PEM text: " + reason_text());
  }
  if (certificates.empty()) return Error(Errc::invalid_argument, "no certificate in the PEM text");
  return certificates;
}

/// The first private key of a PEM text: PKCS#8, PKCS#1 or SEC 1, not encrypted.
/// Errors: Errc::invalid_argument. The text never quotes the key.
OKHTTP_DECL Result<KeyPtr> parse_private_key(std::string_view pem) {
  CleanErrors clean;
  bool encrypted = false;
  KeyPtr key;
  if (const BioPtr bio = reader(pem)) {
    // Without a callback OpenSSL would ask for the pass phrase on the terminal.
    const auto no_pass_phrase = [](char*, int, int, void* user) {
      *static_cast<bool*>(user) = true;
      return -1;
    };
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &encrypted));
  }
  if (encrypted) return Error(Errc::invalid_argument, "the private key is encrypted");
  if (!key) return Error(Errc::invalid_argument, "no usable private key in the PEM text");
  return key;
}

OKHTTP_DECL std::string to_pem(X509* certificate) {
  CleanErrors clean;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
  return contents(bio.get());
}

/// Whose certificate it is, as RFC 2253 writes names; printable and bounded.
OKHTTP_DECL std::string subject_of(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return printable(contents(bio.get()));
}

}  // namespace openssl
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_OPENSSL_SUPPORT_HPP
