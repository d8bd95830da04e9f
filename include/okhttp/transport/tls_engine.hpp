// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_ENGINE_HPP
#define OKHTTP_TRANSPORT_TLS_ENGINE_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/transport/tls_requirements.hpp>

#if OKHTTP_TLS

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// One end of a TLS connection between two buffers of ciphertext. It touches no socket and no
/// clock; its owner moves the bytes.
///
/// 1. Make one with `client` or `server`.
/// 2. Call `handshake`. Send what `output` shows. On `Step::want_input`, receive into
/// `input_space`,
///    report it with `input_filled` (or `input_ended`), and call again, until `Step::done`.
/// 3. `read` and `write` in any order and number. `read` says `want_input` when no complete record
///    has arrived; `write` never waits for anything.
/// 4. `close_notify`, send, done. Dropping the engine without it is allowed.
///
/// After every call, failed ones too, `output` may hold something to send: handshake messages,
/// records, key updates, alerts.
///
/// Errors: the first failure is final; every later call repeats it. Texts do not name the peer: who
/// called knows it and puts it in front.
/// - Errc::certificate: the peer's certificate is not trusted. Errc::host_name: it is for another
///   host. Errc::pin: it has none of the keys pinned. Errc::user_exception: the program's host name verifier
///   threw. Errc::tls: the handshake failed otherwise, also when the peer speaks no TLS.
/// - Errc::unexpected_end: TCP ended without close_notify, so an attacker may have cut off the
/// rest.
/// - Errc::io: damaged record, or an alert in place of data.
/// - Errc::protocol_error: the peer makes us answer (key updates) without reading our answers, or sends session
/// tickets or key updates and no data (`max_input_without_data`).
/// - Errc::misuse: reading or writing before the handshake is done, writing after `close_notify`.
///
/// Memory: about one received buffer (`max_input_step`) plus one record of ciphertext in, at most
/// `max_output` out; `release_idle_buffers` gives both back, and OpenSSL's own.
///
/// Thread safety: one call at a time. But the memory behind `input_space` is left alone by `write`
/// and `output`, and the memory behind `output` by `read`, `write` and `input_space`: so one thread
/// may be in recv and another in send while a third, under the owner's lock, uses the engine.
///
/// A moved-from engine may only be assigned to or destroyed.
/// Spec: RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 7301 (ALPN), RFC 6066, 3 (SNI).
class TlsEngine {
 public:
  /// The most plaintext that one `write` takes: what then goes out in one send. Past 256 KiB larger
  /// sends gain nothing and leave the cache.
  static constexpr std::size_t max_write = std::size_t{256} << 10;
  /// Past this much unsent output `write` takes nothing.
  static constexpr std::size_t write_threshold = max_write;
  /// Unsent output that a peer can cause past which the connection fails; nothing that `write` adds
  /// gets near it.
  static constexpr std::size_t max_output = std::size_t{1} << 20;
  /// Ciphertext of messages that are not data (session tickets, key updates) past which, with no data between
  /// them, the connection fails: they cost nobody else's time to send, and would hold whoever reads for ever.
  static constexpr std::size_t max_input_without_data = std::size_t{1} << 20;
  /// The most that `input_space` offers of itself; it starts with `min_input_step` and doubles
  /// whenever a receive filled all of it.
  static constexpr std::size_t max_input_step = std::size_t{128} << 10;
  static constexpr std::size_t min_input_step = std::size_t{16} << 10;
  /// Input that lies unread past which `input_space` is empty.
  static constexpr std::size_t max_input = std::size_t{512} << 10;

  enum class Step { done, want_input };

  /// What `read` found.
  struct ReadResult {
    enum class Kind {
      /// `size` bytes of plaintext, at least one.
      data,
      /// Nothing yet; the next record is not complete.
      want_input,
      /// The peer ended its side properly, by close_notify.
      end,
    };
    Kind kind = Kind::want_input;
    std::size_t size = 0;
  };

  /// The client end of a connection to `host`, a name or an IP literal (brackets allowed), which
  /// the peer's certificate must be for. `alpn` lists the protocols to offer, most wanted first.
  /// `requirements` (null: the defaults) says what else is demanded, and must live until the handshake is
  /// done; of its specs that one is used which `spec_attempt` says, 0 being the first. `port` is only part
  /// of the name under which sessions are kept. A remembered session is offered if all that the requirements
  /// ask for was checked when it was made, or can be checked again now.
  ///
  /// Loads the context if this is its first engine.
  /// Errors: Errc::invalid_argument for a host or protocol name that cannot be sent; Errc::tls, also if there
  /// are not that many specs.
  static Result<TlsEngine> client(const TlsContext& context,
                                  std::string_view host,
                                  std::uint16_t port,
                                  std::span<const std::string_view> alpn,
                                  const TlsRequirements* requirements = nullptr,
                                  std::size_t spec_attempt = 0);
  /// The server end of a connection.
  static Result<TlsEngine> server(const TlsServerContext& context);

  TlsEngine(TlsEngine&&) noexcept;
  TlsEngine& operator=(TlsEngine&&) noexcept;
  ~TlsEngine();

  /// Room to receive ciphertext into: at least `want` bytes, often more; 0 leaves the size to the
  /// engine. Empty once `max_input` lies unread. Valid until the next call of `input_space`,
  /// `read`, `handshake` or `release_idle_buffers`.
  std::span<std::byte> input_space(std::size_t want = 0);
  /// The first `size` bytes of the last `input_space` were received.
  void input_filled(std::size_t size);
  /// The peer closed its side of the connection; no more input will come.
  void input_ended();

  /// Ciphertext to send. Stays valid, and the same, until `output_sent` took all of it; what is
  /// added meanwhile shows afterwards.
  std::span<const std::byte> output();
  /// The first `size` bytes of `output` were sent.
  void output_sent(std::size_t size);
  /// Bytes not sent yet, those that `output` does not show included.
  std::size_t unsent() const noexcept;

  /// Goes on with the handshake as far as the input reaches.
  Result<Step> handshake();
  /// Client, before the first `handshake`: encrypts the bytes, which speak the application protocol
  /// `protocol`, for the first message (0-RTT). Gives true if it took all of them; else it took none, as
  /// the session that is offered, if any, does not allow so many, is of another protocol or too old. An
  /// observer can send them to the server once more.
  /// Spec: RFC 8446, 2.3 and 4.2.10.
  bool write_early(std::span<const std::byte> bytes, std::string_view protocol);
  /// Once the handshake is done: the peer has taken what `write_early` took. Else it has to be sent again
  /// by `write`, as nobody has read it.
  bool early_data_accepted() const noexcept;
  /// Whether the handshake is done: `read` and `write` are allowed.
  bool is_established() const noexcept;

  /// Decrypts as many complete records as have arrived and fit straight into `into`, which must not
  /// be empty. Session tickets and key updates are dealt with on the way.
  Result<ReadResult> read(std::span<std::byte> into);

  /// Encrypts the parts as if they were one and returns how many bytes it took: everything up to
  /// `max_write`, or 0 while more than `write_threshold` is unsent. Parts that fit one record
  /// together (16 KiB: a head and a small body) become one.
  Result<std::size_t> write(std::span<const std::span<const std::byte>> parts);
  Result<std::size_t> write(std::span<const std::byte> bytes) { return write({&bytes, 1}); }

  /// Ends our side: the peer can tell this end from a cut. Reading goes on. No effect before the
  /// handshake is done, after a failure, or the second time.
  void close_notify();

  /// Whether `read` would give something (data, end or error) without more input.
  bool is_readable() const noexcept;
  /// Whether ciphertext has arrived that was not read, be it an incomplete record.
  bool has_input() const noexcept;

  /// Gives back all buffers that hold nothing; the next use allocates them again. For connections
  /// that go idle.
  void release_idle_buffers();

  /// What was agreed, with the peer's certificates: the chain that was verified, or after a resumed
  /// handshake that of the first one; where nothing is verified, what the peer sent. They are written out
  /// when somebody looks. Only once the handshake is done.
  Handshake info() const;

 private:
  struct State;
  explicit TlsEngine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/transport/tls_engine.ipp>

#endif  // OKHTTP_TRANSPORT_TLS_ENGINE_HPP
