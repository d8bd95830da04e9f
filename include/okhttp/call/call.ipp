// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_IPP
#define OKHTTP_CALL_CALL_IPP

#include <okhttp/call/call.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Counts a call among the running ones while somebody waits for it.
class WaitedCall {
 public:
  explicit WaitedCall(CallState& call) : call_(call) { call_.core->dispatcher.begin_waited(call_); }
  WaitedCall(const WaitedCall&) = delete;
  WaitedCall& operator=(const WaitedCall&) = delete;
  ~WaitedCall() { call_.core->dispatcher.end_waited(call_); }

 private:
  CallState& call_;
};

OKHTTP_DECL Error executed_before() {
  return Error(Errc::misuse, "this call was executed before; clone() gives a new one");
}

/// A fault that keeps a call from being started here, or none.
OKHTTP_DECL Error start_fault(CallState& call) {
  TaskRunner* const current = TaskRunner::current();
  Runtime& own = call.core->runtime();
  if (own.blocks()) {
    if (current != nullptr && !current->blocks())
      return Error(Errc::misuse,
                   "a call of a blocking client would stop the event loop it is awaited on; use a "
                   "call of the loop's own client");
  } else if (current != &own) {
    return Error(Errc::misuse, "async_execute of an event loop's call runs on that loop only: await it in a "
                               "task given to run() or spawn() of the same client");
  }
  // Last: a call that was asked for in the wrong place may still be executed in the right one.
  if (call.executed.exchange(true, std::memory_order_relaxed)) return executed_before();
  return Error();
}

#if OKHTTP_EVENTS
/// Tells of the end of a call that nobody waits for any more.
class EndOfStages {
 public:
  EndOfStages() = default;
  EndOfStages(const EndOfStages&) = delete;
  EndOfStages& operator=(const EndOfStages&) = delete;
  ~EndOfStages() {
    if (events != nullptr) events->stages_dropped();
  }
  CallEvents* events = nullptr;
};
#endif

/// The end of a call that was canceled.
OKHTTP_DECL Error end_canceled(CallState& call, const char* text, const Error* cause) {
  Error error = cause != nullptr ? Error(Errc::canceled, text + (": " + cause->message()), *cause)
                                 : Error(Errc::canceled, text);
  if (call.events != nullptr) call.events->stages_end(&error);
  return error;
}

/// What a call does beside its stages; `waited` when somebody waits for it. A canceled call never
/// gives a response.
OKHTTP_DECL Task<Response> run_stages(CallHandle call, bool waited) {
#if OKHTTP_EVENTS
  EndOfStages end;  // outlives the tasks below
#endif
  std::optional<WaitedCall> listed;
  std::optional<TaskRunner::Scope> scope;
  if (waited) {
    if (Error fault = start_fault(*call); fault.code() != Errc{}) co_await fail(std::move(fault));
    if (call->events != nullptr) call->events->call_start();
    listed.emplace(*call);
    // A blocking client's call may be awaited by a coroutine that no runtime drives, or in a task of
    // another blocking client, which the connections of this one would outlive.
    Runtime& own = call->core->runtime();
    if (TaskRunner::current() != &own) scope.emplace(own);
  }
#if OKHTTP_EVENTS
  end.events = call->events.get();
#endif
  if (call->fault != nullptr) {
    if (call->events != nullptr) call->events->stages_end(call->fault.get());
    co_await fail(*call->fault);
  }
  const TimePoint now = call->core->runtime().now();
  call->limits.call_deadline = Deadline::after(now, call->limits.timeouts.call);
  if (call->canceled()) co_await fail(end_canceled(*call, "canceled before it was executed", nullptr));
  const auto start = call->config->start_chain;  // null without interceptors, which take their time
  if (start == nullptr) call->limits.just_begun = now;
  Task<Response> stages = start != nullptr ? start(call) : retry_and_follow_up(*call, call->request);
  Result<Response> response = co_await std::move(stages).outcome();
  if (call->canceled() && (response || (response.error().code() != Errc::canceled &&
                                        response.error().code() != Errc::user_exception)))
    co_await fail(end_canceled(*call, "canceled", response ? nullptr : &response.error()));
  if (call->events != nullptr) call->events->stages_end(response ? nullptr : &response.error());
  if (!response) co_await fail(std::move(response).error());
  co_return *std::move(response);
}

OKHTTP_DECL Task<Response> run_call(CallHandle call) { return run_stages(std::move(call), true); }

/// Tells the dispatcher that an enqueued call has ended, however it ends.
class EndOfEnqueued {
 public:
  explicit EndOfEnqueued(CallHandle call) : call_(std::move(call)) {}
  EndOfEnqueued(const EndOfEnqueued&) = delete;
  EndOfEnqueued& operator=(const EndOfEnqueued&) = delete;
  ~EndOfEnqueued() { call_->core->dispatcher.finished(*call_); }

 private:
  CallHandle call_;
};

OKHTTP_DECL Task<void> run_enqueued(CallHandle call, UniqueFunction<Task<void>(Result<Response>)> callback) {
  const EndOfEnqueued end(call);
  if (call->events != nullptr) call->events->queue_end();
  Result<Response> result = co_await run_stages(call, false).outcome();
  Task<void> told = callback(std::move(result));
  co_await std::move(told);
}

/// The callback of a call that the dispatcher does not take.
OKHTTP_DECL Task<void> refuse_enqueued(CallHandle call, UniqueFunction<Task<void>(Result<Response>)> callback,
                                       Error error) {
  (void)call;
  Result<Response> result(std::move(error));
  Task<void> told = callback(std::move(result));
  co_await std::move(told);
}

/// Runs a job of a client that is gone, which nobody else will run any more.
OKHTTP_DECL void run_orphan(const std::shared_ptr<ClientCore>& core, Task<void> job) {
  Runtime& own = core->runtime();
  if (TaskRunner::current() == &own && !own.blocks()) {
    core->backend->execute(std::move(job));  // whoever drives the loop now goes on until it has ended
    return;
  }
  std::optional<TaskRunner::Scope> scope;
  if (own.blocks()) scope.emplace(own);  // also on the thread of some other loop
  Result<void> ended = own.run(std::move(job), "enqueue");
  if (!ended && ended.error().exception() != nullptr) throw_error(ended.error());
}

}  // namespace detail

OKHTTP_DECL Result<Response> Call::try_execute() const {
  // This handle may go while the call runs, and nobody may destroy a runtime that is being driven.
  const std::shared_ptr<detail::ClientCore> core = state_->core;
  return core->runtime().run(detail::run_call(state_), "async_execute");
}

OKHTTP_DECL Call Call::set_timeout(Clock::duration Timeouts::*which, Clock::duration timeout) const {
  if (is_executed()) return *this;
  if (timeout >= Clock::duration::zero())
    state_->limits.timeouts.*which = timeout;
  else if (state_->fault == nullptr)
    state_->fault = std::make_unique<const Error>(Errc::invalid_argument, "a timeout of the call is negative");
  return *this;
}

OKHTTP_DECL const detail::CallTag* Call::find_tag(const void* key) const noexcept {
  // Acquire: whoever sees a tag sees its value.
  const detail::CallTag* tag = state_->tags.load(std::memory_order_acquire);
  while (tag != nullptr && tag->key != key) tag = tag->next;
  return tag;
}

OKHTTP_DECL const detail::CallTag& Call::add_tag(const void* key, std::shared_ptr<const void> value) const {
  auto mine = std::make_unique<detail::CallTag>(key, std::move(value));
  mine->next = state_->tags.load(std::memory_order_acquire);
  const detail::CallTag* looked_at = nullptr;  // from here on the list has been searched
  for (;;) {
    for (const detail::CallTag* tag = mine->next; tag != looked_at; tag = tag->next)
      if (tag->key == key) {
        mine->next = nullptr;  // not this one's to delete
        return *tag;
      }
    looked_at = mine->next;
    if (state_->tags.compare_exchange_weak(mine->next, mine.get(), std::memory_order_acq_rel))
      return *mine.release();
  }
}

OKHTTP_DECL void Call::enqueue_job(UniqueFunction<Task<void>(Result<Response>)> callback) const {
  const std::shared_ptr<detail::ClientCore> core = state_->core;
  if (state_->executed.exchange(true, std::memory_order_relaxed)) {
    Task<void> job = detail::refuse_enqueued(state_, std::move(callback), detail::executed_before());
    if (!core->dispatcher.execute(job)) detail::run_orphan(core, std::move(job));
    return;
  }
  if (state_->events != nullptr) state_->events->call_start();
  auto shared = std::make_shared<UniqueFunction<Task<void>(Result<Response>)>>(std::move(callback));
  const auto tell = [shared](Result<Response> result) { return (*shared)(std::move(result)); };
  if (core->dispatcher.enqueue(state_, detail::run_enqueued(state_, tell))) return;
  Error gone(Errc::rejected, "the client of this call is gone");
  if (state_->events != nullptr) state_->events->stages_end(&gone);
  detail::run_orphan(core, detail::refuse_enqueued(state_, tell, std::move(gone)));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_CALL_IPP
