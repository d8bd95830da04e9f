// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_SERVER_HPP
#define OKHTTP_CALL_CALL_SERVER_HPP

// The exchange itself: the request out, the response in.

#include <okhttp/call/pipeline.hpp>

#include <okhttp/call/call_server.ipp>

#endif  // OKHTTP_CALL_CALL_SERVER_HPP
