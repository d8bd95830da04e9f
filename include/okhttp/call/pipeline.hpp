// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_PIPELINE_HPP
#define OKHTTP_CALL_PIPELINE_HPP

#include <okhttp/call/call_state.hpp>
#include <okhttp/connection/connection.hpp>

#include <memory>
#include <utility>

// The stages of a call, each calling the next:
// application interceptors -> retry and follow up -> bridge -> connect -> network interceptors ->
// call server.

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What one trip to the network has: its connection, until the response body takes it over.
struct Exchange {
#if OKHTTP_EVENTS
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    if (connection != nullptr && events != nullptr) events->connection_done(std::move(connection), *own_pool);
  }
  CallEvents* events = nullptr;  // those of its call
  const std::shared_ptr<ConnectionPool>* own_pool = nullptr;  // likewise
#endif
  std::unique_ptr<Connection> connection;
  TimePoint begun{};  // the present time for call_server, if it was just looked at
  bool proceeded = false;
};

// The frames of the stages nest, so each may refer to the call and to what its caller holds.

/// The application interceptors; at least one is there.
Task<Response> start_chain(CallHandle call);
/// Follows redirects and repeats what the server asks to be repeated; with authenticators and a retry policy if
/// the client has any.
Task<Response> retry_and_follow_up(CallState& call, Request request);
/// Turns a user's request into a network request, and the response back.
Task<Response> bridge(CallState& call, const Request& request);
/// Finds or makes a connection, runs the network interceptors, repeats on stale connections.
Task<Response> connect(CallState& call, Request request);
/// The network interceptors, then call_server; at least one interceptor is there.
Task<Response> start_network_chain(CallState& call, Exchange& exchange, Request request);
/// Sends one request over one connection.
Task<Response> call_server(CallState& call, Exchange& exchange, Request request);

}  // namespace detail

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_PIPELINE_HPP
