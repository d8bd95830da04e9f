// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <filesystem>
#include <stdexcept>

#include "support/client_fixture.hpp"
#include "support/own_process.hpp"
#include "support/raw_server.hpp"

namespace client_lifetime_test {

// What happens to calls, callbacks and responses when the last handle of their client goes.

using namespace okhttp_tests;
using okhttp::Call;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

namespace {

std::size_t entries_of(const char* folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.path().empty() ? 0U : 1U;
  return count;
}
std::size_t thread_count() { return entries_of("/proc/self/task"); }
std::size_t descriptor_count() { return entries_of("/proc/self/fd"); }

}  // namespace

TEST_SUITE("integration/client_lifetime") {

TEST_CASE_TEMPLATE("dropping the client cancels its calls, and each callback is told once", D,
                   OKHTTP_EVERY_DISPATCHER) {
  SilentServer server;
  Counter canceled;
  Counter told;
  {
    auto client = D::builder().read_timeout(patience).dispatcher({.max_requests = 2}).build();
    for (int i = 0; i < 5; ++i)
      client.new_call(get_request(server.url())).enqueue([&](Result<Response> result) {
        if (!result && result.error() == Errc::canceled) canceled.add();
        told.add();
      });
    // On the pool some are running by now, on a loop after a turn of it.
    if (!D::blocks) client.poll();
  }
  CHECK(told.count() == 5);
  CHECK(canceled.count() == 5);
}

TEST_CASE_TEMPLATE("dropping the client ends calls that wait for an answer", D, OnThreads, OnLoop, OnPollLoop) {
  SilentServer server;
  std::vector<Errc> told;
  {
    auto client = D::builder().read_timeout(patience).build();
    client.new_call(get_request(server.url())).enqueue([&](Result<Response> result) {
      told.push_back(result ? Errc{} : result.error().code());
    });
    if (D::blocks) {
      CHECK(server.wait_for_bytes());
    } else {
      for (int turn = 0; turn < 10; ++turn) client.poll();
      CHECK(server.wait_for_bytes());
    }
  }
  CHECK(told == std::vector<Errc>{Errc::canceled});
}

TEST_CASE_TEMPLATE("copies and derived clients keep a client alive", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  using Client = typename D::Client;
  std::optional<Client> client = D::builder().build();
  std::optional<Client> copy = client;
  std::optional<Client> derived = client->new_builder().read_timeout(1s).build();
  Counter told;
  copy->new_call(get_request(server.url("/").to_string())).enqueue([&told](Result<Response> result) {
    if (result) told.add();
  });
  client.reset();
  copy.reset();
  finish_enqueued(*derived);
  CHECK(told.count() == 1);
  CHECK(derived->new_call(get_request(server.url("/").to_string())).execute().body().string() == "answer");
}

TEST_CASE_TEMPLATE("what a derived client's settings own does not outlive it in the pool", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("kept"); });
  const auto owned = std::make_shared<int>(0);
  {
    auto client = D::builder().build();
    // Each of these owns the client whose pool will keep the connection.
    auto derived =
        client.new_builder()
            .dns([client, owned](std::string_view) { return std::vector{okhttp::IpAddress::parse("127.0.0.1")}; })
            .proxy_selector([client, owned](const okhttp::HttpUrl&) { return std::vector{okhttp::Proxy::none()}; })
            .proxy_authenticator([client, owned](const okhttp::Route*, const Response&) -> std::optional<Request> {
              return std::nullopt;
            })
            .add_interceptor([client, owned](okhttp::Chain& chain) { return chain.proceed(chain.request()); })
            .build();
    const std::string url = "http://some.example:" + std::to_string(server.port()) + "/";
    for (int i = 0; i < 2; ++i) CHECK(derived.new_call(get_request(url)).execute().body().string() == "kept");
    CHECK(client.connection_pool().idle_connection_count() == 1);
    CHECK(owned.use_count() > 1);
  }
  CHECK(owned.use_count() == 1);
}

TEST_CASE_TEMPLATE("a response that is open stays readable without its client", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text(3'000'000, 'x');
  server.enqueue(MockResponse().body(text));
  server.enqueue(MockResponse().gzip_body(text));
  for (int i = 0; i < 2; ++i) {
    std::optional<Response> response;
    {
      auto client = D::builder().build();
      response = client.new_call(get_request(server.url("/").to_string())).execute();
    }
    CHECK((response->body().string() == text));
  }
}

TEST_CASE_TEMPLATE("a response that is open may be dropped without its client, on any thread", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body(std::string(3'000'000, 'x')); });
  for (const bool client_first : {false, true}) {
    std::optional<typename D::Client> client = D::builder().build();
    std::optional<Response> response = client->new_call(get_request(server.url("/").to_string())).execute();
    if (client_first) client.reset();
    Background dropper([&] { response.reset(); });
    dropper.join();
  }
}

TEST_CASE_TEMPLATE("a call outlives its client: it is canceled, or refused", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  std::optional<Call> call;
  std::optional<Call> enqueued;
  {
    auto client = D::builder().build();
    call = client.new_call(get_request(server.url("/").to_string()));
    enqueued = client.new_call(get_request(server.url("/").to_string()));
  }
  std::vector<Errc> told;
  enqueued->enqueue([&told](Result<Response> result) { told.push_back(result ? Errc{} : result.error().code()); });
  CHECK(told == std::vector<Errc>{Errc::rejected});
  // Executing waits for the call itself, so nobody is missing.
  server.enqueue(MockResponse().body("still works"));
  CHECK(call->execute().body().string() == "still works");
}

TEST_CASE_TEMPLATE("a client may be dropped inside its own callback", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  SilentServer silent;
  auto owner = std::make_shared<std::optional<typename D::Client>>(
      D::builder().read_timeout(patience).dispatcher({.max_requests = 3}).build());
  Counter told;
  Counter canceled;
  Event dropped;
  const auto note = [&](Result<Response> result) {
    if (!result && result.error() == Errc::canceled) canceled.add();
    told.add();
  };
  typename D::Client& client = owner->value();
  client.new_call(get_request(silent.url())).enqueue(note);
  client.new_call(get_request(server.url("/").to_string())).enqueue([&, owner](Result<Response>) {
    if (D::blocks && !std::is_same_v<D, OnInline>) CHECK(silent.wait_for_bytes());
    owner->reset();
    dropped.set();
    told.add();
  });
  for (int i = 0; i < 3; ++i) client.new_call(get_request(silent.url())).enqueue(note);
  if constexpr (std::is_same_v<D, OnInline>) {
    // The first call would wait for its answer for ever.
    client.dispatcher().cancel_all();
  }
  if constexpr (!std::is_same_v<D, OnThreads>) client.run_until_idle();
  CHECK(dropped.wait());
  CHECK(told.wait_for(5));
  CHECK(told.count() == 5);
}

TEST_CASE_TEMPLATE("a client may be dropped by its own interceptor", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("answer"));
  auto owner = std::make_shared<std::optional<typename D::Client>>();
  *owner = D::builder()
               .add_interceptor([weak = std::weak_ptr(owner)](okhttp::Chain& chain) -> Task<Response> {
                 if (auto strong = weak.lock()) strong->reset();
                 co_return co_await chain.proceed(chain.request());
               })
               .build();
  const Call call = owner->value().new_call(get_request(server.url("/").to_string()));
  Result<Response> response = call.try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::canceled);
}

TEST_CASE_TEMPLATE("background tasks of a dropped client are destroyed", D, OKHTTP_LOOP_DISPATCHERS) {
  SilentServer server;
  auto alive = std::make_shared<int>(1);
  std::weak_ptr<int> watch = alive;
  struct Coroutines {
    static Task<void> waits(Call call, std::shared_ptr<int> token) {
      Result<Response> response = co_await call.async_execute().outcome();
      if (response) *token = 2;
    }
  };
  {
    auto client = D::builder().read_timeout(patience).build();
    client.spawn(Coroutines::waits(client.new_call(get_request(server.url())), alive));
    client.spawn(Coroutines::waits(client.new_call(get_request(server.url())), alive));
    alive.reset();
    client.poll();
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE_TEMPLATE("a loop may be driven by another thread while its client is dropped", D,
                   OKHTTP_LOOP_DISPATCHERS) {
  SilentServer server;
  Counter told;
  std::optional<typename D::Client> client = D::builder().read_timeout(patience).build();
  client->new_call(get_request(server.url())).enqueue([&told](Result<Response>) { told.add(); });
  Event driving;
  Background driver([&] {
    auto own = *client;
    driving.set();
    own.run_until_idle();
  });
  CHECK(driving.wait());
  CHECK(server.wait_for_bytes());
  client->dispatcher().cancel_all();
  client.reset();
  driver.join();
  CHECK(told.count() == 1);
}

TEST_CASE_TEMPLATE("a client leaves neither threads nor descriptors behind", D, OKHTTP_EVERY_DISPATCHER) {
  SilentServer silent;
  const std::size_t threads = thread_count();
  const std::size_t descriptors = descriptor_count();
  {
    ScriptedServer server([](RawPeer& peer) {
      peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      peer.read_to_end();
    });
    auto client = D::builder().read_timeout(patience).build();
    CHECK(client.new_call(get_request(server.url())).execute().body().string() == "ok");
    // A body from a file: a loop reads it on a helper thread.
    const Request file = Request::Builder()
                             .url(std::string_view(server.url()))
                             .post(okhttp::RequestBody::from_file(OKHTTP_TEST_DATA_DIR "/support/main.cpp"))
                             .build();
    CHECK(client.new_call(file).execute().body().string() == "ok");
    for (int i = 0; i < 3; ++i) client.new_call(get_request(silent.url())).enqueue([](Result<Response>) {});
    if (!D::blocks) client.poll();
    CHECK(descriptor_count() > descriptors);
  }
  // The kernel may take a moment to clear a thread away that was joined; resolver helpers of earlier
  // tests may leave at any time.
  CHECK(eventually([&] { return thread_count() <= threads; }));
  CHECK(descriptor_count() == descriptors);
}

TEST_CASE("an exception out of a callback on a pool thread: the process that ends" * doctest::skip()) {
  SilentServer server;
  okhttp::Client client;
  const Call call = client.new_call(get_request(server.url()));
  call.enqueue([](Result<Response>) { throw std::runtime_error("out of a callback"); });
  call.cancel();
  client.run_until_idle();
}

TEST_CASE("an exception out of a callback on a pool thread ends the program, as with std::thread") {
  OwnProcess process("an exception out of a callback on a pool thread: the process that ends");
  CHECK(process.wait() != 0);
}

TEST_CASE_TEMPLATE("clients come and go", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest&) { return MockResponse().body("answer"); });
  Counter told;
  for (int i = 0; i < 20; ++i) {
    auto client = D::builder().build();
    client.new_call(get_request(server.url("/").to_string())).enqueue([&told](Result<Response>) { told.add(); });
    if (i % 2 == 0) finish_enqueued(client);
  }
  CHECK(told.count() == 20);
}

}  // TEST_SUITE

}  // namespace client_lifetime_test
