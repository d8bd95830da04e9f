// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_PROGRESS_HPP
#define OKHTTP_MESSAGE_PROGRESS_HPP

#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/request_body.hpp>

#include <cstdint>

OKHTTP_NAMESPACE_BEGIN

/// How far a transfer has come.
struct Progress {
  /// Bytes so far.
  std::int64_t bytes = 0;
  /// Bytes in all, or -1 when that is not known before the end.
  std::int64_t total = -1;
  /// True for the last report of a transfer that has come to its end.
  bool is_complete = false;
};

/// A body that reports how much of it has been sent: `void callback(Progress)`.
///
/// Each pass over the body begins with a report of 0 bytes, so a call that is sent again after a failure
/// starts anew. A report follows for each piece (up to 128 KiB) that the network has taken, in order, the
/// last one with is_complete set; a pass that fails has no such last one. The callback runs where the body
/// is read: on the thread that drives the call, on an event loop for a file on a helper thread. When it
/// throws, the call fails with that.
/// Thread safety: the reports of one pass come one after the other; a body that several calls send at
/// once reports from all of their threads.
RequestBody with_progress(RequestBody body, UniqueFunction<void(Progress)> callback);

OKHTTP_NAMESPACE_END

#include <okhttp/message/progress.ipp>

#endif  // OKHTTP_MESSAGE_PROGRESS_HPP
