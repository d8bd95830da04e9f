// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_RUNTIME_HPP
#define OKHTTP_RUNTIME_RUNTIME_HPP

#include <okhttp/base/task_runner.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/sync.hpp>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

class Runtime;
class WaitAny;

/// What a waiter wants of a socket, or what a socket is ready for. A set of two.
enum class Interest : unsigned char { none = 0, read = 1, write = 2, both = 3 };
constexpr Interest operator|(Interest a, Interest b) noexcept {
  return static_cast<Interest>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Interest operator&(Interest a, Interest b) noexcept {
  return static_cast<Interest>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr bool any(Interest interest) noexcept { return interest != Interest::none; }

namespace detail {

class SignalState;
class IoHandle;

/// A coroutine in a loop's ready queue. Leaves the queue in its destructor.
class ReadyNode {
 public:
  ReadyNode() = default;
  ReadyNode(const ReadyNode&) = delete;
  ReadyNode& operator=(const ReadyNode&) = delete;
  ~ReadyNode() { leave(); }
  bool queued() const noexcept { return next_ != nullptr; }
  void leave() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }
  std::coroutine_handle<> waiting;

 private:
  friend class ReadyQueue;
  ReadyNode* next_ = nullptr;
  ReadyNode* previous_ = nullptr;
};

/// First in, first out; intrusive, so it never allocates.
class ReadyQueue {
 public:
  ReadyQueue() { head_.next_ = head_.previous_ = &head_; }
  bool empty() const noexcept { return head_.next_ == &head_; }
  void push(ReadyNode& node) noexcept {
    node.previous_ = head_.previous_;
    node.next_ = &head_;
    head_.previous_->next_ = &node;
    head_.previous_ = &node;
  }
  /// Appends everything the other queue holds.
  void take(ReadyQueue& other) noexcept {
    while (ReadyNode* const node = other.pop()) push(*node);
  }
  ReadyNode* pop() noexcept {
    if (empty()) return nullptr;
    ReadyNode* const node = head_.next_;
    node->leave();
    return node;
  }

 private:
  ReadyNode head_;
};

/// An entry of a loop's timer heap. Leaves it through `Runtime::cancel_wait`.
struct TimerNode {
  TimePoint at{};
  std::size_t index = none;  // position in the heap
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

}  // namespace detail

/// A flag that one side sets, from any thread, and tasks wait for, of any runtime. Copies share it.
class Signal {
 public:
  Signal();
  /// Sets the flag and wakes every waiter. Any thread; idempotent.
  void set() const;
  bool is_set() const;
  /// Takes the flag back, for a signal that is used again. Whoever has not yet seen it waits on, so
  /// this is for the one who waits.
  void reset() const;

 private:
  friend class Runtime;
  friend class WaitAny;
  friend struct WaitItem;
  std::shared_ptr<detail::SignalState> state_;
};

/// One of the things a `wait_any` waits for: a socket, or a signal.
struct WaitItem {
  WaitItem(detail::IoHandle& handle, Interest wanted) : io(&handle), interest(wanted) {}
  explicit WaitItem(const Signal& signal);
  WaitItem(const WaitItem&) = delete;
  WaitItem& operator=(const WaitItem&) = delete;
  WaitItem(WaitItem&&) = delete;
  ~WaitItem();

  detail::IoHandle* io = nullptr;
  std::shared_ptr<detail::SignalState> signal;
  Interest interest = Interest::read;
  /// What it is ready for, once the wait is over.
  Interest ready = Interest::none;

  // Of the loop: the wait this belongs to while that is parked, and its place in the list of the
  // socket (of the loop's thread alone) or of the signal (under its lock).
  WaitAny* owner = nullptr;
  WaitItem* next = nullptr;
  WaitItem** link = nullptr;
  void enlist(WaitItem*& list) noexcept {
    next = list;
    link = &list;
    if (next != nullptr) next->link = &next;
    list = this;
  }
  void delist() noexcept {
    if (link == nullptr) return;
    *link = next;
    if (next != nullptr) next->link = link;
    next = nullptr;
    link = nullptr;
  }
};

/// Awaitable: until one of the items is ready or the deadline has passed.
/// Gives false when the deadline passed first. The items must outlive the wait.
/// Cancellation: dropping it leaves every queue and timer.
class WaitAny : public RuntimeAwaitable {
 public:
  WaitAny(Runtime& runtime, std::span<WaitItem> items, Deadline deadline) noexcept
      : runtime_(runtime), items_(items), deadline_(deadline) {}
  WaitAny(const WaitAny&) = delete;
  WaitAny& operator=(const WaitAny&) = delete;
  ~WaitAny();

  bool await_ready();  // also takes back what an earlier await left
  void await_suspend(std::coroutine_handle<> waiting) noexcept { node_.waiting = waiting; }
  bool await_resume() noexcept {
    parked_ = false;
    return ready_;
  }
  bool ready() const noexcept { return ready_; }

  // For runtimes.
  Runtime& runtime() const noexcept { return runtime_; }
  std::span<WaitItem> items() const noexcept { return items_; }
  Deadline deadline() const noexcept { return deadline_; }
  detail::ReadyNode& node() noexcept { return node_; }
  detail::TimerNode& timer() noexcept { return timer_; }
  void set_ready() noexcept { ready_ = true; }
  void set_parked(bool parked) noexcept { parked_ = parked; }

 private:
  Runtime& runtime_;
  std::span<WaitItem> items_;
  Deadline deadline_;
  detail::ReadyNode node_;
  detail::TimerNode timer_;
  bool ready_ = false;
  bool parked_ = false;
};

/// Awaitable: until whatever else is ready has gone on. Who awaits it again and again lets sockets, timers
/// and posted functions have their turns too. Nothing on a blocking runtime, which has no others.
class NextTurn : public RuntimeAwaitable {
 public:
  explicit NextTurn(Runtime& runtime) noexcept : runtime_(runtime) {}
  NextTurn(const NextTurn&) = delete;
  NextTurn& operator=(const NextTurn&) = delete;

  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiting) noexcept;
  void await_resume() const noexcept {}

 private:
  Runtime& runtime_;
  detail::ReadyNode node_;
};

/// What tasks run on: time, waiting, and work for other threads. Two models exist, blocking and
/// event loop; code written as tasks cannot tell them apart as long as no task needs another task
/// in order to progress.
class Runtime : public TaskRunner {
 public:
  /// The time deadlines are measured in.
  virtual TimePoint now() const { return Clock::now(); }

  /// Waits until one item is ready: one poll() when blocking, registrations on the loop.
  /// A deadline that has passed costs no system call unless something is ready.
  WaitAny wait_any(std::span<WaitItem> items, Deadline deadline) {
    return {*this, items, deadline};
  }

  /// Waits for a point in time.
  WaitAny sleep_until(Deadline deadline) { return {*this, {}, deadline}; }

  /// Lets others go on first. For a task that moves much without ever having to wait.
  NextTurn next_turn() { return NextTurn(*this); }

  /// Calls `function` where this runtime's tasks run: on the loop's thread, else here and now.
  /// Any thread.
  virtual void post(UniqueFunction<void()> function) = 0;

  /// The runtime whose task the calling thread is running, or null.
  static Runtime* current() noexcept { return static_cast<Runtime*>(TaskRunner::current()); }

  // For leaves. begin_wait: true when the wait is over already, else the node is linked. resume:
  // appends to the ready queue; never runs anything.
  virtual bool begin_wait(WaitAny& wait) = 0;
  virtual void cancel_wait(WaitAny& wait) noexcept = 0;
  virtual void resume(detail::ReadyNode& node) noexcept = 0;
  virtual void complete_wait(WaitAny& wait) noexcept = 0;
  virtual Result<void> attach(detail::IoHandle& handle) = 0;
  virtual void detach(detail::IoHandle& handle) noexcept = 0;

 protected:
  using TaskRunner::TaskRunner;
};

inline bool NextTurn::await_ready() const noexcept { return runtime_.blocks(); }
inline void NextTurn::await_suspend(std::coroutine_handle<> waiting) noexcept {
  node_.waiting = waiting;
  runtime_.resume(node_);
}

namespace detail {

/// A socket as a runtime sees it: what it is registered for and what is known of its readiness.
/// Owns nothing; the transport owns and closes the descriptor. Not movable while attached.
class IoHandle {
 public:
  IoHandle() = default;
  IoHandle(const IoHandle&) = delete;
  IoHandle& operator=(const IoHandle&) = delete;
  ~IoHandle() {
    OKHTTP_ASSERT(waiters == nullptr);  // they would leave a list that is gone
    detach();
  }

  /// Announces the descriptor to the runtime. Errors: Errc::connect_failed when the kernel refuses.
  Result<void> attach(Runtime& runtime, int descriptor) {
    fd = descriptor;
    drained = full = hung_up = false;
    Result<void> attached = runtime.attach(*this);
    if (attached) owner = &runtime;
    return attached;
  }
  void detach() noexcept {
    if (owner != nullptr) std::exchange(owner, nullptr)->detach(*this);
  }

  int fd = -1;
  Runtime* owner = nullptr;
  WaitItem* waiters = nullptr;
  // The last read (write) emptied (filled) the kernel's buffer, and no event has come since. Set by
  // the transport, taken back by the loop, so that a wait needs no system call of its own; without
  // meaning when blocking.
  bool drained = false;
  bool full = false;
  // The peer has closed, which is announced once, maybe along with the last bytes: from here on
  // every wait for reading is over at once, and finds the rest or the end.
  bool hung_up = false;
  // Set when something comes that nobody waits for: of a connection that is idle. Loop only.
  const Signal* idle_watch = nullptr;
  std::size_t slot = 0;  // the poll() backend's index
};

class SignalState {
 public:
  SignalState() = default;
  SignalState(const SignalState&) = delete;
  SignalState& operator=(const SignalState&) = delete;
  ~SignalState();

  void set(const std::shared_ptr<SignalState>& self);
  bool is_set() {
    const SyncLock lock(mutex_);
    return set_;
  }
  void reset();
  /// On a loop: enlists the item, whose owner is set, unless the signal is set already.
  bool enlist_unless_set(WaitItem& item);
  void delist(WaitItem& item) noexcept;
  /// Blocking: a descriptor that becomes readable when the signal is set; -1 when there is none.
  int descriptor();

 private:
  void wake(Runtime& loop);
  SyncMutex mutex_;  // guards everything below
  bool set_ = false;
  WaitItem* waiters_ = nullptr;  // maybe of several loops
#if OKHTTP_SOCKETS
  int event_[2] = {-1, -1};
#endif
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/runtime/runtime.ipp>

#endif  // OKHTTP_RUNTIME_RUNTIME_HPP
