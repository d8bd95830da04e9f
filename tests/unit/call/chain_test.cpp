// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/chain.hpp>

#include <doctest/doctest.h>

#include <okhttp/client.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/memory_transport.hpp"
#include "support/runtime_support.hpp"

namespace chain_test {

using namespace okhttp;
using namespace std::chrono_literals;
using okhttp_tests::answering;
using okhttp_tests::MemoryLink;
using okhttp_tests::MemoryTransport;

namespace {

using InlineClient = BasicClient<MemoryTransport, InlineDispatcher>;
using LoopClient = BasicClient<MemoryTransport, EventLoopDispatcher>;

constexpr const char* hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

Request request_to(std::string_view url = "http://example.com/") { return Request::Builder().url(url).build(); }

InlineClient::Builder builder() {
  InlineClient::Builder made;
  made.transport(MemoryTransport(answering([](std::string_view) { return hello; })));
  return made;
}

/// The event loop in virtual time, and a server whose answers stop short.
LoopClient::Builder loop_builder(support::VirtualTime& time, std::string answer) {
  LoopClient::Builder made;
  made.transport(MemoryTransport(answering([answer = std::move(answer)](std::string_view) { return answer; })));
  made.dispatcher_policy(EventLoopDispatcher(support::loop_options(false, &time)));
  return made;
}

std::vector<IpAddress> some_address(std::string_view = {}) { return {*IpAddress::try_parse("192.0.2.1")}; }

/// What a chain says of its settings.
std::string described(const Chain& chain) {
  const auto seconds = [](Clock::duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
  };
  std::string text = seconds(chain.connect_timeout()) + "/" + seconds(chain.read_timeout()) + "/" +
                     seconds(chain.write_timeout());
  if (!chain.retry_on_connection_failure()) text += " once";
  if (chain.dns() != nullptr) text += " dns";
  if (chain.proxy()) text += " " + chain.proxy()->to_string();
  if (!(chain.proxy_selector() == ProxySelector())) text += " selector";
  if (chain.proxy_authenticator() != nullptr) text += " credentials";
  if (chain.authenticator() != nullptr) text += " password";
  if (!(chain.certificate_pinner() == CertificatePinner())) text += " pins";
  if (!chain.host_name_verifier().is_standard()) text += " names";
  return text;
}

CertificatePinner some_pins() {
  constexpr const char* pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  return CertificatePinner::Builder().add("example.com", pin).build();
}

/// Changes everything that can be changed on this transport.
Chain changed(const Chain& chain) {
  return chain.with_connect_timeout(1s)
      .with_read_timeout(2s)
      .with_write_timeout(3s)
      .with_retry_on_connection_failure(false)
      .with_dns([](std::string_view host) { return some_address(host); })
      .with_proxy_selector(ProxySelector::of({Proxy::none()}))
      .with_proxy(Proxy::none())
      .with_proxy_authenticator([](const Route*, const Response&) { return std::optional<Request>(); })
      .with_authenticator([](const Route*, const Response&) { return std::optional<Request>(); })
      .with_certificate_pinner(some_pins())
      .with_host_name_verifier(HostNameVerifier([](std::string_view, const AlternativeNames&) { return true; }));
}
constexpr const char* all_changed = "1/2/3 once dns none selector credentials password pins names";

}  // namespace

TEST_SUITE("call/chain") {
  TEST_CASE("a changed setting is in force further in, and nowhere else") {
    std::vector<std::string> seen;
    const auto watch = [&seen](Chain& chain) -> Task<Response> {
      seen.push_back(described(chain));
      Response response = co_await chain.proceed(chain.request());
      seen.push_back(described(chain));
      co_return response;
    };
    int changing = 0;
    auto client = builder()
                      .add_interceptor(watch)
                      .add_interceptor([&changing](Chain& chain) -> Task<Response> {
                        if (++changing == 3) co_return co_await chain.proceed(chain.request());
                        if (changing == 2) co_return co_await changed(chain).proceed(chain.request());
                        // The temporary chain is gone when the task runs.
                        Task<Response> rest = changed(chain).proceed(chain.request());
                        co_return co_await std::move(rest);
                      })
                      .add_interceptor(watch)
                      .add_network_interceptor(watch)
                      .build();
    const std::string usual = "10/10/10";
    for (const std::string further_in : {all_changed, all_changed, usual.c_str()}) {
      seen.clear();
      const Result<Response> response = client.new_call(request_to()).try_execute();
      REQUIRE(response);
      CHECK(seen == std::vector<std::string>{usual, further_in, further_in, further_in, further_in, usual});
    }
  }

  TEST_CASE("an interceptor that is no coroutine changes settings, and the interceptors behind it do so again") {
    std::string seen;
    auto client = builder()
                      .add_interceptor([](Chain& chain) {
                        return chain.with_read_timeout(5s).with_write_timeout(6s).proceed(chain.request());
                      })
                      .add_interceptor([](Chain& chain) {
                        return chain.with_read_timeout(7s).proceed(chain.request());
                      })
                      .add_network_interceptor([&seen](Chain& chain) {
                        seen = described(chain);
                        return chain.proceed(chain.request());
                      })
                      .build();
    Response response = client.new_call(request_to()).execute();
    CHECK(response.body().string() == "hello");
    CHECK(seen == "10/7/6");
  }

  TEST_CASE("a chain may be moved, and proceed several times") {
    std::vector<std::string> seen;
    auto client = builder()
                      .add_interceptor([](Chain& chain) -> Task<Response> {
                        Chain mine = chain.with_connect_timeout(4s);
                        for (int i = 0; i < 2; ++i) {
                          mine = mine.with_read_timeout(std::chrono::seconds(i));
                          Response response = co_await mine.proceed(chain.request());
                          co_await response.async_close();
                        }
                        co_return co_await mine.proceed(chain.request());
                      })
                      .add_interceptor([&seen](Chain& chain) {
                        seen.push_back(described(chain));
                        return chain.proceed(chain.request());
                      })
                      .build();
    CHECK(client.new_call(request_to()).execute().body().string() == "hello");
    CHECK(seen == std::vector<std::string>{"4/0/10", "4/1/10", "4/1/10"});
  }

  TEST_CASE("a network interceptor cannot change settings") {
    using Change = Chain (*)(const Chain&);
    const std::pair<const char*, Change> changes[] = {
        {"connect timeout", [](const Chain& chain) { return chain.with_connect_timeout(1s); }},
        {"read timeout", [](const Chain& chain) { return chain.with_read_timeout(1s); }},
        {"write timeout", [](const Chain& chain) { return chain.with_write_timeout(1s); }},
        {"retry setting", [](const Chain& chain) { return chain.with_retry_on_connection_failure(false); }},
        {"resolver", [](const Chain& chain) { return chain.with_dns(&some_address); }},
        {"proxy", [](const Chain& chain) { return chain.with_proxy(Proxy::none()); }},
        {"proxy selector", [](const Chain& chain) { return chain.with_proxy_selector(ProxySelector()); }},
        {"authenticator", [](const Chain& chain) { return chain.with_authenticator(nullptr); }},
        {"proxy authenticator", [](const Chain& chain) { return chain.with_proxy_authenticator(nullptr); }},
        {"certificate pinner", [](const Chain& chain) { return chain.with_certificate_pinner(some_pins()); }},
        {"host name verifier",
         [](const Chain& chain) { return chain.with_host_name_verifier(HostNameVerifier()); }},
        {"trusted certificates",
         [](const Chain& chain) { return chain.with_trusted_certificates(HandshakeCertificates()); }},
        {"connect timeout",  // the first one is told
         [](const Chain& chain) { return chain.with_connect_timeout(-1s).with_dns(nullptr); }},
    };
    for (const auto& [setting, change] : changes) {
      const char* const name = setting;
      CAPTURE(name);
      bool refused_first = true;
      auto client = builder()
                        .add_network_interceptor([&, change = change](Chain& chain) -> Task<Response> {
                          Chain other = change(chain);
                          CHECK(described(other) == described(chain));
                          Result<Response> refused = co_await other.proceed(chain.request()).outcome();
                          if (!refused_first) co_return co_await chain.proceed(chain.request());
                          co_await fail(std::move(refused).error());
                          co_return Response(*std::move(refused));
                        })
                        .build();
      const Result<Response> response = client.new_call(request_to()).try_execute();
      REQUIRE_FALSE(response);
      CHECK(response.error() == Errc::misuse);
      const std::string text = std::string("a network interceptor cannot change the ") + name +
                               ", as the connection is there already; an application interceptor can";
      CHECK(response.error().message() == text);
      refused_first = false;  // the chain itself is as good as before
      CHECK(client.new_call(request_to()).try_execute());
    }
  }

  TEST_CASE("a negative timeout, and what the transport does not have, fail when the chain proceeds") {
    const auto outcome = [](auto change) {
      const auto proceed = [change](Chain& chain) { return change(chain).proceed(chain.request()); };
      auto client = builder().add_interceptor(proceed).build();
      return client.new_call(request_to()).try_execute();
    };
    const Result<Response> negative =
        outcome([](Chain& chain) { return chain.with_write_timeout(-1ms).with_read_timeout(1s); });
    REQUIRE_FALSE(negative);
    CHECK(negative.error() == Errc::invalid_argument);
    CHECK(negative.error().message() == "the write timeout is negative");
    const Result<Response> plain =
        outcome([](Chain& chain) { return chain.with_trusted_certificates(HandshakeCertificates()); });
    REQUIRE_FALSE(plain);
    CHECK(plain.error() == Errc::misuse);
    CHECK(plain.error().message().find("no setting for trusted certificates") != std::string::npos);
  }

  TEST_CASE("connections are shared by calls whose overrides are equal") {
    int connections = 0;
    const auto dns = std::make_shared<Dns>(detail::make_dns([](std::string_view) { return some_address(); }));
    const HostNameVerifier verifier([](std::string_view, const AlternativeNames&) { return true; });
    std::optional<int> variant;
    InlineClient::Builder made;
    made.transport(MemoryTransport([&](const Endpoint&, std::shared_ptr<MemoryLink> link) {
      ++connections;
      link->on_bytes = [](MemoryLink& self) {
        if (!self.take_all().empty()) self.send(hello);
      };
    }));
    made.add_interceptor([&](Chain& chain) {
      switch (variant.value_or(0)) {
        case 1: return chain.with_dns(dns).proceed(chain.request());
        case 2: return chain.with_dns(&some_address).proceed(chain.request());  // a new object each time
        case 3: return chain.with_certificate_pinner(some_pins()).proceed(chain.request());
        case 4:
          return chain.with_certificate_pinner(some_pins())
              .with_host_name_verifier(verifier)
              .proceed(chain.request());
        case 5: return chain.with_proxy(Proxy::none()).proceed(chain.request());
        case 6:
          return chain.with_read_timeout(5s).with_retry_on_connection_failure(false).proceed(chain.request());
        default: return chain.proceed(chain.request());
      }
    });
    auto client = made.connection_pool({.max_idle_connections = 20}).build();
    // How many connections two calls take that come after one without an override.
    const auto connections_of = [&](int which) {
      const int before = connections;
      variant.reset();
      CHECK(client.new_call(request_to()).execute().body().string() == "hello");
      variant = which;
      for (int i = 0; i < 2; ++i) CHECK(client.new_call(request_to()).execute().body().string() == "hello");
      variant.reset();
      CHECK(client.new_call(request_to()).execute().body().string() == "hello");
      return connections - before;
    };
    CHECK(connections_of(0) == 1);
    CHECK(connections_of(1) == 1);
    CHECK(connections_of(2) == 2);
    CHECK(connections_of(3) == 1);
    CHECK(connections_of(4) == 1);
    CHECK(connections_of(5) == 1);
    CHECK(connections_of(6) == 0);  // timeouts and retries make no difference to a connection
  }

  TEST_CASE("a resolver is asked under its override only, and redirects stay under it") {
    std::vector<std::string> asked;
    auto client = InlineClient::Builder()
                      .transport(MemoryTransport(answering([](std::string_view head) -> std::string {
                        if (head.find("Host: b.example") != std::string_view::npos) return hello;
                        return "HTTP/1.1 302 Found\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n";
                      })))
                      .add_interceptor([&asked](Chain& chain) -> Task<Response> {
                        Chain watched = chain.with_dns([&asked](std::string_view host) {
                          asked.emplace_back(host);
                          return some_address();
                        });
                        Response response = co_await watched.proceed(chain.request());
                        co_await response.async_close();
                        Request other = request_to("http://c.example/");
                        co_return co_await watched.with_dns(nullptr).proceed(std::move(other));
                      })
                      .build();
    const Result<Response> response = client.new_call(request_to("http://a.example/")).try_execute();
    REQUIRE(response);
    CHECK(asked == std::vector<std::string>{"a.example", "b.example"});
  }

  TEST_CASE("a request is sent again only if the chain says so") {
    for (const bool retry : {true, false}) {
      CAPTURE(retry);
      int connections = 0;
      auto client = InlineClient::Builder()
                        .transport(MemoryTransport([&](const Endpoint&, std::shared_ptr<MemoryLink> link) {
                          link->on_bytes = [first = ++connections == 1, count = 0](MemoryLink& self) mutable {
                            if (self.take_all().empty()) return;
                            if (first && ++count == 2)
                              self.end();
                            else
                              self.send(hello);
                          };
                        }))
                        .retry_on_connection_failure(!retry)
                        .add_interceptor([retry](Chain& chain) {
                          return chain.with_retry_on_connection_failure(retry).proceed(chain.request());
                        })
                        .build();
      CHECK(client.new_call(request_to()).try_execute());
      CHECK(client.new_call(request_to()).try_execute().has_value() == retry);
    }
  }

  TEST_CASE("two parts of one call run at once, each under its own settings") {
    support::VirtualTime time;
    auto client = loop_builder(time, "HTTP/1.1 200 OK\r\n")
                      .add_interceptor([](Chain& chain) -> Task<Response> {
                        std::vector<Task<Response>> parts;
                        for (const auto timeout : {7s, 3s, 5s})
                          parts.push_back(chain.with_read_timeout(timeout)
                                              .with_dns([](std::string_view) { return some_address(); })
                                              .proceed(chain.request()));
                        std::vector<Result<Response>> all = co_await when_all(std::move(parts));
                        std::string texts;
                        for (const Result<Response>& each : all) texts += each.error().message() + "\n";
                        CHECK(texts.find("for 7 s") < texts.find("for 3 s"));
                        CHECK(texts.find("for 3 s") < texts.find("for 5 s"));
                        CHECK(texts.find("for 5 s") != std::string::npos);
                        co_return co_await chain.proceed(chain.request());
                      })
                      .read_timeout(1s)
                      .build();
    const Result<Response> response = client.try_run(client.new_call(request_to()).async_execute());
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::read_timeout);
    CHECK(response.error().message().find("for 1 s") != std::string::npos);
    CHECK(time.elapsed() == 8s);
  }

  TEST_CASE("a part that is dropped leaves the others as they were") {
    support::VirtualTime time;
    auto client = loop_builder(time, "HTTP/1.1 200 OK\r\n")
                      .add_interceptor([](Chain& chain) -> Task<Response> {
                        std::vector<Task<Response>> parts;
                        parts.push_back(chain.with_read_timeout(100s).proceed(chain.request()));
                        parts.push_back(chain.with_read_timeout(2s).proceed(chain.request()));
                        std::pair<std::size_t, Result<Response>> first = co_await when_any(std::move(parts));
                        CHECK(first.first == 1);
                        CHECK(chain.read_timeout() == 1s);
                        co_return co_await chain.proceed(chain.request());
                      })
                      .read_timeout(1s)
                      .build();
    CHECK_FALSE(client.try_run(client.new_call(request_to()).async_execute()));
    CHECK(time.elapsed() == 3s);
  }

  TEST_CASE("the body is read under the settings of the part it came from") {
    support::VirtualTime time;
    auto client = loop_builder(time, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
                      .add_interceptor([](Chain& chain) {
                        return chain.with_read_timeout(42s).proceed(chain.request());
                      })
                      .build();
    auto fetch = [](LoopClient& c) -> Task<std::string> {
      Response response = co_await c.new_call(request_to()).async_execute();
      co_return co_await response.body().async_string();
    };
    const Result<std::string> text = client.try_run(fetch(client));
    REQUIRE_FALSE(text);
    CHECK(text.error() == Errc::read_timeout);
    CHECK(text.error().message().find("42 s") != std::string::npos);
    CHECK(time.elapsed() == 42s);
  }

  TEST_CASE("the timeout of the whole call holds in its parts") {
    support::VirtualTime time;
    auto client = loop_builder(time, "HTTP/1.1 200 OK\r\n")
                      .call_timeout(5s)
                      .add_interceptor([](Chain& chain) -> Task<Response> {
                        Runtime& runtime = *Runtime::current();
                        co_await runtime.sleep_until(Deadline::after(runtime.now(), 3s));
                        co_return co_await chain.with_read_timeout(100s).proceed(chain.request());
                      })
                      .build();
    const Result<Response> response = client.try_run(client.new_call(request_to()).async_execute());
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::call_timeout);
    CHECK(time.elapsed() == 5s);
  }

  TEST_CASE("a part is canceled with its call, whoever cancels it") {
    // The call is canceled after so many turns of the loop; 0: in the interceptor itself.
    for (int turns = 0; turns < 12; ++turns) {
      CAPTURE(turns);
      support::VirtualTime time;
      auto client = loop_builder(time, "HTTP/1.1 200 OK\r\n")
                        .add_interceptor([turns](Chain& chain) -> Task<Response> {
                          CHECK(chain.call().is_executed());
                          if (turns == 0) chain.call().cancel();
                          Chain slow = chain.with_dns([](std::string_view) -> Task<std::vector<IpAddress>> {
                            for (int i = 0; i < 3; ++i)
                              co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
                            co_return some_address();
                          });
                          co_return co_await slow.proceed(chain.request());
                        })
                        .add_interceptor([](Chain& chain) -> Task<Response> {
                          CHECK(chain.call().is_executed());  // it is the call that users know
                          co_return co_await chain.with_read_timeout(9s).proceed(chain.request());
                        })
                        .build();
      const Call call = client.new_call(request_to());
      auto cancel = [](Call c, int after) -> Task<void> {
        for (int i = 0; i < after; ++i)
          co_await Runtime::current()->sleep_until(Deadline::at(Runtime::current()->now()));
        c.cancel();
      };
      if (turns > 0) client.spawn(cancel(call, turns));
      const Result<Response> response = client.try_run(call.async_execute());
      REQUIRE_FALSE(response);
      CHECK(response.error() == Errc::canceled);
      CHECK(time.elapsed() == 0s);
      CHECK(client.dispatcher().running_calls_count() == 0);
      CHECK(client.connection_pool().idle_connection_count() == 0);
    }
  }
}

}  // namespace chain_test
