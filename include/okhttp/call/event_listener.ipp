// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_EVENT_LISTENER_IPP
#define OKHTTP_CALL_EVENT_LISTENER_IPP

#include <okhttp/call/event_listener.hpp>

#if OKHTTP_BODIES

#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

#if OKHTTP_EVENTS
/// Passes what the stages of one call tell on to its listener.
///
/// The stages run on one thread at a time, and so does the reader of the body after them; each follows
/// the other. Only `canceled` and the queue's events come from elsewhere.
class ListenedCall final : public CallEvents {
 public:
  ListenedCall(CallState& call, std::shared_ptr<EventListener> listener)
      : call_(call), listener_(std::move(listener)) {}

  void call_start() noexcept override { tell(&EventListener::call_start); }
  void queue_start() noexcept override {
    const SyncLock lock(queue_mutex_);
    if (std::exchange(queue_, Queue::waiting) == Queue::left)
      queue_ = Queue::left;  // it was its turn meanwhile
    else
      tell(&EventListener::dispatcher_queue_start, call_.core->dispatcher);
  }
  void queue_end() noexcept override {
    const SyncLock lock(queue_mutex_);
    if (std::exchange(queue_, Queue::left) == Queue::waiting)
      tell(&EventListener::dispatcher_queue_end, call_.core->dispatcher);
  }
  void canceled() noexcept override { tell(&EventListener::canceled); }
  void stages_end(const Error* error) noexcept override {
    if (std::exchange(stages_over_, true)) return;
    if (error != nullptr) failure_ = *error;
    finish();
  }
  void stages_dropped() noexcept override {
    const Error error = dropped();
    stages_end(&error);
  }

  void proxy_select_start(const HttpUrl& url) noexcept override { tell(&EventListener::proxy_select_start, url); }
  void proxy_select_end(const HttpUrl& url, std::span<const Proxy> proxies) noexcept override {
    tell(&EventListener::proxy_select_end, url, proxies);
  }
  void dns_start(std::string_view host) noexcept override { tell(&EventListener::dns_start, host); }
  void dns_end(std::string_view host, std::span<const IpAddress> addresses) noexcept override {
    tell(&EventListener::dns_end, host, addresses);
  }
  void connect_start(const Route& route) noexcept override { tell(&EventListener::connect_start, route); }
  void secure_connect_start() noexcept override { tell(&EventListener::secure_connect_start); }
  void secure_connect_end(const Handshake* handshake) noexcept override {
    tell(&EventListener::secure_connect_end, handshake);
  }
  void connect_end(const Route& route, std::optional<Protocol> protocol) noexcept override {
    tell(&EventListener::connect_end, route, protocol);
  }
  void connect_failed(const Route& route, std::optional<Protocol> protocol, const Error& error) noexcept override {
    tell(&EventListener::connect_failed, route, protocol, error);
  }

  std::unique_ptr<Connection> take_connection(const Address* address) noexcept override {
    // It was in use a moment ago, yet the server may have closed it meanwhile.
    if (address != nullptr && held_ != nullptr && held_reusable_ && held_->address() == *address && held_->is_quiet()) {
      kept_ = held_.get();
      return std::move(held_);
    }
    kept_ = nullptr;
    let_go();
    return nullptr;
  }
  void connection_acquired(const Connection& connection) noexcept override {
    if (&connection != kept_) tell(&EventListener::connection_acquired, connection);
  }
  void connection_done(std::unique_ptr<Connection> connection) noexcept override {
    let_go();  // of an earlier one, which an interceptor's two requests at once have left
    held_ = std::move(connection);
    held_->body_open.store(false, std::memory_order_relaxed);
    held_reusable_ = held_->end();
  }
  void connection_released(const Connection& connection) noexcept override {
    tell(&EventListener::connection_released, connection);
  }

  Task<void> watch_exchange(Task<void> exchange, const Request& request) override {
    request_ = request;
    progress_ = Progress::request_headers;
    has_body_ = false;
    head_seen_ = false;
    tell(&EventListener::request_headers_start);
    EndOfExchange end(*this);
    Result<void> done = co_await std::move(exchange).outcome();
    end.came(done ? nullptr : &done.error());
    if (!done) co_await fail(std::move(done).error());
  }
  void request_headers_end() noexcept override {
    progress_ = Progress::request_sent;
    tell(&EventListener::request_headers_end, *request_);
  }
  void request_body_start() noexcept override {
    progress_ = Progress::request_body;
    tell(&EventListener::request_body_start);
  }
  void request_body_end(std::uint64_t bytes) noexcept override {
    progress_ = Progress::request_sent;
    tell(&EventListener::request_body_end, bytes);
  }
  void request_failed(const Error& error) noexcept override {
    progress_ = Progress::request_sent;  // as far as it will be
    tell(&EventListener::request_failed, error);
  }
  void response_headers_start() noexcept override {
    if (!std::exchange(head_seen_, true)) tell(&EventListener::response_headers_start);
  }
  OKHTTP_DECL std::unique_ptr<BodySource> watch_body(std::unique_ptr<BodySource> body, std::int64_t length) override;
  void response_headers_end(const Response& response) noexcept override {
    tell(&EventListener::response_headers_end, response);
    if (has_body_) return;
    tell(&EventListener::response_body_start);
    tell(&EventListener::response_body_end, std::uint64_t{0});
  }
  void response_body_start() noexcept { tell(&EventListener::response_body_start); }
  void response_body_end(std::uint64_t bytes) noexcept { tell(&EventListener::response_body_end, bytes); }
  void response_body_failed(const Error& error) noexcept {
    tell(&EventListener::response_failed, error);
    if (stages_over_ && !failure_) failure_ = error;
  }
  /// A body is of no more use; the call may have waited for that.
  void body_over() noexcept {
    --open_bodies_;
    finish();
  }

  Task<Response> watch_attempt(Task<Response> attempt) override {
    Result<Response> response = co_await std::move(attempt).outcome();
    if (!response) {
      retry_decision(response.error(), false);
      co_await fail(std::move(response).error());
    }
    co_return *std::move(response);
  }
  void retry_decision(const Error& error, bool retry) noexcept override {
    tell(&EventListener::retry_decision, error, retry);
  }
  void follow_up_decision(const Response& response, const Request* next) noexcept override {
    tell(&EventListener::follow_up_decision, response, next);
  }

  void satisfaction_failure(const Response& response) noexcept override {
    tell(&EventListener::satisfaction_failure, response);
  }
  void cache_hit(const Response& response) noexcept override { tell(&EventListener::cache_hit, response); }
  void cache_miss() noexcept override { tell(&EventListener::cache_miss); }
  void cache_conditional_hit(const Response& cached) noexcept override {
    tell(&EventListener::cache_conditional_hit, cached);
  }

 private:
  enum class Queue : unsigned char { unseen, waiting, left };
  enum class Progress : unsigned char { request_headers, request_body, request_sent };

  /// Ends the exchange also when its task is dropped.
  class EndOfExchange {
   public:
    explicit EndOfExchange(ListenedCall& events) noexcept : events_(&events) {}
    EndOfExchange(const EndOfExchange&) = delete;
    EndOfExchange& operator=(const EndOfExchange&) = delete;
    ~EndOfExchange() {
      if (events_ == nullptr) return;
      const Error error = dropped();
      came(&error);
    }
    void came(const Error* error) noexcept { std::exchange(events_, nullptr)->exchange_end(error); }

   private:
    ListenedCall* events_;
  };

  static Error dropped() { return Error(Errc::canceled, "the task of the call was dropped"); }

  template <class... Parameters, class... Arguments>
  void tell(void (EventListener::*event)(const Call&, Parameters...), const Arguments&... arguments) noexcept {
    (listener_.get()->*event)(Call(call_.handle()), arguments...);
  }

  void exchange_end(const Error* error) noexcept {
    if (error != nullptr) {
      tell(progress_ == Progress::request_sent ? &EventListener::response_failed : &EventListener::request_failed, *error);
    } else if (progress_ == Progress::request_body) {
      const Error unsent(Errc::io, "the server answered before all of the request body was sent");
      request_failed(unsent);
    }
  }

  void let_go() noexcept {
    if (held_ == nullptr) return;
    tell(&EventListener::connection_released, *held_);
    if (held_reusable_) call_.core->pool.release(std::move(held_), call_.core->runtime().now());
    held_.reset();
  }

  void finish() noexcept {
    if (!stages_over_) return;
    let_go();
    if (open_bodies_ > 0 || std::exchange(ended_, true)) return;
    if (failure_)
      tell(&EventListener::call_failed, *failure_);
    else
      tell(&EventListener::call_end);
  }

  CallState& call_;  // whose events these are
  const std::shared_ptr<EventListener> listener_;
  SyncMutex queue_mutex_;  // guards queue_, and keeps the events of the queue apart
  Queue queue_ = Queue::unseen;
  bool stages_over_ = false;
  bool ended_ = false;
  bool held_reusable_ = false;
  bool has_body_ = false;
  bool head_seen_ = false;
  Progress progress_ = Progress::request_headers;
  std::unique_ptr<Connection> held_;  // of the exchange that ended last
  const Connection* kept_ = nullptr;  // which the call goes on with
  // A copy: of two exchanges at once, the other may have ended and taken its request with it.
  std::optional<Request> request_;
  std::size_t open_bodies_ = 0;
  std::optional<Error> failure_;
};

/// The body of a response on its way to the reader.
class ListenedBody final : public BodySource {
 public:
  ListenedBody(CallHandle call, ListenedCall& events, std::unique_ptr<BodySource> body, std::int64_t length)
      : call_(std::move(call)), events_(events), body_(std::move(body)), length_(length) {}
  ~ListenedBody() override {
    if (over_) return;
    tell_end();
    body_.reset();
    events_.body_over();
  }

  Task<std::size_t> read(std::span<std::byte> into) override {
    Result<std::size_t> count = co_await body_->read(into).outcome();
    if (!count) {
      if (!std::exchange(over_, true)) {
        events_.response_body_failed(count.error());
        events_.body_over();
      }
      co_await fail(std::move(count).error());
    }
    if (over_) co_return *count;
    start();
    bytes_ += *count;
    if (*count == 0 || (length_ >= 0 && bytes_ == static_cast<std::uint64_t>(length_))) {
      tell_end();
      events_.body_over();
    }
    co_return *count;
  }
  Task<void> close() override {
    Task<void> closing = body_->close();
    co_await std::move(closing);
    if (over_) co_return;
    tell_end();
    events_.body_over();
  }
  TaskRunner* runner() const noexcept override { return body_->runner(); }
  Headers trailers() const override { return body_->trailers(); }

 private:
  void start() noexcept {
    if (!std::exchange(started_, true)) events_.response_body_start();
  }
  void tell_end() noexcept {
    over_ = true;
    start();
    events_.response_body_end(bytes_);
  }

  const CallHandle call_;  // owns events_
  ListenedCall& events_;
  std::unique_ptr<BodySource> body_;
  const std::int64_t length_;
  std::uint64_t bytes_ = 0;
  bool started_ = false;
  bool over_ = false;
};

OKHTTP_DECL std::unique_ptr<BodySource> ListenedCall::watch_body(std::unique_ptr<BodySource> body, std::int64_t length) {
  has_body_ = true;
  ++open_bodies_;
  return std::make_unique<ListenedBody>(call_.handle(), *this, std::move(body), length);
}

OKHTTP_DECL void attach_listener(CallState& call) {
  std::shared_ptr<EventListener> listener = (*call.config->event_listener_factory)(Call(call.handle()));
  if (listener == nullptr) return;
  call.events = std::make_unique<ListenedCall>(call, std::move(listener));
  call.limits.observer = call.events.get();
}
#endif

/// Tells two listeners of everything.
class TwoListeners final : public EventListener {
 public:
  TwoListeners(std::shared_ptr<EventListener> first, std::shared_ptr<EventListener> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void call_start(const Call& call) override { tell(&EventListener::call_start, call); }
  void dispatcher_queue_start(const Call& call, const Dispatcher& dispatcher) override {
    tell(&EventListener::dispatcher_queue_start, call, dispatcher);
  }
  void dispatcher_queue_end(const Call& call, const Dispatcher& dispatcher) override {
    tell(&EventListener::dispatcher_queue_end, call, dispatcher);
  }
  void call_end(const Call& call) override { tell(&EventListener::call_end, call); }
  void call_failed(const Call& call, const Error& error) override { tell(&EventListener::call_failed, call, error); }
  void canceled(const Call& call) override { tell(&EventListener::canceled, call); }
  void proxy_select_start(const Call& call, const HttpUrl& url) override {
    tell(&EventListener::proxy_select_start, call, url);
  }
  void proxy_select_end(const Call& call, const HttpUrl& url, std::span<const Proxy> proxies) override {
    tell(&EventListener::proxy_select_end, call, url, proxies);
  }
  void dns_start(const Call& call, std::string_view host) override { tell(&EventListener::dns_start, call, host); }
  void dns_end(const Call& call, std::string_view host, std::span<const IpAddress> addresses) override {
    tell(&EventListener::dns_end, call, host, addresses);
  }
  void connect_start(const Call& call, const Route& route) override { tell(&EventListener::connect_start, call, route); }
  void secure_connect_start(const Call& call) override { tell(&EventListener::secure_connect_start, call); }
  void secure_connect_end(const Call& call, const Handshake* handshake) override {
    tell(&EventListener::secure_connect_end, call, handshake);
  }
  void connect_end(const Call& call, const Route& route, std::optional<Protocol> protocol) override {
    tell(&EventListener::connect_end, call, route, protocol);
  }
  void connect_failed(const Call& call, const Route& route, std::optional<Protocol> protocol, const Error& error) override {
    tell(&EventListener::connect_failed, call, route, protocol, error);
  }
  void connection_acquired(const Call& call, const Connection& connection) override {
    tell(&EventListener::connection_acquired, call, connection);
  }
  void connection_released(const Call& call, const Connection& connection) override {
    tell(&EventListener::connection_released, call, connection);
  }
  void request_headers_start(const Call& call) override { tell(&EventListener::request_headers_start, call); }
  void request_headers_end(const Call& call, const Request& request) override {
    tell(&EventListener::request_headers_end, call, request);
  }
  void request_body_start(const Call& call) override { tell(&EventListener::request_body_start, call); }
  void request_body_end(const Call& call, std::uint64_t bytes) override {
    tell(&EventListener::request_body_end, call, bytes);
  }
  void request_failed(const Call& call, const Error& error) override {
    tell(&EventListener::request_failed, call, error);
  }
  void response_headers_start(const Call& call) override { tell(&EventListener::response_headers_start, call); }
  void response_headers_end(const Call& call, const Response& response) override {
    tell(&EventListener::response_headers_end, call, response);
  }
  void response_body_start(const Call& call) override { tell(&EventListener::response_body_start, call); }
  void response_body_end(const Call& call, std::uint64_t bytes) override {
    tell(&EventListener::response_body_end, call, bytes);
  }
  void response_failed(const Call& call, const Error& error) override {
    tell(&EventListener::response_failed, call, error);
  }
  void satisfaction_failure(const Call& call, const Response& response) override {
    tell(&EventListener::satisfaction_failure, call, response);
  }
  void cache_hit(const Call& call, const Response& response) override {
    tell(&EventListener::cache_hit, call, response);
  }
  void cache_miss(const Call& call) override { tell(&EventListener::cache_miss, call); }
  void cache_conditional_hit(const Call& call, const Response& cached) override {
    tell(&EventListener::cache_conditional_hit, call, cached);
  }
  void retry_decision(const Call& call, const Error& error, bool retry) override {
    tell(&EventListener::retry_decision, call, error, retry);
  }
  void follow_up_decision(const Call& call, const Response& response, const Request* next) override {
    tell(&EventListener::follow_up_decision, call, response, next);
  }

 private:
  template <class... Parameters, class... Arguments>
  void tell(void (EventListener::*event)(Parameters...), const Arguments&... arguments) {
    (first_.get()->*event)(arguments...);
    (second_.get()->*event)(arguments...);
  }
  const std::shared_ptr<EventListener> first_;
  const std::shared_ptr<EventListener> second_;
};

}  // namespace detail

OKHTTP_DECL std::shared_ptr<EventListener> EventListener::plus(std::shared_ptr<EventListener> first,
                                                               std::shared_ptr<EventListener> second) {
  if (first == nullptr) return second;
  if (second == nullptr) return first;
  return std::make_shared<detail::TwoListeners>(std::move(first), std::move(second));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_EVENT_LISTENER_IPP
