// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_DEADLINE_HPP
#define OKHTTP_RUNTIME_DEADLINE_HPP

#include <okhttp/config.hpp>

#include <chrono>

OKHTTP_NAMESPACE_BEGIN

/// The clock of deadlines: monotonic, not affected by changes of the wall clock.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// A point in time by which something must have happened, or never.
class Deadline {
 public:
  /// No limit.
  constexpr Deadline() = default;
  static constexpr Deadline never() { return Deadline(); }
  static constexpr Deadline at(TimePoint time) { return Deadline(time); }
  /// `timeout` after `now`; zero (or less) means no limit, as with OkHttp's timeouts.
  static constexpr Deadline after(TimePoint now, Clock::duration timeout) {
    if (timeout <= Clock::duration::zero()) return never();
    if (now > TimePoint() && timeout >= TimePoint::max() - now) return never();
    return Deadline(now + timeout);
  }

  constexpr bool is_never() const { return at_ == TimePoint::max(); }
  constexpr TimePoint time() const { return at_; }
  constexpr bool passed(TimePoint now) const { return now >= at_; }
  /// What is left at `now`, never negative. Meaningless for never().
  constexpr Clock::duration left(TimePoint now) const {
    return now >= at_ ? Clock::duration::zero() : at_ - now;
  }
  friend constexpr Deadline earlier(Deadline a, Deadline b) { return a.at_ < b.at_ ? a : b; }
  friend constexpr bool operator==(Deadline, Deadline) = default;

 private:
  explicit constexpr Deadline(TimePoint at) : at_(at) {}
  TimePoint at_ = TimePoint::max();
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_RUNTIME_DEADLINE_HPP
