// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TCP_RACE_IPP
#define OKHTTP_TRANSPORT_TCP_RACE_IPP

#include <okhttp/transport/tcp_race.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::vector<IpAddress> interleave_families(std::span<const IpAddress> addresses) {
  std::vector<IpAddress> v6;
  std::vector<IpAddress> v4;
  for (const IpAddress& address : addresses) (address.is_v4() ? v4 : v6).push_back(address);
  std::vector<IpAddress> ordered;
  ordered.reserve(addresses.size());
  for (std::size_t i = 0; i < std::max(v6.size(), v4.size()); ++i) {
    if (i < v6.size()) ordered.push_back(v6[i]);
    if (i < v4.size()) ordered.push_back(v4[i]);
  }
  return ordered;
}

#if OKHTTP_SOCKETS
namespace detail {

/// What one wait waits for. Items can be neither copied nor moved, so they are made where they stay.
class WaitList {
 public:
  explicit WaitList(std::size_t capacity) : items_(memory_.allocate(capacity)), capacity_(capacity) {}
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList() {
    std::destroy_n(items_, count_);
    memory_.deallocate(items_, capacity_);
  }
  void add(IoHandle& handle, Interest interest) {
    OKHTTP_ASSERT(count_ < capacity_);
    std::construct_at(items_ + count_, handle, interest);
    ++count_;
  }
  std::span<WaitItem> items() noexcept { return {items_, count_}; }

 private:
  std::allocator<WaitItem> memory_;
  WaitItem* const items_;
  const std::size_t capacity_;
  std::size_t count_ = 0;
};

/// The attempts of a race. Never waits.
class TcpRace {
 public:
  TcpRace(Runtime& runtime, std::span<const Endpoint> endpoints) : runtime_(runtime), endpoints_(endpoints) {}

  std::size_t under_way() const noexcept { return attempts_.size(); }
  bool is_won() const noexcept { return winner_.stream != nullptr; }
  Raced<std::unique_ptr<Stream>> take_winner() noexcept { return std::move(winner_); }
  /// Of the last attempt that failed.
  const Error& error() const noexcept { return error_; }

  bool may_begin(TimePoint now) const noexcept {
    return next_ < endpoints_.size() && (attempts_.empty() || now >= next_at_);
  }
  /// When the next attempt begins, if nothing happens before.
  Deadline next_beginning() const noexcept {
    return next_ < endpoints_.size() ? Deadline::at(next_at_) : Deadline::never();
  }

  void begin_next(TimePoint now) {
    const std::size_t index = next_++;
    next_at_ = now + tcp_race_delay;
    const Endpoint& endpoint = endpoints_[index];
    if (endpoint.observer != nullptr) endpoint.observer->attempt_begun(endpoint);
    Result<TcpConnecting> begun = begin_connect(runtime_, endpoint);
    if (!begun) {
      failed(index, begun.error());
    } else if (begun->is_connected) {
      finish(index, std::move(begun->stream));
    } else {
      attempts_.push_back(std::make_unique<Attempt>(index, std::move(begun->stream), endpoint.cancellation));
    }
  }

  /// The deadline has passed: what is still under way has failed.
  void time_out() { give_up(Errc::connect_timeout, " timed out"); }
  void cancel() { give_up(Errc::canceled, " was canceled"); }

  void enlist(WaitList& list) const {
    for (const auto& attempt : attempts_) list.add(attempt->stream->io(), Interest::write);
  }
  /// Looks at what a wait for the list of enlist() has found.
  void look_at(std::span<const WaitItem> items) {
    std::vector<std::unique_ptr<Attempt>> ended;
    for (std::size_t i = items.size(); i-- > 0;) {
      if (!any(items[i].ready)) continue;
      ended.push_back(std::move(attempts_[i]));
      attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (; !ended.empty(); ended.pop_back()) {
      Attempt& attempt = *ended.back();
      attempt.cancel.reset();
      if (is_won())
        lost(attempt.index);
      else
        finish(attempt.index, std::move(attempt.stream));
    }
  }

 private:
  struct Attempt {
    Attempt(std::size_t i, std::unique_ptr<TcpStream> s, Cancellation* cancellation)
        : index(i), stream(std::move(s)) {
      // Published after connect was issued: a shutdown before it would be lost.
      cancel.emplace(cancellation, *stream);
    }
    const std::size_t index;
    std::unique_ptr<TcpStream> stream;
    std::optional<CancelStream> cancel;
  };

  void finish(std::size_t index, std::unique_ptr<TcpStream> stream) {
    Result<void> usable = finish_connect(*stream, endpoints_[index]);
    if (!usable) {
      failed(index, usable.error());
      return;
    }
    for (const auto& attempt : attempts_) lost(attempt->index);
    attempts_.clear();
    winner_ = {std::move(stream), index};
  }
  void lost(std::size_t index) {
    tell(index, Error(Errc::canceled, "connecting to ", endpoints_[index].to_string(), " lost the race"));
  }
  void give_up(Errc code, const char* what) {
    for (const auto& attempt : attempts_)
      failed(attempt->index, Error(code, "connect to ", endpoints_[attempt->index].to_string(), what));
    attempts_.clear();
  }
  void failed(std::size_t index, const Error& error) {
    error_ = error;
    tell(index, error);
  }
  void tell(std::size_t index, const Error& error) {
    const Endpoint& endpoint = endpoints_[index];
    if (endpoint.observer != nullptr) endpoint.observer->attempt_failed(endpoint, error);
  }

  Runtime& runtime_;
  const std::span<const Endpoint> endpoints_;
  std::vector<std::unique_ptr<Attempt>> attempts_;  // in the order of their beginning
  std::size_t next_ = 0;
  TimePoint next_at_{};
  Raced<std::unique_ptr<Stream>> winner_;
  Error error_;
};

OKHTTP_DECL Task<Raced<std::unique_ptr<Stream>>> race_tcp(Runtime& runtime, std::span<const Endpoint> endpoints,
                                                          Deadline deadline) {
  OKHTTP_ASSERT(!endpoints.empty());
  const Cancellation* const cancellation = endpoints.front().cancellation;
  TcpRace race(runtime, endpoints);
  for (;;) {
    const TimePoint now = runtime.now();
    if (cancellation != nullptr && cancellation->canceled()) {
      race.cancel();
      co_await fail(Errc::canceled, "canceled while connecting to ", endpoints.front().host);
    }
    if (race.under_way() > 0 && deadline.passed(now)) {
      race.time_out();
      co_await fail(race.error());
    }
    if (race.may_begin(now)) {
      race.begin_next(now);
    } else {
      if (race.under_way() == 0) co_await fail(race.error());
      WaitList list(race.under_way());
      race.enlist(list);
      co_await runtime.wait_any(list.items(), earlier(deadline, race.next_beginning()));
      race.look_at(list.items());
    }
    if (race.is_won()) co_return race.take_winner();
  }
}

}  // namespace detail
#endif  // OKHTTP_SOCKETS

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TCP_RACE_IPP
