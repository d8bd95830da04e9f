// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_BODY_SOURCE_HPP
#define OKHTTP_MESSAGE_BODY_SOURCE_HPP

#include <okhttp/base/task.hpp>
#include <okhttp/message/headers.hpp>

#include <cstddef>
#include <span>

OKHTTP_NAMESPACE_BEGIN

class TaskRunner;

/// Where a response body comes from: a connection, a cache entry, a decoder over another source, or
/// memory. Owned by the ResponseBody; user code does not see it.
///
/// Lifetime: destroying a source that is not at its end gives up the rest (an HTTP/1 connection is
/// then closed unless the rest is already here) and never waits.
/// Thread safety: one reader at a time; the destructor may run on any thread.
class BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  /// Reads at least one byte into `into` (not empty); 0 only at the end of the body, and then again
  /// and again. A failure is final too: every later read fails alike. Dropping a read that waits
  /// loses no byte.
  virtual Task<std::size_t> read(std::span<std::byte> into) = 0;

  /// Gives up the rest of the body. Unlike the destructor it may take up to 100 ms to make the
  /// connection reusable. Reading afterwards is misuse.
  virtual Task<void> close() = 0;

  /// Where blocking reads run; null when reading never waits (memory).
  virtual TaskRunner* runner() const noexcept { return nullptr; }

  /// The trailers, complete once `read` has given 0.
  virtual Headers trailers() const { return Headers(); }
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_BODY_SOURCE_HPP
