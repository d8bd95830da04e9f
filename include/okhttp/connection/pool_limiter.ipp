// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_POOL_LIMITER_IPP
#define OKHTTP_CONNECTION_POOL_LIMITER_IPP

#include <okhttp/connection/pool_limiter.hpp>

#if OKHTTP_BODIES

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The hard caps of a pool, and the calls that wait because of them.
///
/// After every event under the pool's lock whoever may go is let in, first come, first served. So nobody waits who
/// could go, no connection is idle that a waiting call could use, or whose place it could have, and a call that finds
/// an idle connection on its way in passes nobody by.
class PoolLimiter final : public PoolGate {
 public:
  PoolLimiter(ConnectionPool& pool, const ConnectionPoolOptions& options, bool calls_have_threads)
      : pool_(pool),
        most_(options.max_connections),
        most_per_host_(options.max_connections_per_host),
        calls_have_threads_(calls_have_threads) {}

  OKHTTP_DECL Task<std::unique_ptr<Connection>> enter(const CallLimits& limits, const Address& address,
                                                      bool check_first, bool wants_new, PoolPermit& permit) override;
  OKHTTP_DECL void give_back(PoolPermit& permit) noexcept override;
  OKHTTP_DECL std::unique_ptr<PoolAftermath> let_in() override;
  std::size_t waiting() const noexcept override { return waiting_; }

 private:
  struct Aftermath final : PoolAftermath {
    std::vector<Signal> woken;  // destroyed last, after the connections are closed
    std::vector<std::unique_ptr<Connection>> closing;
    ~Aftermath() override {
      closing.clear();
      for (const Signal& signal : woken) signal.set();
    }
  };

  /// A call that asks for a connection. Leaves the queue in its destructor.
  struct Waiter {
    Waiter(PoolLimiter& its_limiter, const Address& to, bool a_new_one, PoolPermit& its_permit, Runtime& its_runtime)
        : limiter(its_limiter), address(to), wants_new(a_new_one), permit(its_permit), runtime(its_runtime) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      {
        const SyncLock lock(limiter.pool_.mutex_);
        limiter.leave(*this);
      }
      // It came too late.
      if (given != nullptr) {
        const TimePoint now = runtime.now();
        limiter.pool_.release(std::move(given), now);
      }
    }
    PoolLimiter& limiter;
    const Address& address;
    const bool wants_new;
    PoolPermit& permit;
    Runtime& runtime;
    const Signal signal;
    std::unique_ptr<Connection> given;
    bool queued = false;
    bool has_place = false;
    Waiter* next = nullptr;
    Waiter* previous = nullptr;
  };

  /// Who has the connections that count, idle ones left out.
  struct Usage {
    std::size_t idle = 0;
    std::size_t in_use = 0;
    std::size_t of_this_thread = 0;  // of those in use
  };

  std::unique_ptr<PoolAftermath> join(Waiter& waiter, bool in_front);
  void leave(Waiter& waiter) noexcept;
  bool try_let_in(Waiter& waiter, std::unique_ptr<Aftermath>& after);
  Usage usage(const std::string* host) const;
  bool is_full(const std::string* host, std::size_t most) const;
  bool waits_for_itself(const Address& address) const;
  std::string what_is_full(const Address& address) const;
  std::string describe(const Address& address) const {
    const SyncLock lock(pool_.mutex_);
    return what_is_full(address);
  }
  std::string join_or_despair(Waiter& waiter, bool in_front);
  bool take_place(Waiter& waiter) noexcept;
  static Error refusal(const CallLimits& limits, const Address& address, const std::string& full);
  static bool matches(const Address& address, const std::string* host) noexcept {
    return host == nullptr || address.host() == *host;
  }

  ConnectionPool& pool_;
  const std::size_t most_;
  const std::size_t most_per_host_;
  const bool calls_have_threads_;
  // Guarded by the pool's lock.
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::size_t waiting_ = 0;
  PoolPermit* permits_ = nullptr;
  std::size_t permit_count_ = 0;
};

/// Of one host, or of all.
OKHTTP_DECL PoolLimiter::Usage PoolLimiter::usage(const std::string* host) const {
  Usage usage;
  const void* const here = this_thread();
  for (const Connection* each = pool_.idle_.oldest; each != nullptr; each = each->newer)
    if (matches(each->address(), host)) ++usage.idle;
  const auto count = [&](const Address& address, const void* taken_by) {
    if (!matches(address, host)) return;
    ++usage.in_use;
    if (taken_by == here) ++usage.of_this_thread;
  };
  for (const Connection* each = pool_.active_.oldest; each != nullptr; each = each->newer)
    count(each->address(), each->taken_by);
  for (const PoolPermit* each = permits_; each != nullptr; each = each->next) count(*each->address, each->taken_by);
  return usage;
}

OKHTTP_DECL bool PoolLimiter::is_full(const std::string* host, std::size_t most) const {
  if (most == 0) return false;
  if (host == nullptr) return pool_.idle_.count + pool_.active_.count + permit_count_ >= most;
  const Usage used = usage(host);
  return used.idle + used.in_use >= most;
}

OKHTTP_DECL std::unique_ptr<PoolAftermath> PoolLimiter::join(Waiter& waiter, bool in_front) {
  waiter.has_place = false;
  waiter.queued = true;
  waiter.next = in_front ? first_ : nullptr;
  waiter.previous = in_front ? nullptr : last_;
  (waiter.next != nullptr ? waiter.next->previous : last_) = &waiter;
  (waiter.previous != nullptr ? waiter.previous->next : first_) = &waiter;
  ++waiting_;
  return let_in();
}

OKHTTP_DECL void PoolLimiter::leave(Waiter& waiter) noexcept {
  if (!waiter.queued) return;
  (waiter.next != nullptr ? waiter.next->previous : last_) = waiter.previous;
  (waiter.previous != nullptr ? waiter.previous->next : first_) = waiter.next;
  waiter.queued = false;
  --waiting_;
}

/// Gives a call an idle connection or the right to open one, if the caps allow it. For that an idle connection that is
/// of no use to it may have to go.
OKHTTP_DECL bool PoolLimiter::try_let_in(Waiter& waiter, std::unique_ptr<Aftermath>& after) {
  Connection* const idle = waiter.wants_new ? nullptr : pool_.find_idle(waiter.address);
  if (idle != nullptr) {
    waiter.given = pool_.take_idle(*idle, waiter.runtime.now());
    return true;
  }
  const std::string* const host = &waiter.address.host();
  Connection* in_the_way = nullptr;
  if (is_full(host, most_per_host_)) {
    in_the_way = pool_.idle_.oldest;
    while (in_the_way != nullptr && !matches(in_the_way->address(), host)) in_the_way = in_the_way->newer;
    if (in_the_way == nullptr) return false;
  } else if (is_full(nullptr, most_)) {
    in_the_way = pool_.idle_.oldest;
    if (in_the_way == nullptr) return false;
  }
  if (in_the_way != nullptr) {
    if (after == nullptr) after = std::make_unique<Aftermath>();
    after->closing.push_back(pool_.evict(*in_the_way));
  }
  PoolPermit& permit = waiter.permit;
  permit.gate = this;
  permit.address = &waiter.address;
  permit.taken_by = this_thread();
  permit.next = permits_;
  permit.link = &permits_;
  if (permit.next != nullptr) permit.next->link = &permit.next;
  permits_ = &permit;
  ++permit_count_;
  return true;
}

OKHTTP_DECL std::unique_ptr<PoolAftermath> PoolLimiter::let_in() {
  std::unique_ptr<Aftermath> after;
  const std::string* full_host = nullptr;
  for (Waiter* each = first_; each != nullptr;) {
    if (pool_.idle_.count == 0 && is_full(nullptr, most_)) break;
    Waiter& waiter = *each;
    each = each->next;
    if (full_host != nullptr && waiter.address.host() == *full_host) continue;
    if (!try_let_in(waiter, after)) {
      full_host = &waiter.address.host();
      continue;
    }
    full_host = nullptr;
    leave(waiter);
    waiter.has_place = true;
    if (after == nullptr) after = std::make_unique<Aftermath>();
    after->woken.push_back(waiter.signal);
  }
  return after;
}

OKHTTP_DECL void PoolLimiter::give_back(PoolPermit& permit) noexcept {
  std::unique_ptr<PoolAftermath> after;
  const SyncLock lock(pool_.mutex_);
  *permit.link = permit.next;
  if (permit.next != nullptr) permit.next->link = permit.link;
  permit.gate = nullptr;
  --permit_count_;
  after = let_in();
}

/// Nobody else will ever make room: all that is in the way was taken by this very thread, which is about to wait.
OKHTTP_DECL bool PoolLimiter::waits_for_itself(const Address& address) const {
  if (calls_have_threads_) return false;
  const bool host_is_full = is_full(&address.host(), most_per_host_);
  const Usage used = usage(host_is_full ? &address.host() : nullptr);
  return used.in_use == used.of_this_thread;
}

OKHTTP_DECL std::string PoolLimiter::what_is_full(const Address& address) const {
  const std::string* const host = is_full(&address.host(), most_per_host_) ? &address.host() : nullptr;
  std::string text = host != nullptr ? "the pool's max_connections_per_host (" + std::to_string(most_per_host_)
                                     : "the pool's max_connections (" + std::to_string(most_);
  std::size_t open = 0;
  for (const Connection* each = pool_.active_.oldest; each != nullptr; each = each->newer)
    if (matches(each->address(), host) && each->body_open.load(std::memory_order_relaxed)) ++open;
  text += ") are in use, " + std::to_string(open) + " of them by responses that are still open";
  return text;
}

OKHTTP_DECL Error PoolLimiter::refusal(const CallLimits& limits, const Address& address, const std::string& full) {
  const std::string& host = address.host();
  if (limits.canceled()) return Error(Errc::canceled, "canceled while waiting for a connection to " + host);
  if (limits.call_over())
    return Error(Errc::call_timeout, "the call timed out after " + duration_text(limits.timeouts.call) +
                                         ": no connection to " + host + " was free: " + full);
  return Error(Errc::connect_timeout, "no connection to " + host + " was free within " +
                                          duration_text(limits.timeouts.connect) + ": " + full);
}

/// Asks for a place. Empty when the call has it or waits for it, else what it would wait for in vain.
OKHTTP_DECL std::string PoolLimiter::join_or_despair(Waiter& waiter, bool in_front) {
  std::unique_ptr<PoolAftermath> after;
  const SyncLock lock(pool_.mutex_);
  after = join(waiter, in_front);
  if (waiter.has_place || !waits_for_itself(waiter.address)) return {};
  return what_is_full(waiter.address);
}

OKHTTP_DECL bool PoolLimiter::take_place(Waiter& waiter) noexcept {
  const SyncLock lock(pool_.mutex_);
  if (!waiter.has_place) return false;
  // Whoever made room may have been another thread.
  (waiter.given != nullptr ? waiter.given->taken_by : waiter.permit.taken_by) = this_thread();
  return true;
}

OKHTTP_DECL Task<std::unique_ptr<Connection>> PoolLimiter::enter(const CallLimits& limits, const Address& address,
                                                                 bool check_first, bool wants_new,
                                                                 PoolPermit& permit) {
  Runtime& runtime = *limits.runtime;
  const Deadline deadline = limits.until(limits.timeouts.connect);
  Waiter waiter(*this, address, wants_new, permit, runtime);
  for (bool again = false;; again = true) {
    // One whose connection turned out to be closed has not lost its turn.
    std::string vain = join_or_despair(waiter, again);
    if (!vain.empty())
      co_await fail(Errc::misuse, "waiting for a connection to " + address.host() + " would never end: " + vain +
                                      ", and by the thread that would wait: close responses first");
    while (!take_place(waiter)) {
      const CancelSignal hook(limits.cancellation, waiter.signal);
      WaitItem item(waiter.signal);
      const bool woken = co_await runtime.wait_any(std::span(&item, 1), deadline);
      if (woken && !limits.canceled()) {
        waiter.signal.reset();  // maybe set by one that came too late for the last wait
        continue;
      }
      if (take_place(waiter)) break;
      Error refused = refusal(limits, address, describe(address));
      co_await fail(std::move(refused));
    }
    if (waiter.given == nullptr) co_return nullptr;
    if (ConnectionPool::is_usable(*waiter.given, runtime.now(), check_first)) co_return std::move(waiter.given);
    pool_.drop_stale(std::move(waiter.given));
  }
}

OKHTTP_DECL void limit_pool(ConnectionPool& pool, const ConnectionPoolOptions& options, bool calls_have_threads) {
  if (options.max_connections == 0 && options.max_connections_per_host == 0) return;
  pool.set_gate(std::make_unique<PoolLimiter>(pool, options, calls_have_threads));
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_POOL_LIMITER_IPP
