// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SCRIPT_HPP
#define OKHTTP_TESTING_MOCK_SCRIPT_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/runtime/runtime.hpp>
#include <okhttp/runtime/sync.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/recorded_request.hpp>

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#if OKHTTP_THREADS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a mock server is to answer and what it was asked: the meeting point of the test's threads
/// and the server's. Thread safety: any thread.
class MockScript {
 public:
  using Handler = UniqueFunction<MockResponse(const RecordedRequest&)>;
  using Peek = UniqueFunction<MockResponse()>;

  /// A request that was read before there was an answer for it.
  struct Waiter {
    Signal ready;
    std::optional<MockResponse> response;  // guarded by the script's lock
  };

  // The test's side.
  void enqueue(MockResponse response);
  void clear_queue();
  void set_handler(Handler handler, Peek peek);
  void set_fail_fast(bool on);
  void set_recording(bool on);
  std::size_t request_count() const;
  /// The oldest request nobody has taken; waits for one until the deadline. None when it passed, or
  /// when the server has closed and there is none left.
  std::optional<RecordedRequest> take(Deadline deadline);
  void close();

  // The server's side.
  /// The first response of the queue, for a request that is just arriving.
  std::optional<MockResponse> reserve();
  /// The same, if it is to fail the TLS handshake of a connection that was just accepted.
  bool take_handshake_failure();
  /// Puts a reserved response back to the front, or hands it to a request that waits for one.
  void give_back(MockResponse response);
  /// Empty when answers come from the queue.
  std::shared_ptr<const Handler> handler() const;
  std::shared_ptr<const Peek> peek() const;
  /// An answer from the queue, or the promise of one.
  std::shared_ptr<Waiter> choose();
  /// The answer of a waiter whose signal is set.
  MockResponse answer_of(Waiter& waiter);
  /// The client of this request has gone: another one gets its answer.
  void withdraw(const std::shared_ptr<Waiter>& waiter);
  void record(RecordedRequest request);

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable recorded_or_closed_;
  std::deque<MockResponse> responses_;
  std::list<std::shared_ptr<Waiter>> waiters_;  // not both have members
  std::shared_ptr<const Handler> handler_;
  std::shared_ptr<const Peek> peek_;
  std::deque<RecordedRequest> recorded_;
  std::size_t request_count_ = 0;
  bool fail_fast_ = false;
  bool recording_ = true;
  bool closed_ = false;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS

#include <okhttp/testing/mock_script.ipp>

#endif  // OKHTTP_TESTING_MOCK_SCRIPT_HPP
