// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RETRY_POLICY_IPP
#define OKHTTP_CALL_RETRY_POLICY_IPP

#include <okhttp/call/await_within.hpp>
#include <okhttp/call/retry_and_follow_up.hpp>
#include <okhttp/call/retry_policy.hpp>

#if OKHTTP_BODIES

#include <algorithm>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::optional<Clock::duration> RetryAttempt::retry_after() const {
  if (response_ == nullptr || !response_->header("Retry-After")) return std::nullopt;
  constexpr std::uint64_t hundred_years = 100ULL * 365 * 24 * 3600;
  return std::chrono::seconds(std::min(detail::retry_after(*response_, 0, &parse_http_date), hundred_years));
}

namespace detail {

OKHTTP_DECL bool is_policys_business(Errc code) noexcept {
  return code != Errc::canceled && code != Errc::call_timeout && code != Errc::misuse && code != Errc::user_exception;
}

/// Statuses of servers that have done nothing.
OKHTTP_DECL bool says_nothing_done(int code) noexcept {
  return code == 408 || code == 425 || code == 429 || code == 503;
}

OKHTTP_DECL Task<Response> repeat_by_policy(CallState& call, const Request& request) {
  Runtime& runtime = *call.limits.runtime;
  const bool replayable = request.body() == nullptr || !request.body()->is_one_shot();
  for (;;) {
    Result<Response> outcome = co_await bridge(call, request).outcome();
    ++call.attempts;
    if (call.canceled() || (!outcome && !is_policys_business(outcome.error().code()))) {
      if (!outcome) co_await fail(std::move(outcome).error());
      co_await fail(Errc::canceled, "canceled");
    }
    if (outcome) outcome->answer(request, std::nullopt);
    const bool idempotent = request.is_idempotent();
    const bool is_safe = outcome ? replayable && (idempotent || says_nothing_done(outcome->code()))
                                 : is_safe_to_repeat(call.processing, idempotent, replayable);
    const RetryAttempt attempt(call.attempts, request, outcome ? &*outcome : nullptr, outcome ? nullptr : &outcome.error(),
                               is_safe);
    Task<RetryDecision> asked = call.config->retry_policy->decide(attempt);
    const RetryDecision decision = co_await await_within(call, std::move(asked), "the retry policy");
    const bool allowed = is_safe || (decision.is_forced() && replayable);
    bool again = decision.delay().has_value() && allowed;
    Deadline wake;
    if (again) {
      constexpr Clock::duration longest = std::chrono::hours(24 * 365);
      wake = Deadline::at(runtime.now() + std::clamp(*decision.delay(), Clock::duration::zero(), longest));
      // Rather this outcome than a timeout.
      again = call.limits.call_deadline.is_never() || wake.time() < call.limits.call_deadline.time();
    }
    if (!again) {
      if (!outcome) co_await fail(std::move(outcome).error());
      co_return *std::move(outcome);
    }
    if (outcome) co_await outcome->async_close();
    if (call.events != nullptr) {
      if (outcome)
        call.events->follow_up_decision(*outcome, &request);
      else
        call.events->retry_decision(outcome.error(), true);
    }
    const Signal canceled;
    const CancelSignal hook(&call, canceled);
    WaitItem item(canceled);
    co_await runtime.wait_any(std::span(&item, 1), wake);
    if (call.canceled()) co_await fail(Errc::canceled, "canceled while waiting to try again");
  }
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_RETRY_POLICY_IPP
