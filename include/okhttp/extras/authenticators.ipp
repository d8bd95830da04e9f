// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_AUTHENTICATORS_IPP
#define OKHTTP_EXTRAS_AUTHENTICATORS_IPP

#include <okhttp/extras/authenticators.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL std::string AuthScope::name_of(const HttpUrl& origin) {
  return std::string(origin.is_https() ? "https://" : "http://") + std::string(origin.host()) + ":" +
         std::to_string(origin.port());
}

OKHTTP_DECL bool AuthScope::names(std::string_view asker) const noexcept {
  for (const std::string& name : names_)
    if (name == asker) return true;
  return false;
}

OKHTTP_DECL bool AuthScope::allows(const Route* route, const Response& response) const {
  if (is_bound()) return names(name_of(route, response));
  if (response.code() == 407) return true;
  const Response* first = &response;
  while (first->prior_response() != nullptr) first = first->prior_response();
  return name_of(first->request().url()) == name_of(response.request().url());
}

OKHTTP_DECL std::vector<Challenge> challenges_of(const Response& response) {
  return parse_challenges(response.headers(), response.code() == 407 ? "Proxy-Authenticate" : "WWW-Authenticate");
}

OKHTTP_DECL bool is_preemptive(const Response& response) {
  if (response.code() != 407) return false;
  for (const Challenge& challenge : challenges_of(response))
    if (challenge.is(preemptive_scheme)) return true;
  return false;
}

OKHTTP_DECL std::string sent_credentials(const Response& response) {
  const Response* const network = response.network_response();
  const Request& sent = network != nullptr ? network->request() : response.request();
  return std::string(sent.header(authorization_header(response.code() == 407)).value_or(""));
}

OKHTTP_DECL std::optional<std::string_view> without_scheme(std::string_view credentials, std::string_view scheme) noexcept {
  if (credentials.size() <= scheme.size() || credentials[scheme.size()] != ' ' ||
      !ascii::iequals(credentials.substr(0, scheme.size()), scheme))
    return std::nullopt;
  return ascii::trim(credentials.substr(scheme.size()));
}

OKHTTP_DECL std::size_t times_asked(const Response& response) {
  std::size_t times = 0;
  for (const Response* prior = response.prior_response(); prior != nullptr && prior->code() == response.code();
       prior = prior->prior_response())
    ++times;
  return times;
}

OKHTTP_DECL Result<std::optional<Request>> with_credentials(const Request& request, bool for_proxy, std::string_view value) {
  // A Digest repeats the realm as the server wrote it, which need not be ASCII.
  Headers::Builder headers(request.headers());
  headers.remove(authorization_header(for_proxy)).add_unsafe_non_ascii(authorization_header(for_proxy), value);
  Result<Headers> built = std::move(headers).try_build();
  if (!built) return Error(Errc::invalid_argument, "these credentials cannot be sent in a header");
  return std::optional<Request>(request.with_headers(*std::move(built)));
}

OKHTTP_DECL CredentialsWanted credentials_wanted(const Chain& chain) {
  CredentialsWanted wanted;
  wanted.for_server = !chain.request().header("Authorization");
  const Connection* const connection = chain.connection();
  wanted.for_proxy = connection != nullptr && connection->route().proxy().is_http() &&
                     !connection->route().requires_tunnel() && !chain.request().header("Proxy-Authorization");
  return wanted;
}

OKHTTP_DECL Result<Request> add_credentials(const Chain& chain, const AuthScope& scope, std::string_view value) {
  const CredentialsWanted wanted = credentials_wanted(chain);
  Request request = chain.request();
  for (const bool for_proxy : {false, true}) {
    if (!(for_proxy ? wanted.for_proxy : wanted.for_server)) continue;
    if (!scope.names(for_proxy ? AuthScope::name_of(chain.connection()->route().proxy())
                               : AuthScope::name_of(request.url())))
      continue;
    Result<std::optional<Request>> with = with_credentials(request, for_proxy, value);
    if (!with) return std::move(with).error();
    request = **std::move(with);
  }
  return request;
}

OKHTTP_DECL Task<Response> proceed_with(Chain& chain, Result<Request> request) {
  if (!request) co_await fail(std::move(request).error());
  Task<Response> rest = chain.proceed(*std::move(request));
  co_return co_await std::move(rest);
}

OKHTTP_DECL bool offers(const std::vector<Challenge>& challenges, std::string_view scheme) noexcept {
  for (const Challenge& challenge : challenges)
    if (challenge.is(scheme)) return true;
  return false;
}

/// "Bearer TOKEN". Errors: Errc::invalid_argument.
OKHTTP_DECL Result<std::string> bearer_value(std::string_view token) {
  bool is_fit = !token.empty();
  for (const char c : token) is_fit = is_fit && c > ' ' && c < 0x7F;
  if (!is_fit) return Error(Errc::invalid_argument, "a Bearer token must be visible ASCII without blanks");
  return "Bearer " + std::string(token);
}

}  // namespace detail

OKHTTP_DECL Result<std::optional<Request>> BasicAuthenticator::operator()(const Route* route,
                                                                          const Response& response) const {
  const std::optional<Request> nothing;
  if (!scope_.allows(route, response) || !detail::sent_credentials(response).empty()) return nothing;
  if (!detail::is_preemptive(response) && !detail::offers(detail::challenges_of(response), "Basic")) return nothing;
  if (!value_) return value_.error();
  return detail::with_credentials(response.request(), response.code() == 407, *value_);
}

OKHTTP_DECL Task<Response> BasicAuthenticator::operator()(Chain& chain) const {
  if (!value_) return detail::proceed_with(chain, value_.error());
  return detail::proceed_with(chain, detail::add_credentials(chain, scope_, *value_));
}

OKHTTP_DECL std::string BearerAuthenticator::token() const {
  const detail::SyncLock lock(state_->mutex);
  return state_->token;
}

OKHTTP_DECL void BearerAuthenticator::set_token(std::string token) const {
  const detail::SyncLock lock(state_->mutex);
  state_->token = std::move(token);
}

OKHTTP_DECL Task<Response> BearerAuthenticator::operator()(Chain& chain) const {
  const std::string now = token();
  if (now.empty()) return chain.proceed(chain.request());
  const Result<std::string> value = detail::bearer_value(now);
  if (!value) return detail::proceed_with(chain, value.error());
  return detail::proceed_with(chain, detail::add_credentials(chain, state_->scope, *value));
}

OKHTTP_DECL Task<std::optional<Request>> BearerAuthenticator::answer(std::shared_ptr<State> state, const Route* route,
                                                                     const Response& response) {
  if (!state->scope.allows(route, response)) co_return std::nullopt;
  const bool is_preemptive = detail::is_preemptive(response);
  std::string refused;
  if (!is_preemptive) {
    const std::vector<Challenge> challenges = detail::challenges_of(response);
    if (!challenges.empty() && !detail::offers(challenges, "Bearer")) co_return std::nullopt;
    const std::string sent = detail::sent_credentials(response);
    const std::optional<std::string_view> sent_token = detail::without_scheme(sent, "Bearer");
    if (!sent.empty() && !sent_token) co_return std::nullopt;  // somebody else's
    refused = sent_token.value_or("");
    // The second token of this call.
    if (sent_token && detail::times_asked(response) > 0 &&
        detail::without_scheme(detail::sent_credentials(*response.prior_response()), "Bearer"))
      co_return std::nullopt;
  }
  std::string token;
  std::uint64_t refreshes = 0;
  {
    const detail::SyncLock lock(state->mutex);
    token = state->token;
    refreshes = state->refreshes;
  }
  if (token == refused) {
    if (!state->refresh || is_preemptive) co_return std::nullopt;
    const Mutex::Guard guard = co_await state->refreshing.lock();
    bool is_first = false;
    {
      const detail::SyncLock lock(state->mutex);
      is_first = state->refreshes == refreshes && state->token == refused;
    }
    if (is_first) {
      Task<std::optional<std::string>> asked = state->refresh(refused);
      Result<std::optional<std::string>> next = co_await std::move(asked).outcome();
      {
        const detail::SyncLock lock(state->mutex);
        ++state->refreshes;
        if (next && *next) state->token = **next;
      }
      if (!next) co_await fail(std::move(next).error());
    }
    const detail::SyncLock lock(state->mutex);
    token = state->token;
  }
  if (token.empty() || token == refused) co_return std::nullopt;
  const Result<std::string> value = detail::bearer_value(token);
  if (!value) co_await fail(value.error());
  Result<std::optional<Request>> next = detail::with_credentials(response.request(), response.code() == 407, *value);
  if (!next) co_await fail(std::move(next).error());
  co_return *std::move(next);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_AUTHENTICATORS_IPP
