// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/deadline.hpp>

#include <doctest/doctest.h>

#include <chrono>

namespace deadline_test {

using okhttp::Clock;
using okhttp::Deadline;
using okhttp::TimePoint;
using namespace std::chrono_literals;

TEST_SUITE("runtime/deadline") {
  TEST_CASE("never is the default, has no time and never passes") {
    constexpr Deadline none;
    static_assert(none == Deadline::never());
    static_assert(none.is_never());
    CHECK_FALSE(none.passed(TimePoint() + 24h * 365 * 200));
  }

  TEST_CASE("a deadline passes at its very instant") {
    const TimePoint now(100s);
    const Deadline deadline = Deadline::at(now);
    CHECK_FALSE(deadline.is_never());
    CHECK(deadline.time() == now);
    CHECK_FALSE(deadline.passed(now - 1ns));
    CHECK(deadline.passed(now));
    CHECK(deadline.passed(now + 1ns));
  }

  TEST_CASE("what is left is never negative") {
    const TimePoint now(100s);
    const Deadline deadline = Deadline::after(now, 3s);
    CHECK(deadline.time() == now + 3s);
    CHECK(deadline.left(now) == 3s);
    CHECK(deadline.left(now + 3s - 1ns) == 1ns);
    CHECK(deadline.left(now + 3s) == 0s);
    CHECK(deadline.left(now + 9s) == 0s);
  }

  TEST_CASE("a timeout of zero or less is no limit") {
    CHECK(Deadline::after(TimePoint(5s), 0s).is_never());
    CHECK(Deadline::after(TimePoint(5s), -1s).is_never());
    CHECK_FALSE(Deadline::after(TimePoint(5s), 1ns).is_never());
  }

  TEST_CASE("a timeout past the end of time is no limit, at any present time") {
    for (const TimePoint now : {TimePoint(), TimePoint(5s), TimePoint(-5s), TimePoint::min(),
                                TimePoint::max() - 1ns, TimePoint::max()}) {
      CAPTURE(now.time_since_epoch().count());
      const Deadline deadline = Deadline::after(now, Clock::duration::max());
      CHECK((deadline.is_never() || deadline.time() > now));
    }
    CHECK(Deadline::after(TimePoint(5s), Clock::duration::max()).is_never());
    CHECK(Deadline::after(TimePoint::max() - 2ns, 2ns).is_never());
    CHECK(Deadline::after(TimePoint::max() - 2ns, 1ns).time() == TimePoint::max() - 1ns);
  }

  TEST_CASE("the earlier of two is chosen, and anything is earlier than never") {
    const Deadline soon = Deadline::at(TimePoint(1s));
    const Deadline late = Deadline::at(TimePoint(2s));
    CHECK(earlier(soon, late) == soon);
    CHECK(earlier(late, soon) == soon);
    CHECK(earlier(Deadline::never(), late) == late);
    CHECK(earlier(late, Deadline::never()) == late);
    CHECK(earlier(Deadline::never(), Deadline::never()).is_never());
  }
}

}  // namespace deadline_test
