// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_BLOCKING_RUNTIME_HPP
#define OKHTTP_RUNTIME_BLOCKING_RUNTIME_HPP

#include <okhttp/runtime/runtime.hpp>

OKHTTP_NAMESPACE_BEGIN

/// The runtime that waits in the system call: every awaitable finishes inside await_ready, so no
/// task ever suspends. Has no state; any number of threads may run tasks on it at once.
class BlockingRuntime final : public Runtime {
 public:
  BlockingRuntime() : Runtime(true) {}

  OKHTTP_DECL Task<void> offload(UniqueFunction<void()> job) override;
  void post(UniqueFunction<void()> function) override { function(); }

  OKHTTP_DECL bool begin_wait(WaitAny& wait) override;
  void cancel_wait(WaitAny&) noexcept override {}
  void resume(detail::ReadyNode&) noexcept override {}
  void complete_wait(WaitAny&) noexcept override {}
  Result<void> attach(detail::IoHandle&) override { return {}; }
  void detach(detail::IoHandle&) noexcept override {}

 protected:
  OKHTTP_DECL Result<void> run_root(Task<void> root, const char* async_twin) override;
};

OKHTTP_NAMESPACE_END

#include <okhttp/runtime/blocking_runtime.ipp>

#endif  // OKHTTP_RUNTIME_BLOCKING_RUNTIME_HPP
