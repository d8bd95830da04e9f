// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_IPP
#define OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_IPP

#include <okhttp/extras/digest_authenticator.hpp>

#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_TLS && OKHTTP_BODIES

#  include <algorithm>
#  include <array>

OKHTTP_NAMESPACE_BEGIN
namespace detail::digest {

/// 16 random bytes in hex. Errors: Errc::invalid_argument, OpenSSL has none.
OKHTTP_DECL Result<std::string> random_cnonce() {
  const openssl::CleanErrors clean;
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return Error(Errc::invalid_argument, "OpenSSL has no random bytes for a Digest");
  std::string hex;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

/// What the request line says, to a server or to a proxy.
OKHTTP_DECL std::string target_of(const Request& request, bool for_proxy) {
  const HttpUrl& url = request.url();
  if (!for_proxy) return std::string(url.request_target());
  if (request.method() != "CONNECT")
    return std::string(url.is_https() ? "https://" : "http://") + std::string(url.host_header()) +
           std::string(url.request_target());
  const std::string_view host = url.host();
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  return (is_ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(url.port());
}

/// Whether the `domain` of a challenge names the URL. Other origins in it are no concern: each has to ask itself.
OKHTTP_DECL bool covers(std::string_view domain, const HttpUrl& url) {
  domain = ascii::trim(domain);
  if (domain.empty()) return true;
  const std::string origin = AuthScope::name_of(url);
  while (!domain.empty()) {
    const std::size_t end = std::min(domain.find(' '), domain.size());
    const std::string_view uri = domain.substr(0, end);
    domain = ascii::trim(domain.substr(end));
    if (uri.starts_with("/")) {
      if (url.request_target().starts_with(uri)) return true;
    } else if (const Result<HttpUrl> whole = HttpUrl::try_parse(uri)) {
      if (AuthScope::name_of(*whole) == origin && url.request_target().starts_with(whole->request_target())) return true;
    }
  }
  return false;
}

/// Credentials that were not asked for; without them if they cannot be sent.
OKHTTP_DECL Request with_known(const Request& plain, bool for_proxy, std::string_view value) {
  Result<std::optional<Request>> added = with_credentials(plain, for_proxy, value);
  return added && *added ? **std::move(added) : plain;
}

/// One pass over a body, on a helper thread where it may wait for a disk. Shared with that thread.
struct BodyHashing {
  BodyHashing(RequestBody request_body, DigestHash digest) : body(std::move(request_body)), hash(std::move(digest)) {}
  static void run(BodyHashing& hashing) {
    std::array<std::byte, 16 * 1024> buffer;
    for (;;) {
      Result<std::size_t> count = hashing.reader->read(buffer);
      if (!count) {
        hashing.failure = std::move(count).error();
        return;
      }
      if (*count == 0) return;
      hashing.hash.update(std::span<const std::byte>(buffer).first(std::min(*count, buffer.size())));
    }
  }
  const RequestBody body;
  DigestHash hash;
  std::unique_ptr<RequestBodyReader> reader;
  Error failure;
};

/// Nothing for a body that can be read once only.
OKHTTP_DECL Task<std::optional<std::string>> hash_body(DigestAlgorithm algorithm, const RequestBody* body) {
  if (body != nullptr && body->is_one_shot()) co_return std::nullopt;
  Result<DigestHash> hash = DigestHash::try_create(algorithm);
  if (!hash) co_await fail(std::move(hash).error());
  Result<std::string> hex = std::string();
  if (body == nullptr) {
    hex = hash->try_finish();
  } else {
    const auto shared = std::make_shared<BodyHashing>(*body, *std::move(hash));
    Result<std::unique_ptr<RequestBodyReader>> reader = shared->body.open();
    if (!reader) co_await fail(std::move(reader).error());
    shared->reader = *std::move(reader);
    Runtime* const runtime = Runtime::current();
    if (shared->reader->may_block() && runtime != nullptr && !runtime->blocks()) {
      UniqueFunction<void()> job = [shared] { BodyHashing::run(*shared); };
      Task<void> reading = runtime->offload(std::move(job));
      co_await std::move(reading);
    } else {
      BodyHashing::run(*shared);
    }
    if (shared->failure.code() != Errc{}) co_await fail(shared->failure);
    hex = shared->hash.try_finish();
  }
  if (!hex) co_await fail(std::move(hex).error());
  co_return *std::move(hex);
}

}  // namespace detail::digest

OKHTTP_DECL DigestAuthenticator::Session* DigestAuthenticator::State::find(std::string_view asker,
                                                                           std::string_view realm) noexcept {
  for (Session& session : sessions)
    if (session.asker == asker && session.digest.challenge().realm == realm) return &session;
  return nullptr;
}

/// The session used last that is for this URL; null: for any.
OKHTTP_DECL DigestAuthenticator::Session* DigestAuthenticator::State::find_covering(std::string_view asker,
                                                                                    const HttpUrl* url) {
  Session* best = nullptr;
  for (Session& session : sessions)
    if (session.asker == asker && (best == nullptr || session.used > best->used) &&
        (url == nullptr || detail::digest::covers(session.digest.challenge().domain, *url)))
      best = &session;
  return best;
}

OKHTTP_DECL void DigestAuthenticator::State::replace(std::string asker, DigestChallenge challenge) {
  std::erase_if(sessions, [&](const Session& session) {
    return session.asker == asker && session.digest.challenge().realm == challenge.realm;
  });
  if (sessions.size() >= max_sessions)
    sessions.erase(std::min_element(sessions.begin(), sessions.end(),
                                    [](const Session& a, const Session& b) { return a.used < b.used; }));
  sessions.push_back({std::move(asker), DigestSession(std::move(challenge), user, password, prefers_integrity), ++clock});
}

/// Under the lock.
OKHTTP_DECL Result<std::string> DigestAuthenticator::authorize(State& state, Session& session, const Request& request,
                                                               bool for_proxy,
                                                               const std::optional<std::string>& body_hash) {
  Result<std::string> cnonce = state.make_cnonce ? Result<std::string>(state.make_cnonce()) : detail::digest::random_cnonce();
  if (!cnonce) return cnonce;
  const std::string target = detail::digest::target_of(request, for_proxy);
  session.used = ++state.clock;
  DigestRequest covered;
  covered.method = request.method();
  covered.target = target;
  covered.cnonce = *cnonce;
  if (body_hash) covered.body_hash = *body_hash;
  return session.digest.try_authorize(covered);
}

/// Credentials for a nonce that is known already, if there is one.
OKHTTP_DECL Task<std::optional<std::string>> DigestAuthenticator::use_known(State& state, std::string asker,
                                                                            const Request& request, bool for_proxy) {
  const HttpUrl* const url = for_proxy ? nullptr : &request.url();
  std::optional<DigestAlgorithm> hashing;
  {
    const detail::SyncLock lock(state.mutex);
    const Session* const session = state.find_covering(asker, url);
    if (session == nullptr) co_return std::nullopt;
    if (session->digest.wants_body_hash()) hashing = session->digest.challenge().algorithm;
  }
  std::optional<std::string> body_hash;
  if (hashing) body_hash = co_await detail::digest::hash_body(*hashing, request.body());
  const detail::SyncLock lock(state.mutex);
  Session* const session = state.find_covering(asker, url);
  if (session == nullptr) co_return std::nullopt;
  // What cannot be done unasked is left to the answer.
  Result<std::string> value = authorize(state, *session, request, for_proxy, body_hash);
  if (!value) co_return std::nullopt;
  co_return *std::move(value);
}

OKHTTP_DECL Task<std::optional<Request>> DigestAuthenticator::answer(std::shared_ptr<State> state, const Route* route,
                                                                     const Response& response) {
  if (!state->scope.allows(route, response)) co_return std::nullopt;
  const bool for_proxy = response.code() == 407;
  const Request& request = response.request();
  const std::string asker = detail::AuthScope::name_of(route, response);
  std::optional<std::string> value;
  if (detail::is_preemptive(response)) {
    value = co_await use_known(*state, asker, request, for_proxy);
    if (!value) co_return std::nullopt;
  } else {
    const std::vector<Challenge> challenges = detail::challenges_of(response);
    Result<DigestChallenge> challenge = DigestChallenge::try_strongest(challenges);
    if (!challenge) co_return std::nullopt;
    // Right credentials, but a stale nonce: once, maybe twice when there are many calls.
    constexpr std::size_t most = 3;
    if (detail::times_asked(response) >= most) co_return std::nullopt;
    const std::string sent = detail::sent_credentials(response);
    const std::optional<std::string_view> sent_digest = detail::without_scheme(sent, "Digest");
    if (!sent.empty() && !sent_digest) co_return std::nullopt;  // somebody else's
    const std::optional<AuthParameters> said = sent_digest ? parse_auth_parameters(*sent_digest) : std::nullopt;
    const bool same_realm = said && said->get("realm") == challenge->realm;
    const bool same_nonce = said && said->get("nonce") == challenge->nonce;
    // A nonce that was used unasked, by a network interceptor or for a CONNECT, may be too old for the server to
    // call it stale.
    const bool was_unasked =
        !request.header(detail::authorization_header(for_proxy)) || (said && said->get("nc").value_or("00000001") != "00000001");
    // The session stays: begun anew with the same nonce it would count from 1 again, which looks like a replay.
    if (same_realm && (same_nonce || (!challenge->stale && !was_unasked))) co_return std::nullopt;
    std::optional<std::string> body_hash;
    if (challenge->offers_auth_int && (state->prefers_integrity || !challenge->offers_auth))
      body_hash = co_await detail::digest::hash_body(challenge->algorithm, request.body());
    // Nor could a body that is read once be sent again.
    if (!body_hash && challenge->offers_auth_int && !challenge->offers_auth) co_return std::nullopt;

    Result<std::string> made = std::string();
    {
      const detail::SyncLock lock(state->mutex);
      Session* session = state->find(asker, challenge->realm);
      // A nonce that is in use goes on being counted.
      if (session == nullptr || session->digest.challenge().nonce != challenge->nonce ||
          session->digest.challenge().algorithm != challenge->algorithm) {
        const std::string realm = challenge->realm;
        state->replace(asker, *std::move(challenge));
        session = state->find(asker, realm);
      }
      made = authorize(*state, *session, request, for_proxy, body_hash);
    }
    if (!made) co_await fail(std::move(made).error());
    value = *std::move(made);
  }
  Result<std::optional<Request>> next = detail::with_credentials(request, for_proxy, *value);
  if (!next) co_await fail(std::move(next).error());
  co_return *std::move(next);
}

OKHTTP_DECL Task<Response> DigestAuthenticator::intercept(std::shared_ptr<State> state, Chain& chain) {
  const detail::CredentialsWanted wanted = detail::credentials_wanted(chain);
  Request request = chain.request();
  const std::string server = detail::AuthScope::name_of(request.url());
  // Nor where a redirect led, as in answer().
  const bool is_own = state->scope.is_bound() || server == detail::AuthScope::name_of(chain.call().request().url());
  if (wanted.for_server && is_own) {
    const std::optional<std::string> value = co_await use_known(*state, server, request, false);
    if (value) request = detail::digest::with_known(request, false, *value);
  }
  if (wanted.for_proxy) {
    const std::string proxy = detail::AuthScope::name_of(chain.connection()->route().proxy());
    const std::optional<std::string> value = co_await use_known(*state, proxy, request, true);
    if (value) request = detail::digest::with_known(request, true, *value);
  }
  Task<Response> rest = chain.proceed(request);
  Response response = co_await std::move(rest);
  for (const bool for_proxy : {false, true}) {
    const std::optional<std::string_view> info =
        response.header(for_proxy ? "Proxy-Authentication-Info" : "Authentication-Info");
    const std::optional<std::string_view> sent = request.header(detail::authorization_header(for_proxy));
    if (!info || !sent) continue;
    const std::optional<std::string_view> digest = detail::without_scheme(*sent, "Digest");
    const std::optional<AuthParameters> said = digest ? parse_auth_parameters(*digest) : std::nullopt;
    if (!said) continue;
    const detail::SyncLock lock(state->mutex);
    for (Session& session : state->sessions)
      if (said->get("nonce") == session.digest.challenge().nonce) session.digest.note_authentication_info(*info);
  }
  co_return response;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS && OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_IPP
