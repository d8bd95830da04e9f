// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_IPP
#define OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_IPP

#include <okhttp/dispatch/event_loop_dispatcher.hpp>

#if OKHTTP_BODIES && OKHTTP_SOCKETS

#include <atomic>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

class EventLoopBackend final : public DispatchBackend {
 public:
  explicit EventLoopBackend(EventLoopOptions options) : loop_(options) {}
  Runtime& runtime() noexcept override { return loop_; }
  void execute(Task<void> job) override { loop_.spawn(counted(std::move(job), Ticket(jobs_))); }
  Result<void> poll() override { return loop_.poll(); }
  Result<void> run_until_idle() override { return loop_.run_until_idle(); }
  void shut_down() override {
    // Every job was canceled, so this ends soon. Tasks of the user are not waited for: they own calls
    // and responses, which own the loop, which owns them, until they are given up.
    while (jobs_->load() > 0) {
      if (loop_.is_driven_here()) {
        loop_.drive_on_until([jobs = jobs_] { return jobs->load() == 0; });
        break;
      }
      if (!wait_for_jobs()) break;
    }
    loop_.abandon_when_left();
  }

 private:
  using Count = std::shared_ptr<std::atomic<std::size_t>>;

  /// Counts a job until its frame is gone, also if it never began.
  class Ticket {
   public:
    explicit Ticket(Count count) : count_(std::move(count)) { count_->fetch_add(1); }
    Ticket(Ticket&&) noexcept = default;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (count_ != nullptr) count_->fetch_sub(1);
    }

   private:
    Count count_;
  };
  static Task<void> counted(Task<void> job, Ticket ticket) {
    (void)ticket;
    co_await std::move(job);
  }
  bool wait_for_jobs() {
#if OKHTTP_EXCEPTIONS
    try {
      return loop_.run(all_ended(), "").has_value();
    } catch (...) {
      return true;  // what a callback throws has nowhere to go, and the others are still to be told
    }
#else
    return loop_.run(all_ended(), "").has_value();
#endif
  }
  // Looks every few milliseconds: nobody has to be told, as this is the end of a client.
  Task<void> all_ended() {
    while (jobs_->load() > 0)
      co_await loop_.sleep_until(Deadline::after(loop_.now(), std::chrono::milliseconds(2)));
  }

  EventLoop loop_;
  Count jobs_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace detail

OKHTTP_DECL std::unique_ptr<DispatchBackend> EventLoopDispatcher::make_backend() const {
  return std::make_unique<detail::EventLoopBackend>(options);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_SOCKETS
#endif  // OKHTTP_DISPATCH_EVENT_LOOP_DISPATCHER_IPP
