// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_ENGINE_IPP
#define OKHTTP_TRANSPORT_TLS_ENGINE_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/transport/tls_engine.hpp>
#include <okhttp/transport/tls_peer_check.hpp>
#include <okhttp/url/ip_address.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#include <algorithm>
#include <cstring>
#include <ctime>
#include <optional>

OKHTTP_NAMESPACE_BEGIN
namespace openssl {

/// A record's header, plaintext and ciphertext: RFC 8446, 5.1 and 5.2; RFC 5246, 6.2.
inline constexpr std::size_t record_header = 5;
inline constexpr std::size_t record_plaintext = std::size_t{16} << 10;
inline constexpr std::size_t record_ciphertext = record_plaintext + 2048;
/// The most that encryption adds to a record: header, nonce, padding, tag, of any suite.
inline constexpr std::size_t record_overhead = 128;

/// Bytes that are appended at one end and taken from the other, in one block that is never zeroed.
class CipherBuffer {
 public:
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  const std::byte* data() const noexcept { return block_.get() + begin_; }
  std::byte* tail() noexcept { return block_.get() + end_; }
  std::size_t tail_size() const noexcept { return capacity_ - end_; }

  /// Makes room for `wanted` bytes at the tail.
  void reserve_tail(std::size_t wanted) {
    if (tail_size() >= wanted) return;
    if (capacity_ - size() >= wanted) {
      std::memmove(block_.get(), data(), size());
    } else {
      const std::size_t least = std::max(size() + wanted, capacity_ + capacity_ / 2);
      const std::size_t capacity = (least + 1023) & ~std::size_t{1023};
      std::unique_ptr<std::byte[]> block(new std::byte[capacity]);
      if (!empty()) std::memcpy(block.get(), data(), size());
      block_ = std::move(block);
      capacity_ = capacity;
    }
    end_ = size();
    begin_ = 0;
  }
  void grew(std::size_t n) noexcept { end_ += n; }
  void append(const void* bytes, std::size_t n) {
    reserve_tail(n);
    std::memcpy(tail(), bytes, n);
    end_ += n;
  }
  void consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void release_if_empty() noexcept {
    if (!empty()) return;
    block_.reset();
    capacity_ = 0;
  }
  void swap(CipherBuffer& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  std::unique_ptr<std::byte[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace openssl

struct TlsEngine::State {
  State() = default;
  State(const State&) = delete;  // OpenSSL holds its address.
  State& operator=(const State&) = delete;
  ~State() {
    // An SSL that goes without close_notify would take its session with it. That rule of SSL 3 is
    // gone since TLS 1.1 (RFC 4346, 7.2.1), and connections end that way all the time.
    if (established) SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  // What the SSL refers to comes before it, so that it is destroyed after it.
  std::shared_ptr<TlsContext::State> client_context;
  std::shared_ptr<const TlsServerContext::State> server_context;
  openssl::ConnectionNotes notes;
  openssl::CipherBuffer in;
  openssl::CipherBuffer sending;  // What `output` shows.
  openssl::CipherBuffer filling;  // What OpenSSL appends to.
  openssl::SslPtr ssl;

  std::size_t input_step = min_input_step;
  std::size_t offered = 0;   // Size of the last input_space.
  std::size_t dataless = 0;  // Input that OpenSSL took since the last data.
  std::size_t readable = 0;  // How much of the front of `in` OpenSSL may take: never half a record.
  bool spoke_tls = false;    // The peer sent something that looks like a record.
  bool not_tls = false;      // The first thing it sent does not.
  bool spoke_http = false;   // It is an HTTP message in the clear.
  bool output_full = false;
  bool input_end = false;
  bool established = false;
  bool got_data = false;
  bool clean_end = false;
  bool closing = false;
  bool reads_early = false;  // Server: early data may come before the rest of the handshake.
  std::string early;         // What of it `read` has not given yet; bounded by TlsServerOptions.
  std::optional<Error> failure;

  /// Attaches a new SSL to the buffers.
  bool attach(SSL_CTX* context) {
    ssl.reset(SSL_new(context));
    BIO* bio = ssl ? BIO_new(bio_method()) : nullptr;
    if (bio == nullptr) return false;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_app_data(ssl.get(), &notes);
    return true;
  }

  /// Whether OpenSSL may read: a whole record has arrived, or something that it should reject.
  ///
  /// OpenSSL keeps a buffer of its own for a record it has half read. Handing out whole records
  /// only keeps that one empty between calls, and saves the calls that would find nothing to do.
  bool offer_record() noexcept {
    if (readable != 0) return true;
    if (in.size() < openssl::record_header) return false;
    unsigned char head[openssl::record_header];
    std::memcpy(head, in.data(), sizeof head);
    const std::size_t length = std::size_t{head[3]} << 8 | head[4];
    if (head[0] < 20 || head[0] > 24 || head[1] != 3 || length > openssl::record_ciphertext) {
      if (!spoke_tls) {
        not_tls = true;
        spoke_http = std::memcmp(in.data(), "HTTP/", 5) == 0;
      }
      readable = in.size();
      return true;
    }
    if (in.size() - openssl::record_header < length) return false;
    spoke_tls = true;
    readable = openssl::record_header + length;
    return true;
  }

  static int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* taken) {
    State& s = *static_cast<State*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (!s.offer_record()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t n = std::min(size, s.readable);
    std::memcpy(into, s.in.data(), n);
    s.in.consume(n);
    s.readable -= n;
    s.dataless += n;
    s.offered = 0;  // Taking from the buffer may move its tail.
    *taken = n;
    return 1;
  }

  static int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
    State& s = *static_cast<State*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (s.sending.size() + s.filling.size() + size > max_output) {
      s.output_full = true;
      return -1;
    }
    s.filling.append(bytes, size);
    *written = size;
    return 1;
  }

  static long bio_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  /// Made once and kept to the end of the process, which connections may outlive everything else
  /// in.
  static const BIO_METHOD* bio_method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "okhttp buffers");
      if (m != nullptr) {
        BIO_meth_set_read_ex(m, bio_read);
        BIO_meth_set_write_ex(m, bio_write);
        BIO_meth_set_ctrl(m, bio_control);
      }
      return m;
    }();
    return method;
  }

  /// Server: the handshake up to the end of the early data. Gives what SSL_do_handshake would.
  int take_early() {
    char block[4096];
    while (reads_early) {
      std::size_t n = 0;
      const int status = SSL_read_early_data(ssl.get(), block, sizeof block, &n);
      if (status == SSL_READ_EARLY_DATA_ERROR) return -1;
      early.append(block, n);
      reads_early = status != SSL_READ_EARLY_DATA_FINISH;
    }
    return 1;
  }

  Error fail(Error error) {
    failure = std::move(error);
    return *failure;
  }

  /// The sentence for the oldest error in OpenSSL's queue.
  static std::string peer_or_local_reason() {
    constexpr int alert_base = 1000;  // SSL_AD_REASON_OFFSET: alerts that the peer sent.
    const unsigned long error = ERR_peek_error();
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= alert_base) {
      std::string name = SSL_alert_desc_string_long(reason - alert_base);
      if (name == "unknown") name = openssl::reason_text(error);
      return "the peer sent the TLS alert \"" + name + "\"";
    }
    return openssl::reason_text(error);
  }

  Error full_error() {
    return Error(Errc::protocol_error, "the peer asks for more TLS messages than it reads");
  }

  /// Why the handshake failed.
  Error handshake_error() {
    if (output_full) return full_error();
    if (notes.refusal) return *notes.refusal;
    if (not_tls)
      return Error(Errc::tls, spoke_http ? "the peer does not speak TLS (it answered in plain HTTP)"
                                         : "the peer does not speak TLS");
    if (notes.fault != X509_V_OK) {
      std::string text = X509_verify_cert_error_string(notes.fault);
      if (!notes.fault_detail.empty()) text += " (" + notes.fault_detail + ")";
      return Error(Errc::certificate, std::move(text));
    }
    return Error(Errc::tls, peer_or_local_reason());
  }

  /// Why an established connection failed. In TLS 1.3 the client is done first: a server that does
  /// not like the client's certificate says so where the first data would be.
  Error record_error() {
    if (output_full) return full_error();
    return Error(got_data ? Errc::io : Errc::tls, peer_or_local_reason());
  }
};

OKHTTP_DECL TlsEngine::TlsEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
OKHTTP_DECL TlsEngine::TlsEngine(TlsEngine&&) noexcept = default;
OKHTTP_DECL TlsEngine& TlsEngine::operator=(TlsEngine&&) noexcept = default;
OKHTTP_DECL TlsEngine::~TlsEngine() = default;

OKHTTP_DECL Result<TlsEngine> TlsEngine::client(const TlsContext& context,
                                                std::string_view host,
                                                std::uint16_t port,
                                                std::span<const std::string_view> alpn,
                                                const TlsRequirements* requirements,
                                                std::size_t spec_attempt) {
  const TlsRequirements& wanted = requirements != nullptr ? *requirements : TlsRequirements::defaults();
  Result<SSL_CTX*> loaded = context.state_->loaded(wanted.key_log.is_enabled());
  if (!loaded) return std::move(loaded).error();
  std::shared_ptr<const openssl::SpecChoice> spec;
  if (requirements != nullptr || spec_attempt != 0) {
    Result<std::shared_ptr<const openssl::SpecChoice>> chosen = context.state_->choose(wanted.specs, spec_attempt);
    if (!chosen) return std::move(chosen).error();
    spec = *std::move(chosen);
  }
  Result<std::string> protocols = openssl::alpn_wire(alpn);
  if (!protocols) return std::move(protocols).error();

  openssl::CleanErrors clean;
  auto state = std::make_unique<State>();
  const HandshakeCertificates& certificates = context.state_->certificates;
  state->client_context = context.state_;
  if (!state->attach(*loaded)) return Error(Errc::tls, openssl::reason_text());
  SSL* ssl = state->ssl.get();
  SSL_set_connect_state(ssl);
  if (spec && !openssl::apply(ssl, spec->settings)) return Error(Errc::tls, openssl::reason_text());

  // The form that is sent: no brackets, no zone, no final dot.
  std::string name = ascii::lowered(host);
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  if (name.find(':') != std::string::npos) name = name.substr(0, name.find('%'));
  if (!name.empty() && name.back() == '.') name.pop_back();
  bool sendable = !name.empty() && name.front() != '.' && name.back() != '.';
  for (const char c : name) sendable = sendable && c > 0x20 && c < 0x7f;
  if (!sendable) return Error(Errc::invalid_argument, "not a host name for TLS");
  if (!IpAddress::try_parse(name) && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1)
    return Error(Errc::invalid_argument, "the host name is too long for TLS");

  openssl::ConnectionNotes& notes = state->notes;
  notes.requirements = &wanted;
  notes.host = name;
  notes.any_host = certificates.is_insecure();
  notes.trust_anyone = certificates.is_insecure_host(host) || certificates.is_insecure_host(name);
  notes.key_log = wanted.key_log;
  if (wanted.ocsp_stapling != OcspStapling::off) SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);

  // SSL_set_alpn_protos is the one function here that returns 0 for success.
  if (!protocols->empty() &&
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols->data()),
                          static_cast<unsigned>(protocols->size())) != 0)
    return Error(Errc::tls, openssl::reason_text());

  openssl::SessionCache& sessions = context.state_->sessions;
  if (sessions.enabled()) {
    // A server that was offered a session of other settings may insist on them.
    notes.session_key = name + '|' + std::to_string(port);
    if (spec) notes.session_key += '|' + std::to_string(spec->number);
    // In TLS 1.2 a session has the same secret in all of its connections.
    if (wanted.key_log.is_enabled()) notes.session_key += "|logged";
    notes.sessions = &sessions;
    notes.sessions_mutex = &context.state_->mutex;
    openssl::SessionCache::Session known;
    {
      const openssl::Lock lock(context.state_->mutex);
      known = sessions.take(notes.session_key);
    }
    if (known.session && openssl::may_resume(*known.chain, wanted, notes.host, notes.any_host)) {
      if (SSL_set_session(ssl, known.session.get()) == 1)
        notes.chain = std::move(known.chain);
      else
        openssl::clear_errors();
    }
  }
  return TlsEngine(std::move(state));
}

OKHTTP_DECL Result<TlsEngine> TlsEngine::server(const TlsServerContext& context) {
  openssl::CleanErrors clean;
  auto state = std::make_unique<State>();
  state->server_context = context.state_;
  if (!state->attach(context.state_->context.get()))
    return Error(Errc::tls, openssl::reason_text());
  SSL_set_accept_state(state->ssl.get());
  state->reads_early = context.state_->takes_early_data;
  return TlsEngine(std::move(state));
}

OKHTTP_DECL std::span<std::byte> TlsEngine::input_space(std::size_t want) {
  State& s = *state_;
  s.offered = 0;
  if (s.in.size() >= max_input) return {};
  s.in.reserve_tail(want != 0 ? std::min(want, max_input) : s.input_step);
  s.offered = s.in.tail_size();
  return {s.in.tail(), s.offered};
}

OKHTTP_DECL void TlsEngine::input_filled(std::size_t size) {
  State& s = *state_;
  OKHTTP_ASSERT(size <= s.offered);
  size = std::min(size, s.offered);
  s.in.grew(size);
  // A receive that fills all it is given has more behind it.
  if (size != 0 && size == s.offered) s.input_step = std::min(s.input_step * 2, max_input_step);
  s.offered = 0;
}

OKHTTP_DECL void TlsEngine::input_ended() { state_->input_end = true; }

OKHTTP_DECL std::span<const std::byte> TlsEngine::output() {
  State& s = *state_;
  if (s.sending.empty()) s.sending.swap(s.filling);
  return {s.sending.data(), s.sending.size()};
}

OKHTTP_DECL void TlsEngine::output_sent(std::size_t size) {
  State& s = *state_;
  OKHTTP_ASSERT(size <= s.sending.size());
  s.sending.consume(std::min(size, s.sending.size()));
}

OKHTTP_DECL std::size_t TlsEngine::unsent() const noexcept {
  return state_->sending.size() + state_->filling.size();
}

OKHTTP_DECL Result<TlsEngine::Step> TlsEngine::handshake() {
  State& s = *state_;
  if (s.failure) return *s.failure;
  if (s.established) return Step::done;
  openssl::CleanErrors clean;
  int result = s.reads_early ? s.take_early() : 1;
  if (result == 1) result = SSL_do_handshake(s.ssl.get());
  if (result == 1) {
    s.established = true;
    s.notes.requirements = nullptr;
    return Step::done;
  }
  if (SSL_get_error(s.ssl.get(), result) == SSL_ERROR_WANT_READ) {
    if (!s.input_end) return Step::want_input;
    return s.fail(Error(Errc::tls, "the peer closed the connection during the TLS handshake"));
  }
  if (s.notes.sessions != nullptr) {
    const openssl::Lock lock(*s.notes.sessions_mutex);
    s.notes.sessions->drop(s.notes.session_key);
  }
  return s.fail(s.handshake_error());
}

OKHTTP_DECL bool TlsEngine::write_early(std::span<const std::byte> bytes, std::string_view protocol) {
  State& s = *state_;
  SSL* const ssl = s.ssl.get();
  const SSL_SESSION* const session = SSL_get_session(ssl);
  if (s.failure || bytes.empty() || session == nullptr || SSL_in_before(ssl) != 1 || SSL_is_server(ssl) == 1)
    return false;
  if (SSL_SESSION_get_max_early_data(session) < bytes.size()) return false;
  const unsigned char* alpn = nullptr;
  std::size_t alpn_size = 0;
  SSL_SESSION_get0_alpn_selected(session, &alpn, &alpn_size);
  if (alpn_size != 0 && protocol != std::string_view(reinterpret_cast<const char*>(alpn), alpn_size)) return false;
  // OpenSSL offers no ticket that is too old, but would send the data all the same.
  constexpr long margin = 2;
  const auto age = static_cast<long>(std::time(nullptr)) - static_cast<long>(SSL_SESSION_get_time(session));
  if (age < 0 || static_cast<unsigned long>(age + margin) >= SSL_SESSION_get_ticket_lifetime_hint(session))
    return false;
  openssl::CleanErrors clean;
  std::size_t written = 0;
  if (SSL_write_early_data(ssl, bytes.data(), bytes.size(), &written) == 1) return true;
  (void)s.fail(s.handshake_error());
  return false;
}

OKHTTP_DECL bool TlsEngine::early_data_accepted() const noexcept {
  return state_->established && SSL_get_early_data_status(state_->ssl.get()) == SSL_EARLY_DATA_ACCEPTED;
}

OKHTTP_DECL bool TlsEngine::is_established() const noexcept { return state_->established; }

OKHTTP_DECL Result<TlsEngine::ReadResult> TlsEngine::read(std::span<std::byte> into) {
  State& s = *state_;
  if (s.failure) return *s.failure;
  if (!s.established) return Error(Errc::misuse, "TLS: read before the handshake is done");
  if (s.clean_end) return ReadResult{ReadResult::Kind::end, 0};
  SSL* ssl = s.ssl.get();
  openssl::clear_errors();
  std::size_t size = 0;
  if (!s.early.empty()) {
    size = std::min(s.early.size(), into.size());
    std::memcpy(into.data(), s.early.data(), size);
    s.early.erase(0, size);
    s.got_data = true;
  }
  while (size < into.size() && (SSL_pending(ssl) != 0 || s.offer_record())) {
    std::size_t n = 0;
    if (SSL_read_ex(ssl, into.data() + size, into.size() - size, &n) == 1) {
      size += n;
      s.got_data = true;
      s.dataless = 0;
      continue;
    }
    const int error = SSL_get_error(ssl, 0);
    if (error == SSL_ERROR_WANT_READ) {  // Only messages that are not data.
      if (s.dataless > max_input_without_data)
        (void)s.fail(Error(Errc::protocol_error, "the peer sends TLS messages without end and no data"));
      break;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
      s.clean_end = true;
    } else {
      (void)s.fail(s.record_error());
    }
    openssl::clear_errors();
    break;
  }
  if (size != 0) return ReadResult{ReadResult::Kind::data, size};
  if (s.failure) return *s.failure;
  if (s.clean_end) return ReadResult{ReadResult::Kind::end, 0};
  if (s.input_end && !into.empty())
    return s.fail(Error(Errc::unexpected_end, "the connection ended without a TLS close_notify"));
  return ReadResult{ReadResult::Kind::want_input, 0};
}

OKHTTP_DECL Result<std::size_t> TlsEngine::write(
    std::span<const std::span<const std::byte>> parts) {
  constexpr std::size_t record = openssl::record_plaintext;
  State& s = *state_;
  if (s.failure) return *s.failure;
  if (!s.established) return Error(Errc::misuse, "TLS: write before the handshake is done");
  if (s.closing) return Error(Errc::misuse, "TLS: write after close_notify");
  if (unsent() > write_threshold) return std::size_t{0};

  std::size_t total = 0;
  for (const std::span<const std::byte> part : parts) {
    total += std::min(part.size(), max_write - total);
    if (total == max_write) break;
  }
  if (total == 0) return std::size_t{0};
  // Everything in one block from the start: records do not move it while they grow it.
  s.filling.reserve_tail(total + (total / record + parts.size() + 1) * openssl::record_overhead);
  openssl::clear_errors();

  const auto encrypt = [&s](const std::byte* bytes, std::size_t size) {
    std::size_t written = 0;
    if (SSL_write_ex(s.ssl.get(), bytes, size, &written) == 1) return true;
    (void)s.fail(s.record_error());
    openssl::clear_errors();
    return false;
  };
  std::byte gathered[record];
  std::size_t left = total;
  std::size_t part = 0;
  std::size_t offset = 0;
  while (left != 0) {
    const std::span<const std::byte> rest = parts[part].subspan(offset);
    if (rest.size() >= left || rest.size() >= record) {
      // Whole records straight from the caller's memory; an odd end joins the part after it.
      const std::size_t size = rest.size() >= left ? left : rest.size() - rest.size() % record;
      if (!encrypt(rest.data(), size)) return *s.failure;
      offset += size;
      left -= size;
    } else {
      std::size_t size = 0;
      const std::size_t room = std::min(record, left);
      while (size != room) {
        const std::size_t n = std::min(parts[part].size() - offset, room - size);
        if (n != 0) std::memcpy(gathered + size, parts[part].data() + offset, n);
        size += n;
        offset += n;
        if (offset == parts[part].size() && size != room) {
          ++part;
          offset = 0;
        }
      }
      if (!encrypt(gathered, size)) return *s.failure;
      left -= size;
    }
    if (left != 0 && offset == parts[part].size()) {
      ++part;
      offset = 0;
    }
  }
  return total;
}

OKHTTP_DECL void TlsEngine::close_notify() {
  State& s = *state_;
  if (s.failure || !s.established || s.closing) return;
  s.closing = true;
  openssl::CleanErrors clean;
  SSL_shutdown(s.ssl.get());
}

OKHTTP_DECL bool TlsEngine::is_readable() const noexcept {
  State& s = *state_;
  return s.failure || s.clean_end || s.input_end || !s.early.empty() || SSL_pending(s.ssl.get()) != 0 ||
         s.offer_record();
}

OKHTTP_DECL bool TlsEngine::has_input() const noexcept {
  return !state_->in.empty() || SSL_pending(state_->ssl.get()) != 0;
}

OKHTTP_DECL void TlsEngine::release_idle_buffers() {
  State& s = *state_;
  s.in.release_if_empty();
  s.sending.release_if_empty();
  s.filling.release_if_empty();
  s.input_step = min_input_step;
  s.offered = 0;
  // In place of SSL_MODE_RELEASE_BUFFERS, which would free and allocate them for every record.
  SSL_free_buffers(s.ssl.get());
}

OKHTTP_DECL Handshake TlsEngine::info() const {
  SSL* ssl = state_->ssl.get();
  Handshake info;
  info.tls_version = SSL_get_version(ssl);
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl))
    if (const char* name = SSL_CIPHER_standard_name(cipher)) info.cipher_suite = name;
  const unsigned char* alpn = nullptr;
  unsigned alpn_size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpn_size);
  if (alpn != nullptr) info.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
    info.server_name = name;
  info.resumed = SSL_session_reused(ssl) == 1;
  info.peer_certificates = openssl::to_peer_certificates(
      SSL_is_server(ssl) == 1 ? openssl::chain_of_client(ssl) : state_->notes.chain);
  return info;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TLS_ENGINE_IPP
