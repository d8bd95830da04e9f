// SPDX-License-Identifier: Apache-2.0

// This library, as a program would use it: timeouts on, pool on, body read as a string.
//
//   --dispatcher inline|pool|loop     one request at a time is execute() on each; several at once
//   are
//                                     threads calling execute() (pool) or async_execute tasks
//                                     (loop)
//   --no-sessions                     no TLS session is continued

#include "okhttp.hpp"

#include "client.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

using InlineClient = okhttp::BasicClient<okhttp::InlineDispatcher>;

void require_answer(const okhttp::Response& response, const std::string& body) {
  if (response.code() != 200) bench::die("unexpected status");
  bench::require_body(body);
}

template <class Client>
Client make_client(const bench::Options& options) {
  typename Client::Builder builder;
  builder.read_timeout(10s).call_timeout(1min);
  builder.connection_pool(
      {.max_idle_connections = options.fresh ? 0 : options.concurrency, .keep_alive = 5min});
  if (!options.ca.empty()) {
    okhttp::TlsOptions sessions;
    if (options.no_sessions) sessions.sessions_per_host = 0;
    builder.transport(okhttp::SecureTransport(
        okhttp::HandshakeCertificates::Builder().add_trusted_pem_file(options.ca).build(), sessions));
  }
  return builder.build();
}

template <class Client>
void exchange(Client& client, const okhttp::Request& request) {
  okhttp::Response response = client.new_call(request).execute();
  const std::string body = response.body().string();
  require_answer(response, body);
}

template <class Client>
void on_threads(Client& client, const okhttp::Request& request, std::size_t count, std::size_t k) {
  std::atomic<std::size_t> taken = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < k; ++i)
    threads.emplace_back([&] {
      while (taken.fetch_add(1, std::memory_order_relaxed) < count) exchange(client, request);
    });
  for (std::thread& thread : threads) thread.join();
}

/// Takes requests from the common count until none is left; gives how many it made.
template <class Client>
okhttp::Task<std::size_t> take_turns(Client& client, okhttp::Request request, std::size_t& left) {
  std::size_t made = 0;
  while (left != 0) {
    --left;
    okhttp::Response response = co_await client.new_call(request).async_execute();
    const std::string body = co_await response.body().async_string();
    require_answer(response, body);
    ++made;
  }
  co_return made;
}

template <class Client>
void as_tasks(Client& client, const okhttp::Request& request, std::size_t count, std::size_t k) {
  std::size_t left = count;
  std::vector<okhttp::Task<std::size_t>> tasks;
  for (std::size_t i = 0; i < k; ++i) tasks.push_back(take_turns(client, request, left));
  std::size_t made = 0;
  for (auto& result : client.run(okhttp::when_all(std::move(tasks)))) made += result.value();
  if (made != count) bench::die("some requests were not made");
}

template <class Client>
void run(const bench::Options& options) {
  Client client = make_client<Client>(options);
  const okhttp::Request request = okhttp::Request::Builder().url(options.url).build();
  bench::measure(options, [&](std::size_t count) {
    if (options.concurrency == 1) {
      for (; count != 0; --count) exchange(client, request);
    } else if constexpr (std::is_same_v<Client, okhttp::EventLoopClient>) {
      as_tasks(client, request, count, options.concurrency);
    } else {
      on_threads(client, request, count, options.concurrency);
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  try {
    if (options.dispatcher == "pool" || options.dispatcher.empty())
      run<okhttp::Client>(options);
    else if (options.dispatcher == "loop")
      run<okhttp::EventLoopClient>(options);
    else if (options.dispatcher == "inline")
      run<InlineClient>(options);
    else
      bench::die("--dispatcher wants inline, pool or loop");
  } catch (const std::exception& failure) {
    bench::die(failure.what());
  }
}
