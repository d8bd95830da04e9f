// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_AWAIT_WITHIN_HPP
#define OKHTTP_CALL_AWAIT_WITHIN_HPP

#include <okhttp/base/when_all.hpp>
#include <okhttp/call/call_state.hpp>
#include <okhttp/runtime/cancellation.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Fails when a call is canceled or its time is over.
template <class T>
Task<T> end_of_call(CallState& call, Signal canceled, const char* what) {
  WaitItem item(canceled);
  co_await call.limits.runtime->wait_any(std::span(&item, 1), call.limits.call_deadline);
  if (call.canceled()) co_await fail(Errc::canceled, "canceled while waiting for ", what);
  co_await fail(Errc::call_timeout, "the call timed out after ", duration_text(call.limits.timeouts.call),
                " while waiting for ", what);
  OKHTTP_ASSERT(false);
}

/// What the user's task gives. On an event loop a cancel and the call timeout end it, on a blocking runtime
/// they are looked at when it returns.
template <class T>
Task<T> await_within(CallState& call, Task<T> task, const char* what) {
  const Signal canceled;
  const CancelSignal hook(&call, canceled);
  std::vector<Task<T>> tasks;
  tasks.push_back(std::move(task));
  tasks.push_back(end_of_call<T>(call, canceled, what));
  std::pair<std::size_t, Result<T>> first = co_await when_any(std::move(tasks));
  if (call.canceled() && first.first == 0) co_await fail(Errc::canceled, "canceled while waiting for ", what);
  if (!first.second) co_await fail(std::move(first.second).error());
  co_return *std::move(first.second);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_AWAIT_WITHIN_HPP
