// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_STREAM_IPP
#define OKHTTP_TRANSPORT_STREAM_IPP

#include <okhttp/transport/stream.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Task<IoResult> read_when_ready(Stream& stream, std::span<std::byte> into, Deadline deadline) {
  for (;;) {
    const Interest ready = co_await stream.wait(Interest::read, deadline);
    if (!any(ready)) co_return IoResult(IoStatus::timed_out);
    // A spurious ready (a TLS session ticket) goes back to waiting for the same deadline.
    IoResult result = stream.try_read(into);
    if (!result.would_block()) co_return result;
  }
}

OKHTTP_DECL Task<IoResult> write_all(Stream& stream, std::span<ConstBytes> pieces, Runtime& runtime,
                                     Clock::duration timeout, Deadline limit) {
  std::size_t total = 0;
  Deadline deadline = earlier(Deadline::after(runtime.now(), timeout), limit);
  for (;;) {
    IoResult result = stream.try_write(pieces);
    if (result.status() == IoStatus::failed || result.status() == IoStatus::end) co_return result;
    if (result.ok()) {
      total += result.bytes();
      pieces = detail::advance_pieces(pieces, result.bytes());
      if (pieces.empty() && !stream.write_pending()) co_return IoResult::moved(total);
      deadline = earlier(Deadline::after(runtime.now(), timeout), limit);
      if (!pieces.empty()) continue;
    }
    const Interest ready = co_await stream.wait(Interest::write, deadline);
    if (!any(ready)) co_return IoResult(IoStatus::timed_out);
  }
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_STREAM_IPP
