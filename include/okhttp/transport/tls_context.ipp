// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_CONTEXT_IPP
#define OKHTTP_TRANSPORT_TLS_CONTEXT_IPP

#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/transport/tls_peer_check.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <list>
#include <optional>
#include <unordered_map>

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

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

/// Settings that both roles share.
OKHTTP_DECL void apply_common(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // The chain is sent as it was given. OpenSSL would otherwise look for more of it in every
  // handshake.
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  // X25519 first: the cheapest key exchange, and the only key share sent unasked. An OpenSSL built
  // without one of these groups refuses the list and keeps its own.
  if (SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384:P-521:X448") != 1) clear_errors();
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
  struct Session {
    SessionPtr session;
    std::shared_ptr<const PeerChain> chain;  // Who was at the other end.
  };

  SessionCache(std::size_t max_keys, std::size_t per_key)
      : max_keys_(max_keys), per_key_(per_key) {}

  bool enabled() const noexcept { return max_keys_ != 0 && per_key_ != 0; }

  void put(const std::string& key, Session session) {
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
    if (!is_single_use(session.session.get())) entry->sessions.clear();
    if (entry->sessions.size() >= per_key_) entry->sessions.erase(entry->sessions.begin());
    entry->sessions.push_back(std::move(session));
  }

  /// The newest session, or null. A TLS 1.3 session is given away: using a ticket twice would let
  /// an observer link the two connections (RFC 8446, C.4).
  Session take(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return {};
    const std::list<Entry>::iterator entry = found->second;
    entries_.splice(entries_.begin(), entries_, entry);
    SSL_SESSION* newest = entry->sessions.back().session.get();
    if (!is_single_use(newest)) {
      SSL_SESSION_up_ref(newest);
      return {SessionPtr(newest), entry->sessions.back().chain};
    }
    Session session = std::move(entry->sessions.back());
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
    std::vector<Session> sessions;  // Oldest first, never empty between calls.
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

/// Keeps a session that the server gave. Returning 1 takes OpenSSL's reference over.
OKHTTP_DECL int new_session_callback(SSL* ssl, SSL_SESSION* session) {
  ConnectionNotes& notes = notes_of(ssl);
  // Whom a session belongs to must be known when it is continued.
  if (notes.sessions == nullptr || notes.chain == nullptr || SSL_SESSION_is_resumable(session) != 1) return 0;
  const Lock lock(*notes.sessions_mutex);
  notes.sessions->put(notes.session_key, {SessionPtr(session), notes.chain});
  return 1;
}

/// The settings that a spec of a client comes down to.
struct SpecChoice {
  std::vector<ConnectionSpec> specs;
  std::size_t attempt = 0;
  TlsSettings settings;
  /// Equal settings have the same; 0 is for those of the context.
  unsigned number = 0;
};

}  // namespace openssl

struct TlsContext::State {
  State(HandshakeCertificates given_certificates, TlsOptions given_options)
      : certificates(std::move(given_certificates)),
        options(std::move(given_options)),
        sessions(options.max_session_hosts, options.sessions_per_host) {}

  /// OpenSSL's context, built by the first call. The pointer lives as long as this state. Connections whose
  /// secrets are logged have one of their own: OpenSSL writes every line for a context that has a log.
  Result<SSL_CTX*> loaded(bool logs_keys = false) {
    const openssl::Lock lock(mutex);
    openssl::ContextPtr& context = logs_keys ? logging_context : plain_context;
    if (!context && !load_error) {
      openssl::CleanErrors clean;
      context.reset(SSL_CTX_new(TLS_client_method()));
      if (!context || !configure(context.get())) {
        load_error = Error(Errc::tls, "cannot set up TLS: " + openssl::reason_text());
        context.reset();
      } else if (logs_keys) {
        SSL_CTX_set_keylog_callback(context.get(), openssl::key_log_callback);
      }
    }
    if (load_error) return *load_error;
    return context.get();
  }

  bool configure(SSL_CTX* c) {
    const HandshakeCertificates::Data& data = *certificates.data_;
    Result<TlsSettings> settings = ConnectionSpec::modern_tls().settings(TlsSupport::of_openssl());
    if (!settings || !openssl::apply(c, *settings)) return false;
    default_settings = *std::move(settings);
    openssl::apply_common(c);
    // 112 bits: no RSA key below 2048, no signature with SHA-1, whatever the system's openssl.cnf says.
    constexpr int security_level = 2;
    if (SSL_CTX_get_security_level(c) < security_level) SSL_CTX_set_security_level(c, security_level);
    if (!openssl::trust(c, data.trusted)) return false;
    // A system without any trust store is not an error here: a handshake will say what is missing.
    if (data.platform && SSL_CTX_set_default_verify_paths(c) != 1) openssl::clear_errors();
    if (!data.held.empty() && !openssl::use_certificate(c, data.held, data.key.get())) return false;
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, openssl::verify_callback);
    SSL_CTX_set_cert_verify_callback(c, openssl::check_server, nullptr);
    SSL_CTX_set_tlsext_status_cb(c, openssl::status_callback);
    if (sessions.enabled()) {
      SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
      SSL_CTX_sess_set_new_cb(c, openssl::new_session_callback);
    } else {
      SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
      SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    }
    return true;
  }

  /// Which settings one of the specs means; null: those of the context. Once loaded.
  /// Errors: Errc::tls if there are not that many that fit.
  Result<std::shared_ptr<const openssl::SpecChoice>> choose(const std::vector<ConnectionSpec>& specs,
                                                            std::size_t attempt) {
    // A program has one list of specs, or a few.
    constexpr std::size_t max_choices = 16;
    const openssl::Lock lock(mutex);
    for (const auto& one : choices)
      if (one->attempt == attempt && one->specs == specs) return one->number == 0 ? nullptr : one;
    ConnectionSpecSelector selector(specs, TlsSupport::of_openssl());
    for (std::size_t i = 0; i < attempt; ++i)
      if (Result<ConnectionSpecSelector::Attempt> skipped = selector.next(); !skipped)
        return std::move(skipped).error();
    Result<ConnectionSpecSelector::Attempt> chosen = selector.next();
    if (!chosen) return std::move(chosen).error();
    auto made = std::make_shared<openssl::SpecChoice>();
    made->specs = specs;
    made->attempt = attempt;
    made->settings = std::move(chosen->settings);
    if (made->settings != default_settings) {
      for (const auto& one : choices)
        if (one->settings == made->settings) made->number = one->number;
      if (made->number == 0) made->number = ++last_choice;
    }
    if (choices.size() == max_choices) choices.erase(choices.begin());
    choices.push_back(made);
    if (made->number == 0) return std::shared_ptr<const openssl::SpecChoice>();
    return std::shared_ptr<const openssl::SpecChoice>(std::move(made));
  }

  const HandshakeCertificates certificates;
  const TlsOptions options;
  openssl::Mutex mutex;  // Guards everything below.
  openssl::ContextPtr plain_context;
  openssl::ContextPtr logging_context;
  std::optional<Error> load_error;
  TlsSettings default_settings;
  std::vector<std::shared_ptr<const openssl::SpecChoice>> choices;
  unsigned last_choice = 0;
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
  std::string ocsp_response;
  bool takes_early_data = false;

  /// Gives the OCSP response to a client that asks.
  static int staple(SSL* ssl, void* self) {
    const std::string& response = static_cast<State*>(self)->ocsp_response;
    // OpenSSL frees it.
    void* const copy = OPENSSL_memdup(response.data(), response.size());
    if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, static_cast<unsigned char*>(copy), static_cast<long>(response.size()));
    return SSL_TLSEXT_ERR_OK;
  }

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
  if (c == nullptr) return refused();
  openssl::apply_common(c);
  if (options.allow_weak) SSL_CTX_set_security_level(c, 0);
  if (SSL_CTX_set_min_proto_version(c, openssl::protocol_version(options.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(c, openssl::protocol_version(options.max_version)) != 1 ||
      !openssl::use_certificate(c, *certificates, key->get()))
    return refused();
  if (!options.ocsp_response.empty()) {
    state->ocsp_response = std::move(options.ocsp_response);
    SSL_CTX_set_tlsext_status_cb(c, State::staple);
    SSL_CTX_set_tlsext_status_arg(c, state.get());
  }
  if (!state->alpn.empty()) SSL_CTX_set_alpn_select_cb(c, State::select_alpn, state.get());

  // Tickets keep the state of a session at the client, so this server remembers none.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  constexpr unsigned char session_id_context[] = "okhttp";
  SSL_CTX_set_session_id_context(c, session_id_context, sizeof session_id_context - 1);
  if (!options.session_tickets) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(c, 0);
  } else if (options.max_early_data != 0) {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_SERVER);
    if (SSL_CTX_set_max_early_data(c, options.max_early_data) != 1 ||
        SSL_CTX_set_recv_max_early_data(c, options.max_early_data) != 1)
      return refused();
    state->takes_early_data = true;
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
