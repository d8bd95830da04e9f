// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CHAIN_IPP
#define OKHTTP_CALL_CHAIN_IPP

#include <okhttp/call/chain.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Task<Response> detail::start_chain(CallHandle call) {
  const auto& interceptors = call->config->interceptors;
  Chain chain(call, interceptors, 0, call->request, nullptr);
  co_return co_await (*interceptors[0])(chain);
}

OKHTTP_DECL Task<Response> detail::start_network_chain(CallState& call, Exchange& exchange, Request request) {
  const auto& interceptors = call.config->network_interceptors;
  Chain chain(call.handle(), interceptors, 0, std::move(request), &exchange);
  co_return co_await (*interceptors[0])(chain);
}

namespace detail {
/// A task that fails with Errc::misuse.
OKHTTP_DECL Task<Response> refused(const char* what) {
  co_await fail(Errc::misuse, what);
  OKHTTP_ASSERT(false);
}
}  // namespace detail

OKHTTP_DECL Task<Response> Chain::proceed(Request request) {
  if (exchange_ == nullptr) {
    if (index_ + 1 == interceptors_.size()) return detail::retry_and_follow_up(*call_, std::move(request));
    return next(std::move(request));
  }
  const bool again = std::exchange(proceeded_, true);
  const HttpUrl& to = request.url();
  const HttpUrl& from = request_.url();
  const bool moved = to.host() != from.host() || to.port() != from.port() || to.is_https() != from.is_https();
  if (again || moved)
    return detail::refused(again ? "a network interceptor must proceed exactly once"
                                 : "a network interceptor must keep the request's scheme, host and port");
  if (index_ + 1 == interceptors_.size()) {
    exchange_->proceeded = true;
    exchange_->begun = TimePoint();  // the interceptor may take its time before it awaits this
    return detail::call_server(*call_, *exchange_, std::move(request));
  }
  return next(std::move(request));
}

OKHTTP_DECL Task<Response> Chain::next(Request request) {
  Chain link(call_, interceptors_, index_ + 1, std::move(request), exchange_);
  co_return co_await (*interceptors_[link.index_])(link);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CHAIN_IPP
