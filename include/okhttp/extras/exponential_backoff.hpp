// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_HPP
#define OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_HPP

#include <okhttp/call/retry_policy.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// A retry policy that waits longer each time: `builder.retry_policy(ExponentialBackoff())`.
///
/// Tries again after a failure of the network (resolving, connecting, a broken connection, a read or write
/// timeout) and after 408, 429, 500, 502, 503 and 504, if that is safe (see RetryAttempt::is_safe). Before
/// attempt n + 1 it waits first_delay * factor^(n - 1), at most max_delay, less a random part.
/// Thread safety: many calls may use one; copies share the random source. Settings are made before it is used.
class ExponentialBackoff {
 public:
  ExponentialBackoff() = default;

  /// Attempts of one call, the first included. Default 4.
  ExponentialBackoff& max_attempts(std::size_t count) {
    max_attempts_ = count;
    return *this;
  }
  /// Default 200 ms.
  ExponentialBackoff& first_delay(Clock::duration delay) {
    first_delay_ = delay;
    return *this;
  }
  /// Default 10 s.
  ExponentialBackoff& max_delay(Clock::duration delay) {
    max_delay_ = delay;
    return *this;
  }
  /// By how much each delay is longer than the one before. Default 2; at least 1.
  ExponentialBackoff& factor(double factor) {
    factor_ = factor;
    return *this;
  }
  /// The part of a delay that is random, 0 to 1, so that clients that failed together do not come back
  /// together. Default 0.5: between half of the delay and all of it.
  ExponentialBackoff& jitter(double part) {
    jitter_ = part;
    return *this;
  }
  /// Whether to wait as long as Retry-After asks, if that is longer than the delay. Default true.
  ExponentialBackoff& honor_retry_after(bool honor) {
    honors_retry_after_ = honor;
    return *this;
  }
  /// A server that asks to wait longer is not waited for: the call goes on with its answer. Default 2 minutes.
  ExponentialBackoff& max_retry_after(Clock::duration longest) {
    max_retry_after_ = longest;
    return *this;
  }
  /// Where jitter comes from: `source()` gives a double of [0, 1). Several calls may ask at once. Default: a
  /// generator that is fit for this, not for secrets.
  template <class F>
  ExponentialBackoff& random(F source) {
    random_ = std::make_shared<UniqueFunction<double()>>(std::move(source));
    return *this;
  }

  RetryDecision operator()(const RetryAttempt& attempt) const;

 private:
  std::size_t max_attempts_ = 4;
  Clock::duration first_delay_ = std::chrono::milliseconds(200);
  Clock::duration max_delay_ = std::chrono::seconds(10);
  Clock::duration max_retry_after_ = std::chrono::minutes(2);
  double factor_ = 2;
  double jitter_ = 0.5;
  bool honors_retry_after_ = true;
  std::shared_ptr<UniqueFunction<double()>> random_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/extras/exponential_backoff.ipp>

#endif  // OKHTTP_EXTRAS_EXPONENTIAL_BACKOFF_HPP
