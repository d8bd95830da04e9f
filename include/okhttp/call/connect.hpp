// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CONNECT_HPP
#define OKHTTP_CALL_CONNECT_HPP

// A connection for the request, from the pool or a new one.

#include <okhttp/call/pipeline.hpp>

#include <okhttp/call/connect.ipp>

#endif  // OKHTTP_CALL_CONNECT_HPP
