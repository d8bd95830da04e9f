// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SERVER_CONTEXT_HPP
#define OKHTTP_TESTING_MOCK_SERVER_CONTEXT_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/runtime/event_loop.hpp>
#include <okhttp/runtime/helper_threads.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/mock_script.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What the connections of one mock server share.
struct MockServerContext {
  /// Bytes moved at a time.
  static constexpr std::size_t block_size = 64 * 1024;
  /// Handlers and body readers that may block at once; more wait for a free thread.
  static constexpr std::size_t max_helpers = 256;

  /// Runs what may block on a helper thread; fails with what it throws. Not run once the server is
  /// stopping. What the job owns must not belong to a connection, which may end before it.
  Task<void> run_on_helper(UniqueFunction<void()> job);

  EventLoop loop;
  HelperThreads helpers{max_helpers};
  MockScript script;
  const MockPlan nothing_known{};  // the plan of an answer that is not known yet
  std::uint16_t port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> body_limit{SIZE_MAX};
  std::atomic<std::size_t> accepted{0};
  std::atomic<std::size_t> open{0};
  // Of the loop's thread, between two waits: what was just received, and what was just decoded.
  std::vector<std::byte> received = std::vector<std::byte>(block_size);
  std::vector<std::byte> decoded = std::vector<std::byte>(block_size);
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS

#include <okhttp/testing/mock_server_context.ipp>

#endif  // OKHTTP_TESTING_MOCK_SERVER_CONTEXT_HPP
