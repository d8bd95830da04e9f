// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_AUTHENTICATOR_HPP
#define OKHTTP_CONNECTION_AUTHENTICATOR_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>

#include <optional>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

class Route;

/// Answers a challenge: a 401 of a server or a 407 of a proxy. Gives the request to send next, with
/// credentials, or nothing to give up, in which case the response is what the call ends with.
///
/// `route` is how the server was reached; null when that is not known (the response came from an
/// interceptor). Before the first CONNECT to a proxy its authenticator is asked too, with a made-up 407 whose
/// only challenge has the scheme `OkHttp-Preemptive`: an answer saves a round trip.
/// The client keeps it, and several calls may run it at once. On an event loop it must not block.
/// Rule: OkHttp's Authenticator.
using Authenticator = UniqueFunction<Task<std::optional<Request>>(const Route* route, const Response& response)>;

/// The scheme of the challenge that a proxy's authenticator gets before the proxy was asked.
inline constexpr std::string_view preemptive_scheme = "OkHttp-Preemptive";

namespace detail {

/// Makes an Authenticator of a callable that gives a std::optional<Request>, a Result of it or a Task of it.
template <class F>
Authenticator make_authenticator(F function) {
  using R = std::invoke_result_t<F&, const Route*, const Response&>;
  if constexpr (std::is_same_v<R, Task<std::optional<Request>>>) {
    return function;
  } else {
    return [f = std::move(function)](const Route* route, const Response& response) mutable {
      return [](F& decide, const Route* to, const Response& challenge) -> Task<std::optional<Request>> {
        if constexpr (std::is_convertible_v<R, std::optional<Request>>) {
          std::optional<Request> decided = decide(to, challenge);
          co_return decided;
        } else {
          Result<std::optional<Request>> decided = decide(to, challenge);
          if (!decided) co_await fail(std::move(decided).error());
          co_return *std::move(decided);
        }
      }(f, route, response);
    };
  }
}

template <class F>
concept AuthenticatorFunction = std::is_invocable_v<F&, const Route*, const Response&>;

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CONNECTION_AUTHENTICATOR_HPP
