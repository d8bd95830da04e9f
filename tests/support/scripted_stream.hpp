// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_SCRIPTED_STREAM_HPP
#define OKHTTP_TESTS_SUPPORT_SCRIPTED_STREAM_HPP

#include <okhttp/transport/stream.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// A peer that plays a script, and a blocking runtime whose time jumps instead of passing.

namespace support {

/// A blocking runtime in which nothing happens but what a script says: a wait ends at once if a signal
/// is set, else at its deadline, to which the clock then jumps. A wait that could never end aborts.
class JumpingRuntime final : public okhttp::Runtime {
 public:
  JumpingRuntime() : Runtime(true) {}
  okhttp::TimePoint now() const override { return now_; }
  okhttp::Clock::duration elapsed() const { return now_ - start; }
  void jump_to(okhttp::Deadline deadline) {
    if (deadline.is_never()) std::abort();
    now_ = std::max(now_, deadline.time());
  }
  void advance(okhttp::Clock::duration time) { now_ += time; }

  okhttp::Task<void> offload(okhttp::UniqueFunction<void()> job) override {
    job();
    co_return;
  }
  void post(okhttp::UniqueFunction<void()> function) override { function(); }
  bool begin_wait(okhttp::WaitAny& wait) override {
    for (okhttp::WaitItem& item : wait.items())
      if (item.signal && item.signal->is_set()) {
        item.ready = item.interest;
        wait.set_ready();
      }
    if (!wait.ready()) jump_to(wait.deadline());
    return true;
  }
  void cancel_wait(okhttp::WaitAny&) noexcept override {}
  void resume(okhttp::detail::ReadyNode&) noexcept override {}
  void complete_wait(okhttp::WaitAny&) noexcept override {}
  okhttp::Result<void> attach(okhttp::detail::IoHandle&) override { return {}; }
  void detach(okhttp::detail::IoHandle&) noexcept override {}

  const okhttp::TimePoint start = okhttp::TimePoint(std::chrono::hours(1));

 protected:
  okhttp::Result<void> run_root(okhttp::Task<void>, const char*) override { std::abort(); }

 private:
  okhttp::TimePoint now_ = start;
};

/// What a scripted connection did and what it was asked; outlives the stream.
struct ScriptLog {
  std::string sent;
  std::size_t reads = 0;    // read_now and try_read
  std::size_t writes = 0;   // try_write
  std::size_t waits = 0;
  std::size_t releases = 0;  // release_buffers
  bool shut_down = false;
  bool destroyed = false;
};

/// What the peer does, in order, and how the connection takes what is sent.
class Script {
 public:
  /// These bytes arrive, in one piece, once `after` bytes were sent.
  Script& data(std::string_view bytes, std::size_t after = 0) {
    reads_.push_back({Kind::data, std::string(bytes), after});
    return *this;
  }
  /// Nothing is there at first; a wait for it is over soon.
  Script& block() { return add(Kind::block); }
  /// A wait for it is over, yet nothing is there: a TLS session ticket, say.
  Script& spurious() { return add(Kind::spurious); }
  /// Nothing comes any more.
  Script& silence() { return add(Kind::silence); }
  Script& end(std::size_t after = 0) {
    reads_.push_back({Kind::end, {}, after});
    return *this;
  }
  Script& reset(std::size_t after = 0) {
    reads_.push_back({Kind::reset, {}, after});
    return *this;
  }
  /// The bytes one by one, each after a wait.
  Script& trickle(std::string_view bytes) {
    for (const char c : bytes) block().data(std::string_view(&c, 1));
    return *this;
  }

  /// The next write takes at most this much; without a script it takes all.
  Script& take(std::size_t bytes) {
    writes_.push_back({Kind::data, {}, bytes});
    return *this;
  }
  /// The next write takes nothing; a wait for it is over soon.
  Script& block_write() {
    writes_.push_back({Kind::block, {}, 0});
    return *this;
  }
  /// No write takes anything any more.
  Script& stall_write() {
    writes_.push_back({Kind::silence, {}, 0});
    return *this;
  }
  Script& break_write() {
    writes_.push_back({Kind::reset, {}, 0});
    return *this;
  }

 private:
  friend class ScriptedStream;
  enum class Kind { data, block, spurious, silence, end, reset };
  struct Step {
    Kind kind;
    std::string bytes;
    std::size_t number;
  };
  Script& add(Kind kind) {
    reads_.push_back({kind, {}, 0});
    return *this;
  }
  std::deque<Step> reads_;
  std::deque<Step> writes_;
};

/// A stream whose other end plays a script. A script that is used up is silent.
class ScriptedStream final : public okhttp::Stream {
 public:
  ScriptedStream(okhttp::Runtime& runtime, std::shared_ptr<ScriptLog> log, Script script)
      : runtime_(runtime), log_(std::move(log)), script_(std::move(script)) {}
  ~ScriptedStream() override { log_->destroyed = true; }

  /// read_now waits by itself, as a blocking socket does. Only on a JumpingRuntime.
  void read_now_waits(JumpingRuntime& runtime) { jumping_ = &runtime; }
  /// More for the peer to do.
  Script& script() { return script_; }

  okhttp::IoResult try_read(std::span<std::byte> into) override {
    ++log_->reads;
    if (shut_) return okhttp::IoStatus::end;
    if (!can_read()) return okhttp::IoStatus::would_block;
    Step& step = script_.reads_.front();
    if (step.kind == Kind::end) return okhttp::IoStatus::end;  // again and again
    if (step.kind == Kind::spurious) {
      script_.reads_.pop_front();
      return okhttp::IoStatus::would_block;
    }
    if (step.kind == Kind::reset) {
      step.kind = Kind::end;  // an error is told once
      return okhttp::Error(okhttp::Errc::io, "receiving failed: Connection reset by peer");
    }
    const std::size_t size = std::min(into.size(), step.bytes.size());
    std::memcpy(into.data(), step.bytes.data(), size);
    step.bytes.erase(0, size);
    if (step.bytes.empty()) script_.reads_.pop_front();
    return okhttp::IoResult::moved(size);
  }

  okhttp::IoResult read_now(std::span<std::byte> into, okhttp::Deadline deadline, okhttp::TimePoint) override {
    if (jumping_ == nullptr) return try_read(into);
    if (!shut_ && !script_.reads_.empty() && script_.reads_.front().kind == Kind::block)
      script_.reads_.pop_front();
    if (!script_.reads_.empty() && script_.reads_.front().kind == Kind::spurious)
      return try_read(into);
    okhttp::IoResult result = try_read(into);
    if (!result.would_block()) return result;
    jumping_->jump_to(deadline);
    return okhttp::IoStatus::timed_out;
  }

  okhttp::IoResult try_write(std::span<const okhttp::ConstBytes> pieces) override {
    ++log_->writes;
    if (shut_) return okhttp::Error(okhttp::Errc::io, "sending failed: Broken pipe");
    std::size_t most = static_cast<std::size_t>(-1);
    if (!script_.writes_.empty()) {
      const Step& step = script_.writes_.front();
      if (step.kind == Kind::reset)
        return okhttp::Error(okhttp::Errc::io, "sending failed: Broken pipe");
      if (step.kind != Kind::data) return okhttp::IoStatus::would_block;
      most = step.number;
      script_.writes_.pop_front();
    }
    std::size_t taken = 0;
    for (const okhttp::ConstBytes& piece : pieces) {
      const std::size_t size = std::min(piece.size(), most - taken);
      log_->sent.append(reinterpret_cast<const char*>(piece.data()), size);
      taken += size;
    }
    return okhttp::IoResult::moved(taken);
  }

  okhttp::Task<okhttp::Interest> wait(okhttp::Interest interest, okhttp::Deadline deadline) override {
    using okhttp::Interest;
    ++log_->waits;
    // "Soon": the loop turns once, so that other tasks come in between.
    const okhttp::Deadline soon = okhttp::Deadline::at(runtime_.now());
    co_await runtime_.sleep_until(soon);
    Interest ready = Interest::none;
    if (any(interest & Interest::read)) {
      if (!shut_ && !script_.reads_.empty() && script_.reads_.front().kind == Kind::block)
        script_.reads_.pop_front();
      if (shut_ || can_read()) ready = ready | Interest::read;
    }
    if (any(interest & Interest::write)) {
      std::deque<Step>& writes = script_.writes_;
      if (shut_ || writes.empty() || writes.front().kind == Kind::data || writes.front().kind == Kind::reset) {
        ready = ready | Interest::write;
      } else if (writes.front().kind == Kind::block) {
        writes.pop_front();
        ready = ready | Interest::write;
      }
    }
    if (any(ready)) co_return ready;
    okhttp::WaitItem item(shut_signal_);
    const bool woken = co_await runtime_.wait_any(std::span(&item, 1), deadline);
    co_return woken ? interest : Interest::none;
  }

  void shutdown() noexcept override {
    shut_ = log_->shut_down = true;
    shut_signal_.set();
  }
  void release_buffers() noexcept override { ++log_->releases; }

 private:
  using Kind = Script::Kind;
  using Step = Script::Step;
  bool can_read() const {
    if (script_.reads_.empty()) return false;
    const Step& step = script_.reads_.front();
    return step.kind != Kind::block && step.kind != Kind::silence && log_->sent.size() >= step.number;
  }

  okhttp::Runtime& runtime_;
  std::shared_ptr<ScriptLog> log_;
  Script script_;
  JumpingRuntime* jumping_ = nullptr;
  bool shut_ = false;
  okhttp::Signal shut_signal_;
};

}  // namespace support

#endif  // OKHTTP_TESTS_SUPPORT_SCRIPTED_STREAM_HPP
