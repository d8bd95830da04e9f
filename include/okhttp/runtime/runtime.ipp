// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_RUNTIME_IPP
#define OKHTTP_RUNTIME_RUNTIME_IPP

#include <okhttp/runtime/runtime.hpp>

#if OKHTTP_BODIES

#include <cstdint>

#if OKHTTP_SOCKETS
#include <fcntl.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/eventfd.h>
#endif
#endif

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Signal::Signal() : state_(std::make_shared<detail::SignalState>()) {}
OKHTTP_DECL void Signal::set() const { state_->set(state_); }
OKHTTP_DECL bool Signal::is_set() const { return state_->is_set(); }
OKHTTP_DECL void Signal::reset() const { state_->reset(); }

OKHTTP_DECL WaitItem::WaitItem(const Signal& s) : signal(s.state_) {}
OKHTTP_DECL WaitItem::~WaitItem() {
  if (owner == nullptr) return;
  if (signal)
    signal->delist(*this);
  else
    delist();
}

OKHTTP_DECL WaitAny::~WaitAny() {
  if (parked_) runtime_.cancel_wait(*this);
}
OKHTTP_DECL bool WaitAny::await_ready() {
  ready_ = false;
  for (WaitItem& item : items_) item.ready = Interest::none;
  return runtime_.begin_wait(*this);
}

namespace detail {

OKHTTP_DECL SignalState::~SignalState() {
#if OKHTTP_SOCKETS
  if (event_[0] >= 0) ::close(event_[0]);
  if (event_[1] >= 0 && event_[1] != event_[0]) ::close(event_[1]);
#endif
}

OKHTTP_DECL void SignalState::set(const std::shared_ptr<SignalState>& self) {
  const SyncLock lock(mutex_);
  if (set_) return;
  set_ = true;
#if OKHTTP_SOCKETS
  if (event_[1] >= 0) {
    const std::uint64_t one = 1;
    (void)!::write(event_[1], &one, sizeof one);
  }
#endif
  // Waiters unlink under this lock, so the loops they run on still exist here. Telling one twice
  // does no harm.
  Runtime* told = nullptr;
  for (const WaitItem* item = waiters_; item != nullptr; item = item->next) {
    Runtime& loop = item->owner->runtime();
    if (&loop == told) continue;
    loop.post([self, &loop] { self->wake(loop); });
    told = &loop;
  }
}

OKHTTP_DECL void SignalState::wake(Runtime& loop) {
  for (;;) {
    WaitItem* item;
    {
      const SyncLock lock(mutex_);
      if (!set_) return;
      for (item = waiters_; item != nullptr; item = item->next)
        if (&item->owner->runtime() == &loop) break;
      if (item == nullptr) return;
      item->delist();
    }
    // Without the lock: a wait that is over leaves other signals' lists, maybe this one again.
    item->ready = item->interest;
    loop.complete_wait(*item->owner);
  }
}

OKHTTP_DECL void SignalState::reset() {
  const SyncLock lock(mutex_);
  if (!set_) return;
  set_ = false;
#if OKHTTP_SOCKETS
  if (event_[0] >= 0) {
    std::uint64_t drained = 0;
    (void)!::read(event_[0], &drained, sizeof drained);
  }
#endif
}

OKHTTP_DECL bool SignalState::enlist_unless_set(WaitItem& item) {
  const SyncLock lock(mutex_);
  if (set_) return false;
  item.enlist(waiters_);
  return true;
}

OKHTTP_DECL void SignalState::delist(WaitItem& item) noexcept {
  const SyncLock lock(mutex_);
  item.delist();
}

OKHTTP_DECL int SignalState::descriptor() {
#if OKHTTP_SOCKETS
  const SyncLock lock(mutex_);
  if (event_[0] < 0) {
#if defined(__linux__)
    event_[0] = event_[1] = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
    if (::pipe(event_) == 0)
      for (const int end : event_) {
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
        ::fcntl(end, F_SETFL, O_NONBLOCK);
      }
#endif
    if (set_ && event_[1] >= 0) {
      const std::uint64_t one = 1;
      (void)!::write(event_[1], &one, sizeof one);
    }
  }
  return event_[0];
#else
  return -1;
#endif
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_RUNTIME_RUNTIME_IPP
