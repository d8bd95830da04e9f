// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_POOL_IPP
#define OKHTTP_CONNECTION_CONNECTION_POOL_IPP

#include <okhttp/connection/connection_pool.hpp>

#if OKHTTP_BODIES

#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::size_t ConnectionPool::idle_connection_count() const {
  const detail::SyncLock lock(mutex_);
  return count_;
}

OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::unlink(Connection& connection) noexcept {
  Connection** link = &bucket(connection.address());
  while (*link != &connection) link = &(*link)->next_in_bucket;
  *link = connection.next_in_bucket;
  (connection.newer != nullptr ? connection.newer->older : newest_) = connection.older;
  (connection.older != nullptr ? connection.older->newer : oldest_) = connection.newer;
  connection.newer = connection.older = connection.next_in_bucket = nullptr;
  --count_;
  return std::unique_ptr<Connection>(&connection);
}

/// The connection idle for the longest time if there are too many or it is past its time.
OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::take_expired(TimePoint now) noexcept {
  if (oldest_ == nullptr) return nullptr;
  if (count_ <= options_.max_idle_connections && now - oldest_->idle_since < options_.keep_alive)
    return nullptr;
  return unlink(*oldest_);
}

OKHTTP_DECL void ConnectionPool::evict_all() {
  std::vector<std::unique_ptr<Connection>> closing;  // outside the lock
  {
    const detail::SyncLock lock(mutex_);
    closing.reserve(count_);
    while (oldest_ != nullptr) closing.push_back(unlink(*oldest_));
  }
  if (closing.empty() || runtime_ == nullptr || runtime_->blocks() || TaskRunner::current() == runtime_)
    return;
  for (const auto& connection : closing) connection->shut_down();
  runtime_->post([owned = std::move(closing)] {});
}

OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::acquire(const Address& address, TimePoint now,
                                                                bool check_first) {
  for (;;) {
    std::unique_ptr<Connection> found;
    std::unique_ptr<Connection> expired;
    {
      const detail::SyncLock lock(mutex_);
      expired = take_expired(now);
      if (expired == nullptr)
        for (Connection* candidate = bucket(address); candidate != nullptr;
             candidate = candidate->next_in_bucket)
          if (candidate->address() == address) {
            found = unlink(*candidate);
            break;
          }
    }
    if (expired != nullptr) continue;
    if (found == nullptr) return nullptr;
    const Clock::duration idle = now - found->idle_since;
    if (found->server_keep_alive != Clock::duration::zero() && idle >= found->server_keep_alive) continue;
    const bool look = check_first || idle >= std::chrono::seconds(1) || found->is_suspect();
    if (look && !found->is_quiet()) continue;
    return found;
  }
}

OKHTTP_DECL void ConnectionPool::release(std::unique_ptr<Connection> connection, TimePoint now) {
  std::unique_ptr<Connection> expired;  // closed outside the lock
  if (options_.max_idle_connections == 0) return;
  connection->idle_since = now;
  const detail::SyncLock lock(mutex_);
  Connection& added = *connection.release();
  Connection*& head = bucket(added.address());
  added.next_in_bucket = head;
  head = &added;
  added.older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = &added;
  newest_ = &added;
  ++count_;
  expired = take_expired(now);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CONNECTION_POOL_IPP
