// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_FURTHER_POOLS_IPP
#define OKHTTP_CONNECTION_FURTHER_POOLS_IPP

#include <okhttp/connection/further_pools.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <iterator>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

class PoolsOfClient final : public FurtherPools {
 public:
  explicit PoolsOfClient(Runtime& runtime) : runtime_(runtime) {}
  OKHTTP_DECL std::shared_ptr<ConnectionPool> add(std::shared_ptr<ConnectionPool> pool) override;
  OKHTTP_DECL void look_after() override;
  OKHTTP_DECL std::vector<OpenBody> open_bodies() const override;
  OKHTTP_DECL void close() override;
  OKHTTP_DECL void tear_down() override;

 private:
  struct Entry {
    std::shared_ptr<ConnectionPool> pool;
    bool is_unwanted = false;
  };
  /// What the last handle leaves behind.
  struct LastHandle {
    PoolsOfClient* pools;  // alive if the client is
    std::shared_ptr<ConnectionPool> pool;
    void operator()(ConnectionPool*) {
      // The client may go here, if nobody else has it. That it is not going already makes pools valid.
      if (const std::shared_ptr<const void> client = pool->client()) pools->let_go(std::move(pool));
      pool.reset();
    }
  };
  void let_go(std::shared_ptr<ConnectionPool> pool);
  void bury();
  std::vector<std::shared_ptr<ConnectionPool>> all() const;

  Runtime& runtime_;
  // Lock order: this, then a pool's. On an event loop nobody but its thread lets go of a pool as the last one, so
  // whoever else has to do with one does it under this lock; and never closes a connection under it.
  mutable SyncMutex mutex_;
  std::vector<Entry> entries_;
};

OKHTTP_DECL std::shared_ptr<ConnectionPool> PoolsOfClient::add(std::shared_ptr<ConnectionPool> pool) {
  {
    const SyncLock lock(mutex_);
    entries_.push_back({pool});
  }
  ConnectionPool* const itself = pool.get();
  return std::shared_ptr<ConnectionPool>(itself, LastHandle{this, std::move(pool)});
}

OKHTTP_DECL void PoolsOfClient::let_go(std::shared_ptr<ConnectionPool> pool) {
  const SyncLock lock(mutex_);
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& each) { return each.pool == pool; });
  if (runtime_.blocks()) {
    entries_.erase(entry);
    return;  // the pool goes with the caller's hold on it, outside the lock
  }
  pool->close_from_afar();
  entry->is_unwanted = true;
  pool.reset();
  runtime_.post([this] { bury(); });  // if it is dropped, that is because all of this goes
}

/// On the event loop's thread.
OKHTTP_DECL void PoolsOfClient::bury() {
  std::vector<Entry> unwanted;
  {
    const SyncLock lock(mutex_);
    const auto first = std::stable_partition(entries_.begin(), entries_.end(),
                                             [](const Entry& each) { return !each.is_unwanted; });
    unwanted.assign(std::move_iterator(first), std::move_iterator(entries_.end()));
    entries_.erase(first, entries_.end());
  }
}

OKHTTP_DECL std::vector<std::shared_ptr<ConnectionPool>> PoolsOfClient::all() const {
  std::vector<std::shared_ptr<ConnectionPool>> pools;
  const SyncLock lock(mutex_);
  for (const Entry& each : entries_) pools.push_back(each.pool);
  return pools;
}

/// Of blocking runtimes alone.
OKHTTP_DECL void PoolsOfClient::look_after() {
  const TimePoint now = runtime_.now();
  for (const auto& pool : all()) {
    std::vector<std::unique_ptr<Connection>> closing;
    (void)pool->look_after(now, closing);
  }
}

OKHTTP_DECL std::vector<OpenBody> PoolsOfClient::open_bodies() const {
  std::vector<OpenBody> open;
  const SyncLock lock(mutex_);
  for (const Entry& each : entries_) {
    std::vector<OpenBody> bodies = each.pool->open_bodies();
    open.insert(open.end(), std::move_iterator(bodies.begin()), std::move_iterator(bodies.end()));
  }
  return open;
}

OKHTTP_DECL void PoolsOfClient::close() {
  if (runtime_.blocks()) {
    for (const auto& pool : all()) pool->close();
    return;
  }
  const SyncLock lock(mutex_);
  for (const Entry& each : entries_) each.pool->close_from_afar();
}

OKHTTP_DECL void PoolsOfClient::tear_down() {
  for (const auto& pool : all()) pool->tear_down();
}

OKHTTP_DECL std::unique_ptr<FurtherPools> make_further_pools(Runtime& runtime) {
  return std::make_unique<PoolsOfClient>(runtime);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_FURTHER_POOLS_IPP
