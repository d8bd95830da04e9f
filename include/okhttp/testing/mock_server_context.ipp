// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SERVER_CONTEXT_IPP
#define OKHTTP_TESTING_MOCK_SERVER_CONTEXT_IPP

#include <okhttp/testing/mock_server_context.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS

#include <exception>
#include <memory>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A job and what became of it: of the helper thread until `done` is set.
struct MockOffloaded {
  UniqueFunction<void()> job;
  Signal done;
  std::exception_ptr thrown;
};

OKHTTP_DECL Task<void> MockServerContext::run_on_helper(UniqueFunction<void()> job) {
  auto offloaded = std::make_shared<MockOffloaded>();
  offloaded->job = std::move(job);
  // A server that stops waits for its helpers: those that have not begun then do nothing.
  const bool submitted = helpers.submit([offloaded, stop = &stopping] {
#if OKHTTP_EXCEPTIONS
    try {
      if (!stop->load()) offloaded->job();
    } catch (...) {
      offloaded->thrown = std::current_exception();
    }
#else
    if (!stop->load()) offloaded->job();
#endif
    offloaded->job = nullptr;
    offloaded->done.set();
  });
  if (!submitted) co_await fail(Errc::connect_failed, "no helper thread could be started");
  WaitItem item(offloaded->done);
  co_await loop.wait_any(std::span(&item, 1), Deadline::never());
  if (offloaded->thrown != nullptr) co_await fail(Error::from_exception(offloaded->thrown));
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS
#endif  // OKHTTP_TESTING_MOCK_SERVER_CONTEXT_IPP
