// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_SCRIPT_IPP
#define OKHTTP_TESTING_MOCK_SCRIPT_IPP

#include <okhttp/testing/mock_script.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL void MockScript::enqueue(MockResponse response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (waiters_.empty()) {
    responses_.push_back(std::move(response));
    return;
  }
  Waiter& waiter = *waiters_.front();
  waiter.response = std::move(response);
  waiter.ready.set();
  waiters_.pop_front();
}

OKHTTP_DECL void MockScript::give_back(MockResponse response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (waiters_.empty()) {
    responses_.push_front(std::move(response));
    return;
  }
  Waiter& waiter = *waiters_.front();
  waiter.response = std::move(response);
  waiter.ready.set();
  waiters_.pop_front();
}

OKHTTP_DECL void MockScript::clear_queue() {
  const std::lock_guard<std::mutex> lock(mutex_);
  responses_.clear();
}

OKHTTP_DECL void MockScript::set_handler(Handler handler, Peek peek) {
  auto shared_handler = handler ? std::make_shared<const Handler>(std::move(handler)) : nullptr;
  auto shared_peek = peek ? std::make_shared<const Peek>(std::move(peek)) : nullptr;
  // What they replace is destroyed outside the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  handler_.swap(shared_handler);
  peek_.swap(shared_peek);
}

OKHTTP_DECL void MockScript::set_fail_fast(bool on) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fail_fast_ = on;
}

OKHTTP_DECL void MockScript::set_recording(bool on) {
  const std::lock_guard<std::mutex> lock(mutex_);
  recording_ = on;
}

OKHTTP_DECL std::size_t MockScript::request_count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return request_count_;
}

OKHTTP_DECL std::optional<RecordedRequest> MockScript::take(Deadline deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (recorded_.empty() && !closed_) {
    if (deadline.is_never())
      recorded_or_closed_.wait(lock);
    else if (recorded_or_closed_.wait_until(lock, deadline.time()) == std::cv_status::timeout)
      break;
  }
  if (recorded_.empty()) return std::nullopt;
  std::optional<RecordedRequest> first(std::move(recorded_.front()));
  recorded_.pop_front();
  return first;
}

OKHTTP_DECL void MockScript::close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  recorded_or_closed_.notify_all();
}

OKHTTP_DECL std::optional<MockResponse> MockScript::reserve() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (handler_ != nullptr || responses_.empty()) return std::nullopt;
  std::optional<MockResponse> first(std::move(responses_.front()));
  responses_.pop_front();
  return first;
}

OKHTTP_DECL bool MockScript::take_handshake_failure() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (handler_ != nullptr || responses_.empty() || !responses_.front().plan().fails_handshake)
    return false;
  responses_.pop_front();
  return true;
}

OKHTTP_DECL std::shared_ptr<const MockScript::Handler> MockScript::handler() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return handler_;
}

OKHTTP_DECL std::shared_ptr<const MockScript::Peek> MockScript::peek() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return peek_;
}

OKHTTP_DECL std::shared_ptr<MockScript::Waiter> MockScript::choose() {
  auto waiter = std::make_shared<Waiter>();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!responses_.empty()) {
    waiter->response = std::move(responses_.front());
    responses_.pop_front();
    waiter->ready.set();
  } else if (fail_fast_) {
    waiter->response = MockResponse().code(404);
    waiter->ready.set();
  } else {
    waiters_.push_back(waiter);
  }
  return waiter;
}

OKHTTP_DECL MockResponse MockScript::answer_of(Waiter& waiter) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::move(*waiter.response);
}

OKHTTP_DECL void MockScript::withdraw(const std::shared_ptr<Waiter>& waiter) {
  std::optional<MockResponse> unused;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiters_.remove(waiter);
    unused.swap(waiter->response);
  }
  if (unused) give_back(std::move(*unused));
}

OKHTTP_DECL void MockScript::record(RecordedRequest request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++request_count_;
  if (!recording_) return;
  recorded_.push_back(std::move(request));
  recorded_or_closed_.notify_one();
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS
#endif  // OKHTTP_TESTING_MOCK_SCRIPT_IPP
