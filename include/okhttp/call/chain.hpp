// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CHAIN_HPP
#define OKHTTP_CALL_CHAIN_HPP

#include <okhttp/call/pipeline.hpp>

#include <cstddef>
#include <memory>

OKHTTP_NAMESPACE_BEGIN
class Call;

/// A call as an interceptor sees it. Lives as long as the interceptor's task.
class Chain {
 public:
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// The request so far. `chain.proceed(chain.request())` passes it on.
  const Request& request() const noexcept { return request_; }
  /// Goes on with this request and gives the response. An application interceptor may proceed never,
  /// once or several times (closing earlier responses first); a network interceptor exactly once, and
  /// to the same scheme, host and port: anything else fails with Errc::misuse.
  Task<Response> proceed(Request request);
  /// The call this request belongs to.
  Call call() const;
  /// The connection the request will be sent on; null for application interceptors.
  const Connection* connection() const noexcept {
    return exchange_ != nullptr ? exchange_->connection.get() : nullptr;
  }
  Clock::duration connect_timeout() const noexcept { return call_->limits.timeouts.connect; }
  Clock::duration read_timeout() const noexcept { return call_->limits.timeouts.read; }
  Clock::duration write_timeout() const noexcept { return call_->limits.timeouts.write; }

 private:
  friend Task<Response> detail::start_chain(detail::CallHandle);
  friend Task<Response> detail::start_network_chain(detail::CallState&, detail::Exchange&, Request);
  using Interceptors = std::vector<std::shared_ptr<Interceptor>>;

  Chain(detail::CallHandle call, const Interceptors& interceptors, std::size_t index, Request request,
        detail::Exchange* exchange)
      : call_(std::move(call)),
        interceptors_(interceptors),
        index_(index),
        request_(std::move(request)),
        exchange_(exchange) {}
  Task<Response> next(Request request);

  detail::CallHandle call_;
  const Interceptors& interceptors_;
  std::size_t index_;  // of the interceptor that sees this link
  Request request_;
  detail::Exchange* exchange_;  // null in the application's half
  bool proceeded_ = false;
};

OKHTTP_NAMESPACE_END

#include <okhttp/call/chain.ipp>

#endif  // OKHTTP_CALL_CHAIN_HPP
