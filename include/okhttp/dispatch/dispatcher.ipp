// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_DISPATCH_DISPATCHER_IPP
#define OKHTTP_DISPATCH_DISPATCHER_IPP

#include <okhttp/dispatch/dispatcher.hpp>

#if OKHTTP_BODIES

#include <utility>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::size_t Dispatcher::running_calls_count() const {
  const detail::SyncLock lock(mutex_);
  return running_.size() + waited_count_;
}
OKHTTP_DECL std::size_t Dispatcher::queued_calls_count() const {
  const detail::SyncLock lock(mutex_);
  return queued_count_;
}
OKHTTP_DECL DispatcherOptions Dispatcher::limits() const {
  const detail::SyncLock lock(mutex_);
  return options_;
}

OKHTTP_DECL Result<void> Dispatcher::set_limits(DispatcherOptions options) {
  if (options.max_requests == 0 || options.max_requests_per_host == 0)
    return {Errc::invalid_argument, "the dispatcher's limits must be at least 1"};
  Jobs jobs;
  {
    const detail::SyncLock lock(mutex_);
    options_ = options;
    for (auto& [name, host] : hosts_) list(host);
    jobs = promote();
  }
  start(std::move(jobs));
  return {};
}

OKHTTP_DECL void Dispatcher::set_idle_callback(UniqueFunction<void()> callback) {
  const detail::SyncLock lock(mutex_);
  idle_callback_ = callback ? std::make_shared<UniqueFunction<void()>>(std::move(callback)) : nullptr;
}

/// Puts a host that has changed where it belongs. Under the lock.
OKHTTP_DECL void Dispatcher::list(Host& host) {
  const bool may_start =
      !host.queued.empty() && (closed_ || host.running < options_.max_requests_per_host);
  const std::uint64_t key = may_start ? host.queued.front().number : 0;
  if (key == host.waiting_as) return;
  if (host.waiting_as != 0) waiting_.erase(host.waiting_as);
  host.waiting_as = key;
  if (key != 0) waiting_.emplace(key, &host);
}

/// Moves the calls whose turn has come to the running ones. Under the lock.
OKHTTP_DECL Dispatcher::Jobs Dispatcher::promote() {
  Jobs jobs;
  while (!waiting_.empty() && (closed_ || running_.size() < options_.max_requests)) {
    Host& host = *waiting_.begin()->second;
    Entry entry = std::move(host.queued.front());
    host.queued.pop_front();
    --queued_count_;
    ++host.running;
    list(host);
    entry.call->running_index = running_.size();
    running_.push_back(std::move(entry.call));
    jobs.push_back(std::move(entry.job));
  }
  return jobs;
}

OKHTTP_DECL void Dispatcher::start(Jobs jobs) {
  for (Task<void>& job : jobs) backend_.execute(std::move(job));
}

OKHTTP_DECL bool Dispatcher::enqueue(std::shared_ptr<detail::DispatchedCall> call, Task<void> job) {
  Jobs jobs;
  std::shared_ptr<detail::DispatchedCall> delayed;
  {
    const detail::SyncLock lock(mutex_);
    if (closed_) return false;
    const std::string_view name = call->dispatch_host();
    auto found = hosts_.find(name);
    if (found == hosts_.end()) found = hosts_.try_emplace(std::string(name)).first;
    found->second.queued.push_back(Entry{std::move(call), std::move(job), ++last_number_});
    ++queued_count_;
    const std::uint64_t number = last_number_;
    list(found->second);
    jobs = promote();
    const std::deque<Entry>& queued = found->second.queued;
    if (!queued.empty() && queued.back().number == number) delayed = queued.back().call;
  }
  if (delayed != nullptr) delayed->dispatch_delayed();
  start(std::move(jobs));
  return true;
}

OKHTTP_DECL void Dispatcher::notify_if_idle(detail::SyncLock& lock) {
  if (!running_.empty() || queued_count_ > 0 || waited_count_ > 0 || idle_callback_ == nullptr) return;
  const std::shared_ptr<UniqueFunction<void()>> callback = idle_callback_;
  lock.unlock();
  (*callback)();
}

OKHTTP_DECL void Dispatcher::finished(const detail::DispatchedCall& call) {
  Jobs jobs;
  std::shared_ptr<detail::DispatchedCall> ended;  // destroyed outside the lock
  detail::SyncLock lock(mutex_);
  const std::size_t index = call.running_index;
  if (index >= running_.size() || running_[index].get() != &call) return;  // forgotten
  ended = std::move(running_[index]);
  if (index + 1 < running_.size()) {
    running_[index] = std::move(running_.back());
    running_[index]->running_index = index;
  }
  running_.pop_back();
  const auto host = hosts_.find(call.dispatch_host());
  OKHTTP_ASSERT(host != hosts_.end());
  --host->second.running;
  list(host->second);
  if (host->second.running == 0 && host->second.queued.empty()) hosts_.erase(host);
  jobs = promote();
  if (!jobs.empty()) {
    lock.unlock();
    start(std::move(jobs));
    return;
  }
  notify_if_idle(lock);
}

OKHTTP_DECL void Dispatcher::begin_waited(detail::DispatchedCall& call) {
  const detail::SyncLock lock(mutex_);
  call.next_running = waited_;
  call.running_link = &waited_;
  if (waited_ != nullptr) waited_->running_link = &call.next_running;
  waited_ = &call;
  ++waited_count_;
}

OKHTTP_DECL void Dispatcher::end_waited(detail::DispatchedCall& call) noexcept {
  detail::SyncLock lock(mutex_);
  *call.running_link = call.next_running;
  if (call.next_running != nullptr) call.next_running->running_link = call.running_link;
  --waited_count_;
  notify_if_idle(lock);
}

OKHTTP_DECL void Dispatcher::cancel_all() {
  // A cancel runs hooks, of a transport of the user's too, so not under the lock.
  std::vector<std::shared_ptr<detail::DispatchedCall>> calls;
  {
    const detail::SyncLock lock(mutex_);
    calls.reserve(queued_count_ + running_.size() + waited_count_);
    for (const auto& [name, host] : hosts_)
      for (const Entry& entry : host.queued) calls.push_back(entry.call);
    for (const auto& call : running_) calls.push_back(call);
    // These unlink under this lock, so none can go away meanwhile.
    for (detail::DispatchedCall* call = waited_; call != nullptr; call = call->next_running)
      calls.push_back(call->hold_dispatched());
  }
  for (const auto& call : calls) call->cancel_dispatched();
}

OKHTTP_DECL bool Dispatcher::execute(Task<void>& job) {
  {
    const detail::SyncLock lock(mutex_);
    if (closed_) return false;
  }
  backend_.execute(std::move(job));
  return true;
}

OKHTTP_DECL void Dispatcher::close() {
  {
    // First, so that no call comes in after the others were canceled.
    const detail::SyncLock lock(mutex_);
    closed_ = true;
    for (auto& [name, host] : hosts_) list(host);
  }
  cancel_all();
  Jobs jobs;
  {
    const detail::SyncLock lock(mutex_);
    jobs = promote();
  }
  start(std::move(jobs));
}

OKHTTP_DECL void Dispatcher::forget_calls() {
  std::vector<std::shared_ptr<detail::DispatchedCall>> calls;
  const detail::SyncLock lock(mutex_);
  calls.swap(running_);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_DISPATCH_DISPATCHER_IPP
