// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CONNECTION_SPEC_IPP
#define OKHTTP_TRANSPORT_CONNECTION_SPEC_IPP

#include <okhttp/transport/connection_spec.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <initializer_list>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail::connection_spec {

template <class T>
inline bool contains(const std::vector<T>& list, T value) noexcept {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class T>
inline void append_unique(std::vector<T>& list, T value) {
  if (!contains(list, value)) list.push_back(value);
}

template <class T>
inline std::string listed(const std::vector<T>& values) {
  std::string out = "[";
  for (const T value : values) {
    if (out.size() > 1) out += ", ";
    // Both have a to_string, found by their type.
    out += to_string(value);
  }
  return out + "]";
}

template <class T>
inline std::string listed(const std::optional<std::vector<T>>& values) {
  return values ? listed(*values) : "[all enabled]";
}

/// What is left of a spec under some support.
struct Fit {
  std::vector<TlsVersion> versions;
  std::vector<CipherSuite> suites;
};

/// Empty lists if nothing fits.
OKHTTP_DECL Fit fit(const std::optional<std::vector<TlsVersion>>& wanted_versions,
                    const std::optional<std::vector<CipherSuite>>& wanted_suites,
                    const TlsSupport& support) {
  Fit fit;
  for (const CipherSuite suite : wanted_suites ? *wanted_suites : support.enabled_cipher_suites)
    if (contains(support.cipher_suites, suite)) append_unique(fit.suites, suite);
  for (const TlsVersion version : wanted_versions ? *wanted_versions : support.enabled_versions) {
    const bool has_suite =
        std::any_of(fit.suites.begin(), fit.suites.end(),
                    [version](CipherSuite suite) { return suite.works_with(version); });
    if (has_suite && contains(support.versions, version)) append_unique(fit.versions, version);
  }
  if (fit.versions.empty()) fit.suites.clear();
  // Suites of versions that are off would be offered in vain.
  std::erase_if(fit.suites, [&fit](CipherSuite suite) {
    return std::none_of(fit.versions.begin(), fit.versions.end(),
                        [suite](TlsVersion version) { return suite.works_with(version); });
  });
  return fit;
}

}  // namespace detail::connection_spec

OKHTTP_DECL ConnectionSpec ConnectionSpec::restricted_tls() {
  ConnectionSpec spec;
  spec.is_tls_ = true;
  spec.versions_ = {TlsVersion::tls_1_3, TlsVersion::tls_1_2};
  spec.suites_ = {CipherSuite::tls_aes_128_gcm_sha256,
                  CipherSuite::tls_aes_256_gcm_sha384,
                  CipherSuite::tls_chacha20_poly1305_sha256,
                  CipherSuite::tls_ecdhe_ecdsa_with_aes_128_gcm_sha256,
                  CipherSuite::tls_ecdhe_rsa_with_aes_128_gcm_sha256,
                  CipherSuite::tls_ecdhe_ecdsa_with_aes_256_gcm_sha384,
                  CipherSuite::tls_ecdhe_rsa_with_aes_256_gcm_sha384,
                  CipherSuite::tls_ecdhe_ecdsa_with_chacha20_poly1305_sha256,
                  CipherSuite::tls_ecdhe_rsa_with_chacha20_poly1305_sha256};
  return spec;
}

OKHTTP_DECL ConnectionSpec ConnectionSpec::modern_tls() {
  ConnectionSpec spec = restricted_tls();
  // All of these are on HTTP/2's list of discouraged suites (RFC 9113, appendix A); servers that
  // speak HTTP/2 choose one of the others.
  for (const CipherSuite suite :
       {CipherSuite::tls_ecdhe_rsa_with_aes_128_cbc_sha,
        CipherSuite::tls_ecdhe_rsa_with_aes_256_cbc_sha, CipherSuite::tls_rsa_with_aes_128_gcm_sha256,
        CipherSuite::tls_rsa_with_aes_256_gcm_sha384, CipherSuite::tls_rsa_with_aes_128_cbc_sha,
        CipherSuite::tls_rsa_with_aes_256_cbc_sha, CipherSuite::tls_rsa_with_3des_ede_cbc_sha})
    spec.suites_->push_back(suite);
  return spec;
}

OKHTTP_DECL ConnectionSpec ConnectionSpec::compatible_tls() {
  ConnectionSpec spec = modern_tls();
  spec.versions_ = {TlsVersion::tls_1_3, TlsVersion::tls_1_2, TlsVersion::tls_1_1,
                    TlsVersion::tls_1_0};
  return spec;
}

OKHTTP_DECL ConnectionSpec ConnectionSpec::cleartext() { return ConnectionSpec(); }

OKHTTP_DECL bool ConnectionSpec::is_compatible(const TlsSupport& support) const {
  return is_tls_ && !detail::connection_spec::fit(versions_, suites_, support).versions.empty();
}

OKHTTP_DECL Result<TlsSettings> ConnectionSpec::settings(const TlsSupport& support) const {
  const detail::connection_spec::Fit fit =
      detail::connection_spec::fit(versions_, suites_, support);
  if (!is_tls_) return Error(Errc::tls, "a cleartext spec has no TLS settings");
  if (fit.versions.empty())
    return Error(Errc::tls, "no TLS version and cipher suite of this spec is supported: " +
                                to_string() + "; supported versions: " +
                                detail::connection_spec::listed(support.versions));
  TlsSettings settings;
  const auto [min, max] = std::minmax_element(fit.versions.begin(), fit.versions.end());
  settings.min_version = *min;
  settings.max_version = *max;
  for (const TlsVersion version : all_tls_versions)
    if (version > *min && version < *max &&
        !detail::connection_spec::contains(fit.versions, version))
      settings.excluded_versions.push_back(version);
  for (const CipherSuite suite : fit.suites) {
    std::string& list = suite.is_tls_1_3() ? settings.cipher_suites : settings.cipher_list;
    if (!list.empty()) list += ':';
    list += suite.openssl_name();
  }
  return settings;
}

OKHTTP_DECL std::string ConnectionSpec::to_string() const {
  if (!is_tls_) return "ConnectionSpec(cleartext)";
  return "ConnectionSpec(cipher_suites=" + detail::connection_spec::listed(suites_) +
         ", tls_versions=" + detail::connection_spec::listed(versions_) + ")";
}

/// Notes the fault of a setter.
OKHTTP_DECL bool ConnectionSpec::Builder::refuses(bool is_empty, const char* what) {
  if (spec_.is_tls_ && !is_empty) return false;
  if (!fault_)
    fault_ = Error(Errc::invalid_argument,
                   spec_.is_tls_ ? std::string("at least one ") + what + " is required"
                                 : std::string("no ") + what + " for cleartext connections");
  return true;
}

OKHTTP_DECL ConnectionSpec::Builder& ConnectionSpec::Builder::tls_versions(
    std::vector<TlsVersion> versions) {
  if (refuses(versions.empty(), "TLS version")) return *this;
  spec_.versions_.emplace();
  for (const TlsVersion version : versions)
    detail::connection_spec::append_unique(*spec_.versions_, version);
  return *this;
}

OKHTTP_DECL ConnectionSpec::Builder& ConnectionSpec::Builder::cipher_suites(
    std::vector<CipherSuite> suites) {
  if (refuses(suites.empty(), "cipher suite")) return *this;
  spec_.suites_.emplace();
  for (const CipherSuite suite : suites)
    detail::connection_spec::append_unique(*spec_.suites_, suite);
  return *this;
}

OKHTTP_DECL ConnectionSpec::Builder& ConnectionSpec::Builder::cipher_suite_names(
    const std::vector<std::string_view>& names) {
  std::vector<CipherSuite> suites;
  for (const std::string_view name : names) {
    const Result<CipherSuite> suite = CipherSuite::try_of(name);
    if (!suite) {
      if (!fault_) fault_ = suite.error();
      return *this;
    }
    suites.push_back(*suite);
  }
  return cipher_suites(std::move(suites));
}

OKHTTP_DECL ConnectionSpec::Builder& ConnectionSpec::Builder::all_enabled_tls_versions() {
  if (!refuses(false, "TLS version")) spec_.versions_.reset();
  return *this;
}

OKHTTP_DECL ConnectionSpec::Builder& ConnectionSpec::Builder::all_enabled_cipher_suites() {
  if (!refuses(false, "cipher suite")) spec_.suites_.reset();
  return *this;
}

OKHTTP_DECL Result<ConnectionSpec> ConnectionSpec::Builder::try_build() const {
  if (fault_) return *fault_;
  return spec_;
}

OKHTTP_DECL std::optional<std::size_t> ConnectionSpecSelector::find(std::size_t from) const {
  for (std::size_t i = from; i < specs_.size(); ++i)
    if (specs_[i].is_compatible(*support_)) return i;
  return std::nullopt;
}

OKHTTP_DECL bool ConnectionSpecSelector::has_next() const { return find(position_).has_value(); }

OKHTTP_DECL Result<ConnectionSpecSelector::Attempt> ConnectionSpecSelector::next() {
  const std::optional<std::size_t> found = find(position_);
  if (!found) {
    std::string specs;
    for (const ConnectionSpec& spec : specs_) {
      if (!specs.empty()) specs += ", ";
      specs += spec.to_string();
    }
    return Error(Errc::tls,
                 std::string(is_fallback_ ? "no other" : "no") + " acceptable TLS settings: specs=[" +
                     specs + "], supported versions=" +
                     detail::connection_spec::listed(support_->versions));
  }
  Result<TlsSettings> settings = specs_[*found].settings(*support_);
  if (!settings) return std::move(settings).error();
  Attempt attempt;
  attempt.index = *found;
  attempt.is_fallback = is_fallback_;
  attempt.settings = *std::move(settings);
  attempt.settings.send_fallback_scsv = is_fallback_;
  position_ = *found + 1;
  is_fallback_ = true;
  return attempt;
}

OKHTTP_DECL bool ConnectionSpecSelector::is_curable(const Error& failure) noexcept {
  return failure.code() == Errc::tls;
}

OKHTTP_DECL Result<void> require_cleartext(std::span<const ConnectionSpec> specs,
                                           std::string_view host) {
  for (const ConnectionSpec& spec : specs)
    if (!spec.is_tls()) return {};
  return Error(Errc::invalid_argument,
               "cleartext is not enabled for this client: it cannot call http://" +
                   std::string(host) + " (ConnectionSpec::cleartext() allows it)");
}

OKHTTP_DECL Result<void> require_tls(std::span<const ConnectionSpec> specs, std::string_view host) {
  for (const ConnectionSpec& spec : specs)
    if (spec.is_tls()) return {};
  return Error(Errc::invalid_argument,
               "TLS is not enabled for this client: it cannot call https://" + std::string(host) +
                   " (ConnectionSpec::modern_tls() allows it)");
}

#if OKHTTP_TLS
namespace openssl {

OKHTTP_DECL int protocol_version(TlsVersion version) noexcept {
  constexpr int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return versions[static_cast<std::size_t>(version)];
}

/// In place of OpenSSL's own answer to "is this strong enough?" where TLS 1.0 or 1.1 is on.
///
/// From security level 1 on OpenSSL refuses those versions, and the hashes that their handshakes are
/// signed with. Going down to level 0 would also let weak certificates and keys through, on newer
/// connections too; so the level stays and only these two questions are answered here, the second only
/// for connections of those versions.
OKHTTP_DECL int allow_old_versions(const SSL* ssl,
                                   const SSL_CTX* context,
                                   int operation,
                                   int bits,
                                   int id,
                                   void* other,
                                   void* extra) {
  switch (operation) {
    case SSL_SECOP_VERSION:
      return id >= TLS1_VERSION ? 1 : 0;
    case SSL_SECOP_SIGALG_CHECK:
    case SSL_SECOP_SIGALG_SHARED:
    case SSL_SECOP_SIGALG_SUPPORTED:
      // There it is SHA-1, with MD5 for RSA, and nothing else (RFC 4346, 7.4.3).
      if (ssl != nullptr && SSL_version(ssl) < TLS1_2_VERSION) return 1;
      break;
    default:
      break;
  }
  using Callback = int (*)(const SSL*, const SSL_CTX*, int, int, int, void*, void*);
  static const Callback standard = [] {
    const ContextPtr fresh(SSL_CTX_new(TLS_client_method()));
    return fresh ? SSL_CTX_get_security_callback(fresh.get()) : nullptr;
  }();
  return standard == nullptr ? 0 : standard(ssl, context, operation, bits, id, other, extra);
}

/// The bits that switch versions off.
OKHTTP_DECL std::uint64_t exclusion_options(const TlsSettings& settings) noexcept {
  constexpr std::uint64_t bits[] = {SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2,
                                    SSL_OP_NO_TLSv1_3};
  std::uint64_t options = 0;
  for (const TlsVersion version : settings.excluded_versions)
    options |= bits[static_cast<std::size_t>(version)];
  return options;
}

/// Gives a context the settings. False when OpenSSL refuses; its error queue says why.
OKHTTP_DECL bool apply(SSL_CTX* context, const TlsSettings& settings) {
  SSL_CTX_set_options(context, exclusion_options(settings));
  if (settings.min_version < TlsVersion::tls_1_2)
    SSL_CTX_set_security_callback(context, allow_old_versions);
  if (settings.send_fallback_scsv) SSL_CTX_set_mode(context, SSL_MODE_SEND_FALLBACK_SCSV);
  return SSL_CTX_set_min_proto_version(context, protocol_version(settings.min_version)) == 1 &&
         SSL_CTX_set_max_proto_version(context, protocol_version(settings.max_version)) == 1 &&
         SSL_CTX_set_ciphersuites(context, settings.cipher_suites.c_str()) == 1 &&
         (settings.cipher_list.empty() ||
          SSL_CTX_set_cipher_list(context, settings.cipher_list.c_str()) == 1);
}

/// The same for one connection, whose context may have other settings.
OKHTTP_DECL bool apply(SSL* ssl, const TlsSettings& settings) {
  SSL_clear_options(ssl, SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3);
  SSL_set_options(ssl, exclusion_options(settings));
  if (settings.min_version < TlsVersion::tls_1_2) SSL_set_security_callback(ssl, allow_old_versions);
  if (settings.send_fallback_scsv) SSL_set_mode(ssl, SSL_MODE_SEND_FALLBACK_SCSV);
  return SSL_set_min_proto_version(ssl, protocol_version(settings.min_version)) == 1 &&
         SSL_set_max_proto_version(ssl, protocol_version(settings.max_version)) == 1 &&
         SSL_set_ciphersuites(ssl, settings.cipher_suites.c_str()) == 1 &&
         (settings.cipher_list.empty() ||
          SSL_set_cipher_list(ssl, settings.cipher_list.c_str()) == 1);
}

/// The suites of a context in its order, those that this library knows.
OKHTTP_DECL std::vector<CipherSuite> suites_of(const SSL_CTX* context) {
  std::vector<CipherSuite> suites;
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context);
  for (int i = 0; ciphers != nullptr && i < sk_SSL_CIPHER_num(ciphers); ++i)
    if (const std::optional<CipherSuite> suite =
            CipherSuite::of_id(SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(ciphers, i))))
      suites.push_back(*suite);
  return suites;
}

OKHTTP_DECL TlsSupport supported() {
  CleanErrors clean;
  TlsSupport support;
  const ContextPtr everything(SSL_CTX_new(TLS_client_method()));
  const ContextPtr defaults(SSL_CTX_new(TLS_client_method()));
  if (!everything || !defaults) return support;

  for (const TlsVersion version : all_tls_versions) {
    // A build without a version refuses it as a bound.
    if (SSL_CTX_set_min_proto_version(everything.get(), protocol_version(version)) != 1 ||
        SSL_CTX_get_min_proto_version(everything.get()) != protocol_version(version))
      continue;
    support.versions.push_back(version);
    if (version >= TlsVersion::tls_1_2) support.enabled_versions.push_back(version);
  }
  std::string tls_1_3;
  for (const CipherSuite suite : CipherSuite::all()) {
    // One unknown name makes OpenSSL refuse the whole list, so they are tried one by one.
    const std::string name(suite.openssl_name());
    if (!suite.is_tls_1_3() || SSL_CTX_set_ciphersuites(everything.get(), name.c_str()) != 1) continue;
    tls_1_3 += (tls_1_3.empty() ? "" : ":") + name;
  }
  if (SSL_CTX_set_ciphersuites(everything.get(), tls_1_3.c_str()) == 1 &&
      SSL_CTX_set_cipher_list(everything.get(), "ALL:COMPLEMENTOFALL") == 1)
    support.cipher_suites = suites_of(everything.get());
  // The system's openssl.cnf may have changed what a fresh context has.
  if (SSL_CTX_set_cipher_list(defaults.get(), "DEFAULT") != 1) clear_errors();
  support.enabled_cipher_suites = suites_of(defaults.get());
  return support;
}

}  // namespace openssl

OKHTTP_DECL const TlsSupport& TlsSupport::of_openssl() {
  // Kept to the end of the process, which connections may outlive everything else in.
  static const TlsSupport* const support = new TlsSupport(openssl::supported());
  return *support;
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_CONNECTION_SPEC_IPP
