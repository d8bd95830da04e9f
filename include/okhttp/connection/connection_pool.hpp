// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_POOL_HPP
#define OKHTTP_CONNECTION_CONNECTION_POOL_HPP

#include <okhttp/connection/connection.hpp>
#include <okhttp/runtime/sync.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// How many connections there may be, and how long idle ones are kept.
struct ConnectionPoolOptions {
  /// Past this many the one idle for the longest time is closed. 0: none is kept. Default 5.
  std::size_t max_idle_connections = 5;
  /// An idle connection is closed after this time. Default 5 minutes.
  Clock::duration keep_alive = std::chrono::minutes(5);
  /// Connections of all hosts together, in use and idle. A call past it waits for its turn. 0 (default): no limit.
  /// A call has its place before it looks its host up, and while its authenticator is asked: what these ask through
  /// the same pool, such as DnsOverHttps with a client derived from the same one, needs places besides.
  std::size_t max_connections = 0;
  /// Likewise of one host, as the URL names it; a call of another host is let past those that wait for it.
  std::size_t max_connections_per_host = 0;
  /// How often a thread pool's client looks whether servers have closed idle connections, without any packet
  /// being sent. Zero: only before they are used again. An event loop hears of it at once. Default 1 s.
  Clock::duration idle_check = std::chrono::seconds(1);
};

/// What a pool has and has done.
struct ConnectionPoolMetrics {
  /// Connections that wait for a call.
  std::size_t idle = 0;
  /// Connections that a call has, or a response that is still open.
  std::size_t active = 0;
  /// Calls that wait for a connection because the pool is full.
  std::size_t waiting = 0;
  /// Calls that found a connection.
  std::uint64_t hits = 0;
  /// Connections made for calls that did not.
  std::uint64_t created = 0;
  /// Connections that were fit for use, or seemed so, and were closed: idle for too long or one too many, closed by
  /// the server while idle, in the way of another host's, or because of evict_all().
  std::uint64_t evicted = 0;
};

/// A response whose body has not been read to its end, closed or dropped, and that so keeps a connection.
struct OpenBody {
  /// Scheme, host and port of the server.
  std::string origin;
  /// How long the call has had its connection.
  Clock::duration age{};
};

class ConnectionPool;

namespace detail {

class PoolGate;
class PoolLimiter;

/// What has to happen once the pool's lock is free: connections close, then those are woken who may have theirs.
class PoolAftermath {
 public:
  PoolAftermath() = default;
  PoolAftermath(const PoolAftermath&) = delete;
  PoolAftermath& operator=(const PoolAftermath&) = delete;
  virtual ~PoolAftermath() = default;
};

/// The right to open one connection, which counts until this goes.
class PoolPermit {
 public:
  PoolPermit() = default;
  PoolPermit(const PoolPermit&) = delete;
  PoolPermit& operator=(const PoolPermit&) = delete;
  inline ~PoolPermit();

  // Of the gate.
  PoolGate* gate = nullptr;
  const Address* address = nullptr;
  const void* taken_by = nullptr;
  PoolPermit* next = nullptr;
  PoolPermit** link = nullptr;
};

/// Keeps a pool within its hard caps. Only a pool that has some has a gate.
class PoolGate {
 public:
  virtual ~PoolGate() = default;
  /// Waits, first come, first served, until a call may have a connection to this address: gives an idle one, or null
  /// when one may be opened (always so if `wants_new`), for which the permit then stands. The address and the permit
  /// outlive the task.
  /// Errors: Errc::connect_timeout (within the connect timeout), call_timeout, canceled; Errc::misuse at once when
  /// nobody but this thread could ever give one back.
  virtual Task<std::unique_ptr<Connection>> enter(const CallLimits& limits, const Address& address, bool check_first,
                                                  bool wants_new, PoolPermit& permit) = 0;
  virtual void give_back(PoolPermit& permit) noexcept = 0;

  // Under the pool's lock.

  /// Lets in whoever may go. Null when nobody.
  virtual std::unique_ptr<PoolAftermath> let_in() = 0;
  virtual std::size_t waiting() const noexcept = 0;
};

inline PoolPermit::~PoolPermit() {
  if (gate != nullptr) gate->give_back(*this);
}

/// Sees to it that a pool is looked after while nobody uses it.
class PoolHousekeeping {
 public:
  PoolHousekeeping() = default;
  PoolHousekeeping(const PoolHousekeeping&) = delete;
  PoolHousekeeping& operator=(const PoolHousekeeping&) = delete;
  /// Ends it. Not while somebody drives the event loop it is for.
  virtual ~PoolHousekeeping() = default;
  /// look_after() is due at this time or, if so planned before, earlier. Under the pool's lock; costs next to nothing
  /// when that is so already. An event loop's is called on its thread.
  virtual void plan(TimePoint when) = 0;
  /// Ends threads, from any thread, and waits for them.
  virtual void stop() {}
  /// Set when something happens on an idle connection; null when nothing does that.
  virtual const Signal* watch() const noexcept { return nullptr; }
};

}  // namespace detail

/// The connections of a client and of all clients derived from it.
///
/// Idle connections past their time are closed: by a thread that sleeps meanwhile and is there only while a
/// connection is idle (thread pool), by a timer of the event loop, or by the next use of the pool and by poll()
/// (inline). A server's `Keep-Alive: timeout=N` is honoured with a second's margin. One that the server has closed goes
/// likewise, on an event loop at once.
/// Thread safety: any thread.
class ConnectionPool final : detail::ConnectionOwner {
 public:
  /// `runtime` is the one of its connections; null when they may be closed on any thread.
  explicit ConnectionPool(ConnectionPoolOptions options = {}, Runtime* runtime = nullptr)
      : options_(options), runtime_(runtime) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool();

  /// Connections that wait for a call.
  std::size_t idle_connection_count() const;
  /// Counts, all of the same moment.
  ConnectionPoolMetrics metrics() const;
  /// The responses that are open at present, the one open for the longest time first: what is in this list and
  /// should not be is a response that was forgotten.
  std::vector<OpenBody> open_bodies() const;
  /// Closes all idle connections, and those in use once their call is done: for when the network has changed.
  /// Those of an event loop are shut down at once, and given back on the loop's thread when it is driven next.
  void evict_all();

  // ---- For the pipeline ----

  /// A connection to this address, the one used last first; null when there is none.
  /// One that has been idle for a second or more is looked at first, any one with `check_first`: a
  /// server that has closed meanwhile, or said something, makes it unusable.
  std::unique_ptr<Connection> acquire(const Address& address, TimePoint now,
                                      bool check_first);
  /// Counts a connection that a call has made for itself.
  void opened(Connection& connection, TimePoint now);
  /// Takes a connection back whose exchange has ended well.
  void release(std::unique_ptr<Connection> connection, TimePoint now);
  /// Null when the pool has no hard caps, else whom to ask when acquire() gave nothing.
  detail::PoolGate* gate() const noexcept { return gate_.get(); }

  // ---- For the client ----

  /// Before the first use.
  void set_gate(std::unique_ptr<detail::PoolGate> gate) { gate_ = std::move(gate); }
  void set_housekeeping(std::unique_ptr<detail::PoolHousekeeping> housekeeping) { house_ = std::move(housekeeping); }
  /// Closes what is past its time or was closed by its server. On the loop's thread if the runtime is one.
  void look_after();
  /// The same, but leaves it to the caller to destroy what is to be closed. Gives when to look again; nothing when no
  /// connection is idle.
  std::optional<TimePoint> look_after(TimePoint now, std::vector<std::unique_ptr<Connection>>& closing);
  /// Keeps no connection from here on. Any thread.
  void close();
  /// The runtime is about to go, and nobody drives it.
  void tear_down() {
    house_.reset();
    close();
  }
  Runtime* runtime() const noexcept { return runtime_; }

 private:
  friend class detail::PoolLimiter;
  static constexpr std::size_t buckets = 64;
  struct List {
    Connection* newest = nullptr;
    Connection* oldest = nullptr;
    std::size_t count = 0;
    void add(Connection& connection) noexcept;
    void remove(Connection& connection) noexcept;
  };
  OKHTTP_DECL void connection_gone(Connection& connection) noexcept override;
  void take(Connection& connection, TimePoint now) noexcept;
  void unlink_idle(Connection& connection) noexcept;
  std::unique_ptr<Connection> take_idle(Connection& connection, TimePoint now) noexcept;
  std::unique_ptr<Connection> evict(Connection& connection) noexcept;
  std::unique_ptr<Connection> take_expired(TimePoint now) noexcept;
  Connection* find_idle(const Address& address) noexcept;
  bool is_past_its_time(const Connection& connection, TimePoint now) const noexcept;
  static bool is_usable(Connection& connection, TimePoint now, bool check_first);
  void drop_stale(std::unique_ptr<Connection> connection);
  TimePoint next_look(Connection& connection, TimePoint now) const noexcept;
  Connection*& bucket(const Address& address) noexcept {
    return by_address_[address.hash() % buckets];
  }

  const ConnectionPoolOptions options_;
  Runtime* const runtime_;
  std::unique_ptr<detail::PoolGate> gate_;
  std::unique_ptr<detail::PoolHousekeeping> house_;
  // Lock order: this, then a signal's, then the loop's. Never held while a connection is destroyed.
  mutable detail::SyncMutex mutex_;  // guards everything below
  std::array<Connection*, buckets> by_address_{};  // the idle ones, newest first
  List idle_;
  List active_;
  ConnectionPoolMetrics metrics_;  // what is not counted elsewhere
  std::uint64_t generation_ = 0;
  bool closed_ = false;
};

OKHTTP_NAMESPACE_END

#include <okhttp/connection/connection_pool.ipp>

#endif  // OKHTTP_CONNECTION_CONNECTION_POOL_HPP
