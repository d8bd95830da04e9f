// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_AUTHENTICATORS_HPP
#define OKHTTP_EXTRAS_AUTHENTICATORS_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/call/call.hpp>
#include <okhttp/connection/authenticator.hpp>
#include <okhttp/message/challenge.hpp>
#include <okhttp/message/credentials.hpp>
#include <okhttp/runtime/mutex.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Ready authenticators. Each can be given to authenticator(), proxy_authenticator() and
// add_network_interceptor(), or to several of them.

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Whom an authenticator trusts with its credentials.
class AuthScope {
 public:
  void add(const HttpUrl& origin) { names_.push_back(name_of(origin)); }
  void add(const Proxy& proxy) { names_.push_back(name_of(proxy)); }
  bool is_bound() const noexcept { return !names_.empty(); }

  /// Whether to answer this challenge. Without names: a proxy's, and a server's unless a redirect from another
  /// origin led there.
  bool allows(const Route* route, const Response& response) const;
  bool names(std::string_view asker) const noexcept;

  /// "https://example.com:443".
  static std::string name_of(const HttpUrl& origin);
  /// "proxy http://127.0.0.1:3128".
  static std::string name_of(const Proxy& proxy) { return "proxy " + proxy.to_string(); }
  static std::string name_of(const Route* route, const Response& response) {
    if (response.code() != 407) return name_of(response.request().url());
    return name_of(route != nullptr ? route->proxy() : Proxy());
  }

 private:
  std::vector<std::string> names_;
};

/// The made-up challenge before the first CONNECT.
bool is_preemptive(const Response& response);
/// The header that answers this challenge.
constexpr const char* authorization_header(bool for_proxy) noexcept {
  return for_proxy ? "Proxy-Authorization" : "Authorization";
}
std::vector<Challenge> challenges_of(const Response& response);
/// What was sent in that header, by network interceptors too.
std::string sent_credentials(const Response& response);
/// The rest behind this scheme and its blank; nothing for another scheme.
std::optional<std::string_view> without_scheme(std::string_view credentials, std::string_view scheme) noexcept;
/// How many responses of this kind came directly before this one.
std::size_t times_asked(const Response& response);
Result<std::optional<Request>> with_credentials(const Request& request, bool for_proxy, std::string_view value);

/// What a chain's request may need of credentials.
struct CredentialsWanted {
  bool for_server = false;
  bool for_proxy = false;
};
/// A proxy sees the headers only of what is not tunnelled. Nothing is wanted that is there already.
CredentialsWanted credentials_wanted(const Chain& chain);
/// Adds these credentials for whom the scope names.
Result<Request> add_credentials(const Chain& chain, const AuthScope& scope, std::string_view value);
Task<Response> proceed_with(Chain& chain, Result<Request> request);

}  // namespace detail

/// Basic authentication (RFC 7617): sends user and password, readable for everybody on the way without TLS.
///
/// Answers the server that the call was made to, or its proxy, if that offers Basic and has not seen credentials
/// before. A server that a redirect from another origin led to gets nothing, unless only_for names it. As a
/// network interceptor it sends the credentials unasked to those that only_for names, and to nobody else.
/// Thread safety: many calls may use one. Settings are made before it is used.
class BasicAuthenticator {
 public:
  /// Errors: calls fail with Errc::invalid_argument where Credentials::try_basic does.
  BasicAuthenticator(std::string_view user, std::string_view password)
      : value_(Credentials::try_basic(user, password)) {}

  /// From now on only this origin (scheme, host and port) gets the credentials, and others that are named so;
  /// it does also after a redirect.
  BasicAuthenticator& only_for(const HttpUrl& origin) {
    scope_.add(origin);
    return *this;
  }
  /// The same for a proxy.
  BasicAuthenticator& only_for(const Proxy& proxy) {
    scope_.add(proxy);
    return *this;
  }

  Result<std::optional<Request>> operator()(const Route* route, const Response& response) const;
  Task<Response> operator()(Chain& chain) const;

 private:
  Result<std::string> value_;
  detail::AuthScope scope_;
};

/// Bearer tokens (RFC 6750), with a way to get a new one when the server no longer takes the old.
///
/// Answers the server that the call was made to, or its proxy, if that offers Bearer or no scheme at all. A token
/// that is refused is replaced by what the refresh function gives; a call whose new token is refused as well
/// ends with the 401. A server that a redirect from another origin led to gets nothing, unless only_for names
/// it. As a network interceptor it sends the token unasked to those that only_for names, and to nobody else.
///
/// The refresh function is asked once for a refused token, however many calls it was refused to; the others
/// wait. It must not make calls that come back to this authenticator.
/// Lifetime: copies share token and refresh function.
/// Thread safety: many calls may use it, of clients that share one runtime. Settings are made before that.
class BearerAuthenticator {
 public:
  explicit BearerAuthenticator(std::string token) : state_(std::make_shared<State>(std::move(token))) {}
  /// `refresh(std::string refused)` gives the next token, or nothing to give up: a std::optional<std::string>, a
  /// Result or a Task of it. With an empty `token` it is asked for the first one too.
  template <class F>
    requires std::is_invocable_v<F&, std::string>
  BearerAuthenticator(std::string token, F refresh) : BearerAuthenticator(std::move(token)) {
    using R = std::invoke_result_t<F&, std::string>;
    if constexpr (std::is_same_v<R, Task<std::optional<std::string>>>) {
      state_->refresh = std::move(refresh);
    } else {
      state_->refresh = [f = std::move(refresh)](std::string refused) mutable {
        return [](F& ask, std::string old) -> Task<std::optional<std::string>> {
          Result<std::optional<std::string>> next = ask(std::move(old));
          if (!next) co_await fail(std::move(next).error());
          co_return *std::move(next);
        }(f, std::move(refused));
      };
    }
  }

  /// As with BasicAuthenticator.
  BearerAuthenticator& only_for(const HttpUrl& origin) {
    state_->scope.add(origin);
    return *this;
  }
  BearerAuthenticator& only_for(const Proxy& proxy) {
    state_->scope.add(proxy);
    return *this;
  }

  /// The present token. Any thread.
  std::string token() const;
  /// Replaces it. Any thread.
  void set_token(std::string token) const;

  /// Errors: calls fail with Errc::invalid_argument for a token with blanks or controls, and with the refresh
  /// function's error.
  Task<std::optional<Request>> operator()(const Route* route, const Response& response) const {
    return answer(state_, route, response);
  }
  Task<Response> operator()(Chain& chain) const;

 private:
  struct State {
    explicit State(std::string first) : token(std::move(first)) {}
    UniqueFunction<Task<std::optional<std::string>>(std::string)> refresh;
    detail::AuthScope scope;
    Mutex refreshing;
    mutable detail::SyncMutex mutex;  // guards what follows
    std::string token;
    std::uint64_t refreshes = 0;  // that have ended, one way or the other
  };
  static Task<std::optional<Request>> answer(std::shared_ptr<State> state, const Route* route, const Response& response);

  std::shared_ptr<State> state_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/authenticators.ipp>

#endif  // OKHTTP_EXTRAS_AUTHENTICATORS_HPP
