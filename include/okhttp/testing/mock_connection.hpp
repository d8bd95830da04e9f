// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_CONNECTION_HPP
#define OKHTTP_TESTING_MOCK_CONNECTION_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/config.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/mock_script.hpp>
#include <okhttp/testing/mock_server_context.hpp>
#include <okhttp/testing/mock_socket.hpp>
#include <okhttp/testing/recorded_request.hpp>
#include <okhttp/transport/tcp.hpp>
#include <okhttp/transport/tls_context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// One connection of a mock server, from the accepted socket to its end.
///
/// An exchange: first bytes, [reserve an answer], head, body, record it, [choose an answer],
/// interim responses, head, body; then the next exchange, or the end. Effects come in between.
/// Everything runs on the loop's thread but handlers and body readers.
class MockConnection {
 public:
  MockConnection(MockServerContext& server, std::unique_ptr<TcpStream> stream, std::size_t index);
  MockConnection(const MockConnection&) = delete;
  MockConnection& operator=(const MockConnection&) = delete;
  ~MockConnection() { server_.open.fetch_sub(1, std::memory_order_relaxed); }

#if OKHTTP_TLS
  /// Before serve().
  void use_tls(TlsServerContext context) { tls_ = std::move(context); }
#endif
  /// Serves until the connection ends. Failures are the connection's end, nobody else's business.
  Task<void> serve();

 private:
  /// How reading a body ended.
  enum class BodyEnd : unsigned char { complete, limit, failed, effect };
  struct Exchange;

  Task<MockAfter> serve_exchange();
  Task<MockAfter> receive_request(Exchange& exchange);
  Task<MockAfter> answer_request(Exchange& exchange);
  Task<bool> read_head(Exchange& exchange);
  Task<BodyEnd> read_body(Exchange& exchange, std::uint64_t limit);
  void keep_payload(Exchange& exchange, std::size_t count);
  Task<MockAfter> refuse(Exchange& exchange);
  Task<void> choose_answer(Exchange& exchange);
  Task<void> wait_for_answer(Exchange& exchange);
  Task<MockAfter> respond(Exchange& exchange);
  std::string response_head(Exchange& exchange);

  void record(Exchange& exchange);
  void record_failure(Exchange& exchange, Error failure);

  MockServerContext& server_;
  MockSocket socket_;
  std::size_t index_;
  std::size_t exchange_index_ = 0;
#if OKHTTP_TLS
  std::optional<TlsServerContext> tls_;
#endif
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS

#include <okhttp/testing/mock_connection.ipp>

#endif  // OKHTTP_TESTING_MOCK_CONNECTION_HPP
