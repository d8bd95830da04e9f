// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_IPP
#define OKHTTP_CONNECTION_CONNECTION_IPP

#include <okhttp/codec/http1/chunk_encoder.hpp>
#include <okhttp/codec/http1/head_writer.hpp>
#include <okhttp/connection/connection.hpp>

#if OKHTTP_BODIES

#include <array>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void Connection::begin(const detail::CallLimits& limits) {
  ++exchanges_;
  reader_.reset(limits.http1);
  head_.reset();
  head_error_.reset();
  send_error_ = Error();
  reusable_ = false;
  upload_stopped_ = false;
  continue_seen_ = false;
  sent_anything_ = false;
  response_started_ = false;
  stream_->mark_request();
  cancel_.emplace(limits.cancellation, *stream_);
}

OKHTTP_DECL bool Connection::end() {
  cancel_.reset();
  if (!reusable_ || !body_.done() || !input_.empty()) return false;
  input_.release();
  stream_->release_buffers();
  if (output_.capacity() > 4096) output_ = std::string();
  return true;
}

OKHTTP_DECL Error Connection::timeout(const detail::CallLimits& limits, const char* step, bool writing) const {
  const Timeouts& timeouts = limits.timeouts;
  if (limits.canceled()) return Error(Errc::canceled, "canceled while ", peer_, " was ", step);
  if (limits.call_over())
    return Error(Errc::call_timeout, "the call to ", peer_, " timed out after ",
                 detail::duration_text(timeouts.call), " while ", step);
  return writing ? Error(Errc::write_timeout, peer_, " took no byte for ", detail::duration_text(timeouts.write),
                         " while ", step)
                 : Error(Errc::read_timeout, peer_, " sent no byte for ", detail::duration_text(timeouts.read),
                         " while ", step);
}

OKHTTP_DECL Error Connection::failure(const detail::CallLimits& limits, const char* step,
                                      const IoResult& result) const {
  if (limits.canceled()) {
    std::string_view what = step;
    what.remove_suffix(2);  // "it" is the peer
    return Error(Errc::canceled, "canceled while ", what, peer_);
  }
  if (result.status() == IoStatus::timed_out) return timeout(limits, step, false);
  if (result.status() == IoStatus::end)
    return Error(Errc::unexpected_end, "unexpected end of stream from ", peer_, " while ", step);
  const Error& cause = result.error();
  return Error(cause.code(), "the connection to ", peer_, " broke while ", step, ": ", cause.message())
      .with_cause(cause);
}

namespace detail {

/// What the headers of a request say about its body and its connection.
struct RequestSignals {
  /// Empty: the body is chunked.
  std::optional<std::uint64_t> length;
  bool expects_continue = false;
  bool closes = false;
};

/// Reads the headers, which an interceptor may have changed, and checks that they announce the body
/// that will be sent: a server that counts otherwise takes a part of it for the next request.
/// Errors: Errc::body_length.
OKHTTP_DECL Result<RequestSignals> request_signals(const Headers& headers, const RequestBody* body,
                                                   std::optional<ConstBytes> memory) {
  RequestSignals signals;
  if (body != nullptr && !memory && body->is_duplex())
    return {Errc::invalid_argument, "a duplex request body needs HTTP/2, and this connection has HTTP/1.1"};
  bool chunked = false;
  for (const auto& [name, value] : headers) {
    if (name.size() == 14 && ascii::iequals(name, "Content-Length")) {
      std::uint64_t length = 0;
      if (signals.length || !ascii::parse_decimal(value, length))
        return {Errc::body_length, "the request has no single decimal Content-Length"};
      signals.length = length;
    } else if (name.size() == 17 && ascii::iequals(name, "Transfer-Encoding")) {
      if (chunked || !ascii::iequals(value, "chunked"))
        return {Errc::body_length, "the request has a Transfer-Encoding other than chunked"};
      chunked = true;
    } else if (name.size() == 6 && ascii::iequals(name, "Expect")) {
      signals.expects_continue = ascii::iequals(value, "100-continue");
    } else if (name.size() == 10 && ascii::iequals(name, "Connection")) {
      signals.closes = signals.closes || ascii::list_contains(value, "close");
    }
  }
  if (chunked && signals.length)
    return {Errc::body_length, "the request has both Content-Length and Transfer-Encoding"};
  if (body == nullptr) {
    if (chunked || signals.length.value_or(0) > 0)
      return {Errc::body_length, "the request announces a body and has none"};
  } else if (!chunked) {
    if (!signals.length && !(memory && memory->empty()))
      return {Errc::body_length,
              "the request has a body, but neither Content-Length nor Transfer-Encoding"};
    if (memory && signals.length.value_or(0) != memory->size())
      return {Errc::body_length, "the request body has ", memory->size(), " bytes but declared ", *signals.length};
    if (!signals.length) signals.length = 0;
  }
  return signals;
}

}  // namespace detail

OKHTTP_DECL Task<void> Connection::exchange(const detail::CallLimits& limits, TimePoint now,
                                            std::string_view method, std::string_view target,
                                            const Headers& headers, const RequestBody* body) {
  std::optional<ConstBytes> memory;
  if (body != nullptr) memory = body->in_memory();
  const Result<detail::RequestSignals> signals = detail::request_signals(headers, body, memory);
  if (!signals) co_await fail(signals.error());
  output_.clear();
  http1::write_request_head(output_, method, target, headers);

  // Head and a small body leave in one system call, and under TLS in one record.
  constexpr std::size_t small_body = 64 * 1024;
  const bool with_head =
      memory && memory->size() <= small_body && signals->length && !signals->expects_continue;

  std::array<ConstBytes, 2> pieces{std::as_bytes(std::span<const char>(output_)),
                                   with_head ? *memory : ConstBytes()};
  const std::size_t wanted = pieces[0].size() + pieces[1].size();
  IoResult sent = head_sent_ ? IoResult::moved(wanted)
                             : stream_->try_write(std::span(pieces).first(with_head ? 2 : 1));
  head_sent_ = false;
  sent_anything_ = sent.ok() || stream_->write_pending();
  if ((sent.ok() && (sent.bytes() < wanted || stream_->write_pending())) || sent.would_block()) {
    const std::span<ConstBytes> rest =
        detail::advance_pieces(std::span(pieces).first(with_head ? 2 : 1), sent.bytes());
    sent = co_await write_all(*stream_, rest, *limits.runtime, limits.timeouts.write, limits.call_deadline);
    sent_anything_ = true;
    now = limits.runtime->now();
  }
  if (sent.status() == IoStatus::timed_out) co_await fail(timeout(limits, "being sent the request", true));
  const auto observer = limits.observer;
  if (observer != nullptr && sent.ok()) {
    observer->request_headers_end();
    if (with_head) {
      observer->request_body_start();
      observer->request_body_end(memory->size());
    }
  }
  if (!sent.ok()) {
    // The server may have said why before it closed.
    send_error_ = failure(limits, "sending the request to it", sent);
    if (observer != nullptr) observer->request_failed(send_error_);
    upload_stopped_ = true;
  } else if (body != nullptr && !with_head) {
    bool go_on = true;
    if (signals->expects_continue) go_on = co_await await_continue(limits);
    if (go_on)
      co_await send_body(limits, *body, signals->length);
    else
      upload_stopped_ = true;
    now = limits.runtime->now();
  }

  for (; !feed_head(limits); now = limits.runtime->now()) {
    const Deadline deadline = limits.until(limits.timeouts.read, now);
    const std::span<std::byte> space = input_.space();
    IoResult received = stream_->read_now(space, deadline, now);
    if (received.would_block()) received = co_await read_when_ready(*stream_, space, deadline);
    if (received.ok()) {
      input_.filled(received.bytes());
      continue;
    }
    if (send_error_.code() != Errc{}) co_await fail(std::move(send_error_));
    co_await fail(failure(limits, "reading the response head from it", received));
  }
  if (head_error_) co_await fail(*std::move(head_error_));

  Result<http1::BodyFraming> framing = http1::response_framing(method, *head_);
  if (!framing) co_await fail(framing.error().with_suffix(" (from ", peer_, ")"));
  body_ = http1::BodyDecoder(*framing, limits.http1);
  body_length_ = framing->kind == http1::BodyFraming::Kind::fixed ? static_cast<std::int64_t>(framing->length) : -1;
  reusable_ = !framing->close_after && !upload_stopped_ && !signals->closes && head_->code != 101 &&
              http1::keep_alive(head_->protocol, head_->headers);
  server_keep_alive = Clock::duration::zero();
  if (const std::optional<std::uint32_t> seconds = http1::keep_alive_timeout_seconds(head_->headers)) {
    // A second's margin for the way there; a server that means one second is not worth the race.
    if (*seconds <= 1)
      reusable_ = false;
    else
      server_keep_alive = std::chrono::seconds(*seconds - 1);
  }
}

OKHTTP_DECL bool Connection::feed_head(const detail::CallLimits& limits) {
  while (!input_.empty() && !head_ && !head_error_) {
    Result<std::size_t> consumed = reader_.feed(input_.text());
    if (!consumed) {
      head_error_ = consumed.error().with_suffix(" (from ", peer_, ")");
      break;
    }
    input_.consume(*consumed);
    response_started_ = true;
    if (!reader_.done()) continue;
    if (limits.observer != nullptr) limits.observer->response_headers_start();
    http1::ResponseHead head = reader_.take();
    if (head.code >= 200 || head.code == 101) {
      head_.emplace(std::move(head));
    } else if (head.code == 100) {
      continue_seen_ = true;
    }
  }
  return head_.has_value() || head_error_.has_value();
}

/// Takes what has arrived during an upload. Gives ok, would_block, or how the connection ended.
OKHTTP_DECL IoResult Connection::receive() {
  std::span<std::byte> space = input_.space();
  if (space.empty()) {
    if (!input_.grow()) return IoResult(IoStatus::would_block);
    space = input_.space();
  }
  IoResult received = stream_->try_read(space);
  if (received.ok()) input_.filled(received.bytes());
  return received;
}

OKHTTP_DECL Task<bool> Connection::await_continue(const detail::CallLimits& limits) {
  const Deadline deadline = limits.until(limits.timeouts.expect_continue);
  for (;;) {
    const Interest ready = co_await stream_->wait(Interest::read, deadline);
    if (limits.canceled()) co_await fail(Errc::canceled, "canceled while waiting for 100 Continue from ", peer_);
    if (!any(ready)) co_return true;  // silence: the body is sent all the same
    IoResult received = receive();
    if (received.would_block()) continue;  // a session ticket
    if (!received.ok()) co_await fail(failure(limits, "waiting for 100 Continue from it", received));
    if (feed_head(limits)) co_return false;
    if (continue_seen_) co_return true;
  }
}

/// Cuts a request body into what is written next. Shared with the helper thread that reads a file, so
/// that dropping the call meanwhile takes nothing away from it.
struct Connection::Upload {
  explicit Upload(RequestBody request_body) : body(std::move(request_body)), memory(body.in_memory()) {}
  static void read_more(Upload& upload) { upload.read = upload.reader->read(upload.buffer_span); }

  const RequestBody body;
  const std::optional<std::span<const std::byte>> memory;
  Result<std::size_t> read = std::size_t{0};
  std::unique_ptr<RequestBodyReader> reader;
  std::unique_ptr<std::byte[]> buffer;
  std::span<std::byte> buffer_span;
  char chunk_header[http1::max_chunk_header];
  std::array<ConstBytes, 3> pieces;
};

/// `declared` is the body's length as the head has announced it; without one it is sent in chunks.
OKHTTP_DECL Task<void> Connection::send_body(const detail::CallLimits& limits, const RequestBody& body,
                                             std::optional<std::uint64_t> declared) {
  // 64 to 256 KiB keep the kernel busy and stay in the cache.
  constexpr std::size_t buffer_size = 128 * 1024;
  if (limits.observer != nullptr) limits.observer->request_body_start();
  const auto shared = std::make_shared<Upload>(body);
  Upload& upload = *shared;
  if (!upload.memory) {
    Result<std::unique_ptr<RequestBodyReader>> opened = upload.body.open();
    if (!opened) co_await fail(std::move(opened).error());
    upload.reader = *std::move(opened);
    upload.buffer.reset(new std::byte[buffer_size]);
    upload.buffer_span = std::span(upload.buffer.get(), buffer_size);
  }
  const bool chunked = !declared;
  std::uint64_t total = 0;
  bool last = false;
  bool watching = true;
  std::string end_text;
  while (!last) {
    ConstBytes data;
    if (upload.memory) {
      data = *upload.memory;
      last = true;
    } else {
      if (upload.reader->may_block() && !limits.runtime->blocks()) {
        UniqueFunction<void()> job = [shared] { Upload::read_more(*shared); };
        Task<void> reading = limits.runtime->offload(std::move(job));
        co_await std::move(reading);
      } else {
        Upload::read_more(upload);
      }
      if (!upload.read) co_await fail(upload.read.error());
      const std::size_t size = *upload.read;
      if (size > buffer_size)
        co_await fail(Errc::body_length, "the body's reader reports more bytes than fit");
      data = upload.buffer_span.first(size);
      last = data.empty();
    }
    total += data.size();
    if (declared && (*declared < total || (last && total != *declared)))
      co_await fail(Errc::body_length, "the request body has ", total, " bytes ", (last ? "" : "or more "),
                    "but declared ", *declared);
    std::size_t count = 0;
    if (chunked) {
      if (!data.empty()) {
        const std::size_t size = http1::chunk_header(upload.chunk_header, data.size());
        upload.pieces[count++] = std::as_bytes(std::span(upload.chunk_header, size));
        upload.pieces[count++] = data;
      }
      end_text = data.empty() ? "" : std::string(http1::chunk_end);
      if (last) http1::write_last_chunk(end_text);
      upload.pieces[count++] = std::as_bytes(std::span<const char>(end_text));
    } else {
      upload.pieces[count++] = data;
    }

    std::span<ConstBytes> rest = std::span(upload.pieces).first(count);
    Deadline deadline = limits.until(limits.timeouts.write);
    while (!rest.empty() || stream_->write_pending()) {
      IoResult sent = stream_->try_write(rest);
      if (sent.status() == IoStatus::failed) {
        send_error_ = failure(limits, "sending the request body to it", sent);
        if (limits.observer != nullptr) limits.observer->request_failed(send_error_);
        upload_stopped_ = true;
        co_return;
      }
      bool look = false;
      if (sent.ok()) {
        sent_anything_ = true;
        rest = detail::advance_pieces(rest, sent.bytes());
        deadline = limits.until(limits.timeouts.write);
        // A server that takes everything at once never makes us wait for the deadline.
        if (limits.call_over()) co_await fail(timeout(limits, "being sent the request body", true));
        look = count_moved(sent.bytes());
        if (look) {
          co_await limits.runtime->next_turn();
          if (limits.canceled())
            co_await fail(Errc::canceled, "canceled while sending the request body to ", peer_);
        }
      }
      if (sent.would_block() || (rest.empty() && stream_->write_pending())) {
        const Interest ready =
            co_await stream_->wait(watching ? Interest::both : Interest::write, deadline);
        if (limits.canceled()) co_await fail(Errc::canceled, "canceled while sending the request body to ", peer_);
        if (!any(ready)) co_await fail(timeout(limits, "being sent the request body", true));
        look = any(ready & Interest::read);
      }
      if (look && watching) {
        const IoResult received = receive();
        if (received.would_block()) {
          watching = watching && input_.text().size() < detail::IoBuffer::max_capacity;
        } else if (!received.ok()) {
          // Whatever the server had to say is here; reading on tells. But a socket reports a reset once.
          if (received.status() == IoStatus::failed)
            send_error_ = failure(limits, "sending the request body to it", received);
          if (limits.observer != nullptr)
            limits.observer->request_failed(failure(limits, "sending the request body to it", received));
          upload_stopped_ = true;
          co_return;
        } else if (feed_head(limits) && (head_error_ || head_->code >= 400)) {
          upload_stopped_ = true;
          co_return;
        }
      }
    }
  }
  if (limits.observer != nullptr) limits.observer->request_body_end(total);
}

/// True once in a while: on an event loop, somebody who always finds the socket ready must let others
/// go on, and learns only so what has arrived from the other side.
OKHTTP_DECL bool Connection::count_moved(std::size_t bytes) noexcept {
  constexpr std::size_t turn_every = 1024 * 1024;
  moved_ += bytes;
  if (moved_ < turn_every) return false;
  moved_ = 0;
  return true;
}

OKHTTP_DECL Task<std::size_t> Connection::read_body(const detail::CallLimits& limits, std::span<std::byte> into) {
  while (!body_.done()) {
    if (!input_.empty()) {
      Result<http1::Progress> decoded = body_.decode(input_.bytes(), into);
      if (!decoded) co_await fail(decoded.error().with_suffix(" (from ", peer_, ")"));
      input_.consume(decoded->consumed);
      if (decoded->produced > 0) co_return decoded->produced;
      continue;
    }
    // A large read goes straight into the caller's memory, where payload is all that can come.
    const std::uint64_t direct = body_.direct_bytes();
    const bool straight = direct > 0 && (into.size() >= 4096 || into.size() >= direct);
    const std::span<std::byte> space =
        straight ? into.first(static_cast<std::size_t>(std::min<std::uint64_t>(direct, into.size())))
                 : input_.space();
    const TimePoint now = limits.runtime->now();
    const Deadline deadline = limits.until(limits.timeouts.read, now);
    // A server that always has more never makes us wait for the deadline.
    if (limits.call_over(now)) co_await fail(failure(limits, "reading the response body from it", IoStatus::timed_out));
    IoResult received = stream_->read_now(space, deadline, now);
    if (received.would_block()) received = co_await read_when_ready(*stream_, space, deadline);
    if (received.ok()) {
      if (straight)
        body_.consume_direct(received.bytes());
      else
        input_.filled(received.bytes());
      if (count_moved(received.bytes())) {
        co_await limits.runtime->next_turn();
        if (limits.canceled()) co_await fail(failure(limits, "reading the response body from it", IoStatus::end));
      }
      if (straight) co_return received.bytes();
      continue;
    }
    if (received.status() == IoStatus::end && !limits.canceled()) {
      Result<void> ended = body_.end_of_input();
      if (ended) continue;
      co_await fail(ended.error().with_suffix(" (from ", peer_, ")"));
    }
    co_await fail(failure(limits, "reading the response body from it", received));
  }
  co_return 0;
}

OKHTTP_DECL std::optional<std::string> Connection::take_buffered_body() {
  const std::uint64_t length = body_.direct_bytes();
  if (body_length_ < 0 || length == 0 || length > input_.text().size()) return std::nullopt;
  const auto size = static_cast<std::size_t>(length);
  std::optional<std::string> body(std::in_place, input_.text().substr(0, size));
  body_.consume_direct(size);
  input_.consume(size);
  return body;
}

OKHTTP_DECL bool Connection::discard_body(std::size_t budget) {
  std::byte dropped[4096];
  while (!body_.done() && reusable_) {
    if (input_.empty()) {
      const IoResult received = receive();
      if (!received.ok()) return false;
    }
    Result<http1::Progress> decoded = body_.decode(input_.bytes(), dropped);
    if (!decoded) return false;
    input_.consume(decoded->consumed);
    if (decoded->consumed > budget) return false;
    budget -= decoded->consumed;
  }
  return body_.done();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CONNECTION_IPP
