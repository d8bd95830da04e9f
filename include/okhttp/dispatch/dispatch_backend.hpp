// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_DISPATCH_BACKEND_HPP
#define OKHTTP_DISPATCH_DISPATCH_BACKEND_HPP

#include <okhttp/runtime/runtime.hpp>

#include <concepts>
#include <memory>

OKHTTP_NAMESPACE_BEGIN

/// What a dispatcher policy makes for a client: the runtime of its calls, and a place to run the
/// calls that nobody waits for.
class DispatchBackend {
 public:
  DispatchBackend() = default;
  DispatchBackend(const DispatchBackend&) = delete;
  DispatchBackend& operator=(const DispatchBackend&) = delete;
  virtual ~DispatchBackend() = default;

  virtual Runtime& runtime() noexcept = 0;
  /// Runs the job soon. Any thread. The job may fail only by an exception of user code, which then
  /// leaves poll() or run_until_idle(), and on a pool thread ends the program.
  virtual void execute(Task<void> job) = 0;
  /// Runs what can be run without waiting. Only where the program itself has to drive calls.
  virtual Result<void> poll() = 0;
  /// Returns when no job is left.
  virtual Result<void> run_until_idle() = 0;
  /// Runs the jobs that are left, all of which were canceled, and joins what was started. Called
  /// once, when the last client handle goes; on one of the backend's own threads it leaves the rest
  /// to that thread. What callbacks throw is dropped, but on a pool thread.
  virtual void shut_down() = 0;
};

/// How idle connections are looked after while nobody uses the client. A dispatcher policy may say so in
/// `static constexpr Housekeeping housekeeping`.
enum class Housekeeping {
  at_use,     ///< they are not: only when a call looks for a connection, and by poll()
  by_thread,  ///< by a thread of its own, for as long as there are some. The runtime blocks
  on_loop,    ///< by a timer of the runtime, which is an event loop
};

// clang-format off
/// A policy aims at the Dispatcher slot by naming its runtime ...
template <class P>
concept AimsAtDispatcher = requires { typename P::Runtime; };

/// ... and fills it by making its backend.
template <class P>
concept DispatcherPolicy = AimsAtDispatcher<P> && std::derived_from<typename P::Runtime, Runtime> &&
    requires(P& policy) {
      { policy.make_backend() } -> std::same_as<std::unique_ptr<DispatchBackend>>;
    };
// clang-format on

/// What the policy says, or Housekeeping::at_use.
template <class P>
constexpr Housekeeping housekeeping_of() {
  if constexpr (requires { P::housekeeping; })
    return P::housekeeping;
  else
    return Housekeeping::at_use;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_DISPATCH_DISPATCH_BACKEND_HPP
