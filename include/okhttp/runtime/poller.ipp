// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_POLLER_IPP
#define OKHTTP_RUNTIME_POLLER_IPP

#include <okhttp/runtime/poller.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#if OKHTTP_EPOLL
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

#if OKHTTP_EPOLL
/// Sockets are registered once, edge-triggered in both directions, for as long as they live: no
/// epoll_ctl per request, and an idle socket that turns readable wakes the loop once, not for ever.
class EpollPoller final : public Poller {
 public:
  EpollPoller()
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    usable_ = epoll_ >= 0 && wake_ >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0;
  }
  EpollPoller(const EpollPoller&) = delete;
  EpollPoller& operator=(const EpollPoller&) = delete;
  ~EpollPoller() override {
    if (epoll_ >= 0) ::close(epoll_);
    if (wake_ >= 0) ::close(wake_);
  }
  bool usable() const { return usable_; }

  Result<void> add(IoHandle& handle) override {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &handle;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, handle.fd, &event) == 0) return {};
    return {Errc::connect_failed,
            "the kernel refused to watch a socket: " + std::generic_category().message(errno)};
  }
  void remove(IoHandle& handle) noexcept override {
    epoll_event event{};
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, handle.fd, &event);
    // The batch being worked off may still name it.
    for (PollEvent& pending : events_)
      if (pending.handle == &handle) pending.ready = Interest::none;
  }
  std::span<PollEvent> wait(int timeout_ms) override {
    epoll_event batch[max_batch];
    const int count = ::epoll_wait(epoll_, batch, max_batch, timeout_ms);
    events_.clear();
    for (int i = 0; i < count; ++i) {
      const std::uint32_t bits = batch[i].events;
      auto* const handle = static_cast<IoHandle*>(batch[i].data.ptr);
      if (handle == nullptr) {
        std::uint64_t drained = 0;
        (void)!::read(wake_, &drained, sizeof drained);
        continue;
      }
      Interest ready = Interest::none;
      if ((bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        ready = ready | Interest::read;
      if ((bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) ready = ready | Interest::write;
      events_.push_back({handle, ready, (bits & (EPOLLRDHUP | EPOLLHUP)) != 0});
    }
    return events_;
  }
  void wake() noexcept override {
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
  }

 private:
  static constexpr int max_batch = 256;
  int epoll_;
  int wake_;
  bool usable_;
  std::vector<PollEvent> events_;
};
#endif

/// Tells like epoll, edge-triggered, what has changed: it looks for input where there was no more and for
/// room where there was none, whether or not somebody waits for it.
class PollPoller final : public Poller {
 public:
  PollPoller() {
    if (::pipe(wake_) != 0) wake_[0] = wake_[1] = -1;
    for (const int end : wake_) {
      if (end < 0) continue;
      ::fcntl(end, F_SETFD, FD_CLOEXEC);
      ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
  }
  PollPoller(const PollPoller&) = delete;
  PollPoller& operator=(const PollPoller&) = delete;
  ~PollPoller() override {
    for (const int end : wake_)
      if (end >= 0) ::close(end);
  }
  bool usable() const { return wake_[0] >= 0; }

  Result<void> add(IoHandle& handle) override {
    handle.slot = handles_.size();
    handles_.push_back(&handle);
    return {};
  }
  void remove(IoHandle& handle) noexcept override {
    handles_.back()->slot = handle.slot;
    handles_[handle.slot] = handles_.back();
    handles_.pop_back();
    for (PollEvent& pending : events_)
      if (pending.handle == &handle) pending.ready = Interest::none;
  }
  std::span<PollEvent> wait(int timeout_ms) override {
    fds_.assign(1, pollfd{wake_[0], POLLIN, 0});
    watched_.clear();
    for (IoHandle* const handle : handles_) {
      if (!handle->drained && !handle->full) continue;
      const short wanted = static_cast<short>((handle->drained ? POLLIN : 0) | (handle->full ? POLLOUT : 0));
      fds_.push_back(pollfd{handle->fd, wanted, 0});
      watched_.push_back(handle);
    }
    events_.clear();
    if (::poll(fds_.data(), static_cast<nfds_t>(fds_.size()), timeout_ms) <= 0) return events_;
    if (fds_[0].revents != 0) {
      char drained[64];
      while (::read(wake_[0], drained, sizeof drained) > 0) {
      }
    }
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      const auto bits = static_cast<unsigned>(fds_[i + 1].revents);
      if (bits == 0) continue;
      Interest ready = Interest::none;
      if ((bits & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0) ready = ready | Interest::read;
      if ((bits & (POLLOUT | POLLHUP | POLLERR | POLLNVAL)) != 0) ready = ready | Interest::write;
      events_.push_back({watched_[i], ready, false});
    }
    return events_;
  }
  void wake() noexcept override {
    const char one = 1;
    (void)!::write(wake_[1], &one, 1);
  }

 private:
  int wake_[2];
  std::vector<IoHandle*> handles_;
  std::vector<IoHandle*> watched_;
  std::vector<pollfd> fds_;
  std::vector<PollEvent> events_;
};

OKHTTP_DECL std::unique_ptr<Poller> make_poller(bool use_poll) {
#if OKHTTP_EPOLL
  if (!use_poll) {
    auto poller = std::make_unique<EpollPoller>();
    return poller->usable() ? std::unique_ptr<Poller>(std::move(poller)) : nullptr;
  }
#endif
  (void)use_poll;
  auto poller = std::make_unique<PollPoller>();
  return poller->usable() ? std::unique_ptr<Poller>(std::move(poller)) : nullptr;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_RUNTIME_POLLER_IPP
