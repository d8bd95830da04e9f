// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MOCKWEBSERVER_HPP
#define OKHTTP_MOCKWEBSERVER_HPP

// The server for tests, and the client: a table of contents, no code.

#include <okhttp/core.hpp>

#if !OKHTTP_THREADS || !OKHTTP_SOCKETS
#error "okhttp: the mock server needs OKHTTP_THREADS=1 and OKHTTP_SOCKETS=1"
#endif

#include <okhttp/testing/held_certificate.hpp>
#include <okhttp/testing/mock_body_writer.hpp>
#include <okhttp/testing/mock_connection.hpp>
#include <okhttp/testing/mock_response.hpp>
#include <okhttp/testing/mock_script.hpp>
#include <okhttp/testing/mock_server_context.hpp>
#include <okhttp/testing/mock_socket.hpp>
#include <okhttp/testing/mock_web_server.hpp>
#include <okhttp/testing/recorded_request.hpp>
#include <okhttp/testing/socket_effect.hpp>

#endif  // OKHTTP_MOCKWEBSERVER_HPP
