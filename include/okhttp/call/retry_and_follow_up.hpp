// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP
#define OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP

// Redirects, and repeating what the server asks to be repeated.

#include <okhttp/call/pipeline.hpp>

#include <okhttp/call/retry_and_follow_up.ipp>

#endif  // OKHTTP_CALL_RETRY_AND_FOLLOW_UP_HPP
