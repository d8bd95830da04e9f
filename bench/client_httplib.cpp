// SPDX-License-Identifier: Apache-2.0

// cpp-httplib: one client object; several requests at once are as many threads, each with its own.

#include "client.hpp"

#include <httplib.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace {

std::unique_ptr<httplib::Client> make_client(const bench::Options& options) {
  const std::string origin = options.url.substr(0, options.url.size() - options.target.size());
  auto client = std::make_unique<httplib::Client>(origin);
  client->set_keep_alive(!options.fresh);
  client->set_tcp_nodelay(true);
  client->set_read_timeout(60);
  if (options.tls) {
    client->set_ca_cert_path(options.ca);
    client->enable_server_certificate_verification(true);
  }
  return client;
}

void exchange(httplib::Client& client, const bench::Options& options) {
  const httplib::Result result = client.Get(options.target);
  if (!result) bench::die("cpp-httplib: " + httplib::to_string(result.error()));
  if (result->status != 200) bench::die("unexpected status");
  bench::require_body(result->body);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (std::size_t i = 0; i < options.concurrency; ++i) clients.push_back(make_client(options));
  bench::measure(options, [&](std::size_t count) {
    if (options.concurrency == 1) {
      for (; count != 0; --count) exchange(*clients.front(), options);
      return;
    }
    std::atomic<std::size_t> taken = 0;
    std::vector<std::thread> threads;
    for (auto& client : clients)
      threads.emplace_back([&taken, &options, &client, count] {
        while (taken.fetch_add(1, std::memory_order_relaxed) < count) exchange(*client, options);
      });
    for (std::thread& thread : threads) thread.join();
  });
}
