// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/event_listener.hpp>

#include <doctest/doctest.h>

#include <okhttp/client.hpp>

#include "support/recording_listener.hpp"

namespace event_listener_test {

using okhttp::Errc;
using okhttp::Error;
using okhttp::EventListener;
using okhttp_tests::RecordingListener;

namespace {

struct Everything {
  okhttp::BasicClient<okhttp::PlainTransport, okhttp::InlineDispatcher> client;
  okhttp::Request request = okhttp::Request::Builder().url("http://a/b").build();
  okhttp::Call call = client.new_call(request);
  okhttp::Response response =
      okhttp::Response::Builder().request(request).protocol(okhttp::Protocol::http_1_1).code(200).message("OK").build();
  okhttp::Route route{okhttp::Address(request.url(), nullptr), okhttp::Proxy(), std::nullopt};
  okhttp::Connection connection{okhttp::Address(request.url(), nullptr), nullptr, "a"};
  Error error{Errc::io, "broken"};

  /// Calls all 33.
  void tell(EventListener& to) const {
    to.call_start(call);
    to.dispatcher_queue_start(call, client.dispatcher());
    to.dispatcher_queue_end(call, client.dispatcher());
    to.proxy_select_start(call, request.url());
    to.proxy_select_end(call, request.url(), {});
    to.dns_start(call, "a");
    to.dns_end(call, "a", {});
    to.connect_start(call, route);
    to.secure_connect_start(call);
    to.secure_connect_end(call, nullptr);
    to.connect_end(call, route, okhttp::Protocol::http_1_1);
    to.connect_failed(call, route, std::nullopt, error);
    to.connection_acquired(call, connection);
    to.connection_released(call, connection);
    to.request_headers_start(call);
    to.request_headers_end(call, request);
    to.request_body_start(call);
    to.request_body_end(call, 1);
    to.request_failed(call, error);
    to.response_headers_start(call);
    to.response_headers_end(call, response);
    to.response_body_start(call);
    to.response_body_end(call, 2);
    to.response_failed(call, error);
    to.call_end(call);
    to.call_failed(call, error);
    to.canceled(call);
    to.satisfaction_failure(call, response);
    to.cache_hit(call, response);
    to.cache_miss(call);
    to.cache_conditional_hit(call, response);
    to.retry_decision(call, error, true);
    to.follow_up_decision(call, response, &request);
  }
};

}  // namespace

TEST_SUITE("call/event_listener") {
  TEST_CASE("a listener that overrides nothing is told of everything") {
    EventListener listener;
    Everything().tell(listener);
  }

  TEST_CASE("plus tells both of all events, the first one first") {
    const Everything everything;
    const auto alone = std::make_shared<RecordingListener>();
    everything.tell(*alone);
    CHECK(alone->all_names().size() == 33);
    CHECK(alone->errors().size() == 4);

    const auto first = std::make_shared<RecordingListener>();
    const auto second = std::make_shared<RecordingListener>();
    std::vector<std::string> order;
    first->at("call_start", [&](const okhttp::Call&) { order.push_back("first"); });
    second->at("call_start", [&](const okhttp::Call&) { order.push_back("second"); });
    everything.tell(*EventListener::plus(first, second));
    CHECK(first->all_names() == alone->all_names());
    CHECK(second->all_names() == alone->all_names());
    CHECK(order == std::vector<std::string>{"first", "second"});
  }

  TEST_CASE("plus with nothing is the other one") {
    const auto listener = std::make_shared<RecordingListener>();
    CHECK(EventListener::plus(listener, nullptr) == listener);
    CHECK(EventListener::plus(nullptr, listener) == listener);
    CHECK(EventListener::plus(nullptr, nullptr) == nullptr);
  }
}

}  // namespace event_listener_test
