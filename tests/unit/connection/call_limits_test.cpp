// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/call_limits.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include "support/scripted_stream.hpp"

namespace call_limits_test {

using namespace okhttp;
using namespace std::chrono_literals;

TEST_SUITE("connection/call_limits") {
  TEST_CASE("a step is bounded by its own timeout and by the call's deadline") {
    support::JumpingRuntime runtime;
    const auto call = std::make_shared<Cancellation>(runtime);
    detail::CallLimits limits;
    limits.runtime = &runtime;
    limits.cancellation = call.get();
    CHECK(limits.until(0s).is_never());
    CHECK(limits.until(2s) == Deadline::at(runtime.now() + 2s));
    CHECK_FALSE(limits.call_over());
    limits.call_deadline = Deadline::at(runtime.now() + 1s);
    CHECK(limits.until(2s) == limits.call_deadline);
    CHECK(limits.until(0s) == limits.call_deadline);
    CHECK(limits.until(500ms) == Deadline::at(runtime.now() + 500ms));
    runtime.advance(1s - 1ns);
    CHECK_FALSE(limits.call_over());
    runtime.advance(1ns);
    CHECK(limits.call_over());
    CHECK_FALSE(limits.canceled());
    call->cancel();
    CHECK(limits.canceled());
  }

  TEST_CASE("durations are written for people") {
    CHECK(detail::duration_text(10s) == "10 s");
    CHECK(detail::duration_text(250ms) == "250 ms");
    CHECK(detail::duration_text(1500ms) == "1500 ms");
    CHECK(detail::duration_text(2min) == "120 s");
  }
}

}  // namespace call_limits_test
