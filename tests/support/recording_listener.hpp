// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_RECORDING_LISTENER_HPP
#define OKHTTP_TESTS_SUPPORT_RECORDING_LISTENER_HPP

#include <okhttp/call/event_listener.hpp>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp_tests {

/// Writes down what it is told: the name of each event, and behind it what it counts or decides.
class RecordingListener : public okhttp::EventListener {
 public:
  using Names = std::vector<std::string>;

  /// The events so far, without those that find a connection.
  Names names() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    Names kept;
    for (const std::string& name : names_)
      if (!finds_connection(name)) kept.push_back(name);
    return kept;
  }
  /// All of them.
  Names all_names() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return names_;
  }
  /// names(), and forgets them.
  Names take() {
    Names kept = names();
    const std::lock_guard<std::mutex> lock(mutex_);
    names_.clear();
    errors_.clear();
    return kept;
  }
  std::vector<okhttp::Error> errors() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return errors_;
  }
  /// False when it did not come in a minute.
  bool wait_for(std::string_view name) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::find(names_.begin(), names_.end(), name) != names_.end();
    });
  }
  /// Called at each event of this name, on its thread. Before the first call.
  void at(std::string name, std::function<void(const okhttp::Call&)> action) {
    actions_.emplace_back(std::move(name), std::move(action));
  }

  void call_start(const okhttp::Call& call) override { add(call, "call_start"); }
  void dispatcher_queue_start(const okhttp::Call& call, const okhttp::Dispatcher&) override {
    add(call, "dispatcher_queue_start");
  }
  void dispatcher_queue_end(const okhttp::Call& call, const okhttp::Dispatcher&) override {
    add(call, "dispatcher_queue_end");
  }
  void call_end(const okhttp::Call& call) override { add(call, "call_end"); }
  void call_failed(const okhttp::Call& call, const okhttp::Error& error) override { add(call, "call_failed", error); }
  void canceled(const okhttp::Call& call) override { add(call, "canceled"); }
  void proxy_select_start(const okhttp::Call& call, const okhttp::HttpUrl&) override {
    add(call, "proxy_select_start");
  }
  void proxy_select_end(const okhttp::Call& call, const okhttp::HttpUrl&, std::span<const okhttp::Proxy>) override {
    add(call, "proxy_select_end");
  }
  void dns_start(const okhttp::Call& call, std::string_view) override { add(call, "dns_start"); }
  void dns_end(const okhttp::Call& call, std::string_view, std::span<const okhttp::IpAddress>) override {
    add(call, "dns_end");
  }
  void connect_start(const okhttp::Call& call, const okhttp::Route&) override { add(call, "connect_start"); }
  void secure_connect_start(const okhttp::Call& call) override { add(call, "secure_connect_start"); }
  void secure_connect_end(const okhttp::Call& call, const okhttp::Handshake*) override {
    add(call, "secure_connect_end");
  }
  void connect_end(const okhttp::Call& call, const okhttp::Route&, std::optional<okhttp::Protocol>) override {
    add(call, "connect_end");
  }
  void connect_failed(const okhttp::Call& call, const okhttp::Route&, std::optional<okhttp::Protocol>,
                      const okhttp::Error& error) override {
    add(call, "connect_failed", error);
  }
  void connection_acquired(const okhttp::Call& call, const okhttp::Connection&) override {
    add(call, "connection_acquired");
  }
  void connection_released(const okhttp::Call& call, const okhttp::Connection&) override {
    add(call, "connection_released");
  }
  void request_headers_start(const okhttp::Call& call) override { add(call, "request_headers_start"); }
  void request_headers_end(const okhttp::Call& call, const okhttp::Request& request) override {
    add(call, "request_headers_end " + std::string(request.method()) + " " + std::string(request.url().encoded_path()));
  }
  void request_body_start(const okhttp::Call& call) override { add(call, "request_body_start"); }
  void request_body_end(const okhttp::Call& call, std::uint64_t bytes) override {
    add(call, "request_body_end " + std::to_string(bytes));
  }
  void request_failed(const okhttp::Call& call, const okhttp::Error& error) override {
    add(call, "request_failed", error);
  }
  void response_headers_start(const okhttp::Call& call) override { add(call, "response_headers_start"); }
  void response_headers_end(const okhttp::Call& call, const okhttp::Response& response) override {
    add(call, "response_headers_end " + std::to_string(response.code()));
  }
  void response_body_start(const okhttp::Call& call) override { add(call, "response_body_start"); }
  void response_body_end(const okhttp::Call& call, std::uint64_t bytes) override {
    add(call, "response_body_end " + std::to_string(bytes));
  }
  void response_failed(const okhttp::Call& call, const okhttp::Error& error) override {
    add(call, "response_failed", error);
  }
  void satisfaction_failure(const okhttp::Call& call, const okhttp::Response&) override {
    add(call, "satisfaction_failure");
  }
  void cache_hit(const okhttp::Call& call, const okhttp::Response&) override { add(call, "cache_hit"); }
  void cache_miss(const okhttp::Call& call) override { add(call, "cache_miss"); }
  void cache_conditional_hit(const okhttp::Call& call, const okhttp::Response&) override {
    add(call, "cache_conditional_hit");
  }
  void retry_decision(const okhttp::Call& call, const okhttp::Error&, bool retry) override {
    add(call, std::string("retry_decision ") + (retry ? "yes" : "no"));
  }
  void follow_up_decision(const okhttp::Call& call, const okhttp::Response&, const okhttp::Request* next) override {
    add(call, "follow_up_decision " + (next != nullptr ? std::string(next->url().encoded_path()) : "none"));
  }

 private:
  static bool finds_connection(std::string_view name) {
    return name.starts_with("proxy_") || name.starts_with("dns_") || name.starts_with("connect_") ||
           name.starts_with("secure_");
  }
  void add(const okhttp::Call& call, const std::string& name) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      names_.push_back(name);
      changed_.notify_all();
    }
    for (const auto& [wanted, action] : actions_)
      if (wanted == name) action(call);
  }
  void add(const okhttp::Call& call, const std::string& name, const okhttp::Error& error) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      errors_.push_back(error);
    }
    add(call, name);
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Names names_;
  std::vector<okhttp::Error> errors_;
  std::vector<std::pair<std::string, std::function<void(const okhttp::Call&)>>> actions_;
};

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_RECORDING_LISTENER_HPP
