// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_CONTEXT_IPP
#define OKHTTP_TRANSPORT_TLS_CONTEXT_IPP

#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/transport/tls_context.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <list>
#include <optional>
#include <unordered_map>

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

OKHTTP_DECL int wire_version(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

/// The ALPN list in its wire form: each name behind a byte with its length (RFC 7301, 3.1).
/// Errors: Errc::invalid_argument for a name that is empty or longer than 255 bytes.
template <class Names>
inline Result<std::string> alpn_wire(const Names& names) {
  std::string wire;
  for (std::string_view name : names) {
    if (name.empty() || name.size() > 255)
      return Error(Errc::invalid_argument, "an ALPN protocol name has 1 to 255 bytes");
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

/// Settings that both roles share. False when OpenSSL refuses; its error queue says why.
OKHTTP_DECL bool apply_common(SSL_CTX* context, TlsVersion min_version, TlsVersion max_version) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // The chain is sent as it was given. OpenSSL would otherwise look for more of it in every
  // handshake.
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  // X25519 first: the cheapest key exchange, and the only key share sent unasked. An OpenSSL built
  // without one of these groups refuses the list and keeps its own.
  if (SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384:P-521:X448") != 1) clear_errors();
  return SSL_CTX_set_min_proto_version(context, wire_version(min_version)) == 1 &&
         SSL_CTX_set_max_proto_version(context, wire_version(max_version)) == 1;
}

/// Installs a certificate, its intermediates and its key.
OKHTTP_DECL bool use_certificate(SSL_CTX* context,
                                 const std::vector<CertificatePtr>& certificates,
                                 EVP_PKEY* key) {
  if (SSL_CTX_use_certificate(context, certificates.front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1)
    return false;
  for (std::size_t i = 1; i < certificates.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, certificates[i].get()) != 1) return false;
  return true;
}

/// Trusts each certificate, roots and others.
OKHTTP_DECL bool trust(SSL_CTX* context, const std::vector<CertificatePtr>& certificates) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const CertificatePtr& one : certificates)
    if (X509_STORE_add_cert(store, one.get()) != 1) return false;
  return true;
}

/// Sessions by server, least recently used first out. Not thread-safe; its owner locks.
class SessionCache {
 public:
  SessionCache(std::size_t max_keys, std::size_t per_key)
      : max_keys_(max_keys), per_key_(per_key) {}

  bool enabled() const noexcept { return max_keys_ != 0 && per_key_ != 0; }

  void put(const std::string& key, SessionPtr session) {
    const auto found = index_.find(key);
    std::list<Entry>::iterator entry;
    if (found == index_.end()) {
      if (entries_.size() >= max_keys_) {
        index_.erase(entries_.back().key);
        entries_.pop_back();
      }
      entries_.push_front(Entry{key, {}});
      entry = entries_.begin();
      index_.emplace(entry->key, entry);
    } else {
      entry = found->second;
      entries_.splice(entries_.begin(), entries_, entry);
    }
    // A TLS 1.2 session may be used any number of times, so the newest one replaces the rest.
    if (!is_single_use(session.get())) entry->sessions.clear();
    if (entry->sessions.size() >= per_key_) entry->sessions.erase(entry->sessions.begin());
    entry->sessions.push_back(std::move(session));
  }

  /// The newest session, or null. A TLS 1.3 session is given away: using a ticket twice would let
  /// an observer link the two connections (RFC 8446, C.4).
  SessionPtr take(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    const std::list<Entry>::iterator entry = found->second;
    entries_.splice(entries_.begin(), entries_, entry);
    SSL_SESSION* newest = entry->sessions.back().get();
    if (!is_single_use(newest)) {
      SSL_SESSION_up_ref(newest);
      return SessionPtr(newest);
    }
    SessionPtr session = std::move(entry->sessions.back());
    entry->sessions.pop_back();
    if (entry->sessions.empty()) erase(entry);
    return session;
  }

  /// Forgets what is left for a server whose handshake failed.
  void drop(const std::string& key) {
    const auto found = index_.find(key);
    if (found != index_.end()) erase(found->second);
  }

  std::size_t size() const {
    std::size_t n = 0;
    for (const Entry& entry : entries_) n += entry.sessions.size();
    return n;
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

 private:
  struct Entry {
    std::string key;
    std::vector<SessionPtr> sessions;  // Oldest first, never empty between calls.
  };

  static bool is_single_use(const SSL_SESSION* session) {
    return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
  }
  void erase(std::list<Entry>::iterator entry) {
    index_.erase(entry->key);
    entries_.erase(entry);
  }

  std::size_t max_keys_;
  std::size_t per_key_;
  std::list<Entry> entries_;  // Most recently used first.
  // Its keys live in entries_.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

/// What OpenSSL's callbacks need to know of one connection and leave behind for it; the engine owns
/// it and every SSL points to it.
struct ConnectionNotes {
  // Where new sessions go: null in the server role.
  SessionCache* sessions = nullptr;
  Mutex* sessions_mutex = nullptr;
  std::string session_key;
  // The host asked for is trusted whatever it shows.
  bool trust_anyone = false;
  // The first fault of the peer's certificates, X509_V_OK if there was none.
  int fault = X509_V_OK;
  std::string fault_detail;  // Host name faults: the names in the certificate. Else its subject.
};

OKHTTP_DECL ConnectionNotes& notes_of(SSL* ssl) noexcept {
  return *static_cast<ConnectionNotes*>(SSL_get_app_data(ssl));
}

OKHTTP_DECL bool is_host_fault(int fault) noexcept {
  return fault == X509_V_ERR_HOSTNAME_MISMATCH || fault == X509_V_ERR_IP_ADDRESS_MISMATCH ||
         fault == X509_V_ERR_EMAIL_MISMATCH;
}

/// The hosts that a certificate is for, for people; at most ten.
OKHTTP_DECL std::string subject_alternative_names(const X509* certificate) {
  constexpr int max_names = 10;
  struct Free {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  };
  const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string out;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  int shown = 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) {
      text = printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                        static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))});
    } else if (name->type == GEN_IPADD) {
      const unsigned char* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      const int size = ASN1_STRING_length(name->d.iPAddress);
      for (int k = 0; k < size && (size == 4 || size == 16); ++k) {
        constexpr char hex[] = "0123456789abcdef";
        if (size == 4) {
          if (k != 0) text += '.';
          text += std::to_string(bytes[k]);
        } else {
          if (k != 0 && k % 2 == 0) text += ':';
          text += hex[bytes[k] >> 4];
          text += hex[bytes[k] & 15];
        }
      }
    }
    if (text.empty()) continue;
    if (shown == max_names) return out + ", ...";
    if (shown++ != 0) out += ", ";
    out += text;
  }
  return out;
}

/// Called for each certificate of the chain and each fault in it. Notes the first fault that
/// counts.
OKHTTP_DECL int verify_callback(int ok, X509_STORE_CTX* store_context) {
  if (ok == 1) return 1;
  SSL* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  ConnectionNotes& notes = notes_of(ssl);
  const int fault = X509_STORE_CTX_get_error(store_context);
  if (notes.trust_anyone && !is_host_fault(fault)) {
    X509_STORE_CTX_set_error(store_context, X509_V_OK);
    return 1;
  }
  if (notes.fault == X509_V_OK) {
    notes.fault = fault;
    if (is_host_fault(fault)) {
      if (const X509* leaf = X509_STORE_CTX_get0_cert(store_context))
        notes.fault_detail = subject_alternative_names(leaf);
    } else if (const X509* current = X509_STORE_CTX_get_current_cert(store_context)) {
      notes.fault_detail = subject_of(current);
    }
  }
  return 0;
}

/// Keeps a session that the server gave. Returning 1 takes OpenSSL's reference over.
OKHTTP_DECL int new_session_callback(SSL* ssl, SSL_SESSION* session) {
  ConnectionNotes& notes = notes_of(ssl);
  if (notes.sessions == nullptr || SSL_SESSION_is_resumable(session) != 1) return 0;
  const Lock lock(*notes.sessions_mutex);
  notes.sessions->put(notes.session_key, SessionPtr(session));
  return 1;
}

/// In place of the verification, where nothing is to be verified.
OKHTTP_DECL int accept_any_certificate(X509_STORE_CTX* store_context, void*) {
  X509_STORE_CTX_set_error(store_context, X509_V_OK);
  return 1;
}

}  // namespace openssl

struct TlsContext::State {
  State(HandshakeCertificates given_certificates, TlsOptions given_options)
      : certificates(std::move(given_certificates)),
        options(std::move(given_options)),
        sessions(options.max_session_hosts, options.sessions_per_host) {}

  /// OpenSSL's context, built by the first call. The pointer lives as long as this state.
  Result<SSL_CTX*> loaded() {
    const openssl::Lock lock(mutex);
    if (!context && !load_error) {
      openssl::CleanErrors clean;
      context.reset(SSL_CTX_new(TLS_client_method()));
      if (!context || !configure()) {
        load_error = Error(Errc::tls, "cannot set up TLS: " + openssl::reason_text());
        context.reset();
      }
    }
    if (load_error) return *load_error;
    return context.get();
  }

  bool configure() {
    SSL_CTX* c = context.get();
    const HandshakeCertificates::Data& data = *certificates.data_;
    if (!openssl::apply_common(c, options.min_version, options.max_version)) return false;
    if (SSL_CTX_set_ciphersuites(c, options.cipher_suites.c_str()) != 1) return false;
    if (SSL_CTX_set_cipher_list(c, options.cipher_list.c_str()) != 1) return false;
    if (!openssl::trust(c, data.trusted)) return false;
    // A system without any trust store is not an error here: a handshake will say what is missing.
    if (data.platform && SSL_CTX_set_default_verify_paths(c) != 1) openssl::clear_errors();
    if (!data.held.empty() && !openssl::use_certificate(c, data.held, data.key.get())) return false;
    if (data.insecure) {
      SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
      SSL_CTX_set_cert_verify_callback(c, openssl::accept_any_certificate, nullptr);
    } else {
      SSL_CTX_set_verify(c, SSL_VERIFY_PEER, openssl::verify_callback);
    }
    if (sessions.enabled()) {
      SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
      SSL_CTX_sess_set_new_cb(c, openssl::new_session_callback);
    } else {
      SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
      SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    }
    return true;
  }

  const HandshakeCertificates certificates;
  const TlsOptions options;
  openssl::Mutex mutex;  // Guards everything below.
  openssl::ContextPtr context;
  std::optional<Error> load_error;
  openssl::SessionCache sessions;
};

OKHTTP_DECL TlsContext::TlsContext(HandshakeCertificates certificates, TlsOptions options)
    : state_(std::make_shared<State>(std::move(certificates), std::move(options))) {}

OKHTTP_DECL Result<void> TlsContext::load() const {
  Result<SSL_CTX*> context = state_->loaded();
  if (!context) return std::move(context).error();
  return {};
}

OKHTTP_DECL std::size_t TlsContext::session_count() const {
  const openssl::Lock lock(state_->mutex);
  return state_->sessions.size();
}

OKHTTP_DECL void TlsContext::forget_sessions() const {
  const openssl::Lock lock(state_->mutex);
  state_->sessions.clear();
}

struct TlsServerContext::State {
  openssl::ContextPtr context;
  std::string alpn;  // Wire form.

  /// Picks the first of our protocols that the client offers.
  static int select_alpn(SSL*,
                         const unsigned char** out,
                         unsigned char* out_size,
                         const unsigned char* in,
                         unsigned in_size,
                         void* self) {
    const std::string& ours = static_cast<State*>(self)->alpn;
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(
            &chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
            static_cast<unsigned>(ours.size()), in, in_size) != OPENSSL_NPN_NEGOTIATED)
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }
};

OKHTTP_DECL Result<TlsServerContext> TlsServerContext::create(std::string_view certificates_pem,
                                                              std::string_view private_key_pem,
                                                              TlsServerOptions options) {
  Result<std::vector<openssl::CertificatePtr>> certificates =
      openssl::parse_certificates(certificates_pem);
  if (!certificates) return std::move(certificates).error();
  Result<openssl::KeyPtr> key = openssl::parse_private_key(private_key_pem);
  if (!key) return std::move(key).error();
  Result<std::string> alpn = openssl::alpn_wire(options.alpn);
  if (!alpn) return std::move(alpn).error();

  openssl::CleanErrors clean;
  if (X509_check_private_key(certificates->front().get(), key->get()) != 1)
    return Error(Errc::invalid_argument, "the private key does not belong to the certificate");
  auto state = std::make_shared<State>();
  state->alpn = *std::move(alpn);
  state->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* c = state->context.get();
  const auto refused = [] {
    return Error(Errc::tls, "cannot set up TLS: " + openssl::reason_text());
  };
  if (c == nullptr || !openssl::apply_common(c, options.min_version, options.max_version) ||
      !openssl::use_certificate(c, *certificates, key->get()))
    return refused();
  if (!state->alpn.empty()) SSL_CTX_set_alpn_select_cb(c, State::select_alpn, state.get());

  // Tickets keep the state of a session at the client, so this server remembers none.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  constexpr unsigned char session_id_context[] = "okhttp";
  SSL_CTX_set_session_id_context(c, session_id_context, sizeof session_id_context - 1);
  if (!options.session_tickets) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(c, 0);
  }

  if (options.client_auth != ClientAuth::none) {
    Result<std::vector<openssl::CertificatePtr>> trusted =
        openssl::parse_certificates(options.client_trust_pem);
    if (!trusted) return std::move(trusted).error();
    if (!openssl::trust(c, *trusted)) return refused();
    for (const openssl::CertificatePtr& one : *trusted) SSL_CTX_add_client_CA(c, one.get());
    int mode = SSL_VERIFY_PEER;
    if (options.client_auth == ClientAuth::require) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(c, mode, openssl::verify_callback);
  }
  return TlsServerContext(std::move(state));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TLS_CONTEXT_IPP
