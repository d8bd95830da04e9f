// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_IPP
#define OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_IPP

#include <okhttp/extras/exponential_backoff.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <atomic>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A number of [0, 1). Different for every process and every call; no secret.
OKHTTP_DECL double jitter_number() noexcept {
  static constinit std::atomic<std::uint64_t> asked{0};
  // Spread by splitmix64.
  std::uint64_t bits = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()) +
                       static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&asked)) +
                       asked.fetch_add(1, std::memory_order_relaxed) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

OKHTTP_DECL bool is_worth_repeating(const RetryAttempt& attempt) noexcept {
  if (attempt.error() != nullptr) {
    switch (attempt.error()->code()) {
      case Errc::dns:
      case Errc::connect_refused:
      case Errc::connect_failed:
      case Errc::connect_timeout:
      case Errc::read_timeout:
      case Errc::write_timeout:
      case Errc::unexpected_end:
      case Errc::io:
      case Errc::stream_reset: return true;
      default: return false;
    }
  }
  switch (attempt.response()->code()) {
    case 408: case 429: case 500: case 502: case 503: case 504: return true;
    default: return false;
  }
}

}  // namespace detail

OKHTTP_DECL RetryDecision ExponentialBackoff::operator()(const RetryAttempt& attempt) const {
  if (attempt.count() >= max_attempts_ || !attempt.is_safe() || !detail::is_worth_repeating(attempt))
    return RetryDecision::stop();
  constexpr double most = 0x1p62;  // a double that is no less than the largest duration would overflow it
  const double longest = std::min(static_cast<double>(std::max(max_delay_, Clock::duration::zero()).count()), most);
  double delay = std::min(static_cast<double>(std::max(first_delay_, Clock::duration::zero()).count()), longest);
  for (std::size_t i = 1; i < attempt.count() && delay < longest; ++i) delay = std::min(delay * std::max(factor_, 1.0), longest);
  const double random = random_ != nullptr ? (*random_)() : detail::jitter_number();
  delay *= 1 - std::clamp(jitter_, 0.0, 1.0) * std::clamp(random, 0.0, 1.0);
  Clock::duration wait(static_cast<Clock::rep>(delay));
  if (honors_retry_after_)
    if (const std::optional<Clock::duration> asked = attempt.retry_after()) {
      if (*asked > max_retry_after_) return RetryDecision::stop();
      wait = std::max(wait, *asked);
    }
  return RetryDecision::after(wait);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_IPP
