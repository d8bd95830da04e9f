// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_HPP
#define OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_HPP

#include <okhttp/extras/authenticators.hpp>
#include <okhttp/extras/digest.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Exists with OKHTTP_TLS=1 only, as extras/digest.hpp does.

#if OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN

/// Digest authentication (RFC 7616), to be given to authenticator(), proxy_authenticator() or both:
///
/// ```
/// okhttp::DigestAuthenticator digest("user", "password");
/// builder.authenticator(digest).add_network_interceptor(digest);
/// ```
///
/// Answers the strongest challenge of the server that the call was made to, or of its proxy. A server that a
/// redirect from another origin led to gets nothing, unless only_for names it. When the credentials are refused
/// the call ends with the 401; a nonce that is merely stale is replaced.
///
/// As a network interceptor it also sends credentials unasked to a server (a proxy) whose nonce it knows, for
/// the URLs of the challenge's `domain`, which saves a round trip, and takes over the server's `nextnonce`. For
/// a CONNECT no interceptor is needed.
/// Lifetime: copies share the nonces.
/// Thread safety: many calls, of any clients, may use it. Settings are made before that.
class DigestAuthenticator {
 public:
  /// Nonces of so many servers, proxies and realms are kept; the one used longest ago makes room.
  static constexpr std::size_t max_sessions = 64;

  /// Text should be UTF-8 in NFC; see DigestSession. Errors: calls fail with Errc::invalid_argument where
  /// DigestSession::try_authorize does.
  DigestAuthenticator(std::string user, std::string password)
      : state_(std::make_shared<State>(std::move(user), std::move(password))) {}

  /// From now on only this origin (scheme, host and port) gets credentials, and others that are named so; it does
  /// also after a redirect.
  DigestAuthenticator& only_for(const HttpUrl& origin) {
    state_->scope.add(origin);
    return *this;
  }
  /// The same for a proxy.
  DigestAuthenticator& only_for(const Proxy& proxy) {
    state_->scope.add(proxy);
    return *this;
  }
  /// Use `auth-int`, which covers the request's body, where the server offers both; a body is then read twice.
  /// Default false.
  DigestAuthenticator& prefer_integrity(bool prefer) {
    state_->prefers_integrity = prefer;
    return *this;
  }
  /// Where client nonces come from, in place of 16 random bytes: `source()` gives a std::string of 1 to 256 visible
  /// ASCII characters that nobody can guess, another one each time. Any thread.
  template <class F>
  DigestAuthenticator& cnonce_source(F source) {
    state_->make_cnonce = std::move(source);
    return *this;
  }

  Task<std::optional<Request>> operator()(const Route* route, const Response& response) const {
    return answer(state_, route, response);
  }
  Task<Response> operator()(Chain& chain) const { return intercept(state_, chain); }

 private:
  struct Session {
    std::string asker;
    DigestSession digest;
    std::uint64_t used;  // a clock that ticks with every use
  };
  struct State {
    State(std::string name, std::string secret) : user(std::move(name)), password(std::move(secret)) {}
    const std::string user;
    const std::string password;
    detail::AuthScope scope;
    bool prefers_integrity = false;
    UniqueFunction<std::string()> make_cnonce;
    detail::SyncMutex mutex;  // guards what follows
    std::vector<Session> sessions;
    std::uint64_t clock = 0;

    Session* find(std::string_view asker, std::string_view realm) noexcept;
    Session* find_covering(std::string_view asker, const HttpUrl* url);
    void replace(std::string asker, DigestChallenge challenge);
  };
  static Task<std::optional<Request>> answer(std::shared_ptr<State> state, const Route* route, const Response& response);
  static Task<Response> intercept(std::shared_ptr<State> state, Chain& chain);
  static Task<std::optional<std::string>> use_known(State& state, std::string asker, const Request& request,
                                                    bool for_proxy);
  static Result<std::string> authorize(State& state, Session& session, const Request& request, bool for_proxy,
                                       const std::optional<std::string>& body_hash);

  std::shared_ptr<State> state_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#include <okhttp/extras/digest_authenticator.ipp>

#endif  // OKHTTP_EXTRAS_DIGEST_AUTHENTICATOR_HPP
