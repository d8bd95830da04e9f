// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/bad_input.hpp"
#include "support/client_fixture.hpp"

namespace soak_test {

// Many threads share one client and do what programs do to it, at random. Nothing may hang or be left
// over; ThreadSanitizer looks for races. OKHTTP_SOAK_SECONDS makes it longer, as .ci/run does: the thread
// pool's client is busy for that time, the others for a quarter of it.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::CloseSocket;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Response;
using okhttp::Result;

namespace {

constexpr std::size_t how_many_threads = 200;

template <class D>
std::chrono::milliseconds duration() {
  const char* const seconds = std::getenv("OKHTTP_SOAK_SECONDS");
  if (seconds == nullptr) return 700ms;
  return std::chrono::seconds(std::atoi(seconds)) / (std::is_same_v<D, OnThreads> ? 1 : 4);
}

/// The path says how the server answers.
MockResponse answer(const RecordedRequest& request) {
  const std::string& path = request.target();
  if (path == "/small") return MockResponse().body("small");
  if (path == "/large") return MockResponse().body_repeated("0123456789abcdef", 300'000);
  if (path == "/late") return MockResponse().headers_delay(20ms).body("late");
  if (path == "/slow") return MockResponse().body_repeated("s", 4096).throttle_body(512, 5ms);
  if (path == "/redirect") return MockResponse().code(302).header("Location", "/small");
  if (path == "/close") return MockResponse().header("Connection", "close").body("closed");
  if (path == "/cut") return MockResponse().body("cut").on_response_body(CloseSocket::reset());
  return MockResponse().body("nobody asked for it").on_response_start(CloseSocket{});  // "/end"
}
constexpr std::array paths{"/small", "/small", "/small", "/large", "/late", "/slow", "/redirect", "/close", "/cut", "/end"};

/// Calls that one thread may cancel while others execute them.
class Canceling {
 public:
  void put(Call call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    slots_[next_++ % slots_.size()] = std::move(call);
  }
  void cancel(std::size_t which) {
    std::optional<Call> call;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      call = slots_[which % slots_.size()];
    }
    if (call) call->cancel();
  }
  void clear() { slots_.fill(std::nullopt); }

 private:
  std::mutex mutex_;  // guards the rest
  std::array<std::optional<Call>, 64> slots_;
  std::size_t next_ = 0;
};

/// Nothing else may come of a call here.
bool is_expected(Errc code) {
  switch (code) {
    case Errc::canceled: case Errc::call_timeout: case Errc::read_timeout: case Errc::connect_timeout:
    case Errc::io: case Errc::unexpected_end:
      return true;
    default: return false;
  }
}

template <class D>
class Soak {
 public:
  explicit Soak(const MockWebServer& server)
      : base_(server.url("/").to_string()),
        client_(D::builder().connection_pool({.max_idle_connections = 20}).build()),
        hasty_(client_.new_builder().call_timeout(15ms).build()),
        impatient_(client_.new_builder().read_timeout(10ms).build()) {
    base_.pop_back();
  }

  void run() {
    const auto end = std::chrono::steady_clock::now() + duration<D>();
    {
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < how_many_threads; ++i)
        threads.emplace_back([this, i, end] {
          std::minstd_rand random(static_cast<unsigned>(i + 1));
          do {
            one_call(random);
          } while (std::chrono::steady_clock::now() < end);
        });
      for (std::thread& each : threads) each.join();
    }
    finish_enqueued(client_);
    CHECK(eventually([&] { return called_back_ == enqueued_; }));
    CHECK(eventually([&] { return client_.dispatcher().running_calls_count() == 0; }));
    CHECK(client_.dispatcher().queued_calls_count() == 0);
    canceling_.clear();
    (void)client_.try_poll();
    const okhttp::ConnectionPoolMetrics metrics = client_.connection_pool().metrics();
    CHECK(metrics.active == 0);
    CHECK(metrics.waiting == 0);
    CHECK(metrics.idle <= 20);
    client_.connection_pool().evict_all();
    CHECK(client_.connection_pool().idle_connection_count() == 0);
    (void)client_.try_poll();
    CHECK(good_ > 0);
    CHECK(unexpected_ == 0);
    if (unexpected_ != 0) MESSAGE(first_unexpected_);
    MESSAGE(good_.load(), " calls succeeded, ", bad_.load(), " were canceled, timed out or cut");
  }

 private:
  void one_call(std::minstd_rand& random) {
    const std::string url = base_ + paths[random() % paths.size()];
    okhttp::Request request =
        random() % 8 == 0 ? post_request(url, std::string(random() % 100'000, 'p')) : get_request(url);
    const auto how = random() % 16;
    const auto& client = how == 0 ? hasty_ : how == 1 ? impatient_ : client_;
    const Call call = client.new_call(std::move(request));
    if (how >= 2 && how < 6) canceling_.put(call);
    if (how == 6) call.cancel();
    const auto then = random() % 16;
    if (how == 7 || how == 8) {
      ++enqueued_;
      call.enqueue([this, then](Result<Response> response) {
        if (D::blocks && then < 2 && response) response->close();  // on a loop a callback must not wait
        note(std::move(response));
        ++called_back_;
      });
    } else {
      consume(call, random);
    }
    if (then < 5) canceling_.cancel(random());
    if (then == 5) client_.connection_pool().evict_all();
    if (then == 6 && random() % 64 == 0) client_.dispatcher().cancel_all();
    if (then == 7) (void)client_.try_poll();
  }
  /// Executes it and does something with the body.
  void consume(const Call& call, std::minstd_rand& random) {
    Result<Response> response = call.try_execute();
    if (response) {
      switch (random() % 8) {
        case 0: break;  // dropped
        case 1: response->close(); break;
        case 2: {
          std::array<std::byte, 100> piece;
          (void)response->body().try_read(piece);
          if (random() % 2 == 0) call.cancel();
          break;
        }
        default: {
          Result<std::string> text = response->body().try_string();
          if (!text) response = std::move(text).error();
        }
      }
    }
    note(std::move(response));
  }
  void note(Result<Response> response) {
    if (response) {
      ++good_;
      return;
    }
    ++bad_;
    if (is_expected(response.error().code())) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (unexpected_++ == 0) first_unexpected_ = response.error().message();
  }

  std::string base_;
  const typename D::Client client_;
  const typename D::Client hasty_;
  const typename D::Client impatient_;
  Canceling canceling_;
  std::atomic<std::uint64_t> good_{0};
  std::atomic<std::uint64_t> bad_{0};
  std::atomic<std::uint64_t> enqueued_{0};
  std::atomic<std::uint64_t> called_back_{0};
  std::mutex mutex_;  // guards the rest
  std::uint64_t unexpected_ = 0;
  std::string first_unexpected_;
};

}  // namespace

TEST_SUITE("integration/soak") {

TEST_CASE_TEMPLATE("two hundred threads share a client; whatever they do, nothing is left", D, OnInline, OnThreads,
                   OnLoop) {
  const NothingLeft nothing_left;
  MockWebServer server;
  server.record_requests(false);
  server.dispatcher(answer);
  Soak<D> soak(server);
  soak.run();
}

}  // TEST_SUITE

}  // namespace soak_test
