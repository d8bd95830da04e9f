// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DIGEST_HPP
#define OKHTTP_EXTRAS_DIGEST_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/challenge.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// HTTP Digest authentication (RFC 7616), without any I/O: from a challenge to the value of
// Authorization or Proxy-Authorization.
//
// The hashes are OpenSSL's, so nothing of this file exists with OKHTTP_TLS=0: a program built without
// TLS that names it does not compile.

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN

/// How the parts of a Digest are hashed. `_sess`: the password's hash is bound to the first nonce.
/// Spec: RFC 7616, 3.3 and 6.1.
enum class DigestAlgorithm : std::uint8_t {
  md5,
  md5_sess,
  sha256,
  sha256_sess,
  sha512_256,
  sha512_256_sess,
};

/// As challenges name it: "MD5", "SHA-256-sess", "SHA-512-256" ...
std::string_view digest_algorithm_name(DigestAlgorithm algorithm) noexcept;

/// Hashes bytes that come in pieces; how a body is hashed for `auth-int`.
class DigestHash {
 public:
  /// Errors: Errc::invalid_argument when this OpenSSL does not have the hash (MD5 in FIPS mode).
  static Result<DigestHash> try_create(DigestAlgorithm algorithm);
  /// The hash of `bytes` in one go.
  static Result<std::string> try_hash(DigestAlgorithm algorithm, std::string_view bytes);

  void update(std::string_view bytes) noexcept;
  void update(std::span<const std::byte> bytes) noexcept {
    update(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  /// The hash in lower-case hex. Once, and last. Errors: Errc::invalid_argument.
  Result<std::string> try_finish();

 private:
  struct Free {
    void operator()(void* context) const noexcept;
  };
  explicit DigestHash(void* context) noexcept : context_(context) {}
  std::unique_ptr<void, Free> context_;  // an EVP_MD_CTX; null once something failed
};

/// A Digest challenge understood. Spec: RFC 7616, 3.3.
struct DigestChallenge {
  /// Bytes of one of its values. They are sent back with every request; real ones stay below 200.
  static constexpr std::size_t max_value_bytes = 8 * 1024;

  std::string realm;
  std::string nonce;
  /// To be sent back as it is, if the server sent one.
  std::optional<std::string> opaque;
  /// Which URIs the credentials are for, as it was sent; empty: all of this server.
  std::string domain;
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  /// False: the server left the algorithm out, so the answer does too.
  bool names_algorithm = false;
  /// Neither: the form of RFC 2069, without nonce count.
  bool offers_auth = false;
  bool offers_auth_int = false;
  /// The user name is to be sent hashed.
  bool userhash = false;
  /// `charset=UTF-8`: user and password must be UTF-8.
  bool is_utf8 = false;
  /// The credentials were right, only the nonce has to be replaced.
  bool stale = false;

  /// Errors: Errc::protocol_error for another scheme, an algorithm or qop that is not known here,
  /// `-sess` without qop, a missing realm or nonce, controls in a value, a value too long.
  static Result<DigestChallenge> try_from(const Challenge& challenge);
  /// The strongest of those that can be answered: SHA-512-256, SHA-256, MD5; of equals the first.
  /// Others are passed over, as RFC 7616, 3.3 asks. Errors: Errc::protocol_error, there is none.
  static Result<DigestChallenge> try_strongest(std::span<const Challenge> challenges);
#if OKHTTP_EXCEPTIONS
  /// As try_from, but throws.
  static DigestChallenge from(const Challenge& challenge) { return try_from(challenge).value(); }
  /// As try_strongest, but throws.
  static DigestChallenge strongest(std::span<const Challenge> challenges) {
    return try_strongest(challenges).value();
  }
#endif
};

/// What a Digest covers of a request. Views only.
struct DigestRequest {
  std::string_view method;
  /// As in the request line: path and query, for CONNECT host and port.
  std::string_view target;
  /// Not guessable and new for every request: 16 random bytes in hex or base64. 1 to 256 visible
  /// ASCII characters. `_sess` algorithms use the one of the first request throughout.
  std::string_view cnonce;
  /// For `auth-int`: the body's hash by DigestHash. Of no bytes when there is no body.
  std::optional<std::string_view> body_hash;
};

/// User, password, and the nonce of one server; counts how often the nonce was used.
///
/// 1. Built from the challenge of a 401 or 407. 2. `try_authorize` for every request. 3. After every
/// answer `note_authentication_info`; after another 401 or 407 `renew`.
/// User and password are hashed as the bytes given: text should be UTF-8 in NFC (RFC 7616, 4), which
/// is not checked beyond UTF-8. They appear in no error.
/// Thread safety: one thread at a time.
class DigestSession {
 public:
  /// `prefer_integrity`: use `auth-int`, which covers the body, where the server offers both.
  DigestSession(DigestChallenge challenge,
                std::string user,
                std::string password,
                bool prefer_integrity = false)
      : challenge_(std::move(challenge)),
        user_(std::move(user)),
        password_(std::move(password)),
        prefer_integrity_(prefer_integrity) {}

  const DigestChallenge& challenge() const& noexcept { return challenge_; }
  DigestChallenge challenge() && noexcept { return std::move(challenge_); }
  /// True when requests should bring a body_hash, made with challenge().algorithm.
  bool wants_body_hash() const noexcept {
    return challenge_.offers_auth_int && (prefer_integrity_ || !challenge_.offers_auth);
  }

  /// The value of Authorization (for a proxy Proxy-Authorization) for this request; every call uses
  /// the nonce once more. Pure ASCII unless realm, nonce or opaque are not.
  ///
  /// Without a body_hash `auth` is used where it is offered. A user name that is not ASCII is sent
  /// as `username*`, unless the server wants it hashed.
  /// Errors: Errc::invalid_argument for controls in user or password, for either not being UTF-8
  /// where it must be, for a method that is no token, a target with blanks or controls, a cnonce or
  /// body_hash of another form, a missing body_hash, a hash that OpenSSL does not have.
  /// Errc::rejected after 2^32 - 1 uses of a nonce.
  /// Spec: RFC 7616, 3.4.
  Result<std::string> try_authorize(const DigestRequest& request);
#if OKHTTP_EXCEPTIONS
  /// As try_authorize, but throws.
  std::string authorize(const DigestRequest& request) { return try_authorize(request).value(); }
#endif

  /// Looks at a challenge that answered a request with our Authorization. True: the nonce was merely
  /// stale, the new one is in use, send the request again. False: nothing changed; the server refuses
  /// user or password, or this is another realm, which needs a session of its own.
  /// Spec: RFC 7616, 3.3, stale.
  bool renew(DigestChallenge next);

  /// Takes over the `nextnonce` of an Authentication-Info (Proxy-Authentication-Info) value. Anything
  /// else there, and what is malformed, is ignored. Spec: RFC 7616, 3.5.
  void note_authentication_info(std::string_view value);

 private:
  Result<void> prepare(std::string_view cnonce);

  DigestChallenge challenge_;
  std::string user_;
  std::string password_;
  bool prefer_integrity_;
  std::uint32_t uses_ = 0;      // of the nonce
  std::string key_;             // H(A1); empty until the first use after a challenge
  std::string session_cnonce_;  // the one in key_, of _sess algorithms
  std::string sent_user_;       // the parameter as it is sent, name included
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/extras/digest.ipp>

#endif  // OKHTTP_EXTRAS_DIGEST_HPP
