// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CALL_LIMITS_IPP
#define OKHTTP_CONNECTION_CALL_LIMITS_IPP

#include <okhttp/connection/call_limits.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::string detail::duration_text(Clock::duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CALL_LIMITS_IPP
