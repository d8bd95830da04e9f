// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_POOL_IPP
#define OKHTTP_CONNECTION_CONNECTION_POOL_IPP

#include <okhttp/connection/connection_pool.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL void ConnectionPool::List::add(Connection& connection) noexcept {
  connection.newer = nullptr;
  connection.older = newest;
  (newest != nullptr ? newest->newer : oldest) = &connection;
  newest = &connection;
  ++count;
}

OKHTTP_DECL void ConnectionPool::List::remove(Connection& connection) noexcept {
  (connection.newer != nullptr ? connection.newer->older : newest) = connection.older;
  (connection.older != nullptr ? connection.older->newer : oldest) = connection.newer;
  connection.newer = connection.older = nullptr;
  --count;
}

OKHTTP_DECL ConnectionPool::~ConnectionPool() {
  house_.reset();
  evict_all();
  // Connections that somebody has kept for themselves.
  while (active_.oldest != nullptr) {
    active_.oldest->owner = nullptr;
    active_.remove(*active_.oldest);
  }
}

OKHTTP_DECL std::size_t ConnectionPool::idle_connection_count() const {
  const detail::SyncLock lock(mutex_);
  return idle_.count;
}

OKHTTP_DECL ConnectionPoolMetrics ConnectionPool::metrics() const {
  const detail::SyncLock lock(mutex_);
  ConnectionPoolMetrics metrics = metrics_;
  metrics.idle = idle_.count;
  metrics.active = active_.count;
  metrics.waiting = gate_ != nullptr ? gate_->waiting() : 0;
  return metrics;
}

OKHTTP_DECL std::vector<OpenBody> ConnectionPool::open_bodies() const {
  std::vector<OpenBody> open;
  const std::shared_ptr<const void> kept = client();
  if (kept == nullptr && !is_of(nullptr)) return open;
  const TimePoint now = runtime_ != nullptr ? runtime_->now() : Clock::now();
  const detail::SyncLock lock(mutex_);
  for (const Connection* each = active_.oldest; each != nullptr; each = each->newer) {
    if (!each->body_open.load(std::memory_order_relaxed)) continue;
    const Address& address = each->address();
    const bool is_v6 = address.host().find(':') != std::string::npos;
    OpenBody& body = open.emplace_back();
    body.origin = address.is_secure() ? "https://" : "http://";
    body.origin += is_v6 ? "[" + address.host() + "]" : address.host();
    body.origin += ":" + std::to_string(address.port());
    body.age = std::max(now - each->taken_at, Clock::duration::zero());
  }
  return open;
}

/// A call has it from here on.
OKHTTP_DECL void ConnectionPool::take(Connection& connection, TimePoint now) noexcept {
  connection.taken_at = now;
  connection.taken_by = detail::this_thread();
  connection.body_open.store(false, std::memory_order_relaxed);
  active_.add(connection);
}

OKHTTP_DECL void ConnectionPool::unlink_idle(Connection& connection) noexcept {
  Connection** link = &bucket(connection.address());
  while (*link != &connection) link = &(*link)->next_in_bucket;
  *link = connection.next_in_bucket;
  connection.next_in_bucket = nullptr;
  idle_.remove(connection);
}

/// An idle connection for a call.
OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::take_idle(Connection& connection, TimePoint now) noexcept {
  unlink_idle(connection);
  if (house_ != nullptr && house_->watch() != nullptr) connection.watch_idle(nullptr);
  take(connection, now);
  ++metrics_.hits;
  return std::unique_ptr<Connection>(&connection);
}

/// An idle connection, to be closed once the lock is free.
OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::evict(Connection& connection) noexcept {
  unlink_idle(connection);
  connection.owner = nullptr;
  ++metrics_.evicted;
  return std::unique_ptr<Connection>(&connection);
}

/// The connection idle for the longest time if there are too many or it is past its time.
OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::take_expired(TimePoint now) noexcept {
  if (idle_.oldest == nullptr) return nullptr;
  if (idle_.count <= options_.max_idle_connections && now - idle_.oldest->idle_since < options_.keep_alive)
    return nullptr;
  return evict(*idle_.oldest);
}

OKHTTP_DECL void ConnectionPool::evict_all() {
  if (empty_ != nullptr) return empty_(*this, false);
  empty(false);
}

OKHTTP_DECL void ConnectionPool::empty_further(ConnectionPool& pool, bool from_afar) {
  const std::shared_ptr<const void> kept = pool.client();  // until the connections are closed
  pool.empty(from_afar);
}

OKHTTP_DECL void ConnectionPool::close_from_afar() {
  {
    const detail::SyncLock lock(mutex_);
    closed_ = true;
  }
  empty_further(*this, true);
}

OKHTTP_DECL void ConnectionPool::empty(bool from_afar) {
  std::vector<std::unique_ptr<Connection>> closing;  // outside the lock
  {
    const detail::SyncLock lock(mutex_);
    ++generation_;
    closing.reserve(idle_.count);
    while (idle_.oldest != nullptr) closing.push_back(evict(*idle_.oldest));
  }
  if (closing.empty() || runtime_ == nullptr || runtime_->blocks()) return;
  if (TaskRunner::current() == runtime_ && !from_afar) return;
  for (const auto& connection : closing) connection->shut_down();
  runtime_->post([owned = std::move(closing)] {});
}

OKHTTP_DECL void ConnectionPool::close() {
  {
    const detail::SyncLock lock(mutex_);
    closed_ = true;
  }
  if (house_ != nullptr) house_->stop();
  evict_all();
}

OKHTTP_DECL Connection* ConnectionPool::find_idle(const Address& address) noexcept {
  for (Connection* candidate = bucket(address); candidate != nullptr; candidate = candidate->next_in_bucket)
    if (candidate->address() == address) return candidate;
  return nullptr;
}

OKHTTP_DECL bool ConnectionPool::is_usable(Connection& connection, TimePoint now, bool check_first) {
  const Clock::duration idle = now - connection.idle_since;
  if (connection.server_keep_alive != Clock::duration::zero() && idle >= connection.server_keep_alive) return false;
  const bool look = check_first || idle >= std::chrono::seconds(1) || connection.is_suspect();
  return !look || connection.is_quiet();
}

/// Closes a connection that acquire() has taken out in vain.
OKHTTP_DECL void ConnectionPool::drop_stale(std::unique_ptr<Connection> connection) {
  {
    const detail::SyncLock lock(mutex_);
    --metrics_.hits;
    ++metrics_.evicted;
  }
  connection.reset();
}

OKHTTP_DECL std::unique_ptr<Connection> ConnectionPool::acquire(const Address& address, TimePoint now,
                                                                bool check_first) {
  for (;;) {
    std::unique_ptr<Connection> found;
    std::unique_ptr<Connection> expired;
    {
      const detail::SyncLock lock(mutex_);
      expired = take_expired(now);
      if (expired == nullptr) {
        Connection* const idle = find_idle(address);
        if (idle == nullptr) return nullptr;
        found = take_idle(*idle, now);
      }
    }
    if (expired != nullptr) continue;
    if (is_usable(*found, now, check_first)) return found;
    drop_stale(std::move(found));
  }
}

OKHTTP_DECL void ConnectionPool::opened(Connection& connection, TimePoint now) {
  const detail::SyncLock lock(mutex_);
  connection.owner = this;
  connection.generation = generation_;
  take(connection, now);
  ++metrics_.created;
}

OKHTTP_DECL void ConnectionPool::connection_gone(Connection& connection) noexcept {
  std::unique_ptr<detail::PoolAftermath> after;
  const detail::SyncLock lock(mutex_);
  active_.remove(connection);
  if (gate_ != nullptr) after = gate_->let_in();
}

OKHTTP_DECL void ConnectionPool::release(std::unique_ptr<Connection> connection, TimePoint now) {
  // Done with in this order, outside the lock.
  std::unique_ptr<detail::PoolAftermath> after;
  std::unique_ptr<Connection> expired;
  connection->idle_since = now;
  const detail::SyncLock lock(mutex_);
  Connection& added = *connection;
  if (added.owner == nullptr) {
    added.owner = this;
    added.generation = generation_;
    active_.add(added);
  }
  if (closed_ || added.generation != generation_) {
    ++metrics_.evicted;
    expired = std::move(connection);
    return;
  }
  active_.remove(*connection.release());
  idle_.add(added);
  Connection*& head = bucket(added.address());
  added.next_in_bucket = head;
  head = &added;
  if (gate_ != nullptr) after = gate_->let_in();
  expired = take_expired(now);
  if (house_ == nullptr || idle_.newest != &added) return;
  if (const Signal* const watch = house_->watch()) added.watch_idle(watch);
  house_->plan(next_look(added, now));
}

OKHTTP_DECL bool ConnectionPool::is_past_its_time(const Connection& connection, TimePoint now) const noexcept {
  const Clock::duration idle = now - connection.idle_since;
  return idle >= options_.keep_alive ||
         (connection.server_keep_alive != Clock::duration::zero() && idle >= connection.server_keep_alive);
}

OKHTTP_DECL TimePoint ConnectionPool::next_look(Connection& connection, TimePoint now) const noexcept {
  Clock::duration most = options_.keep_alive;
  if (connection.server_keep_alive != Clock::duration::zero()) most = std::min(most, connection.server_keep_alive);
  const Deadline end = Deadline::after(connection.idle_since, most);
  // A loop tells what happens; but not of what may have happened before it was idle.
  const bool hears = runtime_ != nullptr && !runtime_->blocks() && !connection.is_suspect();
  return hears ? end.time() : earlier(end, Deadline::after(now, options_.idle_check)).time();
}

OKHTTP_DECL std::optional<TimePoint> ConnectionPool::look_after(TimePoint now,
                                                                std::vector<std::unique_ptr<Connection>>& closing) {
  const bool looks_at_all = runtime_ == nullptr || runtime_->blocks();
  std::optional<TimePoint> next;
  const detail::SyncLock lock(mutex_);
  for (Connection* each = idle_.oldest; each != nullptr;) {
    Connection& connection = *each;
    each = each->newer;
    const bool looks = looks_at_all ? options_.idle_check > Clock::duration::zero() : connection.is_suspect();
    if (is_past_its_time(connection, now) || (looks && !connection.is_quiet())) {
      closing.push_back(evict(connection));
      continue;
    }
    const TimePoint when = next_look(connection, now);
    next = next ? std::min(*next, when) : when;
  }
  return next;
}

OKHTTP_DECL void ConnectionPool::look_after() {
  std::vector<std::unique_ptr<Connection>> closing;
  (void)look_after(runtime_->now(), closing);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CONNECTION_POOL_IPP
