// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_CLIENT_FIXTURE_HPP
#define OKHTTP_TESTS_SUPPORT_CLIENT_FIXTURE_HPP

#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// What every end-to-end test starts from: the dispatchers it runs on, requests, and ways for threads
// to meet without sleeping.

namespace okhttp_tests {

using namespace std::chrono_literals;

/// How long a test waits for what must happen. Nothing takes this long unless it is broken.
inline constexpr std::chrono::seconds patience{60};

// ---- The dispatchers. Each test of the suite is one template over these types. ----

/// Every call on the thread that asks for it.
struct OnInline {
  using Dispatcher = okhttp::InlineDispatcher;
  using Client = okhttp::BasicClient<Dispatcher>;
  static constexpr bool blocks = true;
  static Client::Builder builder() { return Client::Builder(); }
};

/// The default client.
struct OnThreads {
  using Dispatcher = okhttp::ThreadPoolDispatcher;
  using Client = okhttp::Client;
  static constexpr bool blocks = true;
  static Client::Builder builder() { return Client::Builder(); }
};

/// One event loop: epoll where there is one.
struct OnLoop {
  using Dispatcher = okhttp::EventLoopDispatcher;
  using Client = okhttp::EventLoopClient;
  static constexpr bool blocks = false;
  static Client::Builder builder() { return Client::Builder(); }
};

/// The event loop over poll().
struct OnPollLoop {
  using Dispatcher = okhttp::EventLoopDispatcher;
  using Client = okhttp::EventLoopClient;
  static constexpr bool blocks = false;
  static Client::Builder builder() {
    okhttp::EventLoopOptions options;
    options.use_poll = true;
    Client::Builder builder;
    builder.dispatcher_policy(okhttp::EventLoopDispatcher(options));
    return builder;
  }
};

#define OKHTTP_EVERY_DISPATCHER \
  okhttp_tests::OnInline, okhttp_tests::OnThreads, okhttp_tests::OnLoop, okhttp_tests::OnPollLoop
#define OKHTTP_BLOCKING_DISPATCHERS okhttp_tests::OnInline, okhttp_tests::OnThreads
#define OKHTTP_LOOP_DISPATCHERS okhttp_tests::OnLoop, okhttp_tests::OnPollLoop

// ---- Threads that meet ----

/// A flag that one thread raises and others wait for.
class Event {
 public:
  void set() {
    const std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool is_set() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return set_;
  }
  /// False when it was not raised in a minute.
  bool wait() const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return set_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool set_ = false;
};

/// A number that threads count up and wait for.
class Counter {
 public:
  void add() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  std::size_t count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
  }
  bool wait_for(std::size_t wanted) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return count_ >= wanted; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::size_t count_ = 0;
};

/// Joins when it goes out of scope.
class Background {
 public:
  template <class F>
  explicit Background(F function) : thread_(std::move(function)) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

/// True when the condition holds, or does within a minute. For what has no event to wait for.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// ---- Requests and outcomes ----

inline okhttp::Request get_request(std::string url) {
  return okhttp::Request::Builder().url(std::string_view(url)).build();
}

inline okhttp::Request post_request(std::string url, std::string body) {
  return okhttp::Request::Builder()
      .url(std::string_view(url))
      .post(okhttp::RequestBody::create(std::move(body), "text/plain"))
      .build();
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "127.0.0.1:PORT", as texts name a server that was reached by its address.
inline std::string local_peer(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
inline std::string local_url(std::uint16_t port, std::string_view path = "/") {
  return "http://" + local_peer(port) + std::string(path);
}

/// Runs everything that was enqueued, wherever this client runs it, to its end.
template <class Client>
void finish_enqueued(const Client& client) {
  okhttp::Result<void> ran = client.try_run_until_idle();
  CHECK(ran);
}

/// Drives enqueued calls on a thread of its own where nobody else would: inline and on a loop.
/// On a thread pool it does nothing.
template <class Client>
class Driver {
 public:
  explicit Driver(Client client) : thread_([client] { (void)client.try_run_until_idle(); }) {}

 private:
  Background thread_;
};

}  // namespace okhttp_tests

TYPE_TO_STRING_AS("inline", okhttp_tests::OnInline);
TYPE_TO_STRING_AS("thread pool", okhttp_tests::OnThreads);
TYPE_TO_STRING_AS("event loop", okhttp_tests::OnLoop);
TYPE_TO_STRING_AS("event loop over poll()", okhttp_tests::OnPollLoop);

#endif  // OKHTTP_TESTS_SUPPORT_CLIENT_FIXTURE_HPP
