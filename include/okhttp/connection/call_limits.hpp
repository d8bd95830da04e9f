// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CALL_LIMITS_HPP
#define OKHTTP_CONNECTION_CALL_LIMITS_HPP

#include <okhttp/base/always_null.hpp>
#include <okhttp/codec/http1/limits.hpp>
#include <okhttp/connection/exchange_observer.hpp>
#include <okhttp/runtime/cancellation.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/runtime.hpp>

#include <chrono>
#include <string>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// How long the steps of a call may take. Zero means no limit.
struct Timeouts {
  /// Per address: TCP connect and TLS handshake; also for resolving the name. Default 10 s.
  Clock::duration connect = std::chrono::seconds(10);
  /// Without a byte from the server. Default 10 s.
  Clock::duration read = std::chrono::seconds(10);
  /// Without a byte sent. Default 10 s.
  Clock::duration write = std::chrono::seconds(10);
  /// The whole call, redirects and reading the body included. Default: no limit.
  Clock::duration call{};
  /// How long a request with `Expect: 100-continue` waits for the server's word before it sends the
  /// body all the same (RFC 9110, 10.1.1). Default 1 s.
  Clock::duration expect_continue = std::chrono::seconds(1);
};

namespace detail {

/// What bounds the waiting of one call, as the layers below the pipeline see it.
struct CallLimits {
  Runtime* runtime = nullptr;
  Cancellation* cancellation = nullptr;
  Timeouts timeouts;
  http1::Limits http1;
  Deadline call_deadline;
#if OKHTTP_EVENTS
  /// Null without an event listener.
  ExchangeObserver* observer = nullptr;
#else
  static constexpr AlwaysNull<ExchangeObserver> observer{};
#endif
  /// The time when the call began, for the first who needs the time if that is at once.
  TimePoint just_begun{};

  /// The present time.
  TimePoint now() {
    const TimePoint begun = std::exchange(just_begun, TimePoint());
    return begun != TimePoint() ? begun : runtime->now();
  }
  Deadline until(Clock::duration timeout) const { return until(timeout, runtime->now()); }
  Deadline until(Clock::duration timeout, TimePoint now) const {
    return earlier(Deadline::after(now, timeout), call_deadline);
  }
  /// The whole call has taken too long.
  bool call_over() const { return !call_deadline.is_never() && call_over(runtime->now()); }
  bool call_over(TimePoint now) const { return call_deadline.passed(now); }
  bool canceled() const noexcept { return cancellation->canceled(); }
};

/// "10 s", "250 ms".
std::string duration_text(Clock::duration duration);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/call_limits.ipp>

#endif  // OKHTTP_CONNECTION_CALL_LIMITS_HPP
