// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_BODY_WRITER_HPP
#define OKHTTP_TESTING_MOCK_BODY_WRITER_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/config.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/mock_server_context.hpp>
#include <okhttp/testing/mock_socket.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#if OKHTTP_THREADS && OKHTTP_SOCKETS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Sends the body of one answer as its plan says: from memory or a reader, in chunks, throttled,
/// and with the effect when half of it is out. `head` goes out with the first bytes of the body.
class MockBodyWriter {
 public:
  /// All three must outlive the writer.
  MockBodyWriter(MockServerContext& server, MockSocket& socket, const MockPlan& plan) noexcept
      : server_(server),
        socket_(socket),
        plan_(plan),
        effect_pending_(plan.on_response_body.index() != 0),
        period_left_(plan.throttle_bytes) {}

  /// The head of a response whose body is not sent.
  Task<MockAfter> send_head_only(std::string head);
  /// The bytes of the body as they are.
  Task<MockAfter> send_plain(std::string head);
  /// Chunks and trailers.
  Task<MockAfter> send_chunked(std::string head);

 private:
  Task<MockAfter> send_part(ConstBytes head, ConstBytes bytes);
  Task<ConstBytes> next_payload(std::uint64_t offset);

  MockServerContext& server_;
  MockSocket& socket_;
  const MockPlan& plan_;
  std::uint64_t sent_ = 0;  // bytes of the body, framing included
  std::uint64_t half_ = 0;  // when the effect is due
  bool effect_pending_;
  std::uint64_t period_left_;       // what may be sent before the next pause
  std::vector<std::byte> payload_;  // what a reader gave last
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_THREADS && OKHTTP_SOCKETS

#include <okhttp/testing/mock_body_writer.ipp>

#endif  // OKHTTP_TESTING_MOCK_BODY_WRITER_HPP
