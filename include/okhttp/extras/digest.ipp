// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DIGEST_IPP
#define OKHTTP_EXTRAS_DIGEST_IPP

#include <okhttp/extras/digest.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/extended_value.hpp>
#include <okhttp/message/utf8_check.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#  include <array>
#  include <initializer_list>

OKHTTP_NAMESPACE_BEGIN

namespace detail::digest {

struct Algorithm {
  std::string_view name;
  int strength;
  bool is_session;
  std::size_t hex_size;
};

// In the order of the enumerators.
inline constexpr std::array<Algorithm, 6> algorithms = {{
    {"MD5", 1, false, 32},
    {"MD5-sess", 1, true, 32},
    {"SHA-256", 2, false, 64},
    {"SHA-256-sess", 2, true, 64},
    {"SHA-512-256", 3, false, 64},
    {"SHA-512-256-sess", 3, true, 64},
}};

OKHTTP_DECL const Algorithm& traits_of(DigestAlgorithm algorithm) noexcept {
  return algorithms[static_cast<std::size_t>(algorithm)];
}

OKHTTP_DECL std::optional<DigestAlgorithm> find_algorithm(std::string_view name) noexcept {
  for (std::size_t i = 0; i < algorithms.size(); ++i)
    if (ascii::iequals(algorithms[i].name, name)) return static_cast<DigestAlgorithm>(i);
  return std::nullopt;
}

OKHTTP_DECL bool has_control(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  return false;
}

/// True for a server's value that can go back into a quoted string, where tabs are allowed.
OKHTTP_DECL bool is_fit(std::string_view value) noexcept {
  for (const char c : value)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return false;
  return value.size() <= DigestChallenge::max_value_bytes;
}

OKHTTP_DECL bool is_visible_ascii(std::string_view text) noexcept {
  for (const char c : text)
    if (c <= ' ' || c >= 0x7F) return false;
  return !text.empty();
}

OKHTTP_DECL bool is_ascii(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

OKHTTP_DECL bool is_hex(std::string_view text) noexcept {
  for (const char c : text)
    if (ascii::hex_value(c) < 0 || ascii::is_upper(c)) return false;
  return true;
}

OKHTTP_DECL void append_quoted(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// The parts with colons between them, hashed.
OKHTTP_DECL Result<std::string> hash_of(DigestAlgorithm algorithm,
                                        std::initializer_list<std::string_view> parts) {
  Result<DigestHash> hash = DigestHash::try_create(algorithm);
  if (!hash) return std::move(hash).error();
  bool is_first = true;
  for (const std::string_view part : parts) {
    if (!std::exchange(is_first, false)) hash->update(std::string_view(":"));
    hash->update(part);
  }
  return hash->try_finish();
}

OKHTTP_DECL Error no_hash(DigestAlgorithm algorithm) {
  return {Errc::invalid_argument, "this OpenSSL cannot hash for Digest with " +
                                      std::string(digest_algorithm_name(algorithm))};
}

/// Takes the value of a parameter that is sent back. False: it cannot be.
OKHTTP_DECL bool take_value(const Challenge& challenge, std::string_view name, std::string& out) {
  const std::optional<std::string_view> value = challenge.parameter(name);
  if (!value || !is_fit(*value)) return false;
  out = *value;
  return true;
}

OKHTTP_DECL bool is_true(const Challenge& challenge, std::string_view name) noexcept {
  const std::optional<std::string_view> value = challenge.parameter(name);
  return value && ascii::iequals(*value, "true");
}

}  // namespace detail::digest

OKHTTP_DECL std::string_view digest_algorithm_name(DigestAlgorithm algorithm) noexcept {
  return detail::digest::traits_of(algorithm).name;
}

OKHTTP_DECL void DigestHash::Free::operator()(void* context) const noexcept {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

OKHTTP_DECL Result<DigestHash> DigestHash::try_create(DigestAlgorithm algorithm) {
  const openssl::CleanErrors clean;
  DigestHash hash(EVP_MD_CTX_new());
  const EVP_MD* method = nullptr;
  switch (algorithm) {
    case DigestAlgorithm::md5:
    case DigestAlgorithm::md5_sess:
      method = EVP_md5();
      break;
    case DigestAlgorithm::sha256:
    case DigestAlgorithm::sha256_sess:
      method = EVP_sha256();
      break;
    case DigestAlgorithm::sha512_256:
    case DigestAlgorithm::sha512_256_sess:
      method = EVP_sha512_256();
      break;
  }
  if (hash.context_ == nullptr ||
      EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(hash.context_.get()), method, nullptr) != 1)
    return detail::digest::no_hash(algorithm);
  return hash;
}

OKHTTP_DECL Result<std::string> DigestHash::try_hash(DigestAlgorithm algorithm,
                                                     std::string_view bytes) {
  return detail::digest::hash_of(algorithm, {bytes});
}

OKHTTP_DECL void DigestHash::update(std::string_view bytes) noexcept {
  const openssl::CleanErrors clean;
  auto* const context = static_cast<EVP_MD_CTX*>(context_.get());
  if (context != nullptr && EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1)
    context_.reset();
}

OKHTTP_DECL Result<std::string> DigestHash::try_finish() {
  const openssl::CleanErrors clean;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const std::unique_ptr<void, Free> context = std::move(context_);
  if (context == nullptr ||
      EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context.get()), bytes.data(), &size) != 1)
    return Error(Errc::invalid_argument, "OpenSSL could not finish a hash for Digest");
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[bytes[i] >> 4];
    hex += digits[bytes[i] & 15];
  }
  return hex;
}

OKHTTP_DECL Result<DigestChallenge> DigestChallenge::try_from(const Challenge& challenge) {
  const auto unusable = [](std::string_view why) {
    return Error(Errc::protocol_error, "a Digest challenge cannot be used: " + std::string(why));
  };
  if (!challenge.is("Digest")) return unusable("its scheme is another one");
  DigestChallenge parsed;
  if (!detail::digest::take_value(challenge, "realm", parsed.realm))
    return unusable("its realm is missing, too long or has controls");
  if (!detail::digest::take_value(challenge, "nonce", parsed.nonce) || parsed.nonce.empty())
    return unusable("its nonce is missing, too long or has controls");
  if (challenge.parameter("opaque") &&
      !detail::digest::take_value(challenge, "opaque", parsed.opaque.emplace()))
    return unusable("its opaque is too long or has controls");
  if (challenge.parameter("domain") &&
      !detail::digest::take_value(challenge, "domain", parsed.domain))
    return unusable("its domain is too long or has controls");
  if (const std::optional<std::string_view> name = challenge.parameter("algorithm")) {
    const std::optional<DigestAlgorithm> known = detail::digest::find_algorithm(*name);
    if (!known) return unusable("its algorithm is not known");
    parsed.algorithm = *known;
    parsed.names_algorithm = true;
  }
  const std::string_view qop = ascii::trim(challenge.parameter("qop").value_or(""));
  parsed.offers_auth = ascii::list_contains(qop, "auth");
  parsed.offers_auth_int = ascii::list_contains(qop, "auth-int");
  if (!parsed.offers_auth && !parsed.offers_auth_int) {
    if (!qop.empty()) return unusable("its qop is not known");
    // The key of a session has a cnonce in it, which the form without qop does not send.
    if (detail::digest::traits_of(parsed.algorithm).is_session)
      return unusable("its algorithm needs qop");
  }
  parsed.userhash = detail::digest::is_true(challenge, "userhash");
  parsed.stale = detail::digest::is_true(challenge, "stale");
  const std::optional<std::string_view> charset = challenge.parameter("charset");
  parsed.is_utf8 = charset && ascii::iequals(*charset, "UTF-8");
  return parsed;
}

OKHTTP_DECL Result<DigestChallenge> DigestChallenge::try_strongest(
    std::span<const Challenge> challenges) {
  std::optional<DigestChallenge> best;
  std::optional<Error> reason;
  for (const Challenge& challenge : challenges) {
    if (!challenge.is("Digest")) continue;
    Result<DigestChallenge> parsed = try_from(challenge);
    if (!parsed) {
      if (!reason) reason = std::move(parsed).error();
      continue;
    }
    const int strength = detail::digest::traits_of(parsed->algorithm).strength;
    if (best && strength <= detail::digest::traits_of(best->algorithm).strength) continue;
    if (!DigestHash::try_create(parsed->algorithm)) {
      if (!reason)
        reason = Error(Errc::protocol_error, detail::digest::no_hash(parsed->algorithm).message());
      continue;
    }
    best = *std::move(parsed);
  }
  if (best) return *std::move(best);
  if (reason) return *std::move(reason);
  return Error(Errc::protocol_error, "there is no Digest challenge");
}

OKHTTP_DECL Result<void> DigestSession::prepare(std::string_view cnonce) {
  const auto unfit = [](const char* why) { return Error(Errc::invalid_argument, why); };
  if (detail::digest::has_control(user_) || detail::digest::has_control(password_))
    return unfit("Digest credentials cannot have control characters");
  if (challenge_.is_utf8 && (!detail::is_utf8(user_) || !detail::is_utf8(password_)))
    return unfit("Digest credentials must be UTF-8 for this server");

  // try_from looked at them already, but anybody may fill a DigestChallenge in.
  if (!detail::digest::is_fit(challenge_.realm) || !detail::digest::is_fit(challenge_.nonce) ||
      !detail::digest::is_fit(challenge_.opaque.value_or(std::string())))
    return unfit("a value of the Digest challenge is too long or has controls");

  const DigestAlgorithm algorithm = challenge_.algorithm;
  std::string sent_user;
  if (challenge_.userhash) {
    const Result<std::string> hashed =
        detail::digest::hash_of(algorithm, {user_, challenge_.realm});
    if (!hashed) return hashed.error();
    detail::digest::append_quoted(sent_user, "username", *hashed);
  } else if (detail::digest::is_ascii(user_)) {
    detail::digest::append_quoted(sent_user, "username", user_);
  } else if (detail::is_utf8(user_)) {
    sent_user = "username*=" + encode_extended_value(user_);
  } else {
    return unfit("a Digest user name that is not ASCII must be UTF-8");
  }

  Result<std::string> key =
      detail::digest::hash_of(algorithm, {user_, challenge_.realm, password_});
  if (key && detail::digest::traits_of(algorithm).is_session) {
    const std::string secret = *std::move(key);
    key = detail::digest::hash_of(algorithm, {secret, challenge_.nonce, cnonce});
    session_cnonce_ = cnonce;
  }
  if (!key) return std::move(key).error();
  key_ = *std::move(key);
  sent_user_ = std::move(sent_user);
  return {};
}

OKHTTP_DECL Result<std::string> DigestSession::try_authorize(const DigestRequest& request) {
  const auto unfit = [](const char* why) { return Error(Errc::invalid_argument, why); };
  const detail::digest::Algorithm& traits = detail::digest::traits_of(challenge_.algorithm);
  constexpr std::size_t max_cnonce = 256;
  if (!ascii::is_token(request.method)) return unfit("the method of a Digest is no token");
  if (!detail::digest::is_visible_ascii(request.target))
    return unfit("the request target of a Digest has a blank, a control or a byte past ASCII");
  if (!detail::digest::is_visible_ascii(request.cnonce) || request.cnonce.size() > max_cnonce)
    return unfit("the cnonce of a Digest must be 1 to 256 visible ASCII characters");
  const bool with_body =
      challenge_.offers_auth_int &&
      (!challenge_.offers_auth || (wants_body_hash() && request.body_hash.has_value()));
  if (with_body && !request.body_hash)
    return unfit("the server wants Digest with auth-int, which needs the body's hash");
  if (with_body &&
      (request.body_hash->size() != traits.hex_size || !detail::digest::is_hex(*request.body_hash)))
    return unfit("the body's hash is not one of the algorithm that the server asked for");
  if (uses_ == UINT32_MAX)
    return Error(Errc::rejected, "the nonce of a Digest was used too often; a new one is needed");
  if (key_.empty())
    if (const Result<void> prepared = prepare(request.cnonce); !prepared) return prepared.error();

  const std::string_view cnonce =
      traits.is_session ? std::string_view(session_cnonce_) : request.cnonce;
  const std::string_view qop = with_body ? "auth-int" : challenge_.offers_auth ? "auth" : "";
  const Result<std::string> covered =
      with_body ? detail::digest::hash_of(challenge_.algorithm,
                                          {request.method, request.target, *request.body_hash})
                : detail::digest::hash_of(challenge_.algorithm, {request.method, request.target});
  if (!covered) return covered.error();
  std::string count = "00000000";
  std::uint32_t rest = uses_ + 1;
  for (std::size_t i = count.size(); i-- > 0; rest >>= 4) count[i] = "0123456789abcdef"[rest & 15];
  const Result<std::string> response =
      qop.empty()
          ? detail::digest::hash_of(challenge_.algorithm, {key_, challenge_.nonce, *covered})
          : detail::digest::hash_of(challenge_.algorithm,
                                    {key_, challenge_.nonce, count, cnonce, qop, *covered});
  if (!response) return response.error();
  ++uses_;

  // Which values stand in quotes is fixed (RFC 7616, 3.4), and servers insist on it.
  std::string out = "Digest " + sent_user_;
  const auto add_quoted = [&out](std::string_view name, std::string_view value) {
    detail::digest::append_quoted(out += ", ", name, value);
  };
  const auto add_plain = [&out](std::string_view name, std::string_view value) {
    out.append(", ").append(name).append("=").append(value);
  };
  add_quoted("realm", challenge_.realm);
  add_quoted("uri", request.target);
  if (challenge_.names_algorithm) add_plain("algorithm", traits.name);
  add_quoted("nonce", challenge_.nonce);
  if (!qop.empty()) {
    add_plain("nc", count);
    add_quoted("cnonce", cnonce);
    add_plain("qop", qop);
  }
  add_quoted("response", *response);
  if (challenge_.opaque) add_quoted("opaque", *challenge_.opaque);
  if (challenge_.userhash) add_plain("userhash", "true");
  return out;
}

OKHTTP_DECL bool DigestSession::renew(DigestChallenge next) {
  // A server that calls the nonce stale and sends the same again would have us ask forever.
  if (!next.stale || next.realm != challenge_.realm || next.nonce == challenge_.nonce) return false;
  challenge_ = std::move(next);
  uses_ = 0;
  key_.clear();
  return true;
}

OKHTTP_DECL void DigestSession::note_authentication_info(std::string_view value) {
  const std::optional<AuthParameters> parameters = parse_auth_parameters(value);
  if (!parameters) return;
  const std::optional<std::string_view> next = parameters->get("nextnonce");
  if (!next || next->empty() || !detail::digest::is_fit(*next) || *next == challenge_.nonce) return;
  // The key of a session stays that of its first nonce (RFC 7616, 3.4.2).
  challenge_.nonce = *next;
  uses_ = 0;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_DIGEST_IPP
