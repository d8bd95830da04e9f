// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_CONNECTION_IPP
#define OKHTTP_TESTING_MOCK_CONNECTION_IPP

#include <okhttp/testing/mock_connection.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/testing/mock_body_writer.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS

#include <algorithm>
#include <span>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Chunk sizes recorded of one request: 8 MiB of them.
inline constexpr std::size_t mock_max_chunk_sizes = std::size_t{1} << 20;

struct MockConnection::Exchange {
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { give_back(); }

  /// A request that came to nothing leaves its answer to the next one.
  void give_back() {
    if (lender == nullptr) return;
    std::exchange(lender, nullptr)->give_back(std::move(*answer));
    answer.reset();
  }

  std::shared_ptr<RecordedData> data = std::make_shared<RecordedData>();
  std::optional<MockResponse> answer;
  // The queue that `answer` came from before the request was read; null once it is used up.
  MockScript* lender = nullptr;
  // What is known of the answer while the request is being read; without effects if nothing is.
  const MockPlan* plan = nullptr;
  std::optional<MockResponse> peeked;
  bool reads_rest = false;  // `data` is not complete when the answer is chosen

  http1::BodyDecoder body;
  std::uint64_t body_length = 0;  // 0: none, or not known
  std::uint64_t chunk_left = 0;
  bool is_chunked = false;
  bool has_body = false;
  bool body_effect_done = false;
  bool expects_continue = false;
  bool keep_alive = true;
  bool is_head = false;
};

/// One call of a handler; shared with the helper thread, which may outlive the connection.
struct MockHandled {
  RecordedRequest request;
  std::optional<MockResponse> response;
};

OKHTTP_DECL MockConnection::MockConnection(MockServerContext& server,
                                           std::unique_ptr<TcpStream> stream,
                                           std::size_t index)
    : server_(server), socket_(server, std::move(stream)), index_(index) {
  server_.open.fetch_add(1, std::memory_order_relaxed);
}

OKHTTP_DECL Task<void> MockConnection::serve() {
#if OKHTTP_TLS
  if (tls_) {
    if (server_.script.take_handshake_failure()) {
      co_await socket_.receive();
      co_return;
    }
    co_await socket_.start_tls(*tls_);
  }
#endif
  for (;; ++exchange_index_) {
    const MockAfter after = co_await serve_exchange();
    if (after == MockAfter::go_on) continue;
    if (after == MockAfter::linger) co_await socket_.linger();
    co_return;
  }
}

OKHTTP_DECL void MockConnection::record(Exchange& exchange) {
  server_.script.record(RecordedRequest(exchange.data));
}

OKHTTP_DECL void MockConnection::record_failure(Exchange& exchange, Error failure) {
  exchange.data->failure = std::move(failure);
  record(exchange);
}

OKHTTP_DECL Task<MockAfter> MockConnection::serve_exchange() {
  if (socket_.unread().empty()) {
    const IoStatus status = co_await socket_.receive();
    if (status != IoStatus::ok) co_return MockAfter::close;
  }
  Exchange exchange;
  exchange.data->connection_index = index_;
  exchange.data->exchange_index = exchange_index_;
  exchange.data->handshake = socket_.handshake();
  exchange.data->server_port = server_.port;

  exchange.plan = &server_.nothing_known;
  exchange.answer = server_.script.reserve();
  if (exchange.answer) {
    exchange.lender = &server_.script;
    exchange.plan = &exchange.answer->plan();
  } else if (const std::shared_ptr<const MockScript::Peek> peek = server_.script.peek()) {
    auto peeked = std::make_shared<std::optional<MockResponse>>();
    Task<void> run = server_.run_on_helper([peek, peeked] { peeked->emplace((*peek)()); });
    co_await std::move(run);
    exchange.peeked = std::move(*peeked);
    exchange.plan = &exchange.peeked->plan();
  }

  MockAfter after = co_await receive_request(exchange);
  if (after == MockAfter::go_on) after = co_await answer_request(exchange);
  co_return after;
}

/// Reads the request as the plan says.
OKHTTP_DECL Task<MockAfter> MockConnection::receive_request(Exchange& exchange) {
  if (ends_exchange(exchange.plan->on_request_start)) {
    exchange.lender = nullptr;
    record_failure(exchange, Error(Errc::io, "ended by on_request_start"));
  }
  MockAfter after = co_await socket_.apply(exchange.plan->on_request_start);
  if (after != MockAfter::go_on) co_return after;

  const bool has_head = co_await read_head(exchange);
  if (!has_head) {
    if (!exchange.data->failure) co_return MockAfter::close;
    after = co_await refuse(exchange);
    co_return after;
  }
  if (exchange.expects_continue && exchange.has_body && exchange.plan->sends_continue)
    co_await socket_.send_text("HTTP/1.1 100 Continue\r\n\r\n");

  const BodyEnd end = co_await read_body(exchange, exchange.plan->read_limit);
  if (end == BodyEnd::failed) {
    after = co_await refuse(exchange);
    co_return after;
  }
  if (end == BodyEnd::effect) {
    exchange.lender = nullptr;
    record_failure(exchange, Error(Errc::io, "ended by on_request_body"));
    after = co_await socket_.apply(exchange.plan->on_request_body);
    co_return after;
  }
  exchange.reads_rest = end == BodyEnd::limit && exchange.plan->reads_rest;
  if (!exchange.reads_rest) record(exchange);
  co_return MockAfter::go_on;
}

/// Chooses the answer, if that was not done before, and sends it.
OKHTTP_DECL Task<MockAfter> MockConnection::answer_request(Exchange& exchange) {
  const bool chosen_late = !exchange.answer;
  co_await choose_answer(exchange);
  if (!exchange.answer) co_return MockAfter::close;  // the client has gone
  exchange.lender = nullptr;
  const MockPlan& plan = exchange.answer->plan();
  MockAfter after = MockAfter::go_on;
  if (chosen_late) {
    after = co_await socket_.apply(plan.on_request_start);
    if (after == MockAfter::go_on) after = co_await socket_.apply(plan.on_request_body);
  }
  if (after == MockAfter::go_on) after = co_await respond(exchange);
  if (exchange.reads_rest) {
    BodyEnd rest = BodyEnd::complete;
    if (after == MockAfter::go_on) rest = co_await read_body(exchange, UINT64_MAX);
    record(exchange);
    if (rest != BodyEnd::complete) co_return MockAfter::linger;
  }
  if (after == MockAfter::go_on) after = co_await socket_.apply(plan.on_response_end);
  if (after != MockAfter::go_on) co_return after;
  if (!exchange.body.done()) co_return MockAfter::linger;
  if (exchange.keep_alive) co_return MockAfter::go_on;
  co_return socket_.unread().empty() ? MockAfter::close : MockAfter::linger;
}

/// Ends a connection whose request could not be read, and says so when the client broke the rules.
OKHTTP_DECL Task<MockAfter> MockConnection::refuse(Exchange& exchange) {
  exchange.give_back();
  record(exchange);
  if (exchange.data->failure->code() != Errc::protocol_error) co_return MockAfter::close;
  co_await socket_.send_text(
      "HTTP/1.1 400 Client Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  co_return MockAfter::linger;
}

/// False when there is no request: the failure is in the data, unless the connection ended between
/// two requests.
OKHTTP_DECL Task<bool> MockConnection::read_head(Exchange& exchange) {
  RecordedData& data = *exchange.data;
  http1::RequestHeadReader reader;
  for (;;) {
    const Result<std::size_t> fed = reader.feed(socket_.unread());
    if (!fed) {
      data.failure = fed.error();
      co_return false;
    }
    socket_.consume(*fed);
    if (reader.done()) break;
    const IoStatus status = co_await socket_.receive();
    if (status == IoStatus::ok) continue;
    if (reader.started())
      data.failure = Error(Errc::unexpected_end, "the connection ended in the head of the request");
    co_return false;
  }
  http1::RequestHead head = reader.take();
  const Result<void> host = http1::check_host(head);
  const Result<http1::BodyFraming> framing = http1::request_framing(head);
  if (!host)
    data.failure = host.error();
  else if (!framing)
    data.failure = framing.error();
  if (framing) {
    exchange.body = http1::BodyDecoder(*framing);
    exchange.body_length = framing->length;
    exchange.is_chunked = framing->kind == http1::BodyFraming::Kind::chunked;
    exchange.has_body = framing->kind != http1::BodyFraming::Kind::none;
    exchange.keep_alive = !framing->close_after && http1::keep_alive(head.protocol, head.headers);
  }
  exchange.is_head = head.method == "HEAD";
  const std::optional<std::string_view> expect = head.headers.get("Expect");
  exchange.expects_continue = expect && head.protocol != Protocol::http_1_0 &&
                              ascii::list_contains(*expect, "100-continue");
  data.method = std::move(head.method);
  data.target = std::move(head.target);
  data.protocol = head.protocol;
  data.headers = std::move(head.headers);
  co_return !data.failure;
}

OKHTTP_DECL void MockConnection::keep_payload(Exchange& exchange, std::size_t count) {
  RecordedData& data = *exchange.data;
  data.body_size += count;
  const std::size_t limit = server_.body_limit.load(std::memory_order_relaxed);
  const std::size_t room = limit > data.body.size() ? limit - data.body.size() : 0;
  data.body.append(reinterpret_cast<const char*>(server_.decoded.data()), std::min(count, room));
  if (!exchange.is_chunked) return;
  exchange.chunk_left -= count;
  if (exchange.chunk_left > 0 || exchange.body.direct_bytes() == 0) return;
  exchange.chunk_left = exchange.body.direct_bytes();  // a chunk begins
  if (data.chunk_sizes.size() < mock_max_chunk_sizes)
    data.chunk_sizes.push_back(exchange.chunk_left);
}

/// Reads until `limit` bytes of the body have arrived.
OKHTTP_DECL Task<MockConnection::BodyEnd> MockConnection::read_body(Exchange& exchange,
                                                                    std::uint64_t limit) {
  RecordedData& data = *exchange.data;
  // Half of one byte is the byte.
  const std::uint64_t half =
      exchange.has_body ? std::max<std::uint64_t>(1, exchange.body_length / 2) : 0;
  for (;;) {
    if (!exchange.body_effect_done && data.body_size >= half) {
      exchange.body_effect_done = true;
      if (ends_exchange(exchange.plan->on_request_body)) co_return BodyEnd::effect;
      co_await socket_.apply(exchange.plan->on_request_body);
    }
    if (exchange.body.done()) co_return BodyEnd::complete;
    if (data.body_size >= limit) co_return BodyEnd::limit;
    if (socket_.unread().empty()) {
      const IoStatus status = co_await socket_.receive();
      if (status != IoStatus::ok) {
        data.failure =
            Error(Errc::unexpected_end, "the connection ended in the body of the request");
        co_return BodyEnd::failed;
      }
    }
    std::uint64_t room = std::min<std::uint64_t>(server_.decoded.size(), limit - data.body_size);
    if (!exchange.body_effect_done) room = std::min(room, half - data.body_size);
    // Chunk by chunk, so that their sizes are seen.
    if (exchange.is_chunked) room = std::min(room, exchange.chunk_left);
    const Result<http1::Progress> progress =
        exchange.body.decode(mock_bytes(socket_.unread()),
                             std::span(server_.decoded).first(static_cast<std::size_t>(room)));
    if (!progress) {
      data.failure = progress.error();
      co_return BodyEnd::failed;
    }
    socket_.consume(progress->consumed);
    keep_payload(exchange, progress->produced);
    if (exchange.body.done()) data.trailers = exchange.body.take_trailers();
  }
}

OKHTTP_DECL Task<void> MockConnection::wait_for_answer(Exchange& exchange) {
  constexpr std::size_t max_read_ahead = 2 * MockServerContext::block_size;
  const std::shared_ptr<MockScript::Waiter> waiter = server_.script.choose();
  while (!waiter->ready.is_set()) {
    // A client that goes meanwhile must not get the answer that the next one waits for. So what it
    // sends is read ahead, within limits.
    const bool watches = !socket_.input_closed() && socket_.unread().size() < max_read_ahead;
    if (watches) {
      const IoStatus status = socket_.receive_now();
      if (status == IoStatus::ok) continue;
      if (status != IoStatus::would_block) {
        server_.script.withdraw(waiter);
        co_return;
      }
    }
    SignalOrInput items(waiter->ready, socket_.io());
    const std::span<WaitItem> watched = watches ? items.both() : items.signal_only();
    co_await server_.loop.wait_any(watched, Deadline::never());
  }
  exchange.answer = server_.script.answer_of(*waiter);
}

/// Gives the exchange its answer, if it has none yet. Leaves none when the client has gone.
OKHTTP_DECL Task<void> MockConnection::choose_answer(Exchange& exchange) {
  const std::shared_ptr<const MockScript::Handler> handler =
      exchange.answer ? nullptr : server_.script.handler();
  if (handler != nullptr) {
    // A handler may keep what it sees, so it must not change any more.
    const std::shared_ptr<const RecordedData> seen =
        exchange.reads_rest ? std::make_shared<const RecordedData>(*exchange.data) : exchange.data;
    auto handled = std::make_shared<MockHandled>(MockHandled{RecordedRequest(seen), {}});
    Task<void> run = server_.run_on_helper(
        [handler, handled] { handled->response.emplace((*handler)(handled->request)); });
    Result<void> ran = co_await std::move(run).outcome();
    if (!ran) {
      exchange.answer.emplace();
      exchange.answer->code(500).header("Connection", "close").body(ran.error().message());
    } else {
      exchange.answer = std::move(handled->response);
    }
  } else if (exchange.data->method == "GET" && exchange.data->target == "/favicon.ico") {
    // Browsers ask for it on their own; it must not use up what a test has enqueued.
    exchange.give_back();
    exchange.answer.emplace();
    exchange.answer->code(404);
  } else if (!exchange.answer) {
    co_await wait_for_answer(exchange);
  }
  if (exchange.answer && exchange.answer->fault() != nullptr) {
    const std::string text = exchange.answer->fault()->message();
    exchange.answer.emplace();
    exchange.answer->code(500).header("Connection", "close").body(text);
  }
}

/// Status line and headers, with the framing that the plan leaves to us; decides about keep-alive.
OKHTTP_DECL std::string MockConnection::response_head(Exchange& exchange) {
  const MockPlan& plan = exchange.answer->plan();
  const bool to_1_0 = exchange.data->protocol == Protocol::http_1_0;
  const bool bodiless_code = plan.code < 200 || plan.code == 204 || plan.code == 304;
  const bool has_length = plan.headers.contains("Content-Length");
  const bool has_coding = plan.headers.contains("Transfer-Encoding");

  std::string head = exchange.answer->status();
  const Protocol protocol = head.starts_with("HTTP/1.0") ? Protocol::http_1_0 : Protocol::http_1_1;
  head += "\r\n";
  plan.headers.append_lines_to(head);
  bool framed = has_length || has_coding || exchange.is_head || bodiless_code;
  if (plan.is_chunked() && !to_1_0) {
    framed = true;
    if (!has_coding) head += "Transfer-Encoding: chunked\r\n";
  } else if (!has_length && !has_coding && plan.adds_content_length && plan.size_known &&
             !plan.is_chunked() && (plan.has_body() || !bodiless_code)) {
    framed = true;
    head.append("Content-Length: ").append(std::to_string(plan.size)).append("\r\n");
  }
  exchange.keep_alive = exchange.keep_alive && framed && http1::keep_alive(protocol, plan.headers);
  if (to_1_0 && exchange.keep_alive && !plan.headers.contains("Connection"))
    head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

OKHTTP_DECL Task<MockAfter> MockConnection::respond(Exchange& exchange) {
  const MockPlan& plan = exchange.answer->plan();
  MockAfter after = co_await socket_.apply(plan.on_response_start);
  if (after != MockAfter::go_on) co_return after;

  const bool to_1_0 = exchange.data->protocol == Protocol::http_1_0;
  std::string head;
  if (!to_1_0)
    for (const MockPlan::Interim& interim : plan.interim) {
      head.append("HTTP/1.1 ").append(std::to_string(interim.code));
      head += interim.code == 100   ? " Continue\r\n"
              : interim.code == 103 ? " Early Hints\r\n"
                                    : " Informational\r\n";
      interim.headers.append_lines_to(head);
      head += "\r\n";
    }
  if (!head.empty() && (plan.headers_delay > Clock::duration::zero() || plan.is_raw)) {
    co_await socket_.send(mock_bytes(head));
    head.clear();
  }
  if (plan.headers_delay > Clock::duration::zero()) co_await socket_.pause(plan.headers_delay);
  if (!plan.is_raw) head += response_head(exchange);

  const bool sends_body = plan.is_raw || !exchange.is_head;
  const bool is_chunked = sends_body && plan.is_chunked() && !to_1_0;
  if (plan.body_delay > Clock::duration::zero() && sends_body) {
    co_await socket_.send(mock_bytes(head));
    head.clear();
    co_await socket_.pause(plan.body_delay);
  }
  MockBodyWriter body(server_, socket_, plan);
  if (!sends_body)
    after = co_await body.send_head_only(std::move(head));
  else if (is_chunked)
    after = co_await body.send_chunked(std::move(head));
  else
    after = co_await body.send_plain(std::move(head));
  co_return after;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS
#endif  // OKHTTP_TESTING_MOCK_CONNECTION_IPP
