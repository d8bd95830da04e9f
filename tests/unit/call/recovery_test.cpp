// SPDX-License-Identifier: Apache-2.0
#include <okhttp/call/recovery.hpp>

#include <doctest/doctest.h>

namespace recovery_test {

using okhttp::Errc;
using okhttp::detail::FailedExchange;
using okhttp::detail::Processing;
using okhttp::detail::Recovery;
using okhttp::detail::recovery_of;

namespace {

constexpr Recovery give_up = Recovery::give_up;
constexpr Recovery repeat = Recovery::repeat;
constexpr Recovery repeat_new = Recovery::repeat_on_new_connection;

/// A request that the server may have seen, on a connection that had been idle.
FailedExchange stale(Errc error, Processing processing, bool idempotent, bool replayable) {
  FailedExchange failed;
  failed.error = error;
  failed.processing = processing;
  failed.idempotent = idempotent;
  failed.replayable = replayable;
  failed.reused_connection = true;
  return failed;
}

}  // namespace

TEST_SUITE("call/recovery") {
  TEST_CASE("what may have been worked on is repeated only if it is idempotent and can be sent again") {
    struct Row {
      Processing processing;
      // GET or idempotent, POST; each with a body that can be sent again, and once only.
      Recovery idempotent, idempotent_once, other, other_once;
    };
    constexpr Row table[] = {
        {Processing::not_sent, repeat, repeat, repeat, repeat},
        {Processing::unseen, repeat, give_up, repeat, give_up},
        {Processing::possible, repeat, give_up, give_up, give_up},
        {Processing::answered, give_up, give_up, give_up, give_up},
    };
    for (const Row& row : table)
      for (const Errc error : {Errc::io, Errc::unexpected_end}) {
        CAPTURE(static_cast<int>(row.processing));
        CHECK(recovery_of(stale(error, row.processing, true, true)) == row.idempotent);
        CHECK(recovery_of(stale(error, row.processing, true, false)) == row.idempotent_once);
        CHECK(recovery_of(stale(error, row.processing, false, true)) == row.other);
        CHECK(recovery_of(stale(error, row.processing, false, false)) == row.other_once);
      }
  }

  TEST_CASE("only a broken connection is a reason") {
    for (int code = static_cast<int>(Errc::bad_url); code <= static_cast<int>(Errc::user_exception); ++code) {
      const Errc error = static_cast<Errc>(code);
      CAPTURE(code);
      const bool broken = error == Errc::io || error == Errc::unexpected_end;
      CHECK(recovery_of(stale(error, Processing::possible, true, true)) == (broken ? repeat : give_up));
      CHECK(recovery_of(stale(error, Processing::not_sent, true, true)) == (broken ? repeat : give_up));
    }
  }

  TEST_CASE("a fresh connection that fails needs another route") {
    for (const Processing processing : {Processing::not_sent, Processing::possible}) {
      FailedExchange failed = stale(Errc::unexpected_end, processing, true, true);
      failed.reused_connection = false;
      CHECK(recovery_of(failed) == give_up);
      failed.other_routes = true;
      CHECK(recovery_of(failed) == repeat_new);
      failed.idempotent = false;
      CHECK(recovery_of(failed) == (processing == Processing::not_sent ? repeat_new : give_up));
    }
  }

  TEST_CASE("a refused request is repeated three times, whatever its method, from the second on elsewhere") {
    for (const bool idempotent : {true, false})
      for (const bool reused : {true, false}) {
        FailedExchange failed = stale(Errc::stream_reset, Processing::refused, idempotent, true);
        failed.reused_connection = reused;
        const Recovery expected[] = {repeat, repeat_new, repeat_new, give_up, give_up};
        for (unsigned refusal = 1; refusal <= 5; ++refusal) {
          CAPTURE(refusal);
          failed.refusals = refusal;
          CHECK(recovery_of(failed) == expected[refusal - 1]);
        }
        failed.refusals = 1;
        failed.replayable = false;
        CHECK(recovery_of(failed) == give_up);
      }
    // Any other reset may come after the server has done it.
    CHECK(recovery_of(stale(Errc::stream_reset, Processing::possible, true, true)) == give_up);
  }
}

}  // namespace recovery_test
