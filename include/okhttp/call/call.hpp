// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CALL_HPP
#define OKHTTP_CALL_CALL_HPP

#include <okhttp/call/bridge.hpp>
#include <okhttp/call/call_server.hpp>
#include <okhttp/call/call_state.hpp>
#include <okhttp/call/chain.hpp>
#include <okhttp/call/connect.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/call/retry_and_follow_up.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#if OKHTTP_EXCEPTIONS && OKHTTP_THREADS
#include <future>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Runs a call that somebody waits for.
Task<Response> run_call(CallHandle call);
/// Runs a call whose callback is told; the callback is a task so that it may wait.
Task<void> run_enqueued(CallHandle call, UniqueFunction<Task<void>(Result<Response>)> callback);

/// Makes a callback that may return void or Task<void> one that returns a task.
template <class F>
UniqueFunction<Task<void>(Result<Response>)> make_callback(F callback) {
  if constexpr (std::same_as<std::invoke_result_t<F&, Result<Response>>, Task<void>>) {
    return callback;
  } else {
    return [f = std::move(callback)](Result<Response> result) mutable {
      return [](F& function, Result<Response> response) -> Task<void> {
        function(std::move(response));
        co_return;
      }(f, std::move(result));
    };
  }
}

}  // namespace detail

/// What may be called with the outcome of an enqueued call.
template <class F>
concept CallCallback = std::invocable<F&, Result<Response>>;

/// A request that is ready to be executed, once. A handle: copies share the call.
///
/// The blocking functions run the call on the calling thread (or drive the event loop); they fail as
/// misuse on an event loop's own thread. Enqueued calls run where the client's dispatcher says.
/// Cancellation: dropping the task of async_execute, or the last handle of a call that was not
/// executed, gives the call up; its connection is closed if it was in use.
/// Thread safety: any thread; a call may be canceled while another thread executes it.
class Call {
 public:
  explicit Call(detail::CallHandle state) noexcept : state_(std::move(state)) {}

  /// The request as it was given to new_call.
  const Request& request() const& noexcept { return state_->request; }
  Request request() && { return state_->request; }

  // How long this call may take, in place of what the client says; zero means no limit. They are set before it is
  // executed, by whoever executes it; later they have no effect. A negative one fails the call with
  // Errc::invalid_argument. Each gives this call again: `client.new_call(request).call_timeout(5s).execute()`.

  Call connect_timeout(Clock::duration timeout) const { return set_timeout(&Timeouts::connect, timeout); }
  Call read_timeout(Clock::duration timeout) const { return set_timeout(&Timeouts::read, timeout); }
  Call write_timeout(Clock::duration timeout) const { return set_timeout(&Timeouts::write, timeout); }
  /// The whole call, from its beginning (not the time in the dispatcher's queue), with redirects and other
  /// follow-ups, to the end of the response body.
  Call call_timeout(Clock::duration timeout) const { return set_timeout(&Timeouts::call, timeout); }
  Call expect_continue_timeout(Clock::duration timeout) const {
    return set_timeout(&Timeouts::expect_continue, timeout);
  }
  /// Those in force.
  const Timeouts& timeouts() const& noexcept { return state_->limits.timeouts; }
  Timeouts timeouts() && { return state_->limits.timeouts; }

  /// What belongs to this call under this type: what tag_or_compute has made, else the tag of its request; or
  /// null. It lasts as long as the call. Tags are not sent, and clone() does not copy them.
  /// Thread safety: any thread, also while the call runs.
  template <class T>
  const T* tag() const& noexcept {
    const detail::CallTag* const found = find_tag(&detail::tag_key<T>);
    return found != nullptr ? static_cast<const T*>(found->value.get()) : request().template tag<T>();
  }
  template <class T>
  std::shared_ptr<const T> tag() && noexcept {
    return shared_tag<T>();
  }
  /// The same, and if there is none, what `compute()` gives, which belongs to the call from then on. Interceptors
  /// and listeners share state by it: `chain.call().tag_or_compute<Trace>([] { return Trace(); })`. What they
  /// change must be `mutable` in T, or behind a pointer.
  /// Thread safety: as tag(). Two threads may both compute; both get the value of the one that was done first.
  template <class T, class F>
    requires std::is_invocable_r_v<T, F&>
  const T& tag_or_compute(F&& compute) const& {
    if (const T* const found = tag<T>()) return *found;
    return *static_cast<const T*>(add_tag(&detail::tag_key<T>, std::make_shared<const T>(compute())).value.get());
  }
  template <class T, class F>
    requires std::is_invocable_r_v<T, F&>
  std::shared_ptr<const T> tag_or_compute(F&& compute) && {
    if (std::shared_ptr<const T> found = shared_tag<T>()) return found;
    return std::static_pointer_cast<const T>(
        add_tag(&detail::tag_key<T>, std::make_shared<const T>(compute())).value);
  }

  /// Executes the call and gives the response as soon as its head is here. A status such as 404 is a
  /// response, not an error.
  /// Errors: whatever Errc names; Errc::misuse when the call was executed before.
  Result<Response> try_execute() const;
  /// The same as a task, for coroutines that run on this client's runtime. The task keeps the call
  /// alive.
  Task<Response> async_execute() const { return detail::run_call(state_); }
  /// Hands the call to the dispatcher. `callback(Result<Response>)` is called exactly once, also when
  /// the call was canceled before it began; it may return void or Task<void>.
  template <CallCallback F>
  void enqueue(F&& callback) const {
    enqueue_job(detail::make_callback<std::decay_t<F>>(std::forward<F>(callback)));
  }

#if OKHTTP_EXCEPTIONS
  /// As try_execute, but throws.
  Response execute() const { return try_execute().value(); }
#if OKHTTP_THREADS
  /// Hands the call to the dispatcher and gives its response, or its exception, as a future. With an
  /// event loop somebody has to drive the loop.
  std::future<Response> submit() const {
    auto promise = std::make_shared<std::promise<Response>>();
    std::future<Response> future = promise->get_future();
    enqueue([promise](Result<Response> result) {
      if (result) {
        promise->set_value(*std::move(result));
      } else if (std::exception_ptr thrown = result.error().exception()) {
        promise->set_exception(std::move(thrown));
      } else {
        promise->set_exception(std::make_exception_ptr(Exception(std::move(result).error())));
      }
    });
    return future;
  }
  /// The same with the error as a value.
  std::future<Result<Response>> try_submit() const {
    auto promise = std::make_shared<std::promise<Result<Response>>>();
    std::future<Result<Response>> future = promise->get_future();
    enqueue([promise](Result<Response> result) { promise->set_value(std::move(result)); });
    return future;
  }
#endif
#endif

  /// Ends the call as soon as possible, whatever it is doing; it then fails with Errc::canceled. Reading
  /// a response body that is still open fails too. Any thread, any time; idempotent.
  void cancel() const { state_->cancel(); }
  bool is_executed() const noexcept { return state_->executed.load(std::memory_order_relaxed); }
  bool is_canceled() const noexcept { return state_->canceled(); }
  /// A new call with the same request, which may be executed whatever became of this one. It has the client's
  /// timeouts, and of the tags the request's.
  Call clone() const {
    return Call(detail::make_call(state_->config, state_->core, state_->request));
  }

 private:
  void enqueue_job(UniqueFunction<Task<void>(Result<Response>)> callback) const;
  Call set_timeout(Clock::duration Timeouts::*which, Clock::duration timeout) const;
  const detail::CallTag* find_tag(const void* key) const noexcept;
  const detail::CallTag& add_tag(const void* key, std::shared_ptr<const void> value) const;
  template <class T>
  std::shared_ptr<const T> shared_tag() const noexcept {
    if (const detail::CallTag* const found = find_tag(&detail::tag_key<T>))
      return std::static_pointer_cast<const T>(found->value);
    return Request(request()).template tag<T>();
  }

  detail::CallHandle state_;
};

inline Call Chain::call() const { return Call(call_->whole()); }

OKHTTP_NAMESPACE_END

#include <okhttp/call/call.ipp>

#endif  // OKHTTP_CALL_CALL_HPP
