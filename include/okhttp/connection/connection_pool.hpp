// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_POOL_HPP
#define OKHTTP_CONNECTION_CONNECTION_POOL_HPP

#include <okhttp/connection/connection.hpp>
#include <okhttp/runtime/sync.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

OKHTTP_NAMESPACE_BEGIN

/// How many idle connections are kept, and for how long.
struct ConnectionPoolOptions {
  /// Past this many the one idle for the longest time is closed. 0: none is kept. Default 5.
  std::size_t max_idle_connections = 5;
  /// An idle connection is closed after this time. Default 5 minutes.
  Clock::duration keep_alive = std::chrono::minutes(5);
};

/// The idle connections of a client and of all clients derived from it.
///
/// Connections past their time are closed by the next use of the pool; there is no thread that
/// watches. A server's `Keep-Alive: timeout=N` is honoured with a second's margin.
/// Thread safety: any thread.
class ConnectionPool {
 public:
  /// `runtime` is the one of its connections; null when they may be closed on any thread.
  explicit ConnectionPool(ConnectionPoolOptions options = {}, Runtime* runtime = nullptr)
      : options_(options), runtime_(runtime) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() { evict_all(); }

  /// Connections that wait for a call.
  std::size_t idle_connection_count() const;
  /// Closes all idle connections. Those of an event loop are shut down at once, and given back on the
  /// loop's thread when it is driven next.
  void evict_all();

  // ---- For the pipeline ----

  /// A connection to this address, the one used last first; null when there is none.
  /// One that has been idle for a second or more is looked at first, any one with `check_first`: a
  /// server that has closed meanwhile, or said something, makes it unusable.
  std::unique_ptr<Connection> acquire(const Address& address, TimePoint now,
                                      bool check_first);
  /// Takes a connection back whose exchange has ended well.
  void release(std::unique_ptr<Connection> connection, TimePoint now);

 private:
  static constexpr std::size_t buckets = 64;
  std::unique_ptr<Connection> unlink(Connection& connection) noexcept;
  std::unique_ptr<Connection> take_expired(TimePoint now) noexcept;
  Connection*& bucket(const Address& address) noexcept {
    return by_address_[address.hash() % buckets];
  }

  const ConnectionPoolOptions options_;
  Runtime* const runtime_;
  mutable detail::SyncMutex mutex_;  // guards everything below
  std::array<Connection*, buckets> by_address_{};  // newest first
  Connection* newest_ = nullptr;
  Connection* oldest_ = nullptr;
  std::size_t count_ = 0;
};

OKHTTP_NAMESPACE_END

#include <okhttp/connection/connection_pool.ipp>

#endif  // OKHTTP_CONNECTION_CONNECTION_POOL_HPP
