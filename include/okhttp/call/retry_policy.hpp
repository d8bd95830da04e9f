// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RETRY_POLICY_HPP
#define OKHTTP_CALL_RETRY_POLICY_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/call/pipeline.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// One attempt to get a response, as a retry policy sees it. Views only; lives as long as the policy's task.
class RetryAttempt {
 public:
  // For the pipeline, and for tests of policies.
  RetryAttempt(std::size_t count, const Request& request, const Response* response, const Error* error, bool is_safe)
      : count_(count), request_(request), response_(response), error_(error), is_safe_(is_safe) {}

  /// How many attempts this call has made, this one included. Redirects do not begin anew.
  std::size_t count() const noexcept { return count_; }
  /// The request as the user's side knows it.
  const Request& request() const noexcept { return request_; }
  /// What the server answered, a redirect or a challenge maybe; null after a failure.
  const Response* response() const noexcept { return response_; }
  /// Why there is no response; null when there is one.
  const Error* error() const noexcept { return error_; }
  /// Whether a repetition can do no harm. After a failure: no byte was sent, or the server has provably not
  /// seen the request, or it is idempotent (see Request::is_idempotent); after a response: its status is 408,
  /// 425, 429 or 503, which say that nothing was done, or the request is idempotent. In any case its body can
  /// be sent again.
  bool is_safe() const noexcept { return is_safe_; }
  /// How long Retry-After asks to wait: seconds, or a date by the server's clock. Empty when there is none.
  std::optional<Clock::duration> retry_after() const;

 private:
  std::size_t count_;
  const Request& request_;
  const Response* response_;
  const Error* error_;
  bool is_safe_;
};

/// What a retry policy decides.
class RetryDecision {
 public:
  /// The attempt's outcome is what the call goes on with.
  static RetryDecision stop() noexcept { return {}; }
  /// Another attempt after this time; at once if it is not positive.
  static RetryDecision after(Clock::duration delay) noexcept {
    RetryDecision decision;
    decision.delay_ = delay;
    return decision;
  }
  /// Also when the attempt is not `is_safe`: the server may do twice what was asked once. A body that can be
  /// sent once only is still not sent again.
  RetryDecision& even_if_unsafe() noexcept {
    is_forced_ = true;
    return *this;
  }

  /// Empty for stop().
  const std::optional<Clock::duration>& delay() const noexcept { return delay_; }
  bool is_forced() const noexcept { return is_forced_; }

 private:
  std::optional<Clock::duration> delay_;
  bool is_forced_ = false;
};

namespace detail {

class RetryPolicyFunction {
 public:
  using Function = UniqueFunction<Task<RetryDecision>(const RetryAttempt&)>;
  explicit RetryPolicyFunction(Function function) : decide(std::move(function)) {}
  const Function decide;
};

/// Makes one of a callable that gives a RetryDecision, a Result of it or a Task of it.
template <class F>
std::shared_ptr<const RetryPolicyFunction> make_retry_policy(F function) {
  using R = std::invoke_result_t<F&, const RetryAttempt&>;
  if constexpr (std::is_same_v<R, Task<RetryDecision>>) {
    return std::make_shared<const RetryPolicyFunction>(std::move(function));
  } else {
    return std::make_shared<const RetryPolicyFunction>([f = std::move(function)](const RetryAttempt& attempt) mutable {
      return [](F& decide, const RetryAttempt& seen) -> Task<RetryDecision> {
        Result<RetryDecision> decided = decide(seen);
        if (!decided) co_await fail(std::move(decided).error());
        co_return *decided;
      }(f, attempt);
    });
  }
}

template <class F>
concept RetryPolicyCallable = std::is_invocable_v<F&, const RetryAttempt&>;

/// The trips to the network that a policy asks for, one after the other.
Task<Response> repeat_by_policy(CallState& call, const Request& request);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/call/retry_policy.ipp>

#endif  // OKHTTP_CALL_RETRY_POLICY_HPP
