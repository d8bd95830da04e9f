// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_MOCK_BODY_WRITER_IPP
#define OKHTTP_TESTING_MOCK_BODY_WRITER_IPP

#include <okhttp/testing/mock_body_writer.hpp>
#include <okhttp/codec/http1/chunk_encoder.hpp>

#if OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// One call of a reader; shared with the helper thread, which may outlive the connection.
struct MockRead {
  std::shared_ptr<MockPlan::Reader> reader;
  std::vector<std::byte> bytes;
  std::size_t count = 0;
};

/// The next bytes of a body; none at its end. They stay valid until the next call.
OKHTTP_DECL Task<ConstBytes> MockBodyWriter::next_payload(std::uint64_t offset) {
  if (plan_.size_known && offset >= plan_.size) co_return ConstBytes();
  const std::uint64_t left = plan_.size_known ? plan_.size - offset : UINT64_MAX;
  if (plan_.reader == nullptr) {
    const ConstBytes text = mock_bytes(*plan_.text);
    const ConstBytes rest = text.subspan(static_cast<std::size_t>(offset % text.size()));
    co_return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), left)));
  }
  auto read = std::make_shared<MockRead>();
  read->reader = plan_.reader;
  read->bytes.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(left, MockServerContext::block_size)));
  Task<void> run = server_.run_on_helper([read] { read->count = (*read->reader)(read->bytes); });
  co_await std::move(run);
  if (plan_.size_known && read->count == 0)
    co_await fail(Errc::body_length, "the reader of the body ended early");
  const std::size_t count = std::min(read->count, read->bytes.size());
  payload_.assign(read->bytes.begin(), read->bytes.begin() + static_cast<std::ptrdiff_t>(count));
  co_return ConstBytes(payload_);
}

/// Sends `head`, which does not count, and a part of the body: in portions if it is throttled, and
/// with the effect when half of it is out.
OKHTTP_DECL Task<MockAfter> MockBodyWriter::send_part(ConstBytes head, ConstBytes bytes) {
  for (;;) {
    std::uint64_t portion = bytes.size();
    if (plan_.throttle_bytes > 0 && portion > 0) {
      if (period_left_ == 0) {
        co_await socket_.pause(plan_.throttle_period);
        period_left_ = plan_.throttle_bytes;
      }
      portion = std::min(portion, period_left_);
    }
    if (effect_pending_) portion = std::min(portion, half_ - sent_);
    const auto size = static_cast<std::size_t>(portion);
    co_await socket_.send(head, bytes.first(size));
    head = {};
    bytes = bytes.subspan(size);
    sent_ += portion;
    if (plan_.throttle_bytes > 0) period_left_ -= portion;
    if (effect_pending_ && sent_ >= half_) {
      effect_pending_ = false;
      const MockAfter after = co_await socket_.apply(plan_.on_response_body);
      if (after != MockAfter::go_on) co_return after;
    }
    if (bytes.empty()) co_return MockAfter::go_on;
  }
}

OKHTTP_DECL Task<MockAfter> MockBodyWriter::send_head_only(std::string head) {
  co_return co_await send_part(mock_bytes(head), {});
}

OKHTTP_DECL Task<MockAfter> MockBodyWriter::send_plain(std::string head) {
  // Half of one byte is the byte; of a length that is not known it is the first.
  if (plan_.has_body()) half_ = std::max<std::uint64_t>(1, plan_.size / 2);
  std::uint64_t offset = 0;
  for (;;) {
    const ConstBytes payload = co_await next_payload(offset);
    if (payload.empty() && head.empty()) co_return MockAfter::go_on;
    const MockAfter after = co_await send_part(mock_bytes(head), payload);
    if (after != MockAfter::go_on) co_return after;
    head.clear();
    offset += payload.size();
  }
}

/// How many bytes a chunked body takes.
inline std::uint64_t mock_chunked_size(std::uint64_t size, std::uint64_t max_chunk) {
  char header[http1::max_chunk_header];
  const std::uint64_t whole = size / max_chunk;
  const std::uint64_t rest = size % max_chunk;
  std::uint64_t total = size + 5;
  if (whole > 0) total += whole * (http1::chunk_header(header, max_chunk) + 2);
  if (rest > 0) total += http1::chunk_header(header, rest) + 2;
  return total;
}

OKHTTP_DECL Task<MockAfter> MockBodyWriter::send_chunked(std::string head) {
  const std::uint64_t max_chunk = plan_.max_chunk > 0 ? plan_.max_chunk : UINT64_MAX;
  half_ = plan_.size_known ? mock_chunked_size(plan_.size, max_chunk) / 2 : 1;
  std::string wire;
  std::uint64_t offset = 0;
  std::uint64_t chunk_left = 0;
  MockAfter after = MockAfter::go_on;
  for (;;) {
    ConstBytes payload = co_await next_payload(offset);
    if (payload.empty()) break;
    while (!payload.empty()) {
      if (chunk_left == 0) {
        chunk_left = std::min<std::uint64_t>(
            max_chunk, plan_.size_known ? plan_.size - offset : payload.size());
        char header[http1::max_chunk_header];
        wire.append(header, http1::chunk_header(header, chunk_left));
      }
      const auto count = static_cast<std::size_t>(
          std::min<std::uint64_t>({chunk_left, payload.size(), MockServerContext::block_size}));
      wire.append(reinterpret_cast<const char*>(payload.data()), count);
      payload = payload.subspan(count);
      offset += count;
      chunk_left -= count;
      if (chunk_left == 0) wire += http1::chunk_end;
      if (wire.size() < MockServerContext::block_size) continue;
      after = co_await send_part(mock_bytes(head), mock_bytes(wire));
      if (after != MockAfter::go_on) co_return after;
      head.clear();
      wire.clear();
    }
    // What a reader gives is sent as it comes.
    if (plan_.reader != nullptr && !wire.empty()) {
      after = co_await send_part(mock_bytes(head), mock_bytes(wire));
      if (after != MockAfter::go_on) co_return after;
      head.clear();
      wire.clear();
    }
  }
  if (plan_.trailers_delay > Clock::duration::zero()) {
    after = co_await send_part(mock_bytes(head), mock_bytes(wire));
    if (after != MockAfter::go_on) co_return after;
    head.clear();
    wire.clear();
    co_await socket_.pause(plan_.trailers_delay);
  }
  http1::write_last_chunk(wire, plan_.trailers);
  after = co_await send_part(mock_bytes(head), mock_bytes(wire));
  co_return after;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_THREADS && OKHTTP_SOCKETS
#endif  // OKHTTP_TESTING_MOCK_BODY_WRITER_IPP
