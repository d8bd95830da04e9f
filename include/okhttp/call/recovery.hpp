// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RECOVERY_HPP
#define OKHTTP_CALL_RECOVERY_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/config.hpp>

// Whether a request whose exchange failed is sent again. Decisions only, no I/O.

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What is known of what the server did with a request.
enum class Processing : unsigned char {
  /// Nothing: no byte of it was given to the kernel.
  not_sent,
  /// Nothing, as the server says: REFUSED_STREAM, or a stream above the last one of its GOAWAY
  /// (RFC 9113, 8.7).
  refused,
  /// Nothing: it had closed a connection that was idle, and has acknowledged no byte of the request.
  unseen,
  /// Maybe everything. A reset belongs here: it can follow a read, before the acknowledgement.
  possible,
  /// Its answer had begun.
  answered,
};

/// An exchange that failed, as far as it matters here.
struct FailedExchange {
  Errc error{};
  Processing processing = Processing::possible;
  /// Doing it twice is like doing it once.
  bool idempotent = false;
  /// Its body, if any, can be sent twice.
  bool replayable = true;
  /// The connection had carried an earlier request well.
  bool reused_connection = false;
  /// A fresh connection would take another route than those that failed in this call.
  bool other_routes = false;
  /// How often requests of this call were refused, this time included.
  unsigned refusals = 0;
};

enum class Recovery : unsigned char {
  give_up,
  repeat,
  /// Not on a connection that the pool has.
  repeat_on_new_connection,
};

/// So often a refused request is sent again.
inline constexpr unsigned max_refusals = 3;

/// True when a repetition can do no harm.
constexpr bool is_safe_to_repeat(Processing processing, bool idempotent, bool replayable) noexcept {
  switch (processing) {
    case Processing::not_sent: return true;  // so its body was not touched
    case Processing::refused:
    case Processing::unseen: return replayable;
    case Processing::possible: return idempotent && replayable;
    case Processing::answered: break;
  }
  return false;
}

/// Rule: OkHttp's recover, but it repeats whatever can be sent twice. Here a request that may have been worked
/// on is repeated only if it is idempotent (RFC 9110, 9.2.2).
///
/// A connection that has worked before and ends now was closed while it was idle, or its server went away: the
/// same route is tried again. A fresh one that fails tells against its route, so another one is needed.
/// Timeouts are not repeated, nor what breaks HTTP: they would take as long, or fail alike.
constexpr Recovery recovery_of(const FailedExchange& failed) noexcept {
  if (!is_safe_to_repeat(failed.processing, failed.idempotent, failed.replayable)) return Recovery::give_up;
  if (failed.processing == Processing::refused) {
    // A server that refuses twice on one connection may do so for ever.
    if (failed.refusals > max_refusals) return Recovery::give_up;
    return failed.refusals > 1 ? Recovery::repeat_on_new_connection : Recovery::repeat;
  }
  if (failed.error != Errc::io && failed.error != Errc::unexpected_end) return Recovery::give_up;
  if (failed.reused_connection) return Recovery::repeat;
  return failed.other_routes ? Recovery::repeat_on_new_connection : Recovery::give_up;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_RECOVERY_HPP
